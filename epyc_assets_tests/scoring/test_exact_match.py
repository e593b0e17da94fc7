from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.scoring import InvalidScorerConfig, score

RIGHT = [
    # what a naive comparison of texts gets wrong: dress
    ("$42", "42"),
    ("42%", "42"),
    ("**42**", "42"),
    ("1/2", "0.5"),
    ("The answer is 42.", "42"),
    ("`42`", "42"),
    ("'42'", "42"),
    ("“42”", "42"),
    ("42.", "42"),
    ("42!", "42"),
    ("  42\n", "42"),
    ("$42.00", "42"),
    ("```\n42\n```", "42"),
    ("**Paris**", "Paris"),
    ('"Paris"', "Paris"),
    ("Paris.", "paris"),
    ("PARIS", "Paris"),
    # thousands, decimals, signs, powers
    ("1,234", "1234"),
    ("1 234", "1234"),
    ("1\u202f234", "1234"),
    ("1'234", "1234"),
    ("1_234", "1234"),
    ("1.234.567", "1234567"),
    ("€1.234,50", "1234.5"),
    ("$1,234.50", "1234.5"),
    ("3,14", "3.14"),
    ("5.0", "5"),
    ("-5", "-5"),
    ("−5", "-5"),
    ("- 5", "-5"),
    ("+5", "5"),
    ("-$5", "-5"),
    ("$-5", "-5"),
    ("The value of x is -3.", "-3"),
    ("1e3", "1000"),
    (r"1.5 \times 10^{3}", "1500"),
    ("1.5×10³", "1500"),
    (".5", "0.5"),
    ("007", "7"),
    # fractions and LaTeX
    (r"\frac{1}{2}", "0.5"),
    (r"\frac12", "1/2"),
    (r"$\boxed{\frac{1}{2}}$", "1/2"),
    (r"\(\dfrac{3}{4}\)", "3/4"),
    (r"-\frac{3}{4}", "-0.75"),
    ("1 1/2", "1.5"),
    ("1½", "1.5"),
    ("½", "0.5"),
    ("10/2", "5"),
    (r"1{,}000", "1000"),
    (r"So \boxed{x = 42}", "42"),
    (r"\boxed{\text{Paris}}", "paris"),
    (r"\boxed{\frac{\sqrt{2}}{2}}", r"\frac{\sqrt{2}}{2}"),
    (r"The final answer is $\boxed{42}$. I hope it is correct.", "42"),
    (r"\boxed{42\text{ cm}}", "42"),
    (r"42\%", "42"),
    # percent and units
    ("50%", "0.5"),
    ("42", "42%"),
    ("42 percent", "42"),
    ("42 km", "42"),
    ("42km", "42"),
    ("42 kilometers", "42 km"),
    ("90 minutes", "1.5 hours"),
    ("50 cents", "$0.50"),
    ("42 dollars", "$42"),
    ("$18 per day", "18 dollars"),
    ("1,000,000 dollars", "1000000"),
    ("18 duck eggs", "18 eggs"),
    ("about 42", "42"),
    ("x=-3", "-3"),
    ("37°", "37"),
    # number words
    ("3 x 10^8 m/s", "300000000"),
    ("10^3", "1000"),
    ("1.5 million dollars", "1500000"),
    ("$1.5M", "1500000"),
    ("5k", "5000"),
    ("Answer - 42", "42"),
    ("42\n\nTo get this, add 40 and 2.", "42"),
    ("42\n\nNo, rather\n\n43", "43"),
    ("No, it is not.", "no"),
    ("twelve", "12"),
    ("12", "twelve"),
    ("forty-two apples", "42"),
    ("one hundred and five", "105"),
    ("minus three", "-3"),
    ("two thousand", "2000"),
    # lists
    ("1, 2, 3", "1,2,3"),
    ("[1, 2, 3]", "1, 2, 3"),
    ("1, 2 and 3", "[1,2,3]"),
    ("1 2 3", "1,2,3"),
    ("(1; 2; 3)", "1,2,3"),
    ("- 1\n- 2\n- 3", "1,2,3"),
    ("The sorted list is [1, 2, 3].", "1, 2, 3"),
    ("100,200,300", "100, 200, 300"),
    ("red, green and blue", "red,green,blue"),
    ("1.0, 2, 1/2", "1, 2, 0.5"),
    # the last stated final answer wins
    ("Attempt: 42\nFinal answer: 43", "43"),
    ("Attempt: 42 / Final answer: 43", "43"),
    ("#### 41\nhmm\n#### 42", "42"),
    ("Answer: 42\nOn reflection.\nFinal answer: 43", "43"),
    ("My first answer was 42, the answer is 43", "43"),
    ("The answer is 42. Wait, actually it is 43.", "43"),
    ("The answer is 42? No. 43.", "43"),
    ("Final answer: 43 (not 42)", "43"),
    ("Answer: 43 because 42 is wrong", "43"),
    ("10-3 = 7", "7"),
    ("The answer is 40 + 2 = 42", "42"),
    ("Final answer:\n\n42", "42"),
    ("**Final Answer:** 42", "42"),
    ("**Answer**\n42", "42"),
    ("## Final Answer\n\\[ 42 \\]", "42"),
    ("<answer>42</answer>", "42"),
    ("So she has **18** eggs after 3 days.", "18"),
    ("She has 5 apples and 3 oranges, so 8 fruits.", "8"),
    # words
    ("The answer is Lyon. Wait, actually it is Paris.", "Paris"),
    ("The answer is Paris. Sorry for the long text.", "Paris"),
    ("The capital of France is Paris.", "Paris"),
    ("The answer is Paris. London is wrong.", "Paris"),
    ("The answer is St. Louis.", "St. Louis"),
    ("Yes, because it is prime", "yes"),
    ("the Eiffel Tower", "Eiffel Tower"),
    ("The correct answer is **Blue Whale**.", "blue whale"),
    ("A", "A"),
    # JSON
    ('{"b": [1, 2], "a": 1.0}', '{"a": 1, "b": [1, 2]}'),
    ('```json\n{"a": 1}\n```', '{"a": 1}'),
    ("[[1,2],[3,4]]", "[[1, 2], [3, 4]]"),
    # a worked solution as the reference
    ("#### 18", "16 - 3 - 4 = <<16-3-4=9>>9\n9 * 2 = 18\n#### 18"),
]

