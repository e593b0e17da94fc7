"""The rule of speed rounds: exact intervals, and its error rates over simulated sweeps with recorded noise."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.statistics import bootstrap_ratio_interval
from epyc_assets.statistics.intervals import Interval
from epyc_assets.statistics.speedup import (
    INNER_CONFIDENCE,
    enough_rounds,
    hodges_lehmann_interval,
    is_narrow,
    speedup_interval,
    verdict,
)
from epyc_assets_tests.statistics.simulated_sweeps import RECORD, Rounds, draw_rounds, recorded_noise, simulate

SWEEPS = 200
MANY_SWEEPS = 800
"""Enough to tell a rate of 3 % from one of 5 %."""
ERROR_RATE = 0.05


@pytest.mark.parametrize("name", recorded_noise())
def test_planting_nothing_is_called_no_more_often_than_stated(name: str) -> None:
    pairs = recorded_noise()[name]
    rates = simulate(lambda generator: draw_rounds(pairs, generator), sweeps=MANY_SWEEPS)
    assert rates.called <= ERROR_RATE
    assert rates.missed <= ERROR_RATE


def rounds_of_a_quiet_core(generator: np.random.Generator) -> Rounds:
    """Rounds of one of the models that had a core to themselves."""
    records = [pairs for name, pairs in recorded_noise().items() if name.startswith("prioritised/")]
    return draw_rounds(records[generator.integers(len(records))], generator)


def test_five_percent_slower_is_called_and_nothing_planted_is_not() -> None:
    planted = simulate(rounds_of_a_quiet_core, sweeps=SWEEPS, planted=0.95, seed=1)
    nothing = simulate(rounds_of_a_quiet_core, sweeps=SWEEPS, seed=2)
    assert planted.verdicts.get("slower", 0) >= 1 - ERROR_RATE
    assert "faster" not in planted.verdicts
    assert nothing.called <= ERROR_RATE
    assert nothing.verdicts.get("equivalent", 0) > 0.5


@pytest.mark.parametrize("name", [name for name in recorded_noise() if name.startswith("busy/")])
def test_on_a_machine_too_noisy_for_it_a_slowdown_is_hardly_ever_called_faster(name: str) -> None:
    pairs = recorded_noise()[name]
    rates = simulate(lambda generator: draw_rounds(pairs, generator), sweeps=SWEEPS, planted=0.95, seed=1)
    assert rates.verdicts.get("faster", 0) <= ERROR_RATE / 2
    assert rates.verdicts.get("equivalent", 0) <= ERROR_RATE
    assert rates.missed <= ERROR_RATE


def test_the_same_sweeps_judged_by_a_plain_bootstrap_break_the_rate() -> None:
    """What the rule is for, and that these tests can fail."""

    def enough(ratios: object) -> bool:
        values = list(ratios)  # type: ignore[call-overload]
        return len(values) >= 5 and is_narrow(bootstrap_ratio_interval(values, [1.0] * len(values), resamples=200))

    rates = simulate(
        lambda generator: (np.exp(generator.normal(0, 0.03, 20)).tolist(), [1.0] * 20),
        sweeps=SWEEPS,
        interval=lambda config, baseline: bootstrap_ratio_interval(config, baseline, resamples=200),
        enough=enough,
    )
    assert rates.missed > 1.5 * ERROR_RATE


def test_the_record_is_of_real_rounds_with_both_sides() -> None:
    assert RECORD.stat().st_size < 40_000
    for pairs in recorded_noise().values():
        assert pairs.shape[0] >= 80
        assert pairs.shape[1] == 2
        assert (pairs > 0).all()
        assert len(np.unique(pairs)) > pairs.size / 2


# Hollander, Wolfe and Chicken 2014, example 3.1: depression before and after a tranquilliser.
DEPRESSION = [-0.952, 0.147, -1.022, -0.430, -0.620, -0.590, -0.490, 0.080, -0.010]


def test_the_estimate_and_interval_of_a_published_example() -> None:
    """R: wilcox.test(x, conf.int = TRUE) gives -0.46 and, at the exact 96.1 %, -0.786 to -0.010."""
    found = hodges_lehmann_interval(DEPRESSION, 0.95)
    assert found.estimate == pytest.approx(-0.46, abs=0.001)
    assert found.low == pytest.approx(-0.786, abs=0.001)
    assert found.high == pytest.approx(-0.010, abs=0.001)


@pytest.mark.parametrize("count", range(1, 11))
@pytest.mark.parametrize("confidence", [0.9, 0.95, INNER_CONFIDENCE])
def test_the_interval_leaves_out_zero_exactly_when_the_signs_say_so(count: int, confidence: float) -> None:
    """Over all signs of the same values, as under no difference, zero is left out no more often than stated, and
    leaving out one more mean would be too often."""
    values = [1.0 + 0.37 * place**2 for place in range(count)]
    outcomes = []
    for signs in itertools.product((-1, 1), repeat=count):
        found = hodges_lehmann_interval([sign * value for sign, value in zip(signs, values, strict=True)], confidence)
        outcomes.append(not found.low <= 0 <= found.high)
    share = sum(outcomes) / 2**count
    assert share <= 1 - confidence + 1e-12
    if 2 / 2**count <= 1 - confidence:
        assert share > 0


def test_seven_rounds_are_the_fewest_that_can_show_something() -> None:
    assert speedup_interval([2.0] * 6, [1.0] * 6).high == math.inf
    assert speedup_interval([2.0] * 6, [1.0] * 6).low == 0
    assert verdict(speedup_interval([2.0] * 6, [1.0] * 6)) == "not_shown"
    assert verdict(speedup_interval([2.0] * 7, [1.0] * 7)) == "faster"
    assert not enough_rounds([[1.0] * 6])
    assert enough_rounds([[1.0] * 7])
    assert not enough_rounds([[1.0] * 7], least_rounds=8)


speeds = st.lists(st.tuples(st.floats(0.1, 1e4), st.floats(0.1, 1e4)), min_size=1, max_size=20)


@settings(max_examples=50)
@given(speeds)
def test_swapping_the_sides_gives_the_reciprocal(pairs: list[tuple[float, float]]) -> None:
    config, baseline = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found, swapped = speedup_interval(config, baseline), speedup_interval(baseline, config)
    assert found.low <= found.estimate <= found.high
    assert swapped.estimate == pytest.approx(1 / found.estimate)
    if found.high < math.inf:
        assert swapped.low == pytest.approx(1 / found.high)
        assert swapped.high == pytest.approx(1 / found.low)


@settings(max_examples=50)
@given(speeds, st.floats(0.5, 2))
def test_what_slows_a_whole_round_cancels_and_a_factor_stays(pairs: list[tuple[float, float]], factor: float) -> None:
    config, baseline = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found = speedup_interval(config, baseline)
    slower_rounds = [1 / (1 + place) for place in range(len(pairs))]
    same = speedup_interval(
        [own * slow for own, slow in zip(config, slower_rounds, strict=True)],
        [other * slow for other, slow in zip(baseline, slower_rounds, strict=True)],
    )
    assert same.estimate == pytest.approx(found.estimate)
    assert same.low == pytest.approx(found.low)
    times = speedup_interval([own * factor for own in config], baseline)
    assert times.estimate == pytest.approx(found.estimate * factor)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.03, 1.09, "faster"),
        (0.90, 0.97, "slower"),
        (0.99, 1.015, "equivalent"),
        (1.001, 1.015, "equivalent"),
        (1.001, 1.03, "faster"),
        (0.95, 1.04, "not_shown"),
        (0.97, 1.0, "not_shown"),
        (0.0, math.inf, "not_shown"),
    ],
)
def test_the_verdict_follows_from_the_interval(low: float, high: float, expected: str) -> None:
    assert verdict(Interval(1.0, low, high, 0.95)) == expected


def test_rounds_go_on_until_every_config_is_narrow_or_there_are_twenty() -> None:
    generator = np.random.default_rng(3)
    quiet = np.exp(generator.normal(0, 0.002, 20)).tolist()
    noisy = np.exp(generator.normal(0, 0.1, 20)).tolist()
    assert enough_rounds([quiet[:8]])
    assert not enough_rounds([quiet[:8], noisy[:8]])
    assert not enough_rounds([noisy[:19]])
    assert enough_rounds([quiet, noisy])
    assert enough_rounds([noisy[:8]], narrow_ratio=1.0)


def test_input_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="pairs"):
        speedup_interval([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="above zero"):
        speedup_interval([0.0], [1.0])
    with pytest.raises(ValueError, match="at least one"):
        hodges_lehmann_interval([])
    with pytest.raises(ValueError, match="confidence"):
        hodges_lehmann_interval([1.0], 95)
