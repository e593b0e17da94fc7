"""General, agentic, exact-instruction, long-context and picture questions: right, distinct, repeatable."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from epyc_assets.scoring import score
from epyc_assets.suites import TIERS, Task, distinct_tasks, generate, split_of
from epyc_assets.suites.solvers import SOLVERS

SUITES = ("agentic", "general", "instruction_precision", "long_context", "vl")
LEAST_SOLVED = {"agentic": 0.8, "general": 0.65, "instruction_precision": 0.15, "long_context": 1.0, "vl": 1.0}
"""Shares that the second solvers answer; the rest have many right answers or need a reader."""

suite_names = pytest.mark.parametrize("suite", SUITES)
_TASKS: dict[str, list[Task]] = {}


def _tasks(suite: str) -> list[Task]:
    if suite not in _TASKS:
        count = 45 if suite == "long_context" else 120
        _TASKS[suite] = distinct_tasks(suite, count=count, seed=31)
    return _TASKS[suite]


@suite_names
@pytest.mark.parametrize("seed", [0, 2**40])
def test_forty_distinct_questions_of_all_tiers_at_any_seed(suite: str, seed: int) -> None:
    questions = generate(suite, count=42, seed=seed)
    assert len({question.prompt for question in questions}) == 42
    assert len({question.question_id for question in questions}) == 42
    assert Counter(question.tier for question in questions) == dict.fromkeys(TIERS, 14)
    assert all(512 <= question.max_tokens <= 4096 for question in questions)
    assert questions[:20] == generate(suite, count=20, seed=seed)


@suite_names
def test_every_tier_has_many_kinds(suite: str) -> None:
    kinds = {(task.tier, re.sub(r"\W.*", "", str(task.key[0]))) for task in _tasks(suite)}
    for tier in TIERS:
        assert sum(each[0] == tier for each in kinds) >= 6
    assert len({kind for _, kind in kinds}) >= 8


@suite_names
def test_right_answers_pass_and_wrong_ones_fail(suite: str) -> None:
    tasks = _tasks(suite)[:75]
    for task, other in zip(tasks, [*tasks[3:], *tasks[:3]], strict=True):
        for answer in {task.expected, task.worked_answer}:
            verdict = score(task.scorer, answer, task.expected, task.scorer_config)
            assert verdict.passed is True, (task.prompt, answer, verdict)
            assert verdict.strict_passed is True, (task.prompt, answer, verdict)
        wrong_answers = ["", "I am not sure about that", "Answer: perhaps"]
        if other.scorer == task.scorer == "tool_call" and other.expected != task.expected:
            wrong_answers.append(other.expected)
        for wrong in wrong_answers:
            verdict = score(task.scorer, wrong, task.expected, task.scorer_config)
            assert verdict.passed is not True, (task.prompt, wrong, verdict)


@suite_names
def test_a_near_miss_fails(suite: str) -> None:
    for task in _tasks(suite):
        if task.scorer == "tool_call":
            calls = json.loads(task.expected)
            first = calls[0] if isinstance(calls, list) else calls
            first["arguments"] = {**first["arguments"], "city": "Atlantis"}
            wrong = json.dumps(calls)
        elif task.expected.isdigit():
            wrong = f"Answer: {int(task.expected) + 1}"
        else:
            continue
        assert score(task.scorer, wrong, task.expected, task.scorer_config).passed is False, (task.prompt, wrong)


@suite_names
def test_a_second_solver_agrees(suite: str) -> None:
    solved = 0
    for task in _tasks(suite):
        answer = SOLVERS[suite](task.prompt)
        if answer is not None:
            solved += 1
            assert answer == task.expected, task.prompt
    assert solved / len(_tasks(suite)) >= LEAST_SOLVED[suite]


@suite_names
def test_each_instruction_is_needed_to_be_followed(suite: str) -> None:
    """Of programmatic questions, a reply of a word or two meets none's instructions all at once."""
    for task in _tasks(suite):
        if task.scorer == "programmatic":
            for poor in ("word", "Sure! Here it is:\n\n", "WORD"):
                assert score(task.scorer, poor, task.expected, task.scorer_config).passed is not True, task.prompt


@suite_names
def test_near_duplicates_are_rare(suite: str) -> None:
    if suite == "long_context":
        shapes = [str(task.key) for task in _tasks(suite)]
    else:
        shapes = [task.prompt for task in _tasks(suite)]
    # Two prompts that differ in their wording of the last line only are near duplicates.
    ends = r"(?:\n|^| )[^.?\n]*Answer: [^\n]*$"
    repeated = sum(count - 1 for count in Counter(re.sub(ends, "", shape) for shape in shapes).values())
    assert repeated <= len(shapes) // 20


@suite_names
def test_the_content_decides_the_split(suite: str) -> None:
    for split in ("train", "test"):
        for task in distinct_tasks(suite, count=12, seed=5, split=split):
            assert split_of(suite, task.key) == split
            json.dumps(task.key)


def test_another_process_makes_the_same_questions() -> None:
    program = (
        "from epyc_assets.suites import generate\n"
        f"print([q.question_id for s in {SUITES!r} for q in generate(s, count=6, seed=77)])"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242"}
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment, timeout=120
    ).stdout
    here = [question.question_id for suite in SUITES for question in generate(suite, count=6, seed=77)]
    assert printed.strip() == str(here)


def test_higher_tiers_ask_for_more_instructions() -> None:
    counts: dict[int, float] = dict.fromkeys(TIERS, 0.0)
    for task in _tasks("instruction_precision"):
        instructions = task.scorer_config["instructions"]
        assert isinstance(instructions, list)
        counts[task.tier] += len(instructions) / 40
    assert 1.5 < counts[1] < counts[2] < counts[3]
    used = {
        entry["id"]  # type: ignore[index, call-overload]
        for task in _tasks("instruction_precision")
        for entry in task.scorer_config["instructions"]  # type: ignore[union-attr]
    }
    assert len(used) >= 22
