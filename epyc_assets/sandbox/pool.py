"""The warm workers of this process, one per core: lending them, replacing damaged ones, and `availability`.

Belongs here: threads and forks of the host. Does not belong here: programs. Workers are started by a thread that
lives as long as the process, because bubblewrap dies with the *thread* that started it.
"""

from __future__ import annotations

import atexit
import concurrent.futures
import contextlib
import os
import queue
import threading
from collections.abc import Iterator

from epyc_assets.sandbox.bubblewrap import chosen_python
from epyc_assets.sandbox.outcome import SandboxUnavailable
from epyc_assets.sandbox.worker import Worker


class Pool:
    """Up to `size` workers, started when first needed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._asked: queue.SimpleQueue[concurrent.futures.Future[Worker]] = queue.SimpleQueue()
        self._starter: threading.Thread | None = None
        self._closed = False

    @contextlib.contextmanager
    def worker(self) -> Iterator[Worker]:
        """Lend a worker; one that leaves with an exception is thrown away.

        Raises:
            SandboxUnavailable: none can be started.
        """
        with self._slots:
            with self._lock:
                worker = None
                while self._idle and worker is None:
                    worker = self._idle.pop()
                    if not worker.alive:
                        self._all.discard(worker)
                        worker.close()
                        worker = None
            if worker is None:
                worker = self._started()
            try:
                yield worker
            except BaseException:
                self._all.discard(worker)
                worker.close()
                raise
            with self._lock:
                if self._closed:
                    worker.close()
                else:
                    self._idle.append(worker)

    def _started(self) -> Worker:
        wanted: concurrent.futures.Future[Worker] = concurrent.futures.Future()
        with self._lock:
            if self._starter is None:
                # A daemon, so that it (and so the workers) outlives the threads that Python waits for at its end.
                self._starter = threading.Thread(target=self._start_workers, name="sandbox", daemon=True)
                try:
                    self._starter.start()
                except RuntimeError as error:  # the interpreter is shutting down
                    self._starter = None
                    raise SandboxUnavailable(f"this process is ending: {error}") from None
        self._asked.put(wanted)
        worker = wanted.result()
        with self._lock:
            self._all.add(worker)
        return worker

    def _start_workers(self) -> None:
        while True:
            wanted = self._asked.get()
            try:
                wanted.set_result(Worker())
            except BaseException as error:  # noqa: BLE001
                wanted.set_exception(error)

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            self._closed = True
            workers, self._all, self._idle = self._all, set(), []
        for worker in workers:
            worker.hang_up()
        for worker in workers:
            worker.close()

    def abandon(self) -> None:
        """In a forked child: forget the parent's workers."""
        for worker in self._all:
            worker.abandon()


_pools: dict[str | None, Pool] = {}
_reasons: dict[str | None, str | None] = {}
_guard = threading.Lock()


def pool() -> Pool:
    """This process's pool for the chosen Python."""
    python = chosen_python()
    with _guard:
        if python not in _pools:
            _pools[python] = Pool(max(1, len(os.sched_getaffinity(0))))
        return _pools[python]


def availability() -> str | None:
    """None where programs can be run, else why not; found out by starting a worker, once per process and Python."""
    python = chosen_python()
    if python not in _reasons:
        try:
            with pool().worker():
                _reasons[python] = None
        except SandboxUnavailable as error:
            _reasons[python] = str(error)
        except OSError as error:  # no descriptor, no process, no memory left on the host
            _reasons[python] = f"the sandbox does not start: {error}"
    return _reasons[python]


def close_pools() -> None:
    """End every worker of this process; the next program starts new ones."""
    with _guard:
        for each in _pools.values():
            each.close()
        _pools.clear()
        _reasons.clear()


def _after_fork() -> None:
    global _guard
    _guard = threading.Lock()
    for each in _pools.values():
        each.abandon()
    _pools.clear()
    _reasons.clear()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(close_pools)
