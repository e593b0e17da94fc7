"""Importer of the checkpoint that the earlier project's layered parameter search left (YAML with anchors).

Here: a row per layer, a row per finished step. Not here: the trials themselves (optuna_study).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json
from epyc_assets.history.formats import Format
from epyc_assets.history.rows import Imported, Reject, Row
from epyc_assets.history.yaml_text import (
    YamlDocument,
    begin_yaml,
    finish_yaml,
    is_cut,
    is_yaml,
    no_object,
    raw_of,
    read_yaml,
)

LEAST_LATENCY_MS = 50.0
"""An answer of a language model takes longer; the search's figures below it are of a mock."""

_LAYERS = re.compile(r"^layers\s*:", re.MULTILINE)
_HISTORY = re.compile(r"^history\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizationLayer(Row):
    """One layer of the search as the checkpoint has it."""

    table: ClassVar[str] = "optimization_layer"

    ordinal: int
    layer: str
    status: str | None
    trials_run: int | None
    best_score: float | None
    latency_ms: float | None
    optimal_params: Json | None
    metrics: Json | None
    notes: str | None
    started_at: datetime | None
    updated_at: datetime | None
    quality_flags: tuple[str, ...]
    extra: Json | None
    file_extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizationStep(Row):
    """One finished step of the search."""

    table: ClassVar[str] = "optimization_step"

    ordinal: int
    layer: str | None
    completed_at: datetime | None
    trials: int | None
    score: float | None
    params: Json | None
    extra: Json | None


def read_checkpoint(content: Content) -> YamlDocument:
    """The file's YAML value; what is wrong with it is in its fault and doubts."""
    return read_yaml(content.text)


def recognises_checkpoint(content: Content, place: Place) -> bool:
    """A YAML file with layers and a history."""
    return is_yaml(content, place) and bool(_LAYERS.search(content.text)) and bool(_HISTORY.search(content.text))


def rows_checkpoint(document: YamlDocument, place: Place) -> Imported:
    """A record is a layer; steps are rows beside."""
    imported = begin_yaml(document, place)
    if not isinstance(document.value, dict):
        return no_object(imported, document, place)
    file = Fields(document.value, from_text=True)
    meta = Fields(file.mapping("meta"), from_text=True)
    started_at, updated_at = meta.time("started"), meta.time("last_updated")
    layers, steps = file.mapping("layers"), file.items("history")
    left = {**file.left(), **({"meta": meta.left()} if meta.left() else {})}
    file_extra = Fields(left).rest()
    for layer, entry in layers.items():
        imported.records += 1
        if not isinstance(entry, dict) or is_cut(document, ("layers", layer)):
            imported.rejected_records += 1
            reason = "a layer is an object" if not isinstance(entry, dict) else "the file ends inside this layer"
            imported.rejects.append(Reject(place.path, f"layers/{layer}", reason, raw_of(entry)))
            continue
        imported.main_rows += 1
        fields = Fields(entry, from_text=True)
        metrics = entry.get("metrics")
        latency_ms = Fields(metrics, from_text=True).number("latency_ms") if isinstance(metrics, dict) else None
        imported.rows.append(
            OptimizationLayer(
                source_file_id=place.source_file_id,
                ordinal=imported.records,
                layer=layer,
                status=fields.text("status"),
                trials_run=fields.integer("trials_run"),
                best_score=fields.number("best_score"),
                latency_ms=latency_ms,
                optimal_params=fields.json("optimal_params"),
                metrics=fields.json("metrics"),
                notes=fields.text("notes"),
                started_at=started_at,
                updated_at=updated_at,
                quality_flags=("mock_latency",) if latency_ms is not None and latency_ms < LEAST_LATENCY_MS else (),
                extra=fields.rest(),
                file_extra=file_extra,
            )
        )
    for ordinal, entry in enumerate(steps, start=1):
        if not isinstance(entry, dict):
            imported.rejects.append(Reject(place.path, f"history/{ordinal}", "a step is an object", raw_of(entry)))
            continue
        fields = Fields(entry, from_text=True)
        imported.rows.append(
            OptimizationStep(
                source_file_id=place.source_file_id,
                ordinal=ordinal,
                layer=fields.text("layer"),
                completed_at=fields.time("completed"),
                trials=fields.integer("trials"),
                score=fields.number("score"),
                params=fields.json("params"),
                extra=fields.rest(),
            )
        )
    return finish_yaml(imported)


FORMATS: tuple[Format, ...] = (
    Format(
        name="optimization_checkpoint",
        family="tuning",
        version=1,
        tables=(OptimizationLayer, OptimizationStep),
        recognises=recognises_checkpoint,
        read=read_checkpoint,
        rows=rows_checkpoint,
    ),
)
