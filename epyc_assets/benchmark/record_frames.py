"""From journal records to frames: columns of a schema, times, and what does not fit.

Here: what records of every kind have in common. Not here: which kinds there are (session_records, records,
speed_records) and the file format (journal).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

Schema = Mapping[str, pl.DataType | type[pl.DataType]]


def record_fault(record: Mapping[str, Any], required: Mapping[str, Sequence[str]]) -> str | None:
    """What is wrong with a record's kind or fields, None for nothing. required: by kind, fields it needs."""
    kind = record.get("kind")
    names = required.get(str(kind))
    if names is None:
        return f"unknown kind of record: {kind!r}"
    absent = [name for name in names if record.get(name) is None]
    return f"{kind} record without {', '.join(absent)}" if absent else None


def with_times(record: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with ISO texts turned into times. Raises ValueError for a text that is none."""
    row = dict(record)
    for name in ("started_at", "ended_at"):
        if isinstance(row.get(name), str):
            row[name] = datetime.fromisoformat(row[name]).astimezone(UTC).replace(tzinfo=None)
    return row


def fitting(rows: Iterable[tuple[int, dict[str, Any]]], schema: Schema, faults: dict[int, str]) -> pl.DataFrame:
    """The frame of all numbered rows that fit the schema; what is wrong with the others goes to faults.

    All at once first: rows are looked at one by one only when that fails.
    """
    numbered = list(rows)
    try:
        return frame((row for _, row in numbered), schema)
    except ValueError:
        kept: list[dict[str, Any]] = []
        for number, row in numbered:
            try:
                frame([row], schema)
                kept.append(row)
            except ValueError as error:
                faults[number] = f"a value does not fit: {error}"
        return frame(kept, schema)


def frame(rows: Iterable[Mapping[str, Any]], schema: Schema) -> pl.DataFrame:
    columns = {name: [] for name in schema}
    for row in rows:
        for name, values in columns.items():
            values.append(row.get(name))
    try:
        return pl.DataFrame(columns, schema=dict(schema), strict=True)
    except (pl.exceptions.PolarsError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(str(error).splitlines()[0]) from error


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
