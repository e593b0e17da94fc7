"""Schedules and sensors: when jobs run by themselves. All are off until switched on in the UI.

The night: `nightly_sweep` asks for one run per model with something to do, the least known first; when the last
has ended, `refresh_after_sweep` scores and builds the leaderboard.
"""

import os
from collections.abc import Iterator

import dagster as dg

from epyc_assets.benchmark.plan import Plan
from epyc_assets.defs.benchmarks import SweepConfig, present_plan
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
        plan, _ = present_plan(warehouse, machine, load_scope(fleet.name), SweepConfig())
        models = sweep_order(plan)
        if not models:
            yield dg.SkipReason(f"nothing is missing or stale in fleet {fleet.name}")
        night = context.scheduled_execution_time.date()
        for place, model in enumerate(models):
            yield dg.RunRequest(
                run_key=f"{night}/{model}",
                partition_key=model,
                tags={"dagster/priority": str(-place)},
            )

    @dg.run_status_sensor(
        name="refresh_after_sweep",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[sweep],
        request_job=refresh,
        description="When the last run of a sweep has ended: scores its answers and builds the leaderboard.",
    )
    def refresh_after_sweep(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        waiting = context.instance.get_runs_count(dg.RunsFilter(job_name="nightly_sweep", statuses=UNFINISHED))
        if waiting:
            return dg.SkipReason(f"{waiting} runs of the sweep have not ended")
        return dg.RunRequest(run_key=context.dagster_run.run_id)

    return dg.Definitions(
        jobs=[prepare_job(), sweep, refresh],
        schedules=[nightly_sweep],
        sensors=[refresh_after_sweep],
    )


def sweep_order(plan: Plan) -> list[str]:
    """Models with something to do, those first of which least is known."""
    to_do = dict.fromkeys(item.model.name for item in plan.items)
    known = dict.fromkeys(to_do, 0)
    for row in plan.rows:
        if row.model in known:
            known[row.model] += row.done
    return sorted(to_do, key=lambda name: known[name])
