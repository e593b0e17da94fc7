"""Every published layout is read, and its questions fit the scorers: right answers pass, wrong ones fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.registry.vocabulary import PUBLIC_SUITES
from epyc_assets.scoring import score
from epyc_assets.suites.public import ADAPTERS, LocalCopy, PublicSetMissing, RowLeftOut, question_of, read_local_copy
from epyc_assets.suites.public.code_questions import printed_with_tolerance, with_tolerance
from epyc_assets.suites.question import JSON, Question
from epyc_assets_tests.suites.public.layouts import BIGCODE_ROW, DEBUG_ROW, LAYOUTS, write_lines

OWN_TESTS = (
    "import json, unittest\ndef task_func(text):\n    return {}\n"
    "class TestCases(unittest.TestCase):\n    def test_own(self):\n        self.assertEqual(task_func('[1, 2]'), 2)"
)
REFERENCES = {
    "livecodebench": {
        1: "print(sum(map(int, input().split())))",
        3: "class Solution:\n    def sumAll(self, nums: List[int], k: int) -> int:\n        return sum(nums) + k",
    }
}
"""Where the set publishes no solution, by tier."""


def written(layout: str, folder: Path) -> tuple[LocalCopy, int]:
    suite, write = LAYOUTS[layout]
    count = write(folder / suite)
    return read_local_copy(ADAPTERS[suite], folder), count


def questions(copy: LocalCopy) -> list[Question]:
    return [question_of(candidate, copy, 7) for candidate in copy.candidates]


def reference_answer(question: Question) -> str:
    """What a model that knows the answer would say."""
    if question.scorer == "code_execution":
        code = question.expected or REFERENCES[question.suite][question.tier]
        return f"Here it is:\n\n```python\n{code}\n```\n"
    if question.scorer == "programmatic":
        return "Rain falls on my umbrella\nand I walk on."
    if question.suite == "gsm8k":
        return f"So it is {question.expected}.\n#### {question.expected}"
    if question.suite == "math_500":
        return f"So it is \\boxed{{{question.expected}}}."
    if question.suite == "gaia":
        return f"I think.\nFINAL ANSWER: {question.expected}"
    return question.expected


def wrong_answers(question: Question) -> list[str]:
    if question.scorer == "code_execution":
        return ["I cannot do that.", "```python\ndef something():\n    return 41\n```"]
    if question.scorer == "programmatic":
        return ["Rain, rain, and more rain.", "Rain falls."]
    if question.scorer == "multiple_choice":
        other = next(letter for letter in "ABCD" if letter != question.expected)
        return [other, "I do not know."]
    return ["Something else", "#### 990", "I am not sure."]


def test_every_public_suite_of_the_registry_has_an_adapter() -> None:
    assert tuple(ADAPTERS) == PUBLIC_SUITES
    assert {suite for suite, _ in LAYOUTS.values()} == set(PUBLIC_SUITES)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_published_layout_is_read_whole(layout: str, tmp_path: Path) -> None:
    copy, count = written(layout, tmp_path)
    assert not copy.rejects
    drawn = questions(copy)
    assert len(drawn) == count
    for question in drawn:
        assert question.source == f"public:{question.suite}"
        assert question.prompt.strip()
        assert question.max_tokens > 0
        assert question.tier in (1, 2, 3)
        # What decides is not given away, apart from what the set itself shows.
        if question.scorer == "code_execution":
            assert question.expected.strip() not in question.prompt or not question.expected


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_reference_answer_passes_and_wrong_ones_fail(layout: str, tmp_path: Path) -> None:
    copy, _ = written(layout, tmp_path)
    for question in questions(copy):
        verdict = score(question.scorer, reference_answer(question), question.expected, question.scorer_config)
        if question.scorer == "code_execution" and verdict.passed is None:
            pytest.skip(verdict.explanation)
        assert verdict.passed is True, (question, verdict)
        for answer in wrong_answers(question):
            verdict = score(question.scorer, answer, question.expected, question.scorer_config)
            assert verdict.passed is False, (question, answer, verdict)


def drawn_from(layout: str, folder: Path) -> list[Question]:
    return questions(written(layout, folder)[0])


@pytest.mark.parametrize(
    ("layout", "answer", "passed"),
    [
        # A body alone continues the signature; a whole function without its imports replaces it.
        ("humaneval, gzip", "```python\n    return [value + value for value in values]\n```", True),
        ("humaneval, gzip", "```python\ndef doubled(values: List[int]):\n    return values + values\n```", False),
        (
            "humaneval, gzip",
            "```python\ndef doubled(values: List[int]):\n    return [2 * v for v in values]\n```",
            True,
        ),
        # The challenge test is not shown, and counts.
        ("mbpp, lines", "```python\ndef square(x):\n    return {3: 9, -2: 4}[x]\n```", False),
        ("debugbench, hub", f"```python\n{DEBUG_ROW['buggy_code']}\n```", False),
        (
            "usaco, folders",
            "```python\na, b = map(int, input().split()[:2])\nprint(a + b)\n```",
            False,
        ),
        ("bigcodebench, gzip", "```python\nimport json\ndef task_func(text):\n    return 2\n```", False),
        # An answer's own tests, called as those of the set, neither hide these nor count.
        ("bigcodebench, gzip", f"```python\n{OWN_TESTS.format('len(json.loads(text))')}\n```", True),
        ("bigcodebench, gzip", f"```python\n{OWN_TESTS.format('2')}\n```", False),
    ],
)
def test_code_that_is_nearly_right(layout: str, answer: str, passed: bool, tmp_path: Path) -> None:
    (question,) = drawn_from(layout, tmp_path)
    verdict = score(question.scorer, answer, question.expected, question.scorer_config)
    if verdict.passed is None:
        pytest.skip(verdict.explanation)
    assert verdict.passed is passed, verdict


@pytest.mark.parametrize(
    ("code", "passed"),
    [
        ("def arguments():\n    return ('abab', 1)", True),
        ("def arguments():\n    return ('ab', 3)", False),
        ("def f(*given):\n    return 'abab'\ndef arguments():\n    return ('x', 1)", False),
        (
            "class Like:\n    def __eq__(self, other):\n        return True\ndef arguments():\n    return (Like(), 1)",
            False,
        ),
    ],
)
def test_arguments_of_cruxeval(code: str, passed: bool, tmp_path: Path) -> None:
    question = next(each for each in drawn_from("cruxeval, lines", tmp_path) if each.scorer == "code_execution")
    verdict = score(question.scorer, f"```python\n{code}\n```", question.expected, question.scorer_config)
    if verdict.passed is None:
        pytest.skip(verdict.explanation)
    assert verdict.passed is passed, verdict


@pytest.mark.parametrize(
    "output", ["{'a': 1}", "''", "[['a'], ('b',)]", "{1, 2}", "'a  b'", "{'a': [{}]}", "range(0, 3)"]
)
def test_outputs_of_cruxeval_of_every_kind(output: str, tmp_path: Path) -> None:
    write_lines(
        tmp_path / "cruxeval/test.jsonl", [{"code": "def f(x):\n    return x", "input": output, "output": output}]
    )
    question = next(
        each for each in questions(read_local_copy(ADAPTERS["cruxeval"], tmp_path)) if each.expected == output
    )
    for answer, passed in ((output, True), (f"f(x) returns `{output}`", True), ("'a b'", False)):
        verdict = score(question.scorer, answer, question.expected, question.scorer_config)
        assert verdict.passed is passed, (answer, verdict)


def test_a_single_argument_of_cruxeval_may_stand_bare(tmp_path: Path) -> None:
    row = {"code": "def f(x):\n    return x[::-1]", "input": "[1, 2]", "output": "[2, 1]"}
    write_lines(tmp_path / "cruxeval/test.jsonl", [row])
    (question,) = [
        each for each in questions(read_local_copy(ADAPTERS["cruxeval"], tmp_path)) if each.scorer == "code_execution"
    ]
    for given, passed in (("[1, 2]", True), ("([1, 2],)", True), ("[2, 1]", False)):
        answer = f"```python\ndef arguments():\n    return {given}\n```"
        verdict = score(question.scorer, answer, question.expected, question.scorer_config)
        if verdict.passed is None:
            pytest.skip(verdict.explanation)
        assert verdict.passed is passed, (given, verdict.explanation)


def test_a_library_that_the_sandbox_lacks_leaves_the_question_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EPYC_SANDBOX_PYTHON", raising=False)
    write_lines(tmp_path / "bigcodebench/BigCodeBench.jsonl", [{**BIGCODE_ROW, "libs": "['json', 'pandas']"}])
    copy = read_local_copy(ADAPTERS["bigcodebench"], tmp_path)
    with pytest.raises(RowLeftOut, match="EPYC_SANDBOX_PYTHON"):
        questions(copy)
    monkeypatch.setenv("EPYC_SANDBOX_PYTHON", "/a/python")
    assert len(questions(copy)) == 1


@pytest.mark.parametrize(
    ("stdout", "tolerant"),
    [
        ("0.5000000\n", True),
        ("1 -.25 7\n", True),
        ("3\n", False),
        ("v1.2\n", False),
        ("0.5 100000000000000001\n", False),
    ],
)
def test_printed_fractions_may_be_written_otherwise(stdout: str, tolerant: bool) -> None:
    assert ("tolerance" in printed_with_tolerance({"stdin": "", "stdout": stdout})) is tolerant


@pytest.mark.parametrize(
    ("expected", "tolerant"), [(2.33333, True), ([[6.0], 1], True), ({"a": 0.5}, True), ([1, "0.5", None], False)]
)
def test_returned_fractions_may_be_rounded(expected: JSON, tolerant: bool) -> None:
    assert ("tolerance" in with_tolerance({"args": [], "expected": expected})) is tolerant


def test_gaia_takes_no_notice_of_the_punctuation_of_words(tmp_path: Path) -> None:
    row = {"task_id": "1", "Question": "Where?", "Level": 1, "Final answer": "St. Petersburg", "file_name": ""}
    write_lines(tmp_path / "gaia/2023/validation/metadata.jsonl", [row])
    (question,) = questions(read_local_copy(ADAPTERS["gaia"], tmp_path))
    for answer, passed in (("St Petersburg", True), ("St. Petersburg", True), ("Petersburg", False)):
        assert score(question.scorer, answer, question.expected, question.scorer_config).passed is passed


def test_solutions_may_use_what_contest_sites_give(tmp_path: Path) -> None:
    code = (
        "class Solution:\n    def sumAll(self, nums: List[int], k: int) -> int:\n"
        "        def deep(left):\n            return 0 if left == 0 else 1 + deep(left - 1)\n"
        "        assert deepcopy(nums) == json.loads(json.dumps(nums)) and datetime.date(2024, 1, 1)\n"
        "        return sum(nums) + k + deep(3000) - 3000 + pow(3, -1, 7) - 5\n"
    )
    question = next(each for each in drawn_from("livecodebench, lines", tmp_path) if "class Solution" in each.prompt)
    verdict = score(question.scorer, f"```python\n{code}\n```", question.expected, question.scorer_config)
    if verdict.passed is None:
        pytest.skip(verdict.explanation)
    assert verdict.passed is True, verdict.explanation


@pytest.mark.parametrize(
    ("signature", "asked"),
    [
        ("nums, k", True),
        ("nums, k, memo=None", True),
        ("values, target", True),  # by their order
        ("nums", False),
        ("nums, k, more", False),
    ],
)
def test_examples_of_debugbench_fit_the_method_they_call(signature: str, asked: bool, tmp_path: Path) -> None:
    first, second = (name.split("=")[0] for name in f"{signature}, None".split(", ")[:2])
    code = f"class Solution:\n    def _of(self, a, b):\n        return 0\n    def go(self, {signature}):\n"
    row = {
        **DEBUG_ROW,
        "question": "Add all.",
        "language": "python3",
        "examples": ["Input: nums = [1, 2], k = 3\nOutput: 6"],
        "solution": f"{code}        return sum({first}) + {second}\n",
        "buggy_code": f"{code}        return sum({first}) - {second}\n",
    }
    write_lines(tmp_path / "debugbench/test.jsonl", [row])
    if not asked:
        with pytest.raises(PublicSetMissing, match="do not name the arguments"):
            read_local_copy(ADAPTERS["debugbench"], tmp_path)
        return
    (question,) = questions(read_local_copy(ADAPTERS["debugbench"], tmp_path))
    verdict = score(question.scorer, f"```python\n{question.expected}\n```", "", question.scorer_config)
    if verdict.passed is None:
        pytest.skip(verdict.explanation)
    assert verdict.passed is True, verdict.explanation
