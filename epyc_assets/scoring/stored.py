"""Scoring stored generations: the one module of this package that knows Polars.

Belongs here: applying the scorers to a frame of generations, and saying which generations still need it. Does
not belong here: any judging, or reading and writing the warehouse.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from epyc_assets.scoring.catalogue import SCORERS, scorer_named
from epyc_assets.scoring.verdicts import (
    Config,
    InvalidScorerConfig,
    Score,
    UnknownScorer,
    UnknownVerifier,
    not_scored,
)

SCORE_SCHEMA: dict[str, Any] = {
    "generation_id": pl.String,
    "scorer": pl.String,
    "scorer_version": pl.Int64,
    "status": pl.String,
    "value": pl.Float64,
    "passed": pl.Boolean,
    "extracted": pl.String,
    "explanation": pl.String,
    "strict_value": pl.Float64,
    "strict_passed": pl.Boolean,
    "strict_extracted": pl.String,
}
UNKNOWN_VERSION = 0
"""The scorer_version of a row whose scorer does not exist here."""

_LONGEST_EXTRACT_CHARACTERS = 2000


def score_generations(generations: pl.DataFrame) -> pl.DataFrame:
    """Score every generation; one row out for each row in, in the same order.

    Args:
        generations: columns generation_id, text, expected, scorer, scorer_config (JSON text or null),
        max_tokens,
            finish_reason. The last two only add to the explanation: an answer cut at its token limit is
            scored as it stands, and says that it was cut.

    Returns:
        Columns as in `SCORE_SCHEMA`. `status` is "scored", or "not_scored" with the reason in `explanation`:
        no text, code without a sandbox, an unknown scorer or verifier, a config that cannot be used. Bad
        questions never stop the batch.
    """
    configs: dict[str | None, Config | str] = {}
    rows: list[tuple[Any, ...]] = []
    columns = ["generation_id", "text", "expected", "scorer", "scorer_config", "max_tokens", "finish_reason"]
    for generation_id, text, expected, method, config_text, max_tokens, finish in generations.select(
        columns
    ).iter_rows():
        if config_text not in configs:
            configs[config_text] = _parsed(config_text)
        result = _score_one(method, text, expected, configs[config_text])
        explanation = result.explanation
        if finish == "length" and not result.passed:
            limit = f" of {max_tokens}" if max_tokens is not None else ""
            explanation += f" (the answer was cut at its token limit{limit})"
        version = SCORERS[method].version if method in SCORERS else UNKNOWN_VERSION
        rows.append(
            (
                generation_id,
                method,
                version,
                "not_scored" if result.passed is None else "scored",
                result.value,
                result.passed,
                _shortened(result.extracted),
                explanation,
                result.strict_value,
                result.strict_passed,
                _shortened(result.strict_extracted),
            )
        )
    return pl.DataFrame(rows, schema=SCORE_SCHEMA, orient="row")


def _parsed(config_text: str | None) -> Config | str:
    """The config, or what is wrong with it."""
    if config_text is None or not config_text.strip():
        return {}
    try:
        config = json.loads(config_text)
    except (ValueError, RecursionError) as error:
        return f"the scorer_config is not JSON ({error})"
    if config is None:
        return {}
    return config if isinstance(config, dict) else "the scorer_config is not a JSON object"


def _score_one(method: str | None, text: str | None, expected: str | None, config: Config | str) -> Score:
    if method is None:
        return not_scored("the question names no scorer")
    if text is None:
        return not_scored("no answer was recorded")
    if isinstance(config, str):
        return not_scored(config)
    try:
        return scorer_named(method).function(text, expected or "", config)
    except (UnknownScorer, UnknownVerifier, InvalidScorerConfig) as error:
        return not_scored(str(error))


def _shortened(extracted: str | None) -> str | None:
    """Extracts are for people; the whole answer is in the generations."""
    if extracted is None or len(extracted) <= _LONGEST_EXTRACT_CHARACTERS:
        return extracted
    return extracted[:_LONGEST_EXTRACT_CHARACTERS] + "…"


def missing_scores(generations: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """The generations that need scoring: without a score, or with one by another version of their scorer.

    Args:
        generations: at least columns generation_id, scorer.
        scores: columns generation_id, scorer, scorer_version; several versions of one score may stand side by
        side.

    Returns:
        The rows of `generations` concerned, all their columns, in order.
    """
    current = pl.DataFrame(
        {"scorer": list(SCORERS), "current_version": [scorer.version for scorer in SCORERS.values()]},
        schema={"scorer": pl.String, "current_version": pl.Int64},
    )
    done = (
        scores.select("generation_id", "scorer", pl.col("scorer_version").cast(pl.Int64))
        .join(current, on="scorer", how="left")
        .filter(pl.col("scorer_version") == pl.col("current_version").fill_null(UNKNOWN_VERSION))
        .select("generation_id", "scorer")
        .unique()
    )
    return generations.join(done, on=["generation_id", "scorer"], how="anti", maintain_order="left", nulls_equal=True)
