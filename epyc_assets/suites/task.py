"""What a generator draws: a task, its content key and the split that the key decides.

Belongs here: `Task`, `Generator` and the rule that puts a task into the train or the test split. Does not
belong here: any particular kind of task (`generators/`, `demo/`), or collecting tasks into questions (`generation`).
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from epyc_assets.suites.question import JSON

KeyFilter: TypeAlias = Callable[[tuple[JSON, ...]], bool]
"""Whether a task of that key is wanted, asked before the costly part of it is made."""

TEST_SHARE_PERCENT = 20
"""Share of all possible tasks that is kept for testing."""


@dataclass(frozen=True, slots=True)
class Task:
    """One drawn task before it becomes a question.

    `key` names the content without its wording ("sum", 12, 30), so one task in two wordings is on one side
    of the split. `worked_answer` is what a model that solves the task would say; it is what the demo fleet
    is trained on, and equals `expected` unless the prompt asks for steps. `open_ended` tasks have many right
    answers, of which the worked one is an example.
    """

    key: tuple[JSON, ...]
    tier: int
    prompt: str
    expected: str
    worked_answer: str
    scorer: str = "exact_match"
    scorer_config: Mapping[str, JSON] = field(default_factory=dict)
    max_tokens: int = 48
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Generator:
    """A source of tasks for one suite. `draw(random, tier)` must depend on nothing but its arguments."""

    suite: str
    version: str
    draw: Callable[[random.Random, int], Task]
    wording: str = "full"
    draw_sized: Callable[..., Task] | None = None
    """draw_sized(random, tier, context_tokens, needle_ratio, wanted): of suites whose prompts have any length."""

    @property
    def source(self) -> str:
        return f"generator:{self.suite}" if self.wording == "full" else f"{self.wording}_generator:{self.suite}"


def split_of(suite: str, key: tuple[JSON, ...]) -> str:
    """The split that a task belongs to, at every seed: decided by a hash of what the task is about."""
    canonical = json.dumps([suite, *key], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    bucket = int.from_bytes(hashlib.sha256(canonical.encode()).digest()[:8], "big") % 100
    return "test" if bucket < TEST_SHARE_PERCENT else "train"
