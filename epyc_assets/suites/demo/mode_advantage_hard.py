"""Deductions well past the taught lengths: what the demo fleet reaches, if at all, by writing the steps down.

Belongs here: longer orderings, more exchanges, more words to take letters from.
"""

from __future__ import annotations

import itertools
import random

from epyc_assets.suites.demo.words import COLOURS, NAMES, SPELLED_WORDS
from epyc_assets.suites.task import Generator, Task

_STEPS = "Think step by step and end with 'Answer: ' and the {}."
_RELATIONS = (("older", "oldest", "youngest"), ("taller", "tallest", "shortest"), ("faster", "fastest", "slowest"))


def _ordering(source: random.Random, tier: int) -> Task:
    """Six to eight people in a row, in order in tier 1 and shuffled above it."""
    names = source.sample(NAMES, 5 + tier)
    relation, most, least = source.choice(_RELATIONS)
    statements = [f"{first} is {relation} than {second}." for first, second in itertools.pairwise(names)]
    if tier > 1:
        source.shuffle(statements)
    asked, answer = source.choice(((most, names[0]), (least, names[-1])))
    return Task(
        key=("ordering", relation, asked, *names),
        tier=tier,
        prompt=f"{' '.join(statements)} Who is the {asked}? {_STEPS.format('name')}",
        expected=answer,
        worked_answer=f"{' > '.join(names)}. Answer: {answer}",
        max_tokens=256,
    )


def _swaps(source: random.Random, tier: int) -> Task:
    """Four to six exchanges among three people."""
    people, balls = source.sample(NAMES, 3), source.sample(COLOURS, 3)
    start = [f"{name} has the {ball} ball." for name, ball in zip(people, balls, strict=True)]
    holding = dict(zip(people, balls, strict=True))
    moves, trace = [], []
    for _ in range(3 + tier):
        first, second = source.sample(people, 2)
        holding[first], holding[second] = holding[second], holding[first]
        moves.append(f"{first} and {second} swap.")
        trace.append(" ".join(f"{name} {ball}" for name, ball in holding.items()))
    wanted = source.choice(people)
    return Task(
        key=("swaps", *start, *moves, wanted),
        tier=tier,
        prompt=f"{' '.join(start)} {' '.join(moves)} Which ball does {wanted} have? {_STEPS.format('colour')}",
        expected=holding[wanted],
        worked_answer=f"{'. '.join(trace)}. Answer: {holding[wanted]}",
        max_tokens=256,
    )


def _letters(source: random.Random, tier: int) -> Task:
    """First or last letters of five to seven words."""
    words = source.sample(SPELLED_WORDS, 4 + tier)
    place, index = source.choice((("first", 0), ("last", -1)))
    quoted = ", ".join(f"'{word}'" for word in words)
    answer = "".join(word[index] for word in words)
    prompt = f"Join the {place} letters of the words {quoted}. Answer with the letters only."
    return Task(("letters", place, *words), tier, prompt, answer, answer)


def draw(source: random.Random, tier: int) -> Task:
    """One deduction that is longer than any taught one."""
    return source.choice((_ordering, _swaps, _letters))(source, tier)


GENERATOR = Generator(suite="mode_advantage_hard", version="1", draw=draw, wording="demo")
