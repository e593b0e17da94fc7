"""The protocol every backend fulfils, and the values that cross it.

Here: what a sweep may ask of a backend and what it gets back. Not here: any one backend (llama_cpp.py), the
worker behind it, or what is done with the answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from epyc_assets.inference.config import LoadParameters

FAILURES = ("timeout", "crashed", "killed", "out_of_memory", "load_failed", "refused")
"""Statuses other than ok. Of these only refused leaves the session usable."""


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """One model to load. parameters are resolved: context_tokens and threads are set.

    load_timeout_s: how long loading and warming up may take.
    """

    model_path: Path
    parameters: LoadParameters
    load_timeout_s: float = 600.0


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


@dataclass(frozen=True, slots=True)
class Generation:
    """What became of one request. Timings in milliseconds, rates in tokens per second; None: not measured.

    status is ok or one of FAILURES; text is the answer and None unless ok, partial_text what was reported before
    a failure. decode_ms and sampling_ms are kept apart; generation_tps is by the clock between tokens.
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


class SessionFailure(Exception):
    """A model could not be loaded. status is one of FAILURES; the message is for people."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


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

    def close(self) -> None:
        """Ends the session and gives its memory back. Safe to call twice."""
        ...


class Backend(Protocol):
    """A way to run models."""

    name: str

    def open_session(self, request: SessionRequest) -> Session:
        """Loads a model. Raises SessionFailure."""
        ...
