"""The warehouse: one DuckDB file, its schema, the protocol to write and read it, and the published
snapshot.

Belongs here: everything about DuckDB as a store. Does not belong here: what the facts mean (the packages
that compute them), and Dagster (`epyc_assets.defs`).

The names here are imported when they are used, so that whoever only asks where the file is does not wait for DuckDB.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_MODULES = {"Warehouse": "connection", "Provenance": "provenance"} | dict.fromkeys(
    ("data_directory", "snapshot_path", "warehouse_path"), "location"
)
"""Module of each name; the others are faults."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES.get(name, 'faults')}"), name)
