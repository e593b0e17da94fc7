"""Validations of parallel tools: the steps that a script went through, and the orchestrator's answers to its probes.

Here: run.log and the chat probes of perf_parallel_tools_validation. Not here: the concurrency sweep it ran
(concurrency), the routing evaluations it ran (routing_eval).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, moment_of
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import Harvest, Record, Unfit, from_document, has_keys, read_document
from epyc_assets.history.naming import role_id
from epyc_assets.history.routing_eval import measured
from epyc_assets.history.rows import Imported, Reject, Row

FAMILY = "serving"

_STEP = re.compile(r"\[([\d :-]{19})\] STEP (START|PASS|FAIL)(?:\((\d{1,9})\))?: (.*)")
_STAMPED = re.compile(r"\[[\d :-]{19}\] ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolValidationStep(Row):
    """One step of a validation, with what it printed."""

    table: ClassVar[str] = "tool_validation_step"

    ordinal: int
    line: int
    step: str
    started_at: datetime | None
    ended_at: datetime | None
    passed: bool | None
    exit_code: int | None
    output: str
    quality_flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolValidation(Row):
    """One validation: the lines of its log that belong to no step."""

    table: ClassVar[str] = "tool_validation"

    n_steps: int
    n_passed: int
    n_failed: int
    n_unfinished: int
    other_lines: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorProbe(Row):
    """One answer of the orchestrator's chat interface to a probe."""

    table: ClassVar[str] = "orchestrator_probe"

    answer: str | None
    mode: str | None
    role_id: int | None
    routed_to: str | None
    role_history: Json | None
    routing_strategy: str | None
    is_real: bool | None
    turns: int | None
    elapsed_s: float | None
    tokens_generated: int | None
    predicted_tps: float | None
    generation_ms: float | None
    prompt_eval_ms: float | None
    http_overhead_ms: float | None
    error_code: Json | None
    error_detail: Json | None
    cheap_first_attempted: bool | None
    cheap_first_passed: bool | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(slots=True)
class Step:
    """One step of a log. line: of its start, from 1. end: None while it goes on."""

    name: str
    line: int
    started: str | None
    end: tuple[str, str, str | None] | None
    output: list[str]


@dataclass(frozen=True, slots=True)
class StepLog:
    """A validation's log taken apart: every line belongs to a step or is in `others`."""

    steps: list[Step]
    others: list[str]


def recognises_log(content: Content, place: Place) -> bool:
    """Text in which a line says that a step starts, passed or failed."""
    del place
    if b"] STEP " not in content.data:
        return False
    return any(_STEP.fullmatch(line) for line in content.lines)


def recognises_probe(content: Content, place: Place) -> bool:
    """An object as the chat interface answers: an answer, who it was routed to, whether it was a mock."""
    del place
    return has_keys(content, "answer", "routed_to", "real_mode", "elapsed_seconds")


def read_log(content: Content) -> StepLog:
    """The steps of a log. An end that belongs to no open step opens and closes one, so that nothing is lost."""
    steps: list[Step] = []
    others: list[str] = []
    current: Step | None = None
    for number, line in enumerate(content.lines, start=1):
        match = _STEP.fullmatch(line)
        if match is None or moment_of(match[1]) is None:
            # Between steps, and where a script was started again, stamped lines speak of the whole validation.
            if current is None or _STAMPED.match(line):
                others.append(line)
            else:
                current.output.append(line)
            continue
        stamp, kind, code, name = match.groups()
        if kind == "START":
            current = Step(name, number, stamp, None, [])
            steps.append(current)
            continue
        if current is None or current.name != name:
            current = Step(name, number, None, None, [])
            steps.append(current)
        current.end = (stamp, kind, code)
        current = None
    return StepLog(steps, others)


def rows_log(log: StepLog, place: Place) -> Imported:
    """Rows of a validation's log; the steps are the records."""
    if not log.steps:
        reason = "no step in it"
        raw_text = "\n".join(log.others)
        return Imported(
            status="unreadable",
            error=reason,
            rejects=[Reject(place.path, "whole file", reason, raw_text)],
            records=1,
            rejected_records=1,
        )
    source = place.source_file_id
    rows: list[Row] = [_step(step, ordinal, source) for ordinal, step in enumerate(log.steps)]
    ends = [step.end[1] if step.end else None for step in log.steps]
    rows.append(
        ToolValidation(
            source_file_id=source,
            n_steps=len(ends),
            n_passed=ends.count("PASS"),
            n_failed=ends.count("FAIL"),
            n_unfinished=ends.count(None),
            other_lines="\n".join(log.others),
        )
    )
    return Imported(rows=rows, records=len(log.steps), main_rows=len(log.steps))


def _step(step: Step, ordinal: int, source: int) -> ToolValidationStep:
    stamp, kind, code = step.end if step.end else (None, None, None)
    flags = []
    if step.end is None:
        flags.append("unfinished")
    if step.started is None:
        flags.append("no_start")
    return ToolValidationStep(
        source_file_id=source,
        ordinal=ordinal,
        line=step.line,
        step=step.name,
        started_at=moment_of(step.started),
        ended_at=moment_of(stamp),
        passed=None if kind is None else kind == "PASS",
        exit_code=None if code is None else int(code),
        output="\n".join(step.output),
        quality_flags=tuple(flags),
    )


@from_document(dict)
def rows_probe(document: Mapping[str, Any], harvest: Harvest) -> None:
    """The one row of an answer."""

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        del record
        fields = Fields(value)
        answer, routed_to = fields.text("answer"), fields.text("routed_to")
        if answer is None and routed_to is None:
            raise Unfit("neither an answer nor a role")
        flags = ["error_answer"] if answer is not None and answer.startswith("[ERROR:") else []
        return [
            OrchestratorProbe(
                source_file_id=harvest.place.source_file_id,
                answer=answer,
                mode=fields.text("mode"),
                role_id=None if routed_to is None else role_id(routed_to),
                routed_to=routed_to,
                role_history=fields.json("role_history"),
                routing_strategy=fields.text("routing_strategy"),
                is_real=fields.flag("real_mode"),
                turns=measured(fields.integer("turns"), fields, "turns"),
                elapsed_s=measured(fields.number("elapsed_seconds"), fields, "elapsed_seconds"),
                tokens_generated=measured(fields.integer("tokens_generated"), fields, "tokens_generated"),
                predicted_tps=measured(fields.number("predicted_tps"), fields, "predicted_tps"),
                generation_ms=measured(fields.number("generation_ms"), fields, "generation_ms"),
                prompt_eval_ms=measured(fields.number("prompt_eval_ms"), fields, "prompt_eval_ms"),
                http_overhead_ms=measured(fields.number("http_overhead_ms"), fields, "http_overhead_ms"),
                error_code=fields.json("error_code"),
                error_detail=fields.json("error_detail"),
                cheap_first_attempted=fields.flag("cheap_first_attempted"),
                cheap_first_passed=fields.flag("cheap_first_passed"),
                quality_flags=tuple(flags),
                extra=fields.rest(),
            )
        ]

    harvest.take([Record("whole file", document)], rows_of)


FORMATS: tuple[Format, ...] = (
    Format(
        name="tool_validation_log",
        family=FAMILY,
        version=1,
        tables=(ToolValidationStep, ToolValidation),
        recognises=recognises_log,
        read=read_log,
        rows=rows_log,
    ),
    Format(
        name="orchestrator_probe",
        family=FAMILY,
        version=1,
        tables=(OrchestratorProbe,),
        recognises=recognises_probe,
        read=read_document,
        rows=rows_probe,
    ),
)
