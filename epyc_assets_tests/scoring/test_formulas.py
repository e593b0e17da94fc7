from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.scoring import score
from epyc_assets.scoring.formulas import calendar_date, clock_time, formula_key

SAME = [
    ("\\frac{1}{2}", "0.5"),
    ("\\tfrac12", "1/2"),
    ("\\frac{1}{2}", "\\tfrac12"),
    ("2\\sqrt{3}", "2\\sqrt3"),
    ("$2\\sqrt{3}$", "2\\sqrt{3}"),
    ("2 \\sqrt{3}", "2\\sqrt{3}"),
    ("(1, 2)", "(1,2)"),
    ("\\left(1,2\\right)", "(1,2)"),
    ("\\boxed{[0,1)}", "[0,1)"),
    ("[0, 1)", "\\left[0,1\\right)"),
    ("x^2 + 1", "x^2+1"),
    ("x^{2}+1", "x^2+1"),
    ("\\text{(A)}", "A"),
    ("\\boxed{\\textbf{(C)}}", "(C)"),
    ("\\text{(A)}", "(A)"),
    ("\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"),
    ("\\begin{bmatrix} 1 \\\\ 2\\end{bmatrix}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"),
    ("10^{5}", "100000"),
    ("10^5", "10^{5}"),
    ("2\\pi", "2 \\pi"),
    ("2π", "2\\pi"),
    ("\\frac{\\pi}{2}", "\\dfrac{\\pi}{2}"),
    ("\\pi/2", "\\frac{\\pi}{2}"),
    ("\\boxed{x=5}", "5"),
    ("x \\in [-2,7]", "[-2,7]"),
    ("\\boxed{x\\in[-2,7]}", "[-2,7]"),
    ("y = 2x + 3", "y=2x+3"),
    ("\\boxed{\\$42}", "42"),
    ("\\boxed{42\\%}", "42"),
    ("\\boxed{42\\ \\text{cm}^2}", "42"),
    ("90^\\circ", "90"),
    ("\\boxed{90^{\\circ}}", "90"),
    ("3\\frac{1}{2}", "3.5"),
    ("3 \\frac{1}{2}", "7/2"),
    ("\\boxed{1,234}", "1234"),
    ("\\boxed{1\\,234}", "1234"),
    ("\\boxed{1{,}234}", "1234"),
    ("-\\frac{1}{3}", "\\frac{-1}{3}"),
    ("\\frac{-1}{3}", "-1/3"),
    ("\\boxed{\\frac{3}{4}}", "0.75"),
    ("\\{1,2,3\\}", "{1,2,3}"),
    ("\\{1, 2\\}", "\\{1,2\\}"),
    ("(-\\infty, 3)", "(-\\infty,3)"),
    ("(-∞,3)", "(-\\infty,3)"),
    ("[1,2) \\cup (3,4]", "[1,2)\\cup(3,4]"),
    ("\\sqrt{2}", "\\sqrt2"),
    ("√2", "\\sqrt{2}"),
    ("\\frac{\\sqrt{3}}{2}", "\\dfrac{\\sqrt3}{2}"),
    ("\\sqrt{3}/2", "\\frac{\\sqrt{3}}{2}"),
    ("5\\text{ meters}", "5"),
    ("\\boxed{11:34\\text{ AM}}", "11:34 AM"),
    ("11:34 am", "11:34 AM"),
    ("11:34 a.m.", "11:34 AM"),
    ("11:34AM", "11:34 AM"),
    ("The time is 11:34 AM.", "11:34 AM"),
    ("3 PM", "3:00 PM"),
    ("15:00", "3:00 PM"),
    ("forty-two", "42"),
    ("Forty two", "42"),
    ("one hundred and twenty-three", "123"),
    ("a dozen", "12"),
    ("half", "0.5"),
    ("two thirds", "2/3"),
    ("three and a half", "3.5"),
    ("seven hundred thousand", "700000"),
    ("1.234,5", "1234.5"),
    ("1 234,5", "1234.5"),
    ("1,234.50", "1234.5"),
    ("$1,234", "1,234"),
    ("1 234 567", "1234567"),
    ("12,34,567", "1234567"),
    ("2.5e-3", "0.0025"),
    ("2.5 x 10^-3", "0.0025"),
    ("2.5 \\times 10^{-3}", "0.0025"),
    ("2.5E6", "2500000"),
    ("6.02×10²³", "6.02e23"),
    ("2024-03-05", "March 5, 2024"),
    ("March 5, 2024", "March 5th, 2024"),
    ("5 March 2024", "March 5, 2024"),
    ("March 5 2024", "March 5, 2024"),
    ("Answer: 12 apples", "12"),
    ("The total is $1,234.56", "1234.56"),
    ("So the answer is: **$18**", "18"),
    ("Therefore, she makes \\$18 every day.", "18"),
    ("= 18", "18"),
    ("18/1", "18"),
    ("The answer is 18 dollars per day.", "18"),
    ("She makes $18.", "18"),
    ("18.00 dollars", "18"),
    ("\\[\\boxed{18}\\]", "18"),
    ("$$\\boxed{18}$$", "18"),
    ("The answer is $18$.", "18"),
    ("The final answer is: \\(18\\)", "18"),
    ("<answer>18</answer>", "18"),
    ("**18**", "18"),
    ("# 18", "18"),
    ("Answer:\n18", "18"),
    ("ANSWER: 18", "18"),
    ("Final Answer: The final answer is $18$. I hope it is correct.", "18"),
    ("Therefore, the answer is 18 (eighteen).", "18"),
    ("the answer is 18, not 20.", "18"),
    ("A: 18", "18"),
    ("x=18, so the answer is 18", "18"),
    ("answer = 18", "18"),
    ("The answer is approximately 3.14", "3.14"),
    ("\\approx 3.14", "3.14"),
    ("≈3.14", "3.14"),
    ("-7", "−7"),
    ("minus 7", "-7"),
    ("negative seven", "-7"),
    ("(-7)", "-7"),
    ("7 : 3", "7:3"),
    ("7:3", "7:3"),
    ("3:2", "3:2"),
    ("True", "true"),
    ("yes.", "Yes"),
    ("**Yes**, because", "yes"),
    ("O(n log n)", "O(n log n)"),
    ("$O(n \\log n)$", "O(n log n)"),
    ("π", "\\pi"),
    ("x<5", "x < 5"),
    ("x \\le 5", "x\\leq 5"),
    ("x ≤ 5", "x \\leq 5"),
    ("3,5,7", "3, 5, 7"),
    ("3 \\text{ and } 5", "3, 5"),
    ("2x + 3", "2x+3"),
    ("3x^2y", "3x^{2}y"),
    ("6 - 5i", "6-5i"),
    ("\\frac{1}{x+1}", "\\dfrac{1}{x + 1}"),
    ("1/(x+1)", "\\frac{1}{x+1}"),
    ("\\log_2 3", "\\log_{2}3"),
    ("e^{2x}", "e^{2x}"),
    ("x_1", "x_{1}"),
    ("4\\cdot 5", "4 \\times 5"),
    ("5!", "5!"),
    ("\\boxed{\\text{Evelyn}}", "\\text{Evelyn}"),
    ("\\mathrm{even}", "even"),
    ("\\boxed{70\\sqrt{2}}", "70 \\sqrt{2}"),
    ("\\boxed{.5}", "0.5"),
    ("\\boxed{0.5}", ".5"),
    ("\\dfrac{9}{7}", "\\frac97"),
    ("9/7", "\\frac{9}{7}"),
    ("11\\sqrt2", "11\\sqrt{2}"),
    ("2516_8", "2516_{8}"),
    ("4210_{5}", "4210_5"),
    ("[-1, 1]", "[-1,1]"),
    ("“Paris”", "Paris"),
    ("  Paris\n\n", "Paris"),
    ("Ünïcode", "ünïcode"),
    ("ﬁne", "fine"),
    ("naïve", "naïve"),
]
DIFFERENT = [
    ("[0,1]", "[0,1)"),
    ("(0,1)", "[0,1)"),
    ("\\boxed{[0,1]}", "(0,1)"),
    ("x^3+1", "x^2+1"),
    ("2\\sqrt{5}", "2\\sqrt{3}"),
    ("\\sqrt{23}", "2\\sqrt{3}"),
    ("10^6", "10^5"),
    ("105", "10^5"),
    ("3 1/2", "31/2"),
    ("1/2", "12"),
    ("\\frac12", "12"),
    ("11:35 AM", "11:34 AM"),
    ("11:34 PM", "11:34 AM"),
    ("11:34", "11"),
    ("3:2", "3"),
    ("2024-03-05", "2024"),
    ("March 5, 2024", "March 6, 2024"),
    ("1.234", "1234"),
    ("2:3", "3:2"),
    ("(2,1)", "(1,2)"),
    ("2\\pi", "2"),
    ("2i", "2"),
    ("5i", "5"),
    ("3x", "3"),
    ("5 or 6", "5"),
    ("x=5 or x=6", "5"),
    ("5^2", "5"),
    ("4210_5", "4210"),
    ("$x<5$", "5"),
    ("2/3", "3/2"),
    ("-1/2", "1/2"),
    ("42nd", "42"),
    ("Lyon", "Paris"),
    ("not Paris", "Paris"),
    ("50", "0.5"),
    ("1e3", "1e4"),
    ("12 inches", "1 mile"),
    ("five", "six"),
    ("1,2,3", "123"),
    ("1 2 3", "123"),
    ("100,000", "100"),
    ("Answer: 5. But the correct answer is 6.", "5"),
    ("I first got 5. Final answer: 6", "5"),
    ("\\boxed{5} ... wait, \\boxed{6}", "5"),
    ("x^2 - 1", "x^2 + 1"),
    ("a+b", "a-b"),
    ("√3", "\\sqrt{2}"),
    ("\\begin{pmatrix}1&2\\\\3&5\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"),
    ("\\frac{\\pi}{3}", "\\frac{\\pi}{2}"),
    ("B", "A"),
    ("True", "False"),
]


