"""Resources: the warehouse and the measured machine. Thin handles; the work is in the packages below."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from epyc_assets.inference.backend import Backend
from epyc_assets.inference.backends import make_backend
from epyc_assets.registry.entries import Host
from epyc_assets.registry.hosts import llama_cpp_binaries
from epyc_assets.registry.loading import registry_directory
from epyc_assets.warehouse import Warehouse
from epyc_assets.warehouse.lock import measuring_lock

MEASURING_POOL = "measured_machine"
"""Dagster pool of every asset that measures: one step at a time."""


class WarehouseResource(dg.ConfigurableResource):
    """The DuckDB file; path empty: the one in the data directory."""

    path: str = ""

    def open(self) -> Warehouse:
        """A handle; connections are opened per operation."""
        return Warehouse(Path(self.path)) if self.path else Warehouse()


class MeasuredMachine(dg.ConfigurableResource):
    """The machine that sweeps run on. wait_for_lock_s: how long to wait for another measured job to end;
    launch_prefix: command words put before the worker's, ahead of those of the host; backend_name: what runs the
    models (llama_cpp, llama_server or xllamacpp), empty: EPYC_BACKEND, else llama_cpp; server_url: of a llama-server
    that runs already."""

    wait_for_lock_s: float = 3600.0
    launch_prefix: list[str] = []
    backend_name: str = ""
    server_url: str = ""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Holds the machine's lock, which the kernel gives back even after kill -9 (a Dagster pool slot leaks)."""
        with measuring_lock(wait_s=self.wait_for_lock_s):
            yield

    def backend(self, host: Host, name: str = "", checkout: Path | None = None) -> Backend:
        """The backend to run models with. name: instead of the configured one. checkout: folder that relative paths of
        the registry start from. Raises BackendUnavailable with what to do."""
        chosen = name or self.backend_name or os.environ.get("EPYC_BACKEND", "").strip() or "llama_cpp"
        binaries = llama_cpp_binaries(host, checkout or registry_directory().resolve().parent)
        prefix = [*self.launch_prefix, *host.launch_prefix]
        url = self.server_url if chosen == "llama_server" else ""
        return make_backend(chosen, launch_prefix=prefix, binaries=binaries, url=url or None)
