"""Temperature sweeps with real models: what is asked, kills, failures, and what comes out about acceptance."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from epyc_assets.benchmark.journal import read_journal
from epyc_assets.benchmark.speed import config_speed
from epyc_assets.benchmark.speed_records import load_speed_journal
from epyc_assets.experiments.temperature import ALL_KINDS, temperature_rows
from epyc_assets.inference.config import BASELINE
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets_tests.benchmark.fixture_rounds import LOOKUP, MISMATCHED, SPEC
from epyc_assets_tests.benchmark.fixture_temperature import CONFIGS, PROMPTS, SEEDS, run

LAUNCHER = [sys.executable, str(Path(__file__).parents[1] / "inference" / "faulty_launcher.py")]
CELLS = len(CONFIGS) * len(PROMPTS) * (1 + len(SEEDS))
"""Greedy once, and at the other temperature with every seed."""


def runs_in(journal: Path) -> pl.DataFrame:
    loaded = load_speed_journal(read_journal(journal), journal.name)
    assert not loaded.rejects
    return loaded.speed_runs


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    journal = tmp_path_factory.mktemp("temperature") / "speed.jsonl"
    outcome = run(journal)
    assert (outcome.loads, outcome.left_out, outcome.statuses["ok"]) == (1, {}, CELLS)
    return journal


def test_each_answer_is_a_record_of_its_own(measured: Path) -> None:
    runs = runs_in(measured)
    assert runs.height == CELLS == runs["speed_run_id"].n_unique()
    assert runs.select("config_id", "prompt_id", "temperature", "seed").n_unique() == CELLS
    assert runs.filter(pl.col("temperature") == 0)["seed"].unique().to_list() == [SEEDS[0]]
    assert runs["purpose"].unique().to_list() == ["temperature"]
    sampled = runs.filter(pl.col("temperature") > 0, pl.col("config_id") == BASELINE.config_id)
    assert sampled["text"].n_unique() > len(PROMPTS), "seeds give different answers"


def test_sampled_answers_are_part_of_no_speed_up(measured: Path) -> None:
    loaded = load_speed_journal(read_journal(measured), measured.name)
    assert config_speed(loaded.speed_runs, loaded.sessions).is_empty()


def test_acceptance_falls_when_answers_are_sampled(measured: Path) -> None:
    rows = temperature_rows(runs_in(measured))
    assert set(rows["prompt_kind"]) == {ALL_KINDS, "code", "prose", "summarise", "edit"}
    suited = rows.filter(pl.col("config_id") == SPEC.config_id)
    whole, prose = (
        {row["temperature"]: row for row in suited.filter(pl.col("prompt_kind") == kind).to_dicts()}
        for kind in (ALL_KINDS, "prose")
    )
    # Most where much could be said, hardly where there is one right answer to copy.
    assert whole[1.3]["acceptance_rate"] < whole[0.0]["acceptance_rate"]
    assert prose[1.3]["acceptance_rate"] < prose[0.0]["acceptance_rate"] - 0.05
    for row in whole.values():
        assert row["acceptance_low"] < row["acceptance_rate"] < row["acceptance_high"]
        assert row["acceptance_rate"] == row["accepted_tokens"] / row["drafted_tokens"]
        assert row["speed_ratio"] > 0
    assert (whole[1.3]["answers"], whole[0.0]["answers"]) == (len(PROMPTS) * len(SEEDS), len(PROMPTS))
    plain = rows.filter(pl.col("config_id") == BASELINE.config_id)
    assert plain["acceptance_rate"].null_count() == plain["speed_ratio"].null_count() == plain.height
    assert plain["generation_tps"].null_count() == 0


def test_what_is_done_is_not_asked_again_and_more_is_only_added(measured: Path, tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    journal.write_bytes(measured.read_bytes())
    first = run(journal)
    assert (sum(first.statuses.values()), first.loads) == (0, 0)
    more = run(journal, seeds=(*SEEDS, 9))
    assert more.measurement_id == first.measurement_id
    assert sum(more.statuses.values()) == len(CONFIGS) * len(PROMPTS)
    anew = run(journal, temperatures=[0.0], again=True)
    assert anew.measurement_id != first.measurement_id
    rows = temperature_rows(runs_in(journal))
    assert rows["measurement_id"].unique().to_list() == [anew.measurement_id]


def test_sigkill_loses_nothing_and_nothing_is_run_twice(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    program = [sys.executable, "-m", "epyc_assets_tests.benchmark.fixture_temperature", str(journal)]
    moments = random.Random(11)
    for _ in range(2):
        before = len(read_journal(journal).records)
        sweep = subprocess.Popen(program)
        while len(read_journal(journal).records) <= before + 1 and sweep.poll() is None:
            time.sleep(0.02)  # It has loaded and answers.
        time.sleep(moments.uniform(0.0, 0.2))
        sweep.send_signal(signal.SIGKILL)
        sweep.wait()
    subprocess.run(program, check=True)
    records = [record for record in read_journal(journal).records if record["kind"] == "speed"]
    cells = 4 * len(PROMPTS) * 3
    assert len({record["speed_run_id"] for record in records}) == len(records) == cells
    assert len({record["measurement_id"] for record in records}) == 1


def test_a_config_that_kills_its_worker_is_left_out_and_the_others_are_measured(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    backend = LlamaCppBackend([*LAUNCHER, "segv", '"draft": "demo-draft-mismatched"'])
    outcome = run(journal, configs=(BASELINE, SPEC, MISMATCHED), seeds=[1], backend=backend)
    assert set(outcome.left_out) == {MISMATCHED.config_id}
    assert "worker" in outcome.left_out[MISMATCHED.config_id]
    runs = runs_in(journal)
    assert dict(runs.filter(pl.col("status") == "ok").group_by("config_id").len().iter_rows()) == {
        each.config_id: 2 * len(PROMPTS) for each in (BASELINE, SPEC)
    }


def test_what_a_model_cannot_do_is_refused_once(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    outcome = run(journal, configs=(BASELINE, LOOKUP), name="demo-mamba", temperatures=[0.0], seeds=[1])
    assert "rolled back" in outcome.left_out[LOOKUP.config_id]
    rows = temperature_rows(runs_in(journal)).filter(pl.col("prompt_kind") == ALL_KINDS)
    refused = rows.filter(pl.col("config_id") == LOOKUP.config_id).to_dicts()[0]
    assert (refused["answers"], refused["failed_answers"], refused["acceptance_rate"]) == (0, 1, None)


@pytest.mark.parametrize("wrong", [{"temperatures": []}, {"seeds": []}, {"temperatures": [-0.1]}])
def test_a_job_that_makes_no_sense_is_refused(tmp_path: Path, wrong: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="needs prompts, seeds"):
        run(tmp_path / "speed.jsonl", **wrong)  # type: ignore[arg-type]
