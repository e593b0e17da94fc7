"""Importer of SQLite databases: Optuna's studies (schema version 12) as typed rows, any other table row by row.

Here: reading a database from bytes that nobody vouches for. Not here: what the search's checkpoint says of the same
trials (optimization_checkpoint).

The bytes are opened in memory: no journal of another file is applied, nothing can be written, and work is bounded.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Fields, Json, as_json, finite_number
from epyc_assets.history.formats import Format
from epyc_assets.history.rows import Imported, Reject, Row

MAGIC = b"SQLite format 3\x00"
MOST_ROWS = 500_000
"""Rows read of one table."""

_MOST_BYTES = 2**30
_MOST_PADDED_BYTES = 2**26
_MOST_VALUE_BYTES = 2**26
_STORED = (0, 3)
_STEPS_PER_CALL = 100_000
_MOST_CALLS = 2_000
_HEADER_BYTES = 100
_WAL_VERSIONS = slice(18, 20)

_OPTUNA = frozenset(
    (
        *("studies", "study_directions", "study_user_attributes", "study_system_attributes", "version_info"),
        *("trials", "trial_user_attributes", "trial_system_attributes"),
        *("trial_params", "trial_values", "trial_intermediate_values"),
    )
)
_TELLING = (b"studies", b"trials", b"trial_params", b"trial_values", b"version_info")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaStudy(Row):
    """One study of an Optuna database."""

    table: ClassVar[str] = "optuna_study"

    ordinal: int
    study_id: int | None
    study_name: str | None
    directions: tuple[str, ...]
    schema_version: int | None
    library_version: str | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaTrial(Row):
    """One trial."""

    table: ClassVar[str] = "optuna_trial"

    ordinal: int
    trial_id: int | None
    study_id: int | None
    number: int | None
    state: str | None
    started_at: datetime | None
    completed_at: datetime | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaParam(Row):
    """One parameter of a trial."""

    table: ClassVar[str] = "optuna_param"

    ordinal: int
    trial_id: int | None
    name: str | None
    value: float | None
    distribution: str | None
    low: float | None
    high: float | None
    step: float | None
    is_log: bool | None
    distribution_extra: Json | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaValue(Row):
    """One value that a trial reported: of an objective at its end, or at a step on the way."""

    table: ClassVar[str] = "optuna_value"

    ordinal: int
    trial_id: int | None
    kind: str
    objective: int | None
    step: int | None
    value: float | None
    value_type: str | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaAttr(Row):
    """One attribute of a study or a trial."""

    table: ClassVar[str] = "optuna_attr"

    ordinal: int
    owner: str
    kind: str
    study_id: int | None
    trial_id: int | None
    key: str | None
    value: Json | None
    number: float | None
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteRow(Row):
    """One row of a table of a SQLite database that no typed table takes."""

    table: ClassVar[str] = "sqlite_row"

    ordinal: int
    table_name: str
    content: Json


@dataclass(slots=True)
class Database:
    """What could be read of a database: table name to rows, faults as (table, reason), and whether nothing could."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    error: str | None = None
    is_cut: bool = False
    flags: list[str] = field(default_factory=list)


def recognises_optuna(content: Content, place: Place) -> bool:
    """A SQLite database that names the tables of Optuna."""
    return recognises_sqlite(content, place) and all(name in content.data for name in _TELLING)


def recognises_sqlite(content: Content, place: Place) -> bool:
    """The file begins as a SQLite database does."""
    del place
    return content.data.startswith(MAGIC)


def read_sqlite(content: Content) -> Database:
    """Every ordinary table, row by row up to the first damaged page of it."""
    database = Database()
    data = content.data
    if len(data) < _HEADER_BYTES:
        database.error, database.is_cut = "the file ends inside the header of a SQLite database", True
        return database
    if len(data) > _MOST_BYTES:
        database.error = f"a database of {len(data)} bytes is not read; at most {_MOST_BYTES} are"
        return database
    page_bytes = int.from_bytes(data[16:18], "big")
    pages = int.from_bytes(data[28:32], "big")
    whole_bytes = pages * (65536 if page_bytes == 1 else page_bytes)
    if len(data) < whole_bytes:
        database.flags.append("pages_missing")
        database.is_cut = True
        if whole_bytes <= max(_MOST_PADDED_BYTES, 2 * len(data)):
            # SQLite reads nothing of a file that is too short; of one with empty pages it reads the others.
            data = data + bytes(whole_bytes - len(data))
    if data[_WAL_VERSIONS] == b"\x02\x02":
        # A database in write-ahead mode wants a file beside it, which bytes in memory have not.
        data = data[:18] + b"\x01\x01" + data[20:]
        database.flags.append("write_ahead_log_not_read")
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            _read_all(connection, data, database)
    except (sqlite3.Error, ValueError, OverflowError, MemoryError, UnicodeError) as error:
        database.error = f"not a SQLite database that can be read: {error}"
    return database


