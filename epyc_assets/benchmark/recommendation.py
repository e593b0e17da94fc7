"""The recommendation: of each model the fastest config whose answers are as good as the baseline's.

Here: rows of table best_config, out of the tables of speed, agreement, quality and physics. Not here: measuring, the
command to start the config with (inference.launch_command), printing.

A config is only taken for what was shown: faster by the whole interval, and no worse by the whole interval. What looks
faster and is not taken stands beside it with the reason.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from epyc_assets.benchmark.matrix import changes_arithmetic
from epyc_assets.benchmark.speed import ALL_KINDS, round_figures
from epyc_assets.inference.config import BASELINE, Config, canonical_json, config_from_values
from epyc_assets.statistics.proportions import pairs_to_show_no_loss

DEFAULT_TOLERANCE = 0.02
"""Loss of pass rate that is accepted, as a share of the questions."""

LEAST_ROUNDS = 5
"""Rounds below which a recommendation is doubted."""

IMPLAUSIBLE = ("above_cap", "above_roofline")
"""Flags of table config_physics for what the machine cannot have done."""

HARMLESS = ("identical", "near_tie")
"""Kinds of token agreement that leave answers as good as they were."""

BEST_CONFIG_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("fleet", "model", "config_id", "backend", "config", "technique", "config_values"), pl.String),
    **dict.fromkeys(
        ("speedup", "speedup_low", "speedup_high", "generation_tps", "baseline_generation_tps"), pl.Float64
    ),
    "quality": pl.String,
    **dict.fromkeys(("quality_difference", "quality_low", "tolerance"), pl.Float64),
    "considered": pl.Int32,
    "excluded": pl.String,
}


@dataclass(frozen=True, slots=True)
class Excluded:
    """A config that looks faster than the recommended one and was not taken. Speed-ups over the baseline; low
    and high are None where there are too few rounds for an interval."""

    config_id: str
    config: str
    technique: str
    speedup: float
    speedup_low: float | None
    speedup_high: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known of a config's answers. kind: baseline, inherited or within_tolerance; None with the objection."""

    kind: str | None
    objection: str = ""
    difference: float | None = None
    low: float | None = None


