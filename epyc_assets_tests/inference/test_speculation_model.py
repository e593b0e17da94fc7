from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.inference.speculation_model import (
    alpha_from_positions,
    alpha_from_tokens,
    best_draft_tokens,
    expected_speedup,
    expected_tokens,
    fitted_alpha,
    measured_costs,
    speedup_cap,
)

alphas = st.floats(0, 1)
draft_lengths = st.integers(0, 48)


@pytest.mark.parametrize(
    ("alpha", "draft_tokens", "expected"),
    [(0.0, 4, 1), (1.0, 4, 5), (0.5, 0, 1), (0.5, 1, 1.5), (0.5, 2, 1.75), (0.9, 8, 6.12579511)],
)
def test_expected_tokens_at_known_points(alpha: float, draft_tokens: int, expected: float) -> None:
    assert expected_tokens(alpha, draft_tokens) == pytest.approx(expected)


@given(alphas, draft_lengths)
def test_expected_tokens_lie_between_one_and_the_whole_draft(alpha: float, draft_tokens: int) -> None:
    found = expected_tokens(alpha, draft_tokens)
    assert 1 - 1e-9 <= found <= draft_tokens + 1 + 1e-9
    assert found == pytest.approx(sum(alpha**place for place in range(draft_tokens + 1)), rel=1e-6)


@given(st.floats(0, 0.999), st.integers(1, 32))
def test_bisection_finds_the_alpha_again(alpha: float, draft_tokens: int) -> None:
    found = alpha_from_tokens(min(expected_tokens(alpha, draft_tokens), draft_tokens + 1), draft_tokens)
    assert found is not None
    assert expected_tokens(found, draft_tokens) == pytest.approx(expected_tokens(alpha, draft_tokens), rel=1e-9)
    assert found == pytest.approx(alpha, abs=1e-5)


def test_edges_of_the_bisection() -> None:
    assert alpha_from_tokens(1.0, 0) is None
    assert alpha_from_tokens(1.0, 4) == pytest.approx(0)
    assert alpha_from_tokens(5.0, 4) == pytest.approx(1)
    with pytest.raises(ValueError, match="cannot come"):
        alpha_from_tokens(5.5, 4)
    with pytest.raises(ValueError, match="cannot come"):
        alpha_from_tokens(0.5, 4)


def simulated_counts(alpha: float, lengths: list[int], seed: int) -> tuple[list[int], list[int]]:
    """Counts by place of drafts of the given lengths, each token accepted with alpha until one is not."""
    generator = random.Random(seed)
    drafted, accepted = [0] * max(lengths), [0] * max(lengths)
    for length in lengths:
        going = True
        for place in range(length):
            drafted[place] += 1
            going = going and generator.random() < alpha
            accepted[place] += going
    return drafted, accepted


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.8, 0.95])
def test_alpha_from_places_is_right_for_drafts_of_any_length(alpha: float) -> None:
    lengths = [1 + number % 8 for number in range(20_000)]
    found = alpha_from_positions(*simulated_counts(alpha, lengths, seed=2))
    assert found == pytest.approx(alpha, abs=0.012)


def test_bisection_is_too_small_for_drafts_that_end_early_and_places_are_not() -> None:
    drafted, accepted = simulated_counts(0.8, [1 + number % 8 for number in range(20_000)], seed=4)
    by_tokens = alpha_from_tokens(1 + sum(accepted) / 20_000, 8)
    by_places = alpha_from_positions(drafted, accepted)
    assert by_tokens is not None
    assert by_places is not None
    assert by_tokens < 0.75
    assert by_places == pytest.approx(0.8, abs=0.01)


def test_both_ways_agree_where_every_draft_is_whole() -> None:
    drafted, accepted = simulated_counts(0.7, [6] * 20_000, seed=3)
    by_tokens = alpha_from_tokens(1 + sum(accepted) / 20_000, 6)
    assert by_tokens == pytest.approx(0.7, abs=0.01)
    assert alpha_from_positions(drafted, accepted) == pytest.approx(by_tokens, abs=0.01)


def test_acceptance_rate_is_not_alpha() -> None:
    drafted, accepted = simulated_counts(0.8, [16] * 5000, seed=1)
    assert sum(accepted) / sum(drafted) < 0.3


