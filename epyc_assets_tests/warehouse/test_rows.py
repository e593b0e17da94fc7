from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.migration import apply_migrations, load_migrations
from epyc_assets.warehouse.rows import RAW_TEXT_LIMIT, RowCounts, RowsRefused, record_rejects, replace_rows

TABLE = """
    CREATE TABLE facts (
        suite VARCHAR NOT NULL,
        item INTEGER NOT NULL,
        value DOUBLE,
        tokens BIGINT,
        config JSON,
        tags VARCHAR[],
        place STRUCT(row INTEGER, col INTEGER),
        seen_at TIMESTAMP,
        kind VARCHAR NOT NULL DEFAULT 'plain',
        dagster_run_id VARCHAR NOT NULL,
        code_version VARCHAR NOT NULL,
        written_at TIMESTAMP NOT NULL,
        PRIMARY KEY (suite, item)
    )
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    apply_migrations(connection, load_migrations()[:1])
    connection.execute(TABLE)
    yield connection
    connection.close()


MARCH_FIRST = datetime.datetime(2025, 3, 1, tzinfo=datetime.UTC).replace(tzinfo=None)
FRAME = pl.DataFrame({"suite": ["math", "math", "coder"], "item": [1, 2, 1], "value": [0.5, None, 1.0]})


def contents(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], float | None]:
    rows = connection.execute("SELECT suite, item, value FROM facts").fetchall()
    return {(suite, item): value for suite, item, value in rows}


def test_by_key_twice_is_the_same_as_once(connection: duckdb.DuckDBPyConnection, provenance: Provenance) -> None:
    assert replace_rows(connection, "facts", FRAME, provenance=provenance) == RowCounts(inserted=3, deleted=0)
    before = connection.execute("SELECT * FROM facts ORDER BY ALL").fetchall()
    assert replace_rows(connection, "facts", FRAME, provenance=provenance) == RowCounts(inserted=3, deleted=3)
    assert connection.execute("SELECT * FROM facts ORDER BY ALL").fetchall() == before
    stamps = connection.execute("SELECT DISTINCT dagster_run_id, code_version, written_at FROM facts").fetchall()
    assert stamps == [("run-1", "test-1", provenance.written_at)]


def test_by_partition_what_is_gone_from_the_frame_goes(
    connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    replace_rows(connection, "facts", FRAME, provenance=provenance)
    newer = pl.DataFrame({"item": [2, 3], "value": [0.1, 0.2]})
    counts = replace_rows(connection, "facts", newer, provenance=provenance, where={"suite": "math"})
    assert counts == RowCounts(inserted=2, deleted=2)
    assert contents(connection) == {("math", 2): 0.1, ("math", 3): 0.2, ("coder", 1): 1.0}
    counts = replace_rows(connection, "facts", newer.clear(), provenance=provenance, where={"suite": "math"})
    assert counts == RowCounts(inserted=0, deleted=2)
    assert contents(connection) == {("coder", 1): 1.0}


def test_nested_columns_json_and_time_zones(connection: duckdb.DuckDBPyConnection, provenance: Provenance) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    frame = pl.DataFrame(
        {
            "suite": ["s", "t"],
            "item": [1.0, 2.0],
            "config": [{"threads": 4, "flags": ["a", None]}, None],
            "tags": [["x", "y"], []],
            "place": [{"row": 1, "col": None}, None],
            "seen_at": [datetime.datetime(2025, 3, 1, 5, 30, tzinfo=zone), None],
            "tokens": [2**62, None],
        }
    )
    replace_rows(connection, "facts", frame, provenance=provenance)
    rows = connection.execute(
        "SELECT config, tags, place, seen_at, tokens, kind, item FROM facts ORDER BY suite"
    ).fetchall()
    assert rows == [
        (
            '{"threads":4,"flags":["a",null]}',
            ["x", "y"],
            {"row": 1, "col": None},
            MARCH_FIRST,
            2**62,
            "plain",
            1,
        ),
        (None, [], None, None, None, "plain", 2),
    ]
    texts = pl.DataFrame({"suite": ["s"], "item": [1], "config": ['{"threads": 8}']})
    replace_rows(connection, "facts", texts, provenance=provenance)
    assert connection.execute("SELECT config->>'threads' FROM facts WHERE suite = 's'").fetchall() == [("8",)]


def with_columns(**columns: object) -> pl.DataFrame:
    return FRAME.with_columns(**{name: pl.lit(value) for name, value in columns.items()})


@pytest.mark.parametrize(
    ("frame", "arguments", "message"),
    [
        (FRAME.rename({"value": "valeu"}), {}, "no column valeu.*Did you mean value"),
        (FRAME.drop("item"), {}, "lacks item.*may not be NULL"),
        (with_columns(item=None), {}, "item is NULL in 3 row"),
        (
            pl.concat([FRAME, FRAME]),
            {},
            r"3 key\(s\) occur more than once.*suite = 'math', item = 1 \(2 times\)",
        ),
        (with_columns(tokens=1.5), {}, "tokens holds whole numbers.*1.5"),
        (with_columns(tokens=float("nan")), {}, "tokens holds whole numbers.*nan"),
        (with_columns(tokens="many"), {}, "not accepted.*many"),
        (with_columns(config="{torn"), {}, "not accepted.*JSON"),
        (with_columns(dagster_run_id="mine"), {}, "filled from the provenance"),
        (FRAME, {"where": {"suite": "math"}}, "1 row.*another value.*'coder'"),
        (FRAME, {"where": {"suites": "math"}}, "no column suites.*Did you mean suite"),
        (FRAME, {"where": {}}, "names no partition"),
        (FRAME, {"keys": []}, "say what to replace"),
        (FRAME, {"keys": ["itme"]}, "no column itme.*Did you mean item"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_touched(
    connection: duckdb.DuckDBPyConnection,
    provenance: Provenance,
    frame: pl.DataFrame,
    arguments: dict,
    message: str,
) -> None:
    replace_rows(connection, "facts", FRAME, provenance=provenance)
    connection.execute("BEGIN")
    with pytest.raises(RowsRefused, match=f"(?s){message}") as caught:
        replace_rows(connection, "facts", frame, provenance=provenance, **arguments)
    connection.execute("ROLLBACK")
    assert "LINE 1" not in str(caught.value), "our own SQL is of no use to the reader"
    assert len(contents(connection)) == 3


def test_an_unknown_table_names_its_likeness(connection: duckdb.DuckDBPyConnection, provenance: Provenance) -> None:
    with pytest.raises(RowsRefused, match=r"no table fatcs.*Did you mean facts"):
        replace_rows(connection, "fatcs", FRAME, provenance=provenance)


def test_a_table_of_the_same_name_in_another_schema_is_left_alone(
    connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    connection.execute("CREATE SCHEMA history")
    connection.execute(
        "CREATE TABLE history.facts (source_file_id BIGINT PRIMARY KEY, item VARCHAR NOT NULL, document JSON, "
        "code_version VARCHAR NOT NULL)"
    )
    replace_rows(connection, "main.facts", FRAME, provenance=provenance)
    old = pl.DataFrame({"source_file_id": [1, 2], "item": ["a", "b"], "document": ['{"a": 1}', None]})
    assert replace_rows(connection, "history.facts", old, provenance=provenance) == RowCounts(inserted=2, deleted=0)
    assert replace_rows(connection, "history.facts", old[1:], provenance=provenance) == RowCounts(1, 1), "by its key"
    counts = replace_rows(connection, "history.facts", old[:0], provenance=provenance, where={"item": "a"})
    assert counts == RowCounts(inserted=0, deleted=1)
    rows = connection.execute("SELECT * FROM history.facts").fetchall()
    assert rows == [(2, "b", None, "test-1")]
    assert len(contents(connection)) == 3
    with pytest.raises(RowsRefused, match=r"history.facts has no column suite.*Its columns are: source_file_id, item"):
        replace_rows(connection, "history.facts", FRAME, provenance=provenance)
    connection.execute("CREATE TABLE history.review_score (i INTEGER PRIMARY KEY)")
    for name in ("review_score", "history.review_scores"):
        with pytest.raises(RowsRefused, match=rf"no table {name} in.*Did you mean history.review_score\?"):
            replace_rows(connection, name, FRAME, provenance=provenance)


def test_a_key_of_another_partition_is_not_taken_over(
    connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    connection.execute("CREATE TABLE runs (run VARCHAR PRIMARY KEY, night VARCHAR NOT NULL)")
    replace_rows(connection, "runs", pl.DataFrame({"run": ["a"]}), provenance=provenance, where={"night": "mon"})
    with pytest.raises(RowsRefused, match="Duplicate key"):
        replace_rows(connection, "runs", pl.DataFrame({"run": ["a"]}), provenance=provenance, where={"night": "tue"})


SUITES = st.sampled_from(["a", "b", "ü'\";--"])
CELLS = st.dictionaries(
    st.tuples(SUITES, st.integers(0, 3)), st.none() | st.floats(allow_nan=False, width=32), max_size=6
)
BY_KEY = st.tuples(st.just(None), CELLS)
BY_PARTITION = SUITES.flatmap(
    lambda suite: st.tuples(
        st.just(suite),
        CELLS.map(lambda cells: {key: value for key, value in cells.items() if key[0] == suite}),
    )
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(BY_KEY | BY_PARTITION, st.booleans()), max_size=8))
def test_any_sequence_of_replacements_equals_a_dict(
    operations: list[tuple[tuple[str | None, dict[tuple[str, int], float | None]], bool]],
) -> None:
    """Each operation is repeated or not, in transactions of one or several operations."""
    connection = duckdb.connect()
    connection.execute(TABLE)
    model: dict[tuple[str, int], float | None] = {}
    for number, ((suite, cells), commit) in enumerate(operations):
        if number == 0:
            connection.execute("BEGIN")
        frame = pl.DataFrame(
            {
                "suite": [key[0] for key in cells],
                "item": [key[1] for key in cells],
                "value": list(cells.values()),
            },
            schema={"suite": pl.String, "item": pl.Int64, "value": pl.Float64},
        )
        stamp = Provenance(f"run {number}", "v")
        for _ in range(2):
            if suite is None:
                replaced = len(cells.keys() & model.keys())
                counts = replace_rows(connection, "facts", frame, provenance=stamp)
                model |= cells
            else:
                replaced = sum(key[0] == suite for key in model)
                counts = replace_rows(connection, "facts", frame, provenance=stamp, where={"suite": suite})
                model = {key: value for key, value in model.items() if key[0] != suite} | cells
            assert counts == RowCounts(inserted=len(cells), deleted=replaced)
        if commit:
            connection.execute("COMMIT")
            connection.execute("BEGIN")
        assert contents(connection) == model
    connection.close()


@dataclass(frozen=True)
class Torn:
    source: str
    location: str
    reason: str
    raw_text: str


def test_rejects_are_kept_once_and_leave_when_repaired(connection: duckdb.DuckDBPyConnection) -> None:
    first, second = Provenance("run-1", "v1"), Provenance("run-2", "v2")
    torn = [
        Torn("a.json", "line 1", "cut off", "{"),
        Torn("a.json", "line 9", "cut off", "{"),
        Torn("b.csv", "row 2", "empty", ""),
    ]
    assert record_rejects(connection, [*torn, torn[0]], first) == 3
    assert record_rejects(connection, torn[:1], second, sources_read=["a.json"]) == 1
    rows = connection.execute(
        "SELECT source, location, dagster_run_id, first_seen_at FROM rejects ORDER BY source, location"
    ).fetchall()
    assert rows == [
        ("a.json", "line 1", "run-2", first.written_at),
        ("b.csv", "row 2", "run-1", first.written_at),
    ]
    assert record_rejects(connection, [], second, sources_read=["a.json", "b.csv"]) == 0
    assert connection.execute("SELECT count(*) FROM rejects").fetchall() == [(0,)]


def test_many_sources_read_again_are_quick_and_only_theirs_go(connection: duckdb.DuckDBPyConnection) -> None:
    first, second = Provenance("run-1", "v1"), Provenance("run-2", "v2")
    sources = [f"old/{number}\udcff.csv" for number in range(10_000)]
    torn = [Torn(source, "line 1", "cut off", "{") for source in sources]
    begun = time.process_time()
    assert record_rejects(connection, torn, first, sources_read=sources) == 10_000
    assert record_rejects(connection, torn[:10], second, sources_read=sources[:5_000]) == 10
    took_s = time.process_time() - begun
    rows = connection.execute(
        "SELECT dagster_run_id, count(*), min(first_seen_at) FROM rejects GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert rows == [("run-1", 5_000, first.written_at), ("run-2", 10, first.written_at)]
    assert took_s < 10, "one statement for all of them, not one for each"


@pytest.mark.parametrize("raw_text", ["\udcff\udc00 not UTF-8", "nul\0inside", "quote ' \" ; --", "\U0001f600" * 10])
def test_hostile_text_in_rejects(connection: duckdb.DuckDBPyConnection, provenance: Provenance, raw_text: str) -> None:
    record_rejects(connection, [Torn("s", "l", "r", raw_text)], provenance)
    kept = connection.execute("SELECT raw_text FROM rejects").fetchall()[0][0]
    assert kept == raw_text.encode("utf-8", "backslashreplace").decode()


def test_long_text_is_cut_with_a_note_but_told_apart(
    connection: duckdb.DuckDBPyConnection, provenance: Provenance
) -> None:
    long = "x" * RAW_TEXT_LIMIT
    record_rejects(connection, [Torn("s", "l", "r", long + "a"), Torn("s", "l", "r", long + "b")], provenance)
    kept = [text for (text,) in connection.execute("SELECT raw_text FROM rejects").fetchall()]
    assert len(kept) == 2
    assert all(text.startswith(long) and "10,000 of 10,001 characters" in text for text in kept)
