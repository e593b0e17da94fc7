"""Replacing partitions of a table by the rows of Parquet files: many partitions and many rows at once.

Belongs here: the bulk counterpart of `rows.replace_rows`, inside the caller's transaction. Does not belong here:
writing the files (whoever imports), rows that are a frame in memory (`rows.py`).

DuckDB reads the files itself, piece by piece, so memory stays small whatever their size.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from epyc_assets.warehouse.provenance import Provenance
from epyc_assets.warehouse.rows import (
    Column,
    RowCounts,
    RowsRefused,
    changed_rows,
    primary_key,
    refusal,
    require_complete,
    require_known,
    stamped_columns,
    table_columns,
)
from epyc_assets.warehouse.table_name import TableName, quoted

_PARTITIONS = "incoming_partitions"
_EXAMPLES = 3
_LOSSLESS = {
    "BIGINT": ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"),
    "INTEGER": ("TINYINT", "SMALLINT", "UTINYINT", "USMALLINT"),
    "DOUBLE": ("FLOAT", "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"),
    "JSON": ("VARCHAR",),
}
"""Column type to the types that it holds entirely; of other pairs each value is tried."""


@dataclass(frozen=True, slots=True)
class _Incoming:
    """The files as one relation: `sql` with its `paths` as parameter, and the type of each column."""

    sql: str
    paths: list[str]
    types: Mapping[str, str]


def replace_partitions(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    parquet_paths: Sequence[Path | str],
    *,
    partition_column: str,
    partition_values: pl.Series | pl.DataFrame | Iterable[object],
    provenance: Provenance,
) -> RowCounts:
    """Replace the partitions of `table` (`history.review_score`) by all rows of the Parquet files; a second
    call with the same files changes nothing.

    Rows whose `partition_column` is among `partition_values` (a series, a frame of one column, or any values;
    tens of thousands are fine) are taken out, whether the files bring new ones for them or not; no files: only
    that. Every row of the files must belong to one of the values. Columns go by name, whatever their order,
    and are cast to the table's types; text in JSON columns must be JSON, structs and lists are turned into it.
    Columns of the table that the files lack become NULL (or their default). dagster_run_id, code_version and
    written_at are filled from `provenance` where the table has them.

    Raises RowsRefused if the rows do not fit the table; the caller's transaction must then be rolled back, as
    it is when the error leaves `Warehouse.write`. 100,000 rows take a fraction of a second.
    """
    target = TableName.parse(table)
    columns = table_columns(connection, target)
    keys = primary_key(connection, target)
    require_known(table, columns, [partition_column], "the call")
    partitions = _partition_frame(table, partition_values)
    incoming = _incoming(connection, table, parquet_paths)
    stamped = stamped_columns(table, columns, incoming.types, "a Parquet file") if incoming else []
    if incoming:
        require_known(table, columns, incoming.types, "a Parquet file")
        require_complete(table, columns, [*incoming.types, *stamped], [*keys, partition_column], "a Parquet file")

    column_type = columns[partition_column].type
    stamp = provenance.values()
    connection.register(_PARTITIONS, partitions)
    try:
        values = f"SELECT CAST(partition AS {column_type}) FROM {_PARTITIONS}"
        if incoming:
            _require_lossless(connection, table, columns, incoming)
            _require_distinct(connection, table, incoming, keys)
            _require_within(connection, table, incoming, partition_column, values)
        deleted = changed_rows(
            connection, f"DELETE FROM {target.quoted} WHERE {quoted(partition_column)} IN ({values})"
        )
        if not incoming:
            return RowCounts(inserted=0, deleted=deleted)
        names = ", ".join(quoted(name) for name in [*incoming.types, *stamped])
        sources = [_expression(columns[name], kind) for name, kind in incoming.types.items()]
        inserted = changed_rows(
            connection,
            f"INSERT INTO {target.quoted} ({names}) SELECT {', '.join([*sources, *('?' for _ in stamped)])} "
            f"FROM {incoming.sql}",
            [*(stamp[name] for name in stamped), incoming.paths],
        )
    except (duckdb.ConstraintException, duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise refusal(table, error) from error
    finally:
        with contextlib.suppress(duckdb.Error):  # refused in a transaction that has failed; it goes with it
            connection.unregister(_PARTITIONS)
    return RowCounts(inserted=inserted, deleted=deleted)


def _partition_frame(table: str, values: pl.Series | pl.DataFrame | Iterable[object]) -> pl.DataFrame:
    if isinstance(values, pl.DataFrame):
        if values.width != 1:
            raise RowsRefused(f"{table}: the partition values are one column; the frame has {values.width}.")
        values = values.to_series()
    series = values if isinstance(values, pl.Series) else pl.Series(list(values))
    if series.null_count():
        raise RowsRefused(f"{table}: NULL is among the partition values; a partition has a value.")
    return series.alias("partition").to_frame().unique()


def _incoming(connection: duckdb.DuckDBPyConnection, table: str, paths: Sequence[Path | str]) -> _Incoming | None:
    """The files, checked to have the same columns of the same types; None without any."""
    if not paths:
        return None
    listed = [_literal_path(str(path)) for path in paths]
    try:
        shapes = connection.execute(
            "WITH files AS (SELECT file_name, list_sort(list(name || ' ' || duckdb_type)) AS shape "
            "FROM parquet_schema(?) WHERE duckdb_type IS NOT NULL GROUP BY file_name) "
            "SELECT shape, min(file_name) FROM files GROUP BY shape ORDER BY count(*), shape",
            [listed],
        ).fetchall()
        if len(shapes) > 1:
            (odd, odd_file), (usual, usual_file) = shapes[0], shapes[-1]
            difference = ", ".join(sorted(set(odd) ^ set(usual)))
            raise RowsRefused(
                f"{table}: the Parquet files do not all have the same columns; {odd_file} and {usual_file} "
                f"differ in {difference}. Write all files of a call with one schema."
            )
        sql = "read_parquet(?, union_by_name => true)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {sql}", [listed]).fetchall()
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise RowsRefused(f"{table}: a Parquet file cannot be read. DuckDB says: {error}") from error
    return _Incoming(sql, listed, {row[0]: row[1] for row in described})


def _literal_path(path: str) -> str:
    """The path with what DuckDB would take for wildcards made literal."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _expression(column: Column, kind: str) -> str:
    name = quoted(column.name)
    if column.type == "JSON" and (kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))):
        return f"CASE WHEN {name} IS NOT NULL THEN to_json({name}) END"
    return name if kind == column.type else f"CAST({name} AS {column.type})"


