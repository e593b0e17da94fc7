"""MBPP (Austin et al. 2021, "Program Synthesis with Large Language Models"), the full and the sanitized set.

Belongs here: both layouts, and the split that the task's number decides. Does not belong here: running tests
(scoring).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from epyc_assets.suites.public.adapter import (
    Draft,
    Place,
    PublicSet,
    Row,
    RowRejected,
    code_lines_tier,
    optional_text,
    text_of,
)
from epyc_assets.suites.public.code_questions import ANSWER_FORM, MAX_TOKENS, parsed_python

_EASY_LINES = 4
_MIDDLE_LINES = 8


def _split(number: object) -> str:
    """The published split: tasks 11 to 510 are the test set, 1 to 10 the examples, 511 to 600 validation."""
    if not isinstance(number, int) or isinstance(number, bool):
        return ""
    return "test" if 11 <= number <= 510 else "validation" if 511 <= number <= 600 else "train"


def _called(test: str, code: str) -> str:
    """The function that the tests call and the solution defines; raises RowRejected where there is none."""
    defined = {
        node.name for node in parsed_python(code, "code").body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for node in ast.walk(parsed_python(test, "test_list")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in defined:
            return node.func.id
    raise RowRejected("its tests call no function that its code defines")


def _texts(row: Row, name: str) -> list[str]:
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise RowRejected(f"{name} is no list of texts")
    return value


def _read(row: Row, place: Place) -> Iterator[Draft]:
    task = text_of(row, "text", "prompt").strip()
    code = text_of(row, "code").replace("\r\n", "\n")
    tests = _texts(row, "test_list")
    if not tests:
        raise RowRejected("test_list is empty")
    setup = [*_texts(row, "test_imports"), optional_text(row, "test_setup_code").replace("\r\n", "\n")]
    hidden = _texts(row, "challenge_test_list")
    test_code = "\n".join([*filter(None, setup), *tests, *hidden])
    entry_point = _called("\n".join(tests), code)
    shown = "\n".join(tests)
    yield Draft(
        content=f"{task}\n{shown}",
        tier=code_lines_tier(code, _EASY_LINES, _MIDDLE_LINES),
        prompt=f"{task}\n\nYour code must pass these tests:\n\n{shown}\n\n{ANSWER_FORM}",
        expected=code,
        scorer="code_execution",
        config={
            "language": "python",
            "entry_point": entry_point,
            "test_code": test_code,
            # Setup code builds objects of classes that the answer defines; these do not travel between processes.
            "isolation": "together" if optional_text(row, "test_setup_code").strip() else "apart",
            "timeout_s": 10,
        },
        max_tokens=MAX_TOKENS,
        # A task stands in both sets; the sanitized wording is the checked one.
        identity=str(row.get("task_id") or ""),
        preference=0 if "prompt" in row else 1,
        split=_split(row.get("task_id")),
    )


MBPP = PublicSet(
    suite="mbpp",
    title="MBPP",
    version="1",
    expects=(
        "mbpp.jsonl or sanitized-mbpp.json of the original repository",
        "or Parquet such as full/test-00000-of-00001.parquet or sanitized/test-00000-of-00001.parquet",
    ),
    licence="CC BY 4.0",
    read=_read,
)
