"""The llama_server backend: llama.cpp's own server, started by us or already running.

Here: finding the program, the command that starts it, what may be asked of a server that is not ours. Not here: how
arguments are spelt (server_arguments), processes (server_process), sessions (server_session).
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from epyc_assets.inference.backend import SessionFailure, SessionRequest
from epyc_assets.inference.config import Config, LaunchParameters
from epyc_assets.inference.server_arguments import server_arguments
from epyc_assets.inference.server_process import ServerProcess, free_port
from epyc_assets.inference.server_session import GRACE_S, ServerSession
from epyc_assets.inference.server_stream import Address, ask_json

PROGRAM = "llama-server"
PORT_TRIES = 3
"""Ports tried when another process takes the one that was free a moment ago."""
HOW_TO_GET = "docs/backends.md says how to build it; then name its folder in EPYC_LLAMA_CPP_BIN"

MEASURING_ENVIRONMENT = {
    "LLAMA_ARG_CACHE_RAM": "0",
    "LLAMA_ARG_CTX_CHECKPOINTS": "0",
    "LLAMA_ARG_FIT": "off",
    "LLAMA_ARG_UI": "0",
    "LLAMA_ARG_OFFLINE": "1",
    "LLAMA_ARG_ENDPOINT_SLOTS": "1",
}
"""What a server leaves off while it is measured: keeping finished prompts, changing the context to fit, its pages. By
environment, because a build that has no such argument does not mind the variable."""


class LlamaServerBackend:
    """llama-server as a process of ours, one start for each load. launch_prefix: command words before it, such as
    numactl or ssh host; program: path on the machine where it runs; python: the interpreter there."""

    name = "llama_server"
    speculation_at_load = True

    def __init__(self, program: str | Path, launch_prefix: Sequence[str] = (), python: str = sys.executable) -> None:
        self._program, self._launch_prefix, self._python = str(program), tuple(launch_prefix), python

    def objection(self, config: Config) -> str | None:
        """A server runs every config."""
        return None

    def open_session(self, request: SessionRequest) -> ServerSession:
        """Starts a server and loads the model. Raises SessionFailure with the server's last words."""
        program = program_of(self._program, request.launch)
        environment = {**MEASURING_ENVIRONMENT, "LLAMA_ARG_N_PARALLEL": str(request.slots)}
        if request.speculation is not None and request.speculation.minimum_probability is None:
            environment["LLAMA_ARG_SPEC_DRAFT_P_MIN"] = "0"  # Builds have had other defaults.
        if request.launch.llama_cpp_library is not None:
            environment["LD_LIBRARY_PATH"] = request.launch.llama_cpp_library
        environment |= request.launch.environment
        return started_session(
            lambda port: [program, *server_arguments(request, port=port)],
            request,
            backend=self.name,
            launch_prefix=self._launch_prefix,
            python=self._python,
            environment=environment,
        )


