"""The table reference, written from the schema itself.

Belongs here: turning tables, columns, keys, comments and macros into Markdown. Does not belong here: prose
about what the tables are for beyond their comments, or writing the file (the CLI and a test do that).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from epyc_assets.warehouse.derived import DERIVED_DIRECTORY, derived_tables, schema_database
from epyc_assets.warehouse.provenance import PROVENANCE_COLUMNS

_INTRODUCTION = """\
# Tables

This page is generated from the schema (`migrations/` and `derived/` in `epyc_assets/warehouse`); a test keeps
it up to date. Ask any of these with `epyc sql "SELECT ..."`, or open the published snapshot
read-only with any DuckDB client (1.2 or later).

All timestamps are UTC. NULL means "not measured" or "not known", never zero. Every table of facts says in
`dagster_run_id`, `code_version` and `written_at` which run and which code wrote a row, and when.
"""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: str
    nullable: bool
    comment: str


def render_table_reference(
    connection: duckdb.DuckDBPyConnection | None = None, *, derived_directory: Path = DERIVED_DIRECTORY
) -> str:
    """Markdown for docs/tables.md, the same on every machine.

    Without a connection, of the schema of this checkout.
    """
    if connection is None:
        connection = schema_database(derived_directory)
        try:
            return render_table_reference(connection, derived_directory=derived_directory)
        finally:
            connection.close()

    derived = {table.name: table for table in derived_tables(derived_directory)}
    comments = dict(
        connection.execute(
            "SELECT table_name, coalesce(comment, '') FROM duckdb_tables() "
            "WHERE database_name = current_database() AND NOT internal AND NOT temporary ORDER BY table_name"
        ).fetchall()
    )
    facts = [name for name in comments if name not in derived]
    made = [name for name in comments if name in derived]
    parts = [_INTRODUCTION, _overview("Facts", facts, comments), _overview("Derived tables", made, comments)]
    for name in [*facts, *made]:
        parts.append(_table(connection, name, comments[name]))
        if name in derived:
            upstream = ", ".join(_link(other) for other in derived[name].upstream_tables) or "nothing"
            parts.append(f"Derived by `derived/{name}.sql` from {upstream}.\n")
    parts.append(_macros(connection))
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def comment_faults(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables, columns and macros without a comment; the reference would have holes there. For tests."""
    return [
        row[0]
        for row in connection.execute(
            """
            SELECT 'table ' || table_name FROM duckdb_tables()
            WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
            UNION ALL
            SELECT 'column ' || table_name || '.' || column_name FROM duckdb_columns()
            WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
            UNION ALL
            SELECT 'macro ' || function_name FROM duckdb_functions()
            WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
            ORDER BY 1
            """
        ).fetchall()
    ]


def _overview(title: str, names: list[str], comments: dict[str, str]) -> str:
    if not names:
        return ""
    lines = [f"## {title}", "", "| table | a row is |", "|---|---|"]
    lines += [f"| {_link(name)} | {_escape(comments[name])} |" for name in names]
    return "\n".join(lines) + "\n"


def _table(connection: duckdb.DuckDBPyConnection, name: str, comment: str) -> str:
    columns = [
        _Column(*row)
        for row in connection.execute(
            "SELECT column_name, data_type, is_nullable, coalesce(comment, '') FROM duckdb_columns() "
            "WHERE table_name = ? AND database_name = current_database() ORDER BY column_index",
            [name],
        ).fetchall()
    ]
    constraints = connection.execute(
        "SELECT constraint_type, constraint_column_names, expression, referenced_table, "
        "referenced_column_names FROM duckdb_constraints() WHERE table_name = ? AND database_name = "
        "current_database() AND constraint_type <> 'NOT NULL' ORDER BY constraint_index",
        [name],
    ).fetchall()
    lines = [f"### {name}", "", comment, ""]
    for kind, names, expression, other, other_names in constraints:
        listed = ", ".join(f"`{column}`" for column in names)
        if kind == "PRIMARY KEY":
            lines.append(f"- Primary key: {listed}")
        elif kind == "UNIQUE":
            lines.append(f"- Unique: {listed}")
        elif kind == "FOREIGN KEY":
            target = ", ".join(f"`{column}`" for column in other_names)
            lines.append(f"- {listed} refers to {_link(other)} ({target})")
        elif kind == "CHECK":
            lines.append(f"- Check: `{expression}`")
    if constraints:
        lines.append("")
    lines += ["| column | type | NULL | |", "|---|---|---|---|"]
    plain = [column for column in columns if column.name not in PROVENANCE_COLUMNS]
    stamped = [column for column in columns if column.name in PROVENANCE_COLUMNS]
    lines += [
        f"| `{column.name}` | {_escape(column.type)} | {'yes' if column.nullable else 'no'} | "
        f"{_escape(column.comment)} |"
        for column in [*plain, *stamped]
    ]
    return "\n".join(lines) + "\n"


def _macros(connection: duckdb.DuckDBPyConnection) -> str:
    rows = connection.execute(
        "SELECT function_name, list_aggregate(parameters, 'string_agg', ', '), coalesce(comment, '') "
        "FROM duckdb_functions() WHERE database_name = current_database() AND NOT internal ORDER BY "
        "function_name"
    ).fetchall()
    if not rows:
        return ""
    lines = ["## Macros", "", "| macro | |", "|---|---|"]
    lines += [f"| `{name}({parameters})` | {_escape(comment)} |" for name, parameters, comment in rows]
    return "\n".join(lines) + "\n"


def _link(name: str) -> str:
    return f"[{name}](#{name})"


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
