"""Facts about a row that depend on other files than its own: statements run after rows of the record changed.

Belongs here: running the files in `settling/`, in the order of their names. Does not belong here: the statements (one
file per fact), derived tables (derived.py).

A file holds UPDATE statements that may be run at any time and any number of times: they bring a column to what the
rows say now, and touch only rows where it is something else.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

SETTLING_DIRECTORY = Path(__file__).parent / "settling"


def settle(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Runs every file inside the caller's transaction; returns file stem to the number of rows it changed."""
    changed: dict[str, int] = {}
    for path in sorted(SETTLING_DIRECTORY.glob("*.sql")):
        changed[path.stem] = 0
        for statement in duckdb.extract_statements(path.read_text(encoding="utf-8")):
            rows = connection.execute(statement).fetchall()
            changed[path.stem] += int(rows[0][0]) if rows else 0
    return changed
