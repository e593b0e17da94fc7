from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.statistics import bootstrap_ratio_interval, exact_mcnemar, paired_bootstrap_difference


@pytest.mark.parametrize(
    ("first", "second", "p_value"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (1, 9, 22 / 1024),  # 2 (1 + 10) / 2^10
        (0, 6, 2 / 64),
        (0, 5, 2 / 32),  # five questions alone never reach 5 %
        (2, 8, 112 / 1024),  # 2 (1 + 10 + 45) / 2^10
    ],
)
def test_mcnemar_by_hand(first: int, second: int, p_value: float) -> None:
    assert exact_mcnemar(first, second) == pytest.approx(p_value, rel=1e-12)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_mcnemar_is_symmetric_and_a_probability(first: int, second: int) -> None:
    p_value = exact_mcnemar(first, second)
    assert 0 <= p_value <= 1
    assert p_value == exact_mcnemar(second, first)


@given(st.integers(0, 60), st.integers(1, 60))
def test_mcnemar_falls_as_the_split_becomes_more_uneven(fewer: int, gap: int) -> None:
    assert exact_mcnemar(fewer, fewer + gap) > exact_mcnemar(fewer, fewer + gap + 2) - 1e-15
    assert exact_mcnemar(fewer, fewer + 1) > 0.4


def test_mcnemar_by_sums_and_by_logarithms_agree_at_the_seam() -> None:
    assert exact_mcnemar(470, 530) == pytest.approx(exact_mcnemar(470, 531), rel=0.15)
    whole = sum(math.comb(1001, successes) for successes in range(471)) * 2 / 2**1001
    assert exact_mcnemar(470, 531) == pytest.approx(whole, rel=1e-9)


def test_mcnemar_keeps_its_error_rate() -> None:
    # Exact size under equality: the sum of the probabilities of all outcomes called different at 5 %.
    for count in (6, 10, 25, 40):
        size = sum(math.comb(count, k) / 2**count for k in range(count + 1) if exact_mcnemar(k, count - k) <= 0.05)
        assert 0 < size <= 0.05


positive = st.floats(0.01, 1000)
pairs = st.lists(st.tuples(positive, positive), min_size=1, max_size=20)


@settings(max_examples=50, deadline=None)
@given(pairs, st.integers(0, 5))
def test_ratios_turn_over_with_their_parts_and_hold_their_estimate(
    values: list[tuple[float, float]], seed: int
) -> None:
    top, bottom = zip(*values, strict=True)
    ratio = bootstrap_ratio_interval(top, bottom, resamples=400, seed=seed)
    turned = bootstrap_ratio_interval(bottom, top, resamples=400, seed=seed)
    tolerance = 1e-9
    assert ratio.low <= ratio.estimate * (1 + tolerance)
    assert ratio.estimate <= ratio.high * (1 + tolerance)
    assert ratio.estimate == pytest.approx(1 / turned.estimate)
    assert ratio.low == pytest.approx(1 / turned.high)
    doubled = bootstrap_ratio_interval([2 * value for value in top], bottom, resamples=400, seed=seed)
    assert doubled.low == pytest.approx(2 * ratio.low)
    assert doubled.high == pytest.approx(2 * ratio.high)


def test_a_ratio_is_the_median_of_pairs_and_not_of_sides() -> None:
    # Round by round the first is 10 % faster; that the machine slowed down in between must not hide it.
    baseline = [100, 50, 80, 20, 60, 90]
    interval = bootstrap_ratio_interval([1.1 * value for value in baseline], baseline)
    assert interval.estimate == pytest.approx(1.1)
    assert interval.low == pytest.approx(1.1)
    assert interval.high == pytest.approx(1.1)


def test_resampling_repeats_with_its_seed_and_only_with_it() -> None:
    first, second = [1.0, 2.0, 3.0, 4.5, 2.2], [1.1, 1.9, 2.0, 3.0, 2.0]
    assert paired_bootstrap_difference(first, second, seed=3) == paired_bootstrap_difference(first, second, seed=3)
    assert paired_bootstrap_difference(first, second, seed=3) != paired_bootstrap_difference(first, second, seed=4)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_difference_changes_its_sign_with_the_order(values: list[tuple[bool, bool]]) -> None:
    first, second = zip(*values, strict=True)
    forward = paired_bootstrap_difference(first, second, resamples=400)
    backward = paired_bootstrap_difference(second, first, resamples=400)
    assert forward.estimate == pytest.approx(-backward.estimate)
    assert forward.low == pytest.approx(-backward.high)
    assert -1 <= forward.low <= forward.high <= 1
    same = paired_bootstrap_difference(first, first, resamples=50)
    assert (same.estimate, same.low, same.high) == (0, 0, 0)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    generator = np.random.default_rng(5)
    runs, ratio_hits, difference_hits = 200, 0, 0
    for run in range(runs):
        baseline = np.exp(generator.normal(3, 0.5, 20))
        faster = baseline * np.exp(np.log(1.3) + generator.normal(0, 0.05, 20))
        ratio = bootstrap_ratio_interval(faster, baseline, resamples=400, seed=run)
        ratio_hits += ratio.low <= 1.3 <= ratio.high
        difficulty = generator.uniform(0, 1, 80)
        better = (generator.uniform(0, 1, 80) < 0.2 + 0.6 * difficulty).astype(float)
        worse = (generator.uniform(0, 1, 80) < 0.1 + 0.6 * difficulty).astype(float)
        difference = paired_bootstrap_difference(better, worse, resamples=400, seed=run)
        difference_hits += difference.low <= 0.1 <= difference.high
    assert 0.88 < ratio_hits / runs <= 1
    assert 0.88 < difference_hits / runs <= 1


def test_pairing_narrows_the_interval_of_a_difference() -> None:
    generator = np.random.default_rng(1)
    difficulty = generator.uniform(0, 1, 100)
    first, second = (difficulty < 0.6).astype(float), (difficulty < 0.5).astype(float)
    paired = paired_bootstrap_difference(first, second)
    shuffled = paired_bootstrap_difference(first, generator.permutation(second))
    assert paired.high - paired.low < 0.5 * (shuffled.high - shuffled.low)


def test_large_samples_are_resampled_in_blocks_with_the_same_meaning() -> None:
    values = np.linspace(0, 1, 3000)
    interval = paired_bootstrap_difference(values, np.zeros(3000), resamples=2000)
    assert interval.low < 0.5 < interval.high
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * values.std() / math.sqrt(3000), rel=0.1)


def test_input_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="pairs"):
        paired_bootstrap_difference([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="no pair"):
        bootstrap_ratio_interval([], [])
    with pytest.raises(ValueError, match="above zero"):
        bootstrap_ratio_interval([1.0, 0.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="finite"):
        paired_bootstrap_difference([math.inf], [1.0])
    with pytest.raises(ValueError, match="confidence"):
        bootstrap_ratio_interval([1.0], [1.0], 95)
    with pytest.raises(ValueError, match="resample"):
        bootstrap_ratio_interval([1.0], [1.0], resamples=0)
    with pytest.raises(ValueError, match="zero or more"):
        exact_mcnemar(-1, 2)
