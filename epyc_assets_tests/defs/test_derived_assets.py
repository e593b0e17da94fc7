"""Assets of derived tables and views in any schema, reading tables that share an asset with others."""

from __future__ import annotations

import zlib
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from epyc_assets.defs import leaderboard, metadata
from epyc_assets.defs.derived import derived_asset
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import DerivedTable, derived_tables
from epyc_assets.warehouse.rows import replace_rows

SUMMARY = """\
-- One row per format of the record: how many files have it.
-- key: format
-- column: format: Format.
-- column: files: Files of it.
-- column: size_bytes: Their size.
SELECT format, count(*) AS files, sum(size_bytes) AS size_bytes
FROM history.source_file
WHERE path NOT IN (SELECT source FROM rejects)
GROUP BY format
"""
SIDE_BY_SIDE = """\
-- One row per file or reject there is anywhere, with what made it.
-- kind: view
-- key: name
-- column: name: Path or source.
-- column: origin: Which table.
SELECT path AS name, 'history' AS origin FROM history.source_file
UNION ALL
SELECT source, 'rejects' FROM rejects
"""


def key_of(table: str) -> dg.AssetKey | None:
    """As a group does whose fact tables belong to assets of several tables; rejects belong to none."""
    if table == "rejects":
        return None
    return dg.AssetKey(["history", "record" if table.startswith("history.") else table])


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, DerivedTable]:
    folder = tmp_path / "derived"
    (folder / "history").mkdir(parents=True)
    (folder / "history" / "model_summary.sql").write_text(SUMMARY)
    (folder / "side_by_side.sql").write_text(SIDE_BY_SIDE)
    return {table.qualified_name: table for table in derived_tables(folder)}


@pytest.fixture
def store(tmp_path: Path) -> Warehouse:
    store = Warehouse(tmp_path / "var" / "epyc.duckdb")
    add_files(store, "a.json", "b.csv")
    return store


def add_files(store: Warehouse, *paths: str) -> None:
    none = dict.fromkeys(("n_invalid_bytes", "n_records", "n_main_rows", "n_dropped_records", "n_rejected_records"), 0)
    frame = pl.DataFrame(
        {
            "source_file_id": [zlib.crc32(path.encode()) for path in paths],
            "path": paths,
            "format": [path.rpartition(".")[2] for path in paths],
        }
    ).with_columns(
        **{name: pl.lit(value) for name, value in {**none, "n_rows": 0, "n_rejects": 0, "size_bytes": 7}.items()},
        **{name: pl.lit("x") for name in ("family", "parse_status", "importer_version")},
        quality_flags=pl.lit([], pl.List(pl.String)),
        imported_at=pl.lit("2025-01-01 00:00:00"),
    )
    with store.write("files") as connection:
        replace_rows(connection, "history.source_file", frame, provenance=Provenance("r", "v"))


def run(asset: dg.AssetsDefinition, store: Warehouse) -> dg.ExecuteInProcessResult:
    return dg.materialize([asset], resources={"warehouse": WarehouseResource(path=str(store.path))})


def materialization(result: dg.ExecuteInProcessResult) -> dg.AssetMaterialization:
    (event,) = result.get_asset_materialization_events()
    return event.materialization


def lineage_of(made: dg.AssetMaterialization) -> dict[str, list[tuple[str, str]]]:
    found = made.metadata["dagster/column_lineage"].value
    assert isinstance(found, dg.TableColumnLineage)
    return {
        column: [(dep.asset_key.to_user_string(), dep.column_name) for dep in deps]
        for column, deps in found.deps_by_column.items()
    }


