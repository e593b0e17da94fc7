"""Ratios of separate measurements: the interval covers, is wider than that of pairs, and is refused for few rounds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.statistics.paired import bootstrap_ratio_interval
from epyc_assets.statistics.unpaired import FEWEST_UNPAIRED, unpaired_ratio_interval

speeds = st.lists(st.floats(0.1, 1e4), min_size=FEWEST_UNPAIRED, max_size=15)


def lognormal(count: int, middle: float, spread: float, seed: str) -> list[float]:
    draws = random.Random(seed)
    return [middle * draws.lognormvariate(0, spread) for _ in range(count)]


@given(speeds, speeds)
def test_swapping_the_sides_gives_the_reciprocal(first: list[float], second: list[float]) -> None:
    there = unpaired_ratio_interval(first, second, resamples=200)
    back = unpaired_ratio_interval(second, first, resamples=200)
    assert there.low <= there.estimate <= there.high
    assert back.estimate == pytest.approx(1 / there.estimate)


@pytest.mark.parametrize(("first", "second"), [(5, 5), (5, 20), (12, 12)])
def test_it_covers_the_true_ratio(first: int, second: int) -> None:
    sets = 200
    covered = 0
    for number in range(sets):
        ours = lognormal(first, 1.1, 0.05, f"ours {number}")
        theirs = lognormal(second, 1.0, 0.05, f"theirs {number}")
        found = unpaired_ratio_interval(ours, theirs, resamples=300, seed=number)
        covered += found.low <= 1.1 <= found.high
    assert covered >= 0.92 * sets


def test_it_is_wider_than_that_of_pairs_where_rounds_are_slowed_together() -> None:
    slowed = lognormal(12, 1.0, 0.2, "rounds")
    first = [value * noise for value, noise in zip(slowed, lognormal(12, 2.0, 0.01, "ours"), strict=True)]
    second = [value * noise for value, noise in zip(slowed, lognormal(12, 1.0, 0.01, "theirs"), strict=True)]
    pairs, apart = bootstrap_ratio_interval(first, second), unpaired_ratio_interval(first, second)
    assert apart.low < pairs.low < 2 < pairs.high < apart.high
    assert apart.high - apart.low > 5 * (pairs.high - pairs.low)


@pytest.mark.parametrize("bad", [[1.0] * 4, [1.0] * 5 + [0.0], [1.0] * 5 + [float("nan")], []])
def test_samples_that_say_nothing_are_refused(bad: list[float]) -> None:
    for sides in ((bad, [1.0] * 6), ([1.0] * 6, bad)):
        with pytest.raises(ValueError, match="atio"):
            unpaired_ratio_interval(*sides)
