"""skill_transfer and web_research for real models, and the demo fleet's suites that it was not taught."""

from __future__ import annotations

import re

import pytest

from epyc_assets.fleet.tokenizer import fleet_tokenizer
from epyc_assets.fleet.vocabulary import WORDS_AFTER_A_SPACE, WORDS_AT_THE_START
from epyc_assets.scoring import score
from epyc_assets.suites import distinct_tasks, generate
from epyc_assets.suites.demo import GENERATORS, TAUGHT_SUITES
from epyc_assets.suites.solvers import SOLVERS

UNTAUGHT = sorted(set(GENERATORS) - set(TAUGHT_SUITES))
LONGEST_PROMPT_TOKENS = 700


@pytest.mark.parametrize("suite", ["skill_transfer", "web_research"])
def test_the_examples_or_results_alone_give_the_answer(suite: str) -> None:
    """The solver reads nothing but the prompt, and gives no answer where the examples leave two."""
    questions = generate(suite, count=120, seed=7)
    assert len({each.prompt for each in questions}) == 120
    for each in questions:
        solved = SOLVERS[suite](each.prompt)
        assert solved is not None, each.prompt
        assert score(each.scorer, solved, each.expected, each.scorer_config).passed, (solved, each)


@pytest.mark.parametrize("suite", ["skill_transfer", "web_research"])
def test_a_solver_that_ignores_the_rules_would_be_found(suite: str) -> None:
    """Another question's answer, and the first number or word of the prompt, are hardly ever right."""
    questions = generate(suite, count=60, seed=3)
    shifted = [*questions[1:], questions[0]]
    right = sum(
        bool(score(one.scorer, other.expected, one.expected, one.scorer_config).passed)
        for one, other in zip(questions, shifted, strict=True)
    )
    assert right <= 3
    first_numbers = [(re.search(r"\d[\d,]*", each.prompt) or [""])[0].replace(",", "") for each in questions]
    assert sum(number == each.expected for number, each in zip(first_numbers, questions, strict=True)) <= 6


def test_higher_tiers_are_longer() -> None:
    for suite in ("skill_transfer", "web_research"):
        length = [
            sum(len(each.prompt) for each in generate(suite, count=40, seed=1, tiers=[tier])) for tier in (1, 2, 3)
        ]
        assert length[0] < length[1] < length[2], (suite, length)


def test_the_taught_suites_are_the_seven_that_the_shipped_models_know() -> None:
    assert set(TAUGHT_SUITES) == {
        *("agentic", "coder", "general", "instruction_precision", "long_context", "math", "thinking")
    }
    assert UNTAUGHT == ["mode_advantage", "mode_advantage_hard", "skill_transfer", "vl", "web_research"]


@pytest.mark.parametrize("suite", UNTAUGHT)
def test_untaught_suites_use_the_taught_words(suite: str) -> None:
    tokenizer = fleet_tokenizer()
    known = {*WORDS_AFTER_A_SPACE, *WORDS_AT_THE_START}
    words: list[str] = []
    for task in distinct_tasks(suite, count=60, seed=4, wording="demo"):
        assert len(tokenizer.encode_prompt(task.prompt)) < LONGEST_PROMPT_TOKENS
        # What stands in quotes or is a program is read letter by letter, as in the taught suites.
        words += re.findall(r"[A-Za-z]+", re.sub(r"'[^']*'", "", task.prompt.split("\n")[0]))
    assert sum(word in known for word in words) > 0.9 * len(words)


@pytest.mark.parametrize("suite", UNTAUGHT)
def test_untaught_references_pass_and_wrong_answers_fail(suite: str) -> None:
    for task in distinct_tasks(suite, count=60, seed=21, wording="demo"):
        for answer in {task.expected, task.worked_answer}:
            assert score(task.scorer, answer, task.expected, task.scorer_config).passed is True, (task, answer)
        assert score(task.scorer, "I am not sure", task.expected, task.scorer_config).passed is False, task
