"""Entries drafted from files, and fleets that get a new entry without losing anything."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from epyc_assets.registry import Model, RegistryFault, load_registry
from epyc_assets.registry.drafting import (
    append_model_to_fleet,
    draft_registry_entry,
    guessed_kind,
    impossible_techniques,
    judged_drafts,
    model_name,
    possible_drafts,
    render_yaml,
)
from epyc_assets.registry.entries import Deprecated, Forbidden, MeasuredFigure, Thinking
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets.registry.vocabulary import PUBLIC_SUITES, SUITES
from epyc_assets_tests.registry.registries import FLEET, write_gguf, write_registry

NEW = Model(name="new", file="new.gguf", architecture="llama")


def test_an_entry_states_what_the_file_states(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "family/Some Model-Q8.gguf", architecture="qwen3moe", experts=8)
    entry = draft_registry_entry(read_gguf_facts(path), path, root=tmp_path)
    assert (entry.name, entry.file) == ("Some-Model-Q8", "family/Some Model-Q8.gguf")
    assert (entry.architecture, entry.expert_count, entry.expert_used_count) == ("qwen3moe", 8, 2)
    assert entry.size_bytes == path.stat().st_size
    assert (entry.context_tokens, entry.vocabulary_size) == (512, 8)
    assert entry.kind == "chat"
    assert entry.forbidden == []


def test_names_lose_shard_numbers_and_odd_characters() -> None:
    assert model_name(Path("x/Qwen3-235B-Q4_K_M-00001-of-00004.gguf")) == "Qwen3-235B-Q4_K_M"
    assert model_name(Path("mein Modell (2).gguf")) == "mein-Modell-2"
    assert model_name(Path("ß.gguf")) == "model"


def test_impossible_techniques_have_reasons(tmp_path: Path) -> None:
    dense = read_gguf_facts(write_gguf(tmp_path / "a.gguf"))
    assert impossible_techniques(dense) == {"moe": "the model has no experts to choose from"}
    mamba = read_gguf_facts(write_gguf(tmp_path / "b.gguf", architecture="mamba", with_ssm=True, with_attention=False))
    assert impossible_techniques(mamba).keys() == {"moe", "spec", "lookup", "eagle"}
    hybrid_moe = read_gguf_facts(write_gguf(tmp_path / "c.gguf", architecture="qwen35moe", experts=4))
    reasons = impossible_techniques(hybrid_moe)
    assert reasons.keys() == {"spec", "lookup", "eagle"}
    assert reasons["spec"] == "the model is partly recurrent (qwen35moe): its state cannot be rolled back"


def test_kinds_are_guessed_from_architecture_name_and_template(tmp_path: Path) -> None:
    chat = read_gguf_facts(write_gguf(tmp_path / "a.gguf"))
    plain = read_gguf_facts(write_gguf(tmp_path / "b.gguf", template=None))
    bert = read_gguf_facts(write_gguf(tmp_path / "c.gguf", architecture="bert", template=None))
    assert guessed_kind(chat, "Qwen3-32B") == "chat"
    assert guessed_kind(chat, "Qwen3-Coder-Instruct-DRAFT-0.75B") == "draft"
    assert guessed_kind(plain, "Qwen3-32B") == "base"
    assert guessed_kind(bert, "x") == "embedding"


def test_fitting_drafts_are_listed_larger_ones_are_not(tmp_path: Path) -> None:
    target_path = write_gguf(tmp_path / "target.gguf")
    target = read_gguf_facts(target_path)
    drafts = {
        "smaller": read_gguf_facts(write_gguf(tmp_path / "smaller.gguf", tied=True)),
        "same-size": target,
        "stranger": read_gguf_facts(write_gguf(tmp_path / "stranger.gguf", special_ids=(3, 4))),
    }
    assert draft_registry_entry(target, target_path, drafts=drafts).drafts == ["smaller"]
    verdicts = judged_drafts(target, drafts)
    assert "not smaller than the target" in verdicts["same-size"].reason
    assert "begin-of-text ids differ" in verdicts["stranger"].reason


def test_drafts_of_a_fleet_are_its_drafts_and_small_models(tmp_path: Path) -> None:
    fleet = FLEET.replace("    file: target.gguf\n", "    file: target.gguf\n    parameter_count: 500000000\n")
    assert possible_drafts(load_registry(write_registry(tmp_path, fleet)).fleet("small")) == ["target", "draft"]


def test_rendered_yaml_reads_back_as_the_same_entry(tmp_path: Path) -> None:
    entry = Model(
        name="1.5",
        file="on: #1 'x' \"y\".gguf",
        description="yes",
        expert_count=8,
        drafts=["draft", "target"],
        forbidden=[
            Forbidden(technique="spec", reason="state: cannot be rolled back"),
            Forbidden(technique="lookup", reason="no"),
        ],
        temperatures={"default": 0.0, "math": 1.0},
        thinking=Thinking(off_text="<think>\n</think>\n", off_suites=["math"], template_kwargs={"think": False}),
        question_timeout_s=30.5,
        deprecated=Deprecated(reason="null"),
        measured=[MeasuredFigure(name="x", value=1e-9, unit="s", trusted=False, doubt="2026-01-01")],
        note="~",
    )
    registry = write_registry(tmp_path)
    append_model_to_fleet(registry / "fleets/small.yaml", entry)
    assert load_registry(registry).fleet("small").models["1.5"] == entry
    assert yaml.safe_load("models:\n" + render_yaml(entry))["models"].keys() == {"1.5"}


COMMENTED = """\
# At the top.
host: here   # on this host

