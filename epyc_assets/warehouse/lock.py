"""The machine-wide lock that lets only one job measure at a time.

Belongs here: taking the lock, and saying who holds it. Does not belong here: the warehouse's own lock
(DuckDB's, see `connection.py`), and Dagster's pools, which do the queueing between runs but leak when a run
is killed.

It is a kernel lock (flock) on a file in a directory shared by all users and checkouts of the machine, since
two checkouts disturb each other's measurements as much as two runs. The kernel drops it when its holder
ends in whatever way. The file's content says who holds it; what a killed holder left there is never
believed without the lock.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import random
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from epyc_assets.warehouse.holder import Holder, from_note, this_process, to_note
from epyc_assets.warehouse.location import data_directory

LOCK_DIRECTORY_VARIABLE = "EPYC_LOCK_DIR"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class MachineBusy(OSError):
    """Another job is measuring on this machine; `holder` says which."""

    def __init__(self, message: str, holder: Holder) -> None:
        super().__init__(message)
        self.holder = holder


def lock_directory(directory: Path | None = None) -> Path:
    """Where lock files lie: `directory`, else $EPYC_LOCK_DIR, else epyc_assets_locks in the temporary folder.

    It is made if missing, open to all users (mode 1777, as the temporary folder itself).
    """
    configured = os.environ.get(LOCK_DIRECTORY_VARIABLE, "").strip()
    chosen = directory or (Path(configured) if configured else Path(tempfile.gettempdir()) / "epyc_assets_locks")
    if not chosen.is_dir():
        try:
            chosen.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(PermissionError):  # another user was quicker, and has done it
                chosen.chmod(0o1777)
        except OSError as error:
            raise OSError(
                error.errno,
                f"The folder for lock files {chosen} cannot be made: {error.strerror}. "
                f"Set {LOCK_DIRECTORY_VARIABLE} to a folder that every user of this machine can write to",
            ) from error
    return chosen


@contextlib.contextmanager
def measuring_lock(
    name: str = "machine", *, directory: Path | None = None, wait_s: float = 0.0, reason: str = "measuring"
) -> Iterator[Path]:
    """Hold the lock `name` while the block runs; waits up to `wait_s` seconds for another holder to end.

    Child processes do not inherit it. It cannot be taken twice, not even by the same process. Yields the
    lock file's path. Raises MachineBusy, naming the holder.
    """
    path = _lock_path(name, directory)
    descriptor = _opened(path)
    try:
        _take(descriptor, path, name, wait_s)
        note = to_note(this_process(f"{reason}, data in {data_directory(create=False)}")).encode()
        with contextlib.suppress(OSError):  # a full disk must not keep the machine from measuring
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, note, 0)
        try:
            yield path
        finally:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def lock_holder(name: str = "machine", *, directory: Path | None = None) -> Holder | None:
    """Who holds the lock now; None if nobody does. Takes nothing and waits for nothing."""
    path = _lock_path(name, directory)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # A shared lock is refused exactly while somebody holds the exclusive one.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _noted_holder(path)
    finally:
        os.close(descriptor)
    return None


def _lock_path(name: str, directory: Path | None) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a lock: use letters, digits, dots, dashes and underscores.")
    return lock_directory(directory) / f"{name}.lock"


def _opened(path: Path) -> int:
    # The file stays for good: removing it would let two processes lock two different files of one name.
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except PermissionError as error:
        raise PermissionError(
            error.errno,
            f"The lock file {path} belongs to another user and may not be written. Ask for `chmod 666` on "
            f"it, or set {LOCK_DIRECTORY_VARIABLE} (to the same folder for everyone who measures on this "
            f"machine)",
        ) from error
    with contextlib.suppress(PermissionError):
        os.fchmod(descriptor, 0o666)
    return descriptor


def _take(descriptor: int, path: Path, name: str, wait_s: float) -> None:
    end = time.monotonic() + wait_s
    pause_s = 0.02
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
                raise
        if time.monotonic() >= end:
            holder = _noted_holder(path)
            waited = f" for all of the {wait_s:.0f} s that this one waited" if wait_s else ""
            raise MachineBusy(
                f"Another job is measuring on this machine (lock {name}, {path}){waited}: "
                f"{holder.sentence()}. Two at once would spoil each other's figures. {holder.advice()}",
                holder,
            )
        time.sleep(min(random.uniform(0.5, 1.0) * pause_s, max(end - time.monotonic(), 0.001)))
        pause_s = min(pause_s * 1.5, 1.0)


def _noted_holder(path: Path) -> Holder:
    try:
        noted = from_note(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        noted = None
    return noted or Holder()
