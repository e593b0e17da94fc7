"""The label audit's check of the order of questions: references that slipped against their questions by a row.

Belongs here: what answers show together with the order that questions have. Does not belong here: answers by
themselves (`label_answers.py`), questions by themselves (`label_questions.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from epyc_assets.scoring.judging import Answer, judge
from epyc_assets.scoring.label_findings import ERROR, WARNING, Finding
from epyc_assets.scoring.label_questions import said_in

LEAST_HIT = 8
"""Questions whose failing answers by one actor must at least be right for a neighbour."""
LEAST_SHARE = 0.5
"""Of the failing answers of that actor, at least so many must be."""
TIMES_CHANCE = 2.0
"""And so many times more than are right for questions further away."""
LEAST_DISTINCT_CHARACTERS = 3
CANDIDATES_LOOKED_AT = 20
MOST_ALIKE = 0.8
"""Of the questions that two actors answer with another's reference, so many they must answer with the same one."""
MOST_PASSING = 0.1
"""Of the answers of these actors, so many may pass where references are said to stand with wrong questions."""
FURTHER = (-4, -3, 3, 4)
FAILURES_LOOKED_AT = 60
"""Of each actor."""


def check_order(questions: pl.DataFrame, answers: pl.DataFrame, scorer: str) -> Iterator[Finding]:
    """Failing answers that would pass with the reference of the question before, or after: the references slipped.

    questions: QUESTION_SCHEMA, all of the suite in the order of their source. answers: ANSWER_SCHEMA joined with those
    of one scorer. Each actor is looked at by itself: one that can answer nothing shows nothing. What failing answers
    would pass at random (letters, yes and no) is known from the references of questions further away. An error where
    two actors or more show it; the answers of one may have slipped themselves.
    """
    placed = questions.select(
        "question_id", "expected", "scorer_config", pl.int_range(pl.len(), dtype=pl.Int64).alias("place"), of="scorer"
    )
    failing = _failing_of_each(answers.join(placed.select("question_id", "place"), on="question_id"))
    slipped = list(_slipped(placed, failing, answers, scorer))
    yield from slipped or _exchanged(failing, answers, scorer)


