"""Turning the records of a JSON document or of JSON Lines into rows, with a reject for each that does not fit.

Here: what is the same for every such format: going through the records, counting them, surviving the hostile ones.
Not here: what any format's records mean (a module each).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from epyc_assets.history.content import Content, Fault, Place
from epyc_assets.history.fields import as_json, clean_text
from epyc_assets.history.rows import Imported, Reject, Row


class Unfit(Exception):
    """A record lacks what its row cannot be without; says in a sentence what."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. location: where in its file, for people. value: what JSON made of it, or a Fault. text: as found, if
    it is a line."""

    location: str
    value: Any
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """The non-blank lines of a JSON Lines file. is_ended: the last one has its line end."""

    records: list[Record]
    is_ended: bool


@dataclass(slots=True)
class Harvest:
    """Rows and rejects of one file as they come in. `imported` is the result."""

    place: Place
    imported: Imported = field(default_factory=Imported)

    def take(self, records: Iterable[Record], rows_of: Callable[[Record, Mapping[str, Any]], Sequence[Row]]) -> None:
        """Counts each record, and adds its rows (main row first) or its reject.

        rows_of may raise Unfit. A record that is no object, or nested too deeply to be written again, is a reject.
        """
        imported = self.imported
        for record in records:
            imported.records += 1
            value = record.value
            try:
                if isinstance(value, Fault):
                    raise Unfit(value.message)
                if not isinstance(value, dict):
                    raise Unfit(f"{kind_of(value)} where an object should be")
                rows = rows_of(record, value)
            except Unfit as error:
                reason = str(error)
            except RecursionError:
                reason = "nested too deeply to be kept"
            else:
                imported.rows.extend(rows)
                imported.main_rows += 1
                continue
            imported.rejected_records += 1
            self.reject(record.location, reason, record.text if record.text is not None else raw_of(value))

    def reject(self, location: str, reason: str, raw_text: str) -> None:
        """Notes a part that could not be read; does not count it as a record."""
        self.imported.rejects.append(Reject(self.place.path, clean_text(location), reason, raw_text))


def read_lines(content: Content) -> Lines:
    """The non-blank lines of a JSON Lines file."""
    records = [Record(f"line {number}", value, text) for number, text, value in content.json_lines]
    return Lines(records, not content.data or content.data.endswith((b"\n", b"\r")))


def finish_lines(harvest: Harvest, lines: Lines) -> Imported:
    """Sets the status of a JSON Lines file whose records have been taken."""
    imported = harvest.imported
    if not lines.records:
        imported.status = "empty"
    elif not imported.main_rows:
        imported.status, imported.error = "unreadable", f"none of its {imported.records} lines could be read"
    elif isinstance(lines.records[-1].value, Fault) and not lines.is_ended:
        imported.status, imported.error = "truncated", f"ends in the middle of {lines.records[-1].location}"
    return imported


def read_document(content: Content) -> Any:
    """The whole file as one JSON value, or a Fault."""
    return content.json


def from_document(kind: type) -> Callable[[Callable[[Any, Harvest], None]], Callable[[Any, Place], Imported]]:
    """Makes an importer of a function that adds the rows of one JSON value of that Python type.

    The importer never raises: a Fault, a value of another type, and one nested too deeply, become a reject.
    """

    def decorate(fill: Callable[[Any, Harvest], None]) -> Callable[[Any, Place], Imported]:
        @functools.wraps(fill)
        def rows(value: Any, place: Place) -> Imported:
            if isinstance(value, Fault):
                return _unreadable(place, value.message, "")
            if not isinstance(value, kind):
                return _unreadable(place, f"{kind_of(value)} where {_NAMES[kind]} should be", raw_of(value))
            harvest = Harvest(place)
            try:
                fill(value, harvest)
            except RecursionError:
                return _unreadable(place, "nested too deeply to be kept", "")
            except Unfit as error:
                return _unreadable(place, str(error), raw_of(value))
            imported = harvest.imported
            if imported.records and not imported.main_rows:
                imported.status, imported.error = "unreadable", f"none of its {imported.records} records could be read"
            return imported

        return rows

    return decorate


def records_of(section: str, values: Iterable[Any]) -> Iterator[Record]:
    """The elements of a list as records; ordinals from 0."""
    return (Record(f"{section}/{ordinal}", value) for ordinal, value in enumerate(values))


def ordinal_of(record: Record) -> int:
    """Ordinal of a record of `records_of`."""
    return int(record.location.rpartition("/")[2])


def has_keys(content: Content, *keys: str) -> bool:
    """The file is one JSON object that has all these keys."""
    if not all(b'"%s"' % key.encode() in content.data for key in keys):
        return False
    value = content.json
    return isinstance(value, dict) and all(key in value for key in keys)


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    for kind, name in ((type(None), "null"), (bool, "true or false"), (int, "a number"), (float, "a number")):
        if isinstance(value, kind):
            return name
    return _NAMES.get(type(value), "something else")


def raw_of(value: object) -> str:
    """A value as JSON for a reject, or a note where it is nested too deeply."""
    try:
        return as_json(value)
    except RecursionError:
        return "(nested too deeply to be written again)"


def _unreadable(place: Place, reason: str, raw_text: str) -> Imported:
    return Imported(
        status="unreadable",
        error=reason,
        rejects=[Reject(place.path, "whole file", reason, raw_text)],
        records=1,
        rejected_records=1,
    )


_NAMES: dict[type, str] = {dict: "an object", list: "a list", str: "text"}
