"""Programs from standard input to standard output, with rules of their own.

Belongs here: whole programs that are tested by what they print. Does not belong here: functions (the other modules).
"""

from __future__ import annotations

import random

from epyc_assets.suites.generators.coder_tasks.form import filled, write_program
from epyc_assets.suites.generators.phrases import counted
from epyc_assets.suites.task import Task

_NAMES = ("pine", "oak", "elm", "ash", "fir", "yew", "birch", "maple")


def tally(source: random.Random, tier: int) -> Task:
    """Votes counted with a rule for the first place."""
    bonus, least, again = source.randint(1, 4), source.randint(1, 3), source.choice((0, 2, 3))
    reference = filled(
        """
import sys

votes = sys.stdin.read().split()
points = {}
for place, name in enumerate(votes):
    worth = 1
    if place == 0:
        worth = 1 + $bonus
    elif name == votes[place - 1]:
        worth = $again
    points[name] = points.get(name, 0) + worth
shown = [(-count, name) for name, count in points.items() if count > $least]
for count, name in sorted(shown):
    print(name, -count)
print("total", len(votes))
""",
        bonus=bonus,
        least=least,
        again=again,
    )

    def text(count: int) -> str:
        return "\n".join(source.choice(_NAMES[:5]) for _ in range(count)) + "\n"

    return write_program(
        source,
        key=("tally", bonus, least, again),
        tier=tier,
        behaviour=(
            "Each line holds one name, a vote; there may be no line at all. A vote is worth 1 point, but the very "
            f"first vote of the input is worth {bonus + 1} points, and a vote for the same name as the vote directly "
            f"before it is worth {counted(again, 'point')}. Print one line 'name points' for every name with more than "
            f"{counted(least, 'point')}, from the most points to the fewest, equal ones alphabetically. Then "
            "print 'total' and the number of votes."
        ),
        reference=reference,
        inputs=[text(9), text(1), "", *(text(source.randint(12, 40)) for _ in range(5))],
    )


def grid_commands(source: random.Random, tier: int) -> Task:
    """A table of numbers changed by commands."""
    factor = source.randint(2, 9)
    extra, code = source.choice(
        (
            ("flip: reverse the order of the rows", "grid.reverse()"),
            ("flip: reverse each row", "grid = [row[::-1] for row in grid]"),
            ("flip: exchange rows and columns", "grid = [list(row) for row in zip(*grid)]"),
        )
    )
    reference = filled(
        """
import sys

lines = sys.stdin.read().splitlines()
rows, columns = map(int, lines[0].split())
grid = [list(map(int, line.split())) for line in lines[1:1 + rows]]
for line in lines[1 + rows:]:
    words = line.split()
    if not words:
        continue
    if words[0] == "add":
        row = int(words[1]) - 1
        grid[row % len(grid)] = [value + int(words[2]) for value in grid[row % len(grid)]]
    elif words[0] == "scale":
        row = (int(words[1]) - 1) % len(grid)
        grid[row] = [value * $factor for value in grid[row]]
    elif words[0] == "swap":
        a, b = (int(words[1]) - 1) % len(grid), (int(words[2]) - 1) % len(grid)
        grid[a], grid[b] = grid[b], grid[a]
    elif words[0] == "flip":
        $code
for row in grid:
    print(*row)
""",
        code=code,
        factor=factor,
    )

    def text(commands: int) -> str:
        rows, columns = source.randint(1, 4), source.randint(1, 4)
        lines = [f"{rows} {columns}"]
        lines += [" ".join(str(source.randint(-9, 20)) for _ in range(columns)) for _ in range(rows)]
        for _ in range(commands):
            lines.append(
                source.choice(
                    (
                        f"add {source.randint(1, 6)} {source.randint(-5, 9)}",
                        f"swap {source.randint(1, 6)} {source.randint(1, 6)}",
                        "flip",
                        f"scale {source.randint(1, 6)}",
                    )
                )
            )
        return "\n".join(lines) + "\n"

    return write_program(
        source,
        key=("grid commands", extra, factor),
        tier=tier,
        behaviour=(
            "The first line has the numbers of rows and columns of a table (1 or more each); then come its rows, "
            "whole numbers separated by spaces. All further lines are commands, done in order. add R N: add N to "
            f"every number of row R. scale R: multiply every number of row R by {factor}. swap R S: exchange rows R "
            f"and S. {extra}. Rows are numbered from 1; a row number greater than the present number of rows starts "
            "again from the first row (with 3 rows, 4 means row 1). Print the final table, a row a line, numbers "
            "separated by one space."
        ),
        reference=reference,
        inputs=[text(3), text(0), text(1), *(text(source.randint(4, 12)) for _ in range(5))],
    )


