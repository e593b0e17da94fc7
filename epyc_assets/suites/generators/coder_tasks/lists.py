"""Exercises over lists of numbers: windows, runs, ranks, intervals, matrices, chains of steps.

Belongs here: functions from lists to lists. Does not belong here: text (`texts`), records (`records`), searches
(`algorithms`).
"""

from __future__ import annotations

import random

from epyc_assets.suites.generators.coder_tasks.form import Exercise, filled


def _numbers(source: random.Random, count: int, low: int = -20, high: int = 40) -> list[int]:
    return [source.randint(low, high) for _ in range(count)]


def _each(*values: list[int]) -> list[list[list[int]]]:
    """Argument lists with one argument each."""
    return [[value] for value in values]


def window_spread(source: random.Random) -> Exercise:
    """A figure of each window of fixed size."""
    size = source.randint(2, 5)
    what, code = source.choice(
        (
            ("the largest minus the smallest value", "max(part) - min(part)"),
            ("the sum of the even values", "sum(value for value in part if value % 2 == 0)"),
            (
                "the number of values that are greater than the first value of the window",
                "sum(value > part[0] for value in part)",
            ),
            ("the last value minus the first value", "part[-1] - part[0]"),
            ("the second smallest value (a value that occurs twice counts twice)", "sorted(part)[1]"),
        )
    )
    reference = filled(
        """
def window_figures(values):
    results = []
    for start in range(len(values) - $size + 1):
        part = values[start:start + $size]
        results.append($code)
    return results
""",
        size=size,
        code=code,
    )
    return Exercise(
        "window figures",
        (size, what),
        "window_figures(values: list[int]) -> list[int]",
        f"It slides a window of {size} neighbouring values over the list, one step at a time, and returns the list of "
        f"one figure per window: {what}. A list shorter than the window gives an empty list.",
        reference,
        _each(
            _numbers(source, size + 3),
            _numbers(source, size + 1),
            [],
            _numbers(source, size),
            _numbers(source, size - 1),
            [7] * (size + 2),
            *(_numbers(source, source.randint(8, 30)) for _ in range(5)),
        ),
        bugs=((f"- {size} + 1", f"- {size}"), (f"start + {size}]", f"start + {size} - 1]")),
    )


def long_runs(source: random.Random) -> Exercise:
    """Runs of equal neighbours that are long enough."""
    least = source.randint(2, 4)
    shape, code = source.choice(
        (
            ("[value, length]", "[value, length]"),
            ("[value, index of its first element]", "[value, start]"),
            ("[index of its first element, length]", "[start, length]"),
        )
    )
    reference = filled(
        """
def long_runs(values):
    runs = []
    start = 0
    for index in range(1, len(values) + 1):
        if index == len(values) or values[index] != values[start]:
            value, length = values[start], index - start
            if length >= $least:
                runs.append($code)
            start = index
    return runs
""",
        least=least,
        code=code,
    )
    reference = reference.replace("    runs = []\n", "    runs = []\n    if not values:\n        return runs\n")

    def runs() -> list[int]:
        values: list[int] = []
        for _ in range(source.randint(3, 8)):
            values += [source.randint(0, 4)] * source.randint(1, 6)
        return values

    return Exercise(
        "long runs",
        (least, shape),
        "long_runs(values: list[int]) -> list[list[int]]",
        f"A run is a longest stretch of equal neighbours. The function returns, in order, one entry {shape} for every "
        f"run that has at least {least} elements.",
        reference,
        _each(
            [*runs(), 9],
            runs(),
            [],
            [5],
            [1] * least,
            [1] * (least - 1),
            [2] * 12,
            [9, *runs()],
            *(runs() for _ in range(5)),
        ),
        bugs=(
            (f">= {least}", f"> {least}"),
            ("start = index", "start = index - 1"),
            ("len(values) + 1", "len(values)"),
        ),
    )