def rows_optuna(database: Database, place: Place) -> Imported:
    """A record is a trial. Tables that are not Optuna's are kept row by row."""
    imported = _begin(database, place)
    if database.error is not None:
        return imported
    key = place.source_file_id
    trials = list(_trials(database, key))
    imported.rows += _studies(database, key)
    imported.rows += trials
    imported.rows += _params(database, key)
    imported.rows += _values(database, key)
    imported.rows += _attrs(database, key)
    imported.rows += _other_rows(database, key, _OPTUNA)
    imported.records = imported.main_rows = len(trials)
    return _finish(imported, database)


def rows_sqlite(database: Database, place: Place) -> Imported:
    """A record is a row of any table."""
    imported = _begin(database, place)
    if database.error is not None:
        return imported
    imported.rows += _other_rows(database, place.source_file_id, frozenset())
    imported.records = imported.main_rows = len(imported.rows)
    return _finish(imported, database)


def _begin(database: Database, place: Place) -> Imported:
    imported = Imported(flags=list(database.flags))
    for table, reason in database.faults:
        imported.rejects.append(Reject(place.path, f"table {table}", reason, ""))
    if database.error is not None:
        imported.status = "truncated" if database.is_cut else "unreadable"
        imported.error = database.error
        imported.records = imported.rejected_records = 1
        imported.rejects.append(Reject(place.path, "byte 0", database.error, ""))
    elif database.is_cut:
        imported.status, imported.error = "truncated", "pages are missing at the end"
        imported.rejects.append(Reject(place.path, "end of file", imported.error, ""))
    return imported


def _finish(imported: Imported, database: Database) -> Imported:
    if not imported.records and imported.status == "ok":
        imported.status = "unreadable" if database.faults else "empty"
        imported.error = database.faults[0][1] if database.faults else None
    return imported


def _other_rows(database: Database, source_file_id: int, known: frozenset[str]) -> list[SqliteRow]:
    others = [(name, row) for name, rows in database.tables.items() if name not in known for row in rows]
    return [
        SqliteRow(source_file_id=source_file_id, ordinal=ordinal, table_name=name, content=as_json(_readable(row)))
        for ordinal, (name, row) in enumerate(others, start=1)
    ]


def _read_all(connection: sqlite3.Connection, data: bytes, database: Database) -> None:
    connection.deserialize(data)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    calls = 0

    def go_on() -> int:
        nonlocal calls
        calls += 1
        return 1 if calls > _MOST_CALLS else 0

    connection.set_progress_handler(go_on, _STEPS_PER_CALL)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.set_authorizer(_authorize)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_VALUE_BYTES)
    budget = _MOST_VALUE_BYTES + 2 * len(data)
    names = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for name, sql in names:
        if not isinstance(name, str) or name.startswith("sqlite_"):
            continue
        if not isinstance(sql, str) or not sql.lstrip().upper().startswith("CREATE TABLE"):
            # A virtual table runs the code of an extension.
            database.faults.append((name[:200], "it is no ordinary table"))
            continue
        database.tables[name] = []
        try:
            for row in _rows(connection, name):
                if len(database.tables[name]) >= MOST_ROWS:
                    database.faults.append((name[:200], f"has more than {MOST_ROWS} rows; the others are not read"))
                    break
                budget -= sum(len(value) for value in row.values() if isinstance(value, str | bytes))
                if budget < 0:
                    database.faults.append((name[:200], "holds more text than its file; the rest is not read"))
                    break
                database.tables[name].append(row)
        except (sqlite3.Error, ValueError, OverflowError, UnicodeError) as error:
            count = len(database.tables[name])
            database.faults.append((name[:200], f"could be read up to row {count} only: {error}"))


def _authorize(action: int, argument: str | None, *_: str | None) -> int:
    may = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)
    may = may or (action == sqlite3.SQLITE_PRAGMA and argument == "table_xinfo")
    return sqlite3.SQLITE_OK if may else sqlite3.SQLITE_DENY