WRONG = [
    ("Attempt: 42\nFinal answer: 43", "42"),
    ("Attempt: 42 / Final answer: 43", "42"),
    ("#### 42\n#### 41", "42"),
    ('He said "42" but it is 43', "42"),
    ("Label: 42\nSo it is 43.", "42"),
    ("5", "-5"),
    ("-5", "5"),
    ("1,2,4", "1,2,3"),
    ("3,2,1", "1,2,3"),
    ("1, 2", "1, 2, 3"),
    ("It is not Paris", "Paris"),
    ("It is Lyon. Paris is near.", "Paris"),
    ("The answer is not 42", "42"),
    ("The answer is 42 or 43", "42"),
    ("Final answer: 42, 43", "42"),
    ("The answer is between 42 and 44", "42"),
    ("Final answer: 43 (not 42)", "42"),
    ("Answer: 43 because 42 is wrong", "42"),
    ("The answer is 42. Wait, actually it is 43.", "42"),
    ("The answer is 42? No. 43.", "42"),
    ("42 km", "42 miles"),
    ("18 eggs", "18 dollars"),
    ("0.5%", "0.5"),
    ("0.333", "1/3"),
    ("4th", "4"),
    ("3D", "3"),
    (">42", "42"),
    ("1.5 million", "1.5"),
    ("5m", "5000000"),
    ("42 43", "42"),
    ("142", "42"),
    ("42.5", "42"),
    ("1/0", "0"),
    ("x^2+1", "x^2 - 1"),
    ("My first answer was 42, the answer is 43", "42"),
    ("The answer is Paris. Wait, actually it is Lyon.", "Paris"),
    ("No", "yes"),
    ("", "42"),
    (" \n", "42"),
    ('{"a": true}', '{"a": 1}'),
    ('{"a": 1, "b": 2}', '{"a": 1}'),
    ("the list", '{"a": 1}'),
    ("0", "-A"),  # "a" may open "a half", and here opens nothing
    ("-a", "0"),
    # more than was asked for is not the same text
    ("The fox moved a black drum in the shed. Max lost a pen.", "The fox moved a black drum in the shed."),
]


@pytest.mark.parametrize(("answer", "expected"), RIGHT)
def test_the_same_answer_in_another_dress_passes(answer: str, expected: str) -> None:
    result = score("exact_match", answer, expected)
    assert result.passed is True, result.explanation
    assert result.value == 1.0


@pytest.mark.parametrize(("answer", "expected"), WRONG)
def test_another_answer_does_not_pass(answer: str, expected: str) -> None:
    result = score("exact_match", answer, expected)
    assert result.passed is False, result.explanation
    assert result.value == 0.0
    assert result.strict_passed is False


@pytest.mark.parametrize("expected", ["", "  ", "\n"])
@pytest.mark.parametrize("answer", ["", "anything", "42"])
def test_an_empty_reference_is_an_invalid_label_and_never_a_pass(answer: str, expected: str) -> None:
    result = score("exact_match", answer, expected)
    assert not result.passed
    assert "invalid label" in result.explanation


