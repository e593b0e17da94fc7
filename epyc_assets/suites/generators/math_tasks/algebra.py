"""Equations and sequences: linear systems, quadratics, recurrences, polygons by coordinates.

Belongs here: questions given in symbols, or stories that are a system of equations. Does not belong here:
remainders and divisors (`numbers`).
"""

from __future__ import annotations

import random
from fractions import Fraction

from epyc_assets.suites.generators.phrases import fraction_text, ordinal, reasoned_task, with_article
from epyc_assets.suites.task import Task


def tickets(source: random.Random, tier: int) -> Task:
    """Two kinds of tickets: how many of one kind from the total count and the total money."""
    place = source.choice(("a puppet theatre", "a lighthouse", "an ice rink", "a steam railway", "a planetarium"))
    adults, children = source.randint(5, 60), source.randint(5, 60)
    adult_price, child_price = source.randint(9, 20), source.randint(3, 8)
    money = adults * adult_price + children * child_price
    text = (
        f"On a day when {place} sold {adults + children} tickets it took {money} crowns. An adult ticket costs "
        f"{adult_price} crowns and a child ticket {child_price} crowns. How many adult tickets were sold?"
    )
    return reasoned_task(
        source,
        key=("tickets", adults, children, adult_price, child_price),
        tier=tier,
        text=text,
        answer=str(adults),
        steps=f"({money} - {child_price} x {adults + children}) / ({adult_price} - {child_price}) = {adults}.",
    )


def _term(factor: int, letter: str, first: bool) -> str:
    sign = ("-" if factor < 0 else "") if first else (" - " if factor < 0 else " + ")
    return f"{sign}{'' if abs(factor) == 1 else abs(factor)}{letter}"


def linear_system(source: random.Random, tier: int) -> Task:
    """Two or three unknowns; integer answers in tier 2, fractions in tier 3."""
    letters = "xyz"[: 2 if tier == 1 else 3]
    size = len(letters)
    bottom = 1 if tier < 3 else source.choice((2, 3, 4, 5))
    while True:
        values = [Fraction(source.randint(-12, 12), bottom) for _ in letters]
        rows = [[source.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)) for _ in letters] for _ in range(size)]
        if _determinant(rows) != 0:
            break
    # Rows are scaled so that right-hand sides are whole numbers.
    equations = []
    for row in rows:
        right = sum((factor * value for factor, value in zip(row, values, strict=True)), Fraction(0))
        scale = right.denominator
        left = "".join(
            _term(factor * scale, letter, index == 0)
            for index, (factor, letter) in enumerate(zip(row, letters, strict=True))
        )
        equations.append(f"{left} = {right * scale}")
    answer = ", ".join(fraction_text(value) for value in values)
    note = " as exact fractions in lowest terms" if tier == 3 else ""
    asked = source.choice(("Solve the system", "Find the numbers that satisfy", "All of these hold:"))
    text = (
        f"{asked} {'; '.join(equations)}. Give the values of {', '.join(letters)} in this order{note}, separated by "
        "commas."
    )
    return reasoned_task(
        source,
        key=("linear system", *equations),
        tier=tier,
        text=text,
        answer=answer,
        steps="Elimination gives "
        + ", ".join(f"{letter} = {fraction_text(value)}" for letter, value in zip(letters, values, strict=True))
        + ".",
        form=f"<{', '.join(letters)}>",
    )


def _determinant(rows: list[list[int]]) -> int:
    if len(rows) == 1:
        return rows[0][0]
    return sum(
        (-1) ** column * rows[0][column] * _determinant([row[:column] + row[column + 1 :] for row in rows[1:]])
        for column in range(len(rows))
    )


def quadratic(source: random.Random, tier: int) -> Task:
    """Both roots of a quadratic, whole in tier 2, fractions in tier 3."""
    tops = source.sample([number for number in range(-14, 15) if number], 2)
    bottoms = (1, 1) if tier < 3 else (source.randint(2, 5), source.randint(2, 7))
    roots = sorted(Fraction(top, bottom) for top, bottom in zip(tops, bottoms, strict=True))
    if roots[0] == roots[1]:
        roots[1] += 1
    scale = roots[0].denominator * roots[1].denominator
    square, middle, last = scale, -scale * (roots[0] + roots[1]), scale * roots[0] * roots[1]
    left = _term(square, "t^2", True) + (_term(int(middle), "t", False) if middle else "")
    sign = "-" if last < 0 else "+"
    answer = ", ".join(fraction_text(root) for root in roots)
    asked = source.choice(("Find both solutions of", "Solve for t:", "Which two numbers t satisfy this equation:"))
    text = (
        f"{asked} {left} {sign} {abs(last)} = 0. Give them from the smaller to the larger, separated by a "
        f"comma{', as exact fractions in lowest terms' if tier == 3 else ''}."
    )
    return reasoned_task(
        source,
        key=("quadratic", *map(str, roots)),
        tier=tier,
        text=text,
        answer=answer,
        steps=f"The left side is zero at t = {fraction_text(roots[0])} and t = {fraction_text(roots[1])}.",
        form="<smaller, larger>",
    )


