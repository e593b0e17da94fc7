"""The difference of two pass rates on the same questions, right also where the two never or hardly ever differ.

Belongs here: paired proportions, and how many pairs an answer takes. Does not belong here: one proportion
(`intervals.py`), the exact test and the bootstrap (`paired.py`).

A bootstrap over questions cannot be used here: where two configs differ on no question of ten, every resample says 0,
and the interval [0, 0] claims to know what ten questions cannot show.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from epyc_assets.statistics.intervals import Interval, _checked_confidence

if TYPE_CHECKING:
    import numpy as np

_STEPS = 60
"""Halvings of the interval [-1, 1]: more than a double can tell apart."""

MOST_PAIRS = 10_000_000


def paired_proportion_interval(
    only_first: float, only_second: float, total: float, confidence: float = 0.95
) -> Interval:
    """The first's pass rate minus the second's on the same questions, with Tango's score interval.

    Of `total` questions, `only_first` were passed by the first alone and `only_second` by the second alone; counts need
    not be whole. The interval holds every difference d that the score test does not reject: with n questions, b and c
    passed by one alone, |b - c - nd| <= z sqrt(n (2q + d(1 - d))), q the likeliest share of `only_second` given d.
    Without any difference it is +-z²/(n + z²): 10 questions leave +-28 points, 189 leave +-2. Source: T. Tango 1998,
    "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
    Statistics in Medicine 17.

    Raises:
        ValueError: no question, negative counts or more than `total`, or a confidence outside (0, 1).
    """
    _checked_confidence(confidence)
    if not total > 0 or min(only_first, only_second) < 0 or only_first + only_second > total * (1 + 1e-9):
        raise ValueError(f"{only_first} and {only_second} of {total} questions are no counts of a comparison.")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    estimate = (only_first - only_second) / total
    low = _edge(-1.0, estimate, only_first, only_second, total, z)
    high = _edge(1.0, estimate, only_first, only_second, total, z)
    return Interval(estimate, low, high, confidence)


def paired_proportion_intervals(
    only_first: np.ndarray, only_second: np.ndarray, total: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """The lower and upper ends of `paired_proportion_interval` for many comparisons at once, each of shape (n,).

    Raises ValueError as it does, for any of them.
    """
    import numpy as np

    _checked_confidence(confidence)
    first, second, count = (np.asarray(each, dtype=float) for each in (only_first, only_second, total))
    if not ((count > 0) & (np.minimum(first, second) >= 0) & (first + second <= count * (1 + 1e-9))).all():
        raise ValueError("Some of the counts are no counts of a comparison.")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    ends = []
    for outermost in (-1.0, 1.0):
        outer, inner = np.full_like(count, outermost), (first - second) / count
        for _ in range(_STEPS):
            middle = (outer + inner) / 2
            b = -first - second + (2 * count - first + second) * middle
            c = -second * middle * (1 - middle)
            share = (np.sqrt(np.maximum(0.0, b * b - 8 * count * c)) - b) / (4 * count)
            variance = count * (2 * share + middle * (1 - middle))
            distance = np.abs(first - second - count * middle)
            with np.errstate(divide="ignore", invalid="ignore"):
                score = np.where(variance > 0, distance / np.sqrt(variance), np.where(distance < 1e-12, 0.0, np.inf))
            inside = score <= z
            inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
        ends.append(inner)
    return ends[0], ends[1]


def pairs_to_show_no_loss(tolerance: float, differing_ratio: float = 0.0, confidence: float = 0.95) -> int:
    """How many questions it takes until the interval of two equally good configs lies above -tolerance.

    differing_ratio: share of questions on which one of the two passes and the other fails, as often one as the other.
    Raises ValueError for a tolerance or ratio outside (0, 1) and [0, 1].
    """
    if not 0 < tolerance < 1 or not 0 <= differing_ratio <= 1:
        raise ValueError(f"A tolerance of {tolerance} and a ratio of {differing_ratio} are no shares of questions.")

    def shown(total: int) -> bool:
        half = differing_ratio * total / 2
        return paired_proportion_interval(half, half, total, confidence).low > -tolerance

    enough = 1
    while not shown(enough) and enough < MOST_PAIRS:
        enough *= 2
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        enough, too_few = (middle, too_few) if shown(middle) else (enough, middle)
    return enough


def _edge(outer: float, inner: float, only_first: float, only_second: float, total: float, z: float) -> float:
    """The difference furthest towards outer that the score test does not reject."""
    for _ in range(_STEPS):
        middle = (outer + inner) / 2
        if abs(_score(middle, only_first, only_second, total)) <= z:
            inner = middle
        else:
            outer = middle
    return inner


def _score(difference: float, only_first: float, only_second: float, total: float) -> float:
    """Tango's statistic for a difference: standard normal where it is the true one."""
    a = 2 * total
    b = -only_first - only_second + (2 * total - only_first + only_second) * difference
    c = -only_second * difference * (1 - difference)
    share = (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = total * (2 * share + difference * (1 - difference))
    distance = only_first - only_second - total * difference
    if variance <= 0:
        return 0.0 if abs(distance) < 1e-12 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)
