"""Group experiments: which draft suits which target. Not here: measuring (benchmark.rounds), what follows from it
(experiments.draft_discovery)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import dagster as dg
import polars as pl

from epyc_assets.benchmark.constraints import Conditions, objection
from epyc_assets.benchmark.journal import Journal, read_journal
from epyc_assets.benchmark.journalled_session import Surroundings
from epyc_assets.benchmark.loads import SpeedItem, measuring_group
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.provenance import code_provenance
from epyc_assets.benchmark.rounds import MeasuringJob, RoundsOutcome, StopRule, run_rounds
from epyc_assets.benchmark.speed import ALL_KINDS, config_speed
from epyc_assets.benchmark.speed_records import ended_measurement
from epyc_assets.defs import metadata
from epyc_assets.defs.experiment_journals import (
    GROUP,
    files_with,
    first_of_each_kind,
    loaded_journal,
    measured_metadata,
    no_file,
    speed_keys,
    table_of,
    write_measured,
)
from epyc_assets.defs.instance import tag_with_process
from epyc_assets.defs.partitions import model_partitions
from epyc_assets.defs.progress import logged_progress
from epyc_assets.defs.reading import (
    experiment_journal_path,
    fleet_speed_prompts,
    load_times_s,
    model_files,
    with_tokens,
)
from epyc_assets.defs.resources import MEASURING_POOL, MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import OWNERS, Scope, load_scope
from epyc_assets.experiments import draft_discovery as discovery
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.config import BASELINE, Config
from epyc_assets.registry.entries import Fleet, Model
from epyc_assets.suites.speed_prompts import SpeedPrompt
from epyc_assets.warehouse import Warehouse

CODE_VERSION = "1"
"""Of the asset here, and on the rows it writes; raise it when what it writes changes."""
COLUMNS = [
    *("draft", "listed_in_registry", "verdict", "rank", "draft_tokens", "speedup", "speedup_low", "speedup_high"),
    *("acceptance_rate", "draft_cost_ratio", "predicted_draft_tokens", "reason"),
]


class DiscoveryConfig(dg.Config):
    """Which drafts to measure, and how long. draft_tokens: the K of each. largest_size_ratio: bytes per token over the
    target's above which an unlisted draft is not measured. prompts_per_kind: speed prompts of each kind; 0: all.
    least_rounds, most_rounds, narrow_ratio: the stop rule; below seven rounds nothing can be shown. again: measure anew
    what has been measured to its end."""

    draft_tokens: list[int] = list(discovery.DEFAULT_DRAFT_TOKENS)
    largest_size_ratio: float = discovery.DEFAULT_LARGEST_SIZE_RATIO
    most_drafts: int = discovery.DEFAULT_MOST_DRAFTS
    prompts_per_kind: int = 1
    least_rounds: int = 7
    most_rounds: int = 10
    narrow_ratio: float = 0.05
    again: bool = False


def draft_discovery_assets(fleet: Fleet) -> dg.Definitions:
    """The asset and its checks for a fleet."""

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
                "listed_drafts_pay",
                asset="draft_discovery",
                description="No draft that the registry lists is refused, or measured slower than no draft at all.",
            ),
            dg.AssetCheckSpec(
                "best_draft_is_listed",
                asset="draft_discovery",
                description="No model that the registry does not list drafts clearly faster than all that it lists.",
            ),
        ],
        description="Which draft suits a model: of every smaller model of the fleet, listed or not, whether it fits; "
        "of those that do the speed-up, acceptance and cost, measured in one run of interleaved rounds beside the "
        "baseline, and the K that is predicted to be best. Killed at any moment it goes on after the last answer; "
        "what was measured is not measured again. Table `draft_discovery`.",
    )
    def draft_discovery(
        context: dg.AssetExecutionContext,
        config: DiscoveryConfig,
        warehouse: WarehouseResource,
        machine: MeasuredMachine,
    ) -> dg.MaterializeResult:
        tag_with_process(context.instance, context.run.run_id)
        scope, store = load_scope(fleet.name), warehouse.open()
        target, backend = scope.fleet.models[context.partition_key], machine.backend(scope.host)
        files, choices = _drafts_to_look_at(store, scope, target, backend, config)
        configs = discovery.discovery_configs(choices, config.draft_tokens)
        stop = StopRule(config.least_rounds, config.most_rounds, config.narrow_ratio)
        outcome = RoundsOutcome(reason="no draft that fits is to be measured")
        path = experiment_journal_path(fleet.name, "draft_discovery", target.name)
        if configs:
            prompts = first_of_each_kind(fleet_speed_prompts(scope), config.prompts_per_kind)
            job = _discovery_job(store, scope, target, configs, files, backend, prompts)
            with machine.alone():
                earlier = read_journal(path)
                done = None
                if not config.again:
                    prompt_ids = [prompt.prompt_id for prompt in prompts]
                    done = ended_measurement(earlier, backend.name, job.speed_keys, prompt_ids)
                if done is not None:
                    outcome.measurement_id, outcome.reason = done.measurement_id, f"measured before: {done.ended}"
                else:
                    around = Surroundings(fleet.name, scope.host, files, backend, code_provenance())
                    with Journal(path) as journal:
                        outcome = run_rounds(
                            job, around, journal, earlier, stop=stop, progress=logged_progress(context)
                        )
        loaded = loaded_journal(path, fleet.name)
        runs = loaded.speed_runs.filter(pl.col("measurement_id") == outcome.measurement_id)
        speed = config_speed(runs, loaded.sessions, stop=stop).filter(pl.col("prompt_kind") == ALL_KINDS)
        rows = discovery.discovery_rows(target.name, choices, configs, speed, runs, outcome.left_out)
        # Few rounds for a first look: not to be taken for the speed of a config.
        kept = loaded.speed_runs.with_columns(purpose=pl.lit(discovery.PURPOSE))
        place = {"fleet": fleet.name, "target": target.name}
        write_measured(context, CODE_VERSION, store, path, loaded, kept, "draft_discovery", rows, place)
        losing, missed = discovery.losing_listed(rows), discovery.missed_unlisted(rows)
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(rows, preview_columns=COLUMNS),
                **measured_metadata(outcome.reason, outcome.loads, sum(outcome.statuses.values()), loaded),
                "rounds_now": outcome.rounds,
                "differences": outcome.differences,
                "journal": dg.MetadataValue.path(str(path)),
            },
            data_version=metadata.data_version(rows),
            check_results=[
                dg.AssetCheckResult(
                    check_name="listed_drafts_pay",
                    passed=losing.is_empty(),
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"losing": dg.MetadataValue.md(table_of(losing, COLUMNS))},
                ),
                dg.AssetCheckResult(
                    check_name="best_draft_is_listed",
                    passed=missed.is_empty(),
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"missed": dg.MetadataValue.md(table_of(missed, COLUMNS))},
                ),
            ],
        )

    return dg.Definitions(assets=[draft_discovery])


def _drafts_to_look_at(
    store: Warehouse, scope: Scope, target: Model, backend: Backend, config: DiscoveryConfig
) -> tuple[dict[str, ModelFile], list[discovery.DraftChoice]]:
    """Every pair with the target, those that cannot be run refused, and the files with up-to-date hashes."""
    known = model_files(store, scope)
    facts = {name: file.facts for name, each in known.items() if (file := with_tokens(each)).facts is not None}
    if target.name not in facts:
        raise no_file(target)
    choices = discovery.draft_choices(
        target,
        scope.fleet,
        {name: each for name, each in facts.items() if each is not None},
        largest_size_ratio=config.largest_size_ratio,
        most_drafts=config.most_drafts,
    )
    measured = [each.draft for each in choices if each.verdict == discovery.TO_MEASURE]
    files = files_with(store, scope, target, [target.name, *measured])
    conditions = Conditions(scope.fleet, scope.host, backend, files)
    for place, choice in enumerate(choices):
        for each in discovery.discovery_configs([choice], config.draft_tokens):
            reason = objection(target, each, conditions)
            if reason is not None:
                choices[place] = replace(choice, verdict="refused", reason=reason)
    return files, choices


def _discovery_job(
    store: Warehouse,
    scope: Scope,
    target: Model,
    configs: Sequence[Config],
    files: Mapping[str, ModelFile],
    backend: Backend,
    prompts: Sequence[SpeedPrompt],
) -> MeasuringJob:
    """All configs and the baseline, in as few loads as memory allows."""
    asked = [BASELINE, *configs]
    keys = speed_keys(target, asked, files, prompts, backend)
    group = measuring_group(
        [SpeedItem(target, each, keys[each.config_id], "missing") for each in asked],
        models=scope.fleet.models,
        host=scope.host,
        backend=backend,
        files=files,
        measured_load_s=load_times_s(store, scope.fleet.name),
    )
    return MeasuringJob(
        model=target,
        configs=tuple(configs),
        speed_keys=keys,
        prompts=tuple(prompts),
        side_by_side=group.side_by_side,
        load_keys={config_id: load.key for load in group.loads for config_id in load.config_ids},
    )
