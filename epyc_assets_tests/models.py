"""Real, small models that tests load: the shipped demo fleet."""

from __future__ import annotations

from pathlib import Path

FLEET_DIRECTORY = Path(__file__).parents[1] / "data" / "fleet"


def shipped(name: str) -> Path:
    """Path of a shipped model."""
    path = FLEET_DIRECTORY / f"{name}.gguf"
    assert path.is_file(), f"{path} is missing: the demo fleet is part of the repository"
    return path
