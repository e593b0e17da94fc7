"""Hosts, models, roles and quirks: typed, validated, from YAML and from GGUF metadata.

What belongs in this package: what a person declares about machines, models and jobs, the facts a GGUF file
tells about itself, and the rows made from both. What does not: running models, the warehouse.
"""

from __future__ import annotations

from epyc_assets.registry.entries import (
    Deprecated,
    Fleet,
    Forbidden,
    Gate,
    Host,
    LoadParameters,
    MeasuredFigure,
    Model,
    QuestionSet,
    Quirk,
    Role,
    ServedWith,
    Thinking,
)
from epyc_assets.registry.faults import Fault, RegistryFault
from epyc_assets.registry.loading import Registry, load_registry, registry_directory

__all__ = [
    "Deprecated",
    "Fault",
    "Fleet",
    "Forbidden",
    "Gate",
    "Host",
    "LoadParameters",
    "MeasuredFigure",
    "Model",
    "QuestionSet",
    "Quirk",
    "Registry",
    "RegistryFault",
    "Role",
    "ServedWith",
    "Thinking",
    "load_registry",
    "registry_directory",
]
