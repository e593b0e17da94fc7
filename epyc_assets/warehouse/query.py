"""Answering a person's SQL: run it, and write the result as table, JSON, CSV or Parquet.

Belongs here: what `epyc sql` does behind its options. Does not belong here: options and exit codes (`cli`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

import duckdb

from epyc_assets.warehouse.connection import Warehouse

if TYPE_CHECKING:
    import pyarrow

FORMATS = ("table", "json", "csv", "parquet")


class QueryFault(ValueError):
    """The SQL could not be run; the message is DuckDB's, with its hints."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of one query.

    Column names are distinct (a second `count` is `count_1`). `json_columns` are those of type JSON, text in
    `arrow`. `truncated`: there were more rows than the limit.
    """

    arrow: pyarrow.Table
    json_columns: frozenset[str] = frozenset()
    truncated: bool = False

    @property
    def columns(self) -> list[str]:
        return list(self.arrow.column_names)

    def __len__(self) -> int:
        return self.arrow.num_rows

    def records(self) -> list[dict[str, Any]]:
        """One dict per row, with Python's own types: datetime, int of any size, Decimal, list, dict."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows()]

    def rows(self) -> list[tuple[Any, ...]]:
        """As `records`, without the names."""
        return list(zip(*(self._values(name) for name in self.columns), strict=True))

    def _values(self, name: str) -> list[Any]:
        column = self.arrow.column(name)
        values = column.to_pylist(maps_as_pydicts="lossy")
        if name in self.json_columns:
            return [None if value is None else json.loads(value) for value in values]
        if getattr(column.type, "scale", None) == 0:  # HUGEINT, and so every sum of integers, comes as a decimal
            return [None if value is None else int(value) for value in values]
        return values


def run_query(
    sql: str, *, warehouse: Warehouse | None = None, live: bool = False, limit: int | None = None
) -> QueryResult:
    """Run one or more statements read-only; the result of the last one.

    Raises QueryFault for a mistake in the SQL or a statement that would change something, NothingPublished
    before the first write, and with `live` WarehouseLocked.
    """
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryFault(_readable(error)) from error
    if not statements:
        raise QueryFault("There is no SQL in the query. Try: SELECT * FROM model_summary")
    with (warehouse or Warehouse()).read(live=live) as connection:
        try:
            for statement in statements[:-1]:
                connection.execute(statement).fetchall()
            return _fetched(connection.sql(statements[-1]), limit)
        except duckdb.Error as error:
            raise QueryFault(_readable(error)) from error


def write_result(result: QueryResult, output_format: str, stream: IO[Any]) -> None:
    """Write to a stream: text for table, json and csv; binary for parquet.

    Raises ValueError for an unknown format.
    """
    if output_format == "table":
        stream.write(as_text_table(result))
    elif output_format == "json":
        stream.write(as_json(result))
    elif output_format == "csv":
        stream.write(as_csv(result))
    elif output_format == "parquet":
        import pyarrow.parquet as parquet

        parquet.write_table(result.arrow, stream)
    else:
        raise ValueError(f"Unknown format {output_format!r}; there are {', '.join(FORMATS)}.")


def write_result_file(result: QueryResult, output_format: str, path: Path) -> None:
    """As `write_result`, to a file."""
    if output_format == "parquet":
        with path.open("wb") as stream:
            write_result(result, output_format, stream)
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_result(result, output_format, stream)


def as_json(result: QueryResult) -> str:
    """A list of objects, one row a line. Timestamps ISO 8601 (UTC ones end in Z), NaN and infinity null,
    integers exact at any size, decimals as numbers with all their digits, lists and structs as they are."""
    rows = result.records()
    if not rows:
        return "[]\n"
    return "[\n" + ",\n".join(json_text(row) for row in rows) + "\n]\n"


def json_text(value: object) -> str:
    """One value of a query result as JSON text (see `as_json`)."""
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else "null"
    if isinstance(value, Mapping):
        fields = (f"{json.dumps(str(key), ensure_ascii=False)}: {json_text(part)}" for key, part in value.items())
        return "{" + ", ".join(fields) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(json_text(part) for part in value) + "]"
    return json.dumps(_plain(value), ensure_ascii=False)


