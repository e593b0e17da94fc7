"""Constraints: what must not be run is told with its reason, from metadata and not from names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.benchmark.constraints import Candidate, Conditions, candidates, read_verdicts
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.presets import PRESETS
from epyc_assets.inference.backend import SessionRequest
from epyc_assets.inference.config import Config
from epyc_assets.inference.llama_cpp import LlamaCppBackend, WorkerSession
from epyc_assets.registry.entries import Deprecated, Fleet, Forbidden, Host, LoadParameters, Model, RuntimeVariant
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets.registry.loading import load_registry
from epyc_assets.registry.vocabulary import TECHNIQUES
from epyc_assets_tests.models import shipped
from epyc_assets_tests.registry.registries import write_gguf

HOST = Host(name="here", default_threads=1, memory_bytes=8 * 2**30)
FULL = PRESETS["full"]
SPECULATIVE = {"spec", "lookup", "spec+lookup", "moe+spec", "moe+lookup", "moe+spec+lookup"}


def file_of(name: str, sha256: str | None = None) -> ModelFile:
    """A shipped model's file, with facts read from it."""
    path = shipped(name)
    return ModelFile(path, sha256 or f"sha of {name}", read_gguf_facts(path))


def conditions(models: Sequence[Model], files: dict[str, ModelFile], **values: Any) -> Conditions:
    """A fleet of these models on a host, with the verdicts of the files."""
    fleet = Fleet(name="f", host="here", models={model.name: model for model in models}, **values)
    pairs = [(model.name, draft) for model in models for draft in model.drafts]
    return Conditions(fleet, HOST, LlamaCppBackend(), files, read_verdicts(pairs, files))


def by_technique(found: Sequence[Candidate]) -> dict[str, set[str | None]]:
    """Reasons by technique."""
    reasons: dict[str, set[str | None]] = {}
    for candidate in found:
        reasons.setdefault(candidate.config.technique, set()).add(candidate.not_allowed)
    return reasons


def only_reason(found: Sequence[Candidate], techniques: set[str]) -> str:
    """The one reason that all configs of these techniques share; others must be allowed."""
    reasons = by_technique(found)
    refused = {reason for technique, those in reasons.items() for reason in those if technique in techniques}
    others = {reason for technique, those in reasons.items() for reason in those if technique not in techniques}
    assert others <= {None}
    assert len(refused) == 1
    return refused.pop() or ""


DRAFT = Model(name="demo-draft", file="demo-draft.gguf", kind="draft")


def test_a_recurrent_model_refuses_its_listed_draft_whatever_its_name() -> None:
    model = Model(name="Llama-3-transformer", file="demo-mamba.gguf", architecture="llama", drafts=["demo-draft"])
    files = {model.name: file_of("demo-mamba"), "demo-draft": file_of("demo-draft")}
    reason = only_reason(candidates(model, conditions([model, DRAFT], files), FULL), SPECULATIVE)
    assert "recurrent (mamba)" in reason


def test_a_transformer_with_a_recurrent_name_may_speculate() -> None:
    model = Model(name="mamba-2.8b", file="demo-target.gguf", architecture="mamba", drafts=["demo-draft"])
    files = {model.name: file_of("demo-target"), "demo-draft": file_of("demo-draft")}
    found = candidates(model, conditions([model, DRAFT], files), FULL)
    assert {candidate.not_allowed for candidate in found} == {None}
    assert {candidate.no_file for candidate in found} == {None}


@pytest.mark.parametrize(("architecture", "kind"), [("mamba2", "recurrent"), ("qwen35moe", "hybrid")])
def test_without_a_file_the_architecture_of_the_entry_tells(architecture: str, kind: str) -> None:
    model = Model(name="m", file="m.gguf", architecture=architecture, drafts=["demo-draft"])
    reason = only_reason(candidates(model, conditions([model, DRAFT], {}), FULL), SPECULATIVE)
    assert f"{kind} ({architecture})" in reason


def test_a_hybrid_model_without_a_listed_draft_is_refused_speculation_with_the_fleets_draft() -> None:
    model = Model(name="m", file="m.gguf", architecture="qwen3next")
    found = candidates(model, conditions([DRAFT, model], {}), FULL)
    assert {candidate.config.spec.draft for candidate in found if candidate.config.spec} == {"demo-draft"}
    assert only_reason(found, SPECULATIVE)
    dense = Model(name="m", file="m.gguf", architecture="qwen3")
    assert not [each for each in candidates(dense, conditions([DRAFT, dense], {}), FULL) if each.config.spec]


