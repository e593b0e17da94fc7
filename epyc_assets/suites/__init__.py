"""Question sources: seeded generators whose answers are computed, shipped files, public sets.

Belongs here: what a question is and where questions come from. Does not belong here: putting questions to
a model, scoring, or the warehouse.
"""

from __future__ import annotations

from epyc_assets.suites.generation import (
    WORDINGS,
    SuiteExhausted,
    UnknownSuite,
    distinct_tasks,
    draw_tasks,
    generate,
    generators_of,
)
from epyc_assets.suites.question import JSON, SPLITS, TIERS, Question, content_key
from epyc_assets.suites.task import Generator, Task, split_of

__all__ = [
    "JSON",
    "SPLITS",
    "TIERS",
    "WORDINGS",
    "Generator",
    "Question",
    "SuiteExhausted",
    "Task",
    "UnknownSuite",
    "content_key",
    "distinct_tasks",
    "draw_tasks",
    "generate",
    "generators_of",
    "split_of",
]
