"""The machine's own figures: measured by a real probe, stored, and doubted where they should be."""

from __future__ import annotations

import dagster as dg
import pytest

from epyc_assets.defs.machine import doubts_about, machine_assets
from epyc_assets.defs.resources import MEASURING_POOL, MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import load_scope
from epyc_assets.inference.bandwidth import Bandwidth, Reading
from epyc_assets.registry.entries import Host
from epyc_assets.warehouse import Warehouse
from epyc_assets.warehouse.lock import lock_holder
from epyc_assets.warehouse.stored_query import run_stored_query
from epyc_assets_tests.defs.place import FLEET, Place

GB = 1e9


def measured(place: Place, *, raise_on_error: bool = True, prefix: tuple[str, ...] = ()) -> dg.ExecuteInProcessResult:
    """host_bandwidth materialized with short readings."""
    definitions = dg.Definitions.merge(
        machine_assets(load_scope(FLEET).fleet),
        dg.Definitions(
            resources={"warehouse": WarehouseResource(), "machine": MeasuredMachine(launch_prefix=list(prefix))}
        ),
    )
    config = {"threads": [1, 2], "repetitions": 2, "least_s": 0.01, "array_bytes": 2**25}
    with place.instance() as instance:
        return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            run_config={"ops": {"host_bandwidth": {"config": config}}},
            raise_on_error=raise_on_error,
        )


def test_the_host_is_measured_and_its_fastest_reading_found(place: Place) -> None:
    result = measured(place)
    rows = place.rows("host_bandwidth")
    assert rows["threads"].to_list() == [1, 2]
    assert rows["host"].unique().to_list() == ["here"]
    assert rows["nominal_bytes_per_s"].null_count() == 2
    assert rows["nominal_ratio"].null_count() == 2
    assert (rows["best_bytes_per_s"] >= rows["median_bytes_per_s"]).all()
    assert rows["is_best"].sum() == 1
    best = rows.filter("is_best").row(0, named=True)
    assert best["best_bytes_per_s"] == rows["best_bytes_per_s"].max()
    with Warehouse(place.data / "epyc.duckdb").read() as connection:
        asked = run_stored_query(connection, "bandwidth_of_host", host="here")
        assert run_stored_query(connection, "bandwidth_of_host", host="elsewhere").is_empty()
    assert asked["threads"].to_list() == [best["threads"]]
    assert len(result.get_asset_check_evaluations()) == 1
    assert lock_holder() is None
    measured(place)
    assert place.rows("host_bandwidth").height == 2


def test_a_probe_that_cannot_start_says_what_to_do_and_leaves_no_row(place: Place) -> None:
    result = measured(place, raise_on_error=False, prefix=("/no/such/numactl",))
    assert not result.success
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert "launch_prefix" in str(failure.step_failure_data.error)


def test_it_runs_alone_on_the_machine(place: Place) -> None:
    [definition] = machine_assets(load_scope(FLEET).fleet).assets or []
    assert isinstance(definition, dg.AssetsDefinition)
    assert definition.op.pool == MEASURING_POOL


def found(best: float = 100 * GB, kernel_ratio: float = 5.0, *, contended: bool | None = False) -> Bandwidth:
    """What a probe with one reading found."""
    return Bandwidth("vm", "a CPU", 2**30, 2**25, 0.0, contended, (Reading(4, (best,), best * kernel_ratio),))


HOST = Host(name="here", nominal_bandwidth_bytes_per_s=200 * GB)


def test_a_sound_reading_has_no_doubts() -> None:
    assert doubts_about(HOST, found()) == []
    assert doubts_about(HOST, found(contended=None)) == []


@pytest.mark.parametrize(
    ("reading", "word"),
    [(found(kernel_ratio=1.1), "limit"), (found(contended=True), "quiet"), (found(best=250 * GB), "nominal")],
)
def test_each_doubt_is_told(reading: Bandwidth, word: str) -> None:
    [doubt] = doubts_about(HOST, reading)
    assert word in doubt


def test_an_unknown_nominal_bandwidth_raises_no_doubt() -> None:
    assert doubts_about(HOST.model_copy(update={"nominal_bandwidth_bytes_per_s": None}), found(best=900 * GB)) == []
