"""General skills for real models: which kinds are asked in which tier.

Belongs here: the table of kinds. Does not belong here: the kinds themselves (`general_tasks/`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from epyc_assets.suites.generators.general_tasks.reading import (
    classification,
    definition,
    passage,
    policy,
    proofreading,
    summary,
)
from epyc_assets.suites.generators.general_tasks.records import calendar, conversion, csv_to_json, sorting, timetable
from epyc_assets.suites.task import Generator, Task

_ALL = (
    passage,
    definition,
    policy,
    classification,
    proofreading,
    summary,
    csv_to_json,
    sorting,
    conversion,
    calendar,
    timetable,
)

KINDS: Mapping[int, tuple[Callable[[random.Random, int], Task], ...]] = {1: _ALL, 2: _ALL, 3: _ALL}
"""Functions that draw one task, by tier; every kind grows with the tier."""


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier, every kind equally likely."""
    return source.choice(KINDS[tier])(source, tier)


GENERATOR = Generator(suite="general", version="2", draw=draw)
