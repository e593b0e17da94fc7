"""The command that starts a worker under bubblewrap: what the sandbox contains.

Belongs here: mounts, namespaces and the choice of the Python inside. Does not belong here: talking to the worker
(`worker.py`), and the confinement of each program (`inside/supervisor.py`).
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from epyc_assets.sandbox.outcome import SandboxUnavailable

PYTHON_VARIABLE = "EPYC_SANDBOX_PYTHON"
INSIDE = Path(__file__).parent / "inside"
INSIDE_MOUNT = Path("/sandbox/inside")
MACHINES = ("x86_64", "aarch64")
_SYSTEM = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libx32",
    "/usr/libexec",
    "/usr/bin",
    "/usr/include",
    "/usr/share/zoneinfo",
)
# Where libraries are: the linker's list (a Python under /usr/local needs it), and Debian's links to one of several.
_LINKERS = ("/etc/ld.so.cache", "/etc/alternatives")
_TOP_LINKS = ("bin", "lib", "lib32", "lib64", "libx32")
_PROBE = (
    "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix, sys.exec_prefix, "
    "getattr(sys, '_base_executable', sys.executable), sys.version_info[:2]]))"
)
_CAP_SYS_ADMIN = 21
# What the worker may do so that it can give each program namespaces of its own; programs keep none of it.
_CAPABILITIES = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_SYS_RESOURCE")


@dataclass(frozen=True, slots=True)
class Runtime:
    """A Python to run programs with: its executable, and the folders it needs."""

    executable: str
    folders: tuple[str, ...]


@functools.cache
def runtime(executable: str | None) -> Runtime:
    """The Python inside: the one that runs now (without its virtual environment), or the one named.

    Raises:
        SandboxUnavailable: the one named does not run or is too old.
    """
    if executable is None:
        found = getattr(sys, "_base_executable", sys.executable)
        return Runtime(str(Path(found).resolve()), _folders(sys.base_prefix, sys.base_exec_prefix, found))
    path = shutil.which(executable)
    if path is None:
        raise SandboxUnavailable(f"{PYTHON_VARIABLE} names {executable!r}, which is no program.")
    done = subprocess.run([path, "-c", _PROBE], capture_output=True, text=True, timeout=30, check=False)
    try:
        prefix, base, exec_prefix, real, version = json.loads(done.stdout)
    except ValueError:
        raise SandboxUnavailable(f"{PYTHON_VARIABLE} names {path}, which is no working Python: {done.stderr}") from None
    if tuple(version) < (3, 10):
        raise SandboxUnavailable(f"{PYTHON_VARIABLE} names Python {version[0]}.{version[1]}; 3.10 or newer is needed.")
    return Runtime(str(Path(path).absolute()), _folders(prefix, base, exec_prefix, real, path))


def _folders(*paths: str) -> tuple[str, ...]:
    """The folders of these that /usr's own do not hold, whole prefixes, without one inside another."""
    wanted: list[Path] = []
    for each in paths:
        for path in (Path(each).absolute(), Path(each).resolve()):
            folder = path if path.is_dir() else path.parent.parent
            if folder not in (Path("/"), Path("/usr"), Path.home()) and folder.is_dir():
                wanted.append(folder)
    kept = [each for each in dict.fromkeys(wanted) if not any(other in each.parents for other in wanted)]
    return tuple(str(each) for each in kept if not any(str(each).startswith(f"{system}/") for system in _SYSTEM))


def chosen_python() -> str | None:
    """What EPYC_SANDBOX_PYTHON names, or None."""
    return os.environ.get(PYTHON_VARIABLE) or None


def privileged() -> bool:
    """Whether this process may make namespaces as it is: root, and not a root that a container took the right from."""
    if os.geteuid() != 0:
        return False
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("CapEff:"):
                return bool(int(line.split()[1], 16) >> _CAP_SYS_ADMIN & 1)
    return True


def what_to_do(words: str) -> str:
    """What helps where bubblewrap said these words as it did not start; empty where that is not known."""
    if "nknown option" in words:
        return ". This bubblewrap is too old: 0.5 or newer is needed (apt install bubblewrap)"
    if not re.search(r"namespace|[ug]id map|setting up|permitted|denied|No space left|mount", words, re.IGNORECASE):
        return ""
    return (
        ". Namespaces are refused here. In Docker or Podman: start the container with --security-opt "
        "seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined, and as root also "
        "with --cap-add SYS_ADMIN; on Ubuntu 24.04: sysctl kernel.apparmor_restrict_unprivileged_userns=0; on Debian: "
        "sysctl kernel.unprivileged_userns_clone=1; elsewhere: sysctl user.max_user_namespaces=10000 (docs/sandbox.md)"
    )


def worker_command(control_descriptor: int) -> list[str]:
    """The command of a worker whose control socket is inherited under that number.

    Raises:
        SandboxUnavailable: no bubblewrap, an unknown machine, or no working Python.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxUnavailable("bubblewrap is not installed: apt install bubblewrap")
    if platform.machine() not in MACHINES:
        raise SandboxUnavailable(f"the filter of system calls knows {' and '.join(MACHINES)}, not {platform.machine()}")
    python = runtime(chosen_python())
    # as-pid-1: then bubblewrap waits for its child. Otherwise it leaves one uncollected where it ends.
    command = [
        bwrap, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
        "--as-pid-1", "--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv",
    ]  # fmt: skip
    if not privileged():
        command += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        if "--disable-userns" in _bwrap_help(bwrap):
            command.append("--disable-userns")
    command += ["--cap-drop", "ALL"]
    for capability in _CAPABILITIES:
        command += ["--cap-add", capability]
    # Debian keeps the settings of Java under /etc and links to them.
    bound = [*_SYSTEM, *(str(each) for each in sorted(Path("/etc").glob("java-*-openjdk"))), *python.folders]
    # bubblewrap makes parents that only their owner enters; programs run as another user.
    for parent in _parents([*bound, *_LINKERS, str(INSIDE_MOUNT)]):
        command += ["--dir", parent]
    for folder in bound:
        if Path(folder).is_dir():
            command += ["--ro-bind", folder, folder]
    for each in _LINKERS:
        if Path(each).exists():
            command += ["--ro-bind", each, each]
    for name in _TOP_LINKS:
        if Path("/", name).exists():
            command += ["--symlink", f"usr/{name}", f"/{name}"]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    for name, value in environment.items():
        command += ["--setenv", name, value]
    command += ["--ro-bind", str(INSIDE), str(INSIDE_MOUNT), "--proc", "/proc", "--dev", "/dev", "--dir", "/tmp"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    start = "import sys; sys.path[0] = '/sandbox'; from inside.zygote import main; main()"
    return [*command, python.executable, "-B", "-c", start, str(control_descriptor)]


def _parents(folders: list[str]) -> list[str]:
    """The folders above these, from the top down."""
    found = {str(parent) for folder in folders for parent in Path(folder).parents if str(parent) != "/"}
    return sorted(found - set(folders))


@functools.cache
def _bwrap_help(bwrap: str) -> str:
    return subprocess.run([bwrap, "--help"], capture_output=True, text=True, timeout=30, check=False).stdout
