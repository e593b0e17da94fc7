"""The plan as things are now: what a sweep, the night and `epyc plan` go by. Reads; writes nothing.

Imports no dagster, so that `epyc plan` answers quickly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from epyc_assets.benchmark.journal import read_journal
from epyc_assets.benchmark.plan import ModelFile, Plan, build_plan
from epyc_assets.benchmark.question_sets import first_of_each_suite
from epyc_assets.benchmark.records import answered_in, load_journal
from epyc_assets.defs.reading import answered_generations, fleet_questions, journal_path, model_files
from epyc_assets.defs.scope import Scope
from epyc_assets.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class PresentPlan:
    """The plan as things are, the model files it is made for, and the models with journalled answers that are not
    in the warehouse yet, as after a kill between the last answer and loading it."""

    plan: Plan
    files: Mapping[str, ModelFile]
    not_loaded: tuple[str, ...]


def present_plan(
    warehouse: Warehouse,
    scope: Scope,
    models: Sequence[str] | None = None,
    *,
    suites: Sequence[str] = (),
    questions_per_suite: int = 0,
    retry_failed: bool = False,
    hash_changed_files: bool = False,
) -> PresentPlan:
    """The plan from the warehouse and the journals: what is journalled but not yet loaded counts as answered.

    models None, suites empty: all. questions_per_suite: the first so many of each set; 0: all. hash_changed_files:
    read files of `models` that are not as the last scan saw them, instead of taking all that was answered for
    stale. Raises ValueError for a model or suite that does not exist.
    """
    files = model_files(warehouse, scope, hashed=(models or ()) if hash_changed_files else ())
    answered = answered_generations(warehouse, scope.fleet.name)
    known = {old.generation_id for old in answered}
    not_loaded: list[str] = []
    for name in models or scope.fleet.models:
        contents = read_journal(journal_path(scope.fleet.name, name))
        journalled = [old for old in answered_in(contents) if old.generation_id not in known]
        answered += journalled
        if journalled:
            loadable = load_journal(contents, name).generations["generation_id"]
            if not known.issuperset(loadable):
                not_loaded.append(name)
    plan = build_plan(
        scope.fleet,
        scope.host,
        first_of_each_suite(fleet_questions(warehouse, scope.fleet), questions_per_suite or None),
        files,
        answered,
        models=models,
        suites=suites or None,
        retry_failed=retry_failed,
    )
    return PresentPlan(plan, files, tuple(not_loaded))


def sweep_order(present: PresentPlan) -> list[str]:
    """Models with something to ask or to load, those first of which least is known."""
    to_do = dict.fromkeys([*(item.model.name for item in present.plan.items), *present.not_loaded])
    known = dict.fromkeys(to_do, 0)
    for row in present.plan.rows:
        if row.model in known:
            known[row.model] += row.done
    return sorted(to_do, key=lambda name: known[name])
