"""Questions of coder, math, thinking and mode_advantage(_hard): right answers, fair prompts, the same everywhere."""

from __future__ import annotations

import ast
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.scoring import score
from epyc_assets.suites import TIERS, distinct_tasks, generate
from epyc_assets.suites.generators import GENERATORS
from epyc_assets.suites.generators.coder import FUNCTIONS
from epyc_assets.suites.generators.coder_tasks.form import repair_function, write_function
from epyc_assets.suites.generators.thinking_tasks.arrangements import clues_for
from epyc_assets.suites.solvers import SOLVERS
from epyc_assets.suites.suite_file import read_suite_file
from epyc_assets.suites.task import Task

SUITES = ("coder", "math", "mode_advantage", "mode_advantage_hard", "thinking")
DATA = Path(__file__).parents[2] / "data" / "suites"
SOLVED = tuple(suite for suite in SUITES if suite in SOLVERS)
each_suite = pytest.mark.parametrize("suite", SUITES)
seeds = st.integers(min_value=0, max_value=2**63 - 1)


@each_suite
@given(seed=seeds, count=st.integers(min_value=0, max_value=48))
@settings(max_examples=2, deadline=None)
def test_questions_are_distinct_spread_over_tiers_and_a_prefix_of_more(suite: str, seed: int, count: int) -> None:
    questions = generate(suite, count=48, seed=seed)
    assert len({question.prompt for question in questions}) == len({each.question_id for each in questions}) == 48
    assert Counter(question.tier for question in questions) == dict.fromkeys(TIERS, 16)
    assert generate(suite, count=count, seed=seed) == questions[:count]
    assert all(question.max_tokens >= 512 for question in questions)


_PRINTS_IDS = """
import json, sys
from epyc_assets.suites import generate
print(json.dumps({suite: [q.question_id for q in generate(suite, count=24, seed=11)] for suite in sys.argv[1:]}))
"""


