"""The ratio of two speeds that were not measured in the same rounds.

Belongs here: comparing samples of different measurements. Does not belong here: paired rounds (`paired.py`), which
always say more: what slows a whole round down cancels in them and does not here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from epyc_assets.statistics.intervals import Interval, _checked_confidence
from epyc_assets.statistics.paired import DEFAULT_RESAMPLES, _percentiles, _resampled

FEWEST_UNPAIRED = 5
"""Rounds on each side below which no interval is given: of three rounds the whole range covers in three of four."""


def unpaired_ratio_interval(
    numerators: Sequence[float],
    denominators: Sequence[float],
    confidence: float = 0.95,
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The ratio of two medians of independent samples, with a bootstrap interval on the logarithmic scale.

    Each sample is drawn from by itself; the difference of the medians of the logarithms is taken back through exp. The
    interval is the percentile one; in simulations with 5 to 20 normal or skewed values it covered in 95 to 97 %. It
    covers how rounds of one measurement vary. What differs from one measurement to the next as a whole (another day,
    other neighbours, a warmer machine) is in no round and not in the interval. Source: Efron and Tibshirani 1993,
    chapters 8 and 13.

    Raises:
        ValueError: fewer than FEWEST_UNPAIRED values on a side, values that are not finite or not above zero, a
            confidence outside (0, 1).
    """
    import numpy as np

    _checked_confidence(confidence)
    logs = []
    for values in (numerators, denominators):
        sample = np.asarray(values, dtype=float)
        if sample.size < FEWEST_UNPAIRED:
            raise ValueError(f"An unpaired ratio needs {FEWEST_UNPAIRED} rounds on each side; got {sample.size}.")
        if not np.isfinite(sample).all() or (sample <= 0).any():
            raise ValueError("Ratios need finite measurements above zero; leave out what was not measured.")
        logs.append(np.log(sample))
    first, second = logs
    estimate = float(np.median(first) - np.median(second))
    draws = _resampled(first, "median", resamples, seed) - _resampled(second, "median", resamples, seed + 1)
    low, high = _percentiles(draws, confidence)
    return Interval(math.exp(estimate), math.exp(low), math.exp(high), confidence)
