"""Running jobs in this process: what the command line does instead of pressing buttons in the UI.

Runs go into the same Dagster instance with the same jobs, so lineage, metadata and checks do not depend on who
started them.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from epyc_assets.benchmark.plan import SPEED_SUITE, require_known
from epyc_assets.benchmark.sweep import Progress
from epyc_assets.defs.benchmarks import SweepConfig
from epyc_assets.defs.due_scores import ScoringProgress
from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.history import PROGRESS_LISTENERS as RECORD_LISTENERS
from epyc_assets.defs.instance import prepare_home, process_tag, repair_instance
from epyc_assets.defs.jobs import ANSWER_ASSETS, MACHINE_ASSETS, PREPARE_ASSETS, SPEED_ASSETS, SWEEP_ASSETS
from epyc_assets.defs.planning import present_plan, sweep_order
from epyc_assets.defs.progress import PROGRESS_LISTENERS
from epyc_assets.defs.resources import MEASURING_POOL
from epyc_assets.defs.scope import Scope, chosen_fleet, load_scope
from epyc_assets.defs.scoring import PROGRESS_LISTENERS as SCORING_LISTENERS
from epyc_assets.defs.speed import RoundsConfig
from epyc_assets.history.importing import ReadingProgress
from epyc_assets.warehouse import Warehouse
from epyc_assets.warehouse.lock import lock_holder
from epyc_assets.warehouse.stored_query import run_stored_query

CLASS_NAME = re.compile(r"^[A-Za-z_][\w.]*: ")
"""The exception's class at the start of its message, which is not for people."""

WAIT_S = 2.0
"""How often a waiting sweep looks whether the machine is free."""

INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
"""What Ctrl-C raises within a step; Dagster turns it into a failure of the step."""