def test_another_process_with_another_hash_seed_makes_the_same_questions() -> None:
    here = {suite: [question.question_id for question in generate(suite, count=24, seed=11)] for suite in SUITES}
    environment = {**os.environ, "PYTHONHASHSEED": "4242"}
    run = subprocess.run(
        [sys.executable, "-c", _PRINTS_IDS, *SUITES], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == here


@each_suite
def test_train_and_test_share_no_content(suite: str) -> None:
    keys = {
        split: {json.dumps(task.key) for task in distinct_tasks(suite, count=45, seed=2, split=split)}
        for split in ("train", "test")
    }
    assert not keys["train"] & keys["test"]


@each_suite
def test_many_kinds_and_few_prompts_that_differ_in_numbers_alone(suite: str) -> None:
    source = random.Random(3)
    kinds = {
        str(task.key[:2] if task.key[0] in ("repair", "prediction") else task.key[0])
        for tier in TIERS
        for task in (GENERATORS[suite].draw(source, tier) for _ in range(70))
    }
    assert len(kinds) >= 8
    alike = Counter(re.sub(r"\d+", "#", question.prompt) for question in generate(suite, count=60, seed=5))
    assert sum(count - 1 for count in alike.values()) <= 3


def _perturbed(answer: str) -> list[str]:
    """Answers near the right one that are wrong."""
    numbers = re.findall(r"\d+", answer)
    wrong = [answer.replace(numbers[-1], str(int(numbers[-1]) + 1))] if numbers else []
    words = re.findall(r"[A-Za-z]{3,}", answer)
    return wrong + [answer.replace(words[0], words[0][::-1] + "q") for _ in words[:1]]


@each_suite
def test_the_scorer_accepts_right_answers_and_rejects_wrong_ones(suite: str) -> None:
    tasks = [task for task in distinct_tasks(suite, count=75, seed=8) if task.scorer != "code_execution"]
    assert len(tasks) >= 8
    for task, other in zip(tasks, tasks[1:] + tasks[:1], strict=True):
        for answer in (task.expected, task.worked_answer, f"<think>\nhm\n</think>\n\n{task.worked_answer}"):
            verdict = score(task.scorer, answer, task.expected, task.scorer_config)
            assert verdict.passed is True, (task, answer, verdict)
            assert verdict.strict_passed is True, (task, answer, verdict)
        wrong = ["", "I am not sure.", "Answer: I cannot say", task.prompt]
        if task.scorer == "multiple_choice":
            wrong += [f"Answer: {letter}" for letter in "ABCD" if letter != task.expected]
        else:
            wrong += [f"Answer: {each}" for each in _perturbed(task.expected)]
            # "Jonas, 14" does state 14, so an answer that holds the right one is no wrong one.
            wrong += [other.worked_answer] if task.expected.lower() not in other.expected.lower() else []
        for answer in wrong:
            verdict = score(task.scorer, answer, task.expected, task.scorer_config)
            assert verdict.passed is False, (task, answer, verdict)


@pytest.mark.parametrize("suite", SOLVED)
def test_a_second_solver_that_reads_only_the_prompt_agrees(suite: str) -> None:
    """The thinking solver names every answer that fits, so agreement also shows that there is only one."""
    questions = generate(suite, count=60, seed=31)
    solved = [(question, SOLVERS[suite](question.prompt)) for question in questions]
    for question, answer in solved:
        assert answer is None or answer == question.expected, question.prompt
    assert sum(answer is not None for _, answer in solved) >= 0.8 * len(questions)
    assert SOLVERS[suite]("Which river flows through Vienna?") is None


def test_clues_that_leave_two_arrangements_are_refused() -> None:
    worlds = ["ab", "ba", "cc"]
    assert clues_for(worlds, "ab", [("not cc", lambda world: world != "cc")]) == []
    assert clues_for(worlds, "ab", [("a first", lambda world: world[0] == "a")]) == ["a first"]
    needless = [("not cc", lambda world: world != "cc"), ("a first", lambda world: world[0] == "a")]
    assert clues_for(worlds, "ab", needless) == ["a first"]


def _scored(task: Task, program: str):
    verdict = score("code_execution", program, task.expected, task.scorer_config)
    if verdict.passed is None:
        pytest.skip(f"programs cannot be run here: {verdict.explanation}")
    return verdict


def _emptied(program: str) -> str:
    """The program with every function doing nothing, or printing nothing."""
    tree = ast.parse(program)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for function in functions:
        function.body = [ast.Pass()]
    return ast.unparse(tree) if functions else "pass"


@pytest.mark.parametrize("tier", TIERS)
def test_references_pass_their_hidden_tests_and_empty_functions_do_not(tier: int) -> None:
    source = random.Random(tier)
    for exercise in (make(source) for make in source.sample(FUNCTIONS[tier], 4)):
        task = write_function(source, exercise, tier)
        assert _scored(task, task.worked_answer).passed, (task, _scored(task, task.worked_answer))
        assert not _scored(task, _emptied(task.expected)).passed, task


@each_suite
def test_a_question_of_code_shows_none_of_its_hidden_tests(suite: str) -> None:
    for task in distinct_tasks(suite, count=60, seed=13):
        if task.scorer != "code_execution":
            continue
        assert ast.parse(task.expected)
        tests = task.scorer_config.get("function_tests") or task.scorer_config["io_tests"]
        assert isinstance(tests, list)
        assert len(tests) >= 4
        shown = task.prompt.count("==")
        for test in tests:
            assert isinstance(test, dict)
            arguments = test.get("args", [])
            assert isinstance(arguments, list)
            hidden = f"({', '.join(map(repr, arguments))}) == {test.get('expected')!r}"
            assert hidden not in task.prompt or not shown, task.prompt


def test_every_known_bug_that_is_asked_about_fails_a_hidden_test() -> None:
    source = random.Random(7)
    made = 0
    for make in (*FUNCTIONS[1], *FUNCTIONS[2][:8]):
        exercise = make(source)
        task = repair_function(source, exercise, 2)
        if task is None:
            continue
        made += 1
        broken = task.prompt.split("```python\n")[1].split("\n```")[0]
        assert broken != task.expected
        if made <= 3:
            assert not _scored(task, broken).passed, task
            assert _scored(task, task.worked_answer).passed, task
    assert made >= 8


def test_predicted_output_is_what_python_prints() -> None:
    tasks = [task for task in distinct_tasks("coder", count=60, seed=19) if task.key[0] == "prediction"]
    assert len(tasks) >= 5
    for task in tasks[:5]:
        program = task.prompt.split("```python\n")[1].split("\n```")[0]
        run = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
        assert run.stdout == f"{task.expected}\n"


@each_suite
def test_shipped_questions_are_spread_over_tiers_and_accept_their_answers(suite: str) -> None:
    questions = read_suite_file(DATA / f"{suite}.yaml").questions
    assert len(questions) >= 12
    assert set(Counter(each.question.tier for each in questions).values()) == {len(questions) // 3}
    for each in questions:
        question = each.question
        if question.scorer == "code_execution":
            ast.parse(question.expected)
            continue
        for answer in (question.expected, f"It follows.\nAnswer: {question.expected}"):
            assert score(question.scorer, answer, question.expected, question.scorer_config).passed is True, each
        for wrong in ("Answer: none of them", question.prompt):
            assert score(question.scorer, wrong, question.expected, question.scorer_config).passed is False, each


@each_suite
def test_shipped_answers_are_what_their_own_program_computes(suite: str) -> None:
    """The programs are this repository's own; they run in one process beside this one."""
    computed = [each for each in read_suite_file(DATA / f"{suite}.yaml").questions if each.computed_by]
    assert computed
    run = subprocess.run(
        [sys.executable, "-I", "-c", _COMPUTES],
        input=json.dumps([each.computed_by for each in computed]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == [each.question.expected for each in computed]


_COMPUTES = """
import contextlib, io, json, sys
found = []
for program in json.load(sys.stdin):
    try:
        found.append(str(eval(compile(program.strip(), "computed_by", "eval"))))
    except SyntaxError:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(program, {})
        found.append(printed.getvalue().strip())
print(json.dumps(found))
"""
