"""Measurements of servers: sweeps, time-outs, first tokens, summaries in five shapes, validations step by step."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history import concurrency, serving, tool_validation
from epyc_assets.history.content import Content, Place
from epyc_assets.history.formats import Format, format_named
from epyc_assets.history.rows import Imported
from epyc_assets_tests.history.conftest import files_of, imported
from epyc_assets_tests.history.faults import as_bytes, check, damaged_bytes, damaged_value, nested

PATH = "benchmarks/results/eval/some.file"
OURS: tuple[Format, ...] = concurrency.FORMATS + serving.FORMATS + tool_validation.FORMATS

HEADER = (
    "timestamp,port,role,current_np,concurrency,np_warning,per_tps_mean,per_tps_stdev,agg_tps,p50_latency_ms,"
    "p95_latency_ms,ttft_baseline_ms,prompt_tokens,n_predict,success_count,total_count,error_rate\n"
)
POINT = "2026-01-01T10:00:00.5,9000,porter,1,2,True,10.50,0.25,21.00,2000.5,3000.5,400.0,100,64,9,10,0.1000\n"
SWEEP = (HEADER + POINT + POINT.replace("porter,1,2,True", "porter,1,1,False")).encode()
LOG = """\
[2026-01-01 10:00:00] Output directory: somewhere
[2026-01-01 10:00:00] STEP START: look
---- look ----
fine

