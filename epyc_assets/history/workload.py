"""Importer of the A/B and tuning studies of root_workload: events, task lists, summaries, decisions, overrides.

Here: ndjson event files of six schemas, and the JSON documents beside them whose fields are known. Not here: run
indexes and study summaries, which module document keeps whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Fault, Place
from epyc_assets.history.fields import Fields, Json, as_json, clean_text, moment_of
from epyc_assets.history.formats import Format
from epyc_assets.history.rows import Imported, Reject, Row

_PLAIN_KEYS = frozenset(
    (
        *("arm", "cost", "environment", "latency_s", "manual_intervention", "optimization_id", "quality_mode"),
        *("quality_pass", "quality_review_required", "task_class", "task_id", "timestamp"),
    )
)
_ROUTED_KEYS = frozenset(("routed_model", "tier", "timeout", "error", "escalations", "final_model", "classified_as"))
_TELLING_KEYS = frozenset(("task_id", "routed_model"))
_FEWEST_EVENT_KEYS = 3
_HEAD_BYTES = 100_000
_OVERRIDE_KEYS = frozenset(("quality", "cost", "latency", "manual"))
_TRIAL = re.compile(r"trial_(\d{1,9})")
_SEED = re.compile(r"_seed_(\d{1,9})$")
_RAW_TEXT_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadEvent(Row):
    """One task done in one arm of a study: a line of an event file."""

    table: ClassVar[str] = "workload_event"

    line: int
    timestamp: datetime | None
    optimization_id: str | None
    environment: str | None
    arm: str | None
    task_id: str | None
    task_class: str | None
    quality_mode: str | None
    quality_pass: bool | None
    quality_review_required: bool | None
    manual_intervention: bool | None
    cost: float | None
    latency_s: float | None
    routed_model: str | None
    final_model: str | None
    classified_as: str | None
    tier: str | None
    is_timeout: bool | None
    error: str | None
    escalations: Json | None
    meta: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadManifest(Row):
    """One list of tasks: the manifest of a study, or a workload pack."""

    table: ClassVar[str] = "workload_manifest"

    kind: str
    optimization_id: str | None
    seed: int | None
    schema_version: int | None
    created_at: datetime | None
    tasks_per_arm: int | None
    workload_pack_path: str | None
    workload_pack_version: str | None
    task_count: int
    selected_task_ids: Json | None
    required_environments: Json | None
    required_arms: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadTask(Row):
    """One task of a list."""

    table: ClassVar[str] = "workload_task"

    ordinal: int
    task_id: str | None
    task_class: str | None
    input_payload: str | None
    quality_rubric_id: str | None
    expected_artifact_type: str | None
    source: str | None
    source_key: str | None
    expected: str | None
    tier: int | None
    scoring_method: str | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSummary(Row):
    """One arm of a study's summary."""

    table: ClassVar[str] = "workload_summary"

    ordinal: int
    arm: str
    environment: str | None
    total_tasks: int | None
    quality_pass_rate: float | None
    cost_per_task: float | None
    p95_task_latency_s: float | None
    manual_intervention_rate: float | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadDelta(Row):
    """The differences between the two arms of a summary, as it states them."""

    table: ClassVar[str] = "workload_delta"

    environment: str | None
    delta_quality: float | None
    delta_cost: float | None
    delta_latency: float | None
    delta_manual_intervention: float | None
    delta_extra: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadDecision(Row):
    """One decision about an optimization."""

    table: ClassVar[str] = "workload_decision"

    optimization_id: str | None
    environment: str | None
    decision: str | None
    reason: str | None
    reasons: Json | None
    decided_at: datetime | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadOverride(Row):
    """The effects that one trial of a study assumed for one optimization."""

    table: ClassVar[str] = "workload_override"

    ordinal: int
    optimization_id: str
    trial: int | None
    quality: float | None
    cost: float | None
    latency: float | None
    manual: float | None
    extra: Json | None


# Event files


