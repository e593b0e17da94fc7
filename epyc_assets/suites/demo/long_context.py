"""Finding one fact among many: the heap of notes grows with the tier.

Belongs here: questions answered by a passage of their own prompt. The codes are random, so nothing but the
notes can give the answer.
"""

from __future__ import annotations

import random

from epyc_assets.suites.demo.words import NAMES, ROOMS
from epyc_assets.suites.task import Generator, Task

NOTES_PER_TIER = {1: 4, 2: 9, 3: 16}


def draw(source: random.Random, tier: int) -> Task:
    """Notes of who has which code; tier 3 asks for a person by room, which takes two notes to answer."""
    count = NOTES_PER_TIER[tier]
    if tier == 3:
        rooms = source.sample(ROOMS, count // 2)
        names = source.sample(NAMES, count // 2)
        codes = [source.randint(100, 999) for _ in names]
        notes = [f"{name} has code {code}." for name, code in zip(names, codes, strict=True)]
        notes += [f"{name} is in the {room}." for name, room in zip(names, rooms, strict=True)]
        wanted = source.randrange(len(names))
        question = f"Which code has the person in the {rooms[wanted]}?"
        source.shuffle(notes)
    else:
        names = source.sample(NAMES, count)
        codes = [source.randint(100, 999) for _ in names]
        notes = [f"{name} has code {code}." for name, code in zip(names, codes, strict=True)]
        wanted = source.randrange(count)
        question = f"Which code has {names[wanted]}?"
    answer = str(codes[wanted])
    return Task(
        key=("code", tier, *notes, wanted),
        tier=tier,
        prompt=f"Read these notes. {' '.join(notes)} {question} Answer with the code only.",
        expected=answer,
        worked_answer=answer,
    )


GENERATOR = Generator(suite="long_context", version="1", draw=draw, wording="demo")
