"""The matrix: which configs exist for a model, and which of them it may not be run with.

A config that is not allowed is kept with its reason. Not here: questions and what has been answered (plan).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from epyc_assets.inference.config import BASELINE, Config
from epyc_assets.registry.entries import Host, Model

TECHNIQUES = ("baseline",)
"""Techniques that sweeps run."""

SERVED_KINDS = ("chat", "draft", "base")
"""Kinds of model that can be asked questions; embedding and vision models need other questions."""

MEMORY_MARGIN_RATIO = 1.05
"""Memory a loaded model needs over its file size: compute buffers and a small KV cache."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A config of a model. not_allowed: why it must not be run, None where it may."""

    config: Config
    not_allowed: str | None


def candidates(model: Model, host: Host, techniques: Sequence[str] = TECHNIQUES) -> list[Candidate]:
    """All configs of a model for the given techniques, with the reasons against them.

    Raises ValueError for a technique that sweeps do not run.
    """
    unknown = [technique for technique in techniques if technique not in TECHNIQUES]
    if unknown:
        raise ValueError(f"no sweep runs the technique {unknown[0]!r}; there is: {', '.join(TECHNIQUES)}")
    return [Candidate(BASELINE, _objection(model, host, BASELINE)) for _ in techniques]


def _objection(model: Model, host: Host, config: Config) -> str | None:
    if model.kind not in SERVED_KINDS:
        return f"a model of kind {model.kind} is not asked text questions"
    if model.deprecated is not None:
        return f"deprecated in the registry: {model.deprecated.reason}"
    if (reason := model.forbidden_reason(config.technique)) is not None:
        return f"forbidden in the registry: {reason}"
    if model.size_bytes and host.memory_bytes and model.size_bytes * MEMORY_MARGIN_RATIO > host.memory_bytes:
        needed, there = (model.size_bytes * MEMORY_MARGIN_RATIO) / 2**30, host.memory_bytes / 2**30
        return f"does not fit into memory: needs about {needed:.1f} GiB, the host has {there:.1f} GiB"
    return None