class RunningServerBackend:
    """A llama-server that somebody else started and nobody here stops, at a URL.

    Only what it shows can be checked: the model file's name, the context of a slot, the number of slots, whether it
    drafts. A request that it contradicts is refused, and so is one that asks for something that it does not show
    (which drafting, metadata overrides, cache types, launch parameters): a figure under the wrong config is worse than
    none. The number of threads is not shown and is recorded as unknown.
    """

    name = "llama_server"
    speculation_at_load = True

    def __init__(self, url: str) -> None:
        """url: such as http://127.0.0.1:8080. Raises ValueError for one that is none."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of a server; it looks like http://127.0.0.1:8080")
        self._address = Address(parts.hostname, parts.port or 80)

    def objection(self, config: Config) -> str | None:
        """Why this server cannot be told to run a config; None for the baseline with what the server has."""
        if config.is_speculative:
            return "a running server does not show what it drafts with; let llama_server start one"
        if config.moe or config.runtime.metadata_overrides:
            return "a running server does not show its metadata overrides; let llama_server start one"
        if config.launch != LaunchParameters():
            return "a running server does not show how it was started; let llama_server start one"
        return None

    def open_session(self, request: SessionRequest) -> ServerSession:
        """A session on the running server. Raises SessionFailure where it serves something else."""
        started_ns = time.perf_counter_ns()
        reason = self._contradiction(request)
        if reason is not None:
            raise SessionFailure("load_failed", f"the server at {self._address.url}: {reason}")
        return ServerSession(
            self._address,
            request,
            backend=self.name,
            process=None,
            version_of=versions_of,
            started_ns=started_ns,
        )

    def _contradiction(self, request: SessionRequest) -> str | None:
        try:
            status, props = ask_json(self._address, "/props", timeout_s=GRACE_S)
        except (OSError, ValueError) as error:
            return f"no answer: {error}"
        if status != 200 or "default_generation_settings" not in props:
            return f"/props answered with status {status}; this is no llama-server that has a model loaded"
        parameters = request.parameters
        served = PurePath(str(props.get("model_path") or "")).name
        if served != request.model_path.name:
            return f"it serves {served or 'an unnamed model'}, asked for is {request.model_path.name}"
        context = int(props["default_generation_settings"]["n_ctx"])
        if context < (parameters.context_tokens or 0):
            return f"its slots hold {context} tokens, asked for are {parameters.context_tokens}"
        if int(props.get("total_slots", 1)) < request.slots:
            return f"it has {props.get('total_slots')} slots, asked for are {request.slots}"
        unseen = {
            "drafting": request.speculation,
            "metadata overrides": parameters.metadata_overrides,
            "a cache type": parameters.kv_type,
            "flash attention": parameters.flash_attention,
            "launch parameters": None if request.launch == LaunchParameters() else request.launch,
        }
        asked = [name for name, value in unseen.items() if value]
        return f"it does not show whether it has {asked[0]} as asked for" if asked else None


def started_session(
    command_of: Any,
    request: SessionRequest,
    *,
    backend: str,
    launch_prefix: Sequence[str],
    python: str,
    environment: Mapping[str, str],
    version_of: Any = None,
) -> ServerSession:
    """A session on a server that is started for it. command_of: from the port to the command. Tries another port when
    the first was taken in the meantime. Raises SessionFailure."""
    for left in reversed(range(PORT_TRIES)):
        port, started_ns = free_port(), time.perf_counter_ns()
        process = ServerProcess(
            command_of(port),
            launch_prefix=launch_prefix,
            launch=request.launch,
            environment=environment,
            port=port,
            python=python,
        )
        try:
            return ServerSession(
                Address("127.0.0.1", port),
                request,
                backend=backend,
                process=process,
                version_of=version_of or versions_of,
                started_ns=started_ns,
            )
        except SessionFailure as failure:
            if left and "couldn't bind" in str(failure):
                continue
            raise
    raise AssertionError("not reached: the last try raises")


def versions_of(props: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Backend version and llama.cpp build of a llama-server: both are its build info."""
    build = props.get("build_info")
    return build, build


def find_llama_server(folder: Path | None, search_path: str | None = None) -> Path | None:
    """The llama-server in a folder of llama.cpp's programs (None: the one that EPYC_LLAMA_CPP_BIN names), or in bin
    below it, else the one on PATH; None when there is none. search_path: instead of PATH."""
    named = os.environ.get("EPYC_LLAMA_CPP_BIN", "").strip()
    folder = folder or (Path(named) if named else None)
    places = [] if folder is None else [folder, folder / "bin", folder / "build" / "bin"]
    for place in places:
        if (place / PROGRAM).is_file() and os.access(place / PROGRAM, os.X_OK):
            return place / PROGRAM
    found = shutil.which(PROGRAM, path=search_path)
    return Path(found) if found else None


def program_of(program: str, launch: LaunchParameters) -> str:
    """The server to start: that of another build where the config names one. Raises SessionFailure when there is no
    llama-server beside that build's libraries."""
    if launch.llama_cpp_library is None:
        return program
    folder = Path(launch.llama_cpp_library)
    for place in (folder, folder / "bin", folder.parent / "bin"):
        if (place / PROGRAM).is_file():
            return str(place / PROGRAM)
    raise SessionFailure(
        "load_failed", f"no {PROGRAM} in {folder}, nor in bin in or beside it (llama_cpp_library of the config)"
    )
