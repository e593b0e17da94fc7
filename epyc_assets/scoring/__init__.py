"""Deterministic scorers: pure, versioned functions from (answer, expected, config) to a `Score`, a file each.

Belongs here: judging stored answers by rule. Does not belong here: asking a model or a judge, running code,
or reading and writing the warehouse.

Importing it compiles the patterns of all scorers, 0.2 s: what loads with the code location imports it in functions.
"""

from __future__ import annotations

from epyc_assets.scoring.catalogue import SCORERS, score, scorer_named
from epyc_assets.scoring.degenerate import Degeneracy, degeneracy
from epyc_assets.scoring.stored import SCORE_SCHEMA, missing_scores, score_generations
from epyc_assets.scoring.verdicts import InvalidScorerConfig, Score, Scorer, UnknownScorer, UnknownVerifier

__all__ = [
    "SCORERS",
    "SCORE_SCHEMA",
    "Degeneracy",
    "InvalidScorerConfig",
    "Score",
    "Scorer",
    "UnknownScorer",
    "UnknownVerifier",
    "degeneracy",
    "missing_scores",
    "score",
    "score_generations",
    "scorer_named",
]
