"""Databases of Optuna: typed rows from bytes that nobody vouches for."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epyc_assets.history.formats import format_named
from epyc_assets_tests.history.conftest import imported
from epyc_assets_tests.history.faults import check

PATH = "orchestration/optuna_study.db"
_ATTRIBUTES = """
CREATE TABLE {owner}_{kind}_attributes
    ({owner}_{kind}_attribute_id INTEGER PRIMARY KEY, {owner}_id INTEGER, "key" VARCHAR, value_json TEXT);
"""
OPTUNA = (
    "".join(_ATTRIBUTES.format(owner=owner, kind=kind) for owner in ("study", "trial") for kind in ("user", "system"))
    + """
CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name VARCHAR(512));
CREATE TABLE version_info (version_info_id INTEGER PRIMARY KEY, schema_version INTEGER, library_version VARCHAR(256));
CREATE TABLE study_directions
    (study_direction_id INTEGER PRIMARY KEY, direction VARCHAR(8), study_id INTEGER, objective INTEGER);
CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR(8),
    datetime_start DATETIME, datetime_complete DATETIME);
CREATE TABLE trial_params
    (param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name VARCHAR, param_value FLOAT, distribution_json TEXT);
CREATE TABLE trial_values
    (trial_value_id INTEGER PRIMARY KEY, trial_id INTEGER, objective INTEGER, value FLOAT, value_type VARCHAR(7));
CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER PRIMARY KEY, trial_id INTEGER, step INTEGER,
    intermediate_value FLOAT, intermediate_value_type VARCHAR(7));
CREATE TABLE oven (heat INTEGER, picture BLOB);
INSERT INTO studies VALUES (3, 'bread');
INSERT INTO version_info VALUES (1, 12, '9.9.9');
INSERT INTO study_directions VALUES (1, 'MINIMIZE', 3, 1), (2, 'MAXIMIZE', 3, 0);
INSERT INTO study_user_attributes VALUES (1, 3, 'baker', '"Ann"');
INSERT INTO trials VALUES
    (11, 0, 3, 'COMPLETE', '2030-01-02 03:04:05.000006', NULL), (12, 1, 3, 'FAIL', NULL, NULL);
INSERT INTO trial_user_attributes VALUES (1, 11, 'crust', '0.25'), (2, 11, 'note', 'not json');
INSERT INTO trial_params VALUES
    (1, 11, 'heat', 220.0,
     '{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 8, "high": 300}}'),
    (2, 11, 'flour', 1.0, '{"name": "CategoricalDistribution", "attributes": {"choices": ["rye", "oat"]}}');
