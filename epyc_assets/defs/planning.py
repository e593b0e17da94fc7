"""The plan outside a run: what `epyc plan` shows. Reads; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from epyc_assets.benchmark.plan import Plan
from epyc_assets.defs.benchmarks import SweepConfig, present_plan
from epyc_assets.defs.resources import MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import load_scope


def plan_now(fleet: str, models: Sequence[str] = ()) -> Plan:
    """The plan for a fleet. models empty: all of it. Raises ValueError for a model that does not exist."""
    scope = load_scope(fleet)
    return present_plan(WarehouseResource(), MeasuredMachine(), scope, SweepConfig(), models or None).plan
