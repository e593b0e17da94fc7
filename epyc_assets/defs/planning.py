"""The plan as things are now: what a sweep, the night and `epyc plan` go by. Reads; writes nothing.

Imports no dagster, and DuckDB and Polars only where there is something to read, so that `epyc plan` answers quickly.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from epyc_assets.benchmark.constraints import Conditions
from epyc_assets.benchmark.drawn_questions import first_of_each_suite
from epyc_assets.benchmark.earlier import EarlierSpeed
from epyc_assets.benchmark.journal import read_journal
from epyc_assets.benchmark.loads import MeasuringGroup
from epyc_assets.benchmark.matrix import TECHNIQUES
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.plan import SPEED_SUITE, Plan, build_plan, groups_of_preset
from epyc_assets.benchmark.presets import DEFAULT_PRESET
from epyc_assets.defs.reading import (
    answered_generations,
    changed_answers,
    earlier_speeds,
    fleet_questions,
    fleet_speed_prompts,
    journal_path,
    listed_verdicts,
    load_times_s,
    measured_bandwidth_bytes_per_s,
    model_files,
    speed_journal_path,
)
from epyc_assets.defs.scope import Scope
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.registry.entries import Fleet
from epyc_assets.registry.hosts import llama_cpp_binaries
from epyc_assets.suites.speed_prompts import SpeedPrompt

if TYPE_CHECKING:
    from epyc_assets.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class PresentPlan:
    """The plan as things are, the model files it is made for, and the models with journalled answers that are not
    in the warehouse yet, as after a kill between the last answer and loading it.

    conditions and load_s: what it was decided by, for what a whole preset would load. prompts: the speed prompts."""

    plan: Plan
    files: Mapping[str, ModelFile]
    not_loaded: tuple[str, ...]
    conditions: Conditions
    load_s: Mapping[str, float] = field(default_factory=dict)
    prompts: tuple[SpeedPrompt, ...] = ()

    def groups_of(self, preset: str, models: Sequence[str] | None = None) -> list[MeasuringGroup]:
        """What measuring everything that a preset allows would load."""
        return groups_of_preset(self.conditions, preset, self.load_s, models)


def existing_warehouse() -> Warehouse | None:
    """The warehouse; None where nothing has been written yet, which saves importing DuckDB."""
    from epyc_assets.warehouse.location import warehouse_path

    if not warehouse_path().exists():
        return None
    from epyc_assets.warehouse import Warehouse

    return Warehouse()


def usual_backend(scope: Scope) -> Backend:
    """What runs models unless something else is said: EPYC_BACKEND, else the embedded one, as in a sweep.

    Raises BackendUnavailable.
    """
    name = os.environ.get("EPYC_BACKEND", "").strip()
    if name in ("", LlamaCppBackend.name):
        return LlamaCppBackend(scope.registry.host_of(scope.fleet).launch_prefix)
    from epyc_assets.inference.backends import make_backend

    host = scope.registry.host_of(scope.fleet)
    binaries = llama_cpp_binaries(host, scope.registry.checkout)
    return make_backend(name, launch_prefix=host.launch_prefix, binaries=binaries)


def present_plan(
    warehouse: Warehouse | None,
    scope: Scope,
    models: Sequence[str] | None = None,
    *,
    preset: str = DEFAULT_PRESET,
    suites: Sequence[str] = (),
    questions_per_suite: int = 0,
    retry_failed: bool = False,
    techniques: Sequence[str] = (),
    config_ids: Collection[str] = (),
    hash_changed_files: bool = False,
    journalled_speed: bool = False,
    backend: Backend | None = None,
) -> PresentPlan:
    """The plan from the warehouse and the journals: what is journalled but not yet loaded counts as answered.

    models None, suites, techniques and config_ids (whose speed to measure) empty: all. questions_per_suite: the first
    so many of each set; 0: all.
    hash_changed_files: read files of `models` and of their drafts that are not as the last scan saw them, instead of
    taking all that was answered for stale. journalled_speed: count speed rounds that are journalled but not loaded too.
    backend: what would run; None: usual_backend. Raises ValueError for a preset, model, suite or technique that does
    not exist, BackendUnavailable.
    """
    fleet = scope.fleet
    chosen = backend or usual_backend(scope)
    wanted = [name for name in models or () if name in fleet.models]
    hashed = {*wanted, *(draft for name in wanted for draft in fleet.models[name].drafts)}
    files = model_files(warehouse, scope, hashed=hashed if hash_changed_files else ())
    answered = answered_generations(warehouse, fleet.name)
    known = {old.generation_id for old in answered}
    not_loaded: list[str] = []
    for name in models or fleet.models:
        path = journal_path(fleet.name, name)
        if not path.exists():
            continue
        from epyc_assets.benchmark.records import answered_in, load_journal

        contents = read_journal(path)
        journalled = [old for old in answered_in(contents) if old.generation_id not in known]
        answered += journalled
        if journalled:
            loadable = load_journal(contents, name).generations["generation_id"]
            if not known.issuperset(loadable):
                not_loaded.append(name)
    speeds = earlier_speeds(warehouse, fleet.name, chosen.name)
    if journalled_speed:
        # The journal knows all that was loaded of it, and what is still under way.
        journalled_rounds = _journalled_speeds(fleet, models or list(fleet.models), chosen.name)
        told = {(each.model, each.config_id, each.speed_key) for each in journalled_rounds}
        speeds = [each for each in speeds if (each.model, each.config_id, each.speed_key) not in told]
        speeds += journalled_rounds
    verdicts = listed_verdicts(warehouse, scope, files)
    load_s = load_times_s(warehouse, fleet.name)
    prompts = fleet_speed_prompts(scope)
    host = scope.host
    if (bandwidth := measured_bandwidth_bytes_per_s(warehouse, host.name)) is not None:
        host = host.model_copy(update={"measured_bandwidth_bytes_per_s": bandwidth})
    plan = build_plan(
        fleet,
        host,
        first_of_each_suite(fleet_questions(warehouse, fleet), questions_per_suite or None),
        files,
        answered,
        preset=preset,
        models=models,
        suites=suites or None,
        techniques=techniques or TECHNIQUES,
        config_ids=config_ids,
        retry_failed=retry_failed,
        backend=chosen,
        verdicts=verdicts,
        speed_prompts=prompts,
        speeds=speeds,
        changed_answers=changed_answers(warehouse, fleet.name),
        load_s=load_s,
    )
    conditions = Conditions(fleet, host, chosen, files, verdicts)
    return PresentPlan(plan, files, tuple(not_loaded), conditions, load_s, tuple(prompts))


def _journalled_speeds(fleet: Fleet, models: Sequence[str], backend: str) -> list[EarlierSpeed]:
    """Rounds in the journals, whether they are loaded or not. Those of a measurement that was cut short are not enough:
    it is to be gone on with as a whole."""
    found: list[EarlierSpeed] = []
    for name in models:
        path = speed_journal_path(fleet.name, name)
        if not path.exists():
            continue
        import polars as pl

        from epyc_assets.benchmark.rounds import stop_rule
        from epyc_assets.benchmark.speed import earlier_speeds as speeds_in
        from epyc_assets.benchmark.speed_records import load_speed_journal, measurements_in

        contents = read_journal(path)
        loaded = load_speed_journal(contents, name)
        runs = loaded.speed_runs.filter(pl.col("backend") == backend)
        under_way = [each.measurement_id for each in measurements_in(contents) if each.ended is None]
        if runs.height:
            found += speeds_in(runs, loaded.sessions, stop=stop_rule(fleet), under_way=under_way)
    return found


def sweep_order(present: PresentPlan) -> list[str]:
    """Models with something to ask, to measure or to load, those first of which least is known."""
    to_measure = [group.model.name for group in present.plan.groups]
    to_do = dict.fromkeys([*(item.model.name for item in present.plan.items), *to_measure, *present.not_loaded])
    known = dict.fromkeys(to_do, 0)
    for row in present.plan.rows:
        if row.model in known and row.suite != SPEED_SUITE:
            known[row.model] += row.done
    return sorted(to_do, key=lambda name: known[name])
