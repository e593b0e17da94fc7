"""Answers the mode_advantage_hard questions from their prompts alone.

Belongs here: reading a prompt's data and doing all of its stages in another way than the generator. Does not belong
here: anything imported from the generators.
"""

from __future__ import annotations

import datetime
import heapq
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from itertools import pairwise


def _text_stages(prompt: str) -> str:
    text = re.findall(r"Begin with the text (\w+)", prompt)[0]
    for stage in re.findall(r"\(\d\) (.+?)(?:; (?=\(\d\))|\. Positions)", prompt):
        text = _changed(text, stage)
    return text


def _changed(text: str, stage: str) -> str:
    numbers = [int(each) for each in re.findall(r"\d+", stage)]
    if stage == "reverse it":
        return "".join(reversed(text))
    if stage.startswith("move its first"):
        letters = list(text)
        return "".join(letters[numbers[0] :] + letters[: numbers[0]])
    if found := re.fullmatch(r"replace every (\w) by (\w)", stage):
        return found[2].join(text.split(found[1]))
    if found := re.fullmatch(r"write every (\w) twice", stage):
        return "".join(each * (2 if each == found[1] else 1) for each in text)
    if stage.startswith("put all letters at odd"):
        places = sorted(range(len(text)), key=lambda place: (place % 2, place))
        return "".join(text[place] for place in places)
    if found := re.match(r"insert (\w) after", stage):
        return re.sub(f"(.{{{numbers[0]}}})", rf"\1{found[1]}", text)
    if stage.startswith("sort its first"):
        return "".join(sorted(text[: numbers[0]])) + text[numbers[0] :]
    letters = "abcdefgh" * 2
    return "".join(letters[letters.index(each) + numbers[0]] for each in text)


def _stream(prompt: str) -> str:
    seed = int(re.findall(r"x\(0\) = (\d+)", prompt)[0])
    factor, add, modulus = map(int, re.findall(r"\((\d+) \* x\(n-1\) \+ (\d+)\) mod (\d+)", prompt)[0])
    length = int(re.findall(r"to x\((\d+)\)", prompt)[0])
    rest, divisor = map(int, re.findall(r"remainder (\d+) when divided by (\d+)", prompt)[0])
    kept, value = [], seed
    for _ in range(length):
        value = (value * factor + add) % modulus
        if (value - rest) % divisor == 0:
            kept.append(value)
    if "number of different" in prompt:
        return str(len(dict.fromkeys(kept)))
    if "three largest" in prompt:
        return str(sum(heapq.nlargest(3, kept)))
    if "larger than the kept number" in prompt:
        return str(len([1 for before, after in pairwise(kept) if before < after]))
    return str(sum(kept))


_CONDITIONS: tuple[tuple[str, Callable[[int, int, int], bool]], ...] = (
    ("if a + c is even", lambda a, b, c: not (a + c) & 1),
    ("if b is greater than c", lambda a, b, c: c < b),
    ("if b is odd", lambda a, b, c: bool(b & 1)),
    ("if a, b and c are all different", lambda a, b, c: a != b and b != c and a != c),
)


def _program(prompt: str) -> str:
    a, b, c = map(int, re.findall(r"a = (\d+), b = (\d+), c = (\d+)", prompt)[0])
    limit = int(re.findall(r"at most (\d+) times", prompt)[0])
    divisor = int(re.findall(r"a is divisible by (\d+)", prompt)[0])
    more, less = map(int, re.findall(r"lower a by (\d+)", prompt)[:2])
    condition = next(holds for text, holds in _CONDITIONS if text in prompt)
    while limit and a > 0:
        limit -= 1
        if not a % divisor:
            a, c = a - more, c + b
        elif condition(a, b, c):
            a, b = a - less, (b + c) % 50
        elif "exchange" in prompt:
            a, b, c = a - 1, c, b
        elif "add 3 to b" in prompt:
            a, b, c = a - 1, b + 3, c**2 % 37
        else:
            a, c = a - 1, (2 * c + 1) % 100
    return f"{a}, {b}, {c}"


def _life(prompt: str) -> str:
    """Counts neighbours by spreading from the living cells."""
    rows = re.findall(r"^[o.]+$", prompt, re.MULTILINE)
    born = set(re.findall(r"alive with exactly (\d) or (\d)", prompt)[0])
    stays = set(re.findall(r"stays alive with exactly (\d) or (\d)", prompt)[0])
    alive = {(y, x) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell == "o"}
    for _ in range(int(re.findall(r"alive after (\d+) round", prompt)[0])):
        near: dict[tuple[int, int], int] = defaultdict(int)
        for y, x in alive:
            for row in range(max(0, y - 1), min(len(rows), y + 2)):
                for column in range(max(0, x - 1), min(len(rows[0]), x + 2)):
                    near[row, column] += (row, column) != (y, x)
        cells = [(y, x) for y in range(len(rows)) for x in range(len(rows[0]))]
        alive = {cell for cell in cells if str(near[cell]) in (stays if cell in alive else born)}
    return str(len(alive))


