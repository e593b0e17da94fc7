"""The earlier project's registry: roles, models, constraints, claims, and each contradiction in them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history.formats import format_named
from epyc_assets.history.registry_figures import Figure, distrust, figure_of
from epyc_assets_tests.history.conftest import imported
from epyc_assets_tests.history.faults import check, damaged_bytes

PATH = "orchestration/model_registry.yaml"
REGISTRY = """
runtime_defaults:
  threads: 96
  paths: {base: /models, kept: []}
server_mode:
  front: {port: 8080, model_role: baker, model: Rye-7B-Q4.gguf, throughput: 9.00, colour: red}
  voice: {port: 9000, model_role: singer, model: Song}
  other: {model_role: baker, model: Oat-7B-Q4.gguf}
  dev:
    front: {url: "http://x", model: Bun.gguf}
worker_pool:
  enabled: true
  workers:
    fast: {port: 8102, expected_tps: 60}
roles:
  baker:
    tier: B
    description: Bakes
    model:
      {name: Rye-7B, path: a/Rye-7B-Q4-00001-of-00002.gguf, quant: Q4, size_gb: 4.50, architecture: dense,
       mmproj_path: a/eye.gguf}
    candidate_roles: [front, back]
    acceleration:
      type: speculative_decoding
      draft_role: draft_bun
      k: 8
      alternative: {type: prompt_lookup, ngram_min: 3}
      colour: red
    performance:
      {baseline_tps: 2.0, optimized_tps: 170.0, speedup: 85x, spec_acceptance_full: 70.1%, note: n/a, raw_tps: null}
    constraints: {forbid: [eagle], reason: Slow, colour: red}
    forbidden_configs: [prompt_lookup]
    memory: {residency: hot, pinned: true, total_gb: 5}
    benchmark_date: 2030-01-02
    oven: {heat: 220}
  baker_two:
    tier: C
    model: {name: Rye-7B, path: a/Rye-7B-Q4-00001-of-00002.gguf, size_gb: 5, architecture: dense}
    acceleration: {type: baseline, disallowed: [speculative_decoding], reason: No eyes}
    memory: {residency: cold, pinned: false}
  service:
    tier: B
    model: {name: Cloud, path: "", size_gb: 0, architecture: external_api}
    acceleration: {type: speculative_decoding, draft_role: draft_gone, k: 4}
  draft_bun:
    tier: D
    model: {name: Bun, path: b/Bun.gguf, size_gb: 0.5, architecture: dense}
    deprecated: true
    deprecation_reason: Stale
    deprecated_date: 2030-02-03
    compatible_targets: [rye_7b, Spelt]
  draft_old:
    tier: D
    model: {name: Old, path: b/Old.gguf, size_gb: 0.5, architecture: dense}
    deprecated: true
    compatible_targets: [rye]
runtime_quirks:
  rye:
    description: Rye
    quirks:
    - {issue: Sticks, workaround: Flour, discovered: 2030-01-02, resolved: true}
    - just text
  plain:
  - {issue: Burns, explanation: Heat}
