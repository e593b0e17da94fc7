"""Journal records to rows: hostile values become rejects and cost no other row."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.benchmark.journal import JournalContents
from epyc_assets.benchmark.records import GENERATION_SCHEMA, answered_in, load_journal


def generation(number: int, **values: Any) -> dict[str, Any]:
    return {
        "kind": "generation",
        "generation_id": f"g{number}",
        "generation_key": f"k{number}",
        "attempt": 1,
        "fleet": "f",
        "model": "m",
        "model_sha256": "s",
        "session_id": "s1",
        "config_id": "c",
        "config": "baseline",
        "technique": "baseline",
        "question_id": f"q{number}",
        "suite": "math",
        "status": "ok",
        "text": "42",
        "finish_reason": "stop",
        "token_ids": [1, 2],
        "started_at": "2026-01-01T00:00:00+00:00",
        **values,
    }


def session(**values: Any) -> dict[str, Any]:
    return {
        "kind": "session",
        "session_id": "s1",
        "fleet": "f",
        "model": "m",
        "model_sha256": "s",
        "status": "open",
        "backend": "llama_cpp",
        "host": "h",
        "launch_prefix": [],
        "load_parameters": {"threads": 1},
        "package_versions": {},
        "started_at": "2026-01-01T00:00:00+02:00",
        **values,
    }


def loaded(*records: dict[str, Any]):
    return load_journal(JournalContents(records, ()), "j")


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempt": "first"},
        {"ttft_ms": "fast"},
        {"token_ids": ["a"]},
        {"token_ids": [2**40]},
        {"prompt_tokens": 2**70},
        {"started_at": "yesterday"},
        {"text": 42},
        {"kind": "poem"},
        {"generation_id": None},
        {"status": None},
    ],
)
def test_a_record_that_does_not_fit_is_a_reject_and_costs_no_other(wrong: dict[str, Any]) -> None:
    result = loaded(generation(1), generation(2, **wrong), generation(3))
    assert result.generations["generation_id"].to_list() == ["g1", "g3"]
    (reject,) = result.rejects
    assert reject.location == "record 2"
    assert reject.reason
    assert "q2" in reject.raw_text


def test_times_become_utc_and_the_end_completes_a_session() -> None:
    end = {"kind": "session_end", "session_id": "s1", "status": "closed", "ended_at": "2026-01-01T01:00:00+00:00"}
    result = loaded(session(), end)
    row = result.sessions.row(0, named=True)
    assert row["status"] == "closed"
    assert str(row["started_at"]) == "2025-12-31 22:00:00"
    assert row["load_parameters"] == '{"threads":1}'


def test_a_session_without_an_end_stays_open_and_an_end_without_a_session_is_a_reject() -> None:
    assert loaded(session()).sessions["status"].to_list() == ["open"]
    result = loaded({"kind": "session_end", "session_id": "other", "status": "closed"})
    assert result.sessions.is_empty()
    assert "not in this journal" in result.rejects[0].reason


def test_loops_are_flagged_and_the_answer_stays_whole() -> None:
    text = "and so on " * 60
    row = loaded(generation(1, text=text, finish_reason="length")).generations.row(0, named=True)
    assert row["degenerate"] == "loop"
    assert row["text"] == text


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from([*GENERATION_SCHEMA, "kind"]), values, max_size=4))
def test_whatever_a_record_holds_it_is_a_row_or_a_reject(changed: dict[str, Any]) -> None:
    record = generation(1, **changed)
    result = loaded(record)
    assert result.generations.height + result.sessions.height + len(result.rejects) == 1
    assert result.generations.schema == pl.Schema(GENERATION_SCHEMA)
    answered_in(JournalContents((record,), ()))
