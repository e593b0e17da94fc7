"""The published snapshot: a copy of the warehouse that readers can keep open for days without blocking a
write.

Belongs here: copying the warehouse file consistently, replacing the published copy atomically, and the
small record beside it that says how recent it is. Does not belong here: when to publish (`connection.py`).

How the copy is kept consistent. The writer still has its connection open, and with it DuckDB's lock.
CHECKPOINT moves everything from the write-ahead log into the file and removes the log, so that the one file
is the whole database; then the file is copied, and only then the connection is closed. There is a trap on
that way: DuckDB locks with POSIX record locks, and a process loses all those on a file as soon as it closes
*any* descriptor of that file. So the descriptor the copy reads from is opened by the caller and must be
closed after the connection, not before; otherwise another writer could come in while this one still has the
file open. The same holds for any other code in a process that writes: never open and close the warehouse
file by hand (to hash it, say) while `Warehouse.write` is active.

The copy goes to a temporary file in the same folder, is synchronised to disk, and takes the place of the
old one with os.replace. Readers that have the old one open keep it (the inode lives on until the last one
closes it). On file systems with reflinks (XFS, Btrfs, bcachefs) the copy shares its blocks with the
warehouse and costs next to nothing. The snapshot is made read-only (mode 0444), since a client that opens
it for writing would lock the other readers out.

Which clients can open it. The warehouse is created with the storage version v1.2.0 (see STORAGE_VERSION),
and DuckDB keeps a file at the version it was made with. Tried: a file made so by DuckDB 2.0.0 with tables,
primary keys, checks, comments, macros, views, JSON, struct and list columns is read, and written, by DuckDB
1.2.2; without it 2.0.0 writes a format that 1.2.2 refuses ("we can only read versions between 64 and 65").
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

STORAGE_VERSION = "v1.2.0"

_FICLONE = 0x40049409  # linux/fs.h: share the blocks of another file
_CHUNK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Publication:
    """What the published snapshot holds: all writes up to and including `write_number`."""

    write_number: int
    published_at: str
    size_bytes: int
    method: str  # "reflink" or "copy"
    duration_s: float


def publish_snapshot(
    connection: duckdb.DuckDBPyConnection, source_descriptor: int, target: Path, write_number: int
) -> Publication:
    """Publish the warehouse that `connection` has open for writing, outside a transaction.

    `source_descriptor` is an open descriptor of the warehouse file; the caller closes it after the
    connection. Raises OSError or duckdb.Error (a full disk, most likely); the old snapshot is then still in
    place.
    """
    started = time.monotonic()
    connection.execute("CHECKPOINT")
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(target)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        try:
            method = _copy_contents(source_descriptor, descriptor)
            size_bytes = os.fstat(descriptor).st_size
            os.fchmod(descriptor, 0o444)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    publication = Publication(
        write_number=write_number,
        published_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        size_bytes=size_bytes,
        method=method,
        duration_s=round(time.monotonic() - started, 4),
    )
    _write_record(target, publication)
    _synchronise_folder(target.parent)
    return publication


def read_publication(target: Path) -> Publication | None:
    """What is published at `target`; None when nothing is, or when its record is missing or torn."""
    if not target.exists():
        return None
    try:
        return Publication(**json.loads(_record_path(target).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _record_path(target: Path) -> Path:
    return target.with_suffix(".json")


def _write_record(target: Path, publication: Publication) -> None:
    # Written after the snapshot: if this process dies in between, the record is too old, never too new.
    path = _record_path(target)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(asdict(publication)) + "\n", encoding="utf-8")
    temporary.replace(path)


def _remove_leftovers(target: Path) -> None:
    # Only the holder of the warehouse's lock gets here, so whatever is there was left by a killed process.
    for pattern in (f".{target.name}.*.tmp", f".{_record_path(target).name}.*.tmp"):
        for leftover in target.parent.glob(pattern):
            leftover.unlink(missing_ok=True)


def _copy_contents(source: int, target: int) -> str:
    """Copy a whole file between descriptors; returns how it was done."""
    try:
        fcntl.ioctl(target, _FICLONE, source)
        return "reflink"
    except OSError:
        pass  # this file system has none, or the two files are on different ones
    size_bytes = os.fstat(source).st_size
    offset = 0
    in_kernel = hasattr(os, "copy_file_range")
    while offset < size_bytes:
        wanted = min(_CHUNK_BYTES, size_bytes - offset)
        copied = 0
        if in_kernel:
            try:
                copied = os.copy_file_range(source, target, wanted, offset, offset)
            except OSError as error:
                if error.errno not in (
                    errno.EXDEV,
                    errno.ENOSYS,
                    errno.EOPNOTSUPP,
                    errno.EINVAL,
                    errno.EBADF,
                ):
                    raise
            if copied == 0:
                in_kernel = False
                continue
        else:
            copied = os.pwrite(target, os.pread(source, min(wanted, 1024 * 1024), offset), offset)
            if copied == 0:
                raise OSError(errno.EIO, "the warehouse file became shorter while it was copied")
        offset += copied
    return "copy"


def _synchronise_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every file system can; the files themselves are safe
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
