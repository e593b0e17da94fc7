"""Sweeps over the number of requests that a server answers at a time.

Here: concurrent_sweep CSV, a row per server and number, and the summary JSON with what it recommends. Not here: the
validation that ran such a sweep (tool_validation).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, finite_number
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
from epyc_assets.history.naming import role_id
from epyc_assets.history.rows import Imported, Row

FAMILY = "serving"

_SWEEP_COLUMNS = frozenset({"concurrency", "agg_tps", "per_tps_mean", "p95_latency_ms"})
"""Columns by which a concurrency sweep is known."""

LARGEST_BYTES = 2_000_000
"""A larger file with such columns is taken as any CSV: a sweep has dozens of rows, and each costs work."""

_NUMBERS = (
    *("port", "current_np", "per_tps_mean", "per_tps_stdev", "agg_tps", "p50_latency_ms", "p95_latency_ms"),
    *("ttft_baseline_ms", "prompt_tokens", "n_predict", "success_count", "total_count", "error_rate"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyPoint(Row):
    """One server measured at one number of requests at a time."""

    table: ClassVar[str] = "concurrency_point"

    line: int
    measured_at: datetime | None
    port: int | None
    role_id: int
    role: str
    server_slots: int | None
    concurrency: int
    exceeds_slots: bool | None
    per_tps_mean: float | None
    per_tps_stdev: float | None
    agg_tps: float | None
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    ttft_baseline_ms: float | None
    prompt_tokens: int | None
    n_predict: int | None
    success_count: int | None
    total_count: int | None
    error_rate: float | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencySweep(Row):
    """One concurrency sweep: when, with which arguments."""

    table: ClassVar[str] = "concurrency_sweep"

    created_at: datetime | None
    csv_path: str | None
    args: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyRecommendation(Row):
    """What a sweep recommends for one role."""

    table: ClassVar[str] = "concurrency_recommendation"

    ordinal: int
    role_id: int
    role: str
    status: str | None
    recommended_concurrency: int | None
    baseline_concurrency: int | None
    baseline_agg_tps: float | None
    recommended_agg_tps: float | None
    agg_gain_pct: float | None
    recommended_p95_ms: float | None
    baseline_p95_ms: float | None
    recommended_error_rate: float | None
    rejected_candidates: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """A concurrency sweep's CSV. rows: (line, cells by column, the line as found, or None with what is wrong)."""

    rows: list[tuple[int, dict[str, str], str, str | None]]


def recognises_sweep(content: Content, place: Place) -> bool:
    """CSV whose header has the sweep's columns."""
    del place
    start = content.data[:2000]
    return len(content.data) <= LARGEST_BYTES and b"agg_tps" in start and set(_header(content)) >= _SWEEP_COLUMNS


def recognises_sweep_summary(content: Content, place: Place) -> bool:
    """An object with the path of a sweep's CSV and a list of recommendations."""
    del place
    return has_keys(content, "csv_path", "recommendations") and isinstance(content.json["recommendations"], list)


def read_sweep(content: Content) -> Sweep:
    """The rows of a concurrency sweep; a row of another width is kept with what is wrong."""
    header = _header(content)
    rows: list[tuple[int, dict[str, str], str, str | None]] = []
    for number, line in enumerate(content.lines[1:], start=2):
        if not line.strip():
            continue
        try:
            cells = next(csv.reader([line]))
        except csv.Error as error:
            rows.append((number, {}, line, f"not CSV: {error}"))
            continue
        wrong = None
        if len(cells) != len(header):
            wrong = f"{len(cells)} cells under {len(header)} columns"
        elif len(set(header)) != len(header):
            wrong = "two columns of one name"
        rows.append((number, dict(zip(header, cells, strict=False)), line, wrong))
    return Sweep(rows)


def rows_sweep(sweep: Sweep, place: Place) -> Imported:
    """Rows of a concurrency sweep; a file of only a header is empty."""
    harvest = Harvest(place)

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        line = int(record.location.removeprefix("line "))
        if wrong[line] is not None:
            raise Unfit(str(wrong[line]))
        return [_point(value, line, place)]

    wrong = {number: reason for number, _, _, reason in sweep.rows}
    harvest.take((Record(f"line {number}", cells, line) for number, cells, line, _ in sweep.rows), rows_of)
    if not sweep.rows:
        harvest.imported.status = "empty"
    elif not harvest.imported.main_rows:
        harvest.imported.status, harvest.imported.error = "unreadable", "none of its rows could be read"
    return harvest.imported


