"""Speed rounds with real models: what a round holds, kills, failures, and differences that are looked into."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from epyc_assets.benchmark.agreement import token_agreement
from epyc_assets.benchmark.journal import Journal, read_journal
from epyc_assets.benchmark.rounds import StopRule
from epyc_assets.benchmark.speed import config_speed
from epyc_assets.benchmark.speed_records import measurements_in
from epyc_assets.inference.backend import GenerationRequest, SessionRequest
from epyc_assets.inference.chat_template import render_prompt
from epyc_assets.inference.config import BASELINE, LoadParameters
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.scoring import score
from epyc_assets.suites import generate
from epyc_assets_tests.benchmark import fixture_rounds
from epyc_assets_tests.benchmark.fixture_rounds import FEW, FEW_SPEC, LOOKUP, MISMATCHED, PROMPTS, SPEC, loaded, run
from epyc_assets_tests.models import shipped

LAUNCHER = [sys.executable, str(Path(__file__).parents[1] / "inference" / "faulty_launcher.py")]
ONE_ROUND = StopRule(least_rounds=1, most_rounds=1)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of three rounds over a draft that suits, one that does not, and lookup."""
    journal = tmp_path_factory.mktemp("rounds") / "speed.jsonl"
    outcome = run(journal)
    assert (outcome.rounds, outcome.loads, outcome.left_out) == (3, 1, {})
    return journal


def test_a_round_holds_every_config_and_prompt_once_in_an_order_of_its_own(measured: Path) -> None:
    runs = loaded(measured).speed_runs
    assert runs.height == 3 * 4 * len(PROMPTS)
    assert runs["status"].unique().to_list() == ["ok"]
    assert runs["speed_run_id"].n_unique() == runs.height
    orders = []
    for _, round_runs in runs.sort("round", "position").group_by("round", maintain_order=True):
        pairs = list(zip(round_runs["config_id"], round_runs["prompt_id"], strict=True))
        assert len(set(pairs)) == len(pairs) == 4 * len(PROMPTS)
        assert round_runs["position"].to_list() == list(range(len(pairs)))
        assert {config for config, _ in pairs} >= {BASELINE.config_id, SPEC.config_id}
        # Each prompt is put to all configs, one right after the other.
        assert [prompt for _, prompt in pairs[::4]] == list(dict.fromkeys(prompt for _, prompt in pairs))
        orders.append(tuple(pairs))
    assert len(set(orders)) == 3


def test_everything_that_a_figure_needs_is_kept(measured: Path) -> None:
    contents = loaded(measured)
    assert not contents.rejects
    needed = [
        "generation_tps",
        "prompt_ms",
        "total_ms",
        "token_ids",
        "calibration_ms",
        "prompt",
        "text",
        "config_values",
    ]
    for column in needed:
        assert contents.speed_runs[column].null_count() == 0, column
    drafted = contents.speed_runs.filter(pl.col("config_id") == SPEC.config_id)
    assert drafted["drafted_tokens"].null_count() == 0
    plain = contents.speed_runs.filter(pl.col("config_id") == BASELINE.config_id)
    assert plain["drafted_tokens"].null_count() == plain.height, "nothing was to be drafted, which is not 0"
    assert set(contents.sessions["drafts"].item()) == {"demo-draft", "demo-draft-mismatched"}
    assert contents.sessions["status"].item() == "closed"


def test_a_finished_measurement_is_not_begun_again_only_a_new_one(measured: Path) -> None:
    before = loaded(measured).speed_runs["measurement_id"].unique().to_list()
    copy = measured.with_name("again.jsonl")
    copy.write_bytes(measured.read_bytes())
    run(copy, stop=ONE_ROUND)
    after = loaded(copy).speed_runs
    assert after.filter(pl.col("measurement_id").is_in(before)).height == 3 * 4 * len(PROMPTS)
    assert after["measurement_id"].n_unique() == 2


