"""Places to run the platform in."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from epyc_assets.defs.execution import SweepReport
from epyc_assets_tests.defs.place import Place, make_place, swept_place


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: object, record: object) -> None:
    """Dagster commits hundreds of times a run; no test here pulls the plug."""
    del record
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A new place, entered."""
    made = make_place(tmp_path / "place")
    made.enter(monkeypatch)
    return made


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, SweepReport]:
    """A place in which one sweep has run, and what it reported; not entered."""
    return swept_place(tmp_path_factory)


@pytest.fixture
def swept_copy(swept: tuple[Place, SweepReport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy of a swept place for a test that changes it, entered."""
    copied = swept[0].copy(tmp_path / "copy")
    copied.enter(monkeypatch)
    return copied
