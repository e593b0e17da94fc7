from __future__ import annotations

import math
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.migration import (
    Migration,
    MigrationError,
    applied_migrations,
    apply_migrations,
    load_migrations,
    numbering_faults,
)
from epyc_assets.warehouse.schema_docs import comment_faults


def make(name: str, text: str) -> Migration:
    return Migration(name, text, f"hash of {text}")


FIRST = make("0001_first", "CREATE TABLE a (i INTEGER PRIMARY KEY, note VARCHAR); INSERT INTO a VALUES (1, 'x;y');")
SECOND = make("0002_second", "ALTER TABLE a ADD COLUMN more INTEGER; -- why; because\nUPDATE a SET more = i + 1;")


def test_shipped_migrations_count_up_without_gaps() -> None:
    assert numbering_faults(load_migrations()) == []


def test_gaps_and_double_numbers_are_faults() -> None:
    names = ["0001_a", "0003_b", "0003_c", "0005_d"]
    assert numbering_faults([make(name, "") for name in names]) == [
        "0003 is used by 0003_b, 0003_c",
        "0002 is left out",
        "0004 is left out",
    ]


def test_badly_named_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "12_x.sql").write_text("SELECT 1")
    with pytest.raises(MigrationError, match="NNNN_name"):
        load_migrations(tmp_path)


def test_each_is_applied_once_and_rows_survive() -> None:
    connection = duckdb.connect()
    assert apply_migrations(connection, [FIRST]) == ["0001_first"]
    connection.execute("INSERT INTO a VALUES (7, 'kept')")
    assert apply_migrations(connection, [FIRST, SECOND]) == ["0002_second"]
    assert apply_migrations(connection, [FIRST, SECOND]) == []
    assert connection.sql("SELECT * FROM a ORDER BY i").fetchall() == [(1, "x;y", 2), (7, "kept", 8)]


def test_a_file_from_the_first_migration_keeps_its_rows(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "epyc.duckdb"
    with duckdb.connect(str(path)) as old:
        apply_migrations(old, load_migrations()[:1])
        old.execute(
            "INSERT INTO rejects VALUES ('r', 'old.json', 'line 3', 'torn', '{', now(), 'run', 'v', now()::TIMESTAMP)"
        )
    warehouse = Warehouse(path)
    with warehouse.write("bring up to date"):
        pass
    with warehouse.read() as connection:
        assert connection.sql("SELECT source, raw_text FROM rejects").fetchall() == [("old.json", "{")]
        assert list(applied_migrations(connection)) == [each.name for each in load_migrations()]


def test_a_changed_migration_is_refused_and_not_run_again() -> None:
    connection = duckdb.connect()
    apply_migrations(connection, [FIRST])
    changed = make("0001_first", FIRST.text.replace("x;y", "z"))
    with pytest.raises(MigrationError, match=r"0001_first .* another text.*0002"):
        apply_migrations(connection, [changed])
    assert connection.sql("SELECT note FROM a").fetchall() == [("x;y",)]


def test_a_warehouse_newer_than_the_code_is_refused() -> None:
    connection = duckdb.connect()
    apply_migrations(connection, [FIRST, SECOND])
    with pytest.raises(MigrationError, match=r"newer version.*0002_second"):
        apply_migrations(connection, [FIRST])


def test_a_migration_slipped_in_below_is_refused() -> None:
    connection = duckdb.connect()
    apply_migrations(connection, [SECOND_ALONE])
    with pytest.raises(MigrationError, match="lower number"):
        apply_migrations(connection, [FIRST, SECOND_ALONE])


SECOND_ALONE = make("0002_alone", "CREATE TABLE b (i INTEGER)")


def test_a_failing_migration_leaves_nothing_of_itself() -> None:
    connection = duckdb.connect()
    broken = make("0002_broken", "CREATE TABLE c (i INTEGER); INSERT INTO c VALUES (1); SELECT * FROM nowhere;")
    with pytest.raises(MigrationError, match=r"0002_broken failed at its statement 3.*nowhere"):
        apply_migrations(connection, [FIRST, broken])
    assert list(applied_migrations(connection)) == ["0001_first"]
    tables = {name for (name,) in connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert tables == {"a", "schema_migrations"}


def test_everything_in_the_schema_is_commented() -> None:
    connection = duckdb.connect()
    apply_migrations(connection)
    assert comment_faults(connection) == []


@pytest.fixture(scope="module")
def macros() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    apply_migrations(connection, load_migrations()[:1])
    return connection


def wilson(macros: duckdb.DuckDBPyConnection, passes: int | None, total: int | None) -> tuple[float, float]:
    return macros.execute(
        "SELECT wilson_low($p::BIGINT, $t::BIGINT), wilson_high($p::BIGINT, $t::BIGINT)",
        {"p": passes, "t": total},
    ).fetchall()[0]


def test_wilson_against_published_values(macros: duckdb.DuckDBPyConnection) -> None:
    # R: prop.test(x, n, correct = FALSE)$conf.int
    assert wilson(macros, 8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(macros, 0, 20) == pytest.approx((0.0, 0.1611252), abs=1e-6)
    assert wilson(macros, 50, 100) == pytest.approx((0.4038315, 0.5961685), abs=1e-6)


@pytest.mark.parametrize(("passes", "total"), [(0, 0), (None, 3), (3, None), (5, 3), (-1, 3)])
def test_wilson_is_null_where_it_means_nothing(
    macros: duckdb.DuckDBPyConnection, passes: int | None, total: int | None
) -> None:
    assert wilson(macros, passes, total) == (None, None)


@given(st.integers(1, 10**9).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_wilson_solves_its_equation(macros: duckdb.DuckDBPyConnection, counts: tuple[int, int]) -> None:
    passes, total = counts
    low, high = wilson(macros, passes, total)
    ratio = passes / total
    assert 0 <= low <= ratio <= high <= 1
    for bound in (low, high):
        if 0 < bound < 1:  # the score test at the bound just rejects: |ratio - bound| = z * standard error there
            error = math.sqrt(bound * (1 - bound) / total)
            assert abs(ratio - bound) == pytest.approx(1.959963984540054 * error, rel=1e-4, abs=1e-12)
