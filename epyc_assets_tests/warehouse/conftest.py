from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from epyc_assets.warehouse import Provenance, Warehouse


@pytest.fixture
def unmade_warehouse(tmp_path: Path) -> Warehouse:
    """A warehouse whose file is not there yet."""
    return Warehouse(tmp_path / "var" / "epyc.duckdb", lock_timeout_s=20)


@pytest.fixture
def warehouse(unmade_warehouse: Warehouse, empty_warehouse: Path) -> Warehouse:
    """A warehouse with empty tables and no snapshot."""
    unmade_warehouse.path.parent.mkdir()
    shutil.copy(empty_warehouse, unmade_warehouse.path)
    return unmade_warehouse


@pytest.fixture
def provenance() -> Provenance:
    return Provenance(dagster_run_id="run-1", code_version="test-1")
