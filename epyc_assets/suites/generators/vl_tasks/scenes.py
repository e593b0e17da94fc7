"""Scenes: objects in rows and on shelves, grids of characters, two pictures that differ.

Belongs here: what stands where. Does not belong here: ways (`plans`), numbers (`charts`).
"""

from __future__ import annotations

import itertools
import random

from epyc_assets.suites.generators.phrases import ordinal, reasoned_task, with_article
from epyc_assets.suites.task import Task

_THINGS = ("vase", "lamp", "globe", "drum", "clock", "bottle", "candle", "teapot", "camera", "trophy", "radio", "bell")
_COLOURS = ("red", "blue", "green", "yellow", "white", "black", "purple", "orange")


def row_of_objects(source: random.Random, tier: int) -> Task:
    """Objects in a row told by relations: what stands at a place."""
    things = source.sample(_THINGS, 3 + tier)
    left = " ".join(
        f"The {right} stands immediately to the right of the {before}."
        for before, right in source.sample(list(itertools.pairwise(things)), len(things) - 1)
    )
    place = source.randrange(len(things))
    text = f"On a mantelpiece {len(things)} objects stand in one row. {left} "
    if tier < 3:
        text += f"Which object is the {ordinal(place + 1)} from the left?"
        answer = things[place]
    else:
        first, second = source.sample(range(len(things)), 2)
        things_after = list(things)
        things_after[first], things_after[second] = things_after[second], things_after[first]
        text += (
            f"Somebody swaps the {things[first]} and the {things[second]}, then views the row from behind. "
            f"Which object is "
            f"the {ordinal(place + 1)} from the left now, as seen from behind?"
        )
        answer = things_after[::-1][place]
    key = ("row", tier, *things, place, text)
    steps = f"From the left: {', '.join(things)}."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps=steps, form="<object>")


def shelf(source: random.Random, tier: int) -> Task:
    """Coloured objects at grid places: counting by colour, kind and place."""
    columns, count = 6, 6 + tier * 4
    places = source.sample([(x, y) for x in range(1, columns + 1) for y in range(1, 6)], count)
    objects = [(source.choice(_COLOURS[:4]), source.choice(_THINGS[:4]), *place) for place in places]
    listed = "; ".join(f"a {colour} {thing} at ({x}, {y})" for colour, thing, x, y in objects)
    text = (
        "A picture is divided into a grid; (column, row) counts columns from the left and rows from the top, "
        "both from 1. "
        f"It shows {listed}. "
    )
    # Above the first rows, or right of the last columns, stands little or nothing: 0 would be right too often.
    asked = [each for each in objects if tier == 1 or (each[2] < 4 if tier == 2 else each[3] > 2)]
    colour, thing, x, y = source.choice(asked or objects)
    if tier == 1:
        found = sum(each[0] == colour for each in objects)
        text += f"How many {colour} objects are there?"
    elif tier == 2:
        found = sum(each[1] == thing and each[2] > x for each in objects)
        text += f"How many {thing}s stand in a column to the right of column {x}?"
    else:
        found = sum(each[3] < y and each[2] != x and (each[0] == colour) != (each[1] == thing) for each in objects)
        text += (
            f"How many objects stand above row {y}, not in column {x}, and are either {colour} or a {thing} "
            f"but not both?"
        )
    key = ("shelf", tier, *(part for each in objects for part in each), colour, thing, x, y)
    return reasoned_task(source, key=key, tier=tier, text=text, answer=str(found), steps=f"There are {found}.")


def _grid(source: random.Random, size: int, filled: float) -> list[str]:
    return ["".join("#" if source.random() < filled else "." for _ in range(size)) for _ in range(size)]


