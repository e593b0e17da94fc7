"""Prompt settings: everything but model, config and question that decides what a model is asked and how it answers.

Here: deriving them from the registry, and the identity of an answer. Not here: rendering (inference.chat_template).
"""

from __future__ import annotations

import hashlib
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


def generation_key(model_sha256: str, config: Config, question_id: str, settings: PromptSettings) -> str:
    """What makes an answer the answer to this: first 24 hex digits of a SHA-256 over contents of the model file,
    config, question and settings. If any of them changes, earlier answers are stale."""
    identity = [model_sha256, config.config_id, question_id, asdict(settings)]
    return hashlib.sha256(canonical_json(identity).encode()).hexdigest()[:24]


def generation_id(fleet: str, model: str, key: str, attempt: int) -> str:
    """Identity of one attempt at a generation: the same file under two names is asked, and kept, under each."""
    return hashlib.sha256(f"{fleet}/{model}/{key}/{attempt}".encode()).hexdigest()[:24]
