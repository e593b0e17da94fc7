"""Derived views: built from the same files as derived tables, alike in lineage and reference, and in the snapshot."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import (
    DerivedTable,
    DerivedTableFault,
    column_lineage,
    derived_tables,
    header_faults,
    materialize_derived,
    schema_of,
)
from epyc_assets.warehouse.migration import Migration, apply_migrations
from epyc_assets.warehouse.query import QueryFault, run_query
from epyc_assets.warehouse.schema_docs import comment_faults, render_table_reference

ALL_RESULTS = """\
-- One row per result, wherever it is from: „alle Ergebnisse“.
-- kind: view
-- key: name, origin
-- column: name: Who.
-- column: half: Half of its value.
-- column: origin: live or history.
WITH old AS (SELECT 'ü' AS sign, results.* FROM history.results)
SELECT results.name, halved(results.value) AS half, 'live' AS origin FROM results
UNION ALL
SELECT name, halved(old.value), 'history' FROM old WHERE name IN (SELECT name FROM known)
"""
SOURCES = """
    CREATE SCHEMA IF NOT EXISTS history;
    CREATE MACRO halved(x) AS x / 2;
    CREATE TABLE results (name VARCHAR, value DOUBLE);
    CREATE TABLE history.results (name VARCHAR, value INTEGER, code_version VARCHAR);
    CREATE TABLE known (name VARCHAR);
    CREATE TABLE history.known (name VARCHAR);
    INSERT INTO known VALUES ('old');
    INSERT INTO results VALUES ('new', 3);
    INSERT INTO history.results VALUES ('old', 5, 'v0'), ('unknown', 7, 'v0');
"""
ROWS = [("new", 1.5, "live"), ("old", 2.5, "history")]


def write(folder: Path, name: str, text: str) -> DerivedTable:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return next(table for table in derived_tables(folder) if table.file == f"derived/{name}")


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(SOURCES)
    return connection


@pytest.mark.parametrize("name", ["all_results.sql", "history/all_results.sql"])
def test_a_view_is_what_its_select_is_in_any_schema(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, provenance: Provenance, name: str
) -> None:
    """DuckDB would let a view in `history` read history.results and history.known where main's are meant."""
    view = write(tmp_path, name, ALL_RESULTS)
    assert (view.kind, view.upstream_tables) == ("view", ("history.results", "known", "results"))
    assert sorted(connection.execute(view.sql).fetchall()) == ROWS
    assert materialize_derived(connection, view, provenance) == 2
    assert materialize_derived(connection, view, provenance) == 2, "again"
    select = f"SELECT * FROM {view.qualified_name} ORDER BY name"
    assert connection.execute(select).fetchall() == ROWS
    connection.execute("DELETE FROM results")
    assert connection.execute(select).fetchall() == ROWS[1:], "as recent as what it reads"
    columns = schema_of(connection)[view.qualified_name]
    assert list(columns) == ["name", "half", "origin"], "no provenance columns"
    assert header_faults(view, list(columns)) == []
    assert column_lineage(view, schema_of(connection)) == {
        "name": [("history.results", "name"), ("results", "name")],
        "half": [("history.results", "value"), ("results", "value")],
        "origin": [],
    }