def turned_chunks(source: random.Random) -> Exercise:
    """Each block of a list rotated or reversed."""
    size, shift = source.randint(3, 6), source.randint(1, 2)
    what, code = source.choice(
        (
            (
                f"moves its first {shift} element{'s' if shift > 1 else ''} to its end",
                f"chunk[{shift}:] + chunk[:{shift}]",
            ),
            ("is reversed", "chunk[::-1]"),
            ("is sorted from large to small", "sorted(chunk, reverse=True)"),
            (f"loses its first {shift} element{'s' if shift > 1 else ''}", f"chunk[{shift}:]"),
        )
    )
    every = source.choice(("every", "every second"))
    test = "True" if every == "every" else "number % 2 == 1"
    reference = filled(
        """
def turn_chunks(values):
    result = []
    for number, start in enumerate(range(0, len(values), $size)):
        chunk = values[start:start + $size]
        if $test:
            chunk = $code
        result.extend(chunk)
    return result
""",
        size=size,
        code=code,
        test=test,
    )
    which = "Every chunk" if every == "every" else "Every second chunk (the 2nd, the 4th, ...)"
    return Exercise(
        "turned chunks",
        (size, what, every),
        "turn_chunks(values: list[int]) -> list[int]",
        f"The list is cut from the left into chunks of {size} elements; the last chunk may be shorter. {which} "
        f"{what}; the chunks are then joined again in their order.",
        reference,
        _each(
            _numbers(source, 2 * size + 1),
            _numbers(source, size + 2),
            [],
            [4],
            _numbers(source, size),
            _numbers(source, 4 * size + 2),
            *(_numbers(source, source.randint(5, 25)) for _ in range(6)),
        ),
        bugs=(
            (f"len(values), {size})", f"len(values) - 1, {size})"),
            ("number % 2 == 1", "number % 2 == 0"),
            ("[::-1]", "[::1]"),
            (", reverse=True", ""),
            (f"chunk[{shift}:]", f"chunk[{shift} - 1:]"),
        ),
    )


