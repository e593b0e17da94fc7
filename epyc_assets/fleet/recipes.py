"""Which models make up the demo fleet: shape, questions, steps and seed of each.

Belongs here: the choices. Does not belong here: how training works (`training`) or how files are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epyc_assets.fleet.networks import Shape


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of the optimiser. `mixture` weighs suites (or "suite:tier") by number of examples."""

    mixture: Mapping[str, float]
    steps: int
    peak_rate: float = 2.5e-3


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is made: its stages, each going on from the weights of the one before."""

    name: str
    description: str
    shape: Shape
    seed_offset: int
    stages: tuple[Stage, ...]


# Answers that are long in tokens weigh more in the loss, so suites of short answers get more examples.
_EVERYTHING = {
    "math": 2.0,
    "coder": 1.5,
    "thinking": 1.2,
    "instruction_precision": 0.7,
    "general": 0.5,
    "long_context": 0.4,
    "agentic": 0.4,
}

# The suites on which the target is still weak after its first stage; not the specialists' own.
_WHAT_IS_HARDER = {
    "thinking": 2.0,
    "long_context": 1.5,
    "math": 1.0,
    "general": 0.8,
    "coder": 0.6,
    "instruction_precision": 0.4,
    "agentic": 0.3,
}

# The first tier of what it still lacks; short sums come to it only when nothing harder of their kind is beside them.
_WHAT_IS_MISSING = {
    "long_context:1": 2.0,
    "math:1": 1.5,
    "coder:1": 1.0,
    "thinking": 0.8,
    "general": 0.4,
    "instruction_precision": 0.3,
    "agentic": 0.3,
}

# What the mixture of experts can learn well in a few minutes.
_A_SMALLER_FIELD = {
    "instruction_precision": 2.0,
    "general:1": 1.0,
    "agentic": 0.6,
    "thinking:1": 0.6,
    "math:1": 0.6,
}


def recipes(vocabulary: int) -> tuple[Recipe, ...]:
    """The fleet for a vocabulary of this many tokens; the target comes first."""
    specialist = Shape("qwen3", vocabulary, width=96, layers=3, heads=3, hidden=256)
    tiny = Shape("qwen3", vocabulary, width=64, layers=2, heads=2, hidden=160)
    return (
        Recipe(
            name="demo-target",
            description="dense generalist, trained on every suite",
            shape=Shape("qwen3", vocabulary, width=128, layers=4, heads=4, hidden=384),
            seed_offset=1,
            stages=(
                Stage(_EVERYTHING, steps=2500),
                Stage(_WHAT_IS_HARDER, steps=2000, peak_rate=1.5e-3),
                Stage(_WHAT_IS_MISSING, steps=1500, peak_rate=1.5e-3),
            ),
        ),
        Recipe(
            name="demo-draft",
            description="a sixth of the target's size, trained on the same questions",
            shape=tiny,
            seed_offset=2,
            stages=(Stage(_EVERYTHING, steps=2200),),
        ),
        Recipe(
            name="demo-draft-mismatched",
            description="the draft's shape, trained on tool calls only: a draft that suits nobody",
            shape=tiny,
            seed_offset=3,
            stages=(Stage({"agentic": 1.0}, steps=400),),
        ),
        Recipe(
            name="demo-arithmetic",
            description="specialist for math",
            shape=specialist,
            seed_offset=4,
            stages=(Stage({"math:1": 2.0, "math:2": 1.0, "math:3": 1.0}, steps=2000),),
        ),
        Recipe(
            name="demo-code",
            description="specialist for coder",
            shape=specialist,
            seed_offset=5,
            stages=(Stage({"coder": 1.0}, steps=1800),),
        ),
        Recipe(
            name="demo-tools",
            description="specialist for agentic",
            shape=specialist,
            seed_offset=6,
            stages=(
                # Tool calls quote their request; the other suites teach quoting words never seen in a call.
                Stage({"agentic": 2.0, "instruction_precision": 1.0, "general:1": 0.5}, steps=1600),
                Stage({"agentic": 1.0, "agentic:3": 1.0, "instruction_precision": 0.5}, steps=1000, peak_rate=1.5e-3),
            ),
        ),
        Recipe(
            name="demo-moe",
            description="eight experts, four used, trained on every suite",
            shape=Shape("qwen3moe", vocabulary, width=96, layers=3, heads=3, hidden=96, experts=8, experts_used=4),
            seed_offset=7,
            stages=(Stage(_EVERYTHING, steps=1100), Stage(_A_SMALLER_FIELD, steps=1500, peak_rate=2e-3)),
        ),
        Recipe(
            name="demo-mamba",
            description="recurrent: no speculation is possible on it",
            shape=Shape("mamba", vocabulary, width=64, layers=3, inner=128, state=8, step_rank=8),
            seed_offset=8,
            stages=(
                Stage({"instruction_precision": 1.0, "math:1": 1.0, "general:1": 0.5, "thinking:1": 0.5}, steps=700),
                Stage(
                    {"instruction_precision:1": 1.0, "general:1": 0.5, "thinking:1": 0.5}, steps=1000, peak_rate=2e-3
                ),
            ),
        ),
    )
