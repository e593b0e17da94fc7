"""Entry point of the worker process: the line protocol around the engine. The protocol is in the package's
docstring; evaluating tokens is in engine.py."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import resource
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from epyc_assets.inference.worker.engine import Engine, EngineError

Message = dict[str, Any]


def main() -> int:
    """Serves until the parent closes or goes away. Returns the exit status."""
    send = _private_output()
    _be_first_to_die()
    requests = _requests_from_input()
    engine: Engine | None = None
    while True:
        request = requests.get()
        operation = request.get("op")
        try:
            if operation == "load":
                engine = Engine(request["model_path"], request["parameters"], request.get("drafts"))
                send({"event": "loaded", "facts": engine.facts()})
            elif operation == "close":
                if engine is not None:
                    engine.close()
                send({"event": "closed", "peak_memory_bytes": _peak_memory_bytes()})
                return 0
            elif engine is None:
                raise EngineError("no_model", f"{operation!r} was asked before a model was loaded")
            elif operation == "generate":
                send({"event": "generated", **engine.generate(request, send)})
            elif operation == "tokenize":
                send({"event": "tokenized", "token_ids": engine.tokenize(request["text"])})
            elif operation == "calibrate":
                send({"event": "calibrated", "calibration_ms": engine.calibrate()})
            elif operation == "compare_choices":
                send({"event": "compared", **engine.compare_choices(request)})
            else:
                raise EngineError("protocol", f"unknown operation {operation!r}")
        except EngineError as error:
            send({"event": "error", "kind": error.kind, "message": str(error), "draft": error.draft})
        except MemoryError as error:
            send({"event": "error", "kind": "out_of_memory", "message": str(error) or "allocation failed"})


def _private_output() -> Callable[[Message], None]:
    """Keeps the pipe to the parent for the protocol alone: whatever else prints to standard output, native code
    included, lands in standard error."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def send(message: Message) -> None:
        stream.write(json.dumps(message, ensure_ascii=True, separators=(",", ":")) + "\n")
        stream.flush()

    return send


def _requests_from_input() -> queue.SimpleQueue[Message]:
    """A queue fed by a thread, so that the end of input is noticed also while the model is evaluating."""
    requests: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            request = json.loads(line)
            requests.put(request)
            if request.get("op") == "close":
                return
        # The parent is gone: nobody waits for the answer, and the machine must be free for the next sweep.
        os._exit(3)

    threading.Thread(target=read, daemon=True, name="requests").start()
    return requests


def _be_first_to_die() -> None:
    """Asks the kernel to take this process first when memory runs out, not the sweep that started it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _peak_memory_bytes() -> int:
    """Largest resident memory since this program was started. (ru_maxrss would count what the parent had when it made
    this process.)"""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main())
