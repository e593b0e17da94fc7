"""The label audit's check of the order of questions: references that slipped against their questions by a row.

Belongs here: what answers show together with the order that questions have. Does not belong here: answers by
themselves (`label_answers.py`), questions by themselves (`label_questions.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from epyc_assets.scoring.judging import Answer, judge
from epyc_assets.scoring.label_findings import ERROR, WARNING, Finding

LEAST_HIT = 10
"""Questions whose failing answers must at least be right for a neighbour."""
LEAST_SHARE = 0.5
"""Of the failing answers, at least so many must be."""
TIMES_CHANCE = 2.0
"""And so many times more than are right for questions further away."""
FURTHER = (-4, -3, 3, 4)
FAILURES_LOOKED_AT = 200


def check_order(questions: pl.DataFrame, answers: pl.DataFrame, scorer: str) -> Iterator[Finding]:
    """Failing answers that would pass with the reference of the question before, or after: the references slipped.

    questions: QUESTION_SCHEMA, of one scorer, in the order of their source. answers: ANSWER_SCHEMA joined with them.
    What failing answers would pass at random (letters, yes and no) is known from the references of questions further
    away. An error where two models or more show it; one may have slipped itself.
    """
    placed = questions.select("question_id", "expected", "scorer_config").with_row_index("place")
    failing = answers.filter(~pl.col("passed") & (pl.col("text").str.strip_chars().str.len_chars() > 0))
    failing = failing.join(placed.select("question_id", "place"), on="question_id", maintain_order="left")
    failing = failing.sort("place", "answer_id").gather_every(max(1, failing.height // FAILURES_LOOKED_AT))
    if failing["question_id"].n_unique() < LEAST_HIT:
        return
    chance = max(_right_for(failing, placed, scorer, offset)[1] for offset in FURTHER)
    for offset, where in ((-1, "before"), (1, "after")):
        hits, share = _right_for(failing, placed, scorer, offset)
        if hits["question_id"].n_unique() < LEAST_HIT or share < max(LEAST_SHARE, TIMES_CHANCE * chance):
            continue
        first, last = hits["place"].min(), hits["place"].max()
        concerned = placed.filter(pl.col("place").is_between(first, last))
        actors = sorted(hits["actor"].unique())
        slipped = "the references" if len(actors) > 1 else f"the references, or the answers of {actors[0]},"
        own = answers.filter(pl.col("question_id").is_in(concerned["question_id"].to_list()))
        yield Finding(
            "labels_shifted",
            ERROR if len(actors) > 1 else WARNING,
            f"{hits.height} of {failing.height} failing answers looked at ({share:.0%}) are right for the question "
            f"{where}, at most {chance:.0%} for one further away: {slipped} slipped by a row against their "
            f"questions, from {concerned['question_id'][0]} to {concerned['question_id'][-1]}",
            hits["prompt"][0],
            tuple(concerned["question_id"]),
            tuple(own["answer_id"]),
            scorer=scorer,
            detail=where,
        )


def _right_for(failing: pl.DataFrame, placed: pl.DataFrame, scorer: str, offset: int) -> tuple[pl.DataFrame, float]:
    """The failing answers that the reference `offset` places further on lets pass, and their share of those that have
    such a neighbour with another reference."""
    neighbours = placed.select(
        pl.col("place").cast(pl.Int64) - offset, wanted="expected", wanted_config="scorer_config"
    )
    there = failing.with_columns(pl.col("place").cast(pl.Int64)).join(neighbours, on="place", maintain_order="left")
    there = there.filter(pl.col("wanted") != pl.col("expected"))
    asked = [Answer(scorer, *row) for row in there.select("text", "wanted", "wanted_config").iter_rows()]
    hits = there.filter(pl.Series([verdict.passed is True for verdict in judge(asked)], dtype=pl.Boolean))
    return hits, hits.height / max(1, failing.height)
