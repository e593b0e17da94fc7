"""Everyday text work: copy, edit, pick out a sentence, and write a few plain sentences.

Belongs here: the prompts whose answers quote their source (where prompt lookup helps) beside fresh prose
(where it does not). Prose has no single right answer; it is checked for its words and its length.
"""

from __future__ import annotations

import random

from epyc_assets.suites.demo.words import ADJECTIVES, ANIMALS, COLOURS, NAMES, OBJECTS, ROOMS, VERBS
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Generator, Task


def _sentence(source: random.Random, subject: str | None = None) -> str:
    who = subject or (source.choice(NAMES) if source.random() < 0.5 else f"the {source.choice(ANIMALS)}")
    text = (
        f"{who} {source.choice(VERBS)} a {source.choice(COLOURS)} {source.choice(OBJECTS)} "
        f"in the {source.choice(ROOMS)}."
    )
    return text[0].upper() + text[1:]


def _exact(key: tuple[JSON, ...], tier: int, prompt: str, answer: str) -> Task:
    return Task(
        key=key,
        tier=tier,
        prompt=prompt,
        expected=answer,
        worked_answer=answer,
        scorer_config={"case_sensitive": True},
        max_tokens=128,
    )


def _copy(source: random.Random, tier: int) -> Task:
    text = " ".join(_sentence(source) for _ in range(tier))
    return _exact(("copy", text), tier, f"Repeat this text exactly: {text}", text)


def _edit(source: random.Random, tier: int) -> Task:
    sentences = [_sentence(source) for _ in range(tier)]
    text = " ".join(sentences)
    old = next(colour for colour in COLOURS if f" {colour} " in sentences[0])
    new = source.choice([colour for colour in COLOURS if colour not in text])
    prompt = f"Replace the word {old} with {new} and give the whole text: {text}"
    return _exact(("edit", text, old, new), tier, prompt, text.replace(f" {old} ", f" {new} "))


def _pick(source: random.Random, tier: int) -> Task:
    """Which sentence is about someone: the answer is that sentence, quoted."""
    names = source.sample(NAMES, tier + 2)
    sentences = [_sentence(source, name) for name in names]
    wanted = source.randrange(len(names))
    prompt = f"Copy the sentence about {names[wanted]} from this text: {' '.join(sentences)}"
    return _exact(("pick", *sentences, wanted), tier, prompt, sentences[wanted])


def _prose(source: random.Random, tier: int) -> Task:
    animal, room, adjective = source.choice(ANIMALS), source.choice(ROOMS), source.choice(ADJECTIVES)
    count = 2 * tier
    story = [f"The {adjective} {animal} went to the {room}."]
    story += [
        _sentence(source, source.choice((f"the {animal}", "It", f"the {adjective} {animal}"))) for _ in range(count - 1)
    ]
    return Task(
        key=("prose", animal, room, adjective, tier),
        tier=tier,
        prompt=f"Write a story of {count} sentences about a {adjective} {animal} and the {room}.",
        expected=" ".join(story),
        worked_answer=" ".join(story),
        scorer="programmatic",
        scorer_config={
            "instructions": [
                {"id": "keywords:existence", "kwargs": {"keywords": [animal, room, adjective]}},
                {
                    "id": "length_constraints:number_sentences",
                    "kwargs": {"num_sentences": count, "relation": "at least"},
                },
            ]
        },
        max_tokens=192,
        open_ended=True,
    )


def draw(source: random.Random, tier: int) -> Task:
    """One text task; the texts grow by a sentence with each tier."""
    return source.choice((_copy, _edit, _pick, _prose))(source, tier)


GENERATOR = Generator(suite="general", version="1", draw=draw, wording="demo")
