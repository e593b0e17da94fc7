from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.scoring import InvalidScorerConfig, score

LETTERS = [
    ("(A)", "A"),
    ("A.", "A"),
    ("**B**", "B"),
    (r"\boxed{B}", "B"),
    ("The answer is B", "B"),
    ("B", "B"),
    ("b", "B"),
    ("(b)", "B"),
    ("Answer: B because A is wrong", "B"),
    (r"So \boxed{B} rather than A", "B"),
    ("B) Paris", "B"),
    ("Answer: A and not B", "A"),
    ("The correct option is C.", "C"),
    ("I think B", "B"),
    ("I think it is B.", "B"),
    ("A is wrong, C is wrong; B fits", "B"),
    ("It must be B, not C", "B"),
    ("The answer is not A, it is B", "B"),
    ("The answer is A. Wait, actually it is B.", "B"),
    ("B\n\nExplanation: A is wrong because it is in France. C is in Spain.", "B"),
    ("A. Paris\nB. London\nC. Rome\n\nSo B.", "B"),
    ("I choose (C)", "C"),
    ("D is correct", "D"),
    ("Answer: J", "J"),
    ("answer: c", "C"),
    ("<think>A</think>B", "B"),
    ("The final answer is $\\boxed{\\text{D}}$.", "D"),
    ("Final Answer: **C. Rome**", "C"),
    ("A because it is", "A"),
    ("Option A", "A"),
    ("The best choice is A.", "A"),
    ("#### C", "C"),
    ("**Answer: A**", "A"),
    ("Answer: (A) good choice", "A"),
    ("I", "I"),
    ("Answer: I think it is C", "C"),
    ("C is not right, so the answer must be D.", "D"),
    ("I would go with A", "A"),
    ("A!", "A"),
    ("Since A, B and C are false, D is correct.", "D"),
    ("A and C are incorrect. D", "D"),
    ("B is the answer. A is not.", "B"),
    ("The answer is option (B): it is a mammal.", "B"),
    ("The correct answer is: B) 4", "B"),
    ("My answer: *D*", "D"),
]

NO_LETTER = [
    "It is A good choice",
    "A good answer",
    "The answer is A good choice",
    "The answer is A or B",
    "Both A and B",
    "Answer: A, B",
    "The answer is a matter of taste.",
    "",
    "<think>B",
    "I am not sure",
    "The answer cannot be A.",
    "None of these",
    "Let me think. A dog is an animal.",
    "Plan B is good",
    "I believe nothing",
]


@pytest.mark.parametrize(("answer", "letter"), LETTERS)
def test_the_letter_that_the_answer_settles_on(answer: str, letter: str) -> None:
    result = score("multiple_choice", answer, letter)
    assert result.extracted == letter, result.explanation
    assert result.passed is True
    other = "C" if letter != "C" else "E"
    assert score("multiple_choice", answer, other).passed is False


@pytest.mark.parametrize("answer", NO_LETTER)
@pytest.mark.parametrize("expected", ["A", "B", "I"])
def test_articles_pronouns_and_several_letters_are_no_answer(answer: str, expected: str) -> None:
    assert score("multiple_choice", answer, expected).passed is False


def test_an_option_may_be_named_by_its_text() -> None:
    config = {"choices": ["London", "Paris", "New York", "York"]}
    for answer, letter in [
        ("Paris", "B"),
        ("It is Paris.", "B"),
        ("New York", "C"),
        ("The answer is York", "D"),
        ("B. Paris", "B"),
        ("The city is New York.", "C"),
        ("Answer: paris", "B"),
    ]:
        assert score("multiple_choice", answer, letter, config).extracted == letter
    for answer in ("It is not Paris", "Paris or London", "E", "Rome"):
        assert score("multiple_choice", answer, "B", config).passed is False
    assert score("multiple_choice", "B", "Paris", config).passed is True
    assert score("multiple_choice", "B", "Paris", {"choices": {"A": "London", "B": "Paris"}}).passed is True


def test_strict_wants_the_letter_alone_or_marked() -> None:
    assert score("multiple_choice", "I would go with B", "B").strict_passed is False
    for answer in ("B", "(B).", "**B**", "Answer: B because it is", r"\boxed{B}"):
        assert score("multiple_choice", answer, "B").strict_passed is True


def test_labels_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(InvalidScorerConfig, match="neither one of the letters"):
        score("multiple_choice", "B", "K")
    with pytest.raises(InvalidScorerConfig):
        score("multiple_choice", "B", "D", {"choices": ["x", "y"]})
    with pytest.raises(InvalidScorerConfig):
        score("multiple_choice", "B", "B", {"letters": 1})
    assert "invalid label" in score("multiple_choice", "B", "").explanation


@given(st.sampled_from("ABCDEFGHIJ"), st.sampled_from("ABCDEFGHIJ"))
def test_every_letter_in_every_dress(letter: str, expected: str) -> None:
    for dress in (
        "{}",
        "({})",
        "{}.",
        "**{}**",
        "Answer: {}",
        "The answer is ({}).",
        "\\boxed{{{}}}",
        "{}\n",
    ):
        assert score("multiple_choice", dress.format(letter), expected).passed is (letter == expected)
