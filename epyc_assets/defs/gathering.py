"""Gathers the groups, jobs, schedules and resources of a fleet into one Definitions; tests and the command line
build their variants here."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from epyc_assets.defs.benchmarks import benchmark_assets
from epyc_assets.defs.compatibility import compatibility_assets
from epyc_assets.defs.concurrency import concurrency_assets
from epyc_assets.defs.experiments import experiment_assets
from epyc_assets.defs.history import asset_key_of_table, history_assets
from epyc_assets.defs.label_audit import label_audit_assets
from epyc_assets.defs.leaderboard import leaderboard_assets
from epyc_assets.defs.machine import machine_assets
from epyc_assets.defs.metadata import main_asset_key, with_column_descriptions
from epyc_assets.defs.model_comparison import model_comparison_assets
from epyc_assets.defs.models import model_assets
from epyc_assets.defs.recommendation import recommendation_assets
from epyc_assets.defs.resources import MeasuredMachine, WarehouseResource
from epyc_assets.defs.schedules import job_and_schedule_definitions
from epyc_assets.defs.scope import configured_history_root, load_scope
from epyc_assets.defs.scoring import scoring_assets
from epyc_assets.defs.speed import speed_assets
from epyc_assets.defs.suites import suite_assets


def build_definitions(
    fleet_name: str, *, resources: Mapping[str, Any] | None = None, history_root: Path | None = None
) -> dg.Definitions:
    """Everything for one fleet. resources: replace the default ones by name. history_root: folder of the record to
    import, instead of the one configured; without either there is no group history.

    Raises RegistryFault when the registry is wrong or has no such fleet.
    """
    scope = load_scope(fleet_name)
    fleet = scope.fleet
    record = history_root or configured_history_root(scope)
    key_of_table = main_asset_key if record is None else asset_key_of_table
    with warnings.catch_warnings():
        # Checks per partition and mapping specs are a preview in this Dagster; nobody who runs a sweep can do anything
        # about that.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        groups = [
            model_assets(fleet),
            machine_assets(fleet),
            compatibility_assets(fleet),
            suite_assets(),
            benchmark_assets(fleet),
            scoring_assets(),
            speed_assets(fleet),
            recommendation_assets(fleet),
            concurrency_assets(fleet),
            experiment_assets(fleet),
            model_comparison_assets(fleet),
            leaderboard_assets(key_of_table),
            label_audit_assets(key_of_table),
            history_assets(record),
            job_and_schedule_definitions(fleet, with_history=record is not None),
        ]
        gathered = dg.Definitions.merge(
            *groups,
            dg.Definitions(
                resources={"warehouse": WarehouseResource(), "machine": MeasuredMachine(), **(resources or {})},
                # One process for all steps of a run: a step's own process would cost a second and more.
                executor=dg.in_process_executor,
            ),
        )
        return gathered.map_asset_specs(func=with_column_descriptions)