@pytest.mark.parametrize(
    ("answer", "passed"),
    [
        ("<think>41? 42!</think>43", False),
        ("<think>41?</think>The answer is 42", True),
        ("I think 41</think> 42", True),  # the chat template opened the block
        ("<think>The answer is 42", False),
        ("The answer is 42 <think>or is it", False),
        ("<think>a</think><think>b</think>42", True),
        ("<think>I use <think> tags</think> 42", True),
        ("<THINKING>43</THINKING>\n42", True),
        ("The tag `<think>` opens it; the answer is 42", True),
        ("<|channel|>analysis<|message|>43<|end|><|channel|>final<|message|>42", True),
        ("<|channel|>analysis<|message|>42", False),
        ("<think>42</think>", False),
    ],
)
def test_thinking_is_no_answer_and_unclosed_thinking_means_none_was_given(answer: str, passed: bool) -> None:
    result = score("exact_match", answer, "42")
    assert result.passed is passed, result.explanation
    if not passed and result.extracted is None:
        assert "no answer was given" in result.explanation


def test_strict_takes_only_a_marked_answer_or_the_answer_alone() -> None:
    flexible_only = score("exact_match", "She has 40 + 2 eggs, that makes 42 eggs for today", "42")
    assert (flexible_only.passed, flexible_only.strict_passed) == (True, False)
    for answer in ("42", "**42**.", "Working.\nFinal answer: 42", r"Working. \boxed{42}", "#### 42"):
        assert score("exact_match", answer, "42").strict_passed is True


def test_lines_that_look_like_logs_stay_in_the_answer() -> None:
    # Answer lines with "CPU", "Using" or "total time" once were dropped before scoring.
    for answer in ("Using induction we get 42", "The CPU is fast.\ntotal time: 42", "model: 41\nsampling 42"):
        assert score("exact_match", answer, "42").passed is True


def test_the_config_is_obeyed_and_a_wrong_one_is_refused() -> None:
    assert score("exact_match", "paris", "Paris", {"case_sensitive": True}).passed is False
    assert score("exact_match", "3.14", "3.14159", {"tolerance": 0.01}).passed is True
    assert score("exact_match", "3.14", "3.14159").passed is False
    assert score("exact_match", "101", "100", {"relative_tolerance": 0.02}).passed is True
    assert score("exact_match", "3, 1, 2", "1, 2, 3", {"unordered": True}).passed is True
    assert score("exact_match", "1, 1, 2", "1, 2, 2", {"unordered": True}).passed is False
    assert score("exact_match", "twelve", "12", {"number_words": False}).passed is False
    assert score("exact_match", "7", "007", {"answer_type": "text"}).passed is False
    assert score("exact_match", "NYC", "New York", {"any_of": ["NYC"]}).passed is True
    for config in ({"tolerance": "x"}, {"case_sensitive": 1}, {"any_of": []}, {"answer_type": "number"}):
        with pytest.raises(InvalidScorerConfig):
            score("exact_match", "1", "1", config)


def test_very_long_numbers_are_compared_as_text() -> None:
    long_number = "7" * 5000
    assert score("exact_match", long_number, long_number).passed is True
    assert score("exact_match", long_number[:-1] + "8", long_number).passed is False


numbers = st.integers(-(10**12), 10**12)


@given(
    numbers,
    st.sampled_from(["{}", "{:,}", "**{}**", " {} \n", "The answer is {}.", "#### {}", "\\boxed{{{}}}", "x = {}"]),
)
def test_a_number_passes_against_itself_and_not_against_its_neighbours(number: int, dress: str) -> None:
    answer = dress.format(number)
    assert score("exact_match", answer, str(number)).passed is True
    for other in (number + 1, number - 1, number * 10 + 1):
        assert score("exact_match", answer, str(other)).passed is False


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=12))
def test_white_space_and_emphasis_around_a_word_make_no_difference(word: str) -> None:
    for dressed in (f" {word}\n", f"**{word}**", f"`{word}`", f'"{word}"', f"{word}."):
        assert score("exact_match", dressed, word).passed is True


@pytest.mark.parametrize(
    ("answer", "expected", "passed"),
    [
        ("Answer: <13>", "13", True),
        ("**Answer: <Brandt Lines>**", "Brandt Lines", True),
        ("Answer: <15>, <21>", "15, 21", True),
        ("Answer: (<15>, <-21>)", "(15, -21)", True),
        ("Answer: <12>", "13", False),
        ("Answer: <5> or <6>", "5", False),
        ("Answer: < 5", "5", False),
        ("Answer: b", "<b>", False),
    ],
)
def test_a_form_that_was_filled_in_with_its_angular_brackets_counts(answer: str, expected: str, passed: bool) -> None:
    assert score("exact_match", answer, expected).passed is passed
