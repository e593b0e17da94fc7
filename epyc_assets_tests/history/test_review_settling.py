"""The statements that settle what several files of the record say together about reviews."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import epyc_assets.warehouse
from epyc_assets.history.content import Content, Place
from epyc_assets.history.review import FORMATS
from epyc_assets.history.rows import Row, frames_of
from epyc_assets_tests.history.conftest import files_of

SETTLING = Path(epyc_assets.warehouse.__file__).parent / "settling"
STANDARD = "suite,question_id,tokens_per_second,claude_score,score_reason\n"


@pytest.fixture
def connection(empty_warehouse: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(shutil.copy(empty_warehouse, tmp_path / "w.duckdb")) as connection:
        yield connection


def _settle(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute((SETTLING / f"{name}.sql").read_text())


def _write(connection: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    for table, frame in frames_of(rows).items():
        connection.register("incoming", frame)
        provenance = "'' AS dagster_run_id, '' AS code_version, now() AS written_at"
        connection.execute(f"INSERT INTO history.{table} BY NAME SELECT *, {provenance} FROM incoming")
        connection.unregister("incoming")


def _review(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> None:
    place = Place(f"benchmarks/results/reviews/{name}.csv")
    _write(connection, FORMATS[0].rows(FORMATS[0].read(Content(text.encode())), place).rows)


def _result(
    connection: duckdb.DuckDBPyConnection, result_pk: int, run_dir: str, role: str, config: str, source_file_id: int = 1
) -> None:
    known = {"run_dir": f"'{run_dir}'", "role": f"'{role}'", "config": f"'{config}'"}
    numbers = {"result_pk": str(result_pk), "source_file_id": str(source_file_id)}
    _row(connection, "benchmark_result", known | numbers)


def _row(connection: duckdb.DuckDBPyConnection, table: str, known: dict[str, str]) -> None:
    """A row that has these values (column to SQL expression), and anything that fits elsewhere."""
    anything = {
        "BIGINT": "1",
        "DOUBLE": "1",
        "BOOLEAN": "false",
        "VARCHAR": "''",
        "VARCHAR[]": "[]",
        "TIMESTAMP": "now()",
        "JSON": "'{}'",
    }
    columns = connection.execute(f"SELECT name, type FROM pragma_table_info('history.{table}')").fetchall()
    values = ", ".join(f"{known.get(name, anything[kind])} AS {name}" for name, kind in columns)
    connection.execute(f"INSERT INTO history.{table} BY NAME SELECT {values}")


def _files(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int | None, str | None]]:
    rows = connection.execute("SELECT name, result_pk, alias_of FROM history.review_file").fetchall()
    return {name: (result_pk, alias_of) for name, result_pk, alias_of in rows}


def _templates(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    return connection.execute(
        """SELECT review_file.name, review_score.ordinal
        FROM history.review_score JOIN history.review_file USING (review_pk)
        WHERE list_contains(review_score.quality_flags, 'template_reason') ORDER BY ALL"""
    ).fetchall()


def test_a_review_is_linked_to_the_last_run_of_its_role_and_config(connection: duckdb.DuckDBPyConnection):
    for name in ("frontdoor_baseline", "frontdoor_baseline_rescored", "frontdoor_moe4", "draft_small"):
        _review(connection, name, STANDARD + "math,t1_q1,1,3,Right\n")
    _result(connection, 11, "20250101_000000", "frontdoor", "baseline")
    _result(connection, 14, "20250202_000000", "frontdoor", "baseline")
    _result(connection, 13, "20250202_000000", "frontdoor", "baseline")
    _result(connection, 15, "20250303_000000", "frontdoor", "moe6")
    _settle(connection, "review_links")
    assert _files(connection) == {
        "frontdoor_baseline": (13, None),
        "frontdoor_baseline_rescored": (13, None),
        "frontdoor_moe4": (None, None),
        "draft_small": (None, None),
    }


def test_a_review_is_linked_within_its_own_copy_of_the_record(connection: duckdb.DuckDBPyConnection):
    _review(connection, "frontdoor_baseline", STANDARD + "math,t1_q1,1,3,Right\n")
    _result(connection, 11, "20250101_000000", "frontdoor", "baseline", source_file_id=21)
    _result(connection, 12, "20250202_000000", "frontdoor", "baseline", source_file_id=22)
    review_pk = Place("benchmarks/results/reviews/frontdoor_baseline.csv").source_file_id
    for number, path in (
        (review_pk, "benchmarks/results/reviews/frontdoor_baseline.csv"),
        (21, "benchmarks/results/runs/20250101_000000/frontdoor_baseline.json"),
        (22, "copy/benchmarks/results/runs/20250202_000000/frontdoor_baseline.json"),
    ):
        _row(connection, "source_file", {"source_file_id": str(number), "path": f"'{path}'"})
    _settle(connection, "review_links")
    assert _files(connection) == {"frontdoor_baseline": (11, None)}


def test_a_link_goes_when_its_run_goes(connection: duckdb.DuckDBPyConnection):
    _review(connection, "frontdoor_baseline", STANDARD + "math,t1_q1,1,3,Right\n")
    _result(connection, 11, "20250101_000000", "frontdoor", "baseline")
    _settle(connection, "review_links")
    connection.execute("DELETE FROM history.benchmark_result")
    _settle(connection, "review_links")
    assert _files(connection) == {"frontdoor_baseline": (None, None)}


def test_a_renamed_review_gets_its_row_by_the_aliases(connection: duckdb.DuckDBPyConnection):
    _review(connection, "renamed_rescored", STANDARD + "math,t1_q1,1,3,Right\n")
    _review(connection, "other_rescored", STANDARD + "math,t1_q1,1,3,Right\n")
    connection.execute(
        "INSERT INTO history.review_alias VALUES ('renamed_rescored', 'Small-Q8_0', 'cells', '', '', now())"
    )
    _settle(connection, "review_links")
    assert _files(connection) == {"renamed_rescored": (None, "Small-Q8_0"), "other_rescored": (None, None)}
    connection.execute("DELETE FROM history.review_alias")
    _settle(connection, "review_links")
    assert _files(connection)["renamed_rescored"] == (None, None)


def test_a_reason_for_five_questions_is_a_template(connection: duckdb.DuckDBPyConnection):
    five = "".join(
        f"math,t1_q{n},1,3,{reason}\n"
        for n, reason in enumerate(["Fine work", "fine work", " Fine work", "FINE WORK ", "Fine Work"])
    )
    four = "".join(f"coder,t1_q{n},1,2,Looks good\n" for n in range(4))
    _review(connection, "frontdoor_baseline", STANDARD + five + four)
    _review(connection, "frontdoor_moe4", STANDARD + "coder,t1_q0,1,2,Looks good\ncoder,t1_q9,1,1,\n")
    _settle(connection, "review_reasons")
    assert _templates(connection) == [("frontdoor_baseline", n) for n in range(1, 6)]


def test_one_question_of_two_suites_is_two_questions(connection: duckdb.DuckDBPyConnection):
    rows = "".join(f"{suite},t1_q1,1,3,Same words\n" for suite in ("math", "coder", "general", "agentic", "thinking"))
    _review(connection, "frontdoor_baseline", STANDARD + rows)
    _settle(connection, "review_reasons")
    assert len(_templates(connection)) == 5


def test_empty_reasons_and_other_scales_make_no_template(connection: duckdb.DuckDBPyConnection):
    _review(connection, "frontdoor_baseline", STANDARD + "".join(f"math,t1_q{n},1,3,\n" for n in range(9)))
    rows = "".join(f"general/t1_q{n},2,Fine work\n" for n in range(9))
    _review(connection, "draft_small", "question_id,score,reason\n" + rows)
    _review(connection, "x_summary", "model,total,tps\n" + "a,1/2,3\n" * 9)
    _settle(connection, "review_reasons")
    assert _templates(connection) == []


def test_settling_again_changes_nothing_and_a_template_that_is_none_any_more_loses_its_flag(
    connection: duckdb.DuckDBPyConnection,
):
    rows = "".join(f'math,t1_q{n},1,3,"Output generated"\n' for n in range(4))
    _review(connection, "frontdoor_baseline", STANDARD + rows)
    _review(connection, "frontdoor_moe4", STANDARD + "coder,t1_q9,1,3,Output generated\n")
    everything = "SELECT * FROM history.review_score ORDER BY review_pk, ordinal"
    before = connection.execute(everything).fetchall()
    _settle(connection, "review_reasons")
    settled = connection.execute(everything).fetchall()
    assert len(_templates(connection)) == 5
    assert settled != before
    _settle(connection, "review_reasons")
    assert connection.execute(everything).fetchall() == settled
    connection.execute("DELETE FROM history.review_score WHERE suite = 'coder'")
    _settle(connection, "review_reasons")
    assert _templates(connection) == []
    flags = connection.execute("SELECT DISTINCT quality_flags FROM history.review_score").fetchall()
    assert flags == [(["unverified_reason"],)]


def test_settling_works_in_the_transaction_that_replaces_a_file(connection: duckdb.DuckDBPyConnection):
    rows = "".join(f"math,t1_q{n},1,3,Same words\n" for n in range(6))
    _review(connection, "frontdoor_baseline", STANDARD + rows)
    _settle(connection, "review_reasons")
    connection.execute("BEGIN")
    connection.execute("DELETE FROM history.review_score")
    connection.execute("DELETE FROM history.review_file")
    _review(connection, "frontdoor_baseline", STANDARD + rows)
    _settle(connection, "review_links")
    _settle(connection, "review_reasons")
    connection.execute("COMMIT")
    assert len(_templates(connection)) == 6


def test_templates_of_the_record_are_those_that_plain_counting_finds(
    connection: duckdb.DuckDBPyConnection, record: Path
):
    questions: dict[str, set[tuple[str | None, str | None]]] = {}
    rows: list[Row] = []
    counted: list[str] = []
    for path, file in files_of(record, "benchmarks/results/reviews/*.csv"):
        content, place = Content(file.read_bytes()), Place(path)
        if not FORMATS[0].recognises(content, place):
            continue
        found = FORMATS[0].rows(FORMATS[0].read(content), place).rows
        rows += found
        if "claude_score" not in content.lines[0]:
            continue
        for row in found[1:]:
            words = (getattr(row, "reason", None) or "").strip(" ").lower()
            counted.append(words)
            if words:
                questions.setdefault(words, set()).add((getattr(row, "suite", None), getattr(row, "question_id", None)))
    templates = {words for words, asked in questions.items() if len(asked) >= 5}
    _write(connection, rows)
    _settle(connection, "review_reasons")
    assert len(_templates(connection)) == sum(words in templates for words in counted) > 0