def test_a_recurrent_draft_is_refused() -> None:
    model = Model(name="demo-target", file="demo-target.gguf", drafts=["demo-mamba"])
    draft = Model(name="demo-mamba", file="demo-mamba.gguf", architecture="llama")
    files = {name: file_of(name) for name in ("demo-target", "demo-mamba")}
    found = candidates(model, conditions([model, draft], files), FULL)
    assert "the draft demo-mamba is recurrent" in only_reason(found, {"spec", "spec+lookup"})


def test_a_draft_with_another_tokenizer_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    write_gguf(other)
    model = Model(name="demo-target", file="demo-target.gguf", drafts=["other"])
    files = {"demo-target": file_of("demo-target"), "other": ModelFile(other, "other", read_gguf_facts(other))}
    found = candidates(model, conditions([model, Model(name="other", file="other.gguf")], files), FULL)
    assert "the draft other does not fit:" in only_reason(found, {"spec", "spec+lookup"})


def test_a_draft_that_no_model_is_and_one_that_is_out_of_use() -> None:
    model = Model(name="m", file="m.gguf", drafts=["nobody"])
    assert "no model nobody in fleet f" in only_reason(
        candidates(model, conditions([model], {}), FULL), {"spec", "spec+lookup"}
    )
    gone = Model(name="old", file="old.gguf", kind="draft", deprecated=Deprecated(reason="weights deleted"))
    model = Model(name="m", file="m.gguf", drafts=["old"])
    found = candidates(model, conditions([model, gone], {}), FULL)
    assert "weights deleted" in only_reason(found, {"spec", "spec+lookup"})


def test_a_model_cannot_draft_for_itself_under_whatever_name() -> None:
    model = Model(name="m", file="m.gguf", drafts=["m"])
    assert "itself" in only_reason(candidates(model, conditions([model], {}), FULL), {"spec", "spec+lookup"})
    twin = Model(name="twin", file="twin.gguf")
    model = Model(name="m", file="m.gguf", drafts=["twin"])
    same = {name: file_of("demo-target", "one hash") for name in ("m", "twin")}
    assert "same file" in only_reason(candidates(model, conditions([model, twin], same), FULL), {"spec", "spec+lookup"})


def test_a_missing_draft_file_is_named_and_is_no_refusal() -> None:
    model = Model(name="demo-target", file="demo-target.gguf", drafts=["demo-draft"])
    found = candidates(model, conditions([model, DRAFT], {"demo-target": file_of("demo-target")}), FULL)
    for candidate in found:
        assert candidate.not_allowed is None
        assert (candidate.no_file is not None) is (candidate.config.spec is not None)
    assert "demo-draft.gguf of the draft demo-draft" in (found[1].no_file or "")


def test_usable_drafts_come_first_so_that_a_small_preset_has_one() -> None:
    model = Model(name="demo-target", file="demo-target.gguf", drafts=["absent", "demo-mamba", "demo-draft"])
    others = [DRAFT, *(Model(name=name, file=f"{name}.gguf", kind="draft") for name in ("absent", "demo-mamba"))]
    files = {name: file_of(name) for name in ("demo-target", "demo-draft", "demo-mamba")}
    found = candidates(model, conditions([model, *others], files), PRESETS["quick"])
    assert [candidate.config.spec.draft for candidate in found if candidate.config.spec] == ["demo-draft"]


def test_drafts_longer_than_the_context_are_refused() -> None:
    model = Model(
        name="demo-target",
        file="demo-target.gguf",
        drafts=["demo-draft"],
        load_parameters=LoadParameters(context_tokens=16),
    )
    files = {name: file_of(name) for name in ("demo-target", "demo-draft")}
    for candidate in candidates(model, conditions([model, DRAFT], files), FULL):
        parts = [part.draft_tokens for part in (candidate.config.spec, candidate.config.lookup) if part]
        assert (candidate.not_allowed is not None) is (max(parts, default=0) >= 16), candidate
        assert "context of 16 tokens" in (candidate.not_allowed or "context of 16 tokens")


def test_a_draft_that_does_not_fit_into_memory_beside_the_model_is_refused() -> None:
    gib = 2**30
    model = Model(name="m", file="m.gguf", size_bytes=7 * gib, drafts=["large", "small"])
    drafts = [
        Model(name=name, file=f"{name}.gguf", kind="draft", size_bytes=size)
        for name, size in (("large", gib), ("small", 1000))
    ]
    for candidate in candidates(model, conditions([model, *drafts], {}), FULL):
        large = candidate.config.spec is not None and candidate.config.spec.draft == "large"
        assert (candidate.not_allowed is not None) is large
        assert "memory with the draft large: needs about 8.4 GiB" in (
            candidate.not_allowed or "memory with the draft large: needs about 8.4 GiB"
        )


def test_the_cache_counts_towards_memory() -> None:
    model = Model(name="demo-target", file="demo-target.gguf", load_parameters=LoadParameters(context_tokens=2**28))
    found = candidates(model, conditions([model], {"demo-target": file_of("demo-target")}), FULL)
    assert all("does not fit into memory" in (candidate.not_allowed or "") for candidate in found)


