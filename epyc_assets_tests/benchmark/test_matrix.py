"""The matrix: which configs exist for a model, by a stated rule, each once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.benchmark.matrix import (
    TECHNIQUES,
    Target,
    answers_are_its_own,
    configs_of,
    expert_ladder,
    identity,
    registry_spelling,
)
from epyc_assets.benchmark.presets import DEFAULT_PRESET, PRESETS, preset_named
from epyc_assets.inference.config import BASELINE, Config, LaunchParameters, LoadParameters, Lookup, Moe, Spec
from epyc_assets.registry import vocabulary
from epyc_assets.registry.entries import RuntimeVariant

FULL, NIGHTLY, QUICK = PRESETS["full"], PRESETS["nightly"], PRESETS["quick"]

targets = st.builds(
    Target,
    architecture=st.sampled_from(["qwen3moe", "llama", None]),
    expert_used_count=st.one_of(st.none(), st.integers(1, 64)),
    drafts=st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8).map(tuple),
    variants=st.lists(
        st.sampled_from(
            [
                RuntimeVariant(threads=4),
                RuntimeVariant(kv_type="q8_0", flash_attention=True, techniques=["baseline", "spec", "moe"]),
                RuntimeVariant(numa_policy="interleave=all", techniques=["lookup"]),
            ]
        ),
        max_size=3,
    ).map(tuple),
)


@pytest.mark.parametrize(
    ("used", "counts"),
    [
        (8, (6, 4, 3, 2)),
        (10, (7, 5, 3, 2)),
        (16, (12, 8, 6, 4)),
        (4, (3, 2, 1)),
        (3, (2, 1)),
        (2, (1,)),
        (1, ()),
        (None, ()),
    ],
)
def test_the_expert_ladder(used: int | None, counts: tuple[int, ...]) -> None:
    assert expert_ladder(used, FULL.expert_shares) == counts


@given(st.integers(1, 4096))
def test_expert_counts_are_below_the_models_own_and_at_least_one(used: int) -> None:
    counts = expert_ladder(used, FULL.expert_shares)
    assert all(1 <= count < used for count in counts)
    assert list(counts) == sorted(set(counts), reverse=True)
    assert counts or used == 1


@given(targets, st.sampled_from(list(PRESETS.values())))
def test_every_config_is_there_once_and_has_a_technique_of_the_plan(target: Target, preset: object) -> None:
    configs = configs_of(target, preset)  # type: ignore[arg-type]
    ids = [config.config_id for config in configs]
    assert len(ids) == len(set(ids))
    assert configs[0] == BASELINE
    assert {config.technique for config in configs} <= set(TECHNIQUES)
    assert [identity(config) for config in configs] == ids
    assert {config.spec.draft for config in configs if config.spec} <= set(target.drafts)
    assert all(config.moe.architecture == target.architecture for config in configs if config.moe)


@given(targets)
def test_each_preset_holds_the_one_before_it(target: Target) -> None:
    # Quick leaves runtime variants out; the others have the same.
    sizes = [{config.config_id for config in configs_of(target, preset)} for preset in (QUICK, NIGHTLY, FULL)]
    assert sizes[0] <= sizes[1] <= sizes[2]


@given(targets)
def test_the_matrix_grows_with_the_drafts_and_no_faster(target: Target) -> None:
    """No product of all ladders: a draft adds its K values and a few compounds, whatever else there is."""
    fewer = replace(target, drafts=target.drafts[:-1], variants=())
    more = replace(target, variants=())
    added = len(configs_of(more, FULL)) - len(configs_of(fewer, FULL))
    assert added <= len(FULL.spec_k) + 3 * len(FULL.compound_spec_k)


def test_full_has_every_technique_for_a_model_with_experts_and_a_draft() -> None:
    configs = configs_of(Target("qwen3moe", 8, ("draft",)), FULL)
    assert {config.technique for config in configs} == set(TECHNIQUES)
    spec = {config.spec.draft_tokens for config in configs if config.technique == "spec" and config.spec}
    assert spec == {4, 8, 16, 24, 32, 48}
    lookup = {config.lookup.ngram_tokens for config in configs if config.technique == "lookup" and config.lookup}
    assert lookup == {2, 3, 4, 5}
    compound = {config.moe.expert_used_count for config in configs if config.moe and config.is_speculative}
    assert compound == {4}, "compounds use half of the experts"


def test_nightly_asks_questions_of_two_expert_counts_at_most() -> None:
    for preset in (QUICK, NIGHTLY):
        asked = [config for config in configs_of(Target("a", 8, ("d",)), preset) if answers_are_its_own(config)]
        assert len([config for config in asked if config.moe]) <= 2
        assert asked[0] == BASELINE


@pytest.mark.parametrize(
    ("config", "own"),
    [
        (BASELINE, True),
        (Config(moe=Moe("a", 2)), True),
        (Config(runtime=LoadParameters(kv_type="q8_0")), True),
        (Config(runtime=LoadParameters(flash_attention="on")), True),
        (Config(runtime=LoadParameters(metadata_overrides={"a.b": 1})), True),
        (Config(launch=LaunchParameters(llama_cpp_library="/build")), True),
        (Config(runtime=LoadParameters(threads=4, mmap=False, batch_tokens=64)), False),
        (Config(launch=LaunchParameters(numa_policy="interleave=all")), False),
        (Config(spec=Spec("d", 4)), False),
        (Config(lookup=Lookup(2, 4)), False),
        (Config(moe=Moe("a", 2), lookup=Lookup(2, 4)), False),
    ],
)
def test_questions_are_put_where_the_arithmetic_is_another(config: Config, own: bool) -> None:
    assert answers_are_its_own(config) is own


def test_variants_are_measured_under_the_baseline_unless_said() -> None:
    plain, spoken = RuntimeVariant(threads=4), RuntimeVariant(flash_attention=True, techniques=["spec", "lookup"])
    configs = configs_of(Target("llama", None, ("d",), (plain, spoken)), NIGHTLY)
    varied = [config for config in configs if config.runtime != LoadParameters()]
    assert [(config.technique, config.runtime.threads, config.runtime.flash_attention) for config in varied] == [
        ("baseline", 4, None),
        ("spec", None, "on"),
        ("lookup", None, "on"),
    ]
    assert not [config for config in configs_of(Target("llama", None, (), (plain,)), QUICK) if config.runtime.threads]


def test_techniques_are_spelled_as_the_registry_knows_them() -> None:
    assert {registry_spelling(technique) for technique in TECHNIQUES} <= set(vocabulary.TECHNIQUES)
    # All that the registry can forbid is planned, but for what no backend of ours runs.
    assert set(vocabulary.TECHNIQUES) - {registry_spelling(technique) for technique in TECHNIQUES} == {"eagle"}


def test_presets_have_names_words_and_a_place_in_the_guide() -> None:
    page = (Path(__file__).parents[2] / "docs" / "planning.md").read_text(encoding="utf-8")
    for name, preset in PRESETS.items():
        assert preset.name == name
        assert f"`{name}`" in page
    assert DEFAULT_PRESET in PRESETS
    with pytest.raises(ValueError, match='did you mean "nightly"'):
        preset_named("nightli")
