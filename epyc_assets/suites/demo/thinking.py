"""Deduction in several steps: orderings, letters of words, things that change hands.

Belongs here: questions that are answered by working through steps. Where the prompt asks for steps, the
worked answer shows them and ends in "Answer: ...".
"""

from __future__ import annotations

import itertools
import random

from epyc_assets.suites.demo.words import COLOURS, NAMES, SPELLED_WORDS
from epyc_assets.suites.task import Generator, Task

_STEPS = "Think step by step and end with 'Answer: ' and the {}."

_RELATIONS = (
    ("older", "oldest", "youngest"),
    ("taller", "tallest", "shortest"),
    ("faster", "fastest", "slowest"),
)


def ordering(source: random.Random, tier: int, count: int) -> Task:
    """So many people in a row: told in order in tier 1, shuffled above it."""
    names = source.sample(NAMES, count)
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


def _letters(source: random.Random, tier: int) -> Task:
    """Word halves and last letters, answered at once."""
    if tier == 1:
        word = source.choice([word for word in SPELLED_WORDS if len(word) % 2 == 0])
        half = len(word) // 2
        side, answer = source.choice((("first", word[:half]), ("second", word[half:])))
        asked = source.choice(
            (f"What is the {side} half of the word '{word}'?", f"Give the {side} half of the word '{word}'.")
        )
        key = ("half", side, word)
        return _direct(key, tier, f"{asked} Answer with the letters only.", answer)
    return joined_letters(source, tier, 3 if tier == 2 else 4)


def joined_letters(source: random.Random, tier: int, count: int) -> Task:
    """The first or last letters of so many words."""
    words = source.sample(SPELLED_WORDS, count)
    place, index = source.choice((("first", 0), ("last", -1)))
    quoted = ", ".join(f"'{word}'" for word in words)
    return _direct(
        ("letters", place, *words),
        tier,
        f"Join the {place} letters of the words {quoted}. Answer with the letters only.",
        "".join(word[index] for word in words),
    )


def _direct(key: tuple[str, ...], tier: int, prompt: str, answer: str) -> Task:
    return Task(key=key, tier=tier, prompt=prompt, expected=answer, worked_answer=answer)


def swaps(source: random.Random, tier: int, exchanges: int) -> Task:
    """Who holds which ball after so many exchanges; the steps name the holders after each."""
    people = source.sample(NAMES, 3)
    balls = source.sample(COLOURS, 3)
    start = [f"{name} has the {ball} ball." for name, ball in zip(people, balls, strict=True)]
    holding = dict(zip(people, balls, strict=True))
    moves, trace = [], []
    for _ in range(exchanges):
        first, second = source.sample(people, 2)
        holding[first], holding[second] = holding[second], holding[first]
        moves.append(f"{first} and {second} swap.")
        trace.append(" ".join(f"{name} {ball}" for name, ball in holding.items()))
    wanted = source.choice(people)
    answer = holding[wanted]
    return Task(
        key=("swaps", *start, *moves, wanted),
        tier=tier,
        prompt=(f"{' '.join(start)} {' '.join(moves)} Which ball does {wanted} have? {_STEPS.format('colour')}"),
        expected=answer,
        worked_answer=f"{'. '.join(trace)}. Answer: {answer}",
        max_tokens=256,
    )


def draw(source: random.Random, tier: int) -> Task:
    """One deduction; more people, shuffled statements, more words and more exchanges in higher tiers."""
    kind = source.randrange(3)
    if kind == 0:
        return ordering(source, tier, (3, 4, 5)[tier - 1])
    if kind == 1:
        return _letters(source, tier)
    return swaps(source, tier, tier)


GENERATOR = Generator(suite="thinking", version="1", draw=draw, wording="demo")
