"""MATH-500 (Lightman et al. 2023, the 500 held-out problems of Hendrycks et al. 2021), and MATH in its own layout.

Belongs here: columns, levels, and the boxed answer of a solution. Does not belong here: comparing answers (scoring).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, Row, RowRejected, optional_text, text_of


def last_boxed(solution: str) -> str:
    """What stands in the last \\boxed{...} or \\fbox{...} of a text, braces balanced; empty where there is none."""
    for match in reversed(list(re.finditer(r"\\(?:boxed|fbox)\s*(\{|(?=\s*[^\s{]))", solution))):
        if not match.group(1):
            bare = re.match(r"\s*(\w+|\S)", solution[match.end() :])
            return bare.group(1) if bare else ""
        depth = 1
        for index in range(match.end(), len(solution)):
            escaped = solution[index - 1] == "\\"
            depth += (solution[index] == "{" and not escaped) - (solution[index] == "}" and not escaped)
            if depth == 0:
                return solution[match.end() : index].strip()
    return ""


_MIDDLE_LEVEL = 3
_ORDER = re.compile(
    r"\border(?:ed)?\b|\b(?:in|de)creasing\b|\b(?:a|de)scending\b|\b(?:smallest|largest|least|greatest) first"
)


def _level(row: Row) -> int:
    if "level" not in row:  # The CSV copy has no such column; the middle one, then.
        return _MIDDLE_LEVEL
    match = re.fullmatch(r"(?:level)?\s*([1-5])(?:\.0)?", str(row.get("level")).strip(), re.IGNORECASE)
    if match is None:
        raise RowRejected(f"level is {row.get('level')!r}, not 1 to 5")
    return int(match.group(1))


def is_set(problem: str, answer: str) -> bool:
    """Whether the answer is several values whose order says nothing: "1,-2" are the roots, "(1,-2)" is a point.

    Not so where the problem speaks of an order.
    """
    plain = re.sub(r"\{,\}|,\\!", "", answer)
    if "," not in plain or re.fullmatch(r"\D*\d{1,3}(?:,\d{3})+(?:\.\d+)?\D*", plain):
        return False
    outside = re.sub(r"\{[^{}]*\}", "", plain)
    return not re.search(r"[()\[\]]", outside) and not _ORDER.search(problem)


def _read(row: Row, place: Place) -> Iterator[Draft]:
    problem = text_of(row, "problem", "question", "Question").strip()
    answer = optional_text(row, "answer", "Answer").strip() or last_boxed(optional_text(row, "solution"))
    if not answer and isinstance(row.get("answer"), int | float):
        answer = text_of(row, "answer")
    if not answer:
        raise RowRejected("has no answer, and no \\boxed{} in its solution")
    level = _level(row)
    yield Draft(
        content=problem,
        tier=1 if level <= 2 else 2 if level == 3 else 3,
        prompt=f"{problem}\n\nReason step by step, then put the final answer in \\boxed{{}}.",
        expected=answer,
        scorer="exact_match",
        config={"unordered": True} if is_set(problem, answer) else {},
        max_tokens=4096,
    )


MATH_500 = PublicSet(
    suite="math_500",
    title="MATH-500",
    version="2",
    expects=(
        "test.jsonl with problem, answer, level (or its Parquet copy, or a CSV with Question, Answer)",
        "or the files of MATH itself, test/<subject>/<number>.json with problem, solution, level",
    ),
    licence="MIT",
    read=_read,
)
