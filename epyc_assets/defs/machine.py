"""Group machine: what the measured machine itself can give."""

from datetime import UTC, datetime

import dagster as dg
import polars as pl

from epyc_assets.defs import metadata
from epyc_assets.defs.instance import tag_with_process
from epyc_assets.defs.resources import MEASURING_POOL, MeasuredMachine, WarehouseResource
from epyc_assets.defs.scope import OWNERS, load_scope
from epyc_assets.inference.bandwidth import Bandwidth, BandwidthFault, measure_bandwidth, thread_counts
from epyc_assets.registry.entries import Fleet, Host
from epyc_assets.registry.hosts import detect_host
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import replace_rows

GROUP = "machine"
CODE_VERSION = "1"
"""Of the assets here, and on the rows they write; raise it when what they write changes."""

LEAST_KERNEL_RATIO = 1.5
"""Reading out of the cache over reading out of memory, below which the memory was hardly the limit."""

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "host": pl.String,
    "host_name": pl.String,
    "cpu_model": pl.String,
    "threads": pl.Int32,
    "repetitions": pl.Int32,
    "read_bytes": pl.Int64,
    "last_level_cache_bytes": pl.Int64,
    "best_bytes_per_s": pl.Float64,
    "median_bytes_per_s": pl.Float64,
    "nominal_bytes_per_s": pl.Float64,
    "nominal_ratio": pl.Float64,
    "is_best": pl.Boolean,
    "kernel_ratio": pl.Float64,
    "other_cpu_ratio": pl.Float64,
    "contended": pl.Boolean,
    "launch_prefix": pl.String,
    "measured_at": pl.Datetime("us"),
}


class BandwidthConfig(dg.Config):
    """How the memory is read. threads: numbers of threads to try; empty: one, half of the physical cores and all of
    them. repetitions and least_s: timed repetitions of each, and how long one takes at least. array_bytes: size of the
    array that is read; None: four times the last-level caches, at least 1 GiB, at most a quarter of the free memory."""

    threads: list[int] = []
    repetitions: int = 7
    least_s: float = 0.3
    array_bytes: int | None = None


def machine_assets(fleet: Fleet) -> dg.Definitions:
    """The group's assets and checks, for the host of a fleet."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=CODE_VERSION,
        pool=MEASURING_POOL,
        check_specs=[
            dg.AssetCheckSpec(
                "memory_bound",
                asset="host_bandwidth",
                description="The memory was the limit and the machine quiet: reading is faster out of the cache, no "
                "other work was seen, and the figure is not above the nominal bandwidth.",
            )
        ],
        description="Memory bandwidth of the host by a read probe with one thread, half of the cores and all of them, "
        "beside the nominal one. Runs alone on the machine, through the host's launch prefix. Rooflines are made from "
        "it. Table `host_bandwidth`.",
    )
    def host_bandwidth(
        context: dg.AssetExecutionContext,
        config: BandwidthConfig,
        warehouse: WarehouseResource,
        machine: MeasuredMachine,
    ) -> dg.MaterializeResult:
        tag_with_process(context.instance, context.run.run_id)
        scope = load_scope(fleet.name)
        host = detect_host(scope.registry.host_of(scope.fleet))
        prefix = [*machine.launch_prefix, *host.launch_prefix]
        with machine.alone():
            measured_at = datetime.now(UTC).replace(tzinfo=None)
            try:
                found = measure_bandwidth(
                    config.threads or thread_counts(host.cores or 1),
                    launch_prefix=prefix,
                    repetitions=config.repetitions,
                    least_s=config.least_s,
                    array_bytes=config.array_bytes,
                )
            except BandwidthFault as fault:
                raise dg.Failure(str(fault)) from fault
        shared = {"measured_at": measured_at, "launch_prefix": " ".join(prefix), "repetitions": config.repetitions}
        frame = bandwidth_rows(host, found).with_columns(**{name: pl.lit(value) for name, value in shared.items()})
        frame = frame.select(list(SCHEMA)).cast(dict(SCHEMA))  # type: ignore[arg-type]
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        with warehouse.open().write("host bandwidth") as connection:
            replace_rows(connection, "host_bandwidth", frame, where={"host": host.name}, provenance=stamp)
        doubts = doubts_about(host, found)
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    frame, preview_columns=["threads", "best_bytes_per_s", "median_bytes_per_s", "kernel_ratio"]
                ),
                "best_gb_per_s": found.best.best_bytes_per_s / 1e9,
                "best_threads": found.best.threads,
            },
            data_version=metadata.data_version(frame),
            check_results=[
                dg.AssetCheckResult(
                    check_name="memory_bound",
                    passed=not doubts,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"doubts": doubts},
                )
            ],
        )

    return dg.Definitions(assets=[host_bandwidth])


def bandwidth_rows(host: Host, found: Bandwidth) -> pl.DataFrame:
    """A row for each number of threads, without when and how it was measured."""
    nominal = host.nominal_bandwidth_bytes_per_s
    rows = [
        {
            "host": host.name,
            "host_name": found.host_name,
            "cpu_model": found.cpu_model,
            "threads": reading.threads,
            "read_bytes": found.array_bytes,
            "last_level_cache_bytes": found.last_level_cache_bytes,
            "best_bytes_per_s": reading.best_bytes_per_s,
            "median_bytes_per_s": reading.median_bytes_per_s,
            "nominal_bytes_per_s": nominal,
            "nominal_ratio": reading.best_bytes_per_s / nominal if nominal else None,
            "is_best": reading is found.best,
            "kernel_ratio": reading.kernel_ratio,
            "other_cpu_ratio": found.other_cpu_ratio,
            "contended": found.contended,
        }
        for reading in found.readings
    ]
    return pl.DataFrame(rows, schema={name: kind for name, kind in SCHEMA.items() if name in rows[0]})


def doubts_about(host: Host, found: Bandwidth) -> list[str]:
    """Why the figure may not be the memory's, in words; empty where nothing speaks against it."""
    doubts: list[str] = []
    best = found.best
    if best.kernel_ratio < LEAST_KERNEL_RATIO:
        doubts.append(
            f"reading out of the cache is only {best.kernel_ratio:.2f} times as fast: the reading itself may be the "
            "limit, and the memory faster"
        )
    if found.contended:
        doubts.append("other work ran on the machine meanwhile: measure again when it is quiet")
    nominal = host.nominal_bandwidth_bytes_per_s
    if nominal and best.best_bytes_per_s > nominal:
        doubts.append(
            f"{best.best_bytes_per_s / 1e9:.1f} GB/s is above the nominal {nominal / 1e9:.1f} GB/s of the registry: "
            "one of the two is wrong, or the array was read out of the cache"
        )
    return doubts
