"""Tables of the same bare name in two schemas are kept apart everywhere: building, lineage, keys, docs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.derived import (
    DerivedTable,
    DerivedTableFault,
    column_lineage,
    derived_tables,
    header_faults,
    materialize_derived,
    schema_database,
    schema_of,
)
from epyc_assets.warehouse.schema_docs import comment_faults, render_table_reference
from epyc_assets.warehouse.table_name import TableName

NEW_SUMMARY = """\
-- One row per model of today.
-- key: model
-- column: model: Its name.
-- column: passes: Answers that passed.
SELECT model, count(*) AS passes FROM facts GROUP BY model
"""
OLD_SUMMARY = """\
-- One row per model of the record.
-- key: row_name
-- column: row_name: Its name in the record.
-- column: passes: Answers that passed.
WITH facts AS (SELECT * FROM history.facts WHERE score = 3)
SELECT row_name, count(score) AS passes FROM facts GROUP BY row_name
"""
BOTH = """\
-- One row per model and where it is from.
-- key: name, origin
-- column: name: Its name.
-- column: passes: Answers that passed.
-- column: origin: Which table.
SELECT model AS name, passes, 'live' AS origin FROM model_summary
UNION ALL
SELECT row_name, passes, 'history' FROM HISTORY.Model_Summary
"""
SOURCES = """
    CREATE SCHEMA history;
    CREATE TABLE facts (model VARCHAR, score DOUBLE);
    CREATE TABLE history.facts (row_name VARCHAR, score INTEGER, tps DOUBLE, PRIMARY KEY (row_name, tps));
    INSERT INTO facts VALUES ('new', 0.5);
    INSERT INTO history.facts VALUES ('old', 3, 1), ('old', 3, 2), ('old', 1, 3);
