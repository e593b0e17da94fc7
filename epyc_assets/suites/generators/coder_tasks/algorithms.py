"""Exercises that need an algorithm: orders, routes, dynamic programming.

Belongs here: searches with rules of their own. Does not belong here: plain processing of lists, text and records, or
simulations (`machines`).
"""

from __future__ import annotations

import random
from typing import Any

from epyc_assets.suites.generators.coder_tasks.form import Exercise, filled


def build_order(source: random.Random) -> Exercise:
    """A dependency order with a rule for choosing among what is ready."""
    rule, key = source.choice(
        (
            ("the shortest name first, equally long ones alphabetically", "(len(name), name)"),
            ("the alphabetically last first", "tuple(-ord(c) for c in name)"),
            (
                "the one that most tasks directly need first, equal ones alphabetically",
                "(-sum(name in needs for needs in tasks.values()), name)",
            ),
        )
    )
    cycle, failing = source.choice((("an empty list", "[]"), ("the list of tasks done so far", "done")))
    reference = filled(
        """
def build_order(tasks):
    done = []
    while len(done) < len(tasks):
        ready = [
            name for name, needs in tasks.items()
            if name not in done and all(each in done or each not in tasks for each in needs)
        ]
        if not ready:
            return $failing
        done.append(min(ready, key=lambda name: $key))
    return done
""",
        key=key,
        failing=failing,
    )

    def case(count: int, loops: bool = False) -> list[Any]:
        names = source.sample(
            ("ant", "bee", "cat", "dove", "eel", "fox", "goat", "hen", "ibis", "jay", "koala", "lynx"), count
        )
        made = {
            name: sorted(source.sample(names[:place], min(place, source.randint(0, 2))))
            for place, name in enumerate(names)
        }
        if loops:
            made[names[1]] = [names[2]]
            made[names[2]] = [names[1]]
        items = list(made.items())
        source.shuffle(items)
        return [dict(items)]

    return Exercise(
        "build order",
        (rule, cycle),
        "build_order(tasks: dict[str, list[str]]) -> list[str]",
        "`tasks` maps the name of each task to the names of tasks that it directly needs. A needed name that is not "
        "a key counts as done from the start. A task is ready when all it needs is done; again and again one ready "
        f"task is done: {rule}. The function returns the order in which the tasks are done. When tasks are left but "
        f"none is ready, it returns {cycle}.",
        reference,
        [
            case(4),
            case(5),
            [{}],
            [{"ant": ["ant"]}],
            [{"bee": ["zoo"], "ant": []}],
            case(5, True),
            *(case(source.randint(5, 11)) for _ in range(5)),
        ],
        bugs=(
            (" or each not in tasks", ""),
            ("len(name), name", "-len(name), name"),
            ("-sum(", "sum("),
            ("-ord(c)", "ord(c)"),
        ),
        slips=((", name)", ")"), ("min(ready", "max(ready")),
        more=lambda: case(source.randint(4, 11)),
    )


