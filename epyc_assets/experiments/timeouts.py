"""Time limits of answers, from how long answers took.

Here: the rule, on plain values, and rows of table timeout_calibration. Not here: enforcing a limit (the backends),
changing the registry, which a person does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from epyc_assets.statistics.spread import percentile, samples_for_percentile

ALL_SUITES = "all"

TAIL_SHARE = 0.99
"""What counts as the slow end: the 99th percentile, where there are enough answers to speak of one."""


@dataclass(frozen=True, slots=True)
class TimeoutRule:
    """How a limit follows from latencies. margin_ratio: over what the longest answer needs at the slow end.
    wasteful_ratio, wasteful_s: a limit is called too long when it is so many times the recommended one, and so many
    seconds longer: what an answer that hangs costs."""

    margin_ratio: float = 1.5
    wasteful_ratio: float = 4.0
    wasteful_s: float = 60.0


DEFAULT_RULE = TimeoutRule()


@dataclass(frozen=True, slots=True)
class Latency:
    """One generation. status: ok, timeout or another failure. generation_tps is None for answers of one token."""

    status: str
    total_ms: float | None
    ttft_ms: float | None
    generation_tps: float | None
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a suite's answers say about the time limit; a row of table timeout_calibration without fleet and model.

    answers: with status ok. cut_answers: those that the present limit cut or would cut. None: not measured.
    """

    suite: str
    answers: int
    timed_out: int
    max_tokens: int
    slow_end: str | None
    slow_generation_tps: float | None
    slow_ttft_ms: float | None
    slowest_s: float | None
    needed_s: float | None
    recommended_s: float | None
    present_s: float
    cut_answers: int
    flag: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """The row by column name."""
        return asdict(self)


def calibration(
    suite: str, latencies: Sequence[Latency], present_s: float, rule: TimeoutRule = DEFAULT_RULE
) -> Calibration:
    """The limit that a suite's answers call for, beside the present one.

    needed = slow ttft + (max_tokens - 1) / slow speed: the longest answer allowed, at the slow end of what was
    measured. The slow end is the 99th percentile where there are the samples for it (459, samples_for_percentile), else
    the worst value seen. recommended = margin_ratio x needed, at least the slowest answer seen, rounded up
    (rounded_up_s). Late tokens take longer than early ones because the context grows; the margin covers that too.

    Flags: unknown (no answer with a speed), too_short (below what is needed, or below an answer that was seen),
    timed_out (long enough by the figures, and yet answers timed out: they hung, or had another limit then), wasteful,
    or fits. Raises ValueError without latencies.
    """
    if not latencies:
        raise ValueError(f"Suite {suite} has no generations to calibrate a time limit by.")
    answered = [each for each in latencies if each.status == "ok"]
    timed_out = sum(each.status == "timeout" for each in latencies)
    times_s = [each.total_ms / 1000 for each in answered if each.total_ms is not None]
    speeds = [each.generation_tps for each in answered if each.generation_tps]
    waits_ms = [each.ttft_ms for each in answered if each.ttft_ms is not None]
    longest = max(each.max_tokens for each in latencies)
    slowest_s = max(times_s, default=None)
    cut = timed_out + sum(seconds > present_s for seconds in times_s)
    needed_s = recommended_s = tps = ttft_ms = end = None
    if speeds and waits_ms:
        tps = -_slow_end([-speed for speed in speeds])
        ttft_ms = _slow_end(waits_ms)
        end = _end_in_words(min(len(speeds), len(waits_ms)))
        needed_s = ttft_ms / 1000 + (longest - 1) / tps
        recommended_s = rounded_up_s(max(rule.margin_ratio * needed_s, slowest_s or 0.0))
    flag, reason = _flag(present_s, needed_s, recommended_s, slowest_s, timed_out, rule)
    return Calibration(
        suite=suite,
        answers=len(answered),
        timed_out=timed_out,
        max_tokens=longest,
        slow_end=end,
        slow_generation_tps=tps,
        slow_ttft_ms=ttft_ms,
        slowest_s=slowest_s,
        needed_s=needed_s,
        recommended_s=recommended_s,
        present_s=present_s,
        cut_answers=cut,
        flag=flag,
        reason=reason,
    )


