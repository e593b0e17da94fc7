"""Group experiments: acceptance over temperature. Not here: giving the answers (benchmark.temperature_rounds), what
follows from them (experiments.temperature)."""

import dagster as dg
import polars as pl

from epyc_assets.benchmark.constraints import Conditions, candidates
from epyc_assets.benchmark.journal import Journal, read_journal
from epyc_assets.benchmark.journalled_session import Surroundings
from epyc_assets.benchmark.presets import preset_named
from epyc_assets.benchmark.provenance import code_provenance
from epyc_assets.benchmark.speed import ALL_KINDS
from epyc_assets.benchmark.temperature_rounds import TemperatureJob, run_temperatures
from epyc_assets.defs import metadata
from epyc_assets.defs.experiment_journals import (
    GROUP,
    files_with,
    first_of_each_kind,
    loaded_journal,
    measured_metadata,
    speed_keys,
    write_measured,
)
from epyc_assets.defs.instance import tag_with_process
from epyc_assets.defs.partitions import model_partitions
from epyc_assets.defs.progress import logged_progress
from epyc_assets.defs.reading import (
    experiment_journal_path,
    fleet_speed_prompts,
    listed_verdicts,
)
from epyc_assets.defs.resources import MEASURING_POOL, MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import OWNERS, load_scope
from epyc_assets.experiments import temperature as sampled
from epyc_assets.inference.config import BASELINE
from epyc_assets.registry.entries import Fleet

CODE_VERSION = "1"
"""Of the asset here, and on the rows it writes; raise it when what it writes changes."""
COLUMNS = [
    *("config", "temperature", "acceptance_rate", "acceptance_low", "acceptance_high", "generation_tps"),
    *("speed_ratio", "prompts", "answers"),
]


class TemperatureConfig(dg.Config):
    """What to measure. preset: its spec and lookup configs, and the baseline. seeds: answers per prompt and
    temperature. prompts_per_kind: speed prompts of each kind; 0: all; intervals count prompts, so few say little.
    again: begin a new measurement; else only what is missing is asked."""

    temperatures: list[float] = list(sampled.DEFAULT_TEMPERATURES)
    seeds: list[int] = list(sampled.DEFAULT_SEEDS)
    preset: str = "quick"
    prompts_per_kind: int = 2
    again: bool = False


def temperature_assets(fleet: Fleet) -> dg.Definitions:
    """The asset and its check for a fleet."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "gguf", "duckdb"},
        code_version=CODE_VERSION,
        partitions_def=model_partitions(fleet),
        pool=MEASURING_POOL,
        deps=["models", "gguf_files", "speed_prompts"],
        check_specs=[
            dg.AssetCheckSpec(
                "all_answered",
                asset="temperature_sweep",
                description="Every config answered every prompt at every temperature.",
            )
        ],
        description="What of the drafted tokens is accepted when answers are sampled: the model's speculative configs "
        "and the baseline on the speed prompts, at several temperatures with several seeds. Killed at any moment it "
        "goes on after the last answer; more temperatures and seeds are added to what is there. Table "
        "`temperature_sweep`.",
    )
    def temperature_sweep(
        context: dg.AssetExecutionContext,
        config: TemperatureConfig,
        warehouse: WarehouseResource,
        machine: MeasuredMachine,
    ) -> dg.MaterializeResult:
        tag_with_process(context.instance, context.run.run_id)
        scope, store = load_scope(fleet.name), warehouse.open()
        model, backend = scope.fleet.models[context.partition_key], machine.backend(scope.host)
        files = files_with(store, scope, model, [model.name, *model.drafts])
        conditions = Conditions(scope.fleet, scope.host, backend, files, listed_verdicts(store, scope, files))
        found = candidates(model, conditions, preset_named(config.preset), ["spec", "lookup"])
        configs = [each.config for each in found if each.not_allowed is None and each.no_file is None]
        path = experiment_journal_path(fleet.name, "temperature_sweep", model.name)
        said, loads, answers, left_out = "no speculative config is allowed", 0, 0, {}
        if configs:
            prompts = first_of_each_kind(fleet_speed_prompts(scope), config.prompts_per_kind)
            asked = (BASELINE, *configs)
            keys = speed_keys(model, asked, files, prompts, backend)
            wanted = tuple(config.temperatures), tuple(config.seeds)
            job = TemperatureJob(model, asked, keys, tuple(prompts), *wanted)
            around = Surroundings(fleet.name, scope.host, files, backend, code_provenance())
            with machine.alone():
                earlier = read_journal(path)
                with Journal(path) as journal:
                    outcome = run_temperatures(
                        job, around, journal, earlier, again=config.again, progress=logged_progress(context)
                    )
            said = "configs were left out" if outcome.left_out else "every answer was given"
            loads, answers = outcome.loads, sum(outcome.statuses.values())
            left_out = {
                each.name: outcome.left_out[each.config_id] for each in asked if each.config_id in outcome.left_out
            }
        loaded = loaded_journal(path, fleet.name)
        rows = sampled.temperature_rows(loaded.speed_runs)
        write_measured(
            context,
            CODE_VERSION,
            store,
            path,
            loaded,
            loaded.speed_runs,
            "temperature_sweep",
            rows,
            {"fleet": fleet.name, "model": model.name},
        )
        failed = int(rows.filter(pl.col("prompt_kind") == ALL_KINDS)["failed_answers"].sum())
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    rows.filter(pl.col("prompt_kind") == ALL_KINDS),
                    preview_columns=COLUMNS,
                    row_count=rows.height,
                ),
                **measured_metadata(said, loads, answers, loaded),
                "not_allowed": [
                    f"{each.config.name}: {each.not_allowed or each.no_file}"
                    for each in found
                    if each.config not in configs
                ],
                "journal": dg.MetadataValue.path(str(path)),
            },
            data_version=metadata.data_version(rows),
            check_results=[
                dg.AssetCheckResult(
                    check_name="all_answered",
                    passed=not failed and not left_out,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"failed_answers": failed, "left_out": left_out},
                )
            ],
        )

    return dg.Definitions(assets=[temperature_sweep])
