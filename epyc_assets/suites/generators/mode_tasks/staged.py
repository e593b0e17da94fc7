"""Chains of stages, each exact and each feeding the next: programs to be run in the head, or better by a machine.

Belongs here: kinds of the hard suite, where one slip anywhere spoils the answer. Does not belong here: single stages
(`computed`).
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from itertools import pairwise, product

from epyc_assets.suites.generators.phrases import PEOPLE, reasoned_task
from epyc_assets.suites.task import Task


def text_stages(source: random.Random, tier: int) -> Task:
    """A text through several transformations; the result is a text or a figure of it."""
    text = "".join(source.choice("abcdefgh") for _ in range((12, 18, 28)[tier - 1]))
    now, told = text, []
    for step, change in source.sample(_TEXT_STAGES, (3, 5, 7)[tier - 1]):
        number = source.randint(2, 5)
        a, b = source.sample("abcdefgh", 2)
        told.append(step.format(n=number, a=a, b=b))
        now = change(now, number, a, b)
    numbered = "; ".join(f"({place}) {step}" for place, step in enumerate(told, 1))
    return reasoned_task(
        source,
        key=("text stages", text, *told),
        tier=tier,
        text=f"Begin with the text {text} and change it in stages, each applied to the result of the one before: "
        f"{numbered}. Positions are counted from 1. What is the final text?",
        answer=now,
        steps="Applying the stages in turn gives the text.",
        form="<text>",
        config={"answer_type": "text", "case_sensitive": True},
    )


_TEXT_STAGES: tuple[tuple[str, Callable[[str, int, str, str], str]], ...] = (
    ("reverse it", lambda text, n, a, b: text[::-1]),
    ("move its first {n} letters to its end", lambda text, n, a, b: text[n:] + text[:n]),
    ("replace every {a} by {b}", lambda text, n, a, b: text.replace(a, b)),
    ("write every {a} twice", lambda text, n, a, b: text.replace(a, a + a)),
    (
        "put all letters at odd positions first, then all at even positions, both in their order",
        lambda text, n, a, b: text[::2] + text[1::2],
    ),
    ("insert {a} after every {n} letters (not after a shorter rest)", lambda text, n, a, b: _inserted(text, n, a)),
    ("sort its first {n} letters alphabetically", lambda text, n, a, b: "".join(sorted(text[:n])) + text[n:]),
    (
        "move each letter {n} places forward in the alphabet a to h, a following h",
        lambda text, n, a, b: "".join("abcdefgh"[("abcdefgh".index(each) + n) % 8] for each in text),
    ),
)


def _inserted(text: str, size: int, letter: str) -> str:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return "".join(piece + letter if len(piece) == size else piece for piece in pieces)


def number_stream(source: random.Random, tier: int) -> Task:
    """A pseudo-random stream that is filtered, sorted and summed up."""
    factor, add, modulus = source.randint(3, 40), source.randint(1, 60), source.choice((97, 113, 251, 509, 1009))
    seed, length = source.randint(1, 90), (8, 25, 120)[tier - 1]
    values, value = [], seed
    for _ in range(length):
        value = (factor * value + add) % modulus
        values.append(value)
    divisor, rest = source.choice(((2, 0), (2, 1), (3, 0), (3, 1)))
    kept = [each for each in values if each % divisor == rest]
    figure, answer = source.choice(
        (
            ("the sum of the kept numbers", sum(kept)),
            ("the number of different kept numbers", len(set(kept))),
            (
                "the sum of the three largest kept numbers (of all, if there are fewer; repeats count)",
                sum(sorted(kept)[-3:]),
            ),
            (
                "the number of kept numbers that are larger than the kept number just before them",
                sum(after > before for before, after in pairwise(kept)),
            ),
        )
    )
    return reasoned_task(
        source,
        key=("number stream", factor, add, modulus, seed, length, divisor, rest, figure),
        tier=tier,
        text=(
            f"{source.choice(('Let', 'A generator is set up with', 'Define'))} x(0) = {seed} and x(n) = ({factor} * "
            f"x(n-1) + {add}) mod {modulus}. Take x(1) to x({length}) and keep, in their order, those that leave the "
            f"remainder {rest} when divided by {divisor}. What is {figure}?"
        ),
        answer=str(answer),
        steps=f"The stream begins {', '.join(map(str, values[:5]))}; {len(kept)} numbers are kept.",
    )


def looping_program(source: random.Random, tier: int) -> Task:
    """A register program with a loop whose length depends on the data."""
    a, b, c = source.randint(10, 40) * 3**tier, source.randint(2, 9), source.randint(0, 9)
    divisor, less = source.randint(3, 6), source.randint(2, 5)
    limit, start, rounds = (8, 30, 400)[tier - 1], (a, b, c), 0
    condition, holds = source.choice(_LOOP_CONDITIONS)
    otherwise, change = source.choice(_LOOP_CHANGES)
    while a > 0 and rounds < limit:
        if a % divisor == 0:
            a, c = a - less - 1, c + b
        elif holds(a, b, c):
            a, b = a - less, (b + c) % 50
        else:
            b, c = change(b, c)
            a -= 1
        rounds += 1
    return reasoned_task(
        source,
        key=("looping program", *start, divisor, less, limit, condition, otherwise),
        tier=tier,
        text=(
            f"{source.choice(('Variables start as', 'A program begins with', 'Set'))} a = {start[0]}, b = "
            f"{start[1]}, c = "
            f"{start[2]}. Repeat while a is greater than 0, but at most {limit} times: if a is divisible by "
            f"{divisor}, add b "
            f"to c and then lower a by {less + 1}; otherwise, if {condition}, set b to the remainder of b + c "
            "divided by 50 "
            f"and then lower a by {less}; otherwise {otherwise} and then lower a by 1. What are a, b and c at the "
            "end? Give "
            "three numbers in this order, separated by commas."
        ),
        answer=f"{a}, {b}, {c}",
        steps=f"It stops after {rounds} rounds.",
        form="<a, b, c>",
    )


_LOOP_CONDITIONS: tuple[tuple[str, Callable[[int, int, int], bool]], ...] = (
    ("a + c is even", lambda a, b, c: (a + c) % 2 == 0),
    ("b is greater than c", lambda a, b, c: b > c),
    ("b is odd", lambda a, b, c: b % 2 == 1),
    ("a, b and c are all different", lambda a, b, c: len({a, b, c}) == 3),
)
_LOOP_CHANGES: tuple[tuple[str, Callable[[int, int], tuple[int, int]]], ...] = (
    ("set c to the remainder of 2 * c + 1 divided by 100", lambda b, c: (b, (2 * c + 1) % 100)),
    ("exchange b and c", lambda b, c: (c, b)),
    ("add 3 to b and set c to the remainder of c * c divided by 37", lambda b, c: (b + 3, c * c % 37)),
)


def cell_life(source: random.Random, tier: int) -> Task:
    """Living cells on a small board after some rounds."""
    width, height = (5, 4) if tier == 1 else (7, 6) if tier == 2 else (9, 8)
    born, stays = sorted(source.sample(range(1, 5), 2)), sorted(source.sample(range(5), 2))
    rounds = (1, 3, 8)[tier - 1]
    alive = {cell for cell in product(range(width), range(height)) if source.random() < 0.4}
    board = "\n".join("".join("o" if (x, y) in alive else "." for x in range(width)) for y in range(height))
    for _ in range(rounds):
        near = {
            (x, y): sum((x + dx, y + dy) in alive for dx, dy in product((-1, 0, 1), repeat=2) if dx or dy)
            for x, y in product(range(width), range(height))
        }
        alive = {cell for cell, count in near.items() if count in (stays if cell in alive else born)}
    return reasoned_task(
        source,
        key=("cell life", board, *born, *stays, rounds),
        tier=tier,
        text=(
            f"On this board o is a living cell and . a dead one:\n{board}\nThe neighbours of a cell are the up to "
            "eight cells "
            "around it; beyond the board there are none. In one round all cells change at once: a dead cell becomes "
            "alive "
            f"with exactly {born[0]} or {born[1]} living neighbours; a living cell stays alive with exactly "
            f"{stays[0]} or "
            f"{stays[1]} living neighbours and dies otherwise. How many cells are alive after {rounds} "
            f"round{'s' if rounds > 1 else ''}?"
        ),
        answer=str(len(alive)),
        steps="Counting the neighbours of every cell in each round gives the number.",
    )


_MAZES_TRIED = 150


def maze(source: random.Random, tier: int) -> Task:
    """The fewest moves through a maze, with gates that open at times."""
    # Boards of many shapes and ways with detours of many lengths: else one number would be right most of the time.
    smallest, largest = ((5, 7), (6, 9), (9, 13))[tier - 1]
    rows, columns = source.randint(smallest, largest), source.randint(smallest, largest)
    detour = 2 * source.choice((1, 1, 2))
    for _ in range(_MAZES_TRIED):
        grid = [["#" if source.random() < 0.36 else "." for _ in range(columns)] for _ in range(rows)]
        for _ in range(tier * 2):
            grid[source.randrange(rows)][source.randrange(columns)] = "g"
        grid[0][0] = grid[-1][-1] = "."
        fewest = _fewest_moves(grid)
        if fewest is not None and fewest == rows + columns - 2 + detour:
            break
    else:
        return maze(source, tier)
    board = "\n".join("".join(row) for row in grid)
    return reasoned_task(
        source,
        key=("maze", board),
        tier=tier,
        text=(
            "In this maze # is a wall, . a free cell and g a "
            f"gate:\n{board}\n{source.choice(('A mouse', 'A robot', 'A miner', 'A beetle'))} starts in the top left "
            "cell "
            "and wants to "
            "reach the bottom right cell. Each move goes one cell up, down, left or right; staying put is no move "
            "and is not "
            "allowed. A gate can be entered only by a move with an even number (the 2nd, the 4th, ...). Cells may "
            "be visited "
            "again. What is the fewest number of moves?"
        ),
        answer=str(fewest),
        steps=f"A search by distance and parity finds {fewest} moves.",
    )


def _fewest_moves(grid: list[list[str]]) -> int | None:
    rows, columns = len(grid), len(grid[0])
    seen, edge, moves = {(0, 0, 0)}, [(0, 0)], 0
    while edge:
        moves += 1
        following = []
        for row, column in edge:
            for to_row, to_column in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if not (0 <= to_row < rows and 0 <= to_column < columns) or grid[to_row][to_column] == "#":
                    continue
                if grid[to_row][to_column] == "g" and moves % 2:
                    continue
                if (to_row, to_column) == (rows - 1, columns - 1):
                    return moves
                if (to_row, to_column, moves % 2) not in seen:
                    seen.add((to_row, to_column, moves % 2))
                    following.append((to_row, to_column))
        edge = following
    return None


_CARGO = (
    "barley", "cement", "clay", "cocoa", "copper", "cotton", "glass", "gravel", "leather", "marble", "olives", "paper",
    "pepper", "rubber", "salt", "silk", "sugar", "tea", "timber", "wool",
)  # fmt: skip


def loaded_ship(source: random.Random, tier: int) -> Task:
    """The most valuable cargo within a limit and under rules between goods."""
    count = (5, 9, 13)[tier - 1]
    names = source.sample(_CARGO, count)
    goods = [(source.randint(3, 25), source.randint(10, 90)) for _ in names]
    limit = sum(weight for weight, _ in goods) * source.randint(35, 60) // 100
    apart = [source.sample(range(count), 2) for _ in range((0, 1, 3)[tier - 1])]
    best = 0
    for chosen in range(2**count):
        if any(chosen >> first & 1 and chosen >> second & 1 for first, second in apart):
            continue
        weight = value = 0
        for index in range(count):
            if chosen >> index & 1:
                weight, value = weight + goods[index][0], value + goods[index][1]
        if weight <= limit:
            best = max(best, value)
    listed = "; ".join(f"{name}: {weight} t, {value}" for name, (weight, value) in zip(names, goods, strict=True))
    rules = "".join(f" Never take {names[first]} and {names[second]} together." for first, second in apart)
    return reasoned_task(
        source,
        key=("loaded ship", limit, *(number for good in goods for number in good), rules),
        tier=tier,
        text=(
            f"{source.choice(('A ship', 'A truck', 'A cable car', 'A cargo plane'))} carries at most {limit} t. Each "
            f"of these goods can be taken whole or left, with its weight and its value: {listed}.{rules} What is the "
            "highest total value that it can carry?"
        ),
        answer=str(best),
        steps="Comparing all loads within the limit gives the highest value.",
    )


def shuffled_deck(source: random.Random, tier: int) -> Task:
    """A card after a fixed shuffle is repeated many times."""
    count = (6, 10, 16)[tier - 1]
    order = source.sample(range(1, count + 1), count)
    times = (source.randint(2, 4), source.randint(10, 40), source.randint(1000, 9999))[tier - 1]
    deck = list(range(1, count + 1))
    for _ in range(times % _period(order)):
        deck = [deck[place - 1] for place in order]
    asked = sorted(source.sample(range(1, count + 1), 3))
    answer = ", ".join(str(deck[place - 1]) for place in asked)
    return reasoned_task(
        source,
        key=("shuffled deck", *order, times, *asked),
        tier=tier,
        text=(
            f"A {source.choice(('deck of cards', 'pile of plates', 'stack of crates', 'tower of boxes'))} 1 to {count} "
            "lies in order from top to bottom. One shuffle puts on place 1, 2, ... those that lie before the shuffle "
            f"on places {', '.join(map(str, order))}, in this order. The same shuffle is done {times} times. Which "
            f"numbers then lie on places {asked[0]}, {asked[1]} and {asked[2]}? Give three numbers in this order, "
            "separated by commas."
        ),
        answer=answer,
        steps=f"The shuffle repeats after {_period(order)} times.",
        form="<three numbers>",
    )


def _period(order: list[int]) -> int:
    deck, rounds = list(order), 1
    while deck != sorted(order):
        deck, rounds = [deck[place - 1] for place in order], rounds + 1
    return rounds


_SHUT_DAYS: tuple[tuple[str, Callable[[datetime.date, int], bool]], ...] = (
    ("on days of the month whose number is a multiple of {n}", lambda day, n: day.day % n == 0),
    ("on days of the month whose number ends in the digit {n}", lambda day, n: day.day % 10 == n),
    ("on the first {n} days of every month", lambda day, n: day.day <= n),
    (
        "on days whose month and day of the month add up to a multiple of {n}",
        lambda day, n: (day.month + day.day) % n == 0,
    ),
)


def opening_days(source: random.Random, tier: int) -> Task:
    """How many days of a period fit rules of the calendar."""
    start = datetime.date(source.randint(1960, 2050), source.randint(1, 12), source.randint(1, 28))
    end = start + datetime.timedelta(
        days=(source.randint(30, 60), source.randint(200, 400), source.randint(2000, 6000))[tier - 1]
    )
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    closed = sorted(source.sample(range(7), 2))
    number, month = source.randint(3, 9), source.randint(1, 12)
    rule, shut = source.choice(_SHUT_DAYS)
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")  # fmt: skip
    days = (start + datetime.timedelta(days=each) for each in range((end - start).days + 1))
    answer = sum(
        day.weekday() not in closed and not shut(day, number) and (tier == 1 or day.month != month) for day in days
    )
    holiday = f", in {months[month - 1]}" if tier > 1 else ""
    return reasoned_task(
        source,
        key=("opening days", start.isoformat(), end.isoformat(), *closed, rule, number, month if tier > 1 else 0),
        tier=tier,
        text=(
            f"{source.choice(('An archive', 'A museum', 'A repair shop', 'A toll road office'))} is open every day "
            "except on "
            f"{names[closed[0]]}s, on {names[closed[1]]}s{holiday}, and {rule.format(n=number)}. On how many days is "
            "it open "
            f"from {start.isoformat()} to {end.isoformat()} (year-month-day, both days included)?"
        ),
        answer=str(answer),
        steps="Going through the days and leaving out the closed ones gives the number.",
    )


def ranked_league(source: random.Random, tier: int) -> Task:
    """A table of results turned into points, sorted with tie-breaks."""
    teams = source.sample(PEOPLE, (3, 5, 8)[tier - 1])
    win, draw = source.randint(2, 4), 1
    points, goals = dict.fromkeys(teams, 0), dict.fromkeys(teams, 0)
    lines = []
    pairs = [(home, away) for home in teams for away in teams if home != away]
    for home, away in source.sample(pairs, min(len(pairs), (4, 11, 30)[tier - 1])):
        left, right = source.randint(0, 5), source.randint(0, 5)
        lines.append(f"{home} {left}:{right} {away}")
        goals[home], goals[away] = goals[home] + left - right, goals[away] + right - left
        if left == right:
            points[home], points[away] = points[home] + draw, points[away] + draw
        else:
            points[home if left > right else away] += win + (abs(left - right) >= 3)
    table = sorted(teams, key=lambda team: (-points[team], -goals[team], team))
    place = source.randint(2, len(teams))
    return reasoned_task(
        source,
        key=("ranked league", win, place, *lines),
        tier=tier,
        text=(
            f"Results: {'; '.join(lines)}. A win gives {win} points, and one more if it is by 3 goals or more; a draw "
            "gives each 1 point. Teams are ranked by points, then by goals scored minus goals received, then "
            f"alphabetically. All that played are {', '.join(teams)}. Who is at place {place}, and with how many "
            "points? Answer as 'name, points'."
        ),
        answer=f"{table[place - 1]}, {points[table[place - 1]]}",
        steps="Points: " + ", ".join(f"{team} {points[team]}" for team in table) + ".",
        form="<name, points>",
    )
