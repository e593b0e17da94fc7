"""Physics of configs: what the machine could give, what the model of drafting predicts, and what was measured.

Here: rows of table config_physics out of measured speeds, model files and the machine's bandwidth. Not here: the
formulas (inference.bytes_per_token, roofline, speculation_model).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

import polars as pl

from epyc_assets.benchmark.speed import ALL_KINDS
from epyc_assets.inference.bytes_per_token import bytes_per_token, fewer_experts_speedup
from epyc_assets.inference.config import BASELINE, Config, config_from_values
from epyc_assets.inference.roofline import plausibility_flag, roofline_fraction, roofline_tps
from epyc_assets.inference.speculation_model import expected_speedup, fitted_alpha, measured_costs, speedup_cap
from epyc_assets.registry.gguf_file import GgufFacts

CONFIG_PHYSICS_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("fleet", "model", "config_id", "backend", "prompt_kind"), pl.String),
    "context_tokens": pl.Int32,
    **dict.fromkeys(
        (
            *("bytes_per_token", "bandwidth_bytes_per_s", "roofline_tps", "roofline_fraction", "alpha"),
            *("draft_cost_ratio", "verify_cost_ratio", "predicted_speedup", "predicted_cap", "measured_speedup"),
        ),
        pl.Float64,
    ),
    "flag": pl.String,
    "flag_reason": pl.String,
}


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of the measured machine. None: not measured, or not told by it."""

    bandwidth_bytes_per_s: float | None = None
    last_level_cache_bytes: int | None = None


def config_physics(
    speed: pl.DataFrame, runs: pl.DataFrame, facts: Mapping[str, GgufFacts], machine: Machine
) -> pl.DataFrame:
    """Rows of table config_physics, one for each row of config_speed.

    speed: rows of table config_speed; runs: rows of table speed_runs; facts: of the files of models and drafts, by
    name, as far as there are files.
    """
    sums = _sums(runs)
    rows = [
        _row(row, sums, facts, machine)
        for row in speed.sort("fleet", "model", "config_id", "backend", "prompt_kind").iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=dict(CONFIG_PHYSICS_SCHEMA))


Key = tuple[str, str, str]
Rounds = dict[int, dict[str, Any]]
"""Sums of one config and kind of prompt, by round."""


def _sums(runs: pl.DataFrame) -> dict[Key, Rounds]:
    """Per measurement, config and kind of prompt, round by round: tokens, seconds and counts over all answers."""
    answers = runs.filter(
        pl.col("purpose") == "rounds", pl.col("status") == "ok", pl.col("generation_tps").is_not_null()
    )
    both = pl.concat([answers, answers.with_columns(prompt_kind=pl.lit(ALL_KINDS))])
    sums = both.group_by("measurement_id", "config_id", "prompt_kind", "round").agg(
        context_tokens=(pl.col("prompt_tokens") + pl.col("generated_tokens") / 2).mean(),
        steps=(pl.col("generated_tokens") - 1).sum(),
        steps_s=((pl.col("generated_tokens") - 1) / pl.col("generation_tps")).sum(),
        draft_s=pl.when(pl.col("draft_ms").is_not_null().any()).then(pl.col("draft_ms").sum() / 1000),
        drafted=pl.col("drafted_tokens").sum(),
        accepted=pl.col("accepted_tokens").sum(),
        evaluations=pl.col("target_evaluations").sum(),
    )
    found: dict[Key, Rounds] = {}
    for row in sums.iter_rows(named=True):
        key = (row["measurement_id"], row["config_id"], row["prompt_kind"])
        found.setdefault(key, {})[row["round"]] = row
    return found


