"""The asset `scores` of group benchmarks: verdicts of the scorers over stored answers.

Here: the asset, its check and what is said of a run. Not here: finding and scoring what is due (due_scores.py).
"""

import time
from collections.abc import Callable

import dagster as dg
import polars as pl

from epyc_assets.defs import metadata
from epyc_assets.defs.due_scores import ANSWERS_PER_WRITE, ScoringProgress, score_due
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.stored_query import run_stored_query, stored_relation

GROUP = "benchmarks"
CODE_VERSION = "2"
"""Of the asset here, and on the rows it writes; raise it when what it writes changes."""
LOG_EVERY_S = 5.0
PROGRESS_LISTENERS: list[Callable[[ScoringProgress], None]] = []
"""Told, in this process, how far scoring is; the command line draws its progress bar from it."""


class ScoringConfig(dg.Config):
    """What to score. fleet, scorer: only its answers, only answers for it; empty: all. answers_per_write: how many are
    held in memory and written at a time. processes: that judge at a time; 0: as many as there are CPUs."""

    fleet: str = ""
    scorer: str = ""
    answers_per_write: int = ANSWERS_PER_WRITE
    processes: int = 0


def scoring_assets() -> dg.Definitions:
    """The asset and its check, for the answers of all fleets."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["generations", "questions"],
        check_specs=[
            dg.AssetCheckSpec(
                "every_answer_judged",
                asset="scores",
                blocking=True,
                description="Each answer has a verdict, or a row that says why it has none.",
            )
        ],
        description="Verdicts of the scorers over stored answers: only what has none of the scorer's present version, "
        "and programs that waited for a sandbox once there is one. Never runs a model. Table `scores`.",
    )
    def scores(
        context: dg.AssetExecutionContext, config: ScoringConfig, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        from epyc_assets.scoring import SCORE_SCHEMA, missing_scores

        store = warehouse.open()
        scored = score_due(
            store,
            Provenance(context.run.run_id, CODE_VERSION),
            fleet=config.fleet or None,
            scorer=config.scorer or None,
            answers_per_write=config.answers_per_write,
            processes=config.processes or None,
            on_progress=_told(context),
        )
        with store.read(live=True) as connection:
            present = run_stored_query(connection, "scores_present")
            rows, version = metadata.relation_version(stored_relation(connection, "scores_present"))
            preview = run_stored_query(connection, "newest_scores", rows=metadata.PREVIEW_ROWS)
        store.publish()
        unjudged = missing_scores(scored.answers, present, is_there=lambda _: False).height
        statuses = present.group_by("scorer", "status").len("answers").sort("scorer", "status")
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(preview, row_count=rows),
                metadata.COLUMN_SCHEMA: dg.TableSchema(
                    columns=[dg.TableColumn(name, str(kind)) for name, kind in pl.Schema(SCORE_SCHEMA).items()]
                ),
                "newly_scored": scored.newly_scored,
                "newly_scored_per_status": dg.MetadataValue.json(scored.counts.to_dicts()),
                "answers_per_s": scored.answers_per_s,
                "not_scored": present.filter(pl.col("status") == "not_scored").height,
                "invalid_label": present.filter(pl.col("status") == "invalid_label").height,
                "per_scorer": dg.MetadataValue.md(metadata.markdown_table(statuses)),
            },
            data_version=version,
            check_results=[
                dg.AssetCheckResult(
                    check_name="every_answer_judged", passed=unjudged == 0, metadata={"unjudged": unjudged}
                )
            ],
        )

    return dg.Definitions(assets=[scores])


def _told(context: dg.AssetExecutionContext) -> Callable[[ScoringProgress], None]:
    """Tells the listeners of every step, and the run's log at most every LOG_EVERY_S seconds."""
    last_s = time.monotonic()

    def tell(progress: ScoringProgress) -> None:
        nonlocal last_s
        for listener in PROGRESS_LISTENERS:
            listener(progress)
        now_s = time.monotonic()
        if now_s - last_s >= LOG_EVERY_S:
            last_s = now_s
            context.log.info(
                f"{progress.done:,} of {progress.total:,} scored, {progress.answers_per_s:,.0f} per second"
            )

    return tell
