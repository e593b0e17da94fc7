"""Doubts about a sound registry: each kind is found where it is, and not where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.registry import load_registry
from epyc_assets.registry.findings import registry_findings
from epyc_assets_tests.registry.registries import FLEET, HOST, write_registry


def found(folder: Path, fleet: str = FLEET, host: str = HOST) -> dict[str, list[str]]:
    """Findings as {kind: ["subject: detail"]}."""
    kinds: dict[str, list[str]] = {}
    for finding in registry_findings(load_registry(write_registry(folder, fleet, host=host))):
        kinds.setdefault(finding.kind, []).append(f"{finding.subject}: {finding.detail}")
    return kinds


def target(text: str) -> str:
    return FLEET.replace("    drafts: [draft]\n", f"    drafts: [draft]\n{text}")


def test_a_plain_registry_raises_no_doubt(tmp_path: Path) -> None:
    assert found(tmp_path) == {}


@pytest.mark.parametrize(
    ("fleet", "kind", "expected"),
    [
        (
            FLEET.replace("    kind: draft\n", "    kind: draft\n    deprecated: {reason: gone}\n"),
            "draft_deprecated",
            "model target: lists draft: gone",
        ),
        (FLEET.replace("    drafts: [draft]\n", ""), "draft_without_target", "model draft"),
        (target("    deprecated: {reason: gone}\n"), "role_model_deprecated", "role frontdoor: target: gone"),
        (FLEET.replace("    model: target\n", "", 1), "role_without_model", "role frontdoor"),
        (
            FLEET.replace("description: Knows.", "description: Knows.\n    deprecated: {reason: gone}"),
            "deprecation_disagrees",
            "out of use for expert, in use for frontdoor",
        ),
        (FLEET.replace("tier: B", "tier: D"), "tier_d_not_a_draft", "role expert: target is of kind chat"),
        (
            FLEET.replace("    drafts: [draft]\n", "").replace(
                "tier: A\n", "tier: A\n    served_with: {technique: spec, draft: draft}\n"
            ),
            "served_draft_not_listed",
            "role frontdoor: draft is not among the drafts of target",
        ),
        (target("    shard_count: 3\n"), "size_unknown", "model target: 3 files"),
        (
            target("    size_bytes: 1000000000\n    parameter_count: 7000000000\n    quantisation: Q8_0\n"),
            "size_disagrees",
            "1.1 bits per parameter, where Q8_0 has about 8.5",
        ),
        (
            target("    quantisation: Q8_0\n").replace("target.gguf", "target-Q4_K_M.gguf"),
            "quantisation_disagrees",
            "Q8_0 here, Q4_K_M in the file name",
        ),
        (target("    architecture: mamba\n"), "speculation_on_recurrent", "mamba has recurrent layers"),
        (
            target(
                "    measured:\n"
                "      - {name: generation_tps, value: 10.0, unit: tokens/s, technique: baseline}\n"
                "      - {name: generation_tps, value: 20.0, unit: tokens/s, technique: spec, k: 4}\n"
                "      - {name: speedup_ratio, value: 3.0, unit: ratio, technique: spec, k: 4}\n"
            ),
            "implausible_figure",
            "its rates give 20 / 10 = 2.00",
        ),
        (
            target("    measured:\n      - {name: speedup_ratio, value: 9.0, unit: ratio, technique: spec, k: 4}\n"),
            "implausible_figure",
            "more than the 5 tokens a step can give at K=4",
        ),
        (
            target(
                "    measured:\n      - {name: x, value: 9.0, unit: y, trusted: false, doubt: the clock was wrong}\n"
            ),
            "untrusted_figure",
            "1 of 1 figures: the clock was wrong",
        ),
        (
            FLEET + "services:\n  a: {port: 80, role: frontdoor, runs: other.gguf}\n",
            "service_runs_other_model",
            "runs other.gguf; role frontdoor names target.gguf",
        ),
        (
            FLEET + "services:\n  a: {port: 80, runs: x}\n  b: {port: 80, role: frontdoor, runs: target.gguf}\n",
            "service_port_shared",
            "service b: port 80 belongs to a too",
        ),
        (FLEET + "services:\n  a: {runs: whisper}\n", "service_without_role", "service a: runs whisper"),
        (
            FLEET + "retired_files:\n  - {name: t, deleted: 2026-01-01, reason: old, models: [target]}\n",
            "retired_but_in_use",
            "deleted 2026-01-01 (old), but used by frontdoor, expert",
        ),
    ],
)
def test_each_kind_is_found(tmp_path: Path, fleet: str, kind: str, expected: str) -> None:
    kinds = found(tmp_path, fleet)
    assert any(expected in line for line in kinds.get(kind, [])), kinds


def test_a_rate_above_the_memory_bandwidth_is_implausible(tmp_path: Path) -> None:
    measured = "    measured:\n      - {name: generation_tps, value: 60.0, unit: tokens/s, technique: baseline}\n"
    fleet = target("    size_bytes: 10000000000\n" + measured)
    host = HOST + "nominal_bandwidth_bytes_per_s: 500000000000.0\n"
    assert "memory gives at most 50.0" in found(tmp_path, fleet, host)["implausible_figure"][0]
    assert "implausible_figure" not in found(tmp_path, fleet.replace("60.0", "49.0"), host)


def test_a_nominal_bandwidth_that_is_not_channels_times_rate_is_told(tmp_path: Path) -> None:
    host = HOST + "memory_channels: 12\nmemory_transfers_per_s: 5600000000\n"
    right = host + "nominal_bandwidth_bytes_per_s: 537600000000.0\n"
    wrong = host + "nominal_bandwidth_bytes_per_s: 460800000000.0\n"
    assert found(tmp_path, host=right) == {}
    assert "12 channels give 537.6" in found(tmp_path, host=wrong)["bandwidth_disagrees"][0]
