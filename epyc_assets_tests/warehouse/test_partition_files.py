from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.partition_files import replace_partitions
from epyc_assets.warehouse.rows import RowCounts, RowsRefused

TABLE = """
    CREATE SCHEMA history;
    CREATE TABLE answers (other INTEGER);
    CREATE TABLE history.answers (
        source_file_id BIGINT NOT NULL,
        ordinal BIGINT NOT NULL,
        tps DOUBLE,
        n_tokens BIGINT,
        asked_at TIMESTAMP,
        flags VARCHAR[] NOT NULL,
        extra JSON,
        kind VARCHAR NOT NULL DEFAULT 'plain',
        dagster_run_id VARCHAR NOT NULL,
        code_version VARCHAR NOT NULL,
        written_at TIMESTAMP NOT NULL,
        PRIMARY KEY (source_file_id, ordinal)
    );
"""
FILE_ONE, FILE_TWO, FILE_THREE = -(2**63), 2, 2**62
MORNING = datetime.datetime(2025, 3, 1, 8, tzinfo=datetime.UTC).replace(tzinfo=None)

Replace = Callable[..., RowCounts]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(TABLE)
    yield connection
    connection.close()


def frame(*cells: tuple[int, int], **columns: object) -> pl.DataFrame:
    """A row a cell (source_file_id, ordinal); other columns constant."""
    base = pl.DataFrame(
        {"source_file_id": [cell[0] for cell in cells], "ordinal": [cell[1] for cell in cells]},
        schema={"source_file_id": pl.Int64, "ordinal": pl.Int64},
    )
    values = {"tps": 1.5, "flags": ["x"], **columns}
    return base.with_columns(
        **{name: value if isinstance(value, pl.Expr) else pl.lit(value) for name, value in values.items()}
    )


@pytest.fixture
def replace(connection: duckdb.DuckDBPyConnection, tmp_path: Path, provenance: Provenance) -> Replace:
    def call(*frames: pl.DataFrame, values: object, table: str = "history.answers", column: str = "source_file_id"):
        paths = []
        for number, each in enumerate(frames):
            paths.append(tmp_path / f"{number}.parquet")
            each.write_parquet(paths[-1])
        return replace_partitions(
            connection,
            table,
            paths,
            partition_column=column,
            partition_values=values,  # type: ignore[arg-type]
            provenance=provenance,
        )

    return call


