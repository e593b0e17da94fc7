"""Exercises over text: small formats to read, layouts to write, codes with rules of their own.

Belongs here: functions from or to strings. Does not belong here: lists of numbers (`lists`), records (`records`).
"""

from __future__ import annotations

import random

from epyc_assets.suites.generators.coder_tasks.form import Exercise, filled

_WORDS = (
    "amber", "basalt", "cobalt", "delta", "ember", "fjord", "granite", "harbour", "indigo", "jasper", "kelp", "lagoon",
    "moss", "nectar", "onyx", "pebble", "quartz", "reef", "slate", "tundra", "umber", "valley", "willow", "zephyr",
)  # fmt: skip


def _words(source: random.Random, count: int) -> list[str]:
    return [source.choice(_WORDS) for _ in range(count)]


def duration(source: random.Random) -> Exercise:
    """A duration with units of its own, read strictly."""
    small, middle, large = source.sample("abcdefghkmnpqrtuvwxyz", 3)
    per_middle, per_large = source.randint(3, 90), source.randint(3, 40)
    reference = filled(
        """
def ticks(text):
    sizes = {"$small": 1, "$middle": $per_middle, "$large": $per_middle * $per_large}
    total, digits, allowed = 0, "", ["$large", "$middle", "$small"]
    for character in text:
        if character in "0123456789":
            digits += character
        elif character in allowed and digits:
            total += int(digits) * sizes[character]
            allowed = allowed[allowed.index(character) + 1:]
            digits = ""
        else:
            return -1
    return total if text and not digits else -1
""",
        small=small,
        middle=middle,
        large=large,
        per_middle=per_middle,
        per_large=per_large,
    )

    def text(units: str) -> str:
        return "".join(f"{source.randint(0, 150)}{unit}" for unit in units)

    return Exercise(
        "duration",
        (small, middle, large, per_middle, per_large),
        "ticks(text: str) -> int",
        f"A duration is written as numbers with units, such as '2{large}5{middle}1{small}'. One {middle} is "
        f"{per_middle} {small}, and one {large} is {per_large} {middle}. Units come in the order {large}, {middle}, "
        f"{small}; each may be left out, none may occur twice, and at least one is there. Numbers have only the "
        f"digits 0-9. The function returns the duration in {small}, and -1 for any other text, the empty one included.",
        reference,
        [
            [text(large + middle + small)],
            [text(small + middle)],
            [text(middle)],
            [text(large + small)],
            [""],
            ["17"],
            [f"{large}3"],
            [text(middle + middle)],
            [f"3{middle} 4{small}"],
            [f"-2{small}"],
            [f"007{small}"],
            [text(large + middle)],
            [f"12{small}9"],
        ],
        bugs=(
            ("text and not digits", "text"),
            (f"* {per_large}", f"+ {per_large}"),
            (".index(character) + 1:", ".index(character):"),
            (" and digits:", ":"),
        ),
    )


def key_values(source: random.Random) -> Exercise:
    """A line of keys and values with separators, an escape and a rule for repeated keys."""
    outer, inner, escape = source.choice((";:\\", "|=^", "&=%", ",~!", "/>`"))
    rule, code = source.choice(
        (
            ("the last value counts", "result[key] = value"),
            ("the first value counts", "result.setdefault(key, value)"),
            (
                "the values are joined with '+' in their order",
                'result[key] = result[key] + "+" + value if key in result else value',
            ),
        )
    )
    reference = filled(
        """
def read_fields(line):
    result = {}
    parts, current, index = [[""]], "", 0
    while index < len(line):
        character = line[index]
        if character == ESCAPE and index + 1 < len(line):
            parts[-1][-1] += line[index + 1]
            index += 1
        elif character == OUTER:
            parts.append([""])
        elif character == INNER and len(parts[-1]) == 1:
            parts[-1].append("")
        else:
            parts[-1][-1] += character
        index += 1
    for part in parts:
        if len(part) == 2 and part[0]:
            key, value = part
            $code
    return result
""",
        code=code,
    )
    reference = reference.replace('parts, current, index = [[""]], "", 0', 'parts, index = [[""]], 0')
    for name, mark in (("ESCAPE", escape), ("OUTER", outer), ("INNER", inner)):
        reference = reference.replace(name, repr(mark))

    def line(count: int) -> str:
        fields = []
        for _ in range(count):
            value = source.choice(_WORDS) + source.choice(
                ("", "", escape + outer, escape + inner, inner, escape + escape)
            )
            fields.append(f"{source.choice(_WORDS[:6])}{inner}{value}{source.randint(0, 99)}")
        return outer.join(fields)

    return Exercise(
        "key values",
        (outer, inner, escape, rule),
        "read_fields(line: str) -> dict[str, str]",
        f"Fields are separated by {outer!r}; in a field the first unescaped {inner!r} separates key and value, and "
        f"later ones belong to the value. The character {escape!r} makes the character after it an ordinary one and "
        "is itself dropped; at the very end of the line it is an ordinary character. Fields with an empty key or "
        f"without an unescaped {inner!r} are ignored; empty values are fine. Where a key occurs more than once, "
        f"{rule}.",
        reference,
        [
            [line(3)],
            [line(2)],
            [""],
            [f"{inner}x{outer}a{inner}"],
            [f"a{outer}b{inner}1{inner}2"],
            [f"a{escape}{inner}b{inner}c"],
            [f"k{inner}v{escape}"],
            [f"k{inner}v{escape}{outer}"],
            [f"k{inner}{escape}{escape}{outer}k{inner}2"],
            *([line(source.randint(3, 6))] for _ in range(4)),
        ],
    )


