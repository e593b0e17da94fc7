"""Judging by several processes and threads at a time: sharing out, and surviving a process that dies or hangs.

Belongs here: which answers go where, and what becomes of those whose process is lost. Does not belong here: judging,
frames. The processes are programs of their own rather than forks or multiprocessing's children: the parent may hold
threads and need not be importable again (a notebook, a service), and a killed parent leaves none behind.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from epyc_assets.scoring.code_execution import CODE_EXECUTION
from epyc_assets.scoring.judging import Answer, Verdict, judge, without_verdict

IN_THREADS = frozenset({CODE_EXECUTION.name})
"""Scorers that wait for other processes while they judge, and share those: they run in threads of this process."""
SMALL_BATCH = 2000
"""Fewer different answers than this are judged in this process: starting others would take longer."""
LONGEST_HERE_CHARACTERS = 100_000
"""Answers longer than this are judged by a process however few they are: they are what a scorer may not survive."""
MOST_PER_REQUEST = 500
MOST_CHARACTERS_PER_REQUEST = 1_000_000
LEAST_LIMIT_S = 20.0
LIMIT_PER_ANSWER_S = 0.2
"""A process that is not done with a request after both together is killed, as one that hangs."""
JUDGING_PROCESS = "epyc_assets.scoring.judging_process"


@dataclass(slots=True)
class _Lost(Exception):
    """The process ended before it had answered."""

    reason: str


class JudgingPool:
    """Judges batches of answers; holds its processes between batches. Close it, or use it in a with statement.

    processes: how many judge at a time; None: as many as this process may use CPUs. With 1, or for small batches
    without long answers, this process judges itself.
    """

    def __init__(
        self,
        processes: int | None = None,
        *,
        small_batch: int = SMALL_BATCH,
        least_limit_s: float = LEAST_LIMIT_S,
        program: Sequence[str] = (sys.executable, "-m", JUDGING_PROCESS),
    ) -> None:
        self.processes = max(1, processes if processes is not None else len(os.sched_getaffinity(0)))
        self._small_batch = small_batch
        self._least_limit_s = least_limit_s
        self._program = list(program)
        self._idle: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> JudgingPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes."""
        with self._lock:
            self._closed, processes, self._idle = True, self._idle, []
        for process in processes:
            _end(process)

    def judge(self, answers: Sequence[Answer], on_judged: Callable[[int], None] = lambda _: None) -> list[Verdict]:
        """A verdict for each answer, in order; equal answers are judged once.

        on_judged is told, as it goes on, how many more of the answers have their verdict. An answer on which a
        process dies or hangs gets a verdict that says so; the others of its request are judged all the same.
        """
        places: dict[Answer, list[int]] = {}
        for place, answer in enumerate(answers):
            places.setdefault(answer, []).append(place)
        verdicts: list[Verdict | None] = [None] * len(answers)

        def keep(request: Sequence[Answer], found: Sequence[Verdict]) -> None:
            count = 0
            for answer, verdict in zip(request, found, strict=True):
                for place in places[answer]:
                    verdicts[place] = verdict
                count += len(places[answer])
            on_judged(count)

        in_threads = [[answer] for answer in places if answer.scorer in IN_THREADS]
        elsewhere = list(_requests([answer for answer in places if answer.scorer not in IN_THREADS]))
        small = len(places) - len(in_threads) < self._small_batch and not any(
            len(answer.text or "") > LONGEST_HERE_CHARACTERS for request in elsewhere for answer in request
        )
        alone = self.processes == 1 or small
        work: list[tuple[Callable[[list[Answer]], list[Verdict]], list[Answer]]] = []
        if not alone:
            work += [(self._judged_elsewhere, request) for request in elsewhere]
        work += [(judge, request) for request in in_threads]
        if work:
            with ThreadPoolExecutor(self.processes, thread_name_prefix="judging") as threads:
                jobs = [(request, threads.submit(function, request)) for function, request in work]
                try:
                    for request, job in jobs:
                        keep(request, job.result())
                except BaseException:
                    threads.shutdown(wait=False, cancel_futures=True)
                    self.close()
                    raise
        if alone:
            for request in elsewhere:
                keep(request, judge(request))
        return [verdict for verdict in verdicts if verdict is not None]

    def _judged_elsewhere(self, request: list[Answer]) -> list[Verdict]:
        """Asks a process; halves the request until the answer that a process does not survive is alone."""
        try:
            return self._ask(request)
        except _Lost as lost:
            if len(request) == 1:
                return [without_verdict(lost.reason)]
        middle = len(request) // 2
        return self._judged_elsewhere(request[:middle]) + self._judged_elsewhere(request[middle:])

    def _ask(self, request: list[Answer]) -> list[Verdict]:
        with self._process() as process:
            assert process.stdin is not None
            assert process.stdout is not None
            limit_s = self._least_limit_s + LIMIT_PER_ANSWER_S * len(request)
            overdue = threading.Event()

            def end_overdue() -> None:
                overdue.set()
                process.kill()

            timer = threading.Timer(limit_s, end_overdue)
            timer.daemon = True
            timer.start()
            try:
                pickle.dump([tuple(answer) for answer in request], process.stdin, protocol=5)
                process.stdin.flush()
                return [Verdict(*each) for each in pickle.load(process.stdout)]
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                process.kill()
                if overdue.is_set():
                    raise _Lost(f"judging the answer took longer than {limit_s:.0f} s") from error
                raise _Lost(f"the process that judged the answer died ({_how(process.wait())})") from error
            finally:
                timer.cancel()

    @contextmanager
    def _process(self) -> Iterator[subprocess.Popen[bytes]]:
        """A process of the pool for one request; kept for the next one only if it did its work."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
        if process is None:
            process = subprocess.Popen(self._program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            yield process
        except BaseException:
            process.kill()
            _end(process)
            raise
        with self._lock:
            if not self._closed:
                self._idle.append(process)
                return
        _end(process)


def _requests(answers: Sequence[Answer]) -> Iterator[list[Answer]]:
    """Answers in lists that are neither long nor large."""
    request: list[Answer] = []
    characters = 0
    for answer in answers:
        size = sum(len(part) for part in answer if part is not None)
        if request and (len(request) >= MOST_PER_REQUEST or characters + size > MOST_CHARACTERS_PER_REQUEST):
            yield request
            request, characters = [], 0
        request.append(answer)
        characters += size
    if request:
        yield request


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    process.wait()


def _how(returncode: int) -> str:
    if returncode == -9:
        return "killed, most likely because memory ran out"
    return f"signal {-returncode}" if returncode < 0 else f"exit status {returncode}"
