"""Derived tables: one SQL file each, from the facts to what people read.

Belongs here: reading the files in `derived/`, their headers and what they depend on, column lineage, and
building the tables. Does not belong here: the SQL itself (one file per table), and the Dagster assets made
from it (`defs`).

A file `derived/<table>.sql` makes a table in the schema main, `derived/<schema>/<table>.sql` one in another
schema. It is one SELECT under a comment header:

    -- One row per model and suite: how many questions passed.
    -- key: model_name, suite
    -- column: model_name: Stem of the model's file.
    -- column: suite: Question suite.
    SELECT ...

Plain lines say what a row is; `key:` names the columns that are unique together (the primary key); there is
a `column:` line for each column. The table gets dagster_run_id, code_version and written_at on top.

With a line `-- kind: view` it becomes a view, which takes no room and is always as recent as what it reads;
it has no provenance columns but those it selects, and its key is checked only when the view is made.

A table without a schema in the SQL is one of main, whichever folder the file is in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from epyc_assets.warehouse.migration import apply_migrations, load_migrations
from epyc_assets.warehouse.provenance import PROVENANCE_COLUMNS, PROVENANCE_COMMENTS, Provenance
from epyc_assets.warehouse.table_name import MAIN_SCHEMA, TableName, quoted

if TYPE_CHECKING:
    from sqlglot import exp

DERIVED_DIRECTORY = Path(__file__).parent / "derived"

_TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HEADER_LINE = re.compile(r"--\s?(?P<text>.*)")


class DerivedTableFault(ValueError):
    """A derived table's file is wrong, or its rows break its key; the message says what to change."""


@dataclass(frozen=True, slots=True)
class DerivedTable:
    """One SQL file: `description` says what a row is, `columns` is column to comment, `sha256` is of the
    file. `upstream_tables` are qualified names: `history.x`, or bare for main.
    """

    schema: str
    name: str
    sql: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    kind: Literal["table", "view"]
    upstream_tables: tuple[str, ...]
    sha256: str

    @property
    def table(self) -> TableName:
        """Schema and name."""
        return TableName(self.schema, self.name)

    @property
    def qualified_name(self) -> str:
        """`history.model_summary`; bare for a table of main."""
        return str(self.table)

    @property
    def file(self) -> str:
        """Where it is written, for messages: derived/history/model_summary.sql."""
        return _file_of(self.table)


def derived_tables(directory: Path = DERIVED_DIRECTORY) -> list[DerivedTable]:
    """The derived tables of all schemas, each after those it reads. Quick (milliseconds a file); parsed once
    per content.

    Raises DerivedTableFault.
    """
    if (directory / MAIN_SCHEMA).exists():
        raise DerivedTableFault(f"derived/{MAIN_SCHEMA}/: the files of tables in {MAIN_SCHEMA} lie in derived/ itself.")
    paths = sorted(directory.glob("*.sql")) + sorted(directory.glob("*/*.sql"))
    schemas = [MAIN_SCHEMA if path.parent == directory else path.parent.name for path in paths]
    found = [
        _parsed(schema, path.stem, path.read_text(encoding="utf-8"))
        for schema, path in zip(schemas, paths, strict=True)
    ]
    tables = {table.qualified_name: table for table in found}
    graph = {name: [other for other in table.upstream_tables if other in tables] for name, table in tables.items()}
    try:
        return [tables[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise DerivedTableFault(f"Derived tables read each other in a circle: {circle}. Break it.") from error


def materialize_derived(connection: duckdb.DuckDBPyConnection, table: DerivedTable, provenance: Provenance) -> int:
    """Build the table or view anew inside the caller's transaction; returns its number of rows.

    Raises DerivedTableFault if the name belongs to a table of facts, or if rows share a key (naming them);
    duckdb.Error if the SQL fails, for example because a table it reads has not been made yet.
    """
    if table.qualified_name in _fact_tables():
        raise DerivedTableFault(
            f"{table.file}: a schema migration already creates a table of that name; rename the file."
        )
    described = _describe(connection, table)
    names = [name for name, _ in described]
    absent = [name for name in table.key if name not in names]
    if absent:
        raise DerivedTableFault(
            f"{table.file}: key column {', '.join(absent)} is not selected. Selected: {', '.join(names)}."
        )
    if table.schema != MAIN_SCHEMA:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.schema)}")
    _drop_other_kind(connection, table)
    if table.kind == "view":
        rows = _make_view(connection, table)
    else:
        rows = _make_table(connection, table, described, provenance)
        names += PROVENANCE_COLUMNS
    target = table.table.quoted
    connection.execute(f"COMMENT ON {table.kind} {target} IS {_literal(table.description)}")
    for name, comment in {**PROVENANCE_COMMENTS, **table.columns}.items():
        if name in names:
            connection.execute(f"COMMENT ON COLUMN {target}.{quoted(name)} IS {_literal(comment)}")
    return rows


