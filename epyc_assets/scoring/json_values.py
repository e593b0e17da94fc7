"""JSON inside answers: reading it whole or out of surrounding text, and comparing two values.

Belongs here: what several scorers need of JSON. Does not belong here: what the JSON should say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# A line break inside a text, which JSON forbids and models write, is read as it stands.
_DECODER = json.JSONDecoder(strict=False)
_FENCED = re.compile(r"\A```[\w-]{0,20}\s*\n?|\s*```\s*\Z")
_TAGGED = re.compile(r"\A<(tool_call|function_call|tool)>\s*|\s*</(?:tool_call|function_call|tool)>\s*\Z")
# A response holds a few calls, not thousands of openings; the bound keeps hostile text linear.
_OPENINGS_TRIED = 200


def loaded_json(text: str, *, line_breaks: bool = False) -> tuple[bool, Any]:
    """Read a text that is JSON and nothing else, a fence or a tool-call tag around it aside.

    With `line_breaks` the texts in it may hold bare line breaks and tabs, which JSON forbids.
    """
    text = _FENCED.sub("", text.strip())
    text = _FENCED.sub("", _TAGGED.sub("", text.strip()))
    try:
        return True, json.loads(text.strip(), strict=not line_breaks)
    except (ValueError, RecursionError):
        return False, None


def json_objects_in(text: str) -> list[Any]:
    """The JSON objects that stand anywhere in a text, outermost ones, in order."""
    found: list[Any] = []
    position, tried = text.find("{"), 0
    while position >= 0 and tried < _OPENINGS_TRIED:
        tried += 1
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            found.append(value)
        position = text.find("{", end)
    return found


def same_json(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal; 1 and 1.0 are, 1 and true are not, object keys have no order."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same_json(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same_json(*pair) for pair in zip(left, right, strict=True))
    return type(left) is type(right) and left == right
