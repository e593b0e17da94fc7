"""Journal records of speed rounds, and the table rows they become.

Kinds: `measurement` (rounds over some configs of a model begin), `speed` (a prompt was answered in a round),
`comparison` (what the logits say about the first difference of two answers), `measurement_end`. Not here: running
rounds (rounds), what follows from the rows (speed, agreement).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from epyc_assets.benchmark.journal import JournalContents, Reject
from epyc_assets.benchmark.record_frames import fitting, frame, iso, record_fault, with_times
from epyc_assets.benchmark.records import SPECULATION_SCHEMA, generation_values
from epyc_assets.benchmark.session_records import REQUIRED as SESSION_REQUIRED
from epyc_assets.benchmark.session_records import SESSION_SCHEMA, place_session
from epyc_assets.inference.backend import ChoiceComparison, Generation
from epyc_assets.inference.config import Config, canonical_json
from epyc_assets.suites.speed_prompts import SpeedPrompt

SPEED_RUN_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(
        (
            *("speed_run_id", "measurement_id", "fleet", "model", "model_sha256", "config_id", "config", "technique"),
            *("config_values", "backend", "speed_key", "session_id", "purpose"),
        ),
        pl.String,
    ),
    "round": pl.Int32,
    "position": pl.Int32,
    "shuffle_seed": pl.Int64,
    "prompt_id": pl.String,
    "prompt_kind": pl.String,
    "temperature": pl.Float64,
    "seed": pl.Int64,
    **dict.fromkeys(("status", "status_reason", "prompt", "text"), pl.String),
    "token_ids": pl.List(pl.Int32),
    "finish_reason": pl.String,
    "prompt_tokens": pl.Int32,
    "generated_tokens": pl.Int32,
    **dict.fromkeys(
        (
            *("ttft_ms", "prompt_ms", "decode_ms", "sampling_ms", "total_ms"),
            *("prompt_tps", "generation_tps", "effective_tps"),
        ),
        pl.Float64,
    ),
    **SPECULATION_SCHEMA,
    "reported_prompt_tps": pl.Float64,
    "reported_generation_tps": pl.Float64,
    "figures_differ": pl.Boolean,
    **dict.fromkeys(
        (
            *("load_average_1m", "cpu_pressure_ratio", "memory_pressure_ratio", "steal_ratio"),
            *("other_cpu_ratio", "cpu_mhz"),
        ),
        pl.Float64,
    ),
    "major_faults": pl.Int64,
    "involuntary_switches": pl.Int64,
    "contended": pl.Boolean,
    "calibration_ms": pl.Float64,
    "degenerate": pl.String,
    "started_at": pl.Datetime("us"),
}
"""Columns of the speed_runs frame."""

COMPARISON_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "measurement_id": pl.String,
    "config_id": pl.String,
    "prompt_id": pl.String,
    "place": pl.Int32,
    "reference_token": pl.Int32,
    "config_token": pl.Int32,
    "margin": pl.Float64,
    "batch_noise": pl.Float64,
    "preferred": pl.Int32,
}
"""Columns of the comparisons frame; margin and the rest are null where the backend shows no logits."""

REQUIRED = {
    **SESSION_REQUIRED,
    "measurement": ("measurement_id", "fleet", "model", "backend", "configs", "prompts", "shuffle_seed"),
    "measurement_end": ("measurement_id", "reason"),
    "speed": (
        *("speed_run_id", "measurement_id", "fleet", "model", "model_sha256", "config_id", "config", "technique"),
        *("config_values", "backend", "speed_key", "session_id", "purpose", "round", "position", "shuffle_seed"),
        *("prompt_id", "prompt_kind", "temperature", "seed", "status", "started_at"),
    ),
    "comparison": ("measurement_id", "config_id", "prompt_id", "place", "reference_token", "config_token"),
}
"""Fields without which a record of a kind is rejected."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Rounds over some configs of a model, begun at some time. speed_keys: by config_id. ended: why the rounds ended,
    None while they have not."""

    measurement_id: str
    backend: str
    speed_keys: Mapping[str, str]
    prompt_ids: tuple[str, ...]
    shuffle_seed: int
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class LoadedSpeedJournal:
    """Frames with the columns of the tables of the same names, comparisons, and what could not be read."""

    sessions: pl.DataFrame
    speed_runs: pl.DataFrame
    comparisons: pl.DataFrame
    rejects: tuple[Reject, ...]


def measurement_record(fleet: str, model: str, measurement: Measurement) -> dict[str, Any]:
    """The record that begins a measurement."""
    return {
        "kind": "measurement",
        "measurement_id": measurement.measurement_id,
        "fleet": fleet,
        "model": model,
        "backend": measurement.backend,
        "configs": dict(measurement.speed_keys),
        "prompts": list(measurement.prompt_ids),
        "shuffle_seed": measurement.shuffle_seed,
        "started_at": iso(datetime.now(UTC)),
    }


def measurement_end_record(measurement_id: str, reason: str) -> dict[str, Any]:
    """The record that ends it."""
    return {
        "kind": "measurement_end",
        "measurement_id": measurement_id,
        "reason": reason,
        "ended_at": iso(datetime.now(UTC)),
    }


def speed_record(
    measurement: Measurement,
    fleet: str,
    model: str,
    model_sha256: str,
    config: Config,
    session_id: str,
    prompt: SpeedPrompt,
    sent: str | None,
    generation: Generation,
    *,
    round_number: int,
    position: int,
    purpose: str,
    temperature: float,
    seed: int,
    calibration_ms: float | None,
) -> dict[str, Any]:
    """The record of one prompt answered in one round, whatever its status. sent: the exact text, None where the
    prompt could not be rendered. Except in speed rounds, which are greedy, temperature and seed are part of the
    record's identity."""
    identity = f"{measurement.measurement_id}/{purpose}/{round_number}/{config.config_id}/{prompt.prompt_id}"
    if purpose != "rounds":
        identity = f"{identity}/{temperature!r}/{seed}"
    return {
        "kind": "speed",
        "speed_run_id": hashlib.sha256(identity.encode()).hexdigest()[:24],
        "measurement_id": measurement.measurement_id,
        "fleet": fleet,
        "model": model,
        "model_sha256": model_sha256,
        "config_id": config.config_id,
        "config": config.name,
        "technique": config.technique,
        "config_values": config.values(),
        "backend": measurement.backend,
        "speed_key": measurement.speed_keys[config.config_id],
        "session_id": session_id,
        "purpose": purpose,
        "round": round_number,
        "position": position,
        "shuffle_seed": measurement.shuffle_seed,
        "prompt_id": prompt.prompt_id,
        "prompt_kind": prompt.kind,
        "temperature": temperature,
        "seed": seed,
        "prompt": sent,
        "calibration_ms": calibration_ms,
        **generation_values(generation),
    }


