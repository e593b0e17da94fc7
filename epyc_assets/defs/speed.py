"""Group speed: prompts, interleaved rounds over one model's configs, and what follows from them about speed and about
answers that should stay the same.

As with questions, measuring writes a journal and nothing else; loading it is an asset of its own.
"""

import base64
from collections.abc import Iterator

import dagster as dg
import polars as pl

from epyc_assets.benchmark.agreement import token_agreement
from epyc_assets.benchmark.journal import Journal, read_journal
from epyc_assets.benchmark.journalled_session import Surroundings
from epyc_assets.benchmark.physics import CONFIG_PHYSICS_SCHEMA, Machine, config_physics
from epyc_assets.benchmark.plan import SPEED_SUITE
from epyc_assets.benchmark.presets import DEFAULT_PRESET
from epyc_assets.benchmark.provenance import code_provenance
from epyc_assets.benchmark.rounds import MeasuringJob, RoundsOutcome, run_rounds, stop_rule
from epyc_assets.benchmark.speed import config_speed
from epyc_assets.benchmark.speed_records import load_speed_journal
from epyc_assets.defs import metadata
from epyc_assets.defs.instance import tag_with_process
from epyc_assets.defs.partitions import model_partitions
from epyc_assets.defs.planning import present_plan
from epyc_assets.defs.progress import logged_progress
from epyc_assets.defs.reading import fleet_speed_prompts, model_files, speed_journal_path
from epyc_assets.defs.resources import MEASURING_POOL, MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import OWNERS, load_scope
from epyc_assets.inference.bandwidth import last_level_cache_bytes
from epyc_assets.registry.entries import Fleet
from epyc_assets.reports.speed_plots import PLOTS, NothingToPlot, SpeedRows
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import record_rejects, replace_rows
from epyc_assets.warehouse.stored_query import run_stored_query

GROUP = "speed"
CODE_VERSION = "1"
"""Of the assets here, and on the rows they write; raise it when what they write changes."""
SPEED_COLUMNS = [
    *("config", "prompt_kind", "rounds", "generation_tps", "speedup", "speedup_low", "speedup_high", "verdict"),
    *("acceptance_rate", "tokens_per_evaluation"),
]


class RoundsConfig(dg.Config):
    """What of the matrix to measure. preset: quick, nightly or full. techniques, config_ids empty: all. How long is
    measured is in the registry (speed_rounds)."""

    preset: str = DEFAULT_PRESET
    techniques: list[str] = []
    config_ids: list[str] = []
    retry_failed: bool = False


