"""The plan as things are: what it takes from the warehouse, and that it does without."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from epyc_assets.benchmark.estimates import ASSUMED_ROOFLINE_RATIO, weights_read_bytes
from epyc_assets.benchmark.journal import Journal, read_journal
from epyc_assets.benchmark.loads import MeasuringGroup
from epyc_assets.benchmark.plan import SPEED_SUITE, PlanRow
from epyc_assets.benchmark.speed_records import (
    Measurement,
    load_speed_journal,
    measurement_end_record,
    measurement_record,
)
from epyc_assets.defs.planning import existing_warehouse, present_plan
from epyc_assets.defs.reading import (
    NOT_HASHED,
    fleet_speed_prompts,
    listed_verdicts,
    model_files,
    speed_journal_path,
    with_tokens,
)
from epyc_assets.defs.scope import Scope, load_scope
from epyc_assets.inference.backends import BackendUnavailable
from epyc_assets.inference.config import BASELINE
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets.registry.gguf_scan import scan_model_roots
from epyc_assets.registry.hosts import named_model_roots
from epyc_assets.registry.rows import gguf_file_rows
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets_tests.benchmark.speed_rows import speed_runs

STAMP = Provenance("run", "1")
TARGET, DRAFT = "demo-target", "demo-draft"


@pytest.fixture
def scope(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scope:
    """The demo fleet, with a data directory in which there is nothing."""
    for name in ("EPYC_REGISTRY_DIR", "EPYC_MODEL_ROOT", "EPYC_FLEET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EPYC_DATA_DIR", str(tmp_path / "var"))
    return load_scope("demo")


@pytest.fixture
def scanned(scope: Scope) -> Warehouse:
    """A warehouse that holds what a scan of the model roots found."""
    found = scan_model_roots(named_model_roots(scope.registry.host_of(scope.fleet), scope.registry.checkout))
    with Warehouse().write("scan") as connection:
        replace_rows(connection, "gguf_files", gguf_file_rows(found.files), provenance=STAMP)
    return Warehouse()


def speed_of(warehouse: Warehouse | None, scope: Scope) -> dict[str, PlanRow]:
    """The target's speed rows, by config in words."""
    plan = present_plan(warehouse, scope, [TARGET]).plan
    return {row.config: row for row in plan.rows if row.suite == SPEED_SUITE}


def test_what_the_scan_kept_of_a_header_is_what_the_file_says(scope: Scope, scanned: Warehouse) -> None:
    files = model_files(scanned, scope)
    assert set(files) == set(scope.fleet.models)
    for file in files.values():
        assert file.facts is not None
        assert file.sha256 != NOT_HASHED
        # Not kept: token texts, which take megabytes, and what no table has a column for.
        assert file.facts == replace(read_gguf_facts(file.path), adds_eos=None)
        assert file.facts.token_data == b""
        whole = with_tokens(file)
        assert whole.facts is not None
        assert whole.facts.token_data, "there is nothing to compare"
    gone = replace(files[TARGET], path=Path("gone.gguf"))
    assert with_tokens(gone).facts is None


def test_without_a_warehouse_the_files_themselves_are_read(scope: Scope) -> None:
    assert existing_warehouse() is None
    files = model_files(None, scope)
    assert {file.sha256 for file in files.values()} == {NOT_HASHED}
    assert all(file.facts == read_gguf_facts(file.path) for file in files.values())
    assert {row.status for row in speed_of(None, scope).values()} == {"missing"}


def test_verdicts_on_the_same_contents_are_taken_from_the_table(scope: Scope, scanned: Warehouse) -> None:
    files = model_files(scanned, scope)
    computed = listed_verdicts(scanned, scope, files)
    assert all(verdict.fits for verdict in computed.values())
    assert set(computed) >= {(TARGET, DRAFT)}
    planted = {
        "target": [TARGET],
        "draft": [DRAFT],
        "target_sha256": [files[TARGET].sha256],
        "draft_sha256": [files[DRAFT].sha256],
        "fits": [False],
        "reason": ["planted"],
        "listed_in_registry": [True],
        "compared_ms": [0.1],
    }

    def plant(**changes: list[str]) -> None:
        with scanned.write("planted") as connection:
            frame = pl.DataFrame({**planted, **changes})
            replace_rows(connection, "draft_compatibility", frame, where={"fleet": "demo"}, provenance=STAMP)

    plant()
    rows = speed_of(scanned, scope)
    assert rows[f"spec {DRAFT} K=4"].status == "not_allowed"
    assert "planted" in (rows[f"spec {DRAFT} K=4"].reason or "")
    assert rows["spec demo-draft-mismatched K=4"].status == "missing"
    plant(draft_sha256=["of another file"])
    assert speed_of(scanned, scope)[f"spec {DRAFT} K=4"].status == "missing"


