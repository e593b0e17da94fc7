"""Group models: what the registry says, and what the model files say of themselves."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from epyc_assets.defs import metadata
from epyc_assets.defs.reading import known_files
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS, load_scope
from epyc_assets.registry.entries import Fleet
from epyc_assets.registry.gguf_scan import SOURCE, scan_model_roots
from epyc_assets.registry.hosts import named_model_roots
from epyc_assets.registry.rows import gguf_file_rows, registry_tables
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import record_rejects, replace_rows

GROUP = "models"
CODE_VERSION = "2"
"""Of the assets here, and on the rows they write; raise it when what they write changes."""
REGISTRY_TABLES = {
    "models": "Every model of every fleet, as the registry has it.",
    "forbidden_techniques": "Techniques that the registry forbids for a model, with the reason.",
    "roles": "Jobs in the orchestration stack and the models that fill them.",
    "role_candidates": "Models that could fill a role.",
    "role_gates": "Bars that a model must clear to hold a role.",
    "quirks": "Things that behave otherwise than one would expect, as typed facts.",
    "quirk_models": "Which models a quirk touches.",
    "measured_figures": "Figures measured elsewhere and kept as facts, with their doubts.",
    "registry_findings": "Contradictions and implausible figures in the registry.",
}
"""Table to description, in the order in which they are written."""

PREVIEWS = {
    "models": ["fleet", "model", "kind", "architecture", "quantisation", "size_bytes", "expert_count"],
    "roles": ["fleet", "role", "tier", "model", "escalation"],
    "registry_findings": ["fleet", "subject", "kind", "detail"],
    "quirks": ["quirk", "kind", "statement"],
}


def model_assets(fleet: Fleet) -> dg.Definitions:
    """The group's assets and checks; the registry's tables hold all fleets."""

    @dg.multi_asset(
        name="registry",
        specs=[
            dg.AssetSpec(
                table,
                group_name=GROUP,
                owners=OWNERS,
                kinds={"yaml", "duckdb"},
                code_version=CODE_VERSION,
                description=f"{description} From the YAML files under registry/. Table `{table}`.",
            )
            for table, description in REGISTRY_TABLES.items()
        ],
        check_specs=[
            dg.AssetCheckSpec(
                "row_count",
                asset="models",
                blocking=True,
                description="A row for every model of every fleet, and none besides.",
            ),
            dg.AssetCheckSpec(
                "registry_integrity",
                asset="registry_findings",
                description="The served fleet has no contradictions or implausible figures. (A registry that does "
                "not load fails the materialization itself, with every fault named.)",
            ),
        ],
    )
    def registry(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> Iterator[dg.MaterializeResult]:
        scope = load_scope(fleet.name)
        tables = registry_tables(scope.registry)
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        with warehouse.open().write("registry") as connection:
            for table, frame in tables.items():
                connection.execute(f'DELETE FROM "{table}"')
                replace_rows(connection, table, frame, provenance=stamp)
        declared = sum(len(each.models) for each in scope.registry.fleets.values())
        findings = tables["registry_findings"].filter(pl.col("fleet") == fleet.name)
        checks = {
            "models": dg.AssetCheckResult(
                asset_key="models",
                check_name="row_count",
                passed=tables["models"].height == declared,
                metadata={"rows": tables["models"].height, "declared": declared},
            ),
            "registry_findings": dg.AssetCheckResult(
                asset_key="registry_findings",
                check_name="registry_integrity",
                passed=findings.is_empty(),
                severity=dg.AssetCheckSeverity.WARN,
                metadata={
                    "findings": findings.height,
                    "shown": dg.MetadataValue.md(
                        metadata.markdown_table(findings.select("subject", "kind", "detail").head(20))
                    ),
                },
            ),
        }
        for table, frame in tables.items():
            yield dg.MaterializeResult(
                asset_key=table,
                metadata=metadata.table_metadata(frame, preview_columns=PREVIEWS.get(table, ())),
                data_version=metadata.data_version(frame),
                check_results=[checks[table]] if table in checks else [],
            )

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"gguf", "duckdb"},
        code_version=CODE_VERSION,
        check_specs=[
            dg.AssetCheckSpec(
                "files_readable",
                asset="gguf_files",
                description="Every GGUF file under the model roots could be read; the others are in `rejects`.",
            )
        ],
        description="GGUF files under the host's model roots: header facts, tensor bytes by kind, tokenizer "
        "fingerprint, content hash (computed again only when size or time change). Table `gguf_files`.",
    )
    def gguf_files(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        scope = load_scope(fleet.name)
        roots = named_model_roots(scope.registry.host_of(scope.fleet), scope.registry.checkout)
        store = warehouse.open()
        found = scan_model_roots(
            roots,
            known_files(store),
            lambda progress: context.log.debug(f"{progress.files_done} of {progress.files_found}: {progress.path}"),
        )
        frame = gguf_file_rows(found.files)
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        with store.write("gguf files") as connection:
            for root in roots:
                if root in found.absent_roots:
                    continue  # Of a disk that is not mounted, the hashes are kept.
                replace_rows(
                    connection,
                    "gguf_files",
                    frame.filter(pl.col("root") == root),
                    where={"root": root},
                    provenance=stamp,
                )
            record_rejects(connection, found.rejects, stamp, sources_read=[SOURCE])
        for root in found.absent_roots:
            context.log.info(f"model root {root} is not there: {roots[root]}")
        for reject in found.rejects:
            context.log.warning(f"{reject.location}: {reject.reason}")
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    frame,
                    preview_columns=["path", "architecture", "quantisation", "parameter_count", "size_bytes"],
                ),
                "rejects": len(found.rejects),
                "hashed_bytes": found.hashed_bytes,
                "absent_roots": ", ".join(found.absent_roots) or "none",
            },
            data_version=metadata.data_version(frame.select("root", "path", "sha256")),
            check_results=[
                dg.AssetCheckResult(
                    check_name="files_readable",
                    passed=not found.rejects,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"rejects": [f"{each.location}: {each.reason}" for each in found.rejects][:20]},
                )
            ],
        )

    return dg.Definitions(assets=[registry, gguf_files])
