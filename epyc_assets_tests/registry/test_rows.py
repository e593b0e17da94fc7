"""Rows for the warehouse: they fit its tables, and writing them twice changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from epyc_assets.registry import Registry, load_registry
from epyc_assets.registry.gguf_scan import scan_model_roots
from epyc_assets.registry.rows import gguf_file_rows, model_rows, quirk_model_rows, registry_tables
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets_tests.registry.registries import FLEET, write_gguf, write_registry

PROVENANCE = Provenance("run", "version")


@pytest.fixture
def shipped() -> Registry:
    return load_registry(Path(__file__).resolve().parents[2] / "registry")


def test_every_row_of_the_shipped_registry_fits_its_table(
    tmp_path: Path, empty_warehouse: Path, shipped: Registry
) -> None:
    warehouse = Warehouse(shutil.copy(empty_warehouse, tmp_path / "w.duckdb"))
    tables = registry_tables(shipped)
    for _ in range(2):
        with warehouse.write("registry") as connection:
            for name, frame in tables.items():
                replace_rows(connection, name, frame, provenance=PROVENANCE)
    with warehouse.read(live=True) as connection:
        for name, frame in tables.items():
            (count,) = connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0]
            assert count == frame.height > 0, name
        (dangling,) = connection.execute(
            "SELECT count(*) FROM roles ANTI JOIN models USING (fleet, model) WHERE model IS NOT NULL"
        ).fetchall()[0]
        assert dangling == 0
        forbidden = connection.execute(
            "SELECT f.reason FROM forbidden_techniques f JOIN models USING (fleet, model) "
            "WHERE architecture = 'mamba' AND technique = 'spec'"
        ).fetchall()
        assert len(forbidden) == 1


def test_rows_of_one_fleet_are_its_own(shipped: Registry) -> None:
    for name, frame in registry_tables(shipped, "demo").items():
        if "fleet" in frame.columns:
            assert set(frame["fleet"]) <= {"demo", ""}, name
    assert model_rows(shipped).height > model_rows(shipped, "demo").height


def test_an_empty_fleet_gives_typed_empty_frames(tmp_path: Path, empty_warehouse: Path) -> None:
    registry = load_registry(write_registry(tmp_path, "host: here\n"))
    warehouse = Warehouse(shutil.copy(empty_warehouse, tmp_path / "w.duckdb"))
    with warehouse.write("registry") as connection:
        for name, frame in registry_tables(registry).items():
            assert frame.height == 0
            assert replace_rows(connection, name, frame, provenance=PROVENANCE).inserted == 0
        replace_rows(connection, "gguf_files", gguf_file_rows([]), provenance=PROVENANCE)


def test_scanned_files_fit_their_table(tmp_path: Path, empty_warehouse: Path) -> None:
    write_gguf(tmp_path / "models/a.gguf")
    write_gguf(tmp_path / "models/b.gguf", architecture="mamba", with_ssm=True, with_attention=False, template=None)
    scan = scan_model_roots({"models": tmp_path / "models"})
    warehouse = Warehouse(shutil.copy(empty_warehouse, tmp_path / "w.duckdb"))
    with warehouse.write("scan") as connection:
        replace_rows(connection, "gguf_files", gguf_file_rows(scan.files), provenance=PROVENANCE)
        rows = connection.execute(
            "SELECT path, is_recurrent, attention_bytes > 0, ssm_bytes > 0 FROM gguf_files ORDER BY path"
        ).fetchall()
    assert rows == [("a.gguf", False, True, False), ("b.gguf", True, False, True)]


def test_quirks_reach_models_by_name_architecture_and_family(tmp_path: Path) -> None:
    fleet = FLEET.replace("    file: target.gguf\n", "    file: target.gguf\n    architecture: mamba\n")
    quirks = (
        "quirks:\n"
        "  - {id: a, kind: slow, statement: s, affects: {models: [draft]}}\n"
        "  - {id: b, kind: slow, statement: s, affects: {architectures: [mamba]}}\n"
        "  - {id: c, kind: slow, statement: s, affects: {families: [DRA]}}\n"
        "  - {id: d, kind: slow, statement: s, affects: {tools: [llama-cli]}}\n"
    )
    frame = quirk_model_rows(load_registry(write_registry(tmp_path, fleet, quirks=quirks)))
    assert frame.rows() == [
        ("a", "small", "draft", "model"),
        ("b", "small", "target", "architecture"),
        ("c", "small", "draft", "family"),
    ]


def test_every_table_and_column_of_the_registry_is_described(
    tmp_path: Path, empty_warehouse: Path, shipped: Registry
) -> None:
    warehouse = Warehouse(shutil.copy(empty_warehouse, tmp_path / "w.duckdb"))
    names = [*registry_tables(shipped), "gguf_files"]
    with warehouse.write("schema") as connection:
        tables = dict(connection.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        columns = connection.execute("SELECT table_name, column_name, comment FROM duckdb_columns()").fetchall()
    assert all(tables[name].startswith("One row is one ") for name in names)
    bare = [(table, column) for table, column, comment in columns if table in names and not comment]
    assert bare == []
