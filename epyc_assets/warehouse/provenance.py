"""Who wrote a row: the stamp every table of facts carries.

Belongs here: the Provenance value and the names of its columns. Does not belong here: putting it into rows
(`rows.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

PROVENANCE_COMMENTS = {
    "dagster_run_id": "Dagster run that wrote the row.",
    "code_version": "Version of the code that wrote the row.",
    "written_at": "When the row was written (UTC).",
}
PROVENANCE_COLUMNS = tuple(PROVENANCE_COMMENTS)


@dataclass(frozen=True, slots=True)
class Provenance:
    """The Dagster run and the code version that write, and the moment (UTC, no zone attached)."""

    dagster_run_id: str
    code_version: str
    written_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))

    def __post_init__(self) -> None:
        if self.written_at.tzinfo is not None:
            object.__setattr__(self, "written_at", self.written_at.astimezone(UTC).replace(tzinfo=None))

    def values(self) -> dict[str, str | datetime]:
        """Column name to value, in the order of PROVENANCE_COLUMNS."""
        return {
            "dagster_run_id": self.dagster_run_id,
            "code_version": self.code_version,
            "written_at": self.written_at,
        }
