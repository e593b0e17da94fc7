"""Configs: typed values whose identity does not hang on what is unset."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.inference.config import (
    BASELINE,
    Config,
    LaunchParameters,
    LoadParameters,
    Lookup,
    Moe,
    Spec,
    config_from_values,
)

parameters = st.builds(
    LoadParameters,
    context_tokens=st.none() | st.integers(1, 2**20),
    threads=st.none() | st.integers(1, 512),
    flash_attention=st.none() | st.sampled_from(["auto", "on", "off"]),
    mmap=st.none() | st.booleans(),
    metadata_overrides=st.dictionaries(st.text(min_size=1, max_size=5), st.integers(), max_size=2),
)
words = st.text(min_size=1, max_size=5)
configs = st.builds(
    Config,
    moe=st.none() | st.builds(Moe, words, st.integers(1, 64)),
    runtime=parameters,
    spec=st.none() | st.builds(Spec, words, st.integers(1, 64), st.none() | st.floats(0, 1)),
    lookup=st.none() | st.builds(Lookup, st.integers(1, 8), st.integers(1, 64)),
    launch=st.builds(LaunchParameters, st.none() | words, st.none() | words, st.dictionaries(words, words, max_size=2)),
)


def test_the_baseline_keeps_its_identity_for_ever() -> None:
    # Stored generations are found by it: a change here makes every answer of every user stale.
    assert BASELINE.config_id == "44136fa355b3"
    assert (BASELINE.technique, BASELINE.name) == ("baseline", "baseline")


@given(configs, configs)
def test_configs_have_the_same_identity_only_if_they_are_equal(first: Config, second: Config) -> None:
    assert (first.config_id == second.config_id) == (first == second)


@given(configs)
def test_values_give_the_config_back_also_through_json(config: Config) -> None:
    assert config_from_values(json.loads(json.dumps(config.values()))) == config


@pytest.mark.parametrize("values", [{"speed": {}}, {"moe": {"experts": 4}}, {"moe": 4}, {"spec": {}}])
def test_values_of_no_config_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="config"):
        config_from_values(values)


@given(configs)
def test_the_technique_names_the_parts_in_order(config: Config) -> None:
    parts = [name for name in ("moe", "spec", "lookup") if getattr(config, name)]
    assert config.technique == ("+".join(parts) or "baseline")
    assert config.is_speculative == (config.speculation is not None) == bool({"spec", "lookup"} & set(parts))
    assert config.without_speculation.technique == ("moe" if config.moe else "baseline")


@given(parameters, parameters)
def test_merging_prefers_what_is_set(own: LoadParameters, base: LoadParameters) -> None:
    merged = own.merged_over(base)
    for name in ("context_tokens", "threads", "flash_attention", "mmap"):
        set_here = getattr(own, name)
        assert getattr(merged, name) == (set_here if set_here is not None else getattr(base, name))
    assert merged.metadata_overrides == {**base.metadata_overrides, **own.metadata_overrides}
    assert own.merged_over(LoadParameters()) == own


def test_fewer_experts_become_a_metadata_override() -> None:
    config = Config(moe=Moe("qwen3moe", 4))
    assert config.technique == "moe"
    assert config.load_parameters(LoadParameters(threads=8)) == LoadParameters(
        threads=8, metadata_overrides={"qwen3moe.expert_used_count": 4}
    )