deprecated_models:
- {model: Rye-7B-GGUF, path_was: /x, size_gb: 4, blind_score: 85.2%, reason: Old, deleted: 2030-01-02}
- {model: Rye-7B-GGUF (duplicate), blind_score: "baseline 22%, moe6 97%"}
- text
routing_hints:
- {if: "'bread' in x", use: [baker]}
"""


def tables(text: str = REGISTRY) -> tuple[dict[str, list[Any]], Any]:
    """Table to its rows, and everything."""
    name, result = imported(text, PATH)
    assert name == "model_registry"
    found: dict[str, list[Any]] = {}
    rows: list[Any] = result.rows
    for row in rows:
        found.setdefault(row.table, []).append(row)
    return found, result


def test_a_role_is_a_row_with_its_model() -> None:
    found, result = tables()
    baker, *_ = found["registry_role"]
    assert (result.records, result.main_rows, result.status) == (5, 5, "ok")
    assert (baker.role, baker.tier, baker.model, baker.model_path) == (
        ("baker", "B", "Rye-7B-Q4", "a/Rye-7B-Q4-00001-of-00002.gguf")
    )
    assert (baker.size_gb, baker.architecture, baker.residency, baker.is_pinned) == (4.5, "dense", "hot", True)
    assert (baker.benchmark_date, baker.candidate_roles, baker.is_deprecated) == (
        (date(2030, 1, 2), ("front", "back"), False)
    )
    assert (baker.constraint_reason, json.loads(baker.memory_extra)) == ("Slow", {"total_gb": 5})
    assert json.loads(baker.extra) == {"oven": {"heat": 220}, "constraints": {"colour": "red"}}


def test_both_spellings_of_the_reason_are_read_and_its_lack_is_flagged() -> None:
    found, _ = tables()
    roles = {row.role: row for row in found["registry_role"]}
    assert (roles["draft_bun"].deprecated_reason, roles["draft_bun"].deprecated_date) == ("Stale", date(2030, 2, 3))
    assert roles["draft_bun"].quality_flags == ("reason_under_deprecation_reason",)
    assert roles["draft_old"].quality_flags == ("deprecated_without_reason",)
    assert (roles["service"].quality_flags, roles["service"].model) == (("no_model_path",), "Cloud")


def test_a_file_that_roles_share_is_one_model() -> None:
    found, _ = tables()
    rye = found["registry_model"][0]
    assert (rye.model, rye.roles, rye.quality_flags) == ("Rye-7B-Q4", ("baker", "baker_two"), ("sizes_disagree",))
    assert (rye.size_gb, rye.mmproj_path, rye.is_used) == (4.5, "a/eye.gguf", True)
    assert json.loads(rye.entries)["baker_two"]["size_gb"] == 5
    others = {row.model: (row.model_path, row.is_used) for row in found["registry_model"][1:]}
    assert others == {"Cloud": (None, True), "Bun": ("b/Bun.gguf", False), "Old": ("b/Old.gguf", False)}


def test_three_spellings_of_a_constraint_are_told_apart() -> None:
    found, _ = tables()
    assert [(row.role, row.forbidden, row.origin, row.reason) for row in found["registry_constraint"]] == [
        ("baker", "eagle", "constraints.forbid", "Slow"),
        ("baker", "prompt_lookup", "forbidden_configs", None),
        ("baker_two", "speculative_decoding", "acceleration.disallowed", "No eyes"),
    ]


def test_a_nested_acceleration_is_a_row_of_its_own() -> None:
    found, _ = tables()
    main, nested, blocked, cloud = found["registry_acceleration"]
    assert (main.position, main.draft_role, main.k, json.loads(main.extra)) == (
        ("main", "draft_bun", 8, {"colour": "red"})
    )
    assert (nested.position, nested.type, nested.ngram_min, nested.ordinal) == ("alternative", "prompt_lookup", 3, 2)
    assert (main.quality_flags, cloud.quality_flags) == (("draft_deprecated",), ("draft_unknown",))
    assert (blocked.reason, blocked.extra) == ("No eyes", None)


def test_a_claim_keeps_its_text_and_says_whether_it_can_be_true() -> None:
    found, _ = tables()
    claims = {row.metric: row for row in found["registry_performance"]}
    assert (claims["spec_acceptance_full"].value, claims["spec_acceptance_full"].unit) == (70.1, "percent")
    assert (claims["speedup"].value, claims["speedup"].unit, claims["speedup"].raw) == (85.0, "times", "85x")
    assert (claims["optimized_tps"].is_trusted, claims["speedup"].is_trusted) == (False, False)
    assert "at most 9 tokens" in claims["optimized_tps"].distrust_reason
    assert (claims["baseline_tps"].is_trusted, claims["baseline_tps"].distrust_reason) == (True, None)
    assert (claims["note"].value, claims["note"].raw, claims["note"].is_trusted) == (None, "n/a", None)
    assert (claims["raw_tps"].value, claims["raw_tps"].raw) == (None, None)


def test_a_draft_target_that_matches_nothing_is_told() -> None:
    found, _ = tables()
    assert [(row.draft_role, row.target_pattern, row.matched_roles) for row in found["registry_draft_target"]] == [
        ("draft_bun", "rye_7b", ("baker", "baker_two")),
        ("draft_bun", "Spelt", ()),
        ("draft_old", "rye", ("baker", "baker_two")),
    ]


def test_quirks_are_rows_and_what_is_none_is_a_setting() -> None:
    found, _ = tables()
    first, second = found["registry_quirk"]
    assert (first.group_key, first.issue, first.workaround, first.discovered) == (
        ("rye", "Sticks", "Flour", date(2030, 1, 2))
    )
    assert (json.loads(first.extra), second.issue, second.explanation) == ({"resolved": True}, "Burns", "Heat")
    settings_found = {(row.section, row.key_path): json.loads(row.value) for row in found["registry_setting"]}
    assert settings_found == {
        ("runtime_quirks", "rye.quirks.1"): "just text",
        ("deprecated_models", "2"): "text",
        ("worker_pool", "enabled"): True,
        ("runtime_defaults", "threads"): 96,
        ("runtime_defaults", "paths.base"): "/models",
        ("runtime_defaults", "paths.kept"): [],
        ("routing_hints", ""): [{"if": "'bread' in x", "use": ["baker"]}],
    }


def test_a_deprecated_model_that_a_role_still_uses_is_flagged() -> None:
    found, _ = tables()
    rye, copy = found["registry_deprecated_model"]
    assert (rye.used_by_roles, rye.quality_flags, rye.blind_score_share) == (
        (("baker", "baker_two"), ("still_used",), 0.852)
    )
    assert (copy.used_by_roles, copy.quality_flags, copy.blind_score_share) == ((), (), None)
    assert (rye.deleted_date, copy.blind_score) == (date(2030, 1, 2), "baseline 22%, moe6 97%")


def test_servers_that_contradict_their_role_are_flagged() -> None:
    found, _ = tables()
    assert [(row.section, row.name, row.role, row.quality_flags) for row in found["registry_server_endpoint"]] == [
        ("server_mode", "front", "baker", ()),
        ("server_mode", "voice", "singer", ("unknown_role",)),
        ("server_mode", "other", "baker", ("other_model_than_role",)),
        ("server_mode.dev", "front", None, ("no_role",)),
        ("worker_pool", "fast", None, ("no_role",)),
    ]
    front = found["registry_server_endpoint"][0]
    assert (front.throughput, front.port, json.loads(front.extra)) == (9.0, 8080, {"colour": "red"})


def test_the_matrix_follows_all_three_spellings() -> None:
    found, _ = tables()
    by_role = {
        role: Counter(row.family for row in found["expected_config"] if row.role == role)
        for role in ("baker", "baker_two", "service")
    }
    assert by_role["baker"] == {"baseline": 1}  # its drafts are deprecated, and lookup is forbidden
    assert by_role["baker_two"] == {"baseline": 1, "lookup": 3}
    active, _ = tables(REGISTRY.replace("    deprecated: true\n    deprecation_reason", "    deprecation_reason"))
    families = Counter(row.family for row in active["expected_config"] if row.role == "baker")
    assert families == {"baseline": 1, "spec": 6}
    assert {row.draft_role for row in active["expected_config"] if row.family == "spec"} == {"draft_bun"}


@pytest.mark.parametrize("wrong", ["roles: 5", "roles: [a]"])
def test_roles_of_another_shape_are_a_reject(wrong: str) -> None:
    found, result = tables(wrong + "\nruntime_defaults: {threads: 3}\n")
    assert (result.status, result.rejected_records) == ("unreadable", 1)
    assert ("runtime_defaults", "threads") in {(row.section, row.key_path) for row in found["registry_setting"]}


def test_a_role_that_is_no_object_costs_only_itself() -> None:
    found, result = tables(REGISTRY.replace("  baker_two:\n    tier: C\n", "  odd: text\n  baker_two:\n    tier: C\n"))
    assert (len(found["registry_role"]), result.records) == (5, 6)
    assert [(reject.location, reject.raw_text) for reject in result.rejects] == [("roles/odd", '"text"')]


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("speedup", "1.61x", Figure(1.61, "times", "1.61x")),
        ("spec_acceptance_full", "70.1%", Figure(70.1, "percent", "70.1%")),
        ("vl_score", "3/4 (75%)", Figure(75.0, "percent", "3/4 (75%)")),
        ("acceptance_rate", 0.42, Figure(0.42, "share", "0.42")),
        ("acceptance_rate", "0.42-0.81", Figure(None, None, "0.42-0.81")),
        ("baseline_tps", "9.00", Figure(9.0, "tokens_per_second", "9.00")),
        ("quality_pct", 79, Figure(79.0, "percent", "79")),
        ("speedup", "n/a", Figure(None, None, "n/a")),
        ("speedup", None, Figure(None, None, None)),
        ("score", "3/0", Figure(None, None, "3/0")),
        ("speedup", "1.2.3x", Figure(None, "times", "1.2.3x")),
        ("baseline_tps", "9" * 400, Figure(None, None, "9" * 400)),
    ],
)
def test_a_figure_has_value_unit_and_its_text(metric: str, value: object, expected: Figure) -> None:
    assert figure_of(metric, value) == expected


@pytest.mark.parametrize(
    ("figures", "metric", "word"),
    [
        ({"baseline_tps": 2.0, "optimized_tps": 18.0}, "optimized_tps", None),
        ({"baseline_tps": 2.0, "optimized_tps": 18.1}, "optimized_tps", "at most 9"),
        ({"baseline_tps": 2.0, "optimized_tps": 1.9}, "optimized_tps", "slower"),
        ({"baseline_tps": 2.0, "moe2_tps": 1.9}, "moe2_tps", None),
        ({"baseline_tps": 2.0, "prompt_tps": 900.0}, "prompt_tps", None),
        ({"baseline_tps": 2.0, "optimized_tps": 4.0, "speedup": "2.0x"}, "speedup", None),
        ({"baseline_tps": 2.0, "optimized_tps": 4.0, "speedup": "2.2x"}, "speedup", "contradicts"),
        ({"lookup_speedup": "12.7x"}, "lookup_speedup", "more than the 9"),
        ({"optimized_tps": 500.0}, "optimized_tps", None),
        ({"baseline_tps": 0, "optimized_tps": 500.0}, "optimized_tps", None),
    ],
)
def test_a_claim_beyond_what_speculation_can_yield_is_not_trusted(
    figures: dict[str, object], metric: str, word: str | None
) -> None:
    reason = distrust(metric, {key: figure_of(key, value) for key, value in figures.items()}, [8, 4])
    assert (reason is None) if word is None else (reason is not None and word in reason)


CHECKPOINT = """
meta: {started: '2030-01-02T03:04:05', last_updated: '2030-01-02T04:04:05', colour: red}
layers:
  front:
    status: complete
    optimal_params: &best {heat: 0.5}
    metrics: {latency_ms: 6.8}
    trials_run: 5
    best_score: 1.0
  back: {metrics: {latency_ms: 900.0}}
  odd: text
