"""The night: preparation, one run for each model with something to ask, and the leaderboard when all have ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import dagster as dg
import pytest

from epyc_assets.defs.execution import SweepReport
from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.planning import present_plan, sweep_order
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.schedules import NIGHT_TAG
from epyc_assets.defs.scope import load_scope
from epyc_assets.warehouse import Warehouse
from epyc_assets_tests.defs.place import FLEET, MODEL, PREPARED, QUESTIONS, Place

pytestmark = pytest.mark.xdist_group("end_to_end")

WHEN = dt.datetime(2026, 3, 1, 1, 0, tzinfo=dt.UTC)
NIGHT = WHEN.isoformat(timespec="minutes")


def test_the_night_begins_with_preparing_once(place: Place) -> None:
    schedule = build_definitions(FLEET).get_repository_def().get_schedule_def("night")
    with place.instance() as instance:
        context = dg.build_schedule_context(instance, scheduled_execution_time=WHEN)
        found = schedule.evaluate_tick(context).run_requests
        again = schedule.evaluate_tick(context).run_requests
    assert found is not None
    assert again is not None
    assert [request.tags[NIGHT_TAG] for request in found] == [NIGHT]
    assert found[0].run_key == again[0].run_key, "one night could be started twice"
    assert schedule.job_name == "prepare"


@pytest.mark.parametrize(
    ("variable", "value", "shown"), [("", "", "0 1 * * *"), ("EPYC_NIGHTLY_CRON", "30 3 * * 0", "30 3 * * 0")]
)
def test_the_time_of_the_night_can_be_set(
    place: Place, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, shown: str
) -> None:
    del place
    if variable:
        monkeypatch.setenv(variable, value)
    assert build_definitions(FLEET).get_repository_def().get_schedule_def("night").cron_schedule == shown


Ask = Callable[..., Any]


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Ask:
    """Evaluates a sensor of the chain for a run of a job, in an instance the caller may fill."""
    del request

    def evaluated(sensor: str, job: str, tags: dict[str, str], others: list[dg.DagsterRunStatus]) -> Any:
        definitions = build_definitions(FLEET)
        repository = definitions.get_repository_def()
        with dg.DagsterInstance.ephemeral() as instance:
            job_def = repository.get_job(job)
            run = instance.create_run_for_job(job_def, status=dg.DagsterRunStatus.SUCCESS, tags=tags)
            for status in others:
                instance.create_run_for_job(job_def, status=status, tags=tags)
            event = dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, job)
            context = dg.build_run_status_sensor_context(
                sensor_name=sensor, dagster_event=event, dagster_instance=instance, dagster_run=run
            )
            found = repository.get_sensor_def(sensor)
            resources: dict[str, Any] = {"warehouse": WarehouseResource()} if sensor == "sweep_the_night" else {}
            return found(context, **resources)

    return evaluated


def test_after_preparing_there_is_a_run_for_each_model_with_something_to_ask(place: Place, ask: Ask) -> None:
    requests = ask("sweep_the_night", "prepare", {NIGHT_TAG: NIGHT}, [])
    assert [request.partition_key for request in requests] == [MODEL], "the broken and the missing file have none"
    assert requests[0].tags[NIGHT_TAG] == NIGHT
    assert NIGHT in requests[0].run_key
    assert isinstance(ask("sweep_the_night", "prepare", {}, []), dg.SkipReason), "a preparation by day starts nothing"


def test_nothing_to_ask_says_so(swept: tuple[Place, SweepReport], monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    swept[0].enter(monkeypatch)
    skipped = ask("sweep_the_night", "prepare", {NIGHT_TAG: NIGHT}, [])
    assert isinstance(skipped, dg.SkipReason)
    assert "nothing is missing" in str(skipped.skip_message)


@pytest.mark.parametrize("sensor", ["refresh_after_sweep", "refresh_after_failed_sweep"])
def test_the_leaderboard_waits_for_the_last_run_of_the_night(place: Place, ask: Ask, sensor: str) -> None:
    del place
    tags = {NIGHT_TAG: NIGHT}
    for status in (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED):
        waiting = ask(sensor, "nightly_sweep", tags, [status])
        assert isinstance(waiting, dg.SkipReason), status
        assert "1 runs" in str(waiting.skip_message)
    done = ask(sensor, "nightly_sweep", tags, [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE])
    assert isinstance(done, dg.RunRequest)
    assert isinstance(ask(sensor, "nightly_sweep", {}, []), dg.SkipReason)


def test_the_model_of_which_least_is_known_comes_first(swept_copy: Place) -> None:
    # Another model as far as its contents go: answers belong to contents.
    content = (swept_copy.models / f"{MODEL}.gguf").read_bytes()
    (swept_copy.models / "broken.gguf").write_bytes(content + bytes(64))
    swept_copy.change_fleet(question_sets=[{"suite": "math", "source": "demo", "count": QUESTIONS, "seed": 1}])
    with swept_copy.instance() as instance:
        prepare = build_definitions(FLEET).resolve_job_def("prepare")
        assert prepare.execute_in_process(instance=instance, asset_selection=PREPARED).success
    present = present_plan(Warehouse(), load_scope(FLEET))
    assert sweep_order(present) == ["broken"], "what is known already is not asked"
    both = replace(present, not_loaded=(MODEL,))
    assert sweep_order(both) == ["broken", MODEL]
    rows = tuple(replace(row, done=0 if row.model == MODEL else 1) for row in present.plan.rows)
    assert sweep_order(replace(both, plan=replace(present.plan, rows=rows))) == [MODEL, "broken"]
