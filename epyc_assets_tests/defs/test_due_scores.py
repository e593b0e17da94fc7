"""Scoring out of a warehouse: only what is due, in pieces, killed and resumed; and what statuses become in tables."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from epyc_assets.defs.due_scores import ScoringProgress, score_due
from epyc_assets.defs.label_audit import audit_warehouse
from epyc_assets.scoring.label_findings import finding_answer_frame, finding_frame
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import derived_tables, materialize_derived
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

STAMP = Provenance("", "1")
RESUMED = 90


def fill(store: Warehouse, rows: list[tuple[str, str | None, str, str]], status: str = "ok") -> None:
    """Questions and generations from (model, text, expected, scorer), a question each."""
    frame = pl.DataFrame(
        rows,
        schema={"model": pl.String, "text": pl.String, "expected": pl.String, "scorer": pl.String},
        orient="row",
    ).with_row_index("number")
    with store.write("test", publish=False) as connection:
        names = frame.with_columns(
            question_id=pl.format("q-{}-{}", "scorer", "number"), generation_id=pl.format("{}-{}", "model", "number")
        )
        replace_rows(
            connection,
            "questions",
            names.select("question_id", "expected", "scorer", prompt="question_id").with_columns(
                *(pl.lit(text).alias(name) for name, text in {"suite": "math", "source": "test"}.items()),
                tier=pl.lit(1),
                scorer_config=pl.lit("{}"),
                max_tokens=pl.lit(8),
                source_version=pl.lit("1"),
                seed=pl.lit(0),
                split=pl.lit("test"),
            ),
            provenance=STAMP,
        )
        replace_rows(
            connection,
            "generations",
            names.select(
                "generation_id",
                "question_id",
                "model",
                "text",
                generation_key="generation_id",
                attempt=pl.lit(1),
                fleet=pl.col("model").str.replace("model", "fleet"),
                model_sha256=pl.lit(""),
                session_id=pl.lit(""),
                config_id=pl.lit("c"),
                config=pl.lit("baseline"),
                technique=pl.lit("baseline"),
                suite=pl.lit("math"),
                status=pl.lit(status),
                finish_reason=pl.lit("stop"),
                max_tokens=pl.lit(8),
                temperature=pl.lit(0.0),
                seed=pl.lit(0),
                started_at=pl.lit(STAMP.written_at),
            ),
            provenance=STAMP,
        )


def numbers(count: int) -> list[tuple[str, str | None, str, str]]:
    return [("model", f"The answer is {number}.", str(number % 5), "exact_match") for number in range(count)]


def scores(store: Warehouse) -> pl.DataFrame:
    with store.read(live=True) as connection:
        return connection.sql("SELECT * FROM scores ORDER BY generation_id").pl()


def outcomes(store: Warehouse) -> dict[str, tuple[str, bool | None]]:
    """Status and verdict of each outcome, as the view has them."""
    view = next(table for table in derived_tables() if table.name == "all_outcomes")
    with store.write("test", publish=False) as connection:
        materialize_derived(connection, view, STAMP)
        rows = connection.sql("SELECT outcome_id, status, passed FROM all_outcomes").fetchall()
    return {outcome: (status, passed) for outcome, status, passed in rows}


def answers(store: Warehouse) -> dict[str, tuple[str, bool | None, float | None, str]]:
    """Status, verdict, value and explanation of each answer, as the table that the leaderboard is made of has them."""
    table = next(table for table in derived_tables() if table.name == "answers")
    with store.write("test", publish=False) as connection:
        materialize_derived(connection, table, STAMP)
        rows = connection.sql("SELECT generation_id, score_status, passed, value, explanation FROM answers").fetchall()
    return {generation: (status, passed, value, why) for generation, status, passed, value, why in rows}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with its tables and the views that the audit reads, made once."""
    store = Warehouse(tmp_path_factory.mktemp("empty") / "epyc.duckdb")
    with store.write("test", publish=False) as connection:
        for table in derived_tables():
            if table.name in ("all_results", "all_reviews"):
                materialize_derived(connection, table, STAMP)
    return store.path


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Warehouse:
    return Warehouse(shutil.copy(empty, tmp_path / "epyc.duckdb"))


def test_only_what_is_due_is_scored_and_said_so(store: Warehouse) -> None:
    fill(store, numbers(25))
    heard: list[ScoringProgress] = []
    first = score_due(store, STAMP, answers_per_write=10, on_progress=heard.append)
    assert first.newly_scored == 25
    assert first.counts.to_dicts() == [{"scorer": "exact_match", "status": "scored", "passed": 5, "answers": 25}]
    assert (heard[-1].done, heard[-1].total) == (25, 25)
    written = scores(store)
    again = score_due(store, STAMP)
    assert (again.newly_scored, again.answers_per_s) == (0, None)
    assert scores(store).equals(written)
    with store.write("an older version", publish=False) as connection:
        connection.execute("UPDATE scores SET scorer_version = 0 WHERE generation_id IN ('model-3', 'model-4')")
    assert score_due(store, STAMP).newly_scored == 2
    assert scores(store).height == 27, "verdicts of both versions stand side by side"


def test_fleet_and_scorer_choose(store: Warehouse) -> None:
    fill(store, [("model1", "4", "4", "exact_match"), ("model1", "4", "4", "substring"), ("model2", "4", "4", "f1")])
    assert score_due(store, STAMP, fleet="fleet2").newly_scored == 1
    assert score_due(store, STAMP, fleet="fleet1", scorer="substring").newly_scored == 1
    assert score_due(store, STAMP, scorer="f1").newly_scored == 0
    assert scores(store)["scorer"].to_list() == ["substring", "f1"]