INSERT INTO trial_values VALUES (1, 11, 0, 0.75, 'FINITE'), (2, 12, 0, NULL, 'INF_POS');
INSERT INTO trial_intermediate_values VALUES (1, 11, 4, 0.5, 'FINITE');
INSERT INTO oven VALUES (220, x'00ff');
"""
)


def database(script: str = OPTUNA) -> bytes:
    """A database made by a script."""
    connection = sqlite3.connect(":memory:")
    connection.executescript("PRAGMA page_size = 512;" + script)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


WHOLE = database()


def tables(data: bytes) -> tuple[dict[str, list[Any]], Any]:
    """Table to its rows, and everything."""
    name, result = imported(data, PATH)
    assert name in ("optuna", "sqlite")
    found: dict[str, list[Any]] = {}
    for row in result.rows:
        found.setdefault(row.table, []).append(row)
    return found, result


def test_studies_trials_and_their_values_are_rows() -> None:
    found, result = tables(WHOLE)
    (study,) = found["optuna_study"]
    assert (study.study_name, study.directions, study.schema_version, study.library_version) == (
        ("bread", ("MAXIMIZE", "MINIMIZE"), 12, "9.9.9")
    )
    first, second = found["optuna_trial"]
    assert (result.records, result.main_rows, result.status, result.rejects) == (2, 2, "ok", [])
    assert (first.trial_id, first.number, first.state, first.completed_at) == (11, 0, "COMPLETE", None)
    assert (first.started_at, second.state) == (datetime.fromisoformat("2030-01-02T03:04:05.000006"), "FAIL")
    finite, infinite, halfway = found["optuna_value"]
    assert (finite.kind, finite.objective, finite.value, finite.value_type) == ("objective", 0, 0.75, "FINITE")
    assert (infinite.value, infinite.value_type) == (None, "INF_POS")
    assert (halfway.kind, halfway.step, halfway.value, halfway.objective) == ("intermediate", 4, 0.5, None)
    assert {row.extra for table in ("optuna_study", "optuna_trial", "optuna_value") for row in found[table]} == {None}


def test_distributions_and_attributes_are_taken_apart() -> None:
    found, _ = tables(WHOLE)
    heat, flour = found["optuna_param"]
    assert (heat.name, heat.value, heat.distribution, heat.low, heat.high, heat.step, heat.is_log) == (
        ("heat", 220.0, "IntDistribution", 8.0, 300.0, 1.0, False)
    )
    assert (json.loads(flour.distribution_extra), flour.low, flour.extra) == ({"choices": ["rye", "oat"]}, None, None)
    baker, crust, note = found["optuna_attr"]
    assert (baker.owner, baker.study_id, baker.key, baker.value, baker.number) == ("study", 3, "baker", '"Ann"', None)
    assert (crust.trial_id, crust.number, crust.extra) == (11, 0.25, None)
    assert (note.value, json.loads(note.extra)) == (None, {"value_json": "not json"})


def test_a_table_of_no_known_schema_is_kept_row_by_row() -> None:
    found, _ = tables(WHOLE)
    (row,) = found["sqlite_row"]
    assert (row.table_name, json.loads(row.content)) == ("oven", {"heat": 220, "picture (base64)": "AP8="})


def test_a_database_of_another_program_is_kept_too() -> None:
    found, result = tables(database("CREATE TABLE loaf (a, b); INSERT INTO loaf VALUES (1, NULL), ('x', 2.5);"))
    assert (result.records, result.main_rows) == (2, 2)
    assert [json.loads(row.content) for row in found["sqlite_row"]] == [{"a": 1, "b": None}, {"a": "x", "b": 2.5}]


def test_a_database_without_tables_is_empty() -> None:
    assert tables(database("CREATE TABLE t (a)"))[1].status == "empty"


def test_a_database_left_in_write_ahead_mode_is_read_and_flagged(tmp_path: Path) -> None:
    file = tmp_path / "study.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(OPTUNA)
    connection.close()
    data = file.read_bytes()
    assert data[18:20] == b"\x02\x02"
    found, result = tables(data)
    assert (len(found["optuna_trial"]), result.flags) == (2, ["write_ahead_log_not_read"])


def test_a_database_that_ends_early_is_truncated_and_keeps_what_it_can() -> None:
    rows = "".join(f"INSERT INTO loaf VALUES ({n}, '{'x' * 100}');" for n in range(200))
    data = database("CREATE TABLE loaf (a, b);" + rows)
    found, result = tables(data[: len(data) // 2 // 512 * 512])
    assert result.status == "truncated"
    assert "pages_missing" in result.flags
    assert 0 < len(found["sqlite_row"]) < 200
    assert result.rejects


def test_a_damaged_page_costs_only_its_table() -> None:
    rows = "".join(f"INSERT INTO loaf VALUES ({n}, '{'x' * 100}');" for n in range(200))
    data = bytearray(database("CREATE TABLE loaf (a, b); CREATE TABLE bun (a);" + rows + "INSERT INTO bun VALUES (7);"))
    data[-1024:-512] = b"\xff" * 512
    found, result = tables(bytes(data))
    assert [json.loads(row.content) for row in found["sqlite_row"] if row.table_name == "bun"] == [{"a": 7}]
    assert [reject.location for reject in result.rejects] == ["table loaf"]


def test_a_virtual_table_or_view_runs_nothing() -> None:
    endless = "CREATE VIEW trials AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n;"
    _, result = tables(database("CREATE TABLE a (b);" + endless))
    assert (result.rows, result.status) == ([], "empty")
    _, result = tables(database("CREATE TABLE a (b); CREATE VIRTUAL TABLE f USING fts4(x);"))
    assert "table f" in [reject.location for reject in result.rejects]


def test_a_column_that_is_computed_computes_nothing() -> None:
    columns = "a, b AS (length(hex(zeroblob(80000000)))) VIRTUAL, c AS (zeroblob(20000000)) VIRTUAL"
    data = database(f"CREATE TABLE loaf ({columns}); INSERT INTO loaf (a) VALUES (1), (2), (3), (4);")
    started = time.process_time()
    result = check(format_named("sqlite"), data, PATH)
    assert time.process_time() - started < 10
    rows: list[Any] = result.rows
    assert [json.loads(row.content) for row in rows] == [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]


@pytest.mark.parametrize("cut", [0, 15, 16, 50, 99, 100, 101, 511])
@pytest.mark.parametrize("name", ["optuna", "sqlite"])
def test_a_file_of_hardly_a_header_is_a_reject(cut: int, name: str) -> None:
    result = check(format_named(name), WHOLE[:cut], PATH)
    assert result.rejects
    assert result.status in ("truncated", "unreadable")


def _cut(data: bytearray, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
    del data[draw(st.integers(0, len(data))) :]


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_damage_makes_it_raise_or_miscount(data: st.DataObject) -> None:
    damaged = bytearray(WHOLE)
    for position in data.draw(st.lists(st.integers(0, len(WHOLE) - 1), max_size=30)):
        damaged[position] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        _cut(damaged, data.draw)
    for name in ("optuna", "sqlite"):
        check(format_named(name), bytes(damaged), PATH)


def test_the_records_study_is_whole(record: Path) -> None:
    file = record / PATH
    if not file.is_file():
        pytest.skip("the record has no study")
    found, result = tables(file.read_bytes())
    assert (result.status, result.rejects, result.flags) == ("ok", [], [])
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    names = ("studies", "trials", "trial_params", "trial_values", "trial_user_attributes")
    counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names]
    total = connection.execute("SELECT sum(param_value) FROM trial_params").fetchone()[0]
    connection.close()
    kept = ("optuna_study", "optuna_trial", "optuna_param", "optuna_value", "optuna_attr")
    assert [len(found[name]) for name in kept] == counts
    assert sum(row.value for row in found["optuna_param"]) == pytest.approx(total)
    assert all(row.number is not None for row in found["optuna_attr"])
    assert {row.schema_version for row in found["optuna_study"]} == {12}
