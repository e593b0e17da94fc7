"""Evaluations of roles: retries, infrastructure errors, zeros that mean nothing was measured, cut lines."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history.fields import Json
from epyc_assets.history.naming import question_pk, role_id, suite_id
from epyc_assets.history.routing_eval import FORMATS, MOST_OUTCOMES, Reward, RoleOutcome, RoutingQuestion, SeenQuestion
from epyc_assets.history.rows import Imported, Row
from epyc_assets_tests.history.conftest import files_of, imported
from epyc_assets_tests.history.faults import as_bytes, check, damaged_bytes, damaged_value

PATH = "benchmarks/results/eval/archive_1/3way_20260101_000000.jsonl"
SEEN = "benchmarks/results/eval/seen_questions.jsonl"
EVAL, SEEN_FORMAT = FORMATS


def outcome(role: str = "porter", mode: str = "direct", **changes: Any) -> dict[str, Any]:
    """One role's result with the fields that every version of the evaluation wrote."""
    return {
        "role": role,
        "mode": mode,
        "answer": "Seven.",
        "passed": True,
        "elapsed_seconds": 2.5,
        "error": None,
        "error_type": "none",
        "tokens_generated": 20,
        "tools_used": 0,
        "tools_called": [],
        "delegation_events": [],
        "tools_success": None,
        "delegation_success": None,
        "routed_to": role,
        "role_history": [role],
        "routing_strategy": "",
        "turns": 0,
        "tokens_used": 0,
        "formalization_applied": False,
        "cache_stats": None,
        "predicted_tps": 10.0,
        "generation_ms": 2000.0,
        "prompt_eval_ms": 0.0,
        "http_overhead_ms": 0.0,
    } | changes


def question(question_id: str = "q1", suite: object = "sums", **changes: Any) -> dict[str, Any]:
    """One line of an evaluation."""
    return {
        "suite": suite,
        "question_id": question_id,
        "prompt": "Three and four?",
        "expected": "7",
        "timestamp": "2026-01-01T02:00:00+01:00",
        "role_results": {"porter:direct": outcome(), "sage:delegated": outcome("sage", "delegated", passed=False)},
        "rewards": {"SELF:direct": 1.0, "ARCHITECT": 0.0},
        "metadata": {"tools_helped": False, "all_infra": False},
        "rewards_injected": 2,
    } | changes


def lines(*records: Any) -> bytes:
    """JSON Lines."""
    return b"".join(as_bytes(each) + b"\n" for each in records)


def read(data: bytes) -> Imported:
    """The evaluation file's import, after it was recognised as one."""
    name, result = imported(data, PATH)
    assert name == "routing_eval"
    return result


def only(result: Imported, kind: type[Row]) -> list[Any]:
    """Rows of one table."""
    return [row for row in result.rows if type(row) is kind]


def extra_of(row: Any) -> dict[str, Any]:
    """The extra column, parsed."""
    found: Json | None = row.extra
    return {} if found is None else json.loads(found)


def test_a_line_becomes_a_question_its_outcomes_and_its_rewards() -> None:
    result = read(lines(question()))
    (asked,) = only(result, RoutingQuestion)
    assert (asked.line, asked.suite, asked.question_id, asked.attempt, asked.is_retry) == (1, "sums", "q1", 1, False)
    assert asked.suite_id == suite_id("sums")
    assert asked.question_pk == question_pk("sums", "q1")
    assert asked.asked_at.isoformat() == "2026-01-01T01:00:00"
    assert (asked.all_infra, asked.rewards_injected, asked.extra) == (False, 2, None)
    assert json.loads(asked.metadata) == question()["metadata"]
    first, second = only(result, RoleOutcome)
    assert (first.role_mode, first.role, first.mode, first.passed) == ("porter:direct", "porter", "direct", True)
    assert (second.role_mode, second.passed, second.role_id) == ("sage:delegated", False, role_id("sage"))
    assert (first.elapsed_s, first.tokens_generated, first.predicted_tps) == (2.5, 20, 10.0)
    assert {getattr(row, "rq_pk", None) for row in result.rows} == {asked.rq_pk}
    assert {row.action: row.value for row in only(result, Reward)} == {"SELF:direct": 1.0, "ARCHITECT": 0.0}


