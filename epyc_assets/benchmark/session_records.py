"""Journal records of sessions: a model was loaded, or could not be, and how that ended; and their table rows.

Here: kinds `session` and `session_end`. Not here: what was asked in a session (records, speed_records).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import polars as pl

from epyc_assets.benchmark.provenance import CodeProvenance
from epyc_assets.benchmark.record_frames import frame, iso, with_times
from epyc_assets.inference.backend import SessionFacts, SessionRequest
from epyc_assets.inference.config import canonical_json
from epyc_assets.registry.entries import Host

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
    "drafts": pl.List(pl.String),
    "launch_parameters": pl.String,
    "speculation": pl.String,
}
"""Columns of the sessions frame; JSON values are text."""

JSON_FIELDS = ("load_parameters", "model_facts", "package_versions", "launch_parameters", "speculation")

REQUIRED = {
    "session": ("session_id", "fleet", "model", "model_sha256", "status", "backend", "host", "started_at"),
    "session_end": ("session_id", "status"),
}
"""Fields without which a record of a kind is rejected."""


def session_record(
    session_id: str,
    fleet: str,
    model: str,
    model_sha256: str,
    host: Host,
    backend: str,
    request: SessionRequest,
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
        "model": model,
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
        "threads": facts.threads if facts else request.parameters.threads,
        "numa_policy": host.numa_policy,
        "launch_prefix": list(host.launch_prefix),
        "load_parameters": asdict(request.parameters),
        "model_facts": dict(facts.model) if facts else None,
        "git_commit": code.git_commit,
        "git_dirty": code.git_dirty,
        "package_versions": code.package_versions,
        "load_ms": facts.load_ms if facts else None,
        "started_at": iso(started_at),
        "ended_at": iso(datetime.now(UTC)) if failure else None,
        "drafts": list(request.drafts),
        "launch_parameters": asdict(request.launch),
        "speculation": asdict(request.speculation) if request.speculation else None,
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
        "ended_at": iso(datetime.now(UTC)),
    }


def place_session(record: Mapping[str, Any], sessions: dict[str, dict[str, Any]]) -> None:
    """A session's record begins its row, the record of its end completes it.

    Raises ValueError for an end without a beginning and for values that do not fit.
    """
    row = with_times(record)
    if record["kind"] == "session":
        for name in JSON_FIELDS:
            row[name] = None if row.get(name) is None else canonical_json(row[name])
    elif row["session_id"] not in sessions:
        raise ValueError("the session it ends is not in this journal")
    else:
        row = {**sessions[row["session_id"]], **{name: value for name, value in row.items() if name != "kind"}}
    frame([row], SESSION_SCHEMA)
    sessions[row["session_id"]] = row
