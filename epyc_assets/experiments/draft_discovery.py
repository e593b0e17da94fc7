"""Which draft suits which target: what to measure of all models of a fleet, and rows of table draft_discovery.

Here: compatibility and size first, then what follows from speed rounds over what is left. Not here: the rule by which a
draft fits (registry.gguf_file.draft_fits), running rounds (benchmark.rounds).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import polars as pl

from epyc_assets.inference.bytes_per_token import weight_bytes_read
from epyc_assets.inference.config import BASELINE, Config, Spec
from epyc_assets.inference.speculation_model import best_draft_tokens, fitted_alpha, measured_costs
from epyc_assets.registry.entries import Fleet, Model
from epyc_assets.registry.gguf_file import GgufFacts, draft_fits

PURPOSE = "draft_discovery"
"""Of the rows in speed_runs: few rounds for a first look, which are part of no config's speed."""

DEFAULT_DRAFT_TOKENS = (4, 8)
DEFAULT_LARGEST_SIZE_RATIO = 0.5
DEFAULT_MOST_DRAFTS = 8
LARGEST_PREDICTED_K = 48

GENERATING_KINDS = ("chat", "draft", "base")
TO_MEASURE = "to_measure"
"""Verdict of a choice that has still to be measured; it is in no table."""

DRAFT_DISCOVERY_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "target": pl.String,
    "draft": pl.String,
    "listed_in_registry": pl.Boolean,
    "size_ratio": pl.Float64,
    "verdict": pl.String,
    "reason": pl.String,
    "rank": pl.Int32,
    "draft_tokens": pl.Int32,
    "measured_draft_tokens": pl.List(pl.Int32),
    "backend": pl.String,
    "measurement_id": pl.String,
    "rounds": pl.Int32,
    "contended_rounds": pl.Int32,
    **dict.fromkeys(
        (
            *("generation_tps", "baseline_generation_tps", "speedup", "speedup_low", "speedup_high"),
            *("acceptance_rate", "tokens_per_evaluation", "alpha", "draft_cost_ratio", "verify_cost_ratio"),
        ),
        pl.Float64,
    ),
    "predicted_draft_tokens": pl.Int32,
    "predicted_speedup": pl.Float64,
    "measured_at": pl.Datetime("us"),
}
"""Columns of table draft_discovery but for fleet and those of the writer."""


@dataclass(frozen=True, slots=True)
class DraftChoice:
    """One pair before measuring. verdict: to_measure, refused, or not_measured, with the reason in words.
    size_ratio: bytes of weights read per token over the target's; None where a file is missing."""

    draft: str
    listed_in_registry: bool
    size_ratio: float | None
    verdict: str
    reason: str


def draft_choices(
    target: Model,
    fleet: Fleet,
    facts: Mapping[str, GgufFacts],
    *,
    largest_size_ratio: float = DEFAULT_LARGEST_SIZE_RATIO,
    most_drafts: int = DEFAULT_MOST_DRAFTS,
) -> list[DraftChoice]:
    """Every model that could draft for the target, listed in the registry or not: those listed, and all others in use
    that generate text and read less per token than the target. Those to measure come first, in the order to measure.

    A pair that does not fit, or whose speculation the registry forbids, is refused. Of the fitting ones that read at
    most largest_size_ratio of the target's bytes per token, the listed and then the smallest are measured, most_drafts
    of them; the others are not_measured. A listed draft is measured whatever its size. facts: of the models with a
    file, with the token texts (as read_gguf_facts gives them). Raises KeyError for a target without facts.
    """
    own = facts[target.name]
    own_bytes = weight_bytes_read(own)
    found: list[DraftChoice] = []
    for name, model in fleet.models_in_use().items():
        listed = name in target.drafts
        if name == target.name or (not listed and model.kind not in GENERATING_KINDS):
            continue
        if name not in facts:
            if listed:
                found.append(DraftChoice(name, True, None, "not_measured", "its file is not there"))
            continue
        ratio = weight_bytes_read(facts[name]) / own_bytes if own_bytes else math.inf
        if not listed and ratio >= 1:
            continue
        found.append(_choice(target, name, own, facts[name], ratio, largest_size_ratio, listed=listed))
    found.sort(key=lambda each: (each.verdict != TO_MEASURE, not each.listed_in_registry, each.size_ratio or 0.0))
    return [
        replace(each, verdict="not_measured", reason=f"{most_drafts} listed or smaller drafts were measured instead")
        if each.verdict == TO_MEASURE and place >= most_drafts
        else each
        for place, each in enumerate(found)
    ]