def access_log(source: random.Random, tier: int) -> Task:
    """A report over log lines, some of which are broken."""
    limit = source.choice((300, 400, 500))
    figure, code = source.choice(
        (
            ("the longest time", "max(times)"),
            ("the total time", "sum(times)"),
            (
                "the middle one of the sorted times (of an even number of times the lower of the two middle ones)",
                "sorted(times)[(len(times) - 1) // 2]",
            ),
        )
    )
    reference = filled(
        """
import sys

paths, broken = {}, 0
for line in sys.stdin:
    words = line.split()
    if not words:
        continue
    if len(words) != 3 or not words[1].isdigit() or not words[2].isdigit():
        broken += 1
        continue
    path, status, time = words[0].split("?")[0], int(words[1]), int(words[2])
    if status < $limit:
        paths.setdefault(path, []).append(time)
for path, times in sorted(paths.items()):
    print(path, len(times), $code)
print("broken:", broken)
""",
        limit=limit,
        code=code,
    )

    def text(count: int) -> str:
        lines = []
        for _ in range(count):
            path = "/" + source.choice(_NAMES[:4]) + source.choice(("", "", "?page=2", "/new"))
            status, time = source.choice((200, 204, 200, 299, limit - 1, limit, 404, 500)), source.randint(1, 900)
            lines.append(
                source.choice(
                    (f"{path} {status} {time}",) * 5
                    + (f"{path} {status}", f"{path} ok {time}", f"{path} {status} {time}ms", "")
                )
            )
        return "\n".join(lines) + "\n"

    return write_program(
        source,
        key=("access log", limit, figure),
        tier=tier,
        behaviour=(
            "Each line should be 'path status time', three parts separated by white space, status and time consisting "
            "of digits only. Blank lines are skipped; all other lines that differ from this are broken and only "
            f"counted. A '?' in a path and all that follows it is cut off first. Entries whose status is {limit} or "
            "more are left out. For every path that has entries left, in alphabetical order of paths, print the path, "
            f"the number of its entries, and {figure}, separated by spaces. Then print 'broken:' and the number of "
            "broken lines."
        ),
        reference=reference,
        inputs=[text(7), "", "\n\n", text(2), *(text(source.randint(10, 30)) for _ in range(4))],
        slips=(
            (f"status < {limit}", f"status <= {limit}"),
            (f"status < {limit}", f"status < {limit - 1}"),
            ("sorted(paths.items())", "paths.items()"),
            ('.split("?")[0]', ""),
            (f"len(times), {code}", "len(times), max(times)" if "max" not in code else "len(times), times[-1]"),
            ("broken += 1", "broken = 1"),
            ("if not words:\n        continue", "if not words:\n        broken += 1\n        continue"),
        ),
        more=lambda: text(source.randint(6, 20)),
    )


