"""Pictures described in words for real models: which kinds are asked in which tier.

Belongs here: the table of kinds. Does not belong here: the kinds themselves (`vl_tasks/`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from epyc_assets.suites.generators.vl_tasks.charts import bar_chart, table_reading, timeline
from epyc_assets.suites.generators.vl_tasks.plans import clock, flow_chart, map_walk, rooms, screen
from epyc_assets.suites.generators.vl_tasks.scenes import differences, grid_regions, row_of_objects, shelf, turned_grid
from epyc_assets.suites.task import Generator, Task

_ALL = (
    bar_chart,
    table_reading,
    timeline,
    clock,
    flow_chart,
    map_walk,
    rooms,
    screen,
    differences,
    grid_regions,
    row_of_objects,
    shelf,
    turned_grid,
)

KINDS: Mapping[int, tuple[Callable[[random.Random, int], Task], ...]] = {1: _ALL, 2: _ALL, 3: _ALL}
"""Functions that draw one task, by tier; every kind grows with the tier."""


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier, every kind equally likely."""
    return source.choice(KINDS[tier])(source, tier)


GENERATOR = Generator(suite="vl", version="2", draw=draw)
