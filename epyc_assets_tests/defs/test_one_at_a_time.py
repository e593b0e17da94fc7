"""One measured job at a time on a machine, and getting over one that was killed. Real processes, real SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import psutil
import pytest

from epyc_assets.defs.diagnosis import diagnose
from epyc_assets.defs.execution import SweepReport, sweep_fleet
from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.instance import abandoned_runs, prepare_home, process_tag, repair_instance
from epyc_assets.defs.resources import MEASURING_POOL, MeasuredMachine
from epyc_assets.warehouse.lock import lock_holder, measuring_lock
from epyc_assets_tests.defs.place import FLEET, MODEL, PREPARED, QUESTIONS, SUITES, Place, hanging_launcher

pytestmark = pytest.mark.xdist_group("one_at_a_time")

ASKED = QUESTIONS * len(SUITES)
SWEEP = """
import dagster as dg
from epyc_assets.defs.gathering import build_definitions
with dg.DagsterInstance.get() as instance:
    job = build_definitions("small").resolve_job_def("nightly_sweep")
    job.execute_in_process(instance=instance, partition_key="demo-draft")
"""
"""The sweep of one model as the daemon would run it, without what comes before and after."""


@pytest.fixture(scope="module")
def prepared(swept: tuple[Place, SweepReport], tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place in which there is something new to ask, and all is prepared for it; not entered."""
    place = swept[0].copy(tmp_path_factory.mktemp("prepared") / "place")
    place.change_fleet(
        question_sets=[{"suite": suite, "source": "demo", "count": QUESTIONS, "seed": 2} for suite in SUITES]
    )
    with pytest.MonkeyPatch.context() as patch:
        place.enter(patch)
        with place.instance() as instance:
            prepare = build_definitions(FLEET).resolve_job_def("prepare")
            assert prepare.execute_in_process(instance=instance, asset_selection=PREPARED).success
    return place


