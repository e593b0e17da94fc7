"""A few notes to read: the right one is wanted, or the one that a later note has not overtaken.

Belongs here: questions that take one note, or two together, out of two to four. Does not belong here: heaps of notes
(long_context).
"""

from __future__ import annotations

import random

from epyc_assets.suites.demo.words import COLOURS, NAMES, OBJECTS, ROOMS, VERBS
from epyc_assets.suites.task import Generator, Task

_CODE_ONLY = "Answer with the code only."


def _task(kind: str, tier: int, notes: list[str], question: str, answer: int) -> Task:
    return Task(
        key=(kind, *notes, question),
        tier=tier,
        prompt=f"Read these notes. {' '.join(notes)} {question} {_CODE_ONLY}",
        expected=str(answer),
        worked_answer=str(answer),
    )


def _noted(source: random.Random, tier: int) -> Task:
    """Who has which code, in fewer notes than long_context has."""
    count = 2 if tier < 3 else 3
    names, codes = source.sample(NAMES, count), source.sample(range(100, 1000), count)
    notes = [f"{name} has code {code}." for name, code in zip(names, codes, strict=True)]
    wanted = source.randrange(count)
    return _task("noted", tier, notes, f"Which code has {names[wanted]}?", codes[wanted])


def _joined(source: random.Random, tier: int) -> Task:
    """A person by the room: two notes answer together."""
    names, rooms, codes = source.sample(NAMES, 2), source.sample(ROOMS, 2), source.sample(range(100, 1000), 2)
    notes = [f"{name} has code {code}." for name, code in zip(names, codes, strict=True)]
    notes += [f"{name} is in the {room}." for name, room in zip(names, rooms, strict=True)]
    source.shuffle(notes)
    wanted = source.randrange(2)
    return _task("joined", tier, notes, f"Which code has the person in the {rooms[wanted]}?", codes[wanted])


def _overtaken(source: random.Random, tier: int) -> Task:
    """A later note gives one of two people another code."""
    names = source.sample(NAMES, 2)
    *codes, later = source.sample(range(100, 1000), 3)
    notes = [f"{name} has code {code}." for name, code in zip(names, codes, strict=True)]
    changed, wanted = source.randrange(2), source.randrange(2)
    notes.append(f"Now {names[changed]} has code {later}.")
    return _task(
        "overtaken", tier, notes, f"Which code has {names[wanted]}?", later if wanted == changed else codes[wanted]
    )


def _quoted(source: random.Random, tier: int) -> Task:
    """The sentence about one of two people, word for word."""
    names = source.sample(NAMES, 2)
    notes = [
        f"{name} {source.choice(VERBS)} a {source.choice(COLOURS)} {source.choice(OBJECTS)} "
        f"in the {source.choice(ROOMS)}."
        for name in names
    ]
    wanted = source.randrange(2)
    return Task(
        key=("quoted", *notes, wanted),
        tier=tier,
        prompt=f"Copy the sentence about {names[wanted]} from this text: {' '.join(notes)}",
        expected=notes[wanted],
        worked_answer=notes[wanted],
        scorer_config={"case_sensitive": True},
        max_tokens=64,
    )


def draw(source: random.Random, tier: int) -> Task:
    """One question over notes: one note in tier 1, overtaken or joined ones above it."""
    kinds = {1: (_noted, _quoted), 2: (_noted, _overtaken, _quoted), 3: (_noted, _joined, _overtaken)}
    return source.choice(kinds[tier])(source, tier)


GENERATOR = Generator(suite="web_research", version="1", draw=draw, wording="demo")