def as_csv(result: QueryResult) -> str:
    """RFC 4180: CRLF line ends, fields with commas, quotes or line breaks quoted. NULL is an empty field,
    an empty string a quoted one; lists and structs are JSON."""
    lines = [",".join(_csv_field(name) for name in result.columns)]
    lines += [",".join(_csv_field(_cell(value, null=None)) for value in row) for row in result.rows()]
    return "\r\n".join(lines) + "\r\n"


def as_text_table(result: QueryResult, *, width_limit: int = 60) -> str:
    """Aligned columns for a terminal, numbers to the right, long cells cut; ends with the number of rows."""
    if not result.columns:
        return "(no result)\n"
    if result.columns == ["explain_key", "explain_value"]:  # a drawing, not a cell
        return "\n".join(str(plan) for _, plan in result.rows()) + "\n"
    headers = [_one_line(name, width_limit) for name in result.columns]
    rows = [[_one_line(_cell(value, null="NULL"), width_limit) for value in row] for row in result.rows()]
    cells = [[row[position] for row in rows] for position in range(len(headers))]
    widths = [max([len(header), *map(len, cell)]) for header, cell in zip(headers, cells, strict=True)]
    numeric = [_is_numeric(field.type) for field in result.arrow.schema]

    def line(parts: list[str]) -> str:
        padded = (
            part.rjust(width) if right else part.ljust(width)
            for part, width, right in zip(parts, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    lines = [line(headers), line(["─" * width for width in widths])]
    lines += [line(row) for row in rows]
    count = f"{len(result):,} row{'' if len(result) == 1 else 's'}"
    lines.append(f"({'the first ' if result.truncated else ''}{count}{'; there are more' if result.truncated else ''})")
    return "\n".join(lines) + "\n"


def _fetched(relation: duckdb.DuckDBPyRelation | None, limit: int | None) -> QueryResult:
    import pyarrow

    if relation is None:
        return QueryResult(pyarrow.table({}))
    kinds = [str(kind) for kind in relation.types]
    table = (relation if limit is None else relation.limit(limit + 1)).to_arrow_table()
    table = table.rename_columns(_distinct(table.column_names))
    for position, kind in enumerate(kinds):
        if kind == "INTERVAL":  # Parquet, JSON and people have no type for it
            texts = [_iso_duration(value) for value in table.column(position).to_pylist()]
            name = table.column_names[position]
            table = table.set_column(position, name, pyarrow.array(texts, pyarrow.string()))
    return QueryResult(
        table if limit is None else table.slice(0, limit),
        json_columns=frozenset(name for name, kind in zip(table.column_names, kinds, strict=True) if kind == "JSON"),
        truncated=limit is not None and table.num_rows > limit,
    )


def _iso_duration(value: Any) -> str | None:
    """A DuckDB interval (months, days, nanoseconds) as an ISO 8601 duration, e.g. P1M3DT1.5S."""
    if value is None:
        return None
    seconds = value.nanoseconds / 1e9
    parts = [f"{value.months}M" if value.months else "", f"{value.days}D" if value.days else ""]
    parts.append(f"T{seconds:.6f}".rstrip("0").rstrip(".") + "S" if seconds else "")
    return "P" + ("".join(parts) or "T0S")


def _distinct(names: list[str]) -> list[str]:
    seen: set[str] = set()
    result = []
    for name in names:
        candidate, number = name, 0
        while candidate in seen:
            number += 1
            candidate = f"{name}_{number}"
        seen.add(candidate)
        result.append(candidate)
    return result


def _plain(value: object) -> object:
    """A scalar in a form that JSON has."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, UUID | Decimal):
        return str(value)
    return str(value)


def _cell(value: object, *, null: str | None) -> str | None:
    if value is None:
        return null
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | Mapping):
        return json_text(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    return str(_plain(value))


def _csv_field(text: str | None) -> str:
    if text is None:
        return ""
    if text == "" or re.search(r'[",\r\n]', text) or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def _one_line(text: str | None, limit: int) -> str:
    flat = "".join(character if character.isprintable() else "·" for character in (text or ""))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _is_numeric(kind: pyarrow.DataType) -> bool:
    import pyarrow.types as types

    return types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)


def _readable(error: duckdb.Error) -> str:
    text = str(error).strip()
    if "attached in read-only mode" in text or "read-only" in text.lower():
        return (
            "This statement would change the warehouse, and SQL from a person only reads it. What changes "
            f"data materializes assets instead (see `epyc --help`). DuckDB says: {text}"
        )
    return text
