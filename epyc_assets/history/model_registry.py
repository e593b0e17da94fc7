"""Importer of the earlier project's model registry: roles, their models, constraints, accelerations and claims.

Here: the format, and the rows of a role. Not here: the other sections (registry_sections), what a claimed figure is
worth (registry_figures), the matrix that follows (expected_config), the tuning checkpoint (optimization_checkpoint).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from epyc_assets.history import optimization_checkpoint
from epyc_assets.history.content import Content, Place
from epyc_assets.history.expected_config import ExpectedConfig, MatrixRole, drafts_of, expected_configs, fits
from epyc_assets.history.fields import Fields, Json, as_json
from epyc_assets.history.formats import Format
from epyc_assets.history.naming import model_id, model_of, role_id
from epyc_assets.history.registry_figures import distrust, figure_of
from epyc_assets.history.registry_sections import (
    day,
    deprecated_rows,
    endpoint_rows,
    quirk_rows,
    setting_rows,
    settings,
)
from epyc_assets.history.registry_tables import (
    RegistryAcceleration,
    RegistryConstraint,
    RegistryDeprecatedModel,
    RegistryDraftTarget,
    RegistryModel,
    RegistryPerformance,
    RegistryQuirk,
    RegistryRole,
    RegistryServerEndpoint,
    RegistrySetting,
)
from epyc_assets.history.rows import Imported, Reject
from epyc_assets.history.yaml_text import (
    YamlDocument,
    begin_yaml,
    finish_yaml,
    is_cut,
    is_yaml,
    no_object,
    raw_of,
    read_yaml,
    text_of,
)

_ROLES = re.compile(r"^roles\s*:", re.MULTILINE)
_OTHERS = re.compile(
    r"^(?:runtime_defaults|server_mode|deprecated_models|routing_hints|runtime_quirks)\s*:", re.MULTILINE
)
_MOST_COMPARISONS = 5_000_000


@dataclass(slots=True)
class _Parts:
    """The rows of all roles, a list a table."""

    roles: list[RegistryRole] = field(default_factory=list)
    constraints: list[RegistryConstraint] = field(default_factory=list)
    accelerations: list[RegistryAcceleration] = field(default_factory=list)
    performance: list[RegistryPerformance] = field(default_factory=list)
    models: list[tuple[RegistryRole, Mapping[str, Any]]] = field(default_factory=list)
    targets: dict[str, list[str]] = field(default_factory=dict)


def read_registry(content: Content) -> YamlDocument:
    """The file's YAML value; what is wrong with it is in its fault and doubts."""
    return read_yaml(content.text)


def recognises_registry(content: Content, place: Place) -> bool:
    """A YAML file with roles and at least one of the registry's other sections."""
    return is_yaml(content, place) and bool(_ROLES.search(content.text)) and bool(_OTHERS.search(content.text))


def rows_registry(document: YamlDocument, place: Place) -> Imported:
    """Rows of all registry tables; a record is a role. A role that is no object or is cut off is a reject."""
    imported = begin_yaml(document, place)
    if not isinstance(document.value, dict):
        return no_object(imported, document, place)
    file = Fields(document.value, from_text=True)
    key = place.source_file_id
    parts = _Parts()
    if not isinstance(roles := document.value.get("roles"), dict) and roles is not None:
        imported.records = imported.rejected_records = 1
        imported.rejects.append(Reject(place.path, "roles", "roles are an object", raw_of(roles)))
    for role, entry in file.mapping("roles").items():
        imported.records += 1
        if not isinstance(entry, dict) or is_cut(document, ("roles", role)):
            imported.rejected_records += 1
            reason = "the file ends or is broken inside this role" if isinstance(entry, dict) else "a role is an object"
            imported.rejects.append(Reject(place.path, f"roles/{role}", reason, raw_of(entry)))
            continue
        imported.main_rows += 1
        _read_role(role, entry, key, parts)
    quirks, other_quirks = quirk_rows(file.mapping("runtime_quirks"), key)
    deprecated, other_deprecated = deprecated_rows(file.items("deprecated_models"), parts.roles, key)
    pool = Fields(file.mapping("worker_pool"), from_text=True)
    servers = [("server_mode", file.mapping("server_mode")), ("worker_pool", pool.mapping("workers"))]
    by_name = {role.role: role for role in parts.roles}
    endpoints, other_servers = endpoint_rows(servers, by_name, key)
    found: list[tuple[str, str, Json]] = []
    for section, others in (("runtime_quirks", other_quirks), ("deprecated_models", other_deprecated)):
        found += [(section, path, as_json(value)) for path, value in others]
    found += [(path.partition(".")[0], path.partition(".")[2], as_json(value)) for path, value in other_servers]
    for section, value in (("worker_pool", pool.left()), *file.left().items()):
        if section != "worker_pool" or value:
            found += settings(section, value)
    matrix = _matrix_roles(parts)
    keys = {role.role: (role.role_id, role.model_id, role.model, bool(role.model_path)) for role in parts.roles}
    imported.rows += parts.roles
    imported.rows += _model_rows(parts, key)
    imported.rows += parts.constraints
    imported.rows += _judged(parts.accelerations, by_name)
    imported.rows += parts.performance
    imported.rows += _target_rows(parts, key)
    imported.rows += quirks
    imported.rows += deprecated
    imported.rows += endpoints
    imported.rows += setting_rows(found, key)
    imported.rows += expected_configs(matrix, keys, key)
    if parts.targets and not drafts_of(matrix):
        imported.flags.append("drafts_not_matched")
    return finish_yaml(imported)


