"""Slot counts: measured on a real server, and the rule that recommends one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.experiments.concurrency import TOLERANCE_RATIO, SlotRow, measure_slots, recommend, slot_rows
from epyc_assets.inference.backend import GenerationRequest, SessionFacts, SessionRequest
from epyc_assets.inference.config import LoadParameters
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets_tests.inference.every_backend import server_or_skip
from epyc_assets_tests.models import shipped

BASE = SessionRequest(shipped("demo-draft"), LoadParameters(context_tokens=128, threads=1), 60.0)


def requests(facts: SessionFacts) -> list[GenerationRequest]:
    assert facts.chat_template
    return [GenerationRequest(f"What is {number} + 1?", 6, 30.0, ignore_eos=True) for number in range(32)]


def row(slots: int, tps: float | None, p95_ms: float | None = 100.0, **values: object) -> SlotRow:
    shown = SlotRow(
        slots=slots,
        rounds=3,
        answers=96,
        failed_answers=0,
        failure=None,
        generated_tokens=960,
        wall_ms=1000.0,
        aggregate_tps=tps,
        aggregate_ratio=None,
        answer_tps=None,
        ttft_p50_ms=None,
        latency_p50_ms=None,
        latency_p95_ms=p95_ms,
        latency_bound_ms=400.0,
        contended_rounds=0,
        load_ms=None,
        peak_memory_bytes=None,
    )
    return replace(shown, **values)  # type: ignore[arg-type]


def chosen(rows: list[SlotRow]) -> int | None:
    return next((each.slots for each in recommend(rows) if each.recommended), None)


def test_slot_counts_of_a_real_server() -> None:
    told: list[int] = []
    measured = measure_slots(
        server_or_skip(), BASE, requests, slot_counts=(3,), rounds=3, told=lambda one: told.append(one.slots)
    )
    assert sorted(told) == [1, 1, 1, 3, 3, 3]
    rows = slot_rows(measured)
    assert [each.slots for each in rows] == [1, 3]
    for each in rows:
        assert (each.rounds, each.answers, each.failed_answers) == (3, 96, 0)
        assert each.generated_tokens == 96 * 6
        assert each.aggregate_tps == pytest.approx(each.generated_tokens / ((each.wall_ms or 0) / 1000))
        assert each.latency_p50_ms is not None
        assert each.latency_p95_ms is not None
        assert each.latency_p50_ms <= each.latency_p95_ms
        assert each.peak_memory_bytes
        assert each.reason
        assert each.as_dict()["context_tokens"] >= 128
    assert rows[0].aggregate_ratio == 1.0
    assert rows[1].latency_bound_ms == pytest.approx(4 * (rows[0].latency_p50_ms or 0))
    assert sum(each.recommended for each in rows) <= 1


def test_what_cannot_be_loaded_is_a_row_and_is_tried_once() -> None:
    absent = replace(BASE, model_path=BASE.model_path.with_name("absent.gguf"))
    measured = measure_slots(server_or_skip(), absent, requests, slot_counts=(2,), rounds=4)
    assert len(measured) == 2
    rows = slot_rows(measured)
    assert [(each.answers, each.aggregate_tps, each.recommended) for each in rows] == [(0, None, False)] * 2
    assert all(each.failure and each.reason == each.failure for each in rows)


def test_a_backend_without_slots_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="no slots"):
        measure_slots(LlamaCppBackend(), BASE, requests, rounds=1)
    with pytest.raises(ValueError, match="at least one slot"):
        measure_slots(LlamaCppBackend(), BASE, requests, slot_counts=(0,))


def test_more_slots_are_taken_for_throughput_only() -> None:
    assert chosen([row(1, 100), row(2, 180), row(4, 200), row(8, 206)]) == 4
    assert chosen([row(1, 100), row(2, 99), row(4, 90)]) == 1


def test_a_wait_beyond_the_bound_is_not_recommended() -> None:
    rows = recommend([row(1, 100), row(4, 250, 300), row(8, 400, 500)])
    assert [each.recommended for each in rows] == [False, True, False]
    assert "p95 of latency is 500 ms, at most 400 ms" in rows[2].reason
    assert "60% below the best" in rows[0].reason


def test_what_was_not_measured_is_not_recommended() -> None:
    rows = recommend([row(1, 100, None), row(2, 200, failed_answers=1), row(4, None, failure="no memory")])
    assert not any(each.recommended for each in rows)
    assert "too few" in rows[0].reason
    assert "1 of 97 answers failed" in rows[1].reason
    assert rows[2].reason == "no memory"
    assert recommend([]) == []


@given(st.lists(st.tuples(st.floats(1, 1e4), st.floats(1, 800), st.sampled_from([0, 0, 0, 2])), min_size=1, max_size=7))
def test_the_recommended_is_the_smallest_good_one(figures: list[tuple[float, float, int]]) -> None:
    rows = [row(2**place, tps, p95, failed_answers=failed) for place, (tps, p95, failed) in enumerate(figures)]
    allowed = [each for each in rows if (each.latency_p95_ms or 0) <= 400 and not each.failed_answers]
    found = chosen(rows)
    assert (found is None) == (not allowed)
    if allowed:
        best = max(each.aggregate_tps or 0 for each in allowed)
        good = [each.slots for each in allowed if (each.aggregate_tps or 0) >= (1 - TOLERANCE_RATIO) * best]
        assert found == min(good)
