"""Putting rows into tables so that doing it twice changes nothing.

Belongs here: replacing rows by key or partition from a Polars frame, and recording rejects, inside the
caller's transaction; the columns and the key of a table. Does not belong here: opening connections and
transactions (`connection.py`), tables made by SQL (`derived.py`), rows that lie in files
(`partition_files.py`).
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
from epyc_assets.warehouse.table_name import TableName, quoted

if TYPE_CHECKING:
    import polars as pl

RAW_TEXT_LIMIT = 10_000

_INCOMING = "incoming_rows"
_REJECTS = "incoming_rejects"
_SOURCES_READ = "sources_read"
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
class Column:
    """A column of a table; `type` as DuckDB spells it."""

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
    """Replace rows of `table` (`suites`, `history.review_score`) by the rows of `frame`; a second call with
    the same frame changes nothing.

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
    name_of_table = TableName.parse(table)
    columns = table_columns(connection, name_of_table)
    key_columns = list(keys) if keys is not None else primary_key(connection, name_of_table)
    partition = dict(where) if where is not None else {}
    require_known(table, columns, [*key_columns, *partition], "the key or the partition of the call")
    if where is not None and not where:
        raise RowsRefused(f"{table}: where={{}} names no partition; name at least one column and its value.")
    if where is None and not key_columns:
        raise RowsRefused(f"{table} has no primary key, so say what to replace: keys=[...] or where={{column: value}}.")

    frame = _with_partition(table, frame, partition)
    stamped = stamped_columns(table, columns, frame.columns, "the frame")
    require_known(table, columns, frame.columns, "the frame")
    require_complete(table, columns, [*frame.columns, *stamped], key_columns, "the frame")
    _require_not_null(table, columns, frame)
    _require_lossless(table, columns, frame)
    _require_distinct(table, frame, key_columns)

    incoming = frame.columns
    stamp = provenance.values()
    target = name_of_table.quoted
    targets = ", ".join(quoted(name) for name in [*incoming, *stamped])
    sources = ", ".join([*(_expression(columns[name], frame) for name in incoming), *("?" for _ in stamped)])
    connection.register(_INCOMING, frame)
    try:
        if where is not None:
            condition = " AND ".join(f"{quoted(name)} IS NOT DISTINCT FROM ?" for name in partition)
            deleted = changed_rows(connection, f"DELETE FROM {target} WHERE {condition}", [*partition.values()])
        else:
            condition = " AND ".join(
                f"{target}.{quoted(name)} IS NOT DISTINCT FROM CAST({_INCOMING}.{quoted(name)} AS {columns[name].type})"
                for name in key_columns
            )
            deleted = changed_rows(connection, f"DELETE FROM {target} USING {_INCOMING} WHERE {condition}", [])
        inserted = changed_rows(
            connection,
            f"INSERT INTO {target} ({targets}) SELECT {sources} FROM {_INCOMING}",
            [stamp[name] for name in stamped],
        )
    except (duckdb.ConstraintException, duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise refusal(table, error) from error
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
    if not rows and not sources_read:
        return 0
    import polars as pl

    names = ["reject_id", "source", "location", "reason", "raw_text", "first_seen_at", *PROVENANCE_COLUMNS]
    schema = {name: pl.Datetime("us") if name.endswith("_at") else pl.String() for name in names}
    incoming = pl.DataFrame(list(rows.values()), schema=schema, orient="row")
    read = pl.DataFrame({"source": [_storable(source) for source in sources_read]}, schema={"source": pl.String})
    connection.register(_REJECTS, incoming)
    connection.register(_SOURCES_READ, read)
    try:
        connection.execute(
            f"DELETE FROM rejects WHERE source IN (SELECT source FROM {_SOURCES_READ}) "
            f"AND reject_id NOT IN (SELECT reject_id FROM {_REJECTS})"
        )
        listed = ", ".join(names)
        connection.execute(
            f"INSERT INTO rejects ({listed}) SELECT {listed} FROM {_REJECTS} ON CONFLICT (reject_id) DO UPDATE SET "
            "dagster_run_id = excluded.dagster_run_id, code_version = excluded.code_version, "
            "written_at = excluded.written_at"
        )
    finally:
        with contextlib.suppress(duckdb.Error):
            connection.unregister(_REJECTS)
            connection.unregister(_SOURCES_READ)
    return len(rows)


def _storable(text: str) -> str:
    """Text that DuckDB can hold: lone surrogates (undecodable bytes) are spelt out."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def _bounded(text: str) -> str:
    if len(text) <= RAW_TEXT_LIMIT:
        return text
    return f"{text[:RAW_TEXT_LIMIT]}… [cut: the first {RAW_TEXT_LIMIT:,} of {len(text):,} characters]"


def table_columns(connection: duckdb.DuckDBPyConnection, table: TableName) -> dict[str, Column]:
    """Name to column, in the table's order. Raises RowsRefused if there is no such table."""
    rows = connection.execute(
        "SELECT column_name, data_type, NOT is_nullable, column_default IS NOT NULL FROM duckdb_columns() "
        "WHERE schema_name = ? AND table_name = ? AND database_name = current_database() ORDER BY column_index",
        [table.schema, table.name],
    ).fetchall()
    if not rows:
        tables = [
            TableName(schema, name)
            for schema, name in connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
            ).fetchall()
        ]
        namesakes = [str(other) for other in tables if other.name == table.name]
        hint = f" Did you mean {namesakes[0]}?" if namesakes else _did_you_mean(str(table), map(str, tables))
        raise RowsRefused(f"There is no table {table} in the warehouse.{hint}")
    return {row[0]: Column(*row) for row in rows}


