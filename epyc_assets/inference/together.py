"""Many prompts at the same time on one server: what its slots give together.

Here: keeping so many prompts under way, and the figures of all of them together. Not here: how many slots are best
(epyc_assets.experiments.concurrency), single answers (server_session).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from epyc_assets.inference.backend import Generation, GenerationRequest
from epyc_assets.inference.server_session import ServerSession
from epyc_assets.statistics.spread import percentile


@dataclass(frozen=True, slots=True)
class AnsweredTogether:
    """What became of prompts that were answered side by side.

    generations: in the order of the requests. latencies_ms: of each ok answer, from when it was put until its end.
    wall_ms: from the first prompt put until the last answer's end. readings: contention over all of it.
    """

    generations: tuple[Generation, ...]
    at_once: int
    wall_ms: float
    latencies_ms: tuple[float, ...]
    readings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def generated_tokens(self) -> int:
        """Tokens of all ok answers."""
        return sum(each.generated_tokens or 0 for each in self.generations if each.status == "ok")

    @property
    def aggregate_tps(self) -> float | None:
        """All generated tokens per second of wall time; None where nothing was answered."""
        return self.generated_tokens / (self.wall_ms / 1000) if self.generated_tokens and self.wall_ms > 0 else None

    def latency_ms(self, share: float) -> float | None:
        """A percentile of the answers' latencies, such as 0.95; None with too few of them (statistics.spread)."""
        return percentile(self.latencies_ms, share)


def answer_together(session: ServerSession, requests: Sequence[GenerationRequest], at_once: int) -> AnsweredTogether:
    """Puts requests to a server, so many at once: whoever is answered makes room for the next. Each answer has its
    own clock and status. Raises ValueError for at_once below 1 or above the session's slots: more would wait in the
    server's queue, and their latency would be that of the queue."""
    if not 1 <= at_once <= session.slots:
        raise ValueError(f"{at_once} prompts at once on a server with {session.slots} slots")
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(requests)):
        waiting.put(index)
    answers: dict[int, tuple[Generation, float]] = {}
    ready = threading.Barrier(at_once + 1)

    def work() -> None:
        ready.wait()
        while True:
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                return
            put_ns = time.perf_counter_ns()
            generation = session.answer(requests[index], datetime.now(UTC), probed=False)
            answers[index] = (generation, (time.perf_counter_ns() - put_ns) / 1e6)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    process = session.process
    if process is not None:
        process.start_probe()
    ready.wait()
    start_ns = time.perf_counter_ns()
    for thread in threads:
        thread.join()
    wall_ms = (time.perf_counter_ns() - start_ns) / 1e6
    readings = process.stop_probe() if process is not None else {}
    in_order = [answers[index] for index in range(len(requests))]
    return AnsweredTogether(
        generations=tuple(generation for generation, _ in in_order),
        at_once=at_once,
        wall_ms=wall_ms,
        latencies_ms=tuple(taken_ms for generation, taken_ms in in_order if generation.status == "ok"),
        readings=readings,
    )