class RunFailed(Exception):
    """A job ended in failure; the message has the causes for people."""


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check that did not pass, with what it reported. partition: the model it is about, None for all."""

    asset: str
    check: str
    partition: str | None
    blocking: bool
    details: dict[str, Any]


@dataclass(slots=True)
class SweepReport:
    """What a sweep from the command line did. models: those with something to ask, in the order asked.
    not_loaded, failed_runs: models that were not asked, or not to the end, with the reason."""

    models: list[str] = field(default_factory=list)
    failed_checks: list[FailedCheck] = field(default_factory=list)
    not_loaded: dict[str, str] = field(default_factory=dict)
    failed_runs: dict[str, str] = field(default_factory=dict)


def sweep_fleet(
    fleet: str,
    *,
    models: Sequence[str] = (),
    config: SweepConfig | None = None,
    on_stage: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> SweepReport:
    """Prepares, asks every chosen model what it has not answered, scores, and builds the tables.

    models empty: all of the fleet. on_stage: told in words what begins. A model whose run fails does not keep the
    others from being asked. Raises RunFailed when another job fails, RegistryFault, and ValueError for a model or
    suite that does not exist.
    """
    config = config or SweepConfig()
    definitions = build_definitions(fleet)
    scope = load_scope(fleet)
    require_known(models, scope.fleet.models, "model", f"fleet {fleet}")
    suites = dict.fromkeys([*(entry.suite for entry in scope.fleet.question_sets), SPEED_SUITE])
    require_known(config.suites, suites, "suite", f"the question sets of fleet {fleet}")
    rounds = RoundsConfig(preset=config.preset, techniques=config.techniques, retry_failed=config.retry_failed)
    wanted = _wanted_assets(config.suites)
    prepare_home()
    report = SweepReport()
    with dg.DagsterInstance.get() as instance, ExitStack() as stack:
        repair_instance(instance)
        on_stage("reading the registry, scanning model files, drawing questions")
        _run(definitions, instance, "prepare", report, assets=PREPARE_ASSETS)
        if SPEED_ASSETS[0] in wanted and not _bandwidth_known(scope):
            _wait_for_the_machine(instance, on_stage)
            on_stage("measuring the machine's memory bandwidth")
            _run(definitions, instance, "prepare", report, assets=MACHINE_ASSETS)
        present = present_plan(Warehouse(), scope, **config.model_dump())
        report.models = [name for name in sweep_order(present) if not models or name in models]
        PROGRESS_LISTENERS.append(on_progress)
        stack.callback(PROGRESS_LISTENERS.remove, on_progress)
        configs = {"generation_journal": config.model_dump(), "speed_journal": rounds.model_dump()}
        sweep_config = {"ops": {name: {"config": values} for name, values in configs.items() if name in wanted}}
        for name in report.models:
            _wait_for_the_machine(instance, on_stage)
            if SPEED_ASSETS[0] in wanted:
                on_stage(f"measuring {name}")
            try:
                result = _run(definitions, instance, "nightly_sweep", report, name, sweep_config, wanted)
            except RunFailed as failure:
                report.failed_runs[name] = str(failure)
                continue
            report.not_loaded.update(_not_loaded(result))
        on_stage("scoring and building the leaderboard")
        _run(definitions, instance, "refresh", report)
    return report


def measure_speed(
    fleet: str,
    model: str,
    *,
    preset: str = "full",
    config_ids: Sequence[str] = (),
    on_stage: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> SweepReport:
    """Measures configs of one model that are missing or stale, and builds the tables that rest on them.

    config_ids empty: all of the preset. Raises RunFailed, RegistryFault, and ValueError for a model that is none.
    """
    definitions = build_definitions(fleet)
    scope = load_scope(fleet)
    require_known([model], scope.fleet.models, "model", f"fleet {fleet}")
    prepare_home()
    report = SweepReport(models=[model])
    rounds = RoundsConfig(preset=preset, config_ids=list(config_ids))
    with dg.DagsterInstance.get() as instance, ExitStack() as stack:
        repair_instance(instance)
        on_stage("reading the registry, scanning model files")
        _run(definitions, instance, "prepare", report, assets=PREPARE_ASSETS)
        PROGRESS_LISTENERS.append(on_progress)
        stack.callback(PROGRESS_LISTENERS.remove, on_progress)
        _wait_for_the_machine(instance, on_stage)
        run_config = {"ops": {"speed_journal": {"config": rounds.model_dump()}}}
        _run(definitions, instance, "nightly_sweep", report, model, run_config, SPEED_ASSETS)
        on_stage("building the tables")
        _run(definitions, instance, "refresh", report)
    return report


@dataclass(frozen=True, slots=True)
class ScoringReport:
    """What `score_stored` scored anew. rows: scorer, status, passed and answers of each."""

    newly_scored: int
    answers_per_s: float
    rows: list[dict[str, Any]]


def score_stored(
    fleet: str | None,
    scorer: str | None,
    *,
    on_stage: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[ScoringProgress], None] = lambda _: None,
) -> tuple[SweepReport, ScoringReport]:
    """Scores what lacks a verdict, and builds what rests on scores. None: answers of all fleets, for all scorers.

    Raises RunFailed, RegistryFault.
    """
    definitions = build_definitions(fleet or chosen_fleet())
    prepare_home()
    report = SweepReport()
    scoring = {"fleet": fleet or "", "scorer": scorer or ""}
    with dg.DagsterInstance.get() as instance, ExitStack() as stack:
        repair_instance(instance)
        SCORING_LISTENERS.append(on_progress)
        stack.callback(SCORING_LISTENERS.remove, on_progress)
        on_stage("scoring, and building what rests on scores")
        config = {"ops": {"scores": {"config": scoring}}}
        result = _run(definitions, instance, "refresh", report, run_config=config, assets=_rests_on_scores(definitions))
    said = result.asset_materializations_for_node("scores")[0].metadata
    counts = said["newly_scored_per_status"].value
    rate = said["answers_per_s"].value if "answers_per_s" in said else None
    return report, ScoringReport(
        int(str(said["newly_scored"].value)),
        rate if isinstance(rate, float) else 0.0,
        [dict(row) for row in counts if isinstance(row, dict)] if isinstance(counts, list) else [],
    )


def _rests_on_scores(definitions: dg.Definitions) -> list[str]:
    """The scores, and what the job `refresh` makes of them."""
    graph = definitions.resolve_asset_graph()
    after = dg.AssetSelection.assets("scores").downstream().resolve(graph)
    refreshed = definitions.resolve_job_def("refresh").asset_layer.selected_asset_keys
    return sorted(key.to_user_string() for key in after & refreshed)


def _wanted_assets(suites: Sequence[str]) -> tuple[str, ...]:
    """What a sweep restricted to suites makes of one model; the suite `speed` is the speed rounds."""
    if not suites:
        return SWEEP_ASSETS
    answers = ANSWER_ASSETS if set(suites) - {SPEED_SUITE} else ()
    return (*answers, *(SPEED_ASSETS if SPEED_SUITE in suites else ()))


def _bandwidth_known(scope: Scope) -> bool:
    """Whether the fleet's machine has been measured, or the registry says what somebody measured."""
    if scope.host.measured_bandwidth_bytes_per_s is not None:
        return True
    with Warehouse().read(live=True) as connection:
        return not run_stored_query(connection, "bandwidth_of_host", host=scope.host.name).is_empty()


