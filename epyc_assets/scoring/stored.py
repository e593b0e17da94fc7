"""Scoring stored generations: the one module of this package that knows Polars.

Belongs here: applying the scorers to a frame of generations, and saying which generations still need it. Does
not belong here: any judging (`judging.py`), processes (`judging_pool.py`), or reading and writing the warehouse.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import polars as pl

from epyc_assets.scoring.catalogue import SCORERS
from epyc_assets.scoring.code_execution import CODE_EXECUTION
from epyc_assets.scoring.judging import NOT_SCORED, UNKNOWN_VERSION, Answer, judge, version_of
from epyc_assets.scoring.judging_pool import JudgingPool

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
SANDBOX = "sandbox"
"""What a program waits for that could not be run at all; else the missing compiler, as `no g++ here` names it."""

_VERDICT_SCHEMA = {name: kind for name, kind in SCORE_SCHEMA.items() if name not in ("generation_id", "scorer_version")}


def score_generations(
    generations: pl.DataFrame,
    pool: JudgingPool | None = None,
    on_judged: Callable[[int], None] = lambda _: None,
) -> pl.DataFrame:
    """Score every generation; one row out for each row in, in the same order.

    Args:
        generations: columns generation_id, text, expected, scorer, scorer_config (JSON text or null), max_tokens,
            finish_reason. The last two only add to the explanation: an answer cut at its token limit is scored as it
            stands, and says that it was cut.
        pool: judges; None: one that ends with the call, with a process per CPU for large frames.
        on_judged: told, while it goes on, how many more have their verdict.

    Returns:
        Columns as in `SCORE_SCHEMA`. `status` is "scored"; "invalid_label" for a reference that no answer could match;
        or "not_scored" with the reason in `explanation`: no text, code without a sandbox, an unknown scorer or
        verifier, a config that cannot be used, a process that died. Bad questions never stop the batch.
    """
    if pool is None:
        with JudgingPool() as own:
            return score_generations(generations, own, on_judged)
    answers = [Answer(*row) for row in generations.select("scorer", "text", "expected", "scorer_config").iter_rows()]
    verdicts = pl.DataFrame(
        [(answer.scorer, *verdict) for answer, verdict in zip(answers, pool.judge(answers, on_judged), strict=True)],
        schema=_VERDICT_SCHEMA,
        orient="row",
    )
    versions = pl.DataFrame(
        {"scorer": list(SCORERS), "scorer_version": [version_of(name) for name in SCORERS]},
        schema={"scorer": pl.String, "scorer_version": pl.Int64},
    )
    limit = pl.format(" of {}", pl.col("max_tokens")).fill_null("")
    cut = pl.format(" (the answer was cut at its token limit{})", limit)
    return (
        pl.concat([generations.select("generation_id", "max_tokens", "finish_reason"), verdicts], how="horizontal")
        .join(versions, on="scorer", how="left", maintain_order="left")
        .with_columns(
            pl.col("scorer_version").fill_null(UNKNOWN_VERSION),
            pl.when((pl.col("finish_reason") == "length") & pl.col("passed").ne_missing(True))
            .then(pl.concat_str("explanation", cut))
            .otherwise("explanation")
            .alias("explanation"),
        )
        .select(pl.col(name).cast(kind) for name, kind in SCORE_SCHEMA.items())
    )


def missing_scores(
    generations: pl.DataFrame, scores: pl.DataFrame, *, is_there: Callable[[str], bool] | None = None
) -> pl.DataFrame:
    """The generations that need scoring: without a score, or with one by another version of their scorer.

    Args:
        generations: at least columns generation_id, scorer.
        scores: columns generation_id, scorer, scorer_version; several versions of one score may stand side by side.
            With a column waits_for (what was missing to run a program, else NULL), scores count as missing once that
            is there.
        is_there: says whether it is; asked once for each thing waited for. None: by trying.

    Returns:
        The rows of `generations` concerned, all their columns, in order.
    """
    current = pl.DataFrame(
        {"scorer": list(SCORERS), "current_version": [scorer.version for scorer in SCORERS.values()]},
        schema={"scorer": pl.String, "current_version": pl.Int64},
    )
    waits_for = pl.col("waits_for") if "waits_for" in scores.columns else pl.lit(None, dtype=pl.String)
    done = (
        scores.select("generation_id", "scorer", pl.col("scorer_version").cast(pl.Int64), waits_for.alias("waits_for"))
        .join(current, on="scorer", how="left")
        .filter(pl.col("scorer_version") == pl.col("current_version").fill_null(UNKNOWN_VERSION))
    )
    awaited = done["waits_for"].drop_nulls().unique().to_list()
    arrived = [thing for thing in awaited if (is_there or can_run_code_with)(thing)]
    return generations.join(
        done.filter(~pl.col("waits_for").is_in(arrived).fill_null(value=False))
        .select("generation_id", "scorer")
        .unique(),
        on=["generation_id", "scorer"],
        how="anti",
        maintain_order="left",
        nulls_equal=True,
    )


def can_run_code_with(thing: str) -> bool:
    """Whether programs that waited for a sandbox, or for a compiler, would get a verdict here now.

    Found out by scoring a harmless program, which needs no more than the sandbox.
    """
    if thing != SANDBOX and shutil.which(thing.split()[0]) is None:
        return False
    answer = Answer(CODE_EXECUTION.name, "```python\nx = 1\n```", "", '{"test_code": "assert x == 1"}')
    return judge([answer])[0].status != NOT_SCORED
