"""Exercises over dates and times of day.

Belongs here: calendar and clock rules. Does not belong here: other records (`records`).
"""

from __future__ import annotations

import datetime
import random
from typing import Any

from epyc_assets.suites.generators.coder_tasks.form import Exercise, filled


def working_days(source: random.Random) -> Exercise:
    """A date so many working days on."""
    free = sorted(source.sample(range(7), source.randint(1, 3)))
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    counted = source.choice((True, False))
    reference = filled(
        """
import datetime
def due_date(start, days, holidays):
    day = datetime.date.fromisoformat(start)
    closed = {datetime.date.fromisoformat(each) for each in holidays}
    left = days
    $first
    while left > 0:
        day += datetime.timedelta(days=1)
        if day.weekday() not in $free and day not in closed:
            left -= 1
    return day.isoformat()
""",
        free=repr(tuple(free)),
        first=f"if left > 0 and day.weekday() not in {tuple(free)!r} and day not in closed:\n        left -= 1"
        if counted
        else "",
    ).replace("    \n", "")

    def case(days: int) -> list[Any]:
        start = datetime.date(source.randint(2021, 2032), source.randint(1, 12), source.randint(1, 28))
        holidays = [start + datetime.timedelta(days=source.randint(0, 40)) for _ in range(source.randint(0, 5))]
        return [start.isoformat(), days, [day.isoformat() for day in holidays]]

    closed = ", ".join(names[day] for day in free)
    return Exercise(
        "working days",
        (*free, counted),
        "due_date(start: str, days: int, holidays: list[str]) -> str",
        f"Dates are ISO texts such as '2031-05-09'. Working days are all days except {closed} and the dates in "
        "`holidays`. The function counts `days` working days from the start, "
        + (
            "the start itself being the first of them if it is a working day"
            if counted
            else "beginning with the day after the start"
        )
        + ", and returns the date of the last one counted. With days = 0 it returns the start, whatever day that is.",
        reference,
        [
            case(5),
            case(3),
            case(0),
            case(1),
            ["2024-02-28", 2, []],
            ["2023-12-29", 3, ["2024-01-01"]],
            ["2023-12-29", 1, ["2023-12-29"]],
            *(case(source.randint(2, 40)) for _ in range(5)),
        ],
    )


def shift_minutes(source: random.Random) -> Exercise:
    """How much of each shift lies in a window of the day; both may pass midnight."""
    begin, length = source.randint(17, 23), source.randint(3, 9)
    finish = (begin + length) % 24
    rate = source.randint(2, 5)
    reference = filled(
        """
def pay(shifts):
    def minute(text):
        hours, minutes = text.split(":")
        return int(hours) * 60 + int(minutes)

    total = 0
    for start, end in shifts:
        first, last = minute(start), minute(end)
        if last <= first:
            last += 24 * 60
        for now in range(first, last):
            hour = now // 60 % 24
            total += $rate if ($test) else 1
    return total
""",
        rate=rate,
        test=f"{begin} <= hour < {finish}" if begin < finish else f"hour >= {begin} or hour < {finish}",
    )

    def time() -> str:
        return f"{source.randrange(24):02d}:{source.randrange(60):02d}"

    def shifts(count: int) -> list[list[list[str]]]:
        return [[[time(), time()] for _ in range(count)]]

    return Exercise(
        "shift pay",
        (begin, finish, rate),
        "pay(shifts: list[list[str]]) -> int",
        "Each shift is [start, end] as 'HH:MM' on the 24-hour clock; when the end is not later than the start, it is "
        f"on the next day (equal times mean 24 hours). A worked minute earns 1 point, but {rate} points if it begins "
        f"between {begin:02d}:00 (included) and {finish:02d}:00 (not "
        f"included){', past midnight' if begin >= finish else ''}. The function returns the points of all shifts "
        "together.",
        reference,
        [
            shifts(1),
            shifts(2),
            [[]],
            [[["00:00", "00:00"]]],
            [[[f"{begin:02d}:00", f"{finish:02d}:00"]]],
            [[[f"{begin - 1:02d}:59", f"{begin:02d}:01"]]],
            [[["23:59", "00:00"]]],
            *(shifts(source.randint(2, 5)) for _ in range(4)),
        ],
        bugs=(
            ("last <= first", "last < first"),
            ("// 60 % 24", "// 60"),
            ("24 * 60", "12 * 60"),
            (f"{rate} if", f"{rate - 1} if"),
        ),
    )
