"""Taking a loosely typed record apart without losing anything.

Here: `Fields`, which hands out the values that fit a typed column and keeps all the rest for the `extra` column.
Not here: what any format's fields mean.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NewType

Json = NewType("Json", str)
"""Text that is valid JSON, for a JSON column."""

_INT64 = 2**63
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class Fields:
    """One record, taken apart: each value goes to exactly one place.

    A getter returns the value when it has the wanted type without loss, and marks it as taken. Any other value
    stays, and `rest()` returns what stayed: unknown fields, and known ones whose value does not fit (a word where a
    number should be). None means absent or null. Text that spells a number counts as that number only with
    `from_text=True` (CSV cells).
    """

    def __init__(self, record: Mapping[Any, object], *, from_text: bool = False) -> None:
        self._record = record
        self._left = dict(record)
        self._from_text = from_text

    def text(self, key: str) -> str | None:
        """The value as text; numbers, objects and lists stay in the rest."""
        value = self._record.get(key)
        if isinstance(value, str):
            self._take(key)
            return clean_text(value)
        return self._null(key, value)

    def integer(self, key: str) -> int | None:
        """The value as a whole number that fits a BIGINT; a float without a fraction counts as one."""
        value = self._record.get(key)
        number = whole_number(value, from_text=self._from_text)
        if number is not None:
            self._take(key)
            return number
        return self._null(key, value)

    def number(self, key: str) -> float | None:
        """The value as a finite float."""
        value = self._record.get(key)
        number = finite_number(value, from_text=self._from_text)
        if number is not None:
            self._take(key)
            return number
        return self._null(key, value)

    def flag(self, key: str) -> bool | None:
        """The value as true or false."""
        value = self._record.get(key)
        if isinstance(value, bool):
            self._take(key)
            return value
        return self._null(key, value)

    def time(self, key: str) -> datetime | None:
        """The value as a moment: ISO 8601 text; with an offset it is converted to UTC, without one kept as it is.

        A time kept without its offset says nothing of the zone; the raw text then stays in the rest only if it does
        not parse.
        """
        value = self._record.get(key)
        moment = moment_of(value)
        if moment is not None:
            self._take(key)
            return moment
        return self._null(key, value)

    def json(self, key: str) -> Json | None:
        """The value, whatever it is, as JSON; None for an absent one or null."""
        value = self._record.get(key)
        if value is None:
            self._take(key)
            return None
        self._take(key)
        return as_json(value)

    def mapping(self, key: str) -> Mapping[str, Any]:
        """The value if it is an object, taken; else an empty one, and the value stays in the rest."""
        value = self._record.get(key)
        if isinstance(value, dict):
            self._take(key)
            return value
        self._null(key, value)
        return {}

    def items(self, key: str) -> list[Any]:
        """The value if it is a list, taken; else an empty one, and the value stays in the rest."""
        value = self._record.get(key)
        if isinstance(value, list):
            self._take(key)
            return value
        self._null(key, value)
        return []

    def put_back(self, key: str) -> None:
        """A value that was taken turns out not to fit after all: it goes to the rest."""
        if key in self._record:
            self._left[key] = self._record[key]

    def left(self) -> dict[Any, object]:
        """What was not taken, as a new object."""
        return dict(self._left)

    def rest(self) -> Json | None:
        """What was not taken, as a JSON object; None when nothing is left."""
        return as_json(self._left) if self._left else None

    def _take(self, key: str) -> None:
        self._left.pop(key, None)

    def _null(self, key: str, value: object) -> None:
        if value is None:
            self._take(key)


def whole_number(value: object, *, from_text: bool = False) -> int | None:
    """The value as an int within BIGINT; None if it is not a whole number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else None
    if from_text and isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    return None


def finite_number(value: object, *, from_text: bool = False) -> float | None:
    """The value as a finite float; None if it is not a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    if from_text and isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = float(value)
        return number if math.isfinite(number) else None
    return None


def moment_of(value: object) -> datetime | None:
    """ISO 8601 text (or a date) as a naive datetime: UTC when the text says its offset. None if it is no moment."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str) and 8 <= len(value) <= 40:
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    else:
        return None
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return None
    return moment


def clean_text(text: str) -> str:
    """Text that a column can hold: lone surrogates, which JSON can spell but UTF-8 cannot, become U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def as_json(value: object) -> Json:
    """Any value as valid JSON: NaN and infinities become text, dates ISO text, keys text.

    Raises RecursionError for a value nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except (ValueError, TypeError):
        text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, default=str)
    return Json(clean_text(text))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
