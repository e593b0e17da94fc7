"""A launch prefix that harms the worker in the middle of a question.

Usage: faulty_launcher.py FAULT MARKER COMMAND... Forwards both directions; once a request that contains MARKER has
been passed on, FAULT happens to the worker: segv, abort, kill or stop (a hang). The launcher then ends the way the
worker ended, as a shell would report it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

FAULTS = {"segv": signal.SIGSEGV, "kill": signal.SIGKILL, "abort": signal.SIGABRT}


def main() -> int:
    fault, marker, command = sys.argv[1], sys.argv[2].encode(), sys.argv[3:]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert worker.stdin is not None
    assert worker.stdout is not None

    def forward_answers() -> None:
        for line in worker.stdout:  # type: ignore[union-attr]
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    answers = threading.Thread(target=forward_answers, daemon=True)
    answers.start()

    def forward_requests() -> None:
        for line in sys.stdin.buffer:
            struck = marker in line and b'"generate"' in line
            if struck:
                # Stopped first, so that a tiny model cannot have answered before the fault arrives.
                worker.send_signal(signal.SIGSTOP)
            worker.stdin.write(line)  # type: ignore[union-attr]
            worker.stdin.flush()  # type: ignore[union-attr]
            if struck and fault != "stop":
                worker.send_signal(FAULTS[fault])
                worker.send_signal(signal.SIGCONT)
        worker.kill()  # The sweep is gone, and a stopped worker cannot notice that by itself.

    threading.Thread(target=forward_requests, daemon=True).start()
    code = worker.wait()
    answers.join(timeout=2)
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    # Not sys.exit: the thread that waits for requests would be in the way of an orderly end.
    os._exit(main())
