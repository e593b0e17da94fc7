from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.warehouse import NothingPublished, Warehouse
from epyc_assets.warehouse.query import (
    QueryFault,
    QueryResult,
    as_csv,
    as_json,
    as_text_table,
    run_query,
    write_result_file,
)

EVERYTHING = """
    SELECT 170141183460469231731687303715884105727::HUGEINT AS huge, 9007199254740993 AS big,
        1.10::DECIMAL(9, 2) AS price, 'nan'::DOUBLE AS nan, '-inf'::FLOAT AS infinite, [1, NULL] AS list,
        {'a': 'inf'::DOUBLE, 'b': [DATE '2025-01-02']} AS nested, TIMESTAMP '2025-01-02 03:04:05.678' AS at_plain,
        TIMESTAMPTZ '2025-01-02 03:04:05+02' AS at_zoned, TIME '10:00' AS clock,
        '{"k": [1, null]}'::JSON AS document, NULL AS nothing, '' AS empty, 'a,"b"\n' AS text, true AS yes,
        INTERVAL '1 month 3 days 1.5 seconds' AS span, 'ab'::BLOB AS bytes, MAP {'k': 1} AS map,
        '00000000-0000-0000-0000-000000000001'::UUID AS id, 1 AS twice, 2 AS twice
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("query") / "epyc.duckdb")
    with warehouse.write("fill") as connection:
        connection.execute("CREATE TABLE numbers AS SELECT i, i % 3 AS rest FROM range(10) AS r(i)")
    return warehouse


def test_json_has_every_type_exactly(filled: Warehouse) -> None:
    (row,) = json.loads(as_json(run_query(EVERYTHING, warehouse=filled)))
    assert row == {
        "huge": 170141183460469231731687303715884105727,
        "big": 9007199254740993,
        "price": 1.1,
        "nan": None,
        "infinite": None,
        "list": [1, None],
        "nested": {"a": None, "b": ["2025-01-02"]},
        "at_plain": "2025-01-02T03:04:05.678000",
        "at_zoned": "2025-01-02T01:04:05Z",
        "clock": "10:00:00",
        "document": {"k": [1, None]},
        "nothing": None,
        "empty": "",
        "text": 'a,"b"\n',
        "yes": True,
        "span": "P1M3DT1.5S",
        "bytes": "6162",
        "map": {"k": 1},
        "id": "00000000-0000-0000-0000-000000000001",
        "twice": 1,
        "twice_1": 2,
    }
    assert '"price": 1.10' in as_json(run_query(EVERYTHING, warehouse=filled))


def test_csv_as_rfc_4180_wants_it(filled: Warehouse) -> None:
    text = as_csv(
        run_query(
            "SELECT 'a,\"b\"\r\n' AS t, '' AS e, NULL AS n, [1] AS \"l,l\", 1.5 AS f, true AS b",
            warehouse=filled,
        )
    )
    assert text == 't,e,n,"l,l",f,b\r\n"a,""b""\r\n","",,[1],1.5,true\r\n'
    assert list(csv.reader(io.StringIO(text, newline="")))[1][:3] == ['a,"b"\r\n', "", ""]


def test_parquet_keeps_types(filled: Warehouse, tmp_path: Path) -> None:
    write_result_file(run_query(EVERYTHING, warehouse=filled), "parquet", tmp_path / "x.parquet")
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.num_rows == 1
    assert table.schema.field("at_plain").type == pyarrow.timestamp("us")
    assert table.schema.field("list").type == pyarrow.list_(pyarrow.int32())


def test_table_for_people(filled: Warehouse) -> None:
    text = as_text_table(
        run_query(
            "SELECT i, 'x' || chr(10) || chr(27) || repeat('y', 90) AS t FROM numbers",
            warehouse=filled,
            limit=2,
        )
    )
    lines = text.splitlines()
    assert lines[0].split() == ["i", "t"]
    assert lines[2].startswith("0  x··yyy")
    assert lines[2].endswith("…")
    assert lines[-1] == "(the first 2 rows; there are more)"
    assert as_text_table(run_query("SELECT 1 AS i", warehouse=filled)).endswith("(1 row)\n")
    assert "│" in as_text_table(run_query("EXPLAIN SELECT 1", warehouse=filled))


def test_limit_and_no_rows(filled: Warehouse) -> None:
    result = run_query("FROM numbers ORDER BY i DESC", warehouse=filled, limit=3)
    assert result.truncated
    assert [row["i"] for row in result.records()] == [9, 8, 7]
    assert not run_query("FROM numbers", warehouse=filled, limit=10).truncated
    assert as_json(run_query("FROM numbers WHERE false", warehouse=filled)) == "[]\n"
    assert as_csv(run_query("FROM numbers WHERE false", warehouse=filled)) == "i,rest\r\n"


def test_several_statements_give_the_last_result(filled: Warehouse) -> None:
    sql = "CREATE TEMP TABLE x AS SELECT 41 AS v; UPDATE x SET v = v + 1; -- done; really\nSELECT v FROM x;"
    assert run_query(sql, warehouse=filled).records() == [{"v": 42}]


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT rset FROM numbers", 'Candidate bindings: "rest"'),
        ("SELECT * FROM number", 'Did you mean "numbers"'),
        ("SELEC 1", "syntax error"),
        ("SELECT 1; SELEC 2", "syntax error"),
        ("  -- nothing\n ", "no SQL"),
        ("DROP TABLE numbers", "materializes assets"),
        ("INSERT INTO numbers VALUES (1, 1)", "materializes assets"),
        ("CREATE TABLE mine (i INTEGER)", "materializes assets"),
        ("SELECT 1; DELETE FROM numbers; SELECT 2", "materializes assets"),
        ("SELECT 1/('a'::INTEGER)", "Could not convert"),
    ],
)
def test_mistakes_are_told_with_hints(filled: Warehouse, sql: str, message: str, live: bool) -> None:
    with pytest.raises(QueryFault, match=message):
        run_query(sql, warehouse=filled, live=live)


def test_before_the_first_write(warehouse: Warehouse) -> None:
    with pytest.raises(NothingPublished, match="make demo"):
        run_query("SELECT 1", warehouse=warehouse)


def test_live_sees_what_is_not_published(warehouse: Warehouse) -> None:
    with warehouse.write("first"):
        pass
    with warehouse.write("second", publish=False) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    assert run_query("SELECT * FROM t", warehouse=warehouse, live=True).records() == [{"i": 1}]
    with pytest.raises(QueryFault, match="does not exist"):
        run_query("SELECT * FROM t", warehouse=warehouse)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.none() | st.text(st.characters(codec="utf-8")),
            "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
            "real": st.none() | st.floats(),
            "moment": st.none() | st.datetimes(timezones=st.just(UTC)),
            "parts": st.none() | st.lists(st.none() | st.integers(-(2**31), 2**31 - 1)),
            "pair": st.none()
            | st.fixed_dictionaries({"a": st.none() | st.text(st.characters(codec="utf-8")), "b": st.booleans()}),
        }
    )
)
SCHEMA = {
    "text": pl.String,
    "whole": pl.Int64,
    "real": pl.Float64,
    "moment": pl.Datetime("us", "UTC"),
    "parts": pl.List(pl.Int32),
    "pair": pl.Struct({"a": pl.String, "b": pl.Boolean}),
}


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_json_round_trip(rows: list[dict]) -> None:
    connection = duckdb.connect()
    connection.register("frame", pl.DataFrame(rows, schema=SCHEMA))
    written = as_json(QueryResult(connection.sql("SELECT * FROM frame").to_arrow_table()))
    connection.close()
    read = json.loads(written)
    assert len(read) == len(rows)
    for row, original in zip(read, rows, strict=True):
        moment, real = row.pop("moment"), row.pop("real")
        assert row == {name: original[name] for name in ("text", "whole", "parts", "pair")}
        assert (None if moment is None else datetime.fromisoformat(moment)) == original["moment"]
        expected = original["real"]
        assert real == (expected if expected is not None and math.isfinite(expected) else None)
