"""Reasoning for real models: puzzles with one solution, statements, situations to be followed step by step.

Belongs here: which kinds are asked in which tier. Does not belong here: the kinds themselves (`thinking_tasks/`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from epyc_assets.suites.generators.thinking_tasks.arrangements import logic_grid, ordering, team
from epyc_assets.suites.generators.thinking_tasks.inventions import (
    invented_money,
    invented_operator,
    invented_week,
    overlaps,
)
from epyc_assets.suites.generators.thinking_tasks.situations import circuit, moving_things, plan, time_chain, walk
from epyc_assets.suites.generators.thinking_tasks.statements import culprit, knights, syllogism
from epyc_assets.suites.task import Generator, Task

_EVERY_TIER = (
    ordering,
    logic_grid,
    knights,
    culprit,
    syllogism,
    moving_things,
    walk,
    time_chain,
    invented_operator,
    invented_money,
    overlaps,
)

KINDS: Mapping[int, tuple[Callable[[random.Random, int], Task], ...]] = {
    1: (*_EVERY_TIER, invented_week),
    2: (*_EVERY_TIER, invented_week, team, plan, circuit),
    3: (*_EVERY_TIER, team, plan, circuit),
}
"""Functions that draw one task, by tier."""


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier, every kind of the tier equally likely."""
    return source.choice(KINDS[tier])(source, tier)


GENERATOR = Generator(suite="thinking", version="2", draw=draw)