def ranks(source: random.Random) -> Exercise:
    """Places in a contest with ties."""
    rule, code = source.choice(
        (
            (
                "share the best place of their group, and the places they use up are skipped after them (1, 2, 2, 4)",
                "1 + sum(other > score for other in scores)",
            ),
            (
                "share one place, and the next lower score gets the very next place (1, 2, 2, 3)",
                "1 + len({other for other in scores if other > score})",
            ),
            ("share the worst place of their group (1, 3, 3, 4)", "sum(other >= score for other in scores)"),
        )
    )
    bonus = source.randint(2, 9)
    reference = filled(
        """
def places(scores, late):
    scores = [score - $bonus if index in late else score for index, score in enumerate(scores)]
    return [$code for score in scores]
""",
        code=code,
        bonus=bonus,
    )

    def case(count: int) -> list[object]:
        return [_numbers(source, count, 0, 12), sorted(source.sample(range(count), count // 3))]

    return Exercise(
        "places",
        (rule, bonus),
        "places(scores: list[int], late: list[int]) -> list[int]",
        f"Contestants have scores; those whose index is in `late` first lose {bonus} points. The highest score then "
        f"has place 1. Equal scores {rule}. The function returns the place of each contestant, in the order of "
        "`scores`.",
        reference,
        [case(6), case(5), [[], []], [[3], [0]], [[5, 5, 5], []], *(case(source.randint(6, 15)) for _ in range(6))],
        bugs=(
            ("other > score", "other < score"),
            (f"- {bonus}", f"+ {bonus}"),
            ("other >= score", "other > score"),
            ("1 + sum(", "sum("),
        ),
    )


def merged_windows(source: random.Random) -> Exercise:
    """Intervals joined when near enough, short results dropped."""
    gap, least = source.randint(0, 5), source.randint(2, 9)
    setting = source.choice(("maintenance windows", "road works", "bookings of a hall", "recordings of a camera"))
    reference = filled(
        """
def merge_spans(spans):
    merged = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] <= $gap:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [span for span in merged if span[1] - span[0] >= $least]
""",
        gap=gap,
        least=least,
    )

    def spans(count: int) -> list[list[int]]:
        starts = [source.randint(0, 80) for _ in range(count)]
        return [[start, start + source.randint(0, 14)] for start in starts]

    return Exercise(
        "merged spans",
        (gap, least),
        "merge_spans(spans: list[list[int]]) -> list[list[int]]",
        f"Each span is [start, end] with start <= end; think of {setting} in any order. Spans that overlap, or whose "
        f"gap (later start minus earlier end) is at most {gap}, become one span; this is repeated until nothing more "
        f"can be joined. Of the results only those with end - start of at least {least} are returned, sorted by start.",
        reference,
        [
            [spans(4)],
            [spans(5)],
            [[]],
            [[[5, 5 + least]]],
            [[[5, 4 + least]]],
            [[[0, 50], [10, 20]]],
            [[[0, 10], [10 + gap, 30]]],
            [[[0, 10], [11 + gap, 30]]],
            *([spans(source.randint(6, 14))] for _ in range(4)),
        ],
        bugs=(
            (f"<= {gap}", f"< {gap}"),
            (f">= {least}", f"> {least}"),
            ("max(merged[-1][1], end)", "end"),
            ("sorted(spans)", "spans"),
        ),
    )


def diagonals(source: random.Random) -> Exercise:
    """A matrix read along its diagonals."""
    key, name = source.choice(
        (
            ("row + column", "anti-diagonal (row + column is equal)"),
            ("column - row", "diagonal (column - row is equal)"),
        )
    )
    order = source.choice(("from the top row down", "from the bottom row up"))
    turn = source.choice((True, False))
    step = "" if order.startswith("from the top") else "line.reverse()"
    reference = filled(
        """
def diagonal_lines(matrix):
    lines = {}
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            lines.setdefault($key, []).append(value)
    result = []
    for number, index in enumerate(sorted(lines)):
        line = lines[index]
        if $backwards:
            line = line[::-1]
        result.append(line)
    return result
""",
        key=key,
        backwards=("number % 2 == 1" if not step else "number % 2 == 0") if turn else str(bool(step)),
    )
    reading = f"Each is read {order}"
    if turn:
        reading += ", but every second one (the 2nd, 4th, ...) the other way round"

    def matrix(rows: int, columns: int) -> list[list[list[int]]]:
        return [[_numbers(source, columns, 0, 99) for _ in range(rows)]]

    return Exercise(
        "diagonal lines",
        (key, order, turn),
        "diagonal_lines(matrix: list[list[int]]) -> list[list[int]]",
        "The matrix is a list of rows of equal length, perhaps empty. The function returns the list of its lines, "
        f"one per {name}, in the order of rising {key}. {reading}.",
        reference,
        [
            matrix(2, 3),
            matrix(3, 3),
            [[]],
            matrix(1, 1),
            matrix(1, 5),
            matrix(5, 1),
            *(matrix(source.randint(2, 6), source.randint(2, 6)) for _ in range(5)),
        ],
        bugs=(
            ("row + column", "row - column"),
            ("column - row", "row - column"),
            ("[::-1]", "[::-1][1:]"),
            ("% 2 == 1", "% 2 == 0"),
            ("% 2 == 0", "% 2 == 1"),
        ),
    )


def chained_steps(source: random.Random, count: int) -> Exercise:
    """So many simple steps over a list, one after another, as the description says."""
    number, divisor = source.randint(2, 9), source.randint(3, 5)
    far = divisor - 1
    steps = [
        (f"drop every value that is divisible by {divisor + 1}", f"[v for v in values if v % {divisor + 1} != 0]"),
        (
            f"multiply every value by {number} and subtract the value's index",
            f"[v * {number} - i for i, v in enumerate(values)]",
        ),
        (
            "replace every value by the sum of all values up to and including it",
            "[sum(values[:i + 1]) for i in range(len(values))]",
        ),
        ("remove repeated values, keeping the first of each", "list(dict.fromkeys(values))"),
        (
            f"move the first {divisor} values to the end (a shorter list stays as it is)",
            f"values[{divisor}:] + values[:{divisor}] if len(values) >= {divisor} else values",
        ),
        (
            f"replace every value by its remainder when divided by {number + 7} (0 or more, as % gives it)",
            f"[v % {number + 7} for v in values]",
        ),
        (
            "sort the values at even indices from small to large and leave the others where they are",
            "[sorted(values[::2])[i // 2] if i % 2 == 0 else v for i, v in enumerate(values)]",
        ),
        (
            "replace each value but the last by the next one minus it, and drop the last",
            "[b - a for a, b in zip(values, values[1:])]",
        ),
        (
            f"keep only the values that are greater than the value {far} places before them in the list as it is "
            "before this step; those with none there stay",
            f"[v for i, v in enumerate(values) if i < {far} or v > values[i - {far}]]",
        ),
        (
            "swap neighbours in pairs (0 with 1, 2 with 3, ...); a last value without partner stays",
            "[values[i ^ 1] if i ^ 1 < len(values) else values[i] for i in range(len(values))]",
        ),
        (
            f"cut negative values off at {-number} (lower ones become {-number})",
            f"[max(v, -{number}) for v in values]",
        ),
        ("append the number of values at the end", "values + [len(values)]"),
    ]
    chosen = source.sample(steps, count)
    lines = "\n".join(f"    values = {code}" for _, code in chosen)
    told = "; ".join(f"({place}) {text}" for place, (text, _) in enumerate(chosen, 1))
    return Exercise(
        "chained steps",
        tuple(text for text, _ in chosen),
        "transform(values: list[int]) -> list[int]",
        f"It applies these steps to the list, one after another, each to the result of the one before: {told}. It "
        "returns the final list; the list passed in need not be kept.",
        f"def transform(values):\n    values = list(values)\n{lines}\n    return values",
        [
            [_numbers(source, 6)],
            [_numbers(source, 7)],
            [[]],
            [[3]],
            [[-8, -8]],
            [[0] * 5],
            *([_numbers(source, source.randint(6, 14))] for _ in range(5)),
        ],
        bugs=(
            ("values[1:]", "values[2:]"),
            ("i + 1]", "i]"),
            ("!= 0", "== 0"),
            (">= ", "> "),
            ("max(v", "min(v"),
            ("- i for", "+ i for"),
            ("v > values", "v >= values"),
            ("i // 2]", "i // 2 - 1]"),
        ),
    )
