"""Bringing the tables of an imported record up to date with its files: scan, read what changed, write it.

Imports no dagster, so that `epyc history import` finds out quickly when nothing has changed. Not here: the assets
(history.py), reading files (epyc_assets.history).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from epyc_assets.history.content import Place
from epyc_assets.history.formats import all_formats
from epyc_assets.history.importing import (
    ReadingProgress,
    RecordRead,
    families,
    importer_version,
    read_files,
    source_file_frame,
)
from epyc_assets.history.review_alias import alias_frame, load_review_aliases
from epyc_assets.history.rows import SCHEMA
from epyc_assets.history.scanning import ImportPlan, KnownFile, ScannedFile, plan_import, scan_record
from epyc_assets.warehouse import NothingPublished, Provenance, Warehouse
from epyc_assets.warehouse.derived import DerivedTable, derived_tables
from epyc_assets.warehouse.partition_files import replace_partitions
from epyc_assets.warehouse.rows import record_rejects, replace_rows
from epyc_assets.warehouse.settling import settle
from epyc_assets.warehouse.stored_query import run_stored_query

IMPORT_REASON = "history record"
"""What the write log calls an import."""
SUMMARY_REASON = "history tables"
"""What the write log calls the tables derived from it."""
CONFORMED_VIEWS = ("all_results", "all_reviews", "all_outcomes")
"""Views that put the record and the platform's own results side by side."""
SOURCE_FILE = "source_file"
REVIEW_ALIAS = "review_alias"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. scanned: files there are; read: files read now; gone: files whose rows were removed;
    changed: files imported before with other contents; rows: rows written, by table; settled: rows changed by
    facts that depend on several files."""

    scanned: int
    read: int
    gone: int
    changed: int
    size_bytes: int
    rows: Mapping[str, int]
    settled: Mapping[str, int]
    rejects: int


@dataclass(frozen=True, slots=True)
class RecordState:
    """What the folder holds, and what an import would have to do."""

    scanned: list[ScannedFile]
    plan: ImportPlan
    summaries_current: bool

    @property
    def up_to_date(self) -> bool:
        """Tables and summaries say what the files say."""
        return self.plan.nothing_to_do and self.summaries_current


def all_tables() -> dict[str, str]:
    """Every table that importers fill, to the family it belongs to: the first one that names it."""
    owner: dict[str, str] = {}
    for family, tables in families().items():
        for table in tables:
            owner.setdefault(table, family)
    return owner


def summary_tables() -> list[DerivedTable]:
    """The derived tables of the record, each after those it reads."""
    return [table for table in derived_tables() if table.schema == SCHEMA]


def summaries_version() -> str:
    """Changes when the SQL of a summary changes, or the aliases that people edit."""
    text = "".join([*(table.sha256 for table in summary_tables()), repr(load_review_aliases())])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def record_state(
    store: Warehouse, root: Path, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> RecordState:
    """Scans the folder and compares it with the warehouse. Raises RecordFault."""
    scanned = scan_record(root, on_progress)
    known: dict[str, KnownFile] = {}
    current = False
    try:
        with store.read(live=True) as connection:
            if _has_record(connection):
                frame = run_stored_query(connection, "record_files")
                known = {
                    row["path"]: KnownFile(row["path"], row["sha256"], row["first_sha256"], row["importer_version"])
                    for row in frame.iter_rows(named=True)
                }
                current = _summaries_current(connection)
    except NothingPublished:
        pass  # there is no warehouse yet
    return RecordState(scanned, plan_import(scanned, known, importer_version()), current)


def import_record(
    store: Warehouse,
    root: Path,
    provenance: Provenance,
    *,
    on_scanned: Callable[[int, int], None] = lambda done, total: None,
    on_read: Callable[[ReadingProgress], None] = lambda _: None,
    on_stage: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """Makes the tables say what the files below root say; reads only what is new or changed.

    One transaction: killed at any moment, the tables are as before. Raises RecordFault and the warehouse's errors.
    """
    on_stage("comparing the record's files with what was imported")
    plan = record_state(store, root, on_scanned).plan
    store.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".importing-", dir=store.path.parent) as spool:
        on_stage(f"reading {len(plan.to_read):,} files")
        read = read_files(plan.to_read, Path(spool), on_progress=on_read)
        on_stage("writing the tables")
        with store.write(IMPORT_REASON, provenance=provenance) as connection:
            rows = _write(connection, plan, read, provenance)
            settled = settle(connection)
    return ImportReport(
        scanned=len(plan.to_read) + len(plan.unchanged),
        read=len(plan.to_read),
        gone=len(plan.gone),
        changed=plan.changed_contents,
        size_bytes=sum(each.size_bytes for each in (*plan.to_read, *plan.unchanged)),
        rows=rows,
        settled=settled,
        rejects=sum(len(each.rejects) for each in read.reports),
    )


def misplaced_files(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Family to the number of its files whose rows in all tables are not as many as their import counted."""
    counted = " UNION ALL ".join(
        f'SELECT source_file_id, count(*) AS n FROM {SCHEMA}."{table}" GROUP BY source_file_id'
        for table in all_tables()
    )
    rows = connection.execute(
        f"WITH counted AS (SELECT source_file_id, sum(n) AS n FROM ({counted}) GROUP BY source_file_id) "
        f"SELECT coalesce(file.family, 'none'), count(*) FROM {SCHEMA}.{SOURCE_FILE} AS file "
        "FULL JOIN counted ON file.source_file_id = counted.source_file_id "
        "WHERE coalesce(file.n_rows, -1) <> coalesce(counted.n, 0) GROUP BY ALL"
    ).fetchall()
    return {str(family): int(count) for family, count in rows}


