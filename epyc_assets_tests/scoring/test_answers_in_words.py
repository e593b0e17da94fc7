"""Short answers in words: Markdown's marks, links, abbreviations, hyphens, corrections and verdicts around them."""

from __future__ import annotations

import pytest

from epyc_assets.scoring import score

ANSWERS: list[tuple[str, str, bool, dict]] = [
    ("Paris, of course.", "Paris", True, {}),
    ("Sure! Paris.", "Paris", True, {}),
    ("I doubt it's Paris", "Paris", False, {}),
    ("It is unlikely to be Paris", "Paris", False, {}),
    ("Answer: Paris. Wait, London.", "Paris", False, {}),
    ("Answer: Paris\nCorrection: London", "Paris", False, {}),
    ("It was written by Jane Austen.", "Jane Austen", True, {}),
    ("Pride & Prejudice", "Pride and Prejudice", True, {}),
    ("J.R.R. Tolkien", "J. R. R. Tolkien", True, {}),
    ("JRR Tolkien", "J.R.R. Tolkien", True, {}),
    ("U.S.", "US", True, {}),
    ("U.S.A.", "USA", True, {}),
    ("St. Petersburg", "St Petersburg", True, {}),
    ("Mr. Darcy", "Mr Darcy", True, {}),
    ("Jean-Paul Sartre", "Jean Paul Sartre", True, {}),
    ("long-term", "long term", True, {}),
    ("¡Sí!", "sí", True, {}),
    ("はい。", "はい", True, {}),
    ("„Paris“", "Paris", True, {}),
    ("「Paris」", "Paris", True, {}),
    ("Paris。", "Paris", True, {}),
    ("...Paris", "Paris", True, {}),
    ("[Paris]", "Paris", True, {}),
    ("{Paris}", "Paris", True, {}),
    ("<Paris>", "Paris", True, {}),
    ("> Paris", "Paris", True, {}),
    ("- Paris", "Paris", True, {}),
    ("1. Paris", "Paris", True, {}),
    ("# Paris", "Paris", True, {}),
    ("### Paris", "Paris", True, {}),
    ("Paris\n\n---", "Paris", True, {}),
    ("[Paris](https://en.wikipedia.org/wiki/Paris)", "Paris", True, {}),
    ("Paris [1]", "Paris", True, {}),
    ("Paris[1]", "Paris", True, {}),
    ("Paris¹", "Paris", True, {}),
    ("5A", "A5", False, {}),
    ("2024年3月5日", "2024-03-05", True, {}),
    ("yes\n\nExplanation: no remainder", "yes", True, {}),
    ("No\n\nExplanation: yes would mean", "no", True, {}),
    ("So no.", "no", True, {}),
    ("It is not possible, so no.", "no", True, {}),
]


@pytest.mark.parametrize(("answer", "expected", "passed", "config"), ANSWERS)
def test_exact_match(answer: str, expected: str, passed: bool, config: dict) -> None:
    result = score("exact_match", answer, expected, config)
    assert result.passed is passed, result.explanation


# What a part of a formula may be mistaken for, and is an answer.
NUMBERS = [
    "x &= 10 + 2 \\\\\nx &= 12 \\\\",
    "$2x = 24 \\implies x = 12$",
    "The ratio of boys to girls is 3:2, so there are 12 boys.",
    "Group A - 12",
    "He earns $12/h.",
    "\\boxed{x + y = 12}",
    "She ate 7 + 4 = 11 of the 23, leaving 12",
]


@pytest.mark.parametrize("answer", NUMBERS)
def test_a_number_beside_a_formula_is_read(answer: str) -> None:
    assert score("exact_match", answer, "12").passed is True


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("foo.bar", "foobar"), ("a[2]", "a[1]"), ("A B", "AB"), ("co-op", "coop"), ("5", "A5"), ("[5]", "['5', '6']")],
)
def test_what_is_only_alike_does_not_pass(answer: str, expected: str) -> None:
    assert score("exact_match", answer, expected).passed is False


@pytest.mark.parametrize(
    "answer",
    [
        "Answer: B\n\nExplanation: (A) is actually wrong; (C) too.",
        "The correct answer is B. A is actually wrong because (C) implies (D).",
        "The answer is A. Actually, it is B.",
        "A. Wait, it is actually B.",
    ],
)
def test_actually_corrects_only_where_it_says_another_answer(answer: str) -> None:
    assert score("multiple_choice", answer, "B").passed is True