def test_an_infrastructure_error_is_told_from_a_failure() -> None:
    broken = outcome(answer="", passed=False, error="timed out", error_type="infrastructure", tokens_generated=0)
    failed = outcome("sage", passed=False, error="it broke", error_type="task_failure")
    result = read(lines(question(role_results={"a": broken, "b": failed, "c": outcome(passed=False)})))
    flags = {row.role_mode: row.quality_flags for row in only(result, RoleOutcome)}
    assert flags == {"a": ("infra_error",), "b": (), "c": ()}
    assert [row.passed for row in only(result, RoleOutcome)] == [False, False, False]


def test_without_an_error_type_only_known_texts_count_as_infrastructure() -> None:
    def bare(error: str | None) -> dict[str, Any]:
        return {"role": "porter", "answer": "", "passed": False, "elapsed_seconds": 1.0, "error": error}

    errors = {
        "a": "timed out",
        "b": "[Errno 111] Connection refused",
        "c": "no such tool",
        "d": None,
        "e": "timed outside",
    }
    result = read(lines(question(role_results={key: bare(error) for key, error in errors.items()})))
    flags = {row.role_mode: row.quality_flags for row in only(result, RoleOutcome)}
    assert flags == {
        "a": ("infra_error",),
        "b": ("infra_error",),
        "c": ("unclassified_error",),
        "d": (),
        "e": ("unclassified_error",),
    }


def test_zero_where_nothing_was_measured_is_null_and_kept() -> None:
    zeros = dict.fromkeys(("tokens_generated", "turns", "tokens_used"), 0) | dict.fromkeys(
        ("predicted_tps", "generation_ms", "prompt_eval_ms", "http_overhead_ms"), 0.0
    )
    result = read(lines(question(role_results={"porter:direct": outcome(**zeros)})))
    (row,) = only(result, RoleOutcome)
    for column in zeros:
        assert getattr(row, column) is None
        assert extra_of(row)[column] == 0
    assert (row.elapsed_s, row.tools_used) == (2.5, 0)


def test_fields_of_later_versions_are_kept() -> None:
    later = outcome(tap_offset_bytes=12, skill_ids=["a"], cost_dimensions={"tokens": 1.5}, wholly_new=None)
    (row,) = only(read(lines(question(role_results={"porter:direct": later}, hash="ab"))), RoleOutcome)
    kept = extra_of(row)
    assert kept["tap_offset_bytes"] == 12
    assert kept["skill_ids"] == ["a"]
    assert kept["cost_dimensions"] == {"tokens": 1.5}
    assert kept["wholly_new"] is None
    (asked,) = only(read(lines(question(hash="ab"))), RoutingQuestion)
    assert extra_of(asked) == {"hash": "ab"}


def test_a_repeated_question_is_another_asking() -> None:
    retry = {"is_retry": True, "retry_tag": "again", "retry_batch_id": 3}
    result = read(lines(question(), question("q2"), question(metadata=retry), question(suite="other")))
    asked = only(result, RoutingQuestion)
    assert [(row.question_id, row.attempt, row.is_retry) for row in asked] == [
        ("q1", 1, False),
        ("q2", 1, False),
        ("q1", 2, True),
        ("q1", 1, False),
    ]
    assert (asked[2].retry_tag, asked[2].retry_batch_id) == ("again", 3)
    assert len({row.rq_pk for row in asked}) == 4


def test_a_line_cut_in_the_middle_costs_only_itself() -> None:
    whole = lines(question("q1"), question("q2"), question("q3"))
    first, second, third = whole.splitlines(keepends=True)
    middle = read(first + second[:200] + b"\n" + third)
    assert [row.question_id for row in only(middle, RoutingQuestion)] == ["q1", "q3"]
    (reject,) = middle.rejects
    assert (reject.location, reject.raw_text) == ("line 2", second[:200].decode())
    assert (middle.records, middle.main_rows, middle.rejected_records, middle.status) == (3, 2, 1, "ok")
    end = read(first + second + third[:-40])
    assert (end.status, end.main_rows, [each.location for each in end.rejects]) == ("truncated", 2, ["line 3"])


def test_a_file_whose_first_line_is_broken_is_still_an_evaluation() -> None:
    result = read(b'{"suite": "sums", "role_res\n' + lines(question()))
    assert (result.main_rows, result.rejected_records) == (1, 1)


def test_lines_of_the_wrong_shape_are_rejects() -> None:
    nameless = {key: value for key, value in question().items() if key != "question_id"}
    result = read(lines(question(), [1], "text", None, nameless, question(suite=4)))
    assert [reject.location for reject in result.rejects] == [f"line {n}" for n in (2, 3, 4, 5, 6)]
    assert (result.main_rows, result.rejected_records) == (1, 5)
    assert "no suite or no question_id" in {reject.reason for reject in result.rejects}


