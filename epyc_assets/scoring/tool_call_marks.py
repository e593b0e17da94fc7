"""Tool calls inside the marks of chat templates: tags, special tokens, channels, ReAct's lines.

Belongs here: one pattern and reader for each dialect. Does not belong here: calls that no mark shows (`tool_calls.py`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

from epyc_assets.scoring.json_values import json_objects_in
from epyc_assets.scoring.tool_call_json import Call, as_calls, lenient_json
from epyc_assets.scoring.tool_call_python import python_calls

_TAGGED = re.compile(
    r"<(tool_calls?|function_calls?|tool|functioncall|toolcall|tool_code)>(?P<body>.*?)(?:</\1>|(?=<\1>)|\Z)"
    r"|<\|tool_call\|>(?P<phi>.*?)(?:<\|/tool_call\|>|(?=<\|tool_call\|>)|\Z)|\Afunctools(?P<functools>\[.*)\Z",
    re.DOTALL | re.IGNORECASE,
)
_FUNCTION_TAG = re.compile(
    r"<function=(?P<name>[\w.-]{1,200})>(?P<body>.*?)(?:</?function>|(?=<function=)|\Z)", re.DOTALL
)
_PARAMETER_TAG = re.compile(
    r"<parameter=(?P<key>[\w.-]{1,200})>(?P<value>.*?)(?:</parameter>|(?=<parameter=)|\Z)", re.DOTALL
)
_CHANNEL = re.compile(
    r"(?:<\|start\|>assistant)?(?:<\|channel\|>commentary )?to=(?:functions\.)?(?P<name>[\w.-]{1,200})"
    r"[^<]{0,60}(?:<\|channel\|>[^<]{0,60})?"
    r"(?:<\|constrain\|>[^<]{0,40})?<\|message\|>(?P<body>.*?)(?=<\|start\|>|<\|channel\|>|\Z)",
    re.DOTALL,
)
_LISTED = re.compile(r"\[TOOL_CALLS\](?P<body>.*?)(?=\[TOOL_CALLS\]|\Z)", re.DOTALL)
_NAMED = re.compile(
    r"\s*(?P<name>[\w.-]{1,200})\s*(?:\[CALL_ID\]\w{1,40}\s*)?(?:\[ARGS\]\s*)?(?P<body>\{.*)\Z", re.DOTALL
)
# A tag may have a namespace before its name (MiniMax), or DeepSeek's mark.
_SPACE = r"(?:\w{1,12}:|｜DSML｜)?"
_INVOKED = re.compile(
    rf"<{_SPACE}(invoke|function)\sname=[\"'](?P<name>[\w.-]{{1,200}})[\"']>(?P<body>.*?)(?:</{_SPACE}\1>|\Z)",
    re.DOTALL,
)
_INVOKED_PARAMETER = re.compile(
    rf"<{_SPACE}(param|parameter)\sname=[\"'](?P<key>[\w.-]{{1,200}})[\"'](?P<attributes>[^<>]{{0,60}})>"
    rf"(?P<value>.*?)(?:</{_SPACE}\1>|\Z)",
    re.DOTALL,
)
_NAMED_TAGS = re.compile(
    r"<invoke>\s{0,9}<tool_name>\s{0,9}(?P<name>[\w.-]{1,200})\s{0,9}</tool_name>(?P<body>.*?)(?:</invoke>|\Z)"
    r"|<tool>\s{0,9}(?P<tool>[\w.-]{1,200})\s{0,9}</tool>\s{0,9}<tool_input>(?P<input>.*?)(?:</tool_input>|\Z)",
    re.DOTALL,
)
_OPENING_TAG = re.compile(r"<(?!parameters>)(?P<key>[\w.-]{1,200})>")
# A call has a few arguments, not thousands; the bound keeps hostile text linear.
_TAGS_TRIED = 200
_MOST_CALLS = 1000
_RECIPIENT = re.compile(
    r"^>>>(?P<name>[\w.-]{1,200})\n(?P<body>\{.*?)(?=^>>>|\Z)"
    r"|<\|recipient\|>\s{0,4}(?P<to>[\w.-]{1,200})\s{0,4}<\|content\|>(?P<content>\s{0,9}\{.*?)(?=<\|from\|>|\Z)",
    re.DOTALL | re.MULTILINE,
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
    rf"<｜tool▁calls▁(?:begin|end)｜>|<\|tool_calls_section_(?:begin|end)\|>|</?{_SPACE}(?:function_calls|tool_calls?)>"
    r"|<\|from\|>assistant\s"
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


_WORDS = {"True": True, "False": False, "None": None}


def _value(text: str) -> Any:
    """An argument between tags: JSON where it is some, a word of Python's for it, else the text."""
    whole, value = lenient_json(text.strip())
    return value if whole else _WORDS.get(text.strip(), text.strip())


def _bare(text: str) -> str:
    """The text of an argument between tags, without the line breaks that part it from them."""
    return text.removeprefix("\n").removesuffix("\n")


def _of_texts(name: str, texts: dict[str, str]) -> Call:
    return Call(name, {key: _value(text) for key, text in texts.items()}, texts=texts)