def cells(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    return connection.execute("SELECT source_file_id, ordinal FROM history.answers ORDER BY ALL").fetchall()


def test_partitions_named_are_replaced_and_others_stay(
    connection: duckdb.DuckDBPyConnection, replace: Replace, provenance: Provenance
) -> None:
    first = frame((FILE_ONE, 1), (FILE_ONE, 2)), frame((FILE_TWO, 1), (FILE_THREE, 1))
    ids = [FILE_ONE, FILE_TWO, FILE_THREE]
    assert replace(*first, values=ids) == RowCounts(inserted=4, deleted=0)
    before = connection.execute("SELECT * FROM history.answers ORDER BY ALL").fetchall()
    assert replace(*first, values=[*ids, *ids]) == RowCounts(inserted=4, deleted=4), "a second time, ids repeated"
    assert connection.execute("SELECT * FROM history.answers ORDER BY ALL").fetchall() == before
    assert before[0][-4:] == ("plain", "run-1", "test-1", provenance.written_at)

    assert replace(frame((FILE_ONE, 2), (FILE_ONE, 3)), values=[FILE_ONE]) == RowCounts(inserted=2, deleted=2)
    assert cells(connection) == [(FILE_ONE, 2), (FILE_ONE, 3), (FILE_TWO, 1), (FILE_THREE, 1)]
    assert replace(frame((FILE_TWO, 9)), values=[FILE_TWO, FILE_THREE]) == RowCounts(1, 2), "file three has none now"
    assert replace(values=[FILE_TWO, 12345]) == RowCounts(inserted=0, deleted=1), "no files: only taken out"
    assert replace(frame(), values=[]) == RowCounts(inserted=0, deleted=0)
    assert replace(values=[]) == RowCounts(inserted=0, deleted=0)
    assert cells(connection) == [(FILE_ONE, 2), (FILE_ONE, 3)]


@pytest.mark.parametrize(
    "values", [pl.Series([FILE_TWO]), pl.DataFrame({"any": [FILE_TWO]}), {FILE_TWO}, (each for each in [FILE_TWO])]
)
def test_partition_values_in_any_form(connection: duckdb.DuckDBPyConnection, replace: Replace, values: object) -> None:
    assert replace(frame((FILE_TWO, 1)), values=values) == RowCounts(inserted=1, deleted=0)


def test_values_arrive_as_they_are(connection: duckdb.DuckDBPyConnection, replace: Replace) -> None:
    rows = pl.DataFrame(
        {  # another order of columns than the table's
            "extra": ['{"a": [1, "\u00fc\\u0000"], "a": 2, "big": 123456789012345678901234567890}', None, "3"],
            "flags": [["a,b", "'"], [], ["\U0001f600"]],
            "asked_at": [MORNING, None, MORNING],
            "tps": [0.1, None, float("nan")],
            "n_tokens": [2.0, None, 2.0**53],
            "ordinal": pl.Series([1, 2, 3], dtype=pl.Int32),
            "source_file_id": [FILE_ONE, FILE_ONE, FILE_THREE],
        }
    )
    replace(rows, values=[FILE_ONE, FILE_THREE])
    stored = connection.execute(
        "SELECT extra, flags, asked_at, tps, n_tokens, ordinal, source_file_id FROM history.answers ORDER BY ordinal"
    ).fetchall()
    assert repr(stored) == repr(rows.with_columns(pl.col("n_tokens").cast(pl.Int64)).rows())
    structs = frame((FILE_TWO, 1), extra=pl.struct(pl.lit(1).alias("a"), pl.lit(None).alias("b")))
    replace(structs, values=[FILE_TWO])
    (text,) = connection.execute("SELECT extra FROM history.answers WHERE source_file_id = 2").fetchall()
    assert json.loads(text[0]) == {"a": 1, "b": None}


GOOD = frame((FILE_TWO, 1))


@pytest.mark.parametrize(
    ("frames", "arguments", "message"),
    [
        ([frame((FILE_TWO, 1), tsp=1.0)], {}, "no column tsp.*Did you mean tps"),
        ([GOOD.drop("ordinal")], {}, "lacks ordinal.*may not be NULL.*It has: source_file_id, tps, flags"),
        ([GOOD.drop("flags")], {}, "lacks flags"),
        ([GOOD.drop("source_file_id")], {}, "lacks source_file_id"),
        ([frame((FILE_TWO, 1), code_version="mine")], {}, "code_version, which is filled from the provenance"),
        ([frame((FILE_TWO, 1), flags=pl.lit(None, pl.List(pl.String)))], {}, r"flags is NULL.*in 1 row"),
        ([frame((FILE_TWO, 1), n_tokens=1.5)], {}, r"n_tokens \(DOUBLE\) does not fit BIGINT without loss, in 1 row"),
        ([frame((FILE_TWO, 1), n_tokens="1.5")], {}, r"n_tokens \(VARCHAR\) does not fit BIGINT"),
        ([frame((FILE_TWO, 1), n_tokens=float("nan"))], {}, "not accepted.*nan"),
        ([frame((FILE_TWO, 1), n_tokens="many")], {}, "not accepted.*many"),
        ([frame((FILE_TWO, 1), tps=2**53 + 1)], {}, r"tps \(BIGINT\) does not fit DOUBLE"),
        ([frame((FILE_TWO, 1), extra="{torn")], {}, "not accepted.*JSON"),
        ([frame((FILE_TWO, 1)), frame((FILE_TWO, 1))], {}, r"more than once.*ordinal = 1 \(2 times\)"),
        ([frame((FILE_TWO, 1), (FILE_THREE, 1))], {}, rf"does not replace: source_file_id = {FILE_THREE} \(1 row"),
        ([GOOD, GOOD.with_columns(extra=pl.lit("1"))], {}, r"same columns.*1\.parquet.*differ in extra VARCHAR"),
        ([GOOD, frame((FILE_TWO, 2), tps="1")], {}, "same columns.*tps DOUBLE, tps VARCHAR"),
        ([GOOD], {"values": [FILE_TWO, None]}, "NULL is among the partition values"),
        ([GOOD], {"values": ["two"]}, "not accepted.*two"),
        ([GOOD], {"values": pl.DataFrame({"a": [1], "b": [2]})}, "one column; the frame has 2"),
        ([GOOD], {"column": "source_file"}, "no column source_file,.*Did you mean source_file_id"),
        ([GOOD], {"table": "history.answer"}, "no table history.answer.*Did you mean history.answers"),
        ([GOOD], {"table": "answers"}, "answers has no column source_file_id"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    connection: duckdb.DuckDBPyConnection,
    replace: Replace,
    frames: list[pl.DataFrame],
    arguments: dict[str, object],
    message: str,
) -> None:
    replace(frame((FILE_ONE, 1), (FILE_TWO, 7)), values=[FILE_ONE, FILE_TWO])
    connection.execute("BEGIN")
    with pytest.raises(RowsRefused, match=f"(?s){message}") as caught:
        replace(*frames, **{"values": [FILE_TWO], **arguments})
    connection.execute("ROLLBACK")
    assert "LINE 1" not in str(caught.value), "our own SQL is of no use to the reader"
    assert cells(connection) == [(FILE_ONE, 1), (FILE_TWO, 7)]
    assert replace(GOOD, values=[FILE_TWO]) == RowCounts(inserted=1, deleted=1), "and the next call works"


def test_a_key_of_a_partition_that_stays_is_refused(connection: duckdb.DuckDBPyConnection, replace: Replace) -> None:
    connection.execute("CREATE TABLE history.results (result_pk VARCHAR PRIMARY KEY, source_file_id BIGINT)")
    one = pl.DataFrame({"result_pk": ["r"], "source_file_id": [1]})
    replace(one, values=[1], table="history.results")
    with pytest.raises(RowsRefused, match="Duplicate key"):
        replace(one.with_columns(source_file_id=pl.lit(2)), values=[2], table="history.results")


def test_files_that_are_missing_or_not_parquet(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, provenance: Provenance
) -> None:
    (tmp_path / "text.parquet").write_text("no Parquet at all, whatever its name says")
    for name in ("text.parquet", "missing.parquet"):
        with pytest.raises(RowsRefused, match=f"cannot be read.*{name}"):
            replace_partitions(
                connection,
                "history.answers",
                [tmp_path / name],
                partition_column="source_file_id",
                partition_values=[1],
                provenance=provenance,
            )


def test_names_with_wildcards_are_just_names(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, provenance: Provenance
) -> None:
    folder = tmp_path / "a[b]c"
    folder.mkdir()
    frame((1, 1)).write_parquet(folder / "*.parquet")
    frame((1, 2)).write_parquet(folder / "other.parquet")
    counts = replace_partitions(
        connection,
        "history.answers",
        [folder / "*.parquet"],
        partition_column="source_file_id",
        partition_values=[1],
        provenance=provenance,
    )
    assert (counts, cells(connection)) == (RowCounts(inserted=1, deleted=0), [(1, 1)])


CALLS = st.lists(
    st.tuples(
        st.sets(st.integers(0, 3)),  # partitions named
        st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3))),  # rows, of which those of named partitions count
        st.integers(1, 3),  # files
        st.booleans(),  # commit afterwards, or roll back
    ),
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(CALLS)
def test_any_sequence_of_calls_equals_a_set(calls: list[tuple[set[int], set[tuple[int, int]], int, bool]]) -> None:
    connection = duckdb.connect()
    connection.execute(TABLE)
    model: set[tuple[int, int]] = set()
    with TemporaryDirectory() as folder:
        for number, (named, rows, n_files, commit) in enumerate(calls):
            wanted = sorted(row for row in rows if row[0] in named)
            paths = [Path(folder) / f"{number}-{file}.parquet" for file in range(n_files)]
            for file, path in enumerate(paths):
                frame(*wanted[file::n_files]).write_parquet(path)
            connection.execute("BEGIN")
            counts = replace_partitions(
                connection,
                "history.answers",
                paths,
                partition_column="source_file_id",
                partition_values=named,
                provenance=Provenance("r", "v"),
            )
            assert counts == RowCounts(inserted=len(wanted), deleted=sum(row[0] in named for row in model))
            if commit:
                model = {row for row in model if row[0] not in named} | set(wanted)
            connection.execute("COMMIT" if commit else "ROLLBACK")
            assert set(cells(connection)) == model
    connection.close()


def test_a_hundred_thousand_rows_of_ten_thousand_files_are_quick(
    warehouse: Warehouse, tmp_path: Path, provenance: Provenance
) -> None:
    rows = frame(*((number // 10, number % 10) for number in range(100_000)), extra='{"a": [1, 2]}')
    rows.write_parquet(tmp_path / "rows.parquet")
    with warehouse.write("make", publish=False) as connection:
        connection.execute(TABLE.replace("CREATE SCHEMA", "CREATE SCHEMA IF NOT EXISTS"))
    for deleted in (0, 100_000):
        with warehouse.write("fill", publish=False) as connection:
            begun = time.process_time()
            counts = replace_partitions(
                connection,
                "history.answers",
                [tmp_path / "rows.parquet"],
                partition_column="source_file_id",
                partition_values=rows["source_file_id"],
                provenance=provenance,
            )
            took_s = time.process_time() - begun
        assert counts == RowCounts(inserted=100_000, deleted=deleted)
        assert took_s < 5, "0.2 s on two quiet cores"
