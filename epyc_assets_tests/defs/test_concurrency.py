"""The asset concurrency_sweep, with a real server on a tiny model; and what is said where there is no server."""

from __future__ import annotations

import dagster as dg
import pytest

from epyc_assets.defs.diagnosis import diagnose
from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.resources import MeasuredMachine
from epyc_assets.inference.backends import SERVERS, BackendUnavailable
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.registry.entries import Host
from epyc_assets_tests.defs.place import FLEET, MODEL, Place
from epyc_assets_tests.inference.every_backend import server_or_skip


def materialized(place: Place, **config: object) -> dg.ExecuteInProcessResult:
    definitions = build_definitions(FLEET)
    with place.instance() as instance:
        return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            partition_key=MODEL,
            asset_selection=[dg.AssetKey("concurrency_sweep")],
            run_config={"ops": {"concurrency_sweep": {"config": config}}},
            raise_on_error=False,
        )


def test_slot_counts_become_rows(place: Place) -> None:
    backend = server_or_skip()
    done = materialized(place, backend=backend.name, slot_counts=[2], answers=6, rounds=1, max_tokens=4)
    assert done.success
    rows = place.rows("concurrency_sweep")
    assert rows["slots"].to_list() == [1, 2]
    assert rows["backend"].unique().to_list() == [backend.name]
    assert rows["answers"].to_list() == [6, 6]
    assert rows["generated_tokens"].to_list() == [24, 24]
    assert rows["aggregate_tps"].null_count() == 0
    # Six answers have no percentile, so there is nothing to recommend, and the row says so.
    assert rows["latency_p95_ms"].null_count() == 2
    assert not rows["recommended"].any()
    assert all("too few" in reason for reason in rows["reason"])
    checks = {check.check_name: check.passed for check in done.get_asset_check_evaluations()}
    assert checks == {"all_answered": True}
    assert materialized(place, backend=backend.name, slot_counts=[3], answers=3, rounds=1, max_tokens=2).success
    assert place.rows("concurrency_sweep")["slots"].to_list() == [1, 3]


def test_without_a_server_the_failure_says_how_to_get_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("EPYC_LLAMA_CPP_BIN", raising=False)
    failed = materialized(place, backend="llama_server")
    assert not failed.success
    text = str([event.event_specific_data for event in failed.get_step_failure_events()])
    assert "docs/backends.md" in text
    no_slots = materialized(place, backend="llama_cpp")
    assert not no_slots.success


def test_the_machine_runs_models_on_the_backend_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPYC_BACKEND", raising=False)
    host = Host(name="here")
    assert isinstance(MeasuredMachine().backend(host), LlamaCppBackend)
    assert MeasuredMachine(backend_name="llama_server", server_url="http://127.0.0.1:9").backend(host).name in SERVERS
    monkeypatch.setenv("EPYC_BACKEND", "llama.cpp")
    with pytest.raises(BackendUnavailable, match="there is no backend"):
        MeasuredMachine().backend(host)


def test_the_diagnosis_says_which_servers_there_are_and_how_to_get_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place.root / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("EPYC_LLAMA_CPP_BIN", raising=False)
    missing = {found.subject: found for found in diagnose()}["backend llama_server"]
    assert missing.status == "optional"
    assert "docs/backends.md" in missing.advice
    (folder / "llama-server").touch(mode=0o755)
    there = {found.subject: found for found in diagnose()}["backend llama_server"]
    assert (there.status, there.found, there.advice) == ("ok", str(folder / "llama-server"), "")
