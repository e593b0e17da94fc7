"""The naive ways of scoring that once gave wrong figures: each is written out, shown to be wrong, and not ours."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from epyc_assets import sandbox
from epyc_assets.scoring import UnknownVerifier, score


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


def an_unknown_verifier_is_a_substring(answer: str, expected: str) -> bool:
    """Fall back to looking for the reference where the verifier's name is not known."""
    return expected in answer


def one_matched_keyword_is_most_of_the_points(answer: str, expected: str) -> bool:
    """Two thirds of the points for one of several words."""
    return any(word in answer for word in expected.split())


def last_number(answer: str, expected: str) -> bool:
    """Take the last number of the text."""
    return re.findall(r"-?\d+(?:\.\d+)?", answer)[-1:] == [expected]


def any_call(answer: str, expected: str) -> bool:
    """Look for the tool's name."""
    return json.loads(expected)["name"] in answer


CALL = '{"name": "add", "arguments": {"a": 1}}'


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
    (one_matched_keyword_is_most_of_the_points, "substring", "red", "red green", {"all_of": ["red", "green"]}, False),
    (last_number, "exact_match", "84 / 12 = 7. She eats 7 dozens in 4 weeks.", "7", {}, True),
    (any_call, "tool_call", "I will not call add.", CALL, {}, False),
    (any_call, "tool_call", CALL.replace("1", "2"), CALL, {}, False),
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


def test_an_unknown_verifier_is_an_error_and_not_a_substring() -> None:
    assert an_unknown_verifier_is_a_substring("banana", "banana")
    with pytest.raises(UnknownVerifier):
        score("programmatic", "banana", "banana", {"instructions": [{"id": "is_banana"}]})


def test_one_verifier_of_several_is_not_enough() -> None:
    config = {
        "instructions": [
            {"id": "punctuation:no_comma"},
            {"id": "startend:end_checker", "kwargs": {"end_phrase": "bye"}},
        ]
    }
    assert score("programmatic", "hello", "", config).passed is False


def ran_through(answer: str, tests: str) -> bool:
    """Run the first code block in this very process's manner: a clean exit is a pass."""
    blocks = re.findall(r"```python\n(.*?)```", answer, re.DOTALL)
    return subprocess.run([sys.executable, "-I", "-c", f"{blocks[0]}\n{tests}"], capture_output=True).returncode == 0


def up_to_a_blank_line(answer: str, tests: str) -> bool:
    """Take an unfenced function as far as its first blank line."""
    code = answer[answer.index("def ") :].split("\n\n", 1)[0]
    return ran_through(f"```python\n{code}\n```", tests)


TESTS = "assert add(1, 2) == 3\nassert add(-1, 1) == 0"
SECOND_BLOCK = (
    "```python\ndef add(a, b):\n    return a - b\n```\nThat is wrong; corrected:\n"
    "```python\ndef add(a, b):\n    return a + b\n```"
)
BLANK_LINE = "def add(a, b):\n    total = a\n\n    total += b\n    return total\n"
PROGRAMS = [
    (ran_through, "```python\nimport sys\nsys.exit(0)\n```", False),
    (ran_through, "```python\nimport os\nos._exit(0)\n```", False),
    (ran_through, SECOND_BLOCK, True),
    (up_to_a_blank_line, BLANK_LINE, True),
]


@pytest.mark.parametrize(("naive", "answer", "right"), PROGRAMS)
def test_the_naive_way_of_running_code_is_wrong_and_ours_is_right(
    naive: Callable[[str, str], bool], answer: str, right: bool
) -> None:
    unavailable = sandbox.availability()
    if unavailable is not None:
        pytest.skip(unavailable)
    assert naive(answer, TESTS) is not right
    assert score("code_execution", answer, TESTS).passed is right


def test_the_f1_itself_is_kept_and_not_only_its_verdict() -> None:
    assert score("f1", "the cat sat down", "cat sat").value == pytest.approx(0.8)
