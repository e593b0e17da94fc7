"""Tool calls as models write them: finding them in an answer, and comparing one with the wanted one.

Belongs here: finding calls in bare or fenced JSON, in text and in Python's syntax, and what makes two calls the same.
Does not belong here: the marks of chat templates (`tool_call_marks.py`), the layouts of JSON (`tool_call_json.py`), a
verdict (`tool_call.py`, `verifiers/structured.py`).
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epyc_assets.scoring.json_schema import rules_of, schema_fault
from epyc_assets.scoring.json_values import json_objects_in, loaded_json, same_json
from epyc_assets.scoring.tool_call_json import ARGUMENT_KEYS, WRAPPERS, Call, as_call, as_calls, lenient_json
from epyc_assets.scoring.tool_call_marks import marked_calls

_SPECIAL = re.compile(r"<\|(?:python_tag|eom_id|eot_id|im_end|end|call|end_of_text)\|>|</s>")
_FENCED = re.compile(r"```[\w-]{0,20}(?P<body>.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """The calls in an answer, and whether there is nothing else in it."""

    calls: list[Call]
    alone: bool


def calls_in(text: str) -> Found:
    """The calls an answer makes: marked ones, else the whole as JSON, else JSON in its text, else Python calls."""
    text = _SPECIAL.sub("", text).strip()
    marked = marked_calls(text)
    for found in (Found(*marked) if marked is not None else None, _whole(text), _fenced(text)):
        if found is not None:
            return found
    embedded = [value for value in json_objects_in(text) if _looks_like_a_call(value)]
    calls = [call for value in embedded for call in as_calls(value) or []]
    return Found(calls or _python_calls(text), alone=False)


def _looks_like_a_call(value: Mapping[str, Any]) -> bool:
    """In the middle of text {"name": "Paris", "people": 2} is data; a call has arguments, or nothing but a name."""
    return "tool_calls" in value or bool({*ARGUMENT_KEYS, *WRAPPERS} & value.keys()) or len(value) == 1


def _whole(text: str) -> Found | None:
    whole, value = loaded_json(text)
    if whole:
        return Found(as_calls(value) or [], alone=True)
    read, value = lenient_json(text)
    calls = as_calls(value) if read else None
    return Found(calls, alone=False) if calls else None


def _fenced(text: str) -> Found | None:
    """Calls in fenced blocks, all blocks that hold some; alone when nothing stands outside of them."""
    calls: list[Call] = []
    nearly = False
    for block in _FENCED.finditer(text):
        exact, _ = loaded_json(block.group("body"))
        whole, value = lenient_json(block.group("body"))
        found = as_calls(value) if whole else None
        calls += found or []
        nearly = nearly or bool(found and not exact)
    return Found(calls, alone=not nearly and not _FENCED.sub("", text).strip()) if calls else None


_LONGEST_PYTHON_CHARACTERS = 10_000
# A response holds a few calls, not thousands of lines that look like one.
_PIECES_TRIED = 100
_CODE_SPAN = re.compile(r"`([^`\n]{1,2000})`")
_CALL_LEAD = re.compile(
    r"\A(?:[-*]\s{1,4}|\d{1,2}[.)]\s{1,4})?(?:[*_]{0,2}(?:tool |function )?call[*_]{0,2}:[*_]{0,2}\s{0,4})?"
    r"(?:[a-z_]{1,40}\s{0,4}=\s{0,4}(?=[a-z_]))?(?:await\s)?(?:return\s)?",
    re.IGNORECASE,
)
_CALL_START = re.compile(r"\[?\s{0,4}[A-Za-z_][\w.]{0,200}\(")


def _python_calls(text: str) -> list[Call]:
    """Calls in Python's syntax: the whole text, a fenced block, a line, or a code span that is nothing else."""
    blocks = [block.group("body") for block in _FENCED.finditer(text)]
    for pieces in ([text], blocks, text.splitlines(), _CODE_SPAN.findall(text)):
        bare = (_CALL_LEAD.sub("", piece[:10_001].strip(), count=1) for piece in pieces)
        likely = [piece for piece in bare if _CALL_START.match(piece)]
        calls = [call for piece in likely[:_PIECES_TRIED] for call in _python_calls_of(piece)]
        if calls:
            return calls
    return []


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
        positional = tuple(_as_json(ast.literal_eval(entry)) for entry in node.args)
        arguments: dict[str, Any] = {}
        for entry in node.keywords:
            value = _as_json(ast.literal_eval(entry.value))
            arguments |= {entry.arg: value} if entry.arg else value
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    if len(positional) == 1 and isinstance(positional[0], dict) and not arguments:
        return Call(name, positional[0])  # JavaScript's habit: tool({"key": value})
    return Call(name, arguments, positional)


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_as_json(entry) for entry in value]
    if isinstance(value, dict):
        return {str(key): _as_json(entry) for key, entry in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError("no JSON")


def call_fault(call: Call, wanted: Call, schema: Mapping[str, Any] | None = None) -> str | None:
    """The first difference between a call and the wanted one, or None.

    Numbers compare by value, texts exactly, keys have no order. With a schema of the arguments, an argument that the
    wanted call does not name is free where the schema describes it, one that it names may be left out where the
    schema's default says the same, and all arguments must fit the schema.
    """
    if call.name.removeprefix("functions.") != wanted.name.removeprefix("functions."):
        return f"the tool is {call.name[:80]!r}, wanted {wanted.name!r}"
    arguments = _named_arguments(call, schema)
    if not isinstance(arguments, Mapping):
        return f"the arguments are {str(arguments)[:80]!r}, wanted an object"
    try:
        return _arguments_fault(arguments, wanted.arguments, schema)
    except RecursionError:
        return "the arguments are nested too deeply to compare"


def _named_arguments(call: Call, schema: Mapping[str, Any] | None) -> Any:
    """The arguments with names for those given by position, which only a schema gives an order."""
    if not call.positional:
        return call.arguments
    names = list((schema or {}).get("properties", {}))
    if len(call.positional) > len(names) or set(names[: len(call.positional)]) & set(call.arguments):
        return list(call.positional)
    return {**dict(zip(names, call.positional, strict=False)), **call.arguments}


def _arguments_fault(
    arguments: Mapping[str, Any], wanted: Mapping[str, Any], schema: Mapping[str, Any] | None
) -> str | None:
    for key, value in wanted.items():
        if key not in arguments:
            default = (schema or {}).get("properties", {}).get(key, {})
            if isinstance(default, Mapping) and "default" in default and same_json(default["default"], value):
                continue
            return f"the argument {key!r} is missing, wanted {_short(value)}"
        if not same_json(arguments[key], value):
            return f"the argument {key!r} is {_short(arguments[key])}, wanted {_short(value)}"
    for key in arguments:
        # A hallucinated argument is a fault even where JSON Schema, silent about other keys, would allow it.
        if key not in wanted and (schema is None or rules_of(key, schema, default=False) == [False]):
            return f"the argument {str(key)[:80]!r} is not expected"
    fault = schema_fault(dict(arguments), schema, "arguments") if schema is not None else None
    return f"the schema is broken: {fault}" if fault else None


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:200]


def matched_faults(
    calls: Sequence[Call], wanted: Sequence[Call], schemas: Mapping[str, Mapping[str, Any]], *, ordered: bool
) -> list[str]:
    """What is wrong with a list of calls against the wanted list; empty when nothing is."""
    if len(calls) != len(wanted):
        return [f"{len(calls)} tool calls stand in the answer, wanted {len(wanted)}"]
    if ordered:
        pairs = zip(calls, wanted, strict=True)
        found = [call_fault(call, want, schemas.get(want.name)) for call, want in pairs]
        return [fault for fault in found if fault]
    left = list(calls)
    faults: list[str] = []
    # The wanted calls with most arguments first: a free call must not take what a stricter one needs.
    for want in sorted(wanted, key=lambda entry: -len(entry.arguments)):
        fits = next((call for call in left if call_fault(call, want, schemas.get(want.name)) is None), None)
        if fits is None:
            faults.append(f"no call is {want.shown()[:200]}")
        else:
            left.remove(fits)
    return faults


__all__ = ["Call", "Found", "as_call", "as_calls", "call_fault", "calls_in", "matched_faults"]
