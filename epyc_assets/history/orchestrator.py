"""Records of the orchestrator: comparisons with a direct answer, validation runs, the learned policy.

Here: the JSON files of results/orchestrator, told apart by their keys. Not here: benchmark tests
(orchestrator_bench), seeding (seeding), the three-way evaluation (routing_eval), the servers behind it (serving).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, clean_text
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import (
    Harvest,
    Record,
    Unfit,
    from_document,
    has_keys,
    ordinal_of,
    read_document,
    records_of,
)
from epyc_assets.history.naming import question_pk, suite_id
from epyc_assets.history.routing_eval import measured
from epyc_assets.history.rows import Row

FAMILY = "orchestrator"

_POLICY_SECTIONS = ("routing_table", "per_suite")
"""Keys under which an analysis of the routing policy has its table; the script that prints it knows both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorComparisonFile(Row):
    """What one comparison file says of all its prompts together."""

    table: ClassVar[str] = "orchestrator_comparison_file"

    suite_id: int | None
    suite: str | None
    compared_at: datetime | None
    prompts_compared: int | None
    avg_speedup: float | None
    avg_speedup_raw: float | None
    avg_orchestrator_latency_ms: float | None
    avg_turns: float | None
    quality_pass_rate_pct: float | None
    quality_errors: int | None
    avg_tps: float | None
    total_tools_used: int | None
    empty_answers: int | None
    debug_accuracy_pct: float | None
    routing_distribution: Json | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorComparison(Row):
    """One prompt answered by the orchestrator, and perhaps by a model directly."""

    table: ClassVar[str] = "orchestrator_comparison"

    ordinal: int
    suite_id: int | None
    suite: str | None
    question_pk: int | None
    prompt_id: str
    tier: int | None
    direct_answer: str | None
    direct_latency_ms: float | None
    direct_score: Json | None
    orchestrator_answer: str | None
    orchestrator_latency_ms: float | None
    orchestrator_turns: int | None
    routed_to: str | None
    quality_match: bool | None
    debug_score: bool | None
    speedup: float | None
    speedup_raw: float | None
    tokens_generated: int | None
    server_elapsed_s: float | None
    avg_tps: float | None
    tools_used: int | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorRun(Row):
    """One validation run of the orchestrator."""

    table: ClassVar[str] = "orchestrator_run"

    run_id: str | None
    finished_at: datetime | None
    args: Json | None
    total_phases: int | None
    passed_phases: int | None
    failed_phases: int | None
    total_duration_s: float | None
    quality_flags: tuple[str, ...]
    summary_extra: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorPhase(Row):
    """One phase of a validation run."""

    table: ClassVar[str] = "orchestrator_phase"

    ordinal: int
    run_id: str | None
    phase: int | None
    name: str | None
    passed: bool | None
    duration_s: float | None
    error: str | None
    details: Json | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorPolicyEntry(Row):
    """What the learned routing policy holds best for one suite."""

    table: ClassVar[str] = "orchestrator_policy_entry"

    ordinal: int
    section: str
    suite_id: int
    suite: str
    best_action: str | None
    best_q: float | None
    frontdoor_q: float | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrchestratorPolicy(Row):
    """One analysis of a learned routing policy, besides its entries per suite."""

    table: ClassVar[str] = "orchestrator_policy"

    analysed_at: datetime | None
    n_entries: int
    extra: Json | None


def recognises_comparison(content: Content, place: Place) -> bool:
    """An object of compared prompts: prompts_compared and a list of results."""
    del place
    return has_keys(content, "prompts_compared", "results") and isinstance(content.json["results"], list)


def recognises_run(content: Content, place: Place) -> bool:
    """An object with a run_id and a list of phases."""
    del place
    return has_keys(content, "run_id", "phases") and isinstance(content.json["phases"], list)


def recognises_policy(content: Content, place: Place) -> bool:
    """An object with a routing table: what is best for each suite."""
    del place
    return any(has_keys(content, section) and _is_policy(content.json[section]) for section in _POLICY_SECTIONS)