"""


def write(folder: Path, files: dict[str, str]) -> list[DerivedTable]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return derived_tables(folder)


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, DerivedTable]:
    found = write(
        tmp_path,
        {
            "a_both.sql": BOTH,
            "model_summary.sql": NEW_SUMMARY,
            "history/model_summary.sql": OLD_SUMMARY,
            "history/top.sql": "-- One row per model.\nSELECT row_name FROM history.model_summary",
        },
    )
    return {table.qualified_name: table for table in found}


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(SOURCES)
    return connection


@pytest.mark.parametrize(
    ("text", "schema", "name", "quoted"),
    [("facts", "main", "facts", '"facts"'), ("main.facts", "main", "facts", '"facts"'), ("h.f", "h", "f", '"h"."f"')],
)
def test_table_names(text: str, schema: str, name: str, quoted: str) -> None:
    table = TableName.parse(text)
    assert (table.schema, table.name, table.quoted) == (schema, name, quoted)
    assert TableName.parse(str(table)) == table


@pytest.mark.parametrize("text", ["", ".", "a.", ".b", "a.b.c"])
def test_what_names_no_table(text: str) -> None:
    with pytest.raises(ValueError, match="names no table"):
        TableName.parse(text)


def test_a_folder_is_a_schema_and_upstream_tables_are_qualified(tables: dict[str, DerivedTable]) -> None:
    assert set(tables) == {"model_summary", "history.model_summary", "a_both", "history.top"}
    order = list(tables)
    assert order.index("history.model_summary") < order.index("history.top")
    assert order.index("a_both") > max(order.index("model_summary"), order.index("history.model_summary"))
    old = tables["history.model_summary"]
    assert (old.schema, old.name, old.file) == ("history", "model_summary", "derived/history/model_summary.sql")
    assert tables["model_summary"].upstream_tables == ("facts",)
    assert old.upstream_tables == ("history.facts",), "the CTE of the same bare name is not a table"
    assert tables["a_both"].upstream_tables == ("history.model_summary", "model_summary")


def test_the_schema_main_may_be_written_out(tmp_path: Path) -> None:
    (table,) = write(tmp_path, {"history/t.sql": "-- A row.\nSELECT * FROM main.facts, history.facts AS old"})
    assert table.upstream_tables == ("facts", "history.facts")


def test_tables_in_a_pivot_are_upstream(tmp_path: Path) -> None:
    (table,) = write(tmp_path, {"t.sql": "-- A row.\nSELECT * FROM (PIVOT history.facts ON score USING max(tps))"})
    assert table.upstream_tables == ("history.facts",)


def test_each_is_built_in_its_schema_with_the_right_lineage(
    tables: dict[str, DerivedTable], connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    counts = {name: materialize_derived(connection, table, provenance) for name, table in tables.items()}
    assert counts == {"model_summary": 1, "history.model_summary": 1, "a_both": 2, "history.top": 1}
    assert materialize_derived(connection, tables["history.model_summary"], provenance) == 1, "again"
    rows = connection.execute("SELECT name, passes, origin FROM a_both ORDER BY origin").fetchall()
    assert rows == [("old", 2, "history"), ("new", 1, "live")]
    schema = schema_of(connection)
    assert list(schema) == ["a_both", "facts", "model_summary", "history.facts", "history.model_summary", "history.top"]
    assert list(schema["history.facts"]) == ["row_name", "score", "tps"]
    assert column_lineage(tables["model_summary"], schema) == {"model": [("facts", "model")], "passes": []}
    assert column_lineage(tables["history.model_summary"], schema) == {
        "row_name": [("history.facts", "row_name")],
        "passes": [("history.facts", "score")],
    }
    assert column_lineage(tables["a_both"], schema) == {
        "name": [("history.model_summary", "row_name"), ("model_summary", "model")],
        "passes": [("history.model_summary", "passes"), ("model_summary", "passes")],
        "origin": [],
    }
    for name, table in tables.items():
        if name != "history.top":
            assert header_faults(table, list(schema[name])) == []
    with pytest.raises(duckdb.ConstraintException):
        connection.execute("INSERT INTO history.model_summary SELECT * FROM history.model_summary")


def test_stars_are_spelt_out_from_the_right_schema(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    stars = write(
        tmp_path,
        {
            "star.sql": "-- A row.\nSELECT * FROM facts",
            "history/star.sql": "-- A row.\nSELECT * EXCLUDE (tps) FROM history.facts",
            "history/live.sql": "-- A row, of main although the file is not there.\nSELECT * FROM facts",
        },
    )
    lineage = {table.qualified_name: column_lineage(table, schema_of(connection)) for table in stars}
    assert lineage["star"] == {"model": [("facts", "model")], "score": [("facts", "score")]}
    assert lineage["history.star"] == {
        "row_name": [("history.facts", "row_name")],
        "score": [("history.facts", "score")],
    }
    assert lineage["history.live"] == lineage["star"]


def test_a_schema_that_no_migration_makes_is_made(tmp_path: Path, provenance: Provenance) -> None:
    (table,) = write(tmp_path, {"reports/t.sql": "-- A row.\n-- column: i: A number.\nSELECT 1 AS i"})
    connection = duckdb.connect()
    assert materialize_derived(connection, table, provenance) == 1
    assert connection.execute("SELECT i, dagster_run_id FROM reports.t").fetchall() == [(1, "run-1")]
    assert comment_faults(connection) == []


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"main/t.sql": "-- A row.\nSELECT 1 AS i"}, "derived/main/.*derived/ itself"),
        ({"Old-One/t.sql": "-- A row.\nSELECT 1 AS i"}, r"derived/Old-One/t.sql.*lower case"),
        ({"history/t.sql": "SELECT 1 AS i"}, r"derived/history/t.sql: open the file"),
        ({"t.sql": "-- A row.\nSELECT * FROM epyc.history.facts"}, "leave out the name of the database"),
        (
            {
                "t.sql": "-- A row.\nSELECT * FROM history.t",
                "history/t.sql": "-- A row.\nSELECT * FROM t",
            },
            r"circle: (t -> history.t -> t|history.t -> t -> history.t)",
        ),
    ],
)
def test_faulty_folders_are_explained(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(DerivedTableFault, match=f"(?s){message}"):
        write(tmp_path, files)


def test_the_name_of_a_fact_table_is_free_in_another_schema(tmp_path: Path, provenance: Provenance) -> None:
    text = "-- A row.\nSELECT 1 AS i"
    tables = write(tmp_path, {"history/rejects.sql": text, "history/source_file.sql": text, "source_file.sql": text})
    connection = duckdb.connect()
    refused = []
    for table in tables:
        try:
            materialize_derived(connection, table, provenance)
        except DerivedTableFault as fault:
            refused.append(str(fault))
    (fault,) = refused
    assert fault.startswith("derived/history/source_file.sql: a schema migration already creates")


def test_the_reference_has_a_section_for_a_schema(tables: dict[str, DerivedTable], tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute(SOURCES + "COMMENT ON TABLE history.facts IS 'One row of the record.'")
    for table in tables.values():
        materialize_derived(connection, table, Provenance("r", "v"))
    lines = render_table_reference(connection, derived_directory=tmp_path).splitlines()
    titles = [line for line in lines if line.startswith("#")]
    assert titles == [
        "# Tables",
        "## Facts",
        "## Derived tables",
        "### facts",
        "### a_both",
        "### model_summary",
        "## Facts of schema history",
        "## Derived tables of schema history",
        "### history.facts",
        "### history.model_summary",
        "### history.top",
    ]
    assert "| [history.facts](#historyfacts) | One row of the record. |" in lines
    assert "Derived by `derived/history/model_summary.sql` from [history.facts](#historyfacts)." in lines
    at = lines.index("### history.facts")
    assert lines[at + 4] == "- Primary key: `row_name`, `tps`", "not that of the table of the same name in main"
    of_main = lines[lines.index("### facts") : lines.index("### a_both")]
    assert not any("tps" in line for line in of_main)
    assert {"table facts", "column history.facts.tps", "column facts.score"} <= set(comment_faults(connection))
    assert "table history.facts" not in comment_faults(connection)


def test_shipped_tables_of_every_schema_are_described() -> None:
    connection = schema_database()
    assert {"source_file"} <= {name.removeprefix("history.") for name in schema_of(connection)}
    for table in derived_tables():
        comment = connection.execute(
            "SELECT comment FROM duckdb_tables() WHERE schema_name = $schema AND table_name = $name UNION ALL "
            "SELECT comment FROM duckdb_views() WHERE schema_name = $schema AND view_name = $name",
            {"schema": table.schema, "name": table.name},
        ).fetchall()
        assert comment == [(table.description,)]
    connection.close()