def import_history(
    fleet: str,
    root: Path,
    *,
    on_stage: Callable[[str], None] = lambda _: None,
    on_read: Callable[[ReadingProgress], None] = lambda _: None,
) -> SweepReport:
    """Brings the tables of the record below root up to date, and the summaries. Raises RunFailed, RegistryFault."""
    definitions = build_definitions(fleet, history_root=root)
    prepare_home()
    report = SweepReport()

    def listen(stage: str, progress: ReadingProgress | None) -> None:
        if progress is None:
            on_stage(stage)
        else:
            on_read(progress)

    with dg.DagsterInstance.get() as instance, ExitStack() as stack:
        repair_instance(instance)
        RECORD_LISTENERS.append(listen)
        stack.callback(RECORD_LISTENERS.remove, listen)
        config = {"ops": {"history_record": {"config": {"root": str(root)}}}}
        _run(definitions, instance, "import_history", report, run_config=config)
    return report


def _wait_for_the_machine(instance: dg.DagsterInstance, on_stage: Callable[[str], None]) -> None:
    """Waits, asleep, until nobody measures: neither the kernel's lock nor a pool slot is held.

    A run that is started while its pool is taken waits in Dagster's in-process executor, which keeps a core busy
    (1.13: interval_to_next_pending_claim_check never gives a positive time) beside the measurement it waits for.
    """
    told: str | None = None
    while True:
        repair_instance(instance)
        holder = lock_holder()
        pool = instance.event_log_storage.get_concurrency_info(MEASURING_POOL)
        if holder is None and pool.active_slot_count < max(1, pool.slot_count):
            return
        who = holder.sentence() if holder else f"run {', '.join(pool.active_run_ids)}"
        if who != told:
            on_stage(f"waiting for the machine, which is held by {who}")
            told = who
        time.sleep(WAIT_S)


def catalogue_suites(fleet: str) -> SweepReport:
    """Makes the catalogue of suites, whose checks look at the questions. Raises RunFailed, RegistryFault."""
    return _run_suites(fleet)


def import_suites(fleet: str, paths: Sequence[Path]) -> SweepReport:
    """Imports question files into table imported_suites and the data directory. Raises RunFailed, RegistryFault."""
    config = {"ops": {"imported_suites": {"config": {"paths": [str(path) for path in paths]}}}}
    return _run_suites(fleet, run_config=config, assets=["imported_suites"])


def _run_suites(
    fleet: str, run_config: dict[str, Any] | None = None, assets: Sequence[str] | None = None
) -> SweepReport:
    """Runs the job `suites`; assets: only these of it."""
    definitions = build_definitions(fleet)
    prepare_home()
    report = SweepReport()
    with dg.DagsterInstance.get() as instance:
        repair_instance(instance)
        _run(definitions, instance, "suites", report, run_config=run_config, assets=assets)
    return report


def _run(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    job: str,
    report: SweepReport,
    partition: str | None = None,
    run_config: dict[str, Any] | None = None,
    assets: Sequence[str] | None = None,
) -> dg.ExecuteInProcessResult:
    """Runs a job in this process; assets: only these of it."""
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    run_id = str(uuid.uuid4())
    result = definitions.resolve_job_def(job).execute_in_process(
        instance=instance,
        run_id=run_id,
        partition_key=partition,
        asset_selection=None if assets is None else [dg.AssetKey(name) for name in assets],
        run_config={**(run_config or {}), **quiet},
        tags=process_tag(run_id),
        raise_on_error=False,
    )
    for evaluation in result.get_asset_check_evaluations():
        if not evaluation.passed:
            details = {key: value.value for key, value in evaluation.metadata.items()}
            report.failed_checks.append(
                FailedCheck(
                    evaluation.asset_key.to_user_string(),
                    evaluation.check_name,
                    partition,
                    bool(evaluation.blocking),
                    details,
                )
            )
    if any(error.cls_name in INTERRUPTIONS for error in _errors(result)):
        raise KeyboardInterrupt
    if not result.success:
        raise RunFailed(f"the job {job} failed: {_causes(result)}")
    return result


def _causes(result: dg.ExecuteInProcessResult) -> str:
    """The messages of what was raised, innermost; the whole trace is in the run's log in the UI."""
    causes = [CLASS_NAME.sub("", error.message).strip() for error in _errors(result)]
    return "; ".join(causes) or "see the run's log in the UI"


def _errors(result: dg.ExecuteInProcessResult) -> list[SerializableErrorInfo]:
    """What each failed step raised, innermost."""
    found: list[SerializableErrorInfo] = []
    for event in result.all_events:
        error = event.step_failure_data.error if event.is_step_failure else None
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            found.append(error)
    return found


def _not_loaded(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    for materialization in result.asset_materializations_for_node("generation_journal"):
        value = materialization.metadata.get("not_loaded")
        if value is not None and isinstance(value.value, dict):
            return {str(name): str(reason) for name, reason in value.value.items()}
    return {}
