"""Journal records: what a sweep writes, and the table rows they become.

Three kinds: `session` (a model was loaded, or could not be), `generation` (a question was put) and `session_end`.
Times are ISO 8601 in UTC. Not here: the file format (journal) and the warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from epyc_assets.benchmark.journal import JournalContents, Reject
from epyc_assets.benchmark.plan import Answered, SweepItem
from epyc_assets.benchmark.prompt_settings import generation_id
from epyc_assets.benchmark.provenance import CodeProvenance
from epyc_assets.inference.backend import Generation, SessionFacts
from epyc_assets.inference.config import LoadParameters, canonical_json
from epyc_assets.registry.entries import Host
from epyc_assets.scoring.degenerate import degeneracy

SESSION_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "session_id": pl.String,
    "fleet": pl.String,
    "model": pl.String,
    "model_sha256": pl.String,
    "status": pl.String,
    "status_reason": pl.String,
    "backend": pl.String,
    "backend_version": pl.String,
    "llama_build": pl.String,
    "host": pl.String,
    "cpu_model": pl.String,
    "cpu_flags": pl.String,
    "system_info": pl.String,
    "threads": pl.Int32,
    "numa_policy": pl.String,
    "launch_prefix": pl.List(pl.String),
    "load_parameters": pl.String,
    "model_facts": pl.String,
    "git_commit": pl.String,
    "git_dirty": pl.Boolean,
    "package_versions": pl.String,
    "load_ms": pl.Float64,
    "peak_memory_bytes": pl.Int64,
    "started_at": pl.Datetime("us"),
    "ended_at": pl.Datetime("us"),
}
"""Columns of the sessions frame; JSON values are text."""

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
}
"""Columns of the generations frame."""

ANSWERED_TEXTS = ("generation_id", "model", "config_id", "question_id", "generation_key", "status")
"""What a plan needs of a generation, all of it text."""

REQUIRED = {
    "session": ("session_id", "fleet", "model", "model_sha256", "status", "backend", "host", "started_at"),
    "session_end": ("session_id", "status"),
    "generation": (*ANSWERED_TEXTS, "attempt", "fleet", "model_sha256", "session_id", "suite", "started_at"),
}
"""Fields without which a record of a kind is rejected."""


@dataclass(frozen=True, slots=True)
class LoadedJournal:
    """Frames with the columns of the tables of the same names, one row per key, and what could not be read."""

    sessions: pl.DataFrame
    generations: pl.DataFrame
    rejects: tuple[Reject, ...]


def session_record(
    session_id: str,
    fleet: str,
    item: SweepItem,
    model_sha256: str,
    host: Host,
    backend: str,
    parameters: LoadParameters,
    code: CodeProvenance,
    started_at: datetime,
    facts: SessionFacts | None,
    failure: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The record of a load. facts: None where it failed; failure: status and reason then."""
    return {
        "kind": "session",
        "session_id": session_id,
        "fleet": fleet,
        "model": item.model.name,
        "model_sha256": model_sha256,
        "status": failure[0] if failure else "open",
        "status_reason": failure[1] if failure else None,
        "backend": backend,
        "backend_version": facts.backend_version if facts else None,
        "llama_build": facts.llama_build if facts else None,
        "host": facts.host if facts else host.name,
        "cpu_model": facts.cpu_model if facts else None,
        "cpu_flags": facts.cpu_flags if facts else None,
        "system_info": facts.system_info if facts else None,
        "threads": facts.threads if facts else parameters.threads,
        "numa_policy": host.numa_policy,
        "launch_prefix": list(host.launch_prefix),
        "load_parameters": asdict(parameters),
        "model_facts": dict(facts.model) if facts else None,
        "git_commit": code.git_commit,
        "git_dirty": code.git_dirty,
        "package_versions": code.package_versions,
        "load_ms": facts.load_ms if facts else None,
        "started_at": _iso(started_at),
        "ended_at": _iso(datetime.now(UTC)) if failure else None,
    }


