"""Loads: as few as measuring allows, held together where memory allows, with what alternating costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.benchmark.loads import (
    ASSUMED_READ_BYTES_PER_S,
    REFERENCE,
    MeasuringGroup,
    SpeedItem,
    load_key,
    measuring_group,
    needed_bytes,
    references,
    resolved_load_parameters,
)
from epyc_assets.benchmark.matrix import Target, configs_of
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.presets import PRESETS
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.config import BASELINE, Config, Lookup, Moe, Spec
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.inference.memory import memory_needed_bytes
from epyc_assets.registry.entries import Host, Model, RuntimeVariant
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets_tests.benchmark.test_constraints import Choosy
from epyc_assets_tests.models import shipped

GB = 10**9
MODEL = Model(name="m", file="m.gguf", size_bytes=10 * GB)
DRAFTS = {name: Model(name=name, file=f"{name}.gguf", size_bytes=GB) for name in ("d1", "d2")}
MODELS = {"m": MODEL, **DRAFTS}
LARGE = Host(name="large", default_threads=1, memory_bytes=1000 * GB)
CONFIGS = configs_of(
    Target("qwen3moe", 8, ("d1", "d2"), (RuntimeVariant(threads=2), RuntimeVariant(numa_policy="interleave=all"))),
    PRESETS["full"],
)


def group(
    configs: Sequence[Config],
    host: Host = LARGE,
    backend: Backend | None = None,
    models: dict[str, Model] = MODELS,
    load_s: dict[str, float] | None = None,
) -> MeasuringGroup:
    """The group of these configs of model m."""
    return measuring_group(
        [SpeedItem(models["m"], config, config.config_id, "missing") for config in configs],
        models=models,
        host=host,
        backend=backend or LlamaCppBackend(),
        files={},
        measured_load_s=load_s or {},
    )


@given(st.lists(st.sampled_from(CONFIGS), min_size=1, unique_by=lambda config: config.config_id), st.booleans())
def test_every_item_is_in_one_load_and_there_are_no_more_loads_than_keys(configs: list[Config], at_load: bool) -> None:
    backend: Backend = Choosy() if at_load else LlamaCppBackend()
    found = group(configs, backend=backend)
    loaded = [config_id for load in found.loads for config_id in load.config_ids]
    assert sorted(loaded) == sorted(config.config_id for config in configs)
    assert sorted(item.config.config_id for item in found.items) == sorted(loaded)
    assert [item.config.config_id for item in found.items] == loaded, "items of one load are next to each other"
    at_loading = [
        (config.moe, config.runtime, config.launch, config.speculation if at_load else None) for config in configs
    ]
    assert len(found.loads) == len(set(map(repr, at_loading)))
    assert {load.key for load in found.loads} == {load_key(MODEL, LARGE, config, backend) for config in configs}
    by_id = {config.config_id: config for config in configs}
    for load in found.loads:
        own = {by_id[config_id].spec.draft for config_id in load.config_ids if by_id[config_id].spec}  # type: ignore[union-attr]
        assert set(load.drafts) == own
    assert found.speed_keys == {config_id: config_id for config_id in loaded}


def test_baseline_spec_and_lookup_share_a_load_and_expert_counts_do_not() -> None:
    configs = [BASELINE, Config(spec=Spec("d1", 4)), Config(spec=Spec("d2", 16)), Config(lookup=Lookup(3, 16))]
    found = group(configs)
    assert len(found.loads) == 1
    assert found.loads[0].drafts == ("d1", "d2")
    assert found.side_by_side
    moes = [Config(moe=Moe("qwen3moe", count)) for count in (4, 2)]
    assert len(group([*configs, *moes]).loads) == 3
    compound = Config(moe=Moe("qwen3moe", 4), spec=Spec("d1", 8))
    assert len(group([*configs, *moes, compound]).loads) == 3
    assert len(group(configs, backend=Choosy()).loads) == 4, "each speculation is fixed at the start there"


def test_loads_are_held_side_by_side_where_they_fit_and_else_alternate() -> None:
    configs = [BASELINE, *(Config(moe=Moe("qwen3moe", count)) for count in (4, 2))]
    needed = group(configs).needed_bytes
    assert needed is not None
    assert needed == 3 * 10 * GB * 1.05
    fits, too_small = (Host(name="h", default_threads=1, memory_bytes=size) for size in (needed, needed - 1))
    beside, apart = group(configs, fits), group(configs, too_small)
    assert beside.side_by_side
    assert beside.load_count(5) == 3
    assert beside.alternating_s(5) == 0
    assert beside.sentence(5) == "side by side: 3 loads held at once (31.5 of 31.5 GB)"
    assert not apart.side_by_side
    assert apart.load_count(5) == 15
    assert apart.alternating_s(5) == pytest.approx(12 * 10 * GB / ASSUMED_READ_BYTES_PER_S)
    assert "alternating: all at once would take 31.5 of 31.5 GB; 15 loads in 5 rounds, about 60 s" in apart.sentence(5)
    assert "assuming 2 GB/s" in apart.sentence(5)
    measured = group(configs, too_small, load_s={"m": 3.0})
    assert measured.alternating_s(5) == 36
    assert "by an earlier load" in measured.sentence(5)


def test_what_is_not_known_alternates_and_says_so() -> None:
    configs = [BASELINE, Config(moe=Moe("qwen3moe", 4))]
    nameless = {"m": Model(name="m", file="m.gguf")}
    found = group(configs, models=nameless)
    assert not found.side_by_side
    assert found.needed_bytes is None
    assert found.alternating_s(5) is None
    assert "not known" in found.sentence(5)
    assert not group(configs, Host(name="h", default_threads=1)).side_by_side
    assert group([BASELINE], models=nameless).side_by_side, "one load needs no room beside it"


def test_drafts_that_do_not_fit_beside_each_other_are_loaded_apart() -> None:
    configs = [BASELINE, *(Config(spec=Spec(draft, k)) for draft in DRAFTS for k in (4, 8))]
    tight = Host(name="h", default_threads=1, memory_bytes=12 * GB)
    found = group(configs, tight)
    assert [load.drafts for load in found.loads] == [("d1",), ("d2",)]
    assert sorted(each for load in found.loads for each in load.config_ids) == sorted(c.config_id for c in configs)
    assert not found.side_by_side


def test_what_configs_are_compared_with() -> None:
    moe = Moe("qwen3moe", 4)
    compound = Config(moe=moe, spec=Spec("d1", 8))
    assert references([compound, Config(moe=moe, lookup=Lookup(3, 4))]) == [BASELINE, Config(moe=moe)]
    assert references([]) == [BASELINE]
    assert REFERENCE not in ("missing", "stale")


def test_memory_counts_caches_and_buffers_where_the_header_was_read() -> None:
    target, draft = (Model(name=name, file=f"{name}.gguf") for name in ("demo-target", "demo-draft"))
    files = {
        each.name: ModelFile(shipped(each.name), "", read_gguf_facts(shipped(each.name))) for each in (target, draft)
    }
    parameters = resolved_load_parameters(target, LARGE, BASELINE)
    alone, beside = (needed_bytes(target, parameters, drafts, files) for drafts in ([], [draft]))
    facts = [files[each.name].facts for each in (target, draft)]
    assert facts[0] is not None
    assert facts[1] is not None
    assert alone is not None
    assert alone == memory_needed_bytes(facts[0], parameters).total > facts[0].file_bytes
    assert beside == alone + memory_needed_bytes(facts[1], parameters).total
    unread = {name: ModelFile(Path(file.path), file.sha256) for name, file in files.items()}
    assert needed_bytes(target, parameters, [], unread) is None, "neither the header nor the registry says a size"
