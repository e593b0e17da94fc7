"""The experiments as assets, with real models: rows in the warehouse, kills, what is not measured again, checks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from epyc_assets.benchmark.journal import read_journal
from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.resources import MeasuredMachine, WarehouseResource
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets_tests.defs.place import FLEET, Place, make_place
from epyc_assets_tests.models import shipped

pytestmark = pytest.mark.xdist_group("end_to_end")

MODELS = ("demo-target", "demo-draft", "demo-draft-mismatched", "demo-mamba")
QUICK = {"draft_tokens": [4], "least_rounds": 2, "most_rounds": 2}
SAMPLED = {"temperatures": [0.0, 1.3], "seeds": [1], "prompts_per_kind": 1}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with a target, a draft that suits it, one that does not, and a recurrent model."""
    place = make_place(tmp_path_factory.mktemp("experiments") / "place")
    of_all: dict[str, Any] = {
        "kind": "chat",
        "load_parameters": {"threads": 1, "context_tokens": 256},
        "question_timeout_s": 30,
    }
    models = {name: {"file": f"{name}.gguf", **of_all} for name in MODELS}
    models["demo-target"]["drafts"] = ["demo-draft-mismatched"]
    models["demo-mamba"]["drafts"] = ["demo-draft"]
    place.change_fleet(models=models, speed_prompts="generated")
    for name in MODELS:
        shutil.copy(shipped(name), place.models / f"{name}.gguf")
    return place


@pytest.fixture(scope="module")
def done(prepared: Place) -> dict[str, dg.ExecuteInProcessResult]:
    """Both experiments on the target and on the recurrent model."""
    with pytest.MonkeyPatch.context() as patch:
        prepared.enter(patch)
        return {
            "discovery": materialize(prepared, "draft_discovery", "demo-target", QUICK),
            "mamba": materialize(prepared, "draft_discovery", "demo-mamba", QUICK),
            "sampled": materialize(prepared, "temperature_sweep", "demo-target", SAMPLED),
            "mamba sampled": materialize(prepared, "temperature_sweep", "demo-mamba", SAMPLED),
        }


