"""Draft compatibility: every pair once, by the files, and where the registry disagrees with them."""

from __future__ import annotations

from pathlib import Path

from epyc_assets.benchmark.compatibility import (
    FITS_BUT_NOT_LISTED,
    LARGEST_SIZE_RATIO,
    LISTED_BUT_DOES_NOT_FIT,
    DraftPair,
    draft_pairs,
)
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.registry.entries import Deprecated, Fleet, Model
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets.registry.loading import load_registry
from epyc_assets_tests.models import shipped
from epyc_assets_tests.registry.registries import write_gguf


def file_of(path: Path) -> ModelFile:
    return ModelFile(path, f"sha of {path.stem}", read_gguf_facts(path))


def pairs_of(models: list[Model], paths: list[Path]) -> dict[tuple[str, str], DraftPair]:
    fleet = Fleet(name="f", host="here", models={model.name: model for model in models})
    pairs = draft_pairs(fleet, {path.stem: file_of(path) for path in paths})
    found = {(pair.target, pair.draft): pair for pair in pairs}
    assert len(found) == len(pairs)
    return found


def test_the_demo_fleets_pairs() -> None:
    fleet = load_registry().fleet("demo")
    pairs = draft_pairs(fleet, {name: file_of(shipped(name)) for name in fleet.models})
    drafts = {name for name, model in fleet.models.items() if model.kind == "draft"}
    assert {(pair.target, pair.draft) for pair in pairs} == {
        (target, draft) for target in set(fleet.models) - drafts for draft in drafts
    }
    for pair in pairs:
        assert pair.fits is (pair.target != "demo-mamba")
        assert "recurrent" in pair.reason or pair.fits
        assert pair.listed_in_registry is (pair.draft in fleet.models[pair.target].drafts)
        assert pair.compared_ms >= 0
        assert pair.size_ratio is not None
        # Half the layers and half the width: a draft reads a good part of what the small targets do.
        assert 0 < pair.size_ratio < 1 or pair.target == "demo-mamba"
        missed = pair.fits and not pair.listed_in_registry and pair.size_ratio <= LARGEST_SIZE_RATIO
        assert pair.finding == (FITS_BUT_NOT_LISTED if missed else None)
    assert any(pair.finding for pair in pairs), "the mismatched draft is listed for one target only"


def test_a_listed_draft_that_does_not_fit_is_a_finding(tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    write_gguf(other)
    models = [
        Model(name="demo-target", file="demo-target.gguf", drafts=["other"]),
        Model(name="other", file="other.gguf"),
    ]
    found = pairs_of(models, [shipped("demo-target"), other])
    assert set(found) == {("demo-target", "other")}, (
        "a listed draft is one, whatever its kind; nothing drafts for itself"
    )
    assert found[("demo-target", "other")].finding == LISTED_BUT_DOES_NOT_FIT
    assert "begin-of-text ids differ" in found[("demo-target", "other")].reason


def test_a_draft_as_large_as_its_target_is_missed_by_nobody(tmp_path: Path) -> None:
    twin = tmp_path / "twin.gguf"
    twin.write_bytes(shipped("demo-target").read_bytes())
    models = [
        Model(name="demo-target", file="demo-target.gguf"),
        Model(name="twin", file="twin.gguf", kind="draft"),
    ]
    pair = pairs_of(models, [shipped("demo-target"), twin])[("demo-target", "twin")]
    assert (pair.fits, pair.size_ratio, pair.finding) == (True, 1.0, None)


def test_models_out_of_use_without_a_file_or_of_other_kinds_are_no_pairs() -> None:
    models = [
        Model(name="demo-target", file="demo-target.gguf", kind="embedding"),
        Model(name="demo-code", file="demo-code.gguf", deprecated=Deprecated(reason="gone")),
        Model(name="demo-tools", file="demo-tools.gguf"),
        Model(name="demo-moe", file="demo-moe.gguf"),
        Model(name="demo-draft", file="demo-draft.gguf", kind="draft"),
    ]
    paths = [shipped(name) for name in ("demo-target", "demo-code", "demo-tools", "demo-draft")]
    assert set(pairs_of(models, paths)) == {("demo-tools", "demo-draft")}


def test_a_header_that_cannot_be_read_any_more_does_not_fit() -> None:
    models = {"t": Model(name="t", file="t.gguf"), "d": Model(name="d", file="d.gguf", kind="draft")}
    fleet = Fleet(name="f", host="here", models=models)
    files = {"t": file_of(shipped("demo-target")), "d": ModelFile(Path("d.gguf"), "sha")}
    (pair,) = draft_pairs(fleet, files)
    assert not pair.fits
    assert "d.gguf cannot be read" in pair.reason
    assert pair.size_ratio is None
