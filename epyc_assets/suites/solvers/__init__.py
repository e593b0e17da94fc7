"""Second opinions on generated questions: a solver a suite, which reads nothing but the prompt.

Belongs here: the table of solvers. Does not belong here: a suite's solver itself (a file each), or anything from
the generators: where the two agree, the prompt says all that is needed and the answer is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from epyc_assets.suites.solvers import (
    agentic,
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

SOLVERS: Mapping[str, Callable[[str], str | None]] = {
    module.__name__.rsplit(".", 1)[-1]: module.solve
    for module in (
        agentic,
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
"""By suite: solve(prompt) gives the answer, or None where the text alone does not yield one."""
