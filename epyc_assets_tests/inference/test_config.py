"""Configs: typed values whose identity does not hang on what is unset."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.inference.config import BASELINE, Config, LoadParameters, Moe

parameters = st.builds(
    LoadParameters,
    context_tokens=st.none() | st.integers(1, 2**20),
    threads=st.none() | st.integers(1, 512),
    flash_attention=st.none() | st.sampled_from(["auto", "on", "off"]),
    mmap=st.none() | st.booleans(),
    metadata_overrides=st.dictionaries(st.text(min_size=1, max_size=5), st.integers(), max_size=2),
)
configs = st.builds(
    Config, moe=st.none() | st.builds(Moe, st.text(min_size=1, max_size=5), st.integers(1, 64)), runtime=parameters
)


def test_the_baseline_keeps_its_identity_for_ever() -> None:
    # Stored generations are found by it: a change here makes every answer of every user stale.
    assert BASELINE.config_id == "44136fa355b3"
    assert (BASELINE.technique, BASELINE.name) == ("baseline", "baseline")


@given(configs, configs)
def test_configs_have_the_same_identity_only_if_they_are_equal(first: Config, second: Config) -> None:
    assert (first.config_id == second.config_id) == (first == second)


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
