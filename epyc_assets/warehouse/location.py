"""Where the platform keeps what it writes.

Belongs here: the data directory and the names of the files and folders in it.
Does not belong here: opening or creating anything inside those folders (each owner does that itself).
"""

from __future__ import annotations

import os
from pathlib import Path

DATA_DIRECTORY_VARIABLE = "EPYC_DATA_DIR"
DATASETS_DIRECTORY_VARIABLE = "EPYC_DATASETS_DIR"


class DataDirectoryUnusable(OSError):
    """The data directory cannot be created or written to; the message says which one and what to do."""


def checkout_root() -> Path:
    """The folder that holds `pyproject.toml` and `epyc_assets/`: the checkout this package runs from.

    A package installed without a checkout around it has none; then it is the current working directory.
    """
    for folder in Path(__file__).resolve().parents:
        if (folder / "pyproject.toml").is_file() and (folder / "epyc_assets").is_dir():
            return folder
    return Path.cwd()


def data_directory(*, create: bool = True) -> Path:
    """The folder for everything the platform writes: `$EPYC_DATA_DIR`, else `data/var` of the checkout.

    With `create` it exists afterwards. Raises DataDirectoryUnusable if it cannot be made.
    """
    configured = os.environ.get(DATA_DIRECTORY_VARIABLE, "").strip()
    directory = Path(configured).expanduser().resolve() if configured else checkout_root() / "data" / "var"
    if create:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(directory, error.strerror or str(error)) from error
        if not os.access(directory, os.W_OK | os.X_OK):
            raise _unusable(directory, "this user may not write there")
    return directory


def _unusable(directory: Path, reason: str) -> DataDirectoryUnusable:
    origin = (
        f"it comes from the environment variable {DATA_DIRECTORY_VARIABLE}"
        if os.environ.get(DATA_DIRECTORY_VARIABLE, "").strip()
        else "it is the default, data/var of the checkout"
    )
    return DataDirectoryUnusable(
        f"The data directory {directory} cannot be used: {reason} ({origin}). "
        f"Set {DATA_DIRECTORY_VARIABLE} to a folder on a disk with room that you may write to."
    )


def warehouse_path() -> Path:
    """The DuckDB file that holds all facts. Only one process at a time can have it open for writing."""
    return data_directory() / "epyc.duckdb"


def snapshot_path() -> Path:
    """The published read-only copy of the warehouse, for SQL clients, notebooks and plots."""
    return snapshot_path_of(warehouse_path())


def snapshot_path_of(warehouse: Path) -> Path:
    """Where the snapshot of the given warehouse file is published."""
    return warehouse.parent / "published" / warehouse.name


def journal_directory() -> Path:
    """Append-only journals of sweeps, loaded into the warehouse afterwards."""
    return _folder("journal")


def model_directory() -> Path:
    """Model files that were added from outside the model roots, as links."""
    return _folder("models")


def dagster_home() -> Path:
    """Dagster's own runs, events and schedules (DAGSTER_HOME)."""
    return _folder("dagster")


def index_directory() -> Path:
    """Search indexes."""
    return _folder("indexes")


def router_directory() -> Path:
    """Trained routers."""
    return _folder("routers")


def datasets_directory() -> Path:
    """Local copies of public question sets, a folder each: `$EPYC_DATASETS_DIR`, else `datasets` in the data directory.

    A person puts them there; it need not exist.
    """
    configured = os.environ.get(DATASETS_DIRECTORY_VARIABLE, "").strip()
    return Path(configured).expanduser().resolve() if configured else data_directory(create=False) / "datasets"


def report_directory() -> Path:
    """Rendered reports and plots."""
    return _folder("reports")


def cache_directory() -> Path:
    """What can be deleted at any time and is computed again when needed."""
    return _folder("cache")


def _folder(name: str) -> Path:
    folder = data_directory() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error.strerror or str(error)) from error
    return folder
