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
    ("Paris isn't the capital", "Paris", False),
    ("The capital isn't Paris", "Paris", False),
    ("It is London rather than Paris.", "Paris", False),
    ("Paris is wrong.", "Paris", False),
    ("Paris is incorrect", "Paris", False),
    ("not Paris but Lyon", "Paris", False),
    ("It's definitely not Paris", "Paris", False),
    ("No. Paris.", "Paris", True),
    ("Not only Paris but also Lyon", "Paris", True),
    ("I doubt it is Paris", "Paris", False),
    ("It can't be Paris", "Paris", False),
    ("It wasn't Paris", "Paris", False),
    ("It ain't Paris", "Paris", False),
    ("Paris? No.", "Paris", False),
    ("The answer is Paris, not London", "Paris", True),
    ("The answer is Paris, not London", "London", False),
    ("London, not Paris", "Paris", False),
    ("It's hardly Paris", "Paris", False),
    ("anything but Paris", "Paris", False),
    ("other than Paris", "Paris", False),
    ("as opposed to Paris", "Paris", False),
    ("Paris would be wrong", "Paris", False),
    ("Paris is a wrong answer", "Paris", False),
    ("Paris is not correct", "Paris", False),
    ("Paris cannot be right", "Paris", False),
    ("It is false that Paris is the capital", "Paris", False),
    ("Paris doesn't fit", "Paris", False),
    ("There is no doubt that it is Paris", "Paris", True),
    ("Without a doubt, Paris", "Paris", True),
    ("I'm not sure, but Paris", "Paris", True),
    ("It is Paris, isn't it?", "Paris", True),
    ("Why not Paris?", "Paris", False),
    ("The capital of France, which is not Berlin, is Paris.", "Paris", True),
    ("I do not know the population, but the capital is Paris.", "Paris", True),
    ("PARIS", "Paris", True),
    ("**Paris**", "Paris", True),
    ("Paris's river", "Paris", True),
    ("Paris’s", "Paris", True),
    ("Paris-based", "Paris", True),
    ("_Paris_", "Paris", True),
    ("`Paris`", "Paris", True),
    ("東京です", "東京", True),
    ("It is 東京.", "東京", True),
    ("x=4", "4", True),
    ("4.0", "4", False),
    ("4,000", "4", False),
    ("0.4", "4", False),
    ("4th", "4", False),
    ("v4", "4", False),
    ("1492.", "1492", True),
    ("C# and C++", "C++", True),
    ("naïve", "naive", False),
    ("E = mc^2", "mc^2", True),
    (".NET", ".NET", True),
    ("3-4", "4", True),
    ("It was never London; it has always been Paris.", "Paris", True),
    ("The answer: Paris.", "Paris", True),
    ("I reject Paris", "Paris", False),
    ("Paris is ruled out", "Paris", False),
    ("Lyon instead of Paris", "Paris", False),
    ("Instead of Lyon, Paris", "Paris", True),
    ("Contrary to what people think it's not Paris", "Paris", False),
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
