"""A tool call as JSON, in the layouts of the APIs that models were trained on.

Belongs here: `Call` and reading one or several out of a JSON value. Does not belong here: finding the JSON in an answer
(`tool_calls.py`, `tool_call_marks.py`).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from epyc_assets.scoring.json_values import loaded_json

_NAME_KEYS = ("name", "tool", "function", "tool_name", "toolName", "function_name", "functionName", "recipient_name")
ARGUMENT_KEYS = (
    "arguments", "args", "parameters", "input", "action_input", "tool_input", "tool_arguments", "kwargs", "params",
)  # fmt: skip
_ABOUT_A_CALL = ("id", "type", "call_id", "callId", "tool_call_id", "toolUseId", "index", "status", "action", "role")
WRAPPERS = (
    "function", "function_call", "tool_call", "functionCall", "toolCall", "toolUse", "tool", "action", "command",
)  # fmt: skip
LISTS = (
    "tool_calls", "toolCalls", "function_calls", "functionCalls", "tool_uses", "calls", "content", "parts", "output",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A call: `arguments` by name (anything but an object is a fault), `positional` those given without one.

    `texts`: of the arguments that stood bare between tags, where 3 and "3" look alike, the text itself; in `arguments`
    is what it reads as.
    """

    name: str
    arguments: Any
    positional: tuple[Any, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

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
    for key in WRAPPERS:
        if isinstance(value.get(key), Mapping):
            return as_call(value[key])
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    if name is None and isinstance(value.get("action"), str) and any(key in value for key in ARGUMENT_KEYS):
        name = value["action"]
    if name is None:
        return None
    if not any(key in value for key in ARGUMENT_KEYS) and not value.keys() <= {*_NAME_KEYS, *_ABOUT_A_CALL}:
        return None  # {"name": "Ada", "age": 3} is somebody, not a call
    arguments: Any = next((value[key] for key in ARGUMENT_KEYS if key in value), {})
    if isinstance(arguments, str):
        whole, read = loaded_json(arguments) if arguments.strip() else (True, {})
        # A call whose arguments cannot be read is still one, and a wrong one.
        arguments = read if whole else arguments
    return Call(name, {} if arguments is None else arguments)


def as_calls(value: Any) -> list[Call] | None:
    """The calls that a JSON value is (one, a list, OpenAI's message); None where some part is no call."""
    if isinstance(value, Mapping):
        if isinstance(value.get("message"), Mapping):
            return as_calls(value["message"])
        for key in ("choices", "candidates"):
            if isinstance(value.get(key), list) and len(value[key]) == 1:
                return as_calls(value[key][0])
        if isinstance(value.get("content"), Mapping):
            return as_calls(value["content"])
        for key in LISTS:
            if isinstance(value.get(key), list) and not any(isinstance(value.get(name), str) for name in _NAME_KEYS):
                return as_calls(value[key])
    if not isinstance(value, list):
        value = [value]
    # Of a message in parts, the words around the calls.
    value = [entry for entry in value if not (isinstance(entry, Mapping) and _is_text(entry))] or value
    calls = [as_call(entry) for entry in value if not isinstance(entry, list)]
    found = [call for call in calls if call is not None]
    return found if len(found) == len(value) else None


def _is_text(part: Mapping[str, Any]) -> bool:
    return part.get("type") in ("text", "output_text", "thinking", "reasoning") or list(part) == ["text"]


_LONGEST_LENIENT_CHARACTERS = 20_000
_TRAILING_COMMA = re.compile(r'"(?:[^"\\]|\\.){0,20000}"|(,)(?=\s{0,100}[}\]])')
_WORD = re.compile(r"'(?:[^'\\]|\\.){0,20000}'|\"(?:[^\"\\]|\\.){0,20000}\"|\b(true|false|null)\b")
_PYTHON_WORDS = {"true": "True", "false": "False", "null": "None"}


def lenient_json(text: str) -> tuple[bool, Any]:
    """Read JSON that is nearly right: with line breaks in texts, a comma too many, or Python's quotes and words."""
    whole, value = loaded_json(text, line_breaks=True)
    if whole or len(text) > _LONGEST_LENIENT_CHARACTERS or text.strip()[:1] not in ("{", "["):
        return whole, value
    whole, value = loaded_json(_TRAILING_COMMA.sub(lambda found: "" if found[1] else found[0], text))
    if whole:
        return True, value
    try:
        value = ast.literal_eval(
            _WORD.sub(lambda found: _PYTHON_WORDS[found[1]] if found[1] else found[0], text.strip())
        )
        return True, json.loads(json.dumps(value))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False, None
