"""LiveCodeBench (Jain et al. 2024), code generation, and sets in its layout: programs and `class Solution` methods.

Belongs here: its columns and the two kinds of tests. Does not belong here: decoding private tests (`private_tests`),
running anything (scoring).
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from epyc_assets.suites.public.adapter import (
    Config,
    Draft,
    Place,
    PublicSet,
    Row,
    RowRejected,
    level_tier,
    optional_text,
    text_of,
)
from epyc_assets.suites.public.code_questions import (
    ANSWER_FORM,
    MAX_TOKENS,
    SOLUTION_PRELUDE,
    fenced,
    parsed_python,
    printed_with_tolerance,
    solution_method,
    with_tolerance,
    within_size,
)
from epyc_assets.suites.public.private_tests import decoded_tests
from epyc_assets.suites.question import JSON

_DIFFICULTIES = {"easy": 1, "medium": 2, "hard": 3}
_TIMEOUT_S = 12


def _value(text: object) -> JSON:
    """A value of a functional test: JSON, or where a set is sloppy a Python literal."""
    if not isinstance(text, str):
        return text  # type: ignore[return-value]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        try:
            return ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
            raise RowRejected(f"a test has {text[:60]!r}, which is no JSON value") from error


def _kind(test: Mapping[str, Any], functional: bool) -> bool:
    """Whether a test calls the method; told by the test, else by the question."""
    told = str(test.get("testtype") or test.get("type") or "").casefold()
    return told.endswith("functional") if told else functional


def _method(row: Row, starter: str) -> str:
    metadata = row.get("metadata")
    if isinstance(metadata, str) and metadata.strip():
        try:
            metadata = json.loads(metadata)
        except ValueError as error:
            raise RowRejected(f"metadata is no JSON: {error}") from error
    name = metadata.get("func_name") if isinstance(metadata, Mapping) else None
    if isinstance(name, str) and name.strip():
        return name.strip()
    tree = parsed_python(f"{starter.rstrip()}\n        pass\n" if starter.strip() else "", "starter_code")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
            return node.name
    return ""


def _tests_when_drawn(place: Place, method: str) -> Callable[[], Config]:
    def when_drawn() -> Config:
        row = place.reread()
        tests = [*decoded_tests(row.get("public_test_cases")), *decoded_tests(row.get("private_test_cases"))]
        if not tests:
            raise RowRejected("has no tests")
        functional = [_kind(test, bool(method)) for test in tests]
        if any(functional) != all(functional):
            raise RowRejected("has tests of both kinds, functional and stdin")
        config: dict[str, JSON] = {"language": "python", "timeout_s": _TIMEOUT_S}
        if not any(functional):
            cases: list[Mapping[str, JSON]] = [
                {"stdin": str(test.get("input", "")), "stdout": str(test.get("output", ""))} for test in tests
            ]
            return {
                **config,
                "prelude": SOLUTION_PRELUDE,
                "io_tests": within_size([printed_with_tolerance(case) for case in cases]),
            }
        if not method:
            raise RowRejected("has functional tests, but neither metadata nor starter_code names the method")
        calls: list[Mapping[str, JSON]] = []
        for test in tests:
            given = test.get("input", "")
            lines = given.split("\n") if isinstance(given, str) else list(given or [])
            args: list[JSON] = [_value(line) for line in lines if not isinstance(line, str) or line.strip()]
            calls.append({"args": args, "expected": _value(test.get("output"))})
        return {
            **config,
            "entry_point": solution_method(method),
            "prelude": SOLUTION_PRELUDE,
            "function_tests": within_size([with_tolerance(call) for call in calls]),
        }

    return when_drawn


def _read(row: Row, place: Place) -> Iterator[Draft]:
    content = text_of(row, "question_content", "question").strip()
    starter = optional_text(row, "starter_code")
    method = _method(row, starter)
    if starter.strip():
        asked = (
            f"{content}\n\nWrite it in Python, beginning with this code and leaving its names as they are:\n\n"
            f"{fenced(starter)}\n\n{ANSWER_FORM}"
        )
    else:
        asked = (
            f"{content}\n\nWrite a Python program that reads the input from standard input and writes the answer to "
            f"standard output, nothing else.\n\n{ANSWER_FORM}"
        )
    yield Draft(
        content=f"{content}\n{starter}",
        tier=level_tier(row.get("difficulty"), _DIFFICULTIES, "difficulty"),
        prompt=asked,
        expected=optional_text(row, "solution", "canonical_solution"),
        scorer="code_execution",
        config=_tests_when_drawn(place, method),
        max_tokens=MAX_TOKENS,
        identity=optional_text(row, "question_id"),
    )


LIVECODEBENCH = PublicSet(
    suite="livecodebench",
    title="LiveCodeBench",
    version="2",
    expects=(
        "test.jsonl, test2.jsonl, ... of code_generation_lite (or Parquet) with question_content, public_test_cases, "
        "private_test_cases, starter_code, difficulty",
    ),
    licence="CC BY 4.0 for the collection; the problems belong to LeetCode, AtCoder and Codeforces",
    read=_read,
    costly=frozenset({"private_test_cases", "public_test_cases"}),
)
