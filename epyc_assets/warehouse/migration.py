"""Numbered schema migrations: the only way a table of facts comes into being or changes.

Belongs here: finding the files in `migrations/`, applying each once, and refusing to go on when the history
does not fit the code. Does not belong here: the schema itself (that is in the SQL files), derived tables
(`derived.py`).

A migration is `NNNN_name.sql`: statements, applied together in one transaction and recorded in
`schema_migrations`. Files are append-only: once released a file is never edited; a change is a new file.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb

from epyc_assets.warehouse.provenance import PROVENANCE_COMMENTS
from epyc_assets.warehouse.table_name import MAIN_SCHEMA, TableName, quoted

MIGRATIONS_DIRECTORY = Path(__file__).parent / "migrations"

_FILE_NAME = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+")

_COLUMN_COMMENT = re.compile(
    r"""^COMMENT ON COLUMN (\w+\.)?(\w+)\.("\w+"|\w+) IS '((?:[^']|'')*)';""", re.MULTILINE | re.IGNORECASE
)

_BOOKKEEPING = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name VARCHAR PRIMARY KEY,
    sha256 VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE schema_migrations IS 'One row per schema migration applied to this warehouse.';
COMMENT ON COLUMN schema_migrations.name IS 'File name without its ending, e.g. 0001_foundation.';
COMMENT ON COLUMN schema_migrations.sha256 IS 'Hash of the file as applied; it must not change afterwards.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When it was applied (UTC).';
"""


class MigrationError(ValueError):
    """The warehouse and the migrations of this code do not fit together, or a migration failed."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file: `name` without ending, its text, and the hash of the text."""

    name: str
    text: str
    sha256: str

    @property
    def number(self) -> int:
        return int(self.name[:4])


def load_migrations(directory: Path = MIGRATIONS_DIRECTORY) -> list[Migration]:
    """All migrations in order. Raises MigrationError for a file that is not named as one."""
    migrations: list[Migration] = []
    for path in sorted(directory.glob("*.sql")):
        if not _FILE_NAME.fullmatch(path.stem):
            raise MigrationError(
                f"{path}: a migration is named NNNN_name.sql with four digits and lower case words, "
                f"for example 0007_reviews.sql."
            )
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        migrations.append(Migration(path.stem, text, hashlib.sha256(text.encode()).hexdigest()))
    return migrations


@cache
def column_comments() -> Mapping[TableName, Mapping[str, str]]:
    """What the shipped migrations say of each column of each table of facts, in the order of its comments; without
    the columns that every table has. Read from the files: no database is opened."""
    comments: dict[TableName, dict[str, str]] = {}
    for migration in load_migrations():
        for schema, table, column, text in _COLUMN_COMMENT.findall(migration.text):
            of_table = comments.setdefault(TableName(schema.rstrip(".") or MAIN_SCHEMA, table), {})
            of_table[column.strip('"')] = text.replace("''", "'")
    return comments


def numbering_faults(migrations: list[Migration]) -> list[str]:
    """What is wrong with the numbers: they count up from 0001, without gaps and each used once.

    A test holds the shipped files to this, so that every warehouse gets the same ones in the same order.
    """
    numbers = [migration.number for migration in migrations]
    faults = [
        f"{number:04d} is used by {', '.join(each.name for each in migrations if each.number == number)}"
        for number in sorted(set(numbers))
        if numbers.count(number) > 1
    ]
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    return faults + [f"{number:04d} is left out" for number in missing]


def apply_migrations(connection: duckdb.DuckDBPyConnection, migrations: list[Migration] | None = None) -> list[str]:
    """Bring the warehouse up to this code; returns the names applied now (none, usually).

    Each migration runs in a transaction of its own, so a failing one leaves those before it in place and
    nothing of itself. Raises MigrationError if an applied file was changed, if the warehouse is newer than
    this code, or if a migration fails.
    """
    wanted = load_migrations() if migrations is None else migrations
    applied = applied_migrations(connection)
    known = {migration.name: migration for migration in wanted}

    newer = sorted(set(applied) - set(known))
    if newer:
        raise MigrationError(
            f"The warehouse was made by a newer version of epyc_assets: it already has the schema change(s) "
            f"{', '.join(newer)}, which this code does not know. Update the code, or set EPYC_DATA_DIR to "
            f"another folder to start a separate warehouse."
        )
    for name, sha256 in applied.items():
        if known[name].sha256 != sha256:
            raise MigrationError(
                f"The schema migration {name} was applied to this warehouse with another text than the file "
                "has now. Migrations are never edited after they have been applied: restore the file and "
                f"put the change into a new migration (the next number is {len(wanted) + 1:04d}). While a "
                f"migration is still being written, start over with a fresh EPYC_DATA_DIR."
            )

    missing = [migration for migration in wanted if migration.name not in applied]
    for migration in missing:
        if any(known[name].number > migration.number for name in applied):
            raise MigrationError(
                f"The schema migration {migration.name} has a lower number than one already applied; "
                f"give it the next free number. (While both are still being written, start over with a fresh "
                f"EPYC_DATA_DIR.)"
            )
        _apply(connection, migration, is_last=migration is missing[-1])
    return [migration.name for migration in missing]


def applied_migrations(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Name and hash of each applied migration, in order; empty for a new file."""
    try:
        rows = connection.execute("SELECT name, sha256 FROM schema_migrations ORDER BY name").fetchall()
    except duckdb.CatalogException:
        return {}
    return dict(rows)


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration, *, is_last: bool) -> None:
    position = 0  # 0: our own bookkeeping
    connection.execute("BEGIN TRANSACTION")
    try:
        for statement in duckdb.extract_statements(_BOOKKEEPING):
            connection.execute(statement)
        for statement in duckdb.extract_statements(migration.text):
            position += 1
            connection.execute(statement)
        if is_last:
            _comment_provenance(connection)
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, ?, ?)",
            [migration.name, migration.sha256, datetime.now(UTC).replace(tzinfo=None)],
        )
        connection.execute("COMMIT")
    except duckdb.Error as error:
        with contextlib.suppress(duckdb.Error):  # a failed COMMIT has already ended the transaction
            connection.execute("ROLLBACK")
        if isinstance(error, duckdb.IOException | duckdb.FatalException):
            raise  # the disk, not the SQL: the warehouse says what that means
        raise MigrationError(
            f"The schema migration {migration.name} failed at its statement {position}; the warehouse is as "
            f"it was before it. DuckDB says: {error}"
        ) from error


def _comment_provenance(connection: duckdb.DuckDBPyConnection) -> None:
    """Say once, for all tables, what the provenance columns hold; a migration may say it otherwise."""
    # Not those of views, which may not even be readable in the middle of a change.
    uncommented = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() SEMI JOIN duckdb_tables() "
        "USING (database_name, schema_name, table_name) WHERE database_name = current_database() "
        "AND NOT internal AND comment IS NULL AND list_contains(?, column_name)",
        [list(PROVENANCE_COMMENTS)],
    ).fetchall()
    for schema, table, column in uncommented:
        target = TableName(schema, table).quoted
        connection.execute(f"COMMENT ON COLUMN {target}.{quoted(column)} IS '{PROVENANCE_COMMENTS[column]}'")
