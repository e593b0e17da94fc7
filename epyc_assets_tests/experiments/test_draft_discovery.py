"""Draft discovery over the shipped fleet: which pairs are measured, and what comes out of real rounds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.benchmark.speed import ALL_KINDS, config_speed
from epyc_assets.experiments.draft_discovery import (
    DRAFT_DISCOVERY_SCHEMA,
    TO_MEASURE,
    DraftChoice,
    discovery_configs,
    discovery_rows,
    draft_choices,
    losing_listed,
    missed_unlisted,
    verify_costs,
)
from epyc_assets.inference.config import BASELINE, Config, Spec
from epyc_assets.inference.speculation_model import expected_speedup
from epyc_assets.registry.entries import Fleet
from epyc_assets.registry.gguf_file import GgufFacts, read_gguf_facts
from epyc_assets.registry.loading import load_registry
from epyc_assets_tests.benchmark.fixture_rounds import loaded, run
from epyc_assets_tests.models import shipped

LADDER = (2, 4)
DRAFTS = ("demo-draft", "demo-draft-mismatched")


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return load_registry(Path(__file__).parents[2] / "registry").fleet("demo")


@pytest.fixture(scope="module")
def facts(fleet: Fleet) -> dict[str, GgufFacts]:
    return {name: read_gguf_facts(shipped(name)) for name in fleet.models}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three rounds with both drafts at two K each."""
    journal = tmp_path_factory.mktemp("discovery") / "speed.jsonl"
    run(journal, [Config(spec=Spec(draft, count)) for draft in DRAFTS for count in LADDER])
    return journal


def choices_of(fleet: Fleet, facts: dict[str, GgufFacts], target: str, **limits: float) -> dict[str, DraftChoice]:
    found = draft_choices(fleet.models[target], fleet, facts, **limits)  # type: ignore[arg-type]
    return {choice.draft: choice for choice in found}


def rows_of(journal: Path, choices: list[DraftChoice], left_out: dict[str, str] | None = None) -> dict[str, dict]:
    contents = loaded(journal)
    speed = config_speed(contents.speed_runs, contents.sessions).filter(pl.col("prompt_kind") == ALL_KINDS)
    configs = discovery_configs(choices, LADDER)
    frame = discovery_rows("demo-target", choices, configs, speed, contents.speed_runs, left_out or {})
    assert dict(frame.schema) == DRAFT_DISCOVERY_SCHEMA
    assert frame["rank"].drop_nulls().to_list() == sorted(frame["rank"].drop_nulls())
    return {row["draft"]: row for row in frame.to_dicts()}


def test_every_smaller_model_is_looked_at_listed_or_not(fleet: Fleet, facts: dict[str, GgufFacts]) -> None:
    choices = choices_of(fleet, facts, "demo-target")
    assert list(choices)[:2] == list(DRAFTS), "the listed ones come first"
    assert {name for name, each in choices.items() if each.listed_in_registry} == set(DRAFTS)
    unlisted = choices["demo-arithmetic"]
    assert (unlisted.verdict, unlisted.listed_in_registry) == (TO_MEASURE, False)
    assert unlisted.size_ratio == pytest.approx(0.45, abs=0.05)
    assert "demo-target" not in choices
    small = choices_of(fleet, facts, "demo-target", largest_size_ratio=0.3)
    assert small["demo-arithmetic"].verdict == "not_measured"
    assert "30%" in small["demo-arithmetic"].reason
    assert small["demo-draft"].verdict == TO_MEASURE
    few = choices_of(fleet, facts, "demo-target", most_drafts=1)
    assert [name for name, each in few.items() if each.verdict == TO_MEASURE] == ["demo-draft"]


def test_recurrent_models_are_refused_on_both_sides(fleet: Fleet, facts: dict[str, GgufFacts]) -> None:
    of_mamba = choices_of(fleet, facts, "demo-mamba")
    assert of_mamba
    assert {each.verdict for each in of_mamba.values()} == {"refused"}
    assert all("the target is recurrent" in each.reason for each in of_mamba.values())
    mamba = choices_of(fleet, facts, "demo-target").get("demo-mamba")
    if mamba is not None:  # Where it is the smaller one.
        assert mamba.verdict == "refused"
        assert "the draft is recurrent" in mamba.reason
    assert discovery_configs(of_mamba.values(), LADDER) == []


