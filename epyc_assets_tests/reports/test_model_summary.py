"""The master table against a plain Python count over the same rows, and the leaderboard made from it."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from statistics import median

import polars as pl
import pytest
from rich.console import Console

from epyc_assets.benchmark.question_sets import question_frame
from epyc_assets.reports.leaderboard import leaderboard_rows, leaderboard_tables
from epyc_assets.statistics import median_interval, wilson_interval
from epyc_assets.suites.generation import generate
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import derived_tables, materialize_derived
from epyc_assets.warehouse.rows import replace_rows

STAMP = Provenance("test", "test")
MODELS = ["alpha", "beta", "gamma", "silent"]
SUITES = ["math", "coder", "thinking"]


@pytest.fixture(scope="module")
def facts() -> dict[str, pl.DataFrame]:
    """Made-up answers, some superseded, some failed, some unscored, with old and new verdicts."""
    dice = random.Random(11)
    questions = [question for suite in SUITES for question in generate(suite, count=9, seed=2, wording="demo")]
    generations, scores, plan = [], [], []
    for model in MODELS:
        plan += [
            (model, suite, "not_allowed" if model == "beta" and suite == "coder" else "missing") for suite in SUITES
        ]
        for question in questions if model != "silent" else []:
            for attempt in (1, 2):
                if dice.random() < 0.3:
                    continue
                generation_id = f"{model}-{question.question_id}-{attempt}"
                status = dice.choice(["ok", "ok", "ok", "timeout"])
                generations.append(
                    {
                        "generation_id": generation_id,
                        "generation_key": generation_id[:-2],
                        "attempt": attempt,
                        "model": model,
                        "question_id": question.question_id,
                        "suite": question.suite,
                        "status": status,
                        "text": "x" if status == "ok" else None,
                        "finish_reason": "stop" if status == "ok" else None,
                        "generation_tps": dice.uniform(10, 90) if status == "ok" and dice.random() < 0.8 else None,
                        "minute": attempt,
                    }
                )
                for version in (1, 2):
                    passed = dice.choice([True, False, None])
                    if status == "ok" and dice.random() < 0.9:
                        scores.append((generation_id, version, passed))
    return {
        "questions": question_frame(questions),
        "generations": pl.DataFrame(generations),
        "scores": pl.DataFrame(scores, schema=["generation_id", "scorer_version", "passed"], orient="row"),
        "plan": pl.DataFrame(plan, schema=["model", "suite", "status"], orient="row"),
    }


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, facts: dict[str, pl.DataFrame]) -> Warehouse:
    """A warehouse that holds the facts and what is derived from them."""
    store = Warehouse(tmp_path_factory.mktemp("warehouse") / "epyc.duckdb")
    config = {"fleet": "f", "config_id": "c", "config": "baseline", "technique": "baseline"}
    fixed = [pl.lit(value).alias(name) for name, value in config.items()]
    questions = facts["questions"]
    started = pl.datetime(2026, 1, 1, 0, pl.col("minute"))
    with store.write("facts") as connection:
        replace_rows(connection, "questions", questions, provenance=STAMP)
        sets = questions.select("suite", "question_id", pl.int_range(pl.len()).alias("position"))
        replace_rows(connection, "question_sets", sets, where={"fleet": "f"}, provenance=STAMP)
        counts = [pl.lit(0).alias(name) for name in ("questions", "done", "missing", "stale", "failed")]
        replace_rows(connection, "sweep_plan", facts["plan"].with_columns(*fixed, *counts), provenance=STAMP)
        others = {"model_sha256": "s", "session_id": "s", "max_tokens": 9, "temperature": 0.0, "seed": 1}
        rows = facts["generations"].with_columns(
            *fixed, *[pl.lit(value).alias(name) for name, value in others.items()], started.alias("started_at")
        )
        replace_rows(connection, "generations", rows.drop("minute"), provenance=STAMP)
        verdicts = facts["scores"].with_columns(
            pl.lit("exact_match").alias("scorer"),
            pl.lit("why").alias("explanation"),
            pl.when(pl.col("passed").is_null()).then(pl.lit("not_scored")).otherwise(pl.lit("scored")).alias("status"),
        )
        replace_rows(connection, "scores", verdicts, provenance=STAMP)
        for table in derived_tables():
            materialize_derived(connection, table, STAMP)
    return store


def counted(facts: dict[str, pl.DataFrame]) -> dict[tuple[str, str], dict[str, list]]:
    """Plain Python: per model and suite the verdicts and speeds that count."""
    latest: dict[tuple[str, str], dict] = {}
    for row in facts["generations"].iter_rows(named=True):
        if row["status"] == "ok":
            key = (row["model"], row["question_id"])
            if key not in latest or row["minute"] > latest[key]["minute"]:
                latest[key] = row
    verdicts: dict[str, tuple[int, bool | None]] = {}
    for row in facts["scores"].iter_rows(named=True):
        if row["scorer_version"] >= verdicts.get(row["generation_id"], (0, None))[0]:
            verdicts[row["generation_id"]] = (row["scorer_version"], row["passed"])
    found: dict[tuple[str, str], dict[str, list]] = defaultdict(lambda: {"passed": [], "tps": []})
    for row in latest.values():
        cell = found[(row["model"], row["suite"])]
        cell["passed"].append(verdicts.get(row["generation_id"], (0, None))[1])
        cell["tps"].append(row["generation_tps"])
    return found


def test_suites_are_counted_as_plain_python_counts_them(warehouse: Warehouse, facts: dict[str, pl.DataFrame]) -> None:
    expected = counted(facts)
    with warehouse.read() as connection:
        rows = connection.sql("SELECT * FROM suite_summary").pl()
    assert rows.height == len(MODELS) * len(SUITES) - 1
    for row in rows.iter_rows(named=True):
        verdicts = expected[(row["model"], row["suite"])]["passed"]
        judged = [verdict for verdict in verdicts if verdict is not None]
        assert row["questions"] == 9
        assert row["answered"] == len(verdicts)
        assert (row["passes"], row["scored"]) == (sum(judged), len(judged))
        assert row["not_scored"] == len(verdicts) - len(judged)
        if judged:
            interval = wilson_interval(sum(judged), len(judged))
            assert row["pass_ratio"] == pytest.approx(interval.estimate)
            assert (row["pass_low"], row["pass_high"]) == pytest.approx((interval.low, interval.high))
        else:
            assert row["pass_ratio"] is None


def test_the_master_table_adds_the_suites_up(warehouse: Warehouse, facts: dict[str, pl.DataFrame]) -> None:
    expected = counted(facts)
    with warehouse.read() as connection:
        rows = connection.sql("SELECT * FROM model_summary").pl()
    assert sorted(rows["model"]) == sorted(MODELS)
    for row in rows.iter_rows(named=True):
        suites = [suite for suite in SUITES if not (row["model"] == "beta" and suite == "coder")]
        cells = {suite: expected[(row["model"], suite)] for suite in suites}
        judged = [v for cell in cells.values() for v in cell["passed"] if v is not None]
        assert (row["total_passes"], row["total_scored"]) == (sum(judged), len(judged))
        answered = sum(len(cell["passed"]) for cell in cells.values())
        assert row["missing"] == 9 * len(suites) - answered
        for suite, cell in cells.items():
            assert row[f"{suite}_passes"] == sum(v for v in cell["passed"] if v is not None)
        # Speeds are over all answers of the config, whether or not their suite is still allowed.
        tps = [v for suite in SUITES for v in expected[(row["model"], suite)]["tps"] if v is not None]
        assert row["speed_answers"] == len(tps)
        if tps:
            assert row["generation_tps_median"] == pytest.approx(median(tps))
            exact = median_interval(tps)
            assert row["generation_tps_low"] <= exact.low
            assert row["generation_tps_high"] >= exact.high
        else:
            assert row["generation_tps_median"] is None


def test_every_count_of_values_has_an_interval_at_least_as_wide_as_the_exact_one(tmp_path: Path) -> None:
    store = Warehouse(tmp_path / "epyc.duckdb")
    with store.write("schema"):
        pass
    with store.read() as connection:
        for count in [*range(1, 60), 100, 500, 1000]:
            values = [float(number) for number in range(count)]
            low, high = connection.execute("SELECT median_low($1), median_high($1)", [values]).fetchall()[0]
            if count < 6:
                assert (low, high) == (None, None)
            else:
                exact = median_interval(values)
                assert low <= exact.low
                assert high >= exact.high
                assert high - low <= exact.high - exact.low + 4


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_leaderboard_fits_the_terminal(warehouse: Warehouse, width: int) -> None:
    with warehouse.read() as connection:
        rows = leaderboard_rows(connection, "f")
    assert [row["pass_ratio"] for row in rows[:3]] == sorted((row["pass_ratio"] for row in rows[:3]), reverse=True)
    assert rows[-1]["model"] == "silent"
    console = Console(width=width, record=True, file=None)
    with console.capture() as printed:
        for table in leaderboard_tables(rows, width):
            console.print(table)
    lines = printed.get().splitlines()
    assert all(len(line) <= width for line in lines)
    assert "alpha" in printed.get()
    assert "silent" not in printed.get()
    assert "thinking" in printed.get()


def test_the_summary_of_a_record_alone_is_no_leaderboard(tmp_path: Path) -> None:
    store = Warehouse(tmp_path / "w.duckdb")
    with store.write("a record") as connection:
        connection.execute("CREATE TABLE history.model_summary (row_name VARCHAR)")
    with store.read() as connection:
        assert leaderboard_rows(connection, None) == []
