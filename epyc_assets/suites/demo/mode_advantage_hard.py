"""Deductions well past the taught lengths: what the demo fleet reaches, if at all, by writing the steps down.

Belongs here: longer orderings, more exchanges, more words to take letters from.
"""

from __future__ import annotations

import random

from epyc_assets.suites.demo.thinking import joined_letters, ordering, swaps
from epyc_assets.suites.task import Generator, Task


def draw(source: random.Random, tier: int) -> Task:
    """One deduction that is longer than any taught one: six to eight people, four to six exchanges, five to seven
    words."""
    kind, beyond = source.choice(((ordering, 5), (swaps, 3), (joined_letters, 4)))
    return kind(source, tier, beyond + tier)


GENERATOR = Generator(suite="mode_advantage_hard", version="1", draw=draw, wording="demo")
