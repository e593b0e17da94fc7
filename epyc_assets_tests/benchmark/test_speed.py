"""Speed out of rows made by hand: what is summed, which rounds count, what is null; near ties; physics."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from epyc_assets.benchmark.agreement import difference_kind, token_agreement
from epyc_assets.benchmark.physics import Machine, config_physics
from epyc_assets.benchmark.rounds import StopRule
from epyc_assets.benchmark.speed import config_speed, earlier_speeds, round_figures
from epyc_assets.benchmark.speed_records import COMPARISON_SCHEMA, SPEED_RUN_SCHEMA
from epyc_assets.inference.config import BASELINE, Config, Lookup, Moe, Spec
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets_tests.models import shipped

SPEC = Config(spec=Spec("demo-draft", 4))
NO_SESSIONS = pl.DataFrame(schema={"session_id": pl.String, "host": pl.String, "llama_build": pl.String})
NO_COMPARISONS = pl.DataFrame(schema=dict(COMPARISON_SCHEMA))
BANDWIDTH = 1e10
BEGUN = datetime.fromisoformat("2026-01-01T00:00:00")


def run(config: Config, number: int, tps: float, *, kind: str = "code", **values: Any) -> dict[str, Any]:
    """One answer of 11 tokens, ten of them at tps."""
    return {
        "speed_run_id": f"{config.config_id}/{number}/{kind}/{values.get('measurement_id', 'm')}",
        "measurement_id": "m",
        "fleet": "small",
        "model": "demo-target",
        "model_sha256": "ab",
        "config_id": config.config_id,
        "config": config.name,
        "technique": config.technique,
        "config_values": json.dumps(config.values()),
        "backend": "llama_cpp",
        "speed_key": "key",
        "session_id": "s",
        "purpose": "rounds",
        "round": number,
        "position": 0,
        "shuffle_seed": 0,
        "prompt_id": kind,
        "prompt_kind": kind,
        "temperature": 0.0,
        "seed": 0,
        "status": "ok",
        "prompt_tokens": 20,
        "prompt_ms": 10.0,
        "prompt_tps": 2000.0,
        "generated_tokens": 11,
        "generation_tps": tps,
        "total_ms": 10.0 + 10_000 / tps if tps else None,
        "token_ids": list(range(11)),
        "contended": False,
        "started_at": BEGUN + timedelta(minutes=number),
        **values,
    }


def frame(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(SPEED_RUN_SCHEMA))


def whole(runs: pl.DataFrame, config: Config, **values: Any) -> dict[str, Any]:
    """The row of a config over all kinds of prompt."""
    speed = config_speed(runs, NO_SESSIONS, **values)
    return speed.filter(pl.col("config_id") == config.config_id, pl.col("prompt_kind") == "all").to_dicts()[0]


def test_a_speed_is_tokens_over_time_and_no_mean_of_speeds() -> None:
    runs = frame([run(BASELINE, 0, 10.0), run(BASELINE, 0, 1000.0, kind="prose")])
    figures = round_figures(runs)
    assert figures.filter(pl.col("prompt_kind") == "all")["generation_tps"].item() == pytest.approx(20 / 1.01)
    assert figures.filter(pl.col("prompt_kind") == "code")["generation_tps"].item() == pytest.approx(10.0)


def test_a_speed_up_is_made_within_rounds() -> None:
    # The machine gets ten times slower on the way; the ratio of each round is two.
    pace = [100.0 * 0.75**number for number in range(8)]
    runs = frame(
        [run(BASELINE, n, tps) for n, tps in enumerate(pace)] + [run(SPEC, n, 2 * tps) for n, tps in enumerate(pace)]
    )
    row = whole(runs, SPEC)
    assert row["speedup"] == pytest.approx(2.0)
    assert (row["speedup_low"], row["speedup_high"]) == (pytest.approx(2.0), pytest.approx(2.0))
    assert row["verdict"] == "faster"
    assert row["enough_rounds"]
    assert row["drift"] == pytest.approx(-1.0)
    assert whole(runs, BASELINE)["speedup"] is None


def test_disturbed_rounds_are_left_out_where_enough_others_are_there_and_said_otherwise() -> None:
    def rows(disturbed: int) -> pl.DataFrame:
        return frame(
            [run(BASELINE, n, 100.0) for n in range(10)]
            + [run(SPEC, n, 10.0 if n < disturbed else 150.0, contended=n < disturbed) for n in range(10)]
        )

    few = whole(rows(3), SPEC)
    assert (few["rounds"], few["contended_rounds"], few["used_rounds"]) == (10, 3, 7)
    assert few["speedup"] == pytest.approx(1.5)
    many = whole(rows(8), SPEC)
    assert (many["contended_rounds"], many["used_rounds"]) == (8, 10)
    assert many["speedup"] < 1.5


def test_a_prompt_that_was_not_processed_whole_has_no_speed() -> None:
    """A running server may keep part of it; the answer has no prompt_tps then."""
    rows = [run(BASELINE, n, 100.0, prompt_tps=None, prompt_ms=0.1) for n in range(7)]
    assert whole(frame(rows), BASELINE)["prompt_tps"] is None
    assert round_figures(frame(rows))["prompt_tps"].null_count() == 2 * 7
    rows += [run(BASELINE, n, 100.0, kind="prose") for n in range(7)]
    assert whole(frame(rows), BASELINE)["prompt_tps"] == pytest.approx(2000.0)


def test_places_that_a_server_does_not_tell_are_null() -> None:
    told = {"drafted_tokens": 4, "accepted_tokens": 2, "target_evaluations": None}
    row = whole(frame([run(each, 0, 100.0, **told) for each in (BASELINE, SPEC)]), SPEC)
    assert row["acceptance_rate"] == 0.5
    places = [row[f"{name}_by_position"] for name in ("acceptance", "drafted", "accepted")]
    assert (row["tokens_per_evaluation"], *places) == (None, None, None, None)


def test_a_round_with_a_failed_answer_is_no_round() -> None:
    runs = frame(
        [run(BASELINE, n, 100.0, kind=kind) for n in range(3) for kind in ("code", "prose")]
        + [run(SPEC, n, 200.0, kind=kind) for n in range(3) for kind in ("code", "prose") if (n, kind) != (1, "prose")]
        + [run(SPEC, 1, 0.0, kind="prose", status="timeout", generation_tps=None)]
    )
    speed = config_speed(runs, NO_SESSIONS).filter(pl.col("config_id") == SPEC.config_id)
    assert dict(speed.select("prompt_kind", "rounds").iter_rows()) == {"all": 2, "code": 3, "prose": 2}


def test_too_few_rounds_have_no_interval_and_what_was_not_drafted_is_null() -> None:
    runs = frame(
        [run(BASELINE, n, 100.0) for n in range(3)]
        + [run(SPEC, n, 150.0, drafted_tokens=0, accepted_tokens=0, target_evaluations=10) for n in range(3)]
    )
    row = whole(runs, SPEC)
    assert row["speedup"] == pytest.approx(1.5)
    assert (row["speedup_low"], row["speedup_high"], row["verdict"]) == (None, None, "not_shown")
    assert not row["enough_rounds"]
    assert (row["drafted_tokens"], row["acceptance_rate"]) == (0, None)
    assert whole(runs, BASELINE)["drafted_tokens"] is None
    assert whole(runs, SPEC, stop=StopRule(1, 3))["enough_rounds"]


def test_the_latest_measurement_counts_and_temperatures_do_not() -> None:
    later = {"measurement_id": "n", "started_at": BEGUN + timedelta(days=1)}
    runs = frame(
        [run(each, n, tps) for each, tps in ((BASELINE, 100.0), (SPEC, 120.0)) for n in range(7)]
        + [run(each, n, tps, **later) for each, tps in ((BASELINE, 100.0), (SPEC, 90.0)) for n in range(7)]
        + [run(SPEC, 50, 900.0, purpose="temperature", temperature=0.8)]
    )
    row = whole(runs, SPEC)
    assert (row["measurement_id"], row["speedup"]) == ("n", pytest.approx(0.9))


def test_a_measurement_that_broke_off_does_not_hide_a_whole_one_of_the_same_contents() -> None:
    later = {"measurement_id": "n", "started_at": BEGUN + timedelta(days=1)}
    failed = {"status": "crashed", "generation_tps": None}
    whole_one = [run(each, n, tps) for each, tps in ((BASELINE, 100.0), (SPEC, 120.0)) for n in range(8)]
    broken = [run(BASELINE, 0, 0.0, **failed, **later), run(SPEC, 0, 90.0, **later)]
    for config, tps in ((BASELINE, 100.0), (SPEC, 120.0)):
        row = whole(frame(whole_one + broken), config)
        assert (row["measurement_id"], row["generation_tps"]) == ("m", pytest.approx(tps))
        assert row["enough_rounds"]
    other = [run(SPEC, 0, 90.0, speed_key="of another draft", **later)]
    row = whole(frame(whole_one + other), SPEC)
    assert (row["measurement_id"], row["enough_rounds"]) == ("n", False)


def test_an_empty_frame_has_the_columns() -> None:
    assert (
        config_speed(frame([]), NO_SESSIONS).columns
        == config_speed(frame([run(BASELINE, 0, 1.0)]), NO_SESSIONS).columns
    )
    assert token_agreement(frame([]), NO_COMPARISONS).is_empty()


def test_a_plan_is_told_of_failures_only_while_rounds_are_not_enough() -> None:
    runs = frame(
        [run(BASELINE, n, 100.0) for n in range(8)]
        + [run(SPEC, n, 200.0) for n in range(8)]
        + [run(Config(lookup=Lookup(3, 4)), 0, 0.0, status="crashed", generation_tps=None, status_reason="it fell")]
    )
    found = {each.config_id: each for each in earlier_speeds(runs, NO_SESSIONS)}
    assert (found[SPEC.config_id].rounds, found[SPEC.config_id].enough, found[SPEC.config_id].failures) == (8, True, 0)
    lookup = found[Config(lookup=Lookup(3, 4)).config_id]
    assert (lookup.rounds, lookup.enough, lookup.failures, lookup.failure) == (0, False, 1, "it fell")


@pytest.mark.parametrize(
    ("margin", "noise", "kind"),
    [
        (0.0, 0.0, "near_tie"),
        (0.005, 0.0, "near_tie"),
        (0.05, 0.03, "near_tie"),
        (-0.05, 0.03, "near_tie"),
        (0.07, 0.03, "real_change"),
        (0.5, 0.0001, "real_change"),
        (1.5, 5.0, "real_change"),
        (None, None, "unclassified"),
    ],
)
def test_a_near_tie_is_what_batching_can_explain(margin: float | None, noise: float | None, kind: str) -> None:
    assert difference_kind(margin, noise) == kind


def test_agreement_tells_where_and_how_often_answers_part() -> None:
    runs = frame(
        [run(BASELINE, n, 100.0, token_ids=[1, 2, 3]) for n in range(3)]
        + [run(SPEC, n, 100.0, token_ids=[1, 2, 3] if n == 0 else [1, 9, 3]) for n in range(3)]
    )
    told = pl.DataFrame(
        [["m", SPEC.config_id, "code", 1, 2, 9, 3.0, 0.01, 2]], schema=dict(COMPARISON_SCHEMA), orient="row"
    )
    row = token_agreement(runs, told).to_dicts()[0]
    assert (row["agreed_tokens"], row["runs"], row["differing_runs"]) == (1, 3, 2)
    assert (row["reference_token"], row["config_token"], row["kind"]) == (2, 9, "real_change")
    assert token_agreement(runs, NO_COMPARISONS)["kind"].item() == "unclassified"


def test_answers_without_a_reference_do_not_hide_those_that_were_compared() -> None:
    later = {"measurement_id": "n", "started_at": BEGUN + timedelta(days=1)}
    compared = [run(BASELINE, 0, 100.0), run(SPEC, 0, 100.0)]
    broken = [run(BASELINE, 0, 0.0, status="crashed", generation_tps=None, **later), run(SPEC, 0, 90.0, **later)]
    assert token_agreement(frame(compared + broken), NO_COMPARISONS)["kind"].to_list() == ["identical"]
    other = [{**each, "speed_key": "of another draft"} for each in broken]
    assert token_agreement(frame(compared + other), NO_COMPARISONS).is_empty()


def test_physics_puts_limits_beside_what_was_measured() -> None:
    drafting = {
        "drafted_tokens": 12, "accepted_tokens": 6, "target_evaluations": 4, "draft_ms": 20.0,
        "drafted_by_position": [4, 4, 4], "accepted_by_position": [3, 2, 1],
    }  # fmt: skip
    runs = frame([run(BASELINE, n, 100.0) for n in range(7)] + [run(SPEC, n, 125.0, **drafting) for n in range(7)])
    facts = {name: read_gguf_facts(shipped(name)) for name in ("demo-target", "demo-draft")}
    speed = config_speed(runs, NO_SESSIONS)
    rows = config_physics(speed, runs, facts, Machine(BANDWIDTH, 2**10))
    assert rows.height == speed.height
    baseline, spec = (
        rows.filter(pl.col("config_id") == each.config_id, pl.col("prompt_kind") == "all").to_dicts()[0]
        for each in (BASELINE, SPEC)
    )
    assert baseline["roofline_tps"] == pytest.approx(BANDWIDTH / baseline["bytes_per_token"])
    assert baseline["roofline_fraction"] == pytest.approx(100.0 / baseline["roofline_tps"])
    assert (baseline["alpha"], baseline["predicted_cap"]) == (None, None)
    # 10 tokens in 80 ms, 20 of them drafting: a token drafted takes 20/12 ms and an evaluation 15, the baseline's 10.
    assert spec["draft_cost_ratio"] == pytest.approx(20 / 12 / 10)
    assert spec["verify_cost_ratio"] == pytest.approx(15 / 10)
    assert spec["predicted_cap"] == pytest.approx(4 / (3 * 20 / 120 + 1.5))
    assert spec["predicted_speedup"] < spec["predicted_cap"]
    assert spec["measured_speedup"] == pytest.approx(1.25)
    assert baseline["flag"] == "starved"


def test_physics_without_a_bandwidth_or_a_file_is_null_and_not_zero() -> None:
    runs = frame([run(BASELINE, n, 100.0) for n in range(7)])
    row = config_physics(config_speed(runs, NO_SESSIONS), runs, {}, Machine()).to_dicts()[0]
    assert {name for name, value in row.items() if value is None} >= {"bytes_per_token", "roofline_tps", "flag"}


def test_fewer_experts_are_predicted_from_their_bytes() -> None:
    few = Config(moe=Moe("qwen3moe", 1))
    runs = frame(
        [run(each, n, tps, model="demo-moe") for each, tps in ((BASELINE, 100.0), (few, 140.0)) for n in range(7)]
    )
    facts = {"demo-moe": read_gguf_facts(shipped("demo-moe"))}
    rows = config_physics(config_speed(runs, NO_SESSIONS), runs, facts, Machine(BANDWIDTH, None))
    found = {row["config_id"]: row for row in rows.filter(pl.col("prompt_kind") == "all").iter_rows(named=True)}
    assert found[few.config_id]["bytes_per_token"] < found[BASELINE.config_id]["bytes_per_token"]
    ratio = found[BASELINE.config_id]["bytes_per_token"] / found[few.config_id]["bytes_per_token"]
    assert found[few.config_id]["predicted_speedup"] == pytest.approx(ratio)


def test_a_speed_up_that_cannot_be_is_flagged() -> None:
    """A server that claims eight times the speed with four tokens drafted at a time."""
    served: dict[str, Any] = {"drafted_tokens": 8, "accepted_tokens": 8, "target_evaluations": 2}
    runs = frame([run(BASELINE, n, 100.0) for n in range(7)] + [run(SPEC, n, 800.0, **served) for n in range(7)])
    facts = {name: read_gguf_facts(shipped(name)) for name in ("demo-target", "demo-draft")}
    rows = config_physics(config_speed(runs, NO_SESSIONS), runs, facts, Machine(BANDWIDTH, 2**10))
    spec = rows.filter(pl.col("config_id") == SPEC.config_id, pl.col("prompt_kind") == "all").to_dicts()[0]
    assert spec["draft_cost_ratio"] is None, "a server does not tell what drafting took"
    assert spec["flag"] == "above_cap"
