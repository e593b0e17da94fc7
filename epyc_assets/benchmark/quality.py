"""Quality of configs that may change answers: their verdicts beside the baseline's on the same questions.

Here: rows of table config_quality. Not here: asking the questions (sweep), scoring (epyc_assets.scoring), what follows
for the choice of a config (recommendation).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from epyc_assets.inference.config import BASELINE
from epyc_assets.statistics import exact_mcnemar
from epyc_assets.statistics.proportions import paired_proportion_interval

CONFIG_QUALITY_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("fleet", "model", "config_id", "config", "technique"), pl.String),
    **dict.fromkeys(("questions", "passes", "baseline_passes", "only_passes", "only_baseline_passes"), pl.Int32),
    **dict.fromkeys(("difference", "difference_low", "difference_high", "p_value"), pl.Float64),
}


def config_quality(answers: pl.DataFrame) -> pl.DataFrame:
    """Rows of table config_quality: one per model and config other than the baseline that was asked questions.

    answers: fleet, model, config_id, config, technique, question_id and passed, as table answers has them; passed is
    null where there is no verdict. Questions with a verdict under only one of the two are left out. A config with no
    question in common with the baseline has a row with 0 questions and no difference.
    """
    if answers.is_empty():
        return pl.DataFrame(schema=CONFIG_QUALITY_SCHEMA)
    baseline = answers.filter(pl.col("config_id") == BASELINE.config_id, pl.col("passed").is_not_null())
    others = answers.filter(pl.col("config_id") != BASELINE.config_id)
    return pl.DataFrame(list(_rows(others, baseline)), schema=CONFIG_QUALITY_SCHEMA)


def paired_verdicts(own: pl.DataFrame, other: pl.DataFrame) -> dict[str, Any]:
    """How the verdicts of one side compare with another's on the questions that both have one on.

    own, other: question_id (each once) and passed. Gives questions, passes, baseline_passes, only_passes and
    only_baseline_passes (passed by one side alone), difference with its 95 % interval
    (statistics.proportions) and p_value (exact McNemar); without a common question no difference.
    """
    pairs = own.join(other, on="question_id", suffix="_other").drop_nulls(["passed", "passed_other"])
    first, second = pairs["passed"], pairs["passed_other"]
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    counts = {
        "questions": pairs.height,
        "passes": int(first.sum()),
        "baseline_passes": int(second.sum()),
        "only_passes": only_first,
        "only_baseline_passes": only_second,
    }
    if pairs.is_empty():
        return counts
    interval = paired_proportion_interval(only_first, only_second, pairs.height)
    return {
        **counts,
        "difference": interval.estimate,
        "difference_low": interval.low,
        "difference_high": interval.high,
        "p_value": exact_mcnemar(only_first, only_second),
    }


def _rows(others: pl.DataFrame, baseline: pl.DataFrame) -> Iterator[dict[str, Any]]:
    columns = ["fleet", "model", "config_id"]
    for (fleet, model, config_id), own in others.group_by(columns, maintain_order=True):
        of_model = baseline.filter(pl.col("fleet") == fleet, pl.col("model") == model)
        compared = paired_verdicts(own.select("question_id", "passed"), of_model.select("question_id", "passed"))
        yield {
            "fleet": fleet,
            "model": model,
            "config_id": config_id,
            "config": own["config"][0],
            "technique": own["technique"][0],
            **compared,
        }
