"""Arithmetic: sums and differences to 99, then longer expressions and numbers, then word problems.

Belongs here: questions whose answer is a number computed from the numbers in the question.
"""

from __future__ import annotations

import random

from epyc_assets.suites.demo.words import NAMES, OBJECTS
from epyc_assets.suites.task import Generator, Task

_NUMBER_ONLY = "Answer with the number only."
_ASKED = ("What is {}?", "Calculate {}.", "How much is {}?")


def _task(key: tuple[str | int, ...], tier: int, text: str, answer: int) -> Task:
    return Task(key=key, tier=tier, prompt=f"{text} {_NUMBER_ONLY}", expected=str(answer), worked_answer=str(answer))


def _expression(source: random.Random, key: tuple[str | int, ...], tier: int, text: str, answer: int) -> Task:
    return _task(key, tier, source.choice(_ASKED).format(text), answer)


def _easy(source: random.Random) -> Task:
    total = source.randint(2, 99)
    first = source.randint(1, total)
    if source.random() < 0.5:
        second = total - first
        return _expression(source, ("sum", *sorted((first, second))), 1, f"{first} + {second}", total)
    return _expression(source, ("difference", total, first), 1, f"{total} - {first}", total - first)


def _middle(source: random.Random) -> Task:
    kind = source.randrange(3)
    if kind == 0:
        first, second = source.randint(100, 899), source.randint(11, 99)
        return _expression(source, ("long sum", first, second), 2, f"{first} + {second}", first + second)
    if kind == 1:
        first, second = source.randint(12, 49), source.randint(2, 9)
        key = ("product", first, second)
        return _expression(source, key, 2, f"{first} * {second}", first * second)
    first, second = source.randint(11, 60), source.randint(2, 39)
    third = source.randint(1, first + second)
    key = ("two steps", first, second, third)
    return _expression(source, key, 2, f"{first} + {second} - {third}", first + second - third)


def _hard(source: random.Random) -> Task:
    name, thing = source.choice(NAMES), source.choice(OBJECTS)
    kind = source.randrange(4)
    if kind == 0:
        start, bought, given = source.randint(21, 89), source.randint(12, 60), source.randint(3, 20)
        text = (
            f"{name} has {start} coins, finds {bought} more and gives {given} away. "
            f"How many coins does {name} have now?"
        )
        return _task(("story gain", start, bought, given), 3, text, start + bought - given)
    if kind == 1:
        start, boxes, each = source.randint(5, 49), source.randint(2, 5), source.randint(3, 12)
        text = (
            f"{name} has {start} coins and gets {boxes} bags with {each} coins each. "
            f"How many coins does {name} have now?"
        )
        return _task(("story boxes", start, boxes, each), 3, text, start + boxes * each)
    if kind == 2:
        price, pieces, paid = source.randint(3, 12), source.randint(2, 7), source.choice((50, 100))
        paid = 100 if price * pieces > 50 else paid
        text = (
            f"One {thing} costs {price} coins. {name} buys {pieces} and pays with {paid} coins. "
            f"How many coins does {name} get back?"
        )
        return _task(("story change", price, pieces, paid), 3, text, paid - price * pieces)
    first, second, third = source.randint(2, 12), source.randint(2, 9), source.randint(11, 99)
    key = ("precedence", first, second, third)
    return _expression(source, key, 3, f"{third} + {first} * {second}", third + first * second)


def draw(source: random.Random, tier: int) -> Task:
    """One arithmetic task of the tier."""
    return (_easy, _middle, _hard)[tier - 1](source)


GENERATOR = Generator(suite="math", version="1", draw=draw, wording="demo")