def test_edges_of_the_places() -> None:
    assert alpha_from_positions([], []) is None
    assert alpha_from_positions([0, 0], [0, 0]) is None
    assert alpha_from_positions([5, 5], [0, 0]) == 0
    assert alpha_from_positions([5, 3], [5, 3]) == 1
    for drafted, accepted in (([5], [6]), ([5, 6], [5, 5]), ([5, 5], [2, 3]), ([5], [5, 5])):
        with pytest.raises(ValueError, match=r"place"):
            alpha_from_positions(drafted, accepted)


def test_the_fit_says_which_way_it_went() -> None:
    assert fitted_alpha(accepted_tokens=0, target_evaluations=0, draft_tokens=4) is None
    assert fitted_alpha(accepted_tokens=3, target_evaluations=None, draft_tokens=4) is None
    assert fitted_alpha(accepted_tokens=0, target_evaluations=9, draft_tokens=0) is None
    by_tokens = fitted_alpha(accepted_tokens=40, target_evaluations=10, draft_tokens=4)
    assert by_tokens == (pytest.approx(1), "tokens")
    by_places = fitted_alpha(
        accepted_tokens=3,
        target_evaluations=4,
        draft_tokens=2,
        drafted_by_position=(4, 2),
        accepted_by_position=(2, 1),
    )
    assert by_places == (pytest.approx(3 / 5), "positions")


@pytest.mark.parametrize(
    ("alpha", "draft_tokens", "expected"),
    [(0.6, 4, 1.92), (0.6, 8, 1.77), (0.6, 16, 1.39), (0.8, 4, 2.80), (0.8, 8, 3.09), (0.9, 16, 4.63)],
)
def test_expected_speedups_of_the_paper(alpha: float, draft_tokens: int, expected: float) -> None:
    assert expected_speedup(alpha, draft_tokens, draft_cost_ratio=0.05) == pytest.approx(expected, abs=0.005)


@given(alphas, draft_lengths, st.floats(0, 2), st.floats(1, 10))
def test_no_acceptance_gives_more_than_the_cap(alpha: float, draft_tokens: int, draft: float, verify: float) -> None:
    cap = speedup_cap(draft_tokens, draft_cost_ratio=draft, verify_cost_ratio=verify)
    expected = expected_speedup(alpha, draft_tokens, draft_cost_ratio=draft, verify_cost_ratio=verify)
    assert expected <= cap * (1 + 1e-9)
    assert cap == pytest.approx((draft_tokens + 1) / (draft_tokens * draft + verify))


def test_the_best_draft_length_is_none_where_drafting_does_not_pay() -> None:
    assert best_draft_tokens(0.1, draft_cost_ratio=0.5, verify_cost_ratios=[1, 1.2, 1.4]) == (0, 1.0)
    count, speedup = best_draft_tokens(0.9, draft_cost_ratio=0.05, verify_cost_ratios=[1.0] * 33)
    assert count == max(range(33), key=lambda k: expected_speedup(0.9, k, draft_cost_ratio=0.05))
    assert speedup == expected_speedup(0.9, count, draft_cost_ratio=0.05)


def test_costs_come_from_measured_times() -> None:
    # 10 evaluations in 3 s, of which 1 s went into 40 drafted tokens; a token without drafting takes 0.1 s.
    found = measured_costs(steps_s=3.0, target_evaluations=10, draft_s=1.0, drafted_tokens=40, baseline_token_s=0.1)
    assert found == (pytest.approx(0.25), pytest.approx(2.0))
    for missing in ({"target_evaluations": 0}, {"drafted_tokens": 0}, {"draft_s": None}):
        given_ = {"steps_s": 3.0, "target_evaluations": 10, "draft_s": 1.0, "drafted_tokens": 40} | missing
        assert measured_costs(**given_, baseline_token_s=0.1) is None  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="times"):
        measured_costs(steps_s=1.0, target_evaluations=10, draft_s=2.0, drafted_tokens=40, baseline_token_s=0.1)


def test_predicted_and_measured_speedup_are_one_when_the_model_holds() -> None:
    """By definition of c and v: E / (K c + v) at the measured E is tokens per time over the baseline's."""
    cost = measured_costs(steps_s=3.0, target_evaluations=10, draft_s=1.0, drafted_tokens=40, baseline_token_s=0.1)
    assert cost is not None
    alpha = alpha_from_tokens(1 + 35 / 10, 4)
    assert alpha is not None
    predicted = expected_speedup(alpha, 4, draft_cost_ratio=cost[0], verify_cost_ratio=cost[1])
    assert predicted == pytest.approx(45 / 3.0 * 0.1)
