"""Importer of the JSON documents beside the workload studies: task lists, summaries, decisions, overrides.

Here: the documents whose fields are known. Not here: event files (workload), or run indexes and study summaries, which
module document keeps whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, clean_text
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import Harvest, Record, from_document, ordinal_of, read_document, records_of
from epyc_assets.history.rows import Row

_OVERRIDE_KEYS = frozenset(("quality", "cost", "latency", "manual"))
_TRIAL = re.compile(r"trial_(\d{1,9})")
_SEED = re.compile(r"_seed_(\d{1,9})$")


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


@from_document(dict)
def rows_manifest(value: Any, harvest: Harvest) -> None:
    """A record is a task; one that is no object is a reject."""
    fields = Fields(value)
    task_key = _task_key(value) or "tasks"
    tasks = fields.items(task_key)
    key = harvest.place.source_file_id
    harvest.take(records_of(task_key, tasks), lambda record, entry: [_task(entry, key, ordinal_of(record) + 1)])
    seed = fields.integer("seed")
    harvest.imported.rows.append(
        WorkloadManifest(
            source_file_id=key,
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
    named = _SEED.search(harvest.place.stem)
    if named is not None and seed is not None and int(named[1]) != seed:
        harvest.imported.flags.append("seed_mismatch")


@from_document(dict)
def rows_summary(value: Any, harvest: Harvest) -> None:
    """A record is an arm; `deltas` is the comparison of the two, and what else there is belongs to it."""
    fields = Fields(value)
    key = harvest.place.source_file_id
    environment = fields.text("environment")
    arms = _arms(value)

    def arm_row(record: Record, entry: Mapping[str, Any]) -> list[Row]:
        ordinal = ordinal_of(record)
        arm = Fields(entry)
        fields.mapping(arms[ordinal])
        return [
            WorkloadSummary(
                source_file_id=key,
                ordinal=ordinal + 1,
                arm=clean_text(arms[ordinal]),
                environment=environment,
                total_tasks=arm.integer("total_tasks"),
                quality_pass_rate=arm.number("quality_pass_rate"),
                cost_per_task=arm.number("cost_per_task"),
                p95_task_latency_s=arm.number("p95_task_latency"),
                manual_intervention_rate=arm.number("manual_intervention_rate"),
                extra=arm.rest(),
            )
        ]

    harvest.take(records_of("arms", [value[arm] for arm in arms]), arm_row)
    deltas = Fields(fields.mapping("deltas"))
    harvest.imported.rows.append(
        WorkloadDelta(
            source_file_id=key,
            environment=environment,
            delta_quality=deltas.number("delta_quality"),
            delta_cost=deltas.number("delta_cost"),
            delta_latency=deltas.number("delta_latency"),
            delta_manual_intervention=deltas.number("delta_manual_intervention"),
            delta_extra=deltas.rest(),
            extra=fields.rest(),
        )
    )


@from_document(dict)
def rows_override(value: Any, harvest: Harvest) -> None:
    """A record is an optimization."""
    place = harvest.place
    trials = [int(match[1]) for part in place.parts if (match := _TRIAL.fullmatch(part))]
    names = list(value)

    def override_row(record: Record, entry: Mapping[str, Any]) -> list[Row]:
        fields = Fields(entry)
        ordinal = ordinal_of(record)
        return [
            WorkloadOverride(
                source_file_id=place.source_file_id,
                ordinal=ordinal + 1,
                optimization_id=clean_text(names[ordinal]),
                trial=trials[-1] if trials else None,
                quality=fields.number("quality"),
                cost=fields.number("cost"),
                latency=fields.number("latency"),
                manual=fields.number("manual"),
                extra=fields.rest(),
            )
        ]

    harvest.take(records_of("optimizations", value.values()), override_row)


@from_document(dict)
def rows_decision(value: Any, harvest: Harvest) -> None:
    """A file is one record."""

    def decision_row(record: Record, entry: Mapping[str, Any]) -> list[Row]:
        del record
        fields = Fields(entry)
        return [
            WorkloadDecision(
                source_file_id=harvest.place.source_file_id,
                optimization_id=fields.text("optimization_id"),
                environment=fields.text("environment"),
                decision=fields.text("decision"),
                reason=fields.text("reason"),
                reasons=fields.json("reasons"),
                decided_at=fields.time("timestamp") or fields.time("created_at"),
                extra=fields.rest(),
            )
        ]

    harvest.take([Record("whole file", value)], decision_row)


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


def _task(entry: Mapping[str, Any], source_file_id: int, ordinal: int) -> WorkloadTask:
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
