"""Rows for the warehouse: Polars frames with the columns of migrations/0002_registry.sql.

What belongs here: turning entries, findings and scanned files into rows. What does not: writing them (the
warehouse, through `defs`).

Each function takes the registry and, to make the rows of one fleet only, its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from epyc_assets.registry.entries import Fleet, MeasuredFigure, Model, Quirk, Role
from epyc_assets.registry.findings import FINDING_KINDS, registry_findings
from epyc_assets.registry.gguf_file import TENSOR_KINDS
from epyc_assets.registry.gguf_scan import GgufFile
from epyc_assets.registry.loading import Registry

if TYPE_CHECKING:
    import polars as pl

_TEXT = "text"
_WHOLE = "whole"
_NUMBER = "number"
_FLAG = "flag"
_DAY = "day"
_TEXTS = "texts"


def registry_tables(registry: Registry, fleet: str | None = None) -> dict[str, pl.DataFrame]:
    """Every table of the registry by name, in an order in which they can be written."""
    return {
        "models": model_rows(registry, fleet),
        "forbidden_techniques": forbidden_technique_rows(registry, fleet),
        "roles": role_rows(registry, fleet),
        "role_candidates": role_candidate_rows(registry, fleet),
        "role_gates": role_gate_rows(registry, fleet),
        "quirks": quirk_rows(registry),
        "quirk_models": quirk_model_rows(registry, fleet),
        "measured_figures": measured_figure_rows(registry, fleet),
        "registry_findings": finding_rows(registry, fleet),
    }


def model_rows(registry: Registry, fleet: str | None = None) -> pl.DataFrame:
    """Table `models`: one row per model of a fleet."""
    rows = [_model_row(each, model) for each in _fleets(registry, fleet) for model in each.models.values()]
    return _frame(rows, _MODEL_COLUMNS)


def forbidden_technique_rows(registry: Registry, fleet: str | None = None) -> pl.DataFrame:
    """Table `forbidden_techniques`: one row per technique forbidden for a model."""
    rows = [
        {"fleet": each.name, "model": model.name, "technique": ban.technique, "reason": ban.reason}
        for each in _fleets(registry, fleet)
        for model in each.models.values()
        for ban in model.forbidden
    ]
    return _frame(rows, {"fleet": _TEXT, "model": _TEXT, "technique": _TEXT, "reason": _TEXT})


def role_rows(registry: Registry, fleet: str | None = None) -> pl.DataFrame:
    """Table `roles`: one row per role of a fleet."""
    rows = [_role_row(each, role) for each in _fleets(registry, fleet) for role in each.roles.values()]
    return _frame(rows, _ROLE_COLUMNS)


def role_candidate_rows(registry: Registry, fleet: str | None = None) -> pl.DataFrame:
    """Table `role_candidates`: one row per model that could fill a role."""
    rows = [
        {
            "fleet": each.name,
            "role": role.name,
            "model": model,
            "position": position,
            "fills_the_role": model == role.model,
        }
        for each in _fleets(registry, fleet)
        for role in each.roles.values()
        for position, model in enumerate(role.candidates, start=1)
    ]
    columns = {"fleet": _TEXT, "role": _TEXT, "model": _TEXT, "position": _WHOLE, "fills_the_role": _FLAG}
    return _frame(rows, columns)


def role_gate_rows(registry: Registry, fleet: str | None = None) -> pl.DataFrame:
    """Table `role_gates`: one row per gate of a role."""
    rows = [
        {"fleet": each.name, "role": role.name, "gate_number": number, **gate.model_dump()}
        for each in _fleets(registry, fleet)
        for role in each.roles.values()
        for number, gate in enumerate(role.gates, start=1)
    ]
    columns = {
        "fleet": _TEXT,
        "role": _TEXT,
        "gate_number": _WHOLE,
        "suite": _TEXT,
        "metric": _TEXT,
        "minimum": _NUMBER,
        "maximum": _NUMBER,
    }
    return _frame(rows, columns)


def quirk_rows(registry: Registry) -> pl.DataFrame:
    """Table `quirks`: one row per quirk; quirks belong to no fleet."""
    rows = [
        {
            "quirk": quirk.id,
            "kind": quirk.kind,
            "statement": quirk.statement,
            **quirk.affects.model_dump(),
            "since_on": quirk.since,
            "resolved_on": quirk.resolved,
            "is_resolved": quirk.resolved is not None,
            "workaround": quirk.workaround,
            "trusted": quirk.trusted,
            "doubt": quirk.doubt,
        }
        for quirk in registry.quirks
    ]
    columns = {
        "quirk": _TEXT,
        "kind": _TEXT,
        "statement": _TEXT,
        "models": _TEXTS,
        "architectures": _TEXTS,
        "families": _TEXTS,
        "tools": _TEXTS,
        "since_on": _DAY,
        "resolved_on": _DAY,
        "is_resolved": _FLAG,
        "workaround": _TEXT,
        "trusted": _FLAG,
        "doubt": _TEXT,
    }
    return _frame(rows, columns)


def quirk_model_rows(registry: Registry, fleet: str | None = None) -> pl.DataFrame:
    """Table `quirk_models`: one row per model a quirk touches."""
    rows = [
        {"quirk": quirk.id, "fleet": each.name, "model": model.name, "matched_by": how}
        for quirk in registry.quirks
        for each in _fleets(registry, fleet)
        for model in each.models.values()
        if (how := quirk_touches(quirk, model)) is not None
    ]
    return _frame(rows, {"quirk": _TEXT, "fleet": _TEXT, "model": _TEXT, "matched_by": _TEXT})


def quirk_touches(quirk: Quirk, model: Model) -> str | None:
    """How a quirk names a model: by `model`, `architecture` or `family`; None where it does not."""
    affects = quirk.affects
    if model.name in affects.models:
        return "model"
    if model.architecture is not None and model.architecture in affects.architectures:
        return "architecture"
    name = _plain(model.name)
    if any(_plain(family) in name for family in affects.families):
        return "family"
    return None


def measured_figure_rows(registry: Registry, fleet: str | None = None) -> pl.DataFrame:
    """Table `measured_figures`: one row per figure of a model, a service or a fleet's host."""
    rows: list[dict[str, Any]] = []
    for each in _fleets(registry, fleet):
        for model in each.models.values():
            rows.extend(_figure_rows(each, "model", model.name, model.measured))
        for service in each.services.values():
            rows.extend(_figure_rows(each, "service", service.name, service.measured))
        host = registry.hosts[each.host]
        rows.extend(_figure_rows(each, "host", host.name, host.measured))
    return _frame(rows, _FIGURE_COLUMNS)