def _read_role(role: str, entry: dict[str, Any], source_file_id: int, parts: _Parts) -> None:
    fields = Fields(entry, from_text=True)
    model = fields.mapping("model")
    described = Fields(model, from_text=True)
    memory = Fields(fields.mapping("memory"), from_text=True)
    constraints = Fields(fields.mapping("constraints"), from_text=True)
    model_name, model_path = described.text("name"), described.text("path")
    stem = model_of(model_path) if model_path else (model_name or "")
    flags: list[str] = []
    is_deprecated = fields.flag("deprecated") or False
    reason = fields.text("deprecated_reason")
    if reason is None and (reason := fields.text("deprecation_reason")) is not None:
        flags.append("reason_under_deprecation_reason")
    if is_deprecated and reason is None:
        flags.append("deprecated_without_reason")
    if not model_path:
        flags.append("no_model_path")
    _read_constraints(role, entry, fields, constraints, source_file_id, parts)
    draft_tokens = _read_accelerations(role, fields.mapping("acceleration"), source_file_id, parts)
    _read_performance(role, fields.mapping("performance"), draft_tokens, source_file_id, parts)
    patterns = [text for text in map(text_of, fields.items("compatible_targets")) if text is not None]
    if patterns:
        parts.targets[role] = patterns
        if len(patterns) != len(entry["compatible_targets"]):
            fields.put_back("compatible_targets")
    candidates = [text for text in map(text_of, fields.items("candidate_roles")) if text is not None]
    if isinstance(entry.get("candidate_roles"), list) and len(candidates) != len(entry["candidate_roles"]):
        fields.put_back("candidate_roles")
    constraint_reason, constraint_notes = constraints.text("reason"), constraints.text("notes")
    row = RegistryRole(
        source_file_id=source_file_id,
        role_id=role_id(role),
        role=role,
        ordinal=len(parts.roles) + 1,
        tier=fields.text("tier"),
        description=fields.text("description"),
        model_id=model_id(stem),
        model=stem,
        model_name=model_name,
        model_path=model_path,
        quantization=described.text("quant"),
        size_gb=described.number("size_gb"),
        architecture=described.text("architecture"),
        baseline_experts=described.integer("baseline_experts"),
        residency=memory.text("residency"),
        is_pinned=memory.flag("pinned"),
        candidate_roles=tuple(candidates),
        is_deprecated=is_deprecated,
        deprecated_date=day(fields, "deprecated_date"),
        deprecated_reason=reason,
        benchmark_date=day(fields, "benchmark_date"),
        constraint_reason=constraint_reason,
        constraint_notes=constraint_notes,
        notes=fields.text("notes"),
        system_prompt_suffix=fields.text("system_prompt_suffix"),
        generation_defaults=fields.json("generation_defaults"),
        temperature_overrides=fields.json("temperature_overrides"),
        thinking_quirks=fields.json("thinking_quirks"),
        launch_quirks=fields.json("launch_quirks"),
        paged_attention=fields.json("paged_attention"),
        memory_extra=memory.rest(),
        quality_flags=tuple(flags),
        extra=_extra(fields, constraints),
    )
    parts.roles.append(row)
    parts.models.append((row, model))