@pytest.mark.parametrize(
    ("said", "thing"), [("no sandbox: bwrap is not installed", "sandbox"), ("no g++ here", "g++ here")]
)
def test_a_program_waits_for_what_is_missing_and_is_not_tried_again_without(
    store: Warehouse, monkeypatch: pytest.MonkeyPatch, said: str, thing: str
) -> None:
    fill(store, [("model", "```python\nx = 1\n```", "assert x == 1", "code_execution"), *numbers(1)])
    score_due(store, STAMP)
    with store.write("as without it", publish=False) as connection:
        connection.execute(
            "UPDATE scores SET status = 'not_scored', value = NULL, passed = NULL, explanation = 'not scored: ' || ?"
            "WHERE scorer = 'code_execution'",
            [said],
        )
    there: dict[str, bool] = {thing: False}
    monkeypatch.setattr("epyc_assets.scoring.stored.can_run_code_with", there.__getitem__)
    assert score_due(store, STAMP).newly_scored == 0
    there[thing] = True
    assert score_due(store, STAMP).newly_scored == 1
    assert scores(store).height == 2


KILLED = """
import sys, time
from epyc_assets.defs.due_scores import score_due
from epyc_assets.warehouse import Provenance, Warehouse

def stop(progress):
    if progress.done > 30:
        print("second piece", flush=True)
        time.sleep(60)

score_due(Warehouse(sys.argv[1]), Provenance("", "1"), answers_per_write=30, on_progress=stop)
"""


def test_a_killed_run_loses_the_piece_it_was_at(store: Warehouse) -> None:
    fill(store, numbers(RESUMED))
    running = subprocess.Popen([sys.executable, "-c", KILLED, str(store.path)], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "second piece\n"
    running.kill()
    running.wait()
    running.stdout.close()
    assert scores(store).height == 30
    assert not list(store.path.parent.glob(".scoring-*")), "a kill leaves no file behind"
    assert score_due(store, STAMP).newly_scored == RESUMED - 30
    everything = scores(store)
    assert everything["passed"].sum() == 5
    assert everything["generation_id"].n_unique() == RESUMED


def test_a_judging_process_ends_with_its_input() -> None:
    command = [sys.executable, "-m", "epyc_assets.scoring.judging_process"]
    assert subprocess.run(command, input=b"", capture_output=True, timeout=30).returncode == 0


def test_statuses_of_outcomes(store: Warehouse) -> None:
    fill(
        store,
        [
            ("right", "4", "4", "exact_match"),
            ("wrong", "5", "4", "exact_match"),
            ("unusable", "5", " ", "exact_match"),
            ("unknown", "5", "4", "no such scorer"),
            ("harness", "[ERROR: no backend]", "4", "exact_match"),
        ],
    )
    fill(store, [("broken", None, "4", "f1")], status="timeout")
    score_due(store, STAMP)
    assert scores(store).filter(pl.col("status") == "invalid_label").select("value", "passed").rows() == [(None, None)]
    before = outcomes(store)
    assert before == {
        "right-0": ("valid", True),
        "wrong-1": ("valid", False),
        "unusable-2": ("invalid_label", None),
        "unknown-3": ("not_scored", None),
        "harness-4": ("valid", False),
        "broken-0": ("infrastructure_error", None),
    }
    found = audit_warehouse(store)
    assert set(finding_frame(found)["kind"]) == {"error_text", "unusable_expected", "cannot_be_scored"}
    with store.write("findings", publish=False) as connection:
        replace_rows(connection, "label_findings", finding_frame(found), provenance=STAMP)
        replace_rows(connection, "label_finding_answers", finding_answer_frame(found), provenance=STAMP)
    assert outcomes(store) == {**before, "harness-4": ("invalid_label", False)}
    with store.read(live=True) as connection:
        ranked = run_stored_query(connection, "leaderboard_all", fleet=None)
    assert sorted(ranked["model"]) == ["right", "wrong"], "neither does any other ranking count it"
    told = answers(store)
    assert told["right-0"] == ("scored", True, 1.0, "the answer '4' matches '4'")
    assert told["harness-4"][:3] == ("invalid_label", None, None), "a ranking over answers leaves it out too"
    assert "messages of a program" in told["harness-4"][3], "and it says why"
    with store.write("fixed", publish=False) as connection:
        connection.execute("DELETE FROM label_finding_answers")
    assert answers(store)["harness-4"][:3] == ("scored", False, 0.0), "what was recorded is still there"


def test_a_label_that_was_corrected_casts_no_doubt_on_the_one_in_its_place(store: Warehouse) -> None:
    fill(store, [("model", "4", wrong_or_right, "exact_match") for wrong_or_right in ("5", "4", " ")])
    with store.write("corrected", publish=False) as connection:
        connection.execute("UPDATE questions SET prompt = 'What is 2 plus 2?'")
    score_due(store, STAMP)
    before = {scope.source_said(): finding.kind for scope, finding in audit_warehouse(store)}
    assert set(before) == {"test, no longer asked"}, "no present set holds any of them"
    sets = pl.DataFrame({"suite": "math", "question_id": ["q-exact_match-1"], "position": 0})
    with store.write("corrected", publish=False) as connection:
        replace_rows(connection, "question_sets", sets, where={"fleet": "fleet"}, provenance=STAMP)
    found = audit_warehouse(store)
    (unusable,) = [finding for scope, finding in found if finding.kind == "unusable_expected"]
    assert unusable.answer_ids == ("model-2",), "its outcome is no evidence, then as now"
    assert {scope.source_said() for scope, _ in found} == {"test, no longer asked"}
    assert "conflicting_expected" not in {finding.kind for _, finding in found}