def finding_rows(registry: Registry, fleet: str | None = None) -> pl.DataFrame:
    """Table `registry_findings`: one row per doubt; quirks have an empty fleet and are always there."""
    counted: dict[tuple[str, str, str], int] = {}
    rows: list[dict[str, Any]] = []
    for finding in registry_findings(registry):
        if fleet is not None and finding.fleet not in (fleet, ""):
            continue
        key = (finding.fleet, finding.subject, finding.kind)
        counted[key] = counted.get(key, 0) + 1
        rows.append(
            {
                "fleet": finding.fleet,
                "subject": finding.subject,
                "kind": finding.kind,
                "finding_number": counted[key],
                "kind_means": FINDING_KINDS[finding.kind],
                "detail": finding.detail,
            }
        )
    columns = {
        "fleet": _TEXT,
        "subject": _TEXT,
        "kind": _TEXT,
        "finding_number": _WHOLE,
        "kind_means": _TEXT,
        "detail": _TEXT,
    }
    return _frame(rows, columns)


def gguf_file_rows(files: Iterable[GgufFile]) -> pl.DataFrame:
    """Table `gguf_files`: one row per scanned file or shard set."""
    rows = []
    for file in files:
        facts = {name: getattr(file.facts, name) for name in _GGUF_FACTS}
        sizes = {f"{kind}_bytes": file.facts.tensor_bytes[kind] for kind in TENSOR_KINDS}
        found = {
            "root": file.root,
            "path": file.path,
            "size_bytes": file.size_bytes,
            "mtime_ns": file.mtime_ns,
            "sha256": file.sha256,
        }
        rows.append({**found, **facts, **sizes})
    return _frame(rows, _GGUF_COLUMNS)