def _require_lossless(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Column], incoming: _Incoming
) -> None:
    """No NULL where none may be, and casts that give the same back: DuckDB rounds a fraction to an integer."""
    tests: dict[str, str] = {}
    for name, kind in incoming.types.items():
        column, cell = columns[name], quoted(name)
        if column.not_null:
            tests[f"{name} is NULL, but may not be NULL"] = f"{cell} IS NULL"
        if kind == column.type or kind == '"NULL"' or column.type == "JSON" or kind in _LOSSLESS.get(column.type, ()):
            continue
        back = f"CAST(CAST({cell} AS {column.type}) AS {kind})"
        tests[f"{name} ({kind}) does not fit {column.type} without loss"] = f"{back} IS DISTINCT FROM {cell}"
    if not tests:
        return
    counts = ", ".join(f"count(*) FILTER ({test})" for test in tests.values())
    found = connection.execute(f"SELECT {counts} FROM {incoming.sql}", [incoming.paths]).fetchall()[0]
    for fault, rows in zip(tests, found, strict=True):
        if rows:
            raise RowsRefused(f"{table}: {fault}, in {rows:,} row(s).")


def _require_distinct(
    connection: duckdb.DuckDBPyConnection, table: str, incoming: _Incoming, keys: Sequence[str]
) -> None:
    if not keys:
        return
    names = ", ".join(quoted(name) for name in keys)
    examples = connection.execute(
        f"SELECT {names}, count(*) FROM {incoming.sql} GROUP BY {names} HAVING count(*) > 1 LIMIT {_EXAMPLES}",
        [incoming.paths],
    ).fetchall()
    if examples:
        shown = "; ".join(
            f"{', '.join(f'{name} = {value!r}' for name, value in zip(keys, row, strict=False))} ({row[-1]} times)"
            for row in examples
        )
        raise RowsRefused(
            f"{table}: keys occur more than once in the Parquet files: {shown}. One row per ({', '.join(keys)}) is "
            f"allowed."
        )


def _require_within(
    connection: duckdb.DuckDBPyConnection, table: str, incoming: _Incoming, partition_column: str, values: str
) -> None:
    cell = quoted(partition_column)
    strays = connection.execute(
        f"SELECT {cell}, count(*) FROM {incoming.sql} WHERE {cell} IS NULL OR {cell} NOT IN ({values}) "
        f"GROUP BY 1 ORDER BY 1 LIMIT {_EXAMPLES}",
        [incoming.paths],
    ).fetchall()
    if strays:
        shown = ", ".join(f"{value!r} ({rows:,} row(s))" for value, rows in strays)
        raise RowsRefused(
            f"{table}: the Parquet files have rows of partitions that the call does not replace: {partition_column} = "
            f"{shown}. Name every partition of the files in partition_values."
        )
