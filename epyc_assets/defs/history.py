"""Group history: the imported record of an earlier project, an asset per table family, and the tables derived from it.

Off (no assets) where no record is configured. Not here: scanning, reading and writing (recording.py), formats
(epyc_assets.history), the derivations (warehouse/derived/history/).
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl

from epyc_assets.defs import metadata
from epyc_assets.defs.derived import derived_metadata
from epyc_assets.defs.recording import (
    REVIEW_ALIAS,
    SOURCE_FILE,
    SUMMARY_REASON,
    all_tables,
    family_preview,
    family_rows,
    format_names,
    import_record,
    misplaced_files,
    summaries_version,
    summary_tables,
    table_counts,
)
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS
from epyc_assets.history.importing import ReadingProgress, families, importer_version
from epyc_assets.history.rows import SCHEMA
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.derived import DerivedTable, materialize_derived
from epyc_assets.warehouse.stored_query import run_stored_query

GROUP = "history"
PREVIEW_ROWS = 10
PREVIEW_COLUMNS = 12
PROGRESS_LISTENERS: list[Callable[[str, ReadingProgress | None], None]] = []
"""Told what begins (stage, None) and how far reading is; the command line draws it."""


class RecordConfig(dg.Config):
    """root: the record's folder; empty: the one configured."""

    root: str = ""


def history_assets(root: Path | None) -> dg.Definitions:
    """The group's assets and checks for the record at root; none for None."""
    if root is None:
        return dg.Definitions()
    return dg.Definitions(assets=[_record_assets(root), _summary_assets()])


def history_key(name: str) -> dg.AssetKey:
    """Key of an asset of the group."""
    return dg.AssetKey([GROUP, name])


def asset_key_of_table(table: str) -> dg.AssetKey:
    """The asset that a table is part of, from its qualified name: a family, or the table itself."""
    schema, _, name = table.rpartition(".")
    if schema != SCHEMA:
        return dg.AssetKey(table)
    if name == REVIEW_ALIAS:
        name = all_tables()["review_file"]
    return history_key(all_tables().get(name, name))


def _record_assets(root: Path) -> dg.AssetsDefinition:
    tables = {family: [table for table, owner in all_tables().items() if owner == family] for family in families()}
    formats = format_names()
    specs = [
        dg.AssetSpec(
            history_key(SOURCE_FILE),
            group_name=GROUP,
            owners=OWNERS,
            kinds={"duckdb"},
            code_version=importer_version(),
            description="Every file of the record: hash, size, format, what became of it. Table `history.source_file`.",
        ),
        *(
            dg.AssetSpec(
                history_key(family),
                group_name=GROUP,
                owners=OWNERS,
                kinds={"duckdb"},
                code_version=importer_version(),
                deps=[history_key(SOURCE_FILE)],
                description=f"Formats {', '.join(formats[family])}. "
                f"Tables {', '.join(f'`history.{name}`' for name in tables[family])}.",
            )
            for family in families()
        ),
    ]
    check_specs = [
        dg.AssetCheckSpec(
            "every_file_listed",
            asset=history_key(SOURCE_FILE),
            blocking=True,
            description="As many rows as the folder has files, read or not.",
        ),
        dg.AssetCheckSpec(
            "files_readable",
            asset=history_key(SOURCE_FILE),
            description="No file is cut off or unreadable, or has unreadable records (they are in `rejects`).",
        ),
        *(
            dg.AssetCheckSpec(
                "rows_reconcile",
                asset=history_key(family),
                blocking=True,
                description="For every file: records = rows + comment and blank lines + rejected records, and the "
                "tables hold as many rows as its import counted.",
            )
            for family in families()
        ),
    ]

    @dg.multi_asset(name="history_record", specs=specs, check_specs=check_specs)
    def history_record(
        context: dg.AssetExecutionContext, config: RecordConfig, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult]:
        store = warehouse.open()

        def stage(text: str) -> None:
            context.log.info(text)
            for listener in PROGRESS_LISTENERS:
                listener(text, None)

        def reading(progress: ReadingProgress) -> None:
            for listener in PROGRESS_LISTENERS:
                listener("", progress)

        report = import_record(
            store,
            Path(config.root) if config.root else root,
            Provenance(context.run.run_id, importer_version()),
            on_read=reading,
            on_stage=stage,
        )
        with store.read() as connection:
            yield _source_file_result(connection, report.scanned, report.read, report.gone, report.changed)
            misplaced = misplaced_files(connection)
            said = {row["family"]: row for row in family_rows(connection)}
            for family in families():
                row = said.get(family, {})
                counts = table_counts(connection, tables[family])
                wrong = int(row.get("unreconciled_files", 0)), misplaced.get(family, 0)
                yield dg.MaterializeResult(
                    asset_key=history_key(family),
                    metadata={
                        "dagster/row_count": sum(counts.values()),
                        "rows": dg.MetadataValue.md(
                            metadata.markdown_table(
                                pl.DataFrame(list(counts.items()), schema=["table", "rows"], orient="row")
                            )
                        ),
                        "files": int(row.get("files", 0)),
                        "rejects": int(row.get("rejects", 0)),
                        "preview": dg.MetadataValue.md(metadata.markdown_table(_preview(connection, tables[family]))),
                    },
                    data_version=dg.DataVersion(str(row.get("contents_md5", "none"))[:16]),
                    check_results=[
                        dg.AssetCheckResult(
                            asset_key=history_key(family),
                            check_name="rows_reconcile",
                            passed=wrong == (0, 0),
                            metadata={
                                **{
                                    name: int(row.get(name) or 0)
                                    for name in ("records", "main_rows", "rejected_records")
                                },
                                "dropped_records": int(row.get("dropped_records") or 0),
                                "files_that_do_not_reconcile": wrong[0],
                                "files_with_other_rows_than_counted": wrong[1],
                            },
                        )
                    ],
                )

    return history_record


