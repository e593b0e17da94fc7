"""The validation of the orchestrator's features: each one switched on and compared with it switched off.

Here: `feature_validation/` with its live and offline JSON Lines, its summary.csv and its comparison of all features
at once. Not here: its report and logs (raw_text).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Fault, Place
from epyc_assets.history.fields import Fields, Json, finite_number
from epyc_assets.history.formats import Format
from epyc_assets.history.json_records import (
    Harvest,
    Lines,
    Record,
    finish_lines,
    from_document,
    has_keys,
    kind_of,
    raw_of,
    read_lines,
)
from epyc_assets.history.rows import Imported, Row
from epyc_assets.history.run_documents import FAMILY, document_format, merged_extra, texts_of

ARMS = ("baseline", "candidate")

_OFFLINE_MEASURES = (
    "quality_score",
    "routing_accuracy",
    "escalation_rate",
    "latency_p50_s",
    "latency_p95_s",
    "predicted_tps",
    "memory_rss_mb",
    "memory_delta_mb",
)
_SUMMARY_HEADER = ("feature", "tier", "verdict")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureVerdict(Row):
    """One statement about a feature: a line of a live or an offline validation, or of the summary."""

    table: ClassVar[str] = "feature_verdict"

    ordinal: int
    origin: str
    feature: str | None
    tier: int | None
    verdict: str | None
    verdict_value: float | None
    is_enabled: bool | None
    tested_at: datetime | None
    quality_delta: float | None
    latency_delta_s: float | None
    tps_delta: float | None
    memory_delta_mb: float | None
    quality_score: float | None
    routing_accuracy: float | None
    escalation_rate: float | None
    latency_p50_s: float | None
    latency_p95_s: float | None
    predicted_tps: float | None
    memory_rss_mb: float | None
    test_pass_rate: float | None
    prompts_run: int | None
    errors: tuple[str, ...]
    details: Json | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureComparison(Row):
    """One comparison of many features switched on with all of them switched off."""

    table: ClassVar[str] = "feature_comparison"

    compared_at: datetime | None
    features_tested: tuple[str, ...]
    prompts_count: int | None
    p50_delta_s: float | None
    mean_delta_s: float | None
    total_delta_s: float | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureArm(Row):
    """One side of a comparison: the feature off (baseline) or on (candidate)."""

    table: ClassVar[str] = "feature_arm"

    ordinal: int
    arm: str
    label: str | None
    prompts_run: int | None
    n_succeeded: int | None
    p50_s: float | None
    mean_s: float | None
    total_s: float | None
    avg_client_tps: float | None
    avg_server_tps: float | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureResponse(Row):
    """One prompt that one side of a comparison was asked."""

    table: ClassVar[str] = "feature_response"

    ordinal: int
    arm: str
    position: int
    prompt_id: str | None
    http_status: int | None
    elapsed_s: float | None
    generated_tokens: int | None
    client_tps: float | None
    server_tps: float | None
    routed_to: str | None
    role_history: tuple[str, ...]
    turns: int | None
    answer: str | None
    error: str | None
    quality_flags: tuple[str, ...]
    extra: Json | None


def recognises_verdict_lines(content: Content, _place: Place) -> bool:
    """JSON Lines whose first record names a feature and a verdict on it, or its pass rate."""
    if b'"feature"' not in content.data or not (b'"verdict"' in content.data or b'"test_pass_rate"' in content.data):
        return False
    first = content.first_json_line
    return isinstance(first, dict) and "feature" in first and ("verdict" in first or "test_pass_rate" in first)


def recognises_verdict_summary(content: Content, _place: Place) -> bool:
    """CSV whose header begins with feature, tier, verdict."""
    if not content.data.lstrip(b"\xef\xbb\xbf").startswith(b"feature,"):
        return False
    return tuple(cell.strip() for cell in content.lines[0].split(",")[:3]) == _SUMMARY_HEADER


def recognises_comparison(content: Content, _place: Place) -> bool:
    """An object of features_tested, baseline and candidate."""
    return has_keys(content, "features_tested", *ARMS)


def rows_verdict_lines(lines: Lines, place: Place) -> Imported:
    """A row per line, and rows for the two sides of it where it has them."""
    harvest = Harvest(place)
    harvest.take(lines.records, lambda record, value: _line_rows(record, value, harvest))
    return finish_lines(harvest, lines)


def read_verdict_summary(content: Content) -> Lines:
    """The lines of the CSV as records: an object of the header's names, or a Fault where a line does not fit it."""
    header: list[str] = []
    records: list[Record] = []
    for number, line in enumerate(content.lines, start=1):
        if not line.strip():
            continue
        try:
            cells = next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            records.append(Record(f"line {number}", Fault(f"not CSV: {error}", number), line))
            continue
        if not header:
            header = [cell.strip() for cell in cells]
            continue
        value: Any = dict(zip(header, cells, strict=False))
        if len(cells) != len(header) or len(value) != len(header):
            value = Fault(f"{len(cells)} cells under a header of {len(header)}", number)
        records.append(Record(f"line {number}", value, line))
    return Lines(records, not content.data or content.data.endswith((b"\n", b"\r")))


