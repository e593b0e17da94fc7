"""Tool calls inside the marks of chat templates: tags, special tokens, channels, ReAct's lines.

Belongs here: one pattern and reader for each dialect. Does not belong here: calls that no mark shows (`tool_calls.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from epyc_assets.scoring.json_values import json_objects_in, loaded_json
from epyc_assets.scoring.tool_call_json import Call, as_calls, lenient_json

_TAGGED = re.compile(
    r"<(tool_calls?|function_calls?|tool|functioncall)>(?P<body>.*?)(?:</\1>|(?=<\1>)|\Z)"
    r"|<\|tool_call\|>(?P<phi>.*?)(?:<\|/tool_call\|>|(?=<\|tool_call\|>)|\Z)|\Afunctools(?P<functools>\[.*)\Z",
    re.DOTALL | re.IGNORECASE,
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


_INVOKED = re.compile(
    r"<(?:\w{1,12}:)?invoke\sname=\"(?P<name>[\w.-]{1,200})\">(?P<body>.*?)(?:</(?:\w{1,12}:)?invoke>|\Z)", re.DOTALL
)
_INVOKED_PARAMETER = re.compile(
    r"<(?:\w{1,12}:)?parameter\sname=\"(?P<key>[\w.-]{1,200})\"[^<>]{0,60}>(?P<value>.*?)(?:</(?:\w{1,12}:)?parameter>|\Z)",
    re.DOTALL,
)
_KEYED = re.compile(r"<arg_key>(?P<key>.*?)</arg_key>\s*<arg_value>(?P<value>.*?)</arg_value>", re.DOTALL)
_TOKENED = re.compile(
    r"<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?(?P<name>[\w.-]{1,200})(?:<｜tool▁sep｜>|\s)(?P<body>.*?)(?:<｜tool▁call▁end｜>|\Z)"
    r"|<\|tool_call_begin\|>(?:functions\.)?(?P<kimi>[\w.-]{1,200}?)(?::\d{1,4})?\s{0,4}<\|tool_call_argument_begin\|>"
    r"(?P<arguments>.*?)(?:<\|tool_call_end\|>|\Z)"
    r"|✿FUNCTION✿:\s{0,4}(?P<qwen>[\w.-]{1,200})\s{0,4}✿ARGS✿:(?P<given>.*?)(?=✿|\Z)",
    re.DOTALL,
)
_TOKENED_FRAME = re.compile(
    r"<｜tool▁calls▁(?:begin|end)｜>|<\|tool_calls_section_(?:begin|end)\|>|</?(?:\w{1,12}:)?(?:function_calls|tool_calls?)>"
)
_REACT = re.compile(
    r"^[ *_]{0,4}Action[*_]{0,2}:[*_]{0,2}[ \t]{0,4}`?(?P<name>[\w.-]{1,200})`?[*_ \t]{0,4}\n{1,2}"
    r"[ *_]{0,4}Action Input[*_]{0,2}:"
    r"(?P<body>.*?)(?=\n[ *_]{0,4}(?:Observation|Thought|Final Answer|Action)\b|\Z)",
    re.DOTALL | re.MULTILINE,
)
_GEMMA = re.compile(
    r"<start_function_call>call:(?P<name>[\w.-]{1,200})\{(?P<body>.*?)\}(?:<end_function_call>|\Z)", re.DOTALL
)
_GEMMA_ARGUMENT = re.compile(
    r"(?P<key>\w{1,100}):(?:<escape>(?P<text>.*?)<escape>|(?P<value>[^,{}]{1,200}))", re.DOTALL
)


def _value(text: str) -> Any:
    """An argument between tags: JSON where it is some, else the text."""
    whole, value = loaded_json(text.strip())
    return value if whole else text.strip()


def _from_invoked(match: re.Match[str]) -> list[Call]:
    found = _INVOKED_PARAMETER.finditer(match["body"])
    return [Call(match["name"], {entry["key"]: _value(entry["value"]) for entry in found})]


def _from_token(match: re.Match[str]) -> list[Call]:
    name = match["name"] or match["kimi"] or match["qwen"]
    return _with_arguments(name, match["body"] or match["arguments"] or match["given"] or "{}")


def _from_gemma(match: re.Match[str]) -> list[Call]:
    found = _GEMMA_ARGUMENT.finditer(match["body"])
    return [
        Call(
            match["name"],
            {entry["key"]: entry["text"] if entry["text"] is not None else _value(entry["value"]) for entry in found},
        )
    ]


def _from_lines(match: re.Match[str]) -> list[Call]:
    return _with_arguments(match["name"], match["body"])


def marked_calls(text: str) -> tuple[list[Call], bool] | None:
    """Calls inside the marks of a chat template, and whether nothing else is there; None where no mark holds one."""
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
    return (calls, not _TOKENED_FRAME.sub("", rest).strip()) if calls else None


def _from_json(match: re.Match[str]) -> list[Call]:
    body = next((group for name, group in match.groupdict().items() if group is not None), "").strip()
    if (keyed := list(_KEYED.finditer(body))) and (name := re.match(r"[\w.-]{1,200}", body)):
        return [Call(name.group(), {entry["key"].strip(): _value(entry["value"]) for entry in keyed})]
    whole, value = lenient_json(body)
    if whole:
        return as_calls(value) or []
    if invoked := list(_INVOKED.finditer(body)):
        return [call for entry in invoked for call in _from_invoked(entry)]
    inner = [call for part in _FUNCTION_TAG.finditer(body) for call in _from_function_tag(part)]
    if inner:
        return inner
    named = _NAMED.match(body)
    if named is not None:
        return _with_arguments(named.group("name"), named.group("body"))
    found = [as_calls(value) or [] for value in json_objects_in(body)]
    return [call for calls in found for call in calls]


def _with_arguments(name: str, body: str) -> list[Call]:
    whole, value = lenient_json(body)
    return [Call(name, value)] if whole else []


def _from_function_tag(match: re.Match[str]) -> list[Call]:
    body = match.group("body").strip()
    parameters = list(_PARAMETER_TAG.finditer(body))
    if not parameters:
        return _with_arguments(match.group("name"), body) if body else [Call(match.group("name"), {})]
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        arguments[parameter.group("key")] = _value(parameter.group("value"))
    return [Call(match.group("name"), arguments)]


def _from_channel(match: re.Match[str]) -> list[Call]:
    return _with_arguments(match.group("name"), match.group("body"))


_MARKS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[Call]]], ...] = (
    (_TOKENED, _from_token),
    (_GEMMA, _from_gemma),
    (_REACT, _from_lines),
    (_TAGGED, _from_json),
    (_INVOKED, _from_invoked),
    (_FUNCTION_TAG, _from_function_tag),
    (_CHANNEL, _from_channel),
    (_LISTED, _from_json),
)
