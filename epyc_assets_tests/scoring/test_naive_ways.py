"""The naive ways of scoring that once gave wrong figures: each is written out, shown to be wrong, and not ours."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from epyc_assets.scoring import score


def first_hashes_or_any_label(answer: str, expected: str) -> bool:
    """Compare the first `####`, any quotation, and whatever follows any colon."""
    found = re.findall(r"####\s*(\S+)", answer)[:1] + re.findall(r'"([^"]+)"', answer)
    return expected in [*found, *re.findall(r":\s*(\S+)", answer), answer.strip()]


def last_standalone_letter(answer: str, expected: str) -> bool:
    """Take the last capital that stands alone."""
    return re.findall(r"\b([A-H])\b", answer)[-1:] == [expected]


def contained(answer: str, expected: str) -> bool:
    """Look for the reference anywhere."""
    return expected.lower() in answer.lower()


def after_dropping_log_lines(answer: str, expected: str) -> bool:
    """Drop lines that look like a program's log, then look at what is left."""
    noise = ("CPU", "Using", "Running", "model:", "sampling", "total time")
    kept = [line for line in answer.splitlines() if not any(word in line for word in noise)]
    return expected in "\n".join(kept)


def set_overlap(answer: str, expected: str) -> bool:
    """Overlap of sets over lengths of lists, and only its verdict kept."""
    left, right = answer.lower().split(), expected.lower().split()
    shared = len(set(left) & set(right))
    return bool(shared) and 2 * shared / (len(left) + len(right)) >= 0.5


def json_between_braces(answer: str, expected: str) -> bool:
    """Call an answer JSON that holds braces somewhere."""
    return re.search(r"\{.*\}", answer, re.DOTALL) is not None


def any_verifier_of(keywords: list[str]) -> Callable[[str, str], bool]:
    """All of no keywords hold."""
    return lambda answer, expected: all(word in answer for word in keywords)


NAIVE = [
    (first_hashes_or_any_label, "exact_match", "#### 42\nNo.\n#### 43", "42", {}, False),
    (first_hashes_or_any_label, "exact_match", "#### 42\nNo.\n#### 43", "43", {}, True),
    (first_hashes_or_any_label, "exact_match", "Attempt: 42\nFinal answer: 43", "42", {}, False),
    (first_hashes_or_any_label, "exact_match", 'Not "42" at all but 43', "42", {}, False),
    (first_hashes_or_any_label, "exact_match", "$42", "42", {}, True),
    (first_hashes_or_any_label, "exact_match", "42%", "42", {}, True),
    (first_hashes_or_any_label, "exact_match", "**42**", "42", {}, True),
    (first_hashes_or_any_label, "exact_match", "1/2", "0.5", {}, True),
    (first_hashes_or_any_label, "exact_match", "The answer is 42.", "42", {}, True),
    (last_standalone_letter, "multiple_choice", "It is A good choice", "A", {}, False),
    (last_standalone_letter, "multiple_choice", r"So \boxed{B} rather than A", "B", {}, True),
    (last_standalone_letter, "multiple_choice", r"So \boxed{B} rather than A", "A", {}, False),
    (last_standalone_letter, "multiple_choice", "Answer: B because A is wrong", "B", {}, True),
    (contained, "substring", "It is not Paris", "Paris", {}, False),
    (contained, "substring", "Columbus sailed in 1492", "4", {}, False),
    (contained, "substring", "anything at all", "", {}, False),
    (contained, "exact_match", "anything at all", "", {}, False),
    (contained, "exact_match", "<think>It must be 42, let me", "42", {}, False),
    (contained, "substring", "<think>It must be Paris, let me", "Paris", {}, False),
    (contained, "programmatic", "a, b", "a", {"instructions": [{"id": "punctuation:no_comma"}]}, False),
    (after_dropping_log_lines, "exact_match", "Using induction we get 5.", "5", {}, True),
    (after_dropping_log_lines, "substring", "The CPU is fast.", "fast", {}, True),
    (set_overlap, "f1", "no no no no", "no no no no", {}, True),
    (
        json_between_braces,
        "programmatic",
        'Sure: {"a": 1} is it',
        "",
        {"instructions": [{"id": "detectable_format:json_format"}]},
        False,
    ),
    (
        lambda answer, expected: "*" in answer,
        "programmatic",
        "only *one* here",
        "",
        {"instructions": [{"id": "detectable_format:number_highlighted_sections", "kwargs": {"num_highlights": 3}}]},
        False,
    ),
    (
        lambda answer, expected: True,
        "programmatic",
        "The dog is not on the table and that is it",
        "",
        {"instructions": [{"id": "language:response_language", "kwargs": {"language": "de"}}]},
        False,
    ),
]


@pytest.mark.parametrize(("naive", "method", "answer", "expected", "config", "right"), NAIVE)
def test_the_naive_way_is_wrong_and_ours_is_right(
    naive: Callable[[str, str], bool], method: str, answer: str, expected: str, config: dict, right: bool
) -> None:
    assert naive(answer, expected) is not right, "the case no longer shows what is wrong with the naive way"
    assert score(method, answer, expected, config).passed is right


def test_no_keywords_at_all_are_an_error_and_not_a_pass() -> None:
    assert any_verifier_of([])("whatever", "")
    with pytest.raises(ValueError, match="keywords"):
        score("programmatic", "x", "", {"instructions": [{"id": "keywords:existence", "kwargs": {"keywords": []}}]})


def test_one_verifier_of_several_is_not_enough() -> None:
    config = {
        "instructions": [
            {"id": "punctuation:no_comma"},
            {"id": "startend:end_checker", "kwargs": {"end_phrase": "bye"}},
        ]
    }
    assert score("programmatic", "hello", "", config).passed is False


def test_a_program_that_exits_with_zero_has_passed_nothing() -> None:
    assert score("code_execution", "```python\nimport sys\nsys.exit(0)\n```", "assert add(1, 2) == 3").passed is not True


def test_the_f1_itself_is_kept_and_not_only_its_verdict() -> None:
    assert score("f1", "the cat sat down", "cat sat").value == pytest.approx(0.8)
