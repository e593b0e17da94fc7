"""Rates of clustered events: how often the interval holds the truth, and what it refuses."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.statistics.clustered import clustered_rate_interval
from epyc_assets.statistics.intervals import wilson_interval


def test_by_hand() -> None:
    # Few clusters of the same size are so many trials, however many events each holds.
    interval = clustered_rate_interval([10, 30], [40, 40], ["a", "b"])
    assert interval == wilson_interval(1, 2)
    # Two answers to one prompt are one cluster.
    assert clustered_rate_interval([10, 30], [40, 40], ["a", "a"]) == wilson_interval(0.5, 1)
    # A cluster that is much smaller hardly counts.
    uneven = clustered_rate_interval([50, 1], [100, 2], ["a", "b"])
    assert uneven == wilson_interval(0.5 * 102**2 / 10004, 102**2 / 10004)


def test_agreement_of_all_clusters_is_no_certainty() -> None:
    same = clustered_rate_interval([40] * 12, [40] * 12, range(12))
    assert same == wilson_interval(12, 12)
    assert same.low < 0.8
    differing = clustered_rate_interval([40] * 11 + [20], [40] * 12, range(12))
    assert same.low < differing.low < 1.0


def test_it_holds_the_truth_about_as_often_as_it_says_where_independence_would_not() -> None:
    chance = random.Random(3)
    held = {"clustered": 0, "independent": 0}
    for trial in range(200):
        rates = [chance.betavariate(2, 2) for _ in range(25)]
        accepted = [sum(chance.random() < rate for _ in range(40)) for rate in rates]
        clustered = clustered_rate_interval(accepted, [40] * 25, range(25), resamples=400, seed=trial)
        independent = wilson_interval(sum(accepted), 25 * 40)
        held["clustered"] += clustered.low <= 0.5 <= clustered.high
        held["independent"] += independent.low <= 0.5 <= independent.high
    assert held["clustered"] >= 178, held
    assert held["independent"] < 150, held


COUNTS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 4)), min_size=1, max_size=20)


@given(COUNTS)
def test_the_estimate_lies_within_and_empty_clusters_change_nothing(counts: list[tuple[int, int, int]]) -> None:
    events, trials, clusters = [a for a, _, _ in counts], [a + b for a, b, _ in counts], [c for _, _, c in counts]
    if not sum(trials):
        with pytest.raises(ValueError, match="at least one trial"):
            clustered_rate_interval(events, trials, clusters)
        return
    interval = clustered_rate_interval(events, trials, clusters, resamples=200)
    assert 0 <= interval.low <= interval.estimate + 0.5
    assert interval.low <= interval.high <= 1
    assert interval.estimate == pytest.approx(sum(events) / sum(trials))
    assert clustered_rate_interval([*events, 0], [*trials, 0], [*clusters, "none"], resamples=200) == interval


@pytest.mark.parametrize(
    ("events", "trials", "clusters"), [([1], [2, 3], ["a"]), ([3], [2], ["a"]), ([-1], [2], ["a"]), ([], [], [])]
)
def test_what_are_no_counts_is_refused(events: list[int], trials: list[int], clusters: list[str]) -> None:
    with pytest.raises(ValueError):
        clustered_rate_interval(events, trials, clusters)