def recurrence(source: random.Random, tier: int) -> Task:
    """One term of a sequence: arithmetic, second-order linear, or squared and reduced."""
    first, second = source.randint(1, 9), source.randint(1, 9)
    if tier == 1:
        step, place = source.randint(3, 17), source.randint(12, 60)
        things = source.choice(("tiles", "seats", "vines", "bricks", "lamps"))
        text = (
            f"Rows of {things} grow evenly: there are {first} {things} in row 1, and each later row has {step} more "
            f"than the row before. How many {things} are in row {place}?"
        )
        answer = first + step * (place - 1)
        key = ("tiles", first, step, place)
        steps = f"{first} + {step} x {place - 1} = {answer}."
    elif tier == 2:
        near, far, place = source.randint(1, 3), source.randint(1, 3), source.randint(6, 9)
        terms = [first, second]
        while len(terms) < place:
            terms.append(near * terms[-1] + far * terms[-2])
        answer = terms[-1]
        text = (
            f"A sequence starts with a(1) = {first} and a(2) = {second}. For n > 2, a(n) = {near} * a(n-1) + {far} * "
            f"a(n-2). What is a({place})?"
        )
        key = ("recurrence", first, second, near, far, place)
        steps = "Terms: " + ", ".join(map(str, terms)) + "."
    else:
        add, modulus, place = source.randint(1, 20), source.randint(101, 499), source.randint(8, 12)
        terms = [first]
        while len(terms) < place:
            terms.append((terms[-1] ** 2 + add) % modulus)
        answer = terms[-1]
        text = (
            f"Let b(1) = {first}, and for n > 1 let b(n) be the remainder when b(n-1)^2 + {add} is divided by "
            f"{modulus}. What is the {ordinal(place)} term, b({place})?"
        )
        key = ("squared recurrence", first, add, modulus, place)
        steps = "Terms: " + ", ".join(map(str, terms)) + "."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=str(answer), steps=steps)


def polygon(source: random.Random, tier: int) -> Task:
    """Area of a polygon on a grid: an L-shaped floor, or corners given in order."""
    if tier == 1:
        width, height = source.randint(8, 20), source.randint(8, 20)
        cut_width, cut_height = source.randint(2, width - 3), source.randint(2, height - 3)
        area = width * height - cut_width * cut_height
        place = source.choice(("workshop floor", "courtyard", "rooftop garden", "gallery wall", "parking deck"))
        text = (
            f"A {place} is {with_article(width)} m by {height} m rectangle with {with_article(cut_width)} m by "
            f"{cut_height} m rectangle "
            "missing at one corner. What is its area in square metres?"
        )
        key = ("floor", width, height, cut_width, cut_height)
        steps = f"{width} x {height} - {cut_width} x {cut_height} = {area}."
        return reasoned_task(source, key=key, tier=tier, text=text, answer=str(area), steps=steps)
    corners = _simple_polygon(source, 4 if tier == 2 else 6)
    doubled = abs(
        sum(
            left[0] * right[1] - right[0] * left[1]
            for left, right in zip(corners, [*corners[1:], corners[0]], strict=True)
        )
    )
    answer = fraction_text(Fraction(doubled, 2))
    place = source.choice(("plot of land", "sail", "meadow", "pond", "mosaic"))
    text = (
        f"A {place} has straight sides and its corners, in order around it, at "
        f"{', '.join(f'({x}, {y})' for x, y in corners)}; one unit is one metre. What is its area in square metres? "
        "Write a half as a fraction such as 7/2."
    )
    return reasoned_task(
        source,
        key=("polygon", *(number for corner in corners for number in corner)),
        tier=tier,
        text=text,
        answer=answer,
        steps=f"The shoelace sum is {doubled}, and half of it is {answer}.",
        form="<area>",
    )


def _simple_polygon(source: random.Random, count: int) -> list[tuple[int, int]]:
    """Corners with distinct x, left to right along the top and back along the bottom, so that no sides cross."""
    columns = sorted(source.sample(range(-9, 16), count))
    inner = columns[1:-1]
    upper = sorted(source.sample(inner, len(inner) // 2))
    lower = [column for column in inner if column not in upper]
    top = [(column, source.randint(5, 14)) for column in upper]
    bottom = [(column, source.randint(-12, 1)) for column in lower]
    ends = [(columns[0], source.randint(2, 4)), (columns[-1], source.randint(2, 4))]
    return [ends[0], *top, ends[1], *bottom[::-1]]
