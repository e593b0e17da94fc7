"""The scorers by name, and `score`: the one way to score one answer.

Belongs here: the list of scorers. Does not belong here: any scoring.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from epyc_assets.scoring.code_execution import CODE_EXECUTION
from epyc_assets.scoring.exact_match import EXACT_MATCH
from epyc_assets.scoring.f1 import F1
from epyc_assets.scoring.judged import JUDGE
from epyc_assets.scoring.multiple_choice import MULTIPLE_CHOICE
from epyc_assets.scoring.programmatic import PROGRAMMATIC
from epyc_assets.scoring.substring import SUBSTRING
from epyc_assets.scoring.tool_call import TOOL_CALL
from epyc_assets.scoring.verdicts import InvalidScorerConfig, Score, Scorer, UnknownScorer

SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {
        scorer.name: scorer
        for scorer in (EXACT_MATCH, MULTIPLE_CHOICE, SUBSTRING, F1, PROGRAMMATIC, TOOL_CALL, CODE_EXECUTION, JUDGE)
    }
)


def scorer_named(method: str) -> Scorer:
    """The scorer of that name.

    Raises:
        UnknownScorer: there is none; the message lists those there are.
    """
    scorer = SCORERS.get(method)
    if scorer is None:
        raise UnknownScorer(f"There is no scorer named {method!r}. The scorers are: {', '.join(SCORERS)}.")
    return scorer


def score(method: str, answer: str, expected: str, config: Mapping[str, Any] | None = None) -> Score:
    """Score one answer against its reference.

    Never raises because of what the answer says.

    Raises:
        UnknownScorer: `method` names no scorer.
        UnknownVerifier: a programmatic config names no verifier.
        InvalidScorerConfig: the config cannot be used as written.
    """
    scorer = scorer_named(method)
    if config is not None and not isinstance(config, Mapping):
        raise InvalidScorerConfig(f"A scorer's config must be a JSON object; got {type(config).__name__}.")
    return scorer.function(answer, expected, config or {})