def _choice(
    target: Model,
    draft: str,
    own: GgufFacts,
    other: GgufFacts,
    ratio: float,
    largest_size_ratio: float,
    *,
    listed: bool,
) -> DraftChoice:
    fits = draft_fits(own, other)
    forbidden = target.forbidden_reason("spec")
    if not fits.fits:
        return DraftChoice(draft, listed, ratio, "refused", fits.reason)
    if forbidden is not None:
        return DraftChoice(draft, listed, ratio, "refused", f"forbidden in the registry: {forbidden}")
    if ratio > largest_size_ratio and not listed:
        said = f"reads {ratio:.0%} of the target's bytes per token, more than {largest_size_ratio:.0%}"
        return DraftChoice(draft, listed, ratio, "not_measured", said)
    return DraftChoice(draft, listed, ratio, TO_MEASURE, fits.reason)


def discovery_configs(choices: Iterable[DraftChoice], draft_tokens: Sequence[int]) -> list[Config]:
    """The configs to measure: each draft to measure at each K. Raises ValueError without a K, or one below 1."""
    if not draft_tokens or min(draft_tokens) < 1:
        raise ValueError(f"drafts are measured at one K or more, each 1 or more; got {list(draft_tokens)}")
    drafts = [each.draft for each in choices if each.verdict == TO_MEASURE]
    return [Config(spec=Spec(draft, count)) for draft in drafts for count in dict.fromkeys(draft_tokens)]


def discovery_rows(
    target: str,
    choices: Sequence[DraftChoice],
    configs: Sequence[Config],
    speed: pl.DataFrame,
    runs: pl.DataFrame,
    left_out: Mapping[str, str],
) -> pl.DataFrame:
    """Rows of table draft_discovery for one target: every choice with what was measured, the fastest first.

    configs: that were measured (discovery_configs). speed: rows of config_speed over the measurement, kind `all`; runs:
    its rows of speed_runs; left_out: why configs could not be measured, by config_id. Of each draft the figures are
    those of the measured K with the highest speed-up; alpha and the costs c and v(K) are fitted at it.
    verdict: faster, slower, equivalent or not_shown by the rule of statistics.speedup; failed; refused; not_measured.
    predicted_draft_tokens maximises E / (K c + v(K)) over K from 0 to 48 (Leviathan et al. 2023), v between and beyond
    the measured K by straight lines from v(0) = 1; 0: drafting does not pay at any K.
    """
    by_id = {row["config_id"]: row for row in speed.iter_rows(named=True)}
    baseline = by_id.get(BASELINE.config_id, {})
    rows = [_row(target, each, configs, by_id, baseline, runs, left_out) for each in choices]
    rows.sort(key=lambda row: -(row["speedup"] or 0.0))
    ranked = [row for row in rows if row["speedup"] is not None]
    for place, row in enumerate(ranked, start=1):
        row["rank"] = place
    return pl.DataFrame(rows, schema=dict(DRAFT_DISCOVERY_SCHEMA))


def losing_listed(rows: pl.DataFrame) -> pl.DataFrame:
    """Of rows of table draft_discovery, drafts that the registry lists and that do not fit, or are slower than none."""
    return rows.filter(pl.col("listed_in_registry"), pl.col("verdict").is_in(["slower", "refused"]))


def missed_unlisted(rows: pl.DataFrame) -> pl.DataFrame:
    """Of one target's rows of table draft_discovery, drafts that the registry does not list, that are faster than none,
    and whose interval lies above those of all listed ones."""
    listed = rows.filter(pl.col("listed_in_registry"), pl.col("speedup_high").is_not_null())["speedup_high"].to_list()
    return rows.filter(
        ~pl.col("listed_in_registry"), pl.col("verdict") == "faster", pl.col("speedup_low") > max([1.0, *listed])
    )


