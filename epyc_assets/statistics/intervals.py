"""Intervals for one sample: a proportion, a median, a rate.

Belongs here: uncertainty of a single figure. Does not belong here: comparing two models (`paired.py`).
Numpy and the standard library only, so that the code location loads quickly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval, all in the unit of the data.

    `confidence` is the one achieved, which for `median_interval` is at least the one asked for where the
    sample allows it, and less where it does not.
    """

    estimate: float
    low: float
    high: float
    confidence: float


def _checked_confidence(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence must lie between 0 and 1, e.g. 0.95; got {confidence}.")
    return confidence


def wilson_interval(passes: float, total: float, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion, right also for ten questions and for 0 or all passed.

    With p = passes/total and z the normal quantile: centre (p + z²/2n) / (1 + z²/n), half-width
    z/(1 + z²/n) · sqrt(p(1-p)/n + z²/4n²). Source: E. B. Wilson 1927, "Probable inference, the law of
    succession, and statistical inference", JASA 22. No question at all says nothing: [0, 1] with estimate
    NaN. Counts need not be whole, as where clusters stand for trials.

    Raises:
        ValueError: counts that are negative or not finite, passes above total, or a confidence outside (0, 1).
    """
    _checked_confidence(confidence)
    if not 0 <= passes <= total < math.inf:
        raise ValueError(f"Passes must lie between 0 and a finite total; got {passes} of {total}.")
    if total == 0:
        return Interval(math.nan, 0.0, 1.0, confidence)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = passes / total
    shrink = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low = 0.0 if passes == 0 else max(0.0, centre - half)
    high = 1.0 if passes == total else min(1.0, centre + half)
    return Interval(share, low, high, confidence)


def median_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """A confidence interval for the median from order statistics, with no assumption on the distribution.

    The interval from the k-th smallest to the k-th largest of n values covers the median with probability
    1 - 2·P(Binomial(n, 1/2) < k); the largest k that reaches `confidence` is taken. Below six values (for 95
    %) no k does: the whole range is returned with the confidence that it has. Source: W. R. Thompson 1936,
    "On confidence ranges for the median", Annals of Mathematical Statistics 7; David and Nagaraja, "Order
    Statistics", section 7.1.

    Raises:
        ValueError: no values, a value that is not finite, or a confidence outside (0, 1).
    """
    _checked_confidence(confidence)
    ordered = sorted(float(value) for value in values)
    count = len(ordered)
    if count == 0:
        raise ValueError("A median needs at least one value.")
    if not all(math.isfinite(value) for value in ordered):
        raise ValueError("A median interval needs finite values; leave out what was not measured.")
    middle = count // 2
    median = ordered[middle] if count % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    rank, achieved = _median_rank(count, confidence)
    return Interval(median, ordered[rank - 1], ordered[count - rank], achieved)


def _median_rank(count: int, confidence: float) -> tuple[int, float]:
    """The largest rank k whose interval reaches the confidence (else 1), and what it achieves."""

    def log_probability(successes: int) -> float:
        return (
            math.lgamma(count + 1)
            - math.lgamma(successes + 1)
            - math.lgamma(count - successes + 1)
            - count * math.log(2)
        )

    rank, below = 1, math.exp(log_probability(0))
    while rank + 1 <= (count + 1) // 2:
        further = below + math.exp(log_probability(rank))
        if 1 - 2 * further < confidence:
            break
        rank, below = rank + 1, further
    return rank, max(0.0, 1 - 2 * below)


def throughput_tps(token_counts: Sequence[float], durations_s: Sequence[float]) -> float | None:
    """Tokens per second over many generations: the sum of tokens over the sum of seconds.

    Never a mean of single rates, in which a three-token answer weighs as much as one of a thousand and a tiny
    duration explodes. None (not 0) where no time was measured.

    Raises:
        ValueError: sequences of different lengths, or a negative entry.
    """
    if len(token_counts) != len(durations_s):
        raise ValueError(f"{len(token_counts)} token counts came with {len(durations_s)} durations.")
    if any(not value >= 0 for value in (*token_counts, *durations_s)):
        raise ValueError("Token counts and durations must be zero or more; leave out what was not measured.")
    total_s = math.fsum(durations_s)
    return math.fsum(token_counts) / total_s if total_s > 0 else None
