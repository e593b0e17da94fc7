"""The protocol every backend fulfils, and the values that cross it.

Here: what a sweep may ask of a backend and what it gets back. Not here: any one backend (llama_cpp.py), the
worker behind it, or what is done with the answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from epyc_assets.inference.config import Config, LaunchParameters, LoadParameters, Speculation

FAILURES = ("timeout", "crashed", "killed", "out_of_memory", "load_failed", "refused")
"""Statuses other than ok. Of these only refused leaves the session usable."""

MOST_DIFFERENCE_RATIO = 0.10
"""Most that a server's own figure and our clock's may differ, as a share of the slower one, to be the same."""


@dataclass(frozen=True, slots=True)
class DraftModel:
    """A draft model to load beside a target; parameters are resolved."""

    path: Path
    parameters: LoadParameters


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """One model to load. parameters are resolved: context_tokens and threads are set.

    load_timeout_s: how long loading and warming up may take. drafts: draft models to load with it, by name.
    speculation: for a backend that fixes it at the start (speculation_at_load); others take it with each request.
    slots: prompts that a server may answer at the same time.
    """

    model_path: Path
    parameters: LoadParameters
    load_timeout_s: float = 600.0
    drafts: Mapping[str, DraftModel] = field(default_factory=dict)
    launch: LaunchParameters = field(default_factory=LaunchParameters)
    speculation: Speculation | None = None
    slots: int = 1


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One prompt, exactly as it is to be tokenised.

    timeout_s covers the whole answer. temperature 0 is greedy. stop: texts that end the answer.
    """

    prompt: str
    max_tokens: int
    timeout_s: float
    temperature: float = 0.0
    seed: int = 0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    ignore_eos: bool = False
    stop: tuple[str, ...] = ()
    speculation: Speculation | None = None


@dataclass(frozen=True, slots=True)
class SpeculationCounts:
    """What drafting did during one generation. None: the backend does not say.

    drafted_tokens: proposed to the target; accepted_tokens: of them, those it would have chosen itself.
    target_evaluations: evaluations of the target after the prompt, with a draft or without; draft_evaluations:
    those of the draft model. drafted_by_position[i], accepted_by_position[i]: how often a draft had a token at
    place i (from 0), and how often that token was accepted. lookup_drafted_tokens, lookup_accepted_tokens: the
    part of both that prompt lookup proposed. draft_ms: time spent drafting; it is part of the time between tokens.
    """

    drafted_tokens: int
    accepted_tokens: int
    target_evaluations: int | None = None
    draft_evaluations: int | None = None
    lookup_drafted_tokens: int | None = None
    lookup_accepted_tokens: int | None = None
    drafted_by_position: tuple[int, ...] | None = None
    accepted_by_position: tuple[int, ...] | None = None
    draft_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """What became of one request. Timings in milliseconds, rates in tokens per second; None: not measured.

    status is ok or one of FAILURES; text is the answer and None unless ok, partial_text what was reported before
    a failure. decode_ms and sampling_ms are kept apart; generation_tps is by the clock between tokens.
    reported_*_tps: what a server says of itself, beside our own clock. speculation: set when tokens were drafted.
    """

    status: str
    started_at: datetime
    status_reason: str | None = None
    text: str | None = None
    partial_text: str | None = None
    finish_reason: str | None = None
    token_ids: tuple[int, ...] | None = None
    prompt_tokens: int | None = None
    generated_tokens: int | None = None
    ttft_ms: float | None = None
    prompt_ms: float | None = None
    decode_ms: float | None = None
    sampling_ms: float | None = None
    total_ms: float | None = None
    prompt_tps: float | None = None
    generation_tps: float | None = None
    effective_tps: float | None = None
    readings: Mapping[str, Any] = field(default_factory=dict)
    speculation: SpeculationCounts | None = None
    reported_prompt_tps: float | None = None
    reported_generation_tps: float | None = None


def figures_differ(generation: Generation) -> bool | None:
    """Whether the server's decoding speed and our clock's differ by more than MOST_DIFFERENCE_RATIO; None where one of
    them is missing. Servers' own sums have been wrong under speculation."""
    own, reported = generation.generation_tps, generation.reported_generation_tps
    if own is None or reported is None:
        return None
    return abs(own - reported) > MOST_DIFFERENCE_RATIO * min(own, reported)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Everything about a loaded session that a reader needs to reproduce it.

    chat_template, bos_text, eos_text come from the model; model is what the library reported about it.
    """

    backend: str
    backend_version: str | None
    llama_build: str | None
    host: str
    cpu_model: str | None
    cpu_flags: str | None
    system_info: str | None
    threads: int | None
    context_tokens: int
    load_ms: float
    chat_template: str | None
    bos_text: str
    eos_text: str
    model: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChoiceComparison:
    """Two tokens that could follow the same text. margin: by how much the target prefers the reference's, in logits.
    batch_noise: how far these logits move when the text is evaluated in batches. preferred: the likeliest token."""

    margin: float
    batch_noise: float
    preferred: int


class SessionFailure(Exception):
    """A model could not be loaded. status is one of FAILURES; the message is for people. draft: the draft that is
    known to be why, None for the model itself and where it is not known."""

    def __init__(self, status: str, reason: str, draft: str | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.draft = draft


class Session(Protocol):
    """One loaded model. Answers one prompt at a time."""

    @property
    def facts(self) -> SessionFacts:
        """Facts reported when the model had been loaded."""
        ...

    @property
    def alive(self) -> bool:
        """False once a failure has ended the session; another one must be opened then."""
        ...

    @property
    def peak_memory_bytes(self) -> int | None:
        """Largest resident memory, known after close."""
        ...

    def generate(self, request: GenerationRequest) -> Generation:
        """Answers request. Never raises for what a model or its process does: that is the status."""
        ...

    def calibrate(self) -> float | None:
        """Milliseconds that a fixed piece of work took just now on the measured machine; None: cannot be told."""
        ...

    def close(self) -> None:
        """Ends the session and gives its memory back. Safe to call twice."""
        ...


@runtime_checkable
class ShowsLogits(Protocol):
    """A session that can say why two answers differ."""

    def compare_choices(
        self, prompt: str, answer: Sequence[int], reference_token: int, config_token: int, batch_tokens: int
    ) -> ChoiceComparison | None:
        """What the target's logits say about two tokens that could follow prompt and answer (the tokens before the
        difference). batch_tokens: in batches of how many the config evaluates (K + 1). None when it cannot tell."""
        ...


class Backend(Protocol):
    """A way to run models.

    speculation_at_load: drafting is fixed when the model is loaded, so that each K needs a load of its own.
    """

    name: str
    speculation_at_load: bool

    def objection(self, config: Config) -> str | None:
        """Why this backend cannot run a config, in words; None where it can."""
        ...

    def open_session(self, request: SessionRequest) -> Session:
        """Loads a model. Raises SessionFailure."""
        ...
