"""Exercises that simulate: state machines, robots, cells, counters with customers.

Belongs here: functions that carry a state through many steps. Does not belong here: graphs and dynamic programming
(`algorithms`).
"""

from __future__ import annotations

import random
from typing import Any

from epyc_assets.suites.generators.coder_tasks.form import Exercise, filled


def state_machine(source: random.Random, count: int) -> Exercise:
    """A machine with a table of transitions, outputs and a counter."""
    states = source.sample(("idle", "armed", "open", "locked", "fault", "drain", "sleep"), count)
    events = source.sample(("push", "turn", "tick", "drop", "ping"), 3)
    while True:
        table = {state: {event: source.choice(states) for event in source.sample(events, 2)} for state in states}
        reached = {states[0]}
        for _ in states:
            reached |= {target for state in reached for target in table[state].values()}
        trapped = any(set(moves.values()) == {state} for state, moves in table.items())
        if len(reached) == count and not trapped:
            break
    loud = source.choice(states)
    limit = source.randint(2, 4)
    reference = filled(
        """
def run_machine(events):
    table = $table
    state, beeps, ignored = "$start", 0, 0
    for event in events:
        following = table[state].get(event)
        if following is None:
            ignored += 1
            if ignored == $limit:
                state, ignored = "$start", 0
            continue
        if following == "$loud" and state != "$loud":
            beeps += 1
        state = following
    return [state, beeps]
""",
        table=repr(table),
        start=states[0],
        loud=loud,
        limit=limit,
    )
    lines = "; ".join(
        f"in {state}: {', '.join(f'{event} leads to {target}' for event, target in moves.items())}"
        for state, moves in table.items()
    )

    def run(length: int) -> list[list[str]]:
        return [[source.choice(events) for _ in range(length)]]

    return Exercise(
        "state machine",
        (lines, loud, limit),
        "run_machine(events: list[str]) -> list",
        f"A machine starts in state {states[0]!r}. {lines[0].upper()}{lines[1:]}. An event that is not named for the "
        f"current state is ignored, and ignored events are counted; the {limit}{ {2: 'nd', 3: 'rd', 4: 'th'}[limit] } "
        f"of them puts the machine back into {states[0]!r} without a beep and sets that count to 0 again. The machine "
        f"beeps whenever an event brings it into {loud!r} from another state. The result is [final state, number of "
        "beeps].",
        reference,
        [run(5), run(7), [[]], run(1), [["nothing"] * limit], *(run(source.randint(8, 30)) for _ in range(6))],
        bugs=(
            (f"ignored == {limit}", f"ignored > {limit}"),
            (f' and state != "{loud}"', ""),
            ("ignored += 1", "ignored = 1"),
            ("        state = following\n", "            state = following\n"),
        ),
        more=lambda: run(source.randint(4, 20)),
    )


