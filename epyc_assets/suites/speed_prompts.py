"""Prompts that speed is measured on: four kinds, because what drafting gives depends on what is asked.

Belongs here: the written prompts' file, and prompts drawn from the generators for models that understand nothing
else. Does not belong here: running them, or questions that are scored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from epyc_assets.suites.generation import distinct_tasks
from epyc_assets.suites.question import content_key
from epyc_assets.suites.task import Task

KINDS = ("code", "prose", "summarise", "edit")
"""code and prose: the answer is new. summarise and edit: the answer quotes the prompt."""

WRITTEN_FILE = Path("data/suites/speed.yaml")
"""Below the checkout."""

GENERATED_PER_KIND = 6
GENERATED_SEED = 17
GENERATED_VERSION = "1"
_GENERATED = {
    "code": ("agentic", 1, "", 16),
    "prose": ("general", 1, "Write a story", 14),
    "summarise": ("general", 3, "Repeat this text", 24),
    "edit": ("general", 3, "Replace the word", 24),
}
"""Kind to suite, tier, how the prompt begins, and tokens to generate: about as many as the answers have, since a model
that is made to go on after its end repeats itself, and drafts of repetitions are always accepted."""


class SpeedPromptFault(ValueError):
    """The file of written prompts cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class SpeedPrompt:
    """One prompt. max_tokens: so many are generated, whatever the model would like (ignore_eos)."""

    prompt_id: str
    kind: str
    prompt: str
    max_tokens: int
    source: str
    source_version: str

    def as_dict(self) -> dict[str, Any]:
        """A row of table speed_prompts."""
        return asdict(self)


def speed_prompts(choice: str, checkout: Path) -> list[SpeedPrompt]:
    """The prompts of a fleet. choice: written (data/suites/speed.yaml) or generated."""
    return generated_prompts() if choice == "generated" else written_prompts(checkout / WRITTEN_FILE)


def written_prompts(path: Path) -> list[SpeedPrompt]:
    """The prompts of a YAML file: a version, and a list of prompts with kind, max_tokens and prompt.

    Raises SpeedPromptFault.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SpeedPromptFault(f"{path}: cannot be read: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("prompts"), list) or not content["prompts"]:
        raise SpeedPromptFault(f"{path}: needs `version` and a list `prompts`")
    prompts = []
    for number, entry in enumerate(content["prompts"], start=1):
        fault = _fault(entry)
        if fault:
            raise SpeedPromptFault(f"{path}: prompt {number}: {fault}")
        prompts.append(
            _prompt(entry["kind"], entry["prompt"].strip(), entry["max_tokens"], "written", str(content.get("version")))
        )
    if len({each.prompt_id for each in prompts}) < len(prompts):
        raise SpeedPromptFault(f"{path}: the same prompt stands there twice")
    return prompts


def generated_prompts(per_kind: int = GENERATED_PER_KIND, seed: int = GENERATED_SEED) -> list[SpeedPrompt]:
    """Prompts from the test split of the suites' generators, for the demo fleet, which knows only their language."""
    return [
        _prompt(kind, task.prompt, tokens, f"generator:{suite}", GENERATED_VERSION)
        for kind, (suite, tier, start, tokens) in _GENERATED.items()
        for task in _tasks(suite, tier, start, per_kind, seed)
    ]


def _tasks(suite: str, tier: int, start: str, count: int, seed: int) -> Iterable[Task]:
    """The first so many tasks whose prompt begins so; the generators mix kinds, so more are drawn than needed."""
    drawn = distinct_tasks(suite, count=count * 12 if start else count, seed=seed, tiers=(tier,), wording="demo")
    chosen = [task for task in drawn if task.prompt.startswith(start)][:count]
    if len(chosen) < count:
        raise SpeedPromptFault(f"suite {suite} gave {len(chosen)} prompts that begin with {start!r}, not {count}")
    return chosen


def _prompt(kind: str, prompt: str, max_tokens: int, source: str, version: str) -> SpeedPrompt:
    return SpeedPrompt(
        content_key("speed", prompt, kind, source, {"max_tokens": max_tokens}),
        kind,
        prompt,
        max_tokens,
        source,
        version,
    )


def _fault(entry: object) -> str | None:
    if not isinstance(entry, dict):
        return "is not a mapping with kind, max_tokens and prompt"
    if entry.get("kind") not in KINDS:
        return f"kind is {entry.get('kind')!r}; it is one of {', '.join(KINDS)}"
    if not isinstance(entry.get("prompt"), str) or not entry["prompt"].strip():
        return "prompt is empty"
    tokens = entry.get("max_tokens")
    if not isinstance(tokens, int) or isinstance(tokens, bool) or not 2 <= tokens <= 100_000:
        return f"max_tokens is {tokens!r}; it is a whole number from 2 on"
    if unknown := sorted(set(entry) - {"kind", "prompt", "max_tokens"}):
        return f"unknown key {unknown[0]!r}"
    return None