def _make_table(
    connection: duckdb.DuckDBPyConnection,
    table: DerivedTable,
    described: Sequence[tuple[str, str]],
    provenance: Provenance,
) -> int:
    clashes = [name for name, _ in described if name in PROVENANCE_COLUMNS]
    if clashes:
        raise DerivedTableFault(
            f"{table.file} selects {', '.join(clashes)}, which is added to every derived table. "
            f"Leave it out (SELECT * EXCLUDE (...)) or give it another name."
        )
    target = table.table.quoted
    staging = quoted(f"staging_{table.name}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {staging} AS {table.sql}")
    try:
        _require_key(connection, table, staging)
        definitions = [f"{quoted(name)} {kind}" for name, kind in described]
        definitions += [
            "dagster_run_id VARCHAR NOT NULL",
            "code_version VARCHAR NOT NULL",
            "written_at TIMESTAMP NOT NULL",
        ]
        if table.key:
            definitions.append(f"PRIMARY KEY ({', '.join(quoted(name) for name in table.key)})")
        connection.execute(f"CREATE OR REPLACE TABLE {target} ({', '.join(definitions)})")
        stamp = provenance.values()
        inserted = connection.execute(
            f"INSERT INTO {target} SELECT *, ?, ?, ? FROM {staging}",
            [stamp[name] for name in PROVENANCE_COLUMNS],
        ).fetchall()
    finally:
        connection.execute(f"DROP TABLE IF EXISTS temp.{staging}")
    return int(inserted[0][0])


def _make_view(connection: duckdb.DuckDBPyConnection, table: DerivedTable) -> int:
    target = table.table.quoted
    connection.execute(f"CREATE OR REPLACE VIEW {target} AS {_with_schemas(table)}")
    _require_key(connection, table, target)
    return int(connection.execute(f"SELECT count(*) FROM {target}").fetchall()[0][0])


def _with_schemas(table: DerivedTable) -> str:
    """The SQL with `main` written before tables that have no schema.

    DuckDB looks for such a table in the schema of the view first, so a view history.x that reads model_summary
    would get history.model_summary, but the same SELECT run by itself main.model_summary.
    """
    nodes = [node for node in _table_nodes(table.table, table.sql) if not node.db]
    sql = table.sql
    for start in sorted({node.this.meta["start"] for node in nodes}, reverse=True):
        sql = f"{sql[:start]}{MAIN_SCHEMA}.{sql[start:]}"
    return sql


def _drop_other_kind(connection: duckdb.DuckDBPyConnection, table: DerivedTable) -> None:
    """What was a view and is a table now, or the other way round, is not replaced by DuckDB."""
    other = "table" if table.kind == "view" else "view"
    there = connection.execute(
        f"SELECT 1 FROM duckdb_{other}s() WHERE database_name = current_database() "
        f"AND schema_name = ? AND {other}_name = ?",
        [table.schema, table.name],
    ).fetchall()
    if there:
        connection.execute(f"DROP {other} {table.table.quoted}")


def header_faults(table: DerivedTable, selected: Sequence[str]) -> list[str]:
    """What the header lacks or has too much, given the columns the SQL really selects. For tests."""
    selected = [name for name in selected if name not in PROVENANCE_COLUMNS]
    faults = [f"no `-- column: {name}: ...` line" for name in selected if name not in table.columns]
    faults += [f"a `column:` line for {name}, which is not selected" for name in table.columns if name not in selected]
    faults += [f"key column {name} is not selected" for name in table.key if name not in selected]
    return [f"{table.file}: {fault}" for fault in faults]


