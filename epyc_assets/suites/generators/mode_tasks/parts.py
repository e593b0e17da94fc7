"""Questions that fall into parts: short stories to think through, and jobs that can be handed to several workers.

Belongs here: kinds on which thinking in steps, or splitting the work, has the advantage. Does not belong here: long
mechanical work (`computed`, `staged`).
"""

from __future__ import annotations

import random
from collections.abc import Callable

from epyc_assets.suites.generators.phrases import GOODS, PEOPLE, reasoned_task
from epyc_assets.suites.task import Task


def step_story(source: random.Random, tier: int) -> Task:
    """A stock that changes by shares and amounts over so many days; some sentences do not matter."""
    name, other = source.sample(PEOPLE, 2)
    goods = source.choice(GOODS)
    start = source.randint(4, 15) * 12
    stock, lines, trail = start, [], []
    for day in range(1, (2, 4, 7)[tier - 1] + 1):
        kind = source.randrange(4)
        number = source.randint(5, 40)
        if kind == 0:
            stock += number
            lines.append(f"On day {day}, {number} new {goods} come in.")
        elif kind == 1:
            parts = source.choice((2, 3, 4))
            share = stock // parts
            stock -= share
            lines.append(
                f"On day {day}, a {({2: 'half', 3: 'third', 4: 'quarter'})[parts]} of the stock, rounded down, is sold."
            )
        elif kind == 2:
            lost = min(number, stock)
            stock -= lost
            lines.append(f"On day {day}, {number} {goods} are given away, or all of them if there are fewer.")
        else:
            stock *= 2
            lines.append(f"On day {day}, a delivery brings as many {goods} as there are already.")
        trail.append(str(stock))
    lines.insert(source.randrange(len(lines) + 1), f"{other} counted {source.randint(20, 90)} customers in all.")
    text = (
        f"{name} keeps a shop with {start} {goods}. {' '.join(lines)} How many {goods} are left after day {len(trail)}?"
    )
    return reasoned_task(
        source,
        key=("step story", start, *lines),
        tier=tier,
        text=text,
        answer=str(stock),
        steps=f"Day by day: {', '.join(trail)}.",
    )


def _digit_sum(source: random.Random) -> tuple[str, int]:
    number = source.randint(10**7, 10**12)
    return f"the digit sum of {number}", sum(map(int, str(number)))


def _vowels(source: random.Random) -> tuple[str, int]:
    text = "".join(source.choice("aeioubcdfgklmnprst") for _ in range(source.randint(18, 40)))
    return f"the number of vowels (a, e, i, o, u) in {text}", sum(text.count(vowel) for vowel in "aeiou")


def _primes(source: random.Random) -> tuple[str, int]:
    low = source.randint(10, 300)
    high = low + source.randint(20, 60)
    count = sum(all(number % each for each in range(2, int(number**0.5) + 1)) for number in range(low, high + 1))
    return f"the number of primes from {low} to {high}", count


def _distinct(source: random.Random) -> tuple[str, int]:
    numbers = [source.randint(1, 25) for _ in range(source.randint(14, 26))]
    return f"the number of different values among {' '.join(map(str, numbers))}", len(set(numbers))


def _remainder(source: random.Random) -> tuple[str, int]:
    number, divisor = source.randint(10**6, 10**9), source.randint(23, 97)
    return f"the remainder of {number} divided by {divisor}", number % divisor


def _power(source: random.Random) -> tuple[str, int]:
    base, exponent = source.randint(3, 9), source.randint(5, 12)
    return f"the number of digits of {base}^{exponent}", len(str(base**exponent))


_JOBS: tuple[Callable[[random.Random], tuple[str, int]], ...] = (
    _digit_sum,
    _vowels,
    _primes,
    _distinct,
    _remainder,
    _power,
)


def separate_jobs(source: random.Random, tier: int) -> Task:
    """Several jobs that do not depend on each other, with one figure made of their results."""
    jobs = [job(source) for job in source.sample(_JOBS, (2, 3, 5)[tier - 1])]
    letters = "ABCDE"[: len(jobs)]
    told = "; ".join(f"{letter} is {text}" for letter, (text, _) in zip(letters, jobs, strict=True))
    factors = [source.randint(2, 9) for _ in jobs]
    formula = " + ".join(f"{factor} * {letter}" for factor, letter in zip(factors, letters, strict=True))
    answer = sum(factor * value for factor, (_, value) in zip(factors, jobs, strict=True))
    return reasoned_task(
        source,
        key=("separate jobs", told, *factors),
        tier=tier,
        text=f"These jobs do not depend on each other: {told}. What is {formula}?",
        answer=str(answer),
        steps=", ".join(f"{letter} = {value}" for letter, (_, value) in zip(letters, jobs, strict=True)) + ".",
    )
