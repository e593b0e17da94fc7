"""Group leaderboard: an asset for each SQL file of the derived tables of schema main.

Nothing here names a table: a new file in epyc_assets/warehouse/derived/ is a new asset.
"""

import dagster as dg

from epyc_assets.defs.derived import derived_asset
from epyc_assets.defs.metadata import AssetKeyOfTable, main_asset_key
from epyc_assets.warehouse.derived import derived_tables
from epyc_assets.warehouse.table_name import MAIN_SCHEMA

GROUP = "leaderboard"


def leaderboard_assets(asset_key_of_table: AssetKeyOfTable = main_asset_key) -> dg.Definitions:
    """The group's assets and checks; tables of other schemas are other groups'.

    asset_key_of_table: the asset that a table they read belongs to, by its qualified name; None for no asset.
    """
    return dg.Definitions(
        assets=[
            derived_asset(table, group_name=GROUP, asset_key_of_table=asset_key_of_table)
            for table in derived_tables()
            if table.schema == MAIN_SCHEMA
        ]
    )
