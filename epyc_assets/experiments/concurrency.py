"""How many prompts a server should answer at the same time: measuring slot counts, and which to recommend.

Here: starting a server for each slot count, the same prompts to each, rows of table concurrency_sweep and the rule.
Not here: keeping prompts under way (inference.together), the warehouse (defs).

The rule. Of the slot counts whose answers all came, the most tokens per second of all answers together is the best.
Recommended is the smallest slot count within TOLERANCE_RATIO of the best among those whose 95th percentile of latency
is at most latency_bound_ratio times the median latency of one prompt alone: more slots than that make every user wait
for a gain that is not there.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from epyc_assets.inference.backend import Backend, GenerationRequest, SessionFacts, SessionFailure, SessionRequest
from epyc_assets.inference.server_session import ServerSession
from epyc_assets.inference.together import AnsweredTogether, answer_together
from epyc_assets.statistics.spread import percentile

DEFAULT_SLOT_COUNTS = (1, 2, 4, 8)
TOLERANCE_RATIO = 0.05
"""How far below the best throughput a slot count may be and still be recommended for its shorter waiting."""
DEFAULT_LATENCY_BOUND_RATIO = 4.0

Requests = Callable[[SessionFacts], Sequence[GenerationRequest]]
"""From what the server says of the model (its chat template) to the prompts, in the order in which they are put."""


@dataclass(frozen=True, slots=True)
class SlotsMeasured:
    """One server start with one number of slots. answered: None where loading failed, failure says why then."""

    slots: int
    round_number: int
    facts: SessionFacts | None = None
    answered: AnsweredTogether | None = None
    failure: str | None = None
    peak_memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One slot count over all rounds: a row of table concurrency_sweep without what it was measured on.

    aggregate_tps: tokens of all ok answers over wall time, both summed over the rounds. answer_tps: median decoding
    speed of a single answer. latency_*: from putting a prompt until its end; None with too few answers.
    aggregate_ratio: over one slot. None: not measured.
    """

    slots: int
    rounds: int
    answers: int
    failed_answers: int
    failure: str | None
    generated_tokens: int
    wall_ms: float | None
    aggregate_tps: float | None
    aggregate_ratio: float | None
    answer_tps: float | None
    ttft_p50_ms: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_bound_ms: float | None
    contended_rounds: int
    load_ms: float | None
    peak_memory_bytes: int | None
    recommended: bool = False
    reason: str = ""
    facts: SessionFacts | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """The row's own columns, and those that the server's facts give."""
        values = asdict(self)
        del values["facts"]
        names = ("backend_version", "llama_build", "threads", "context_tokens", "cpu_model")
        return {**values, **{name: getattr(self.facts, name) if self.facts else None for name in names}}


def measure_slots(
    backend: Backend,
    base: SessionRequest,
    requests: Requests,
    *,
    slot_counts: Sequence[int] = DEFAULT_SLOT_COUNTS,
    rounds: int = 3,
    seed: int = 0,
    told: Callable[[SlotsMeasured], None] = lambda measured: None,
) -> list[SlotsMeasured]:
    """Every slot count in every round, shuffled within each; one slot is always among them, for the others to be held
    against. base: what to load; its context is that of one slot. told: hears of each as it is done.

    A slot count that cannot be loaded is not tried again. Raises ValueError for a count below 1, and TypeError for a
    backend without a server.
    """
    if any(slots < 1 for slots in slot_counts):
        raise ValueError(f"a server has at least one slot, not {min(slot_counts)}")
    order = random.Random(seed)
    found: list[SlotsMeasured] = []
    impossible: set[int] = set()
    for number in range(rounds):
        counts = sorted({1, *slot_counts} - impossible)
        order.shuffle(counts)
        for slots in counts:
            measured = _measured(backend, replace(base, slots=slots), requests, number)
            if measured.failure is not None:
                impossible.add(slots)
            told(measured)
            found.append(measured)
    return found


def slot_rows(
    measured: Sequence[SlotsMeasured], latency_bound_ratio: float = DEFAULT_LATENCY_BOUND_RATIO
) -> list[SlotRow]:
    """Rows by slot count, the recommended one marked and each with its reason."""
    rows = [_row([each for each in measured if each.slots == slots]) for slots in sorted({m.slots for m in measured})]
    alone = next((row for row in rows if row.slots == 1), None)
    for index, row in enumerate(rows):
        bound = latency_bound_ratio * alone.latency_p50_ms if alone and alone.latency_p50_ms else None
        ratio = row.aggregate_tps / alone.aggregate_tps if alone and alone.aggregate_tps and row.aggregate_tps else None
        rows[index] = replace(row, latency_bound_ms=bound, aggregate_ratio=ratio)
    return recommend(rows)


