"""Verifiers of structured answers: `format:tool_call`, `format:exact_list`, `format:json_schema`.

Belongs here: answers that must be JSON with a certain content, or a certain list. Does not belong here:
whether an answer is JSON at all (`layout.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from epyc_assets.scoring.json_values import json_objects_in, loaded_json, same_json
from epyc_assets.scoring.quantities import plain, split_list
from epyc_assets.scoring.verdicts import InvalidScorerConfig
from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier


def as_call(value: Any) -> tuple[str, Any] | None:
    """The (name, arguments) of a tool call in any of the usual JSON shapes; None when it is none."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping):
        return None
    calls = value.get("tool_calls")
    if isinstance(calls, list) and len(calls) == 1:
        return as_call(calls[0])
    for key in ("function", "function_call", "tool_call"):
        if isinstance(value.get(key), Mapping):
            return as_call(value[key])
    name = next(
        (value[key] for key in ("name", "tool", "function", "tool_name") if isinstance(value.get(key), str)),
        None,
    )
    if name is None:
        return None
    arguments: Any = next((value[key] for key in ("arguments", "args", "parameters", "input") if key in value), {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return None
    return name, {} if arguments is None else arguments


def tool_call(answer: str, arguments: Arguments) -> Finding:
    """The answer calls tool `name` with exactly `arguments`.

    Where `name` is absent, the question's expected answer (a tool call as JSON) says both. With `embedded`
    true the call may stand inside other text; then there must be exactly one.
    """
    wanted = _wanted_call(arguments)
    whole, value = loaded_json(answer)
    if not whole and arguments.flag("embedded", False):
        calls = [call for call in map(as_call, json_objects_in(answer)) if call is not None]
        if len(calls) != 1:
            return Finding(False, f"{len(calls)} tool calls stand in the answer, wanted one")
        call = calls[0]
    elif not whole:
        return Finding(False, "the answer is not JSON")
    else:
        call = as_call(value)
    if call is None:
        return Finding(False, "the answer is JSON but not a tool call")
    if call[0] != wanted[0]:
        return Finding(False, f"the tool is {call[0][:80]!r}, wanted {wanted[0]!r}")
    try:
        same = same_json(call[1], wanted[1])
    except RecursionError:
        same = False
    if not same:
        return Finding(False, f"the arguments are {json.dumps(call[1])[:200]}, wanted {json.dumps(wanted[1])[:200]}")
    return Finding(True, f"{call[0]} is called with the wanted arguments")


def _wanted_call(arguments: Arguments) -> tuple[str, Any]:
    if arguments.values.get("name") is not None:
        wanted = arguments.values.get("arguments")
        if wanted is not None and not isinstance(wanted, Mapping):
            raise InvalidScorerConfig("Instruction 'format:tool_call': 'arguments' must be an object.")
        return arguments.text("name"), wanted or {}
    whole, value = loaded_json(arguments.expected)
    call = as_call(value) if whole else None
    if call is None:
        raise InvalidScorerConfig(
            "Instruction 'format:tool_call' needs 'name' and 'arguments', or an expected answer that is a "
            "tool call "
            f"as JSON; the expected answer is {arguments.expected[:80]!r}."
        )
    return call


def exact_list(answer: str, arguments: Arguments) -> Finding:
    """The answer is the list `items` and nothing else, by commas, lines or bullets."""
    wanted = arguments.values.get("items")
    if not isinstance(wanted, list | tuple) or not wanted:
        raise InvalidScorerConfig(f"Instruction 'format:exact_list': 'items' must be a list; got {wanted!r}.")
    folded = [plain(str(entry)).casefold() for entry in wanted]
    entries = split_list(answer)
    given = [entry.casefold() for entry in (entries if entries is not None else [plain(answer)])]
    if not arguments.flag("ordered", True):
        folded, given = sorted(folded), sorted(given)
    return Finding(
        folded == given,
        f"the list has {len(given)} entries, wanted {len(folded)}" + ("" if folded == given else ": they differ"),
    )


_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "number": (int, float), "integer": (int, float),
}  # fmt: skip
_ANNOTATIONS = frozenset(("title", "description", "default", "examples", "$schema", "$id", "$comment"))
_SUPPORTED = frozenset(
    ("type", "properties", "required", "additionalProperties", "items", "enum", "const", "minimum", "maximum",
     "minLength", "maxLength", "minItems", "maxItems")
)  # fmt: skip


def schema_fault(value: Any, schema: Any, path: str = "$") -> str | None:
    """The first way in which a JSON value breaks a JSON Schema, or None.

    Raises:
        InvalidScorerConfig: the schema uses a keyword that is not supported here (so that nothing passes
        unread).
    """
    if schema is True or schema == {}:
        return None
    if not isinstance(schema, Mapping):
        raise InvalidScorerConfig(f"The JSON schema at {path} must be an object; got {schema!r}.")
    unknown = sorted(set(schema) - _SUPPORTED - _ANNOTATIONS)
    if unknown:
        raise InvalidScorerConfig(f"The JSON schema at {path} uses {unknown}, which is not supported.")
    types = schema.get("type")
    if types is not None and not any(_is_type(value, name) for name in ([types] if isinstance(types, str) else types)):
        return f"{path} is not of type {types}"
    if "enum" in schema and not any(same_json(value, allowed) for allowed in schema["enum"]):
        return f"{path} is none of {schema['enum']}"
    if "const" in schema and not same_json(value, schema["const"]):
        return f"{path} is not {schema['const']!r}"
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if numeric and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return f"{path} is out of bounds"
    if isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return f"{path} has a length out of bounds"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return f"{path} has {len(value)} entries, out of bounds"
        faults = (
            schema_fault(entry, schema.get("items", True), f"{path}[{index}]") for index, entry in enumerate(value)
        )
        return next((fault for fault in faults if fault), None)
    if isinstance(value, Mapping):
        return _object_fault(value, schema, path)
    return None


def _is_type(value: Any, name: str) -> bool:
    if name not in _TYPES:
        raise InvalidScorerConfig(f"The JSON schema names a type {name!r}; the types are {', '.join(_TYPES)}.")
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _object_fault(value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> str | None:
    missing = [key for key in schema.get("required", []) if key not in value]
    if missing:
        return f"{path} lacks {missing}"
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for key, entry in value.items():
        rule = properties.get(key, others)
        if rule is False:
            return f"{path} has the unexpected key {key!r}"
        fault = schema_fault(entry, rule, f"{path}.{key}")
        if fault:
            return fault
    return None


def json_schema(answer: str, arguments: Arguments) -> Finding:
    """The whole answer is JSON (a fence aside) that fits `schema`, a JSON Schema of the simple keywords."""
    schema = arguments.values.get("schema")
    if not isinstance(schema, Mapping) or not schema:
        raise InvalidScorerConfig(f"Instruction 'format:json_schema': 'schema' must be an object; got {schema!r}.")
    schema_fault(None, {**schema, "type": list(_TYPES)})  # an unusable schema is refused whatever the answer is
    whole, value = loaded_json(answer)
    if not whole:
        return Finding(False, "the answer is not JSON")
    try:
        fault = schema_fault(value, schema)
    except RecursionError:
        fault = "the answer is nested too deeply to check"
    return Finding(fault is None, fault or "the answer fits the schema")


VERIFIERS = (
    Verifier("format:tool_call", ("name", "arguments", "embedded"), tool_call),
    Verifier("format:exact_list", ("items", "ordered"), exact_list),
    Verifier("format:json_schema", ("schema",), json_schema),
)