def recognises_events(content: Content, place: Place) -> bool:
    """JSON Lines whose first whole object has at least three of an event's fields, one of them telling; beside the
    studies, any ndjson file of objects."""
    is_named = place.name.endswith(".ndjson") and "root_workload" in place.parts
    head = content.data[:_HEAD_BYTES]
    if not is_named and b'"task_id"' not in head and b'"routed_model"' not in head:
        return False
    whole = content.json  # of JSON Lines, no more than the first line is read
    first = content.first_json_line if isinstance(whole, Fault) else whole
    return isinstance(first, dict) and (is_named or _is_event(first))


def read_events(content: Content) -> list[tuple[int, str, Any]]:
    """Each line that is not blank: number, text, and its JSON value or a Fault."""
    return content.json_lines


def rows_events(lines: list[tuple[int, str, Any]], place: Place) -> Imported:
    """A row per line; a line that is no JSON object is a reject."""
    imported = Imported(records=len(lines))
    key = place.source_file_id
    rows: list[Row] = []
    for number, line, value in lines:
        if not isinstance(value, dict):
            reason = value.message if isinstance(value, Fault) else "an event is an object"
            imported.rejects.append(Reject(place.path, f"line {number}", reason, line))
            continue
        rows.append(_plain_event(value, key, number) or _event(value, key, number))
    imported.rows = rows
    imported.main_rows = len(rows)
    imported.rejected_records = len(lines) - len(rows)
    return imported


def _is_event(value: Mapping[str, Any]) -> bool:
    known = len(_PLAIN_KEYS.intersection(value)) + len(_ROUTED_KEYS.intersection(value))
    return known >= _FEWEST_EVENT_KEYS and not _TELLING_KEYS.isdisjoint(value)


def _plain_event(value: dict[str, Any], source_file_id: int, line: int) -> WorkloadEvent | None:
    """The row of an event of the usual schema, where every field has its usual type: 93,184 of 95,382 events take this
    way, which is twice as fast as the general one. None for any other."""
    if value.keys() != _PLAIN_KEYS:
        return None
    cost, latency_s = value["cost"], value["latency_s"]
    quality_pass, review, manual = (
        value["quality_pass"],
        value["quality_review_required"],
        value["manual_intervention"],
    )
    texts = (value["optimization_id"], value["environment"], value["arm"], value["task_id"], value["task_class"])
    mode, timestamp = value["quality_mode"], moment_of(value["timestamp"])
    if not (
        type(cost) is float
        and type(latency_s) is float
        and type(quality_pass) is type(review) is type(manual) is bool
        and type(mode) is str
        and all(map(_is_plain_text, texts))
        and timestamp is not None
        and cost - cost == latency_s - latency_s == 0.0  # finite
    ):
        return None
    return WorkloadEvent(
        source_file_id=source_file_id,
        line=line,
        timestamp=timestamp,
        optimization_id=texts[0],
        environment=texts[1],
        arm=texts[2],
        task_id=texts[3],
        task_class=texts[4],
        quality_mode=clean_text(mode),
        quality_pass=quality_pass,
        quality_review_required=review,
        manual_intervention=manual,
        cost=cost,
        latency_s=latency_s,
        routed_model=None,
        final_model=None,
        classified_as=None,
        tier=None,
        is_timeout=None,
        error=None,
        escalations=None,
        meta=None,
        extra=None,
    )


def _is_plain_text(value: object) -> bool:
    return isinstance(value, str) and value.isascii()


def _event(value: dict[str, Any], source_file_id: int, line: int) -> WorkloadEvent:
    fields = Fields(value)
    tier = fields.text("tier")
    if tier is None and (number := fields.integer("tier")) is not None:
        tier = str(number)
    return WorkloadEvent(
        source_file_id=source_file_id,
        line=line,
        timestamp=fields.time("timestamp"),
        optimization_id=fields.text("optimization_id"),
        environment=fields.text("environment"),
        arm=fields.text("arm"),
        task_id=fields.text("task_id"),
        task_class=fields.text("task_class"),
        quality_mode=fields.text("quality_mode"),
        quality_pass=fields.flag("quality_pass"),
        quality_review_required=fields.flag("quality_review_required"),
        manual_intervention=fields.flag("manual_intervention"),
        cost=fields.number("cost"),
        latency_s=fields.number("latency_s"),
        routed_model=fields.text("routed_model"),
        final_model=fields.text("final_model"),
        classified_as=fields.text("classified_as"),
        tier=tier,
        is_timeout=fields.flag("timeout"),
        error=fields.text("error"),
        escalations=fields.json("escalations"),
        meta=fields.json("meta"),
        extra=fields.rest(),
    )


