"""Arithmetic under rules stated in the prompt: invented operations, money and weeks; overlapping groups.

Belongs here: questions that need a computation nobody has learned by heart. Does not belong here: states that change
step by step (`situations`).
"""

from __future__ import annotations

import random

from epyc_assets.suites.generators.phrases import PEOPLE, reasoned_task
from epyc_assets.suites.task import Task


def invented_operator(source: random.Random, tier: int) -> Task:
    """An expression in an operation defined in the prompt, evaluated strictly from left to right or by brackets."""
    sign, other = source.sample(("#", "@", "~", "&", "$"), 2)
    left, right = source.randint(2, 4), source.randint(2, 3)
    shift = source.choice((-1, 1)) * source.randint(1, 6)
    numbers = [source.randint(1, 9) for _ in range((3, 4, 5)[tier - 1])]
    shown = (
        f"{left} times a, minus {right} times b, plus {shift}"
        if shift >= 0
        else (f"{left} times a, minus {right} times b, minus {-shift}")
    )
    rules = f"a {sign} b is {shown}"
    signs = [sign] * (len(numbers) - 1)
    if tier > 1:
        rules += f", and a {other} b is the larger of a and b, minus the smaller"
        signs = [source.choice((sign, other)) for _ in signs]
        signs[source.randrange(len(signs))] = other
    right_first = tier == 3 and source.random() < 0.5

    def apply(operator: str, a: int, b: int) -> int:
        return left * a - right * b + shift if operator == sign else abs(a - b)

    trail = []
    if right_first:
        value = numbers[-1]
        for number, operator in zip(numbers[-2::-1], signs[::-1], strict=True):
            value = apply(operator, number, value)
            trail.append(value)
    else:
        value = numbers[0]
        for number, operator in zip(numbers[1:], signs, strict=True):
            value = apply(operator, value, number)
            trail.append(value)
    expression = str(numbers[0]) + "".join(
        f" {operator} {number}" for operator, number in zip(signs, numbers[1:], strict=True)
    )
    text = (
        f"In a game of symbols, {rules}. There is no precedence: expressions are worked out strictly from the "
        f"{'right to the left, so that the last operation comes first' if right_first else 'left to the right'}. What "
        f"is {expression}?"
    )
    return reasoned_task(
        source,
        key=("invented operator", rules, expression, right_first),
        tier=tier,
        text=text,
        answer=str(value),
        steps="Results one after another: " + ", ".join(map(str, trail)) + ".",
    )


def invented_money(source: random.Random, tier: int) -> Task:
    """Adding sums in a currency with odd ratios and writing the total with the largest coins."""
    small, middle, large = source.sample(("lom", "tarn", "velk", "drin", "ossa", "quay", "brel"), 3)
    per_middle, per_large = source.randint(4, 13), source.randint(3, 11)
    purses = [
        (source.randint(0, 6), source.randint(0, per_large - 1), source.randint(1, per_middle - 1))
        for _ in range(tier + 1)
    ]
    total = sum((a * per_large + b) * per_middle + c for a, b, c in purses)
    names = source.sample(PEOPLE, len(purses))
    sums = "; ".join(
        f"{name} has {a} {large}, {b} {middle} and {c} {small}" for name, (a, b, c) in zip(names, purses, strict=True)
    )
    rest, last = divmod(total, per_middle)
    first, second = divmod(rest, per_large)
    text = (
        f"In an old market {per_middle} {small} make one {middle}, and {per_large} {middle} make one {large}. {sums}. "
        f"They put their money together and change it into as few coins as possible. How many {large}, {middle} and "
        f"{small} do they then have? Give three numbers in this order, separated by commas."
    )
    return reasoned_task(
        source,
        key=("invented money", per_middle, per_large, *(number for purse in purses for number in purse)),
        tier=tier,
        text=text,
        answer=f"{first}, {second}, {last}",
        steps=f"Together {total} {small}, which is {first} {large}, {second} {middle} and {last} {small}.",
        form="<three numbers>",
    )


def invented_week(source: random.Random, tier: int) -> Task:
    """The weekday so many days on, in a week of other days."""
    days = source.sample(
        (
            "Ashday",
            "Bellday",
            "Corday",
            "Dewday",
            "Elmday",
            "Fogday",
            "Glowday",
            "Hayday",
            "Irisday",
            "Jetday",
            "Kilnday",
        ),
        source.randint(5, 9),
    )
    today, shift = source.choice(days), source.randint(20, 90) * (1 if tier == 1 else 7)
    forward = tier == 1 or source.random() < 0.5
    position = days.index(today) + (shift if forward else -shift)
    answer = days[position % len(days)]
    direction = "in" if forward else "ago, before today,"
    asked = (
        f"What day will it be {direction} {shift} days?" if forward else f"What day was it {shift} days before today?"
    )
    text = (
        f"On the island of {source.choice(('Orrin', 'Tavel', 'Mossey', 'Quarn'))} the week has {len(days)} days, "
        f"always in this order: {', '.join(days)}; then it starts again. Today is {today}. {asked}"
    )
    return reasoned_task(
        source,
        key=("invented week", *days, today, shift, forward),
        tier=tier,
        text=text,
        answer=answer,
        steps=f"{shift} leaves {shift % len(days)} when divided by {len(days)}, so count that many days on or back.",
        form="<day>",
    )


def overlaps(source: random.Random, tier: int) -> Task:
    """Counting people in two or three overlapping groups, forwards or for the one unknown part."""
    clubs = source.sample(("chess", "rowing", "choir", "fencing", "pottery", "archery"), 2 if tier == 1 else 3)
    group = source.choice(("a school", "a village", "an office", "a ship's crew", "an orchestra"))
    parts = {mask: source.randint(1, 12) for mask in range(2 ** len(clubs))}
    total = sum(parts.values())
    members = [sum(count for mask, count in parts.items() if mask >> index & 1) for index in range(len(clubs))]
    lines = [f"{count} are in the {club} club" for club, count in zip(clubs, members, strict=True)]
    for left in range(len(clubs)):
        for right in range(left + 1, len(clubs)):
            both = sum(count for mask, count in parts.items() if mask >> left & 1 and mask >> right & 1)
            lines.append(f"{both} are in both the {clubs[left]} and the {clubs[right]} club")
    if tier == 3:
        lines.append(f"{parts[0]} {'is' if parts[0] == 1 else 'are'} in none of the three")
        asked, answer = "How many are in exactly one of the three clubs?", sum(parts[1 << index] for index in range(3))
    else:
        if tier == 2:
            lines.append(f"{parts[7]} {'is' if parts[7] == 1 else 'are'} in all three")
        asked, answer = "How many are in none of these clubs?", parts[0]
    text = f"Of {total} people in {group}, {', '.join(lines)}. {asked}"
    return reasoned_task(
        source,
        key=("overlaps", tier, *clubs, *parts.values()),
        tier=tier,
        text=text,
        answer=str(answer),
        steps=f"By inclusion and exclusion it is {answer}.",
    )
