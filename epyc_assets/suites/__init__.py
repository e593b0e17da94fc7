"""Question sources: seeded generators whose answers are computed, shipped files, public sets.

Belongs here: what a question is and where questions come from. Does not belong here: putting questions to
a model, scoring, or the warehouse.
"""

from __future__ import annotations

from epyc_assets.suites.generation import (
    GENERATORS_BY_WORDING,
    SuiteExhausted,
    UnknownSuite,
    distinct_tasks,
    draw_tasks,
    generate,
)
from epyc_assets.suites.question import JSON, SPLITS, TIERS, Question, content_key
from epyc_assets.suites.task import Generator, Task, split_of

__all__ = [
    "GENERATORS_BY_WORDING",
    "JSON",
    "SPLITS",
    "TIERS",
    "Generator",
    "Question",
    "SuiteExhausted",
    "Task",
    "UnknownSuite",
    "content_key",
    "distinct_tasks",
    "draw_tasks",
    "generate",
    "split_of",
]
