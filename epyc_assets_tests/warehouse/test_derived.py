from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import (
    DerivedTableFault,
    column_lineage,
    derived_tables,
    header_faults,
    materialize_derived,
    schema_database,
    schema_of,
)
from epyc_assets.warehouse.migration import load_migrations
from epyc_assets.warehouse.schema_docs import comment_faults, render_table_reference

SUMMARY = """\
-- One row per model and suite: it's about passes,
-- and about speed.
-- key: model, suite
-- column: model: Name; of the model.
-- column: suite: Suite,
--   a comment on two lines.
-- column: passes: Passed; NULL where nothing was asked.
-- column: pass_low: Lower end.
-- column: speeds: Sorted speeds.
-- column: is_fastest: Whether no other model was faster.
-- column: label: A constant.

WITH latest AS (
    SELECT *, row_number() OVER (PARTITION BY model, question ORDER BY asked_at DESC) AS position
    FROM answers
),
current_answers AS (SELECT * FROM latest WHERE position = 1)
SELECT
    a.model,
    q.suite,
    count(*) FILTER (WHERE a.score >= 0.5) AS passes,
    wilson_low(count(*) FILTER (WHERE a.score >= 0.5), count(a.question)) AS pass_low,
    list_sort(list_transform(list(a.generation_tps), lambda x: round(x, 1))) AS speeds,
    max(a.generation_tps) = max(max(a.generation_tps)) OVER (PARTITION BY q.suite) AS is_fastest,
    'demo' AS label
FROM current_answers AS a
JOIN questions AS q ON q.question = a.question
WHERE a.model NOT IN (SELECT model FROM retired)
GROUP BY a.model, q.suite;
"""
TOP = """\
-- One row per model.
-- key: model
WITH questions AS (SELECT model, sum(passes) AS total FROM summary GROUP BY ALL)
SELECT s.* EXCLUDE (dagster_run_id, code_version, written_at), questions.total, speed.speed
FROM summary AS s JOIN questions USING (model), unnest(s.speeds) AS speed(speed)
"""
SOURCES = """
    CREATE TABLE answers (model VARCHAR, question INTEGER, score DOUBLE, generation_tps DOUBLE, asked_at TIMESTAMP);
    CREATE TABLE questions (question INTEGER, suite VARCHAR);
    CREATE TABLE retired (model VARCHAR);
    CREATE MACRO wilson_low(passes, total) AS passes / nullif(total, 0);
    INSERT INTO questions VALUES (1, 'math'), (2, 'math'), (3, 'coder');
    INSERT INTO answers VALUES
        ('a', 1, 0, 10.04, '2025-01-01'), ('a', 1, 1, 11.0, '2025-01-02'), ('a', 2, 1, 12.0, '2025-01-01'),
        ('b', 3, 0, 5.0, '2025-01-01'), ('old', 1, 1, 1.0, '2025-01-01');
    INSERT INTO retired VALUES ('old');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "derived"
    folder.mkdir()
    (folder / "summary.sql").write_text(SUMMARY)
    (folder / "aaa_top.sql").write_text(TOP)
    return folder


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(SOURCES)
    return connection


def test_headers_and_upstream_tables(folder: Path) -> None:
    summary, top = derived_tables(folder)
    assert (summary.name, top.name) == ("summary", "aaa_top"), "each after those it reads"
    assert summary.description == "One row per model and suite: it's about passes, and about speed."
    assert summary.key == ("model", "suite")
    assert summary.columns["suite"] == "Suite, a comment on two lines."
    assert summary.upstream_tables == ("answers", "questions", "retired")
    assert top.upstream_tables == ("summary",), "a CTE named like a table, and unnest, are not tables"


def test_column_lineage(folder: Path, connection: duckdb.DuckDBPyConnection, provenance: Provenance) -> None:
    summary, top = derived_tables(folder)
    materialize_derived(connection, summary, provenance)
    schema = schema_of(connection)
    assert column_lineage(summary, schema) == {
        "model": [("answers", "model")],
        "suite": [("questions", "suite")],
        "passes": [("answers", "score")],
        "pass_low": [("answers", "question"), ("answers", "score")],
        "speeds": [("answers", "generation_tps")],
        "is_fastest": [("answers", "generation_tps"), ("questions", "suite")],
        "label": [],
    }
    lineage = column_lineage(top, schema)
    assert list(lineage) == [*summary.columns, "total", "speed"], "the star is spelt out"
    assert lineage["pass_low"] == [("summary", "pass_low")]
    assert lineage["total"] == [("summary", "passes")]
    assert lineage["speed"] == [("summary", "speeds")]


def test_materializing_twice_replaces(
    folder: Path, connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    summary = derived_tables(folder)[0]
    assert materialize_derived(connection, summary, provenance) == 2
    connection.execute("DELETE FROM answers WHERE model = 'b'")
    connection.execute("BEGIN")
    assert materialize_derived(connection, summary, Provenance("run-2", "v2")) == 1
    assert materialize_derived(connection, summary, Provenance("run-3", "v2")) == 1
    connection.execute("COMMIT")
    assert connection.sql("SELECT * EXCLUDE written_at FROM summary").fetchall() == [
        ("a", "math", 2, 1.0, [11.0, 12.0], True, "demo", "run-3", "v2")
    ]
    with pytest.raises(duckdb.ConstraintException):
        connection.execute("INSERT INTO summary SELECT * FROM summary")
    assert not any("summary" in fault for fault in comment_faults(connection))


def test_a_broken_key_names_the_offenders_and_keeps_the_old_table(
    tmp_path: Path, warehouse: Warehouse, provenance: Provenance
) -> None:
    (tmp_path / "latest.sql").write_text("-- One row per i.\n-- key: i\nSELECT i, j FROM facts")
    table = derived_tables(tmp_path)[0]
    with warehouse.write("good") as connection:
        connection.execute("CREATE TABLE facts AS SELECT * FROM (VALUES (1, 1), (2, 1)) AS v(i, j)")
        materialize_derived(connection, table, provenance)
    refused = pytest.raises(DerivedTableFault, match=r"i = 2 \(2 rows\).*i = None \(1 row\)")
    with refused, warehouse.write("bad") as connection:
        connection.execute("INSERT INTO facts VALUES (2, 2), (NULL, 3)")
        materialize_derived(connection, table, provenance)
    with warehouse.read() as connection:
        assert connection.sql("SELECT i FROM latest ORDER BY i").fetchall() == [(1,), (2,)]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t", "SELECT 1 AS i", "what one row is"),
        ("t", "-- A row.\nSELEC 1", "cannot be parsed"),
        ("t", "-- A row.\nSELECT 1 AS i; SELECT 2 AS i", "exactly one SELECT.*found 2"),
        ("t", "-- A row.\nDROP TABLE rejects", "exactly one SELECT"),
        ("t", "-- A row.\n-- column: i\nSELECT 1 AS i", "line 2"),
        ("t", "-- A row.\n", "exactly one SELECT.*found 0"),
        ("Bad-Name", "-- A row.\nSELECT 1 AS i", "lower case"),
    ],
)
def test_faulty_files_are_explained(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / f"{name}.sql").write_text(text)
    with pytest.raises(DerivedTableFault, match=message) as caught:
        derived_tables(tmp_path)
    assert f"derived/{name}.sql" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rejects", "-- A row.\nSELECT 1 AS i", "already creates"),
        ("t", "-- A row.\n-- key: j\nSELECT 1 AS i", "key column j is not selected"),
        ("t", "-- A row.\nSELECT 1 AS i, 2 AS code_version", "selects code_version"),
    ],
)
def test_files_that_do_not_fit_the_warehouse(
    tmp_path: Path, provenance: Provenance, name: str, text: str, message: str
) -> None:
    (tmp_path / f"{name}.sql").write_text(text)
    with pytest.raises(DerivedTableFault, match=message):
        materialize_derived(duckdb.connect(), derived_tables(tmp_path)[0], provenance)


def test_circles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- A row.\nSELECT * FROM b")
    (tmp_path / "b.sql").write_text("-- A row.\nSELECT * FROM a")
    with pytest.raises(DerivedTableFault, match=r"circle: \w -> \w -> \w"):
        derived_tables(tmp_path)


def test_header_faults_tell_what_is_missing_and_too_much(folder: Path) -> None:
    summary = derived_tables(folder)[0]
    assert header_faults(summary, [*summary.columns, "written_at"]) == []
    assert header_faults(summary, ["model", "suite", "new"])[:2] == [
        "derived/summary.sql: no `-- column: new: ...` line",
        "derived/summary.sql: a `column:` line for passes, which is not selected",
    ]


def test_shipped_derived_tables_run_and_are_documented() -> None:
    connection = schema_database()
    schema = schema_of(connection)
    facts = [fault for table in derived_tables() for fault in header_faults(table, list(schema[table.qualified_name]))]
    assert facts == []
    assert comment_faults(connection) == []
    for table in derived_tables():
        assert set(table.upstream_tables) <= set(schema)
        assert list(column_lineage(table)) == list(table.columns)
    reference = render_table_reference()
    assert reference == render_table_reference(connection)
    for name, columns in schema.items():
        assert f"### {name}\n" in reference
        assert all(f"| `{column}` |" in reference for column in columns)


def test_no_figure_that_is_kept_depends_on_the_order_of_rows() -> None:
    # Threads hand rows over in any order, and these round at each row: built again, the table would look changed.
    rounding = r"\b(?:var|stddev|covar|regr)_\w+\(|\b(?:variance|stddev|corr|favg|fsum|kahan_sum|sumkahan|geomean)\("
    rounding += r"|\b(?:sum|avg|mean)\([^()]*_(?:tps|ms|s|ratio|per_\w+)\)"
    for table in derived_tables():
        if table.kind == "table":
            assert re.findall(rounding, re.sub(r"--.*", "", table.sql)) == [], table.qualified_name


def test_reference_page_of_the_first_migration(tmp_path: Path) -> None:
    connection = duckdb.connect()
    for statement in duckdb.extract_statements(load_migrations()[0].text):
        connection.execute(statement)
    (tmp_path / "writers.sql").write_text(
        "-- One row per | host.\n-- key: host_name\nSELECT DISTINCT host_name FROM warehouse_writes"
    )
    materialize_derived(connection, derived_tables(tmp_path)[0], Provenance("r", "v"))
    reference = render_table_reference(connection, derived_directory=tmp_path)
    for line in (
        "| `raw_text` | VARCHAR | no | The record as it was found. Longer texts are cut, and then end in a note of how "
        "much was cut. |",
        "| `code_version` | VARCHAR | yes | Version of the code that wrote; NULL when the writer gave none. |",
        "- Primary key: `host_name`",
        "| [writers](#writers) | One row per \\| host. |",
        "Derived by `derived/writers.sql` from [warehouse_writes](#warehouse_writes).",
    ):
        assert line in reference.splitlines(), reference
    assert "`wilson_low(passes, total)`" in reference
