"""CRUXEval (Gu et al. 2024): what a short function returns, and what it must be given to return it.

Belongs here: code, input, output, in both directions. Does not belong here: running the code (scoring).
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from pathlib import PurePosixPath

from epyc_assets.suites.public.adapter import (
    Config,
    Draft,
    Place,
    PublicSet,
    Row,
    RowRejected,
    code_lines_tier,
    text_of,
)
from epyc_assets.suites.public.code_questions import fenced, parsed_python

_EASY_LINES = 5
_MIDDLE_LINES = 9
_INPUT_TEST = """\
{code}

import ast as _ast
_arguments = _ast.literal_eval(repr(arguments()))
if not isinstance(_arguments, tuple):  # one argument, given as it is
    _arguments = (_arguments,)
assert f(*_arguments) == {output}
"""
"""The function is defined again after the answer and is given plain values: neither can be tampered with."""


def _output_config(output: str) -> Config:
    """Compared as a value, so that spacing, quotes and the order of a mapping do not matter; as text where it is none,
    such as `range(0, 3)`."""
    try:
        ast.literal_eval(output)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return {"answer_type": "text", "case_sensitive": True}
    return {"answer_type": "python"}


def _read(row: Row, place: Place) -> Iterator[Draft]:
    code, given, output = text_of(row, "code"), row.get("input"), text_of(row, "output").strip()
    if not isinstance(given, str):  # Empty where f takes nothing.
        raise RowRejected(f"input is no text: {str(given)[:60]!r}")
    tree = parsed_python(code, "code")
    if not any(isinstance(node, ast.FunctionDef) and node.name == "f" for node in tree.body):
        raise RowRejected("code defines no function f")
    parsed_python(f"f({given})", "input")
    names = {node.id for node in ast.walk(parsed_python(output, "output")) if isinstance(node, ast.Name)}
    if names - set(dir(builtins)):
        raise RowRejected(f"output is no value but names {', '.join(sorted(names))}: {output[:60]!r}")
    tier = code_lines_tier(code, _EASY_LINES, _MIDDLE_LINES)
    identity = str(row.get("id") or "")
    yield Draft(
        content=f"output\n{code}\n{given}",
        tier=tier,
        prompt=f"{fenced(code)}\n\nWhat does f({given}) return? Answer with the value only, as a Python literal.",
        expected=output,
        scorer="exact_match",
        config=_output_config(output),
        max_tokens=1024,
        identity=identity and f"{identity}/output",
    )
    yield Draft(
        content=f"input\n{code}\n{output}",
        tier=tier,
        prompt=f"{fenced(code)}\n\nFind arguments with which f returns {output}. Answer with one ```python block that "
        "defines a function arguments() without parameters that returns them as a tuple of literals (a tuple of one "
        "for one argument).",
        expected=f"def arguments():\n    return (lambda *given: given)({given})\n",
        scorer="code_execution",
        config={
            "language": "python",
            "entry_point": "arguments",
            "test_code": _INPUT_TEST.format(code=code, output=output),
            "timeout_s": 10,
        },
        max_tokens=1024,
        identity=identity and f"{identity}/input",
    )


def _wanted(path: PurePosixPath) -> bool:
    """The repository also holds what models answered and how that was evaluated."""
    told = str(path).casefold()
    return not {part.casefold() for part in path.parts[:-1]} & {"samples", "openai"} and "generation" not in told


CRUXEVAL = PublicSet(
    suite="cruxeval",
    title="CRUXEval",
    version="2",
    expects=("data/cruxeval.jsonl of the original repository, or test.jsonl, with code, input, output, id",),
    licence="MIT",
    read=_read,
    wanted=_wanted,
)
