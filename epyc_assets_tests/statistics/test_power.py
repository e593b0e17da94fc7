from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.statistics import exact_mcnemar
from epyc_assets.statistics.intervals import wilson_interval
from epyc_assets.statistics.power import (
    FEWEST_PAIRS,
    pairs_by_normal,
    pairs_for_power,
    power_of_pairs,
    questions_for_half_width,
)


def plain_power(total: int, only_first: float, only_second: float, alpha: float) -> float:
    """Every outcome of `total` questions with its probability, by the test itself."""
    both = 1 - only_first - only_second
    power = 0.0
    for first in range(total + 1):
        for second in range(total - first + 1):
            if exact_mcnemar(first, second) <= alpha:
                ways = math.comb(total, first) * math.comb(total - first, second)
                power += ways * only_first**first * only_second**second * both ** (total - first - second)
    return power


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize(
    ("only_first", "only_second"), [(0.4, 0.1), (0.5, 0.0), (0.3, 0.3), (0.1, 0.6), (0.75, 0.25), (0.9, 0.0)]
)
def test_power_is_the_sum_over_all_outcomes(only_first: float, only_second: float, alpha: float) -> None:
    for total in (1, 5, 6, 12, 30):
        expected = plain_power(total, only_first, only_second, alpha)
        assert power_of_pairs(total, only_first, only_second, alpha) == pytest.approx(expected, abs=1e-10)


def test_the_sign_test_alone_agrees_with_a_binomial_table() -> None:
    # All questions differ: 20 of them, critical value 5 (2 P(X <= 5) = 0.0414), power at 3 to 1 is P(Bin(20, .25) <= 5)
    # = 0.6172 (a standard binomial table) and next to nothing on the other side.
    assert power_of_pairs(20, 0.75, 0.25) == pytest.approx(0.6172, abs=1e-4)
    assert power_of_pairs(0, 0.75, 0.25) == 0
    assert [power_of_pairs(total, 1, 0) for total in (FEWEST_PAIRS - 1, FEWEST_PAIRS)] == [0, 1]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 20), st.integers(1, 20), st.sampled_from([0.5, 0.8, 0.9]), st.sampled_from([0.05, 0.05 / 66]))
def test_the_number_of_pairs_is_the_smallest_that_keeps_the_power(
    fewer: int, gap: int, power: float, alpha: float
) -> None:
    larger, smaller = (fewer + gap) / 60, fewer / 60
    needed = pairs_for_power(larger, smaller, power, alpha)
    assert needed == pairs_for_power(smaller, larger, power, alpha)
    if needed * (larger + smaller) > 50:  # maybe not worked out exactly
        # Over all of these the closed form gave 0.3 points less to 4.5 more than asked for.
        assert -0.01 < power_of_pairs(needed, larger, smaller, alpha) - power < 0.06
        return
    assert needed == 1 or power_of_pairs(needed - 1, larger, smaller, alpha) < power
    for more in (0, 1, 2, 3, 7):
        assert power_of_pairs(needed + more, larger, smaller, alpha) >= power - 1e-12


def test_simulated_comparisons_reach_the_power_they_were_given() -> None:
    generator = np.random.default_rng(3)
    for only_first, only_second in ((0.3, 0.1), (0.08, 0.0), (0.25, 0.15)):
        needed = pairs_for_power(only_first, only_second)
        rates = []
        for total in (needed, needed // 2):
            found = generator.multinomial(total, [only_first, only_second, 1 - only_first - only_second], size=1500)
            rates.append(np.mean([exact_mcnemar(int(first), int(second)) <= 0.05 for first, second, _ in found]))
        assert rates[0] == pytest.approx(0.8, abs=0.04)  # four standard errors
        assert rates[1] < 0.7


def connor(only_first: float, only_second: float) -> float:
    """Connor 1987, equation for the test without a continuity correction, 80 % power at 5 %."""
    differing, difference = only_first + only_second, abs(only_first - only_second)
    return (1.959964 * math.sqrt(differing) + 0.841621 * math.sqrt(differing - difference**2)) ** 2 / difference**2


@pytest.mark.parametrize(("only_first", "only_second"), [(0.3, 0.2), (0.25, 0.15), (0.1, 0.05), (0.4, 0.2)])
def test_the_closed_form_is_connors_with_a_correction(only_first: float, only_second: float) -> None:
    published, difference = connor(only_first, only_second), only_first - only_second
    corrected = pairs_by_normal(only_first, only_second)
    # The correction for continuity adds about 2 / d (Fleiss), and the exact number lies between the two.
    assert corrected == pytest.approx(published + 2 / difference, rel=0.03)
    assert 0.99 * published < pairs_for_power(only_first, only_second) <= corrected


def test_more_questions_for_smaller_differences_higher_power_and_smaller_levels() -> None:
    base = pairs_for_power(0.2, 0.1)
    assert pairs_for_power(0.2, 0.12) > base
    assert pairs_for_power(0.2, 0.1, power=0.9) > base
    assert pairs_for_power(0.2, 0.1, alpha=0.01) > base
    # A difference of a hundredth of a point is no endless search.
    assert 5e6 < pairs_for_power(0.1001, 0.1000) < 5e8


@pytest.mark.parametrize(("half_width", "ratio"), [(0.05, 0.5), (0.1, 0.5), (0.05, 0.9), (0.02, 0.0), (0.01, 1.0)])
def test_a_half_width_is_reached_by_the_smallest_number(half_width: float, ratio: float) -> None:
    total = questions_for_half_width(half_width, ratio)
    widths = [wilson_interval(ratio * each, each) for each in (total - 1, total)]
    assert widths[1].high - widths[1].low <= 2 * half_width < widths[0].high - widths[0].low
    if (half_width, ratio) == (0.05, 0.5):
        assert total == 381  # n + z² = z² / (4 h²): 384.15 - 3.84


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="equally good"):
        pairs_for_power(0.1, 0.1)
    for values in ((-0.1, 0.2), (0.7, 0.4), (math.nan, 0.1)):
        with pytest.raises(ValueError, match="no shares"):
            pairs_for_power(*values)
    with pytest.raises(ValueError, match="cannot be meant"):
        pairs_for_power(0.2, 0.1, power=0.01)
    with pytest.raises(ValueError, match="no probabilities"):
        power_of_pairs(10, 0.6, 0.6)
    with pytest.raises(ValueError, match="cannot be -1"):
        power_of_pairs(-1, 0.2, 0.1)
    with pytest.raises(ValueError, match="half width"):
        questions_for_half_width(0.5)