def _source_file_result(
    connection: duckdb.DuckDBPyConnection, scanned: int, read: int, gone: int, changed: int
) -> dg.MaterializeResult:
    listed = table_counts(connection, [SOURCE_FILE])[SOURCE_FILE]
    faults = run_stored_query(connection, "record_faults")
    said = pl.DataFrame(family_rows(connection))
    contents = "".join(said["contents_md5"].to_list()) if said.height else ""
    return dg.MaterializeResult(
        asset_key=history_key(SOURCE_FILE),
        metadata={
            "dagster/row_count": listed,
            "read_now": read,
            "gone": gone,
            "changed": changed,
            "families": dg.MetadataValue.md(
                metadata.markdown_table(said.drop("contents_md5") if said.height else said)
            ),
        },
        data_version=metadata.data_version(pl.DataFrame({"contents": [contents]})),
        check_results=[
            dg.AssetCheckResult(
                asset_key=history_key(SOURCE_FILE),
                check_name="every_file_listed",
                passed=listed == scanned,
                metadata={"files": scanned, "rows": listed},
            ),
            dg.AssetCheckResult(
                asset_key=history_key(SOURCE_FILE),
                check_name="files_readable",
                passed=faults.is_empty(),
                severity=dg.AssetCheckSeverity.WARN,
                metadata={
                    "files": faults.height,
                    "shown": dg.MetadataValue.md(metadata.markdown_table(faults.head(20))),
                },
            ),
        ],
    )


def _preview(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> pl.DataFrame:
    frame = family_preview(connection, tables[0], PREVIEW_ROWS) if tables else pl.DataFrame()
    return frame.select(frame.columns[:PREVIEW_COLUMNS])


def _summary_assets() -> dg.AssetsDefinition:
    tables = summary_tables()
    specs = [
        dg.AssetSpec(
            history_key(table.name),
            group_name=GROUP,
            owners=OWNERS,
            kinds={"sql", "duckdb"},
            code_version=table.sha256[:12],
            deps=list(dict.fromkeys(asset_key_of_table(name) for name in table.upstream_tables)),
            description=f"{table.description}\n\nTable `{table.qualified_name}`.\n\n```sql\n{table.sql.strip()}\n```",
        )
        for table in tables
    ]

    @dg.multi_asset(
        name="history_tables",
        specs=specs,
        check_specs=[
            dg.AssetCheckSpec(
                "row_count",
                asset=history_key(table.name),
                description="There are rows; WARN where the record has none.",
            )
            for table in tables
        ],
    )
    def history_tables(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult]:
        store = warehouse.open()
        run_id = context.run.run_id
        with store.write(SUMMARY_REASON, provenance=Provenance(run_id, summaries_version())) as connection:
            for table in tables:
                materialize_derived(connection, table, Provenance(run_id, table.sha256[:12]))
        with store.read() as connection:
            for table in tables:
                yield _summary_result(connection, table)

    return history_tables


def _summary_result(connection: duckdb.DuckDBPyConnection, table: DerivedTable) -> dg.MaterializeResult:
    said, version = derived_metadata(connection, table, asset_key_of_table)
    rows = said["dagster/row_count"]
    return dg.MaterializeResult(
        asset_key=history_key(table.name),
        metadata=said,
        data_version=version,
        check_results=[
            dg.AssetCheckResult(
                asset_key=history_key(table.name),
                check_name="row_count",
                passed=rows > 0,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"rows": rows},
            )
        ],
    )
