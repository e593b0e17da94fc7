"""Generated questions fit the scorers: every reference answer passes, a wrong one fails."""

from __future__ import annotations

import pytest

from epyc_assets.scoring import score
from epyc_assets.suites import distinct_tasks
from epyc_assets.suites.demo import TAUGHT_SUITES


@pytest.mark.parametrize("suite", sorted(TAUGHT_SUITES))
def test_reference_answers_pass_and_wrong_ones_fail(suite: str) -> None:
    for task in distinct_tasks(suite, count=90, seed=21, wording="demo"):
        for answer in {task.expected, task.worked_answer}:
            verdict = score(task.scorer, answer, task.expected, task.scorer_config)
            assert verdict.passed is True, (task, answer, verdict)
        for wrong in ("", "I am not sure about that, sorry"):
            verdict = score(task.scorer, wrong, task.expected, task.scorer_config)
            assert verdict.passed is False, (task, wrong, verdict)
