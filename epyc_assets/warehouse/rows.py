"""Putting rows into tables so that doing it twice changes nothing.

Belongs here: replacing rows by key or partition from a Polars frame, and recording rejects, inside the
caller's transaction. Does not belong here: opening connections and transactions (`connection.py`), tables
made by SQL (`derived.py`).
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import duckdb

from epyc_assets.warehouse.provenance import PROVENANCE_COLUMNS, Provenance

if TYPE_CHECKING:
    import polars as pl

RAW_TEXT_LIMIT = 10_000

_INCOMING = "incoming_rows"
_INTEGER_TYPES = frozenset(f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")) | {
    "INTEGER",
    "UINTEGER",
}


class RowsRefused(ValueError):
    """The frame does not fit the table; the message says which column or key, and what to do."""


class Reject(Protocol):
    """What a producer hands over for a record it could not read."""

    @property
    def source(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def raw_text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows put in and rows taken out to make room for them (the same rows, when nothing has changed)."""

    inserted: int
    deleted: int


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: str
    not_null: bool
    has_default: bool


def replace_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    frame: pl.DataFrame,
    *,
    provenance: Provenance,
    keys: Sequence[str] | None = None,
    where: Mapping[str, object] | None = None,
) -> RowCounts:
    """Replace rows of `table` by the rows of `frame`; a second call with the same frame changes nothing.

    By key (the default; `keys`, else the table's primary key): rows with the keys of the frame are
    replaced, others stay. By partition (`where`, column to value): all rows with these values are replaced,
    so what is no longer in the frame is gone; an empty frame empties the partition. The frame need not
    repeat the partition's columns; where it does, they must agree. In both ways no two rows of the frame
    may have the same key.

    Columns of the table that the frame lacks become NULL (or their default). dagster_run_id, code_version
    and written_at are filled from `provenance` where the table has them. Strings for JSON columns must be
    JSON; structs and lists are turned into it. Timestamps without a zone are taken as UTC.

    Raises RowsRefused if the frame does not fit the table.
    """
    columns = _columns(connection, table)
    key_columns = list(keys) if keys is not None else _primary_key(connection, table)
    partition = dict(where) if where is not None else {}
    _require_known(table, columns, [*key_columns, *partition], "the key or the partition of the call")
    if where is not None and not where:
        raise RowsRefused(f"{table}: where={{}} names no partition; name at least one column and its value.")
    if where is None and not key_columns:
        raise RowsRefused(f"{table} has no primary key, so say what to replace: keys=[...] or where={{column: value}}.")

    frame = _with_partition(table, frame, partition)
    stamped = [name for name in PROVENANCE_COLUMNS if name in columns]
    supplied = [name for name in stamped if name in frame.columns]
    if supplied:
        raise RowsRefused(
            f"{table}: the frame brings {', '.join(supplied)}, which is filled from the provenance; leave it out."
        )
    _require_known(table, columns, frame.columns, "the frame")
    _require_complete(table, columns, frame, stamped, key_columns)
    _require_lossless(table, columns, frame)
    _require_distinct(table, frame, key_columns)

    incoming = frame.columns
    stamp = provenance.values()
    targets = ", ".join(_quote(name) for name in [*incoming, *stamped])
    sources = ", ".join([*(_expression(columns[name], frame) for name in incoming), *("?" for _ in stamped)])
    connection.register(_INCOMING, frame)
    try:
        if where is not None:
            condition = " AND ".join(f"{_quote(name)} IS NOT DISTINCT FROM ?" for name in partition)
            deleted = _changed(connection, f"DELETE FROM {_quote(table)} WHERE {condition}", [*partition.values()])
        else:
            condition = " AND ".join(
                f"{_quote(table)}.{_quote(name)} IS NOT DISTINCT FROM "
                f"CAST({_INCOMING}.{_quote(name)} AS {columns[name].type})"
                for name in key_columns
            )
            deleted = _changed(connection, f"DELETE FROM {_quote(table)} USING {_INCOMING} WHERE {condition}", [])
        inserted = _changed(
            connection,
            f"INSERT INTO {_quote(table)} ({targets}) SELECT {sources} FROM {_INCOMING}",
            [stamp[name] for name in stamped],
        )
    except (duckdb.ConstraintException, duckdb.ConversionException, duckdb.InvalidInputException) as error:
        said = str(error).split("\n\nLINE ")[0].strip()  # without the excerpt of our own statement
        raise RowsRefused(f"{table}: the rows were not accepted. DuckDB says: {said}") from error
    finally:
        with contextlib.suppress(duckdb.Error):  # refused in a transaction that has failed; it goes with it
            connection.unregister(_INCOMING)
    return RowCounts(inserted=inserted, deleted=deleted)


def record_rejects(
    connection: duckdb.DuckDBPyConnection,
    rejects: Iterable[Reject],
    provenance: Provenance,
    *,
    sources_read: Collection[str] = (),
) -> int:
    """Keep what could not be read; returns how many distinct rejects there are in `rejects`.

    A fault met again keeps its first_seen_at. `sources_read`: sources read in full this time; their earlier
    rejects that were not met again are removed, since someone has repaired them.
    """
    rows: dict[str, list[object]] = {}
    for reject in rejects:
        source, location, reason, raw_text = (
            _storable(text) for text in (reject.source, reject.location, reject.reason, reject.raw_text)
        )
        reject_id = hashlib.sha256("\x1f".join((source, location, reason, raw_text)).encode()).hexdigest()[:32]
        written_at = provenance.written_at
        stamp = list(provenance.values().values())
        rows[reject_id] = [reject_id, source, location, reason, _bounded(raw_text), written_at, *stamp]
    for source in sources_read:
        connection.execute(
            "DELETE FROM rejects WHERE source = ? AND NOT list_contains(?, reject_id)", [source, list(rows)]
        )
    if rows:
        connection.executemany(
            "INSERT INTO rejects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (reject_id) DO UPDATE SET "
            "dagster_run_id = excluded.dagster_run_id, code_version = excluded.code_version, "
            "written_at = excluded.written_at",
            list(rows.values()),
        )
    return len(rows)


