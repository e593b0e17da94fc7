"""Journal records: what a sweep writes, and the table rows they become.

Kind `generation` (a question was put), beside the kinds of sessions (session_records). Times are ISO 8601 in UTC.
Not here: the file format (journal), speed rounds (speed_records) and the warehouse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from epyc_assets.benchmark.journal import JournalContents, Reject
from epyc_assets.benchmark.plan import Answered, SweepItem
from epyc_assets.benchmark.prompt_settings import generation_id
from epyc_assets.benchmark.record_frames import fitting, frame, iso, record_fault, with_times
from epyc_assets.benchmark.session_records import REQUIRED as SESSION_REQUIRED
from epyc_assets.benchmark.session_records import SESSION_SCHEMA, place_session
from epyc_assets.inference.backend import Generation, figures_differ
from epyc_assets.inference.config import canonical_json

SPECULATION_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "drafted_tokens": pl.Int32,
    "accepted_tokens": pl.Int32,
    "target_evaluations": pl.Int32,
    "draft_evaluations": pl.Int32,
    "lookup_drafted_tokens": pl.Int32,
    "lookup_accepted_tokens": pl.Int32,
    "drafted_by_position": pl.List(pl.Int32),
    "accepted_by_position": pl.List(pl.Int32),
    "draft_ms": pl.Float64,
}
"""Columns about drafting, in generations and in speed runs."""

GENERATION_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "generation_id": pl.String,
    "generation_key": pl.String,
    "attempt": pl.Int32,
    "fleet": pl.String,
    "model": pl.String,
    "model_sha256": pl.String,
    "session_id": pl.String,
    "config_id": pl.String,
    "config": pl.String,
    "technique": pl.String,
    "question_id": pl.String,
    "suite": pl.String,
    "status": pl.String,
    "status_reason": pl.String,
    "prompt": pl.String,
    "prompt_sha256": pl.String,
    "text": pl.String,
    "partial_text": pl.String,
    "finish_reason": pl.String,
    "token_ids": pl.List(pl.Int32),
    "prompt_tokens": pl.Int32,
    "generated_tokens": pl.Int32,
    "max_tokens": pl.Int32,
    "temperature": pl.Float64,
    "seed": pl.Int64,
    "ttft_ms": pl.Float64,
    "prompt_ms": pl.Float64,
    "decode_ms": pl.Float64,
    "sampling_ms": pl.Float64,
    "total_ms": pl.Float64,
    "prompt_tps": pl.Float64,
    "generation_tps": pl.Float64,
    "effective_tps": pl.Float64,
    "load_average_1m": pl.Float64,
    "cpu_pressure_ratio": pl.Float64,
    "memory_pressure_ratio": pl.Float64,
    "steal_ratio": pl.Float64,
    "other_cpu_ratio": pl.Float64,
    "cpu_mhz": pl.Float64,
    "major_faults": pl.Int64,
    "involuntary_switches": pl.Int64,
    "contended": pl.Boolean,
    "degenerate": pl.String,
    "started_at": pl.Datetime("us"),
    **SPECULATION_SCHEMA,
    "reported_prompt_tps": pl.Float64,
    "reported_generation_tps": pl.Float64,
    "figures_differ": pl.Boolean,
}
"""Columns of the generations frame."""

ANSWERED_TEXTS = ("generation_id", "model", "config_id", "question_id", "generation_key", "status")
"""What a plan needs of a generation, all of it text."""

REQUIRED = {
    **SESSION_REQUIRED,
    "generation": (*ANSWERED_TEXTS, "attempt", "fleet", "model_sha256", "session_id", "suite", "started_at"),
}
"""Fields without which a record of a kind is rejected."""


@dataclass(frozen=True, slots=True)
class LoadedJournal:
    """Frames with the columns of the tables of the same names, one row per key, and what could not be read."""

    sessions: pl.DataFrame
    generations: pl.DataFrame
    rejects: tuple[Reject, ...]


def generation_record(
    fleet: str,
    item: SweepItem,
    model_sha256: str,
    session_id: str,
    prompt: str | None,
    prompt_sha256: str | None,
    generation: Generation,
) -> dict[str, Any]:
    """The record of one finished generation, whatever its status."""
    return {
        "kind": "generation",
        "generation_id": generation_id(fleet, item.model.name, item.generation_key, item.attempt),
        "generation_key": item.generation_key,
        "attempt": item.attempt,
        "fleet": fleet,
        "model": item.model.name,
        "model_sha256": model_sha256,
        "session_id": session_id,
        "config_id": item.config.config_id,
        "config": item.config.name,
        "technique": item.config.technique,
        "question_id": item.question.question_id,
        "suite": item.question.suite,
        "prompt": prompt,
        "prompt_sha256": prompt_sha256,
        "max_tokens": item.settings.max_tokens,
        "temperature": item.settings.temperature,
        "seed": item.settings.seed,
        **generation_values(generation),
    }


def generation_values(generation: Generation) -> dict[str, Any]:
    """What a backend gave, flat: answer, timings, readings, drafting; ready for JSON."""
    values = asdict(generation)
    readings = values.pop("readings")
    speculation = values.pop("speculation") or dict.fromkeys(SPECULATION_SCHEMA)
    return {
        **values,
        **readings,
        **speculation,
        "figures_differ": figures_differ(generation),
        "started_at": iso(generation.started_at),
    }


def answered_in(contents: JournalContents) -> list[Answered]:
    """The generations of a journal, as far as a plan needs them."""
    return [
        Answered(**{name: record[name] for name in ANSWERED_TEXTS}, total_ms=record.get("total_ms"))
        for record in contents.records
        if record.get("kind") == "generation"
        and all(isinstance(record.get(name), str) for name in ANSWERED_TEXTS)
        and isinstance(record.get("total_ms"), int | float | None)
    ]


def load_journal(contents: JournalContents, source: str) -> LoadedJournal:
    """Frames from records. The last record of a key counts; a session without an end stays `open`.

    Loading the same journal twice gives the same frames. source: what rejects call the journal.
    """
    sessions: dict[str, dict[str, Any]] = {}
    generations: dict[str, tuple[int, dict[str, Any]]] = {}
    faults: dict[int, str] = {}
    for number, record in enumerate(contents.records, start=1):
        fault = record_fault(record, REQUIRED)
        if fault is None:
            try:
                if record["kind"] == "generation":
                    generations[record["generation_id"]] = (number, _generation_row(record))
                else:
                    place_session(record, sessions)
            except (ValueError, TypeError, KeyError) as error:
                fault = f"a value does not fit: {error}"
        if fault is not None:
            faults[number] = fault
    generation_frame = fitting(generations.values(), GENERATION_SCHEMA, faults)
    unread = [
        Reject(source, f"record {number}", fault, canonical_json(contents.records[number - 1]))
        for number, fault in sorted(faults.items())
    ]
    return LoadedJournal(frame(sessions.values(), SESSION_SCHEMA), generation_frame, (*contents.rejects, *unread))


def _generation_row(record: Mapping[str, Any]) -> dict[str, Any]:
    from epyc_assets.scoring import degeneracy

    row = with_times(record)
    if row["status"] == "ok":
        if not isinstance(row.get("text"), str):
            raise ValueError("an answer (status ok) without text")
        found = degeneracy(row["text"], row.get("finish_reason"))
        row["degenerate"] = found.kind if found else None
    return row
