"""Records, units and dates: CSV to JSON, sorting, conversions, calendars, timetables.

Belongs here: questions answered by a rule that everybody knows. Does not belong here: understanding prose (`reading`).
"""

from __future__ import annotations

import itertools
import json
import random
from datetime import date, timedelta
from fractions import Fraction

from epyc_assets.suites.generators.phrases import ANSWER_TOKENS, GOODS, PEOPLE, TOWNS, reasoned_task
from epyc_assets.suites.task import Task

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def csv_to_json(source: random.Random, tier: int) -> Task:
    """CSV to a list of JSON objects; sorted and with a computed field at higher tiers."""
    rows = [
        {"name": name, "town": source.choice(TOWNS), "pieces": source.randint(2, 40), "price": source.randint(2, 60)}
        for name in source.sample(PEOPLE, tier + 1)
    ]
    table = "\n".join(["name,town,pieces,price", *(",".join(map(str, row.values())) for row in rows)])
    asked = (
        "Convert this CSV to a JSON object with the one key rows: a list with an object per row, in the order "
        "of the rows. The keys are the "
        "column names; "
        "pieces and price are numbers."
    )
    wanted = [dict(row) for row in rows]
    if tier > 1:
        for row in wanted:
            row["total"] = int(row["pieces"]) * int(row["price"])
        asked += " Add the key total to each object: pieces times price."
    if tier > 2:
        wanted.sort(key=lambda row: (-int(row["total"]), str(row["name"])))
        for row in wanted:
            del row["town"]
        asked = asked.replace("in the order of the rows", "with the largest total first and equal totals by name")
        asked += " Leave the key town out."
    answer = json.dumps({"rows": wanted})
    return Task(
        key=("csv to json", tier, table),
        tier=tier,
        prompt=f"{asked} Reply with the JSON only.\n\n{table}",
        expected=answer,
        worked_answer=answer,
        max_tokens=ANSWER_TOKENS[tier],
    )


def sorting(source: random.Random, tier: int) -> Task:
    """Lines sorted by one column or two."""
    count = 4 + tier * 2
    goods = source.sample(GOODS, count)
    stock = [source.randint(1, 9) * 5 for _ in goods] if tier > 1 else source.sample(range(5, 99), count)
    lines = "\n".join(f"{name}: {pieces}" for name, pieces in zip(goods, stock, strict=True))
    pairs = list(zip(goods, stock, strict=True))
    if tier == 1:
        ordered, how = sorted(pairs, key=lambda pair: pair[1]), "from the smallest number to the largest"
    elif tier == 2:
        ordered = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
        how = "from the largest number to the smallest, and alphabetically where numbers are equal"
    else:
        ordered = sorted(pairs, key=lambda pair: (pair[1] % 10, pair[0][::-1]))
        how = (
            "first those whose number ends in 0, then those whose number ends in 5; within each of the two groups "
            "alphabetically by the words read backwards (last letter first)"
        )
    names = [name for name, _ in ordered]
    answer = ", ".join(names)
    return Task(
        key=("sorting", tier, *(f"{name}{pieces}" for name, pieces in pairs)),
        tier=tier,
        prompt=f"{lines}\n\nSort the words above: {how}. Reply with the words only, on one line, parted by commas.",
        expected=answer,
        worked_answer=answer,
        scorer="programmatic",
        scorer_config={"instructions": [{"id": "format:exact_list", "kwargs": {"items": names}}]},
        max_tokens=ANSWER_TOKENS[tier],
    )


_UNITS = {
    "length": (("millimetres", Fraction(1)), ("centimetres", Fraction(10)), ("metres", Fraction(1000)),
               ("kilometres", Fraction(10**6))),
    "mass": (("grams", Fraction(1)), ("kilograms", Fraction(1000)), ("tonnes", Fraction(10**6))),
    "time": (("seconds", Fraction(1)), ("minutes", Fraction(60)), ("hours", Fraction(3600)), ("days", Fraction(86400))),
    "volume": (("millilitres", Fraction(1)), ("centilitres", Fraction(10)), ("litres", Fraction(1000)),
               ("cubic metres", Fraction(10**6))),
}  # fmt: skip


