"""USACO (Shi et al. 2024, "Can Language Models Solve Olympiad Programming?"): contest problems with their test files.

Belongs here: its JSON of problems by id, and the folder of tests beside it. Does not belong here: running programs
(scoring).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

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
from epyc_assets.suites.public.code_questions import ANSWER_FORM, MAX_TOKENS, within_size
from epyc_assets.suites.question import JSON

_LEVELS = {"bronze": 1, "silver": 2, "gold": 3, "platinum": 3}
_FOLDERS = ("tests", "usaco_v3/tests", "usaco/tests", "usaco_v2/tests", "../tests")
_NAMES = (("{}.in", "{}.out"), ("I.{}", "O.{}"))
_MOST_TESTS = 200


def _file_tests(place: Place, problem_id: str) -> list[Mapping[str, JSON]]:
    """The cases of a problem's folder: 1.in and 1.out, or I.1 and O.1, counted from 1."""
    for folder in _FOLDERS:
        for names in _NAMES:
            cases: list[Mapping[str, JSON]] = []
            for number in range(1, _MOST_TESTS + 1):
                given, wanted = (place.sibling(f"{folder}/{problem_id}/{name.format(number)}") for name in names)
                if given is None or wanted is None:
                    break
                cases.append({"stdin": given.decode("utf-8", "replace"), "stdout": wanted.decode("utf-8", "replace")})
            if cases:
                return cases
    return []


def _row_tests(row: Row) -> list[Mapping[str, JSON]]:
    """Cases that stand in the row itself, under the usual names."""
    tests = row.get("tests", row.get("test_cases"))
    if not isinstance(tests, list):
        return []
    pairs = [
        (each.get("input", each.get("stdin")), each.get("output", each.get("stdout")))
        for each in tests
        if isinstance(each, Mapping)
    ]
    return [
        {"stdin": given, "stdout": wanted}
        for given, wanted in pairs
        if isinstance(given, str) and isinstance(wanted, str)
    ]


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else default


def _tests_when_drawn(row: Row, place: Place, problem_id: str) -> Callable[[], Config]:
    def when_drawn() -> Config:
        cases = _row_tests(row) or _file_tests(place, problem_id)
        if not cases:
            raise RowRejected(
                f"has no tests: expected tests/{problem_id}/1.in and 1.out (or I.1 and O.1) beside the problems, "
                "unpacked or in the same ZIP archive"
            )
        published = row.get("num_tests")
        if isinstance(published, int) and len(cases) < published:
            raise RowRejected(f"has {len(cases)} of its {published} tests, counted from 1 without a gap")
        return {
            "language": "python",
            "io_tests": within_size(cases),
            # The published limits are per case, in seconds and megabytes.
            "timeout_s": _number(row.get("runtime_limit"), 4.0),
            "memory_bytes": int(_number(row.get("memory_limit"), 256.0) * 10**6),
        }

    return when_drawn


def _read(row: Row, place: Place) -> Iterator[Draft]:
    problem_id = text_of(row, "problem_id", "__key__").strip()
    if not re.fullmatch(r"[\w.-]{1,200}", problem_id) or ".." in problem_id:
        raise RowRejected(f"problem_id {problem_id[:60]!r} is no plain name")
    description = text_of(row, "description").strip()
    yield Draft(
        content=description,
        tier=level_tier(row.get("problem_level"), _LEVELS, "problem_level"),
        prompt=f"{description}\n\nWrite a Python program that reads the input from standard input and writes the "
        f"answer to standard output, even where the problem names files.\n\n{ANSWER_FORM}",
        expected=optional_text(row, "solution_python3"),
        scorer="code_execution",
        config=_tests_when_drawn(row, place, problem_id),
        max_tokens=MAX_TOKENS,
        identity=problem_id,
        preference=0 if optional_text(row, "solution_python3") else 1,
    )


def _wanted(path: PurePosixPath) -> bool:
    parts = {part.casefold() for part in path.parts[:-1]}
    return not parts & {"tests", "corpuses"}


USACO = PublicSet(
    suite="usaco",
    title="USACO",
    version="1",
    expects=(
        "data/datasets/usaco_subset307_dict.json (or usaco_v2_dict.json) with its folder of tests, "
        "usaco_v3/tests/<problem_id>/1.in and 1.out (or I.1 and O.1), beside it",
    ),
    licence="the collection's repository states none; the problems belong to the USA Computing Olympiad",
    read=_read,
    wanted=_wanted,
)
