"""How figures of one sample spread: best of n, variation, drift, percentiles where there are enough samples.

Belongs here: descriptions of repeated measurements of one thing. Does not belong here: intervals (`intervals.py`) and
comparisons (`paired.py`, `speedup.py`). Too few values give None, never a number that looks measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

FEWEST_FOR_DRIFT = 5
FEWEST_FOR_PERCENTILE = 64
PERCENTILE_CONFIDENCE = 0.99


def least_disturbed(speeds: Sequence[float]) -> float | None:
    """The fastest of repeated speeds: disturbance only ever slows down. None without any.

    It grows with the number of repetitions, so it is no estimate to compare configs by. Raises ValueError for values
    that are not finite.
    """
    return max(_finite(speeds), default=None)


def coefficient_of_variation(values: Sequence[float]) -> float | None:
    """Sample standard deviation over mean, 0 for equal values; None below two values or with a mean of 0.

    Raises ValueError for values that are not finite.
    """
    numbers = _finite(values)
    if len(numbers) < 2:
        return None
    mean = math.fsum(numbers) / len(numbers)
    if mean == 0:
        return None
    squares = math.fsum((value - mean) ** 2 for value in numbers)
    return math.sqrt(squares / (len(numbers) - 1)) / abs(mean)


def drift(values: Sequence[float]) -> float | None:
    """Spearman's rank correlation of values with their order, -1 to 1: how steadily a machine got slower or faster.

    None below FEWEST_FOR_DRIFT values and where all are equal. Without any drift its standard deviation is
    1/sqrt(n - 1): 0.23 for 20 rounds. Equal values share their mean rank. Source: C. Spearman 1904, American Journal
    of Psychology 15. Raises ValueError for values that are not finite.
    """
    numbers = _finite(values)
    count = len(numbers)
    if count < FEWEST_FOR_DRIFT:
        return None
    middle = (count - 1) / 2
    ranks = [rank - middle for rank in _mean_ranks(numbers)]
    spread = math.fsum(rank * rank for rank in ranks)
    if spread == 0:
        return None
    order = [place - middle for place in range(count)]
    together = math.fsum(rank * place for rank, place in zip(ranks, order, strict=True))
    return together / math.sqrt(spread * math.fsum(place * place for place in order))


def samples_for_percentile(share: float) -> int:
    """How many samples a percentile above the median needs before it is quoted: 64 for p90, 90 for p95, 459 for p99.

    As many as it takes for the largest sample to lie above it with 99 % probability, n >= ln(0.01) / ln(share), and
    never fewer than 64. Source: the early stopping rule of MLPerf LoadGen, whose least counts are 64 (p90) and, without
    a sample to spare, 459 (p99). Raises ValueError for a share outside [0.5, 1).
    """
    if not 0.5 <= share < 1:
        raise ValueError(f"A percentile is asked for as a share from 0.5 to 1, e.g. 0.95; got {share}.")
    needed = math.log(1 - PERCENTILE_CONFIDENCE) / math.log(share)
    return max(FEWEST_FOR_PERCENTILE, math.ceil(needed - 1e-9))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the values do not exceed; None below samples_for_percentile.

    The nearest-rank definition: always a value that was measured. Raises ValueError as samples_for_percentile and for
    values that are not finite.
    """
    numbers = sorted(_finite(values))
    if len(numbers) < samples_for_percentile(share):
        return None
    return numbers[math.ceil(share * len(numbers) - 1e-9) - 1]


def _mean_ranks(numbers: Sequence[float]) -> list[float]:
    """Ranks from 0; equal numbers get the mean of theirs."""
    order = sorted(range(len(numbers)), key=lambda place: numbers[place])
    ranks = [0.0] * len(numbers)
    begin = 0
    while begin < len(order):
        end = begin
        while end + 1 < len(order) and numbers[order[end + 1]] == numbers[order[begin]]:
            end += 1
        for place in order[begin : end + 1]:
            ranks[place] = (begin + end) / 2
        begin = end + 1
    return ranks


def _finite(values: Sequence[float]) -> list[float]:
    numbers = [float(value) for value in values]
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("Values must be finite; leave out what was not measured.")
    return numbers
