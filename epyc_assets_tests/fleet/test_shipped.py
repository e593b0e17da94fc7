"""The shipped fleet: files match the manifest, load in llama.cpp, and show the structure meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from epyc_assets.fleet.manifest import (
    FleetFile,
    ManifestFault,
    file_sha256,
    markdown_tables,
    read_manifest,
    verify_files,
    write_manifest,
)
from epyc_assets.fleet.recipes import recipes
from epyc_assets.fleet.tokenizer import Tokenizer
from epyc_assets.suites import generate

if TYPE_CHECKING:
    from llama_cpp import Llama

llama_cpp = pytest.importorskip("llama_cpp")

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "fleet"
NAMES = [recipe.name for recipe in recipes(1000)]


@pytest.fixture(scope="module")
def entries() -> dict[str, FleetFile]:
    return {entry.file.removesuffix(".gguf"): entry for entry in verify_files(SHIPPED)}


def test_every_model_is_there_as_the_manifest_says(entries: dict[str, FleetFile]) -> None:
    assert sorted(entries) == sorted(NAMES)
    assert sorted(path.stem for path in SHIPPED.glob("*.gguf")) == sorted(NAMES)
    assert sum(entry.bytes for entry in entries.values()) < 25_000_000
    for entry in entries.values():
        assert entry.bytes == (SHIPPED / entry.file).stat().st_size
        assert entry.trained
        assert entry.licence == "MIT"


@pytest.mark.parametrize("name", NAMES)
def test_every_model_loads_and_answers_in_llama_cpp(
    name: str, entries: dict[str, FleetFile], tokenizer: Tokenizer, load: Callable
) -> None:
    model = load(SHIPPED / f"{name}.gguf", n_ctx=512)
    assert model.metadata["general.architecture"] == entries[name].architecture
    assert model.metadata["general.license"] == "MIT"
    assert model.n_vocab() == len(tokenizer.tokens)
    assert model.tokenize(b"Anna has 'one' lamp", add_bos=False) == tokenizer.encode("Anna has 'one' lamp")
    request = 'Tools: weather(city). Answer with one line of JSON like {"tool": "echo", "text": "hi"}. '
    answer = model.create_chat_completion(
        messages=[{"role": "user", "content": f"{request}Request: What is the weather in Oslo?"}],
        temperature=0.0,
        max_tokens=40,
    )
    assert answer["choices"][0]["message"]["content"].strip()
    assert llama_cpp.llama_model_is_recurrent(model.model) == (name == "demo-mamba")


def test_held_out_figures_show_the_structure(entries: dict[str, FleetFile]) -> None:
    def rate(name: str, suite: str) -> float:
        return entries[name].held_out[suite]["all"]

    suites = list(entries["demo-target"].held_out)
    target = sum(rate("demo-target", suite) for suite in suites) / len(suites)
    draft = sum(rate("demo-draft", suite) for suite in suites) / len(suites)
    assert target > draft + 0.15
    for name, suite in (("demo-arithmetic", "math"), ("demo-code", "coder"), ("demo-tools", "agentic")):
        assert rate(name, suite) > rate("demo-target", suite) + 0.05
    experts = entries["demo-moe"].held_out_by_experts
    assert experts["4"] > experts["2"] > experts["1"]
    assert entries["demo-draft"].parameters * 5 < entries["demo-target"].parameters


def greedy_tokens(model: Llama, prompt: list[int], end: int, limit: int = 60) -> list[int]:
    """The model's own answer, by llama.cpp, without the end token."""
    model.reset()
    answer: list[int] = []
    for token in model.generate(prompt, temp=0.0, repeat_penalty=1.0):
        if token == end or len(answer) == limit:
            break
        answer.append(token)
    return answer


def foreseen_share(draft: Llama, answers: list[tuple[list[int], list[int]]]) -> float:
    """Share of the target's answer tokens that the draft would have proposed in their place."""
    hits = total = 0
    for prompt, answer in answers:
        draft.reset()
        draft.eval([*prompt, *answer])
        proposed = draft.scores[len(prompt) - 1 : len(prompt) + len(answer) - 1].argmax(axis=1).tolist()
        hits += sum(mine == theirs for mine, theirs in zip(proposed, answer, strict=True))
        total += len(answer)
    return hits / total


def test_the_shipped_draft_foresees_the_target_and_the_mismatched_one_does_not(
    tokenizer: Tokenizer, load: Callable
) -> None:
    target = load(SHIPPED / "demo-target.gguf", n_ctx=512)
    answers = []
    for suite in ("general", "instruction_precision", "thinking", "agentic"):
        for question in generate(suite, count=6, seed=31, wording="demo"):
            prompt = tokenizer.encode_prompt(question.prompt)
            answers.append((prompt, greedy_tokens(target, prompt, tokenizer.end_id)))
    suited, mismatched = (
        foreseen_share(load(SHIPPED / f"{name}.gguf", n_ctx=512, logits_all=True), answers)
        for name in ("demo-draft", "demo-draft-mismatched")
    )
    assert suited > 0.5
    assert suited > mismatched + 0.2


def test_the_documentation_holds_the_manifests_tables(entries: dict[str, FleetFile]) -> None:
    page = (SHIPPED.parents[1] / "docs" / "demo_fleet.md").read_text(encoding="utf-8")
    assert markdown_tables(list(entries.values())) in page


def test_a_changed_or_missing_file_is_named(tmp_path: Path) -> None:
    entry = read_manifest(SHIPPED)[0]
    write_manifest(tmp_path, [entry])
    with pytest.raises(ManifestFault, match=f"{entry.file} is missing"):
        verify_files(tmp_path)
    (tmp_path / entry.file).write_bytes(b"GGUF but not really")
    with pytest.raises(ManifestFault, match="other content"):
        verify_files(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": [{"file": "x"}]}', '{"files": 3}', "\x00"])
def test_a_broken_manifest_says_how_to_get_a_new_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ManifestFault, match="epyc fleet train"):
        read_manifest(tmp_path)


def test_the_manifest_is_plain_json_with_a_warning(tmp_path: Path) -> None:
    content = json.loads((SHIPPED / "manifest.json").read_text())
    assert "nothing about real models" in content["note"]
    assert file_sha256(SHIPPED / content["files"][0]["file"]) == content["files"][0]["sha256"]
