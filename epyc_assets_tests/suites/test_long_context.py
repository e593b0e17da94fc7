"""Long-context questions: as long as asked for, the needle where asked for, one answer in the text."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.benchmark.drawn_questions import drawn_questions
from epyc_assets.registry.entries import Fleet, QuestionSet
from epyc_assets.suites import UnknownSuite, distinct_tasks, generate, split_of
from epyc_assets.suites.generators.long_context import draw_sized
from epyc_assets.suites.generators.long_context_tasks.records import log_request, table_cell
from epyc_assets.suites.solvers.long_context import solve


def _body(prompt: str) -> str:
    return prompt.split("--- text ---\n")[1].split("\n--- end of text ---")[0]


@given(seed=st.integers(0, 10**9), tier=st.integers(1, 3), tokens=st.integers(300, 9000), ratio=st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_the_needle_stands_where_it_is_wanted_and_nowhere_else(seed: int, tier: int, tokens: int, ratio: float) -> None:
    task = draw_sized(random.Random(seed), tier, tokens, ratio)
    body = _body(task.prompt)
    # The name of an inn also stands in the sentence about its key.
    assert task.key[0] == "hops" or task.prompt.count(task.expected) == 1
    place = body.rindex(task.expected)
    # Within two lines of the text: a needle stands between lines, not inside one.
    assert abs(place - ratio * len(body)) < 420, (task.key, place / len(body))
    assert solve(task.prompt) == task.expected


_MEASURED = {
    1000: {"prose": 4.50, "code": 3.11, "log": 2.04, "table": 1.63},
    8000: {"prose": 4.85, "code": 3.21, "log": 1.96, "table": 1.50},
}
"""Characters of a prompt over its tokens by the Gemma 3 tokenizer (benchmarks/long_context_tokens.py), by length."""


@pytest.mark.parametrize("tokens", sorted(_MEASURED))
def test_the_length_is_what_was_asked_for(tokens: int) -> None:
    lengths: dict[str, list[int]] = {}
    for task in distinct_tasks("long_context", count=45, seed=tokens, context_tokens=tokens):
        word = str(task.key[0]).split()[0]
        lengths.setdefault(word if word in ("code", "log", "table") else "prose", []).append(len(task.prompt))
    assert set(lengths) == set(_MEASURED[tokens])
    for style, found in lengths.items():
        mean = sum(found) / len(found)
        assert abs(mean / _MEASURED[tokens][style] / tokens - 1) < 0.06, style
        assert max(found) < 1.2 * mean
        assert min(found) > 0.8 * mean


def test_no_paragraph_of_a_long_text_comes_twice() -> None:
    body = _body(draw_sized(random.Random(4), 1, 400_000, 0.25).prompt)
    paragraphs = body.split("\n\n")
    assert len(set(paragraphs)) == len(paragraphs)
    assert len(body) > 500_000


def test_without_a_ratio_needles_are_spread_and_some_are_absent() -> None:
    tasks = distinct_tasks("long_context", count=120, seed=8, tiers=[1])
    assert {str(task.key[0]) for task in tasks} >= {
        "single",
        "absent",
        "latest",
        "hops",
        "summed",
        "counted",
        "ordered",
    }
    assert any(task.expected == "NONE" for task in tasks)
    places = [
        _body(task.prompt).index(task.expected) / len(_body(task.prompt))
        for task in tasks
        if task.key[0] in ("single", "log request", "table cell", "code value")
    ]
    assert min(places) < 0.25
    assert max(places) > 0.75


def test_the_split_holds_at_any_length() -> None:
    for split in ("train", "test"):
        for task in distinct_tasks("long_context", count=9, seed=3, split=split, context_tokens=700, needle_ratio=0.9):
            assert split_of("long_context", task.key) == split


def test_tiers_have_their_default_lengths() -> None:
    lengths = [
        sum(len(question.prompt) for question in generate("long_context", count=8, seed=2, tiers=[tier])) / 8
        for tier in (1, 2, 3)
    ]
    assert 2.5 * lengths[0] < lengths[1] < lengths[2] / 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"context_tokens": 299}, "300 or more"),
        ({"needle_ratio": 1.5}, "from 0"),
        ({"suite": "math", "context_tokens": 1000}, "leave context_tokens"),
        ({"wording": "demo", "needle_ratio": 0.5}, "leave context_tokens"),
    ],
)
def test_wrong_sizes_are_told_plainly(arguments: dict, said: str) -> None:
    with pytest.raises(UnknownSuite, match=said):
        generate(**{"suite": "long_context", "count": 1, "seed": 0, **arguments})


def test_a_fleet_s_question_set_says_how_long_and_where() -> None:
    entry = QuestionSet.model_validate(
        {"suite": "long_context", "count": 3, "context_tokens": 2000, "needle_ratio": 0.0}
    )
    fleet = Fleet.model_construct(question_sets=[entry])
    for question in drawn_questions(fleet):
        assert 2600 < len(question.prompt) < 11_000
        assert _body(question.prompt).rindex(question.expected) < 420


def test_an_easy_needle_looks_like_other_lines() -> None:
    for seed in range(10):
        log, table = log_request(random.Random(seed), 1), table_cell(random.Random(seed), 1)
        assert log.needle is not None
        assert " INFO " in log.needle
        assert sum(re.search(r"duration_ms=\d{4,5}$", line) is not None for line in log.others) >= 4
        assert sum(re.search(r",\d{5}$", line) is not None for line in table.others) >= 4
