"""Says pydantic's errors in words for the person who wrote the YAML.

What belongs here: from one validation error to one sentence, with the nearest known key. What does not:
which file and line it is in (`loading`).
"""

from __future__ import annotations

import datetime as dt
import math
import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel

from epyc_assets.registry.faults import KeyPath, nearest

_NAMES = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a table (key: value)",
    list: "a list",
    dt.date: "a date such as 2026-01-31",
    type(None): "nothing",
}

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a table (key: value)",
    "model_type": "a table (key: value)",
    "model_attributes_type": "a table (key: value)",
    "list_type": "a list",
    "date_type": "a date such as 2026-01-31",
    "date_from_datetime_inexact": "a date such as 2026-01-31",
}


def shown_value(value: Any) -> str:
    """A value as a reader of the YAML would recognise it, at most 60 characters, with its kind."""
    kind = _NAMES.get(type(value), type(value).__name__)
    if isinstance(value, dict | list):
        return f"{kind} of {len(value)}"
    if value is None:
        return "nothing"
    text = str(value)
    if len(text) > 60:
        text = text[:57] + "..."
    return f'"{text}" ({kind})' if isinstance(value, str) else f"{text} ({kind})"


def problem_in_words(root: type[BaseModel], error: Mapping[str, Any]) -> tuple[KeyPath, str]:
    """(key path, sentence) for one item of `ValidationError.errors()` against the model `root`."""
    path: KeyPath = tuple(error["loc"])
    kind, context, value = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "extra_forbidden":
        owner = _type_at(root, path[:-1])
        known = sorted(owner.model_fields) if owner is not None else []
        guess = nearest(str(path[-1]), known)
        if not guess and known:
            guess = "; known keys are " + ", ".join(known)
        return path[:-1], f'unknown key "{path[-1]}"{guess}'
    if kind == "missing":
        return path[:-1], f'the key "{path[-1]}" is missing'
    if kind == "literal_error":
        owner_type = _annotation_at(root, path)
        known = [str(word) for word in _literals(owner_type)]
        guess = nearest(str(value), known) if isinstance(value, str) else ""
        return path, f"{shown_value(value)} is not known{guess or '; known are ' + ', '.join(known)}"
    if kind == "value_error":
        return path, str(context.get("error", error["msg"]))
    if kind in _WANTED:
        return path, f"should be {_WANTED[kind]}, but is {shown_value(value)}{_number_hint(kind, value)}"
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        words = {
            "greater_than": "greater than",
            "greater_than_equal": "at least",
            "less_than": "less than",
            "less_than_equal": "at most",
        }[kind]
        bound = context.get("gt", context.get("ge", context.get("lt", context.get("le"))))
        return path, f"should be {words} {bound}, but is {shown_value(value)}"
    if kind in ("string_too_short", "too_short"):
        return path, "is empty"
    if kind == "finite_number":
        return path, f"should be a finite number, but is {value}"
    return path, f"{error['msg']}; it is {shown_value(value)}"


def _number_hint(kind: str, value: Any) -> str:
    """What to write where somebody wrote a number that YAML takes for text, such as 1e-9 or 1.000.000."""
    if kind not in ("int_type", "float_type") or not isinstance(value, str):
        return ""
    try:
        number = float(value)
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    if kind == "int_type":
        return f"; write {int(number)}" if number.is_integer() else ""
    return "; write " + yaml.safe_dump(number).split("\n")[0]


def _literals(annotation: Any) -> tuple[Any, ...]:
    annotation = _unwrapped(annotation)
    return get_args(annotation)


def _unwrapped(annotation: Any) -> Any:
    """Strip Annotated and `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            parts = [part for part in get_args(annotation) if part is not type(None)]
            if len(parts) != 1:
                return annotation
            annotation = parts[0]
        else:
            return annotation


def _annotation_at(root: type[BaseModel], path: KeyPath) -> Any:
    annotation: Any = root
    for part in path:
        annotation = _unwrapped(annotation)
        origin = get_origin(annotation)
        if origin is dict:
            annotation = get_args(annotation)[1]
        elif origin is list:
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(part))
            if field is None:
                return None
            annotation = field.annotation
        else:
            return None
    return _unwrapped(annotation)


def _type_at(root: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    annotation = _annotation_at(root, path)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None
