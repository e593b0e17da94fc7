"""The guard: a small process beside a model server, on the machine where the server runs.

Here: starting the server as its child, telling how it died, reading contention and the calibration work where the
model is evaluated, and killing the server when whoever started the guard goes away. Standard library only. Not here:
requests to the server, which go over HTTP (server_stream), and the other end of these pipes (server_process).

Protocol: one JSON object a line. In: {"op": "start", "command", "environment"} first, then {"op": ...} of calibrate,
probe_start, probe_stop, close. Out: started (server_pid, host), one reply to each operation, and unasked died (code,
memory_ran_out, peak_memory_bytes). What the server prints goes to standard error. The end of the input means that
nobody is there any more: the server is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from epyc_assets.inference.telemetry import ContentionProbe, calibration_ms, host_facts, oom_kills

Message = dict[str, Any]

SETTINGS_PREFIX = "LLAMA_ARG_"
"""Environment variables that llama.cpp takes for arguments: those of the surroundings are not handed on, or they would
change what is measured without a trace."""
_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Serves until it is told to close or its input ends. Returns the exit status."""
    send = _private_output()
    lines = iter(sys.stdin.buffer)
    first = json.loads(next(lines, b"{}"))
    if first.get("op") != "start":
        send({"event": "error", "message": "the first message must be 'start'"})
        return 2
    kills_before = oom_kills()
    try:
        server = _start(first["command"], first.get("environment") or {})
    except OSError as error:
        send({"event": "error", "message": f"{first['command'][0]} could not be started: {error}"})
        return 1
    send({"event": "started", "server_pid": server.pid, "host": asdict(host_facts())})
    ended = threading.Thread(target=_report_end, args=(server, kills_before, send), daemon=True)
    ended.start()
    probe = ContentionProbe()
    for line in lines:
        operation = json.loads(line).get("op")
        if operation == "probe_start":
            probe.start()
            send({"event": "probing"})
        elif operation == "probe_stop":
            send({"event": "probed", "readings": probe.stop().as_dict()})
        elif operation == "calibrate":
            send({"event": "calibrated", "calibration_ms": calibration_ms()})
        elif operation == "close":
            break
    # A killed server loses nothing: it keeps no files.
    with contextlib.suppress(ProcessLookupError):
        server.kill()
    ended.join(timeout=30)
    return 0


def _start(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        # Killed with the guard even where the guard is killed; and taken first when memory runs out.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")

    inherited = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_PREFIX)}
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=2,
        env={**inherited, **environment},
        preexec_fn=prepare,  # The guard has no other thread yet.
    )


def _report_end(server: subprocess.Popen[bytes], kills_before: int | None, send: Callable[[Message], None]) -> None:
    code = server.wait()
    kills = oom_kills()
    send(
        {
            "event": "died",
            "code": code,
            "memory_ran_out": kills is not None and kills_before is not None and kills > kills_before,
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
        }
    )


def _private_output() -> Callable[[Message], None]:
    """Keeps the pipe to the parent for the protocol alone; the server and everything else print to standard error."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    lock = threading.Lock()

    def send(message: Message) -> None:
        with lock, contextlib.suppress(OSError):
            stream.write(json.dumps(message, separators=(",", ":")) + "\n")
            stream.flush()

    return send


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)