def test_a_part_of_the_wrong_shape_costs_only_itself() -> None:
    results = {"porter:direct": outcome(), "sage:direct": "crashed"}
    result = read(lines(question(role_results=results, rewards={"A": 1, "B": "much", "C": True})))
    assert [row.role_mode for row in only(result, RoleOutcome)] == ["porter:direct"]
    assert [(row.action, row.value) for row in only(result, Reward)] == [("A", 1.0)]
    assert [reject.location for reject in result.rejects] == [
        "line 1, role_results/sage:direct",
        "line 1, rewards/B",
        "line 1, rewards/C",
    ]
    assert (result.records, result.main_rows, result.rejected_records) == (1, 1, 0)


def test_results_that_are_no_object_are_noted_and_kept() -> None:
    result = read(lines(question(role_results=["porter"]), question("q2", role_results={})))
    first, second = only(result, RoutingQuestion)
    assert extra_of(first) == {"role_results": ["porter"]}
    assert first.quality_flags == second.quality_flags == ("no_outcomes",)
    assert [reject.location for reject in result.rejects] == ["line 1, role_results"]


def test_two_names_that_come_to_one_do_not_make_one_key_twice() -> None:
    text = json.dumps(question()).replace('"porter:direct"', '"\\ud800"').replace('"sage:delegated"', '"\\ud801"')
    result = check(EVAL, text.encode() + b"\n", PATH)
    kept = only(result, RoleOutcome)
    assert len(kept) == 1
    assert [reject.reason for reject in result.rejects] == ["a second outcome of one name"]


def test_cut_texts_and_backend_errors_are_flagged() -> None:
    long = question(
        prompt="p" * 200,
        role_results={
            "a": outcome(answer="x" * 8192),
            "b": outcome(answer="[ERROR: no server]"),
            "c": outcome(passed="yes"),
        },
    )
    result = read(lines(long, question("q2", prompt="p" * 199)))
    assert [row.quality_flags for row in only(result, RoutingQuestion)] == [("prompt_truncated",), ()]
    flags = {row.role_mode: row.quality_flags for row in only(result, RoleOutcome)}
    assert (flags["a"], flags["b"], flags["c"]) == (("answer_truncated",), ("error_answer",), ("no_verdict",))
    assert next(extra_of(row)["passed"] for row in only(result, RoleOutcome) if row.role_mode == "c") == "yes"


def test_texts_longer_than_the_log_keeps_are_flagged() -> None:
    result = read(lines(question(prompt="p" * 201, role_results={"a": outcome(answer="x" * 9000)})))
    assert [row.quality_flags for row in result.rows[:2] if isinstance(row, RoutingQuestion | RoleOutcome)] == [
        ("overlong_text",),
        ("overlong_text",),
    ]


def test_seen_questions_are_told_by_content_and_empty_ones_by_name() -> None:
    data = lines(
        {"prompt_id": "q1", "suite": "sums", "session": "s1", "timestamp": "2026-01-01T00:00:00+00:00"},
        {"prompt_id": "q1", "suite": "sums", "session": "s2", "timestamp": "later", "note": 1},
        {"suite": "sums"},
    )
    for path in (SEEN, SEEN + ".bak_before_reset", "elsewhere/renamed.txt"):
        name, result = imported(data, path)
        assert name == "seen_questions"
        first, second = only(result, SeenQuestion)
        assert (first.prompt_id, first.session, first.line, first.extra) == ("q1", "s1", 1, None)
        assert (second.seen_at, extra_of(second)) == (None, {"timestamp": "later", "note": 1})
        assert [reject.location for reject in result.rejects] == ["line 3"]
    name, result = imported(b"", SEEN)
    assert (name, result.status, result.records, result.rows) == ("seen_questions", "empty", 0, [])


def test_a_question_with_thousands_of_outcomes_is_a_reject() -> None:
    many = {str(n): {} for n in range(MOST_OUTCOMES + 1)}
    result = read(lines(question(role_results=many), question(rewards=dict.fromkeys(many, 1)), question("q2")))
    assert [row.question_id for row in only(result, RoutingQuestion)] == ["q2"]
    assert [reject.reason for reject in result.rejects] == ["more than 1000 outcomes", "more than 1000 rewards"]
    assert (result.records, result.rejected_records) == (3, 2)


WHOLE = lines(question(), question("q2", metadata={"is_retry": True}), question("q3"))
SEEN_WHOLE = lines({"prompt_id": "q1", "suite": "s", "session": "x", "timestamp": "2026-01-01"}, {"prompt_id": "q2"})


