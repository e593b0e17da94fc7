"""Taking turns within one process.

Belongs here: the gate that lets one thread at a time use a warehouse file, and deadlines. Does not belong here:
DuckDB's lock between processes (`connection.py`), the machine's lock for measuring (`lock.py`).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from epyc_assets.warehouse import faults
from epyc_assets.warehouse.holder import this_process


class Deadline:
    """A moment by which something must be done."""

    def __init__(self, allowed_s: float) -> None:
        self.allowed_s = allowed_s
        self._end = time.monotonic() + allowed_s

    def remaining_s(self) -> float:
        return self._end - time.monotonic()


class Gate:
    """Turn-taking between the threads of this process; DuckDB's own lock works only between processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None

    @property
    def held(self) -> bool:
        return self._lock.locked()

    @contextlib.contextmanager
    def entered(self, path: Path, deadline: Deadline) -> Iterator[None]:
        if self._owner == threading.get_ident():
            raise faults.WarehouseError(
                f"The warehouse {path} is already open in this thread: a write (or a live read) was started "
                f"inside another one. Use the connection of the outer one, or end that first."
            )
        if not self._lock.acquire(timeout=max(deadline.remaining_s(), 0.001)):
            raise faults.locked(path, this_process("another thread of this process"), deadline.allowed_s, writing=True)
        self._owner = threading.get_ident()
        try:
            yield
        finally:
            self._owner = None
            self._lock.release()


_gates: dict[Path, Gate] = {}
_gates_lock = threading.Lock()


def gate_of(path: Path) -> Gate:
    """The one gate of this process for a warehouse file."""
    with _gates_lock:
        return _gates.setdefault(path, Gate())