history:
- {layer: front, completed: '2030-01-02T04:00:00', trials: 5, score: 1.0, params: *best}
- text
"""


def test_a_checkpoint_is_a_row_a_layer_and_mock_figures_are_flagged() -> None:
    name, result = imported(CHECKPOINT, "orchestration/optimization_checkpoint.yaml")
    rows: list[Any] = result.rows
    front, back, step = rows
    assert (name, result.records, result.main_rows, result.rejected_records) == ("optimization_checkpoint", 3, 2, 1)
    assert (front.layer, front.trials_run, front.latency_ms, front.quality_flags) == (
        "front",
        5,
        6.8,
        ("mock_latency",),
    )
    assert (back.quality_flags, json.loads(back.file_extra)) == ((), {"meta": {"colour": "red"}})
    assert (step.layer, json.loads(step.params), step.score) == ("front", {"heat": 0.5}, 1.0)
    assert [reject.location for reject in result.rejects] == ["layers/odd", "history/2"]


@pytest.mark.parametrize(
    ("format_name", "text"), [("model_registry", REGISTRY), ("optimization_checkpoint", CHECKPOINT)]
)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_makes_an_importer_raise_or_miscount(format_name: str, text: str, data: st.DataObject) -> None:
    result = check(format_named(format_name), data.draw(damaged_bytes(text.encode())), PATH)
    assert result.status == "ok" or result.rejects


@st.composite
def other_registry(draw: st.DrawFn) -> bytes:
    """The registry with some values replaced by ones of another type."""
    lines: list[str] = [*REGISTRY.splitlines()]
    for at in draw(st.lists(st.integers(0, len(lines) - 1), max_size=6)):
        key, colon, _ = lines[at].partition(":")
        value = draw(
            st.sampled_from(["", "5", "[1, [2]]", "{a: {b: 1}}", "text", "-1e999", "99999999999999999999", "yes"])
        )
        lines[at] = f"{key}{colon} {value}" if colon else lines[at]
    return "\n".join(lines).encode()


@given(other_registry())
@settings(max_examples=200, deadline=None)
def test_no_value_of_another_type_makes_it_raise_or_miscount(data: bytes) -> None:
    check(format_named("model_registry"), data, PATH)


@pytest.fixture(scope="module")
def real(record: Path) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Tables of the record's registry, and what a YAML library makes of it."""
    file = record / PATH
    if not file.is_file():
        pytest.skip("the record has no registry")
    found, result = tables(file.read_text())
    assert (result.status, result.rejects, result.flags) == ("ok", [], [])
    return found, yaml.load(file.read_bytes(), yaml.CSafeLoader)