def _maze(prompt: str) -> str:
    """Distances to (cell, parity), improved until nothing changes."""
    rows = re.findall(r"^[#.g]+$", prompt, re.MULTILINE)
    free = {(y, x): cell for y, row in enumerate(rows) for x, cell in enumerate(row) if cell != "#"}
    far = 10**9
    best = {(cell, parity): far for cell in free for parity in (0, 1)}
    best[(0, 0), 0] = 0
    changed = True
    while changed:
        changed = False
        for (y, x), kind in free.items():
            for parity in (0,) if kind == "g" else (0, 1):
                for before in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                    moves = best.get((before, 1 - parity), far) + 1
                    if moves < best[(y, x), parity]:
                        best[(y, x), parity] = moves
                        changed = True
    goal = (len(rows) - 1, len(rows[0]) - 1)
    return str(min(best[goal, 0], best[goal, 1]))


def _ship(prompt: str) -> str:
    limit = int(re.findall(r"at most (\d+) t\.", prompt)[0])
    goods = [(name, int(weight), int(value)) for name, weight, value in re.findall(r"([a-z]+): (\d+) t, (\d+)", prompt)]
    apart = [set(pair) for pair in re.findall(r"Never take (\w+) and (\w+) together", prompt)]

    def best(place: int, left: int, taken: frozenset[str]) -> int:
        if place == len(goods):
            return 0
        name, weight, value = goods[place]
        without = best(place + 1, left, taken)
        if weight > left or any(pair <= taken | {name} and name in pair for pair in apart):
            return without
        return max(without, value + best(place + 1, left - weight, taken | {name}))

    return str(best(0, limit, frozenset()))


def _deck(prompt: str) -> str:
    order = [int(each) for each in re.findall(r"shuffle on places ([\d, ]+), in this order", prompt)[0].split(", ")]
    times = int(re.findall(r"done (\d+) times", prompt)[0])
    asked = re.findall(r"lie on places (\d+), (\d+) and (\d+)\?", prompt)[0]

    @cache
    def power(exponent: int) -> tuple[int, ...]:
        if exponent == 0:
            return tuple(range(1, len(order) + 1))
        half = power(exponent // 2)
        twice = tuple(half[place - 1] for place in half)
        return tuple(twice[place - 1] for place in order) if exponent % 2 else twice

    return ", ".join(str(power(times)[int(place) - 1]) for place in asked)


_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def _days(prompt: str) -> str:
    start, end = (datetime.date.fromisoformat(each) for each in re.findall(r"\d{4}-\d\d-\d\d", prompt))
    closed = set(re.findall(r"\b([A-Z]\w+day)s", prompt))
    months = {_MONTHS.index(name) + 1 for name in re.findall(r"in (" + "|".join(_MONTHS) + ")", prompt)}
    number = re.findall(r"multiple of (\d)|in the digit (\d)|first (\d) days", prompt)[0]
    both = "whose month and day" in prompt
    count = 0
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        day = datetime.date.fromordinal(ordinal)
        count += f"{day:%A}" not in closed and day.month not in months and not _shut(day, both, *number)
    return str(count)


def _shut(day: datetime.date, both: bool, multiple: str, last: str, first: str) -> bool:
    if last:
        return str(day.day).endswith(last)
    if first:
        return day.day in range(1, int(first) + 1)
    return (day.day + (day.month if both else 0)) % int(multiple) == 0


def _league(prompt: str) -> str:
    win = int(re.findall(r"A win gives (\d+)", prompt)[0])
    teams = re.findall(r"All that played are ([\w, ]+)\.", prompt)[0].split(", ")
    table = {team: [0, 0] for team in teams}
    for home, left, right, away in re.findall(r"(\w+) (\d+):(\d+) (\w+)", prompt):
        for team, ours, theirs in ((home, int(left), int(right)), (away, int(right), int(left))):
            table[team][1] += ours - theirs
            if ours >= theirs:
                table[team][0] += 1 if ours == theirs else win + 1 if ours - theirs >= 3 else win
    ranked = sorted(sorted(teams), key=lambda team: table[team], reverse=True)
    name = ranked[int(re.findall(r"at place (\d+)", prompt)[0]) - 1]
    return f"{name}, {table[name][0]}"


_BY_MARK: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("change it in stages", _text_stages),
    ("x(n-1)", _stream),
    ("Repeat while a is greater", _program),
    ("o is a living cell", _life),
    ("In this maze", _maze),
    ("highest total value", _ship),
    ("One shuffle puts", _deck),
    ("is open every day except", _days),
    ("Results: ", _league),
)


def solve(prompt: str) -> str | None:
    """The answer computed from the prompt's text; None for a prompt of no known kind."""
    for mark, solver in _BY_MARK:
        if mark in prompt:
            return solver(prompt)
    return None
