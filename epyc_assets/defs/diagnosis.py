"""Diagnosis of an installation: what `epyc doctor` tells. Changes nothing unless asked to repair."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from epyc_assets.defs.scope import chosen_fleet
from epyc_assets.inference.backends import SERVERS, availability
from epyc_assets.registry.faults import RegistryFault
from epyc_assets.registry.hosts import detect_host, llama_cpp_binaries, named_model_roots, resolve_model_file
from epyc_assets.registry.loading import load_registry
from epyc_assets.sandbox import availability as sandbox_availability
from epyc_assets.warehouse import Warehouse, WarehouseError
from epyc_assets.warehouse.location import DataDirectoryUnusable, data_directory
from epyc_assets.warehouse.lock import lock_holder

PACKAGES = {
    "dagster": ("wrong", "pip install -c constraints.txt -e ."),
    "duckdb": ("wrong", "pip install -c constraints.txt -e ."),
    "dagster_webserver": ("optional", "pip install -c constraints.txt -e '.[ui]' to use `make ui`"),
    "llama_cpp": ("wrong", "pip install -c constraints.txt -e '.[llama]' (compiles for minutes) to run models"),
    "matplotlib": ("optional", "pip install -c constraints.txt -e '.[plots]' for `epyc plot` and plots in the UI"),
    "torch": ("optional", "pip install -c constraints.txt -e '.[train]' to train the demo fleet"),
}
"""Module to what its absence means and what to do about it."""

LEAST_FREE_BYTES = 2 * 2**30
"""Below this much free space the data directory is reported."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at. status: ok, optional (missing, but not needed for everything) or wrong."""

    subject: str
    status: str
    found: str
    advice: str = ""

    def as_dict(self) -> dict[str, str]:
        """As a row."""
        return asdict(self)


def diagnose(*, repair: bool = False) -> list[Diagnosis]:
    """Looks at everything. repair: also ends runs whose process is gone and frees their pool slots."""
    found = [*_software(), *_registry()]
    try:
        folder = data_directory()
    except DataDirectoryUnusable as error:
        return [*found, Diagnosis("data directory", "wrong", str(error))]  # All the rest is in it.
    return [*found, *_data(folder), *_locks(), *_instance(repair)]


def _software() -> Iterator[Diagnosis]:
    yield Diagnosis("python", "ok", f"{platform.python_version()} ({sys.executable})")
    for module, (status, advice) in PACKAGES.items():
        if importlib.util.find_spec(module) is None:
            yield Diagnosis(module, status, "not installed", advice)
        else:
            name = {"llama_cpp": "llama_cpp_python"}.get(module, module)
            yield Diagnosis(module, "ok", metadata.version(name))
    reason = sandbox_availability()
    if reason is None:
        yield Diagnosis("sandbox", "ok", "programs in answers are run under bubblewrap")
    else:
        yield Diagnosis("sandbox", "optional", reason, "code questions are not scored until it works: docs/sandbox.md")


def _registry() -> Iterator[Diagnosis]:
    try:
        registry = load_registry()
    except RegistryFault as fault:
        yield Diagnosis("registry", "wrong", str(fault), "edit the files named and run this again")
        return
    sizes = ", ".join(f"{name} ({len(fleet.models)} models)" for name, fleet in registry.fleets.items())
    yield Diagnosis("registry", "ok", f"{registry.directory}: {sizes}")
    name = chosen_fleet()
    if name not in registry.fleets:
        known = ", ".join(registry.fleets)
        yield Diagnosis("fleet", "wrong", f"EPYC_FLEET names {name!r}, which is none", f"there is: {known}")
        return
    fleet = registry.fleets[name]
    host = registry.host_of(fleet)
    roots = named_model_roots(host, registry.checkout)
    for root, folder in roots.items():
        there = folder.is_dir()
        advice = "" if there else "make it, or set EPYC_MODEL_ROOT to where the GGUF files are"
        yield Diagnosis("model root", "ok" if there else "optional", f"{root} = {folder}", advice)
    in_use = fleet.models_in_use().values()
    present = [model for model in in_use if resolve_model_file(model, host, registry.checkout) is not None]
    status = "ok" if len(present) == len(list(in_use)) else "optional"
    yield Diagnosis(f"fleet {name}", status, f"{len(present)} of {len(list(in_use))} model files are there")
    machine = detect_host(host)
    memory = (machine.memory_bytes or 0) / 2**30
    yield Diagnosis("machine", "ok", f"{machine.cpu_model}, {machine.cores} cores, {memory:.0f} GiB")
    for name in SERVERS:
        there = availability(name, llama_cpp_binaries(host, registry.checkout))
        yield Diagnosis(f"backend {name}", "ok" if there.available else "optional", there.found, there.advice)


def _data(folder: Path) -> Iterator[Diagnosis]:
    free = shutil.disk_usage(folder).free
    enough = free >= LEAST_FREE_BYTES
    advice = "" if enough else "free some space, or move EPYC_DATA_DIR"
    yield Diagnosis("data directory", "ok" if enough else "wrong", f"{folder}, {free / 2**30:.1f} GiB free", advice)
    warehouse = Warehouse()
    if not warehouse.path.exists():
        yield Diagnosis("warehouse", "optional", "not made yet", "make demo, or epyc sweep")
        return
    try:
        with warehouse.read() as connection:
            rows = connection.execute("SELECT count(*) FROM generations").fetchall()[0][0]
            rejected = connection.execute("SELECT count(*) FROM rejects").fetchall()[0][0]
    except WarehouseError as error:
        yield Diagnosis("warehouse", "wrong", str(error))
        return
    yield Diagnosis("warehouse", "ok", f"{warehouse.path}, {rows} generations published")
    if rejected:
        advice = 'epyc sql "SELECT * FROM rejects"'
        yield Diagnosis("rejects", "optional", f"{rejected} records could not be read", advice)


def _locks() -> Iterator[Diagnosis]:
    holder = Warehouse().lock_holder()
    if holder is None:
        yield Diagnosis("warehouse lock", "ok", "free")
    else:
        yield Diagnosis(
            "warehouse lock", "optional", f"held by {holder.sentence()}", "wait; it is held for moments only"
        )
    measuring = lock_holder()
    if measuring is None:
        yield Diagnosis("measuring lock", "ok", "free")
    else:
        yield Diagnosis(
            "measuring lock", "optional", f"held by {measuring.sentence()}", "one measured job runs at a time"
        )


def _instance(repair: bool) -> Iterator[Diagnosis]:
    import dagster as dg

    from epyc_assets.defs.instance import abandoned_runs, prepare_home, repair_instance

    home = prepare_home()
    with dg.DagsterInstance.get() as instance:
        abandoned = [run.run_id for run in abandoned_runs(instance)]
        if repair:
            repair_instance(instance)
            yield Diagnosis("dagster", "ok", f"{home}: {len(abandoned)} abandoned runs ended, their slots freed")
        elif abandoned:
            advice = "epyc doctor --repair ends them and frees their slots (a sweep does so too)"
            yield Diagnosis("dagster", "wrong", f"{home}: {len(abandoned)} runs whose process was killed", advice)
        else:
            yield Diagnosis("dagster", "ok", f"{home}: no abandoned runs")