@from_document(dict)
def rows_comparison(document: Mapping[str, Any], harvest: Harvest) -> None:
    """Rows of a comparison file; the compared prompts are the records."""
    source = harvest.place.source_file_id

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        return [_comparison(value, ordinal_of(record), source)]

    results = document["results"] if isinstance(document.get("results"), list) else []
    harvest.take(records_of("results", results), rows_of)
    direct_runs = any(
        isinstance(row, OrchestratorComparison) and row.direct_latency_ms is not None for row in harvest.imported.rows
    )
    fields = Fields(document)
    suite = fields.text("suite")
    flags = []
    stated = fields.integer("prompts_compared")
    if stated is not None and stated != harvest.imported.records:
        flags.append("count_mismatch")
    if isinstance(document.get("results"), list):
        fields.items("results")
    speedup = fields.number("avg_speedup")
    harvest.imported.rows.append(
        OrchestratorComparisonFile(
            source_file_id=source,
            suite_id=None if suite is None else suite_id(suite),
            suite=suite,
            compared_at=fields.time("timestamp"),
            prompts_compared=stated,
            avg_speedup=speedup if direct_runs else None,
            avg_speedup_raw=speedup,
            avg_orchestrator_latency_ms=fields.number("avg_orchestrator_latency_ms"),
            avg_turns=fields.number("avg_turns"),
            quality_pass_rate_pct=fields.number("quality_pass_rate"),
            quality_errors=fields.integer("quality_errors"),
            avg_tps=measured(fields.number("avg_tps"), fields, "avg_tps"),
            total_tools_used=fields.integer("total_tools_used"),
            empty_answers=fields.integer("empty_answers"),
            debug_accuracy_pct=fields.number("debug_accuracy"),
            routing_distribution=fields.json("routing_distribution"),
            quality_flags=tuple(flags),
            extra=fields.rest(),
        )
    )


def _comparison(value: Mapping[str, Any], ordinal: int, source: int) -> OrchestratorComparison:
    fields = Fields(value)
    suite, prompt_id = fields.text("suite"), fields.text("prompt_id")
    if prompt_id is None:
        raise Unfit("no prompt_id")
    answer, direct_answer = fields.text("orchestrator_answer"), fields.text("direct_answer")
    latency = measured(fields.number("orchestrator_latency_ms"), fields, "orchestrator_latency_ms")
    direct_latency = measured(fields.number("direct_latency_ms"), fields, "direct_latency_ms")
    speedup = fields.number("speedup")
    flags = []
    if direct_latency is None:
        flags.append("no_direct_run")
    if latency is None:
        flags.append("not_answered")
    if answer is not None and "[ERROR:" in answer:
        flags.append("error_text")
    return OrchestratorComparison(
        source_file_id=source,
        ordinal=ordinal,
        suite_id=None if suite is None else suite_id(suite),
        suite=suite,
        question_pk=None if suite is None else question_pk(suite, prompt_id),
        prompt_id=prompt_id,
        tier=fields.integer("tier"),
        direct_answer=direct_answer,
        direct_latency_ms=direct_latency,
        direct_score=fields.json("direct_score"),
        orchestrator_answer=answer,
        orchestrator_latency_ms=latency,
        orchestrator_turns=measured(fields.integer("orchestrator_turns"), fields, "orchestrator_turns"),
        routed_to=fields.text("orchestrator_routed_to"),
        quality_match=fields.flag("quality_match"),
        debug_score=fields.flag("debug_score"),
        # A ratio to a direct run that nobody made is no speedup; the file then says 0.
        speedup=speedup if direct_latency is not None and speedup else None,
        speedup_raw=speedup,
        tokens_generated=measured(fields.integer("tokens_generated"), fields, "tokens_generated"),
        server_elapsed_s=measured(fields.number("server_elapsed_s"), fields, "server_elapsed_s"),
        avg_tps=measured(fields.number("avg_tps"), fields, "avg_tps"),
        tools_used=fields.integer("tools_used"),
        quality_flags=tuple(flags),
        extra=fields.rest(),
    )