def rolling_robot(source: random.Random) -> Exercise:
    """A robot on a grid with walls that wraps around or stops, and counts."""
    edge = source.choice(("wrap", "stop"))
    turn, sign = source.choice((("right", 1), ("left", -1)))
    figure, code = source.choice(
        (
            ("the number of different cells it has stood on, the first one included", "len(seen)"),
            ("its final [row, column]", "[row, column]"),
            ("the number of moves that were blocked", "blocked"),
        )
    )
    step = (
        "to_row, to_column = to_row % len(grid), to_column % len(grid[0])"
        if edge == "wrap"
        else "if not (0 <= to_row < len(grid) and 0 <= to_column < len(grid[0])):\n"
        "            to_row, to_column = row, column"
    )
    reference = filled(
        """
def drive(grid, steps):
    row = column = facing = blocked = 0
    moves = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    seen = {(0, 0)}
    for _ in range(steps):
        to_row, to_column = row + moves[facing][0], column + moves[facing][1]
        $step
        if (to_row, to_column) == (row, column) or grid[to_row][to_column] == "#":
            blocked += 1
            facing = (facing + $sign) % 4
            continue
        row, column = to_row, to_column
        seen.add((row, column))
        if grid[row][column] == "@":
            facing = (facing + 2) % 4
    return $code
""",
        step=step,
        sign=sign,
        code=code,
    )

    def case(rows: int, columns: int, steps: int) -> list[Any]:
        grid = ["".join(source.choice("....#@.") for _ in range(columns)) for _ in range(rows)]
        return [["." + grid[0][1:], *grid[1:]], steps]

    outside = (
        "Leaving the grid on one side brings it in on the other side of the same row or column."
        if edge == "wrap"
        else "A move that would leave the grid is blocked."
    )
    return Exercise(
        "rolling robot",
        (edge, turn, figure),
        "drive(grid: list[str], steps: int)",
        "A robot starts in the top left cell (row 0, column 0) of the grid, facing right (columns rise to the right, "
        f"rows downwards). In each of `steps` steps it tries to move one cell forward. {outside} A move onto '#', or "
        f"onto the cell it is already on, is blocked too: then it stays and turns {turn} by 90 degrees, which uses the "
        "step. After "
        "a move onto '@' it turns around (180 degrees) in the same step. The function returns " + figure + ".",
        reference,
        [
            case(3, 4, 6),
            case(4, 4, 9),
            case(1, 1, 3),
            case(3, 3, 0),
            case(1, 5, 12),
            *(case(source.randint(3, 6), source.randint(3, 6), source.randint(10, 60)) for _ in range(6)),
        ],
        bugs=(
            (f"+ {sign}) % 4", f"+ {-sign}) % 4"),
            ("+ 2) % 4", "+ 1) % 4"),
            ("blocked += 1", "blocked += 2"),
            ("seen = {(0, 0)}", "seen = set()"),
        ),
        slips=(
            (' or grid[to_row][to_column] == "#"', ""),
            ("(to_row, to_column) == (row, column) or ", ""),
            ('if grid[row][column] == "@"', "if False"),
            ("            continue\n", ""),
            (
                "to_row % len(grid), to_column % len(grid[0])",
                "min(max(to_row, 0), len(grid) - 1), to_column % len(grid[0])",
            ),
            (f"+ {sign}) % 4", "+ 0) % 4"),
        ),
        more=lambda: case(source.randint(1, 6), source.randint(2, 6), source.randint(5, 40)),
    )


def cell_rows(source: random.Random) -> Exercise:
    """Generations of a row of cells under a rule by the number of neighbours."""
    born, stays = sorted(source.sample(range(5), 2)), sorted(source.sample(range(5), source.randint(1, 3)))
    ring = source.choice((True, False))
    look = (
        "cells[(index + step) % len(cells)]"
        if ring
        else "cells[index + step] if 0 <= index + step < len(cells) else '.'"
    )
    reference = filled(
        """
def generations(cells, rounds):
    for _ in range(rounds):
        following = ""
        for index in range(len(cells)):
            near = 0
            for step in (-2, -1, 1, 2):
                near += ($look) == "o"
            alive = near in $stays if cells[index] == "o" else near in $born
            following += "o" if alive else "."
        cells = following
    return cells
""",
        look=look,
        stays=repr(tuple(stays)),
        born=repr(tuple(born)),
    )

    def case(length: int, rounds: int, alive: float = 0.5) -> list[Any]:
        return ["".join("o" if source.random() < alive else "." for _ in range(length)), rounds]

    def toggled(counts: list[int], count: int) -> tuple[int, ...]:
        return tuple(sorted({*counts} ^ {count}))

    edge = "The row is a ring: beyond one end comes the other end" if ring else "Beyond the ends all cells are dead"
    return Exercise(
        "cell rows",
        (*born, -1, *stays, ring),
        "generations(cells: str, rounds: int) -> str",
        "A row of cells is a text of 'o' (alive) and '.' (dead). The neighbours of a cell are the two cells on its "
        f"left and the two on its right. {edge}; the row has at least 5 cells or none. In each round all cells change "
        f"at once: a dead cell becomes alive if exactly {' or '.join(map(str, born))} neighbours are alive, a living "
        f"cell stays alive if exactly {' or '.join(map(str, stays))} neighbours are alive, and otherwise the cell is "
        "dead. It returns the row after so many rounds.",
        reference,
        [
            case(8, 1),
            case(9, 2),
            ["", 4],
            case(7, 0),
            ["o" * 6, 1],
            ["." * 6, 2],
            *(case(source.randint(8, 24), source.randint(1, 9)) for _ in range(5)),
        ],
        bugs=(
            ("(-2, -1, 1, 2)", "(-1, 1)"),
            ("cells = following", "cells = following[::-1]"),
            ("(-2, -1, 1, 2)", "(-2, -1, 0, 1, 2)"),
        ),
        slips=(
            *((f"near in {tuple(stays)!r} if", f"near in {toggled(stays, count)!r} if") for count in range(5)),
            *((f"else near in {tuple(born)!r}", f"else near in {toggled(born, count)!r}") for count in range(5)),
            *(("(-2, -1, 1, 2)", steps) for steps in ("(-2, -1, 1)", "(-1, 1, 2)", "(-3, -1, 1, 2)", "(-2, -1, 1, 3)")),
            ("(index + step) % len(cells)", "index + step if index + step < len(cells) else index"),
            ("range(rounds)", "range(rounds and 1)"),
        ),
        more=lambda: case(source.randint(6, 14), source.randint(1, 3), source.choice((0.2, 0.5, 0.75, 0.9))),
    )


