"""What a question is: the one row type that generators, shipped files and adapters all produce.

Belongs here: `Question`, its content key and the types of its fields. Does not belong here: making
questions (`generation`, `generators/`), putting them to a model, or scoring the answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

JSON: TypeAlias = bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"] | None
"""Anything that has a JSON text."""

TIERS = (1, 2, 3)
"""Difficulties, 1 easy to 3 hard."""

SPLITS = ("train", "test")


@dataclass(frozen=True, slots=True)
class Question:
    """One question as the user would type it, with the reference answer and the way to score answers."""

    question_id: str
    suite: str
    tier: int
    prompt: str
    expected: str
    scorer: str
    scorer_config: Mapping[str, JSON]
    max_tokens: int
    source: str
    source_version: str
    seed: int
    split: str


def content_key(suite: str, prompt: str, expected: str, scorer: str, scorer_config: Mapping[str, JSON]) -> str:
    """First 16 hexadecimal digits of sha256 over the canonical JSON of what a question asks.

    Where a question came from (source, seed, split) is not part of it: the same question made twice is
    one question.
    """
    canonical = json.dumps(
        [suite, prompt, expected, scorer, scorer_config],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