def _fleets(registry: Registry, name: str | None) -> list[Fleet]:
    return list(registry.fleets.values()) if name is None else [registry.fleet(name)]


def _model_row(fleet: Fleet, model: Model) -> dict[str, Any]:
    import json

    as_declared = model.model_dump(
        include=_MODEL_COLUMNS.keys() - {"temperatures", "load_parameters", "forbidden_techniques"}
    )
    return {
        **as_declared,
        "fleet": fleet.name,
        "model": model.name,
        "host": fleet.host,
        "forbidden_techniques": [ban.technique for ban in model.forbidden],
        "temperatures": json.dumps(model.temperatures, sort_keys=True),
        "thinking_off_text": model.thinking.off_text if model.thinking else None,
        "thinking_off_suites": model.thinking.off_suites if model.thinking else [],
        "load_parameters": json.dumps(model.load_parameters.model_dump(exclude_none=True), sort_keys=True),
        **_deprecation(model),
    }


def _role_row(fleet: Fleet, role: Role) -> dict[str, Any]:
    served = role.served_with
    return {
        "fleet": fleet.name,
        "role": role.name,
        "tier": role.tier,
        "description": role.description,
        "model": role.model,
        "escalation": role.escalation,
        "served_technique": served.technique if served else None,
        "served_experts": served.experts if served else None,
        "served_draft": served.draft if served else None,
        "served_k": served.k if served else None,
        "served_ngram": served.ngram if served else None,
        "temperature": role.temperature,
        "question_timeout_s": role.question_timeout_s,
        "tools_web": role.tools.web if role.tools else None,
        "tool_categories": role.tools.categories if role.tools else [],
        "forbidden_tools": role.tools.forbidden if role.tools else [],
        "note": role.note,
        **_deprecation(role),
    }


def _deprecation(entry: Model | Role) -> dict[str, Any]:
    deprecated = entry.deprecated
    return {
        "is_deprecated": deprecated is not None,
        "deprecated_on": deprecated.date if deprecated else None,
        "deprecated_reason": deprecated.reason if deprecated else None,
    }


