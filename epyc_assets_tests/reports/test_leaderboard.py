"""The leaderboard and pairs of models, from real tables: what is marked, what is said, what fits."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from epyc_assets.benchmark.model_comparison import model_comparison
from epyc_assets.defs.model_comparison import plot_metadata
from epyc_assets.reports.leaderboard import first_two, leaderboard_rows, leaderboard_tables, legend
from epyc_assets.reports.leaderboard_plot import leaderboard_plot
from epyc_assets.reports.model_pairs import NotCompared, left_out, model_pairs, pair_table
from epyc_assets.reports.speed_plots import NothingToPlot
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import derived_tables, materialize_derived
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

STAMP = Provenance("test", "test")
SUITES = ["agentic", "coder", "general", "instruction_precision", "long_context", "math", "mode_advantage"]
SUITES += ["mode_advantage_hard", "skill_transfer", "thinking", "vl", "web_research", "mmlu"]
QUESTIONS = 20
RATES = {("strong", "b"): 0.95, ("fair-but-with-a-long-name-Q4_K_M", "b"): 0.6, ("fair", "m"): 0.55, ("weak", "b"): 0.1}
LONG = "fair-but-with-a-long-name-Q4_K_M"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Four models on thirteen suites, one of them public; nobody passes math, strong alone passes coder."""
    dice = random.Random(3)
    store = Warehouse(tmp_path_factory.mktemp("warehouse") / "epyc.duckdb")
    questions, generations, scores, plan = [], [], [], []
    for suite in SUITES:
        asked = range(QUESTIONS)
        questions += [{"question_id": f"{suite}-{number}", "suite": suite, "position": number} for number in asked]
        for (model, config_id), rate in RATES.items():
            words = {"config_id": config_id, "config": "baseline" if config_id == "b" else "moe 2 experts"}
            side = {"fleet": "f", "model": model, "technique": "baseline" if config_id == "b" else "moe", **words}
            plan.append({**side, "suite": suite, "status": "done"})
            for number in range(QUESTIONS):
                passed = dice.random() < rate
                if suite in ("math", "coder"):
                    passed = suite == "coder" and model == "strong"
                generation_id = f"{model}-{suite}-{number}"
                generations.append(
                    {**side, "suite": suite, "question_id": f"{suite}-{number}", "generation_id": generation_id}
                )
                scores.append({"generation_id": generation_id, "passed": passed, "value": float(passed)})
    fixed = {"scorer": "exact_match", "scorer_config": "{}", "max_tokens": 9, "source": "s", "source_version": "1"}
    fixed |= {"tier": 1, "expected": "x", "seed": 1, "split": "test"}
    counts: dict[str, Any] = dict.fromkeys(("questions", "done", "missing", "stale", "failed"), 0)
    generated = {"generation_key": "k", "attempt": 1, "status": "ok", "text": "x", "finish_reason": "stop"}
    generated |= {"model_sha256": "s", "session_id": "s", "max_tokens": 9, "temperature": 0.0, "seed": 1}
    generated |= {"generation_tps": 12345.0, "started_at": STAMP.written_at}
    scored = {"scorer": "exact_match", "scorer_version": 1, "status": "scored", "explanation": "why"}

    def put(connection: Any, table: str, rows: list[dict[str, Any]], more: dict[str, Any]) -> None:
        replace_rows(connection, table, pl.DataFrame([{**row, **more} for row in rows]), provenance=STAMP)

    with store.write("facts") as connection:
        asked = [
            {"question_id": row["question_id"], "suite": row["suite"], "prompt": row["question_id"]}
            for row in questions
        ]
        put(connection, "questions", asked, fixed)
        put(connection, "question_sets", questions, {"fleet": "f"})
        put(connection, "sweep_plan", plan, counts)
        put(connection, "generations", generations, generated)
        put(connection, "scores", scores, scored)
        tables = {table.qualified_name: table for table in derived_tables()}
        materialize_derived(connection, tables["answers"], STAMP)
        compared = model_comparison(run_stored_query(connection, "answers_to_compare", fleet="f"))
        replace_rows(connection, "model_comparison", compared, where={"fleet": "f"}, provenance=STAMP)
        for name in ("suite_summary", "model_summary"):
            materialize_derived(connection, tables[name], STAMP)
    return store


