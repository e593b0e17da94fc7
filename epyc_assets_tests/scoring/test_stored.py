from __future__ import annotations

import json

import polars as pl
import pytest

from epyc_assets.scoring import SCORE_SCHEMA, SCORERS, missing_scores, score, score_generations
from epyc_assets.scoring.stored import can_run_code_with

INPUT = {
    "generation_id": pl.String,
    "text": pl.String,
    "expected": pl.String,
    "scorer": pl.String,
    "scorer_config": pl.String,
    "max_tokens": pl.Int64,
    "finish_reason": pl.String,
}


def frame(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=INPUT, orient="row")


def test_one_row_for_each_generation_in_order_with_the_scores_of_the_pure_function() -> None:
    config = {"instructions": [{"id": "punctuation:no_comma", "kwargs": {}}]}
    generations = frame(
        ("g3", "So it is 42", "42", "exact_match", None, 8, "stop"),
        ("g1", "(B)", "B", "multiple_choice", "{}", 8, "stop"),
        ("g2", "a, b", "", "programmatic", json.dumps(config), 8, "stop"),
        ("g2b", "the cat", "a cat", "f1", '{"threshold": 0.9}', 8, "stop"),
    )
    scores = score_generations(generations)
    assert dict(scores.schema) == SCORE_SCHEMA
    assert scores["generation_id"].to_list() == ["g3", "g1", "g2", "g2b"]
    assert scores["status"].unique().to_list() == ["scored"]
    assert scores["passed"].to_list() == [True, True, False, True]
    assert scores["strict_passed"].to_list() == [False, True, False, True]
    assert scores["scorer_version"].to_list() == [
        SCORERS[name].version for name in ("exact_match", "multiple_choice", "programmatic", "f1")
    ]
    assert scores["extracted"][0] == score("exact_match", "So it is 42", "42").extracted


def test_half_a_surrogate_pair_in_an_answer_costs_no_other_answer_its_score() -> None:
    half = '{"name": "f", "arguments": {"x": "\\ud83d"}}'
    wanted = '{"name": "f", "arguments": {"x": "a"}}'
    scores = score_generations(
        frame(("g1", half, wanted, "tool_call", None, 8, "stop"), ("g2", "42", "42", "exact_match", None, 8, "stop"))
    )
    assert scores["passed"].to_list() == [False, True]
    assert scores["extracted"][0] == '{"name": "f", "arguments": {"x": "?"}}'


def test_what_cannot_be_scored_says_why_and_stops_nothing() -> None:
    generations = frame(
        ("a", "print(1)", "", "code_execution", '{"language": "cobol"}', 8, "stop"),
        ("b", None, "42", "exact_match", None, 8, None),
        ("c", "x", "y", "guesswork", None, 8, "stop"),
        ("d", "x", "y", "substring", "{broken", 8, "stop"),
        ("e", "x", "y", "substring", "[1]", 8, "stop"),
        ("f", "x", "y", "programmatic", '{"instructions": [{"id": "nonsense"}]}', 8, "stop"),
        ("g", "x", "y", "substring", '{"all_of": []}', 8, "stop"),
        ("h", "x", "y", None, None, 8, "stop"),
        ("i", "y", "y", "substring", "null", 8, "stop"),
    )
    scores = score_generations(generations)
    assert scores["status"].to_list() == ["not_scored"] * 8 + ["scored"]
    assert scores["passed"].to_list() == [None] * 8 + [True]
    assert scores["value"].head(8).is_null().all()
    for row, reason in zip(
        scores.iter_rows(named=True),
        [
            "cobol",
            "no answer was recorded",
            "guesswork",
            "not JSON",
            "not a JSON object",
            "nonsense",
            "all_of",
            "names no",
        ],
        strict=False,
    ):
        assert reason in row["explanation"]


def test_an_answer_cut_at_its_limit_is_scored_and_says_so() -> None:
    scores = score_generations(frame(("a", "First, we", "42", "exact_match", None, 3, "length")))
    assert scores["passed"].to_list() == [False]
    assert "cut at its token limit of 3" in scores["explanation"][0]


def test_no_generations_give_an_empty_frame_of_the_same_columns() -> None:
    assert dict(score_generations(frame()).schema) == SCORE_SCHEMA


def test_only_generations_without_a_score_of_the_present_version_are_missing() -> None:
    generations = frame(
        ("new", "42", "42", "exact_match", None, 8, "stop"),
        ("done", "42", "42", "exact_match", None, 8, "stop"),
        ("old", "42", "42", "exact_match", None, 8, "stop"),
        ("moved", "42", "42", "substring", None, 8, "stop"),
        ("both", "42", "42", "exact_match", None, 8, "stop"),
    )
    now = SCORERS["exact_match"].version
    scores = pl.DataFrame(
        {
            "generation_id": ["done", "old", "moved", "both", "both"],
            "scorer": ["exact_match"] * 5,
            "scorer_version": [now, now - 1, now, now - 1, now],
        }
    )
    assert missing_scores(generations, scores)["generation_id"].to_list() == ["new", "old", "moved"]
    everything = missing_scores(generations, scores.clear())
    assert everything.equals(generations)
    assert missing_scores(generations, score_generations(generations)).is_empty()


@pytest.mark.parametrize("scorer", ["guesswork", None])
def test_a_generation_with_an_unknown_scorer_is_not_asked_for_again_and_again(scorer: str | None) -> None:
    generations = frame(("a", "x", "y", scorer, None, 8, "stop"))
    assert missing_scores(generations, score_generations(generations)).is_empty()


def test_what_programs_wait_for_is_found_out_by_trying() -> None:
    assert not can_run_code_with("no-such-compiler here")
    scored = score("code_execution", "```python\nx = 1\n```", "assert x == 1").passed is not None
    assert can_run_code_with("sandbox") is scored
