"""A fleet's questions: drawn from the suites as its registry entry says, and as rows of the warehouse.

Not here: making questions (suites) and asking them (sweep).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import polars as pl

from epyc_assets.benchmark.drawn_questions import drawn_questions
from epyc_assets.registry.entries import Fleet
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


@dataclass(frozen=True, slots=True)
class DrawnQuestions:
    """questions: rows of table questions, each once. sets: rows of table question_sets without the fleet."""

    questions: pl.DataFrame
    sets: pl.DataFrame


def draw_questions(fleet: Fleet) -> DrawnQuestions:
    """The test questions a fleet's models are asked, as its question_sets say.

    Raises the suites' ValueErrors for a suite that has no generator or too few questions.
    """
    questions = drawn_questions(fleet)
    order: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        order[question.suite].append(question.question_id)
    places = [
        (suite, question_id, position) for suite, ids in order.items() for position, question_id in enumerate(ids)
    ]
    sets = pl.DataFrame(
        places, schema={"suite": pl.String, "question_id": pl.String, "position": pl.Int32}, orient="row"
    )
    return DrawnQuestions(question_frame(questions), sets)


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