def _figure_rows(fleet: Fleet, kind: str, subject: str, figures: Sequence[MeasuredFigure]) -> Iterator[dict[str, Any]]:
    for number, figure in enumerate(figures, start=1):
        yield {
            "fleet": fleet.name,
            "subject_kind": kind,
            "subject": subject,
            "figure_number": number,
            **figure.model_dump(),
        }


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _frame(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pl.DataFrame:
    """A frame with exactly these columns and types, also where there are no rows."""
    import polars as pl

    types = {
        _TEXT: pl.String(),
        _WHOLE: pl.Int64(),
        _NUMBER: pl.Float64(),
        _FLAG: pl.Boolean(),
        _DAY: pl.Date(),
        _TEXTS: pl.List(pl.String()),
    }
    return pl.DataFrame(
        {name: pl.Series(name, [row[name] for row in rows], dtype=types[kind]) for name, kind in columns.items()}
    )


_MODEL_COLUMNS = {
    "fleet": _TEXT,
    "model": _TEXT,
    "host": _TEXT,
    "kind": _TEXT,
    "description": _TEXT,
    "source": _TEXT,
    "file": _TEXT,
    "shard_count": _WHOLE,
    "architecture": _TEXT,
    "quantisation": _TEXT,
    "size_bytes": _WHOLE,
    "parameter_count": _WHOLE,
    "active_parameter_count": _WHOLE,
    "expert_count": _WHOLE,
    "expert_used_count": _WHOLE,
    "embedding_dimensions": _WHOLE,
    "vocabulary_size": _WHOLE,
    "context_tokens": _WHOLE,
    "projector_file": _TEXT,
    "suited_for": _TEXTS,
    "drafts": _TEXTS,
    "forbidden_techniques": _TEXTS,
    "temperatures": _TEXT,
    "thinking_off_text": _TEXT,
    "thinking_off_suites": _TEXTS,
    "prompt_format": _TEXT,
    "residency": _TEXT,
    "pinned": _FLAG,
    "load_timeout_s": _NUMBER,
    "question_timeout_s": _NUMBER,
    "load_parameters": _TEXT,
    "is_deprecated": _FLAG,
    "deprecated_on": _DAY,
    "deprecated_reason": _TEXT,
    "note": _TEXT,
}

_ROLE_COLUMNS = {
    "fleet": _TEXT,
    "role": _TEXT,
    "tier": _TEXT,
    "description": _TEXT,
    "model": _TEXT,
    "escalation": _TEXTS,
    "served_technique": _TEXT,
    "served_experts": _WHOLE,
    "served_draft": _TEXT,
    "served_k": _WHOLE,
    "served_ngram": _WHOLE,
    "temperature": _NUMBER,
    "question_timeout_s": _NUMBER,
    "tools_web": _FLAG,
    "tool_categories": _TEXTS,
    "forbidden_tools": _TEXTS,
    "is_deprecated": _FLAG,
    "deprecated_on": _DAY,
    "deprecated_reason": _TEXT,
    "note": _TEXT,
}

_FIGURE_COLUMNS = {
    "fleet": _TEXT,
    "subject_kind": _TEXT,
    "subject": _TEXT,
    "figure_number": _WHOLE,
    "name": _TEXT,
    "value": _NUMBER,
    "unit": _TEXT,
    "role": _TEXT,
    "technique": _TEXT,
    "experts": _WHOLE,
    "k": _WHOLE,
    "conditions": _TEXT,
    "measured_on": _DAY,
    "trusted": _FLAG,
    "doubt": _TEXT,
}

_GGUF_FACTS = {
    "shard_count": _WHOLE,
    "architecture": _TEXT,
    "name": _TEXT,
    "quantisation": _TEXT,
    "gguf_version": _WHOLE,
    "tensor_count": _WHOLE,
    "parameter_count": _WHOLE,
    "active_parameter_count": _WHOLE,
    "output_is_tied": _FLAG,
    "block_count": _WHOLE,
    "embedding_length": _WHOLE,
    "head_count": _WHOLE,
    "kv_head_count": _WHOLE,
    "attention_block_count": _WHOLE,
    "key_length": _WHOLE,
    "value_length": _WHOLE,
    "sliding_window": _WHOLE,
    "expert_count": _WHOLE,
    "expert_used_count": _WHOLE,
    "context_tokens": _WHOLE,
    "vocabulary_size": _WHOLE,
    "tokenizer_model": _TEXT,
    "tokenizer_pre": _TEXT,
    "bos_token_id": _WHOLE,
    "eos_token_id": _WHOLE,
    "adds_bos": _FLAG,
    "tokenizer_fingerprint": _TEXT,
    "chat_template_sha256": _TEXT,
    "is_recurrent": _FLAG,
    "is_hybrid": _FLAG,
    "sliding_block_count": _WHOLE,
    "recurrent_state_bytes": _WHOLE,
}

_GGUF_COLUMNS = {
    "root": _TEXT,
    "path": _TEXT,
    "size_bytes": _WHOLE,
    "mtime_ns": _WHOLE,
    "sha256": _TEXT,
    **_GGUF_FACTS,
    **{f"{kind}_bytes": _WHOLE for kind in TENSOR_KINDS},
}
