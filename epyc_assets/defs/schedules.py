"""Schedules and sensors: when jobs run by themselves. All are off until switched on in the UI.

The night: `nightly_sweep` asks for one run per model with something to do, the least known first; when the last
has ended, `refresh_after_sweep` scores and builds the leaderboard.
"""

import os
from collections.abc import Iterator

import dagster as dg

from epyc_assets.defs.benchmarks import PresentPlan, SweepConfig, present_plan
from epyc_assets.defs.instance import repair_instance
from epyc_assets.defs.jobs import nightly_sweep_job, prepare_job, refresh_job
from epyc_assets.defs.resources import MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import load_scope
from epyc_assets.registry.entries import Fleet

DEFAULT_NIGHT = "0 1 * * *"
"""Cron expression of the night, local time; EPYC_NIGHTLY_CRON overrides."""

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def job_and_schedule_definitions(fleet: Fleet) -> dg.Definitions:
    """The jobs, the schedule for the night and the sensor that follows it."""
    sweep, refresh = nightly_sweep_job(fleet), refresh_job()

    @dg.schedule(
        name="nightly_sweep",
        job=sweep,
        cron_schedule=os.environ.get("EPYC_NIGHTLY_CRON", "").strip() or DEFAULT_NIGHT,
        execution_timezone=os.environ.get("EPYC_TIMEZONE", "").strip() or None,
        description=f"Sweeps what is missing or stale in fleet {fleet.name}. EPYC_NIGHTLY_CRON sets the time, "
        "EPYC_FLEET the fleet.",
    )
    def nightly_sweep(
        context: dg.ScheduleEvaluationContext, warehouse: WarehouseResource, machine: MeasuredMachine
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        repair_instance(context.instance)
        models = sweep_order(present_plan(warehouse, machine, load_scope(fleet.name), SweepConfig()))
        if not models:
            yield dg.SkipReason(f"nothing is missing or stale in fleet {fleet.name}")
        night = context.scheduled_execution_time.date()
        for place, model in enumerate(models):
            yield dg.RunRequest(
                run_key=f"{night}/{model}",
                partition_key=model,
                tags={"dagster/priority": str(-place)},
            )

    def refresh_after(name: str, status: dg.DagsterRunStatus, ended: str) -> dg.SensorDefinition:
        @dg.run_status_sensor(
            name=name,
            run_status=status,
            monitored_jobs=[sweep],
            request_job=refresh,
            description=f"When the last run of a sweep has {ended}: scores its answers and builds the leaderboard.",
        )
        def sensor(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
            waiting = context.instance.get_runs_count(dg.RunsFilter(job_name="nightly_sweep", statuses=UNFINISHED))
            if waiting:
                return dg.SkipReason(f"{waiting} runs of the sweep have not ended")
            return dg.RunRequest(run_key=context.dagster_run.run_id)

        return sensor

    return dg.Definitions(
        jobs=[prepare_job(), sweep, refresh],
        schedules=[nightly_sweep],
        # Two, since a sensor watches one status, and a failed last run must not leave the night unscored.
        sensors=[
            refresh_after("refresh_after_sweep", dg.DagsterRunStatus.SUCCESS, "ended well"),
            refresh_after("refresh_after_failed_sweep", dg.DagsterRunStatus.FAILURE, "failed"),
        ],
    )


def sweep_order(present: PresentPlan) -> list[str]:
    """Models with something to ask or to load, those first of which least is known."""
    to_do = dict.fromkeys([*(item.model.name for item in present.plan.items), *present.not_loaded])
    known = dict.fromkeys(to_do, 0)
    for row in present.plan.rows:
        if row.model in known:
            known[row.model] += row.done
    return sorted(to_do, key=lambda name: known[name])
