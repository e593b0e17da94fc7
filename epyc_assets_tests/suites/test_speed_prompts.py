"""Speed prompts: both sources give four kinds, and a file with mistakes names them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from epyc_assets.registry.loading import load_registry
from epyc_assets.suites.speed_prompts import (
    KINDS,
    SpeedPromptFault,
    generated_prompts,
    speed_prompts,
    written_prompts,
)

GOOD = "version: '1'\nprompts:\n  - {kind: code, max_tokens: 8, prompt: Write a loop.}\n"


@pytest.mark.parametrize("choice", ["written", "generated"])
def test_every_kind_has_prompts_of_its_own(choice: str) -> None:
    prompts = speed_prompts(choice, load_registry().checkout)
    counts = Counter(prompt.kind for prompt in prompts)
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 2
    assert len({prompt.prompt_id for prompt in prompts}) == len({prompt.prompt for prompt in prompts}) == len(prompts)
    assert prompts == speed_prompts(choice, load_registry().checkout)


def test_generated_prompts_are_of_the_kind_they_are_called() -> None:
    starts = {"prose": "Write a story", "summarise": "Repeat this text", "edit": "Replace the word", "code": "Tools:"}
    for prompt in generated_prompts():
        assert prompt.prompt.startswith(starts[prompt.kind])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("code", "poem"), "kind is 'poem'"),
        (("max_tokens: 8", "max_tokens: 0"), "max_tokens is 0"),
        (("max_tokens: 8", "max_tokens: yes"), "max_tokens is True"),
        (("Write a loop.", "' '"), "prompt is empty"),
        (("{kind", "{colour: red, kind"), "unknown key 'colour'"),
        (("{kind: code, max_tokens: 8, prompt: Write a loop.}", "7"), "prompt 1: is not a mapping"),
        ((GOOD, "prompts: []"), "needs `version`"),
        ((GOOD, "a: [b"), "cannot be read"),
        ((GOOD, GOOD + GOOD.splitlines()[-1]), "twice"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    path = tmp_path / "speed.yaml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(SpeedPromptFault, match=r"speed\.yaml") as fault:
        written_prompts(path)
    assert told in str(fault.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpeedPromptFault, match=r"nowhere\.yaml"):
        written_prompts(tmp_path / "nowhere.yaml")
