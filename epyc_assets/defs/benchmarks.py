"""Group benchmarks: the questions, the sweep over one model, its answers, and the plan. Their scores: scoring.py.

The sweep writes a journal and nothing else; loading the journal is an asset of its own, so that no database
connection is held while a model runs and a killed sweep has lost nothing.
"""

from collections.abc import Iterator, Sequence

import dagster as dg
import polars as pl

from epyc_assets.benchmark.journal import read_journal
from epyc_assets.benchmark.plan import SPEED_SUITE, Plan
from epyc_assets.benchmark.presets import DEFAULT_PRESET
from epyc_assets.benchmark.records import load_journal
from epyc_assets.benchmark.sweep import run_sweep
from epyc_assets.defs import metadata
from epyc_assets.defs.drawing import draw_and_record
from epyc_assets.defs.instance import tag_with_process
from epyc_assets.defs.partitions import model_partitions
from epyc_assets.defs.planning import present_plan
from epyc_assets.defs.progress import logged_progress
from epyc_assets.defs.reading import journal_path
from epyc_assets.defs.resources import MEASURING_POOL, MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import OWNERS, load_scope
from epyc_assets.defs.suites import questions_valid
from epyc_assets.registry.entries import Fleet
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import record_rejects, replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

GROUP = "benchmarks"
CODE_VERSION = "1"
"""Of the assets here, and on the rows they write; raise it when what they write changes."""
MOST_DEGENERATE_RATIO = 0.2
"""Share of a model's answers that may be degenerate before the check warns."""


class SweepConfig(dg.Config):
    """What of the plan to run. suites and techniques empty: all. questions_per_suite: the first so many of each set; 0:
    all. retry_failed: try again what failed as often as is tried. preset: how much of the matrix."""

    suites: list[str] = []
    questions_per_suite: int = 0
    retry_failed: bool = False
    preset: str = DEFAULT_PRESET
    techniques: list[str] = []