def _point(cells: Mapping[str, Any], line: int, place: Place) -> ConcurrencyPoint:
    warning = {"True": True, "False": False}.get(cells.get("np_warning", ""))
    fields = Fields(dict(cells) if warning is None else {**cells, "np_warning": warning}, from_text=True)
    role, concurrency = fields.text("role"), fields.integer("concurrency")
    if not role or concurrency is None:
        raise Unfit("no role or no concurrency")
    doubtful = [
        key for key in _NUMBERS if cells.get(key, "").strip() and finite_number(cells[key], from_text=True) is None
    ]
    flags = ("unreadable_cell",) if doubtful else ()
    return ConcurrencyPoint(
        source_file_id=place.source_file_id,
        line=line,
        measured_at=fields.time("timestamp"),
        port=fields.integer("port"),
        role_id=role_id(role),
        role=role,
        server_slots=fields.integer("current_np"),
        concurrency=concurrency,
        exceeds_slots=fields.flag("np_warning"),
        per_tps_mean=fields.number("per_tps_mean"),
        per_tps_stdev=fields.number("per_tps_stdev"),
        agg_tps=fields.number("agg_tps"),
        p50_latency_ms=fields.number("p50_latency_ms"),
        p95_latency_ms=fields.number("p95_latency_ms"),
        ttft_baseline_ms=fields.number("ttft_baseline_ms"),
        prompt_tokens=fields.integer("prompt_tokens"),
        n_predict=fields.integer("n_predict"),
        success_count=fields.integer("success_count"),
        total_count=fields.integer("total_count"),
        error_rate=fields.number("error_rate"),
        quality_flags=flags,
        extra=fields.rest(),
    )


@from_document(dict)
def rows_sweep_summary(document: Mapping[str, Any], harvest: Harvest) -> None:
    """Rows of a sweep's summary; the recommendations are the records."""
    source = harvest.place.source_file_id
    fields = Fields(document)

    def rows_of(record: Record, value: Mapping[str, Any]) -> list[Row]:
        found = Fields(value)
        role = found.text("role")
        if role is None:
            raise Unfit("no role")
        return [
            ConcurrencyRecommendation(
                source_file_id=source,
                ordinal=ordinal_of(record),
                role_id=role_id(role),
                role=role,
                status=found.text("status"),
                recommended_concurrency=found.integer("recommended_concurrency"),
                baseline_concurrency=found.integer("baseline_concurrency"),
                baseline_agg_tps=found.number("baseline_agg_tps"),
                recommended_agg_tps=found.number("recommended_agg_tps"),
                agg_gain_pct=found.number("agg_gain_pct"),
                recommended_p95_ms=found.number("recommended_p95_ms"),
                baseline_p95_ms=found.number("baseline_p95_ms"),
                recommended_error_rate=found.number("recommended_error_rate"),
                rejected_candidates=found.json("rejected_candidates"),
                extra=found.rest(),
            )
        ]

    harvest.take(records_of("recommendations", fields.items("recommendations")), rows_of)
    harvest.imported.rows.append(
        ConcurrencySweep(
            source_file_id=source,
            created_at=fields.time("created_at"),
            csv_path=fields.text("csv_path"),
            args=fields.json("args"),
            extra=fields.rest(),
        )
    )


def _header(content: Content) -> list[str]:
    """The first line's cells; the same for a header that a cut or a flipped byte made unreadable as CSV."""
    line = content.lines[0]
    try:
        return [cell.strip() for cell in next(csv.reader([line]), [])]
    except csv.Error:
        return []


FORMATS: tuple[Format, ...] = (
    Format(
        name="concurrency_sweep",
        family=FAMILY,
        version=1,
        tables=(ConcurrencyPoint,),
        recognises=recognises_sweep,
        read=read_sweep,
        rows=rows_sweep,
    ),
    Format(
        name="concurrency_summary",
        family=FAMILY,
        version=1,
        tables=(ConcurrencyRecommendation, ConcurrencySweep),
        recognises=recognises_sweep_summary,
        read=read_document,
        rows=rows_sweep_summary,
    ),
)
