"""The warm worker: a Python that has its imports done and forks a confined process per program.

Belongs here: reading what to start from the host, and forking. Does not belong here: programs, tests or values.
What a program or an examiner gets to read travels over a pipe that only its own process opens, so nothing of one
question is ever in the memory that the next one is forked from.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import socket
import sys

# What answers import most; the import then costs a program nothing.
_WARM = (
    "abc", "bisect", "cmath", "collections", "collections.abc", "copy", "dataclasses", "datetime", "decimal", "enum",
    "fractions", "functools", "heapq", "io", "itertools", "json", "math", "operator", "queue", "random", "re",
    "statistics", "string", "textwrap", "threading", "traceback", "typing", "unittest", "unittest.mock",
)  # fmt: skip
_MOST_DESCRIPTORS = 8


def serve(control: socket.socket) -> None:
    """Fork what the host asks for until it hangs up."""
    from . import codec, examiner, peer, program, supervisor  # noqa: F401 - warm as well

    for name in _WARM:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    control.sendall(b"ready\n")
    while True:
        message, descriptors = _received(control)
        if not message:
            return
        order = json.loads(message)
        try:
            pid = supervisor.start(order, descriptors, control)
            control.sendall(b"%d\n" % pid)
        except OSError as error:
            control.sendall(f"refused: {error}\n".encode())
        for descriptor in descriptors:
            os.close(descriptor)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _received(control: socket.socket) -> tuple[bytes, list[int]]:
    """One line from the host and the descriptors that came with it."""
    received = array.array("i")
    line = b""
    while not line.endswith(b"\n"):
        data, ancillary, _, _ = control.recvmsg(65536, socket.CMSG_SPACE(_MOST_DESCRIPTORS * received.itemsize))
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received.frombytes(content[: len(content) - len(content) % received.itemsize])
        if not data:
            return b"", []
        line += data
    return line, list(received)


def main() -> None:
    """Take the control socket by its number and serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    serve(control)
