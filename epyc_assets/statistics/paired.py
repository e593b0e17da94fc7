"""Comparing two models or configs on the same questions or in the same rounds.

Belongs here: paired tests and intervals. Does not belong here: the uncertainty of a single figure
(`intervals.py`). Every resampling takes a seed and gives the same answer for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from epyc_assets.statistics.intervals import Interval, _checked_confidence

if TYPE_CHECKING:
    import numpy as np

DEFAULT_RESAMPLES = 10_000
# Resampling in blocks of so many draws keeps the memory of a large sample in bounds (8 bytes each).
_BLOCK_DRAWS = 4_000_000


def exact_mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p-value of McNemar's test.

    Of the questions on which the two differ, `only_first` were passed by the first alone and `only_second` by
    the second alone. If both were equally good, each discordant question falls to either side with
    probability 1/2: p = min(1, 2·P(Binomial(b + c, 1/2) <= min(b, c))). 1.0 where they never differ. Source:
    Q. McNemar 1947, Psychometrika 12; the exact form: Fay 2010, Biostatistics 11(2).

    Raises:
        ValueError: a negative count.
    """
    if only_first < 0 or only_second < 0:
        raise ValueError(f"Counts of questions must be zero or more; got {only_first} and {only_second}.")
    count, fewer = only_first + only_second, min(only_first, only_second)
    if only_first == only_second:
        return 1.0
    if count <= 1000:
        tail = sum(math.comb(count, successes) for successes in range(fewer + 1))
        return min(1.0, 2 * tail / 2**count)
    logs = [
        math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1) - count * math.log(2)
        for k in range(fewer + 1)
    ]
    largest = max(logs)
    return min(1.0, 2 * math.exp(largest) * math.fsum(math.exp(value - largest) for value in logs))


def _paired(
    first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray, what: str
) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    left, right = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if left.ndim != 1 or left.shape != right.shape:
        raise ValueError(f"{what} must come in pairs: got {left.size} and {right.size}.")
    if left.size == 0:
        raise ValueError(f"{what}: there is no pair to compare.")
    if not (np.isfinite(left).all() and np.isfinite(right).all()):
        raise ValueError(f"{what} must be finite; leave out the pairs that were not measured.")
    return left, right


def _resampled(values: np.ndarray, statistic: str, resamples: int, seed: int) -> np.ndarray:
    """`resamples` means or medians of `values` drawn with replacement, shape (resamples,)."""
    import numpy as np

    if resamples < 1:
        raise ValueError(f"At least one resample is needed; got {resamples}.")
    generator = np.random.default_rng(seed)
    size = values.size
    results = np.empty(resamples)
    rows = max(1, _BLOCK_DRAWS // size)
    for start in range(0, resamples, rows):
        block = values[generator.integers(0, size, size=(min(rows, resamples - start), size))]
        results[start : start + len(block)] = np.median(block, axis=1) if statistic == "median" else block.mean(axis=1)
    return results


def _percentiles(draws: np.ndarray, confidence: float) -> tuple[float, float]:
    import numpy as np

    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def bootstrap_ratio_interval(
    numerators: Sequence[float] | np.ndarray,
    denominators: Sequence[float] | np.ndarray,
    confidence: float = 0.95,
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The median of paired ratios, e.g. speed-ups round by round, with a percentile bootstrap interval.

    Rounds are drawn with replacement and the median of their log ratios is taken back through exp, so that
    swapping numerators and denominators gives exactly the reciprocal interval. Fewer than five pairs give an
    interval that is too narrow; report n beside it. Source: B. Efron and R. Tibshirani 1993, "An Introduction
    to the Bootstrap", chapter 13; ratios of paired rounds: T. Kalibera and R. Jones, ISMM 2013.

    Args:
        numerators: positive measurements, one for each round.
        denominators: the baseline's measurements in the same rounds.

    Raises:
        ValueError: unpaired, empty, not finite or not positive input; confidence outside (0, 1).
    """
    import numpy as np

    _checked_confidence(confidence)
    top, bottom = _paired(numerators, denominators, "The measurements of a ratio")
    if (top <= 0).any() or (bottom <= 0).any():
        raise ValueError("Ratios need measurements above zero; leave out the rounds that were not measured.")
    logs = np.log(top) - np.log(bottom)
    low, high = _percentiles(_resampled(logs, "median", resamples, seed), confidence)
    return Interval(float(np.exp(np.median(logs))), math.exp(low), math.exp(high), confidence)


def paired_bootstrap_difference(
    first: Sequence[float] | np.ndarray,
    second: Sequence[float] | np.ndarray,
    confidence: float = 0.95,
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The mean of first minus second over the same questions, with a percentile bootstrap interval.

    Questions (pairs) are drawn with replacement, so that the difficulty that both share cancels out. Source:
    Efron and Tibshirani 1993, chapter 13; pairing by question: E. Miller 2024, arXiv 2411.00640, section 4.

    Args:
        first: scores of the first model, one for each question (0/1 or 0..1).
        second: scores of the second model on the same questions, in the same order.

    Raises:
        ValueError: unpaired, empty or not finite input; confidence outside (0, 1).
    """
    _checked_confidence(confidence)
    left, right = _paired(first, second, "The scores of a comparison")
    differences = left - right
    low, high = _percentiles(_resampled(differences, "mean", resamples, seed), confidence)
    return Interval(float(differences.mean()), low, high, confidence)