def _rows(connection: sqlite3.Connection, name: str) -> Iterator[dict[str, Any]]:
    """Rows of a table, stored columns only: the others are computed by expressions of the file's choosing."""
    quoted = _quoted(name)
    described = connection.execute(f"PRAGMA table_xinfo({quoted})").fetchall()
    columns = [each[1] for each in described if each[6] in _STORED]
    if not columns:
        return
    for row in connection.execute(f"SELECT {', '.join(map(_quoted, columns))} FROM {quoted}"):
        yield dict(zip(columns, row, strict=True))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its bytes as base64 text, under a name that says so."""
    return {
        (f"{name} (base64)" if isinstance(value, bytes) else name): (
            base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        )
        for name, value in row.items()
    }


def _records(database: Database, name: str, own_key: str | None = None) -> Iterator[tuple[dict[str, Any], Fields]]:
    for row in database.tables.get(name, ()):
        fields = Fields(_readable(row))
        if own_key is not None:
            fields.integer(own_key)  # the database's own row number says nothing
        yield row, fields


def _studies(database: Database, source_file_id: int) -> Iterator[OptunaStudy]:
    version = Fields(next(iter(database.tables.get("version_info", ())), {}))
    schema_version, library_version = version.integer("schema_version"), version.text("library_version")
    directions: dict[object, list[tuple[int, str]]] = {}
    for row in database.tables.get("study_directions", ()):
        objective = row.get("objective")
        direction = str(row.get("direction"))
        number = objective if isinstance(objective, int) else len(directions)
        directions.setdefault(row.get("study_id"), []).append((number, direction))
    for ordinal, (row, fields) in enumerate(_records(database, "studies"), start=1):
        yield OptunaStudy(
            source_file_id=source_file_id,
            ordinal=ordinal,
            study_id=fields.integer("study_id"),
            study_name=fields.text("study_name"),
            directions=tuple(each for _, each in sorted(directions.get(row.get("study_id"), ()))),
            schema_version=schema_version,
            library_version=library_version,
            extra=fields.rest(),
        )


def _trials(database: Database, source_file_id: int) -> Iterator[OptunaTrial]:
    for ordinal, (_, fields) in enumerate(_records(database, "trials"), start=1):
        yield OptunaTrial(
            source_file_id=source_file_id,
            ordinal=ordinal,
            trial_id=fields.integer("trial_id"),
            study_id=fields.integer("study_id"),
            number=fields.integer("number"),
            state=fields.text("state"),
            started_at=fields.time("datetime_start"),
            completed_at=fields.time("datetime_complete"),
            extra=fields.rest(),
        )


def _params(database: Database, source_file_id: int) -> Iterator[OptunaParam]:
    for ordinal, (row, fields) in enumerate(_records(database, "trial_params", "param_id"), start=1):
        stated = _json_object(row.get("distribution_json"))
        distribution = Fields(stated)
        attributes = Fields(distribution.mapping("attributes"))
        if stated:
            fields.json("distribution_json")
        name, low, high = distribution.text("name"), attributes.number("low"), attributes.number("high")
        step, is_log = attributes.number("step"), attributes.flag("log")
        left = {**distribution.left(), **attributes.left()}
        yield OptunaParam(
            source_file_id=source_file_id,
            ordinal=ordinal,
            trial_id=fields.integer("trial_id"),
            name=fields.text("param_name"),
            value=fields.number("param_value"),
            distribution=name,
            low=low,
            high=high,
            step=step,
            is_log=is_log,
            distribution_extra=as_json(left) if left else None,
            extra=fields.rest(),
        )


def _values(database: Database, source_file_id: int) -> Iterator[OptunaValue]:
    ordinal = 0
    for kind, table, prefix in (
        ("objective", "trial_values", ""),
        ("intermediate", "trial_intermediate_values", "intermediate_"),
    ):
        for _, fields in _records(database, table, table.removesuffix("s") + "_id"):
            ordinal += 1
            yield OptunaValue(
                source_file_id=source_file_id,
                ordinal=ordinal,
                trial_id=fields.integer("trial_id"),
                kind=kind,
                objective=fields.integer("objective"),
                step=fields.integer("step"),
                value=fields.number(f"{prefix}value"),
                value_type=fields.text(f"{prefix}value_type"),
                extra=fields.rest(),
            )


def _attrs(database: Database, source_file_id: int) -> Iterator[OptunaAttr]:
    ordinal = 0
    for owner in ("study", "trial"):
        for kind in ("user", "system"):
            table = f"{owner}_{kind}_attributes"
            for row, fields in _records(database, table, f"{owner}_{kind}_attribute_id"):
                ordinal += 1
                value, number = _json_value(row.get("value_json"))
                if value is not None:
                    fields.text("value_json")
                yield OptunaAttr(
                    source_file_id=source_file_id,
                    ordinal=ordinal,
                    owner=owner,
                    kind=kind,
                    study_id=fields.integer("study_id"),
                    trial_id=fields.integer("trial_id"),
                    key=fields.text("key"),
                    value=value,
                    number=number,
                    extra=fields.rest(),
                )


def _json_object(text: object) -> dict[str, Any]:
    value = _loaded(text)
    return value if isinstance(value, dict) and _json_value(text)[0] is not None else {}


def _json_value(text: object) -> tuple[Json | None, float | None]:
    """Text that is JSON as JSON, and as a number where it is one."""
    value = _loaded(text)
    if value is _NOT_JSON:
        return None, None
    try:
        return as_json(value), finite_number(value)
    except RecursionError:
        return None, None


_NOT_JSON: Any = object()


def _loaded(text: object) -> Any:
    if not isinstance(text, str):
        return _NOT_JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOT_JSON


FORMATS: tuple[Format, ...] = (
    Format(
        name="optuna",
        family="tuning",
        version=1,
        tables=(OptunaTrial, OptunaStudy, OptunaParam, OptunaValue, OptunaAttr, SqliteRow),
        recognises=recognises_optuna,
        read=read_sqlite,
        rows=rows_optuna,
        is_text=False,
    ),
    Format(
        name="sqlite",
        family="tuning",
        version=1,
        tables=(SqliteRow,),
        recognises=recognises_sqlite,
        read=read_sqlite,
        rows=rows_sqlite,
        is_text=False,
    ),
)
