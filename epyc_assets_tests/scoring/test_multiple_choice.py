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


CHOICES = {"choices": ["London", "Paris", "Rome", "Berlin"]}
SETTLED = [
    ("\\boxed{B}", "B", {}),
    ("\\boxed{\\text{B}}", "B", {}),
    ("$\\boxed{\\textbf{(B)}}$", "B", {}),
    ("B)", "B", {}),
    ("(B)", "B", {}),
    ("The answer is (B) Paris", "B", {}),
    ("The correct answer is **B) Paris**.", "B", CHOICES),
    ("**Answer: B**", "B", {}),
    ("Answer: B) Paris", "B", CHOICES),
    ("Option B is correct because A is a good choice", "B", {}),
    ("It is A good thing that the answer is B", "B", {}),
    ("A nice question! The answer is C.", "C", {}),
    ("I would say B", "B", {}),
    ("B is correct, A is not.", "B", {}),
    ("A, because", "A", {}),
    ("A\n", "A", {}),
    ("a", "A", {}),
    ("a)", "A", {}),
    ("A)", "A", {}),
    ("A.", "A", {}),
    ("[A]", "A", {}),
    ("{A}", "A", {}),
    ("<answer>B</answer>", "B", {}),
    ("'B'", "B", {}),
    ('"B"', "B", {}),
    ("Answer: (b)", "B", {}),
    ("answer is b", "B", {}),
    ("choice (D)", "D", {}),
    ("The answer would be C", "C", {}),
    ("Correct Answer: C", "C", {}),
    ("My choice is C", "C", {}),
    ("Therefore, C.", "C", {}),
    ("Thus the answer must be D", "D", {}),
    ("So, the best answer is: D. Because ...", "D", {}),
    ("A. London\nB. Paris\nC. Rome\nD. Berlin\n\nThe capital of France is Paris, so the answer is B.", "B", CHOICES),
    ("Paris", "B", CHOICES),
    ("The capital is Paris.", "B", CHOICES),
    ("I'd choose Paris (B)", "B", CHOICES),
    ("London is wrong. Rome is in Italy. The answer is Paris.", "B", CHOICES),
    ("Between A and B, I choose B.", "B", {}),
    ("A or B? I'd say B.", "B", {}),
    ("Not A. B.", "B", {}),
    ("A is wrong because..., so B", "B", {}),
    ("Answer B", "B", {}),
    ("answer B.", "B", {}),
    ("Answer is:B", "B", {}),
    ("B: Paris", "B", CHOICES),
    ("B - Paris", "B", CHOICES),
    ("The answer is option B", "B", {}),
    ("Option (B)", "B", {}),
    ("#### B", "B", {}),
    ("Final answer: \\(\\boxed{B}\\)", "B", {}),
    ("The correct choice is **(B)**", "B", {}),
    ("**B. Paris**", "B", CHOICES),
    ("**(B)**\n\nBecause A is a bad option.", "B", {}),
    ("B\n\nA is incorrect because it is a city in England.", "B", {}),
    ("The answer: A", "A", {}),
    ("It's B.", "B", {}),
    ("It's a B for me", "B", {}),
    ("I pick A", "A", {}),
    ("I choose A.", "A", {}),
    ("I'm going with option A", "A", {}),
    ("Ans: B", "B", {}),
    ("ANSWER: B", "B", {}),
    ("Answer：B", "B", {}),
    ("答案：B", "B", {}),
    ("答案是B", "B", {}),
    ("Respuesta: B", "B", {}),
    ("Antwort: B", "B", {}),
    ("La réponse est B", "B", {}),
    ("B。", "B", {}),
    ("Ｂ", "B", {}),
    ("B!", "B", {}),
]
UNSETTLED = [
    ("A or B", "A", {}),
    ("A or B", "B", {}),
    ("Either A or B", "B", {}),
    ("It is A good choice", "A", {}),
    ("A", "B", {}),
    ("I think so", "I", {}),
    ("A dog", "A", {}),
    ("The answer is a dog.", "A", {}),
    ("A good option would be none", "A", {}),
    ("A and B", "B", {}),
    ("A/B", "B", {}),
    ("A, B, C", "C", {}),
    ("All of A, B, C, D", "D", {}),
    ("I don't know", "I", {}),
    ("Vitamin B is healthy", "B", {}),
    ("Hepatitis B", "B", {}),
    ("Plan A failed", "A", {}),
    ("Grade A beef", "A", {}),
    ("The answer is not B", "B", {}),
    ("B is wrong", "B", {}),
    ("It isn't B", "B", {}),
    ("<think>B</think>", "B", {}),
    ("<think>The answer is B", "B", {}),
    ("Answer: A or B", "A", {}),
    ("\\boxed{A, B}", "A", {}),
    ("\\boxed{A}, no wait \\boxed{C}", "A", {}),
    ("The answer is C", "B", {}),
    ("A A A A", "B", {}),
    ("Paris or London", "B", CHOICES),
    ("Neither A nor B", "B", {}),
    ("All except B", "B", {}),
    ("C programming", "C", {}),
    ("A. London\nB. Paris\nC. Rome\nD. Berlin", "D", CHOICES),
    ("A. London\nB. Paris\nC. Rome\nD. Berlin", "A", CHOICES),
    ("", "A", {}),
    ("A lot of people think so.", "A", {}),
    ("A?", "A", {}),
    ("Is it A?", "A", {}),
]


@pytest.mark.parametrize(("answer", "letter", "config"), SETTLED)
def test_one_option_in_many_words(answer: str, letter: str, config: dict) -> None:
    result = score("multiple_choice", answer, letter, config)
    assert (result.passed, result.extracted) == (True, letter), result.explanation


@pytest.mark.parametrize(("answer", "letter", "config"), UNSETTLED)
def test_letters_that_choose_nothing_or_something_else(answer: str, letter: str, config: dict) -> None:
    assert score("multiple_choice", answer, letter, config).passed is False