@given(data=damaged_bytes(WHOLE) | st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_damage_to_an_evaluation_raises_or_loses_a_line(data: bytes) -> None:
    result = check(EVAL, data, PATH)
    assert result.status != "ok" or result.main_rows


@given(data=damaged_bytes(SEEN_WHOLE) | st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_no_damage_to_seen_questions_raises(data: bytes) -> None:
    check(SEEN_FORMAT, data, SEEN)


@given(records=st.lists(damaged_value(question()), min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_lines_of_any_shape_are_rows_or_rejects(records: list[Any]) -> None:
    result = check(EVAL, lines(*records), PATH)
    assert result.records == len(records)


def test_deep_nesting_is_a_reject() -> None:
    deep = b'{"suite": "s", "question_id": "q", "role_results": {}, "x": ' + b"[" * 900 + b"]" * 900 + b"}\n"
    deeper = deep.replace(b"[" * 900, b"[" * 9000).replace(b"]" * 900, b"]" * 9000)
    result = check(EVAL, deep + deeper + lines(question()), PATH)
    assert result.records == 3
    assert "line 2" in {reject.location for reject in result.rejects}
    assert "q1" in {row.question_id for row in only(result, RoutingQuestion)}


def test_the_real_evaluations_lose_nothing(record: Path) -> None:
    totals: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    for path, file in files_of(record, "benchmarks/results/eval/**/3way_*.jsonl"):
        name, result = imported(file.read_bytes(), path)
        assert (name, result.status, result.rejects) == ("routing_eval", "ok", [])
        totals.update(row.table for row in result.rows)
        totals["infra"] += sum("infra_error" in row.quality_flags for row in only(result, RoleOutcome))
        totals["passed"] += sum(row.passed for row in only(result, RoleOutcome))
        totals["injected"] += sum(row.rewards_injected for row in only(result, RoutingQuestion))
        totals["retries"] += sum(row.is_retry for row in only(result, RoutingQuestion))
        totals["repeats"] += sum(row.attempt > 1 for row in only(result, RoutingQuestion))
        seen: set[tuple[str, str]] = set()
        for text in file.read_text().splitlines():
            raw = json.loads(text)
            expected["routing_question"] += 1
            expected["role_outcome"] += len(raw["role_results"])
            expected["reward"] += len(raw["rewards"])
            expected["infra"] += sum(each["error_type"] == "infrastructure" for each in raw["role_results"].values())
            expected["passed"] += sum(each["passed"] for each in raw["role_results"].values())
            expected["injected"] += raw["rewards_injected"]
            expected["retries"] += bool(raw["metadata"].get("is_retry"))
            expected["repeats"] += (raw["suite"], raw["question_id"]) in seen
            seen.add((raw["suite"], raw["question_id"]))
    assert totals == expected
    assert totals["routing_question"] > 0


def test_the_real_outcomes_can_be_put_together_again(record: Path) -> None:
    renamed = {"elapsed_s": "elapsed_seconds"}
    for path, file in files_of(record, "benchmarks/results/eval/archive_20260211_124549/3way_*.jsonl"):
        _, result = imported(file.read_bytes(), path)
        rows = {(row.rq_pk, row.role_mode): row for row in only(result, RoleOutcome)}
        for asked, text in zip(only(result, RoutingQuestion), file.read_text().splitlines(), strict=True):
            for key, raw in json.loads(text)["role_results"].items():
                row = rows[asked.rq_pk, key]
                again = extra_of(row)
                for field in dataclasses.fields(RoleOutcome):
                    if field.name in ("source_file_id", "rq_pk", "role_mode", "role_id", "quality_flags", "extra"):
                        continue
                    value = getattr(row, field.name)
                    is_json = field.name in ("role_history", "tools_called", "delegation_events")
                    again.setdefault(
                        renamed.get(field.name, field.name), json.loads(value) if is_json and value else value
                    )
                assert again == raw


def test_the_real_seen_questions_are_all_there(record: Path) -> None:
    n_files = 0
    for path, file in files_of(record, "benchmarks/results/eval/**/seen_questions.jsonl*"):
        name, result = imported(file.read_bytes(), path)
        assert name == "seen_questions"
        assert result.main_rows == len(file.read_bytes().splitlines())
        assert result.rejects == []
        assert (result.status == "empty") == (file.stat().st_size == 0)
        n_files += 1
    assert n_files
