"""Charts and tables: reading values, differences, growth.

Belongs here: pictures of numbers. Does not belong here: places and objects (`scenes`, `plans`).
"""

from __future__ import annotations

import itertools
import random

from epyc_assets.suites.generators.phrases import GOODS, TOWNS, reasoned_task
from epyc_assets.suites.task import Task

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September")


def bar_chart(source: random.Random, tier: int) -> Task:
    """Bars drawn with characters, each worth so many units."""
    names = source.sample(TOWNS, tier + 3)
    worth = source.choice((2, 5, 10, 25))
    bars = source.sample(range(2, 20), len(names))
    width = max(map(len, names))
    chart = "\n".join(f"{name:<{width}} | {'#' * bar}" for name, bar in zip(names, bars, strict=True))
    text = f"The bar chart below shows visitors by town; each # stands for {worth} visitors.\n\n{chart}\n\n"
    if tier == 1:
        wanted = source.randrange(len(names))
        text += f"How many visitors does the chart show for {names[wanted]}?"
        answer, steps = bars[wanted] * worth, f"{bars[wanted]} marks of {worth} each."
    elif tier == 2:
        text += "By how many visitors does the longest bar exceed the shortest?"
        answer, steps = (max(bars) - min(bars)) * worth, f"({max(bars)} - {min(bars)}) * {worth}."
    else:
        limit = worth * source.randint(5, 12)
        kept = [bar * worth for bar in bars if bar * worth > limit]
        text += f"How many visitors do all towns with more than {limit} visitors have together?"
        answer, steps = sum(kept), f"{' + '.join(map(str, kept)) or 'No town'}: {sum(kept)}."
    key = ("bar chart", tier, *names, *bars, worth)
    return reasoned_task(source, key=key, tier=tier, text=text, answer=str(answer), steps=steps)


def table_reading(source: random.Random, tier: int) -> Task:
    """A table with rows of goods and columns of months."""
    rows, columns = source.sample(GOODS, tier + 2), list(_MONTHS[: tier + 2])
    values = [[source.randint(10, 99) for _ in columns] for _ in rows]
    lines = ["| item | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {row} | {' | '.join(map(str, line))} |" for row, line in zip(rows, values, strict=True)]
    text = "A photographed table reads:\n\n" + "\n".join(lines) + "\n\n"
    if tier == 1:
        column = source.randrange(len(columns))
        if len({line[column] for line in values}) < len(values):
            return table_reading(source, tier)
        best = max(range(len(rows)), key=lambda row: values[row][column])
        text += f"Which item has the highest value in {columns[column]}? Name the item."
        answer, steps, form = rows[best], f"{rows[best]} has {values[best][column]}.", "<item>"
    elif tier == 2:
        row = source.randrange(len(rows))
        text += f"What is the sum of all values in the row of the {rows[row]}?"
        answer, form = str(sum(values[row])), "<number>"
        steps = " + ".join(map(str, values[row]))
    else:
        rises = [max(later - earlier for earlier, later in itertools.pairwise(line)) for line in values]
        if rises.count(max(rises)) > 1 or max(rises) <= 0:
            return table_reading(source, tier)
        best = rises.index(max(rises))
        text += "In which row is the largest rise from one month to the next? Name the item."
        answer, steps, form = rows[best], f"{rows[best]} rises by {max(rises)}.", "<item>"
    key = ("table", tier, *rows, *(value for line in values for value in line))
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps=steps, form=form)


def timeline(source: random.Random, tier: int) -> Task:
    """A line chart given by its points: rises, or where two lines cross."""
    years = list(range(source.randint(1990, 2010), 2030))[: 4 + tier * 2]
    # Each number as often as any other; left to chance, half of the pairs would rise, or cross.
    wanted = source.randint(1, len(years) - 2)
    while True:
        first = [source.randint(10, 90) for _ in years]
        second = [source.randint(10, 90) for _ in years]
        if any(left == right for left, right in zip(first, second, strict=True)):
            continue
        above = [left > right for left, right in zip(first, second, strict=True)]
        rises = sum(later > earlier for earlier, later in itertools.pairwise(first))
        found = rises if tier < 3 else sum(now != then for then, now in itertools.pairwise(above))
        if found == wanted:
            break
    points = ", ".join(f"({year}, {value})" for year, value in zip(years, first, strict=True))
    text = f"A line chart's solid line runs through these points (year, height): {points}."
    if tier < 3:
        text += " Between how many pairs of neighbouring points does the line rise?"
        second = []
    else:
        other = ", ".join(f"({year}, {value})" for year, value in zip(years, second, strict=True))
        text += (
            f" Its dashed line runs through these: {other}. Neighbouring points are joined by straight segments. How "
            "many times do the two lines cross?"
        )
    key = ("timeline", tier, *years[:1], *first, *second)
    return reasoned_task(source, key=key, tier=tier, text=text, answer=str(found), steps=f"Counting gives {found}.")
