"""What is kept of an answer while rounds run, and where two of them part.

Here: reading both out of journal records and configs. Not here: running rounds (rounds), the tables (speed_records).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from epyc_assets.inference.config import Config


@dataclass(frozen=True, slots=True)
class RoundAnswer:
    """What is kept of an answer while rounds run."""

    tokens: float
    seconds: float
    contended: bool
    token_ids: tuple[int, ...]
    sent: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an answer leaves its reference. before: the tokens both have; sent: the prompt."""

    sent: str
    before: tuple[int, ...]
    reference_token: int
    config_token: int


def kept_answer(record: Mapping[str, Any]) -> RoundAnswer | None:
    """An answer from its record; None for one without a speed."""
    tokens, tps, token_ids, sent = (
        record.get(name) for name in ("generated_tokens", "generation_tps", "token_ids", "prompt")
    )
    if record.get("status") != "ok" or not isinstance(tokens, int) or not isinstance(tps, int | float) or tps <= 0:
        return None
    if not isinstance(token_ids, list | tuple) or not isinstance(sent, str):
        return None
    return RoundAnswer(tokens - 1, (tokens - 1) / tps, bool(record.get("contended")), tuple(token_ids), sent)


def batch_tokens(config: Config) -> int:
    """Tokens that the target evaluates at a time under a config: the longest draft and one of its own."""
    return 1 + max((part.draft_tokens for part in (config.spec, config.lookup) if part), default=1)