def test_the_records_matrix_has_the_known_counts(real: tuple[dict[str, list[Any]], dict[str, Any]]) -> None:
    rows = real[0]["expected_config"]
    active = [row for row in rows if not row.is_deprecated_role]
    with_path = [row for row in active if row.has_model_path]
    order = ("baseline", "moe", "moe+spec", "moe+spec+lookup", "moe+lookup", "spec", "lookup", "spec+lookup")
    counted = {
        scope: tuple(Counter(row.family for row in each)[family] for family in order)
        for scope, each in (("active", active), ("path", with_path), ("all", rows))
    }
    if len(real[1]["roles"]) != 112:
        pytest.skip("not the registry that the counts are of")
    assert counted == {
        "active": (86, 30, 162, 45, 48, 612, 99, 165),
        "path": (82, 30, 162, 45, 48, 612, 87, 165),
        "all": (112, 44, 162, 45, 57, 630, 111, 174),
    }
    assert (len(active), len(with_path), len(rows)) == (1247, 1231, 1335)
    files = {row.role: row.model_path for row in real[0]["registry_role"]}
    assert len({(files[row.role], row.config) for row in with_path}) == 1003


def test_the_records_registry_is_whole(real: tuple[dict[str, list[Any]], dict[str, Any]]) -> None:
    found, plain = real
    roles = plain["roles"]
    assert [row.role for row in found["registry_role"]] == list(roles)
    assert sum(row.is_deprecated for row in found["registry_role"]) == sum(
        bool(each.get("deprecated")) for each in roles.values()
    )
    paths = {each["model"]["path"] for each in roles.values() if each["model"]["path"]}
    assert {row.model_path for row in found["registry_model"]} - {None} == paths
    forbids = sum(
        len(each.get("constraints", {}).get("forbid", []))
        + len(each.get("forbidden_configs", []))
        + len(each.get("acceleration", {}).get("disallowed", []))
        for each in roles.values()
    )
    assert len(found["registry_constraint"]) == forbids
    quirks = sum(len(group["quirks"]) for group in plain["runtime_quirks"].values())
    assert len(found["registry_quirk"]) == quirks
    assert len(found["registry_deprecated_model"]) == len(plain["deprecated_models"])
    figures = {(role, metric) for role, each in roles.items() for metric in (each.get("performance") or {})}
    assert {(row.role, row.metric) for row in found["registry_performance"]} == figures
    targets = sum(len(each.get("compatible_targets", [])) for each in roles.values())
    assert len(found["registry_draft_target"]) == targets


def test_the_records_impossible_claims_are_not_trusted(real: tuple[dict[str, list[Any]], dict[str, Any]]) -> None:
    found, plain = real
    impossible = {
        role
        for role, each in plain["roles"].items()
        if str((each.get("performance") or {}).get("speedup", "")).rstrip("x").replace(".", "", 1).isdigit()
        and float(each["performance"]["speedup"].rstrip("x")) > 25
    }
    untrusted = {
        row.role for row in found["registry_performance"] if row.metric == "speedup" and row.is_trusted is False
    }
    assert impossible == untrusted
    slower = {row.role for row in found["registry_performance"] if "slower" in (row.distrust_reason or "")}
    assert slower == {
        role
        for role, each in plain["roles"].items()
        if ((each.get("performance") or {}).get("optimized_tps") or 1e9)
        < ((each.get("performance") or {}).get("baseline_tps") or 0)
    }
