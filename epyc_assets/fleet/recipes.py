"""Which models make up the demo fleet: shape, questions, steps and seed of each.

Belongs here: the choices. Does not belong here: how training works (`training`) or how files are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epyc_assets.fleet.networks import Shape


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is made. `mixture` weighs suites (or "suite:tier") by number of examples."""

    name: str
    description: str
    shape: Shape
    mixture: Mapping[str, float]
    steps: int
    seed_offset: int
    peak_rate: float = 2.5e-3


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


def recipes(vocabulary: int) -> tuple[Recipe, ...]:
    """The fleet for a vocabulary of this many tokens; the target comes first."""
    specialist = Shape("qwen3", vocabulary, width=96, layers=3, heads=3, hidden=256)
    tiny = Shape("qwen3", vocabulary, width=64, layers=2, heads=2, hidden=160)
    return (
        Recipe(
            name="demo-target",
            description="dense generalist, trained on every suite",
            shape=Shape("qwen3", vocabulary, width=128, layers=4, heads=4, hidden=384),
            mixture=_EVERYTHING,
            steps=2500,
            seed_offset=1,
        ),
        Recipe(
            name="demo-draft",
            description="a sixth of the target's size, trained on the same questions",
            shape=tiny,
            mixture=_EVERYTHING,
            steps=2200,
            seed_offset=2,
        ),
        Recipe(
            name="demo-draft-mismatched",
            description="the draft's shape, trained on tool calls only: a draft that suits nobody",
            shape=tiny,
            mixture={"agentic": 1.0},
            steps=400,
            seed_offset=3,
        ),
        Recipe(
            name="demo-arithmetic",
            description="specialist for math",
            shape=specialist,
            mixture={"math:1": 2.0, "math:2": 1.0, "math:3": 1.0},
            steps=2000,
            seed_offset=4,
        ),
        Recipe(
            name="demo-code",
            description="specialist for coder",
            shape=specialist,
            mixture={"coder": 1.0},
            steps=1800,
            seed_offset=5,
        ),
        Recipe(
            name="demo-tools",
            description="specialist for agentic",
            shape=specialist,
            mixture={"agentic": 1.0},
            steps=1100,
            seed_offset=6,
        ),
        Recipe(
            name="demo-moe",
            description="eight experts, four used, trained on every suite",
            shape=Shape("qwen3moe", vocabulary, width=96, layers=3, heads=3, hidden=96, experts=8, experts_used=4),
            mixture=_EVERYTHING,
            steps=1600,
            seed_offset=7,
        ),
        Recipe(
            name="demo-mamba",
            description="recurrent: no speculation is possible on it",
            shape=Shape("mamba", vocabulary, width=64, layers=3, inner=128, state=8, step_rank=8),
            mixture={"instruction_precision": 1.0, "math:1": 1.0, "general:1": 0.5, "thinking:1": 0.5},
            steps=800,
            seed_offset=8,
        ),
    )