models:   # all of them
  # The first one.
  target:
    file: target.gguf   # kept

  # A note between.
  draft: {file: draft.gguf, kind: draft}
  # The last word.

# Roles come next.
roles:
  frontdoor:
    tier: A
    description: Talks.
    model: target
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(COMMENTED, id="comments"),
        pytest.param(COMMENTED.replace("\n", "\r\n"), id="line ends of Windows"),
        pytest.param(COMMENTED.replace("\n  ", "\n      ").replace("    file", "      file"), id="other indentation"),
        pytest.param("host: here\nmodels: {}\n", id="no models"),
        pytest.param("host: here\nmodels:\n", id="models empty"),
        pytest.param("host: here", id="no models key, no line end"),
        pytest.param("models:\n  a:\n    file: a.gguf\nhost: here\n", id="models first"),
        pytest.param("host: here\nmodels:\n  a:\n    file: a.gguf", id="no line end"),
    ],
)
def test_every_other_line_stays_as_it_was(tmp_path: Path, text: str) -> None:
    registry = write_registry(tmp_path, text)
    before = load_registry(registry).fleet("small")
    append_model_to_fleet(registry / "fleets/small.yaml", NEW)
    after = load_registry(registry).fleet("small")
    assert after.models == {**before.models, "new": NEW}
    assert after.roles == before.roles
    changed = (registry / "fleets/small.yaml").read_bytes().decode()
    remaining = iter(changed.splitlines())
    kept = [line for line in text.splitlines() if line != "models: {}"]
    assert all(any(line == other for other in remaining) for line in kept), changed
    assert ("\r\n" in text) == ("\r\n" in changed)
    assert list(registry.glob("fleets/.*")) == []


def test_a_missing_fleet_is_created(tmp_path: Path) -> None:
    registry = write_registry(tmp_path)
    append_model_to_fleet(registry / "fleets/mine.yaml", NEW, host="here")
    assert load_registry(registry).fleet("mine").models == {"new": NEW}
    another = NEW.model_copy(update={"name": "another", "file": "another.gguf"})
    append_model_to_fleet(registry / "fleets/mine.yaml", another)
    assert list(load_registry(registry).fleet("mine").models) == ["new", "another"]


def test_a_created_fleet_is_asked_every_suite_of_the_project(tmp_path: Path) -> None:
    registry = write_registry(tmp_path)
    append_model_to_fleet(registry / "fleets/mine.yaml", NEW, host="here")
    sets = load_registry(registry).fleet("mine").question_sets
    assert {entry.suite for entry in sets} == set(SUITES) - set(PUBLIC_SUITES)
    assert {entry.source for entry in sets} == {None}


def test_a_fleet_in_a_folder_gets_the_entry_too(tmp_path: Path) -> None:
    registry = write_registry(tmp_path, more={"fleets/two/fleet.yaml": "host: here\n"})
    append_model_to_fleet(registry / "fleets/two/fleet.yaml", NEW)
    assert load_registry(registry).fleet("two").models == {"new": NEW}


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        (FLEET, Model(name="draft", file="x.gguf"), r"small\.yaml:6: models\.draft: the name is already taken"),
        (FLEET, Model(name="new", file="draft.gguf"), r'models\.new\.file: is also the file of "draft"'),
        (FLEET, Model(name="new", file="n.gguf", drafts=["nobody"]), 'no model named "nobody"'),
        ("host: here\nmodels: {a: {file: a.gguf}}\n", NEW, "is written in one line"),
        ("host: here\nmodels: [\n", NEW, "is not valid YAML"),
    ],
)
def test_a_refused_entry_leaves_the_file_as_it_was(tmp_path: Path, text: str, entry: Model, expected: str) -> None:
    file = write_registry(tmp_path, text) / "fleets/small.yaml"
    with pytest.raises(RegistryFault, match=expected):
        append_model_to_fleet(file, entry)
    assert file.read_text() == text
    assert [path.name for path in file.parent.iterdir()] == ["small.yaml"]


def test_a_file_outside_of_fleets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryFault, match="is not below a folder called fleets/"):
        append_model_to_fleet(tmp_path / "mine.yaml", NEW)
