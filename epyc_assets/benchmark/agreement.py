"""Token agreement: whether a config that claims to change nothing gives the same greedy tokens, and if not, why.

Here: rows of table token_agreement out of speed runs and the comparisons of logits. Not here: making the comparisons
(rounds, the worker).

llama.cpp computes a batch of tokens in another order than single ones, so logits move in their last digits, and where
two tokens are nearly as likely the choice can tip. That is a near tie, and neither answer is worse. Where the target
prefers its own token by more than batching can explain, the technique changes answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from epyc_assets.inference.config import config_from_values

NOISE_FACTOR = 2.0
"""Two logits move, each by up to batch_noise, towards each other."""

LEAST_MARGIN = 0.01
"""Margins below this are ties whatever noise was seen: the noise of one place is a sample, not a bound."""

MOST_MARGIN = 1.0
"""Margins above this (one token e times as likely as the other) are no ties, whatever noise was seen: so much noise is
itself a fault."""

AGREEMENT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(
        ("fleet", "model", "config_id", "backend", "prompt_id", "speed_key", "reference_config_id", "kind"), pl.String
    ),
    **dict.fromkeys(
        ("compared_tokens", "agreed_tokens", "reference_token", "config_token", "runs", "differing_runs"), pl.Int32
    ),
    "margin": pl.Float64,
    "batch_noise": pl.Float64,
}


def difference_kind(margin: float | None, batch_noise: float | None) -> str:
    """near_tie or real_change, by the reference's margin at the first difference; unclassified without logits."""
    if margin is None or batch_noise is None:
        return "unclassified"
    explained = min(MOST_MARGIN, max(LEAST_MARGIN, NOISE_FACTOR * batch_noise))
    return "near_tie" if abs(margin) <= explained else "real_change"


def token_agreement(runs: pl.DataFrame, comparisons: pl.DataFrame) -> pl.DataFrame:
    """Rows of table token_agreement: one per speculative config and prompt of each config's latest measurement
    in which its reference answered too.

    runs: rows of table speed_runs; comparisons: as load_speed_journal gives them.
    """
    answers = runs.filter(
        pl.col("purpose") == "rounds",
        pl.col("status") == "ok",
        pl.col("temperature") == 0,
        pl.col("token_ids").is_not_null(),
    )
    looked_into = {
        (row["measurement_id"], row["config_id"], row["prompt_id"]): row for row in comparisons.iter_rows(named=True)
    }
    tokens = {
        (row["measurement_id"], row["config_id"], row["prompt_id"], row["round"]): row["token_ids"]
        for row in answers.iter_rows(named=True)
    }
    measured = (
        answers.group_by("fleet", "model", "config_id", "backend", "measurement_id")
        .agg(pl.col("config_values", "speed_key").first(), at=pl.col("started_at").max())
        .sort("fleet", "model", "config_id", "backend", "at")
    )
    rows: list[dict[str, Any]] = []
    for _, of_config in measured.group_by("fleet", "model", "config_id", "backend", maintain_order=True):
        latest = of_config.to_dicts()[-1]
        typed = config_from_values(json.loads(latest["config_values"]))
        if not typed.is_speculative:
            continue
        reference_id = typed.without_speculation.config_id
        same = of_config.filter(pl.col("speed_key") == latest["speed_key"]).to_dicts()[::-1]
        compared = ((each, list(_pairs(answers, tokens, each, reference_id))) for each in same)
        config, pairs_of_prompts = next((found for found in compared if found[1]), (latest, []))
        for prompt_id, pairs in pairs_of_prompts:
            found = looked_into.get((config["measurement_id"], config["config_id"], prompt_id))
            rows.append(
                {
                    **{name: config[name] for name in ("fleet", "model", "config_id", "backend", "speed_key")},
                    "prompt_id": prompt_id,
                    "reference_config_id": reference_id,
                    **_agreement(pairs, found),
                }
            )
    return pl.DataFrame(rows, schema=dict(AGREEMENT_SCHEMA))


def _pairs(
    answers: pl.DataFrame, tokens: dict[tuple[str, str, str, int], list[int]], config: dict[str, Any], reference: str
) -> Iterator[tuple[str, list[tuple[list[int], list[int]]]]]:
    """Per prompt the answers of reference and config in the same rounds."""
    measurement = config["measurement_id"]
    own = answers.filter(pl.col("measurement_id") == measurement, pl.col("config_id") == config["config_id"])
    for prompt_id in sorted(own["prompt_id"].unique()):
        pairs = [
            (theirs, tokens[(measurement, config["config_id"], prompt_id, number)])
            for number in sorted(own.filter(pl.col("prompt_id") == prompt_id)["round"])
            if (theirs := tokens.get((measurement, reference, prompt_id, number))) is not None
        ]
        if pairs:
            yield prompt_id, pairs


def _agreement(pairs: list[tuple[list[int], list[int]]], found: dict[str, Any] | None) -> dict[str, Any]:
    """What is said of one config and prompt."""
    places = [_first_difference(*pair) for pair in pairs]
    differing = [index for index, place in enumerate(places) if place is not None]
    if not differing:
        compared = min(map(len, pairs[0]))
        return {
            "compared_tokens": compared,
            "agreed_tokens": compared,
            "kind": "identical",
            "runs": len(pairs),
            "differing_runs": 0,
        }
    first = differing[0]
    place = places[first] or 0
    known = found is not None and found["place"] == place
    margin, noise = (found["margin"], found["batch_noise"]) if found and known else (None, None)
    return {
        "compared_tokens": min(map(len, pairs[first])),
        "agreed_tokens": place,
        "kind": difference_kind(margin, noise),
        "reference_token": pairs[first][0][place],
        "config_token": pairs[first][1][place],
        "margin": margin,
        "batch_noise": noise,
        "runs": len(pairs),
        "differing_runs": len(differing),
    }


def _first_difference(reference: list[int], own: list[int]) -> int | None:
    return next((place for place, pair in enumerate(zip(reference, own, strict=False)) if pair[0] != pair[1]), None)