def grid_regions(source: random.Random, tier: int) -> Task:
    """A grid of # and .: how many #, how many regions, how large the largest one."""
    grid = _grid(source, 4 + tier, 0.42)
    cells = {(x, y) for y, line in enumerate(grid) for x, mark in enumerate(line) if mark == "#"}
    if not cells:
        return grid_regions(source, tier)
    sizes: list[int] = []
    left = set(cells)
    while left:
        region = [left.pop()]
        size = 0
        while region:
            x, y = region.pop()
            size += 1
            for cell in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if cell in left:
                    left.remove(cell)
                    region.append(cell)
        sizes.append(size)
    shown = "\n".join(grid)
    text = f"In this picture # is land and . is water:\n\n{shown}\n\n"
    rule = "Land cells belong to one island when they share an edge; touching at a corner is not enough."
    if tier == 1:
        row = source.randrange(len(grid))
        text, answer = f"{text}How many land cells are in row {row + 1} from the top?", grid[row].count("#")
        key = ("grid row", grid[row], row, *grid)
    elif tier == 2:
        text, answer, key = f"{text}{rule} How many islands are there?", len(sizes), ("islands", *grid)
    else:
        text, answer = f"{text}{rule} How many cells has the largest island?", max(sizes)
        key = ("largest island", *grid)
    return reasoned_task(
        source, key=key, tier=tier, text=text, answer=str(answer), steps=f"Islands have {sorted(sizes)} cells."
    )


def turned_grid(source: random.Random, tier: int) -> Task:
    """A grid of letters that is turned or mirrored: which letter stands at a place then."""
    size = 2 + tier
    letters = source.sample("ABCDEFGHJKLMNPQRSTUVWXYZ", size * size if size < 5 else 24)
    letters += source.sample("ABCDEFGH", size * size - len(letters))
    grid = [letters[start : start + size] for start in range(0, size * size, size)]
    moves = source.sample(
        (
            "rotated by 90 degrees clockwise",
            "mirrored left to right",
            "rotated by 180 degrees",
            "mirrored top to bottom",
        ),
        tier,
    )
    turned = grid
    for move in moves:
        if move.startswith("rotated by 90"):
            turned = [list(line) for line in zip(*turned[::-1], strict=True)]
        elif move == "mirrored left to right":
            turned = [line[::-1] for line in turned]
        elif move == "mirrored top to bottom":
            turned = turned[::-1]
        else:
            turned = [line[::-1] for line in turned[::-1]]
    row, column = source.randrange(size), source.randrange(size)
    shown = "\n".join(" ".join(line) for line in grid)
    text = (
        f"A square picture shows these letters:\n\n{shown}\n\nThe picture is {', then '.join(moves)}; the "
        f"letters' places "
        f"change, and their own shapes do not matter. Which letter is then in row {row + 1} from the top, column "
        f"{column + 1} from the left?"
    )
    key = ("turned", *letters, *moves, row, column)
    steps = "\n".join(" ".join(line) for line in turned)
    return reasoned_task(
        source, key=key, tier=tier, text=text, answer=turned[row][column], steps=steps, form="<letter>"
    )


def differences(source: random.Random, tier: int) -> Task:
    """The same scene before and after: how many objects changed, or which."""
    things = source.sample(_THINGS, 4 + tier * 2)
    before = {thing: source.choice(_COLOURS) for thing in things}
    changed = source.sample(things, source.randint(1, 5 if tier < 3 else 4))
    gone = source.sample([thing for thing in things if thing not in changed], tier - 1)
    after = {thing: colour for thing, colour in before.items() if thing not in gone}
    for thing in changed:
        after[thing] = source.choice([colour for colour in _COLOURS if colour != before[thing]])
    shuffled = source.sample(sorted(after), len(after))
    text = (
        f"Picture 1 shows {', '.join(f'{with_article(before[thing])} {thing}' for thing in things)}. Picture 2 "
        f"shows the same scene later, with {', '.join(f'{with_article(after[thing])} {thing}' for thing in shuffled)}. "
    )
    if tier == 3:
        text += "Which objects are in both pictures with different colours? List them in alphabetical order."
        answer, form = ", ".join(sorted(changed)), "<object>, <object>, ..."
    else:
        text += "How many objects are in both pictures with different colours?"
        answer, form = str(len(changed)), "<number>"
    key = ("differences", *(f"{before[thing]} {thing}" for thing in things), *sorted(changed), *gone)
    steps = f"Changed: {', '.join(sorted(changed))}."
    return reasoned_task(source, key=key, tier=tier, text=text, answer=answer, steps=steps, form=form)
