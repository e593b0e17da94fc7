"""Speed of configs from speed rounds: figures per round, and per config and kind of prompt.

Here: rows of table config_speed out of rows of table speed_runs. Not here: running rounds (rounds), whether answers
stayed the same (agreement), what the machine could give (physics).

A speed is tokens summed over time summed, never a mean of speeds. A speed-up is made of ratios, each within one round
(statistics.speedup): what slowed a whole round down cancels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl

from epyc_assets.benchmark.earlier import EarlierSpeed
from epyc_assets.benchmark.rounds import DEFAULT_STOP, StopRule
from epyc_assets.inference.config import BASELINE
from epyc_assets.statistics.speedup import speedup_interval, verdict
from epyc_assets.statistics.spread import coefficient_of_variation, drift, least_disturbed

ALL_KINDS = "all"

CONFIG_SPEED_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(
        (
            *("fleet", "model", "config_id", "backend", "prompt_kind", "config", "technique", "config_values"),
            *("speed_key", "measurement_id", "host", "llama_build"),
        ),
        pl.String,
    ),
    "rounds": pl.Int32,
    "contended_rounds": pl.Int32,
    "used_rounds": pl.Int32,
    "enough_rounds": pl.Boolean,
    **dict.fromkeys(
        (
            *("generation_tps", "generation_tps_best", "generation_tps_cv", "prompt_tps", "effective_tps"),
            *("ttft_ms_median", "drift", "calibration_ms_median", "speedup", "speedup_low", "speedup_high"),
            *("effective_speedup", "effective_speedup_low", "effective_speedup_high"),
        ),
        pl.Float64,
    ),
    "verdict": pl.String,
    "drafted_tokens": pl.Int64,
    "accepted_tokens": pl.Int64,
    "acceptance_rate": pl.Float64,
    "tokens_per_evaluation": pl.Float64,
    "acceptance_by_position": pl.List(pl.Float64),
    "drafted_by_position": pl.List(pl.Int64),
    "accepted_by_position": pl.List(pl.Int64),
    "figures_differ_runs": pl.Int32,
    "degenerate_runs": pl.Int32,
    "measured_at": pl.Datetime("us"),
}

_SUMS = ("decode_tokens", "decode_s", "prompt_tokens", "prompt_s", "generated_tokens", "total_s")
_KEY = ("measurement_id", "config_id", "prompt_kind", "round")


def round_figures(runs: pl.DataFrame) -> pl.DataFrame:
    """What each config did in each round: one row per (measurement_id, config_id, prompt_kind, round), kind `all` being
    all of them together.

    runs: rows of table speed_runs. Columns: sums of tokens and seconds, generation_tps, prompt_tps, effective_tps,
    contended, calibration_ms. A round in which an answer failed is not there, nor is it for kind `all`.
    """
    answers = runs.filter(pl.col("purpose") == "rounds").with_columns(
        failed=(pl.col("status") != "ok") | pl.col("generation_tps").is_null(),
        decode_tokens=pl.col("generated_tokens") - 1,
        decode_s=(pl.col("generated_tokens") - 1) / pl.col("generation_tps"),
        # No prompt_tps: a server kept part of the prompt, and what it took is no speed of processing it.
        prompt_tokens=pl.when(pl.col("prompt_tps").is_not_null()).then(pl.col("prompt_tokens")),
        prompt_s=pl.when(pl.col("prompt_tps").is_not_null()).then(pl.col("prompt_ms") / 1000),
        total_s=pl.col("total_ms") / 1000,
    )
    prompts = answers.group_by("measurement_id", "prompt_kind").agg(prompts=pl.col("prompt_id").n_unique())
    everything = (
        prompts.group_by("measurement_id").agg(pl.col("prompts").sum()).with_columns(prompt_kind=pl.lit(ALL_KINDS))
    )
    wanted = pl.concat([prompts, everything.select(prompts.columns)])
    both = pl.concat([answers, answers.with_columns(prompt_kind=pl.lit(ALL_KINDS))])
    figures = both.group_by(_KEY).agg(
        *(pl.col(name).sum() for name in _SUMS),
        failed=pl.col("failed").any(),
        answered=pl.len(),
        contended=pl.col("contended").any(),
        calibration_ms=pl.col("calibration_ms").median(),
    )
    return (
        figures.join(wanted, on=["measurement_id", "prompt_kind"])
        .filter(~pl.col("failed"), pl.col("answered") == pl.col("prompts"))
        .with_columns(
            generation_tps=pl.col("decode_tokens") / pl.col("decode_s"),
            prompt_tps=pl.when(pl.col("prompt_s") > 0).then(pl.col("prompt_tokens") / pl.col("prompt_s")),
            effective_tps=pl.col("generated_tokens") / pl.col("total_s"),
            contended=pl.col("contended").fill_null(value=False),
        )
        .drop("failed", "answered", "prompts")
        .sort(_KEY)
    )


def config_speed(runs: pl.DataFrame, sessions: pl.DataFrame, *, stop: StopRule = DEFAULT_STOP) -> pl.DataFrame:
    """Rows of table config_speed: per model, config, backend and kind of prompt, from the latest measurement of each
    that had enough rounds; from the latest of all where its contents are other ones, or where none had.

    runs: rows of table speed_runs; sessions: rows of table sessions (session_id, host, llama_build).
    """
    rounds = runs.filter(pl.col("purpose") == "rounds")
    if rounds.is_empty():
        return pl.DataFrame(schema=dict(CONFIG_SPEED_SCHEMA))
    figures = round_figures(rounds)
    measured = (
        rounds.group_by("fleet", "model", "config_id", "backend", "measurement_id")
        .agg(
            pl.col("config", "technique", "config_values", "speed_key").first(),
            pl.col("session_id").last(),
            measured_at=pl.col("started_at").max(),
        )
        .join(sessions.select("session_id", "host", "llama_build").unique("session_id"), on="session_id", how="left")
        .sort("fleet", "model", "backend", "technique", "config", "config_id", "measured_at")
    )
    kinds = sorted(rounds["prompt_kind"].unique())
    rows: list[dict[str, Any]] = []
    for _, of_config in measured.group_by("fleet", "model", "config_id", "backend", maintain_order=True):
        same = of_config.filter(pl.col("speed_key") == of_config["speed_key"][-1]).to_dicts()[::-1]
        overall = ((each, _row(each, ALL_KINDS, figures, rounds, stop)) for each in same)
        # What broke off, such as rounds whose baseline failed, does not hide what was measured before.
        counting = next((each for each, row in overall if row and row["enough_rounds"]), same[0])
        found = [_row(counting, kind, figures, rounds, stop) for kind in (ALL_KINDS, *kinds)]
        rows += [row for row in found if row is not None]
    return pl.DataFrame(rows, schema=dict(CONFIG_SPEED_SCHEMA))


def _row(
    config: dict[str, Any], kind: str, figures: pl.DataFrame, rounds: pl.DataFrame, stop: StopRule
) -> dict[str, Any] | None:
    """One row; None for a kind of prompt that the measurement did not have."""
    of_kind = figures.filter(pl.col("measurement_id") == config["measurement_id"], pl.col("prompt_kind") == kind)
    is_baseline = config["config_id"] == BASELINE.config_id
    own = of_kind.filter(pl.col("config_id") == config["config_id"])
    baseline = of_kind.filter(pl.col("config_id") == BASELINE.config_id)
    pairs = own.join(baseline, on="round", suffix="_baseline").sort("round")
    runs = rounds.filter(
        pl.col("measurement_id") == config["measurement_id"], pl.col("config_id") == config["config_id"]
    )
    if kind != ALL_KINDS:
        runs = runs.filter(pl.col("prompt_kind") == kind)
    if runs.is_empty():
        return None
    clean = pairs.filter(~(pl.col("contended") | pl.col("contended_baseline")))
    used = clean if clean.height >= stop.least_undisturbed else pairs
    runs = runs.filter(pl.col("round").is_in(used["round"].implode()), pl.col("status") == "ok")
    speeds = used["generation_tps"].to_list()
    return {
        **{name: config[name] for name in ("fleet", "model", "config_id", "backend", "config", "technique")},
        **{name: config[name] for name in ("config_values", "speed_key", "measurement_id", "host", "llama_build")},
        "prompt_kind": kind,
        "rounds": pairs.height,
        "contended_rounds": pairs.height - clean.height,
        "used_rounds": used.height,
        "generation_tps": _sum_over(used, "decode_tokens", "decode_s"),
        "generation_tps_best": least_disturbed(speeds) if speeds else None,
        "generation_tps_cv": coefficient_of_variation(speeds) if speeds else None,
        "prompt_tps": _sum_over(used, "prompt_tokens", "prompt_s"),
        "effective_tps": _sum_over(used, "generated_tokens", "total_s"),
        "ttft_ms_median": runs["ttft_ms"].median(),
        "drift": drift(speeds) if speeds else None,
        "calibration_ms_median": used["calibration_ms"].median(),
        **_speedups(used, pairs.height, stop, is_baseline=is_baseline),
        **_drafting(runs),
        "figures_differ_runs": int(runs["figures_differ"].fill_null(value=False).sum()),
        "degenerate_runs": runs["degenerate"].count(),
        "measured_at": _naive(config["measured_at"]),
    }


def _speedups(used: pl.DataFrame, rounds: int, stop: StopRule, *, is_baseline: bool) -> dict[str, Any]:
    """Speed-ups with intervals, the verdict, whether the rounds are enough; the baseline is compared with nothing."""
    found: dict[str, Any] = {}
    if is_baseline or used.is_empty():
        return {"enough_rounds": is_baseline and used.height >= stop.least_rounds}
    for name, column in (("speedup", "generation_tps"), ("effective_speedup", "effective_tps")):
        interval = speedup_interval(used[column].to_list(), used[f"{column}_baseline"].to_list())
        # Too few rounds for an interval: nothing is known of its ends.
        ends = (interval.low, interval.high) if math.isfinite(interval.high) else (None, None)
        found |= {name: interval.estimate, f"{name}_low": ends[0], f"{name}_high": ends[1]}
        if name == "speedup":
            found["verdict"] = verdict(interval)
    ratios = (used["generation_tps"] / used["generation_tps_baseline"]).to_list()
    found["enough_rounds"] = rounds >= stop.most_rounds or stop.met([ratios])
    return found


def _drafting(runs: pl.DataFrame) -> dict[str, Any]:
    """Sums of what was drafted; nulls where nothing was to be."""
    drafted_runs = runs.filter(pl.col("drafted_tokens").is_not_null())
    if drafted_runs.is_empty():
        return {}
    drafted, accepted = int(drafted_runs["drafted_tokens"].sum()), int(drafted_runs["accepted_tokens"].sum())
    evaluations = drafted_runs["target_evaluations"].sum() or None
    by_place = [_summed(drafted_runs[name]) for name in ("drafted_by_position", "accepted_by_position")]
    return {
        "drafted_tokens": drafted,
        "accepted_tokens": accepted,
        "acceptance_rate": accepted / drafted if drafted else None,
        "tokens_per_evaluation": 1 + accepted / evaluations if evaluations else None,
        # Empty where a server does not tell the places.
        "acceptance_by_position": [taken / there for there, taken in zip(*by_place, strict=True)] or None,
        "drafted_by_position": by_place[0] or None,
        "accepted_by_position": by_place[1] or None,
    }


def _summed(lists: pl.Series) -> list[int]:
    """Place by place sums of lists of different lengths."""
    sums: list[int] = []
    for values in lists.drop_nulls().to_list():
        sums.extend([0] * (len(values) - len(sums)))
        for place, value in enumerate(values):
            sums[place] += value
    return sums


def _sum_over(figures: pl.DataFrame, tokens: str, seconds: str) -> float | None:
    total_s = float(figures[seconds].sum())
    return float(figures[tokens].sum()) / total_s if total_s else None


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _overall(runs: pl.DataFrame, sessions: pl.DataFrame, stop: StopRule) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows over all kinds of prompt, by config_id and speed_key."""
    speed = config_speed(runs, sessions, stop=stop).filter(pl.col("prompt_kind") == ALL_KINDS)
    return {(row["config_id"], row["speed_key"]): row for row in speed.iter_rows(named=True)}


