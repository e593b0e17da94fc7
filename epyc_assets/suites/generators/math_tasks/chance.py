"""Counting and chance: choices, paths, dice, draws without replacement, expected values; answers are exact.

Belongs here: combinatorics and probability. Does not belong here: remainders and divisors (`numbers`).
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise, product

from epyc_assets.suites.generators.phrases import fraction_text, reasoned_task
from epyc_assets.suites.task import Task

_FRACTION = "Give an exact fraction in lowest terms."


def committee(source: random.Random, tier: int) -> Task:
    """Choosing people from two groups, free or with at least so many of one."""
    first, second = source.sample(
        ("engineers", "nurses", "pilots", "masons", "botanists", "archivists", "sailors", "potters"), 2
    )
    left, right, size = source.randint(4, 8), source.randint(4, 8), source.randint(3, 5)
    least = 0 if tier == 1 else source.randint(1, 2)
    most = size if tier < 3 else source.randint(least + 1, size)
    total = sum(
        math.comb(left, count) * math.comb(right, size - count) for count in range(least, most + 1) if count <= size
    )
    rule = {
        1: "",
        2: f" At least {least} must be from the {first}.",
        3: f" At least {least} and at most {most} must be from the {first}.",
    }[tier]
    text = (
        f"A working group of {size} is chosen from {left} {first} and {right} {second}.{rule} In how many ways can the "
        "group be chosen?"
    )
    return reasoned_task(
        source,
        key=("committee", left, right, size, least, most),
        tier=tier,
        text=text,
        answer=str(total),
        steps=f"Adding the choices for each allowed number of {first} gives {total}.",
    )


def paths(source: random.Random, tier: int) -> Task:
    """Shortest ways through a street grid with closed crossings."""
    width, height = (source.randint(4, 6), source.randint(3, 5)) if tier == 2 else (7, source.randint(5, 7))
    crossings = [
        (x, y) for x, y in product(range(width + 1), range(height + 1)) if (x, y) not in ((0, 0), (width, height))
    ]
    while True:
        closed = sorted(source.sample(crossings, 1 if tier == 2 else 3))
        ways = {(0, 0): 1}
        for x, y in product(range(width + 1), range(height + 1)):
            if (x, y) != (0, 0):
                ways[x, y] = 0 if (x, y) in closed else ways.get((x - 1, y), 0) + ways.get((x, y - 1), 0)
        if ways[width, height]:
            break
    shut = ", ".join(f"({x}, {y})" for x, y in closed)
    text = (
        f"Streets form a grid with crossings (x, y) for x from 0 to {width} and y from 0 to {height}. "
        f"{source.choice(('A robot', 'A courier', 'A tram', 'A cyclist'))} goes from (0, 0) to ({width}, {height}), "
        f"each move raising x by 1 or y by 1. It must not pass the closed crossing{'s' if tier == 3 else ''} {shut}. "
        "How many different routes are there?"
    )
    return reasoned_task(
        source,
        key=("paths", width, height, *(number for crossing in closed for number in crossing)),
        tier=tier,
        text=text,
        answer=str(ways[width, height]),
        steps=f"Adding the routes from the left and from below at each crossing gives {ways[width, height]}.",
    )


def drawn_balls(source: random.Random, tier: int) -> Task:
    """Draws without replacement: one, two alike, or a condition on three."""
    colours = source.sample(("amber", "violet", "teal", "ivory", "crimson"), 3)
    counts = [source.randint(2, 9) for _ in colours]
    total = sum(counts)
    thing = source.choice(("marbles", "tokens", "buttons", "glass beads"))
    stock = ", ".join(f"{count} {colour}" for count, colour in zip(counts, colours, strict=True))
    if tier == 1:
        asked = f"One is drawn at random. What is the probability that it is not {colours[0]}?"
        answer = Fraction(total - counts[0], total)
    elif tier == 2:
        asked = (
            "Two are drawn at random, one after the other and not put back. What is the probability that they have "
            "the same colour?"
        )
        answer = Fraction(sum(count * (count - 1) for count in counts), total * (total - 1))
    else:
        asked = (
            f"Three are drawn at random together. Given that at least one of the three is {colours[1]}, what is the "
            "probability that all three have different colours?"
        )
        some = math.comb(total, 3) - math.comb(total - counts[1], 3)
        answer = Fraction(math.prod(counts), some)
    text = f"A bag holds these {thing}: {stock}. {asked} {_FRACTION}"
    return reasoned_task(
        source,
        key=("drawn balls", tier, *counts),
        tier=tier,
        text=text,
        answer=fraction_text(answer),
        steps=f"Favourable over possible draws is {fraction_text(answer)}.",
        form="<fraction>",
    )


def dice(source: random.Random, tier: int) -> Task:
    """Dice with unusual numbers of faces: the chance of a sum or of a largest value."""
    faces = [source.choice((4, 6, 8, 10, 12)) for _ in range(2 if tier < 3 else 3)]
    rolls = list(product(*(range(1, count + 1) for count in faces)))
    if tier < 3:
        sums = sorted({sum(roll) for roll in rolls})
        target = source.choice(sums[1:-1])
        asked, good = f"the sum is exactly {target}", sum(sum(roll) == target for roll in rolls)
    else:
        target, divisor = source.randint(3, max(faces)), source.randint(3, 5)
        asked = f"the highest die shows at least {target} and the sum is a multiple of {divisor}"
        good = sum(max(roll) >= target and sum(roll) % divisor == 0 for roll in rolls)
        target = target * 100 + divisor
    answer = fraction_text(Fraction(good, len(rolls)))
    text = (
        f"{source.choice(('Fair', 'Fair wooden', 'Fair bone', 'Fair brass'))} dice with "
        f"{', '.join(map(str, faces[:-1]))} and {faces[-1]} faces, each numbered from 1, are rolled once. What is the "
        f"probability that {asked}? {_FRACTION}"
    )
    return reasoned_task(
        source,
        key=("dice", *faces, target),
        tier=tier,
        text=text,
        answer=answer,
        steps=f"{good} of {len(rolls)} rolls fit.",
        form="<fraction>",
    )


def expected_prize(source: random.Random, tier: int) -> Task:
    """The mean gain of a game of a spinner that may be spun again."""
    prizes = sorted(source.sample(range(1, 30), source.randint(4, 6)))
    fee, limit = source.randint(1, 9), source.randint(1, len(prizes) - 1)
    mean = Fraction(sum(prizes), len(prizes))
    kept = [Fraction(prize) if index >= limit else mean for index, prize in enumerate(prizes)]
    value = sum(kept, Fraction(0)) / len(prizes) - fee
    threshold = prizes[limit]
    text = (
        f"A fairground spinner stops with equal chance on one of the prizes {', '.join(map(str, prizes))} crowns. A "
        f"game costs {fee} crowns. The player keeps the first prize if it is {threshold} crowns or more, and otherwise "
        "spins once more and must keep the second prize. What is the expected gain of one game in crowns, the cost "
        "taken off? Give an exact fraction in lowest terms, or a whole number; a loss is negative."
    )
    return reasoned_task(
        source,
        key=("expected prize", *prizes, fee, limit),
        tier=tier,
        text=text,
        answer=fraction_text(value),
        steps=(
            f"A second spin is worth {fraction_text(mean)} crowns; the mean over the first spin minus {fee} is the "
            "gain."
        ),
        form="<fraction or whole number>",
    )


def spaced_seats(source: random.Random, tier: int) -> Task:
    """Placing people on a bench with gaps between them."""
    seats, people = source.randint(9, 16), source.randint(3, 5)
    gap = source.randint(1, 2)
    free = seats - (people - 1) * gap
    if free < people:
        return spaced_seats(source, tier)
    answer = math.comb(free, people)
    text = (
        f"A row has {seats} numbered seats. {people} identical reserved signs are placed on different seats so that "
        f"between any two signs there {'is at least 1 seat' if gap == 1 else f'are at least {gap} seats'} without a "
        "sign. In how many ways can the signs be placed?"
    )
    return reasoned_task(
        source,
        key=("spaced seats", seats, people, gap),
        tier=tier,
        text=text,
        answer=str(answer),
        steps=f"Taking the forced gaps out leaves C({free}, {people}) = {answer}.",
    )


def code_words(source: random.Random, tier: int) -> Task:
    """How many codes of letters obey a rule."""
    letters = "".join(sorted(source.sample("ABDEGKLMNPRSTU", source.randint(3, 5))))
    length = source.randint(4, 5)
    letter = source.choice(letters)
    count, size = 0, len(letters)
    if tier == 1:
        count = size * (size - 1) ** (length - 1)
        rule = "no letter is the same as the one just before it"
    else:
        most = source.randint(1, 2)
        count = sum(
            word.count(letter) <= most and all(a != b for a, b in pairwise(word))
            for word in product(letters, repeat=length)
        )
        times = "once" if most == 1 else "twice"
        rule = f"no letter is the same as the one just before it and {letter} appears at most {times}"
        letter = f"{letter}{most}"
    text = (
        f"{source.choice(('Door', 'Locker', 'Safe', 'Gate'))} codes consist of {length} letters, each from "
        f"{', '.join(letters)}; letters may repeat, but {rule}. How many different codes are there?"
    )
    return reasoned_task(
        source,
        key=("code words", letters, length, letter if tier > 1 else ""),
        tier=tier,
        text=text,
        answer=str(count),
        steps=f"Building the code letter by letter gives {count} codes.",
    )