def test_sigkill_loses_nothing_and_nothing_is_run_twice(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    program = [sys.executable, "-m", "epyc_assets_tests.benchmark.fixture_rounds", str(journal)]
    moments = random.Random(7)
    for _ in range(5):
        before = len(read_journal(journal).records)
        rounds = subprocess.Popen(program)
        while len(read_journal(journal).records) <= before and rounds.poll() is None:
            time.sleep(0.02)  # It has loaded and answers.
        time.sleep(moments.uniform(0.0, 0.25))
        rounds.send_signal(signal.SIGKILL)
        rounds.wait()
    subprocess.run(program, check=True)
    records = [record for record in read_journal(journal).records if record["kind"] == "speed"]
    assert len({record["speed_run_id"] for record in records}) == len(records) == 8 * 4 * len(PROMPTS)
    assert len({record["measurement_id"] for record in records}) == 1
    kinds = [record["kind"] for record in read_journal(journal).records]
    assert kinds.count("measurement") == kinds.count("measurement_end") == 1


def test_a_config_that_kills_its_worker_is_left_out_and_the_others_are_measured(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    backend = LlamaCppBackend([*LAUNCHER, "segv", '"draft": "demo-draft-mismatched"'])
    outcome = run(journal, backend=backend)
    assert set(outcome.left_out) == {MISMATCHED.config_id}
    assert "worker" in outcome.left_out[MISMATCHED.config_id]
    runs = loaded(journal).speed_runs
    whole = runs.filter(pl.col("status") == "ok").group_by("config_id").len()
    assert dict(whole.iter_rows()) == {each.config_id: 3 * len(PROMPTS) for each in (BASELINE, SPEC, LOOKUP)}


def test_what_a_model_cannot_do_is_refused_once_and_said(tmp_path: Path) -> None:
    outcome = run(tmp_path / "speed.jsonl", [LOOKUP], name="demo-mamba", stop=ONE_ROUND)
    assert set(outcome.left_out) == {LOOKUP.config_id}
    assert "rolled back" in outcome.left_out[LOOKUP.config_id]
    statuses = loaded(tmp_path / "speed.jsonl").speed_runs.group_by("config_id", "status").len().rows()
    assert (LOOKUP.config_id, "refused", 1) in statuses
    assert (BASELINE.config_id, "ok", len(PROMPTS)) in statuses


@pytest.mark.parametrize(("side_by_side", "loads"), [(True, 2), (False, 6)])
def test_loads_are_held_side_by_side_or_taken_in_turn(tmp_path: Path, side_by_side: bool, loads: int) -> None:
    journal = tmp_path / "speed.jsonl"
    outcome = run(journal, [FEW, FEW_SPEC], name="demo-moe", side_by_side=side_by_side)
    assert outcome.loads == loads
    runs = loaded(journal).speed_runs
    assert runs.height == 3 * 3 * len(PROMPTS)
    assert loaded(journal).sessions.height == loads
    if not side_by_side:
        for _, round_runs in runs.sort("position").group_by("round"):
            assert round_runs["session_id"].n_unique() == 2


def test_fewer_experts_are_faster_and_other_answers_and_drafting_for_them_changes_nothing(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    run(journal, [FEW, FEW_SPEC], name="demo-moe")
    contents = loaded(journal)
    agreement = token_agreement(contents.speed_runs, contents.comparisons)
    assert set(agreement["reference_config_id"]) == {FEW.config_id}
    assert set(agreement["kind"]) <= {"identical", "near_tie"}
    texts = {
        config_id: rows.sort("round", "prompt_id")["text"].to_list()
        for (config_id,), rows in contents.speed_runs.group_by("config_id")
    }
    assert texts[FEW.config_id] != texts[BASELINE.config_id]
    assert texts[FEW.config_id] == texts[FEW_SPEC.config_id]
    speed = config_speed(contents.speed_runs, contents.sessions).filter(pl.col("prompt_kind") == "all")
    # A quarter of the experts is half as fast again; pairs within a round hold on a busy machine too.
    assert speed.filter(pl.col("config_id") == FEW.config_id)["speedup"].item() > 1.1


def test_fewer_experts_cost_pass_rate() -> None:
    """The other side of the trade, on the same questions."""
    questions = [
        question
        for suite in ("instruction_precision", "agentic")
        for question in generate(suite, count=30, seed=4, wording="demo")
    ]
    passes = {}
    for config in (BASELINE, FEW):
        parameters = config.load_parameters(LoadParameters(context_tokens=512, threads=1))
        session = LlamaCppBackend().open_session(SessionRequest(shipped("demo-moe"), parameters, 60.0))
        verdicts = [
            score(question.scorer, answer.text or "", question.expected, question.scorer_config).passed
            for question in questions
            for answer in [
                session.generate(
                    GenerationRequest(
                        render_prompt(question.prompt, template=session.facts.chat_template), question.max_tokens, 30.0
                    )
                )
            ]
        ]
        session.close()
        passes[config.config_id] = sum(verdict is True for verdict in verdicts)
    assert passes[BASELINE.config_id] > passes[FEW.config_id] + 10


def test_lossless_techniques_leave_answers_but_for_near_ties(measured: Path) -> None:
    contents = loaded(measured)
    agreement = token_agreement(contents.speed_runs, contents.comparisons)
    assert agreement.height == 3 * len(PROMPTS)
    assert set(agreement["kind"]) <= {"identical", "near_tie"}
    assert agreement["agreed_tokens"].min() > 0  # type: ignore[operator]


def test_a_planted_faulty_verifier_is_caught(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    backend = LlamaCppBackend(worker="epyc_assets_tests.inference.faulty_worker")
    outcome = run(journal, [SPEC, MISMATCHED], backend=backend, stop=ONE_ROUND)
    assert outcome.differences > 0
    contents = loaded(journal)
    agreement = token_agreement(contents.speed_runs, contents.comparisons)
    changed = agreement.filter(pl.col("kind") == "real_change")
    assert MISMATCHED.config_id in set(changed["config_id"])
    assert changed["margin"].min() > 2 * changed["batch_noise"].max()  # type: ignore[operator]
    assert "unclassified" not in set(agreement["kind"])
    again = run(journal, [SPEC, MISMATCHED], backend=backend, stop=ONE_ROUND)
    assert again.measurement_id != outcome.measurement_id, "all of it had been compared: a new measurement"


def test_differences_not_yet_looked_into_are_when_rounds_are_run_again(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    backend = LlamaCppBackend(worker="epyc_assets_tests.inference.faulty_worker")
    first = run(journal, [MISMATCHED], backend=backend, stop=ONE_ROUND)
    lines = journal.read_bytes().splitlines(keepends=True)
    begun = next(number for number, line in enumerate(lines) if b'"kind":"comparison"' in line)
    journal.write_bytes(b"".join(lines[:begun]))
    assert measurements_in(read_journal(journal))[0].ended is None, "killed now, it has something left to do"
    again = run(journal, [MISMATCHED], backend=backend, stop=ONE_ROUND)
    assert again.measurement_id == first.measurement_id
    assert sum(again.statuses.values()) == 0
    contents = loaded(journal)
    assert contents.comparisons.height == first.differences > 0
    assert measurements_in(read_journal(journal))[0].ended == again.reason


def test_a_baseline_that_failed_does_not_keep_later_measurements_from_being_made(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    backend = LlamaCppBackend(worker="epyc_assets_tests.inference.faulty_worker")
    first = run(journal, [MISMATCHED], backend=backend, stop=ONE_ROUND)
    records = read_journal(journal).records
    journal.unlink()
    answers = [each for each in records if each["kind"] == "speed" and each["config_id"] == BASELINE.config_id]
    with Journal(journal) as opened:
        for record in records:
            if record["kind"] != "comparison":
                opened.append(record)
        for number in (1, 2):
            opened.append({**answers[0], "round": number, "speed_run_id": f"failed {number}", "status": "crashed"})
    again = run(journal, [MISMATCHED], backend=backend, stop=ONE_ROUND)
    assert again.measurement_id == first.measurement_id
    assert loaded(journal).comparisons["margin"].null_count() == first.differences > 0, "nobody could tell"
    assert run(journal, [MISMATCHED], backend=backend, stop=ONE_ROUND).measurement_id != first.measurement_id


def test_loads_taken_in_turn_are_so_while_answers_are_compared(tmp_path: Path) -> None:
    journal = tmp_path / "speed.jsonl"
    backend = LlamaCppBackend(worker="epyc_assets_tests.inference.faulty_worker")
    configs = [MISMATCHED, replace(MISMATCHED, moe=FEW.moe)]
    outcome = run(journal, configs, name="demo-moe", backend=backend, stop=ONE_ROUND, side_by_side=False)
    compared = loaded(journal).comparisons
    assert compared["config_id"].n_unique() == 2, "both references are needed for this test"
    assert compared["margin"].null_count() == 0
    assert outcome.loads <= 4
    held = [each["kind"] for each in read_journal(journal).records if each["kind"].startswith("session")]
    assert held == ["session", "session_end"] * outcome.loads


def test_acceptance_and_speed_come_out_by_kind_of_prompt(measured: Path) -> None:
    contents = loaded(measured)
    speed = config_speed(contents.speed_runs, contents.sessions)
    assert set(speed["prompt_kind"]) == {"all", "code", "prose", "summarise", "edit"}
    whole = {row["config_id"]: row for row in speed.filter(pl.col("prompt_kind") == "all").iter_rows(named=True)}
    assert whole[BASELINE.config_id]["speedup"] is None
    assert whole[SPEC.config_id]["acceptance_rate"] > whole[MISMATCHED.config_id]["acceptance_rate"] + 0.3
    lookup = {
        row["prompt_kind"]: row["acceptance_rate"] or 0.0
        for row in speed.filter(pl.col("config_id") == LOOKUP.config_id).iter_rows(named=True)
    }
    assert lookup["summarise"] > 0.5
    assert lookup["prose"] < 0.2
    assert fixture_rounds.loaded(measured).speed_runs["degenerate"].null_count() > 0


def test_a_draft_that_cannot_be_loaded_costs_only_what_drafts_with_it(tmp_path: Path) -> None:
    unknown = tmp_path / "draft.gguf"
    unknown.write_bytes(shipped("demo-draft-mismatched").read_bytes().replace(b"qwen3", b"qwen9"))
    outcome = run(tmp_path / "speed.jsonl", stop=ONE_ROUND, files={"demo-draft-mismatched": unknown})
    assert set(outcome.left_out) == {MISMATCHED.config_id}
    assert "draft demo-draft-mismatched" in outcome.left_out[MISMATCHED.config_id]
    assert dict(outcome.statuses) == {"ok": 3 * len(PROMPTS)}