def test_what_the_registry_forbids_or_lacks_is_a_row_with_the_reason(fleet: Fleet, facts: dict[str, GgufFacts]) -> None:
    target = fleet.models["demo-target"]
    because = {"forbidden": [{"technique": "spec", "reason": "it crashed"}]}
    forbidden = type(target).model_validate({**target.model_dump(), **because})
    found = draft_choices(forbidden, fleet, facts)
    assert {each.verdict for each in found} == {"refused"}
    assert all("it crashed" in each.reason for each in found if each.draft in DRAFTS)
    without = {name: each for name, each in facts.items() if name != "demo-draft"}
    absent = choices_of(fleet, without, "demo-target")["demo-draft"]
    assert (absent.verdict, absent.size_ratio) == ("not_measured", None)
    assert "file" in absent.reason


def test_the_suited_draft_ranks_above_the_mismatched_one(
    measured: Path, fleet: Fleet, facts: dict[str, GgufFacts]
) -> None:
    choices = [each for name, each in choices_of(fleet, facts, "demo-target").items() if name in DRAFTS]
    suited, mismatched = (rows_of(measured, choices)[draft] for draft in DRAFTS)
    assert suited["acceptance_rate"] > mismatched["acceptance_rate"] + 0.3
    assert suited["rank"] < mismatched["rank"]
    assert suited["alpha"] > mismatched["alpha"]
    for row in (suited, mismatched):
        assert row["draft_tokens"] in LADDER
        assert row["measured_draft_tokens"] == list(LADDER)
        assert row["speedup"] > 0
        assert row["draft_cost_ratio"] > 0
        assert row["verify_cost_ratio"] > 0
        assert row["predicted_speedup"] >= 1, "not to draft is always possible"
        assert row["verdict"] == "not_shown", "three rounds are too few to show anything"
        assert row["speedup_low"] is None
        assert row["rounds"] == 3


def test_a_draft_that_failed_says_why_and_has_no_rank(
    measured: Path, fleet: Fleet, facts: dict[str, GgufFacts]
) -> None:
    choices = [each for name, each in choices_of(fleet, facts, "demo-target").items() if name in DRAFTS]
    absent = DraftChoice("demo-code", False, 0.4, TO_MEASURE, "same tokenizer")
    config_id = Config(spec=Spec("demo-code", LADDER[0])).config_id
    said = rows_of(measured, [*choices, absent], {config_id: "its worker died"})["demo-code"]
    assert (said["verdict"], said["reason"], said["rank"], said["speedup"]) == ("failed", "its worker died", None, None)
    silent = rows_of(measured, [*choices, absent])["demo-code"]
    assert "no round" in silent["reason"]
    baseline = rows_of(measured, [absent], {BASELINE.config_id: "the model does not load"})["demo-code"]
    assert baseline["reason"] == "the model does not load"
    refused = replace(absent, verdict="refused", reason="other tokens")
    row = rows_of(measured, [*choices, refused])["demo-code"]
    assert (row["verdict"], row["reason"], row["rank"]) == ("refused", "other tokens", None)


def test_a_case_by_hand() -> None:
    """The baseline takes 100 ms for a token. At K = 4 a step drafts 4 tokens in 20 ms, is checked in 150 ms, and gives
    4 tokens; at K = 8 it costs 40 ms and 200 ms and gives 5."""
    pair = DraftChoice("suited", True, 0.1, TO_MEASURE, "same tokenizer")
    configs = discovery_configs([pair, replace(pair, draft="poor")], [4, 8])
    common = {"status": "ok", "status_reason": None}
    steps = {("suited", 4): (4, 20.0, 170.0), ("suited", 8): (5, 40.0, 240.0), ("poor", 4): (1, 20.0, 170.0)}
    speed, runs = [speed_row(BASELINE, 10.0)], []
    for config in configs:
        assert config.spec is not None
        step = steps.get((config.spec.draft, config.spec.draft_tokens))
        if step is None:
            continue
        tokens, draft_ms, step_ms = step
        tps, count = tokens * 1000 / step_ms, config.spec.draft_tokens
        speed.append(speed_row(config, tps, speedup=tps / 10, accepted=10 * (tokens - 1), drafted=10 * count))
        evaluated = {"target_evaluations": 10, "drafted_tokens": 10 * count, "draft_ms": 10 * draft_ms}
        answer = {"config_id": config.config_id, "generated_tokens": 10 * tokens + 1, "generation_tps": tps}
        runs.append({**answer, **evaluated, **common})
    choices = [replace(pair, draft="poor"), pair]
    best, worse = discovery_rows("t", choices, configs, pl.DataFrame(speed), pl.DataFrame(runs), {}).to_dicts()
    assert (best["draft"], best["rank"], best["draft_tokens"], worse["rank"]) == ("suited", 1, 4, 2)
    assert best["draft_cost_ratio"] == pytest.approx(0.05)
    assert best["verify_cost_ratio"] == pytest.approx(1.5)
    assert best["tokens_per_evaluation"] == 4
    predicted = [
        expected_speedup(best["alpha"], count, draft_cost_ratio=0.05, verify_cost_ratio=1 + 0.125 * count)
        for count in range(1, 20)
    ]
    assert best["predicted_speedup"] == pytest.approx(max(predicted))
    assert best["predicted_draft_tokens"] == predicted.index(max(predicted)) + 1
    assert (worse["predicted_draft_tokens"], worse["predicted_speedup"]) == (0, 1.0)
    assert worse["measured_draft_tokens"] == [4]