def primary_key(connection: duckdb.DuckDBPyConnection, table: TableName) -> list[str]:
    """The columns of the table's primary key; empty if it has none."""
    rows = connection.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() WHERE schema_name = ? AND table_name = ? "
        "AND constraint_type = 'PRIMARY KEY' AND database_name = current_database()",
        [table.schema, table.name],
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


def stamped_columns(table: str, columns: Mapping[str, Column], supplied: Collection[str], origin: str) -> list[str]:
    """The provenance columns that the table has. Raises RowsRefused if one is among those supplied."""
    stamped = [name for name in PROVENANCE_COLUMNS if name in columns]
    brought = [name for name in stamped if name in supplied]
    if brought:
        raise RowsRefused(
            f"{table}: {origin} brings {', '.join(brought)}, which is filled from the provenance; leave it out."
        )
    return stamped


def require_known(table: str, columns: Mapping[str, Column], names: Iterable[str], origin: str) -> None:
    """Raises RowsRefused for names that are no columns of the table."""
    unknown = [name for name in names if name not in columns]
    if unknown:
        hints = "".join(_did_you_mean(name, columns) for name in unknown)
        raise RowsRefused(
            f"{table} has no column {', '.join(unknown)}, which is in {origin}.{hints} "
            f"Its columns are: {', '.join(columns)}."
        )


def require_complete(
    table: str, columns: Mapping[str, Column], present: Collection[str], keys: Sequence[str], origin: str
) -> None:
    """Raises RowsRefused if a column that may not be NULL is not present."""
    missing = [
        column.name
        for column in columns.values()
        if column.name not in present and ((column.not_null and not column.has_default) or column.name in keys)
    ]
    if missing:
        supplied = [name for name in present if name not in PROVENANCE_COLUMNS]
        raise RowsRefused(
            f"{table}: {origin} lacks {', '.join(missing)}, which may not be NULL. It has: "
            f"{', '.join(supplied) or 'no columns'}."
        )


def changed_rows(connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[object] = ()) -> int:
    """Runs a statement that changes rows; how many."""
    # fetchall, not fetchone: DuckDB 2 refuses register() and others while a result is not read to its end.
    rows = connection.execute(statement, list(parameters)).fetchall()
    return int(rows[0][0]) if rows else 0


def refusal(table: str, error: duckdb.Error) -> RowsRefused:
    """DuckDB's refusal of rows, without the excerpt of our own statement."""
    said = str(error).split("\n\nLINE ")[0].strip()
    return RowsRefused(f"{table}: the rows were not accepted. DuckDB says: {said}")


def _require_not_null(table: str, columns: Mapping[str, Column], frame: pl.DataFrame) -> None:
    for name in frame.columns:
        nulls = frame[name].null_count()
        if nulls and columns[name].not_null:
            raise RowsRefused(f"{table}: {name} is NULL in {nulls:,} row(s) of the frame, but may not be NULL.")


def _require_lossless(table: str, columns: Mapping[str, Column], frame: pl.DataFrame) -> None:
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


def _expression(column: Column, frame: pl.DataFrame) -> str:
    name = quoted(column.name)
    if column.type == "JSON" and frame.schema[column.name].is_nested():
        return f"CASE WHEN {name} IS NOT NULL THEN to_json({name}) END"
    return f"CAST({name} AS {column.type})"


def _did_you_mean(name: str, candidates: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(candidates), n=1)
    return f" Did you mean {close[0]}?" if close else ""
