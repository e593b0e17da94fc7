"""The rule for time limits: what it never does, and cases worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.experiments.timeouts import (
    ALL_SUITES,
    Calibration,
    Latency,
    TimeoutRule,
    calibration,
    calibrations,
    latencies_by_suite,
    rounded_up_s,
)


def answer(seconds: float, tps: float | None = 10.0, ttft_ms: float = 500.0, max_tokens: int = 101) -> Latency:
    return Latency("ok", seconds * 1000, ttft_ms, tps, max_tokens)


TIMEOUT = Latency("timeout", 30_010.0, None, None, 101)
POSITIVE = st.floats(0.01, 1e4, allow_nan=False)
ANSWERS = st.lists(st.builds(answer, POSITIVE, POSITIVE, POSITIVE, st.integers(2, 5000)), min_size=1, max_size=30)


def found(latencies: list[Latency], present_s: float = 30.0, rule: TimeoutRule | None = None) -> Calibration:
    return calibration("math", latencies, present_s, rule or TimeoutRule())


def test_a_case_by_hand() -> None:
    # 0.5 s to the first token, then 100 tokens at 10 per second: 10.5 s, with the margin 15.75 s.
    row = found([answer(3.0), answer(4.0, tps=20.0)])
    assert (row.slow_generation_tps, row.slow_ttft_ms, row.slow_end) == (10.0, 500.0, "worst of 2")
    assert row.needed_s == pytest.approx(10.5)
    assert row.recommended_s == 20.0
    assert (row.flag, row.cut_answers, row.slowest_s) == ("fits", 0, 4.0)


def test_the_slow_end_is_a_percentile_only_with_the_samples_for_it() -> None:
    few = [answer(1.0, tps=100.0)] * 457 + [answer(1.0, tps=1.0)]
    assert (found(few).slow_generation_tps, found(few).slow_end) == (1.0, "worst of 458")
    enough = [answer(1.0, tps=100.0), *few]
    assert (found(enough).slow_generation_tps, found(enough).slow_end) == (100.0, "p99")


@given(ANSWERS, POSITIVE)
def test_never_below_the_slowest_answer_nor_below_what_full_length_needs(
    latencies: list[Latency], present_s: float
) -> None:
    row = found(latencies, present_s)
    assert row.recommended_s is not None
    assert row.slowest_s is not None
    assert row.needed_s is not None
    assert row.recommended_s >= row.slowest_s
    assert row.recommended_s >= TimeoutRule().margin_ratio * row.needed_s
    assert row.cut_answers == sum(each.total_ms > present_s * 1000 for each in latencies if each.total_ms)


@given(ANSWERS, st.floats(1, 100))
def test_a_slower_machine_never_gets_a_shorter_limit(latencies: list[Latency], times: float) -> None:
    slower = [
        Latency("ok", each.total_ms * times, each.ttft_ms * times, each.generation_tps / times, each.max_tokens)  # type: ignore[operator]
        for each in latencies
    ]
    assert found(slower).recommended_s >= found(latencies).recommended_s  # type: ignore[operator]


@given(ANSWERS)
def test_the_recommended_limit_would_be_called_right(latencies: list[Latency]) -> None:
    first = found(latencies)
    assert first.recommended_s is not None
    assert found(latencies, first.recommended_s).flag == "fits"


@given(st.floats(0.001, 1e6))
def test_rounding_goes_up_and_not_far(seconds: float) -> None:
    rounded = rounded_up_s(seconds)
    assert rounded >= seconds
    assert rounded - seconds <= max(1.0, 60.0 if seconds > 600 else seconds)
    assert rounded == int(rounded)
    assert rounded_up_s(rounded) == rounded


def test_each_flag_has_its_case() -> None:
    fine = [answer(3.0)]
    assert found(fine, 5.0).flag == "too_short"
    assert "10.5 s" in found(fine, 5.0).reason
    seen = found([answer(40.0, tps=1000.0)], 30.0)
    assert (seen.flag, seen.cut_answers) == ("too_short", 1)
    assert found(fine, 3600.0).flag == "wasteful"
    assert found([answer(0.1, tps=1e4, ttft_ms=1.0)], 30.0).flag == "fits", "thirty times too long, but only seconds"
    hung = found([*fine, TIMEOUT])
    assert (hung.flag, hung.timed_out, hung.cut_answers, hung.answers) == ("timed_out", 1, 1, 1)
    assert hung.recommended_s == found(fine).recommended_s, "a hang is no latency"


def test_what_was_not_measured_is_not_made_up() -> None:
    row = found([TIMEOUT, TIMEOUT])
    assert (row.flag, row.recommended_s, row.needed_s, row.slow_end) == ("unknown", None, None, None)
    assert "2 timed out" in row.reason
    assert found([answer(1.0, tps=None)]).flag == "unknown"
    with pytest.raises(ValueError, match="no generations"):
        found([])


def test_a_model_gets_the_limit_of_the_suite_that_takes_longest() -> None:
    rows = calibrations({"short": [answer(1.0)], "long": [answer(1.0, max_tokens=2001)], "empty": []}, 30.0)
    by_suite = {row.suite: row for row in rows}
    assert list(by_suite) == ["short", "long", ALL_SUITES]
    whole = by_suite[ALL_SUITES]
    assert whole.recommended_s == by_suite["long"].recommended_s == 330.0
    assert (whole.answers, whole.flag) == (2, "too_short")
    assert whole.reason.startswith("suite long takes longest")
    assert calibrations({}, 30.0) == []


@given(st.dictionaries(st.sampled_from("abc"), ANSWERS, min_size=1))
def test_all_together_is_enough_for_every_suite(by_suite: dict[str, list[Latency]]) -> None:
    *rows, whole = calibrations(by_suite, 30.0)
    assert whole.recommended_s == max(row.recommended_s or math.nan for row in rows)
    assert whole.answers == sum(row.answers for row in rows)


def test_rows_are_grouped_by_suite() -> None:
    values = {"status": "ok", "total_ms": 1.0, "ttft_ms": 1.0, "generation_tps": 1.0, "max_tokens": 5}
    grouped = latencies_by_suite([{"suite": suite, **values, "more": 1} for suite in ("b", "a", "b")])
    assert {suite: len(rows) for suite, rows in grouped.items()} == {"b": 2, "a": 1}
    assert replace(grouped["a"][0], status="timeout") == Latency("timeout", 1.0, 1.0, 1.0, 5)