def rows_verdict_summary(lines: Lines, place: Place) -> Imported:
    """A row per line below the header. Its verdict is a number where the live validation has a word."""
    harvest = Harvest(place)
    harvest.take(lines.records, lambda record, value: [_summary_row(record, value, place)])
    return finish_lines(harvest, lines)


@from_document(dict)
def rows_comparison(value: dict[str, Any], harvest: Harvest) -> None:
    """The row of the comparison, and rows for its two sides."""
    harvest.take([Record("whole file", value)], lambda record, each: _comparison_rows(each, harvest))


def _line_number(record: Record) -> int:
    return int(record.location.rpartition(" ")[2])


def _line_rows(record: Record, value: Mapping[str, Any], harvest: Harvest) -> list[Row]:
    fields = Fields(value)
    ordinal, is_offline = _line_number(record), "test_pass_rate" in value and "verdict" not in value
    prompts = fields.integer("prompts_run")
    measures = {name: fields.number(name) for name in _OFFLINE_MEASURES}
    flags: list[str] = []
    if is_offline and not prompts:
        for name, measure in measures.items():
            if measure == 0:  # no prompt was run: the zeros are not measurements, and stay in the rest
                measures[name] = None
                fields.put_back(name)
        if all(measure is None for measure in measures.values()):
            flags.append("nothing_measured")
    sides = _arms(fields, ordinal, harvest)
    answered = [each for each in sides if isinstance(each, FeatureResponse) and each.http_status == 200]
    if any(isinstance(each, FeatureResponse) for each in sides) and not answered:
        flags.append("infra_error")
    verdict = fields.text("verdict")
    row = FeatureVerdict(
        source_file_id=harvest.place.source_file_id,
        ordinal=ordinal,
        origin="offline" if is_offline else "live",
        feature=fields.text("feature"),
        tier=fields.integer("tier"),
        verdict=verdict,
        verdict_value=fields.number("verdict") if verdict is None else finite_number(verdict, from_text=True),
        is_enabled=fields.flag("enabled"),
        tested_at=fields.time("timestamp"),
        quality_delta=fields.number("quality_delta"),
        latency_delta_s=fields.number("latency_delta_s"),
        tps_delta=fields.number("tps_delta"),
        memory_delta_mb=measures["memory_delta_mb"],
        quality_score=measures["quality_score"],
        routing_accuracy=measures["routing_accuracy"],
        escalation_rate=measures["escalation_rate"],
        latency_p50_s=measures["latency_p50_s"],
        latency_p95_s=measures["latency_p95_s"],
        predicted_tps=measures["predicted_tps"],
        memory_rss_mb=measures["memory_rss_mb"],
        test_pass_rate=fields.number("test_pass_rate"),
        prompts_run=prompts,
        errors=texts_of(fields, "errors"),
        details=fields.json("raw"),
        quality_flags=tuple(flags),
        extra=fields.rest(),
    )
    return [row, *sides]


def _summary_row(record: Record, value: Mapping[str, Any], place: Place) -> FeatureVerdict:
    fields = Fields(value, from_text=True)
    verdict = fields.text("verdict")
    return FeatureVerdict(
        source_file_id=place.source_file_id,
        ordinal=_line_number(record),
        origin="summary",
        feature=fields.text("feature"),
        tier=fields.integer("tier"),
        verdict=verdict,
        verdict_value=finite_number(verdict, from_text=True),
        is_enabled=None,
        tested_at=None,
        quality_delta=fields.number("quality_delta"),
        latency_delta_s=fields.number("latency_delta_s"),
        tps_delta=fields.number("tps_delta"),
        memory_delta_mb=fields.number("memory_delta_mb"),
        quality_score=None,
        routing_accuracy=None,
        escalation_rate=None,
        latency_p50_s=None,
        latency_p95_s=None,
        predicted_tps=None,
        memory_rss_mb=None,
        test_pass_rate=None,
        prompts_run=None,
        errors=(),
        details=None,
        quality_flags=(),
        extra=fields.rest(),
    )


