"""Which configs the earlier project's executor would have run for the roles of its registry.

Here: the rule of that executor's matrix, as a pure function of registry rows. Not here: the live platform's matrix
(benchmark/matrix), which knows constraints that this rule did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from epyc_assets.history.naming import config_of
from epyc_assets.history.rows import Row

MOE_ARCHITECTURES = frozenset(("moe", "qwen3moe", "qwen3vlmoe", "mixtral", "deepseek2", "qwen35moe"))
RECURRENT_ARCHITECTURES = frozenset(("ssm_moe_hybrid", "qwen3next"))
"""Recurrent state cannot be rolled back, so these allow no speculation of any kind."""

LOOKUP_BELOW_GB = 20.0
SPEC_K = (4, 8, 16, 24, 32, 48)
COMPOUND_K = (8, 16, 24)
LOOKUP_N = (3, 4, 5)
USUAL_EXPERTS = 8
_SPECULATED_EXPERTS = (4, 6, 8)
_MOST_EXPERTS = 512
_MOST_NAME_CHARACTERS = 500
_MOST_ROWS = 200_000
_MOST_COMPARISONS = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedConfig(Row):
    """One config that a role of the registry was to be measured with."""

    table: ClassVar[str] = "expected_config"

    role_id: int
    role: str
    model_id: int
    model: str
    config_id: int
    config: str
    family: str
    moe_experts: int | None
    draft_role: str | None
    k: int | None
    ngram_n: int | None
    uses_lookup: bool
    is_speed_only: bool
    is_deprecated_role: bool
    has_model_path: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRole:
    """What the matrix needs to know of a role. forbidden: by any of the registry's three spellings. targets: the
    names that a draft says it fits. baseline_experts: as the role's acceleration states it, not its model."""

    role: str
    tier: str | None
    architecture: str | None
    model_name: str | None
    size_gb: float | None
    is_deprecated: bool
    forbidden: frozenset[str]
    baseline_experts: int | None
    targets: tuple[str, ...]


def fits(pattern: str, model_name: str | None) -> bool:
    """Whether a draft's target pattern names the model: as part of the name, whatever the case; _ is -."""
    return bool(pattern) and model_name is not None and _plain(pattern) in _plain(model_name)


def drafts_of(roles: Sequence[MatrixRole]) -> dict[str, list[str]]:
    """Role to the drafts that fit its model: roles of tier D that are not deprecated, in registry order. Empty for a
    registry too large to compare each with each."""
    drafts = [(role.role, [_plain(each) for each in role.targets if each]) for role in roles if _is_draft(role)]
    patterns = sum(len(each) for _, each in drafts)
    if patterns * len(roles) > _MOST_COMPARISONS:
        return {}
    found: dict[str, list[str]] = {}
    for role in roles:
        name = _plain(role.model_name or "")
        found[role.role] = [draft for draft, wanted in drafts if any(each in name for each in wanted)]
    return found


def config_names(role: MatrixRole, drafts: Sequence[str]) -> Iterator[str]:
    """Names of the configs for one role, in the executor's order; all model files are taken to be there.

    An unknown size counts as 0, as it did in the executor.
    """
    yield "baseline"
    if role.architecture in RECURRENT_ARCHITECTURES:
        yield "moe4"
        yield "moe6"
        return
    is_small = (role.size_gb or 0.0) < LOOKUP_BELOW_GB
    may_look_up = is_small and "prompt_lookup" not in role.forbidden
    usable = () if "speculative_decoding" in role.forbidden or role.tier == "D" else drafts
    if role.architecture in MOE_ARCHITECTURES:
        experts = min(role.baseline_experts or USUAL_EXPERTS, _MOST_EXPERTS)
        yield from (f"moe{each}" for each in range(4, experts - 1, 2))
        for each in _SPECULATED_EXPERTS:
            if each > experts:
                continue
            for draft in usable:
                yield from (f"moe{each}_spec_{draft}_k{k}" for k in COMPOUND_K)
                if may_look_up:
                    yield from (f"moe{each}_spec_{draft}_k{k}_lookup" for k in COMPOUND_K)
            if may_look_up:
                yield from (f"moe{each}_lookup_n{n}" for n in LOOKUP_N)
        return
    for draft in usable:
        yield from (f"spec_{draft}_k{k}" for k in SPEC_K)
    if may_look_up and role.tier != "D":
        for draft in usable:
            yield from (f"spec_{draft}_k{k}_lookup" for k in COMPOUND_K)
        yield from (f"lookup_n{n}" for n in LOOKUP_N)


def expected_configs(
    roles: Sequence[MatrixRole], keys: Mapping[str, tuple[int, int, str, bool]], source_file_id: int
) -> list[ExpectedConfig]:
    """The matrix over all roles, deprecated ones too. keys: role to role_id, model_id, model and whether it has a
    model path. Stops at 200,000 rows, far beyond any registry."""
    rows: list[ExpectedConfig] = []
    drafts = drafts_of(roles)
    for role in roles:
        role_key, model_key, model, has_path = keys[role.role]
        for name in unique(config_names(role, drafts.get(role.role, ()))):
            if len(rows) >= _MOST_ROWS:
                return rows
            config = config_of(name)
            rows.append(
                ExpectedConfig(
                    source_file_id=source_file_id,
                    role_id=role_key,
                    role=role.role,
                    model_id=model_key,
                    model=model,
                    config_id=config.config_id,
                    config=name,
                    family=config.family,
                    moe_experts=config.moe_experts,
                    draft_role=config.draft_role,
                    k=config.k,
                    ngram_n=config.ngram_n,
                    uses_lookup=config.uses_lookup,
                    is_speed_only=config.is_speed_only,
                    is_deprecated_role=role.is_deprecated,
                    has_model_path=has_path,
                )
            )
    return rows


def unique(names: Iterable[str]) -> Iterable[str]:
    """The names in order, each once."""
    return dict.fromkeys(names)


def _is_draft(role: MatrixRole) -> bool:
    return role.tier == "D" and not role.is_deprecated


def _plain(name: str) -> str:
    return name[:_MOST_NAME_CHARACTERS].lower().replace("_", "-")