def calibrations(
    by_suite: Mapping[str, Sequence[Latency]], present_s: float, rule: TimeoutRule = DEFAULT_RULE
) -> list[Calibration]:
    """One model's calibrations: a row for each suite, and one for all together, which is what its registry entry needs:
    that of the suite that takes longest. Suites without generations are left out; none at all give no row."""
    rows = [calibration(suite, latencies, present_s, rule) for suite, latencies in by_suite.items() if latencies]
    if not rows:
        return []
    known = [row for row in rows if row.recommended_s is not None]
    longest = max(known or rows, key=lambda row: row.recommended_s or 0.0)
    timed_out = sum(row.timed_out for row in rows)
    slowest_s = max((row.slowest_s for row in rows if row.slowest_s is not None), default=None)
    recommended_s = longest.recommended_s
    if recommended_s is not None:  # A suite without speeds may still have the slowest answer.
        recommended_s = max(recommended_s, rounded_up_s(slowest_s or 0.0))
    flag, reason = _flag(present_s, longest.needed_s, recommended_s, slowest_s, timed_out, rule)
    whole = Calibration(
        suite=ALL_SUITES,
        answers=sum(row.answers for row in rows),
        timed_out=timed_out,
        max_tokens=longest.max_tokens,
        slow_end=longest.slow_end,
        slow_generation_tps=longest.slow_generation_tps,
        slow_ttft_ms=longest.slow_ttft_ms,
        slowest_s=slowest_s,
        needed_s=longest.needed_s,
        recommended_s=recommended_s,
        present_s=present_s,
        cut_answers=sum(row.cut_answers for row in rows),
        flag=flag,
        reason=f"suite {longest.suite} takes longest: {reason}" if known else reason,
    )
    return [*rows, whole]


def latencies_by_suite(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Latency]]:
    """Rows with suite and the fields of a Latency, grouped; suites in the order in which they come."""
    found: dict[str, list[Latency]] = {}
    for row in rows:
        values = {name: row[name] for name in Latency.__dataclass_fields__}
        found.setdefault(row["suite"], []).append(Latency(**values))
    return found


def rounded_up_s(seconds: float) -> float:
    """Up to a number that a person would write: whole seconds to 10, fives to 60, thirties to 600, then minutes."""
    step = next((step for below, step in ((10, 1), (60, 5), (600, 30)) if seconds <= below), 60)
    return float(math.ceil(seconds / step) * step)


def _slow_end(values: Sequence[float]) -> float:
    """The 99th percentile of values of which larger is slower; the largest below the samples that takes."""
    found = percentile(values, TAIL_SHARE)
    return max(values) if found is None else found


def _end_in_words(samples: int) -> str:
    return "p99" if samples >= samples_for_percentile(TAIL_SHARE) else f"worst of {samples}"


def _flag(
    present_s: float,
    needed_s: float | None,
    recommended_s: float | None,
    slowest_s: float | None,
    timed_out: int,
    rule: TimeoutRule,
) -> tuple[str, str]:
    """The flag and the same in words."""
    if slowest_s is not None and slowest_s > present_s:
        return "too_short", f"an answer took {slowest_s:.4g} s, the limit is {present_s:g} s"
    if needed_s is None or recommended_s is None:
        timeouts = f"; {timed_out} timed out after {present_s:g} s or less" if timed_out else ""
        return "unknown", f"no answer has a speed to go by{timeouts}"
    if needed_s > present_s:
        return (
            "too_short",
            f"an answer of full length needs {needed_s:.4g} s at the slow end, the limit is {present_s:g} s",
        )
    if timed_out:
        return "timed_out", (
            f"{timed_out} timed out although an answer of full length needs {needed_s:.4g} s: they hung, the machine "
            "was disturbed, or another limit held then"
        )
    if present_s > rule.wasteful_ratio * recommended_s and present_s - recommended_s > rule.wasteful_s:
        return "wasteful", f"an answer that hangs costs {present_s:g} s where {recommended_s:g} s would do"
    return "fits", f"an answer of full length needs {needed_s:.4g} s at the slow end"
