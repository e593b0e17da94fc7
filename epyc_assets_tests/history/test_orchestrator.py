"""The orchestrator's comparisons, runs, tests, policy and seeding: told apart by keys, unmeasured zeros are NULL."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history import orchestrator, orchestrator_bench, seeding
from epyc_assets.history.formats import Format, format_named
from epyc_assets.history.rows import Imported
from epyc_assets_tests.history.conftest import files_of, imported
from epyc_assets_tests.history.faults import as_bytes, check, damaged_bytes, damaged_value, nested

PATH = "benchmarks/results/orchestrator/some.json"
OURS: tuple[Format, ...] = orchestrator.FORMATS + orchestrator_bench.FORMATS + seeding.FORMATS


def compared(prompt_id: str = "t1_q1", **changes: Any) -> dict[str, Any]:
    """One prompt of a comparison, as the first version wrote it; no direct run was made."""
    return {
        "prompt_id": prompt_id,
        "suite": "sums",
        "tier": 1,
        "direct_answer": "",
        "direct_latency_ms": 0,
        "direct_score": None,
        "orchestrator_answer": "Seven",
        "orchestrator_latency_ms": 1500.5,
        "orchestrator_turns": 2,
        "orchestrator_routed_to": "porter",
        "quality_match": True,
        "speedup": 0.0,
    } | changes


def comparison(*results: Any, **changes: Any) -> dict[str, Any]:
    """A comparison file."""
    return {
        "suite": "sums",
        "prompts_compared": len(results),
        "avg_speedup": 0,
        "avg_orchestrator_latency_ms": 1500.5,
        "avg_turns": 2.0,
        "quality_pass_rate": 100.0,
        "quality_errors": 0,
        "routing_distribution": {"porter": len(results)},
        "results": list(results),
        "timestamp": "2026-01-01T10:00:00",
    } | changes


RUN = {
    "run_id": "20260101_100000",
    "timestamp": "2026-01-01T11:00:00",
    "args": {"phase": [2], "dry_run": False},
    "phases": [
        {"phase": 1, "name": "Smoke", "passed": True, "details": {"a": 1}, "duration_s": 12.5, "error": None},
        {
            "phase": 2,
            "name": "Bench",
            "passed": False,
            "details": {},
            "duration_s": 0.0,
            "error": "interrupted by user",
        },
    ],
    "summary": {"total_phases": 2, "passed": 1, "failed": 1, "total_duration_s": 12.5, "mood": "low"},
}
BENCH = {
    "t1_paths": {
        "suite": "t1_paths",
        "total": 2,
        "passed": 1,
        "failed": 1,
        "pass_rate": 0.5,
        "avg_latency_ms": 120.5,
        "avg_turns": 1.5,
        "tests": [
            {
                "test_id": "t1_look",
                "suite": "t1_x",
                "passed": True,
                "turns": 1,
                "latency_ms": 120,
                "functions_called": ["look"],
                "escalation_triggered": False,
                "escalation_to": None,
                "final_called": True,
                "error": None,
                "response_preview": "seen",
                "criteria_results": {"max_turns": {"passed": True}},
            },
            {"test_id": "t1_fall", "passed": False, "error": "fell"},
        ],
    },
    "t2_hand_over": {"suite": "t2_hand_over", "total": 1, "tests": [{"test_id": "t1_look", "passed": True}]},
}
POLICY = {
    "timestamp": "2026-01-01T10:00:00",
    "routing_table": {
        "sums": {"best_action": "porter:direct", "best_q": 0.9, "frontdoor_q": 0.7, "n": 12},
        "tales": {"best_role": "sage", "q_value": 0.5},
    },
    "n_memories": 40,
}
SEEDING = {
    "config": {"suites": ["sums"], "roles": ["porter", "sage"], "sample_size": 2, "seed": 7, "dry_run": False},
    "results": [
        {
            "suite": "sums",
            "question_id": "q1",
            "prompt": "Three and four?",
            "expected": "7",
            "role_results": {
                "porter": {"role": "porter", "answer": "7", "passed": True, "elapsed_seconds": 2.0, "error": None},
                "sage": {"role": "sage", "answer": "", "passed": False, "elapsed_seconds": 120.1, "error": "timed out"},
            },
            "rewards": {"porter": 1.0, "sage": -0.5},
        }
    ],
    "timestamp": "2026-01-01T10:00:00",
}
FILES = {
    "orchestrator_comparison": comparison(compared()),
    "orchestrator_run": RUN,
    "orchestrator_bench": BENCH,
    "orchestrator_policy": POLICY,
    "seeding": SEEDING,
}


def read(value: Any, expected_format: str) -> Imported:
    """The import of a JSON value, after it was recognised as that format."""
    name, result = imported(as_bytes(value), PATH)
    assert name == expected_format
    return result


def of(result: Imported, table: str) -> list[Any]:
    """Rows of one table."""
    return [row for row in result.rows if row.table == table]


@pytest.mark.parametrize("name", FILES)
def test_formats_are_told_apart_by_keys_wherever_the_file_lies(name: str) -> None:
    for path in (PATH, "somewhere/else.txt", "benchmarks/results/orchestrator/run_1.json"):
        for data in (as_bytes(FILES[name]), json.dumps(FILES[name], indent=2).encode()):
            assert imported(data, path)[0] == name


@pytest.mark.parametrize("name", FILES)
def test_the_small_files_are_read_without_a_reject(name: str) -> None:
    result = check(format_named(name), as_bytes(FILES[name]), PATH)
    assert (result.status, result.rejects) == ("ok", [])


def test_a_speedup_without_a_direct_run_is_null_and_the_raw_zero_stays() -> None:
    with_direct = compared("t1_q2", direct_latency_ms=3001.0, speedup=2.0)
    result = read(comparison(compared(), with_direct), "orchestrator_comparison")
    without, measured = of(result, "orchestrator_comparison")
    assert (without.speedup, without.speedup_raw, without.direct_latency_ms) == (None, 0.0, None)
    assert "no_direct_run" in without.quality_flags
    assert json.loads(without.extra) == {"direct_latency_ms": 0}
    assert (measured.speedup, measured.speedup_raw, measured.direct_latency_ms) == (2.0, 2.0, 3001.0)
    assert measured.quality_flags == ()


def test_the_mean_speedup_counts_only_if_a_direct_run_was_made() -> None:
    (none,) = of(read(comparison(compared()), "orchestrator_comparison"), "orchestrator_comparison_file")
    assert (none.avg_speedup, none.avg_speedup_raw) == (None, 0.0)
    direct = comparison(compared(direct_latency_ms=3.0, speedup=1.5), avg_speedup=1.5)
    (some,) = of(read(direct, "orchestrator_comparison"), "orchestrator_comparison_file")
    assert (some.avg_speedup, some.avg_speedup_raw) == (1.5, 1.5)


def test_both_generations_of_comparisons_fill_the_same_columns() -> None:
    later = compared("t1_q2", tokens_generated=40, server_elapsed_s=2.0, avg_tps=20.0, tools_used=0, debug_score=False)
    del later["quality_match"]
    file = comparison(compared(), later, avg_tps=20.0, debug_accuracy=50.0, total_tools_used=0, empty_answers=1)
    del file["quality_pass_rate"]
    result = read(file, "orchestrator_comparison")
    first, second = of(result, "orchestrator_comparison")
    assert (first.avg_tps, first.tokens_generated, first.debug_score, first.quality_match) == (None, None, None, True)
    assert (second.avg_tps, second.tokens_generated, second.debug_score, second.quality_match) == (
        20.0,
        40,
        False,
        None,
    )
    assert (second.tools_used, second.routed_to, second.orchestrator_turns) == (0, "porter", 2)
    (whole,) = of(result, "orchestrator_comparison_file")
    assert (whole.avg_tps, whole.debug_accuracy_pct, whole.quality_pass_rate_pct) == (20.0, 50.0, None)
    assert (whole.empty_answers, whole.extra, whole.quality_flags) == (1, None, ())


def test_a_prompt_that_was_not_answered_has_no_latency() -> None:
    silent = compared(
        orchestrator_latency_ms=0, orchestrator_turns=0, orchestrator_answer="", avg_tps=0, tokens_generated=0
    )
    (row,) = of(read(comparison(silent), "orchestrator_comparison"), "orchestrator_comparison")
    assert (row.orchestrator_latency_ms, row.orchestrator_turns, row.avg_tps, row.tokens_generated) == (None,) * 4
    assert row.quality_flags == ("no_direct_run", "not_answered")
    kept = {"orchestrator_latency_ms", "orchestrator_turns", "avg_tps", "tokens_generated", "direct_latency_ms"}
    assert set(json.loads(row.extra)) == kept


def test_a_backend_error_in_an_answer_is_flagged() -> None:
    (row,) = of(
        read(comparison(compared(orchestrator_answer="{'a': '[ERROR: none']}")), "orchestrator_comparison"),
        "orchestrator_comparison",
    )
    assert "error_text" in row.quality_flags


def test_a_wrong_count_is_flagged_and_odd_results_are_rejects() -> None:
    result = read(comparison(compared(), "lost", {"suite": "sums"}, prompts_compared=9), "orchestrator_comparison")
    (whole,) = of(result, "orchestrator_comparison_file")
    assert (whole.prompts_compared, whole.quality_flags) == (9, ("count_mismatch",))
    assert [(each.location, each.reason) for each in result.rejects] == [
        ("results/1", "text where an object should be"),
        ("results/2", "no prompt_id"),
    ]
    assert (result.records, result.main_rows, result.rejected_records, result.status) == (3, 1, 2, "ok")


def test_an_interrupted_phase_took_no_time_and_says_nothing() -> None:
    result = read(RUN, "orchestrator_run")
    done, stopped = of(result, "orchestrator_phase")
    assert (done.duration_s, done.passed, done.quality_flags) == (12.5, True, ())
    assert (stopped.duration_s, stopped.error, stopped.quality_flags) == (None, "interrupted by user", ("interrupted",))
    (run,) = of(result, "orchestrator_run")
    assert (run.run_id, run.total_phases, run.passed_phases, run.quality_flags) == (
        "20260101_100000",
        2,
        1,
        ("interrupted",),
    )
    assert json.loads(run.summary_extra) == {"mood": "low"}


def test_bench_tests_keep_their_tier() -> None:
    result = read(BENCH, "orchestrator_bench")
    tests = of(result, "orchestrator_bench_test")
    assert [(row.tier, row.tier_ordinal, row.ordinal, row.test_id) for row in tests] == [
        ("t1_paths", 0, 0, "t1_look"),
        ("t1_paths", 0, 1, "t1_fall"),
        ("t2_hand_over", 1, 0, "t1_look"),
    ]
    assert json.loads(tests[0].functions_called) == ["look"]
    assert [(row.total, row.pass_rate) for row in of(result, "orchestrator_bench")] == [(2, 0.5), (1, None)]
    broken = read({**BENCH, "t3": "none"}, "orchestrator_bench")
    assert [each.location for each in broken.rejects] == ["t3"]
    assert (broken.records, broken.main_rows) == (4, 3)


def test_a_policy_is_read_under_either_spelling() -> None:
    result = read(POLICY, "orchestrator_policy")
    assert [
        (row.suite, row.best_action, row.best_q, row.frontdoor_q) for row in of(result, "orchestrator_policy_entry")
    ] == [
        ("sums", "porter:direct", 0.9, 0.7),
        ("tales", "sage", 0.5, None),
    ]
    (whole,) = of(result, "orchestrator_policy")
    assert (whole.n_entries, json.loads(whole.extra)) == (2, {"n_memories": 40})
    other = {"per_suite": POLICY["routing_table"]}
    assert {row.section for row in of(read(other, "orchestrator_policy"), "orchestrator_policy_entry")} == {"per_suite"}


def test_seeding_has_outcomes_without_modes() -> None:
    result = read(SEEDING, "seeding")
    porter, sage = of(result, "seeding_outcome")
    assert (porter.role_mode, porter.role, porter.mode, porter.passed, porter.error_type) == (
        "porter",
        "porter",
        None,
        True,
        None,
    )
    assert (sage.quality_flags, sage.error) == (("infra_error",), "timed out")
    assert {row.action: row.value for row in of(result, "seeding_reward")} == {"porter": 1.0, "sage": -0.5}
    (run,) = of(result, "seeding_run")
    assert (run.seed, run.sample_size, run.is_dry_run, run.modes) == (7, 2, False, None)
    assert json.loads(run.config) == SEEDING["config"]


def test_seeding_without_results_is_a_run_without_questions() -> None:
    result = read({**SEEDING, "results": []}, "seeding")
    assert (result.records, result.status, len(of(result, "seeding_run"))) == (0, "ok", 1)


def test_the_same_question_seeded_twice_is_two_askings() -> None:
    result = read({**SEEDING, "results": SEEDING["results"] * 2}, "seeding")
    assert len({row.rq_pk for row in of(result, "seeding_question")}) == 2


@pytest.mark.parametrize("found", OURS, ids=lambda each: each.name)
@given(chance=st.data())
@settings(max_examples=60, deadline=None)
def test_no_damage_raises(found: Format, chance: st.DataObject) -> None:
    whole = FILES[found.name]
    check(found, chance.draw(damaged_bytes(as_bytes(whole)) | st.binary(max_size=100)), PATH)
    check(found, as_bytes(chance.draw(damaged_value(whole))), PATH)


@pytest.mark.parametrize("found", OURS, ids=lambda each: each.name)
def test_nesting_too_deep_and_wrong_tops_are_rejects(found: Format) -> None:
    for data in (nested(50_000), b"[]", b"4", b'"text"', b"null", b"", b"{"):
        result = check(found, data, PATH)
        assert (result.status, len(result.rejects), result.rows) == ("unreadable", 1, [])
    whole = as_bytes(FILES[found.name])
    for depth in (800, 990, 20_000):
        deep = whole[:-1] + b', "deep": ' + nested(depth) + b"}"
        result = check(found, deep, PATH)
        assert result.rejects or '"deep"' in "".join(getattr(row, "extra", None) or "" for row in result.rows)


def test_the_real_comparisons_are_all_there(record: Path) -> None:
    rows: Counter[str] = Counter()
    n_results = 0
    for path, file in files_of(record, "benchmarks/results/orchestrator/*.json"):
        name, result = imported(file.read_bytes(), path)
        assert result.rejects == []
        rows.update(row.table for row in result.rows)
        document = json.loads(file.read_text())
        if "prompts_compared" in document:
            assert name == "orchestrator_comparison"
            n_results += len(document["results"])
            for row, raw in zip(of(result, "orchestrator_comparison"), document["results"], strict=True):
                assert row.speedup_raw == raw["speedup"]
                assert row.speedup == (raw["speedup"] if raw["direct_latency_ms"] else None)
                assert row.orchestrator_answer == raw["orchestrator_answer"]
    assert rows["orchestrator_comparison"] == n_results > 0


def test_the_real_seeding_keeps_every_outcome(record: Path) -> None:
    n_files = 0
    for path, file in files_of(record, "benchmarks/results/orchestrator/seeding*.json"):
        name, result = imported(file.read_bytes(), path)
        assert name == "seeding"
        raw = json.loads(file.read_text())["results"]
        assert len(of(result, "seeding_question")) == len(raw)
        assert len(of(result, "seeding_outcome")) == sum(len(each["role_results"]) for each in raw)
        assert len(of(result, "seeding_reward")) == sum(len(each["rewards"]) for each in raw)
        n_files += 1
    assert n_files
