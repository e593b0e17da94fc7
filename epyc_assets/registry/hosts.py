"""Machines: what the registry leaves out is read from the machine; model files are found under its roots.

What belongs here: detection of the machine's CPU, cores and memory, model roots and `resolve_model_file`.
What does not: measuring bandwidth or contention (`inference`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from epyc_assets.registry.entries import Fleet, Host, Model

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}")
_CPU_MODEL = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)
_CGROUP = Path("/sys/fs/cgroup")
_PROC_CPUINFO = Path("/proc/cpuinfo")


def detect_host(host: Host) -> Host:
    """The host with everything that was left out filled in from this machine.

    What the registry states is kept. Cores are physical cores; `default_threads` is the number of physical
    cores this process may use (CPU affinity and cgroup quota considered). Memory is the machine's, or the
    cgroup's limit where that is lower.
    """
    import psutil

    usable = usable_cores()
    found = {
        "cpu_model": _cpu_model(),
        "cores": psutil.cpu_count(logical=False) or psutil.cpu_count() or usable,
        "threads": psutil.cpu_count() or usable,
        "default_threads": usable,
        "memory_bytes": min(psutil.virtual_memory().total, _cgroup_memory_bytes() or 2**62),
        "numa_policy": "default",
    }
    missing = {key: value for key, value in found.items() if getattr(host, key) is None}
    return host.model_copy(update=missing)


def usable_cores() -> int:
    """Physical cores this process may use, at least 1: affinity by distinct core, then the cgroup's quota."""
    try:
        processors = sorted(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        processors = list(range(os.cpu_count() or 1))
    cores = {_core_of(processor) for processor in processors}
    usable = len(cores) or 1
    quota = _cgroup_cpus()
    if quota is not None:
        usable = min(usable, max(1, int(quota)))
    return max(1, usable)


def model_roots(host: Host, checkout: Path, environment: Mapping[str, str] | None = None) -> list[Path]:
    """Folders that hold the host's GGUF files, in order of preference.

    EPYC_MODEL_ROOT (parts separated by os.pathsep) comes before the registry's own roots. `${NAME}` in a root is
    an environment variable, `${NAME:-default}` one with a default; a root with a variable that is not set and has
    no default is left out. Whether a folder is there is not looked at.
    """
    return list(named_model_roots(host, checkout, environment).values())


def named_model_roots(host: Host, checkout: Path, environment: Mapping[str, str] | None = None) -> dict[str, Path]:
    """The roots of `model_roots` by a name that says where they were declared.

    The registry's roots are called as they are written there, those of the environment
    `EPYC_MODEL_ROOT[0]`, `EPYC_MODEL_ROOT[1]` ...; a folder declared twice keeps its first name.
    """
    variables = os.environ if environment is None else environment
    parts = [part for part in variables.get("EPYC_MODEL_ROOT", "").split(os.pathsep) if part]
    declared = [(f"EPYC_MODEL_ROOT[{index}]", Path(part).expanduser()) for index, part in enumerate(parts)]
    for root in host.model_roots:
        path = _expanded(root, checkout, variables)
        if path is not None:
            declared.append((root, path))
    roots: dict[str, Path] = {}
    for name, path in declared:
        if path not in roots.values():
            roots.setdefault(name, path)
    return roots


def history_root(fleet: Fleet, checkout: Path, environment: Mapping[str, str] | None = None) -> Path | None:
    """Folder of the record that the fleet's platform imports: EPYC_HISTORY_DIR, else the registry's `history_root`.

    None where neither names one. Whether the folder is there is not looked at.
    """
    variables = os.environ if environment is None else environment
    named = variables.get("EPYC_HISTORY_DIR", "").strip()
    if named:
        return Path(named).expanduser()
    return _expanded(fleet.history_root, checkout, variables) if fleet.history_root else None


def llama_cpp_binaries(host: Host, checkout: Path, environment: Mapping[str, str] | None = None) -> Path | None:
    """Folder of llama.cpp's programs on this host; None where neither registry nor environment names one."""
    if host.llama_cpp_binaries is None:
        return None
    return _expanded(host.llama_cpp_binaries, checkout, os.environ if environment is None else environment)


def resolve_model_file(model: Model, host: Host, checkout: Path | None = None) -> Path | None:
    """Where the model's file (for a shard set the first one) lies under the host's roots, or None.

    `checkout` is the folder relative roots start from; by default the one that holds the registry.
    """
    if model.file is None:
        return None
    if checkout is None:
        from epyc_assets.registry.loading import registry_directory

        checkout = registry_directory().resolve().parent
    for root in model_roots(host, checkout):
        candidate = root / model.file
        if candidate.is_file():
            return candidate
    return None


def _expanded(root: str, checkout: Path, variables: Mapping[str, str]) -> Path | None:
    values = {found: variables.get(found["name"]) or found["default"] for found in _VARIABLE.finditer(root)}
    if None in values.values():
        return None
    path = Path(_VARIABLE.sub(lambda found: variables.get(found["name"]) or found["default"], root)).expanduser()
    if path.is_absolute():
        return path
    # A relative folder in the environment is meant as in a shell: from where one is.
    begins = _VARIABLE.match(root)
    return path.absolute() if begins is not None and variables.get(begins["name"]) else checkout / path


def _cpu_model() -> str | None:
    try:
        found = _CPU_MODEL.search(_PROC_CPUINFO.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        found = None
    if found:
        return " ".join(found.group(1).split())
    import platform

    return platform.processor() or platform.machine() or None


def _core_of(processor: int) -> tuple[str, str]:
    topology = Path(f"/sys/devices/system/cpu/cpu{processor}/topology")
    try:
        package = (topology / "physical_package_id").read_text(encoding="ascii").strip()
        return package, (topology / "core_id").read_text(encoding="ascii").strip()
    except OSError:
        return "processor", str(processor)


def _cgroup_cpus() -> float | None:
    """CPUs granted by the cgroup (version 2, then 1), or None without a limit."""
    try:
        quota, period = (_CGROUP / "cpu.max").read_text(encoding="ascii").split()[:2]
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    try:
        quota_us = int((_CGROUP / "cpu/cpu.cfs_quota_us").read_text(encoding="ascii"))
        period_us = int((_CGROUP / "cpu/cpu.cfs_period_us").read_text(encoding="ascii"))
        return quota_us / period_us if quota_us > 0 and period_us > 0 else None
    except (OSError, ValueError):
        return None


def _cgroup_memory_bytes() -> int | None:
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            text = (_CGROUP / name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            return int(text)
    return None