@from_document(dict)
def rows_run(document: Mapping[str, Any], harvest: Harvest) -> None:
    """Rows of a validation run; the phases are the records."""
    source = harvest.place.source_file_id
    fields = Fields(document)
    run_id = fields.text("run_id")

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        phase = Fields(value)
        passed, error = phase.flag("passed"), phase.text("error")
        return [
            OrchestratorPhase(
                source_file_id=source,
                ordinal=ordinal_of(record),
                run_id=run_id,
                phase=phase.integer("phase"),
                name=phase.text("name"),
                passed=passed,
                duration_s=measured(phase.number("duration_s"), phase, "duration_s"),
                error=error,
                details=phase.json("details"),
                quality_flags=("interrupted",) if error is not None and "interrupted" in error.lower() else (),
                extra=phase.rest(),
            )
        ]

    harvest.take(records_of("phases", fields.items("phases")), rows_of)
    summary = document.get("summary")
    totals = Fields(summary) if isinstance(summary, dict) else Fields({})
    flags = []
    if any(isinstance(row, OrchestratorPhase) and row.quality_flags for row in harvest.imported.rows):
        flags.append("interrupted")
    stated = totals.integer("total_phases")
    if stated is not None and stated != harvest.imported.records:
        flags.append("count_mismatch")
    if isinstance(summary, dict):
        fields.mapping("summary")
    harvest.imported.rows.append(
        OrchestratorRun(
            source_file_id=source,
            run_id=run_id,
            finished_at=fields.time("timestamp"),
            args=fields.json("args"),
            total_phases=stated,
            passed_phases=totals.integer("passed"),
            failed_phases=totals.integer("failed"),
            total_duration_s=totals.number("total_duration_s"),
            quality_flags=tuple(flags),
            summary_extra=totals.rest(),
            extra=fields.rest(),
        )
    )


@from_document(dict)
def rows_policy(document: Mapping[str, Any], harvest: Harvest) -> None:
    """Rows of a policy analysis; the suites of its routing table are the records."""
    source = harvest.place.source_file_id
    section = next((each for each in _POLICY_SECTIONS if _is_policy(document.get(each))), None)
    if section is None:
        raise Unfit("no table of what is best for each suite")
    table: Mapping[str, Any] = document[section]
    suites = [clean_text(key) for key in table]

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        ordinal = ordinal_of(record)
        fields = Fields(value)
        suite = suites[ordinal]
        return [
            OrchestratorPolicyEntry(
                source_file_id=source,
                ordinal=ordinal,
                section=section,
                suite_id=suite_id(suite),
                suite=suite,
                best_action=fields.text("best_action" if "best_action" in value else "best_role"),
                best_q=fields.number("best_q" if "best_q" in value else "q_value"),
                frontdoor_q=fields.number("frontdoor_q"),
                extra=fields.rest(),
            )
        ]

    harvest.take(records_of(section, table.values()), rows_of)
    fields = Fields(document)
    fields.mapping(section)
    harvest.imported.rows.append(
        OrchestratorPolicy(
            source_file_id=source,
            analysed_at=fields.time("timestamp"),
            n_entries=harvest.imported.main_rows,
            extra=fields.rest(),
        )
    )


def _is_policy(value: object) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and any(isinstance(each, dict) and not _POLICY_MARKS.isdisjoint(each) for each in value.values())
    )


_POLICY_MARKS = frozenset({"best_action", "best_role", "best_q", "q_value", "frontdoor_q"})


FORMATS: tuple[Format, ...] = (
    Format(
        name="orchestrator_comparison",
        family=FAMILY,
        version=1,
        tables=(OrchestratorComparison, OrchestratorComparisonFile),
        recognises=recognises_comparison,
        read=read_document,
        rows=rows_comparison,
    ),
    Format(
        name="orchestrator_run",
        family=FAMILY,
        version=1,
        tables=(OrchestratorPhase, OrchestratorRun),
        recognises=recognises_run,
        read=read_document,
        rows=rows_run,
    ),
    Format(
        name="orchestrator_policy",
        family=FAMILY,
        version=1,
        tables=(OrchestratorPolicyEntry, OrchestratorPolicy),
        recognises=recognises_policy,
        read=read_document,
        rows=rows_policy,
    ),
)
