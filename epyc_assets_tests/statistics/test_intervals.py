from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.statistics import median_interval, throughput_tps, wilson_interval


@pytest.mark.parametrize(
    ("passes", "total", "low", "high"),
    [
        (8, 10, 0.490, 0.943),  # the textbook case: eight of ten says little
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (15, 148, 0.0624, 0.1605),  # the same
        (0, 20, 0.0000, 0.1611),  # the same
        (1, 29, 0.0061, 0.1718),  # the same
    ],
)
def test_wilson_agrees_with_published_values(passes: int, total: int, low: float, high: float) -> None:
    interval = wilson_interval(passes, total)
    assert interval.low == pytest.approx(low, abs=6e-4)
    assert interval.high == pytest.approx(high, abs=6e-4)
    assert interval.estimate == passes / total


counts = st.integers(0, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@given(counts, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_is_symmetric_ordered_and_inside_the_unit_interval(count: tuple[int, int], confidence: float) -> None:
    passes, total = count
    interval = wilson_interval(passes, total, confidence)
    mirror = wilson_interval(total - passes, total, confidence)
    assert 0 <= interval.low <= interval.high <= 1
    assert interval.low == pytest.approx(1 - mirror.high, abs=1e-12)
    if total:
        assert interval.low <= passes / total <= interval.high
        assert interval.high - interval.low < 1
        wider = wilson_interval(passes, total, 0.999)
        assert wider.low <= interval.low
        assert wider.high >= interval.high
    else:
        assert (interval.low, interval.high) == (0, 1)
        assert math.isnan(interval.estimate)


@given(st.integers(1, 300), st.data())
def test_wilson_rises_with_the_passes_and_narrows_with_the_total(total: int, data: st.DataObject) -> None:
    passes = data.draw(st.integers(0, total - 1))
    fewer, more = wilson_interval(passes, total), wilson_interval(passes + 1, total)
    assert fewer.low < more.low or passes == 0
    assert fewer.high < more.high or passes + 1 == total
    tenfold = wilson_interval(10 * passes, 10 * total)
    assert tenfold.high - tenfold.low < fewer.high - fewer.low


def test_wilson_covers_the_truth_about_as_often_as_it_says() -> None:
    # Exact coverage, summed over all outcomes; the known dips of Wilson's interval stay above 0.92 here.
    for share in (0.1, 0.3, 0.5, 0.8):
        total = 40
        covered = sum(
            math.comb(total, passes) * share**passes * (1 - share) ** (total - passes)
            for passes in range(total + 1)
            if wilson_interval(passes, total).low <= share <= wilson_interval(passes, total).high
        )
        assert 0.92 < covered < 0.99


def test_median_interval_takes_the_tabulated_order_statistics() -> None:
    # Ranks for 95 % from the standard table of the sign test: n=6: 1, n=9: 2, n=20: 6, n=100: 40.
    for count, rank, achieved in ((6, 1, 0.96875), (9, 2, 0.9609375), (20, 6, 0.958610535), (100, 40, 0.9647998)):
        interval = median_interval(range(1, count + 1))
        assert (interval.low, interval.high) == (rank, count + 1 - rank)
        assert interval.confidence == pytest.approx(achieved, abs=1e-6)


def test_a_median_interval_from_too_few_values_says_what_it_is_worth() -> None:
    interval = median_interval([3.0, 1.0, 2.0])
    assert (interval.estimate, interval.low, interval.high, interval.confidence) == (2.0, 1.0, 3.0, 0.75)
    single = median_interval([7.0])
    assert (single.low, single.high, single.confidence) == (7.0, 7.0, 0.0)
    assert median_interval([1, 2, 3, 10]).estimate == 2.5


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 0.95]))
def test_the_median_interval_holds_the_median_whatever_the_order(values: list[float], confidence: float) -> None:
    interval = median_interval(values, confidence)
    assert interval.low <= interval.estimate <= interval.high
    assert interval == median_interval(sorted(values, reverse=True), confidence)
    assert interval.confidence >= confidence or interval.low == min(values)


def test_the_median_interval_covers_the_median_of_a_skewed_distribution() -> None:
    generator = random.Random(7)
    covered = 0
    for _ in range(2000):
        interval = median_interval([generator.expovariate(1.0) for _ in range(15)])
        covered += interval.low <= math.log(2) <= interval.high
    assert 0.95 < covered / 2000 < 0.985  # achieved: 0.9648


@given(st.integers(1, 5000))
def test_large_samples_do_not_overflow_and_narrow(count: int) -> None:
    interval = median_interval(range(count))
    assert 0 <= interval.confidence <= 1
    if count > 1000:
        assert (interval.high - interval.low) / count < 0.1


def test_throughput_is_tokens_summed_over_time_summed() -> None:
    # A mean of rates would say 505: one lucky short answer hides a thousand slow tokens.
    assert throughput_tps([1, 1000], [0.001, 100.0]) == pytest.approx(1001 / 100.001)
    assert throughput_tps([], []) is None
    assert throughput_tps([0], [0.0]) is None
    with pytest.raises(ValueError, match="durations"):
        throughput_tps([1], [])
    for bad in (-1.0, math.nan):
        with pytest.raises(ValueError, match="zero or more"):
            throughput_tps([1], [bad])


def test_input_that_cannot_be_meant_is_refused() -> None:
    for passes, total in ((-1, 3), (4, 3), (0, -1), (1, math.inf), (math.nan, 3)):
        with pytest.raises(ValueError, match="Passes"):
            wilson_interval(passes, total)
    for confidence in (0.0, 1.0, 95):
        with pytest.raises(ValueError, match="confidence"):
            wilson_interval(1, 2, confidence)
        with pytest.raises(ValueError, match="confidence"):
            median_interval([1.0], confidence)
    with pytest.raises(ValueError, match="at least one"):
        median_interval([])
    with pytest.raises(ValueError, match="finite"):
        median_interval([1.0, math.nan])
