"""What can go wrong with the warehouse, in words for people, and telling DuckDB's errors apart.

Belongs here: the error classes and the functions that turn DuckDB's and the system's errors into them.
Does not belong here: deciding when to try again (`connection.py`).
"""

from __future__ import annotations

import errno
import re
import shutil
from pathlib import Path

import duckdb

from epyc_assets.warehouse.holder import Holder, from_note, look_up

LOCK_TIMEOUT_VARIABLE = "EPYC_LOCK_TIMEOUT_S"


class WarehouseError(OSError):
    """Something stands between the caller and the warehouse. The message is for people."""


class WarehouseLocked(WarehouseError):
    """Another process kept the warehouse open for longer than this one was willing to wait."""

    def __init__(self, message: str, holder: Holder) -> None:
        super().__init__(message)
        self.holder = holder


class WarehouseDiskFull(WarehouseError):
    """There was no room to write. `committed` says whether the rows of the write are in the warehouse."""

    def __init__(self, message: str, *, committed: bool) -> None:
        super().__init__(message)
        self.committed = committed


class WarehouseUnreadable(WarehouseError):
    """The file exists but is damaged, not a DuckDB file, from a newer DuckDB, or may not be opened."""


class NothingPublished(WarehouseError):
    """There is no snapshot to read yet."""


def is_lock_conflict(error: BaseException) -> bool:
    """Whether DuckDB refused to open the file because another process has it open."""
    return isinstance(error, duckdb.IOException) and "could not set lock" in str(error).lower()


def is_disk_full(error: BaseException | None) -> bool:
    """Whether the error, or one it came from, says that there is no room left (disk, quota or file size
    limit).
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return True
        text = str(error).lower()
        if isinstance(error, duckdb.Error) and any(
            sign in text
            for sign in (
                "no space left on device",
                "disk quota exceeded",
                "file too large",
                "could not write all bytes",
            )
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


def holder_of_conflict(error: BaseException, note_text: str | None) -> Holder:
    """Who holds the lock: from DuckDB's message (it names a process id), the holder's own note, and the
    system.
    """
    noted = from_note(note_text) if note_text else None
    match = re.search(r"\(?PID (\d+)", str(error))
    process_id = int(match[1]) if match else 0
    if process_id <= 0:  # the lock is held on another machine, or in another container
        return noted if noted is not None else Holder()
    if noted is not None and noted.process_id == process_id and noted.state != "gone":
        return noted
    return look_up(process_id)


def locked(path: Path, holder: Holder, waited_s: float, *, writing: bool) -> WarehouseLocked:
    purpose = "written to" if writing else "read live"
    way_round = (
        "" if writing else " Or read the published snapshot, which never waits (leave out --live, or live=True)."
    )
    return WarehouseLocked(
        f"The warehouse {path} could not be {purpose}: it was held by another process for all of the "
        f"{waited_s:.0f} s that this one waited. Held by {holder.sentence()}. {holder.advice()} To wait "
        f"longer, set {LOCK_TIMEOUT_VARIABLE} (seconds).{way_round}",
        holder,
    )


def snapshot_locked(path: Path, holder: Holder) -> WarehouseLocked:
    return WarehouseLocked(
        f"The snapshot {path} could not be read because {holder.sentence()} has it open for writing. "
        "The snapshot is for reading: open it read-only (`duckdb -readonly`, or read_only=True). "
        f"{holder.advice()}",
        holder,
    )


def disk_full(path: Path, error: BaseException, *, stage: str, committed: bool) -> WarehouseDiskFull:
    try:
        free_bytes = shutil.disk_usage(path.parent).free
        room = f" ({free_bytes / 1e6:,.1f} MB free on that disk now)"
    except OSError:
        room = ""
    fate = (
        "The rows of this write are safe in the warehouse; readers keep the previous snapshot until the next "
        "write, or until the snapshot is published again."
        if committed
        else "Nothing of this write was kept; the warehouse and the published snapshot are as before."
    )
    return WarehouseDiskFull(
        f"There was no room on the disk while {stage} {path}{room}. {fate} Free some space, or set "
        f"EPYC_DATA_DIR to a folder on a larger disk, and run it again. The system says: {error}",
        committed=committed,
    )


def unreadable(path: Path, error: BaseException, *, snapshot: bool) -> WarehouseUnreadable:
    """The clearest message for an open that failed other than by a lock or a full disk."""
    text = str(error)
    lower = text.lower()
    what = "snapshot" if snapshot else "warehouse"
    if "permission denied" in lower:
        return WarehouseUnreadable(
            f"The {what} {path} may not be opened by this user. Give yourself the right to, or set "
            f"EPYC_DATA_DIR to a folder of your own. DuckDB says: {text}"
        )
    if "newer version of duckdb" in lower or "but we can only read versions" in lower:
        return WarehouseUnreadable(
            f"The {what} {path} was written by a newer DuckDB ({duckdb.__version__} is installed here). "
            f"Update DuckDB, or set EPYC_DATA_DIR to another folder. DuckDB says: {text}"
        )
    remedy = (
        "It is only a copy: move it away; the next write publishes a new one."
        if snapshot
        else "Nothing has been changed in it. Move it away and copy the last snapshot "
        f"({path.parent / 'published' / path.name}, if it opens) into its place, or restore a backup; then "
        "materialize what is missing. Journals of sweeps are kept apart from it and can be loaded again."
    )
    return WarehouseUnreadable(
        f"The {what} {path} cannot be opened: it is damaged or is not a DuckDB file. {remedy} DuckDB says: {text}"
    )
