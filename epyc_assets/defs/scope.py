"""What a code location serves: one fleet of the registry, on its host.

Here: choosing the fleet and reading the registry anew when an asset runs. Not here: what is in the registry.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from epyc_assets.registry.entries import Fleet, Host
from epyc_assets.registry.hosts import detect_host, history_root
from epyc_assets.registry.loading import Registry, load_registry

DEFAULT_FLEET = "demo"
OWNERS = ["team:epyc_assets"]


def chosen_fleet() -> str:
    """Name of the fleet to serve: EPYC_FLEET, else demo."""
    return os.environ.get("EPYC_FLEET", "").strip() or DEFAULT_FLEET


@dataclass(frozen=True)
class Scope:
    """The registry as it is now, and the fleet that is served."""

    registry: Registry
    fleet: Fleet

    @property
    def host(self) -> Host:
        """The fleet's host, what the registry leaves out read from this machine."""
        return detect_host(self.registry.host_of(self.fleet))


def load_scope(fleet: str) -> Scope:
    """Reads the registry. Raises RegistryFault, which names every fault."""
    registry = load_registry()
    return Scope(registry, registry.fleet(fleet))


def configured_history_root(scope: Scope) -> Path | None:
    """Folder of the record to import: EPYC_HISTORY_DIR, else the fleet's `history_root`; None: no record."""
    return history_root(scope.fleet, scope.registry.checkout)
