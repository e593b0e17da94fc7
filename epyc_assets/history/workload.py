"""Importer of the A/B and tuning studies of root_workload.

Here: their ndjson event files, of six schemas. Not here: the JSON documents beside them (workload_documents).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history import workload_documents
from epyc_assets.history.content import Content, Fault, Place
from epyc_assets.history.fields import Fields, Json, clean_text, moment_of
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import kind_of
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


@dataclass(frozen=True, slots=True)
class EventLines:
    """Each line that is not blank: number, text, and its JSON value or a Fault. is_ended: the last has its line end."""

    lines: list[tuple[int, str, Any]]
    is_ended: bool


def read_events(content: Content) -> EventLines:
    """The lines of an event file."""
    return EventLines(content.json_lines, content.data.endswith((b"\n", b"\r")))


def rows_events(events: EventLines, place: Place) -> Imported:
    """A row per line; a line that is no JSON object is a reject."""
    lines = events.lines
    imported = Imported(records=len(lines))
    key = place.source_file_id
    rows: list[Row] = []
    for number, line, value in lines:
        if isinstance(value, dict):
            try:
                rows.append(_plain_event(value, key, number) or _event(value, key, number))
                continue
            except RecursionError:
                reason = "nested too deeply to be kept"
        else:
            reason = value.message if isinstance(value, Fault) else f"{kind_of(value)} where an event should be"
        imported.rejects.append(Reject(place.path, f"line {number}", reason, line))
    imported.rows = rows
    imported.main_rows = len(rows)
    imported.rejected_records = len(lines) - len(rows)
    if not lines:
        imported.status = "empty"
    elif not rows:
        imported.status, imported.error = "unreadable", f"none of its {len(lines)} lines could be read"
    elif isinstance(lines[-1][2], Fault) and not events.is_ended:
        imported.status, imported.error = "truncated", f"ends in the middle of line {lines[-1][0]}"
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


FORMATS: tuple[Format, ...] = (
    Format(
        name="workload_events",
        family="workload",
        version=1,
        tables=(WorkloadEvent,),
        recognises=recognises_events,
        read=read_events,
        rows=rows_events,
    ),
    *workload_documents.FORMATS,
)