def _failing_of_each(answers: pl.DataFrame) -> pl.DataFrame:
    """Of each actor with enough of them so many failing answers, evenly from all."""
    failing = answers.filter(~pl.col("passed") & (pl.col("text").str.strip_chars().str.len_chars() > 0))
    some = [
        own.gather_every(max(1, own.height // FAILURES_LOOKED_AT))
        for _, own in failing.sort("actor", "place", "answer_id").group_by("actor", maintain_order=True)
        if own["place"].n_unique() >= LEAST_HIT
    ]
    return pl.concat([failing.clear(), *some])


def _slipped(placed: pl.DataFrame, failing: pl.DataFrame, answers: pl.DataFrame, scorer: str) -> Iterator[Finding]:
    for offset, where in ((-1, "before"), (1, "after")):
        shares = _shares(failing, _right_for(failing, placed, scorer, offset))
        shown = shares.filter((pl.col("questions") >= LEAST_HIT) & (pl.col("share") >= LEAST_SHARE))
        if shown.is_empty():
            continue
        own = failing.join(shown, on="actor", how="semi", maintain_order="left")
        further = [_right_for(own, placed, scorer, each) for each in FURTHER]
        chance = max((share for each in further for share in _shares(own, each)["share"].to_list()), default=0.0)
        shown = shown.filter(pl.col("share") >= TIMES_CHANCE * chance)
        if shown.is_empty():
            continue
        yield _finding(placed, answers, failing, _right_for(own, placed, scorer, offset), shown, chance, where, scorer)


def _exchanged(failing: pl.DataFrame, answers: pl.DataFrame, scorer: str) -> Iterator[Finding]:
    """Two actors or more answer alike with what other questions expect: the references stand with wrong questions.

    For sets whose order is not that of their source. Only references that one question has and that no short number or
    letter could meet by chance.
    """
    said = said_in("expected")
    wanted = answers.unique("question_id", keep="first", maintain_order=True).select(said.alias("wanted"))["wanted"]
    distinct = wanted.filter(wanted.is_unique() & (wanted.str.len_chars() >= LEAST_DISTINCT_CHARACTERS)).sort()
    if failing.is_empty() or distinct.len() < LEAST_HIT:
        return
    pairs = (
        failing.with_columns(
            wanted=pl.col("text")
            .str.to_lowercase()
            .str.extract_many(distinct.to_list(), overlapping=True)
            .list.unique()
        )
        .with_columns(pl.col("wanted").list.sort().list.head(CANDIDATES_LOOKED_AT))
        .explode("wanted")
        .filter(pl.col("wanted") != said)
    )
    asked = [Answer(scorer, *row) for row in pairs.select("text", "wanted", "scorer_config").iter_rows()]
    right = pl.Series([verdict.passed is True for verdict in judge(asked)], dtype=pl.Boolean)
    hits = pairs.filter(right).unique("answer_id", keep="first", maintain_order=True)
    shares = _shares(failing, hits)
    shown = shares.filter((pl.col("questions") >= LEAST_HIT) & (pl.col("share") >= LEAST_SHARE))
    hits = hits.join(shown, on="actor", how="semi", maintain_order="left")
    by_question = hits.group_by("question_id", maintain_order=True).agg(
        pl.col("actor").n_unique(),
        pl.col("wanted").n_unique(),
        pl.col("wanted").first().alias("other"),
        pl.col("prompt").first(),
    )
    common = by_question.filter(pl.col("actor") > 1)
    alike = common.filter(pl.col("wanted") == 1)
    if alike["other"].n_unique() < LEAST_HIT or alike.height < MOST_ALIKE * common.height:
        return
    own = answers.filter(pl.col("question_id").is_in(alike["question_id"].to_list()))
    verdicts = answers.join(shown, on="actor", how="semi")["passed"]
    yield Finding(
        "labels_shifted",
        # Who passes a good part may mix things up as others do.
        ERROR if verdicts.sum() <= MOST_PASSING * verdicts.len() else WARNING,
        f"{alike.height} questions are answered by {shown.height} models or actions alike with what another question "
        f"expects, for example {alike['other'][0]!r}: the references stand with wrong questions",
        alike["prompt"][0],
        tuple(alike["question_id"]),
        tuple(own["answer_id"]),
        scorer=scorer,
        detail="elsewhere",
    )


def _finding(
    placed: pl.DataFrame,
    answers: pl.DataFrame,
    failing: pl.DataFrame,
    right: pl.DataFrame,
    shown: pl.DataFrame,
    chance: float,
    where: str,
    scorer: str,
) -> Finding:
    hits, actors = right.join(shown, on="actor", how="semi", maintain_order="left"), shown["actor"].to_list()
    looked_at = failing.filter(pl.col("actor").is_in(actors)).height
    concerned = placed.filter(pl.col("place").is_between(hits["place"].min(), hits["place"].max()))
    own = answers.filter(pl.col("question_id").is_in(concerned["question_id"].to_list()))
    slipped = "the references" if len(actors) > 1 else f"the references, or the answers of {actors[0]},"
    return Finding(
        "labels_shifted",
        ERROR if len(actors) > 1 else WARNING,
        f"{hits.height} of {looked_at} failing answers of {len(actors)} models or actions are right for the question "
        f"{where}, at most {chance:.0%} for one further away: {slipped} slipped by a row against their questions, from "
        f"{concerned['question_id'][0]} to {concerned['question_id'][-1]}",
        hits["prompt"][0],
        tuple(own["question_id"].unique(maintain_order=True)),
        tuple(own["answer_id"]),
        scorer=scorer,
        detail=where,
    )


def _shares(failing: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """actor, questions (with an answer that is right elsewhere) and share (of its failing answers), by actor."""
    counts = right.group_by("actor").agg(pl.col("place").n_unique().alias("questions"), pl.len().alias("right"))
    looked_at = failing.group_by("actor").agg(pl.len().alias("looked_at"))
    return counts.join(looked_at, on="actor").with_columns(share=pl.col("right") / pl.col("looked_at")).sort("actor")


def _right_for(failing: pl.DataFrame, placed: pl.DataFrame, scorer: str, offset: int) -> pl.DataFrame:
    """The failing answers that another reference, of the question `offset` places further on, lets pass."""
    neighbours = placed.select(
        pl.col("place") - offset, wanted="expected", wanted_config=pl.when(pl.col("of") == scorer).then("scorer_config")
    )
    there = failing.join(neighbours, on="place", maintain_order="left")
    there = there.filter((pl.col("wanted") != pl.col("expected")) & (pl.col("wanted").str.strip_chars() != ""))
    asked = there.select("text", "wanted", pl.coalesce("wanted_config", "scorer_config"))
    verdicts = judge(Answer(scorer, *row) for row in asked.iter_rows())
    return there.filter(pl.Series([verdict.passed is True for verdict in verdicts], dtype=pl.Boolean))
