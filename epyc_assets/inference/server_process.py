"""A model server as a process of ours: started through the launch prefix, watched, killed with all it started.

Here: the near end of the guard's pipes, causes of death as statuses, free ports. Not here: what runs on the server's
machine (server_guard), requests (server_stream), which program with which arguments (llama_server, xllamacpp).
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epyc_assets.inference.backend import SessionFailure
from epyc_assets.inference.config import LaunchParameters
from epyc_assets.inference.llama_cpp import launched

GUARD = "epyc_assets.inference.server_guard"
ANSWER_S = 10.0
"""How long the guard may take to answer; the calibration work takes milliseconds."""
DEATH_S = 5.0
"""How long after a connection broke the news of the server's death may take."""
LOG_LINES = 400
_ERROR_LINE = re.compile(r"^\S+ E ")
"""A line of llama.cpp's log at level error."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a server ended. status: crashed, killed or out_of_memory."""

    status: str
    reason: str


class ServerProcess:
    """A server and its guard. Safe to use from several threads."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        launch_prefix: Sequence[str],
        launch: LaunchParameters,
        environment: Mapping[str, str],
        port: int,
        python: str = sys.executable,
    ) -> None:
        """Starts command, a server that listens on port. environment: for the server alone.

        Raises SessionFailure(load_failed) when it cannot be started.
        """
        self._log: collections.deque[str] = collections.deque(maxlen=LOG_LINES)
        self._replies: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._dead = threading.Event()
        self._death: Death | None = None
        self._closed = False
        self._lock = threading.Lock()
        self.peak_memory_bytes: int | None = None
        guard = launched((python, "-m", GUARD), tunnelled(launch_prefix, port), launch)
        try:
            self._guard = subprocess.Popen(
                guard, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise SessionFailure(
                "load_failed",
                f"the server's guard could not be started: {error}; check launch_prefix in the host's registry entry "
                f"(command: {' '.join(guard)})",
            ) from error
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()
        threading.Thread(target=self._read_events, daemon=True).start()
        started = self._ask({"op": "start", "command": list(command), "environment": dict(environment)})
        if started is None or started["event"] != "started":
            self.close()
            why = f"{started['message']}" if started else f"the server's guard did not start{self.last_words()}"
            raise SessionFailure("load_failed", why)
        self.server_process_id: int = started["server_pid"]
        self.host: dict[str, Any] = started["host"]

    @property
    def process_id(self) -> int:
        """Process id of the guard, or of its launch prefix; also the id of the process group of all of it."""
        return self._guard.pid

    def death(self, wait_s: float = 0.0) -> Death | None:
        """How the server died; None while it lives, or when no news of its death came within wait_s."""
        self._dead.wait(wait_s)
        return self._death

    def calibrate(self) -> float | None:
        """Milliseconds of the fixed piece of work on the server's machine; None when there is nobody to ask."""
        reply = self._ask({"op": "calibrate"})
        return None if reply is None else reply.get("calibration_ms")

    def start_probe(self) -> None:
        """Begins to read contention on the server's machine."""
        self._ask({"op": "probe_start"})

    def stop_probe(self) -> dict[str, Any]:
        """Readings since start_probe; empty when there is nobody to ask."""
        reply = self._ask({"op": "probe_stop"})
        return {} if reply is None else dict(reply.get("readings") or {})

    def log(self) -> list[str]:
        """The latest lines that the server printed."""
        return list(self._log)

    def last_words(self) -> str:
        """What the server said last, errors first, ready to be put behind a sentence; empty when it said nothing."""
        lines = [line for line in self._log if line.strip()]
        said = [line for line in lines if _ERROR_LINE.match(line)][-5:] or lines[-5:]
        return f"; its last words: {' | '.join(said)}" if said else ""

    def close(self) -> None:
        """Ends server and guard, and learns the peak of memory. Safe to call twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._send({"op": "close"})
        self._dead.wait(DEATH_S)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._guard.pid, signal.SIGKILL)
        self._guard.wait()
        if self._guard.stdin is not None:
            with contextlib.suppress(OSError):
                self._guard.stdin.close()

    def _ask(self, message: dict[str, Any]) -> dict[str, Any] | None:
        with self._lock:
            if self._closed or self._dead.is_set():
                return None
            with contextlib.suppress(queue.Empty):
                while True:  # An answer that came too late is not one to this question.
                    self._replies.get_nowait()
            self._send(message)
            try:
                return self._replies.get(timeout=ANSWER_S)
            except queue.Empty:
                return None

    def _send(self, message: dict[str, Any]) -> None:
        assert self._guard.stdin is not None
        # Where the guard is dead, the end of its output says so.
        with contextlib.suppress(OSError):
            self._guard.stdin.write(json.dumps(message).encode() + b"\n")
            self._guard.stdin.flush()

    def _read_events(self) -> None:
        assert self._guard.stdout is not None
        for line in self._guard.stdout:
            try:
                event = json.loads(line)
            except ValueError:  # A launch prefix that prints, or a line torn by the guard's death.
                self._log.append(f"unreadable line from the server's guard: {line[:200]!r}")
                continue
            if event.get("event") == "died":
                self.peak_memory_bytes = event["peak_memory_bytes"]
                self._log_reader.join(timeout=0.2)
                self._death = self._death_of(event["code"], memory_ran_out=event["memory_ran_out"])
                self._dead.set()
                self._replies.put(None)
            else:
                self._replies.put(event)
        if self._death is None and not self._closed:
            code = self._guard.wait()
            self._log_reader.join(timeout=0.2)
            self._death = self._death_of(128 - code if code < 0 else code, memory_ran_out=False)
        self._dead.set()
        self._replies.put(None)

    def _death_of(self, code: int, *, memory_ran_out: bool) -> Death:
        """Launch prefixes report a signal N as 128 + N."""
        number = -code if code < 0 else code - 128 if code > 128 else 0
        if number == signal.SIGKILL:
            if memory_ran_out:
                return Death("out_of_memory", "the kernel killed the server because memory ran out")
            return Death("killed", "the server was killed by signal 9 (SIGKILL) and not by the sweep")
        if not number:
            return Death("crashed", f"the server ended with exit status {code}{self.last_words()}")
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        return Death("crashed", f"the server died of {name}{self.last_words()}")

    def _read_log(self) -> None:
        assert self._guard.stderr is not None
        for line in self._guard.stderr:
            self._log.append(line.decode("utf-8", errors="replace").rstrip())


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now. Another process may take it before it is used."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tunnelled(launch_prefix: Sequence[str], port: int) -> list[str]:
    """A launch prefix through which port of 127.0.0.1 reaches the same port there: ssh is told to forward it."""
    words = list(launch_prefix)
    for place, word in enumerate(words):
        if word.rpartition("/")[2] == "ssh":
            forward = ["-o", "ExitOnForwardFailure=yes", "-L", f"127.0.0.1:{port}:127.0.0.1:{port}"]
            return [*words[: place + 1], *forward, *words[place + 1 :]]
    return words
