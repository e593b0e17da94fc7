"""Whole numbers: divisors, remainders, powers, bases, integer solutions.

Belongs here: number theory. Does not belong here: equations over fractions (`algebra`), arrangements (`chance`).
"""

from __future__ import annotations

import math
import random

from epyc_assets.suites.generators.phrases import PEOPLE, listed, reasoned_task
from epyc_assets.suites.task import Task


def meeting_again(source: random.Random, tier: int) -> Task:
    """Events with different periods: when they coincide again."""
    thing, verb, done = source.choice(
        (
            ("Ferries", "depart", "departed"), ("Lighthouse lamps", "flash", "flashed"), ("Bells", "ring", "rung"),
            ("Irrigation pumps", "start", "started"), ("Backup jobs", "run", "run"), ("Night guards", "pass", "passed"),
        )
    )  # fmt: skip
    periods = source.sample(range(6, 40), 2 if tier == 1 else 3)
    answer = math.lcm(*periods)
    every = listed([f"every {period} minutes" for period in periods])
    text = (
        f"{thing} {'A and B' if tier == 1 else 'A, B and C'} {verb} {every}, respectively, and have just {done} at "
        f"the same moment. After how many minutes do they next all {verb} at the same moment?"
    )
    return reasoned_task(
        source,
        key=("meeting again", *sorted(periods)),
        tier=tier,
        text=text,
        answer=str(answer),
        steps=f"The least common multiple is {answer}.",
    )


def remainders(source: random.Random, tier: int) -> Task:
    """The least number with given remainders."""
    while True:
        moduli = source.sample(range(4, 14 if tier < 3 else 24), 2 if tier == 2 else 3)
        if all(math.gcd(left, right) == 1 for left in moduli for right in moduli if left is not right):
            break
    number = source.randrange(max(moduli), math.prod(moduli))
    rests = [number % modulus for modulus in moduli]
    goods = source.choice(("beads", "seedlings", "coins", "stamps", "bricks"))
    rows = "; ".join(
        f"in rows of {modulus}, {rest} {'is' if rest == 1 else 'are'} left over"
        for modulus, rest in zip(moduli, rests, strict=True)
    )
    text = (
        f"{source.choice(PEOPLE)} sets out {goods} in full rows: {rows}. What is the smallest positive number of "
        f"{goods} for which all of this is true?"
    )
    answer = next(
        value
        for value in range(1, math.prod(moduli) + 1)
        if all(value % modulus == rest for modulus, rest in zip(moduli, rests, strict=True))
    )
    return reasoned_task(
        source,
        key=("remainders", *moduli, *rests),
        tier=tier,
        text=text,
        answer=str(answer),
        steps=f"{answer} leaves {', '.join(map(str, rests))}, and nothing smaller does.",
    )


def power_remainder(source: random.Random, tier: int) -> Task:
    """The remainder of a large power, or of a sum of two."""
    base, exponent = source.randint(3, 29), source.randint(20, 90) if tier == 2 else source.randint(300, 5000)
    modulus = source.choice((11, 13, 17, 19, 23)) if tier == 2 else source.randint(40, 140)
    expression, value = f"{base}^{exponent}", pow(base, exponent, modulus)
    key: list[int] = [base, exponent, modulus]
    if tier == 3:
        other, power = source.randint(2, 29), source.randint(50, 999)
        expression, value = f"{expression} + {other}^{power}", (value + pow(other, power, modulus)) % modulus
        key += [other, power]
    text = source.choice(
        (
            f"What is the remainder when {expression} is divided by {modulus}?",
            f"Divide {expression} by {modulus} as whole numbers. Which remainder is left?",
            f"A wheel with positions 0 to {modulus - 1} starts at 0 and moves {expression} positions on. Where does "
            "it stop?",
        )
    )
    return reasoned_task(
        source,
        key=("power remainder", *key),
        tier=tier,
        text=text,
        answer=str(value),
        steps=f"Repeated squaring modulo {modulus} leaves {value}.",
    )