def comparison_record(
    measurement_id: str,
    config_id: str,
    prompt_id: str,
    place: int,
    reference_token: int,
    config_token: int,
    found: ChoiceComparison | None,
) -> dict[str, Any]:
    """The record of a first difference. place: tokens before it."""
    values = asdict(found) if found else {"margin": None, "batch_noise": None, "preferred": None}
    return {
        "kind": "comparison",
        "measurement_id": measurement_id,
        "config_id": config_id,
        "prompt_id": prompt_id,
        "place": place,
        "reference_token": reference_token,
        "config_token": config_token,
        **values,
    }


def measurements_in(contents: JournalContents) -> list[Measurement]:
    """The measurements of a journal, in the order in which they began."""
    found: dict[str, Measurement] = {}
    for record in contents.records:
        if record_fault(record, REQUIRED) is not None:
            continue
        if record["kind"] == "measurement":
            found[record["measurement_id"]] = Measurement(
                measurement_id=record["measurement_id"],
                backend=record["backend"],
                speed_keys=dict(record["configs"]),
                prompt_ids=tuple(record["prompts"]),
                shuffle_seed=record["shuffle_seed"],
            )
        elif record["kind"] == "measurement_end" and record["measurement_id"] in found:
            begun = found[record["measurement_id"]]
            values = {name: getattr(begun, name) for name in Measurement.__dataclass_fields__}
            found[record["measurement_id"]] = Measurement(**{**values, "ended": record["reason"]})
    return list(found.values())


def ended_measurement(
    contents: JournalContents, backend: str, speed_keys: Mapping[str, str], prompt_ids: Sequence[str]
) -> Measurement | None:
    """The latest measurement of exactly these configs, contents and prompts that was brought to its end; None where
    there is none."""
    wanted = (backend, dict(speed_keys), tuple(prompt_ids))
    for measurement in reversed(measurements_in(contents)):
        if (measurement.backend, dict(measurement.speed_keys), measurement.prompt_ids) == wanted:
            return measurement if measurement.ended is not None else None
    return None


def load_speed_journal(contents: JournalContents, source: str) -> LoadedSpeedJournal:
    """Frames from records; the last record of a key counts. Loading twice gives the same frames.

    source: what rejects call the journal.
    """
    sessions: dict[str, dict[str, Any]] = {}
    runs: dict[str, tuple[int, dict[str, Any]]] = {}
    comparisons: dict[tuple[str, ...], tuple[int, dict[str, Any]]] = {}
    faults: dict[int, str] = {}
    for number, record in enumerate(contents.records, start=1):
        fault = record_fault(record, REQUIRED)
        if fault is None:
            try:
                if record["kind"] == "speed":
                    runs[record["speed_run_id"]] = (number, _speed_row(record))
                elif record["kind"] == "comparison":
                    key = (record["measurement_id"], record["config_id"], record["prompt_id"])
                    comparisons[key] = (number, dict(record))
                elif record["kind"] in SESSION_REQUIRED:
                    place_session(record, sessions)
            except (ValueError, TypeError, KeyError) as error:
                fault = f"a value does not fit: {error}"
        if fault is not None:
            faults[number] = fault
    run_frame = fitting(runs.values(), SPEED_RUN_SCHEMA, faults)
    comparison_frame = fitting(comparisons.values(), COMPARISON_SCHEMA, faults)
    unread = [
        Reject(source, f"record {number}", fault, canonical_json(contents.records[number - 1]))
        for number, fault in sorted(faults.items())
    ]
    return LoadedSpeedJournal(
        frame(sessions.values(), SESSION_SCHEMA), run_frame, comparison_frame, (*contents.rejects, *unread)
    )


def _speed_row(record: Mapping[str, Any]) -> dict[str, Any]:
    from epyc_assets.scoring import degeneracy

    row = with_times(record)
    row["config_values"] = canonical_json(row["config_values"])
    if row["status"] == "ok":
        if not isinstance(row.get("text"), str):
            raise ValueError("an answer (status ok) without text")
        # Its end is forced, so what counts is how it would look had it been cut.
        found = degeneracy(row["text"], "length")
        row["degenerate"] = found.kind if found else None
    return row
