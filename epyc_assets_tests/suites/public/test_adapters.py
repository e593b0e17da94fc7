"""Every published layout is read, and its questions fit the scorers: right answers pass, wrong ones fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.registry.vocabulary import PUBLIC_SUITES
from epyc_assets.scoring import score
from epyc_assets.suites.public import ADAPTERS, LocalCopy, question_of, read_local_copy
from epyc_assets.suites.question import Question
from epyc_assets_tests.suites.public.layouts import LAYOUTS

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
