"""From the registry's YAML to the leaderboard, with a real model: what ends up in the warehouse, and what does not.

Every fault here is a real one: files changed, torn and broken, on disk.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from epyc_assets.benchmark.plan import SPEED_SUITE, Plan
from epyc_assets.cli.main import main
from epyc_assets.defs.benchmarks import SweepConfig
from epyc_assets.defs.execution import SweepReport, sweep_fleet
from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.jobs import CONCURRENCY_ASSETS, EXPERIMENT_ASSETS, MACHINE_ASSETS, PREPARE_ASSETS
from epyc_assets.defs.planning import present_plan
from epyc_assets.defs.scope import load_scope
from epyc_assets.defs.suites import ASSETS as SUITE_ASSETS
from epyc_assets.warehouse import Warehouse
from epyc_assets.warehouse.derived import derived_tables
from epyc_assets.warehouse.table_name import MAIN_SCHEMA
from epyc_assets_tests.defs.place import FLEET, MODEL, QUESTIONS, SUITES, Place

pytestmark = pytest.mark.xdist_group("end_to_end")

ASKED = QUESTIONS * len(SUITES)
FACTS = ("models", "gguf_files", "questions", "question_sets", "sessions", "generations", "scores", "rejects")
ON_REQUEST = (*CONCURRENCY_ASSETS, *EXPERIMENT_ASSETS, *MACHINE_ASSETS, *SUITE_ASSETS)
"""Assets that no sweep makes; of the machine only where the registry does not know it."""
DERIVED = {table.name: table for table in derived_tables() if table.schema == MAIN_SCHEMA}
TABLES = (*FACTS, "sweep_plan", *DERIVED)


def run_job(place: Place, job: str, partition: str | None = None, only: tuple[str, ...] = ()) -> None:
    """Runs a job, or one asset of it, as the UI would."""
    with place.instance() as instance:
        result = (
            build_definitions(FLEET)
            .resolve_job_def(job)
            .execute_in_process(
                instance=instance,
                partition_key=partition,
                asset_selection=[dg.AssetKey(name) for name in only] or None,
            )
        )
    assert result.success


def plan_now() -> Plan:
    """What is left to ask the model."""
    return present_plan(Warehouse(), load_scope(FLEET), [MODEL]).plan


def test_a_sweep_ends_in_rows(swept: tuple[Place, SweepReport]) -> None:
    place, report = swept
    assert report.models == [MODEL]
    assert not report.not_loaded
    generations = place.rows("generations")
    assert generations["status"].to_list() == ["ok"] * ASKED
    assert generations["suite"].value_counts().height == len(SUITES)
    assert generations.filter(pl.col("text").is_null() | pl.col("prompt").is_null()).is_empty()
    assert generations.filter(pl.col("generation_tps") > 0).height >= ASKED - 1  # an answer of one token has no rate
    session = place.rows("sessions")
    assert session["status"].to_list() == ["closed"] * 2, "one load for the questions, one for the speed of all configs"
    assert session["threads"].to_list() == [1, 1]
    file = place.rows("gguf_files")
    assert set(generations["model_sha256"]) == set(file["sha256"])
    assert place.rows("scores").height == ASKED
    summary = place.rows("model_summary").filter(pl.col("model") == MODEL)
    assert summary["total_scored"].item() == place.rows("scores").filter(pl.col("status") == "scored").height
    assert summary["generation_tps_median"].item() > 0


def test_a_sweep_measures_every_config_beside_the_baseline(swept: tuple[Place, SweepReport]) -> None:
    place, _ = swept
    speed = place.rows("config_speed").filter(pl.col("prompt_kind") == "all")
    assert set(speed["technique"]) == {"baseline", "lookup"}, "it has no experts and no drafts"
    assert speed["enough_rounds"].all()
    assert speed.filter(pl.col("technique") == "lookup")["speedup"].null_count() == 0
    assert set(place.rows("token_agreement")["kind"]) <= {"identical", "near_tie"}
    physics = place.rows("config_physics").filter(pl.col("prompt_kind") == "all")
    assert physics["roofline_tps"].null_count() == 0, "the registry knows the bandwidth"
    best = place.rows("best_config").filter(pl.col("model") == MODEL)
    assert best["technique"].item() == "baseline", "from one round nothing can be shown to be faster"


def test_a_missing_and_a_broken_file_cost_themselves_only(swept: tuple[Place, SweepReport]) -> None:
    place, report = swept
    status = dict(place.rows("sweep_plan").select("model", "status").unique().iter_rows())
    assert status == {MODEL: "done", "broken": "no_file", "absent": "no_file"}
    reason = place.rows("sweep_plan").filter(pl.col("model") == "absent")["reason"][0]
    assert "absent.gguf" in reason
    reject = place.rows("rejects")
    assert reject["location"].to_list() == ["models/broken.gguf"]
    assert "GGUF" in reject["reason"].item()
    assert "<html>" in reject["raw_text"].item()
    failed = {f"{check.asset}.{check.check}": check for check in report.failed_checks}
    assert "gguf_files.files_readable" in failed
    assert not failed["gguf_files.files_readable"].blocking
    assert "broken.gguf" in str(failed["gguf_files.files_readable"].details)
    assert not [name for name, check in failed.items() if check.blocking]


def test_every_materialization_says_what_it_made(
    swept: tuple[Place, SweepReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _ = swept
    place.enter(monkeypatch)
    keys = build_definitions(FLEET).resolve_asset_graph().get_all_asset_keys()
    with place.instance() as instance:
        for key in keys:
            name = key.to_user_string()
            if name in ON_REQUEST:
                continue
            event = instance.get_latest_materialization_event(key)
            assert event is not None, f"{name} was not materialized"
            assert event.asset_materialization is not None
            metadata = event.asset_materialization.metadata
            if name in ("generation_journal", "speed_journal"):
                done = metadata["asked" if name == "generation_journal" else "answers"].value
                assert done == (ASKED if name == "generation_journal" else place.rows("speed_runs").height)
                assert Path(str(metadata["journal"].value)).is_file()
                continue
            rows = 1 if name == "sessions" else place.rows(name).height  # the speed rounds have a session of their own
            assert metadata["dagster/row_count"].value == rows, name
            columns = {column.name for column in metadata["dagster/column_schema"].value.columns}  # type: ignore[union-attr]
            assert columns, name
            preview = str(metadata["preview"].value)
            assert preview.startswith("| ") or place.rows(name).is_empty(), name
            if name in DERIVED:
                lineage = metadata["dagster/column_lineage"].value.deps_by_column  # type: ignore[union-attr]
                assert set(lineage) == columns == set(DERIVED[name].columns), name
                here = {table for table in DERIVED[name].upstream_tables if "." not in table}
                sourced = [column for column, sources in lineage.items() if sources]
                assert len(sourced) > len(columns) / 2 or not here, f"hardly any column of {name} has a source"
                stored = {dep.asset_key.to_user_string() for sources in lineage.values() for dep in sources}
                assert stored <= here, name


def test_every_check_was_evaluated(swept: tuple[Place, SweepReport], monkeypatch: pytest.MonkeyPatch) -> None:
    place, _ = swept
    place.enter(monkeypatch)
    every = build_definitions(FLEET).resolve_asset_graph().asset_check_keys
    keys = {key for key in every if key.asset_key.to_user_string() not in ON_REQUEST}
    with place.instance() as instance:
        found = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(keys))
    missing = sorted(f"{key.asset_key.to_user_string()}.{key.name}" for key in set(keys) - set(found))
    assert not missing
    assert len(keys) >= 12


def test_a_second_sweep_asks_nothing_and_loading_again_changes_nothing(
    swept_copy: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {table: swept_copy.rows(table) for table in TABLES if table != "gguf_files"}
    # Only its time changes, not its content.
    os.utime(swept_copy.models / f"{MODEL}.gguf", (1, 1))
    assert main(["sweep", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)[0]["model"] == MODEL
    assert "broken.gguf" in told.err, "the broken file is not told"
    run_job(swept_copy, "nightly_sweep", MODEL)
    run_job(swept_copy, "nightly_sweep", MODEL, only=("sessions", "generations"))
    for table, rows in before.items():
        assert swept_copy.rows(table).equals(rows), table
    assert len(swept_copy.records("session")) == 1, "a model was loaded with nothing to ask"


def test_another_model_file_makes_answers_stale(swept_copy: Place) -> None:
    file = swept_copy.models / f"{MODEL}.gguf"
    with file.open("ab") as stream:
        stream.write(bytes(64))
    # Before any scan of the changed file, and after the sweep that asks again.
    rows = [row for row in plan_now().rows if row.model == MODEL and row.suite != SPEED_SUITE]
    assert {(row.status, row.stale) for row in rows} == {("stale", QUESTIONS)}
    # The night does not scan; what it asks belongs to the file that was asked all the same.
    run_job(swept_copy, "nightly_sweep", MODEL)
    generations = swept_copy.rows("generations")
    assert generations.height == 2 * ASKED
    assert generations["model_sha256"].n_unique() == 2
    report = sweep_fleet(FLEET)
    assert report.models == []
    assert "sweep_plan.staleness" not in {f"{check.asset}.{check.check}" for check in report.failed_checks}
    assert set(generations["model_sha256"]) > set(swept_copy.rows("gguf_files")["sha256"])


def test_what_a_kill_left_in_the_journal_is_loaded_and_a_torn_line_is_asked_again(place: Place) -> None:
    run_job(place, "prepare", only=PREPARE_ASSETS)
    run_job(place, "nightly_sweep", MODEL, only=("generation_journal",))
    assert place.rows("generations").is_empty()
    assert plan_now().items == (), "what is in the journal and not yet in the warehouse needs no asking"
    lines = place.journal.read_bytes().splitlines(keepends=True)
    answers = [number for number, line in enumerate(lines) if b'"kind":"generation"' in line]
    torn = lines[answers[1]]
    lines[answers[1]] = torn[: len(torn) // 2] + b"\n"
    place.journal.write_bytes(b"".join(lines))
    assert len(plan_now().items) == 1
    before = place.records("generation")
    report = sweep_fleet(FLEET)
    assert report.models == [MODEL]
    assert place.rows("generations")["status"].to_list() == ["ok"] * ASKED
    assert [record for record in place.records("generation") if record in before] == before
    assert len(place.records("generation")) == ASKED
    reject = place.rows("rejects").filter(pl.col("source").str.starts_with("journal"))
    assert reject["location"].to_list() == [f"line {answers[1] + 1}"]
    assert "checksum" in reject["reason"].item()
    assert reject["raw_text"].item() == torn[: len(torn) // 2].decode()
    assert not [check for check in report.failed_checks if check.blocking]


def test_a_sweep_of_part_of_the_plan(place: Place) -> None:
    report = sweep_fleet(FLEET, config=SweepConfig(suites=["math"], questions_per_suite=2))
    assert report.models == [MODEL]
    assert place.rows("generations")["suite"].to_list() == ["math", "math"]
    missing = place.rows("sweep_plan").filter(pl.col("model") == MODEL).select("suite", "missing")
    asked = missing.filter(pl.col("suite") != SPEED_SUITE)
    assert dict(asked.iter_rows()) == {"math": QUESTIONS - 2, "thinking": QUESTIONS}


def test_stored_answers_are_scored_again_for_a_new_version_without_a_model(
    swept_copy: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    with Warehouse().write("scores of an older version") as connection:
        connection.execute("UPDATE scores SET scorer_version = 0")
    asked = swept_copy.records("generation")
    assert main(["score", "all", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert sum(row["answers"] for row in rows) == ASKED
    assert {row["status"] for row in rows} == {"scored"}
    assert swept_copy.rows("scores").filter(pl.col("scorer_version") > 0).height == ASKED
    assert swept_copy.records("generation") == asked
    assert swept_copy.rows("label_findings").filter(pl.col("severity") == "error").is_empty()
    assert main(["score", "all", "--scorer", "nonsense"]) == 2
