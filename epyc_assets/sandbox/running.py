"""Following programs while they run: feeding and reading their pipes within bounds, and how each ended.

Belongs here: descriptors and one loop over them. Does not belong here: verdicts, or what the bytes on a channel mean.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import selectors
import socket
import time
from collections.abc import Callable
from typing import Any

from epyc_assets.sandbox.outcome import Limits, Outcome, SandboxFault, Status
from epyc_assets.sandbox.worker import Worker, WorkerDamaged

# Beyond its own deadline a supervisor has this long to say how its program ended.
_GRACE_S = 5.0
_MOST_REPORT_BYTES = 200 * 2**20
_SIGNALS = {
    4: "illegal instruction",
    6: "abort",
    9: "killed",
    11: "segmentation fault",
    24: "CPU time",
    25: "file size",
}


class Running:
    """One program in a worker. Output beyond the limit ends it."""

    def __init__(
        self,
        worker: Worker,
        role: str,
        job: dict[str, Any],
        limits: Limits,
        *,
        stdin: bytes = b"",
        channels: list[socket.socket] | None = None,
        collect: list[str] | None = None,
        limit_address_space: bool = True,
    ) -> None:
        """Start it. channels: the program's ends of sockets; closed here once they are handed over.

        Raises:
            WorkerDamaged: it cannot be started.
        """
        self.limits = limits
        self.started = time.monotonic()
        self._report, report = socket.socketpair()
        pipes = [os.pipe() for _ in range(3)]
        (job_out, self._job_in), (self._stdout, stdout_in), (self._stderr, stderr_in) = pipes
        stdin_file = _file_of(stdin)
        given = [
            report.fileno(),
            job_out,
            stdin_file,
            stdout_in,
            stderr_in,
            *(each.fileno() for each in channels or []),
        ]
        order = {
            "role": role, "wall_s": limits.wall_s, "longest_s": limits.longest_s,
            "cpu_s": limits.cpu_s or limits.wall_s, "memory_bytes": limits.memory_bytes,
            "processes": limits.processes, "disk_bytes": limits.disk_bytes,
            "disk_files": limits.disk_files, "open_files": limits.open_files, "collect": collect,
            "limit_address_space": limit_address_space,
        }  # fmt: skip
        self._open = {self._job_in, self._stdout, self._stderr}
        try:
            worker.start(order, given)
        except BaseException:
            self.discard()
            raise
        finally:
            report.close()
            for descriptor in (job_out, stdin_file, stdout_in, stderr_in):
                os.close(descriptor)
            for each in channels or []:
                each.close()
        self._pending = memoryview(json.dumps(job).encode())
        self.output = {self._stdout: bytearray(), self._stderr: bytearray()}
        self._said = bytearray()
        self.outcome: Outcome | None = None
        self._broke: Status | None = None
        self._stopping = False

    def register(self, selector: selectors.BaseSelector) -> None:
        """Let a loop serve this program."""
        os.set_blocking(self._job_in, False)
        selector.register(self._job_in, selectors.EVENT_WRITE, self._feed)
        for descriptor in self.output:
            os.set_blocking(descriptor, False)
            selector.register(descriptor, selectors.EVENT_READ, self._drain)
        self._report.setblocking(False)
        selector.register(self._report, selectors.EVENT_READ, self._hear)

    def _close(self, selector: selectors.BaseSelector, descriptor: int) -> None:
        if descriptor in self._open:
            self._open.discard(descriptor)
            selector.unregister(descriptor)
            os.close(descriptor)

    def _feed(self, selector: selectors.BaseSelector, descriptor: int) -> None:
        try:
            written = os.write(descriptor, self._pending[:65536])
        except BlockingIOError:
            return
        except OSError:  # it reads no more
            written = len(self._pending)
        self._pending = self._pending[written:]
        if not self._pending:
            self._close(selector, descriptor)

    def _drain(self, selector: selectors.BaseSelector, descriptor: int) -> None:
        kept = self.output[descriptor]
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(selector, descriptor)
        elif len(kept) + len(data) > self.limits.output_bytes:
            kept += data[: self.limits.output_bytes - len(kept)]
            self._close(selector, descriptor)
            self.stop("output")
        else:
            kept += data

    def stop(self, why: Status = "stopped") -> None:
        """End the program now; its supervisor sees that its report is no longer wanted."""
        if self.outcome is None and not self._stopping:
            self._stopping = True
            self._broke = why
            with contextlib.suppress(OSError):
                self._report.shutdown(socket.SHUT_WR)

    def _hear(self, selector: selectors.BaseSelector, _: int) -> None:
        try:
            data = self._report.recv(2**20)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._said += data
        if data and len(self._said) < _MOST_REPORT_BYTES:
            return
        selector.unregister(self._report)
        # The namespace is gone with its process 1, so no one can write any more: take what is left.
        for descriptor in (self._stdout, self._stderr):
            while descriptor in self._open:
                before = len(self.output[descriptor])
                self._drain(selector, descriptor)
                if descriptor in self._open and len(self.output[descriptor]) == before:
                    self._close(selector, descriptor)
        self._close(selector, self._job_in)
        self.outcome = self._ended()

    def _ended(self) -> Outcome:
        stdout, stderr = (bytes(self.output[each]) for each in (self._stdout, self._stderr))
        try:
            said = json.loads(self._said)
        except ValueError:
            raise WorkerDamaged("the supervisor of a program did not say how it ended") from None
        if "fault" in said:
            raise WorkerDamaged(said["fault"])
        code, number = said["code"], said["signal"]
        if code == 113 and b"the sandbox could not confine" in stderr:
            raise WorkerDamaged(stderr.decode("utf-8", "replace")[:500])
        status, reason = self._status(said["why"], code, number, stderr)
        collected = {name: base64.b64decode(content) for name, content in (said.get("collected") or {}).items()}
        return Outcome(
            status,
            stdout,
            stderr,
            code,
            number,
            reason,
            said["duration_ms"],
            said["cpu_s"],
            said["peak_bytes"],
            collected,
        )  # fmt: skip

    def _status(self, why: str | None, code: int | None, number: int | None, stderr: bytes) -> tuple[Status, str]:
        limits = self.limits
        if self._broke == "output":
            return "output", f"wrote more than {limits.output_bytes} bytes"
        if why == "timeout":
            return "timeout", f"ran longer than {limits.wall_s:g} s"
        if why == "memory":
            return "memory", f"used more than {limits.memory_bytes // 2**20} MiB of memory"
        if why == "processes":
            return "processes", f"started more than {limits.processes} processes"
        if why == "stopped" or (self._broke is not None and number == 9):
            return "stopped", "was ended from outside"
        if number == 24 or (number == 9 and why is None):
            return "timeout", f"used more than {limits.cpu_s or limits.wall_s:g} s of CPU time, or killed itself"
        if number is not None:
            return "signal", f"was ended by signal {number} ({_SIGNALS.get(number, 'see signal(7)')})"
        last = _telling_line(stderr)
        if code and (last.startswith((b"MemoryError", b"terminate called after throwing")) or b"bad_alloc" in last):
            return "memory", f"ran out of its {limits.memory_bytes // 2**20} MiB of memory"
        if code == 0:
            return "ok", "ended with exit code 0"
        shown = last.decode("utf-8", "replace")[:200]
        return "exit", f"ended with exit code {code}" + (f": {shown}" if shown else "")

    def discard(self) -> None:
        """Close all that is still open."""
        for descriptor in self._open:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._open.clear()
        self._report.close()


def _file_of(content: bytes) -> int:
    """A descriptor of a file in memory with that content, at its start, which nobody can change any more.

    Standard input is a file on judges, and answers ask for its size: `os.read(0, os.fstat(0).st_size)`.
    """
    descriptor = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


Served = Callable[[selectors.BaseSelector, int], None]


def _telling_line(stderr: bytes) -> bytes:
    """The last line that is not indented: below the exception Java writes where it was."""
    lines = [line for line in stderr[-20_000:].splitlines() if line.strip()]
    return next((line for line in reversed(lines) if not line[:1].isspace()), lines[-1] if lines else b"").strip()


def follow(programs: list[Running], others: dict[socket.socket, Served] | None = None) -> None:
    """Serve programs until all have ended. others: sockets to read from, and what reads them.

    Raises:
        WorkerDamaged: one of them did not say how it ended, in its time and a grace.
    """
    deadline = max(each.started + each.limits.longest_s for each in programs) + _GRACE_S
    with selectors.DefaultSelector() as selector:
        try:
            for each in programs:
                each.register(selector)
            for channel, served in (others or {}).items():
                selector.register(channel, selectors.EVENT_READ, served)
            while any(each.outcome is None for each in programs):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise WorkerDamaged("a program was not ended in its time")
                for key, _ in selector.select(left):
                    if selector.get_map().get(key.fd) is key:
                        key.data(selector, key.fd)
        finally:
            for each in programs:
                each.discard()


def twice(work: Callable[[], Any]) -> Any:
    """Do it; where a worker turned out damaged, once more with another.

    Raises:
        SandboxFault: twice.
    """
    try:
        return work()
    except WorkerDamaged:
        try:
            return work()
        except WorkerDamaged as error:
            raise SandboxFault(f"the sandbox failed twice: {error}") from None
