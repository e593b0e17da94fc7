"""Measurements of running servers: time-outs, time to first token, summaries, searches for draft models.

Here: timeout_calibration, ttft_toon_results, summarization runs, draft discovery. Not here: sweeps over the number of
requests at a time (concurrency), the validation of parallel tools (tool_validation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, clean_text, finite_number
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import (
    Harvest,
    Record,
    Unfit,
    from_document,
    has_keys,
    kind_of,
    ordinal_of,
    raw_of,
    read_document,
    records_of,
)
from epyc_assets.history.naming import model_id, model_of, question_pk, role_id, suite_id
from epyc_assets.history.routing_eval import measured
from epyc_assets.history.rows import Row

FAMILY = "serving"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutCalibration(Row):
    """One question put to one role to see how long an answer takes."""

    table: ClassVar[str] = "timeout_calibration"

    ordinal: int
    suite_id: int | None
    suite: str | None
    question_pk: int | None
    question_id: str | None
    role_id: int
    role: str
    succeeded: bool | None
    elapsed_s: float | None
    tokens_generated: int | None
    generation_ms: float | None
    prompt_eval_ms: float | None
    answer_preview: str | None
    current_timeout_s: float | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutRecommendation(Row):
    """The time-out that a calibration recommends for one suite."""

    table: ClassVar[str] = "timeout_recommendation"

    suite_id: int
    suite: str
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutCalibrationRun(Row):
    """One calibration of time-outs: when, with which arguments."""

    table: ClassVar[str] = "timeout_calibration_run"

    calibrated_at: datetime | None
    args: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TtftComparison(Row):
    """One tool result handed to a model as JSON and as TOON: tokens and time to first token."""

    table: ClassVar[str] = "ttft_comparison"

    ordinal: int
    case_name: str
    json_chars: int | None
    toon_chars: int | None
    json_tokens: int | None
    toon_tokens: int | None
    token_reduction_pct: float | None
    json_ttft_s: float | None
    toon_ttft_s: float | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarizationRun(Row):
    """One paper summarised once by one model."""

    table: ClassVar[str] = "summarization_run"

    model_id: int
    model: str
    architecture: str | None
    server: str | None
    is_thinking_disabled: bool | None
    elapsed_s: float | None
    tokens: int | None
    tps: float | None
    summary_characters: int | None
    summary: str | None
    summary_raw: str | None
    summary_usable: str | None
    notes: str | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiscovery(Row):
    """One search for pairs of target and draft models."""

    table: ClassVar[str] = "draft_discovery"

    run_id: str | None
    mode: str | None
    pairs_tested: int | None
    viable_pairs: int | None
    results: Json | None
    extra: Json | None


def recognises_timeouts(content: Content, place: Place) -> bool:
    """An object with results that state a current_timeout, and recommendations by suite."""
    del place
    return (
        has_keys(content, "results", "recommendations")
        and isinstance(content.json["results"], list)
        and isinstance(content.json["recommendations"], dict)
        and "csv_path" not in content.json
    )


def recognises_ttft(content: Content, place: Place) -> bool:
    """A list of cases with the time to first token of JSON and TOON."""
    del place
    if b'"toon_ttft_s"' not in content.data or not isinstance(content.json, list):
        return False
    return any(isinstance(each, dict) and "toon_ttft_s" in each for each in content.json)


def recognises_summarization(content: Content, place: Place) -> bool:
    """An object with a model, its tokens_per_sec and a summary."""
    del place
    return has_keys(content, "model", "tokens_per_sec") and any(key.startswith("summary") for key in content.json)


def recognises_discovery(content: Content, place: Place) -> bool:
    """An object that counts pairs tested and viable pairs."""
    del place
    return has_keys(content, "pairs_tested", "viable_pairs")


@from_document(dict)
def rows_timeouts(document: Mapping[str, Any], harvest: Harvest) -> None:
    """Rows of a time-out calibration; the questions put are the records."""
    source = harvest.place.source_file_id
    fields = Fields(document)

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        return [_calibration(value, ordinal_of(record), source)]

    harvest.take(records_of("results", fields.items("results")), rows_of)
    taken: set[str] = set()
    for key, value in fields.mapping("recommendations").items():
        suite, seconds = clean_text(key), finite_number(value)
        if seconds is None or suite in taken:
            harvest.reject(f"recommendations/{key}", f"{kind_of(value)} instead of seconds", raw_of(value))
            continue
        taken.add(suite)
        harvest.imported.rows.append(
            TimeoutRecommendation(source_file_id=source, suite_id=suite_id(suite), suite=suite, timeout_s=seconds)
        )
    harvest.imported.rows.append(
        TimeoutCalibrationRun(
            source_file_id=source,
            calibrated_at=fields.time("timestamp"),
            args=fields.json("args"),
            extra=fields.rest(),
        )
    )


def _calibration(value: Mapping[str, Any], ordinal: int, source: int) -> TimeoutCalibration:
    fields = Fields(value)
    suite, question, role = fields.text("suite"), fields.text("question_id"), fields.text("role")
    if role is None:
        raise Unfit("no role")
    elapsed, timeout = fields.number("elapsed_seconds"), fields.number("current_timeout")
    flags = []
    if elapsed is not None and timeout is not None and elapsed > timeout:
        flags.append("exceeds_current_timeout")
    return TimeoutCalibration(
        source_file_id=source,
        ordinal=ordinal,
        suite_id=None if suite is None else suite_id(suite),
        suite=suite,
        question_pk=None if suite is None or question is None else question_pk(suite, question),
        question_id=question,
        role_id=role_id(role),
        role=role,
        succeeded=fields.flag("success"),
        elapsed_s=elapsed,
        tokens_generated=measured(fields.integer("tokens_generated"), fields, "tokens_generated"),
        generation_ms=measured(fields.number("generation_ms"), fields, "generation_ms"),
        prompt_eval_ms=measured(fields.number("prompt_eval_ms"), fields, "prompt_eval_ms"),
        answer_preview=fields.text("answer_preview"),
        current_timeout_s=timeout,
        quality_flags=tuple(flags),
        extra=fields.rest(),
    )


@from_document(list)
def rows_ttft(document: list[Any], harvest: Harvest) -> None:
    """Rows of a comparison of JSON and TOON; the cases are the records."""
    source = harvest.place.source_file_id

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        fields = Fields(value)
        case_name = fields.text("case")
        if case_name is None:
            raise Unfit("no case")
        return [
            TtftComparison(
                source_file_id=source,
                ordinal=ordinal_of(record),
                case_name=case_name,
                json_chars=fields.integer("json_chars"),
                toon_chars=fields.integer("toon_chars"),
                json_tokens=fields.integer("json_tokens"),
                toon_tokens=fields.integer("toon_tokens"),
                token_reduction_pct=fields.number("token_reduction_pct"),
                # The script that measures writes 0 where no request succeeded.
                json_ttft_s=measured(fields.number("json_ttft_s"), fields, "json_ttft_s"),
                toon_ttft_s=measured(fields.number("toon_ttft_s"), fields, "toon_ttft_s"),
                extra=fields.rest(),
            )
        ]

    harvest.take(records_of("cases", document), rows_of)


@from_document(dict)
def rows_summarization(document: Mapping[str, Any], harvest: Harvest) -> None:
    """The one row of a summary; the shapes differ in which of summary, summary_raw and summary_usable they have."""

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        del record
        return [_summarization(value, harvest.place)]

    harvest.take([Record("whole file", document)], rows_of)


def _summarization(value: Mapping[str, Any], place: Place) -> SummarizationRun:
    fields = Fields(value)
    model = fields.text("model")
    if model is None:
        raise Unfit("no model")
    elapsed, tokens, tps = fields.number("elapsed_sec"), fields.integer("tokens"), fields.number("tokens_per_sec")
    summary, raw = fields.text("summary"), fields.text("summary_raw")
    length = fields.integer("summary_length")
    flags = []
    if elapsed and tokens is not None and tps is not None and abs(tps - tokens / elapsed) > 0.05 * tps:
        flags.append("tps_contradicts_time")
    text = raw if summary is None else summary
    if length is not None and text is not None and length != len(text):
        flags.append("length_mismatch")
    return SummarizationRun(
        source_file_id=place.source_file_id,
        model_id=model_id(model_of(model)),
        model=model,
        architecture=fields.text("architecture"),
        server=fields.text("server"),
        is_thinking_disabled=fields.flag("thinking_disabled"),
        elapsed_s=elapsed,
        tokens=tokens,
        tps=tps,
        summary_characters=length,
        summary=summary,
        summary_raw=raw,
        summary_usable=fields.text("summary_usable"),
        notes=fields.text("notes"),
        quality_flags=tuple(flags),
        extra=fields.rest(),
    )


@from_document(dict)
def rows_discovery(document: Mapping[str, Any], harvest: Harvest) -> None:
    """The one row of a search for drafts."""

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        del record
        fields = Fields(value)
        return [
            DraftDiscovery(
                source_file_id=harvest.place.source_file_id,
                run_id=fields.text("timestamp"),
                mode=fields.text("mode"),
                pairs_tested=fields.integer("pairs_tested"),
                viable_pairs=fields.integer("viable_pairs"),
                results=fields.json("results"),
                extra=fields.rest(),
            )
        ]

    harvest.take([Record("whole file", document)], rows_of)


FORMATS: tuple[Format, ...] = (
    Format(
        name="timeout_calibration",
        family=FAMILY,
        version=1,
        tables=(TimeoutCalibration, TimeoutRecommendation, TimeoutCalibrationRun),
        recognises=recognises_timeouts,
        read=read_document,
        rows=rows_timeouts,
    ),
    Format(
        name="ttft_comparison",
        family=FAMILY,
        version=1,
        tables=(TtftComparison,),
        recognises=recognises_ttft,
        read=read_document,
        rows=rows_ttft,
    ),
    Format(
        name="summarization",
        family=FAMILY,
        version=1,
        tables=(SummarizationRun,),
        recognises=recognises_summarization,
        read=read_document,
        rows=rows_summarization,
    ),
    Format(
        name="draft_discovery",
        family=FAMILY,
        version=1,
        tables=(DraftDiscovery,),
        recognises=recognises_discovery,
        read=read_document,
        rows=rows_discovery,
    ),
)
