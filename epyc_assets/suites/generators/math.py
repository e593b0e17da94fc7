"""Mathematics for real models: exact answers to word problems, equations, counting and chance.

Belongs here: which kinds are asked in which tier. Does not belong here: the kinds themselves (`math_tasks/`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from epyc_assets.suites.generators.math_tasks.algebra import linear_system, polygon, quadratic, recurrence, tickets
from epyc_assets.suites.generators.math_tasks.chance import (
    code_words,
    committee,
    dice,
    drawn_balls,
    expected_prize,
    paths,
    spaced_seats,
)
from epyc_assets.suites.generators.math_tasks.numbers import (
    bases,
    divisors,
    integer_triangles,
    meeting_again,
    power_remainder,
    remainders,
    ways_to_pay,
)
from epyc_assets.suites.generators.math_tasks.quantities import (
    journey,
    mixture,
    packs,
    price_changes,
    recipe,
    shared_bill,
    work_rate,
)
from epyc_assets.suites.task import Generator, Task

KINDS: Mapping[int, tuple[Callable[[random.Random, int], Task], ...]] = {
    1: (
        journey,
        recipe,
        price_changes,
        shared_bill,
        tickets,
        linear_system,
        recurrence,
        polygon,
        meeting_again,
        divisors,
        committee,
        drawn_balls,
        dice,
        code_words,
        work_rate,
    ),
    2: (
        price_changes,
        work_rate,
        mixture,
        packs,
        linear_system,
        quadratic,
        recurrence,
        polygon,
        meeting_again,
        remainders,
        power_remainder,
        divisors,
        bases,
        ways_to_pay,
        committee,
        paths,
        drawn_balls,
        dice,
        code_words,
    ),
    3: (
        packs,
        work_rate,
        linear_system,
        quadratic,
        recurrence,
        polygon,
        remainders,
        power_remainder,
        divisors,
        bases,
        ways_to_pay,
        integer_triangles,
        committee,
        paths,
        drawn_balls,
        dice,
        expected_prize,
        spaced_seats,
    ),
}
"""Functions that draw one task, by tier."""


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier, every kind of the tier equally likely."""
    return source.choice(KINDS[tier])(source, tier)


GENERATOR = Generator(suite="math", version="2", draw=draw)
