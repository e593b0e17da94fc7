"""Questions on which ways of answering differ: at once, step by step, by code, with tools, in parts.

Belongs here: which kinds are asked in which tier. Does not belong here: the kinds themselves (`mode_tasks/`, and
`thinking_tasks/` for what thinking in steps is enough for).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from epyc_assets.suites.generators.mode_tasks.computed import (
    calendar_day,
    check_number,
    cipher,
    decimal_digit,
    halving_steps,
    letter_count,
    long_product,
    price_list,
    ranked_number,
    sales_table,
    small_machine,
)
from epyc_assets.suites.generators.mode_tasks.direct import category, measure, noted, tone
from epyc_assets.suites.generators.mode_tasks.parts import separate_jobs, step_story
from epyc_assets.suites.task import Generator, Task

_COMPUTED = (
    calendar_day,
    check_number,
    cipher,
    decimal_digit,
    halving_steps,
    letter_count,
    long_product,
    price_list,
    ranked_number,
    sales_table,
    small_machine,
)

KINDS: Mapping[int, tuple[Callable[[random.Random, int], Task], ...]] = {
    1: (category, category, measure, tone, noted, step_story, step_story, *_COMPUTED),
    2: (category, noted, step_story, step_story, separate_jobs, *_COMPUTED),
    3: (step_story, separate_jobs, separate_jobs, *_COMPUTED),
}
"""Functions that draw one task, by tier; one named twice is drawn twice as often."""


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier."""
    return source.choice(KINDS[tier])(source, tier)


GENERATOR = Generator(suite="mode_advantage", version="2", draw=draw)