def earlier_speeds(
    runs: pl.DataFrame,
    sessions: pl.DataFrame,
    *,
    stop: StopRule = DEFAULT_STOP,
    under_way: Sequence[str] = (),
) -> list[EarlierSpeed]:
    """Rounds that configs have had, as far as a plan needs them; of a journal that is not loaded yet.

    The same as queries/earlier_speed.sql gives for what is, but for measurements (their ids) that are under_way:
    however narrow an interval is, its config takes part until all are, and until the answers are compared.
    """
    rounds = runs.filter(pl.col("purpose") == "rounds")
    had = _overall(runs, sessions, stop)
    if under_way:
        ended = _overall(runs.filter(~pl.col("measurement_id").is_in(under_way)), sessions, stop)
        had |= {key: row for key, row in ended.items() if row["enough_rounds"]}
    attempts = rounds.group_by("model", "config_id", "speed_key", "measurement_id").agg(
        failed=(pl.col("status") != "ok").any(),
        failure=pl.col("status_reason").drop_nulls().last(),
        round_s=pl.col("total_ms").sum() / 1000 / pl.col("round").n_unique(),
    )
    found: list[EarlierSpeed] = []
    for key, those in attempts.group_by("model", "config_id", "speed_key"):
        model, config_id, speed_key = map(str, key)
        row = had.get((config_id, speed_key))
        enough = bool(row and row["enough_rounds"] and row["measurement_id"] not in under_way)
        round_s = those["round_s"].median()
        found.append(
            EarlierSpeed(
                model=model,
                config_id=config_id,
                speed_key=speed_key,
                rounds=row["rounds"] if row else 0,
                enough=enough,
                round_s=round_s if isinstance(round_s, float) else None,
                failures=0 if enough else those.filter("failed", ~pl.col("measurement_id").is_in(under_way)).height,
                failure=those["failure"].drop_nulls().max() if those["failed"].any() else None,  # type: ignore[arg-type]
            )
        )
    return found
