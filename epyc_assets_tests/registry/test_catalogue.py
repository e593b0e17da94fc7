"""The registry that ships: it loads, and the big catalogue is whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from epyc_assets.registry import Registry, load_registry
from epyc_assets.registry.findings import FINDING_KINDS, Finding, registry_findings

REGISTRY = Path(__file__).resolve().parents[2] / "registry"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(REGISTRY)


@pytest.fixture(scope="module")
def findings(registry: Registry) -> list[Finding]:
    return registry_findings(registry)


def test_both_fleets_and_their_hosts_are_there(registry: Registry) -> None:
    assert {"demo", "epyc9655"} <= registry.fleets.keys()
    assert registry.host_of("epyc9655").cores == 96
    assert registry.host_of("demo").cores is None, "the local machine is read when needed, not written down"


def test_the_catalogue_has_every_role_and_every_file(registry: Registry) -> None:
    fleet = registry.fleet("epyc9655")
    assert len(fleet.roles) == 112
    assert sum(role.deprecated is None for role in fleet.roles.values()) == 86
    assert Counter(role.tier for role in fleet.roles.values()) == {"B": 55, "D": 30, "C": 26, "A": 1}
    files = {model.file for model in fleet.models.values() if model.file}
    assert len(files) == 98
    assert sum(model.kind == "external" for model in fleet.models.values()) == 4
    assert len(fleet.models) == 102
    assert all(role.model in fleet.models for role in fleet.roles.values())
    assert len(fleet.retired_files) == 22


def test_draft_lists_give_as_many_pairs_as_the_record_plans(registry: Registry) -> None:
    """612 configurations with 6 values of K and 162 with 9 of (experts, K), counted by role."""
    fleet = registry.fleet("epyc9655")
    pairs: Counter[bool] = Counter()
    for role in fleet.roles.values():
        if role.deprecated is not None or role.tier == "D" or role.model is None:
            continue
        model = fleet.models[role.model]
        active = [draft for draft in model.drafts if fleet.models[draft].deprecated is None]
        pairs[model.is_moe] += len(active)
    assert pairs[False] * 6 == 612
    assert pairs[True] * 9 == 162


def test_one_list_holds_what_was_forbidden_in_three_spellings(registry: Registry) -> None:
    models = registry.fleet("epyc9655").models
    hybrid = models["Qwen3-Next-80B-A3B-Instruct-Q4_K_M"]
    assert {ban.technique for ban in hybrid.forbidden} == {"spec", "lookup", "eagle"}
    assert hybrid.forbidden_reason("moe_spec")
    assert hybrid.forbidden_reason("moe") is None
    thinking = models["Qwen3-30B-A3B-Thinking-2507-Q8_0"]
    assert thinking.forbidden_reason("spec") is not None, "was under forbidden_configs"
    vision = models["Qwen2.5-VL-7B-Instruct-Q4_K_M"]
    assert vision.forbidden_reason("lookup") is not None, "was under acceleration.disallowed"


def test_per_suite_temperatures_and_thinking_are_kept(registry: Registry) -> None:
    models = registry.fleet("epyc9655").models
    model = models["Qwen3.5-27B-Q4_K_M"]
    assert model.temperature("coder") == 0.6
    assert model.temperature("thinking") == 1.0
    assert model.thinking is not None
    assert model.thinking.off_text == "<think>\n</think>\n"
    assert model.thinking.off_suites == ["agentic", "instruction_precision"]


def test_every_speed_from_the_wrong_clock_is_doubted(registry: Registry) -> None:
    fleet = registry.fleet("epyc9655")
    for model in fleet.models.values():
        if model.kind == "external" or (model.parameter_count or 0) < 30e9:
            continue
        for figure in model.measured:
            if figure.name == "generation_tps" and figure.value > 70:
                assert not figure.trusted, (model.name, figure)
                assert figure.doubt


def test_shared_files_are_one_model_with_one_size(registry: Registry) -> None:
    fleet = registry.fleet("epyc9655")
    shared = [name for name, role in fleet.roles.items() if role.model == "Qwen2.5-Coder-32B-Instruct-Q4_K_M"]
    assert shared == ["coder_escalation", "worker_summarize", "ingest_qwen2_5_coder_32b"]
    assert fleet.models["Qwen2.5-Coder-32B-Instruct-Q4_K_M"].size_bytes == round(18.5 * 2**30)


@pytest.mark.parametrize(
    ("kind", "subjects"),
    [
        (
            "draft_deprecated",
            {
                "role architect_meta_llama_3_70b",
                "role thinking_deepseek_r1_distill_qwen_14b",
                "role thinking_deepseek_r1_distill_qwen_14b_q6kl",
            },
        ),
        (
            "retired_but_in_use",
            {
                "model Hermes-4-70B-Q4_K_M",
                "model Qwen2.5-72B.Q4_K_M",
                "model Qwen2.5-72B-Instruct-Q4_K_M",
                "model Qwen2.5-Math-72B-Instruct-Q6_K",
                "model Qwen2.5-Math-72B-Instruct-Q4_K_M",
                "model gemma-3-27B-it-QAT-Q4_0",
                "model Qwen3-30B-A3B-Thinking-2507-Q8_0",
            },
        ),
        ("tier_d_not_a_draft", {"role tool_formalizer_xlam1", "role tool_formalizer_xlam2"}),
        (
            "service_runs_other_model",
            {"service worker", "service coder_escalation", "service ingest_long_context"},
        ),
        ("service_without_role", {"service voice_server", "service document_formalizer"}),
        (
            "implausible_figure",
            {
                "model Qwen2.5-Coder-32B-Instruct-Q4_K_M",
                "model Qwen2.5-72B-Instruct-Q4_K_M",
                "model Qwen2.5-Math-72B-Instruct-Q4_K_M",
                "model DeepSeek-R1-Distill-Qwen-32B-Q6_K",
            },
        ),
        ("bandwidth_disagrees", {"host epyc9655"}),
    ],
)
def test_faults_of_the_record_that_remain_are_findings(findings: list[Finding], kind: str, subjects: set[str]) -> None:
    found = {finding.subject for finding in findings if finding.fleet == "epyc9655" and finding.kind == kind}
    assert subjects <= found


def test_findings_are_of_known_kinds_and_say_something(findings: list[Finding]) -> None:
    assert {finding.kind for finding in findings} <= FINDING_KINDS.keys()
    assert all(finding.detail.strip() for finding in findings)


def test_quirks_are_facts_with_known_ids(registry: Registry) -> None:
    assert len(registry.quirks) >= 53
    assert all(len(quirk.statement) < 250 for quirk in registry.quirks)
