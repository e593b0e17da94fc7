"""Acceptance over temperature: rows of table temperature_sweep out of the answers.

Here: what follows from speed_runs of purpose `temperature`. Not here: giving the answers
(benchmark.temperature_rounds).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from epyc_assets.statistics.clustered import clustered_rate_interval

DEFAULT_TEMPERATURES = (0.0, 0.3, 0.6, 0.8, 1.0, 1.3)
DEFAULT_SEEDS = (1, 2, 3)
ALL_KINDS = "all"
BASELINE = "baseline"
"""Technique of the config that the others' speed is held against."""

TEMPERATURE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("fleet", "model", "backend", "config_id", "prompt_kind"), pl.String),
    "temperature": pl.Float64,
    **dict.fromkeys(("config", "technique", "config_values", "measurement_id"), pl.String),
    **dict.fromkeys(("prompts", "seeds", "answers", "failed_answers", "contended_answers"), pl.Int32),
    **dict.fromkeys(("drafted_tokens", "accepted_tokens"), pl.Int64),
    **dict.fromkeys(
        (
            *("acceptance_rate", "acceptance_low", "acceptance_high", "tokens_per_evaluation", "generation_tps"),
            "speed_ratio",
        ),
        pl.Float64,
    ),
    "measured_at": pl.Datetime("us"),
}
"""Columns of table temperature_sweep but for those of the writer."""

_PLACE = ("prompt_kind", "temperature")


def temperature_rows(runs: pl.DataFrame) -> pl.DataFrame:
    """Rows of table temperature_sweep: per config, kind of prompt (`all`: all together) and temperature.

    runs: rows of table speed_runs with purpose `temperature`; of several measurements of a model on a backend the one
    begun last counts. acceptance_rate is accepted over drafted tokens, both summed; its 95 % interval counts
    prompts (clustered_rate_interval). generation_tps is tokens over time, both summed. speed_ratio is that over the
    baseline's at the same temperature and kind of prompt: sampled answers differ from config to config, so it is no
    paired speed-up and has no interval.
    """
    sampled = runs.filter(pl.col("purpose") == "temperature")
    if sampled.is_empty():
        return pl.DataFrame(schema=dict(TEMPERATURE_SCHEMA))
    begun = sampled.group_by("fleet", "model", "backend", "measurement_id").agg(pl.col("started_at").min())
    latest = begun.sort("started_at").group_by("fleet", "model", "backend", maintain_order=True).last()
    chosen = sampled.filter(pl.col("measurement_id").is_in(latest["measurement_id"].implode()))
    both = pl.concat([chosen, chosen.with_columns(prompt_kind=pl.lit(ALL_KINDS))])
    key = ["fleet", "model", "backend", "config_id", *_PLACE]
    rows = [_row(group) for _, group in both.group_by(key, maintain_order=True)]
    baseline = {
        tuple(row[name] for name in ("fleet", "model", "backend", *_PLACE)): row["generation_tps"]
        for row in rows
        if row["technique"] == BASELINE
    }
    for row in rows:
        below = baseline.get(tuple(row[name] for name in ("fleet", "model", "backend", *_PLACE)))
        comparable = below and row["generation_tps"] and row["technique"] != BASELINE
        row["speed_ratio"] = row["generation_tps"] / below if comparable else None
    return pl.DataFrame(rows, schema=dict(TEMPERATURE_SCHEMA)).sort(
        "fleet", "model", "backend", "technique", "config", *_PLACE
    )


def _row(group: pl.DataFrame) -> dict[str, Any]:
    first = group.row(0, named=True)
    answers = group.filter(pl.col("status") == "ok")
    timed = answers.filter(pl.col("generation_tps") > 0)
    tokens = float((timed["generated_tokens"] - 1).sum())
    seconds = float(((timed["generated_tokens"] - 1) / timed["generation_tps"]).sum())
    names = ("fleet", "model", "backend", "config_id", *_PLACE, "config", "technique", "config_values")
    return {
        **{name: first[name] for name in (*names, "measurement_id")},
        "prompts": answers["prompt_id"].n_unique(),
        "seeds": answers["seed"].n_unique(),
        "answers": answers.height,
        "failed_answers": group.height - answers.height,
        "contended_answers": int(answers["contended"].fill_null(value=False).sum()),
        "generation_tps": tokens / seconds if seconds else None,
        **_acceptance(answers.filter(pl.col("drafted_tokens").is_not_null())),
        "measured_at": group["started_at"].max(),
    }


def _acceptance(answers: pl.DataFrame) -> dict[str, Any]:
    """What was drafted and accepted; nulls where nothing was to be."""
    if answers.is_empty():
        return {}
    drafted, accepted = int(answers["drafted_tokens"].sum()), int(answers["accepted_tokens"].sum())
    evaluations = answers["target_evaluations"].sum()
    found: dict[str, Any] = {
        "drafted_tokens": drafted,
        "accepted_tokens": accepted,
        "tokens_per_evaluation": 1 + accepted / evaluations if evaluations else None,
    }
    if drafted:
        interval = clustered_rate_interval(
            answers["accepted_tokens"].to_list(), answers["drafted_tokens"].to_list(), answers["prompt_id"].to_list()
        )
        found |= {
            "acceptance_rate": interval.estimate,
            "acceptance_low": interval.low,
            "acceptance_high": interval.high,
        }
    return found