def cheapest_route(source: random.Random) -> Exercise:
    """The cheapest way through a network with tolls that depend on the way."""
    rule, change = source.choice(
        (
            ("every second road of a route (the 2nd, 4th, ...) costs double", "(2 if used % 2 == 1 else 1) * cost"),
            ("every third road of a route (the 3rd, 6th, ...) is free", "(0 if used % 3 == 2 else 1) * cost"),
            ("the first road of a route costs three times its cost", "(3 if used == 0 else 1) * cost"),
        )
    )
    most = source.randint(3, 5)
    both = source.choice((True, False))
    reference = filled(
        """
def cheapest(roads, start, goal):
    best = {start: 0}
    answer = 0 if start == goal else -1
    for used in range($most):
        reached = {}
        for a, b, cost in roads:
            for here, there in ($pairs):
                if here in best:
                    total = best[here] + $change
                    if there not in reached or total < reached[there]:
                        reached[there] = total
        best = reached
        if goal in best and (answer < 0 or best[goal] < answer):
            answer = best[goal]
    return answer
""",
        most=most,
        change=change,
        pairs="(a, b), (b, a)" if both else "(a, b),",
    )

    def case(towns: int, roads: int) -> list[Any]:
        names = "ABCDEFGH"[:towns]
        made = [[*source.sample(names, 2), source.randint(1, 20)] for _ in range(roads)]
        return [made, "A", source.choice(names[1:])]

    chain = [[*pair, 1] for pair in ("AB", "BC", "CD", "DE", "EF", "FG")]
    return Exercise(
        "cheapest route",
        (rule, most, both),
        "cheapest(roads: list[list], start: str, goal: str) -> int",
        "Each road is [from, to, cost] and can be used "
        f"{'in both directions' if both else 'only from the first to the second'}. A route uses at most {most} roads, "
        f"and may use a road more than once. Its cost is the sum over its roads, but {rule}. The function returns the "
        "lowest cost of a route from start to goal: 0 if they are the same, -1 if there is no such route.",
        reference,
        [
            case(4, 6),
            case(5, 7),
            [[], "A", "B"],
            [[], "A", "A"],
            [[["A", "B", 5]], "B", "A"],
            [chain, "A", "ABCDEFG"[most]],
            [chain, "A", "ABCDEFG"[most + 1]],
            *(case(source.randint(5, 8), source.randint(8, 14)) for _ in range(6)),
        ],
        bugs=(
            (f"range({most})", f"range({most - 1})"),
            ("total < reached[there]", "total > reached[there]"),
            ("best = reached", "best.update(reached)"),
            ("(a, b), (b, a)", "(a, b),"),
            ("% 2 == 1", "% 2 == 0"),
            ("% 3 == 2", "% 3 == 1"),
        ),
        slips=(
            ("(2 if used", "(3 if used"),
            ("(2 if used", "(1 if used"),
            ("(0 if used", "(1 if used"),
            ("(3 if used", "(2 if used"),
            ("(3 if used", "(1 if used"),
            ("best[goal] < answer", "False"),
        ),
        more=lambda: case(source.randint(5, 8), source.randint(7, 14)),
    )


def counted_words(source: random.Random) -> Exercise:
    """How many words over a small alphabet obey a local rule."""
    letters = source.randint(2, 4)
    limit = source.randint(2, 3)
    extra, test = source.choice(
        (
            ("the letter a never comes directly before the letter b", "not (last == 0 and letter == 1)"),
            ("the letter b never comes directly after itself", "not (last == 1 and letter == 1)"),
            ("the first letter is not a", "not (first and letter == 0)"),
        )
    )
    modulus = source.choice((997, 1009, 10007))
    reference = filled(
        """
def count_words(length):
    states = {(None, 0): 1}
    for place in range(length):
        first = place == 0
        following = {}
        for (last, run), ways in states.items():
            for letter in range($letters):
                now = run + 1 if letter == last else 1
                if now <= $limit and $test:
                    key = (letter, now)
                    following[key] = (following.get(key, 0) + ways) % $modulus
        states = following
    return sum(states.values()) % $modulus
""",
        letters=letters,
        limit=limit,
        test=test,
        modulus=modulus,
    )
    alphabet = ", ".join("abcd"[:letters])
    return Exercise(
        "counted words",
        (letters, limit, extra, modulus),
        "count_words(length: int) -> int",
        f"Words consist of the letters {alphabet}. It counts the words of exactly the given length in which no letter "
        f"occurs more than {limit} times in a row and {extra}. The word of length 0 counts as one. The result is that "
        f"number modulo {modulus}; lengths go up to 2000.",
        reference,
        [[3], [4], [0], [1], [2], [5], [source.randint(6, 12)], [source.randint(20, 60)], [source.randint(500, 2000)]],
        bugs=(
            (f"now <= {limit}", f"now < {limit}"),
            ("else 1\n", "else 0\n"),
            ("last == 0 and", "last == 1 and"),
            ("first and letter", "letter"),
        ),
    )


