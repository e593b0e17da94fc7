"""Group models: which drafts can draft for which targets. Not here: the comparison (benchmark.compatibility)."""

import dagster as dg
import polars as pl

from epyc_assets.benchmark.compatibility import FITS_BUT_NOT_LISTED, LISTED_BUT_DOES_NOT_FIT, draft_pairs
from epyc_assets.defs import metadata
from epyc_assets.defs.models import GROUP
from epyc_assets.defs.reading import model_files, with_tokens
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS, load_scope
from epyc_assets.registry.entries import Fleet
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.rows import replace_rows

CODE_VERSION = "1"
"""Of the asset here, and on the rows it writes; raise it when what it writes changes."""

SCHEMA = {
    **dict.fromkeys(("target", "draft", "target_sha256", "draft_sha256"), pl.String),
    "fits": pl.Boolean,
    "reason": pl.String,
    "listed_in_registry": pl.Boolean,
    "size_ratio": pl.Float64,
    "finding": pl.String,
    "compared_ms": pl.Float64,
}


def compatibility_assets(fleet: Fleet) -> dg.Definitions:
    """The asset and its check for a fleet."""

    @dg.asset(
        group_name=GROUP,
        owners=OWNERS,
        kinds={"gguf", "duckdb"},
        code_version=CODE_VERSION,
        deps=["models", "gguf_files"],
        check_specs=[
            dg.AssetCheckSpec(
                "listed_drafts_fit",
                asset="draft_compatibility",
                description="Every draft that the registry lists for a model fits it, as far as both files are there.",
            )
        ],
        description="Every pair of a target and a possible draft with their files: whether the tokenizers agree, and "
        "where the registry lists a draft that does not fit or misses one that does. Table `draft_compatibility`.",
    )
    def draft_compatibility(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        scope = load_scope(fleet.name)
        store = warehouse.open()
        files = model_files(store, scope, hashed=scope.fleet.models)
        pairs = draft_pairs(scope.fleet, {name: with_tokens(file) for name, file in files.items()})
        frame = pl.DataFrame([pair.as_dict() for pair in pairs], schema=SCHEMA)
        stamp = Provenance(context.run.run_id, CODE_VERSION)
        with store.write("draft compatibility") as connection:
            replace_rows(connection, "draft_compatibility", frame, where={"fleet": fleet.name}, provenance=stamp)
        wrong = [pair for pair in pairs if pair.finding == LISTED_BUT_DOES_NOT_FIT]
        missed = [pair for pair in pairs if pair.finding == FITS_BUT_NOT_LISTED]
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(
                    frame, preview_columns=["target", "draft", "fits", "reason", "listed_in_registry", "size_ratio"]
                ),
                "files": len(files),
                "fitting": sum(pair.fits for pair in pairs),
                "fit_but_not_listed": [f"{pair.draft} for {pair.target}" for pair in missed][:20],
                "slowest_comparison_ms": max((pair.compared_ms for pair in pairs), default=0.0),
            },
            data_version=metadata.data_version(frame.drop("compared_ms")),
            check_results=[
                dg.AssetCheckResult(
                    check_name="listed_drafts_fit",
                    passed=not wrong,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"wrong": [f"{pair.draft} for {pair.target}: {pair.reason}" for pair in wrong][:20]},
                )
            ],
        )

    return dg.Definitions(assets=[draft_compatibility])