def benchmark_assets(fleet: Fleet) -> dg.Definitions:
    """The group's assets and checks for a fleet."""
    partitions = model_partitions(fleet)

    @dg.multi_asset(
        name="draw_questions",
        specs=[
            _spec(
                "questions",
                deps=["models", "imported_suites"],
                description="The questions that the fleet's models are asked: drawn from the suites' generators, "
                "files and local copies of public sets, as the fleet's question_sets say; of public sets none that "
                "another seed has asked (table `questions_seen`). Table `questions`.",
            ),
            _spec(
                "question_sets",
                deps=["questions"],
                description="Which questions belong to the fleet's question sets. Table `question_sets`.",
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                "row_count", asset="questions", blocking=True, description="As many as the sets ask for."
            ),
            dg.AssetCheckSpec("unique_prompts", asset="questions", description="No two questions ask the same."),
            dg.AssetCheckSpec(
                "questions_valid",
                asset="questions",
                description="The validator finds no error: right answers pass, wrong ones do not, answers worked out a "
                "second way agree.",
            ),
        ],
    )
    def draw_questions_of_fleet(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult]:
        scope = load_scope(fleet.name)
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        drawn, new = draw_and_record(warehouse.open(), scope.fleet, stamp)
        if drawn.rejects:
            context.log.warning(f"{len(drawn.rejects)} rows of local copies cannot be used; see table rejects")
        asked_for = sum(entry.count for entry in scope.fleet.question_sets)
        repeated = drawn.questions.height - drawn.questions["prompt"].n_unique()
        yield dg.MaterializeResult(
            asset_key="questions",
            metadata={
                **metadata.table_metadata(
                    drawn.questions, preview_columns=["suite", "tier", "prompt", "expected", "scorer"]
                ),
                "per_suite": dg.MetadataValue.md(
                    metadata.markdown_table(drawn.questions.group_by("suite").len("questions").sort("suite"))
                ),
                "public_sets": dg.MetadataValue.md(metadata.markdown_table(drawn.public)),
                "newly_seen": new,
                "rejects": len(drawn.rejects),
            },
            data_version=metadata.data_version(drawn.questions),
            check_results=[
                dg.AssetCheckResult(
                    asset_key="questions",
                    check_name="row_count",
                    passed=0 < drawn.questions.height <= asked_for,
                    metadata={"rows": drawn.questions.height, "asked_for": asked_for},
                ),
                dg.AssetCheckResult(
                    asset_key="questions",
                    check_name="unique_prompts",
                    passed=repeated == 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"repeated": repeated},
                ),
                questions_valid(drawn.questions),
            ],
        )
        yield dg.MaterializeResult(
            asset_key="question_sets",
            metadata=metadata.table_metadata(drawn.sets),
            data_version=metadata.data_version(drawn.sets),
        )

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "gguf"},
        code_version=CODE_VERSION,
        partitions_def=partitions,
        pool=MEASURING_POOL,
        deps=["models", "gguf_files", "questions"],
        description="Puts the missing and stale questions to one model and journals every answer at once. Runs "
        "alone on the machine; killed at any moment it goes on after the last finished answer.",
    )
    def generation_journal(
        context: dg.AssetExecutionContext,
        config: SweepConfig,
        warehouse: WarehouseResource,
        machine: MeasuredMachine,
    ) -> dg.MaterializeResult:
        model = context.partition_key
        tag_with_process(context.instance, context.run.run_id)
        scope = load_scope(fleet.name)
        with machine.alone():
            # Planned with the machine held: whoever held it before may have answered these very questions.
            present = present_plan(warehouse.open(), scope, [model], hash_changed_files=True, **config.model_dump())
            plan = present.plan
            context.log.info(f"{model}: {len(plan.items)} questions to ask; {_statuses(plan)}")
            outcome = run_sweep(
                plan.items,
                fleet=fleet.name,
                host=scope.host,
                files=present.files,
                backend=machine.backend(scope.host),
                journal_path=lambda name: journal_path(fleet.name, name),
                progress=logged_progress(context),
            )
        for name, reason in outcome.not_loaded.items():
            context.log.error(f"{name} was not asked {outcome.left} questions: {reason}")
        return dg.MaterializeResult(
            metadata={
                "asked": sum(outcome.statuses.values()),
                "left_unasked": outcome.left,
                "sessions": outcome.sessions,
                **{f"answers_{status}": count for status, count in sorted(outcome.statuses.items())},
                "plan": dg.MetadataValue.md(
                    metadata.markdown_table(
                        pl.DataFrame([row.as_dict() for row in plan.rows if row.suite != SPEED_SUITE]).select(
                            "config", "suite", "status", "questions", "done", "missing", "stale", "failed"
                        )
                    )
                ),
                "not_loaded": dg.MetadataValue.json(outcome.not_loaded),
                "journal": dg.MetadataValue.path(str(journal_path(fleet.name, model))),
            },
            data_version=metadata.file_version(journal_path(fleet.name, model)),
        )

    @dg.multi_asset(
        name="load_journal",
        partitions_def=partitions,
        specs=[
            _spec(
                "sessions",
                deps=["generation_journal"],
                description="Loads of the model, with everything needed to reproduce them. Table `sessions`.",
            ),
            _spec(
                "generations",
                deps=["generation_journal", "questions"],
                description="Every answer of the model with its timings, or why there is none, out of the "
                "journal. Table `generations`; loading twice changes nothing.",
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                "journal_reconciles",
                asset="generations",
                partitions_def=partitions,
                blocking=True,
                description="Every record of the journal is a row or a reject.",
            ),
            dg.AssetCheckSpec(
                "degenerate_share",
                asset="generations",
                partitions_def=partitions,
                description=f"At most {MOST_DEGENERATE_RATIO:.0%} of the answers are empty, loops or garbage.",
            ),
            dg.AssetCheckSpec(
                "answered_share",
                asset="generations",
                partitions_def=partitions,
                description="No question timed out, crashed the worker or was refused.",
            ),
        ],
    )
    def load_journal_of_model(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource, machine: MeasuredMachine
    ) -> Iterator[dg.MaterializeResult]:
        model = context.partition_key
        source = f"journal/{fleet.name}/{model}.jsonl"
        contents = read_journal(journal_path(fleet.name, model), source)
        loaded = load_journal(contents, source)
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        store = warehouse.open()
        with store.write(f"generations of {model}") as connection:
            replace_rows(connection, "sessions", loaded.sessions, provenance=stamp)
            replace_rows(connection, "generations", loaded.generations, provenance=stamp)
            record_rejects(connection, loaded.rejects, stamp, sources_read=[source])
            present = run_stored_query(connection, "generations_of_model", fleet=fleet.name, model=model)
        if loaded.rejects:
            context.log.warning(f"{len(loaded.rejects)} journal lines not read; see table rejects")
        absent = loaded.generations.join(present, on="generation_id", how="anti").height
        statuses = present.group_by("status").len("answers").sort("status")
        answers = present.filter(pl.col("status") == "ok")
        degenerate = answers["degenerate"].count()
        failures = present.height - answers.height
        yield dg.MaterializeResult(
            asset_key="sessions",
            metadata=metadata.table_metadata(
                loaded.sessions,
                preview_columns=["started_at", "status", "backend", "llama_build", "threads", "load_ms"],
            ),
            data_version=metadata.data_version(loaded.sessions.select("session_id", "status")),
        )
        yield dg.MaterializeResult(
            asset_key="generations",
            metadata={
                **metadata.table_metadata(
                    loaded.generations,
                    preview_columns=["suite", "status", "text", "generation_tps", "ttft_ms", "finish_reason"],
                    row_count=present.height,
                ),
                "statuses": dg.MetadataValue.md(metadata.markdown_table(statuses)),
                "rejects": len(loaded.rejects),
                "generation_tps_median": _number(answers["generation_tps"].median()),
                "contended": answers.filter(pl.col("contended")).height,
            },
            data_version=metadata.data_version(loaded.generations.select("generation_id", "status", "text")),
            check_results=[
                dg.AssetCheckResult(
                    asset_key="generations",
                    check_name="journal_reconciles",
                    passed=absent == 0,
                    metadata={"records": len(contents.records), "rejects": len(loaded.rejects), "absent": absent},
                ),
                dg.AssetCheckResult(
                    asset_key="generations",
                    check_name="degenerate_share",
                    passed=degenerate <= MOST_DEGENERATE_RATIO * max(1, answers.height),
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"degenerate": degenerate, "answers": answers.height},
                ),
                dg.AssetCheckResult(
                    asset_key="generations",
                    check_name="answered_share",
                    passed=failures == 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"failures": failures},
                ),
            ],
        )

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["models", "gguf_files", "questions", "generations"],
        check_specs=[
            dg.AssetCheckSpec(
                "staleness",
                asset="sweep_plan",
                description="No answer belongs to another model file or other prompt settings than the present ones.",
            )
        ],
        description="What the next sweep would do: every model, config and question set with its status and the "
        "reason. Table `sweep_plan`.",
    )
    def sweep_plan(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource, machine: MeasuredMachine
    ) -> dg.MaterializeResult:
        scope = load_scope(fleet.name)
        plan = present_plan(warehouse.open(), scope).plan
        frame = pl.DataFrame([row.as_dict() for row in plan.rows], infer_schema_length=None)
        with warehouse.open().write("sweep plan") as connection:
            replace_rows(
                connection,
                "sweep_plan",
                frame,
                where={"fleet": fleet.name},
                provenance=Provenance(context.run.run_id, CODE_VERSION),
            )
        stale = int(frame["stale"].sum())
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    frame, preview_columns=["model", "config", "suite", "status", "reason", "missing"]
                ),
                "statuses": dg.MetadataValue.md(
                    metadata.markdown_table(frame.group_by("status").len("rows").sort("status"))
                ),
                "to_run": len(plan.items),
                "to_measure": len(plan.speed_items),
            },
            data_version=metadata.data_version(frame.drop("estimated_s")),
            check_results=[
                dg.AssetCheckResult(
                    check_name="staleness",
                    passed=stale == 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"stale": stale},
                )
            ],
        )

    return dg.Definitions(
        assets=[draw_questions_of_fleet, generation_journal, load_journal_of_model, sweep_plan],
    )


def _spec(table: str, *, deps: Sequence[str], description: str) -> dg.AssetSpec:
    """What the tables of a multi-asset have in common."""
    return metadata.table_spec(table, deps=deps, group_name=GROUP, code_version=CODE_VERSION, description=description)


def _statuses(plan: Plan) -> str:
    told = [row.status for row in plan.rows if row.suite != SPEED_SUITE]
    counts = pl.Series("status", told, dtype=pl.String).value_counts(sort=True)
    return ", ".join(f"{count} sets {status}" for status, count in counts.iter_rows())


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
