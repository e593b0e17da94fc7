"""BigCodeBench (Zhuo et al. 2024): functions that use many libraries, tested with unittest.

Belongs here: its columns, the newest of several versions, the libraries a question needs. Does not belong here:
running tests (scoring).
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from epyc_assets.suites.public.adapter import Config, Draft, Place, PublicSet, Row, RowLeftOut, RowRejected, text_of
from epyc_assets.suites.public.code_questions import ANSWER_FORM, MAX_TOKENS, parsed_python

SANDBOX_PYTHON_VARIABLE = "EPYC_SANDBOX_PYTHON"
"""Names a Python with packages that programs run under; without it they have the standard library only."""


def _libraries(row: Row) -> list[str]:
    libraries = row.get("libs")
    if isinstance(libraries, str):
        try:
            libraries = ast.literal_eval(libraries)
        except (ValueError, SyntaxError) as error:
            raise RowRejected(f"libs is no list: {libraries[:60]!r}") from error
    return [str(library) for library in libraries] if isinstance(libraries, list | tuple) else []


def _version(path: PurePosixPath) -> int:
    match = re.search(r"v(\d+)\.(\d+)\.(\d+)", path.as_posix())
    return int(match[1]) * 10**6 + int(match[2]) * 10**3 + int(match[3]) if match else 0


def _config(entry_point: str, prelude: str, test: str, libraries: list[str]) -> Callable[[], Config]:
    def when_drawn() -> Config:
        missing = sorted({name for name in libraries if name.split(".")[0] not in sys.stdlib_module_names})
        if missing and not os.environ.get(SANDBOX_PYTHON_VARIABLE, "").strip():
            raise RowLeftOut(
                f"needs libraries beyond Python's own: name a Python that has them in {SANDBOX_PYTHON_VARIABLE}"
            )
        return {
            "language": "python",
            "entry_point": entry_point,
            "prelude": prelude,
            "test_code": test,
            "isolation": "together",
            "timeout_s": 60,
        }

    return when_drawn


def _read(row: Row, place: Place) -> Iterator[Draft]:
    asked = text_of(row, "instruct_prompt", "complete_prompt").strip()
    entry_point = text_of(row, "entry_point").strip()
    test = text_of(row, "test")
    started = text_of(row, "code_prompt")
    solution = text_of(row, "canonical_solution")
    if f"def {entry_point}(" not in started:
        raise RowRejected(f"code_prompt does not define {entry_point}")
    if "TestCase" not in test:
        raise RowRejected("test has no unittest.TestCase")
    parsed_python(test, "test")
    libraries = _libraries(row)
    hard = "hard" in str(place.file).casefold()
    yield Draft(
        content=asked,
        tier=3 if hard else min(3, max(1, len(libraries))),
        prompt=f"{asked}\n\n{ANSWER_FORM}",
        expected=f"{started.rstrip()}\n{solution}",
        scorer="code_execution",
        # The set's own calibration: imports and signature stand before the answer, with a body that does nothing.
        config=_config(entry_point, f"{started.rstrip()}\n    pass\n", test, libraries),
        max_tokens=MAX_TOKENS,
        identity=str(row.get("task_id") or ""),
        preference=(0 if hard else 1) * 10**9 - _version(place.file),
    )


BIGCODEBENCH = PublicSet(
    suite="bigcodebench",
    title="BigCodeBench",
    version="1",
    expects=(
        "Parquet such as data/v0.1.4-00000-of-00001.parquet, or BigCodeBench-v0.1.4.jsonl(.gz); of BigCodeBench-Hard "
        "the same in a folder or file with hard in its name",
    ),
    licence="Apache 2.0",
    read=_read,
)
