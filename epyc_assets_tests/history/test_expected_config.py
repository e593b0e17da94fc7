"""The earlier project's config matrix, by family and by the rules that shape it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.history.expected_config import MatrixRole, config_names, drafts_of, expected_configs, fits
from epyc_assets.history.naming import config_of


def role(name: str = "baker", **changes: Any) -> MatrixRole:
    """A dense role of 30 GB that forbids nothing."""
    known: dict[str, Any] = {
        "role": name,
        "tier": "B",
        "architecture": "dense",
        "model_name": "Rye-7B-Instruct",
        "size_gb": 30.0,
        "is_deprecated": False,
        "forbidden": frozenset(),
        "baseline_experts": None,
        "targets": (),
    }
    return MatrixRole(**(known | changes))


def names(drafts: tuple[str, ...] = ("draft_bun",), **changes: Any) -> list[str]:
    """Config names of the role."""
    return list(config_names(role(**changes), drafts))


def test_a_dense_role_speculates_with_six_k() -> None:
    assert names() == ["baseline", *(f"spec_draft_bun_k{k}" for k in (4, 8, 16, 24, 32, 48))]


def test_a_small_dense_role_looks_up_too() -> None:
    found = names(size_gb=19.9)
    assert found[7:] == [*(f"spec_draft_bun_k{k}_lookup" for k in (8, 16, 24)), *(f"lookup_n{n}" for n in (3, 4, 5))]
    assert names(size_gb=20.0) == names()


def test_a_moe_role_runs_fewer_experts_and_their_compounds() -> None:
    found = names(architecture="moe", size_gb=5.0)
    assert found[:3] == ["baseline", "moe4", "moe6"]
    per_experts = [name for name in found if name.startswith("moe8_")]
    assert per_experts == [
        *(f"moe8_spec_draft_bun_k{k}" for k in (8, 16, 24)),
        *(f"moe8_spec_draft_bun_k{k}_lookup" for k in (8, 16, 24)),
        *(f"moe8_lookup_n{n}" for n in (3, 4, 5)),
    ]
    assert len(found) == 3 + 3 * len(per_experts)


@pytest.mark.parametrize(
    ("experts", "expected"), [(4, []), (6, ["moe4"]), (8, ["moe4", "moe6"]), (10, ["moe4", "moe6", "moe8"])]
)
def test_fewer_experts_stop_two_below_the_models_own(experts: int, expected: list[str]) -> None:
    found = names((), architecture="qwen3moe", baseline_experts=experts)
    assert found == ["baseline", *expected]


def test_a_model_of_four_experts_looks_up_with_four() -> None:
    found = names(architecture="deepseek2", baseline_experts=4, size_gb=18.0, forbidden={"speculative_decoding"})
    assert found == ["baseline", "moe4_lookup_n3", "moe4_lookup_n4", "moe4_lookup_n5"]


def test_recurrent_models_never_speculate() -> None:
    assert names(architecture="ssm_moe_hybrid", size_gb=1.0) == ["baseline", "moe4", "moe6"]


def test_what_is_forbidden_is_not_expected() -> None:
    assert names(size_gb=1.0, forbidden={"speculative_decoding", "prompt_lookup"}) == ["baseline"]
    assert names(size_gb=1.0, forbidden={"speculative_decoding"}) == ["baseline", "lookup_n3", "lookup_n4", "lookup_n5"]
    assert not any("lookup" in name for name in names(size_gb=1.0, forbidden={"prompt_lookup"}))


def test_drafts_themselves_have_a_baseline_only() -> None:
    assert names(tier="D", size_gb=0.5) == ["baseline"]


def test_a_draft_fits_by_a_part_of_the_name_whatever_case_and_underscores() -> None:
    assert fits("rye-7b", "Rye_7B-Instruct")
    assert not fits("rye-8b", "Rye_7B-Instruct")
    assert not fits("", "Rye-7B")
    assert not fits("rye", None)


def test_deprecated_drafts_and_other_tiers_draft_for_nobody() -> None:
    roles = [
        role(),
        role("draft_bun", tier="D", targets=("rye",)),
        role("draft_old", tier="D", targets=("rye",), is_deprecated=True),
        role("worker", tier="C", targets=("rye",)),
    ]
    assert drafts_of(roles)["baker"] == ["draft_bun"]


def test_rows_name_the_parts_of_the_config() -> None:
    roles = [role(architecture="moe"), role("draft_bun", tier="D", targets=("rye",), model_name="Bun")]
    rows = expected_configs(roles, {each.role: (1, 2, "Rye", True) for each in roles}, 9)
    (row,) = [each for each in rows if each.config == "moe4_spec_draft_bun_k8"]
    assert (row.family, row.moe_experts, row.draft_role, row.k, row.is_speed_only) == (
        ("moe+spec", 4, "draft_bun", 8, True)
    )
    assert row.config_id == config_of(row.config).config_id


def test_a_hostile_registry_is_bounded() -> None:
    roles = [role(f"r{n}", model_name="rye") for n in range(3000)]
    roles += [role(f"draft_{n}", tier="D", targets=("r",)) for n in range(3000)]
    keys = {each.role: (0, 0, "", True) for each in roles}
    assert len(expected_configs(roles, keys, 1)) == len(roles)  # not compared: baselines only
    roles = [role(f"r{n}") for n in range(300)] + [role(f"draft_{n}", tier="D", targets=("r",)) for n in range(300)]
    assert len(expected_configs(roles, {each.role: (0, 0, "", True) for each in roles}, 1)) == 200_000


@given(
    st.sampled_from([None, "dense", "moe", "deepseek2", "ssm_moe_hybrid", "bert", ""]),
    st.none() | st.integers(-(10**18), 10**18),
    st.none() | st.floats(0, 1e6),
    st.sampled_from([None, "A", "D"]),
)
def test_names_are_distinct_few_and_of_known_form(
    architecture: str | None, experts: int | None, size_gb: float | None, tier: str | None
) -> None:
    found = names(architecture=architecture, baseline_experts=experts, size_gb=size_gb, tier=tier)
    assert len(found) == len(set(found)) < 400
    assert all(config_of(name).family != "unknown" for name in found)
