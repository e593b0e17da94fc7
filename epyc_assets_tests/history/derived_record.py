"""A record imported into a warehouse in memory with its derived tables built, for the tests of those.

Here: `derived_warehouse`, the same steps as the assets take without Dagster. Not here: what the tables must hold (the
tests of each).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from epyc_assets.history.importing import record_frames
from epyc_assets.history.review_alias import alias_frame, load_review_aliases
from epyc_assets.history.rows import SCHEMA
from epyc_assets.warehouse.derived import derived_tables, materialize_derived
from epyc_assets.warehouse.migration import apply_migrations
from epyc_assets.warehouse.provenance import Provenance
from epyc_assets.warehouse.settling import settle
from epyc_assets.warehouse.table_name import TableName

STAMP = "'' AS dagster_run_id, '' AS code_version, TIMESTAMP '2026-01-01' AS written_at"


def derived_warehouse(root: Path, *, aliases: pl.DataFrame | None = None) -> duckdb.DuckDBPyConnection:
    """The record below root, with every derived table. aliases: those of the registry by default."""
    connection = duckdb.connect(":memory:")
    apply_migrations(connection)
    frames = record_frames(root, workers=1)
    frames.pop("rejects")
    frames["review_alias"] = alias_frame(load_review_aliases()) if aliases is None else aliases
    for table, frame in frames.items():
        insert(connection, table, frame)
    settle(connection)
    for table in derived_tables():
        materialize_derived(connection, table, Provenance(dagster_run_id="", code_version=""))
    return connection


def insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """Appends the rows of a table of the record, with a provenance that says nothing."""
    target = TableName(SCHEMA, table).quoted
    moment = ", TIMESTAMP '2026-01-01' AS imported_at" if table == "source_file" else ""
    connection.register("arriving", frame)
    connection.execute(f"INSERT INTO {target} BY NAME SELECT *{moment}, {STAMP} FROM arriving")
    connection.unregister("arriving")


def records_of(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, object]]:
    """The rows of a query, each as column to value."""
    cursor = connection.execute(sql)
    names = [each[0] for each in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
