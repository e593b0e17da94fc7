"""Exact instructions: case, repetition, keywords, endings, JSON and bullet points, alone and combined.

Belongs here: requests whose fulfilment rules can verify. The verifiers carry IFEval's identifiers and
argument names; the reference answer is one of many that pass.
"""

from __future__ import annotations

import json
import random

from epyc_assets.suites.demo.words import ANIMALS, COLOURS, NAMES, OBJECTS
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Generator, Task

Instruction = dict[str, JSON]


def _instruction(identifier: str, **arguments: JSON) -> Instruction:
    return {"id": identifier, "kwargs": arguments}


def _words(*words: str) -> Instruction:
    return _instruction("keywords:existence", keywords=list(words))


def _exactly(word: str, count: int) -> list[Instruction]:
    """`count` occurrences, said in the two relations that the verifier knows."""
    return [
        _instruction("keywords:frequency", keyword=word, frequency=count, relation="at least"),
        _instruction("keywords:frequency", keyword=word, frequency=count + 1, relation="less than"),
    ]


def _task(key: tuple[JSON, ...], tier: int, prompt: str, answer: str, instructions: list[Instruction]) -> Task:
    return Task(
        key=key,
        tier=tier,
        prompt=prompt,
        expected=answer,
        worked_answer=answer,
        scorer="programmatic",
        scorer_config={"instructions": instructions},
        max_tokens=96,
    )


def _easy(source: random.Random) -> Task:
    kind = source.randrange(3)
    colour, thing = source.choice(COLOURS), source.choice(OBJECTS)
    name = source.choice(NAMES)
    if kind == 0:
        answer = f"{name} {colour} {thing}".upper()
        return _task(
            ("capital", name, colour, thing),
            1,
            f"Write these words in capital letters: {name} {colour} {thing}",
            answer,
            [_instruction("change_case:english_capital"), _words(*answer.split())],
        )
    if kind == 1:
        answer = f"{name} {thing} {colour}".lower()
        return _task(
            ("lower", name, colour, thing),
            1,
            f"Write these words in small letters: {name.upper()} {thing.upper()} {colour.upper()}",
            answer,
            [_instruction("change_case:english_lowercase"), _words(*answer.split())],
        )
    return _task(
        ("quote", name, colour, thing),
        1,
        f"Put these words in double quotes: {name} {colour} {thing}",
        f'"{name} {colour} {thing}"',
        [_instruction("startend:quotation"), _words(name, colour, thing)],
    )


def _middle(source: random.Random) -> Task:
    kind = source.randrange(3)
    thing, animal, name = source.choice(OBJECTS), source.choice(ANIMALS), source.choice(NAMES)
    if kind == 0:
        word, count = source.choice(OBJECTS + ANIMALS + COLOURS), source.randint(2, 9)
        return _task(
            ("repeat", word, count),
            2,
            f"Repeat the word {word} {count} times, separated by commas.",
            ", ".join([word] * count),
            _exactly(word, count),
        )
    if kind == 1:
        return _task(
            ("ending", thing, animal, name),
            2,
            f"Write one sentence with the words {thing} and {animal}. End with the name {name}.",
            f"The {animal} took the {thing} to {name}",
            [_words(thing, animal), _instruction("startend:end_checker", end_phrase=name)],
        )
    answer = json.dumps({"name": name, "pet": animal, "item": thing})
    return _task(
        ("json", thing, animal, name),
        2,
        f"Give JSON with the keys name, pet and item for {name}, who has a {animal} and a {thing}.",
        answer,
        [_instruction("detectable_format:json_format"), _words("name", "pet", "item", name, animal, thing)],
    )


def _hard(source: random.Random) -> Task:
    kind = source.randrange(3)
    if kind == 0:
        word, count, last = source.choice(OBJECTS), source.randint(2, 8), source.choice(NAMES).upper()
        shouted = word.upper()
        return _task(
            ("repeat loudly", word, count, last),
            3,
            f"Repeat the word {word} {count} times in capital letters, separated by commas, "
            f"and end with the word {last}.",
            f"{', '.join([shouted] * count)}, {last}",
            [
                _instruction("change_case:english_capital"),
                *_exactly(shouted, count),
                _instruction("startend:end_checker", end_phrase=last),
            ],
        )
    if kind == 1:
        things = source.sample(OBJECTS, source.randint(3, 5))
        order = "backwards" if source.random() < 0.5 else "in the same order"
        lines = things[::-1] if order == "backwards" else things
        return _task(
            ("bullets", things, order),
            3,
            f"Write these words {order} as a list of bullet points, each starting with *, "
            f"in small letters: {' '.join(things).upper()}",
            "\n".join(f"* {thing}" for thing in lines),
            [
                _instruction("detectable_format:number_bullet_lists", num_bullets=len(things)),
                _instruction("change_case:english_lowercase"),
                _words(*things),
            ],
        )
    thing, animal, avoided = source.choice(OBJECTS), source.choice(ANIMALS), source.choice(COLOURS)
    count = source.randint(2, 4)
    wanted = COLOURS[(COLOURS.index(avoided) + 1) % len(COLOURS)]
    sentence = f"the {animal} has a {wanted} {thing}"
    return _task(
        ("small sentences", thing, animal, avoided, count),
        3,
        f"Write {count} sentences in small letters without commas. Use the words {thing} and {animal} in "
        f"each and never the word {avoided}.",
        " ".join([f"{sentence}."] * count),
        [
            _instruction("change_case:english_lowercase"),
            _instruction("punctuation:no_comma"),
            _instruction("keywords:forbidden_words", forbidden_words=[avoided]),
            *[
                _instruction("keywords:frequency", keyword=word, frequency=count, relation="at least")
                for word in (thing, animal)
            ],
            _instruction("length_constraints:number_sentences", num_sentences=count, relation="at least"),
        ],
    )


def draw(source: random.Random, tier: int) -> Task:
    """One request with verifiable constraints: one constraint, then two, then several at once."""
    return (_easy, _middle, _hard)[tier - 1](source)


GENERATOR = Generator(suite="instruction_precision", version="1", draw=draw, wording="demo")