def test_a_measured_bandwidth_gives_estimates(scope: Scope, scanned: Warehouse) -> None:
    assert {row.estimated_s for row in speed_of(scanned, scope).values()} == {None}
    threads: dict[str, list[object]] = {"host": [scope.host.name] * 2, "threads": [1, 2], "is_best": [False, True]}
    with scanned.write("bandwidth") as connection:
        speeds: list[object] = [1e9, 4e9]
        values: dict[str, list[object]] = {
            **threads,
            **dict.fromkeys(("best_bytes_per_s", "median_bytes_per_s"), speeds),
            **{name: [1, 1] for name in ("repetitions", "read_bytes")},
            **{name: ["", ""] for name in ("host_name", "launch_prefix")},
            "measured_at": [datetime.now(UTC).replace(tzinfo=None)] * 2,
        }
        replace_rows(connection, "host_bandwidth", pl.DataFrame(values), provenance=STAMP)
    rows = speed_of(scanned, scope)
    assert all((row.estimated_s or 0) > 0 for row in rows.values())
    facts = model_files(scanned, scope)[TARGET].facts
    assert facts is not None
    tokens = sum(prompt.max_tokens for prompt in fleet_speed_prompts(scope))
    read = weights_read_bytes(facts, BASELINE)
    rounds = scope.fleet.speed_rounds.least
    assert rows["baseline"].estimated_s == pytest.approx(rounds * tokens * read / (4e9 * ASSUMED_ROOFLINE_RATIO))


def test_the_configured_backend_is_planned_for(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded = present_plan(None, scope, [TARGET])
    assert embedded.conditions.backend.name == "llama_cpp"
    assert [len(group.loads) for group in embedded.plan.groups] == [1]
    monkeypatch.setenv("EPYC_BACKEND", "telepathy")
    with pytest.raises(BackendUnavailable, match="there is no backend 'telepathy'"):
        present_plan(None, scope, [TARGET])


def test_a_measurement_that_was_cut_short_is_gone_on_with_as_a_whole(scope: Scope, scanned: Warehouse) -> None:
    """However narrow its intervals are: its rounds go on until all are, and then answers are compared."""

    def measured() -> tuple[MeasuringGroup, ...]:
        plan = present_plan(scanned, scope, [TARGET], suites=[SPEED_SUITE], preset="quick", journalled_speed=True)
        return plan.plan.groups

    group = measured()[0]
    speeds = [(item.config, 100.0) for item in group.items]
    begun = Measurement("first", "llama_cpp", group.speed_keys, ("prompt code",), 1)
    with Journal(speed_journal_path("demo", TARGET)) as journal:
        journal.append(measurement_record("demo", TARGET, begun))
        for row in speed_runs(speeds, rounds=8, noise=1e-4, model=TARGET).iter_rows(named=True):
            own = {"fleet": "demo", "speed_key": group.speed_keys[row["config_id"]]}
            values = {"config_values": json.loads(row["config_values"]), "started_at": row["started_at"].isoformat()}
            journal.append({"kind": "speed", **row, **values, **own})
        assert [each.speed_keys for each in measured()] == [group.speed_keys]
        journal.append(measurement_end_record("first", "all that was wanted"))
    assert measured() == (), "nothing is measured twice"


def test_a_failure_that_is_both_loaded_and_journalled_is_one_failure(scope: Scope, scanned: Warehouse) -> None:
    def status() -> set[str]:
        plan = present_plan(
            scanned, scope, [TARGET], suites=[SPEED_SUITE], techniques=["baseline"], journalled_speed=True
        )
        return {row.status for row in plan.plan.rows}

    group = present_plan(scanned, scope, [TARGET], techniques=["baseline"]).plan.groups[0]
    path = speed_journal_path("demo", TARGET)
    for name, wanted in (("first", "missing"), ("second", "failed")):
        with Journal(path) as journal:
            begun = Measurement(name, "llama_cpp", group.speed_keys, ("prompt code",), 1)
            journal.append(measurement_record("demo", TARGET, begun))
            row = speed_runs([(BASELINE, 1.0)], rounds=1, measurement=name, model=TARGET, kinds=["code"]).to_dicts()[0]
            failed = {"fleet": "demo", "speed_key": group.speed_keys[BASELINE.config_id], "status": "crashed"}
            values = {"config_values": {}, "started_at": row["started_at"].isoformat(), "generation_tps": None}
            journal.append({"kind": "speed", **row, **values, **failed})
            journal.append(measurement_end_record(name, "the baseline failed"))
        loaded = load_speed_journal(read_journal(path), "journal")
        assert not loaded.rejects
        with scanned.write("rounds") as connection:
            replace_rows(connection, "speed_runs", loaded.speed_runs, provenance=STAMP)
        assert status() == {wanted}


def test_a_warehouse_from_before_speed_was_measured_is_read_all_the_same(scope: Scope, scanned: Warehouse) -> None:
    with scanned.write("the past") as connection:
        for table in ("draft_compatibility", "speed_runs", "config_speed", "token_agreement"):
            connection.execute(f"DROP TABLE {table}")
    assert {row.status for row in speed_of(scanned, scope).values()} == {"missing"}