def best_config(
    speed: pl.DataFrame,
    agreement: pl.DataFrame,
    quality: pl.DataFrame,
    physics: pl.DataFrame,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    baseline_tps: Mapping[str, float] | None = None,
    model_files: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Rows of table best_config: one per model with a measured baseline.

    speed, agreement, quality, physics: rows of tables config_speed, token_agreement, config_quality and config_physics.
    tolerance: loss of pass rate that is accepted. baseline_tps: the baseline's decoding speed by measurement_id
    (baseline_speeds). model_files: content hash of the model by measurement_id (measured_files); what was measured with
    another file than the baseline is not taken. Of several backends the one with most configs measured to the end
    counts: speed-ups on different ones do not compare. Raises ValueError for a tolerance outside (0, 1).
    """
    if not 0 < tolerance < 1:
        raise ValueError(f"A tolerance is a share of questions between 0 and 1, e.g. 0.02; got {tolerance}.")
    facts = _Facts(agreement, quality, physics, tolerance, model_files or {})
    overall = speed.filter(pl.col("prompt_kind") == ALL_KINDS).sort("fleet", "model")
    rows = [
        row
        for _, of_model in overall.group_by("fleet", "model", maintain_order=True)
        if (row := _best(of_model, facts, baseline_tps or {})) is not None
    ]
    return pl.DataFrame(rows, schema=BEST_CONFIG_SCHEMA)


def baseline_speeds(runs: pl.DataFrame) -> dict[str, float]:
    """The baseline's decoding speed in each measurement, tokens per second, by measurement_id: tokens summed over time
    summed, over the undisturbed rounds where there are enough. runs: rows of table speed_runs."""
    if runs.is_empty():
        return {}
    figures = round_figures(runs.filter(pl.col("config_id") == BASELINE.config_id)).filter(
        pl.col("prompt_kind") == ALL_KINDS
    )
    found: dict[str, float] = {}
    for (measurement_id,), rounds in figures.group_by("measurement_id"):
        clean = rounds.filter(~pl.col("contended"))
        used = clean if clean.height >= LEAST_ROUNDS else rounds
        tps = used.select(pl.col("decode_tokens").sum() / pl.col("decode_s").sum()).item()
        found[str(measurement_id)] = float(tps)
    return found


def measured_files(runs: pl.DataFrame) -> dict[str, str]:
    """Content hash of the model in each measurement, by measurement_id. runs: rows of table speed_runs."""
    return dict(runs.select("measurement_id", "model_sha256").unique("measurement_id").iter_rows())


def doubtful_recommendations(best: pl.DataFrame, speed: pl.DataFrame) -> list[dict[str, str]]:
    """Recommendations that rest on too few rounds or on disturbed ones: model, config and doubt, in words.

    best: rows of table best_config; speed: of config_speed.
    """
    key = ["fleet", "model", "config_id", "backend"]
    rounds = speed.filter(pl.col("prompt_kind") == ALL_KINDS).select(*key, "rounds", "contended_rounds", "used_rounds")
    doubts = []
    for row in best.join(rounds, on=key).sort("fleet", "model").iter_rows(named=True):
        disturbed = row["used_rounds"] - (row["rounds"] - row["contended_rounds"])
        found = []
        if row["used_rounds"] < LEAST_ROUNDS:
            found.append(f"{row['used_rounds']} rounds, fewer than {LEAST_ROUNDS}")
        if disturbed > 0:
            found.append(f"{disturbed} of the {row['used_rounds']} rounds were disturbed by other work")
        if found:
            doubts.append({"model": row["model"], "config": row["config"], "doubt": "; ".join(found)})
    return doubts


def quality_objection(row: Mapping[str, Any] | None, tolerance: float) -> str | None:
    """Why a config's answers are not shown to be as good as the baseline's within the tolerance; None where they are.

    row: of table config_quality, None where there is none.
    """
    points = f"{100 * tolerance:.3g} point" + ("" if tolerance == 0.01 else "s")
    if row is None or not row["questions"]:
        needed = pairs_to_show_no_loss(tolerance)
        return f"it was not asked what the baseline answered; about {needed} questions can show a loss below {points}"
    questions, difference = row["questions"], row["difference"]
    low, high = row["difference_low"], row["difference_high"]
    if low > -tolerance:
        return None
    interval = f"{-100 * difference:.3g} points fewer passed on {questions} questions"
    interval += f" (95 % interval {-100 * high:.3g} to {-100 * low:.3g})"
    if high < 0:
        return f"{interval}: answers are worse"
    differing = (row["only_passes"] + row["only_baseline_passes"]) / questions
    needed = pairs_to_show_no_loss(tolerance, differing)
    if needed > questions:
        return f"{questions} questions cannot show a loss below {points}; about {needed} are needed"
    return f"{interval}: a loss above {points} is not ruled out"


class _Facts:
    """What is known of configs besides their speed, looked up by key."""

    def __init__(
        self,
        agreement: pl.DataFrame,
        quality: pl.DataFrame,
        physics: pl.DataFrame,
        tolerance: float,
        model_files: Mapping[str, str],
    ) -> None:
        self.tolerance, self._model_files = tolerance, model_files
        self._agreement = agreement
        self._quality = {(row["fleet"], row["model"], row["config_id"]): row for row in quality.iter_rows(named=True)}
        self._flags: dict[tuple[str, ...], str] = {}
        # The flag over all kinds of prompt is told where there is one.
        flagged = physics.filter(pl.col("flag").is_in(IMPLAUSIBLE))
        for row in flagged.sort(pl.col("prompt_kind") == ALL_KINDS).iter_rows(named=True):
            reason = row["flag_reason"] or row["flag"].replace("_", " ")
            self._flags[(row["fleet"], row["model"], row["config_id"], row["backend"])] = reason

    def objection_to_speed(self, row: Mapping[str, Any], baseline: Mapping[str, Any]) -> str | None:
        """Why a speed-up is not to be relied on. baseline: the model's latest."""
        own, latest = (self._model_files.get(each["measurement_id"]) for each in (row, baseline))
        if own is not None and latest is not None and own != latest:
            return "measured with another file of the model than the baseline; the next sweep of it measures it again"
        flag = self._flags.get((row["fleet"], row["model"], row["config_id"], row["backend"]))
        if flag is not None:
            return f"implausible: {flag}"
        low, high = _finite(row["speedup_low"]), _finite(row["speedup_high"])
        if low is None or high is None:
            return f"{row['used_rounds']} rounds are not enough for an interval"
        if not row["enough_rounds"]:
            return f"{row['used_rounds']} rounds are not enough yet"
        if low <= 1:
            return "not shown to be faster than the baseline"
        return None

    def quality(self, row: Mapping[str, Any]) -> Quality:
        """Whether a config's answers are as good as the baseline's, and how that is known."""
        config = config_from_values(json.loads(row["config_values"]))
        if config == BASELINE:
            return Quality("baseline")
        if not config.is_speculative:
            return self._asked(row, config)
        objection = self._disagreement(row)
        if objection is None and (own := self._row(row, config)) is not None:
            # Speculation was asked questions of its own: no need, but what they show counts.
            high = own["difference_high"]
            objection = quality_objection(own, self.tolerance) if high is not None and high < 0 else None
        return Quality(None, objection) if objection else self._asked(row, config.without_speculation)

    def _asked(self, row: Mapping[str, Any], config: Config) -> Quality:
        """Of a config without speculation: known by its questions, where it computes other numbers."""
        if not changes_arithmetic(config):
            return Quality("inherited")
        own = self._row(row, config)
        objection = quality_objection(own, self.tolerance)
        if objection is not None or own is None:
            stands_for = "" if row["config_id"] == config.config_id else f"{config.name}: "
            return Quality(None, f"{stands_for}{objection}")
        return Quality("within_tolerance", difference=own["difference"], low=own["difference_low"])

    def _row(self, row: Mapping[str, Any], config: Config) -> dict[str, Any] | None:
        return self._quality.get((row["fleet"], row["model"], config.config_id))

    def _disagreement(self, row: Mapping[str, Any]) -> str | None:
        """What speculation is not shown to leave as it was."""
        key = ("fleet", "model", "config_id", "backend", "speed_key")
        rows = self._agreement.filter(*(pl.col(name) == row[name] for name in key))
        if rows.is_empty():
            return "whether its greedy answers are the baseline's was not measured"
        changed = rows.filter(pl.col("kind") == "real_change").height
        if changed:
            return f"it changes greedy answers on {changed} of {rows.height} prompts by more than a near tie"
        unexplained = rows.filter(~pl.col("kind").is_in(HARMLESS)).height
        if unexplained:
            return (
                f"answers differ on {unexplained} of {rows.height} prompts and the backend shows no logits to say why"
            )
        return None


def _best(of_model: pl.DataFrame, facts: _Facts, baseline_tps: Mapping[str, float]) -> dict[str, Any] | None:
    """The row of a model; None without a measured baseline."""
    backend = _backend(of_model)
    if backend is None:
        return None
    measured = of_model.filter(pl.col("backend") == backend)
    baseline = measured.row(by_predicate=pl.col("config_id") == BASELINE.config_id, named=True)
    excluded: list[Excluded] = []
    chosen, known = baseline, Quality("baseline")
    for row in _faster_first(measured):
        found = Quality(None, facts.objection_to_speed(row, baseline) or "")
        found = found if found.objection else facts.quality(row)
        if found.kind is not None:
            chosen, known = row, found
            break
        excluded.append(_excluded(row, found.objection))
    is_baseline = chosen is baseline
    same_rounds = chosen["measurement_id"] == baseline["measurement_id"]
    own_baseline_tps = baseline["generation_tps"] if same_rounds else baseline_tps.get(chosen["measurement_id"])
    return {
        **{name: chosen[name] for name in ("fleet", "model", "config_id", "backend", "config", "technique")},
        "config_values": chosen["config_values"],
        **{name: 1.0 if is_baseline else chosen[name] for name in ("speedup", "speedup_low", "speedup_high")},
        "generation_tps": chosen["generation_tps"],
        "baseline_generation_tps": own_baseline_tps,
        "quality": known.kind,
        "quality_difference": known.difference,
        "quality_low": known.low,
        "tolerance": facts.tolerance,
        "considered": measured.height,
        "excluded": canonical_json([asdict(each) for each in excluded]),
    }


def _excluded(row: Mapping[str, Any], reason: str) -> Excluded:
    return Excluded(
        config_id=row["config_id"],
        config=row["config"],
        technique=row["technique"],
        speedup=row["speedup"],
        speedup_low=_finite(row["speedup_low"]),
        speedup_high=_finite(row["speedup_high"]),
        reason=reason,
    )


def _finite(value: float | None) -> float | None:
    """The end of an interval; None where too few rounds leave it open."""
    return value if value is not None and math.isfinite(value) else None


def _backend(of_model: pl.DataFrame) -> str | None:
    """Of the backends with a measured baseline the one with most configs measured to the end, then the latest."""
    with_baseline = of_model.filter(pl.col("config_id") == BASELINE.config_id, pl.col("generation_tps").is_not_null())[
        "backend"
    ]
    ranked = (
        of_model.filter(pl.col("backend").is_in(with_baseline.implode()))
        .group_by("backend")
        .agg(enough=pl.col("enough_rounds").sum(), latest=pl.col("measured_at").max())
        .sort("enough", "latest", "backend", descending=[True, True, False])
    )
    return None if ranked.is_empty() else ranked["backend"][0]


def _faster_first(measured: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """What looks faster than the baseline, the fastest first."""
    faster = measured.filter(pl.col("config_id") != BASELINE.config_id, pl.col("speedup") > 1)
    yield from faster.sort("speedup", "config_id", descending=[True, False]).iter_rows(named=True)
