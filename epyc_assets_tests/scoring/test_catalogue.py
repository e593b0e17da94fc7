from __future__ import annotations

import json
import subprocess
import sys

import pytest

from epyc_assets.scoring import SCORERS, InvalidScorerConfig, UnknownScorer, score
from epyc_assets.suites import generate
from epyc_assets.suites.demo import TAUGHT_SUITES


def test_the_scorers_that_questions_may_name() -> None:
    assert set(SCORERS) == {
        "exact_match",
        "multiple_choice",
        "substring",
        "f1",
        "programmatic",
        "tool_call",
        "code_execution",
        "judge",
    }
    assert all(scorer.name == name and scorer.version >= 1 for name, scorer in SCORERS.items())


def test_an_unknown_scorer_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UnknownScorer, match="exact_match"):
        score("regex", "a", "a")
    with pytest.raises(InvalidScorerConfig):
        score("exact_match", "a", "a", json.loads("[]"))


def test_code_is_never_run_bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epyc_assets.sandbox.availability", lambda: "bubblewrap is not installed")
    result = score("code_execution", "import sys; sys.exit(0)", "assert True")
    assert (result.passed, result.value) == (None, None)
    assert result.explanation.startswith("not scored: no sandbox")


def test_reference_answers_of_every_suite_pass_and_other_answers_do_not() -> None:
    for suite in TAUGHT_SUITES:
        for question in generate(suite, count=30, seed=11, wording="demo"):
            result = score(question.scorer, question.expected, question.expected, question.scorer_config)
            assert result.passed is True, (suite, question.expected, result.explanation)
            assert result.strict_passed is True, (suite, question.expected)
            for wrong in ("", "banana 7777", "<think>" + question.expected):
                assert not score(question.scorer, wrong, question.expected, question.scorer_config).passed


def test_scoring_loads_neither_torch_nor_dagster() -> None:
    code = (
        "import sys, epyc_assets.scoring, epyc_assets.statistics; "
        "print([name for name in ('torch', 'dagster', 'llama_cpp', 'sklearn', 'duckdb') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