def _extra(fields: Fields, constraints: Fields) -> Json | None:
    left = fields.left()
    if constraints.left():
        left = {**left, "constraints": constraints.left()}
    return as_json(left) if left else None


def _read_constraints(
    role: str, entry: dict[str, Any], fields: Fields, constraints: Fields, source_file_id: int, parts: _Parts
) -> None:
    acceleration = entry.get("acceleration")
    nested = acceleration if isinstance(acceleration, dict) else {}
    spelled = [
        ("constraints.forbid", constraints.items("forbid"), constraints.left().get("reason")),
        ("forbidden_configs", fields.items("forbidden_configs"), None),
        ("acceleration.disallowed", nested.get("disallowed"), nested.get("reason")),
    ]
    ordinal = 0
    for origin, forbidden, reason in spelled:
        for each in forbidden if isinstance(forbidden, list) else ():
            ordinal += 1
            parts.constraints.append(
                RegistryConstraint(
                    source_file_id=source_file_id,
                    role_id=role_id(role),
                    role=role,
                    ordinal=ordinal,
                    forbidden=text_of(each) or as_json(each),
                    origin=origin,
                    reason=text_of(reason),
                )
            )


def _read_accelerations(role: str, entry: Mapping[str, Any], source_file_id: int, parts: _Parts) -> list[int]:
    """Adds a row per acceleration; returns every k that they state."""
    draft_tokens: list[int] = []
    if not entry:
        return draft_tokens
    nested = [(key, each) for key, each in entry.items() if isinstance(each, dict) and "type" in each]
    main = {key: each for key, each in entry.items() if key not in dict(nested)}
    for ordinal, (position, each) in enumerate([("main", main), *nested], start=1):
        fields = Fields(each, from_text=True)
        if isinstance(each.get("disallowed"), list):
            fields.items("disallowed")  # rows of registry_constraint
        draft, k = fields.text("draft_role"), fields.integer("k")
        draft_tokens += [k] if k is not None and k > 0 else []
        parts.accelerations.append(
            RegistryAcceleration(
                source_file_id=source_file_id,
                role_id=role_id(role),
                role=role,
                ordinal=ordinal,
                position=position,
                type=fields.text("type"),
                draft_role_id=role_id(draft) if draft else None,
                draft_role=draft,
                draft_model=fields.text("draft_model"),
                draft_path=fields.text("draft_path"),
                k=k,
                experts=fields.integer("experts"),
                override_key=fields.text("override_key"),
                baseline_experts=fields.integer("baseline_experts"),
                uses_lookup=fields.flag("lookup"),
                ngram_min=fields.integer("ngram_min"),
                optimized_tps=fields.number("optimized_tps"),
                best_for=fields.text("best_for"),
                benchmarked=day(fields, "benchmarked"),
                reason=fields.text("reason"),
                notes=fields.text("notes"),
                quality_flags=(),
                extra=fields.rest(),
            )
        )
    return draft_tokens


def _judged(rows: Sequence[RegistryAcceleration], roles: Mapping[str, RegistryRole]) -> Iterator[RegistryAcceleration]:
    """The rows, with a flag where the draft is no role of the registry, or a deprecated one."""
    for row in rows:
        draft = roles.get(row.draft_role) if row.draft_role else None
        if row.draft_role and draft is None:
            yield replace(row, quality_flags=("draft_unknown",))
        elif draft is not None and draft.is_deprecated:
            yield replace(row, quality_flags=("draft_deprecated",))
        else:
            yield row


def _read_performance(
    role: str, entry: Mapping[str, Any], draft_tokens: Sequence[int], source_file_id: int, parts: _Parts
) -> None:
    figures = {metric: figure_of(metric, value) for metric, value in entry.items()}
    for ordinal, (metric, figure) in enumerate(figures.items(), start=1):
        raw = figure.raw
        if raw is None and entry[metric] is not None:
            raw = as_json(entry[metric])
        reason = distrust(metric, figures, draft_tokens)
        parts.performance.append(
            RegistryPerformance(
                source_file_id=source_file_id,
                role_id=role_id(role),
                role=role,
                ordinal=ordinal,
                metric=metric,
                value=figure.value,
                unit=figure.unit,
                raw=raw,
                is_trusted=None if figure.value is None else reason is None,
                distrust_reason=reason,
            )
        )


