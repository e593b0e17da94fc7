"""What a program may use, and how its run ended: `Limits`, `Outcome`, and the errors of the sandbox itself.

Belongs here: types. Does not belong here: enforcing the limits (`inside/supervisor.py`), or verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["ok", "exit", "signal", "timeout", "memory", "output", "processes", "stopped", "fault"]

# A machine with several times as many processes as cores must not turn right answers into wrong ones.
_MOST_STRETCHED = 6.0


class SandboxUnavailable(RuntimeError):
    """Programs cannot be run here; the message says why and what to do."""


class CompilerMissing(RuntimeError):
    """There is no compiler for the language here; the message names it."""


class SandboxFault(RuntimeError):
    """The sandbox itself failed, twice: nothing is known about the program."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use.

    wall_s: from its start to its end, without the time it waited for a core that others kept busy; with it,
    `longest_s` at most. cpu_s: of one process (None: wall_s). memory_bytes: address space beyond
    the interpreter's own of each Python or C++ process, and resident memory of all its processes together.
    disk_bytes: of its folder, and of one file. output_bytes: of standard output and of standard error, each.
    """

    wall_s: float = 10.0
    cpu_s: float | None = None
    memory_bytes: int = 512 * 2**20
    processes: int = 64
    disk_bytes: int = 64 * 2**20
    disk_files: int = 4096
    output_bytes: int = 2**20
    open_files: int = 256

    @property
    def longest_s(self) -> float:
        """Seconds after which a program ends on a busy machine too."""
        return _MOST_STRETCHED * self.wall_s


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended.

    status: ok (exit code 0), exit (another code), signal, timeout, memory, output, processes (a limit it broke),
    stopped (ended by the caller, e.g. because its tests were over), fault (the sandbox failed). stdout, stderr:
    what it wrote, up to the limit. reason: the status in words. exit_code, signal: None where there is none.
    """

    status: Status
    stdout: bytes
    stderr: bytes
    exit_code: int | None
    signal: int | None
    reason: str
    duration_ms: float
    cpu_s: float | None = None
    peak_memory_bytes: int | None = None
    collected: dict[str, bytes] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it ran to its end with exit code 0. Says nothing about the answer: a program can always exit."""
        return self.status == "ok"

    @property
    def text(self) -> str:
        """Standard output as text; what is not UTF-8 shows as U+FFFD."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Standard error as text."""
        return self.stderr.decode("utf-8", "replace")
