"""Metadata of a materialization: row counts, schema, a rendered table, lineage, data version.

Here: turning frames and values into what the UI shows, and the spec of a table. Not here: anything asset-specific.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from epyc_assets.defs.scope import OWNERS
from epyc_assets.warehouse.migration import column_comments
from epyc_assets.warehouse.table_name import MAIN_SCHEMA, TableName

PREVIEW_ROWS = 10
COLUMN_SCHEMA = "dagster/column_schema"
"""Where Dagster's UI looks for the columns of a table."""
PREVIEW_TEXT_CHARACTERS = 80

AssetKeyOfTable = Callable[[str], dg.AssetKey | None]
"""From the qualified name of a table to the asset that it belongs to; None for a table of no asset."""


def table_metadata(
    frame: pl.DataFrame, *, preview_columns: Sequence[str] = (), row_count: int | None = None
) -> dict[str, Any]:
    """Row count, column schema and the first rows as a table. preview_columns: those worth seeing, default all."""
    shown = frame.select([name for name in preview_columns if name in frame.columns] or frame.columns)
    return {
        "dagster/row_count": frame.height if row_count is None else row_count,
        COLUMN_SCHEMA: dg.TableSchema(columns=[dg.TableColumn(name, str(kind)) for name, kind in frame.schema.items()]),
        "preview": dg.MetadataValue.md(markdown_table(shown.head(PREVIEW_ROWS))),
    }


def with_column_descriptions(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The spec with what the warehouse's comments say of the columns, where the asset is a table of facts."""
    *prefix, name = spec.key.path
    comments = column_comments().get(TableName(".".join(prefix) or MAIN_SCHEMA, name))
    if not comments or COLUMN_SCHEMA in spec.metadata:
        return spec
    columns = [dg.TableColumn(column, description=text) for column, text in comments.items()]
    return spec.merge_attributes(metadata={COLUMN_SCHEMA: dg.TableSchema(columns=columns)})


def markdown_table(frame: pl.DataFrame) -> str:
    """The frame as a Markdown table; long texts cut, bars and line breaks made harmless."""
    if frame.is_empty():
        return "_no rows_"
    lines = ["| " + " | ".join(frame.columns) + " |", "|" + "---|" * frame.width]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in frame.iter_rows()]
    return "\n".join(lines)


def main_asset_key(table: str) -> dg.AssetKey | None:
    """A table of schema main is an asset of its own; those of other schemas are none here."""
    return None if "." in table else dg.AssetKey(table)


def lineage_metadata(
    lineage: Mapping[str, Iterable[tuple[str, str]]], asset_key_of_table: AssetKeyOfTable = main_asset_key
) -> dg.TableColumnLineage:
    """Column lineage as Dagster has it, from {column: [(qualified table, column), ...]}.

    In an asset that is not named after the table, being one of several tables, a column is called `table.column`.
    Tables of no asset are left out.
    """

    def sources(pairs: Iterable[tuple[str, str]]) -> Iterator[dg.TableColumnDep]:
        for table, column in pairs:
            key = asset_key_of_table(table)
            name = table.rpartition(".")[2]
            if key is not None:
                yield dg.TableColumnDep(
                    asset_key=key, column_name=column if key.path[-1] == name else f"{name}.{column}"
                )

    return dg.TableColumnLineage(deps_by_column={column: list(sources(pairs)) for column, pairs in lineage.items()})


def data_version(frame: pl.DataFrame) -> dg.DataVersion:
    """A hash of the frame's contents, independent of the order of its rows."""
    rows = sorted(frame.hash_rows(seed=0).to_list())
    digest = hashlib.sha256(repr((frame.columns, rows)).encode()).hexdigest()
    return dg.DataVersion(digest[:16])


def relation_version(relation: duckdb.DuckDBPyRelation) -> tuple[int, dg.DataVersion]:
    """Number of rows, and as `data_version` (by another hash) but worked out by the database: for many rows."""
    sums = "SELECT count(*), sum(hash(contents)), bit_xor(hash(contents)) FROM contents"
    found = relation.query("contents", sums)
    assert found is not None, "a SELECT has a result"
    row = found.fetchall()[0]
    digest = hashlib.sha256(repr((relation.columns, row)).encode()).hexdigest()
    return int(row[0]), dg.DataVersion(digest[:16])


def file_version(path: Path) -> dg.DataVersion:
    """A hash of a file's contents; of a file that does not exist, of nothing."""
    digest = hashlib.sha256()
    if path.exists():
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
    return dg.DataVersion(digest.hexdigest()[:16])


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    text = text if len(text) <= PREVIEW_TEXT_CHARACTERS else text[: PREVIEW_TEXT_CHARACTERS - 1] + "…"
    return text.replace("|", "\\|").replace("\n", " ⏎ ")


def table_spec(
    table: str, *, deps: Sequence[dg.AssetKey | str], group_name: str, code_version: str, description: str
) -> dg.AssetSpec:
    """The asset of one table that Python code writes beside others."""
    return dg.AssetSpec(
        table,
        deps=list(deps),
        group_name=group_name,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        code_version=code_version,
        description=description,
    )