# JSON documents


def read_document(content: Content) -> Any:
    """The file's JSON value, or a Fault."""
    return content.json


def recognises_manifest(content: Content, place: Place) -> bool:
    """A JSON object with a list of tasks that have an id and a payload."""
    del place
    if not _may_be(content, b'"input_payload"', b'"task_id"'):
        return False
    value = content.json
    return isinstance(value, dict) and _task_key(value) is not None


def recognises_summary(content: Content, place: Place) -> bool:
    """A JSON object of arms, each with a rate of passes."""
    del place
    if not _may_be(content, b'"quality_pass_rate"', b'"total_tasks"'):
        return False
    value = content.json
    return isinstance(value, dict) and bool(_arms(value))


def recognises_override(content: Content, place: Place) -> bool:
    """A JSON object of objects that have nothing but assumed effects."""
    del place
    if not _may_be(content, b'"manual"', b'"quality"'):
        return False
    value = content.json
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(each, dict) and each.keys() == _OVERRIDE_KEYS for each in value.values())
    )


def recognises_decision(content: Content, place: Place) -> bool:
    """A JSON object with a decision about a workload's optimization."""
    if not _may_be(content, b'"decision"'):
        return False
    value = content.json
    return (
        isinstance(value, dict)
        and isinstance(value.get("decision"), str)
        and ("optimization_id" in value or "root_workload" in place.parts)
    )


def rows_manifest(value: Any, place: Place) -> Imported:
    """A record is a task; one that is no object is a reject."""
    imported = Imported()
    fields = Fields(value)
    task_key = _task_key(value) or "tasks"
    tasks = fields.items(task_key)
    imported.records = len(tasks)
    for ordinal, entry in enumerate(tasks, start=1):
        if isinstance(entry, dict):
            imported.rows.append(_task(entry, place.source_file_id, ordinal))
        else:
            raw = as_json(entry)[:_RAW_TEXT_CHARACTERS]
            imported.rejects.append(Reject(place.path, f"{task_key}/{ordinal - 1}", "a task is an object", raw))
    imported.main_rows = len(imported.rows)
    imported.rejected_records = imported.records - imported.main_rows
    seed = fields.integer("seed")
    imported.rows.append(
        WorkloadManifest(
            source_file_id=place.source_file_id,
            kind="manifest" if task_key == "selected_tasks" else "pack",
            optimization_id=fields.text("optimization_id"),
            seed=seed,
            schema_version=fields.integer("schema_version"),
            created_at=fields.time("created_at"),
            tasks_per_arm=fields.integer("tasks_per_arm"),
            workload_pack_path=fields.text("workload_pack_path"),
            workload_pack_version=fields.text("workload_pack_version"),
            task_count=len(tasks),
            selected_task_ids=fields.json("selected_task_ids"),
            required_environments=fields.json("required_environments"),
            required_arms=fields.json("required_arms"),
            extra=fields.rest(),
        )
    )
    named = _SEED.search(place.stem)
    if named is not None and seed is not None and int(named[1]) != seed:
        imported.flags.append("seed_mismatch")
    return imported


def rows_summary(value: Any, place: Place) -> Imported:
    """A record is an arm."""
    imported = Imported()
    fields = Fields(value)
    environment = fields.text("environment")
    for ordinal, arm in enumerate(_arms(value), start=1):
        record = Fields(fields.mapping(arm))
        imported.rows.append(
            WorkloadSummary(
                source_file_id=place.source_file_id,
                ordinal=ordinal,
                arm=clean_text(arm),
                environment=environment,
                total_tasks=record.integer("total_tasks"),
                quality_pass_rate=record.number("quality_pass_rate"),
                cost_per_task=record.number("cost_per_task"),
                p95_task_latency_s=record.number("p95_task_latency"),
                manual_intervention_rate=record.number("manual_intervention_rate"),
                extra=record.rest(),
            )
        )
    imported.records = imported.main_rows = len(imported.rows)
    deltas = Fields(fields.mapping("deltas"))
    imported.rows.append(
        WorkloadDelta(
            source_file_id=place.source_file_id,
            environment=environment,
            delta_quality=deltas.number("delta_quality"),
            delta_cost=deltas.number("delta_cost"),
            delta_latency=deltas.number("delta_latency"),
            delta_manual_intervention=deltas.number("delta_manual_intervention"),
            delta_extra=deltas.rest(),
            extra=fields.rest(),
        )
    )
    return imported