def test_a_view_is_commented_and_in_the_reference(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    view = write(tmp_path, "history/all_results.sql", ALL_RESULTS)
    connection.execute(f"CREATE VIEW history.all_results AS {view.sql}")
    faults = comment_faults(connection)
    assert {"view history.all_results", "column history.all_results.half"} <= set(faults)
    materialize_derived(connection, view, provenance)
    assert not any("all_results" in fault for fault in comment_faults(connection))
    reference = render_table_reference(connection, derived_directory=tmp_path).splitlines()
    assert (
        "| [history.all_results](#historyall_results) | One row per result, wherever it is from: „alle Ergebnisse“. |"
        in (reference)
    )
    assert "| `half` | DOUBLE | yes | Half of its value. |" in reference
    made = "A view, derived by `derived/history/all_results.sql` from [history.results](#historyresults), "
    assert made + "[known](#known), [results](#results)." in reference


def test_a_view_may_show_who_wrote_its_rows(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    view = write(
        tmp_path,
        "v.sql",
        "-- A row.\n-- kind: view\n-- column: name: Who.\nSELECT name, code_version FROM history.results",
    )
    assert materialize_derived(connection, view, provenance) == 2
    assert not any(fault.startswith("column v.") for fault in comment_faults(connection))
    assert connection.execute("SELECT DISTINCT code_version FROM v").fetchall() == [("v0",)]


def test_a_shared_key_in_a_view_is_refused_and_the_old_view_stays(
    tmp_path: Path, warehouse: Warehouse, provenance: Provenance
) -> None:
    view = write(tmp_path, "all_results.sql", ALL_RESULTS)
    with warehouse.write("good") as connection:
        connection.execute(SOURCES)
        materialize_derived(connection, view, provenance)
    wider = write(
        tmp_path,
        "all_results.sql",
        ALL_RESULTS.replace("UNION ALL", "UNION ALL FROM results SELECT name, 0, 'live' UNION ALL"),
    )
    with (
        pytest.raises(DerivedTableFault, match=r"name = 'new', origin = 'live' \(2 rows\)"),
        warehouse.write("bad") as (connection),
    ):
        materialize_derived(connection, wider, provenance)
    with warehouse.read() as connection:
        assert connection.execute("SELECT * FROM all_results ORDER BY name").fetchall() == ROWS


def test_a_table_becomes_a_view_and_a_table_again(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    as_table = ALL_RESULTS.replace("-- kind: view\n", "")
    for text, kind in (
        (as_table, "table"),
        (ALL_RESULTS, "view"),
        (as_table.replace("-- key", "-- kind: table\n-- key"), "table"),
    ):
        derived = write(tmp_path, "history/all_results.sql", text)
        assert derived.kind == kind
        connection.execute("BEGIN")
        assert materialize_derived(connection, derived, provenance) == 2
        connection.execute("COMMIT")
        there = connection.execute(
            "SELECT 'table' FROM duckdb_tables() WHERE table_name = 'all_results' UNION ALL "
            "SELECT 'view' FROM duckdb_views() WHERE view_name = 'all_results'"
        ).fetchall()
        assert there == [(kind,)]


def test_a_view_of_a_derived_table_lives_on_when_that_is_built_anew(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    write(tmp_path, "history/top.sql", "-- A row.\nSELECT name, value FROM history.results")
    view = write(
        tmp_path, "history/a_view.sql", "-- A row.\n-- kind: view\nSELECT name FROM history.top WHERE value > 5"
    )
    ordered = derived_tables(tmp_path)
    assert [table.name for table in ordered] == ["top", "a_view"]
    for table in ordered:
        materialize_derived(connection, table, provenance)
    wider = write(tmp_path, "history/top.sql", "-- A row.\nSELECT 1 AS new, value, name FROM history.results")
    materialize_derived(connection, wider, provenance)
    assert connection.execute(f"SELECT * FROM {view.qualified_name}").fetchall() == [("unknown",)]


def test_an_unknown_kind_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(DerivedTableFault, match="not 'macro'"):
        write(tmp_path, "t.sql", "-- A row.\n-- kind: macro\nSELECT 1 AS i")


def test_a_migration_passes_by_views_it_has_broken(provenance: Provenance) -> None:
    first = Migration("0001_a", "CREATE SCHEMA history; CREATE TABLE history.t (i INTEGER, code_version VARCHAR);", "a")
    second = Migration("0002_b", "DROP TABLE history.t; CREATE TABLE history.u (i INTEGER, code_version VARCHAR);", "b")
    connection = duckdb.connect()
    apply_migrations(connection, [first])
    connection.execute("CREATE VIEW history.v AS SELECT * FROM history.t")
    assert apply_migrations(connection, [first, second]) == ["0002_b"]
    assert "column history.u.code_version" not in comment_faults(connection)
    assert "column history.v.code_version" in comment_faults(connection)


@pytest.mark.parametrize("name", ["epyc.duckdb", "another name.duckdb"])
def test_the_snapshot_has_schemas_views_and_comments(tmp_path: Path, provenance: Provenance, name: str) -> None:
    warehouse = Warehouse(tmp_path / name)
    view = write(tmp_path / "derived", "history/all_results.sql", ALL_RESULTS)
    table = write(
        tmp_path / "derived", "history/top.sql", "-- A row.\n-- column: name: Who.\nSELECT name FROM history.results"
    )
    with warehouse.write("fill") as connection:
        connection.execute(SOURCES)
        for derived in (view, table):
            materialize_derived(connection, derived, provenance)
        before = schema_of(connection), comment_faults(connection)
    with warehouse.read() as connection:
        assert (schema_of(connection), comment_faults(connection)) == before
        assert connection.execute("SELECT * FROM history.all_results ORDER BY name").fetchall() == ROWS
        assert connection.execute("SELECT name FROM history.top ORDER BY name").fetchall() == [("old",), ("unknown",)]
    with duckdb.connect() as client:  # any client, by whatever name it attaches the file
        client.execute(f"ATTACH '{warehouse.snapshot_path}' AS mine (READ_ONLY)")
        assert client.execute("SELECT * FROM mine.history.all_results ORDER BY name").fetchall() == ROWS
    for misspelt in ("all_result", "history.all_result"):
        with pytest.raises(QueryFault, match=r"Did you mean .*all_results"):
            run_query(f"SELECT * FROM {misspelt}", warehouse=warehouse)
    tables = run_query("SHOW ALL TABLES", warehouse=warehouse).records()
    assert {row["name"] for row in tables if row["schema"] == "history"} >= {"all_results", "top", "results"}
