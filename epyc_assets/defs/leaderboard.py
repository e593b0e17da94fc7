"""Group leaderboard: an asset for each SQL file of the derived tables, lineage parsed from the SQL.

Nothing here names a table: a new file in epyc_assets/warehouse/derived/ is a new asset.
"""

import dagster as dg

from epyc_assets.defs import metadata
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import OWNERS
from epyc_assets.warehouse import Provenance
from epyc_assets.warehouse.derived import DerivedTable, column_lineage, derived_tables, materialize_derived
from epyc_assets.warehouse.table_name import MAIN_SCHEMA

GROUP = "leaderboard"
PREVIEW_COLUMNS = 12


def leaderboard_assets() -> dg.Definitions:
    """The group's assets and checks; tables of other schemas are other groups'."""
    return dg.Definitions(assets=[_asset_of(table) for table in derived_tables() if table.schema == MAIN_SCHEMA])


def _asset_of(table: DerivedTable) -> dg.AssetsDefinition:
    code_version = table.sha256[:12]

    @dg.asset(
        name=table.name,
        group_name=GROUP,
        owners=OWNERS,
        kinds={"sql", "duckdb"},
        code_version=code_version,
        deps=list(table.upstream_tables),
        description=f"{table.description}\n\n```sql\n{table.sql.strip()}\n```",
        metadata={
            "dagster/column_schema": dg.TableSchema(
                columns=[dg.TableColumn(name, description=text) for name, text in table.columns.items()]
            )
        },
        check_specs=[
            dg.AssetCheckSpec(
                "unique_key",
                asset=table.name,
                blocking=True,
                description=f"No two rows share {', '.join(table.key) or 'a key'}.",
            ),
            dg.AssetCheckSpec("row_count", asset=table.name, description="There are rows."),
        ],
    )
    def derived(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        with warehouse.open().write(table.name) as connection:
            rows = materialize_derived(connection, table, Provenance(context.run.run_id, code_version))
            frame = connection.sql(f'SELECT * FROM "{table.name}"').pl()
        contents = frame.drop("dagster_run_id", "code_version", "written_at")
        distinct = contents.select(list(table.key)).n_unique() if table.key else rows
        return dg.MaterializeResult(
            metadata={
                **metadata.table_metadata(contents, preview_columns=list(table.columns)[:PREVIEW_COLUMNS]),
                "dagster/column_lineage": metadata.lineage_metadata(column_lineage(table)),
            },
            data_version=metadata.data_version(contents),
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
