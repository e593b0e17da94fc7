"""The label audit: looks for labels and verdicts that say less than they seem to. Frames in, findings out.

Belongs here: which checks are run on what, and which answers a finding concerns. Does not belong here: the checks
(`label_questions.py`, `label_answers.py`, `label_order.py`, `label_reviews.py`), reading and writing the warehouse.

A finding of severity error makes the outcomes concerned no evidence. A wrong one costs sound data, so a check says
error only for what cannot be right; what may have an innocent reason is a warning.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from epyc_assets.scoring.label_answers import check_answers
from epyc_assets.scoring.label_findings import ANSWER_SCHEMA, QUESTION_SCHEMA, REVIEW_SCHEMA, WARNING, Finding, Scope
from epyc_assets.scoring.label_order import check_order
from epyc_assets.scoring.label_questions import COMPARED, check_questions
from epyc_assets.scoring.label_reviews import check_reviews

CONTRADICTED_BY_PASSES = frozenset({"expected_too_long", "rejects_own_reference"})
"""Kinds that say that no answer, or hardly any, can pass: where answers did, they are wrong about those questions."""


def audit_suite(scope: Scope, questions: pl.DataFrame, answers: pl.DataFrame) -> list[tuple[Scope, Finding]]:
    """What there is to say about one suite of one source.

    Args:
        questions: columns of QUESTION_SCHEMA, a row per question_id, in the order of their source where it is known.
        answers: columns of ANSWER_SCHEMA; those to other questions are ignored.
    """
    asked = questions.select(pl.col(name).cast(kind) for name, kind in QUESTION_SCHEMA.items())
    asked = asked.unique("question_id", keep="first", maintain_order=True)
    given = answers.select(pl.col(name).cast(kind) for name, kind in ANSWER_SCHEMA.items())
    joined = given.join(asked, on="question_id", how="inner", maintain_order="left")
    found = [_with_answers(each, joined) for each in check_questions(asked)]
    found += check_answers(joined)
    for scorer in sorted(COMPARED):
        found += check_order(asked, joined.filter(pl.col("scorer") == scorer), scorer)
    return [(scope, each) for each in found]


def audit_reviews(scope: Scope, reviews: pl.DataFrame) -> list[tuple[Scope, Finding]]:
    """What there is to say about reviews. reviews: columns of REVIEW_SCHEMA."""
    given = reviews.select(pl.col(name).cast(kind) for name, kind in REVIEW_SCHEMA.items())
    return [(scope, each) for each in check_reviews(given)]


def _with_answers(finding: Finding, answers: pl.DataFrame) -> Finding:
    """A finding about questions with the answers to them; a warning where the answers contradict it."""
    concerned = answers.filter(pl.col("question_id").is_in(list(finding.question_ids)))
    passes = int(concerned["passed"].sum() or 0)
    finding = replace(finding, answer_ids=tuple(concerned["answer_id"]))
    if passes and finding.kind in CONTRADICTED_BY_PASSES:
        evidence = f"{finding.evidence}; yet {passes} of {concerned.height} answers passed"
        return replace(finding, severity=WARNING, evidence=evidence)
    return finding