def edit_cost(source: random.Random) -> Exercise:
    """The cheapest way to turn one text into another, with prices of its own."""
    insert, delete, swap = source.randint(1, 5), source.randint(1, 5), source.randint(2, 7)
    vowel = source.randint(0, 1)
    reference = filled(
        """
def edit_cost(before, after):
    costs = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for row in range(len(before) + 1):
        for column in range(len(after) + 1):
            options = []
            if row and column:
                a, b = before[row - 1], after[column - 1]
                if a == b:
                    change = 0
                elif a in "aeiou" and b in "aeiou":
                    change = $vowel
                else:
                    change = $swap
                options.append(costs[row - 1][column - 1] + change)
            if row:
                options.append(costs[row - 1][column] + $delete)
            if column:
                options.append(costs[row][column - 1] + $insert)
            if options:
                costs[row][column] = min(options)
    return costs[-1][-1]
""",
        insert=insert,
        delete=delete,
        swap=swap,
        vowel=vowel,
    )

    def word() -> str:
        return "".join(source.choice("abceiost") for _ in range(source.randint(3, 9)))

    return Exercise(
        "edit cost",
        (insert, delete, swap, vowel),
        "edit_cost(before: str, after: str) -> int",
        f"It returns the lowest total price of turning `before` into `after`. Inserting a character costs {insert}, "
        f"deleting one costs {delete}, replacing one by another costs {swap}, but replacing a vowel (a, e, i, o, u) "
        f"by another vowel costs {vowel}. Keeping a character is free. Texts are in small letters.",
        reference,
        [
            [word(), word()],
            [word(), word()],
            ["", ""],
            ["", "abc"],
            ["abc", ""],
            ["aeiou", "uoiea"],
            ["same", "same"],
            *([word(), word()] for _ in range(5)),
        ],
        bugs=(
            (f"[column] + {delete}", f"[column] + {delete + 1}"),
            ("change = 0", "change = 1"),
            ("min(options)", "options[0]"),
            ('elif a in "aeiou" and b in "aeiou"', 'elif a in "aeiou" or b in "aeiou"'),
        ),
        slips=(
            (f"change = {swap}", f"change = {swap + 1}"),
            (f"change = {vowel}\n                else", f"change = {swap}\n                else"),
            (f"+ {insert})", f"+ {insert + 1})"),
        ),
        more=lambda: [word(), word()],
    )


def even_teams(source: random.Random) -> Exercise:
    """The fairest split of weights under limits on the sizes of the sides."""
    spread, heavy = source.randint(1, 3), source.randint(18, 36)
    reference = filled(
        """
def fairest(weights):
    reachable = {(0, 0)}
    for weight in weights:
        places = 2 if weight > $heavy else 1
        reachable |= {(count + places, total + weight) for count, total in reachable}
    whole = sum(weights)
    size = len(weights) + sum(weight > $heavy for weight in weights)
    fair = [abs(whole - 2 * total) for count, total in reachable if abs(size - 2 * count) <= $spread]
    return min(fair, default=-1)
""",
        spread=spread,
        heavy=heavy,
    )

    def case(count: int) -> list[list[int]]:
        return [[source.randint(1, 40) for _ in range(count)]]

    crew = source.choice(("rowers", "crates", "players", "parcels"))
    return Exercise(
        "fairest split",
        (spread, heavy),
        "fairest(weights: list[int]) -> int",
        f"The weights of {crew} are whole numbers of 1 or more; there are up to 24. Each goes to the left or to the "
        f"right side. One that weighs more than {heavy} takes two places, any other takes one, and the numbers of "
        f"places taken on the two sides may differ by at most {spread}. It returns the smallest possible difference "
        "between the total weights of the two sides: 0 with no weights, -1 if the places can never be shared out "
        "that evenly.",
        reference,
        [
            case(4),
            case(5),
            [[]],
            [[9]],
            [[heavy + 1]],
            [[heavy, heavy + 1, heavy]],
            [[10, 1, 1, 1]],
            [[7, 7]],
            [[spread + 1, *[1] * (spread + 1)]],
            [[spread + 2, *[1] * (spread + 2)]],
            *(case(source.randint(6, 12)) for _ in range(4)),
            case(18),
        ],
        bugs=(
            (f"<= {spread}", f"< {spread}"),
            ("2 * total", "total"),
            (f"weight > {heavy} else", f"weight >= {heavy - 9} else"),
        ),
        slips=(
            (f"weight > {heavy}", f"weight >= {heavy}"),
            (f"weight > {heavy}", f"weight > {heavy + 1}"),
            (f"weight > {heavy}", "weight > 99"),
            (f"<= {spread}", f"<= {spread + 1}"),
            (f"<= {spread}", "<= 99"),
        ),
        more=lambda: [
            [
                source.choice((heavy, heavy + 1, source.randint(1, 40), source.randint(1, 6)))
                for _ in range(source.randint(1, 6))
            ]
        ],
    )
