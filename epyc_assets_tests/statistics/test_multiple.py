from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.statistics.multiple import group_letters, holm_adjusted


def test_holm_by_hand() -> None:
    # Sorted .01 .02 .03 .04: times 4, 3, 2, 1 is .04 .06 .06 .04, and none below the one before it.
    assert holm_adjusted([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm_adjusted([0.6, 0.7]) == pytest.approx([1, 1])
    assert holm_adjusted([]).size == 0
    with pytest.raises(ValueError, match="p-values"):
        holm_adjusted([0.5, float("nan")])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_none_and_bonferroni_and_keeps_the_order(values: list[float]) -> None:
    adjusted = holm_adjusted(values)
    assert (adjusted >= np.array(values)).all()
    assert (adjusted <= np.minimum(1, np.array(values) * len(values)) + 1e-12).all()
    assert adjusted[int(np.argmin(values))] == pytest.approx(min(1, min(values) * len(values)))
    order = np.argsort(values)
    assert (np.diff(adjusted[order]) >= 0).all()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 8))
def test_letters_are_shared_exactly_by_those_not_told_apart(data: st.DataObject, count: int) -> None:
    pairs = [(first, second) for first in range(count) for second in range(first)]
    different = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    letters = group_letters(range(count), different)
    for first, second in pairs:
        shared = set(letters[first]) & set(letters[second])
        assert bool(shared) == ((first, second) not in different)
    assert letters[0].startswith("a")


def test_letters_of_a_ladder_and_of_more_than_an_alphabet() -> None:
    assert group_letters("xyz", {("x", "z")}) == {"x": "a", "y": "ab", "z": "b"}
    assert group_letters("xyz", set()) == {"x": "a", "y": "a", "z": "a"}
    everyone = [(first, second) for first in range(28) for second in range(first)]
    assert group_letters(range(28), everyone)[27] == "b1"
    with pytest.raises(ValueError, match="once"):
        group_letters("aa", set())
    with pytest.raises(ValueError, match="no pair"):
        group_letters("ab", {("a", "c")})
