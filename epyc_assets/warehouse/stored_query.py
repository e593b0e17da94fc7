"""The platform's own queries: one SQL file each under queries/, run by name into a Polars frame.

Belongs here: finding and running them. Does not belong here: a person's SQL (query.py), derived tables.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import polars as pl

QUERIES_DIRECTORY = Path(__file__).parent / "queries"


def run_stored_query(
    connection: duckdb.DuckDBPyConnection, name: str, **parameters: str | int | float | None
) -> pl.DataFrame:
    """The rows of queries/NAME.sql, its $parameters filled in. Raises FileNotFoundError for a name that is none."""
    return connection.sql(_text(name), params=parameters or None).pl()


def stored_relation(connection: duckdb.DuckDBPyConnection, name: str) -> duckdb.DuckDBPyRelation:
    """queries/NAME.sql, not run yet: for results that are to go into a file instead of memory."""
    return connection.sql(_text(name))


@cache
def _text(name: str) -> str:
    return (QUERIES_DIRECTORY / f"{name}.sql").read_text(encoding="utf-8")
