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
    thinking,
)
from epyc_assets.suites.task import Generator

GENERATORS: Mapping[str, Generator] = {
    module.GENERATOR.suite: module.GENERATOR
    for module in (agentic, coder, general, instruction_precision, long_context, math, thinking)
}

TAUGHT_SUITES = tuple(GENERATORS)
"""Suites whose train split the demo fleet is trained on."""
