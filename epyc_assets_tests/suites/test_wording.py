"""How questions of all suites are worded and spread: articles, room for the answer, no answer that is a good guess."""

from __future__ import annotations

import random
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from epyc_assets.scoring import score
from epyc_assets.suites import TIERS, distinct_tasks
from epyc_assets.suites.generators import GENERATORS
from epyc_assets.suites.generators.general_tasks.reading import policy
from epyc_assets.suites.generators.math_tasks.quantities import mixture
from epyc_assets.suites.generators.phrases import counted, with_article
from epyc_assets.suites.generators.vl_tasks.scenes import shelf
from epyc_assets.suites.suite_file import read_suite_file
from epyc_assets.suites.task import Task

each_suite = pytest.mark.parametrize("suite", sorted(GENERATORS))

# Code, quoted names and "a" as the name of a thing are no articles; a long context is long enough once a tier.
_ARTICLES = re.compile(r"\ba (?:[aeio]\w\w+|8|11|18)\b|\ban (?!hour)[^aeiou8\W]\w*", re.IGNORECASE)


@cache
def _drawn(suite: str) -> tuple[Task, ...]:
    return tuple(distinct_tasks(suite, count=6 if suite == "long_context" else 90, seed=31))


def test_an_article_goes_with_the_sound_of_the_next_word() -> None:
    said = [with_article(each) for each in ("orange", "red", 8, 80, 11, 18, 1, 10, 110, 20)]
    assert said == ["an orange", "a red", "an 8", "an 80", "an 11", "an 18", "a 1", "a 10", "a 110", "a 20"]
    assert [counted(number, "block") for number in (0, 1, 2)] == ["0 blocks", "1 block", "2 blocks"]


@each_suite
def test_no_wrong_article_in_a_prompt(suite: str) -> None:
    for task in _drawn(suite):
        text = re.sub(
            r"```.*?```|'[^']*'|\ba (?:is|and|after|earns|as)\b", "", task.prompt, flags=re.DOTALL | re.IGNORECASE
        )
        assert not _ARTICLES.findall(text), (task.key[0], _ARTICLES.findall(text))


@each_suite
def test_harder_tiers_leave_more_room_to_think(suite: str) -> None:
    room = {tier: max(task.max_tokens for task in _drawn(suite) if task.tier == tier) for tier in TIERS}
    assert 1024 <= room[1] < room[2] <= room[3]


@each_suite
def test_no_single_answer_is_right_more_often_than_chance(suite: str) -> None:
    tasks = _drawn(suite)
    if len(tasks) < 90 or suite == "coder":
        pytest.skip("coder's answers are programs; few long contexts are drawn here")
    for answer, _ in Counter(task.expected for task in tasks).most_common(3):
        right = sum(score(task.scorer, answer, task.expected, task.scorer_config).passed is True for task in tasks)
        assert right <= len(tasks) * 0.2, answer


def test_a_maze_is_longer_than_the_way_along_its_edges() -> None:
    mazes = [task for task in distinct_tasks("mode_advantage_hard", count=90, seed=5) if task.key[0] == "maze"]
    assert mazes
    for task in mazes:
        rows = str(task.key[1]).splitlines()
        assert int(task.expected) > len(rows) + len(rows[0]) - 2


@pytest.mark.parametrize("tier", TIERS)
def test_every_decision_of_a_policy_is_as_likely(tier: int) -> None:
    found = Counter(policy(random.Random(seed), tier).expected for seed in range(200))
    assert set(found) == set("ABC" if tier < 3 else "ABCD")
    assert max(found.values()) < 2 * min(found.values())


def test_what_is_mixed_fits_into_the_drum() -> None:
    for seed in range(60):
        task = mixture(random.Random(seed), 2)
        litres, drum = map(int, re.findall(r"(\d+) litres", task.prompt)[:2])
        assert litres + Fraction(task.expected) <= drum


def test_objects_are_not_asked_for_above_the_first_row() -> None:
    rows = [re.findall(r"above row (\d)", shelf(random.Random(seed), 3).prompt)[0] for seed in range(60)]
    assert set(rows) == {"3", "4", "5"}


def test_words_that_shipped_answers_must_hold_are_asked_for() -> None:
    shipped = read_suite_file(Path(__file__).parents[2] / "data" / "suites" / "instruction_precision.yaml")
    for each in shipped.questions:
        wanted = set(re.findall(r"\w+", each.question.prompt.lower()))
        for instruction in each.question.scorer_config["instructions"]:  # type: ignore[index,union-attr]
            given = instruction.get("kwargs", {})  # type: ignore[union-attr]
            for word in (*given.get("keywords", ()), *given.get("forbidden_words", ())):
                assert set(re.findall(r"\w+", word.lower())) <= wanted, (each.name, word)