def session_end_record(
    session_id: str, status: str, reason: str | None, peak_memory_bytes: int | None
) -> dict[str, Any]:
    """The record of a session's end."""
    return {
        "kind": "session_end",
        "session_id": session_id,
        "status": status,
        "status_reason": reason,
        "peak_memory_bytes": peak_memory_bytes,
        "ended_at": _iso(datetime.now(UTC)),
    }


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
    values = asdict(generation)
    readings = values.pop("readings")
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
        **values,
        **readings,
        "started_at": _iso(generation.started_at),
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
        fault = _fault(record)
        if fault is None:
            try:
                if record["kind"] == "generation":
                    generations[record["generation_id"]] = (number, _generation_row(record))
                else:
                    _place_session(record, sessions)
            except (ValueError, TypeError, KeyError) as error:
                fault = f"a value does not fit: {error}"
        if fault is not None:
            faults[number] = fault
    generation_frame = _fitting(generations.values(), GENERATION_SCHEMA, faults)
    unread = [
        Reject(source, f"record {number}", fault, canonical_json(contents.records[number - 1]))
        for number, fault in sorted(faults.items())
    ]
    return LoadedJournal(_frame(sessions.values(), SESSION_SCHEMA), generation_frame, (*contents.rejects, *unread))


def _fault(record: Mapping[str, Any]) -> str | None:
    kind = record.get("kind")
    required: Sequence[str] | None = REQUIRED.get(str(kind))
    if required is None:
        return f"unknown kind of record: {kind!r}"
    absent = [name for name in required if record.get(name) is None]
    return f"{kind} record without {', '.join(absent)}" if absent else None


def _generation_row(record: Mapping[str, Any]) -> dict[str, Any]:
    row = _with_times(record)
    if row["status"] == "ok":
        if not isinstance(row.get("text"), str):
            raise ValueError("an answer (status ok) without text")
        found = degeneracy(row["text"], row.get("finish_reason"))
        row["degenerate"] = found.kind if found else None
    return row


def _place_session(record: Mapping[str, Any], sessions: dict[str, dict[str, Any]]) -> None:
    """A session's record begins its row, the record of its end completes it."""
    row = _with_times(record)
    if record["kind"] == "session":
        for name in ("load_parameters", "model_facts", "package_versions"):
            row[name] = None if row.get(name) is None else canonical_json(row[name])
    elif row["session_id"] not in sessions:
        raise ValueError("the session it ends is not in this journal")
    else:
        row = {**sessions[row["session_id"]], **{name: value for name, value in row.items() if name != "kind"}}
    _frame([row], SESSION_SCHEMA)
    sessions[row["session_id"]] = row


def _with_times(record: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with ISO texts turned into times. Raises ValueError for a text that is none."""
    row = dict(record)
    for name in ("started_at", "ended_at"):
        if isinstance(row.get(name), str):
            row[name] = datetime.fromisoformat(row[name]).astimezone(UTC).replace(tzinfo=None)
    return row


def _fitting(
    rows: Iterable[tuple[int, dict[str, Any]]], schema: Mapping[str, Any], faults: dict[int, str]
) -> pl.DataFrame:
    """The frame of all numbered rows that fit the schema; what is wrong with the others goes to faults.

    All at once first: rows are looked at one by one only when that fails.
    """
    numbered = list(rows)
    try:
        return _frame((row for _, row in numbered), schema)
    except ValueError:
        kept: list[dict[str, Any]] = []
        for number, row in numbered:
            try:
                _frame([row], schema)
                kept.append(row)
            except ValueError as error:
                faults[number] = f"a value does not fit: {error}"
        return _frame(kept, schema)


def _frame(rows: Iterable[Mapping[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    columns = {name: [] for name in schema}
    for row in rows:
        for name, values in columns.items():
            values.append(row.get(name))
    try:
        return pl.DataFrame(columns, schema=dict(schema), strict=True)
    except (pl.exceptions.PolarsError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(str(error).splitlines()[0]) from error


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
