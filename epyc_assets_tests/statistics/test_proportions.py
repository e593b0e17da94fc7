"""The interval of a difference of pass rates: it covers, is symmetric, and does not claim what few questions cannot
show."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.statistics.intervals import Interval
from epyc_assets.statistics.proportions import (
    paired_proportion_interval,
    paired_proportion_intervals,
    pairs_to_show_no_loss,
)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int]:
    total = draw(st.integers(1, 500))
    first = draw(st.integers(0, total))
    return first, draw(st.integers(0, total - first)), total


@given(counts())
def test_it_holds_the_estimate_and_swapping_turns_it_round(counted: tuple[int, int, int]) -> None:
    first, second, total = counted
    interval, turned = (
        paired_proportion_interval(first, second, total),
        paired_proportion_interval(second, first, total),
    )
    assert -1 <= interval.low <= interval.estimate == (first - second) / total <= interval.high <= 1
    assert interval.low < interval.high
    assert (turned.low, turned.high) == pytest.approx((-interval.high, -interval.low), abs=1e-6)


@given(counts())
def test_more_confidence_is_wider(counted: tuple[int, int, int]) -> None:
    usual, sure = paired_proportion_interval(*counted), paired_proportion_interval(*counted, confidence=0.99)
    assert sure.low <= usual.low <= usual.high <= sure.high


def test_without_a_difference_it_is_as_wide_as_the_formula_says() -> None:
    z = 1.959963984540054
    for total in (1, 10, 189, 5000):
        interval = paired_proportion_interval(0, 0, total)
        assert interval.high == pytest.approx(z * z / (total + z * z), abs=1e-9)
        assert interval.low == pytest.approx(-interval.high, abs=1e-9)


@pytest.mark.parametrize(
    ("total", "first", "second"), [(10, 0.2, 0.1), (50, 0.02, 0.06), (200, 0.0, 0.01), (100, 0.1, 0.02)]
)
def test_it_covers_the_true_difference(total: int, first: float, second: float) -> None:
    """A bootstrap cannot for (200, 0, 0.01): in 13 % of the sets no question differs, and its interval is [0, 0]."""
    draws = random.Random(f"{total} {first}")
    interval = cache(lambda ours, theirs: paired_proportion_interval(ours, theirs, total))
    covered, sets = 0, 400
    for _ in range(sets):
        falls = draws.choices("fso", [first, second, 1 - first - second], k=total)
        found: Interval = interval(falls.count("f"), falls.count("s"))
        covered += found.low <= first - second <= found.high
    assert covered >= 0.92 * sets


@pytest.mark.parametrize("differing", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("tolerance", [0.01, 0.02, 0.1])
def test_the_number_of_questions_needed_is_the_least(tolerance: float, differing: float) -> None:
    needed = pairs_to_show_no_loss(tolerance, differing)

    def low(total: int) -> float:
        return paired_proportion_interval(differing * total / 2, differing * total / 2, total).low

    assert low(needed) > -tolerance >= low(needed - 1)


def test_189_questions_show_that_no_more_than_two_points_are_lost() -> None:
    assert pairs_to_show_no_loss(0.02) == 189


@pytest.mark.parametrize("counted", [(0, 0, 0), (-1, 0, 5), (3, 3, 5)])
def test_counts_that_are_none_are_refused(counted: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="questions"):
        paired_proportion_interval(*counted)


@pytest.mark.parametrize("shares", [(0.0, 0.1), (1.0, 0.1), (0.02, 1.5)])
def test_shares_that_are_none_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        pairs_to_show_no_loss(*shares)


def test_many_intervals_at_once_are_those_of_each() -> None:
    cases = [(0, 0, 10), (0, 0, 1), (10, 0, 10), (0, 7, 12), (3, 9, 400), (40, 37, 80), (1, 1, 2), (500, 499, 1000)]
    low, high = paired_proportion_intervals(*np.array(cases).T)
    for place, (first, second, total) in enumerate(cases):
        alone = paired_proportion_interval(first, second, total)
        assert (low[place], high[place]) == pytest.approx((alone.low, alone.high), abs=1e-12)
    with pytest.raises(ValueError, match="counts"):
        paired_proportion_intervals(np.array([3]), np.array([3]), np.array([5]))
