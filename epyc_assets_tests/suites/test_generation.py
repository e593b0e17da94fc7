"""Generators: the same questions for the same seed, splits apart, tiers even, answers right."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.suites import (
    TIERS,
    SuiteExhausted,
    UnknownSuite,
    content_key,
    distinct_tasks,
    draw_tasks,
    generate,
    split_of,
)
from epyc_assets.suites.demo import TAUGHT_SUITES
from epyc_assets.suites.solvers import SOLVERS as SECOND_OPINIONS
from epyc_assets_tests.suites.solvers import SOLVERS, follows

suite_names = pytest.mark.parametrize("suite", sorted(TAUGHT_SUITES))
seeds = st.integers(min_value=0, max_value=2**63 - 1)


@suite_names
@given(seed=seeds, other=seeds)
@settings(max_examples=15, deadline=None)
def test_no_question_of_one_split_appears_in_the_other(suite: str, seed: int, other: int) -> None:
    tests = generate(suite, count=30, seed=seed, split="test", wording="demo")
    trains = generate(suite, count=30, seed=other, split="train", wording="demo")
    assert not {question.prompt for question in tests} & {question.prompt for question in trains}
    assert not {question.question_id for question in tests} & {question.question_id for question in trains}


@suite_names
def test_a_task_stays_in_its_split_whatever_its_wording(suite: str) -> None:
    keys: dict[str, set[str]] = {"train": set(), "test": set()}
    for split, seen in keys.items():
        for task in itertools.islice(draw_tasks(suite, seed=5, split=split, wording="demo"), 1500):
            assert split_of(suite, task.key) == split
            seen.add(json.dumps(task.key))
    assert not keys["train"] & keys["test"]


def test_both_orders_of_a_sum_are_in_one_split() -> None:
    prompts: dict[frozenset[str], set[str]] = {}
    for split in ("train", "test"):
        for task in itertools.islice(draw_tasks("math", seed=1, split=split, tiers=[1], wording="demo"), 4000):
            numbers = task.prompt.split("+")
            if len(numbers) == 2:
                pair = frozenset("".join(filter(str.isdigit, part)) for part in numbers)
                prompts.setdefault(pair, set()).add(split)
    assert len(prompts) > 1000
    assert all(len(splits) == 1 for splits in prompts.values())


@suite_names
@given(seed=seeds, count=st.integers(min_value=0, max_value=45))
@settings(max_examples=10, deadline=None)
def test_count_distinctness_tiers_and_determinism(suite: str, seed: int, count: int) -> None:
    questions = generate(suite, count=count, seed=seed, wording="demo")
    assert questions == generate(suite, count=count, seed=seed, wording="demo")
    assert len(questions) == count
    assert len({question.prompt for question in questions}) == count
    assert len({question.question_id for question in questions}) == count
    tiers = Counter(question.tier for question in questions)
    assert max(tiers.values(), default=0) - min((tiers[tier] for tier in TIERS), default=0) <= 1
    assert questions[: count // 2] == generate(suite, count=count // 2, seed=seed, wording="demo")
    for question in questions:
        assert question.suite == suite
        assert question.split == "test"
        assert question.seed == seed
        assert question.max_tokens >= 8
        assert question.question_id == content_key(
            suite, question.prompt, question.expected, question.scorer, question.scorer_config
        )


@suite_names
def test_another_seed_gives_other_questions(suite: str) -> None:
    first = {question.prompt for question in generate(suite, count=30, seed=1, wording="demo")}
    second = {question.prompt for question in generate(suite, count=30, seed=2, wording="demo")}
    assert len(first & second) < 20


@pytest.mark.parametrize("suite", sorted(SECOND_OPINIONS))
def test_a_second_opinion_on_words_that_it_does_not_know_is_none(suite: str) -> None:
    for question in generate(suite, count=6, seed=20, wording="demo"):
        solved = SECOND_OPINIONS[suite](question.prompt)  # raises nothing: the demo's check would warn of each
        assert solved in (None, question.expected)
    assert SECOND_OPINIONS[suite]("What do you think?") is None


@suite_names
@pytest.mark.parametrize("split", ["train", "test"])
def test_enough_distinct_test_questions_for_a_long_night(suite: str, split: str) -> None:
    assert len(generate(suite, count=120, seed=9, split=split, wording="demo")) == 120


@suite_names
def test_expected_answers_agree_with_an_independent_solver(suite: str) -> None:
    for question in generate(suite, count=120, seed=77, wording="demo"):
        if suite in SOLVERS:
            solved = SOLVERS[suite](question.prompt)
            if solved is not None:
                assert solved == question.expected, question.prompt
        if question.scorer == "programmatic":
            instructions = question.scorer_config["instructions"]
            assert isinstance(instructions, list)
            for instruction in instructions:
                assert isinstance(instruction, dict)
                assert follows(instruction, question.expected), (instruction, question)


@suite_names
def test_worked_answers_end_in_the_expected_one(suite: str) -> None:
    for task in distinct_tasks(suite, count=60, seed=3, split="train", wording="demo"):
        assert task.worked_answer == task.expected or task.worked_answer.endswith(f"Answer: {task.expected}")


@pytest.mark.parametrize(
    ("suite", "measure"),
    [
        ("math", lambda question: len([word for word in question.prompt.split() if word[0].isdigit()])),
        ("coder", lambda question: len(question.prompt)),
        ("agentic", lambda question: question.prompt.count("(")),
        ("long_context", lambda question: question.prompt.count(".")),
        ("thinking", lambda question: len(question.prompt)),
        ("instruction_precision", lambda question: len(question.prompt)),
        ("general", lambda question: len(question.expected)),
    ],
)
def test_higher_tiers_ask_for_more(suite: str, measure) -> None:
    means = []
    for tier in TIERS:
        questions = generate(suite, count=60, seed=4, tiers=[tier], wording="demo")
        assert {question.tier for question in questions} == {tier}
        means.append(sum(map(measure, questions)) / 60)
    assert means[0] < means[1] < means[2]


def test_the_content_key_is_about_content_only() -> None:
    question = generate("math", count=1, seed=1, wording="demo")[0]
    moved = replace(question, seed=2, source="file:mine", split="train")
    assert (
        content_key(moved.suite, moved.prompt, moved.expected, moved.scorer, moved.scorer_config)
        == question.question_id
    )
    assert content_key("math", "a", "1", "exact_match", {}) != content_key("math", "a", "2", "exact_match", {})
    assert content_key("math", "a", "1", "exact_match", {"x": 1, "y": 2}) == content_key(
        "math", "a", "1", "exact_match", {"y": 2, "x": 1}
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"suite": "maths", "count": 1, "seed": 1}, "math"),
        ({"suite": "math", "count": 1, "seed": 1, "split": "dev"}, "train, test"),
        ({"suite": "math", "count": 1, "seed": 1, "tiers": [0]}, "[1, 2, 3]"),
        ({"suite": "math", "count": 1, "seed": 1, "tiers": []}, "[1, 2, 3]"),
        ({"suite": "math", "count": 1, "seed": 1, "tiers": [1, 1]}, "at most once"),
        ({"suite": "math", "count": -1, "seed": 1}, "0 or more"),
    ],
)
def test_wrong_arguments_are_told_plainly(arguments: dict, said: str) -> None:
    with pytest.raises(UnknownSuite, match=said.replace("[", r"\[").replace("]", r"\]")):
        generate(**arguments, wording="demo")


def test_asking_for_more_than_there_is_says_how_many_there_are() -> None:
    with pytest.raises(SuiteExhausted, match="ask for fewer"):
        generate("agentic", count=5000, seed=1, tiers=[1], wording="demo")
