"""Scorer `judge`: questions that no rule can score; they wait for a judge and are never passed or failed here.

Belongs here: saying so. Does not belong here: judging (`judging/`).

Config (all optional): `criteria` (list of {"criterion": ..., "weight": ...}) and `reference_answer`, for the judge.
"""

from __future__ import annotations

from epyc_assets.scoring.verdicts import Config, Score, Scorer, not_scored

REASON = "needs a judge: the question has a rubric and no answer that a rule could compare"


def score_judged(answer: str, expected: str, config: Config) -> Score:
    """Always not scored, with the reason."""
    return not_scored(REASON)


JUDGE = Scorer(
    name="judge",
    version=1,
    function=score_judged,
    config_keys={
        "criteria": 'list of {"criterion": ..., "weight": ...}, for the judge',
        "reference_answer": "a right answer, for the judge",
    },
)