def stack_machine(source: random.Random, tier: int) -> Task:
    """A small stack language with words of its own, run until its end or its first fault."""
    first, second, third, fourth = source.sample(("zip", "mul", "rot", "dup", "gap", "fold", "pick", "nib"), 4)
    constant = source.randint(2, 9)
    one = source.choice(
        (("a - b", "a minus b"), ("a * b", "a times b"), (f"a + {constant} * b", f"a plus {constant} times b"))
    )
    fold = source.choice((("sum(stack)", "sum"), ("max(stack)", "largest")))
    reference = filled(
        """
import sys

stack = []
for number, word in enumerate(sys.stdin.read().split(), 1):
    needed = {"$first": 2, "$second": 1, "$third": 3, "$fourth": 1}.get(word, 0)
    if len(stack) < needed:
        print("fault at word", number)
        break
    if word == "$first":
        b, a = stack.pop(), stack.pop()
        stack.append($one)
    elif word == "$second":
        stack.append(stack[-1] + $constant)
    elif word == "$third":
        c, b, a = stack.pop(), stack.pop(), stack.pop()
        stack += [b, c, a]
    elif word == "$fourth":
        stack = [$fold]
    else:
        try:
            stack.append(int(word))
        except ValueError:
            print("fault at word", number)
            break
print(*(stack or ["empty"]))
""",
        first=first,
        second=second,
        third=third,
        fourth=fourth,
        one=one[0],
        constant=constant,
        fold=fold[0],
    )

    def text(count: int) -> str:
        words = [str(source.randint(-9, 20)) for _ in range(2)]
        words += [
            source.choice((first, second, third, fourth, str(source.randint(-9, 20)), str(source.randint(0, 9))))
            for _ in range(count)
        ]
        return "".join(word + source.choice((" ", " ", "\n")) for word in words).rstrip() + "\n"

    return write_program(
        source,
        key=("stack machine", first, second, third, fourth, constant, one[0], fold[1]),
        tier=tier,
        behaviour=(
            "The input is a series of words separated by white space, over as many lines as it likes. A whole number, "
            f"perhaps with a minus sign, is pushed on a stack. '{first}' pops b, then a, and pushes {one[1]}. "
            f"'{second}' pushes a copy of the top plus {constant}. '{third}' pops c, then b, then a, and pushes b, "
            f"then c, then a. '{fourth}' replaces the whole stack by one number, the {fold[1]} of all its numbers. A "
            f"word that finds too few numbers on the stack ('{fourth}' and '{second}' need one), or any other word, is "
            "a fault: it changes nothing, prints 'fault at word N' (N counts all words from 1), and nothing after it "
            "is done. At the end print the stack from bottom to top, separated by spaces, or 'empty' if it has no "
            "number."
        ),
        reference=reference,
        inputs=[
            text(5),
            "",
            "4\n",
            f"1 {first}\n",
            "7 8 what 9\n",
            f"{fourth}\n",
            f"{second}\n",
            f"6 {first}\n",
            f"11 {second} {second}\n",
            f"3 8 {first}\n",
            f"5 {fourth}\n",
            f"2 -9 {third}\n",
            f"2 -9 14 {third}\n",
            f"1 2 -9 14 {third} {second}\n",
            f"4 13 6 {fourth} {second}\n",
            *(text(source.randint(6, 16)) for _ in range(6)),
        ],
    )


def hall_plan(source: random.Random, tier: int) -> Task:
    """Requests for a hall, granted in an order of their own."""
    rule, key = source.choice(
        (
            ("in the order of their end time, equal ones by name", "(end, name)"),
            ("from the shortest to the longest, equal ones by name", "(end - start, name)"),
            ("in the order of their names", "name"),
        )
    )
    pause = source.randint(0, 15)
    reference = filled(
        """
import sys

requests = []
for line in sys.stdin:
    if line.strip():
        name, start, end = line.split()
        requests.append((name, int(start), int(end)))
granted = []
for name, start, end in sorted(requests, key=lambda item: (lambda name, start, end: $key)(*item)):
    if all(start >= other_end + $pause or end + $pause <= other_start for other_start, other_end, _ in granted):
        granted.append((start, end, name))
for start, end, name in sorted(granted):
    print(start, end, name)
print(len(requests) - len(granted), "refused")
""",
        key=key,
        pause=pause,
    )

    def text(count: int) -> str:
        lines: list[str] = []
        ends = [source.randint(20, 200)]
        for number in source.sample(range(10, 99), count):
            start, length = source.randint(0, 300), source.randint(5, 90)
            if source.random() < 0.4:
                # Just enough pause after another request, or one minute less or more.
                start = source.choice(ends) + pause + source.randint(-1, 1)
            start = max(0, start)
            ends.append(start + length)
            lines.append(f"{source.choice(_NAMES)}{number} {start} {start + length}")
        source.shuffle(lines)
        return "\n".join(lines) + "\n" if lines else ""

    return write_program(
        source,
        key=("hall plan", rule, pause),
        tier=tier,
        behaviour=(
            "Each line is a request for a hall: a name without spaces (all different), start and end in minutes, "
            f"start < end. Requests are looked at {rule}. A request is granted if between it and every request granted "
            f"before it there are at least {pause} minutes, whichever of the two is earlier; otherwise it is refused "
            "for good. Print the granted ones as 'start end name' in the order of start, and then the number of "
            "refused ones followed by the word 'refused'."
        ),
        reference=reference,
        inputs=[text(5), "", text(1), *(text(source.randint(8, 20)) for _ in range(5))],
        slips=(
            (f"other_end + {pause} or", f"other_end + {pause + 1} or"),
            (f"other_end + {pause} or", f"other_end + {pause - 1} or"),
            (f"end + {pause} <=", f"end + {pause + 1} <="),
            (f"end + {pause} <=", f"end + {pause - 1} <="),
            (f" or end + {pause} <= other_start", ""),
            ("in sorted(granted)", "in granted"),
            (f"end: {key})(*item)", "end: (start, name))(*item)"),
        ),
        more=lambda: text(source.randint(4, 12)),
    )