@pytest.mark.parametrize(("answer", "expected"), SAME)
def test_the_same_in_another_notation_passes(answer: str, expected: str) -> None:
    result = score("exact_match", answer, expected)
    assert result.passed is True, result.explanation


@pytest.mark.parametrize(("answer", "expected"), DIFFERENT)
def test_another_value_in_a_like_notation_fails(answer: str, expected: str) -> None:
    result = score("exact_match", answer, expected)
    assert result.passed is False, result.explanation


def test_dates_and_times_are_read_only_where_they_say_one_thing() -> None:
    assert clock_time("12:00 AM") == (0, 0, 0, True)
    assert clock_time("12 noon") == (12, 0, 0, True)
    assert (clock_time("7"), clock_time("13 PM"), clock_time("3:75")) == (None, None, None)
    assert calendar_date("Tuesday, 5th of March 2024") == (2024, 3, 5)
    assert calendar_date("03/04/2024") is None
    assert score("exact_match", "3:30", "3:30 PM").passed is False
    assert score("exact_match", "3:30 PM", "3:30").passed is True


def test_a_remark_about_the_answer_does_not_replace_it_and_a_later_answer_does() -> None:
    remark = "#### -15\n\n(Note: The answer is negative because she loses money.)"
    assert score("exact_match", remark, "-15").passed is True
    assert score("exact_match", "Answer: 42\nOn reflection, the answer is unknown.", "42").passed is False
    assert score("exact_match", "Answer: 41\nNo, the answer is forty-two.", "42").passed is True
    assert score("exact_match", "Answer: 41\nNo, the answer is forty-two.", "41").passed is False


def test_an_unmarked_answer_may_repeat_its_result_before_other_numbers() -> None:
    answer = "84 eggs / 12 eggs per dozen = 7 dozens.\n\nClaire will eat 7 dozens of eggs in 4 weeks."
    assert score("exact_match", answer, "7").passed is True
    assert score("exact_match", answer, "4").passed is False
    assert score("exact_match", "10 + 3 = 13. Of these 13 the half is 6.5", "6.5").passed is True
    assert score("exact_match", "With x = 5 the sum is 11", "11").passed is True


pieces = st.sampled_from(
    ["\\frac", "{", "}", "1", "x", "^", "_", "\\sqrt", "(", ")", "[", ",", " ", "\\\\", "|", "=", "π"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(pieces, max_size=30).map("".join))
def test_white_space_and_dress_make_no_difference_to_a_formula(text: str) -> None:
    key = formula_key(text)
    assert formula_key(f" ${text}$ ") == key
    assert formula_key(key) == formula_key(formula_key(key))
