"""Event files and documents of the workload studies: a row a line, a row a task, and each trap of theirs."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history.content import Content, Place
from epyc_assets.history.formats import format_named
from epyc_assets.history.workload import WorkloadEvent, _event, _plain_event, recognises_events
from epyc_assets_tests.history.conftest import files_of, imported
from epyc_assets_tests.history.faults import as_bytes, check, damaged_bytes, damaged_value, nested, values

FOLDER = "benchmarks/root_workload/ab_tuning/study_1"
PLAIN = {
    "timestamp": "2030-01-02T03:04:05.000006+01:00",
    "task_id": "rye_001",
    "task_class": "baking",
    "optimization_id": "0.7",
    "environment": "oven",
    "arm": "B",
    "quality_mode": "proxy",
    "quality_pass": True,
    "cost": 1.5,
    "latency_s": 20.25,
    "manual_intervention": False,
    "quality_review_required": True,
}
LIVE = {key: value for key, value in PLAIN.items() if key not in ("timestamp", "optimization_id")} | {
    "meta": {"usage": {"output_tokens": 7}, "routed_model": "small"}
}
ROUTED = {
    "task_id": "rye_002",
    "routed_model": "small",
    "final_model": "large",
    "tier": 2,
    "timeout": False,
    "error": None,
    "escalations": 1,
    "classified_as": "easy",
    "latency_s": 3.0,
}
TASK = {
    "task_id": "rye_001",
    "task_class": "baking",
    "input_payload": "Bake.",
    "quality_rubric_id": "crust",
    "expected_artifact_type": "loaf",
    "source": "oven.yaml",
    "source_key": "rye",
    "expected": "brown",
    "tier": 2,
    "scoring_method": "taste",
}
MANIFEST = {
    "schema_version": 1,
    "created_at": "2030-01-02T00:00:00+00:00",
    "optimization_id": "0.7",
    "seed": 12,
    "tasks_per_arm": 1,
    "workload_pack_path": "packs/loaves.json",
    "workload_pack_version": "loaves-v1",
    "selected_tasks": [TASK],
    "selected_task_ids": ["rye_001"],
    "required_environments": ["oven"],
    "required_arms": ["A", "B"],
}
ARM = {
    "total_tasks": 4,
    "quality_pass_rate": 0.75,
    "cost_per_task": 1.5,
    "p95_task_latency": 9.5,
    "manual_intervention_rate": 0.0,
}
SUMMARY = {"environment": "oven", "A": ARM, "B": ARM, "deltas": {"delta_quality": 0.25, "delta_crust": 1}}
OVERRIDE = {"__bundle__": {"quality": 0.02, "cost": -0.6, "latency": -0.1, "manual": -0.2}}
DECISION = {"optimization_id": "0.7", "decision": "keep", "reasons": ["cheaper"], "score": 3}
DOCUMENTS: dict[str, Any] = {
    "workload_manifest": MANIFEST,
    "workload_summary": SUMMARY,
    "workload_override": OVERRIDE,
    "workload_decision": DECISION,
}
NAMES = {
    "workload_manifest": f"{FOLDER}/manifest_seed_12.json",
    "workload_summary": f"{FOLDER}/summary_oven.json",
    "workload_override": f"{FOLDER}/oven/trial_0052/effect_overrides.json",
    "workload_decision": f"{FOLDER}/decision.json",
    "workload_events": f"{FOLDER}/events_B.ndjson",
}


def lines(*events: Any) -> bytes:
    """An event file."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def events_of(data: bytes) -> list[WorkloadEvent]:
    """The rows of an event file, which must be recognised as one wherever it lies."""
    name, result = imported(data, "somewhere/else.txt")
    assert name == "workload_events"
    return [row for row in result.rows if isinstance(row, WorkloadEvent)]


def test_an_event_of_the_usual_schema_fills_its_columns() -> None:
    (row,) = events_of(lines(PLAIN))
    assert (row.line, row.task_id, row.task_class, row.arm, row.environment) == (1, "rye_001", "baking", "B", "oven")
    assert row.timestamp == datetime.fromisoformat("2030-01-02T02:04:05.000006")  # UTC
    assert (row.cost, row.latency_s, row.quality_pass, row.quality_review_required) == (1.5, 20.25, True, True)
    assert (row.manual_intervention, row.quality_mode, row.optimization_id, row.extra) == (False, "proxy", "0.7", None)


