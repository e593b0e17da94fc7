"""Answers that are Python literals: found where an answer gives them, compared as Python compares."""

from __future__ import annotations

import pytest

from epyc_assets.scoring import score

RIGHT = [
    ("[1,3]", "[1, 3]"),
    ('{"a": 1}', "{'a': 1}"),
    ("The output is {'b': 2, 'a': 1}.", "{'a': 1, 'b': 2}"),
    ("The output is `''`", "''"),
    ('"it\'s"', "'it\\'s'"),
    ("ABC", "'ABC'"),
    ("a,b", "'a,b'"),
    ("{2, 1}", "{1, 2}"),
    ("f(5) == -5", "-5"),
    ("**-5**", "-5"),
    ("The function negates it.\n\nAnswer: -5", "-5"),
    ("[ANSWER]\nassert f(1) == 'a == b'\n[/ANSWER]", "'a == b'"),
    ("[THOUGHT]\n[9]\n[/THOUGHT]\n[ANSWER]\n(1, None)\n[/ANSWER]", "(1, None)"),
    ("```python\n[1, 3]\n```", "[1, 3]"),
    ("```python\ndef f(x):\n    return sorted(x)\n```\nSo f([3, 1]) returns [1, 3]", "[1, 3]"),
    ("Since 3 > 1 we get `[1, 3]` in one step.", "[1, 3]"),
    ("It returns [1, 3], because the list is sorted.", "[1, 3]"),
    ("I think it is [{'a': (1, 2)}].", "[{'a': (1, 2)}]"),
    ("Step 1: d = {}\nStep 2: d = {1: 'a'}", "{1: 'a'}"),
    ("<think>[9]</think>[1, 3]", "[1, 3]"),
    ("First [2, 2]. Wait, actually [1, 3]", "[1, 3]"),
]
WRONG = [
    ("(1, 3)", "[1, 3]"),
    ("[3, 1]", "[1, 3]"),
    ("'a b'", "'a  b'"),
    ("'abc'", "'ABC'"),
    ("50", "'50'"),
    ("'50'", "50"),
    ("5", "-5"),
    ("true", "True"),
    ("{'1': 'a'}", "{1: 'a'}"),
    ("", "''"),
    ("(1)", "(1,)"),
    ("'a' + 'b'", "'ab'"),
    ("[ANSWER]nope[/ANSWER] 'x'", "'x'"),
    ("```python\ndef f(x):\n    return 5\n```\nI do not know.", "5"),
    ("[" * 50_000, "[1, 3]"),
]


@pytest.mark.parametrize(
    ("answer", "expected", "passed"), [(*each, True) for each in RIGHT] + [(*each, False) for each in WRONG]
)
def test_a_python_value_is_compared_as_python_does(answer: str, expected: str, passed: bool) -> None:
    verdict = score("exact_match", answer, expected, {"answer_type": "python"})
    assert verdict.passed is passed, verdict
    assert not (verdict.strict_passed and not verdict.passed)


def test_strictly_the_value_stands_alone() -> None:
    for answer, strict in (("[1,3]", True), ("[ANSWER][1, 3][/ANSWER]", True), ("It is [1, 3]", False)):
        assert score("exact_match", answer, "[1, 3]", {"answer_type": "python"}).strict_passed is strict


def test_a_reference_that_is_no_literal_is_an_invalid_label() -> None:
    assert score("exact_match", "1000", "10 ** 3", {"answer_type": "python"}).invalid_label is True
