"""The matrix: which configs exist for a model under a preset.

Here: the rule, as a pure function of what is known about the model. Not here: whether a config may be run
(constraints), how much of the matrix a sweep takes (presets), questions and what has been answered (plan).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from epyc_assets.benchmark.presets import Preset
from epyc_assets.inference.config import BASELINE, Config, LaunchParameters, LoadParameters, Lookup, Moe, Spec
from epyc_assets.registry.entries import RuntimeVariant

TECHNIQUES = (
    "baseline",
    "moe",
    "spec",
    "lookup",
    "moe+spec",
    "moe+lookup",
    "spec+lookup",
    "moe+spec+lookup",
)
"""Techniques of the plan, as Config.technique spells them."""

COMPOUND_EXPERT_SHARE = 1 / 2

ARITHMETIC_CHOICES = ("kv_type", "flash_attention", "metadata_overrides")
"""Load parameters that change the numbers a model computes with. Threads, batches, mmap and memory placement change
the order of work, not what is worked out."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the matrix needs to know of a model. expert_used_count: the model's own, None without experts.

    drafts: those that can be used first. variants: the runtime variants that are meant for this model.
    """

    architecture: str | None
    expert_used_count: int | None
    drafts: tuple[str, ...] = ()
    variants: tuple[RuntimeVariant, ...] = ()


def expert_ladder(used: int | None, shares: Iterable[float]) -> tuple[int, ...]:
    """Expert counts to try below the model's own, from high to low.

    Shares of it, rounded down, at least 1, each once: with 3/4, 1/2, 3/8 and 1/4, of 8 there are 6, 4, 3, 2; of 4
    and less all values below.
    """
    if used is None:
        return ()
    return tuple(sorted({max(1, int(used * share)) for share in shares} - set(range(used, used + 2)), reverse=True))


def configs_of(target: Target, preset: Preset) -> list[Config]:
    """The configs of a model, each once: the baseline first, configs that share a load next to each other."""
    found = [
        BASELINE,
        *_spec(target, preset),
        *_lookup(preset),
        *_compounds(target, preset, None),
        *_moe(target, preset),
        *_variants(target, preset),
    ]
    return list({identity(config): config for config in found}.values())


def identity(config: Config) -> str:
    """config_id, worked out once for configs without runtime choices: a large fleet has the same ones for many models,
    and working it out is most of what a plan costs."""
    if config.runtime == BASELINE.runtime and config.launch == BASELINE.launch:
        return _identity_of_parts(config.moe, config.spec, config.lookup)
    return config.config_id


def registry_spelling(technique: str) -> str:
    """A technique of the plan in the registry's vocabulary: moe+spec is moe_spec."""
    return technique.replace("+", "_")


def changes_arithmetic(config: Config) -> bool:
    """Whether a config computes with other numbers than the baseline, so that answers may differ."""
    runtime = config.runtime
    chosen = any(getattr(runtime, name) for name in ARITHMETIC_CHOICES)
    return config.moe is not None or chosen or config.launch.llama_cpp_library is not None


def answers_are_its_own(config: Config) -> bool:
    """Whether questions are put under a config for its own sake: the baseline, and what computes otherwise. Speculative
    configs claim the answers of the same config without speculation."""
    return not config.is_speculative and (config == BASELINE or changes_arithmetic(config))


@cache
def _identity_of_parts(moe: Moe | None, spec: Spec | None, lookup: Lookup | None) -> str:
    return Config(moe=moe, spec=spec, lookup=lookup).config_id


def _spec(target: Target, preset: Preset) -> Iterator[Config]:
    for draft in target.drafts[: preset.most_drafts]:
        yield from (Config(spec=Spec(draft, k)) for k in preset.spec_k)


def _lookup(preset: Preset) -> Iterator[Config]:
    yield from (Config(lookup=Lookup(n, k)) for n, k in product(preset.lookup_n, preset.lookup_k))


def _moe(target: Target, preset: Preset) -> Iterator[Config]:
    """Each expert count, followed by its compounds, which share its load."""
    compound = _moe_part(target, expert_ladder(target.expert_used_count, [COMPOUND_EXPERT_SHARE]))
    for count in expert_ladder(target.expert_used_count, preset.expert_shares):
        for moe in _moe_part(target, [count]):
            yield Config(moe=moe)
            if moe in compound:
                yield from _compounds(target, preset, moe)


def _moe_part(target: Target, counts: Sequence[int]) -> list[Moe]:
    """Without an architecture there is no name for the metadata to override."""
    return [Moe(target.architecture, count) for count in counts] if target.architecture else []


def _compounds(target: Target, preset: Preset, moe: Moe | None) -> Iterator[Config]:
    """spec+lookup, and with experts moe+spec, moe+lookup and moe+spec+lookup."""
    lookups = [Lookup(preset.compound_n, k) for k in preset.compound_lookup_k]
    for draft, k in product(target.drafts[: preset.compound_most_drafts], preset.compound_spec_k):
        if moe is not None:
            yield Config(moe=moe, spec=Spec(draft, k))
        # Lookup proposes long runs where the prompt is quoted; the draft model covers the rest.
        yield from (Config(moe=moe, spec=Spec(draft, k), lookup=lookup) for lookup in lookups[-1:])
    if moe is not None:
        yield from (Config(moe=moe, lookup=lookup) for lookup in lookups)


def _variants(target: Target, preset: Preset) -> Iterator[Config]:
    """One config for each variant and technique: the baseline, or one that stands for the technique."""
    if not preset.runtime_variants:
        return
    moes = _moe_part(target, expert_ladder(target.expert_used_count, [COMPOUND_EXPERT_SHARE]))
    standing: dict[str, list[Config]] = {
        "baseline": [BASELINE],
        "moe": [Config(moe=moe) for moe in moes],
        "spec": [Config(spec=Spec(draft, 16)) for draft in target.drafts[:1]],
        "lookup": [Config(lookup=Lookup(3, 16))],
    }
    for variant in target.variants:
        flash = variant.flash_attention
        runtime = LoadParameters(
            threads=variant.threads,
            batch_threads=variant.batch_threads,
            batch_tokens=variant.batch_tokens,
            micro_batch_tokens=variant.ubatch_tokens,
            flash_attention=None if flash is None else "on" if flash else "off",
            kv_type=variant.kv_type,
            mmap=variant.mmap,
        )
        launch = LaunchParameters(variant.numa_policy, variant.llama_cpp_library, dict(variant.environment))
        for technique in variant.techniques:
            yield from (replace(config, runtime=runtime, launch=launch) for config in standing[technique])