@pytest.fixture(scope="module")
def rows(warehouse: Warehouse) -> list[dict[str, Any]]:
    with warehouse.read() as connection:
        return leaderboard_rows(connection, "f")


def printed(tables: list[Any], width: int) -> list[str]:
    console = Console(width=width, file=None)
    with console.capture() as captured:
        for table in tables:
            console.print(table)
    return captured.get().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 120, 250])
def test_every_suite_is_shown_whole_with_its_interval_at_any_width(rows: list[dict[str, Any]], width: int) -> None:
    lines = printed(leaderboard_tables(rows, width), width)
    text = "\n".join(lines)
    assert all(len(line) <= width for line in lines)
    assert "…" not in text
    for row in rows:
        for each in row["suites"]:
            figures = [round(each[name] * 100) for name in ("pass_ratio", "pass_low", "pass_high")]
            assert "{} {}-{}".format(*figures) in text
    assert text.count("n=20") == len(SUITES)
    assert text.count("12,345") == len(RATES), "figures are never cut"
    for word in {word for suite in SUITES for word in suite.split("_")}:
        assert word in text


def test_real_differences_are_marked_and_others_are_not(rows: list[dict[str, Any]]) -> None:
    assert [row["model"] for row in rows] == ["strong", LONG, "fair", "weak"]
    assert [row["group"] for row in rows] == ["a", "b", "b", "c"]
    assert [(row["beats"], row["beaten_by"], row["tied_with_best"]) for row in rows] == [
        (3, 0, True),
        (1, 1, False),
        (1, 1, False),
        (0, 3, False),
    ]
    text = "\n".join(printed(leaderboard_tables(rows, 250), 250))
    assert "100 84-100*" in text, "strong alone passes coder"
    assert "0 0-16~" not in text, "nobody passes math: nobody is marked as tied with the best"
    assert {each["suite"]: each["beats"] for each in rows[0]["suites"]}["coder"] == 3
    beats = [each["beats"] for each in rows[0]["suites"]]
    assert set(beats) > {3}, "some suites tell strong apart from a part of the others only: no mark of the best there"
    assert text.count("*") == beats.count(3)
    assert rows[0]["versus_best"] is None
    assert rows[1]["versus_best"]["verdict"] == "worse"
    assert rows[1]["versus_best"]["model"] == "strong"


def test_the_legend_says_of_the_first_two_what_holds(rows: list[dict[str, Any]]) -> None:
    told = " ".join(legend(rows))
    assert f"strong is better than {LONG}" in told
    assert "adjusted for 6 comparisons" in told
    (versus,) = [{**row, "versus_best": None} for row in rows[1:2]]
    tied = {
        **rows[2],
        "versus_best": {
            **rows[1]["versus_best"],
            "verdict": "not_told_apart",
            "questions_more": 90,
            "questions_more_adjusted": 160,
        },
    }
    told = " ".join(legend([versus, tied]))
    assert f"{LONG} and fair, moe 2 experts are not told apart" in told
    assert "About 90 more would tell, among all pairs 160" in told
    assert len(legend([versus])) == 1, "one model alone is told apart from none"