def _comparison_rows(value: Mapping[str, Any], harvest: Harvest) -> Sequence[Row]:
    fields = Fields(value)
    sides = _arms(fields, 1, harvest)
    delta = Fields(fields.mapping("delta"))
    row = FeatureComparison(
        source_file_id=harvest.place.source_file_id,
        compared_at=fields.time("timestamp"),
        features_tested=texts_of(fields, "features_tested"),
        prompts_count=fields.integer("prompts_count"),
        p50_delta_s=delta.number("p50_s"),
        mean_delta_s=delta.number("mean_s"),
        total_delta_s=delta.number("total_s"),
        extra=merged_extra(fields, delta=delta),
    )
    return [row, *sides]


def _arms(fields: Fields, ordinal: int, harvest: Harvest) -> list[Row]:
    """The rows of both sides of a record; a side that is no object stays in the rest of `fields`."""
    found: list[Row] = []
    source_file_id = harvest.place.source_file_id
    for arm in ARMS:
        value = fields.mapping(arm)
        if not value:
            continue
        cells = Fields(value)
        responses = cells.items("responses")
        found.append(
            FeatureArm(
                source_file_id=source_file_id,
                ordinal=ordinal,
                arm=arm,
                label=cells.text("label"),
                prompts_run=cells.integer("prompts_run"),
                n_succeeded=cells.integer("success_count"),
                p50_s=_measured(cells, "p50_s"),
                mean_s=_measured(cells, "mean_s"),
                total_s=_measured(cells, "total_s"),
                avg_client_tps=_measured(cells, "avg_tps"),
                avg_server_tps=_measured(cells, "avg_server_tps"),
                extra=cells.rest(),
            )
        )
        for position, each in enumerate(responses, start=1):
            if isinstance(each, dict):
                found.append(_response(each, ordinal, arm, position, source_file_id))
            else:
                where = f"record {ordinal}, {arm}, response {position}"
                harvest.reject(where, f"{kind_of(each)} where an object should be", raw_of(each))
    return found


def _response(value: Mapping[str, Any], ordinal: int, arm: str, position: int, source_file_id: int) -> FeatureResponse:
    cells = Fields(value)
    status = cells.integer("status")
    is_answered = status == 200
    turns = cells.integer("turns")
    tokens = cells.integer("tokens_generated")
    if not is_answered and turns == 0:
        turns = None
        cells.put_back("turns")
    if tokens == 0:  # the worker that answers without a count says 0
        tokens = None
        cells.put_back("tokens_generated")
    return FeatureResponse(
        source_file_id=source_file_id,
        ordinal=ordinal,
        arm=arm,
        position=position,
        prompt_id=cells.text("prompt_id"),
        http_status=status,
        elapsed_s=_measured(cells, "elapsed_s"),
        generated_tokens=tokens,
        client_tps=_measured(cells, "client_tps"),
        server_tps=_measured(cells, "server_tps"),
        routed_to=cells.text("routed_to"),
        role_history=texts_of(cells, "role_history"),
        turns=turns,
        answer=cells.text("answer"),
        error=cells.text("error"),
        quality_flags=() if is_answered else ("infra_error",),
        extra=cells.rest(),
    )


def _measured(cells: Fields, key: str) -> float | None:
    """A time or a speed; a zero is not a measurement, and stays in the rest."""
    value = cells.number(key)
    if value == 0:
        cells.put_back(key)
        return None
    return value


FORMATS: tuple[Format, ...] = (
    Format(
        name="feature_verdicts",
        family=FAMILY,
        version=1,
        tables=(FeatureVerdict, FeatureArm, FeatureResponse),
        recognises=recognises_verdict_lines,
        read=read_lines,
        rows=rows_verdict_lines,
    ),
    Format(
        name="feature_summary",
        family=FAMILY,
        version=1,
        tables=(FeatureVerdict,),
        recognises=recognises_verdict_summary,
        read=read_verdict_summary,
        rows=rows_verdict_summary,
    ),
    document_format(
        "feature_comparison", recognises_comparison, rows_comparison, FeatureComparison, FeatureArm, FeatureResponse
    ),
)