def counters(source: random.Random) -> Exercise:
    """Customers at several counters, with a rule for which counter they take."""
    count = source.randint(2, 3)
    rule, key = source.choice(
        (
            ("the one that becomes free first, and of those the one with the lowest number", "(free[i], i)"),
            (
                "the one that has served the fewest customers so far, and of those the one with the lowest number",
                "(served[i], i)",
            ),
        )
    )
    figure, code = source.choice(
        (
            ("the total waiting time of all customers", "waited"),
            ("the list of how many customers each counter has served", "served"),
            ("the time at which the last customer is done (0 without customers)", "max(free)"),
        )
    )
    patience = source.randint(4, 15)
    reference = filled(
        """
def serve(customers):
    free = [0] * $count
    served = [0] * $count
    waited = 0
    for arrival, minutes in customers:
        i = min(range($count), key=lambda i: $key)
        start = max(arrival, free[i])
        if start - arrival > $patience:
            continue
        waited += start - arrival
        served[i] += 1
        free[i] = start + minutes
    return $code
""",
        count=count,
        key=key,
        patience=patience,
        code=code,
    )

    def case(length: int) -> list[list[list[int]]]:
        made, now = [], 0
        for _ in range(length):
            now += source.randint(0, 4)
            made.append([now, source.randint(1, 14)])
        return [made]

    return Exercise(
        "counters",
        (count, rule, figure, patience),
        "serve(customers: list[list[int]])",
        f"A hall has {count} counters, numbered from 0, all free at time 0. Customers are [arrival, minutes], in "
        f"order of arrival. On arrival each chooses a counter for good: {rule}. The customer is served there as soon "
        "as the counter is done with all earlier ones, for the given minutes. But a customer who would have to wait "
        f"more than {patience} minutes leaves at once and changes nothing. The function returns {figure}.",
        reference,
        [
            case(4),
            case(6),
            [[]],
            [[[5, 2]]],
            [[[0, 30]] * (count + 1)],
            *(case(source.randint(8, 20)) for _ in range(6)),
        ],
        bugs=(
            (f"> {patience}", f">= {patience}"),
            ("max(arrival, free[i])", "free[i]"),
            ("+ minutes", "+ minutes + 1"),
            ("served[i] += 1", "served[i] = 1"),
        ),
        slips=(
            (f"> {patience}", f"> {patience + 1}"),
            ("max(free)", "free[0]"),
            ("            continue\n", "            free[i] = start\n            continue\n"),
            (key, "(served[i], i)" if "free" in key else "(free[i], i)"),
            (", i)", ", -i)"),
        ),
        more=lambda: case(source.randint(6, 20)),
    )
