"""Provenance of a sweep: which code, which versions. Of the machine and the model, sessions report themselves."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PACKAGES = ("epyc_assets", "llama_cpp_python", "numpy", "jinja2")
"""Packages that take part in producing or timing an answer."""


@dataclass(frozen=True, slots=True)
class CodeProvenance:
    """git_commit and git_dirty are None outside a git checkout."""

    git_commit: str | None
    git_dirty: bool | None
    package_versions: dict[str, str]


def code_provenance() -> CodeProvenance:
    """Provenance of the running code."""
    checkout = Path(__file__).resolve().parents[2]
    commit = _git(checkout, "rev-parse", "HEAD")
    changes = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return CodeProvenance(commit, None if changes is None else bool(changes), versions)


def _git(checkout: Path, *words: str) -> str | None:
    if not (checkout / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(checkout), *words], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
