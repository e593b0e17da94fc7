"""Choosing a backend by its name.

Here: which there are, whether each is installed, and making one. Not here: what any of them does.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from epyc_assets.inference import llama_server, xllamacpp
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.inference.llama_server import LlamaServerBackend, RunningServerBackend, find_llama_server
from epyc_assets.inference.xllamacpp import XllamacppBackend

SERVERS = ("llama_server", "xllamacpp")
"""Backends with slots, the preferred one first."""
NAMES = ("llama_cpp", *SERVERS)


class BackendUnavailable(Exception):
    """A backend that is not there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend is there. found: where or which; advice: what to do when it is not."""

    name: str
    available: bool
    found: str
    advice: str = ""


def availability(name: str, binaries: Path | None = None) -> Availability:
    """Whether a backend is installed. binaries: the host's folder of llama.cpp's programs.

    Raises BackendUnavailable for a name that is none.
    """
    if name == "llama_cpp":
        there = importlib.util.find_spec("llama_cpp") is not None
        advice = "pip install -c constraints.txt -e '.[llama]' (compiles for minutes)"
        return Availability(name, there, "llama-cpp-python" if there else "not installed", "" if there else advice)
    if name == "xllamacpp":
        there = xllamacpp.is_installed()
        advice = "" if there else xllamacpp.HOW_TO_GET
        return Availability(name, there, xllamacpp.versions_of({})[0] or "" if there else "not installed", advice)
    if name == "llama_server":
        program = find_llama_server(binaries)
        if program is not None:
            return Availability(name, True, str(program))
        where = f"not in {binaries}, nor on PATH" if binaries else "not on PATH, and EPYC_LLAMA_CPP_BIN is not set"
        return Availability(name, False, where, llama_server.HOW_TO_GET)
    raise BackendUnavailable(f"there is no backend {name!r}; there is {', '.join(NAMES)}")


def make_backend(
    name: str, *, launch_prefix: Sequence[str] = (), binaries: Path | None = None, url: str | None = None
) -> Backend:
    """A backend by name. url: of a llama_server that is running already. Raises BackendUnavailable.

    Where the launch prefix leads to another machine (ssh), binaries is a folder there and is not looked into.
    """
    if url is not None:
        if name != "llama_server":
            raise BackendUnavailable(f"only llama_server can use a running server, not {name}")
        try:
            return RunningServerBackend(url)
        except ValueError as error:
            raise BackendUnavailable(str(error)) from error
    elsewhere = any(word.rpartition("/")[2] == "ssh" for word in launch_prefix)
    if name == "llama_server" and elsewhere and binaries is not None:
        return LlamaServerBackend(binaries / llama_server.PROGRAM, launch_prefix)
    found = availability(name, binaries)
    if not found.available:
        raise BackendUnavailable(f"backend {name}: {found.found}; {found.advice}")
    if name == "llama_cpp":
        return LlamaCppBackend(launch_prefix)
    if name == "xllamacpp":
        return XllamacppBackend(launch_prefix)
    return LlamaServerBackend(found.found, launch_prefix)
