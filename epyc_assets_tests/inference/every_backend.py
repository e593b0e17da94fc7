"""The backends that this machine has, for tests that hold for all of them. One that is missing is a skip that says
what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from epyc_assets.inference.backend import Backend
from epyc_assets.inference.backends import SERVERS, availability, make_backend


def binaries() -> Path | None:
    """Folder with llama-server, where the environment names one."""
    named = os.environ.get("EPYC_LLAMA_CPP_BIN")
    return Path(named) if named else None


def backend_or_skip(name: str, *launch_prefix: str) -> Backend:
    """A backend by name; skips the test where it is not there."""
    found = availability(name, binaries())
    if not found.available:
        pytest.skip(f"{name}: {found.found}; {found.advice}")
    return make_backend(name, launch_prefix=launch_prefix, binaries=binaries())


def server_or_skip(*launch_prefix: str) -> Backend:
    """A backend with a server: llama-server where there is one, else xllamacpp."""
    for name in SERVERS:
        if availability(name, binaries()).available:
            return backend_or_skip(name, *launch_prefix)
    return backend_or_skip(SERVERS[0])
