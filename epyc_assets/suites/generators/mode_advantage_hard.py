"""Long exact work in several stages, on which answering at once fails and running code, or splitting the work, wins.

Belongs here: which kinds are asked. Does not belong here: the kinds themselves (`mode_tasks/staged`).
"""

from __future__ import annotations

import random
from collections.abc import Callable

from epyc_assets.suites.generators.mode_tasks.staged import (
    cell_life,
    loaded_ship,
    looping_program,
    maze,
    number_stream,
    opening_days,
    ranked_league,
    shuffled_deck,
    text_stages,
)
from epyc_assets.suites.task import Generator, Task

KINDS: tuple[Callable[[random.Random, int], Task], ...] = (
    cell_life,
    loaded_ship,
    looping_program,
    maze,
    number_stream,
    opening_days,
    ranked_league,
    shuffled_deck,
    text_stages,
)
"""Functions that draw one task; higher tiers ask for more and longer stages."""


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier, every kind equally likely."""
    return source.choice(KINDS)(source, tier)


GENERATOR = Generator(suite="mode_advantage_hard", version="2", draw=draw)