def rows_override(value: Any, place: Place) -> Imported:
    """A record is an optimization."""
    trials = [int(match[1]) for part in place.parts if (match := _TRIAL.fullmatch(part))]
    imported = Imported()
    for ordinal, (optimization_id, entry) in enumerate(value.items(), start=1):
        fields = Fields(entry)
        imported.rows.append(
            WorkloadOverride(
                source_file_id=place.source_file_id,
                ordinal=ordinal,
                optimization_id=clean_text(optimization_id),
                trial=trials[-1] if trials else None,
                quality=fields.number("quality"),
                cost=fields.number("cost"),
                latency=fields.number("latency"),
                manual=fields.number("manual"),
                extra=fields.rest(),
            )
        )
    imported.records = imported.main_rows = len(imported.rows)
    return imported


def rows_decision(value: Any, place: Place) -> Imported:
    """A file is one record."""
    fields = Fields(value)
    row = WorkloadDecision(
        source_file_id=place.source_file_id,
        optimization_id=fields.text("optimization_id"),
        environment=fields.text("environment"),
        decision=fields.text("decision"),
        reason=fields.text("reason"),
        reasons=fields.json("reasons"),
        decided_at=fields.time("timestamp") or fields.time("created_at"),
        extra=fields.rest(),
    )
    return Imported(rows=[row], records=1, main_rows=1)


def _may_be(content: Content, *words: bytes) -> bool:
    """Whether the bytes are a JSON object with these words in them: cheap, and false for most files."""
    return content.data.lstrip()[:1] == b"{" and all(word in content.data for word in words)


def _task_key(value: Mapping[str, Any]) -> str | None:
    for key in ("selected_tasks", "tasks"):
        tasks = value.get(key)
        if isinstance(tasks, list) and any(
            isinstance(each, dict) and "task_id" in each and "input_payload" in each for each in tasks
        ):
            return key
    return None


def _arms(value: Mapping[str, Any]) -> list[str]:
    return [key for key, each in value.items() if isinstance(each, dict) and "quality_pass_rate" in each]


def _task(entry: dict[str, Any], source_file_id: int, ordinal: int) -> WorkloadTask:
    fields = Fields(entry)
    return WorkloadTask(
        source_file_id=source_file_id,
        ordinal=ordinal,
        task_id=fields.text("task_id"),
        task_class=fields.text("task_class"),
        input_payload=fields.text("input_payload"),
        quality_rubric_id=fields.text("quality_rubric_id"),
        expected_artifact_type=fields.text("expected_artifact_type"),
        source=fields.text("source"),
        source_key=fields.text("source_key"),
        expected=fields.text("expected"),
        tier=fields.integer("tier"),
        scoring_method=fields.text("scoring_method"),
        extra=fields.rest(),
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="workload_events",
        family="workload",
        version=1,
        tables=(WorkloadEvent,),
        recognises=recognises_events,
        read=read_events,
        rows=rows_events,
        by_lines=True,
    ),
    Format(
        name="workload_manifest",
        family="workload",
        version=1,
        tables=(WorkloadTask, WorkloadManifest),
        recognises=recognises_manifest,
        read=read_document,
        rows=rows_manifest,
    ),
    Format(
        name="workload_summary",
        family="workload",
        version=1,
        tables=(WorkloadSummary, WorkloadDelta),
        recognises=recognises_summary,
        read=read_document,
        rows=rows_summary,
    ),
    Format(
        name="workload_override",
        family="workload",
        version=1,
        tables=(WorkloadOverride,),
        recognises=recognises_override,
        read=read_document,
        rows=rows_override,
    ),
    Format(
        name="workload_decision",
        family="workload",
        version=1,
        tables=(WorkloadDecision,),
        recognises=recognises_decision,
        read=read_document,
        rows=rows_decision,
    ),
)