def test_a_kv_type_that_does_not_exist_is_a_reason_and_no_crash() -> None:
    model = Model(name="demo-target", file="demo-target.gguf", load_parameters=LoadParameters(kv_type="q3_9"))
    found = candidates(model, conditions([model], {"demo-target": file_of("demo-target")}), FULL)
    assert all("q3_9" in (candidate.not_allowed or "") for candidate in found)


def test_a_swapped_file_decides_about_experts_too() -> None:
    """The entry says dense, the file has experts: four are used, so three lower counts, under the file's own name."""
    model = Model(name="demo-target", file="demo-target.gguf", architecture="qwen3")
    found = candidates(model, conditions([model], {model.name: file_of("demo-moe")}), FULL)
    moes = [candidate.config.moe for candidate in found if candidate.config.technique == "moe"]
    assert [(moe.architecture, moe.expert_used_count) for moe in moes if moe] == [
        ("qwen3moe", count) for count in (3, 2, 1)
    ]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"kind": "embedding"}, "embedding"),
        ({"kind": "external", "file": None}, "external"),
        ({"deprecated": Deprecated(reason="weights deleted")}, "weights deleted"),
        ({"forbidden": [Forbidden(technique="baseline", reason="broken template")]}, "broken template"),
    ],
)
def test_a_model_that_is_not_run_has_one_row_that_says_why(values: dict[str, Any], word: str) -> None:
    model = Model(**{"name": "m", "file": "m.gguf", **values})
    found = candidates(model, conditions([model], {}), FULL)
    assert len(found) == 1
    assert word in (found[0].not_allowed or "")


class Choosy:
    """A backend that cannot speculate by lookup."""

    name = "choosy"
    speculation_at_load = True

    def objection(self, config: Config) -> str | None:
        return "no lookup here" if config.lookup else None

    def open_session(self, request: SessionRequest) -> WorkerSession:
        raise AssertionError("a plan opens nothing")


def test_a_backends_objection_is_a_reason() -> None:
    model = Model(name="m", file="m.gguf")
    around = Conditions(Fleet(name="f", host="here", models={"m": model}), HOST, Choosy(), {})
    assert only_reason(candidates(model, around, FULL), {"lookup"}) == "no lookup here"


@given(
    forbidden=st.lists(st.sampled_from([name for name in TECHNIQUES if name != "baseline"]), unique=True, max_size=4),
    architecture=st.sampled_from(["qwen3moe", "mamba", "qwen3next", None]),
    used=st.sampled_from([None, 1, 4, 8]),
    drafts=st.lists(st.sampled_from(["d1", "d2", "m", "nobody"]), unique=True, max_size=4),
    preset=st.sampled_from(list(PRESETS.values())),
)
@settings(max_examples=60)
def test_a_forbidden_part_forbids_its_compounds_and_every_refusal_has_a_reason(
    forbidden: list[Any], architecture: str | None, used: int | None, drafts: list[str], preset: Any
) -> None:
    model = Model(
        name="m",
        file="m.gguf",
        architecture=architecture,
        expert_count=used and 16,
        expert_used_count=used,
        drafts=drafts,
        forbidden=[Forbidden(technique=technique, reason=f"no {technique}") for technique in forbidden],
    )
    others = [Model(name=name, file=f"{name}.gguf", kind="draft") for name in ("d1", "d2")]
    found = candidates(model, conditions([model, *others], {}, sweeps=[RuntimeVariant(threads=2)]), preset)
    assert len({candidate.config.config_id for candidate in found}) == len(found)
    for candidate in found:
        parts = set(candidate.config.technique.split("+"))
        if any(set(technique.split("_")) <= parts for technique in forbidden):
            assert (candidate.not_allowed or "").startswith("forbidden in the registry: no ")
        assert candidate.not_allowed != ""
        assert candidate.not_allowed is None or candidate.no_file is None
        assert candidate.not_allowed or candidate.no_file, "no file is there, so nothing can be run"


def test_the_demo_fleet_allows_what_its_files_allow() -> None:
    fleet = load_registry().fleet("demo")
    files = {name: file_of(name) for name in fleet.models}
    pairs = [(model.name, draft) for model in fleet.models.values() for draft in model.drafts]
    around = Conditions(fleet, HOST, LlamaCppBackend(), files, read_verdicts(pairs, files))
    for model in fleet.models.values():
        reasons = by_technique(candidates(model, around, FULL))
        refused = {technique for technique, those in reasons.items() if those != {None}}
        assert refused == ({"spec", "lookup", "spec+lookup"} if model.name == "demo-mamba" else set())
        assert ("moe" in reasons) is (model.name == "demo-moe")
