"""An asset for a derived table or view of any schema, lineage parsed from its SQL.

Here: making one asset of one file in epyc_assets/warehouse/derived/, and what is said of its contents. Not here: which
files belong to which group (the groups choose theirs).
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg
import duckdb

from epyc_assets.defs import metadata
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.derived import DerivedTable, column_lineage, materialize_derived
from epyc_assets.warehouse.provenance import PROVENANCE_COLUMNS
from epyc_assets.warehouse.table_name import quoted

PREVIEW_COLUMNS = 12


def derived_asset(
    table: DerivedTable,
    *,
    group_name: str,
    key_prefix: Sequence[str] = (),
    asset_key_of_table: metadata.AssetKeyOfTable = metadata.main_asset_key,
) -> dg.AssetsDefinition:
    """The asset that builds the table, with its checks.

    Its key is the table's bare name after key_prefix. asset_key_of_table: from the qualified name of a table that is
    read to the asset that it belongs to, which may be one for several tables; None for a table of no asset.
    """
    key = dg.AssetKey([*key_prefix, table.name])
    upstream = [asset_key_of_table(name) for name in table.upstream_tables]
    code_version = table.sha256[:12]

    @dg.asset(
        key=key,
        group_name=group_name,
        owners=OWNERS,
        kinds={"sql", "duckdb"},
        code_version=code_version,
        deps=list(dict.fromkeys(each for each in upstream if each is not None)),
        description=f"{table.description}\n\n```sql\n{table.sql.strip()}\n```",
        metadata={
            metadata.COLUMN_SCHEMA: dg.TableSchema(
                columns=[dg.TableColumn(name, description=text) for name, text in table.columns.items()]
            )
        },
        check_specs=[
            dg.AssetCheckSpec(
                "unique_key",
                asset=key,
                blocking=True,
                description=f"No two rows share {', '.join(table.key) or 'a key'}.",
            ),
            dg.AssetCheckSpec("row_count", asset=key, description="There are rows."),
        ],
    )
    def derived(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        with warehouse.open().write(table.qualified_name) as connection:
            rows = materialize_derived(connection, table, Provenance(context.run.run_id, code_version))
            distinct = _distinct_keys(connection, table) if table.key else rows
            said, version = derived_metadata(connection, table, asset_key_of_table)
        return dg.MaterializeResult(
            metadata=said,
            data_version=version,
            check_results=[
                dg.AssetCheckResult(check_name="unique_key", passed=distinct == rows, metadata={"rows": rows}),
                dg.AssetCheckResult(
                    check_name="row_count",
                    passed=rows > 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"rows": rows},
                ),
            ],
        )

    return derived


def derived_metadata(
    connection: duckdb.DuckDBPyConnection,
    table: DerivedTable,
    asset_key_of_table: metadata.AssetKeyOfTable = metadata.main_asset_key,
) -> tuple[dict[str, Any], dg.DataVersion]:
    """Row count, columns, first rows and lineage of a table or view that has been built, and its data version."""
    contents = connection.sql(f"SELECT * FROM {table.table.quoted}")
    if table.kind == "view":  # its rows may be many, and are in other tables already
        frame = contents.limit(metadata.PREVIEW_ROWS).pl()
        rows, version = metadata.relation_version(contents)
    else:
        frame = contents.pl().drop(PROVENANCE_COLUMNS)
        rows, version = frame.height, metadata.data_version(frame)
    said = metadata.table_metadata(frame, preview_columns=list(table.columns)[:PREVIEW_COLUMNS], row_count=rows)
    lineage = metadata.lineage_metadata(column_lineage(table), asset_key_of_table)
    return {**said, "dagster/column_lineage": lineage}, version


def _distinct_keys(connection: duckdb.DuckDBPyConnection, table: DerivedTable) -> int:
    key = ", ".join(quoted(name) for name in table.key)
    statement = f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM {table.table.quoted})"
    return int(connection.execute(statement).fetchall()[0][0])
