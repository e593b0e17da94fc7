"""Resources: the warehouse and the measured machine. Thin handles; the work is in the packages below."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from epyc_assets.inference.backend import Backend
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.registry.entries import Host
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
    launch_prefix: command words put before the worker's, ahead of those of the host."""

    wait_for_lock_s: float = 3600.0
    launch_prefix: list[str] = []

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Holds the machine's lock, which the kernel gives back even after kill -9 (a Dagster pool slot leaks)."""
        with measuring_lock(wait_s=self.wait_for_lock_s):
            yield

    def backend(self, host: Host) -> Backend:
        """The backend to run models with."""
        return LlamaCppBackend(launch_prefix=[*self.launch_prefix, *host.launch_prefix])