@pytest.fixture
def again(prepared: Place, done: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy in which all that has been done, entered."""
    del done
    copied = prepared.copy(tmp_path / "copy")
    copied.enter(monkeypatch)
    return copied


def materialize(place: Place, asset: str, partition: str | None, config: dict[str, Any]) -> dg.ExecuteInProcessResult:
    """Materializes one asset, as the UI would."""
    with place.instance() as instance:
        result = dg.materialize(
            [each for each in build_definitions(FLEET).assets or () if isinstance(each, dg.AssetsDefinition)],
            instance=instance,
            selection=[asset],
            partition_key=partition,
            resources={"warehouse": WarehouseResource(), "machine": MeasuredMachine()},
            run_config={"ops": {asset: {"config": config}}},
        )
    assert result.success
    return result


def said(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """Metadata of the one materialization."""
    return {key: value.value for key, value in result.asset_materializations_for_node(asset)[0].metadata.items()}


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {each.check_name: each.passed for each in result.get_asset_check_evaluations()}


def speed_records(path: Path) -> list[dict[str, Any]]:
    return [record for record in read_journal(path).records if record["kind"] == "speed"]


def test_discovery_ranks_listed_and_unlisted_drafts_and_refuses_what_cannot_draft(
    prepared: Place, done: dict[str, dg.ExecuteInProcessResult]
) -> None:
    rows = {row["draft"]: row for row in prepared.rows("draft_discovery").to_dicts() if row["target"] == "demo-target"}
    suited, mismatched = rows["demo-draft"], rows["demo-draft-mismatched"]
    assert (suited["listed_in_registry"], mismatched["listed_in_registry"]) == (False, True)
    assert (suited["rank"], mismatched["rank"]) == (1, 2)
    assert suited["acceptance_rate"] > mismatched["acceptance_rate"] + 0.3
    assert (suited["draft_tokens"], suited["rounds"], suited["backend"]) == (4, 2, "llama_cpp")
    others = [row for name, row in rows.items() if name.endswith("mamba")]
    assert {row["verdict"] for row in others} <= {"refused"}
    of_mamba = prepared.rows("draft_discovery").filter(pl.col("target") == "demo-mamba")
    assert of_mamba.height >= 2
    assert of_mamba["verdict"].unique().to_list() == ["refused"]
    assert all("rolled back" in reason for reason in of_mamba["reason"])
    assert said(done["mamba"], "draft_discovery")["answers_now"] == 0
    assert checks(done["mamba"]) == {"listed_drafts_pay": False, "best_draft_is_listed": True}
    assert set(checks(done["discovery"])) == {"listed_drafts_pay", "best_draft_is_listed"}


def test_answers_of_experiments_are_kept_apart_from_speed_rounds(
    prepared: Place, done: dict[str, dg.ExecuteInProcessResult]
) -> None:
    runs = prepared.rows("speed_runs")
    counts = dict(runs.group_by("purpose").len().iter_rows())
    assert counts == {
        "draft_discovery": said(done["discovery"], "draft_discovery")["answers_now"],
        "temperature": said(done["sampled"], "temperature_sweep")["answers_now"],
    }
    assert counts["draft_discovery"] == 2 * 3 * 4, "two rounds of three configs with a prompt of each kind"
    assert set(runs["session_id"]) <= set(prepared.rows("sessions")["session_id"])


def test_what_was_measured_is_not_measured_again_unless_asked_for(again: Place) -> None:
    before = again.rows("draft_discovery")
    same = said(materialize(again, "draft_discovery", "demo-target", QUICK), "draft_discovery")
    assert same["answers_now"] == 0
    assert "measured before" in same["ended_because"]
    assert again.rows("draft_discovery").equals(before)
    anew = said(materialize(again, "draft_discovery", "demo-target", {**QUICK, "again": True}), "draft_discovery")
    assert anew["answers_now"] == 24
    now = again.rows("draft_discovery")
    assert set(now["measurement_id"].drop_nulls()).isdisjoint(before["measurement_id"].drop_nulls())


def test_a_killed_discovery_goes_on_after_its_last_answer(again: Place) -> None:
    journal = again.data / "journal" / FLEET / "draft_discovery" / "demo-target.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    answers = [number for number, line in enumerate(lines) if b'"kind":"speed"' in line]
    whole, kept = len(answers), 10
    # As a kill leaves it: ten answers, and half of the eleventh's line.
    torn = lines[answers[kept]][: len(lines[answers[kept]]) // 2]
    journal.write_bytes(b"".join(lines[: answers[kept]]) + torn)
    measurement = {record["measurement_id"] for record in speed_records(journal)}
    result = said(materialize(again, "draft_discovery", "demo-target", QUICK), "draft_discovery")
    assert result["answers_now"] == whole - kept
    assert {record["measurement_id"] for record in speed_records(journal)} == measurement
    assert len({record["speed_run_id"] for record in speed_records(journal)}) == whole
    assert result["rejects"] == 1
    assert again.rows("rejects").filter(pl.col("source").str.contains("draft_discovery")).height == 1


def test_temperature_rows_say_what_is_accepted(prepared: Place, done: dict[str, dg.ExecuteInProcessResult]) -> None:
    rows = prepared.rows("temperature_sweep").filter(pl.col("prompt_kind") == "all")
    assert set(rows["technique"]) == {"baseline", "spec", "lookup"}
    assert set(rows["temperature"]) == {0.0, 1.3}
    spec = rows.filter(pl.col("technique") == "spec")
    assert spec["acceptance_rate"].null_count() == spec["acceptance_low"].null_count() == 0
    assert spec.filter(pl.col("acceptance_low") > pl.col("acceptance_rate")).is_empty()
    assert checks(done["sampled"]) == {"all_answered": True}


def test_a_model_that_allows_no_speculation_is_not_measured(
    prepared: Place, done: dict[str, dg.ExecuteInProcessResult]
) -> None:
    result = said(done["mamba sampled"], "temperature_sweep")
    assert result["answers_now"] == 0
    assert any("rolled back" in reason for reason in result["not_allowed"])
    assert "demo-mamba" not in set(prepared.rows("temperature_sweep")["model"])


def test_time_limits_follow_from_stored_latencies(again: Place) -> None:
    generations = pl.DataFrame(
        [
            {
                **dict.fromkeys(
                    ("generation_key", "model_sha256", "session_id", "config_id", "config", "technique", "question_id"),
                    "x",
                ),
                "generation_id": f"{model} {number}",
                "attempt": 1,
                "fleet": FLEET,
                "model": model,
                "suite": "math",
                "status": "ok",
                "total_ms": 4000.0,
                "ttft_ms": 500.0,
                "generation_tps": tps,
                "max_tokens": 101,
                "temperature": 0.0,
                "seed": 1,
            }
            for model, tps in (("demo-target", 10.0), ("demo-draft", 1.0))
            for number in range(3)
        ]
    ).with_columns(started_at=pl.datetime(2026, 1, 1))
    with Warehouse().write("generations") as connection:
        replace_rows(connection, "generations", generations, provenance=Provenance("run", "1"))
    result = materialize(again, "timeout_calibration", None, {})
    rows = {(row["model"], row["suite"]): row for row in again.rows("timeout_calibration").to_dicts()}
    assert set(rows) == {(model, suite) for model in ("demo-target", "demo-draft") for suite in ("math", "all")}
    fits, short = rows[("demo-target", "math")], rows[("demo-draft", "all")]
    assert (fits["needed_s"], fits["recommended_s"], fits["present_s"], fits["flag"]) == (10.5, 20.0, 30.0, "fits")
    assert (short["recommended_s"], short["flag"], short["set_in_registry"]) == (180.0, "too_short", True)
    assert checks(result) == {"limits_fit": False}
    assert "demo-draft" in str(result.get_asset_check_evaluations()[0].metadata["wrong"].value)
