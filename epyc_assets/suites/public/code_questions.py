"""What the code sets share: how code is asked for, and the limits that their programs run under.

Belongs here: wordings, Python read for names, tests kept to a size. Does not belong here: columns (the adapters) and
running anything (the sandbox).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence

from epyc_assets.suites.public.adapter import RowRejected
from epyc_assets.suites.question import JSON

ANSWER_FORM = "Answer with the complete code in one ```python block."
MAX_TOKENS = 4096
MOST_TEST_CHARACTERS = 4_000_000
"""Tests of one question, all together; they are stored with the question."""

CALL_TOLERANCE = 1e-5
"""Of what a method returns: LeetCode writes five decimals, and accepts answers this close."""
OUTPUT_TOLERANCE = 1e-6
"""Of decimal fractions that a program prints: what contest sites mostly accept."""

_SITE_MODULES = (
    *("string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random", "statistics"),
    *("itertools", "functools", "operator", "io", "sys", "json"),
)
SOLUTION_PRELUDE = "\n".join(
    (
        *(f"from {module} import *" for module in (*_SITE_MODULES, "typing", "builtins")),
        f"import {', '.join(_SITE_MODULES)}",
        "sys.setrecursionlimit(50_000)",
        "",
    )
)
"""What stands before a solution, as LiveCodeBench's own check has it: the names that the contest sites import, the
built-in ones last so that `pow` and `sum` stay theirs, and recursion as deep as their solutions take for granted."""


def with_tolerance(call: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """A function test, with a tolerance where what is expected holds a decimal fraction at any depth."""
    return {**call, "tolerance": CALL_TOLERANCE} if _holds_fraction(call["expected"]) else call


def _holds_fraction(value: JSON) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_fraction, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_fraction, value))
    return isinstance(value, float)


def printed_with_tolerance(case: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """A test of standard output, with a tolerance where a decimal fraction is expected: 0.5 is 0.5000000.

    Not where a whole number stands beside it that is so large that the tolerance would reach the next one.
    """
    words = str(case["stdout"]).split()
    if any(map(_FRACTION.fullmatch, words)) and not any(map(_LARGE_NUMBER.fullmatch, words)):
        return {**case, "tolerance": OUTPUT_TOLERANCE}
    return case


_FRACTION = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?")
_LARGE_NUMBER = re.compile(r"[-+]?\d{6,}")


def solution_method(method: str) -> str:
    """The entry point of a method of `class Solution`: a new object for each call. Raises RowRejected for no name."""
    if not method.isidentifier():
        raise RowRejected(f"{method[:40]!r} is no name of a method")
    return f"Solution().{method}"


def fenced(code: str, language: str = "python") -> str:
    return f"```{language}\n{code.strip(chr(10))}\n```"


def parsed_python(code: str, what: str) -> ast.Module:
    """The syntax tree; raises RowRejected for what is no Python."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RowRejected(f"{what} is no Python: {error}") from error


def within_size(tests: Sequence[Mapping[str, JSON]]) -> list[Mapping[str, JSON]]:
    """The tests in their order, the largest left out until all are at most MOST_TEST_CHARACTERS long together.

    Raises RowRejected when not even the smallest fits.
    """
    sizes = [len(json.dumps(test, ensure_ascii=False)) for test in tests]
    kept: set[int] = set()
    total = 0
    for index in sorted(range(len(tests)), key=lambda each: (sizes[each], each)):
        total += sizes[index]
        if total > MOST_TEST_CHARACTERS:
            break
        kept.add(index)
    if tests and not kept:
        raise RowRejected(f"its smallest test has {min(sizes):,} characters, more than {MOST_TEST_CHARACTERS:,}")
    return [test for index, test in enumerate(tests) if index in kept]
