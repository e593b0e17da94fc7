"""Tool calls in Python's syntax: `name(key=value)`, alone, in a list, in a line, a fence or a code span.

Belongs here: reading such calls without running anything. Does not belong here: JSON (`tool_call_json.py`).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Sequence
from typing import Any

from epyc_assets.scoring.tool_call_json import Call

FENCED = re.compile(r"```(?P<language>[\w-]{0,20})(?P<body>.*?)```", re.DOTALL)
_LONGEST_PYTHON_CHARACTERS = 10_000
# A response holds a few calls, not thousands of lines that look like one.
_PIECES_TRIED = 100
_CODE_SPAN = re.compile(r"`([^`\n]{1,2000})`")
_CALL_LEAD = re.compile(
    r"\A(?:[-*]\s{1,4}|\d{1,2}[.)]\s{1,4})?(?:[*_]{0,2}(?:(?:tool |function )?call|action)[*_]{0,2}:[*_]{0,2}\s{0,4})?"
    r"(?:[a-z_]{1,40}\s{0,4}=\s{0,4}(?=[a-z_]))?(?:await\s)?(?:return\s)?",
    re.IGNORECASE,
)
_CALL_START = re.compile(r"\[?\s{0,4}[A-Za-z_][\w.]{0,200}\(")


def python_calls(text: str, names: Collection[str] = ()) -> list[Call]:
    """Calls in Python's syntax: the whole text, a fenced block, a line, or a code span that is nothing else.

    A block that calls itself Python is a program, in which only calls of the tools in `names` are tool calls.
    """
    blocks = list(FENCED.finditer(text))
    programs = [block["body"] for block in blocks if block["language"].lower().startswith("py")]
    others = [block["body"] for block in blocks if not block["language"].lower().startswith("py")]
    prose = FENCED.sub("\n", text)
    for pieces in ([text], others, prose.splitlines(), _CODE_SPAN.findall(prose)):
        if calls := _calls_of(pieces):
            return calls
    lines = [line for body in others for line in body.splitlines()]
    for pieces in (programs, [*lines, *(line for body in programs for line in body.splitlines())]):
        if calls := [call for call in _calls_of(pieces) if call.name in names]:
            return calls
    return []


def _calls_of(pieces: Sequence[str]) -> list[Call]:
    bare = (_CALL_LEAD.sub("", piece[:10_001].strip().rstrip(".;"), count=1) for piece in pieces)
    likely = [piece for piece in bare if _CALL_START.match(piece)]
    return [call for piece in likely[:_PIECES_TRIED] for call in _python_calls_of(piece)]


def _python_calls_of(text: str) -> list[Call]:
    if len(text) > _LONGEST_PYTHON_CHARACTERS or not text.endswith((")", "]")):
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    calls: list[Call] = []
    for statement in tree.body:
        if not isinstance(statement, ast.Expr):
            return []
        expression = statement.value
        for node in expression.elts if isinstance(expression, ast.List | ast.Tuple) else [expression]:
            call = _python_call(node)
            if call is None:
                return []
            calls.append(call)
    return calls


def _python_call(node: ast.expr) -> Call | None:
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name) and node.func.id == "print" and len(node.args) == 1:
        return _python_call(node.args[0])  # Gemma's habit: print(tool(...))
    try:
        name = ast.unparse(node.func).removesuffix(".call")
        positional = tuple(_literal(entry) for entry in node.args)
        arguments: dict[str, Any] = {}
        for entry in node.keywords:
            value = _literal(entry.value)
            arguments |= {entry.arg: value} if entry.arg else value
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    if len(positional) == 1 and isinstance(positional[0], dict) and not arguments:
        return Call(name, positional[0])  # JavaScript's habit: tool({"key": value})
    return Call(name, arguments, positional)


class _JsonWords(ast.NodeTransformer):
    """JSON's true, false and null among Python's words."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        words = {"true": True, "false": False, "null": None}
        return ast.Constant(words[node.id]) if node.id in words else node


def _literal(node: ast.expr) -> Any:
    return _as_json(ast.literal_eval(_JsonWords().visit(node)))


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_as_json(entry) for entry in value]
    if isinstance(value, dict):
        return {str(key): _as_json(entry) for key, entry in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError("no JSON")