def _from_invoked(match: re.Match[str]) -> list[Call]:
    found = list(_INVOKED_PARAMETER.finditer(match["body"]))
    if not found and match["body"].strip():
        return _with_arguments(match["name"], match["body"])
    texts = {entry["key"]: _bare(entry["value"]) for entry in found}
    arguments: dict[str, Any] = {key: _value(text) for key, text in texts.items()}
    for entry in found:
        # DeepSeek says of each argument whether it is a text.
        if 'string="true"' in entry["attributes"]:
            arguments[entry["key"]] = texts[entry["key"]]
        if "string=" in entry["attributes"]:
            del texts[entry["key"]]
    return [Call(match["name"], arguments, texts=texts)]


def _from_named_tags(match: re.Match[str]) -> list[Call]:
    if match["tool"] is not None:
        return _with_arguments(match["tool"], match["input"])
    texts: dict[str, str] = {}
    body, position = match["body"], 0
    for _ in range(_TAGS_TRIED):
        opening = _OPENING_TAG.search(body, position)
        if opening is None:
            break
        end = body.find(f"</{opening['key']}>", opening.end())
        if end >= 0:
            texts[opening["key"]] = _bare(body[opening.end() : end])
        position = max(opening.end(), end)
    return [_of_texts(match["name"], texts)]


def _from_recipient(match: re.Match[str]) -> list[Call]:
    return _with_arguments(match["name"] or match["to"], match["body"] or match["content"])


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
    return _with_arguments(match["name"], match["body"].lstrip(" *_"))


def marked_calls(text: str) -> tuple[list[Call], bool] | None:
    """Calls inside the marks of a chat template, and whether nothing else is there; None where no mark holds one."""
    calls: list[Call] = []
    rest = text
    for pattern, read in _MARKS:
        if pattern is _CHANNEL and "<|message|>" not in rest:
            continue
        found = list(itertools.islice(pattern.finditer(rest), _MOST_CALLS))
        for match in found:
            calls += read(match)
        if found:
            rest = pattern.sub("", rest)
    return (calls, not _TOKENED_FRAME.sub("", rest).strip()) if calls else None


def _from_json(match: re.Match[str]) -> list[Call]:
    body = next((group for name, group in match.groupdict().items() if group is not None), "").strip()
    if not body:
        return []
    if (keyed := list(_KEYED.finditer(body))) and (name := re.match(r"[\w.-]{1,200}", body)):
        return [_of_texts(name.group(), {entry["key"].strip(): _bare(entry["value"]) for entry in keyed})]
    if match[0][:11].lower() == "<tool_call>" and _BARE_NAME.fullmatch(body):
        return [Call(body, {})]  # GLM's call without arguments
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
    return [call for calls in found for call in calls] or python_calls(body)


_BARE_NAME = re.compile(r"[A-Za-z_][\w.-]{0,200}")


def _with_arguments(name: str, body: str) -> list[Call]:
    whole, value = lenient_json(body)
    if not whole and body.lstrip().startswith("{"):
        whole, value = bool(values := json_objects_in(body)), next(iter(values), None)
    return [Call(name, value)] if whole else []


def _from_function_tag(match: re.Match[str]) -> list[Call]:
    body = match.group("body").strip()
    parameters = list(_PARAMETER_TAG.finditer(body))
    if not parameters:
        return _with_arguments(match.group("name"), body) if body else [Call(match.group("name"), {})]
    return [_of_texts(match.group("name"), {entry["key"]: _bare(entry["value"]) for entry in parameters})]


def channel_calls(answer: str) -> tuple[list[Call], bool] | None:
    """Calls in messages of the harmony format (gpt-oss), and whether none has other text; None without such a call.

    A message with a recipient (`to=functions.name`) is a call on whatever channel it stands; others on the analysis
    channel are thinking.
    """
    calls: list[Call] = []
    others = False
    if "<|message|>" not in answer:
        # The special tokens were left out in decoding: "assistantcommentary to=functions.name json{...}".
        calls = [call for found in _BARE_CHANNEL.finditer(answer) for call in _with_arguments(*found.groups())]
        return (calls, False) if calls else None
    header, *rest = answer.split("<|message|>")
    for part in rest:
        body, *following = _MESSAGE_END.split(part, maxsplit=1)
        recipient = _TO.search(header)
        if recipient and recipient["name"] not in ("assistant", "user", "all"):
            calls += _with_arguments(recipient["name"], body)
        elif "<|channel|>analysis" not in header:
            others = others or bool(body.strip())
        header = "".join(following)
    return (calls, not others) if calls else None


_MESSAGE_END = re.compile(r"<\|(?:end|call|return)\|>|(?=<\|(?:start|channel)\|>)")
_BARE_CHANNEL = re.compile(
    r"commentary\s?to=(?:functions\.)?([\w.-]{1,200})\s{0,4}(?:json|code)?\s{0,4}(\{.*?)(?=assistant(?:commentary|final)|\Z)",
    re.DOTALL,
)
_TO = re.compile(r"\bto=(?:functions\.)?(?P<name>[\w.-]{1,200})")


def _from_channel(match: re.Match[str]) -> list[Call]:
    return _with_arguments(match.group("name"), match.group("body"))


_MARKS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[Call]]], ...] = (
    (_TOKENED, _from_token),
    (_GEMMA, _from_gemma),
    (_RECIPIENT, _from_recipient),
    (_NAMED_TAGS, _from_named_tags),
    (_REACT, _from_lines),
    (_TAGGED, _from_json),
    (_INVOKED, _from_invoked),
    (_FUNCTION_TAG, _from_function_tag),
    (_CHANNEL, _from_channel),
    (_LISTED, _from_json),
)
