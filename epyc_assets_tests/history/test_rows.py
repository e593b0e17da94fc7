"""The row classes of all importers and the tables of the schema say the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

import duckdb
import polars as pl
import pytest

from epyc_assets.history.fields import Json
from epyc_assets.history.formats import all_formats
from epyc_assets.history.rows import Row, frames_of, json_columns, polars_schema
from epyc_assets.warehouse.migration import apply_migrations

KINDS = {kind.table: kind for each in all_formats() for kind in each.tables}
PROVENANCE = ("dagster_run_id", "code_version", "written_at")
MOMENT = datetime.fromisoformat("2026-01-02T03:04:05")
SQL_TYPES = {
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOLEAN",
    pl.String(): "VARCHAR",
    pl.Datetime("us"): "TIMESTAMP",
    pl.Date(): "DATE",
    pl.List(pl.String()): "VARCHAR[]",
}


@pytest.fixture(scope="module")
def schema() -> dict[str, dict[str, str]]:
    """Table of the schema history to column to type."""
    with duckdb.connect() as connection:
        apply_migrations(connection)
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'history' "
            "ORDER BY table_name, column_index"
        ).fetchall():
            found.setdefault(table, {})[column] = kind
        return found


@pytest.mark.parametrize("table", sorted(KINDS))
def test_a_row_class_has_its_tables_columns_and_types(table: str, schema: dict[str, dict[str, str]]) -> None:
    kind = KINDS[table]
    declared = {
        name: "JSON" if name in json_columns(kind) else SQL_TYPES[dtype] for name, dtype in polars_schema(kind).items()
    }
    written = {name: each for name, each in schema[table].items() if name not in PROVENANCE}
    assert declared == written
    assert set(schema[table]) >= set(PROVENANCE)


def test_every_table_of_the_schema_is_filled_by_an_importer_or_by_the_platform(
    schema: dict[str, dict[str, str]],
) -> None:
    assert set(schema) - set(KINDS) == {"source_file", "review_alias"}


def test_every_table_has_a_primary_key() -> None:
    with duckdb.connect() as connection:
        apply_migrations(connection)
        keyed = {
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' "
                "AND schema_name = 'history'"
            ).fetchall()
        }
    assert keyed >= set(KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample(Row):
    table: ClassVar[str] = "sample"
    count: int | None
    day: date | None
    at: datetime | None
    extra: Json | None
    flags: tuple[str, ...]


def test_rows_become_frames_by_table_with_their_types() -> None:
    rows = [
        _Sample(source_file_id=1, count=None, day=None, at=None, extra=None, flags=()),
        _Sample(source_file_id=2, count=5, day=date(2026, 1, 2), at=MOMENT, extra=Json("{}"), flags=("x",)),
    ]
    frame = frames_of(rows)["sample"]
    assert frame["flags"].to_list() == [[], ["x"]]
    assert frame["count"].to_list() == [None, 5]
    assert frame.schema["at"] == pl.Datetime("us")
    assert json_columns(_Sample) == {"extra"}
