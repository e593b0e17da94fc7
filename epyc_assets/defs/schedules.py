"""The night: when jobs run by themselves. The schedule is off until it is switched on in the UI.

`night` runs the job prepare, so that a model file copied in the afternoon is known; `sweep_the_night` then asks for
one run per model with something to do, the least known first; when the last of them has ended, well or not, the
answers are scored and the leaderboard is built. The sensors are always on and act on runs of the night alone.
"""

import os

import dagster as dg

from epyc_assets.defs.instance import repair_instance
from epyc_assets.defs.jobs import import_history_job, nightly_sweep_job, prepare_job, refresh_job, suites_job
from epyc_assets.defs.planning import present_plan, sweep_order
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import load_scope
from epyc_assets.registry.entries import Fleet

DEFAULT_NIGHT = "0 1 * * *"
"""Cron expression of the night, in UTC unless EPYC_TIMEZONE names a zone; EPYC_NIGHTLY_CRON overrides."""

NIGHT_TAG = "epyc/night"
"""Run tag with the night's date, on every run that belongs to one."""

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def job_and_schedule_definitions(fleet: Fleet, *, with_history: bool = False) -> dg.Definitions:
    """The jobs, the schedule of the night and the sensors that carry it on. with_history: a record is configured."""
    prepare, sweep, refresh = prepare_job(), nightly_sweep_job(), refresh_job()

    @dg.schedule(
        name="night",
        job=prepare,
        cron_schedule=os.environ.get("EPYC_NIGHTLY_CRON", "").strip() or DEFAULT_NIGHT,
        execution_timezone=os.environ.get("EPYC_TIMEZONE", "").strip() or None,
        description=f"Sweeps what is missing or stale in fleet {fleet.name}. EPYC_NIGHTLY_CRON sets the time, "
        "EPYC_FLEET the fleet.",
    )
    def night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        repair_instance(context.instance)
        date = context.scheduled_execution_time.isoformat(timespec="minutes")
        return dg.RunRequest(run_key=date, tags={NIGHT_TAG: date})

    @dg.run_status_sensor(
        name="sweep_the_night",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[prepare],
        request_job=sweep,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="When the night's preparation has ended: one run for every model with something to ask.",
    )
    def sweep_the_night(
        context: dg.RunStatusSensorContext, warehouse: WarehouseResource
    ) -> list[dg.RunRequest] | dg.SkipReason:
        date = context.dagster_run.tags.get(NIGHT_TAG)
        if date is None:
            return dg.SkipReason("the preparation was not the night's")
        models = sweep_order(present_plan(warehouse.open(), load_scope(fleet.name)))
        if not models:
            return dg.SkipReason(f"nothing is missing or stale in fleet {fleet.name}")
        return [
            dg.RunRequest(
                run_key=f"{date}/{model}",
                partition_key=model,
                tags={NIGHT_TAG: date, "dagster/priority": str(-place)},
            )
            for place, model in enumerate(models)
        ]

    def refresh_after(name: str, status: dg.DagsterRunStatus, ended: str) -> dg.SensorDefinition:
        @dg.run_status_sensor(
            name=name,
            run_status=status,
            monitored_jobs=[sweep],
            request_job=refresh,
            default_status=dg.DefaultSensorStatus.RUNNING,
            description=f"When the last run of the night has {ended}: scores its answers, builds the leaderboard.",
        )
        def sensor(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
            date = context.dagster_run.tags.get(NIGHT_TAG)
            if date is None:
                return dg.SkipReason("the sweep was not the night's")
            waiting = context.instance.get_runs_count(
                dg.RunsFilter(job_name="nightly_sweep", statuses=UNFINISHED, tags={NIGHT_TAG: date})
            )
            if waiting:
                return dg.SkipReason(f"{waiting} runs of the night have not ended")
            return dg.RunRequest(run_key=context.dagster_run.run_id, tags={NIGHT_TAG: date})

        return sensor

    return dg.Definitions(
        jobs=[prepare, sweep, refresh, suites_job(), *([import_history_job()] if with_history else [])],
        schedules=[night],
        # Two of the last, since a sensor watches one status, and a failed run must not leave the night unscored.
        sensors=[
            sweep_the_night,
            refresh_after("refresh_after_sweep", dg.DagsterRunStatus.SUCCESS, "ended well"),
            refresh_after("refresh_after_failed_sweep", dg.DagsterRunStatus.FAILURE, "failed"),
        ],
    )