def schema_database(directory: Path = DERIVED_DIRECTORY) -> duckdb.DuckDBPyConnection:
    """An in-memory warehouse with every table, all empty: migrations applied, derived tables built.

    For lineage, documentation and tests; about a second. The caller closes it.
    """
    connection = duckdb.connect(":memory:")
    try:
        apply_migrations(connection)
        provenance = Provenance(dagster_run_id="", code_version="")
        for table in derived_tables(directory):
            try:
                materialize_derived(connection, table, provenance)
            except duckdb.Error as error:
                raise DerivedTableFault(f"{table.file} does not run. DuckDB says: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def schema_of(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Qualified table name to column to type, of all tables and views of the current database, in their
    order; those of main first.
    """
    schema: dict[str, dict[str, str]] = {}
    for of_schema, table, column, kind in connection.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal "
        "ORDER BY schema_name <> ?, schema_name, table_name, column_index",
        [MAIN_SCHEMA],
    ).fetchall():
        schema.setdefault(str(TableName(of_schema, table)), {})[column] = kind
    return schema


def column_lineage(
    table: DerivedTable, schema: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, list[tuple[str, str]]]:
    """Column to the (qualified table, column) pairs its value is computed from, sorted; empty for constants
    and counts.

    `schema`: as from `schema_of`; by default that of the migrations and derived tables of this checkout.
    Columns that only filter, join or order rows are not lineage. Takes some milliseconds per column, so it
    is computed when a table is materialized and not when the code location loads. Cached per content.
    """
    if schema is None:
        return {name: list(pairs) for name, pairs in _shipped_lineage(table, _shipped_fingerprint()).items()}
    return _lineage(table, schema)


@lru_cache(maxsize=256)
def _shipped_lineage(table: DerivedTable, fingerprint: str) -> dict[str, list[tuple[str, str]]]:
    return _lineage(table, _shipped_schema(fingerprint))


@lru_cache(maxsize=4)
def _shipped_schema(fingerprint: str) -> dict[str, dict[str, str]]:
    del fingerprint  # only the key of the cache
    connection = schema_database()
    try:
        return schema_of(connection)
    finally:
        connection.close()


def _shipped_fingerprint() -> str:
    hashes = [migration.sha256 for migration in load_migrations()] + [table.sha256 for table in derived_tables()]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def _lineage(table: DerivedTable, schema: Mapping[str, Mapping[str, str]]) -> dict[str, list[tuple[str, str]]]:
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope
    from sqlglot.schema import MappingSchema

    nested_schema: dict[str, object] = {}
    for name, columns in schema.items():
        source = TableName.parse(name)
        nested_schema.setdefault(source.schema, {})[source.name] = dict(columns)  # type: ignore[index]
    # Made once: from a mapping every call would normalise the names of all tables anew.
    known = MappingSchema(nested_schema, dialect="duckdb")
    try:
        qualified = qualify(
            _parse_select(table.table, table.sql),
            schema=known,
            dialect="duckdb",
            db=MAIN_SCHEMA,
            validate_qualify_columns=False,
            identify=False,
        )
        scope = build_scope(qualified)
        result: dict[str, list[tuple[str, str]]] = {}
        for name in qualified.named_selects:
            pairs: set[tuple[str, str]] = set()
            # Neither copied nor trimmed: four times as fast, and the same pairs.
            root = lineage(name, qualified, known, dialect="duckdb", scope=scope, copy=False, trim_selects=False)
            for node in root.walk():
                if not node.downstream and isinstance(node.expression, exp.Table):
                    source = str(_name_of(node.expression))
                    pairs.add((source, node.name.rsplit(".", 1)[-1].strip('"')))
            result[name] = sorted(pairs)
    except SqlglotError as error:
        raise DerivedTableFault(f"{table.file}: the lineage of its columns could not be worked out: {error}") from error
    return result


@lru_cache(maxsize=512)
def _parsed(schema: str, name: str, text: str) -> DerivedTable:
    table = TableName(schema, name)
    file = _file_of(table)
    if not _TABLE_NAME.fullmatch(name) or not _TABLE_NAME.fullmatch(schema):
        raise DerivedTableFault(
            f"{file}: the file is named after its table and its folder after the schema, in lower case letters, "
            f"digits and underscores."
        )
    description: list[str] = []
    key: tuple[str, ...] = ()
    kind = "table"
    columns: dict[str, str] = {}
    lines = text.replace("\r\n", "\n").split("\n")
    position = 0
    for position, line in enumerate(lines):
        match = _HEADER_LINE.fullmatch(line.strip())
        if line.strip() and match is None:
            break
        said = match["text"].strip() if match else ""
        if said.startswith("key:"):
            key = tuple(part.strip() for part in said.removeprefix("key:").split(",") if part.strip())
        elif said.startswith("kind:"):
            kind = said.removeprefix("kind:").strip()
        elif said.startswith("column:"):
            column, colon, comment = said.removeprefix("column:").partition(":")
            if not colon or not comment.strip():
                raise DerivedTableFault(f"{file} line {position + 1}: write `-- column: name: what it holds`.")
            columns[column.strip()] = comment.strip()
        elif said and columns and line.startswith("--  "):
            last = next(reversed(columns))  # an indented line goes on with the column's comment
            columns[last] += " " + said
        elif said:
            description.append(said)
    if kind != "table" and kind != "view":
        raise DerivedTableFault(f"{file}: `-- kind:` is table (which may be left out) or view, not {kind!r}.")
    if not description:
        raise DerivedTableFault(
            f"{file}: open the file with a comment that says what one row is (`-- One row per ...`)."
        )
    sql = "\n".join(lines[position:]).strip().removesuffix(";").strip()
    return DerivedTable(
        schema=schema,
        name=name,
        sql=sql,
        description=" ".join(description),
        key=key,
        columns=_FrozenColumns(columns),
        kind=kind,
        upstream_tables=tuple(str(each) for each in _upstream_tables(table, sql)),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


class _FrozenColumns(dict[str, str]):
    """Column comments that are never changed after parsing, and so can be part of a hashable value."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


def _parse_select(table: TableName, sql: str) -> exp.Query:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    file = _file_of(table)
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect="duckdb") if statement is not None]
    except SqlglotError as error:
        raise DerivedTableFault(f"{file} cannot be parsed: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise DerivedTableFault(
            f"{file}: a derived table is exactly one SELECT (WITH is fine); found "
            f"{len(statements)} statement(s){'' if len(statements) != 1 else ' of another kind'}."
        )
    return statements[0]


