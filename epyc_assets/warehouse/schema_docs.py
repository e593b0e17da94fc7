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
from epyc_assets.warehouse.table_name import MAIN_SCHEMA, TableName

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

    derived = {table.table: table for table in derived_tables(derived_directory)}
    comments = {
        TableName(schema, name): comment
        for schema, name, comment in connection.execute(
            "SELECT schema_name, table_name, coalesce(comment, '') FROM duckdb_tables() "
            "WHERE database_name = current_database() AND NOT internal AND NOT temporary "
            "UNION ALL SELECT schema_name, view_name, coalesce(comment, '') FROM duckdb_views() "
            "WHERE database_name = current_database() AND NOT internal AND NOT temporary ORDER BY 1, 2"
        ).fetchall()
    }
    parts = [_INTRODUCTION]
    for schema in sorted({table.schema for table in comments}, key=lambda name: (name != MAIN_SCHEMA, name)):
        of_schema = "" if schema == MAIN_SCHEMA else f" of schema {schema}"
        facts = [table for table in comments if table.schema == schema and table not in derived]
        made = [table for table in comments if table.schema == schema and table in derived]
        parts.append(_overview(f"Facts{of_schema}", facts, comments))
        parts.append(_overview(f"Derived tables{of_schema}", made, comments))
        for table in [*facts, *made]:
            parts.append(_table(connection, table, comments[table]))
            if table in derived:
                upstream = ", ".join(_link(other) for other in derived[table].upstream_tables) or "nothing"
                how = "A view, derived" if derived[table].kind == "view" else "Derived"
                parts.append(f"{how} by `{derived[table].file}` from {upstream}.\n")
    parts.append(_macros(connection))
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def comment_faults(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables, views, columns and macros without a comment; the reference would have holes there. For tests."""
    rows = connection.execute(
        """
        SELECT 'table', schema_name, table_name, '' FROM duckdb_tables()
        WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
        UNION ALL
        SELECT 'view', schema_name, view_name, '' FROM duckdb_views()
        WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
        UNION ALL
        SELECT 'column', schema_name, table_name, '.' || column_name FROM duckdb_columns()
        WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
        UNION ALL
        SELECT 'macro', schema_name, function_name, '' FROM duckdb_functions()
        WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
        """
    ).fetchall()
    return sorted(f"{kind} {TableName(schema, name)}{column}" for kind, schema, name, column in rows)


def _overview(title: str, tables: list[TableName], comments: dict[TableName, str]) -> str:
    if not tables:
        return ""
    lines = [f"## {title}", "", "| table | a row is |", "|---|---|"]
    lines += [f"| {_link(table)} | {_escape(comments[table])} |" for table in tables]
    return "\n".join(lines) + "\n"


def _table(connection: duckdb.DuckDBPyConnection, table: TableName, comment: str) -> str:
    columns = [
        _Column(*row)
        for row in connection.execute(
            "SELECT column_name, data_type, is_nullable, coalesce(comment, '') FROM duckdb_columns() "
            "WHERE schema_name = ? AND table_name = ? AND database_name = current_database() ORDER BY column_index",
            [table.schema, table.name],
        ).fetchall()
    ]
    constraints = connection.execute(
        "SELECT constraint_type, constraint_column_names, expression, referenced_table, "
        "referenced_column_names FROM duckdb_constraints() WHERE schema_name = ? AND table_name = ? "
        "AND database_name = current_database() AND constraint_type <> 'NOT NULL' ORDER BY constraint_index",
        [table.schema, table.name],
    ).fetchall()
    lines = [f"### {table}", "", comment, ""]
    for kind, names, expression, other, other_names in constraints:
        listed = ", ".join(f"`{column}`" for column in names)
        if kind == "PRIMARY KEY":
            lines.append(f"- Primary key: {listed}")
        elif kind == "UNIQUE":
            lines.append(f"- Unique: {listed}")
        elif kind == "FOREIGN KEY":
            target = ", ".join(f"`{column}`" for column in other_names)
            lines.append(f"- {listed} refers to {_link(TableName(table.schema, other))} ({target})")
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


def _link(table: TableName | str) -> str:
    return f"[{table}](#{str(table).replace('.', '')})"  # GitHub's anchors of headings have no dots


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
