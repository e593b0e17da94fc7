"""Selections: what is meant by key=value, and what is said to one that means nothing."""

from __future__ import annotations

import contextlib

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.benchmark.selection import (
    KEYS,
    Measured,
    SelectionFault,
    config_facts,
    measured_configs,
    parse_selection,
    select,
)
from epyc_assets.inference.config import BASELINE, Config, LaunchParameters, LoadParameters, Lookup, Spec
from epyc_assets_tests.benchmark.speed_rows import (
    FEW,
    FEW_SPEC,
    LOOKUP,
    MODEL,
    SPEC,
    models_frame,
    sessions_frame,
    speed_runs,
)

BOTH = Config(spec=Spec("small", 16), lookup=Lookup(2, 24))
ODD = Config(
    runtime=LoadParameters(threads=48, mmap=False),
    launch=LaunchParameters("interleave=0,1", "/opt/b", {"OMP_PLACES": "{0},{1}"}),
)


@pytest.fixture(scope="module")
def measured() -> list[Measured]:
    configs = [BASELINE, SPEC, LOOKUP, FEW, FEW_SPEC, BOTH, ODD]
    runs = speed_runs([(config, 10.0) for config in configs], rounds=1)
    return measured_configs(runs, sessions_frame("first"), models_frame({MODEL: "Q4_K_M"}))


def names(chosen: list[Measured]) -> set[str]:
    return {each.config for each in chosen}


@pytest.mark.parametrize(
    ("text", "configs"),
    [
        ("", [BASELINE, SPEC, LOOKUP, FEW, FEW_SPEC, BOTH, ODD]),
        ("technique=spec", [SPEC]),
        ("draft=small", [SPEC, FEW_SPEC, BOTH]),
        ("k=8", [SPEC, LOOKUP, FEW_SPEC]),
        ("k=24", [BOTH]),
        ("n=2", [BOTH]),
        ("experts=2,k=8", [FEW_SPEC]),
        (f"config={SPEC.config_id}", [SPEC]),
        (f"config={BOTH.name}", [BOTH]),
        (f"config={BOTH.name},model={MODEL}", [BOTH]),
        ("threads=48", [ODD]),
        ("threads=96,technique=baseline", [BASELINE]),
        ("mmap=false", [ODD]),
        ("mmap=FALSE", [ODD]),
        ("numa_policy=interleave=0,1,library=/opt/b", [ODD]),
        ("env.OMP_PLACES={0},{1}", [ODD]),
        ("env.OMP_PLACES=default,technique=baseline", [BASELINE]),
        ("quantisation=q4_k_m,build=b1,host=here,backend=llama_cpp,technique=lookup", [LOOKUP]),
        ("kind=code, technique = moe ", [FEW]),
        ("kv_type=default,technique=spec", [SPEC]),
    ],
)
def test_a_selection_means(measured: list[Measured], text: str, configs: list[Config]) -> None:
    assert names(select(measured, parse_selection(text))) == {config.name for config in configs}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tecnique=spec", ["no key 'tecnique'", '"technique"', "env.NAME"]),
        ("technique", ["not key=value"]),
        ("technique=", ["not key=value"]),
        ("=spec", ["not key=value"]),
        ("env.=1", ["no key"]),
        ("technique=spec,small", ["not key=value"]),
        ("k=8;n=2", []),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_keys(
    measured: list[Measured], text: str, words: list[str]
) -> None:
    with pytest.raises(SelectionFault) as refused:
        select(measured, parse_selection(text))
    assert all(word in str(refused.value) for word in words), refused.value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("technique=specs", ["technique=specs", "baseline", "moe+spec", 'mean "spec"']),
        ("k=9", ["k=9", "8, 16, 24"]),
        ("threads=1", ["48, 96"]),
        ("model=other", [MODEL]),
        ("technique=moe,k=8", ["all of technique=moe,k=8"]),
        ("config=spec small K=9", [SPEC.name]),
        ("env.NONE=1", ["env.NONE"]),
    ],
)
def test_a_value_that_nothing_has_is_answered_with_those_there_are(
    measured: list[Measured], text: str, words: list[str]
) -> None:
    with pytest.raises(SelectionFault) as refused:
        select(measured, parse_selection(text))
    assert all(word in str(refused.value) for word in words), refused.value


def test_many_values_are_not_all_listed() -> None:
    configs = [Config(spec=Spec("small", count)) for count in range(1, 40)]
    runs = speed_runs([(config, 1.0) for config in configs], rounds=1)
    many = measured_configs(runs, sessions_frame("first"), models_frame({}))
    with pytest.raises(SelectionFault, match="and 27 more"):
        select(many, parse_selection("k=99"))


def test_of_nothing_nothing_is_selected() -> None:
    nothing = measured_configs(speed_runs([(SPEC, 1.0)], rounds=1).clear(), sessions_frame(), models_frame({}))
    assert nothing == []
    assert select(nothing, parse_selection("technique=spec")) == []


def test_failed_answers_and_other_purposes_are_no_measurement() -> None:
    runs = speed_runs([(SPEC, 1.0)], rounds=1)
    for changed in (runs.with_columns(status=pl.lit("timeout")), runs.with_columns(purpose=pl.lit("temperature"))):
        assert measured_configs(changed, sessions_frame("first"), models_frame({})) == []


def test_a_config_without_its_session_still_has_what_it_sets_itself() -> None:
    assert config_facts(ODD)["threads"] == ("48",)
    assert config_facts(BASELINE)["threads"] == ("default",)
    assert config_facts(BASELINE, {"threads": 4})["threads"] == ("4",)


keys = st.sampled_from([key for key in KEYS if key not in ("config", "numa_policy", "library")])
values = st.text(st.characters(blacklist_characters=",=", blacklist_categories=["Cs", "Z", "C"]), min_size=1)


@given(st.lists(st.tuples(keys, values)))
def test_pairs_come_back(pairs: list[tuple[str, str]]) -> None:
    text = ",".join(f"{key}={value}" for key, value in pairs)
    assert parse_selection(text).wanted == tuple(pairs)


@given(st.text())
def test_any_text_is_a_selection_or_a_fault(text: str) -> None:
    with contextlib.suppress(SelectionFault):
        parse_selection(text)