def _row(
    target: str,
    choice: DraftChoice,
    configs: Sequence[Config],
    by_id: Mapping[str, Mapping[str, Any]],
    baseline: Mapping[str, Any],
    runs: pl.DataFrame,
    left_out: Mapping[str, str],
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(DRAFT_DISCOVERY_SCHEMA)
    row |= {"target": target, "draft": choice.draft, "listed_in_registry": choice.listed_in_registry}
    row |= {"size_ratio": choice.size_ratio, "verdict": choice.verdict, "reason": choice.reason}
    if choice.verdict != TO_MEASURE:
        return row
    own = [config for config in configs if config.spec is not None and config.spec.draft == choice.draft]
    measured = {
        config.spec.draft_tokens: by_id[config.config_id]
        for config in own
        if config.spec and by_id.get(config.config_id, {}).get("speedup") is not None
    }
    if not measured:
        why = next((left_out[config.config_id] for config in own if config.config_id in left_out), None)
        why = why or left_out.get(BASELINE.config_id) or _failure(runs, own)
        return row | {"verdict": "failed", "reason": why}
    best_k = max(measured, key=lambda count: measured[count]["speedup"])
    best = measured[best_k]
    names = ("backend", "measurement_id", "rounds", "contended_rounds", "generation_tps", "measured_at")
    names = (*names, "speedup", "speedup_low", "speedup_high", "acceptance_rate", "tokens_per_evaluation")
    row |= {name: best[name] for name in names}
    row |= {
        "verdict": best["verdict"] or "not_shown",
        "draft_tokens": best_k,
        "measured_draft_tokens": sorted(measured),
        "baseline_generation_tps": baseline.get("generation_tps"),
    }
    costs = {count: found for count in measured if (found := _costs(runs, choice.draft, count, baseline)) is not None}
    fitted = fitted_alpha(
        accepted_tokens=best["accepted_tokens"] or 0,
        target_evaluations=_sum(_of(runs, choice.draft, best_k), "target_evaluations"),
        draft_tokens=best_k,
        drafted_by_position=best["drafted_by_position"],
        accepted_by_position=best["accepted_by_position"],
    )
    if fitted is not None:
        row["alpha"] = fitted[0]
    if best_k in costs:
        row["draft_cost_ratio"], row["verify_cost_ratio"] = costs[best_k]
    if fitted is not None and best_k in costs:
        checking = verify_costs({count: cost[1] for count, cost in costs.items()}, LARGEST_PREDICTED_K)
        row["predicted_draft_tokens"], row["predicted_speedup"] = best_draft_tokens(
            fitted[0], draft_cost_ratio=costs[best_k][0], verify_cost_ratios=checking
        )
    return row


def verify_costs(measured: Mapping[int, float], largest: int) -> list[float]:
    """v(K) for K from 0 to largest: straight lines through v(0) = 1 and the measured ones, the last one going on.

    With one measured K the line through it goes on. Never falling: checking more tokens costs no less. measured: at
    least one K above 0, with its v. Raises ValueError otherwise.
    """
    if not measured or min(measured) < 1:
        raise ValueError("the cost of checking must have been measured at some K above 0")
    points = [(0, 1.0), *sorted(measured.items())]
    costs: list[float] = []
    for count in range(largest + 1):
        (left, low), (right, high) = next(
            (pair for pair in pairwise(points) if count <= pair[1][0]), (points[-2], points[-1])
        )
        value = low + (high - low) * (count - left) / (right - left)
        costs.append(max(value, costs[-1] if costs else 1.0))
    return costs


def _costs(
    runs: pl.DataFrame, draft: str, draft_tokens: int, baseline: Mapping[str, Any]
) -> tuple[float, float] | None:
    """c and v(K) of a config; None where the backend does not tell, or there is no baseline."""
    answers = _of(runs, draft, draft_tokens)
    base_tps = baseline.get("generation_tps")
    evaluations, drafted = _sum(answers, "target_evaluations"), _sum(answers, "drafted_tokens")
    draft_ms = answers["draft_ms"].sum() if answers["draft_ms"].count() else None
    if not base_tps or not evaluations or not drafted or draft_ms is None:
        return None
    steps_s = float(((answers["generated_tokens"] - 1) / answers["generation_tps"]).sum())
    return measured_costs(
        steps_s=steps_s,
        target_evaluations=evaluations,
        draft_s=min(float(draft_ms) / 1000, steps_s),
        drafted_tokens=drafted,
        baseline_token_s=1 / base_tps,
    )


def _of(runs: pl.DataFrame, draft: str, draft_tokens: int) -> pl.DataFrame:
    """The timed answers of a draft at a K."""
    config_id = Config(spec=Spec(draft, draft_tokens)).config_id
    return runs.filter(pl.col("config_id") == config_id, pl.col("status") == "ok", pl.col("generation_tps") > 0)


def _sum(answers: pl.DataFrame, column: str) -> int | None:
    return int(answers[column].sum()) if answers[column].count() else None


def _failure(runs: pl.DataFrame, configs: Sequence[Config]) -> str:
    failed = runs.filter(
        pl.col("config_id").is_in([config.config_id for config in configs]), pl.col("status") != "ok"
    ).select("status", "status_reason")
    if failed.is_empty():
        return "no round was answered to its end"
    status, reason = failed.row(-1)
    return f"{status}: {reason}"
