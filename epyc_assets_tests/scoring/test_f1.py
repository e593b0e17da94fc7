from __future__ import annotations

import re
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.scoring import InvalidScorerConfig, score
from epyc_assets.scoring.f1 import token_f1


def by_the_definition(prediction: str, reference: str) -> float:
    """SQuAD v1.1's F1, written down again step by step from its description."""

    def words(text: str) -> list[str]:
        kept = "".join(character for character in text.lower() if character not in set(string.punctuation))
        return re.sub(r"\b(a|an|the)\b", " ", kept).split()

    left, right = words(prediction), words(reference)
    pool = list(right)
    shared = 0
    for word in left:
        if word in pool:
            pool.remove(word)
            shared += 1
    if not shared:
        return 0.0
    return 2 / (len(left) / shared + len(right) / shared)


phrases = st.lists(st.sampled_from(["the", "a", "An", "cat", "cat,", "sat", "Mat!", "é", "x-y", "", "\n"]), max_size=12)


@given(phrases.map(" ".join) | st.text(max_size=40), phrases.map(" ".join) | st.text(max_size=40))
def test_agrees_with_the_definition_and_is_symmetric(prediction: str, reference: str) -> None:
    value = token_f1(prediction, reference)
    assert abs(value - by_the_definition(prediction, reference)) < 1e-9
    assert abs(value - token_f1(reference, prediction)) < 1e-9
    assert 0 <= value <= 1


def test_overlap_is_a_multiset_and_not_a_set() -> None:
    # Sets for the overlap but lists for the lengths would give 2 * (1/3) * 1 / (4/3) = 0.5 here as well; so:
    assert token_f1("cat cat cat", "cat cat") == pytest.approx(0.8)
    assert token_f1("cat cat", "cat cat") == 1.0
    assert Counter("aa") & Counter("a") == Counter("a")


def test_the_value_is_kept_and_the_threshold_decides() -> None:
    result = score("f1", "The cat sat", "a cat sat down")
    assert result.value == pytest.approx(0.8)
    assert result.passed is True
    assert score("f1", "The cat sat", "a cat sat down", {"threshold": 0.9}).passed is False
    assert score("f1", "Denver Broncos", "Carolina", {"any_of": ["the Denver Broncos"]}).value == 1.0


def test_a_marked_answer_counts_alone_in_the_flexible_sense() -> None:
    result = score("f1", "Long working with many words here.\nFinal answer: the cat", "cat")
    assert result.value == 1.0
    assert result.strict_value is not None
    assert result.strict_value < 0.5


def test_references_without_words_are_invalid_labels() -> None:
    for expected in ("", "  ", "the", "?!"):
        result = score("f1", "the", expected)
        assert not result.passed
        assert "invalid label" in result.explanation


def test_thresholds_that_everything_passes_are_refused() -> None:
    for threshold in (0, -1, 1.5, "x"):
        with pytest.raises(InvalidScorerConfig):
            score("f1", "x", "x", {"threshold": threshold})