def test_events_of_other_schemas_keep_their_own_fields() -> None:
    live, routed = events_of(lines(LIVE, ROUTED))
    assert (live.timestamp, live.optimization_id, live.routed_model) == (None, None, None)
    assert json.loads(live.meta or "") == LIVE["meta"]
    assert (routed.routed_model, routed.final_model, routed.tier) == ("small", "large", "2")
    assert (routed.is_timeout, routed.error, routed.escalations, routed.classified_as) == (False, None, "1", "easy")
    assert (routed.cost, routed.quality_pass, routed.extra) == (None, None, None)


def test_a_value_of_another_type_stays_in_extra_and_is_not_zero() -> None:
    (row,) = events_of(lines({**PLAIN, "cost": "free", "quality_pass": "yes", "crust": [1]}))
    assert (row.cost, row.quality_pass, row.latency_s) == (None, None, 20.25)
    assert json.loads(row.extra or "") == {"cost": "free", "quality_pass": "yes", "crust": [1]}


def test_a_broken_line_costs_only_itself() -> None:
    data = lines(PLAIN) + b'{"task_id": "rye\n\n[1]\n' + lines(PLAIN)
    _, result = imported(data, NAMES["workload_events"])
    assert [row.line for row in result.rows if isinstance(row, WorkloadEvent)] == [1, 5]
    assert [(reject.location, reject.raw_text) for reject in result.rejects] == [
        ("line 2", '{"task_id": "rye'),
        ("line 4", "[1]"),
    ]
    assert (result.status, result.records, result.main_rows, result.rejected_records) == ("ok", 4, 2, 2)


def test_a_file_that_ends_inside_an_event_is_truncated() -> None:
    data = lines(PLAIN, PLAIN)[:-30]
    _, result = imported(data, NAMES["workload_events"])
    assert (result.status, result.main_rows, result.rejected_records) == ("truncated", 1, 1)
    assert result.error == "ends in the middle of line 2"


def test_an_event_file_is_told_by_its_contents() -> None:
    assert recognises_events(Content(b"{broken\n" + lines(PLAIN)), Place("a.txt"))
    assert not recognises_events(Content(json.dumps({"tasks": [TASK, PLAIN]}, indent=1).encode()), Place("a.ndjson"))
    assert not recognises_events(Content(lines({"task_id": 1, "name": "x"})), Place("a.ndjson"))
    assert recognises_events(Content(lines({"name": "x"})), Place(NAMES["workload_events"]))


@given(st.fixed_dictionaries({key: st.just(value) | values for key, value in PLAIN.items()}))
@settings(max_examples=300)
def test_the_fast_way_and_the_general_way_give_the_same_row(event: dict[str, Any]) -> None:
    fast = _plain_event(event, 1, 1)
    assert fast is None or fast == _event(event, 1, 1)


def test_usual_events_take_the_fast_way() -> None:
    assert _plain_event(PLAIN, 1, 1) is not None


def test_a_manifest_is_a_row_and_its_tasks_are_rows() -> None:
    name, result = imported(as_bytes({**MANIFEST, "note": "x"}), NAMES["workload_manifest"])
    rows: list[Any] = result.rows
    task, manifest = rows
    assert (name, result.records, result.flags) == ("workload_manifest", 1, [])
    assert (task.task_id, task.input_payload, task.tier, task.expected, task.extra) == (
        ("rye_001", "Bake.", 2, "brown", None)
    )
    assert (manifest.kind, manifest.seed, manifest.task_count, manifest.optimization_id) == ("manifest", 12, 1, "0.7")
    assert json.loads(manifest.extra) == {"note": "x"}


def test_a_manifest_whose_name_has_another_seed_is_flagged() -> None:
    _, result = imported(as_bytes({**MANIFEST, "seed": 13}), NAMES["workload_manifest"])
    assert result.flags == ["seed_mismatch"]


def test_a_pack_is_a_list_of_tasks_too() -> None:
    name, result = imported(as_bytes({"version": "v1", "tasks": [TASK, "rye", TASK]}), "pack.json")
    assert (name, result.main_rows, result.rejected_records) == ("workload_manifest", 2, 1)
    rows: list[Any] = result.rows
    assert [row.ordinal for row in rows[:2]] == [1, 3]
    assert rows[-1].kind == "pack"
    assert [(each.location, each.raw_text) for each in result.rejects] == [("tasks/1", '"rye"')]