def divisors(source: random.Random, tier: int) -> Task:
    """How many divisors, their sum, or how many numbers have so many divisors."""
    if tier == 3:
        lowest, count = source.randint(2, 60), source.choice((3, 4, 6, 8))
        highest = lowest + source.randint(60, 140)
        found = [
            number
            for number in range(lowest, highest + 1)
            if sum(number % each == 0 for each in range(1, number + 1)) == count
        ]
        text = (
            f"How many whole numbers from {lowest} to {highest}, both included, have exactly {count} positive divisors "
            "(1 and the number itself count)?"
        )
        key = ("exact divisors", lowest, highest, count)
        return reasoned_task(
            source,
            key=key,
            tier=tier,
            text=text,
            answer=str(len(found)),
            steps=f"They are {', '.join(map(str, found))}.",
        )
    number = source.randint(4, 30) * source.randint(4, 30)
    found = [each for each in range(1, number + 1) if number % each == 0]
    if tier == 1:
        text, answer = f"How many positive divisors does {number} have, 1 and {number} included?", len(found)
    else:
        text = (
            f"Add up all positive divisors of {number} that are even or multiples of 3, {number} itself included if it "
            "is one. What is the sum?"
        )
        found = [each for each in found if each % 2 == 0 or each % 3 == 0]
        answer = sum(found)
    steps = f"They are {', '.join(map(str, found)) or 'none'}."
    return reasoned_task(source, key=("divisors", tier, number), tier=tier, text=text, answer=str(answer), steps=steps)


def bases(source: random.Random, tier: int) -> Task:
    """A sum of numbers written in another base, answered in that base or a third one."""
    base = source.randint(3, 9)
    other = source.choice([each for each in range(3, 10) if each != base]) if tier == 3 else base
    first, second = source.randint(40, 900), source.randint(40, 900)
    total = digits(first + second, other)
    text = (
        f"Two counters show numbers in base {base}: {digits(first, base)} and {digits(second, base)}. What is their "
        f"sum, written in base {other}? Write the digits only."
    )
    return reasoned_task(
        source,
        key=("bases", base, other, first, second),
        tier=tier,
        text=text,
        answer=total,
        steps=f"In base ten: {first} + {second} = {first + second}, which is {total} in base {other}.",
        form="<digits>",
    )


def digits(number: int, base: int) -> str:
    """A whole number of 0 or more in a base of 2 to 10."""
    written = ""
    while True:
        number, digit = divmod(number, base)
        written = f"{digit}{written}"
        if number == 0:
            return written


def ways_to_pay(source: random.Random, tier: int) -> Task:
    """In how many ways coins of three values make an amount."""
    values = sorted(source.sample(range(2, 14), 2 if tier == 2 else 3))
    amount = source.randint(50, 110)
    ways = [1, *[0] * amount]
    for value in values:
        for reached in range(value, amount + 1):
            ways[reached] += ways[reached - value]
    if ways[amount] < 2:
        return ways_to_pay(source, tier)
    text = (
        f"The mint of an old duchy struck coins of {listed([str(value) for value in values])} groats only. In how many "
        f"different ways can exactly {amount} groats be paid, if the order of coins does not matter and any number "
        "of each may be used?"
    )
    return reasoned_task(
        source,
        key=("ways to pay", *values, amount),
        tier=tier,
        text=text,
        answer=str(ways[amount]),
        steps=f"Counting by the number of the largest coins gives {ways[amount]} ways.",
    )


def integer_triangles(source: random.Random, tier: int) -> Task:
    """How many triangles with whole sides have a perimeter, up to congruence."""
    perimeter, shortest = source.randint(18, 60), source.randint(1, 5)
    found = [
        (first, second, perimeter - first - second)
        for first in range(shortest, perimeter)
        for second in range(first, perimeter)
        if second <= perimeter - first - second < first + second
    ]
    text = (
        f"A carpenter builds triangular frames with sides of whole decimetres and a perimeter of exactly {perimeter} "
        f"decimetres; no side may be shorter than {shortest} decimetres. Frames that can be turned or flipped onto "
        "each other count once, and a flat triangle is none. How many different frames are there?"
    )
    return reasoned_task(
        source,
        key=("integer triangles", perimeter, shortest),
        tier=tier,
        text=text,
        answer=str(len(found)),
        steps=f"Listing the sides in order a <= b <= c with a + b > c gives {len(found)}.",
    )
