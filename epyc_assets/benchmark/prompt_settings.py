"""Prompt settings: everything but model, config and question that decides what a model is asked and how it answers.

Here: deriving them from the registry, and the identity of an answer and of a speed. Not here: rendering
(inference.chat_template).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from epyc_assets.inference.config import Config, canonical_json
from epyc_assets.registry.entries import Model
from epyc_assets.suites.question import Question

SWEEP_SEED = 1
"""Sampling seed of sweeps; without effect under greedy decoding."""


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """prompt_format: template (the model's own) or raw. appended: text at the start of the answer, such as a
    closed thinking block. template_variables: handed to the chat template."""

    prompt_format: str
    temperature: float
    seed: int
    max_tokens: int
    appended: str = ""
    template_variables: dict[str, bool | int | str] = field(default_factory=dict)


def prompt_settings(model: Model, question: Question) -> PromptSettings:
    """Settings for a question as the registry has them for this model and suite."""
    thinking_off = model.thinking is not None and question.suite in model.thinking.off_suites
    return PromptSettings(
        prompt_format=model.prompt_format,
        temperature=model.temperature(question.suite),
        seed=SWEEP_SEED,
        max_tokens=question.max_tokens,
        appended=(model.thinking.off_text or "") if model.thinking and thinking_off else "",
        template_variables=dict(model.thinking.template_kwargs) if model.thinking and thinking_off else {},
    )


def settings_text(settings: PromptSettings) -> str:
    """The settings as they go into a generation_key."""
    return canonical_json(asdict(settings))


class GenerationKeys:
    """generation_key for many questions under one config: what they share is worked out once."""

    def __init__(self, model_sha256: str, config_id: str, draft_sha256: str | None = None) -> None:
        self._begin = canonical_json([model_sha256, config_id])[:-1]
        self._end = "]" if draft_sha256 is None else f",{canonical_json(draft_sha256)}]"

    def key(self, question_id: str, text_of_settings: str) -> str:
        """The key. text_of_settings: by settings_text."""
        identity = f"{self._begin},{canonical_json(question_id)},{text_of_settings}{self._end}"
        return _digest(identity)


def generation_key(
    model_sha256: str, config: Config, question_id: str, settings: PromptSettings, draft_sha256: str | None = None
) -> str:
    """What makes an answer the answer to this: first 24 hex digits of a SHA-256 over contents of the model file,
    config, question, settings and, under a config with a draft model, contents of the draft's file. If any of them
    changes, earlier answers are stale."""
    return GenerationKeys(model_sha256, config.config_id, draft_sha256).key(question_id, settings_text(settings))


def prompts_version(prompt_ids: Iterable[str]) -> str:
    """One text for a set of speed prompts, whatever their order: another one as soon as a prompt changes."""
    return _digest(canonical_json(sorted(prompt_ids)))


def speed_key(
    model_sha256: str, config: Config, version_of_prompts: str, backend: str, draft_sha256: str | None = None
) -> str:
    """What makes a speed the speed of this: like generation_key, over contents of model and draft, config, prompts
    (prompts_version) and the backend's name. If any of them changes, earlier rounds are stale."""
    identity = [model_sha256, draft_sha256, config.config_id, version_of_prompts, backend]
    return _digest(canonical_json(identity))


def generation_id(fleet: str, model: str, key: str, attempt: int) -> str:
    """Identity of one attempt at a generation: the same file under two names is asked, and kept, under each."""
    return _digest(f"{fleet}/{model}/{key}/{attempt}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