def wrapped_text(source: random.Random) -> Exercise:
    """Words filled into lines of limited width, with a rule for layout."""
    width, pad = source.randint(14, 24), source.choice(".-_*")
    how, code = source.choice(
        (
            (f"padded on the right with {pad!r} to {width} characters", f"line.ljust({width}, {pad!r})"),
            (f"padded on the left with {pad!r} to {width} characters", f"line.rjust({width}, {pad!r})"),
            ("preceded by its number, counted from 1, and a colon with no space", 'f"{number}:{line}"'),
            ("left as it is", "line"),
        )
    )
    reference = filled(
        """
def lay_out(text):
    lines, line = [], ""
    for word in text.split():
        while len(word) > $width:
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:$width])
            word = word[$width:]
        if not word:
            continue
        if line and len(line) + 1 + len(word) > $width:
            lines.append(line)
            line = word
        else:
            line = line + " " + word if line else word
    if line:
        lines.append(line)
    return [$code for number, line in enumerate(lines, 1)]
""",
        width=width, code=code,
    )  # fmt: skip

    def text(count: int) -> str:
        return " ".join(_words(source, count))

    return Exercise(
        "laid out text",
        (width, how),
        "lay_out(text: str) -> list[str]",
        f"The words of the text (anything between white space) are filled into lines of at most {width} characters: a "
        "word goes on the current line after one space if it fits, else it starts the next line. A word longer than "
        f"{width} characters always starts on a new line and is cut into pieces of {width} characters, each a line of "
        f"its own; what is left of it is then placed like any word. Each line of the result is {how}. Text without "
        "words gives an empty list.",
        reference,
        [
            [text(8)],
            [text(6)],
            [""],
            ["  \n "],
            ["x" * (width * 2)],
            ["ab " + "y" * (width + 3) + " cd"],
            ["z" * width + " q"],
            *([text(source.randint(8, 20))] for _ in range(4)),
        ],
        bugs=(
            ("len(line) + 1 + len(word)", "len(line) + len(word)"),
            ("ljust", "rjust"),
            ("rjust", "ljust"),
            ("enumerate(lines, 1)", "enumerate(lines, 0)"),
        ),
        slips=(
            (f"while len(word) > {width}:", f"while len(word) > {width + 1}:"),
            (f"+ len(word) > {width}", f"+ len(word) > {width - 1}"),
            (f"+ len(word) > {width}", f"+ len(word) > {width + 1}"),
            (f"word[{width}:]", f"word[{width + 1}:]"),
        ),
        more=lambda: [
            " ".join(
                "abcdefghij"[number % 10] * source.choice((source.randint(1, width // 2), width, width + 1))
                for number in range(source.randint(2, 6))
            )
        ],
    )


def masked(source: random.Random) -> Exercise:
    """Digits or letters hidden but for the last few."""
    kept, mark = source.randint(2, 4), source.choice("#x*?")
    what, test = source.choice((("digit", "character.isdigit()"), ("letter", "character.isalpha()")))
    side = source.choice(("last", "first"))
    order = "reversed(range(len(text)))" if side == "last" else "range(len(text))"
    reference = filled(
        """
def mask(text):
    result = list(text)
    seen = 0
    for index in $order:
        character = text[index]
        if $test:
            seen += 1
            if seen > $kept:
                result[index] = "$mark"
    return "".join(result)
""",
        order=order, test=test, kept=kept, mark=mark,
    )  # fmt: skip

    def text() -> str:
        return "-".join(f"{source.choice(_WORDS)[:3]}{source.randint(10, 9999)}" for _ in range(source.randint(2, 4)))

    return Exercise(
        "masked",
        (kept, mark, what, side),
        "mask(text: str) -> str",
        f"It returns the text with every {what} replaced by {mark!r}, except for the {side} {kept} {what}s of the "
        "text; all other characters stay.",
        reference,
        [[text()], [text()], [""], ["--"], ["1a2"], ["abcdef"], ["123456"], *([text()] for _ in range(5))],
        bugs=(
            (f"seen > {kept}", f"seen >= {kept}"),
            ("reversed(range(len(text)))", "range(len(text))"),
            ("seen += 1", "seen = 1"),
        ),
    )


def shifted_letters(source: random.Random) -> Exercise:
    """A cipher whose shift depends on the place or on the letter before."""
    shift = source.randint(2, 11)
    rule, code = source.choice(
        (
            (f"the number of letters before it in the text times {shift}", f"count * {shift}"),
            (
                f"{shift} if its index in the text is even and {shift + 3} if it is odd",
                f"{shift} if index % 2 == 0 else {shift + 3}",
            ),
            (f"{shift} plus the number of spaces before it in the text", f"{shift} + text[:index].count(' ')"),
        )
    )
    reference = filled(
        """
def encode(text):
    result = ""
    count = 0
    for index, character in enumerate(text):
        if "a" <= character <= "z":
            shift = $code
            character = chr((ord(character) - ord("a") + shift) % 26 + ord("a"))
            count += 1
        result += character
    return result
""",
        code=code,
    )
    return Exercise(
        "encode",
        (shift, rule),
        "encode(text: str) -> str",
        "Every small letter a-z is moved forward in the alphabet, z being followed by a, by this many places: "
        f"{rule}. Indices start at 0. All other characters stay and are not letters for this purpose.",
        reference,
        [
            [" ".join(_words(source, 3))],
            [" ".join(_words(source, 2)).title()],
            [""],
            ["zzz"],
            ["A1 b2"],
            ["abc" * 12],
            *([" ".join(_words(source, source.randint(2, 6)))] for _ in range(5)),
        ],
        bugs=(
            ("% 26", "% 25"),
            ("count += 1", "count = 1"),
            ("% 2 == 0", "% 2 == 1"),
            ("text[:index]", "text[:index + 1].strip()"),
        ),
    )
