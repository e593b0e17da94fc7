"""Intervals of the mean difference between any two of many, over the items that both were tried on.

Belongs here: the paired bootstrap for all pairs at once. Does not belong here: one pair (`paired.py`), pass rates
(`proportions.py`), which have better intervals than a bootstrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from epyc_assets.statistics.intervals import _checked_confidence

if TYPE_CHECKING:
    import numpy as np

DEFAULT_RESAMPLES = 2000

LARGE_STRATUM = 400
"""Items from which on the sum of a resample is drawn from its normal limit instead of item by item: bounded work."""

_NOTHING = 1e-6
"""Widths below this are rounding."""


def all_pairs_intervals(
    strata: Sequence[np.ndarray],
    confidence: float = 0.95,
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile bootstrap intervals of mean(first - second) for every pair, in each stratum and over all of them.

    strata: a matrix for each, shape (sides, items), NaN where a side was not tried on an item. Items are drawn with
    replacement within their stratum, all sides together, so that what makes an item hard for both cancels out; only
    items that both sides of a pair have count. Over all strata every item weighs the same. Source: Efron and Tibshirani
    1993, "An Introduction to the Bootstrap", chapters 8 and 13.

    Returns the lower and the upper ends, each of shape (strata + 1, sides, sides), the last one over all strata: [s, a,
    b] is about a minus b. NaN where a pair has no common items, or its differences do not vary: a bootstrap of equals
    would claim to know them exactly.

    Raises:
        ValueError: no strata, strata of different sides, no resamples, a confidence outside (0, 1).
    """
    import numpy as np

    _checked_confidence(confidence)
    if not strata or resamples < 1 or any(each.ndim != 2 or len(each) != len(strata[0]) for each in strata):
        raise ValueError(
            "Pairs are compared in one or more matrices with a row for each side, by one resample or more."
        )
    generator = np.random.default_rng(seed)
    sides = len(strata[0])
    low = np.full((len(strata) + 1, sides, sides), np.nan)
    high = low.copy()
    draws = [_draws(generator, each.shape[1], resamples) for each in strata]
    # Where both of a pair have the same items, as nearly always, the sums of the pair are those of its sides.
    alone = [
        _resampled(values, drawn) if drawn.ndim == 2 else None for values, drawn in zip(strata, draws, strict=True)
    ]
    for first in range(sides - 1):
        others = slice(first + 1, sides)
        used = [place for place, values in enumerate(strata) if not np.isnan(values[first]).all()]
        sums = np.zeros((sides - first - 1, resamples), dtype=np.float32)
        counts = np.zeros_like(sums)
        for place in used:
            own_sums, own_counts = _pairs_of(strata[place], first, alone[place], draws[place])
            sums += own_sums
            counts += own_counts
            low[place, first, others], high[place, first, others] = _ends(own_sums, own_counts, confidence)
        if len(used) == 1:
            low[-1, first, others], high[-1, first, others] = low[used[0], first, others], high[used[0], first, others]
        elif used:
            low[-1, first, others], high[-1, first, others] = _ends(sums, counts, confidence)
    row, column = np.tril_indices(sides, -1)
    low[:, row, column], high[:, row, column] = -high[:, column, row], -low[:, column, row]
    return low, high


def _draws(generator: np.random.Generator, items: int, resamples: int) -> np.ndarray:
    """How often each item is drawn, (items, resamples); of a large stratum standard normals, (resamples,)."""
    import numpy as np

    if items > LARGE_STRATUM:
        return generator.standard_normal(resamples).astype(np.float32)
    if items == 0:
        return np.zeros((0, resamples), dtype=np.float32)
    drawn = generator.multinomial(items, np.full(items, 1 / items), size=resamples)
    return np.ascontiguousarray(drawn.T, dtype=np.float32)


def _pairs_of(
    values: np.ndarray, first: int, alone: tuple[np.ndarray, np.ndarray] | None, drawn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the first side's values minus each later side's, and numbers of common items, as `_resampled`."""
    import numpy as np

    later = values[first + 1 :]
    unlike = (np.isnan(later) != np.isnan(values[first])).any(axis=1)
    if alone is None or unlike.all():
        return _resampled(values[first] - later, drawn)
    side_sums, side_counts = alone
    sums = side_sums[first] - side_sums[first + 1 :]
    counts = np.repeat(side_counts[first][None, :], len(later), axis=0)
    if unlike.any():
        sums[unlike], counts[unlike] = _resampled(values[first] - later[unlike], drawn)
    return sums, counts


def _resampled(differences: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of differences (pairs, items; NaN: not common) and numbers of items in each resample, (pairs, resamples);
    the numbers are (pairs, 1) where they are the same in all."""
    import numpy as np

    common = ~np.isnan(differences)
    counts = common.sum(axis=1, keepdims=True).astype(np.float32)
    filled = np.where(common, differences, 0.0).astype(np.float32)
    if drawn.ndim == 1:
        sums = filled.sum(axis=1, keepdims=True)
        means = sums / np.maximum(counts, 1)
        deviations = np.sqrt((np.where(common, filled - means, 0.0) ** 2).sum(axis=1, keepdims=True))
        return sums + deviations * drawn, counts
    if common.all():
        return filled @ drawn, counts
    return filled @ drawn, common.astype(np.float32) @ drawn


def _ends(sums: np.ndarray, counts: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentiles over the resamples (nearest rank), each of shape (pairs,). A resample without a common item, which
    only a handful of items can give, counts as one without a difference."""
    import numpy as np

    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    last = means.shape[1] - 1
    ranks = [round((1 - confidence) / 2 * last), round((1 + confidence) / 2 * last)]
    means.sort(axis=1)  # several times quicker than a partition at two ranks
    low, high = means[:, ranks[0]].astype(float), means[:, ranks[1]].astype(float)
    alike = high - low < _NOTHING
    return np.where(alike, np.nan, low), np.where(alike, np.nan, high)