def speed_row(
    config: Config, tps: float, *, speedup: float | None = None, accepted: int | None = None, drafted: int | None = None
) -> dict[str, object]:
    """What discovery_rows reads of a row of config_speed; ten evaluations."""
    return {
        "config_id": config.config_id,
        "backend": "llama_cpp",
        "measurement_id": "m",
        "rounds": 6,
        "contended_rounds": 0,
        "measured_at": None,
        "generation_tps": tps,
        "speedup": speedup,
        "speedup_low": speedup,
        "speedup_high": speedup,
        "verdict": "faster" if (speedup or 0) > 1 else "slower",
        "accepted_tokens": accepted,
        "acceptance_rate": accepted / drafted if accepted is not None and drafted else None,
        "tokens_per_evaluation": 1 + accepted / 10 if accepted is not None else None,
        **dict.fromkeys(("drafted_by_position", "accepted_by_position")),
    }


def test_listed_losers_and_unlisted_winners_are_found() -> None:
    pairs = [
        ("slow", True, "slower", 0.8, 0.9),
        ("other tokens", True, "refused", None, None),
        ("fast", True, "faster", 1.2, 1.4),
        ("overlaps", False, "faster", 1.3, 1.6),
        ("better", False, "faster", 1.5, 1.6),
        ("unsure", False, "not_shown", None, None),
        ("bad", False, "slower", 0.5, 0.6),
    ]
    names = ("draft", "listed_in_registry", "verdict", "speedup_low", "speedup_high")
    rows = pl.DataFrame(pairs, schema=names, orient="row")
    assert losing_listed(rows)["draft"].to_list() == ["slow", "other tokens"]
    assert missed_unlisted(rows)["draft"].to_list() == ["better"]
    alone = rows.filter(~pl.col("listed_in_registry"))
    assert missed_unlisted(alone)["draft"].to_list() == ["overlaps", "better"]


def test_configs_are_each_draft_at_each_k_once() -> None:
    pair = DraftChoice("d", True, 0.1, TO_MEASURE, "")
    configs = discovery_configs([pair, replace(pair, draft="e", verdict="refused")], [4, 8, 4])
    assert [(config.spec.draft, config.spec.draft_tokens) for config in configs if config.spec] == [("d", 4), ("d", 8)]
    for wrong in ([], [0]):
        with pytest.raises(ValueError, match="1 or more"):
            discovery_configs([pair], wrong)


MEASURED = st.dictionaries(st.integers(1, 16), st.floats(0.5, 10), min_size=1, max_size=4)


@given(MEASURED)
def test_costs_of_checking_start_at_one_and_never_fall(measured: dict[int, float]) -> None:
    costs = verify_costs(measured, 20)
    assert len(costs) == 21
    assert costs[0] == 1.0
    assert costs == sorted(costs)


def test_costs_of_checking_go_through_what_was_measured() -> None:
    costs = verify_costs({4: 1.4, 8: 2.2}, 12)
    assert [costs[count] for count in (0, 2, 4, 6, 8, 12)] == pytest.approx([1.0, 1.2, 1.4, 1.8, 2.2, 3.0])
    assert verify_costs({4: 1.4}, 8)[8] == pytest.approx(1.8)
    # More drafting pays as long as checking is cheap, and the prediction is that of the formula.
    assert expected_speedup(0.8, 8, draft_cost_ratio=0.05, verify_cost_ratio=costs[8]) < expected_speedup(
        0.8, 4, draft_cost_ratio=0.05, verify_cost_ratio=costs[4]
    )
    with pytest.raises(ValueError, match="K above 0"):
        verify_costs({}, 4)
