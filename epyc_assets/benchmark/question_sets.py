"""A fleet's questions: drawn from the suites as its registry entry says, and as rows of the warehouse.

Not here: making questions (suites) and asking them (sweep).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from epyc_assets.benchmark.drawn_questions import Draw, draws_of, each_once
from epyc_assets.benchmark.public_draws import SeenQuestion
from epyc_assets.registry.entries import Fleet
from epyc_assets.suites.public import Reject
from epyc_assets.suites.question import Question

QUESTION_SCHEMA: dict[str, type[pl.DataType]] = {
    "question_id": pl.String,
    "suite": pl.String,
    "tier": pl.Int32,
    "prompt": pl.String,
    "expected": pl.String,
    "scorer": pl.String,
    "scorer_config": pl.String,
    "max_tokens": pl.Int32,
    "source": pl.String,
    "source_version": pl.String,
    "seed": pl.Int64,
    "split": pl.String,
}


SEEN_SCHEMA: dict[str, type[pl.DataType]] = {
    "suite": pl.String,
    "seed": pl.Int64,
    "question_id": pl.String,
    "question_key": pl.String,
    "source": pl.String,
}

PUBLIC_SCHEMA: dict[str, type[pl.DataType]] = {
    "suite": pl.String,
    "seed": pl.Int64,
    "drawn": pl.Int64,
    "in_local_copy": pl.Int64,
    "rejects": pl.Int64,
    "left_out": pl.Int64,
    "duplicates": pl.Int64,
    "split": pl.String,
    "version": pl.String,
}


@dataclass(frozen=True, slots=True)
class DrawnQuestions:
    """questions: rows of table questions, each once. sets: rows of table question_sets without the fleet. seen: what
    table questions_seen must hold of them. public: one row per set drawn from a local copy. rejects: what in these
    copies cannot be used; sources_read: the files that were read for it."""

    questions: pl.DataFrame
    sets: pl.DataFrame
    seen: pl.DataFrame
    public: pl.DataFrame
    rejects: Sequence[Reject]
    sources_read: Sequence[str]


def draw_questions(fleet: Fleet, seen: Sequence[SeenQuestion] = (), *, datasets: Path | None = None) -> DrawnQuestions:
    """The test questions a fleet's models are asked, as its question_sets say.

    seen, datasets, errors: as for `drawn_questions.draws_of`.
    """
    draws = draws_of(fleet, seen, datasets=datasets)
    questions = each_once(draws)
    order: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        order[question.suite].append(question.question_id)
    places = [
        (suite, question_id, position) for suite, ids in order.items() for position, question_id in enumerate(ids)
    ]
    sets = pl.DataFrame(
        places, schema={"suite": pl.String, "question_id": pl.String, "position": pl.Int32}, orient="row"
    )
    rejects = {each: None for draw in draws if draw.public for each in draw.public.rejects}
    sources = {source: None for draw in draws if draw.public for source in draw.public.copy.sources}
    return DrawnQuestions(question_frame(questions), sets, _seen(draws), _public(draws), list(rejects), list(sources))


def newly_seen(seen: pl.DataFrame, present: pl.DataFrame) -> pl.DataFrame:
    """Rows to add to table questions_seen: those of a draw that are not there yet, with positions after those that are.

    seen: as DrawnQuestions.seen. present: the fleet's rows of the table, with suite, seed, question_id and position.
    """
    keys = ["suite", "seed", "question_id"]
    held = present.group_by("suite", "seed").agg(pl.col("position").max().alias("last").cast(pl.Int64))
    return (
        seen.unique(keys, keep="first", maintain_order=True)
        .join(present.select(keys), on=keys, how="anti", maintain_order="left")
        .join(held, on=["suite", "seed"], how="left", maintain_order="left")
        .with_columns(
            (pl.col("last").fill_null(-1) + 1 + pl.int_range(pl.len()).over("suite", "seed")).alias("position")
        )
        .drop("last")
    )


def _seen(draws: Iterable[Draw]) -> pl.DataFrame:
    rows = [
        (question.suite, draw.entry.seed, question.question_id, key, question.source)
        for draw in draws
        for question, key in zip(draw.questions, draw.keys, strict=True)
    ]
    return pl.DataFrame(rows, schema=dict(SEEN_SCHEMA), orient="row")


def _public(draws: Iterable[Draw]) -> pl.DataFrame:
    rows = [
        (
            draw.entry.suite,
            draw.entry.seed,
            len(draw.questions),
            len(draw.public.copy.candidates),
            len(draw.public.rejects),
            sum(draw.public.left_out.values()),
            draw.public.copy.duplicates,
            draw.public.copy.split,
            draw.public.copy.version,
        )
        for draw in draws
        if draw.public
    ]
    return pl.DataFrame(rows, schema=dict(PUBLIC_SCHEMA), orient="row")


def question_frame(questions: Iterable[Question]) -> pl.DataFrame:
    """Rows of table questions."""
    rows = [
        {**asdict(question), "scorer_config": json.dumps(question.scorer_config, sort_keys=True)}
        for question in questions
    ]
    return pl.DataFrame(rows, schema=dict(QUESTION_SCHEMA))


def questions_of(frame: pl.DataFrame) -> list[Question]:
    """Questions back from rows of table questions."""
    return [
        Question(**{**row, "scorer_config": json.loads(row["scorer_config"])})
        for row in frame.select(list(QUESTION_SCHEMA)).iter_rows(named=True)
    ]