@pytest.fixture
def asking(prepared: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy of it, entered."""
    copied = prepared.copy(tmp_path / "copy")
    copied.enter(monkeypatch)
    prepare_home()
    return copied


def start(place: Place, **environment: str) -> subprocess.Popen[bytes]:
    """A sweep in a process of its own."""
    command = [sys.executable, "-c", SWEEP]
    return subprocess.Popen(command, env=place.environment(**environment), stderr=subprocess.DEVNULL)


def wait_for(condition: Callable[[], object], what: str, at_most_s: float = 300.0) -> None:
    """Waits until the condition holds; fails the test when it does not in time."""
    end = time.monotonic() + at_most_s
    while not condition():
        assert time.monotonic() < end, f"waited {at_most_s:.0f} s in vain for {what}"
        time.sleep(0.05)


@contextmanager
def hanging_sweep(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """A sweep in a process of its own, in the middle of a question whose worker hangs."""
    place.launch_through(*hanging_launcher())
    process = start(place)
    workers: list[psutil.Process] = []

    def hangs() -> bool:
        assert process.poll() is None, "the sweep ended before it was killed"
        found = psutil.Process(process.pid).children(recursive=True)
        workers[:] = found
        return any(each.status() == psutil.STATUS_STOPPED for each in found)

    try:
        wait_for(hangs, "the worker to hang")
        place.launch_through()
        yield process
    finally:
        process.kill()
        process.wait()
        for each in workers:
            if each.is_running():
                each.kill()


def test_a_killed_sweep_is_found_told_and_got_over(asking: Place) -> None:
    place = asking
    with hanging_sweep(place) as sweep, place.instance() as instance:
        holder = lock_holder()
        assert holder is not None
        assert holder.process_id == sweep.pid
        assert not abandoned_runs(instance), "a run that is alive was taken for dead"
        sweep.send_signal(signal.SIGKILL)
        sweep.wait()
        dead = abandoned_runs(instance)
        assert [run.job_name for run in dead] == ["nightly_sweep"]
        pool = instance.event_log_storage.get_concurrency_info(MEASURING_POOL)
        assert pool.active_run_ids == {dead[0].run_id}, "the kill left no slot taken: the test shows nothing"
        told = {finding.subject: finding for finding in diagnose()}
        assert told["dagster"].status == "wrong"
        assert "--repair" in told["dagster"].advice
        assert told["measuring lock"].status == "ok"
        report = sweep_fleet(FLEET)
        assert report.models == [MODEL]
        assert not report.failed_runs
        run = instance.get_run_by_id(dead[0].run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.FAILURE
        assert instance.event_log_storage.get_concurrency_info(MEASURING_POOL).active_slot_count == 0
    assert place.rows("generations")["status"].to_list() == ["ok"] * (2 * ASKED)
    assert set(place.rows("sessions")["status"]) == {"closed", "open"}
    assert {finding.subject: finding for finding in diagnose()}["dagster"].status == "ok"


def test_a_sweep_that_waits_goes_on_when_the_other_is_killed(asking: Place) -> None:
    stages: list[str] = []
    with hanging_sweep(asking) as other:

        def told(stage: str) -> None:
            stages.append(stage)
            if "waiting for the machine" in stage:
                other.send_signal(signal.SIGKILL)
                other.wait()

        report = sweep_fleet(FLEET, on_stage=told)
    waited = [stage for stage in stages if "waiting for the machine" in stage]
    assert waited
    assert f"process {other.pid}" in waited[0]
    assert report.models == [MODEL]
    assert asking.rows("generations").height == 2 * ASKED


def test_two_sweeps_at_once_ask_every_question_once(asking: Place) -> None:
    """With a Dagster home each, so that no pool but only the kernel's lock is between them."""
    homes = [asking.root / f"home{number}" for number in range(2)]
    for home in homes:
        home.mkdir()
    sessions = len(asking.records("session"))
    with measuring_lock():  # Both get as far as waiting.
        processes = [start(asking, DAGSTER_HOME=str(home)) for home in homes]
        wait_for(lambda: all((home / "history").exists() for home in homes), "both to have begun")
        time.sleep(1)
        assert len(asking.records("session")) == sessions, "a sweep did not wait"
    assert [process.wait(timeout=300) for process in processes] == [0, 0]
    asked = [record["generation_id"] for record in asking.records("generation")]
    assert len(asked) == len(set(asked)) == 2 * ASKED
    assert len(asking.records("session")) == sessions + 1


def test_a_machine_that_stays_busy_is_named_with_its_holder(swept_copy: Place) -> None:
    definitions = build_definitions(FLEET, resources={"machine": MeasuredMachine(wait_for_lock_s=0.2)})
    with measuring_lock(reason="a test measures"), dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_job_def("nightly_sweep").execute_in_process(
            instance=instance, partition_key=MODEL, raise_on_error=False
        )
    assert not result.success
    failure = next(event for event in result.all_events if event.is_step_failure)
    assert failure.step_key == "generation_journal"
    text = str(failure.step_failure_data.error)
    assert "MachineBusy" in text
    assert f"process {os.getpid()}" in text
    assert "a test measures" in text
    assert len(swept_copy.records("session")) == 1


def test_a_run_started_again_with_a_dead_ones_tags_is_left_alone() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        job = dg.GraphDefinition("nothing", node_defs=[]).to_job()
        mine = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        instance.add_run_tags(mine.run_id, process_tag(mine.run_id))
        ended = subprocess.Popen(["true"])
        ended.wait()
        (key, value), *_ = process_tag("x").items()
        of_dead = value.replace(f":{os.getpid()}:", f":{ended.pid}:").rpartition(":")[0]
        dead = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        instance.add_run_tags(dead.run_id, {key: f"{of_dead}:{dead.run_id}"})
        again = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        instance.add_run_tags(again.run_id, {key: f"{of_dead}:{dead.run_id}"})
        assert repair_instance(instance) == [dead.run_id]
        assert repair_instance(instance) == []
        assert not instance.get_run_by_id(again.run_id).is_finished  # type: ignore[union-attr]
