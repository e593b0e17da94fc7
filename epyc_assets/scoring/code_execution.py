"""Scorer `code_execution`: declared so that code questions can be asked; running the answers needs a sandbox.

Belongs here: the verdict on answers that are programs. Does not belong here: running them. Code from a model
is hostile and is never run bare; until the sandbox exists such answers are not scored, and say so.
"""

from __future__ import annotations

from epyc_assets.scoring.verdicts import Config, Score, Scorer, not_scored

REASON = "no sandbox yet: code is never run bare"


def score_code_execution(answer: str, expected: str, config: Config) -> Score:
    """Always not scored, with the reason."""
    return not_scored(REASON)


CODE_EXECUTION = Scorer(name="code_execution", version=1, function=score_code_execution)
