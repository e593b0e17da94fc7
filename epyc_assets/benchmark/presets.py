"""Presets: how much of the full matrix a sweep takes, as one table.

Here: numbers and words. Not here: turning them into configs (matrix) or deciding what may run (constraints).
"""

from __future__ import annotations

from dataclasses import dataclass

from epyc_assets.registry.faults import nearest


@dataclass(frozen=True, slots=True)
class Preset:
    """What a sweep takes of the matrix. K: most tokens drafted at a time; n: tokens that prompt lookup matches.

    expert_shares: shares of the model's own number of used experts, rounded down. most_drafts: drafts of a model,
    those that can be used first; None: all it lists. spec_k, lookup_n, lookup_k: the ladders of spec and lookup (every
    n with every K). compound_*: the same for compounds, which use half of the experts; empty compound_spec_k: no
    compounds. runtime_variants: whether the fleet's `sweeps` are part of it.
    """

    name: str
    summary: str
    expert_shares: tuple[float, ...]
    most_drafts: int | None
    spec_k: tuple[int, ...]
    lookup_n: tuple[int, ...]
    lookup_k: tuple[int, ...]
    compound_most_drafts: int | None
    compound_spec_k: tuple[int, ...]
    compound_n: int
    compound_lookup_k: tuple[int, ...]
    runtime_variants: bool


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="quick",
            summary="one config of each simple technique: is anything gained at all?",
            expert_shares=(1 / 2,),
            most_drafts=1,
            spec_k=(8,),
            lookup_n=(3,),
            lookup_k=(16,),
            compound_most_drafts=0,
            compound_spec_k=(),
            compound_n=3,
            compound_lookup_k=(),
            runtime_variants=False,
        ),
        Preset(
            name="nightly",
            summary="the usual range of each technique with two drafts, and one config of each compound",
            expert_shares=(1 / 2, 1 / 4),
            most_drafts=2,
            spec_k=(4, 8, 16, 24),
            lookup_n=(3,),
            lookup_k=(4, 16),
            compound_most_drafts=1,
            compound_spec_k=(16,),
            compound_n=3,
            compound_lookup_k=(16,),
            runtime_variants=True,
        ),
        Preset(
            name="full",
            summary="every expert count of the ladder, every listed draft at every K, every n, and the compounds",
            expert_shares=(3 / 4, 1 / 2, 3 / 8, 1 / 4),
            most_drafts=None,
            spec_k=(4, 8, 16, 24, 32, 48),
            lookup_n=(2, 3, 4, 5),
            lookup_k=(4, 16),
            compound_most_drafts=None,
            compound_spec_k=(8, 16),
            compound_n=3,
            compound_lookup_k=(4, 16),
            runtime_variants=True,
        ),
    )
}
"""By name, from the smallest to the largest; each holds every config of the one before it that can be run."""

DEFAULT_PRESET = "nightly"


def preset_named(name: str) -> Preset:
    """The preset. Raises ValueError with the nearest name for one that does not exist."""
    if name not in PRESETS:
        raise ValueError(f"there is no preset {name!r}{nearest(name, PRESETS)}; there is: {', '.join(PRESETS)}")
    return PRESETS[name]
