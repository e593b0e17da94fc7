from __future__ import annotations

import numpy as np
import pytest

from epyc_assets.statistics import paired_bootstrap_difference
from epyc_assets.statistics.all_pairs import LARGE_STRATUM, all_pairs_intervals


def graded(sides: int, items: int, seed: int) -> np.ndarray:
    """Values of 0 to 1 that hang together by item."""
    generator = np.random.default_rng(seed)
    return np.clip(generator.normal(0.5, 0.3, items) + generator.normal(0, 0.2, (sides, items)), 0, 1)


def test_a_pair_among_many_has_the_interval_of_the_pair_alone() -> None:
    values = graded(4, 60, 1)
    low, high = all_pairs_intervals([values], resamples=4000)
    for first, second in ((0, 1), (2, 1), (3, 0)):
        alone = paired_bootstrap_difference(values[first], values[second], resamples=4000)
        assert (low[0, first, second], high[0, first, second]) == pytest.approx((alone.low, alone.high), abs=0.012)
        assert (low[1, first, second], high[1, first, second]) == (low[0, first, second], high[0, first, second])
        assert low[0, second, first] == -high[0, first, second]
    assert np.isnan(low[0].diagonal()).all()


def test_only_common_items_count() -> None:
    values = graded(3, 50, 2)
    values[0, :20] = np.nan
    values[1, 15:25] = np.nan
    low, high = all_pairs_intervals([values], resamples=4000)
    alone = paired_bootstrap_difference(values[0, 25:], values[1, 25:], resamples=4000)
    assert (low[0, 0, 1], high[0, 0, 1]) == pytest.approx((alone.low, alone.high), abs=0.02)
    values[0, 25:] = np.nan  # nothing left in common with the second
    low, high = all_pairs_intervals([values], resamples=500)
    assert np.isnan([low[0, 0, 1], high[0, 0, 1]]).all()
    assert low[0, 1, 2] < high[0, 1, 2]


def test_strata_are_drawn_within_and_large_ones_by_their_limit() -> None:
    # One side is better in the one suite and worse in the other: without strata the spread between them would be added.
    easy, hard = (
        np.array([np.tile([1.0, 1, 1, 0], 25), np.zeros(100)]),
        np.array([np.zeros(100), np.tile([1.0, 1, 1, 0], 25)]),
    )
    low, high = all_pairs_intervals([easy, hard], resamples=4000)
    expected = 1.96 * np.sqrt(2 * 100 * 0.1875) / 200
    assert (low[2, 0, 1], high[2, 0, 1]) == pytest.approx((-expected, expected), abs=0.006)
    whole = paired_bootstrap_difference(*np.concatenate([easy, hard], axis=1), resamples=2000)
    assert whole.high > 1.5 * high[2, 0, 1]
    values = graded(2, LARGE_STRATUM + 100, 3)
    low, high = all_pairs_intervals([values], resamples=4000)
    alone = paired_bootstrap_difference(*values, resamples=4000)
    assert (low[0, 0, 1], high[0, 0, 1]) == pytest.approx((alone.low, alone.high), abs=0.002)


def test_equals_are_not_known_exactly_and_seeds_repeat() -> None:
    same = np.tile(graded(1, 30, 4), (2, 1))
    low, high = all_pairs_intervals([same], resamples=200)
    assert np.isnan([low[0, 0, 1], high[0, 0, 1], low[1, 0, 1]]).all()
    values = graded(2, 30, 5)
    ends = [all_pairs_intervals([values], resamples=300, seed=seed)[0][0, 0, 1] for seed in (1, 1, 2)]
    assert ends[0] == ends[1] != ends[2]
    with pytest.raises(ValueError, match="matrices"):
        all_pairs_intervals([])
