"""Answers the questions about described pictures from their prompts alone, by simulation and search.

Belongs here: reading a picture back from its description. Does not belong here: anything imported from the generators.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise


def _bars(prompt: str) -> str:
    worth = int(re.findall(r"each # stands for (\d+)", prompt)[0])
    bars = {name.strip(): len(marks) * worth for name, marks in re.findall(r"^(.+?) +\| (#+)$", prompt, re.MULTILINE)}
    if wanted := re.search(r"the chart show for ([A-Z][A-Za-z ]+)\?", prompt):
        return str(bars[wanted[1]])
    if limit := re.search(r"more than (\d+) visitors have together", prompt):
        return str(sum(value for value in bars.values() if value > int(limit[1])))
    ordered = sorted(bars.values())
    return str(ordered[-1] - ordered[0])


def _table(prompt: str) -> str:
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in prompt.splitlines() if line.startswith("|")
    ]
    values = {row[0]: [int(cell) for cell in row[1:]] for row in rows}
    if month := re.search(r"highest value in (\w+)\?", prompt):
        place = head.index(month[1]) - 1
        return max(values, key=lambda name: values[name][place])
    if row := re.search(r"in the row of the (\w+)\?", prompt):
        return str(sum(values[row[1]]))
    return max(values, key=lambda name: max(later - sooner for sooner, later in pairwise(values[name])))


def _lines(prompt: str) -> str:
    points = [(int(year), int(height)) for year, height in re.findall(r"\((\d+), (\d+)\)", prompt)]
    if "dashed" not in prompt:
        return str(sum(later[1] > sooner[1] for sooner, later in pairwise(points)))
    half = len(points) // 2
    gaps = [solid[1] - dashed[1] for solid, dashed in zip(points[:half], points[half:], strict=True)]
    return str(sum(sooner * later < 0 for sooner, later in pairwise(gaps)))


def _rooms(prompt: str) -> str:
    doors = re.findall(r"(\w+) - (\w+)", prompt)
    start, goal = re.findall(r"from the (\w+) to the (\w+)\?", prompt)[0]
    reached, steps = {start}, 0
    while goal not in reached:
        reached |= {right for left, right in doors if left in reached} | {
            left for left, right in doors if right in reached
        }
        steps += 1
    return str(steps)


def _walk(prompt: str) -> str:
    heading = {"north": 1j, "west": -1, "south": -1j, "east": 1}[re.findall(r"facing (\w+)\.", prompt)[0]]
    at = 0j
    for turn, blocks in re.findall(r"turns (\w+) and walks (\d+)", prompt):
        heading *= {"left": 1j, "right": -1j, "around": -1}[turn]
        at += heading * int(blocks)
    if "Which way" in prompt:
        return {(0, 1): "north", (-1, 0): "west", (0, -1): "south", (1, 0): "east"}[
            round(complex(heading).real), round(complex(heading).imag)
        ]
    return str(round(abs(at.real) + abs(at.imag)))


def _clock(prompt: str) -> str:
    short, long = map(float, re.findall(r"stands ([\d.]+) degrees .* long hand ([\d.]+) degrees", prompt)[0])
    for minutes in range(720):
        if minutes / 2 == short and minutes * 6 % 360 == long:
            break
    else:
        return ""
    if later := re.search(r"Exactly (\d+) minutes later", prompt):
        minutes += int(later[1])
        apart = abs(minutes * 5.5) % 360
        return f"{min(apart, 360 - apart):g}"
    return f"{minutes // 60 or 12}:{minutes % 60:02d}"


def _flow(prompt: str) -> str:
    value, limit, factor, plus, odd = map(
        int,
        re.findall(r"set n to (\d+).*greater than (\d+).*multiply n by (\d+) and add (\d+); if no, add (\d+)", prompt)[
            0
        ],
    )
    rounds = 0
    while value <= limit:
        value = value + odd if value % 2 else value * factor + plus
        rounds += 1
    return str(value + rounds if "plus the number" in prompt else value)


def _screen(prompt: str) -> str:
    buttons = {
        name: tuple(map(int, numbers))
        for name, *numbers in re.findall(
            r"^- (.+): left (\d+), top (\d+), width (\d+), height (\d+)$", prompt, re.MULTILINE
        )
    }
    if click := re.search(r"click at \((\d+), (\d+)\)", prompt):
        x, y = int(click[1]), int(click[2])
        return next(
            name
            for name, (left, top, width, height) in buttons.items()
            if left <= x < left + width and top <= y < top + height
        )
    if wanted := re.search(r"centre of (.+)'s lower right quarter", prompt):
        left, top, width, height = buttons[wanted[1]]
        return f"{int(left + 0.75 * width)}, {int(top + 0.75 * height)}"
    by_area = sorted(buttons, key=lambda name: -buttons[name][2] * buttons[name][3])
    return ", ".join(by_area[:3])


def _row(prompt: str) -> str:
    after = {
        left: right for right, left in re.findall(r"The (\w+) stands immediately to the right of the (\w+)\.", prompt)
    }
    (thing,) = set(after) - set(after.values())
    row = [thing]
    while row[-1] in after:
        row.append(after[row[-1]])
    if swap := re.search(r"swaps the (\w+) and the (\w+),", prompt):
        row = [{swap[1]: swap[2], swap[2]: swap[1]}.get(each, each) for each in row][::-1]
    return row[int(re.findall(r"is the (\d+)\w\w from the left", prompt)[0]) - 1]


def _shelf(prompt: str) -> str:
    objects = [
        (colour, thing, int(x), int(y))
        for colour, thing, x, y in re.findall(r"an? (\w+) (\w+) at \((\d+), (\d+)\)", prompt)
    ]
    if wanted := re.search(r"How many (\w+) objects are there", prompt):
        return str(len([each for each in objects if each[0] == wanted[1]]))
    if wanted := re.search(r"How many (\w+)s stand in a column to the right of column (\d+)", prompt):
        return str(len([each for each in objects if each[1] == wanted[1] and each[2] > int(wanted[2])]))
    row, column, colour, thing = re.findall(
        r"above row (\d+), not in column (\d+), and are either (\w+) or a (\w+) but", prompt
    )[0]
    kept = [each for each in objects if each[3] < int(row) and each[2] != int(column)]
    return str(sum({each[0] == colour, each[1] == thing} == {True, False} for each in kept))


def _islands(prompt: str) -> str:
    grid = re.findall(r"^[#.]+$", prompt, re.MULTILINE)
    if row := re.search(r"are in row (\d+)", prompt):
        return str(grid[int(row[1]) - 1].count("#"))
    label = {(y, x): (y, x) for y, line in enumerate(grid) for x, mark in enumerate(line) if mark == "#"}
    # Neighbours take the smaller label until nothing changes.
    moved = True
    while moved:
        moved = False
        for y, x in label:
            least = min(label.get(cell, (99, 99)) for cell in ((y, x), (y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)))
            if least < label[y, x]:
                label[y, x], moved = least, True
    names = list(label.values())
    return str(max(map(names.count, names)) if "largest" in prompt else len(set(names)))


def _turned(prompt: str) -> str:
    grid = [line.split() for line in re.findall(r"^[A-Z](?: [A-Z])+$", prompt, re.MULTILINE)]
    size = len(grid)
    cells = {(y, x): grid[y][x] for y in range(size) for x in range(size)}
    last = size - 1
    for move in re.search(r"The picture is (.*?);", prompt)[1].split(", then "):  # type: ignore[index]
        place: Callable[[int, int], tuple[int, int]] = {
            "rotated by 90 degrees clockwise": lambda y, x: (x, last - y),
            "rotated by 180 degrees": lambda y, x: (last - y, last - x),
            "mirrored left to right": lambda y, x: (y, last - x),
            "mirrored top to bottom": lambda y, x: (last - y, x),
        }[move]
        cells = {place(*cell): letter for cell, letter in cells.items()}
    row, column = map(int, re.findall(r"in row (\d+) from the top, column (\d+)", prompt)[0])
    return cells[row - 1, column - 1]


def _differences(prompt: str) -> str:
    first, second = prompt.split("Picture 2", 1)
    before, after = (
        {thing: colour for colour, thing in re.findall(r"\ban? (\w+) (\w+)", text)} for text in (first, second)
    )
    changed = sorted(thing for thing in before if thing in after and after[thing] != before[thing])
    return ", ".join(changed) if "Which objects" in prompt else str(len(changed))


_BY_MARK: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("bar chart below", _bars),
    ("A photographed table", _table),
    ("A line chart's", _lines),
    ("A floor plan shows", _rooms),
    ("On a city map", _walk),
    ("short hand of a clock", _clock),
    ("A flow chart has", _flow),
    ("A screen shows", _screen),
    ("On a mantelpiece", _row),
    ("divided into a grid", _shelf),
    ("# is land", _islands),
    ("A square picture", _turned),
    ("Picture 1 shows", _differences),
)


def solve(prompt: str) -> str | None:
    """The answer computed from the prompt's text; None for a prompt of no known kind."""
    for mark, solver in _BY_MARK:
        if mark in prompt:
            return solver(prompt)
    return None