def test_a_table_of_another_schema_is_an_asset_below_its_prefix(
    tables: dict[str, DerivedTable], store: Warehouse
) -> None:
    table = tables["history.model_summary"]
    assert table.upstream_tables == ("history.source_file", "rejects")
    asset = derived_asset(table, group_name="history", key_prefix=["history"], asset_key_of_table=key_of)
    assert asset.key == dg.AssetKey(["history", "model_summary"])
    assert asset.group_names_by_key[asset.key] == "history"
    assert asset.asset_deps[asset.key] == {dg.AssetKey(["history", "record"])}
    result = run(asset, store)
    made = materialization(result)
    assert made.asset_key == asset.key
    assert made.metadata["dagster/row_count"].value == 2
    assert {check.check_name for check in result.get_asset_check_evaluations()} == {"unique_key", "row_count"}
    assert all(check.passed for check in result.get_asset_check_evaluations())
    assert lineage_of(made) == {
        "format": [("history/record", "source_file.format")],
        "files": [],
        "size_bytes": [("history/record", "source_file.size_bytes")],
    }
    with store.read() as connection:
        rows = connection.execute("SELECT format, files, size_bytes FROM history.model_summary ORDER BY 1").fetchall()
    assert rows == [("csv", 1, 7), ("json", 1, 7)]


def test_a_view_is_an_asset_whose_version_follows_its_rows(tables: dict[str, DerivedTable], store: Warehouse) -> None:
    asset = derived_asset(tables["side_by_side"], group_name="leaderboard", asset_key_of_table=key_of)
    first, again = run(asset, store), run(asset, store)
    made = materialization(first)
    assert asset.key == dg.AssetKey("side_by_side")
    assert made.metadata["dagster/row_count"].value == 2
    columns = made.metadata["dagster/column_schema"].value
    assert isinstance(columns, dg.TableSchema)
    assert [column.name for column in columns.columns] == ["name", "origin"]
    assert "a.json" in str(made.metadata["preview"].value)
    assert lineage_of(made) == {"name": [("history/record", "source_file.path")], "origin": []}
    assert all(check.passed for check in first.get_asset_check_evaluations())
    add_files(store, *(f"{number}.log" for number in range(100)))
    more = materialization(run(asset, store))
    assert more.metadata["dagster/row_count"].value == 102
    versions = [each.tags["dagster/data_version"] for each in (made, materialization(again), more) if each.tags]
    assert versions[0] == versions[1] != versions[2]


def test_without_rows_the_count_warns(tables: dict[str, DerivedTable], tmp_path: Path) -> None:
    asset = derived_asset(tables["side_by_side"], group_name="g", asset_key_of_table=key_of)
    result = run(asset, Warehouse(tmp_path / "empty.duckdb"))
    passed = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert passed == {"unique_key": True, "row_count": False}


def test_the_leaderboard_has_the_tables_of_main_only(
    tables: dict[str, DerivedTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaderboard, "derived_tables", lambda: list(tables.values()))
    resources = dg.Definitions(resources={"warehouse": WarehouseResource()})
    graph = dg.Definitions.merge(leaderboard.leaderboard_assets(), resources).resolve_asset_graph()
    assert graph.get_all_asset_keys() == {dg.AssetKey("side_by_side"), dg.AssetKey("rejects")}, (
        "without a record, its tables are no assets"
    )
    graph = dg.Definitions.merge(leaderboard.leaderboard_assets(key_of), resources).resolve_asset_graph()
    assert graph.get(dg.AssetKey("side_by_side")).parent_keys == {dg.AssetKey(["history", "record"])}


def test_columns_of_a_shared_asset_are_called_after_their_table() -> None:
    keys = {
        "a": dg.AssetKey("a"),
        "history.a": dg.AssetKey(["history", "a"]),
        "history.b": dg.AssetKey(["history", "f"]),
    }
    pairs = [("a", "i"), ("history.a", "i"), ("history.b", "i"), ("nothing", "i")]
    found = metadata.lineage_metadata({"x": pairs, "y": []}, keys.get)
    assert [(dep.asset_key.to_user_string(), dep.column_name) for dep in found.deps_by_column["x"]] == [
        ("a", "i"),
        ("history/a", "i"),
        ("history/f", "b.i"),
    ]
    assert found.deps_by_column["y"] == []
