"""One file per question generator; this module gathers them by suite.

Belongs here: the table of generators. Does not belong here: anything about one kind of task.
"""

from __future__ import annotations

from collections.abc import Mapping

from epyc_assets.suites.generators import (
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
