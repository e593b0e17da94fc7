"""Group recommendation: the quality of configs that may change answers, and of each model the config to use.

Here: reading the tables that a recommendation rests on, writing it, doubting it. Not here: the rule
(benchmark.recommendation), the measuring (speed, benchmarks).
"""

import json

import dagster as dg
import polars as pl

from epyc_assets.benchmark.quality import config_quality
from epyc_assets.benchmark.recommendation import (
    DEFAULT_TOLERANCE,
    LEAST_ROUNDS,
    baseline_speeds,
    best_config,
    doubtful_recommendations,
    measured_files,
)
from epyc_assets.defs import metadata
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS
from epyc_assets.registry.entries import Fleet
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

GROUP = "recommendation"
CODE_VERSION = "1"
"""Of the assets here, and on the rows they write; raise it when what they write changes."""


class RecommendationConfig(dg.Config):
    """tolerance: loss of pass rate that is accepted, as a share of the questions."""

    tolerance: float = DEFAULT_TOLERANCE


def recommendation_assets(fleet: Fleet) -> dg.Definitions:
    """The group's assets and checks for a fleet."""

    @dg.asset(
        name="config_quality",
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["answers"],
        description="How the verdicts of configs that may change answers compare with the baseline's on the same "
        "questions: difference with its interval, exact McNemar test. Table `config_quality`.",
    )
    def quality_of_configs(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        store = warehouse.open()
        with store.read(live=True) as connection:
            verdicts = run_stored_query(connection, "verdicts_of_fleet", fleet=fleet.name)
        rows = config_quality(verdicts)
        with store.write("config quality") as connection:
            replace_rows(
                connection,
                "config_quality",
                rows,
                where={"fleet": fleet.name},
                provenance=Provenance(context.run.run_id, CODE_VERSION),
            )
        shown = ["model", "config", "questions", "difference", "difference_low", "difference_high", "p_value"]
        return dg.MaterializeResult(
            metadata=metadata.table_metadata(rows, preview_columns=shown), data_version=metadata.data_version(rows)
        )

    @dg.asset(
        name="best_config",
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["config_speed", "token_agreement", "config_quality", "config_physics", "speed_runs"],
        description="Of each model the fastest config that is shown to be faster than the baseline and to answer as "
        "well, with what looks faster and why it was not taken. Table `best_config`; `epyc recommend` prints it.",
        check_specs=[
            dg.AssetCheckSpec(
                "sound_rounds",
                asset="best_config",
                description=f"Every recommendation rests on {LEAST_ROUNDS} rounds or more, undisturbed by other work.",
            )
        ],
    )
    def best_config_of_models(
        context: dg.AssetExecutionContext, config: RecommendationConfig, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        store = warehouse.open()
        with store.read(live=True) as connection:
            speed, agreement, quality, physics, runs = (
                run_stored_query(connection, name, fleet=fleet.name)
                for name in (
                    "speed_of_fleet",
                    "agreement_of_fleet",
                    "config_quality_of_fleet",
                    "physics_of_fleet",
                    "baseline_runs_of_fleet",
                )
            )
        rows = best_config(
            speed,
            agreement,
            quality,
            physics,
            tolerance=config.tolerance,
            baseline_tps=baseline_speeds(runs),
            model_files=measured_files(runs),
        )
        with store.write("best configs") as connection:
            replace_rows(
                connection,
                "best_config",
                rows,
                where={"fleet": fleet.name},
                provenance=Provenance(context.run.run_id, CODE_VERSION),
            )
        doubts = doubtful_recommendations(rows, speed)
        shown = ["model", "config", "speedup", "speedup_low", "speedup_high", "generation_tps", "quality"]
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(rows, preview_columns=shown),
                "faster_but_not_taken": dg.MetadataValue.md(metadata.markdown_table(_not_taken(rows))),
            },
            data_version=metadata.data_version(rows),
            check_results=[
                dg.AssetCheckResult(
                    check_name="sound_rounds",
                    passed=not doubts,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"recommendations": rows.height, "doubtful": dg.MetadataValue.json(doubts)},
                )
            ],
        )

    return dg.Definitions(assets=[quality_of_configs, best_config_of_models])


def _not_taken(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per config that looks faster than the recommended one."""
    found = [
        {"model": row["model"], "config": each["config"], "speedup": each["speedup"], "reason": each["reason"]}
        for row in rows.iter_rows(named=True)
        for each in json.loads(row["excluded"])
    ]
    return pl.DataFrame(
        found, schema={"model": pl.String, "config": pl.String, "speedup": pl.Float64, "reason": pl.String}
    )
