"""Group experiments: time limits of answers, from stored latencies. Not here: the rule (experiments.timeouts)."""

from typing import Any

import dagster as dg
import polars as pl

from epyc_assets.benchmark.sweep import DEFAULT_QUESTION_TIMEOUT_S
from epyc_assets.defs import metadata
from epyc_assets.defs.experiment_journals import GROUP, table_of
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS, Scope, load_scope
from epyc_assets.experiments.timeouts import ALL_SUITES, Calibration, TimeoutRule, calibrations, latencies_by_suite
from epyc_assets.registry.entries import Fleet
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

CODE_VERSION = "1"
"""Of the asset here, and on the rows it writes; raise it when what it writes changes."""
COLUMNS = [
    "model",
    "suite",
    "answers",
    "needed_s",
    "recommended_s",
    "present_s",
    "cut_answers",
    "flag",
    "reason",
]


class TimeoutConfig(dg.Config):
    """The rule. margin_ratio: over what the longest answer needs at the slow end. wasteful_ratio, wasteful_s: a limit
    that is so many times and seconds above the recommended one is called wasteful."""

    margin_ratio: float = TimeoutRule().margin_ratio
    wasteful_ratio: float = TimeoutRule().wasteful_ratio
    wasteful_s: float = TimeoutRule().wasteful_s


def timeout_assets(fleet: Fleet) -> dg.Definitions:
    """The asset and its check for a fleet."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["models", "generations"],
        check_specs=[
            dg.AssetCheckSpec(
                "limits_fit",
                asset="timeout_calibration",
                description="No model's time limit is too short for what its answers take, or wastefully long.",
            )
        ],
        description="How long an answer may take: per model and suite the time that an answer of full length needs at "
        "the slow end of the measured speeds, the limit that follows, and the present one. Runs no model. Table "
        "`timeout_calibration`.",
    )
    def timeout_calibration(
        context: dg.AssetExecutionContext, config: TimeoutConfig, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        scope, store = load_scope(fleet.name), warehouse.open()
        with store.read(live=True) as connection:
            latencies = run_stored_query(connection, "latencies_of_fleet", fleet=fleet.name)
        rows = _timeout_rows(scope, latencies, TimeoutRule(**config.model_dump()))
        with store.write("timeout calibration") as connection:
            replace_rows(
                connection,
                "timeout_calibration",
                rows,
                where={"fleet": fleet.name},
                provenance=Provenance(context.run.run_id, CODE_VERSION),
            )
        whole = rows.filter(pl.col("suite") == ALL_SUITES)
        wrong = whole.filter(~pl.col("flag").is_in(["fits", "unknown"]))
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(whole, preview_columns=COLUMNS, row_count=rows.height),
                "flags": dg.MetadataValue.md(
                    metadata.markdown_table(whole.group_by("flag").len("models").sort("flag"))
                ),
            },
            data_version=metadata.data_version(rows),
            check_results=[
                dg.AssetCheckResult(
                    check_name="limits_fit",
                    passed=wrong.is_empty(),
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"wrong": dg.MetadataValue.md(table_of(wrong, COLUMNS))},
                )
            ],
        )

    return dg.Definitions(assets=[timeout_calibration])


def _timeout_rows(scope: Scope, latencies: pl.DataFrame, rule: TimeoutRule) -> pl.DataFrame:
    """Rows of table timeout_calibration: the fleet's models with generations, in registry order."""
    rows: list[dict[str, Any]] = []
    for name, model in scope.fleet.models.items():
        own = latencies.filter(pl.col("model") == name)
        present_s = model.question_timeout_s or DEFAULT_QUESTION_TIMEOUT_S
        for found in calibrations(latencies_by_suite(own.iter_rows(named=True)), present_s, rule):
            set_in_registry = model.question_timeout_s is not None
            rows.append({"model": name, **found.as_dict(), "set_in_registry": set_in_registry})
    texts, counts = (
        ("model", "suite", "slow_end", "flag", "reason"),
        ("answers", "timed_out", "max_tokens", "cut_answers"),
    )
    names = ("model", *Calibration.__dataclass_fields__, "set_in_registry")
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {
        **dict.fromkeys(names, pl.Float64),
        **dict.fromkeys(texts, pl.String),
        **dict.fromkeys(counts, pl.Int32),
        "set_in_registry": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=kinds)
