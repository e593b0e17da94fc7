"""Questions in the few words that the demo fleet was taught, a generator a file; this module gathers them by suite.

Belongs here: the table of generators. Does not belong here: anything about one kind of task.
"""

from __future__ import annotations

from collections.abc import Mapping

from epyc_assets.suites.demo import (
    agentic,
    coder,
    general,
    instruction_precision,
    long_context,
    math,
    mode_advantage,
    mode_advantage_hard,
    skill_transfer,
    thinking,
    vl,
    web_research,
)
from epyc_assets.suites.task import Generator

_TAUGHT = (agentic, coder, general, instruction_precision, long_context, math, thinking)
_UNTAUGHT = (mode_advantage, mode_advantage_hard, skill_transfer, vl, web_research)

GENERATORS: Mapping[str, Generator] = {module.GENERATOR.suite: module.GENERATOR for module in (*_TAUGHT, *_UNTAUGHT)}

TAUGHT_SUITES = tuple(module.GENERATOR.suite for module in _TAUGHT)
"""Suites whose train split the demo fleet is trained on: they stay as they are, the shipped models know them. The
others ask for the same skills where they were not taught."""