def speed_assets(fleet: Fleet) -> dg.Definitions:
    """The group's assets and checks for a fleet."""
    partitions = model_partitions(fleet)

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["models"],
        description="The prompts that speed is measured on, of four kinds, because what drafting gives depends on what "
        "is asked. Table `speed_prompts`.",
    )
    def speed_prompts(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        prompts = fleet_speed_prompts(load_scope(fleet.name))
        frame = pl.DataFrame([prompt.as_dict() for prompt in prompts])
        with warehouse.open().write("speed prompts") as connection:
            replace_rows(connection, "speed_prompts", frame, provenance=Provenance(context.run.run_id, CODE_VERSION))
        return dg.MaterializeResult(
            metadata=metadata.table_metadata(frame, preview_columns=["kind", "prompt", "max_tokens", "source"]),
            data_version=metadata.data_version(frame),
        )

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "gguf"},
        code_version=CODE_VERSION,
        partitions_def=partitions,
        pool=MEASURING_POOL,
        deps=["models", "gguf_files", "speed_prompts"],
        description="Runs interleaved speed rounds over the configs of one model that are missing or stale, the "
        "baseline in every round, until the intervals are narrow; journals every answer at once. Runs alone on the "
        "machine; killed at any moment it goes on after the last finished answer.",
    )
    def speed_journal(
        context: dg.AssetExecutionContext,
        config: RoundsConfig,
        warehouse: WarehouseResource,
        machine: MeasuredMachine,
    ) -> dg.MaterializeResult:
        model = context.partition_key
        tag_with_process(context.instance, context.run.run_id)
        scope = load_scope(fleet.name)
        path = speed_journal_path(fleet.name, model)
        stop = stop_rule(scope.fleet)
        outcome = RoundsOutcome()
        backend = machine.backend(scope.host)
        with machine.alone():
            # Planned with the machine held: whoever held it before may have measured these very configs.
            present = present_plan(
                warehouse.open(),
                scope,
                [model],
                suites=[SPEED_SUITE],
                preset=config.preset,
                techniques=config.techniques,
                config_ids=config.config_ids,
                retry_failed=config.retry_failed,
                hash_changed_files=True,
                journalled_speed=True,
                backend=backend,
            )
            for group in present.plan.groups:
                context.log.info(f"{model}: {len(group.items)} configs; {group.sentence(stop.most_rounds)}")
                job = MeasuringJob(
                    model=group.model,
                    configs=tuple(item.config for item in group.items),
                    speed_keys=group.speed_keys,
                    prompts=tuple(fleet_speed_prompts(scope)),
                    side_by_side=group.side_by_side,
                    load_keys={config_id: load.key for load in group.loads for config_id in load.config_ids},
                )
                around = Surroundings(fleet.name, scope.host, present.files, backend, code_provenance())
                earlier = read_journal(path)
                with Journal(path) as journal:
                    outcome = run_rounds(job, around, journal, earlier, stop=stop, progress=logged_progress(context))
        names = {item.config.config_id: item.config.name for group in present.plan.groups for item in group.items}
        for config_id, reason in outcome.left_out.items():
            context.log.error(f"{model}, {names[config_id]}: left out: {reason}")
        return dg.MaterializeResult(
            metadata={
                "configs": len(names),
                "rounds": outcome.rounds,
                "ended_because": outcome.reason or "nothing was missing or stale",
                "loads": outcome.loads,
                "answers": sum(outcome.statuses.values()),
                "differences": outcome.differences,
                "left_out": dg.MetadataValue.json({names[key]: why for key, why in outcome.left_out.items()}),
                "journal": dg.MetadataValue.path(str(path)),
            },
            data_version=metadata.file_version(path),
        )

    @dg.multi_asset(
        name="load_speed_journal",
        partitions_def=partitions,
        specs=[
            metadata.table_spec(
                table, deps=["speed_journal"], group_name=GROUP, code_version=CODE_VERSION, description=description
            )
            for table, description in (
                (
                    "speed_runs",
                    "Every answer of the model's speed rounds, out of the journal; its sessions go to table "
                    "`sessions`. Table `speed_runs`; loading twice changes nothing.",
                ),
                (
                    "token_agreement",
                    "Whether configs that claim to change nothing gave the same greedy tokens, and if not, whether "
                    "that is a near tie or a real change. Table `token_agreement`.",
                ),
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                "journal_reconciles",
                asset="speed_runs",
                partitions_def=partitions,
                blocking=True,
                description="Every record of the journal is a row or a reject.",
            ),
            dg.AssetCheckSpec(
                "clocks_agree",
                asset="speed_runs",
                partitions_def=partitions,
                description="No server reports another speed than our clock by more than 10 %.",
            ),
            dg.AssetCheckSpec(
                "lossless_changes_nothing",
                asset="token_agreement",
                partitions_def=partitions,
                description="No speculative config really changes an answer; differences are near ties.",
            ),
        ],
    )
    def load_speed_journal_of_model(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult]:
        model = context.partition_key
        source = f"journal/{fleet.name}/speed/{model}.jsonl"
        contents = read_journal(speed_journal_path(fleet.name, model), source)
        loaded = load_speed_journal(contents, source)
        agreement = token_agreement(loaded.speed_runs, loaded.comparisons)
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        place = {"fleet": fleet.name, "model": model}
        with warehouse.open().write(f"speed runs of {model}") as connection:
            replace_rows(connection, "sessions", loaded.sessions, provenance=stamp)
            replace_rows(connection, "speed_runs", loaded.speed_runs, provenance=stamp)
            replace_rows(connection, "token_agreement", agreement, where=place, provenance=stamp)
            record_rejects(connection, loaded.rejects, stamp, sources_read=[source])
            present = run_stored_query(connection, "speed_runs_of_model", **place)
        absent = loaded.speed_runs.join(present, on="speed_run_id", how="anti").height
        differing = present.filter(pl.col("figures_differ")).height
        changed = agreement.filter(pl.col("kind") == "real_change")
        kinds = agreement.group_by("kind").len("answers").sort("kind")
        yield dg.MaterializeResult(
            asset_key="speed_runs",
            metadata={
                **metadata.table_metadata(
                    loaded.speed_runs,
                    preview_columns=["round", "config", "prompt_kind", "status", "generation_tps", "accepted_tokens"],
                    row_count=present.height,
                ),
                "rejects": len(loaded.rejects),
                "contended": present.filter(pl.col("contended")).height,
            },
            data_version=metadata.data_version(loaded.speed_runs.select("speed_run_id", "status")),
            check_results=[
                dg.AssetCheckResult(
                    asset_key="speed_runs",
                    check_name="journal_reconciles",
                    passed=absent == 0,
                    metadata={"records": len(contents.records), "rejects": len(loaded.rejects), "absent": absent},
                ),
                dg.AssetCheckResult(
                    asset_key="speed_runs",
                    check_name="clocks_agree",
                    passed=differing == 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"answers": present.height, "differing": differing},
                ),
            ],
        )
        yield dg.MaterializeResult(
            asset_key="token_agreement",
            metadata={
                **metadata.table_metadata(agreement, preview_columns=["config_id", "kind", "agreed_tokens", "margin"]),
                "kinds": dg.MetadataValue.md(metadata.markdown_table(kinds)),
            },
            data_version=metadata.data_version(agreement),
            check_results=[
                dg.AssetCheckResult(
                    asset_key="token_agreement",
                    check_name="lossless_changes_nothing",
                    passed=changed.is_empty(),
                    metadata={
                        "real_changes": changed.height,
                        "compared": agreement.height,
                        "shown": dg.MetadataValue.md(metadata.markdown_table(changed.head(20))),
                    },
                )
            ],
        )

    @dg.asset(
        name="config_speed",
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        partitions_def=partitions,
        deps=["speed_runs"],
        description="Per config and kind of prompt: speed, speed-up over the baseline of the same rounds with its "
        "interval and verdict, acceptance. Table `config_speed`.",
    )
    def config_speed_of_model(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        model = context.partition_key
        place = {"fleet": fleet.name, "model": model}
        store = warehouse.open()
        with store.read(live=True) as connection:
            runs = run_stored_query(connection, "speed_runs_of_model", **place)
            sessions = run_stored_query(connection, "sessions_of_model", **place)
        rows = config_speed(runs, sessions, stop=stop_rule(load_scope(fleet.name).fleet))
        with store.write(f"config speed of {model}") as connection:
            replace_rows(
                connection,
                "config_speed",
                rows,
                where=place,
                provenance=Provenance(context.run.run_id, CODE_VERSION),
            )
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    rows.filter(pl.col("prompt_kind") == "all").sort("speedup", descending=True, nulls_last=True),
                    preview_columns=SPEED_COLUMNS,
                    row_count=rows.height,
                ),
                **plot_metadata(
                    SpeedRows(model, rows, pl.DataFrame(schema=dict(CONFIG_PHYSICS_SCHEMA)), pl.DataFrame()),
                    ["overview", "drafts", "lookup"],
                ),
            },
            data_version=metadata.data_version(rows),
        )

    @dg.asset(
        name="config_physics",
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        deps=["config_speed", "speed_runs", "gguf_files", "host_bandwidth"],
        check_specs=[
            dg.AssetCheckSpec(
                "plausible",
                asset="config_physics",
                description="No speed-up is above what every drafted token accepted would give, no speed above what "
                "the memory allows.",
            )
        ],
        description="Per config and kind of prompt: bytes per token, roofline, fitted acceptance, predicted speed-up "
        "and its cap beside what was measured, and doubts. Table `config_physics`.",
    )
    def physics_of_configs(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        scope = load_scope(fleet.name)
        store = warehouse.open()
        with store.read(live=True) as connection:
            speed = run_stored_query(connection, "speed_of_fleet", fleet=fleet.name)
            runs = run_stored_query(connection, "speed_runs_of_fleet", fleet=fleet.name)
            bandwidth = run_stored_query(connection, "bandwidth_of_host", host=scope.host.name).to_dicts()
        files = model_files(store, scope)
        facts = {name: file.facts for name, file in files.items() if file.facts is not None}
        machine = Machine(scope.host.measured_bandwidth_bytes_per_s, last_level_cache_bytes())
        if bandwidth:
            machine = Machine(bandwidth[0]["best_bytes_per_s"], bandwidth[0]["last_level_cache_bytes"])
        rows = config_physics(speed, runs, facts, machine)
        with store.write("config physics") as connection:
            replace_rows(
                connection,
                "config_physics",
                rows,
                where={"fleet": fleet.name},
                provenance=Provenance(context.run.run_id, CODE_VERSION),
            )
        doubtful = rows.filter(pl.col("flag").is_in(["above_cap", "above_roofline"]))
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    rows.filter(pl.col("prompt_kind") == "all"),
                    preview_columns=["model", "config_id", "roofline_fraction", "alpha", "predicted_speedup", "flag"],
                    row_count=rows.height,
                ),
                "flags": dg.MetadataValue.md(metadata.markdown_table(rows.group_by("flag").len("rows").sort("flag"))),
            },
            data_version=metadata.data_version(rows),
            check_results=[
                dg.AssetCheckResult(
                    check_name="plausible",
                    passed=doubtful.is_empty(),
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={
                        "doubtful": doubtful.height,
                        "shown": dg.MetadataValue.md(metadata.markdown_table(doubtful.head(20))),
                    },
                )
            ],
        )

    return dg.Definitions(
        assets=[speed_prompts, speed_journal, load_speed_journal_of_model, config_speed_of_model, physics_of_configs]
    )


def plot_metadata(rows: SpeedRows, names: list[str]) -> dict[str, dg.MarkdownMetadataValue]:
    """Plots that there are figures for, as pictures in Markdown; nothing where matplotlib is not installed."""
    found: dict[str, dg.MarkdownMetadataValue] = {}
    for name in names:
        try:
            picture = PLOTS[name](rows)
        except (NothingToPlot, ImportError):
            continue
        text = base64.b64encode(picture).decode()
        found[f"plot_{name}"] = dg.MetadataValue.md(f"![{name}](data:image/png;base64,{text})")
    return found
