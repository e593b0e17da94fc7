"""The asset model_comparison of group leaderboard: which model answers better than which, and how sure that is.

Here: reading the verdicts, writing the table, showing it. Not here: the comparisons (benchmark.model_comparison), the
tables of the leaderboard (SQL files, defs/leaderboard).
"""

import base64
from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

from epyc_assets.benchmark.model_comparison import ALL_SUITES, model_comparison
from epyc_assets.defs import metadata
from epyc_assets.defs.leaderboard import GROUP
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS
from epyc_assets.registry.entries import Fleet
from epyc_assets.reports.leaderboard import letters_of
from epyc_assets.reports.leaderboard_plot import leaderboard_plot
from epyc_assets.reports.speed_plots import NothingToPlot
from epyc_assets.statistics import wilson_interval
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

CODE_VERSION = "1"
"""Of the asset here, and on the rows it writes; raise it when what it writes changes."""

_SHOWN = (
    *("suite", "model_a", "config_a", "model_b", "config_b", "questions", "difference"),
    *("difference_low", "difference_high", "p_adjusted", "questions_more"),
)


def model_comparison_assets(fleet: Fleet) -> dg.Definitions:
    """The asset for a fleet."""

    @dg.asset(
        name="model_comparison",
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["answers", "question_sets", "sweep_plan"],
        description="Every two models (each under its quality-affecting configs) on the questions that both answered, "
        "suite by suite and over all: difference of pass rates with its interval, exact McNemar test adjusted for the "
        "number of comparisons, and how many questions more would tell. Table `model_comparison`.",
    )
    def comparison_of_models(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        store = warehouse.open()
        with store.read(live=True) as connection:
            answers = run_stored_query(connection, "answers_to_compare", fleet=fleet.name)
        rows = model_comparison(answers)
        with store.write("model comparison") as connection:
            replace_rows(
                connection,
                "model_comparison",
                rows,
                where={"fleet": fleet.name},
                provenance=Provenance(context.run.run_id, CODE_VERSION),
            )
        real = rows.filter(pl.col("verdict") == "better")
        over_all = real.filter(pl.col("suite") == ALL_SUITES).sort("p_adjusted")
        verdicts = rows.filter(pl.col("verdict") != "worse").group_by("suite", "verdict").len("rows")
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(rows, preview_columns=_SHOWN),
                "real_differences": dg.MetadataValue.md(metadata.markdown_table(over_all.select(_SHOWN).head(20))),
                "verdicts": dg.MetadataValue.md(metadata.markdown_table(verdicts.sort("suite", "verdict"))),
                "told_apart": real.height,
                **plot_metadata(fleet.name, answers, rows),
            },
            data_version=metadata.data_version(rows),
        )

    return dg.Definitions(assets=[comparison_of_models])


def plot_metadata(fleet: str, answers: pl.DataFrame, rows: pl.DataFrame) -> Mapping[str, dg.MarkdownMetadataValue]:
    """The leaderboard as a picture in Markdown; nothing where nothing is scored or matplotlib is not installed.

    answers: as the comparison takes them; rows: what it made of them.
    """
    sides: list[dict[str, Any]] = []
    keys = ["fleet", "model", "config_id", "config", "technique"]
    verdicts = answers.filter(pl.col("score_status") == "scored", pl.col("passed").is_not_null())
    counts = verdicts.group_by(keys).agg(pl.col("passed").sum().alias("passes"), pl.len().alias("total_scored"))
    for side in counts.iter_rows(named=True):
        interval = wilson_interval(side["passes"], side["total_scored"])
        sides.append({**side, "pass_ratio": interval.estimate, "pass_low": interval.low, "pass_high": interval.high})
    sides.sort(key=lambda side: (-side["pass_ratio"], side["model"], side["config"]))
    pairs = rows.filter(pl.col("suite") == ALL_SUITES)
    letters = letters_of([(side["fleet"], side["model"], side["config_id"]) for side in sides], pairs)
    for side in sides:
        side["group"] = letters.get((side["fleet"], side["model"], side["config_id"]))
    try:
        picture = leaderboard_plot(sides, fleet)
    except (NothingToPlot, ImportError):
        return {}
    text = base64.b64encode(picture).decode()
    return {"plot_leaderboard": dg.MetadataValue.md(f"![leaderboard](data:image/png;base64,{text})")}
