"""Tool calls as models write them: finding them in an answer, and comparing one with the wanted one.

Belongs here: finding calls in bare or fenced JSON, in text and in Python's syntax, and what makes two calls the same.
Does not belong here: the marks of chat templates (`tool_call_marks.py`), the layouts of JSON (`tool_call_json.py`),
Python's syntax (`tool_call_python.py`), a verdict (`tool_call.py`, `verifiers/structured.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epyc_assets.scoring.json_schema import rules_of, schema_fault
from epyc_assets.scoring.json_values import json_objects_in, loaded_json, same_json
from epyc_assets.scoring.tool_call_json import ARGUMENT_KEYS, LISTS, WRAPPERS, Call, as_call, as_calls, lenient_json
from epyc_assets.scoring.tool_call_marks import marked_calls
from epyc_assets.scoring.tool_call_python import FENCED, python_calls

_SPECIAL = re.compile(
    r"<\|(?:python_tag|python_start|python_end|eom_id|eot_id|eom|eot|im_end|end|call|return|end_of_text|endoftext|stop"
    r"|observation|user|tool_call_start|tool_call_end|tools_prefix|tools_suffix|action_start|plugin|action_end"
    r"|START_ACTION|END_ACTION)\|>|</s>|<end_of_turn>|<eos>|<｜end▁of▁sentence｜>|\[/TOOL_CALLS\]"
)


@dataclass(frozen=True, slots=True)
class Found:
    """The calls in an answer, and whether there is nothing else in it."""

    calls: list[Call]
    alone: bool


def calls_in(text: str, names: Collection[str] = ()) -> Found:
    """The calls an answer makes: marked ones, else the whole as JSON, else JSON in its text, else Python calls.

    `names`: of the tools there are; with them {"name of a tool": {its arguments}} is a call as well.
    """
    exact, value = loaded_json(text)
    if exact and (calls := as_calls(value)):
        return Found(calls, alone=True)  # before anything in its texts is taken for a mark
    text = _SPECIAL.sub("", text).strip()
    marked = marked_calls(text)
    for found in (Found(*marked) if marked is not None else None, _whole(text), _fenced(text)):
        if found is not None and found.calls:
            return found
    whole, value = loaded_json(text)
    objects = json_objects_in(text) if not whole else value if isinstance(value, list) else [value]
    if calls := _calls_by_name(objects, names):
        return Found(calls, alone=whole)
    if whole:
        return Found([], alone=True)
    if (led := _LED_BY_NAME.match(text)) and led["name"] in names and len(objects) == 1:
        return Found([Call(led["name"], objects[0])], alone=False)
    calls = [call for value in objects if _looks_like_a_call(value, names) for call in as_calls(value) or []]
    return Found(calls or python_calls(text, names), alone=False)


# GLM-4's way: the name of the tool on a line, its arguments after it.
_LED_BY_NAME = re.compile(
    r"\A(?:<\|assistant\|>)?(?P<name>[\w.-]{1,200})[ \t]{0,4}[:\n ]\s{0,4}(?:```(?:json)?\s{0,4})?\{"
)


def _calls_by_name(values: Sequence[Any], names: Collection[str]) -> list[Call]:
    """Calls as {"add": {"a": 1}}, the way that some evaluations and templates write them."""
    objects = [value for value in values if isinstance(value, Mapping) and value]
    named = [value for value in objects if all(key in names and isinstance(value[key], Mapping) for key in value)]
    return [Call(key, arguments) for value in named for key, arguments in value.items()]


def _looks_like_a_call(value: Mapping[str, Any], names: Collection[str]) -> bool:
    """In the middle of text {"name": "Paris"} is data; a call has arguments, or nothing but the name of a tool."""
    return bool({*ARGUMENT_KEYS, *WRAPPERS, *LISTS[:-3]} & value.keys()) or (
        len(value) == 1 and next(iter(value.values())) in list(names)
    )


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
    for block in FENCED.finditer(text):
        exact, _ = loaded_json(block.group("body"))
        whole, value = lenient_json(block.group("body"))
        found = as_calls(value) if whole else None
        calls += found or []
        nearly = nearly or bool(found and not exact)
    return Found(calls, alone=not nearly and not FENCED.sub("", text).strip()) if calls else None


def call_fault(call: Call, wanted: Call, schema: Mapping[str, Any] | None = None) -> str | None:
    """The first difference between a call and the wanted one, or None.

    Numbers compare by value, texts exactly, keys have no order. With a schema of the arguments, an argument that the
    wanted call does not name is free where the schema describes it, one that it names may be left out where the
    schema's default says the same, and all arguments must fit the schema.
    """
    if not _same_name(call.name, wanted.name):
        return f"the tool is {call.name[:80]!r}, wanted {wanted.name!r}"
    arguments = _named_arguments(call, schema)
    if not isinstance(arguments, Mapping):
        return f"the arguments are {str(arguments)[:80]!r}, wanted an object"
    try:
        return _arguments_fault({**arguments, **_read_texts(call, wanted, schema)}, wanted.arguments, schema)
    except RecursionError:
        return "the arguments are nested too deeply to compare"


_NAMESPACES = re.compile(r"\A(?:functions|default_api|tools)\.(?=.)")


def _same_name(given: str, wanted: str) -> bool:
    """Whether two names are one tool's: an API's own namespace aside, and a dot may be an underscore.

    The APIs of OpenAI and Anthropic allow no dot in a name, so that "math.add" is offered as "math_add" there.
    """
    given, wanted = _NAMESPACES.sub("", given.strip()), _NAMESPACES.sub("", wanted.strip())
    return given in (wanted, wanted.replace(".", "_"))


def _read_texts(call: Call, wanted: Call, schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """Arguments that stood bare between tags: each as what the wanted call, or else the schema, has there."""
    read: dict[str, Any] = {}
    for key, text in call.texts.items():
        forms = [call.arguments[key], text, text.strip()]
        if key in wanted.arguments:
            fitting = [form for form in forms if same_json(form, wanted.arguments[key])]
        else:
            rules = rules_of(key, schema) if schema is not None else []
            fitting = [form for form in forms if all(schema_fault(form, rule, key, schema) is None for rule in rules)]
        read[key] = next(iter(fitting), call.arguments[key])
    return read


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
    fitting = [
        [number for number, call in enumerate(calls) if call_fault(call, want, schemas.get(want.name)) is None]
        for want in wanted
    ]
    taken: dict[int, int] = {}
    left_over = [want for number, want in enumerate(wanted) if not _placed(number, fitting, taken, set())]
    return [f"no call is {want.shown()[:200]}" for want in left_over]


def _placed(number: int, fitting: Sequence[Sequence[int]], taken: dict[int, int], tried: set[int]) -> bool:
    """Give a wanted call one that fits it, moving others on where they can take another (Kuhn's matching)."""
    for choice in fitting[number]:
        if choice not in tried:
            tried.add(choice)
            if choice not in taken or _placed(taken[choice], fitting, taken, tried):
                taken[choice] = number
                return True
    return False


__all__ = ["Call", "Found", "as_call", "as_calls", "call_fault", "calls_in", "matched_faults"]
