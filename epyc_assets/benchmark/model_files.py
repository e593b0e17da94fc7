"""A model's file as plans and sweeps need it. Not here: finding files (registry.hosts, defs.reading)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from epyc_assets.registry.gguf_file import GgufFacts


@dataclass(frozen=True, slots=True)
class ModelFile:
    """Where a model's file is, and the SHA-256 of its contents. facts: what its header says, None where not read."""

    path: Path
    sha256: str
    facts: GgufFacts | None = None
