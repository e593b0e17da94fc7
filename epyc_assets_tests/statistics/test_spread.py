from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.statistics.spread import (
    coefficient_of_variation,
    drift,
    least_disturbed,
    percentile,
    samples_for_percentile,
)

numbers = st.lists(st.floats(0.1, 1e6), min_size=5, max_size=30)


def test_the_least_disturbed_speed_is_the_fastest() -> None:
    assert least_disturbed([3.0, 5.0, 4.0]) == 5.0
    assert least_disturbed([]) is None


def test_variation_is_the_sample_deviation_over_the_mean() -> None:
    assert coefficient_of_variation([8.0, 10.0, 12.0]) == pytest.approx(0.2)
    assert coefficient_of_variation([7.0, 7.0]) == 0
    assert coefficient_of_variation([7.0]) is None
    assert coefficient_of_variation([-1.0, 1.0]) is None


@given(numbers, st.floats(0.01, 100))
def test_variation_does_not_depend_on_the_unit(values: list[float], factor: float) -> None:
    scaled = coefficient_of_variation([value * factor for value in values])
    assert scaled == pytest.approx(coefficient_of_variation(values), rel=1e-6, abs=1e-9)


def test_drift_tells_direction_and_needs_five_rounds() -> None:
    assert drift([1.0, 2.0, 3.0, 10.0, 11.0]) == pytest.approx(1)
    assert drift([5.0, 4.0, 3.0, 2.0, 1.0]) == pytest.approx(-1)
    assert drift([1.0, 2.0, 3.0, 4.0]) is None
    assert drift([2.0] * 6) is None
    # By hand: ranks 1.5 1.5 3 4 5 against 1 2 3 4 5.
    assert drift([2.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(9.5 / math.sqrt(9.5 * 10))


@given(numbers)
def test_drift_sees_order_only_and_turns_with_time(values: list[float]) -> None:
    forwards = drift(values)
    backwards = drift(values[::-1])
    if forwards is None:
        assert backwards is None
    else:
        assert -1 - 1e-9 <= forwards <= 1 + 1e-9
        assert backwards == pytest.approx(-forwards)
        assert drift([value * 2 for value in values]) == pytest.approx(forwards)


@pytest.mark.parametrize(("share", "needed"), [(0.9, 64), (0.95, 90), (0.99, 459), (0.999, 4603), (0.5, 64)])
def test_percentiles_need_samples(share: float, needed: int) -> None:
    assert samples_for_percentile(share) == needed
    values = [float(value) for value in range(1, needed + 1)]
    assert percentile(values[:-1], share) is None
    found = percentile(values, share)
    assert found is not None
    assert sum(value <= found for value in values) >= share * needed > sum(value < found for value in values)


def test_the_floor_is_the_least_count_that_is_enough() -> None:
    assert 1 - 0.99**459 >= 0.99 > 1 - 0.99**458


def test_input_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        drift([math.nan] * 5)
    with pytest.raises(ValueError, match="share"):
        percentile([1.0], 95)
