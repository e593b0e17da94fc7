"""Taught skills where they were not taught: other words to replace, other orders, other numbers of words.

Belongs here: instructions whose form was taught and whose contents were not. Does not belong here: any that was taught
as it stands.
"""

from __future__ import annotations

import random

from epyc_assets.suites.demo.words import ANIMALS, COLOURS, NAMES, OBJECTS, ROOMS, SPELLED_WORDS, VERBS
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Generator, Task


def _instruction(identifier: str, **arguments: JSON) -> dict[str, JSON]:
    return {"id": identifier, "kwargs": arguments} if arguments else {"id": identifier}


def _replaced(source: random.Random, tier: int) -> Task:
    """A name, a verb or a thing replaced, where colours were taught."""
    names = source.sample(NAMES, tier)
    verbs, things = source.sample(VERBS, tier), source.sample(OBJECTS, tier)
    text = " ".join(
        f"{name} {verb} a {source.choice(COLOURS)} {thing} in the {source.choice(ROOMS)}."
        for name, verb, thing in zip(names, verbs, things, strict=True)
    )
    pool, present = source.choice(((VERBS, verbs), (OBJECTS, things)))
    old, new = present[0], source.choice([word for word in pool if word not in present])
    answer = text.replace(f" {old} ", f" {new} ")
    return Task(
        key=("replaced", text, old, new),
        tier=tier,
        prompt=f"Replace the word {old} with {new} and give the whole text: {text}",
        expected=answer,
        worked_answer=answer,
        scorer_config={"case_sensitive": True},
        max_tokens=96,
    )


def _written(source: random.Random, tier: int) -> Task:
    """Words in capitals or quotes: in another order than taught, of other kinds, and from tier 3 on four of them."""
    words = [source.choice(COLOURS), source.choice(OBJECTS), source.choice(ANIMALS if tier > 1 else NAMES)]
    words += [source.choice(NAMES)] if tier > 2 else []
    text = " ".join(words)
    if source.random() < 0.5:
        asked, answer, rule = "Write these words in capital letters", text.upper(), "change_case:english_capital"
    else:
        asked, answer, rule = "Put these words in double quotes", f'"{text}"', "startend:quotation"
    return Task(
        key=("written", rule, *words),
        tier=tier,
        prompt=f"{asked}: {text}",
        expected=answer,
        worked_answer=answer,
        scorer="programmatic",
        scorer_config={"instructions": [_instruction(rule), _instruction("keywords:existence", keywords=words)]},
        max_tokens=64,
    )


def _letters(source: random.Random, tier: int) -> Task:
    """First letters of two words, or of five, where three and four were taught."""
    words = source.sample(SPELLED_WORDS, 2 if tier < 3 else 5)
    place, index = ("first", 0) if tier == 1 else ("last", -1)
    quoted = ", ".join(f"'{word}'" for word in words)
    answer = "".join(word[index] for word in words)
    prompt = f"Join the {place} letters of the words {quoted}. Answer with the letters only."
    return Task(("letters", place, *words), tier, prompt, answer, answer)


def draw(source: random.Random, tier: int) -> Task:
    """One taught skill where it was not taught."""
    return source.choice((_replaced, _written, _letters))(source, tier)


GENERATOR = Generator(suite="skill_transfer", version="1", draw=draw, wording="demo")
