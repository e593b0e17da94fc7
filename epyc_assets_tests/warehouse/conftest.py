from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.warehouse import Provenance, Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "var" / "epyc.duckdb", lock_timeout_s=20)


@pytest.fixture
def provenance() -> Provenance:
    return Provenance(dagster_run_id="run-1", code_version="test-1")
