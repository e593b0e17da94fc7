"""The draw: the same for the same seed, spread over tiers, a prefix of every larger one, never the same twice."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.suites.sampling import TooFewUnseen, draw_unseen


@dataclass(frozen=True)
class Ball:
    key: str
    tier: int


def draw(pool: list[Ball], count: int, seed: int = 1, **options) -> list[str]:
    return draw_unseen(pool, lambda ball: ball.key, suite="urn", count=count, seed=seed, **options)


def urn(*sizes: int) -> list[Ball]:
    return [Ball(f"{tier}-{number}", tier) for tier, size in enumerate(sizes, start=1) for number in range(size)]


SIZES = st.lists(st.integers(0, 12), min_size=3, max_size=3)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 3), st.data())
def test_a_draw_is_stable_distinct_spread_and_a_prefix_of_larger_ones(sizes: list[int], seed: int, data) -> None:
    pool = urn(*sizes)
    count = data.draw(st.integers(0, len(pool)))
    drawn = draw(pool, count, seed)
    assert len(set(drawn)) == len(drawn) == count
    shuffled = pool[:]
    random.Random(count).shuffle(shuffled)
    assert draw(shuffled, count, seed) == drawn
    assert draw(pool, len(pool), seed)[:count] == drawn
    per_tier = Counter(int(key[0]) for key in drawn)
    for tier, size in enumerate(sizes, start=1):
        for other in (1, 2, 3):
            # A tier has at most one fewer than another, unless it has no more.
            assert per_tier[tier] >= per_tier[other] - 1 or per_tier[tier] == size


@settings(max_examples=40, deadline=None)
@given(SIZES, st.data())
def test_seeds_never_share_and_growing_one_only_adds(sizes: list[int], data) -> None:
    pool = urn(*sizes)
    first_count = data.draw(st.integers(0, len(pool)))
    first = draw(pool, first_count, seed=1)
    second = draw(pool, data.draw(st.integers(0, len(pool) - first_count)), seed=2, seen_elsewhere=first)
    assert not set(first) & set(second)
    free = len(pool) - len(second)
    larger = draw(pool, data.draw(st.integers(first_count, free)), 1, drawn_before=first, seen_elsewhere=second)
    assert larger[:first_count] == first
    assert not set(larger) & set(second)


def test_what_a_seed_drew_stays_drawn_when_the_pool_grows() -> None:
    first = draw(urn(5, 5, 5), 9)
    grown = draw(urn(50, 50, 50), 9, drawn_before=first)
    assert set(grown) == set(first)
    assert draw(urn(50, 50, 50), 9) != first


def test_seeds_differ() -> None:
    assert draw(urn(20, 20, 20), 9, seed=1) != draw(urn(20, 20, 20), 9, seed=2)


def test_only_the_tiers_asked_for_are_drawn() -> None:
    assert {key[0] for key in draw(urn(5, 5, 5), 6, tiers=(1, 3))} == {"1", "3"}


def test_what_is_refused_is_replaced_by_another_of_its_tier() -> None:
    drawn = draw_unseen(
        urn(4, 4, 4), lambda ball: None if ball.key.endswith("0") else ball.key, suite="urn", count=9, seed=1
    )
    assert Counter(key[0] for key in drawn) == {"1": 3, "2": 3, "3": 3}


def test_too_few_says_how_many_are_left_and_what_to_do() -> None:
    with pytest.raises(TooFewUnseen, match=r"asks for 5 questions, but 2 are left.*of 6 .*at most 2.*DELETE FROM"):
        draw(urn(2, 2, 2), 5, seed=2, seen_elsewhere=["1-0", "2-0", "2-1", "3-0"])
