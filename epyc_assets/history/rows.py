"""Typed rows of the record's tables: what an importer hands over, and their form as Polars frames.

Here: `Row`, `Reject`, `Imported`, and turning rows into frames. Not here: the rows of any one format (each importer
declares its own), or writing them (defs).
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import ClassVar

import polars as pl

from epyc_assets.history.fields import Json

SCHEMA = "history"
"""Schema of the warehouse that the tables are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table. Subclasses are frozen, slotted, keyword-only dataclasses; `table` names the table.

    Field types: int (BIGINT), float (DOUBLE), bool, str (VARCHAR), Json (JSON), datetime and date, and
    tuple[str, ...] (VARCHAR[]); each may be `| None`.
    """

    table: ClassVar[str]

    source_file_id: int


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be read. source: path of the file; location: line, row, key path or byte offset."""

    source: str
    location: str
    reason: str
    raw_text: str


@dataclass(slots=True)
class Imported:
    """What one file came to.

    status: ok, empty, not_started, truncated, unsupported or unreadable. error: in words, for every status but ok
    and empty. records: how many records the file holds by its format's count (CSV rows, JSON Lines, questions);
    each is a row of the format's main table, is counted in `dropped_records` (comment lines, blank lines), or is a
    reject: records = main rows + dropped_records + rejected_records. flags: doubts about the file as a whole.
    """

    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    status: str = "ok"
    error: str | None = None
    records: int = 0
    main_rows: int = 0
    dropped_records: int = 0
    rejected_records: int = 0
    flags: list[str] = field(default_factory=list)


def frames_of(rows: Sequence[Row]) -> dict[str, pl.DataFrame]:
    """Table name to a frame of its rows, in the order given."""
    by_kind: dict[type[Row], list[Row]] = {}
    for row in rows:
        by_kind.setdefault(type(row), []).append(row)
    return {kind.table: _frame(kind, each) for kind, each in by_kind.items()}


@cache
def polars_schema(kind: type[Row]) -> dict[str, pl.DataType]:
    """Column to Polars type of a row class. Raises TypeError for a field of another type."""
    hints = typing.get_type_hints(kind)
    return {each.name: _polars_type(kind, each.name, hints[each.name]) for each in dataclasses.fields(kind)}


@cache
def json_columns(kind: type[Row]) -> frozenset[str]:
    """The columns that hold JSON."""
    hints = typing.get_type_hints(kind)
    return frozenset(each.name for each in dataclasses.fields(kind) if _bare(hints[each.name]) is Json)


def _frame(kind: type[Row], rows: Sequence[Row]) -> pl.DataFrame:
    schema = polars_schema(kind)
    columns = {
        name: pl.Series(name, [getattr(row, name) for row in rows], dtype=dtype, strict=True)
        for name, dtype in schema.items()
    }
    return pl.DataFrame(columns)


def _bare(hint: object) -> object:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        (bare,) = [each for each in typing.get_args(hint) if each is not type(None)]
        return bare
    return hint


def _polars_type(kind: type[Row], name: str, hint: object) -> pl.DataType:
    bare = _bare(hint)
    plain: dict[object, pl.DataType] = {
        int: pl.Int64(),
        float: pl.Float64(),
        bool: pl.Boolean(),
        str: pl.String(),
        Json: pl.String(),
        datetime: pl.Datetime("us"),
        date: pl.Date(),
    }
    if bare in plain:
        return plain[bare]
    if typing.get_origin(bare) is tuple and typing.get_args(bare) == (str, ...):
        return pl.List(pl.String())
    raise TypeError(f"{kind.__name__}.{name} is {hint}; a row's field is int, float, bool, str, Json, a time or texts")
