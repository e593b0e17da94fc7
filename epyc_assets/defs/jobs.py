"""Jobs: named selections of assets. When they run is in schedules.py."""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from epyc_assets.defs.history import GROUP as HISTORY_GROUP
from epyc_assets.defs.label_audit import CONCERNED, FINDINGS
from epyc_assets.defs.models import REGISTRY_TABLES
from epyc_assets.defs.recording import CONFORMED_VIEWS
from epyc_assets.defs.suites import GROUP as SUITES_GROUP

PREPARE_ASSETS = (
    *REGISTRY_TABLES,
    *("gguf_files", "draft_compatibility", "questions", "question_sets", "speed_prompts"),
)
"""What must be known before anything is measured; cheap."""
ANSWER_ASSETS = ("generation_journal", "sessions", "generations")
"""What putting questions to one model makes; a partition is a model."""
SPEED_ASSETS = ("speed_journal", "speed_runs", "token_agreement", "config_speed")
"""What measuring the speed of one model's configs makes; a partition is a model."""
SWEEP_ASSETS = (*ANSWER_ASSETS, *SPEED_ASSETS)
MACHINE_ASSETS = ("host_bandwidth",)
"""What is measured of the machine itself."""

CONCURRENCY_ASSETS = ("concurrency_sweep",)
"""What is measured of one model behind a server, when somebody asks for it; a partition is a model."""
EXPERIMENT_ASSETS = ("draft_discovery", "temperature_sweep")
"""What is measured of one model beside the sweep, when somebody asks for it; a partition is a model."""


def prepare_job() -> UnresolvedAssetJobDefinition:
    """Everything a sweep needs to know."""
    return dg.define_asset_job(
        "prepare",
        selection=dg.AssetSelection.assets(*PREPARE_ASSETS, *MACHINE_ASSETS),
        description="Reads the registry, scans the model roots, draws the questions, measures the machine's memory "
        "bandwidth.",
    )


def nightly_sweep_job() -> UnresolvedAssetJobDefinition:
    """One run per model."""
    return dg.define_asset_job(
        "nightly_sweep",
        selection=dg.AssetSelection.assets(*SWEEP_ASSETS),
        description="Asks one model what it has not answered, measures the configs that were not, and loads both.",
    )


def refresh_job() -> UnresolvedAssetJobDefinition:
    """Everything after the sweep."""
    swept = dg.AssetSelection.assets(
        *PREPARE_ASSETS, *MACHINE_ASSETS, *SWEEP_ASSETS, *CONCURRENCY_ASSETS, *EXPERIMENT_ASSETS
    )
    return dg.define_asset_job(
        "refresh",
        selection=dg.AssetSelection.all() - swept - dg.AssetSelection.groups(HISTORY_GROUP, SUITES_GROUP),
        description="Scores stored answers and builds the plan and the leaderboard. Runs no model.",
    )


def suites_job() -> UnresolvedAssetJobDefinition:
    """Questions from files, and the validator over all there are."""
    return dg.define_asset_job(
        "suites",
        selection=dg.AssetSelection.groups(SUITES_GROUP),
        description="Imports question files, and looks whether all questions there are can be trusted. Runs no model.",
    )


def import_history_job() -> UnresolvedAssetJobDefinition:
    """The imported record, and what is derived from it."""
    return dg.define_asset_job(
        "import_history",
        selection=dg.AssetSelection.groups(HISTORY_GROUP)
        | dg.AssetSelection.assets(*CONFORMED_VIEWS, FINDINGS, CONCERNED),
        description="Reads new and changed files of the record and builds its tables. Runs no model.",
    )
