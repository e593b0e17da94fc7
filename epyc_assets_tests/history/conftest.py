"""What the tests of the importers share: the real record where it is there, and running one importer on bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from epyc_assets.history.content import Content, Place
from epyc_assets.history.formats import format_of
from epyc_assets.history.rows import Imported
from epyc_assets_tests.history.derived_record import derived_warehouse

CHECKOUT = Path(__file__).resolve().parents[2]


def record_root() -> Path | None:
    """The real record: EPYC_HISTORY_DIR, else shared/history beside the checkout; None where there is none."""
    named = os.environ.get("EPYC_HISTORY_DIR")
    places = [Path(named)] if named else [CHECKOUT.parent / "shared" / "history"]
    return next((place for place in places if (place / "benchmarks").is_dir()), None)


@pytest.fixture(scope="session")
def record() -> Path:
    """Root of the real record; the test is skipped where it is absent."""
    root = record_root()
    if root is None:
        pytest.skip("the real record is not here; set EPYC_HISTORY_DIR to its folder (the one with benchmarks/)")
    return root


@pytest.fixture(scope="session")
def real_record(record: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The real record in a warehouse in memory, its derived tables built. Takes ten seconds, so tests share it."""
    connection = derived_warehouse(record)
    yield connection
    connection.close()


def imported(data: bytes | str, path: str) -> tuple[str, Imported]:
    """Name of the format that was recognised, and what its importer made of the file."""
    content = Content(data.encode() if isinstance(data, str) else data)
    place = Place(path)
    found = format_of(content, place)
    return found.name, found.rows(found.read(content), place)


def files_of(root: Path, *patterns: str) -> Iterator[tuple[str, Path]]:
    """Path relative to the root, and the file, of all files that match one of the glob patterns, in path order."""
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path