def _model_rows(parts: _Parts, source_file_id: int) -> Iterator[RegistryModel]:
    """A row per distinct model path; roles without one are told apart by the model's name."""
    groups: dict[tuple[str | None, str], list[tuple[RegistryRole, Mapping[str, Any]]]] = {}
    for role, entry in parts.models:
        groups.setdefault((role.model_path or None, role.model), []).append((role, entry))
    for ordinal, ((path, model), members) in enumerate(groups.items(), start=1):
        first = Fields(members[0][1], from_text=True)
        sizes = {role.size_gb for role, _ in members}
        flags = ["sizes_disagree"] if len(sizes) > 1 else []
        if len({role.architecture for role, _ in members}) > 1:
            flags.append("architectures_disagree")
        yield RegistryModel(
            source_file_id=source_file_id,
            ordinal=ordinal,
            model_id=model_id(model),
            model=model,
            model_path=path,
            name=first.text("name"),
            quantization=first.text("quant"),
            size_gb=first.number("size_gb"),
            architecture=first.text("architecture"),
            huggingface_id=first.text("huggingface_id"),
            mmproj_path=first.text("mmproj_path"),
            max_context=first.integer("max_context"),
            baseline_experts=first.integer("baseline_experts"),
            vocab_size=first.integer("vocab_size"),
            split_count=first.integer("split_count"),
            embedding_dim=first.integer("embedding_dim"),
            roles=tuple(role.role for role, _ in members),
            is_used=any(not role.is_deprecated for role, _ in members),
            quality_flags=tuple(flags),
            entries=as_json({role.role: entry for role, entry in members}),
        )


def _target_rows(parts: _Parts, source_file_id: int) -> Iterator[RegistryDraftTarget]:
    """A row per target pattern with the roles, drafts apart, whose model has it in its name. Not matched at all in a
    registry too large to compare each with each."""
    targets = [role for role in parts.roles if role.tier != "D"]
    patterns = sum(map(len, parts.targets.values()))
    may_compare = patterns * len(targets) <= _MOST_COMPARISONS
    for draft, wanted in parts.targets.items():
        for ordinal, pattern in enumerate(wanted, start=1):
            matched = tuple(role.role for role in targets if fits(pattern, role.model_name)) if may_compare else ()
            yield RegistryDraftTarget(
                source_file_id=source_file_id,
                draft_role_id=role_id(draft),
                draft_role=draft,
                ordinal=ordinal,
                target_pattern=pattern,
                matched_roles=matched,
                is_matched=bool(matched) if may_compare else None,
            )


def _matrix_roles(parts: _Parts) -> list[MatrixRole]:
    forbidden: dict[str, set[str]] = {}
    for constraint in parts.constraints:
        forbidden.setdefault(constraint.role, set()).add(constraint.forbidden)
    experts = {each.role: each.baseline_experts for each in parts.accelerations if each.position == "main"}
    return matrix_roles(parts.roles, forbidden, experts, parts.targets)


def matrix_roles(
    roles: Sequence[RegistryRole],
    forbidden: dict[str, set[str]],
    baseline_experts: dict[str, int | None],
    targets: dict[str, list[str]],
) -> list[MatrixRole]:
    """What the matrix needs of each role, from rows: by role what it forbids, the experts of its acceleration, and
    the targets that it names as a draft."""
    return [
        MatrixRole(
            role=role.role,
            tier=role.tier,
            architecture=role.architecture,
            model_name=role.model_name,
            size_gb=role.size_gb,
            is_deprecated=role.is_deprecated,
            forbidden=frozenset(forbidden.get(role.role, ())),
            baseline_experts=baseline_experts.get(role.role),
            targets=tuple(targets.get(role.role, ())),
        )
        for role in roles
    ]


FORMATS: tuple[Format, ...] = (
    Format(
        name="model_registry",
        family="registry",
        version=1,
        tables=(
            RegistryRole,
            RegistryModel,
            RegistryConstraint,
            RegistryAcceleration,
            RegistryPerformance,
            RegistryDraftTarget,
            RegistryQuirk,
            RegistryDeprecatedModel,
            RegistryServerEndpoint,
            RegistrySetting,
            ExpectedConfig,
        ),
        recognises=recognises_registry,
        read=read_registry,
        rows=rows_registry,
    ),
    *optimization_checkpoint.FORMATS,
)
