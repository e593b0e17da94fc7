"""Group experiments: how many prompts a server should answer at the same time. Not here: the measuring and the rule
(experiments.concurrency)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import dagster as dg
import polars as pl

from epyc_assets.benchmark.journalled_session import resolved_load_parameters
from epyc_assets.benchmark.prompt_settings import PromptSettings
from epyc_assets.benchmark.sweep import DEFAULT_QUESTION_TIMEOUT_S, rendered_prompt
from epyc_assets.defs import metadata
from epyc_assets.defs.instance import tag_with_process
from epyc_assets.defs.partitions import model_partitions
from epyc_assets.defs.reading import fleet_speed_prompts, model_files
from epyc_assets.defs.resources import MEASURING_POOL, MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import OWNERS, Scope, load_scope
from epyc_assets.experiments.concurrency import (
    DEFAULT_LATENCY_BOUND_RATIO,
    DEFAULT_SLOT_COUNTS,
    SlotsMeasured,
    measure_slots,
    slot_rows,
)
from epyc_assets.inference.backend import Backend, GenerationRequest, SessionFacts, SessionRequest
from epyc_assets.inference.backends import SERVERS, BackendUnavailable
from epyc_assets.inference.config import BASELINE
from epyc_assets.registry.entries import Fleet, Model
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import replace_rows

GROUP = "experiments"
CODE_VERSION = "1"
"""Of the asset here, and on the rows it writes; raise it when what it writes changes."""
DEFAULT_LOAD_TIMEOUT_S = 900.0


class ConcurrencyConfig(dg.Config):
    """What to measure. backend empty: llama_server where there is one, else xllamacpp. slot_counts: one slot is always
    measured too. answers: per slot count, over all rounds; fewer than 90 give no 95th percentile and so no
    recommendation. latency_bound_ratio: the rule's (docs/backends.md)."""

    backend: str = ""
    slot_counts: list[int] = list(DEFAULT_SLOT_COUNTS)
    answers: int = 96
    rounds: int = 3
    max_tokens: int = 64
    latency_bound_ratio: float = DEFAULT_LATENCY_BOUND_RATIO
    seed: int = 0


def concurrency_assets(fleet: Fleet) -> dg.Definitions:
    """The asset for a fleet."""

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
                asset="concurrency_sweep",
                description="Every slot count could be loaded and every prompt was answered.",
            )
        ],
        description="Puts the same prompts to a server with 1, 2, 4, 8 slots in shuffled rounds, alone on the machine: "
        "tokens per second of all answers together, how long each waits, and the recommended number of slots. Table "
        "`concurrency_sweep`.",
    )
    def concurrency_sweep(
        context: dg.AssetExecutionContext,
        config: ConcurrencyConfig,
        warehouse: WarehouseResource,
        machine: MeasuredMachine,
    ) -> dg.MaterializeResult:
        tag_with_process(context.instance, context.run.run_id)
        scope = load_scope(fleet.name)
        model = scope.fleet.models[context.partition_key]
        file = model_files(warehouse.open(), scope, hashed=[model.name]).get(model.name)
        if file is None:
            raise dg.Failure(f"{model.name} has no readable file under the host's model roots (epyc doctor)")
        backend = _backend(machine, scope, config.backend)
        request = SessionRequest(
            file.path,
            resolved_load_parameters(model, scope.host, BASELINE),
            load_timeout_s=model.load_timeout_s or DEFAULT_LOAD_TIMEOUT_S,
        )
        with machine.alone():
            measured = measure_slots(
                backend,
                request,
                _requests(scope, model, config),
                slot_counts=config.slot_counts,
                rounds=config.rounds,
                seed=config.seed,
                told=_logged(context),
            )
        common = {
            "fleet": fleet.name,
            "model": model.name,
            "backend": backend.name,
            "model_sha256": file.sha256,
            "host": scope.host.name,
            "max_tokens": config.max_tokens,
            "measured_at": datetime.now(UTC).replace(tzinfo=None),
        }
        rows = slot_rows(measured, config.latency_bound_ratio)
        frame = pl.DataFrame([{**common, **row.as_dict()} for row in rows], infer_schema_length=None)
        with warehouse.open().write(f"concurrency of {model.name}") as connection:
            replace_rows(
                connection,
                "concurrency_sweep",
                frame,
                where={name: common[name] for name in ("fleet", "model", "backend")},
                provenance=Provenance(context.run.run_id, CODE_VERSION),
            )
        recommended = [row.slots for row in rows if row.recommended]
        failed = [
            f"{row.slots} slots: {row.failure or row.reason}" for row in rows if row.failure or row.failed_answers
        ]
        columns = ["slots", "aggregate_tps", "aggregate_ratio", "latency_p50_ms", "latency_p95_ms", "reason"]
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(frame, preview_columns=columns),
                "recommended_slots": recommended[0] if recommended else "none",
                "backend": backend.name,
            },
            data_version=metadata.data_version(frame),
            check_results=[
                dg.AssetCheckResult(
                    check_name="all_answered",
                    passed=not failed,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"failed": failed},
                )
            ],
        )

    return dg.Definitions(assets=[concurrency_sweep])


def _backend(machine: MeasuredMachine, scope: Scope, name: str) -> Backend:
    wanted = [name] if name else list(SERVERS)
    reasons = []
    for each in wanted:
        if each not in SERVERS:
            raise dg.Failure(f"backend {each} has no slots; there is {' and '.join(SERVERS)}")
        try:
            return machine.backend(scope.host, each, checkout=scope.registry.checkout)
        except BackendUnavailable as error:
            reasons.append(str(error))
    raise dg.Failure("; ".join(reasons))


def _requests(
    scope: Scope, model: Model, config: ConcurrencyConfig
) -> Callable[[SessionFacts], Sequence[GenerationRequest]]:
    prompts = fleet_speed_prompts(scope)
    settings = PromptSettings(model.prompt_format, 0.0, 0, config.max_tokens)
    count = max(1, -(-config.answers // max(1, config.rounds)))

    def build(facts: SessionFacts) -> list[GenerationRequest]:
        return [
            GenerationRequest(
                prompt=rendered_prompt(prompts[index % len(prompts)].prompt, settings, facts),
                max_tokens=config.max_tokens,
                timeout_s=model.question_timeout_s or DEFAULT_QUESTION_TIMEOUT_S,
                ignore_eos=True,
            )
            for index in range(count)
        ]

    return build


def _logged(context: dg.AssetExecutionContext) -> Callable[[SlotsMeasured], None]:
    def log(measured: SlotsMeasured) -> None:
        if measured.answered is None:
            context.log.error(f"{measured.slots} slots: {measured.failure}")
            return
        tps = measured.answered.aggregate_tps
        context.log.info(
            f"round {measured.round_number + 1}, {measured.slots} slots: "
            + (f"{tps:.4g} tokens per second" if tps else "no answer")
        )

    return log