def _row(
    row: Mapping[str, Any], sums: Mapping[Key, Rounds], facts: Mapping[str, GgufFacts], machine: Machine
) -> dict[str, Any]:
    config = config_from_values(json.loads(row["config_values"]))
    own = sums.get((row["measurement_id"], row["config_id"], row["prompt_kind"]))
    baseline = sums.get((row["measurement_id"], BASELINE.config_id, row["prompt_kind"]), {})
    of_model = facts.get(row["model"])
    found: dict[str, Any] = {
        **{name: row[name] for name in ("fleet", "model", "config_id", "backend", "prompt_kind")},
        "bandwidth_bytes_per_s": machine.bandwidth_bytes_per_s,
        "measured_speedup": row["speedup"],
    }
    if own is None:
        return found
    context = mean(sums_of_round["context_tokens"] for sums_of_round in own.values())
    found["context_tokens"] = round(context)
    size = None if of_model is None else _bytes(of_model, config, context)
    found["bytes_per_token"] = size
    if size and machine.bandwidth_bytes_per_s:
        found["roofline_tps"] = roofline_tps(machine.bandwidth_bytes_per_s, size)
        found["roofline_fraction"] = roofline_fraction(row["generation_tps"], machine.bandwidth_bytes_per_s, size)
    if config.is_speculative:
        found |= _drafting(row, config, own, baseline, facts)
    elif config.moe and of_model is not None:
        found["predicted_speedup"] = fewer_experts_speedup(
            of_model, config.moe.expert_used_count, context_tokens=context, kv_type=config.runtime.kv_type
        )
    flag = plausibility_flag(
        bytes_per_token=size,
        roofline_ratio=found.get("roofline_fraction"),
        last_level_cache_bytes=machine.last_level_cache_bytes,
        speculative=config.is_speculative,
        # The lower end, where there is one: disturbance alone can carry the estimate past a cap of disturbed costs.
        measured_speedup=row["speedup"] if row["speedup_low"] is None else row["speedup_low"],
        predicted_cap=found.get("predicted_cap"),
    )
    if flag is not None:
        found |= {"flag": flag.kind, "flag_reason": flag.reason}
    return found


def _drafting(
    row: Mapping[str, Any], config: Config, own: Rounds, baseline: Rounds, facts: Mapping[str, GgufFacts]
) -> dict[str, Any]:
    """What the model of drafting says of a speculative config: medians over rounds, as the speed-up is one.

    K is the mean number of tokens drafted per evaluation, since drafts stop early and lookup often finds nothing.
    """
    if not any(sums["drafted"] for sums in own.values()):
        return {}
    alpha = fitted_alpha(
        accepted_tokens=sum(sums["accepted"] for sums in own.values()),
        target_evaluations=sum(sums["evaluations"] or 0 for sums in own.values()),
        draft_tokens=max((part.draft_tokens for part in (config.spec, config.lookup) if part), default=1),
        drafted_by_position=row["drafted_by_position"],
        accepted_by_position=row["accepted_by_position"],
    )
    found: dict[str, Any] = {"alpha": alpha[0] if alpha else None}
    measured: list[tuple[float, float]] = []
    predicted: list[float] = []
    caps: list[float] = []
    for number, sums in own.items():
        before = baseline.get(number)
        if before is None or not before["steps"] or not sums["evaluations"]:
            continue
        costs = measured_costs(
            steps_s=sums["steps_s"],
            target_evaluations=sums["evaluations"],
            draft_s=sums["draft_s"],
            drafted_tokens=sums["drafted"],
            baseline_token_s=before["steps_s"] / before["steps"],
        )
        if costs is not None:
            measured.append(costs)
        else:
            # A server does not tell what drafting took: a draft as cheap as its bytes, and a check for nothing.
            costs = _cheapest(row["model"], config, facts)
        if costs is None:
            continue
        length = sums["drafted"] / sums["evaluations"]
        price = {"draft_cost_ratio": costs[0], "verify_cost_ratio": costs[1]}
        caps.append(speedup_cap(length, **price))
        if alpha is not None:
            predicted.append(expected_speedup(alpha[0], length, **price))
    if measured:
        found |= {
            "draft_cost_ratio": median(cost for cost, _ in measured),
            "verify_cost_ratio": median(cost for _, cost in measured),
        }
    found |= {"predicted_cap": median(caps) if caps else None}
    return found | {"predicted_speedup": median(predicted) if predicted else None}


def _cheapest(model: str, config: Config, facts: Mapping[str, GgufFacts]) -> tuple[float, float] | None:
    if config.spec is None:
        return 0.0, 1.0
    target, draft = facts.get(model), facts.get(config.spec.draft)
    if target is None or draft is None:
        return None
    return bytes_per_token(draft, context_tokens=1).total / _bytes(target, config, 1.0), 1.0


def _bytes(facts: GgufFacts, config: Config, context_tokens: float) -> float:
    experts = config.moe.expert_used_count if config.moe else None
    return bytes_per_token(
        facts, context_tokens=context_tokens, kv_type=config.runtime.kv_type, experts_used=experts
    ).total
