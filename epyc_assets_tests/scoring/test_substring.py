from __future__ import annotations

import pytest

from epyc_assets.scoring import InvalidScorerConfig, score

CASES = [
    ("It is Paris", "Paris", True),
    ("paris", "Paris", True),
    ("New\n York", "New York", True),
    ("C++ rocks", "C++", True),
    ("It is not Paris", "Paris", False),
    ("It isn't Paris.", "Paris", False),
    ("It isn’t Paris.", "Paris", False),
    ("I do not think it is Paris", "Paris", False),
    ("It cannot be Paris", "Paris", False),
    ("It is never Paris", "Paris", False),
    ("Paris is not the capital", "Paris", False),
    ("Paris is wrong", "Paris", False),
    ("London rather than Paris", "Paris", False),
    ("neither London nor Paris", "Paris", False),
    ("anywhere except Paris", "Paris", False),
    ("It's not London, it's Paris", "Paris", True),
    ("No, it is Paris", "Paris", True),
    ("Not London but Paris", "Paris", True),
    ("not only Paris", "Paris", True),
    ("no doubt Paris", "Paris", True),
    ("not guilty", "not guilty", True),
    ("Is it Paris? Yes, Paris.", "Paris", True),
    ("Is it Paris? No.", "Paris", False),
    ("It is Paris. No wait, it is not Paris", "Paris", False),
    ("It is not Paris. Oh, it is Paris", "Paris", True),
    ("Parisian", "Paris", False),
    ("comParis", "Paris", False),
    ("In 1492", "4", False),
    ("1492", "1492", True),
    ("4 eggs", "4", True),
    ("4.5", "4", False),
    ("1,492", "492", False),
    ("-4", "4", False),
    ("it is -4", "4", False),
    ("it is -4", "-4", True),
    ("$4", "4", True),
    ("4%", "4", True),
    ("pages 3-4", "4", True),
    ("(4)", "4", True),
    ("3/4", "3", False),
    ("<think>Paris</think>Lyon", "Paris", False),
    ("<think>Paris", "Paris", False),
    ("", "Paris", False),
]


@pytest.mark.parametrize(("answer", "expected", "passed"), CASES)
def test_whole_words_that_the_answer_states(answer: str, expected: str, passed: bool) -> None:
    result = score("substring", answer, expected)
    assert result.passed is passed, result.explanation


def test_a_negated_occurrence_is_said_to_be_negated() -> None:
    assert "negated" in score("substring", "It is not Paris", "Paris").explanation
    assert score("substring", "It is not Paris", "Paris", {"allow_negated": True}).passed is True


@pytest.mark.parametrize("expected", ["", "   "])
def test_an_empty_reference_is_never_a_pass(expected: str) -> None:
    result = score("substring", "whatever", expected)
    assert not result.passed
    assert "invalid label" in result.explanation


def test_several_alternatives() -> None:
    assert score("substring", "a lorry", "truck", {"any_of": ["truck", "lorry"]}).passed is True
    some = score("substring", "red and green", "", {"all_of": ["red", "green", "blue", "grey"]})
    assert (some.value, some.passed) == (0.5, False)
    assert score("substring", "red and green", "", {"all_of": ["red", "green"]}).passed is True
    assert score("substring", "red and green", "red", {"none_of": ["green"]}).passed is False
    assert score("substring", "paris", "Paris", {"case_sensitive": True}).passed is False
    for config in ({"all_of": []}, {"any_of": [""]}, {"none_of": [3]}):
        with pytest.raises(InvalidScorerConfig):
            score("substring", "x", "x", config)


def test_strict_looks_into_the_marked_answer_where_there_is_one() -> None:
    result = score("substring", "Paris is big.\nFinal answer: Lyon", "Paris")
    assert (result.passed, result.strict_passed) == (True, False)