def test_a_summary_is_a_row_an_arm_and_its_differences() -> None:
    name, result = imported(as_bytes(SUMMARY), NAMES["workload_summary"])
    rows: list[Any] = result.rows
    first, second, delta = rows
    assert (name, result.main_rows, first.arm, second.arm) == ("workload_summary", 2, "A", "B")
    assert (first.environment, first.total_tasks, first.quality_pass_rate, first.extra) == ("oven", 4, 0.75, None)
    assert (delta.delta_quality, delta.delta_cost, delta.extra) == (0.25, None, None)
    assert json.loads(delta.delta_extra) == {"delta_crust": 1}


def test_overrides_know_their_trial_by_the_folder() -> None:
    name, result = imported(as_bytes(OVERRIDE), NAMES["workload_override"])
    rows: list[Any] = result.rows
    (row,) = rows
    assert (name, row.optimization_id, row.trial, row.cost, row.manual) == (
        ("workload_override", "__bundle__", 52, -0.6, -0.2)
    )


def test_a_decision_is_a_row() -> None:
    name, result = imported(as_bytes(DECISION), NAMES["workload_decision"])
    rows: list[Any] = result.rows
    (row,) = rows
    assert (name, row.decision, row.reason, json.loads(row.reasons)) == ("workload_decision", "keep", None, ["cheaper"])
    assert json.loads(row.extra) == {"score": 3}


@pytest.mark.parametrize("format_name", NAMES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_damage_makes_an_importer_raise_or_miscount(format_name: str, data: st.DataObject) -> None:
    whole = as_bytes(DOCUMENTS[format_name]) if format_name in DOCUMENTS else lines(PLAIN, LIVE, ROUTED)
    check(format_named(format_name), data.draw(damaged_bytes(whole)), NAMES[format_name])
    changed = data.draw(damaged_value(DOCUMENTS.get(format_name, PLAIN)))
    check(format_named(format_name), as_bytes(changed) + b"\n", NAMES[format_name])


@pytest.mark.parametrize("format_name", NAMES)
@pytest.mark.parametrize("depth", [300, 900, 990, 100_000])
def test_deep_nesting_is_a_reject_or_kept(format_name: str, depth: int) -> None:
    whole = as_bytes(DOCUMENTS.get(format_name, PLAIN))
    for deep in (whole[:-1] + b', "deep": ' + nested(depth) + b"}\n", nested(depth)):
        result = check(format_named(format_name), deep, NAMES[format_name])
        assert result.rejects or result.main_rows


def test_every_event_of_the_record_can_be_told_back_from_its_row(record: Path) -> None:
    renamed = {"is_timeout": "timeout"}
    for path, file in files_of(record, "benchmarks/root_workload/**/*.ndjson"):
        text = file.read_text()
        name, result = imported(text, path)
        assert (name, result.status, result.rejects) == ("workload_events", "ok", [])
        originals = [json.loads(line) for line in text.splitlines() if line.strip()]
        assert len(result.rows) == len(originals)
        for row, original in zip(result.rows, originals, strict=True):
            assert isinstance(row, WorkloadEvent)
            told: dict[str, Any] = json.loads(row.extra or "{}")
            for column in (each.name for each in dataclasses.fields(row)):
                value = getattr(row, column)
                if value is None or column in ("source_file_id", "line", "extra"):
                    continue
                told[renamed.get(column, column)] = json.loads(value) if column in ("meta", "escalations") else value
            if row.timestamp is not None:
                told["timestamp"] = row.timestamp.isoformat(timespec="microseconds") + "+00:00"
            assert told == original


def test_every_document_of_the_record_is_recognised(record: Path) -> None:
    kinds = {"manifest": "workload_manifest", "summary": "workload_summary", "effect_overrides": "workload_override"}
    for path, file in files_of(record, "benchmarks/root_workload/**/*.json"):
        wanted = [kind for start, kind in kinds.items() if file.name.startswith(start)]
        name, result = imported(file.read_bytes(), path)
        assert not wanted or [name] == wanted
        if name == "workload_manifest":
            assert result.main_rows == len(json.loads(file.read_text())["selected_tasks"])
        if wanted:
            assert {getattr(row, "extra", None) for row in result.rows} == {None}