def test_a_difference_of_nothing_has_no_minus() -> None:
    pair = {
        "difference": 0.0, "difference_low": -0.24, "difference_high": 0.24, "questions": 12, "p_value": 1.0,
        "p_adjusted": 1.0, "comparisons": 1, "verdict": "not_told_apart", "questions_more": None,
    }  # fmt: skip
    names = [{"model": name, "technique": "baseline", "versus_best": pair} for name in ("first", "second")]
    assert "-0.0" not in first_two(names)[0]
    assert "+0.0 points (-24.0 to +24.0)" in first_two(names)[0]
    row = {
        **pair,
        "difference": -0.0,
        "difference_low": -0.001,
        "suite": "math",
        "model_b": "second",
        "config_id_b": "b",
    }
    console = Console(width=100, file=io.StringIO())
    console.print(pair_table([{**row, "passes_a": 5, "passes_b": 5, "questions_more_adjusted": None}], 100))
    assert "+0 (-0 to +24)" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_pair_is_compared_suite_by_suite_and_over_all(warehouse: Warehouse) -> None:
    with warehouse.read() as connection:
        pair = model_pairs(connection, "f", "strong", "weak")
        all_others = model_pairs(connection, "f", "fair")
        named = model_pairs(connection, "f", "strong", "fair", other_config="moe 2 experts")
        for model, other, config, told in (
            ("strong", "nobody", None, "no scored answers to compare"),
            ("fair", "strong", "spec", "not asked with config"),
            ("weak", "weak", None, "under one config only"),
        ):
            with pytest.raises(NotCompared, match=told):
                model_pairs(connection, "f", model, other, config=config)
    assert [row["suite"] for row in pair] == ["all", *sorted(SUITES)]
    assert pair[0]["questions"] == QUESTIONS * len(SUITES)
    assert pair[0]["verdict"] == "better"
    assert [row["model_b"] for row in all_others] == ["strong", LONG, "weak"]
    assert {row["suite"] for row in all_others} == {"all"}
    assert named[0]["config_b"] == "moe 2 experts"
    assert left_out(pair) == ""
    assert (
        left_out([{**pair[0], "not_scored": 2, "invalid_label": 1}])
        == "Left out: 2 without a verdict, 1 with an invalid label."
    )
    for width in (40, 60, 80):
        lines = printed([pair_table(pair, width), pair_table(all_others, width)], width)
        assert all(len(line) <= width for line in lines)
        assert sum("better" in line for line in lines) >= 2


def test_the_picture_has_a_line_for_each_and_none_without_answers(
    warehouse: Warehouse, rows: list[dict[str, Any]]
) -> None:
    assert leaderboard_plot(rows, "f").startswith(b"\x89PNG")
    with pytest.raises(NothingToPlot, match="epyc sweep --fleet f"):
        leaderboard_plot([], "f")
    with warehouse.read() as connection:
        answers = run_stored_query(connection, "answers_to_compare", fleet="f")
        compared = connection.sql("SELECT * FROM model_comparison").pl()
    assert "data:image/png;base64," in plot_metadata("f", answers, compared)["plot_leaderboard"].value
    assert plot_metadata("f", answers.clear(), compared.clear()) == {}


def test_tables_of_an_older_file_still_make_a_leaderboard(warehouse: Warehouse, tmp_path: Path) -> None:
    with warehouse.read() as connection:
        summary = connection.sql("SELECT * FROM model_summary").pl()
    old = Warehouse(tmp_path / "old.duckdb")
    with old.write("as before") as connection:
        connection.register("given", summary.drop("beats", "beaten_by", "tied_with_best"))
        connection.execute("CREATE TABLE model_summary AS FROM given")
        columns = "fleet, model, config_id, config, technique, dagster_run_id, code_version, written_at"
        figures = "'math' AS suite, 3 AS passes, 4 AS scored, .75 AS pass_ratio, .3 AS pass_low, .95 AS pass_high"
        connection.execute(f"CREATE TABLE suite_summary AS SELECT {columns}, {figures} FROM given")
        connection.execute("DROP TABLE model_comparison")
        connection.unregister("given")
    with old.read() as connection:
        rows = leaderboard_rows(connection, None)
    assert [row["group"] for row in rows] == [None] * 4
    assert "75 30-95" in "\n".join(printed(leaderboard_tables(rows, 80), 80))
