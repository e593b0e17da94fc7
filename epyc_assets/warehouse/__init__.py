"""The warehouse: one DuckDB file, its schema, the protocol to write and read it, and the published
snapshot.

Belongs here: everything about DuckDB as a store. Does not belong here: what the facts mean (the packages
that compute them), and Dagster (`epyc_assets.defs`).
"""

from __future__ import annotations

from epyc_assets.warehouse.connection import Warehouse
from epyc_assets.warehouse.faults import (
    NothingPublished,
    WarehouseDiskFull,
    WarehouseError,
    WarehouseLocked,
    WarehouseUnreadable,
)
from epyc_assets.warehouse.location import data_directory, snapshot_path, warehouse_path
from epyc_assets.warehouse.provenance import Provenance

__all__ = [
    "NothingPublished",
    "Provenance",
    "Warehouse",
    "WarehouseDiskFull",
    "WarehouseError",
    "WarehouseLocked",
    "WarehouseUnreadable",
    "data_directory",
    "snapshot_path",
    "warehouse_path",
]
