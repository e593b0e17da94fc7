"""Acting through tools for real models: which situations are put in which tier.

Belongs here: the table of kinds. Does not belong here: the kinds and the tools (`agentic_tasks/`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from epyc_assets.suites.generators.agentic_tasks.histories import escalation, plan, recovery, support_case
from epyc_assets.suites.generators.agentic_tasks.requests import missing_argument, no_tool, parallel, request
from epyc_assets.suites.task import Generator, Task

_ALL = (request, parallel, no_tool, missing_argument, support_case, recovery, plan, escalation)

KINDS: Mapping[int, tuple[Callable[[random.Random, int], Task], ...]] = {1: _ALL, 2: _ALL, 3: _ALL}
"""Functions that draw one task, by tier; every kind grows with the tier."""


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier, every kind equally likely."""
    return source.choice(KINDS[tier])(source, tier)


GENERATOR = Generator(suite="agentic", version="1", draw=draw)
