"""Exercises over small languages: expressions with precedence of their own, bracketed trees.

Belongs here: functions that parse nested text. Does not belong here: flat formats (`texts`).
"""

from __future__ import annotations

import random

from epyc_assets.suites.generators.coder_tasks.form import Exercise, filled


def own_calculator(source: random.Random) -> Exercise:
    """Expressions whose operators bind in an order of their own."""
    order = source.sample("+-*@", 4)
    right = source.choice((True, False))
    meaning = source.choice(
        (
            ("a @ b is a * a - b", "a * a - b"),
            ("a @ b is the larger of a and b", "max(a, b)"),
            ("a @ b is a + b * 10", "a + b * 10"),
            ("a @ b is the remainder of a + b divided by 7, 0 to 6", "(a + b) % 7"),
        )
    )
    reference = filled(
        """
def calculate(expression):
    tokens = []
    for character in expression.replace(" ", ""):
        if character.isdigit() and tokens and isinstance(tokens[-1], int):
            tokens[-1] = tokens[-1] * 10 + int(character)
        else:
            tokens.append(int(character) if character.isdigit() else character)

    def apply(operator, a, b):
        if operator == "+":
            return a + b
        if operator == "-":
            return a - b
        if operator == "*":
            return a * b
        return $meaning

    def value(items):
        flat = []
        index = 0
        while index < len(items):
            if items[index] == "(":
                depth, end = 1, index
                while depth:
                    end += 1
                    depth += {"(": 1, ")": -1}.get(items[end], 0)
                flat.append(value(items[index + 1:end]))
                index = end + 1
            else:
                flat.append(items[index])
                index += 1
        for operator in $order:
            while operator in flat:
                places = [place for place, item in enumerate(flat) if item == operator]
                place = places[$end]
                flat[place - 1:place + 2] = [apply(operator, flat[place - 1], flat[place + 1])]
        return flat[0]

    return value(tokens)
""",
        meaning=meaning[1],
        order=repr(list(order)),
        end=-1 if right else 0,
    )

    def expression(depth: int) -> str:
        parts = []
        for _ in range(source.randint(2, 4)):
            inner = depth > 0 and source.random() < 0.35
            parts.append(f"({expression(depth - 1)})" if inner else str(source.randint(0, 12)))
        text = parts[0]
        for part in parts[1:]:
            text += source.choice((" {} ", "{}")).format(source.choice("+-*@")) + part
        return text

    return Exercise(
        "own calculator",
        (*order, right, meaning[0]),
        "calculate(expression: str) -> int",
        "Expressions have whole numbers of 0 or more, the operators + - * @, brackets, and spaces anywhere but "
        f"inside numbers. +, - and * mean the usual; {meaning[0]}. Precedence is unusual: {order[0]} binds tightest, "
        f"then {order[1]}, then {order[2]}, and {order[3]} binds least. Operators of the same kind are worked out "
        f"from the {'right to the left' if right else 'left to the right'}. Brackets come first. There is no sign in "
        "front of numbers, but results may be negative. The input is always well formed.",
        reference,
        [
            [expression(1)],
            [expression(1)],
            ["7"],
            ["((12))"],
            ["10-3-2"],
            ["2@3@4"],
            ["1 + 2*3 @ 4 - 5"],
            ["((1+2)*3-4)@(5)"],
            *([expression(2)] for _ in range(6)),
        ],
    )


def tree_score(source: random.Random) -> Exercise:
    """A number from a bracketed tree, weighted by depth."""
    factor, leaf = source.randint(2, 4), source.choice(("sum", "largest", "smallest"))
    combine = {"sum": "sum(values)", "largest": "max(values)", "smallest": "min(values)"}[leaf]
    opening, closing = source.choice(("()", "[]", "{}", "<>"))
    reference = filled(
        """
def score(tree):
    stack = [[]]
    digits = ""
    for character in tree:
        if character.isdigit():
            digits += character
            continue
        if digits:
            stack[-1].append(int(digits))
            digits = ""
        if character == "$opening":
            stack.append([])
        elif character == "$closing":
            values = stack.pop()
            stack[-1].append($factor * $combine if values else 0)
    return stack[0][0]
""",
        factor=factor, combine=combine, opening=opening, closing=closing,
    )  # fmt: skip

    def tree(depth: int) -> str:
        parts = [
            tree(depth - 1) if depth and source.random() < 0.5 else str(source.randint(1, 30))
            for _ in range(source.randint(1, 4))
        ]
        return f"{opening}{source.choice((' ', ', ', ',')).join(parts)}{closing}"

    return Exercise(
        "tree score",
        (factor, leaf, opening),
        "score(tree: str) -> int",
        f"A group is {opening!r}, then any number of entries separated by commas or spaces or both, then {closing!r}; "
        f"an entry is a whole number of 0 or more or a group. The value of a group is {factor} times the {leaf} of "
        "the values of its entries, and 0 for an empty group. The text is one well-formed group; the function "
        "returns its value.",
        reference,
        [
            [tree(1)],
            [tree(2)],
            [opening + closing],
            [f"{opening}{opening}{closing}, 5{closing}"],
            [f"{opening}{opening}{opening}7{closing}{closing}{closing}"],
            *([tree(3)] for _ in range(6)),
        ],
        bugs=(
            (f"{factor} *", f"{factor} +"),
            ("stack[-1].append(int", "stack[0].append(int"),
            ('            digits = ""\n', '            digits = "1"\n'),
        ),
    )
