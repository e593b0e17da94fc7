"""The xllamacpp backend: llama.cpp's server out of a prebuilt Python wheel (optional extra).

Here: what it can run, and how its server is started in a process of its own. Not here: the program in that process
(xllamacpp_server), sessions (server_session).
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Any

from epyc_assets.inference.backend import SessionFailure, SessionRequest
from epyc_assets.inference.config import Config
from epyc_assets.inference.llama_server import started_session
from epyc_assets.inference.server_session import ServerSession

PROGRAM = "epyc_assets.inference.xllamacpp_server"
HOW_TO_GET = "pip install -c constraints.txt -e '.[xllamacpp]'"


class XllamacppBackend:
    """llama.cpp's server from the package xllamacpp, one process for each load. launch_prefix, python: as for
    llama_cpp."""

    name = "xllamacpp"
    speculation_at_load = True

    def __init__(self, launch_prefix: Sequence[str] = (), python: str = sys.executable) -> None:
        self._launch_prefix, self._python = tuple(launch_prefix), python

    def objection(self, config: Config) -> str | None:
        """Why it cannot run a config; None where it can."""
        if config.moe or config.runtime.metadata_overrides:
            return "xllamacpp cannot replace metadata at load time, so it cannot change the number of experts"
        if config.launch.llama_cpp_library is not None:
            return "xllamacpp brings its own llama.cpp and cannot use another build"
        return None

    def open_session(self, request: SessionRequest) -> ServerSession:
        """Starts a server and loads the model. Raises SessionFailure with the server's last words."""
        if request.parameters.metadata_overrides:
            raise SessionFailure("load_failed", "xllamacpp cannot replace metadata at load time")
        if request.launch.llama_cpp_library is not None:
            raise SessionFailure("load_failed", "xllamacpp cannot use another build of llama.cpp")
        return started_session(
            lambda port: [self._python, "-m", PROGRAM, json.dumps(server_settings(request, port))],
            request,
            backend=self.name,
            launch_prefix=self._launch_prefix,
            python=self._python,
            environment=request.launch.environment,
            version_of=versions_of,
        )


def server_settings(request: SessionRequest, port: int) -> dict[str, Any]:
    """What the server's program is told, ready for JSON. Raises KeyError for a draft that is not in the request."""
    speculation = request.speculation
    draft = request.drafts[speculation.draft] if speculation is not None and speculation.draft is not None else None
    return {
        "port": port,
        "model_path": str(request.model_path),
        "parameters": asdict(request.parameters),
        "slots": request.slots,
        "speculation": None if speculation is None else asdict(speculation),
        "draft_path": None if draft is None else str(draft.path),
    }


def is_installed() -> bool:
    """Whether the package is there."""
    return importlib.util.find_spec("xllamacpp") is not None


def versions_of(props: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Backend version, and llama.cpp's build number: the wheel's own build info is empty, but the last part of the
    package's version is that number."""
    del props
    try:
        version = metadata.version("xllamacpp")
    except metadata.PackageNotFoundError:  # On another machine than this one.
        return None, None
    return version, f"b{version.rpartition('.')[2]}"
