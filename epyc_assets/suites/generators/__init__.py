"""Generators of questions for real models, a file each; this module gathers them by suite.

Belongs here: the table of generators. Does not belong here: anything about one kind of task, or the demo fleet's
few words (`suites/demo`).
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
    mode_advantage,
    mode_advantage_hard,
    skill_transfer,
    thinking,
    vl,
    web_research,
)
from epyc_assets.suites.task import Generator

GENERATORS: Mapping[str, Generator] = {
    module.GENERATOR.suite: module.GENERATOR
    for module in (
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
}  # fmt: skip
