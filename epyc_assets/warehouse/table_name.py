"""Which table is meant: a schema and a bare name, since two schemas may each have a table of the same name.

Belongs here: reading and writing such names. Does not belong here: what a table has in it (`rows.py`,
`schema_docs.py`).

A name is written `history.model_summary`; tables of DuckDB's own schema `main` go by their bare name.
"""

from __future__ import annotations

from dataclasses import dataclass

MAIN_SCHEMA = "main"


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table or view: `str()` is its qualified name, bare in main."""

    schema: str
    name: str

    @classmethod
    def parse(cls, text: str) -> TableName:
        """From `table` or `schema.table`. Raises ValueError for more parts, or an empty one."""
        schema, dot, name = text.rpartition(".")
        if not name or (dot and not schema) or "." in schema:
            raise ValueError(f"{text!r} names no table; write `table` or `schema.table`.")
        return cls(schema or MAIN_SCHEMA, name)

    def __str__(self) -> str:
        return self.name if self.schema == MAIN_SCHEMA else f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        """As it stands in SQL."""
        return quoted(self.name) if self.schema == MAIN_SCHEMA else f"{quoted(self.schema)}.{quoted(self.name)}"


def quoted(name: str) -> str:
    """One identifier as it stands in SQL."""
    return '"' + name.replace('"', '""') + '"'
