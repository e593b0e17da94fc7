"""Tool calls as models write them: finding them in an answer, and comparing one with the wanted one.

Belongs here: the shapes of a call (bare or fenced JSON, OpenAI's `tool_calls`, tags, channels, Python syntax) and
what makes two calls the same. Does not belong here: a verdict (`tool_call.py`, `verifiers/structured.py`).
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

_NAME_KEYS = ("name", "tool", "function", "tool_name")
_ARGUMENT_KEYS = ("arguments", "args", "parameters", "input")
_WRAPPERS = ("function", "function_call", "tool_call")


@dataclass(frozen=True, slots=True)
class Call:
    """A call: `arguments` by name (anything but an object is a fault), `positional` those given without one."""

    name: str
    arguments: Any
    positional: tuple[Any, ...] = ()

    def shown(self) -> str:
        """The call as one line of JSON."""
        value: dict[str, Any] = {"name": self.name, "arguments": self.arguments}
        if self.positional:
            value["positional"] = list(self.positional)
        try:
            return json.dumps(value, ensure_ascii=False)
        except (RecursionError, ValueError):
            return f"{self.name}(...)"


def as_call(value: Any) -> Call | None:
    """The call that a JSON value is, in any of the usual shapes; None when it is none."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping):
        return None
    calls = value.get("tool_calls")
    if isinstance(calls, list) and len(calls) == 1:
        return as_call(calls[0])
    for key in _WRAPPERS:
        if isinstance(value.get(key), Mapping):
            return as_call(value[key])
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    if name is None:
        return None
    arguments: Any = next((value[key] for key in _ARGUMENT_KEYS if key in value), {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments) if arguments.strip() else {}
        except (ValueError, RecursionError):
            return None
    return Call(name, {} if arguments is None else arguments)


def as_calls(value: Any) -> list[Call] | None:
    """The calls that a JSON value is (one, a list, OpenAI's message); None where some part is no call."""
    if isinstance(value, Mapping):
        if isinstance(value.get("message"), Mapping):
            return as_calls(value["message"])
        if isinstance(value.get("choices"), list) and len(value["choices"]) == 1:
            return as_calls(value["choices"][0])
        if isinstance(value.get("tool_calls"), list):
            return as_calls(value["tool_calls"])
    if not isinstance(value, list):
        value = [value]
    calls = [as_call(entry) for entry in value if not isinstance(entry, list)]
    found = [call for call in calls if call is not None]
    return found if len(found) == len(value) else None


_TAGGED = re.compile(
    r"<(tool_calls?|function_calls?|tool|functioncall)>(?P<body>.*?)(?:</\1>|(?=<\1>)|\Z)", re.DOTALL | re.IGNORECASE
)
_FUNCTION_TAG = re.compile(
    r"<function=(?P<name>[\w.-]{1,200})>(?P<body>.*?)(?:</function>|(?=<function=)|\Z)", re.DOTALL
)
_PARAMETER_TAG = re.compile(r"<parameter=(?P<key>[\w.-]{1,200})>(?P<value>.*?)(?:</parameter>|\Z)", re.DOTALL)
_CHANNEL = re.compile(
    r"(?:<\|start\|>assistant)?(?:<\|channel\|>commentary )?to=(?:functions\.)?(?P<name>[\w.-]{1,200})"
    r"[^<]{0,60}(?:<\|channel\|>[^<]{0,60})?"
    r"(?:<\|constrain\|>[^<]{0,40})?<\|message\|>(?P<body>.*?)(?=<\|start\|>|<\|channel\|>|\Z)",
    re.DOTALL,
)
_LISTED = re.compile(r"\[TOOL_CALLS\](?P<body>.*)\Z", re.DOTALL)
_NAMED = re.compile(r"\s*(?P<name>[\w.-]{1,200})\s*(?:\[ARGS\]\s*)?(?P<body>\{.*)\Z", re.DOTALL)
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
    for found in (_marked(text), _whole(text), _fenced(text)):
        if found is not None:
            return found
    embedded = [value for value in json_objects_in(text) if _looks_like_a_call(value)]
    calls = [call for value in embedded for call in as_calls(value) or []]
    return Found(calls or _python_calls(text), alone=False)


def _looks_like_a_call(value: Mapping[str, Any]) -> bool:
    """In the middle of text {"name": "Paris", "people": 2} is data; a call has arguments, or nothing but a name."""
    return "tool_calls" in value or bool({*_ARGUMENT_KEYS, *_WRAPPERS} & value.keys()) or len(value) == 1


def _whole(text: str) -> Found | None:
    whole, value = loaded_json(text)
    if not whole:
        return None
    calls = as_calls(value)
    return Found(calls or [], alone=True)


def _fenced(text: str) -> Found | None:
    """Calls in fenced blocks, all blocks that hold some; alone when nothing stands outside of them."""
    calls: list[Call] = []
    for block in _FENCED.finditer(text):
        whole, value = loaded_json(block.group("body"))
        found = as_calls(value) if whole else None
        calls += found or []
    return Found(calls, alone=not _FENCED.sub("", text).strip()) if calls else None


def _marked(text: str) -> Found | None:
    """Calls inside the marks of a chat template; None where no mark holds one."""
    calls: list[Call] = []
    rest = text
    for pattern, read in _MARKS:
        if pattern is _CHANNEL and "<|message|>" not in rest:
            continue
        found = list(pattern.finditer(rest))
        for match in found:
            calls += read(match)
        if found:
            rest = pattern.sub("", rest)
    return Found(calls, alone=not rest.strip()) if calls else None


def _from_json(match: re.Match[str]) -> list[Call]:
    body = match.group("body").strip()
    whole, value = loaded_json(body)
    if whole:
        return as_calls(value) or []
    inner = [call for part in _FUNCTION_TAG.finditer(body) for call in _from_function_tag(part)]
    if inner:
        return inner
    named = _NAMED.match(body)
    if named is not None:
        return _with_arguments(named.group("name"), named.group("body"))
    found = [as_calls(value) or [] for value in json_objects_in(body)]
    return [call for calls in found for call in calls]


def _with_arguments(name: str, body: str) -> list[Call]:
    whole, value = loaded_json(body)
    return [Call(name, value)] if whole else []


def _from_function_tag(match: re.Match[str]) -> list[Call]:
    body = match.group("body").strip()
    parameters = list(_PARAMETER_TAG.finditer(body))
    if not parameters:
        return _with_arguments(match.group("name"), body) if body else [Call(match.group("name"), {})]
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        text = parameter.group("value").strip()
        whole, value = loaded_json(text)
        arguments[parameter.group("key")] = value if whole else text
    return [Call(match.group("name"), arguments)]


def _from_channel(match: re.Match[str]) -> list[Call]:
    return _with_arguments(match.group("name"), match.group("body"))


_MARKS = (
    (_TAGGED, _from_json),
    (_FUNCTION_TAG, _from_function_tag),
    (_CHANNEL, _from_channel),
    (_LISTED, _from_json),
)

_LONGEST_PYTHON_CHARACTERS = 10_000
# A response holds a few calls, not thousands of lines that look like one.
_PIECES_TRIED = 100
_CODE_SPAN = re.compile(r"`([^`\n]{1,2000})`")
_CALL_START = re.compile(r"\[?\s{0,4}[A-Za-z_][\w.]{0,200}\(")


def _python_calls(text: str) -> list[Call]:
    """Calls in Python's syntax: the whole text, a fenced block, a line, or a code span that is nothing else."""
    blocks = [block.group("body") for block in _FENCED.finditer(text)]
    for pieces in ([text], blocks, text.splitlines(), _CODE_SPAN.findall(text)):
        likely = [piece.strip() for piece in pieces if _CALL_START.match(piece.lstrip())]
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
        name = ast.unparse(node.func)
        positional = tuple(_as_json(ast.literal_eval(entry)) for entry in node.args)
        arguments = {str(entry.arg): _as_json(ast.literal_eval(entry.value)) for entry in node.keywords if entry.arg}
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return None if any(entry.arg is None for entry in node.keywords) else Call(name, arguments, positional)


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
    arguments = _named_arguments(call, wanted, schema)
    if not isinstance(arguments, Mapping):
        return f"the arguments are {str(arguments)[:80]!r}, wanted an object"
    try:
        return _arguments_fault(arguments, wanted.arguments, schema)
    except RecursionError:
        return "the arguments are nested too deeply to compare"


def _named_arguments(call: Call, wanted: Call, schema: Mapping[str, Any] | None) -> Any:
    """The arguments with names for those given by position: the schema's order, else the wanted call's."""
    if not call.positional:
        return call.arguments
    names = list((schema or {}).get("properties", {})) or list(wanted.arguments)
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