def _upstream_tables(table: TableName, sql: str) -> list[TableName]:
    found: set[TableName] = set()
    for node in _table_nodes(table, sql):
        if node.catalog:
            raise DerivedTableFault(
                f"{_file_of(table)} reads {node.catalog}.{node.db}.{node.name}; leave out the name of the database."
            )
        found.add(_name_of(node))
    return sorted(found, key=str)


def _table_nodes(table: TableName, sql: str) -> list[exp.Table]:
    """Where in the SQL tables are read; not where common table expressions and table functions are."""
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.scope import traverse_scope

    query = _parse_select(table, sql)
    try:
        sources = [source for scope in traverse_scope(query) for source in scope.sources.values()]
    except SqlglotError as error:
        raise DerivedTableFault(f"{_file_of(table)} cannot be taken apart: {error}") from error
    found = {id(source): source for source in sources if isinstance(source, exp.Table)}
    # Scopes do not reach into PIVOT statements.
    expressions = {expression.alias_or_name.lower() for expression in query.find_all(exp.CTE)}
    for node in query.find_all(exp.Table):
        if node.db or node.name.lower() not in expressions:
            found.setdefault(id(node), node)
    # Table functions (unnest, range) are tables to the parser too, but have a function for a name.
    return [node for node in found.values() if isinstance(node.this, exp.Identifier)]


def _name_of(node: exp.Table) -> TableName:
    return TableName(node.db.lower() or MAIN_SCHEMA, node.name.lower())


def _file_of(table: TableName) -> str:
    folder = "" if table.schema == MAIN_SCHEMA else f"{table.schema}/"
    return f"derived/{folder}{table.name}.sql"


@lru_cache(maxsize=1)
def _fact_tables() -> frozenset[str]:
    connection = duckdb.connect(":memory:")
    try:
        apply_migrations(connection)
        return frozenset(schema_of(connection))
    finally:
        connection.close()


def _describe(connection: duckdb.DuckDBPyConnection, table: DerivedTable) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in connection.execute(f"DESCRIBE {table.sql}").fetchall()]


def _require_key(connection: duckdb.DuckDBPyConnection, table: DerivedTable, staging: str) -> None:
    if not table.key:
        return
    key = ", ".join(quoted(name) for name in table.key)
    some_null = " OR ".join(f"{quoted(name)} IS NULL" for name in table.key)
    examples = connection.execute(
        f"SELECT {key}, count(*) FROM {staging} GROUP BY {key} HAVING count(*) > 1 OR {some_null} "
        f"ORDER BY count(*) DESC, {key} LIMIT 5"
    ).fetchall()
    if examples:
        shown = "; ".join(
            f"{', '.join(f'{name} = {value!r}' for name, value in zip(table.key, row, strict=False))} "
            f"({row[-1]} row{'s' if row[-1] > 1 else ''})"
            for row in examples
        )
        raise DerivedTableFault(
            f"{table.file} states the key ({', '.join(table.key)}), but keys are shared by "
            f"several rows or NULL: {shown}. Check its joins, or the key line."
        )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