def conversion(source: random.Random, tier: int) -> Task:
    """Amounts in different units, added up in a third one."""
    kind = source.choice(sorted(_UNITS))
    units = _UNITS[kind]
    while True:
        parts = [(source.randint(2, 90), *source.choice(units)) for _ in range(tier)]
        name, size = source.choice(units)
        total = sum((amount * each for amount, _, each in parts), Fraction(0)) / size
        if (
            name not in {part[1] for part in parts[:1]}
            and total.denominator in (1, 2, 4, 5, 10, 20, 100)
            and total < 10**9
        ):
            break
    said = " and ".join(f"{amount} {unit}" for amount, unit, _ in parts)
    text = f"How many {name} are {said}{' together' if tier > 1 else ''}?"
    answer = f"{float(total):.10g}" if total.denominator > 1 else str(total.numerator)
    key = ("conversion", name, *(f"{amount} {unit}" for amount, unit, _ in parts))
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps=f"Altogether {answer} {name}.")


def calendar(source: random.Random, tier: int) -> Task:
    """Weekdays, days between dates, the last such weekday of a month."""
    day = date(1950, 1, 1) + timedelta(days=source.randrange(36000))
    span = source.randint(8, 40) if tier == 1 else source.randint(60, 900)
    later = day + timedelta(days=span)
    first, second = (f"{each.day} {each:%B} {each.year}" for each in (day, later))
    form = "<weekday>"
    if tier == 1:
        text = f"{first} is a {_WEEKDAYS[day.weekday()]}. Which weekday is {second}?"
        answer = _WEEKDAYS[later.weekday()]
    elif tier == 2:
        text = f"How many days lie between {first} and {second} (the difference of the two dates)?"
        answer, form = str(span), "<number>"
    else:
        weekday = source.randrange(7)
        month_end = (date(later.year + later.month // 12, later.month % 12 + 1, 1)) - timedelta(days=1)
        last = month_end - timedelta(days=(month_end.weekday() - weekday) % 7)
        text = (
            f"{first} is a {_WEEKDAYS[day.weekday()]}. On which day of the month does the last {_WEEKDAYS[weekday]} of "
            f"{later:%B} {later.year} fall?"
        )
        answer, form = str(last.day), "<number>"
        second = f"{weekday} {later.year}-{later.month}"
    key = ("calendar", tier, first, second)
    steps = f"Counting {span} days." if tier < 3 else "Counting to the end of that month."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps=steps, form=form)


def timetable(source: random.Random, tier: int) -> Task:
    """A timetable with changes: arrival, or the latest departure that still arrives in time."""
    towns = source.sample(TOWNS, tier + 1)
    clock = source.randint(6 * 60, 9 * 60)
    lines, at = [], clock
    for start, end in itertools.pairwise(towns):
        first, every, takes = source.randint(5 * 60, 6 * 60), source.choice((25, 35, 40, 50)), source.randint(15, 80)
        lines.append(
            f"From {start} to {end}: first train at {first // 60}:{first % 60:02d}, then every {every} "
            f"minutes; the ride takes "
            f"{takes} minutes."
        )
        departs = first
        while departs < at:
            departs += every
        at = departs + takes
    text = (
        f"{' '.join(lines)} Changing takes no time. {source.choice(PEOPLE)} is at the station of {towns[0]} at "
        f"{clock // 60}:{clock % 60:02d}. When at the earliest can they be in {towns[-1]}?"
    )
    answer = f"{at // 60}:{at % 60:02d}"
    key = ("timetable", tier, text)
    return reasoned_task(
        source, key=key, tier=tier, text=text, answer=answer, steps=f"They arrive at {answer}.", form="<h:mm>",
        config={"answer_type": "text", "any_of": [f"0{answer}"] if len(answer) == 4 else [answer]},
    )  # fmt: skip