def table_counts(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> dict[str, int]:
    """Rows of tables of the record."""
    counts: dict[str, int] = {}
    for table in tables:
        counts[table] = int(connection.execute(f'SELECT count(*) FROM {SCHEMA}."{table}"').fetchall()[0][0])
    return counts


def _write(
    connection: duckdb.DuckDBPyConnection, plan: ImportPlan, read: RecordRead, provenance: Provenance
) -> dict[str, int]:
    renewed = pl.DataFrame(
        {
            "source_file_id": [each.place.source_file_id for each in plan.to_read]
            + [Place(each.path).source_file_id for each in plan.gone],
            "path": [each.place.path for each in plan.to_read] + [each.path for each in plan.gone],
        },
        schema={"source_file_id": pl.Int64, "path": pl.String},
    )
    rows: dict[str, int] = {}
    for table in all_tables():
        counts = replace_partitions(
            connection,
            f"{SCHEMA}.{table}",
            read.parts.get(table, []),
            partition_column="source_file_id",
            partition_values=renewed["source_file_id"],
            provenance=provenance,
        )
        rows[table] = counts.inserted
    files = source_file_frame(read.reports, plan.first_sha256, importer_version()).with_columns(
        imported_at=pl.lit(provenance.written_at)
    )
    connection.register("renewed_files", renewed)
    connection.execute(
        f"DELETE FROM {SCHEMA}.{SOURCE_FILE} WHERE source_file_id IN (SELECT source_file_id FROM renewed_files)"
    )
    if files.height:
        replace_rows(connection, f"{SCHEMA}.{SOURCE_FILE}", files, provenance=provenance)
    rejects = [reject for each in read.reports for reject in each.rejects]
    record_rejects(connection, rejects, provenance)
    # What was rejected before and not again has been repaired, or its file is gone.
    connection.execute(
        "DELETE FROM rejects WHERE source IN (SELECT path FROM renewed_files) AND written_at < ?",
        [provenance.written_at],
    )
    connection.unregister("renewed_files")
    rows[SOURCE_FILE] = files.height
    connection.execute(f"DELETE FROM {SCHEMA}.{REVIEW_ALIAS}")
    aliases = alias_frame(load_review_aliases())
    rows[REVIEW_ALIAS] = replace_rows(connection, f"{SCHEMA}.{REVIEW_ALIAS}", aliases, provenance=provenance).inserted
    return rows


def _has_record(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(
        connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?", [SCHEMA, SOURCE_FILE]
        ).fetchall()
    )


def _summaries_current(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the summaries were built by the present SQL after the last import."""
    rows = connection.execute(
        "SELECT max(write_number) FILTER (WHERE reason = ?), "
        "max(write_number) FILTER (WHERE reason = ? AND code_version = ?) FROM warehouse_writes",
        [IMPORT_REASON, SUMMARY_REASON, summaries_version()],
    ).fetchall()
    imported, built = rows[0]
    return imported is not None and built is not None and built > imported


def family_preview(connection: duckdb.DuckDBPyConnection, table: str, rows: int) -> pl.DataFrame:
    """The first rows of a table of the record, without its keys and texts of provenance."""
    return connection.sql(
        f'SELECT * EXCLUDE (source_file_id, dagster_run_id, code_version, written_at) FROM {SCHEMA}."{table}" '
        f"LIMIT {rows}"
    ).pl()


def format_names() -> dict[str, list[str]]:
    """Family to the names of its formats."""
    names: dict[str, list[str]] = {}
    for each in all_formats():
        names.setdefault(each.family, []).append(each.name)
    return names


def family_rows(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One row per family with files, as `epyc history import` prints it."""
    return run_stored_query(connection, "record_families").to_dicts()