[2026-01-01 10:00:05] STEP PASS: look
between
[2026-01-01 10:00:05] STEP START: fall(HARD=1)
down
[2026-01-01 10:00:09] STEP FAIL(124): fall(HARD=1)
[2026-01-01 10:00:09] Stopping.
[2026-01-01 12:00:00] Output directory: somewhere
[2026-01-01 12:00:00] STEP START: look
waiting
"""
FILES: dict[str, Any] = {
    "concurrency_summary": {
        "created_at": "2026-01-01T10:00:00",
        "csv_path": "a/b.csv",
        "args": {"n_predict": 64},
        "recommendations": [
            {
                "role": "porter",
                "status": "ok",
                "recommended_concurrency": 2,
                "baseline_concurrency": 1,
                "baseline_agg_tps": 10.0,
                "recommended_agg_tps": 21.0,
                "agg_gain_pct": 110.0,
                "recommended_p95_ms": 3000.5,
                "baseline_p95_ms": 2000.5,
                "recommended_error_rate": 0.0,
                "rejected_candidates": [{"concurrency": 3}],
            }
        ],
    },
    "timeout_calibration": {
        "timestamp": "2026-01-01T10:00:00",
        "args": {"timeout": 600},
        "results": [
            {
                "success": True,
                "elapsed_seconds": 200.5,
                "tokens_generated": 512,
                "generation_ms": 199000.5,
                "prompt_eval_ms": 0,
                "answer_preview": "Sev",
                "suite": "sums",
                "question_id": "q1",
                "role": "porter",
                "current_timeout": 180,
            },
            {"success": False, "elapsed_seconds": 10.0, "role": "sage", "current_timeout": 180, "error": "refused"},
        ],
        "recommendations": {"sums": 420},
    },
    "ttft_comparison": [
        {
            "case": "listing",
            "json_chars": 100,
            "toon_chars": 40,
            "json_tokens": 25,
            "toon_tokens": 10,
            "token_reduction_pct": 60.0,
            "json_ttft_s": 0.5,
            "toon_ttft_s": 0,
        }
    ],
    "summarization": {
        "model": "Small-7B",
        "server": "http://localhost:1",
        "elapsed_sec": 10.0,
        "tokens": 50,
        "tokens_per_sec": 5.0,
        "summary_length": 5,
        "summary": "Brief",
    },
    "draft_discovery": {
        "timestamp": "20260101_100000",
        "mode": "full",
        "pairs_tested": 9,
        "viable_pairs": 0,
        "results": [],
    },
    "orchestrator_probe": {
        "answer": "Seven",
        "turns": 1,
        "tokens_used": 0,
        "elapsed_seconds": 2.5,
        "mock_mode": False,
        "real_mode": True,
        "routed_to": "porter",
        "role_history": ["porter"],
        "mode": "direct",
        "tokens_generated": 0,
        "predicted_tps": 0.0,
        "error_code": None,
    },
}
BYTES = {name: as_bytes(value) for name, value in FILES.items()} | {
    "concurrency_sweep": SWEEP,
    "tool_validation_log": LOG.encode(),
}


def read(data: bytes, expected_format: str) -> Imported:
    """The import of a file, after it was recognised as that format."""
    name, result = imported(data, PATH)
    assert name == expected_format
    return result


def of(result: Imported, table: str) -> list[Any]:
    """Rows of one table."""
    return [row for row in result.rows if row.table == table]


@pytest.mark.parametrize("name", BYTES)
def test_the_small_files_are_told_by_content_and_read_without_a_reject(name: str) -> None:
    for path in (PATH, "other/run.log", "other/x.json"):
        assert imported(BYTES[name], path)[0] == name
    result = check(format_named(name), BYTES[name], PATH)
    assert (result.status, result.rejects) == ("ok", [])
    assert result.main_rows


def test_a_sweep_is_a_row_for_each_number_of_requests() -> None:
    first, second = of(read(SWEEP, "concurrency_sweep"), "concurrency_point")
    assert (first.role, first.port, first.server_slots, first.concurrency, first.exceeds_slots) == (
        "porter",
        9000,
        1,
        2,
        True,
    )
    assert (first.agg_tps, first.per_tps_mean, first.error_rate, first.success_count) == (21.0, 10.5, 0.1, 9)
    assert (first.line, second.line, second.exceeds_slots) == (2, 3, False)
    assert (first.extra, first.quality_flags) == (None, ())


def test_a_sweep_of_only_a_header_is_empty() -> None:
    result = read(HEADER.encode(), "concurrency_sweep")
    assert (result.status, result.records, result.rejects) == ("empty", 0, [])


def test_a_sweep_of_millions_of_rows_is_not_taken_for_one() -> None:
    rows = concurrency.LARGEST_BYTES // len(POINT)
    assert imported((HEADER + POINT * (rows - 10)).encode(), PATH)[0] == "concurrency_sweep"
    assert not concurrency.recognises_sweep(Content((HEADER + POINT * (rows + 10)).encode()), Place(PATH))


def test_a_sweep_keeps_what_it_cannot_read() -> None:
    ragged = POINT.replace("64,9,10", "64,9,10,11")
    words = POINT.replace("21.00", "many").replace(",64,", ",,").replace("True", "perhaps")
    nameless = POINT.replace("porter", "")
    result = read((HEADER + ragged + words + nameless + POINT[:40]).encode(), "concurrency_sweep")
    (row,) = of(result, "concurrency_point")
    assert (row.agg_tps, row.n_predict, row.exceeds_slots, row.quality_flags) == (
        None,
        None,
        None,
        ("unreadable_cell",),
    )
    assert json.loads(row.extra) == {"agg_tps": "many", "n_predict": "", "np_warning": "perhaps"}
    assert [reject.location for reject in result.rejects] == ["line 2", "line 4", "line 5"]
    assert result.rejects[0].raw_text + "\n" == ragged


def test_a_column_that_is_there_twice_makes_its_rows_rejects() -> None:
    doubled = SWEEP.replace(b"n_predict,", b"n_predict,agg_tps,").replace(b",64,", b",64,5,")
    result = read(doubled, "concurrency_sweep")
    assert (result.status, result.main_rows, result.rejected_records) == ("unreadable", 0, 2)


def test_recommendations_say_what_they_compare_with() -> None:
    result = read(BYTES["concurrency_summary"], "concurrency_summary")
    (row,) = of(result, "concurrency_recommendation")
    assert (row.role, row.recommended_concurrency, row.baseline_agg_tps, row.agg_gain_pct) == ("porter", 2, 10.0, 110.0)
    assert json.loads(row.rejected_candidates) == [{"concurrency": 3}]
    (sweep,) = of(result, "concurrency_sweep")
    assert (sweep.csv_path, json.loads(sweep.args)) == ("a/b.csv", {"n_predict": 64})
    without = read(as_bytes({**FILES["concurrency_summary"], "recommendations": []}), "concurrency_summary")
    assert (without.records, len(of(without, "concurrency_sweep"))) == (0, 1)


def test_time_outs_that_were_too_short_are_flagged() -> None:
    result = read(BYTES["timeout_calibration"], "timeout_calibration")
    slow, failed = of(result, "timeout_calibration")
    assert (slow.elapsed_s, slow.current_timeout_s, slow.quality_flags) == (200.5, 180.0, ("exceeds_current_timeout",))
    assert (slow.prompt_eval_ms, slow.tokens_generated) == (None, 512)
    assert (failed.succeeded, failed.suite, failed.quality_flags) == (False, None, ())
    assert json.loads(failed.extra) == {"error": "refused"}
    assert [(row.suite, row.timeout_s) for row in of(result, "timeout_recommendation")] == [("sums", 420.0)]
    odd = {**FILES["timeout_calibration"], "recommendations": {"sums": "long", "tales": 3}}
    result = read(as_bytes(odd), "timeout_calibration")
    assert [reject.location for reject in result.rejects] == ["recommendations/sums"]
    assert result.main_rows == 2


def test_a_first_token_that_was_not_measured_is_null() -> None:
    (row,) = of(read(BYTES["ttft_comparison"], "ttft_comparison"), "ttft_comparison")
    assert (row.case_name, row.json_ttft_s, row.toon_ttft_s) == ("listing", 0.5, None)
    assert json.loads(row.extra) == {"toon_ttft_s": 0}


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({}, {"summary": "Brief", "summary_raw": None, "is_thinking_disabled": None}),
        ({"architecture": "7B"}, {"architecture": "7B", "summary": "Brief"}),
        ({"summary": None, "summary_raw": "Brief"}, {"summary": None, "summary_raw": "Brief"}),
        ({"summary_raw": "Brief", "thinking_disabled": True}, {"is_thinking_disabled": True}),
        (
            {"summary_raw": "Brief and more", "summary_usable": "Brief", "notes": "Ran on"},
            {"summary_usable": "Brief", "notes": "Ran on"},
        ),
    ],
)
def test_each_shape_of_summary_fills_its_columns(changes: dict[str, Any], columns: dict[str, Any]) -> None:
    result = read(as_bytes({**FILES["summarization"], **changes}), "summarization")
    (row,) = of(result, "summarization_run")
    assert {name: getattr(row, name) for name in columns} == columns
    assert (row.tps, row.tokens, row.quality_flags, row.extra) == (5.0, 50, (), None)


def test_a_summary_that_contradicts_itself_is_flagged() -> None:
    odd = {**FILES["summarization"], "tokens_per_sec": 6.0, "summary_length": 4}
    (row,) = of(read(as_bytes(odd), "summarization"), "summarization_run")
    assert row.quality_flags == ("tps_contradicts_time", "length_mismatch")
    assert (row.tps, row.summary_characters) == (6.0, 4)


def test_a_search_that_found_nothing_is_a_row() -> None:
    (row,) = of(read(BYTES["draft_discovery"], "draft_discovery"), "draft_discovery")
    assert (row.run_id, row.pairs_tested, row.viable_pairs, row.results) == ("20260101_100000", 9, 0, "[]")


def test_a_probe_keeps_what_has_no_column() -> None:
    (row,) = of(read(BYTES["orchestrator_probe"], "orchestrator_probe"), "orchestrator_probe")
    assert (row.routed_to, row.elapsed_s, row.tokens_generated, row.predicted_tps) == ("porter", 2.5, None, None)
    assert json.loads(row.extra) == {"tokens_used": 0, "mock_mode": False, "tokens_generated": 0, "predicted_tps": 0.0}


def test_a_validation_is_its_steps_with_what_they_printed() -> None:
    result = read(BYTES["tool_validation_log"], "tool_validation_log")
    look, fall, again = of(result, "tool_validation_step")
    assert (look.step, look.passed, look.exit_code, look.output) == ("look", True, None, "---- look ----\nfine\n")
    assert (look.ended_at - look.started_at).total_seconds() == 5
    assert (fall.step, fall.passed, fall.exit_code, fall.output) == ("fall(HARD=1)", False, 124, "down")
    assert (again.step, again.passed, again.ended_at, again.quality_flags) == ("look", None, None, ("unfinished",))
    (whole,) = of(result, "tool_validation")
    assert (whole.n_steps, whole.n_passed, whole.n_failed, whole.n_unfinished) == (3, 1, 1, 1)
    assert whole.other_lines.count("Output directory") == 2
    assert "between" in whole.other_lines


def test_an_end_without_a_start_is_a_step_of_its_own() -> None:
    data = LOG.replace("[2026-01-01 10:00:00] STEP START: look\n", "").encode()
    first = of(read(data, "tool_validation_log"), "tool_validation_step")[0]
    assert (first.step, first.started_at, first.passed, first.quality_flags) == ("look", None, True, ("no_start",))


def test_a_step_with_an_impossible_time_is_not_one() -> None:
    data = LOG.replace("[2026-01-01 10:00:05] STEP START", "[2026-99-01 10:00:05] STEP START").encode()
    result = read(data, "tool_validation_log")
    assert [row.quality_flags for row in of(result, "tool_validation_step")] == [(), ("no_start",), ("unfinished",)]
    assert "2026-99-01" in of(result, "tool_validation")[0].other_lines


@given(data=damaged_bytes(LOG.encode()))
@settings(max_examples=100, deadline=None)
def test_no_line_of_a_damaged_log_is_lost(data: bytes) -> None:
    found = format_named("tool_validation_log")
    result = check(found, data, PATH)
    if result.status == "ok":
        log = found.read(Content(data))
        kept = len(log.others) + sum(
            len(step.output) + bool(step.started) + (step.end is not None) for step in log.steps
        )
        text = Content(data).text.replace("\r\n", "\n").replace("\r", "\n")
        assert kept == text.count("\n") + 1


@pytest.mark.parametrize("found", OURS, ids=lambda each: each.name)
@given(chance=st.data())
@settings(max_examples=60, deadline=None)
def test_no_damage_raises(found: Format, chance: st.DataObject) -> None:
    check(found, chance.draw(damaged_bytes(BYTES[found.name]) | st.binary(max_size=100)), PATH)
    if found.name in FILES:
        check(found, as_bytes(chance.draw(damaged_value(FILES[found.name]))), PATH)


@pytest.mark.parametrize("found", [each for each in OURS if each.name in FILES], ids=lambda each: each.name)
def test_nesting_too_deep_and_wrong_tops_are_rejects(found: Format) -> None:
    for data in (b"4", b'"text"', b"null", b"", b"{", nested(50_000)):
        result = check(found, data, PATH)
        assert (result.status, len(result.rejects), result.rows) == ("unreadable", 1, [])


def test_the_real_sweeps_and_summaries_are_all_there(record: Path) -> None:
    n_rows = 0
    for path, file in files_of(record, "benchmarks/results/eval/concurrent_sweep_*.csv"):
        name, result = imported(file.read_bytes(), path)
        raw = list(csv.DictReader(file.read_text().splitlines()))
        assert name == "concurrency_sweep"
        assert [row.agg_tps for row in of(result, "concurrency_point")] == [float(each["agg_tps"]) for each in raw]
        assert all(row.extra is None for row in of(result, "concurrency_point"))
        n_rows += len(raw)
    assert n_rows
    summaries = list(files_of(record, "benchmarks/results/summarization/*.json"))
    assert summaries
    for path, file in summaries:
        name, result = imported(file.read_bytes(), path)
        (row,) = of(result, "summarization_run")
        raw = json.loads(file.read_text())
        assert (name, row.tps, row.summary, row.extra) == (
            "summarization",
            raw["tokens_per_sec"],
            raw.get("summary"),
            None,
        )


def test_the_real_logs_of_validations_are_taken_apart(record: Path) -> None:
    logs = list(files_of(record, "benchmarks/results/eval/perf_parallel_tools_validation_*/run.log"))
    assert logs
    for path, file in logs:
        name, result = imported(file.read_bytes(), path)
        assert name == "tool_validation_log"
        assert result.records == file.read_text().count("] STEP START: ")
        assert all("no_start" not in row.quality_flags for row in of(result, "tool_validation_step"))
