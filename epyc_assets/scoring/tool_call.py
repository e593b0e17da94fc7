"""Scorer `tool_call`: the answer calls the wanted tool with the wanted arguments.

Belongs here: the verdict on calls. Does not belong here: finding and comparing calls (`tool_calls.py`), JSON Schema
(`json_schema.py`), running any tool.

`expected`: the call as JSON, {"name": ..., "arguments": {...}} (or OpenAI's layout), a list of several, or [] where
no tool should be called. Config (all optional): `schema` (JSON Schema of the arguments, so that some may be left
open), `tools` (descriptions of several tools with their schemas), `any_order` (false: several calls in the order
wanted), `any_of` (more accepted calls or lists of calls).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from epyc_assets.scoring.extraction import EMPTY_AFTER_THINKING, visible_answer
from epyc_assets.scoring.json_schema import check_schema, rules_of, schema_fault
from epyc_assets.scoring.json_values import loaded_json
from epyc_assets.scoring.tool_call_marks import channel_calls
from epyc_assets.scoring.tool_calls import Call, Found, as_calls, calls_in, matched_faults
from epyc_assets.scoring.verdicts import (
    Config,
    InvalidScorerConfig,
    Score,
    Scorer,
    failed,
    flag,
    invalid_label,
    verdict,
)


def score_tool_call(answer: str, expected: str, config: Config) -> Score:
    """Compare the calls in the answer with the wanted ones; all must be right, and no other made.

    Strict: the answer is the call (a fence or the marks of a chat template aside) and nothing else. Flexible: text
    may stand around it, and Python's syntax `name(key=value)` counts as well.

    Raises:
        InvalidScorerConfig: the expected answer is no call, or a schema cannot be used.
    """
    any_order = flag(config, "any_order", False)
    own, schemas, names = _schemas(config)
    if not expected.strip():
        return invalid_label("the expected call is empty, so no call can be right or wrong")
    accepted = [_wanted(expected, "the expected answer", schemas)]
    more = config.get("any_of") or []
    if not isinstance(more, list):
        raise InvalidScorerConfig(f"'any_of' must be a list of calls; got {more!r}.")
    accepted += [_wanted(entry, "an entry of 'any_of'", schemas) for entry in more]
    for wanted in accepted:
        for call in wanted:
            if own is not None:
                schemas.setdefault(call.name, own)
            if fault := _label_fault(call, schemas.get(call.name)):
                return invalid_label(f"the expected call of {call.name!r} breaks its own schema: {fault}")
    found = _calls_of(answer, names | {call.name for wanted in accepted for call in wanted})
    if isinstance(found, str):
        return failed(found)
    shown = "; ".join(call.shown() for call in found.calls)[:2000] or None
    faults = [matched_faults(found.calls, wanted, schemas, ordered=not any_order) for wanted in accepted]
    passed = [] in faults
    strict = passed and (found.alone or not found.calls)
    if not found.calls:
        explanation = "no tool call stands in the answer" + (", as wanted" if passed else "")
    elif passed:
        explanation = "the tool is called as wanted" + ("" if strict else "; strictly not: other text stands around it")
    else:
        explanation = "; ".join(faults[0])[:1000]
    return verdict(
        passed, shown, explanation, strict_passed=strict, strict_extracted=shown if found.alone and shown else None
    )


_LEADING_THOUGHTS = re.compile(r"\A\s*<(think|thinking|thought|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)


def _calls_of(answer: str, names: Collection[str]) -> Found | str:
    """The calls that an answer makes outside of its thinking, or why there is no answer to look in."""
    said = _LEADING_THOUGHTS.sub("", answer)
    if loaded_json(said)[0]:
        return calls_in(said, names)  # no text inside of the JSON opens or closes a thinking block
    if (in_channels := channel_calls(answer)) is not None:
        return Found(*in_channels)
    visible = visible_answer(answer)
    if visible.text is None:
        return visible.fault or EMPTY_AFTER_THINKING
    return calls_in(visible.text, names)


def _label_fault(wanted: Call, schema: Any) -> str | None:
    """How the wanted arguments break their own schema, so that no answer could ever pass; None where they fit."""
    if not isinstance(schema, Mapping):
        return None
    for key, value in wanted.arguments.items():
        for rule in rules_of(key, schema):
            try:
                fault = schema_fault(value, rule, key, schema)
            except RecursionError:
                return None
            if fault:
                return fault
    return None


def _wanted(given: Any, what: str, schemas: Mapping[str, Any]) -> list[Call]:
    """The wanted calls, from JSON text or from JSON."""
    whole, value = loaded_json(given) if isinstance(given, str) else (True, given)
    calls = ([] if value in ([], None) else as_calls(value)) if whole else None
    if calls is None or any(not isinstance(call.arguments, Mapping) for call in calls):
        shown = given if isinstance(given, str) else json.dumps(given, default=str)
        raise InvalidScorerConfig(
            f'For tool_call {what} must be a call as JSON, {{"name": ..., "arguments": {{...}}}}, or a list of '
            f"calls; got {shown[:80]!r}."
        )
    return calls


_PARAMETER_KEYS = ("parameters", "input_schema", "inputSchema", "parametersJsonSchema")


def _schemas(config: Config) -> tuple[Any, dict[str, Any], set[str]]:
    """The schema for any wanted tool (None where absent), that of each tool in `tools`, and the names of all those."""
    own = config.get("schema")
    if own is not None:
        if not isinstance(own, Mapping):
            raise InvalidScorerConfig(f"'schema' must be a JSON Schema, an object; got {own!r}.")
        described = own["function"] if isinstance(own.get("function"), Mapping) else own
        if isinstance(described.get("name"), str):  # the whole description of a tool
            own = next((described[key] for key in _PARAMETER_KEYS if described.get(key) is not None), {})
            if not isinstance(own, Mapping):
                raise InvalidScorerConfig(f"The parameters of tool {described['name']!r} must be a JSON Schema.")
        check_schema(own)
        own = _of_arguments(own)
    tools = config.get("tools") or []
    if not isinstance(tools, list):
        raise InvalidScorerConfig(f"'tools' must be a list of tools; got {tools!r}.")
    schemas: dict[str, Any] = {}
    names: set[str] = set()
    for tool in (entry for given in tools for entry in _declared(given)):
        described = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if not isinstance(described, Mapping) or not isinstance(described.get("name"), str):
            raise InvalidScorerConfig(f"Each of 'tools' must be an object with a 'name'; got {tool!r}.")
        names.add(described["name"])
        schema = next((described[key] for key in _PARAMETER_KEYS if described.get(key) is not None), None)
        if schema is not None:
            if not isinstance(schema, Mapping):
                raise InvalidScorerConfig(f"The parameters of tool {described['name']!r} must be a JSON Schema.")
            check_schema(schema)
            schemas[described["name"]] = schema
    return own, schemas, names


def _of_arguments(schema: Mapping[str, Any]) -> Any:
    """The schema of the arguments, out of one that describes the whole call as an object of name and arguments."""
    described = schema.get("properties")
    if not isinstance(described, Mapping) or not {"name"} < described.keys() <= {"name", *_ARGUMENTS, "id", "type"}:
        return schema
    inner = next((described[key] for key in _ARGUMENTS if isinstance(described.get(key), Mapping)), None)
    if inner is None or not ("properties" in inner or inner.get("type") == "object"):
        return schema
    return {**{key: schema[key] for key in ("$defs", "definitions") if key in schema}, **inner}


_ARGUMENTS = ("arguments", "parameters")


def _declared(tool: Any) -> list[Any]:
    """One tool, or the several that Gemini's layout declares in one entry."""
    for key in ("functionDeclarations", "function_declarations"):
        if isinstance(tool, Mapping) and isinstance(tool.get(key), list):
            return tool[key]
    return [tool]


TOOL_CALL = Scorer(
    name="tool_call",
    version=2,
    function=score_tool_call,
    config_keys={
        "schema": "JSON Schema of the arguments: what it describes and the expected call does not name is free",
        "tools": "list of tools (name, parameters as JSON Schema), where several tools have schemas",
        "any_order": "several calls in any order (false)",
        "any_of": "more accepted calls, or lists of calls",
    },
)