def recommend(rows: Sequence[SlotRow]) -> list[SlotRow]:
    """The rows with the recommended one marked, by the rule above. None is, where none was fully measured."""
    allowed = [row for row in rows if _obstacle(row) is None]
    best = max((row.aggregate_tps or 0.0 for row in allowed), default=0.0)
    enough = (1 - TOLERANCE_RATIO) * best
    chosen = next(
        (row for row in sorted(allowed, key=lambda row: row.slots) if (row.aggregate_tps or 0) >= enough), None
    )
    found = []
    for row in rows:
        obstacle = _obstacle(row)
        if obstacle is not None:
            reason = obstacle
        elif row is chosen:
            reason = f"fewest slots within {TOLERANCE_RATIO:.0%} of the best, {best:.4g} tokens per second"
        elif (row.aggregate_tps or 0) < enough:
            reason = f"{1 - (row.aggregate_tps or 0) / best:.0%} below the best, {best:.4g} tokens per second"
        else:
            assert chosen is not None
            reason = f"no more than {TOLERANCE_RATIO:.0%} above {chosen.slots} slots, and a longer wait"
        found.append(replace(row, recommended=row is chosen, reason=reason))
    return found


def _obstacle(row: SlotRow) -> str | None:
    """Why a slot count cannot be recommended whatever its throughput."""
    if row.failure is not None:
        return row.failure
    if row.failed_answers or row.aggregate_tps is None:
        return f"{row.failed_answers} of {row.failed_answers + row.answers} answers failed"
    if row.latency_p95_ms is None or row.latency_bound_ms is None:
        return f"{row.answers} answers are too few for a 95th percentile of latency"
    if row.latency_p95_ms > row.latency_bound_ms:
        return f"p95 of latency is {row.latency_p95_ms:.4g} ms, at most {row.latency_bound_ms:.4g} ms are allowed"
    return None


def _measured(backend: Backend, request: SessionRequest, requests: Requests, number: int) -> SlotsMeasured:
    try:
        session = backend.open_session(request)
    except SessionFailure as failure:
        return SlotsMeasured(request.slots, number, failure=str(failure))
    try:
        if not isinstance(session, ServerSession):
            raise TypeError(f"backend {backend.name} has no slots; concurrency is measured on a server")
        answered = answer_together(session, requests(session.facts), request.slots)
    finally:
        session.close()
    return SlotsMeasured(request.slots, number, session.facts, answered, None, session.peak_memory_bytes)


def _row(measured: Sequence[SlotsMeasured]) -> SlotRow:
    runs = [each.answered for each in measured if each.answered is not None]
    answers = [one for run in runs for one in run.generations if one.status == "ok"]
    failed = [one for run in runs for one in run.generations if one.status != "ok"]
    latencies = [taken for run in runs for taken in run.latencies_ms]
    wall_ms = sum(run.wall_ms for run in runs)
    tokens = sum(run.generated_tokens for run in runs)
    speeds = [one.generation_tps for one in answers if one.generation_tps]
    first = [one.ttft_ms for one in answers if one.ttft_ms is not None]
    facts = [each.facts for each in measured if each.facts is not None]
    peaks = [each.peak_memory_bytes for each in measured if each.peak_memory_bytes]
    failure = next((each.failure for each in measured if each.failure is not None), None)
    return SlotRow(
        slots=measured[0].slots,
        rounds=len(runs),
        answers=len(answers),
        failed_answers=len(failed),
        failure=failure,
        generated_tokens=tokens,
        wall_ms=wall_ms or None,
        aggregate_tps=tokens / (wall_ms / 1000) if tokens and wall_ms else None,
        aggregate_ratio=None,
        answer_tps=statistics.median(speeds) if speeds else None,
        ttft_p50_ms=percentile(first, 0.5),
        latency_p50_ms=percentile(latencies, 0.5),
        latency_p95_ms=percentile(latencies, 0.95),
        latency_bound_ms=None,
        contended_rounds=sum(bool(run.readings.get("contended")) for run in runs),
        load_ms=statistics.median(each.load_ms for each in facts) if facts else None,
        peak_memory_bytes=max(peaks, default=None),
        facts=facts[-1] if facts else None,
    )
