"""A warm worker as the host sees it: one bubblewrap, asked to start programs, thrown away when in doubt.

Belongs here: starting it, sending it descriptors, ending it. Does not belong here: which worker serves whom
(`pool.py`), or following a program (`running.py`).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import socket
import subprocess
import time
from typing import Any

from epyc_assets.sandbox.bubblewrap import privileged, what_to_do, worker_command
from epyc_assets.sandbox.outcome import SandboxUnavailable

_START_S = 30.0
_REPLY_S = 15.0
_END_S = 2.0
_FIRST_UID = 1_000_000_000
_uids = itertools.count()


class WorkerDamaged(RuntimeError):
    """The worker did not do as it was asked: throw it away."""


class Worker:
    """One bubblewrap with a Python that forks programs. Not for two threads at once."""

    def __init__(self) -> None:
        """Start it and wait until it is warm.

        Raises:
            SandboxUnavailable: it did not start; the message says what bubblewrap said.
        """
        self._control, other = socket.socketpair()
        with open(os.memfd_create("said"), "w+b") as said:  # noqa: PTH123 - needs no folder, and no space in one
            try:
                with other:
                    os.set_inheritable(other.fileno(), True)
                    self._process = subprocess.Popen(
                        worker_command(other.fileno()),
                        stdin=subprocess.DEVNULL, stdout=said, stderr=said, pass_fds=[other.fileno()],
                    )  # fmt: skip
            except BaseException:
                self._control.close()
                raise
            try:
                if self._line(_START_S) != "ready":
                    raise WorkerDamaged("it said something else")
            except WorkerDamaged as error:
                self.close()
                said.seek(0)
                words = said.read(2000).decode("utf-8", "replace").strip()
                told = f"the sandbox does not start: {words.rstrip('.') or error}{what_to_do(words)}"
                raise SandboxUnavailable(told) from None

    @property
    def pid(self) -> int:
        """The process id of its bubblewrap."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether its bubblewrap still runs."""
        return self._process.poll() is None

    def start(self, order: dict[str, Any], descriptors: list[int]) -> None:
        """Start a program; the descriptors go to it in the order that `inside/supervisor.py` says.

        Raises:
            WorkerDamaged: it did not.
        """
        if privileged():
            number = (os.getpid() % 100_000) * 10_000 + next(_uids) % 10_000
            order = {**order, "uid": _FIRST_UID + number}
        try:
            socket.send_fds(self._control, [json.dumps(order).encode() + b"\n"], descriptors)
        except OSError as error:
            raise WorkerDamaged(str(error)) from None
        reply = self._line(_REPLY_S)
        if not reply.isdigit():
            raise WorkerDamaged(reply)

    def _line(self, timeout_s: float) -> str:
        deadline = time.monotonic() + timeout_s
        line = b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            poller = select.poll()
            poller.register(self._control, select.POLLIN)
            ready = poller.poll(max(0.0, left) * 1000)
            if not ready:
                raise WorkerDamaged(f"no word from it for {timeout_s:g} s")
            try:
                data = self._control.recv(4096)
            except OSError:  # reset, where it was killed with something unread
                data = b""
            if not data:
                raise WorkerDamaged("it is gone")
            line += data
        return line.decode("utf-8", "replace").strip()

    def hang_up(self) -> None:
        """Tell it to end, without waiting: it ends when its control socket closes, and its programs with it."""
        with contextlib.suppress(OSError):
            self._control.close()

    def close(self) -> None:
        """End it and every program in it, and take its exit status.

        It is killed only where it does not end by itself: a killed bubblewrap leaves its child to whoever collects
        orphans, which in a container may be nobody.
        """
        self.hang_up()
        try:
            self._process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)

    def abandon(self) -> None:
        """In a forked child: forget the parent's worker without ending it."""
        with contextlib.suppress(OSError):
            self._control.close()
