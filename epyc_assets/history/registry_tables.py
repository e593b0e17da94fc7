"""Tables of the earlier project's model registry, a row class each.

Here: the columns. Not here: how the YAML becomes rows (model_registry, registry_sections).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from epyc_assets.history.fields import Json
from epyc_assets.history.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRole(Row):
    """One role, with the model that the registry gives it."""

    table: ClassVar[str] = "registry_role"

    role_id: int
    role: str
    ordinal: int
    tier: str | None
    description: str | None
    model_id: int
    model: str
    model_name: str | None
    model_path: str | None
    quantization: str | None
    size_gb: float | None
    architecture: str | None
    baseline_experts: int | None
    residency: str | None
    is_pinned: bool | None
    candidate_roles: tuple[str, ...]
    is_deprecated: bool
    deprecated_date: date | None
    deprecated_reason: str | None
    benchmark_date: date | None
    constraint_reason: str | None
    constraint_notes: str | None
    notes: str | None
    system_prompt_suffix: str | None
    generation_defaults: Json | None
    temperature_overrides: Json | None
    thinking_quirks: Json | None
    launch_quirks: Json | None
    paged_attention: Json | None
    memory_extra: Json | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryModel(Row):
    """One model file (or service model without a file) that roles name, as the first of them describes it."""

    table: ClassVar[str] = "registry_model"

    ordinal: int
    model_id: int
    model: str
    model_path: str | None
    name: str | None
    quantization: str | None
    size_gb: float | None
    architecture: str | None
    huggingface_id: str | None
    mmproj_path: str | None
    max_context: int | None
    baseline_experts: int | None
    vocab_size: int | None
    split_count: int | None
    embedding_dim: int | None
    roles: tuple[str, ...]
    is_used: bool
    quality_flags: tuple[str, ...]
    entries: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryConstraint(Row):
    """One thing that a role forbids, in one of three spellings."""

    table: ClassVar[str] = "registry_constraint"

    role_id: int
    role: str
    ordinal: int
    forbidden: str
    origin: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAcceleration(Row):
    """One acceleration of a role: the main one, or one nested in it."""

    table: ClassVar[str] = "registry_acceleration"

    role_id: int
    role: str
    ordinal: int
    position: str
    type: str | None
    draft_role_id: int | None
    draft_role: str | None
    draft_model: str | None
    draft_path: str | None
    k: int | None
    experts: int | None
    override_key: str | None
    baseline_experts: int | None
    uses_lookup: bool | None
    ngram_min: int | None
    optimized_tps: float | None
    best_for: str | None
    benchmarked: date | None
    reason: str | None
    notes: str | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryPerformance(Row):
    """One performance figure that the registry claims for a role."""

    table: ClassVar[str] = "registry_performance"

    role_id: int
    role: str
    ordinal: int
    metric: str
    value: float | None
    unit: str | None
    raw: str | None
    is_trusted: bool | None
    distrust_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryDraftTarget(Row):
    """One target name that a draft role says it fits."""

    table: ClassVar[str] = "registry_draft_target"

    draft_role_id: int
    draft_role: str
    ordinal: int
    target_pattern: str
    matched_roles: tuple[str, ...]
    is_matched: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryQuirk(Row):
    """One quirk of a group."""

    table: ClassVar[str] = "registry_quirk"

    ordinal: int
    group_key: str
    group_description: str | None
    issue: str | None
    explanation: str | None
    workaround: str | None
    status: str | None
    discovered: date | None
    updated: date | None
    extra: Json | None
    group_extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryDeprecatedModel(Row):
    """One model that was taken out of the fleet."""

    table: ClassVar[str] = "registry_deprecated_model"

    ordinal: int
    model: str | None
    path_was: str | None
    size_gb: float | None
    blind_score: str | None
    blind_score_share: float | None
    reason: str | None
    deleted_date: date | None
    used_by_roles: tuple[str, ...]
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryServerEndpoint(Row):
    """One server of the stack."""

    table: ClassVar[str] = "registry_server_endpoint"

    ordinal: int
    section: str
    name: str
    role_id: int | None
    role: str | None
    url: str | None
    port: int | None
    slots: int | None
    model_id: int | None
    model: str | None
    model_file: str | None
    draft_model_file: str | None
    memory_gb: float | None
    tier: str | None
    throughput: float | None
    description: str | None
    notes: str | None
    acceleration: Json | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySetting(Row):
    """One setting of the registry that no other table takes."""

    table: ClassVar[str] = "registry_setting"

    ordinal: int
    section: str
    key_path: str
    value: Json