def _storable(text: str) -> str:
    """Text that DuckDB can hold: lone surrogates (undecodable bytes) are spelt out."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def _bounded(text: str) -> str:
    if len(text) <= RAW_TEXT_LIMIT:
        return text
    return f"{text[:RAW_TEXT_LIMIT]}… [cut: the first {RAW_TEXT_LIMIT:,} of {len(text):,} characters]"


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, _Column]:
    rows = connection.execute(
        "SELECT column_name, data_type, NOT is_nullable, column_default IS NOT NULL FROM duckdb_columns() "
        "WHERE table_name = ? AND database_name = current_database() ORDER BY column_index",
        [table],
    ).fetchall()
    if not rows:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
            ).fetchall()
        ]
        raise RowsRefused(f"There is no table {table} in the warehouse.{_did_you_mean(table, tables)}")
    return {row[0]: _Column(*row) for row in rows}


def _primary_key(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() "
        "WHERE table_name = ? AND constraint_type = 'PRIMARY KEY' AND database_name = current_database()",
        [table],
    ).fetchall()
    return list(rows[0][0]) if rows else []


def _with_partition(table: str, frame: pl.DataFrame, partition: Mapping[str, object]) -> pl.DataFrame:
    import polars as pl

    for name, value in partition.items():
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(value).alias(name))
            continue
        strays = frame.filter(pl.col(name).ne_missing(pl.lit(value)))
        if strays.height:
            raise RowsRefused(
                f"{table}: the call replaces the partition {name} = {value!r}, but {strays.height:,} row(s) "
                f"of the frame have another value there, for example {strays[name][0]!r}. Write each "
                f"partition with its own call."
            )
    return frame


def _require_known(table: str, columns: Mapping[str, _Column], names: Iterable[str], origin: str) -> None:
    unknown = [name for name in names if name not in columns]
    if unknown:
        hints = "".join(_did_you_mean(name, columns) for name in unknown)
        raise RowsRefused(
            f"{table} has no column {', '.join(unknown)}, which is in {origin}.{hints} "
            f"Its columns are: {', '.join(columns)}."
        )


def _require_complete(
    table: str,
    columns: Mapping[str, _Column],
    frame: pl.DataFrame,
    stamped: Sequence[str],
    keys: Sequence[str],
) -> None:
    present = {*frame.columns, *stamped}
    missing = [
        column.name
        for column in columns.values()
        if column.name not in present and ((column.not_null and not column.has_default) or column.name in keys)
    ]
    if missing:
        raise RowsRefused(
            f"{table}: the frame lacks {', '.join(missing)}, which may not be NULL. It has: "
            f"{', '.join(frame.columns) or 'no columns'}."
        )
    for name in frame.columns:
        nulls = frame[name].null_count()
        if nulls and columns[name].not_null:
            raise RowsRefused(f"{table}: {name} is NULL in {nulls:,} row(s) of the frame, but may not be NULL.")


def _require_lossless(table: str, columns: Mapping[str, _Column], frame: pl.DataFrame) -> None:
    """DuckDB rounds when it casts a fraction to an integer; here that is refused."""
    for name, dtype in frame.schema.items():
        if columns[name].type not in _INTEGER_TYPES or not (dtype.is_float() or dtype.is_decimal()):
            continue
        values = frame[name].drop_nulls()
        broken = values.filter((values != values.floor()) | ~values.is_finite())
        if broken.len():
            raise RowsRefused(
                f"{table}: {name} holds whole numbers ({columns[name].type}), but the frame has fractions "
                f"there, for example {broken[0]!r}. Round them on purpose, or change the column."
            )


def _require_distinct(table: str, frame: pl.DataFrame, keys: Sequence[str]) -> None:
    if not keys or not frame.height:
        return
    import polars as pl

    repeated = (
        frame.select(keys)
        .group_by(list(keys), maintain_order=True)
        .agg(pl.len().alias("__rows"))
        .filter(pl.col("__rows") > 1)
    )
    if repeated.height:
        examples = "; ".join(
            f"{', '.join(f'{name} = {row[name]!r}' for name in keys)} ({row['__rows']} times)"
            for row in repeated.head(3).iter_rows(named=True)
        )
        raise RowsRefused(
            f"{table}: {repeated.height:,} key(s) occur more than once in the frame: {examples}. "
            f"One row per ({', '.join(keys)}) is allowed."
        )


def _expression(column: _Column, frame: pl.DataFrame) -> str:
    name = _quote(column.name)
    if column.type == "JSON" and frame.schema[column.name].is_nested():
        return f"CASE WHEN {name} IS NOT NULL THEN to_json({name}) END"
    return f"CAST({name} AS {column.type})"


def _changed(connection: duckdb.DuckDBPyConnection, statement: str, parameters: list[object]) -> int:
    # fetchall, not fetchone: DuckDB 2 refuses register() and others while a result is not read to its end.
    rows = connection.execute(statement, parameters).fetchall()
    return int(rows[0][0]) if rows else 0


def _did_you_mean(name: str, candidates: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(candidates), n=1)
    return f" Did you mean {close[0]}?" if close else ""


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
