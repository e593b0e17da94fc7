"""The read/write protocol: one short transaction to write, the published snapshot to read.

Belongs here: opening and closing DuckDB connections, waiting for the lock, transactions, and when to
publish. Does not belong here: what is written (`rows.py`, `derived.py`), how the snapshot is copied
(`snapshot.py`).

DuckDB lets one process have a file open for writing, and then lets no other process open it at all. So
nobody keeps a connection: compute first, then `with warehouse.write("load sweep") as connection:` for the
insert statements only. Whoever finds the file locked tries again, at random intervals that grow to half a
second, until a deadline (60 s, or EPYC_LOCK_TIMEOUT_S), and then says who holds it. Readers take the
snapshot and never meet the lock: `with warehouse.read() as connection:`.

Publishing. By default `write` returns only when a snapshot that holds its rows is published, so what reads
next, in any process, sees them. When copying takes its time (0.1 s and more) and several writers queue,
they share snapshots: a writer that sees others waiting for the lock leaves the copying to them and waits (2
s at most) until one of them has published; if none has, it publishes itself. Thus the guarantee holds, and
n queued writers make far fewer than n copies (32 writes by eight processes: 5 copies instead of 32). A
batch of writes can put it off altogether: `write(reason, publish=False)` and one `publish()` at the end.

Within one process, all access to one warehouse file takes turns too (threads wait for each other), and
readers attach the snapshot to a private in-memory database: DuckDB keeps one instance per path and process,
and would otherwise hand a new reader the *old* snapshot for as long as any earlier reader of that process
is open.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from epyc_assets.warehouse import faults
from epyc_assets.warehouse.holder import Holder, this_process, to_note
from epyc_assets.warehouse.location import snapshot_path_of, warehouse_path
from epyc_assets.warehouse.migration import apply_migrations
from epyc_assets.warehouse.provenance import Provenance
from epyc_assets.warehouse.snapshot import STORAGE_VERSION, Publication, publish_snapshot, read_publication
from epyc_assets.warehouse.turns import Deadline, gate_of

DEFAULT_LOCK_TIMEOUT_S = 60.0
CATALOG = "epyc"

_FIRST_WAIT_S = 0.01
_LONGEST_WAIT_S = 0.25
# Copying is left to others only where it costs something, and never for longer than this.
_COPY_WORTH_SHARING_S = 0.1
_LONGEST_POSTPONEMENT_S = 2.0
_MEMORY_SHARE = 0.25
_MEMORY_CEILING_BYTES = 16 * 1024**3
_THREAD_CEILING = 4
_FILE_HEADER_BYTES = 3 * 4096  # DuckDB's file format: one main and two database headers, then the blocks

_T = TypeVar("_T")


class Warehouse:
    """One DuckDB file and its snapshot. Cheap to make, holds nothing open, safe to share between threads.

    `path`: the file (default: epyc.duckdb in the data directory). `lock_timeout_s`: how long to wait for
    another process (default: EPYC_LOCK_TIMEOUT_S, else 60). `memory_limit_bytes`: what a connection may use
    before it spills to disk (default: a quarter of the machine, at most 16 GiB). `threads`: default at most
    4, so that a write does not disturb a measurement more than it must.
    """

    def __init__(
        self,
        path: Path | str | None = None,
        *,
        lock_timeout_s: float | None = None,
        memory_limit_bytes: int | None = None,
        threads: int | None = None,
    ) -> None:
        self.path = Path(path).resolve() if path is not None else warehouse_path()
        self.snapshot_path = snapshot_path_of(self.path)
        self.lock_timeout_s = _lock_timeout_s() if lock_timeout_s is None else lock_timeout_s
        self._memory_limit_bytes = memory_limit_bytes
        self._threads = threads

    def __repr__(self) -> str:
        return f"Warehouse({str(self.path)!r})"

    # Writing

    @contextlib.contextmanager
    def write(
        self, reason: str, *, publish: bool = True, provenance: Provenance | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction on the up-to-date schema: committed when the block ends, rolled back if it
        raises.

        Do not commit inside the block, and do nothing slow in it: everyone else waits. `reason` is shown to
        those who wait and kept in `warehouse_writes`. Raises WarehouseLocked, WarehouseDiskFull,
        WarehouseUnreadable, MigrationError.
        """
        with (
            contextlib.ExitStack() as after_closing,
            self._opened_for_writing(reason, will_publish=publish) as (connection, source_descriptor),
        ):
            stage, committed = "updating the schema of", False
            try:
                apply_migrations(connection)
                stage = "writing to"
                connection.execute("BEGIN TRANSACTION")
                yield connection
                write_number = _record_write(connection, reason, provenance)
                connection.execute("COMMIT")
                committed = True
                stage = "publishing a snapshot of"
                postponed = publish and self._others_will_publish(write_number)
                if publish and not postponed:
                    publish_snapshot(connection, source_descriptor(), self.snapshot_path, write_number)
            except BaseException as error:
                if not committed:
                    with contextlib.suppress(duckdb.Error):
                        connection.execute("ROLLBACK")
                if faults.is_disk_full(error):
                    after_closing.callback(self._give_back_room)
                    raise faults.disk_full(self.path, error, stage=stage, committed=committed) from error
                raise
        if postponed and not self._published_within(write_number, _LONGEST_POSTPONEMENT_S):
            self.publish()

    def publish(self) -> Publication | None:
        """Publish what has been committed so far. Does nothing if the snapshot already holds it all.

        Returns what is published now; None when there is no warehouse yet.
        """
        if not self.path.exists():
            return None
        with self._opened_for_writing("publishing the snapshot", will_publish=True) as (
            connection,
            source_descriptor,
        ):
            try:
                apply_migrations(connection)
                write_number = _last_write_number(connection)
                published = read_publication(self.snapshot_path)
                if published is not None and published.write_number == write_number:
                    return published
                return publish_snapshot(connection, source_descriptor(), self.snapshot_path, write_number)
            except (OSError, duckdb.Error) as error:
                if faults.is_disk_full(error):
                    stage = "publishing a snapshot of"
                    raise faults.disk_full(self.path, error, stage=stage, committed=True) from error
                raise

    def publication(self) -> Publication | None:
        """What the snapshot holds and since when; None when nothing is published."""
        return read_publication(self.snapshot_path)

    # Reading

    @contextlib.contextmanager
    def read(self, live: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection to the snapshot; with `live`, to the warehouse itself.

        The snapshot may stay open as long as you like. A live connection keeps every writer out: be quick.
        Raises NothingPublished, WarehouseUnreadable and, if live, WarehouseLocked.
        """
        if live:
            with self._opened_live() as connection:
                yield connection
            return
        if not self.snapshot_path.exists():
            hint = (
                " The warehouse has been written to, though: read it itself with `epyc sql --live`."
                if self.path.exists()
                else ""
            )
            raise faults.NothingPublished(
                f"Nothing has been published yet ({self.snapshot_path} does not exist). Run `epyc sweep` "
                f"(or `make demo`), or materialize an asset, to fill the warehouse.{hint}"
            )
        try:
            connection = self._attached_read_only(self.snapshot_path)
        except duckdb.Error as error:
            if faults.is_lock_conflict(error):
                raise faults.snapshot_locked(self.snapshot_path, faults.holder_of_conflict(error, None)) from error
            raise faults.unreadable(self.snapshot_path, error, snapshot=True) from error
        try:
            yield connection
        finally:
            connection.close()

    def lock_holder(self) -> Holder | None:
        """Who has the warehouse open for writing right now, as far as can be told without waiting; None if
        nobody.
        """
        if not self.path.exists():
            return None
        if gate_of(self.path).held:
            return this_process("")
        try:
            self._attached_read_only(self.path).close()
        except duckdb.Error as error:
            if faults.is_lock_conflict(error):
                return faults.holder_of_conflict(error, self._read_note())
        return None

    # Opening

    @contextlib.contextmanager
    def _opened_for_writing(
        self, reason: str, *, will_publish: bool
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, Callable[[], int]]]:
        """The open connection, and a function that opens a descriptor of the file which outlives the
        connection.
        """
        # Imported before the lock is taken, since everyone waits meanwhile: replace_rows needs it for its
        # frames.
        importlib.import_module("pyarrow")
        self._make_folder()
        self._create_if_missing()
        deadline = Deadline(self.lock_timeout_s)
        with gate_of(self.path).entered(self.path, deadline), contextlib.ExitStack() as after_closing:
            connection = self._patiently(
                lambda: duckdb.connect(str(self.path), config=self._writing_config()),
                deadline,
                writing=True,
                queue=will_publish,
            )
            try:
                self._leave_note(reason)

                def source_descriptor() -> int:
                    descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
                    # Closed after the connection: see the trap described in snapshot.py.
                    after_closing.callback(os.close, descriptor)
                    return descriptor

                _settle(connection)
                yield connection, source_descriptor
            finally:
                self._note_path().unlink(missing_ok=True)
                connection.close()

    @contextlib.contextmanager
    def _opened_live(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self.path.exists():
            raise faults.NothingPublished(
                f"There is no warehouse yet ({self.path} does not exist). Run `epyc sweep` (or `make demo`), or "
                f"materialize an asset."
            )
        deadline = Deadline(self.lock_timeout_s)
        with gate_of(self.path).entered(self.path, deadline):
            connection = self._patiently(
                lambda: self._attached_read_only(self.path), deadline, writing=False, queue=False
            )
            try:
                yield connection
            finally:
                connection.close()

    def _patiently(self, open_once: Callable[[], _T], deadline: Deadline, *, writing: bool, queue: bool) -> _T:
        """Call until the file is not locked: full jitter on a doubling wait, so that waiters do not march in
        step.
        """
        wait_s = _FIRST_WAIT_S
        with contextlib.ExitStack() as queued:
            waiting = False
            while True:
                try:
                    return open_once()
                except duckdb.Error as error:
                    if not faults.is_lock_conflict(error):
                        if faults.is_disk_full(error):
                            raise faults.disk_full(self.path, error, stage="opening", committed=False) from error
                        raise faults.unreadable(self.path, error, snapshot=False) from error
                    if deadline.remaining_s() <= 0:
                        holder = faults.holder_of_conflict(error, self._read_note())
                        raise faults.locked(self.path, holder, deadline.allowed_s, writing=writing) from error
                if queue and not waiting:
                    queued.enter_context(self._standing_in_queue())
                    waiting = True
                time.sleep(min(random.uniform(0.2, 1.0) * wait_s, max(deadline.remaining_s(), 0.001)))
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    def _attached_read_only(self, path: Path) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:", config=self._config())
        try:
            quoted = str(path).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS {CATALOG} (READ_ONLY)")
            connection.execute(f"USE {CATALOG}")
            _settle(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        memory_bytes = self._memory_limit_bytes or default_memory_limit_bytes()
        threads = self._threads or min(_THREAD_CEILING, os.cpu_count() or 1)
        return {
            "memory_limit": f"{memory_bytes // 1024**2} MiB",
            "threads": threads,
            # Nothing is downloaded behind the user's back.
            "autoinstall_known_extensions": False,
        }

    def _create_if_missing(self) -> None:
        """Make a new warehouse file in one step; killed in the middle, DuckDB leaves one that it then
        refuses.
        """
        if self.path.exists():
            return
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.{threading.get_ident()}.new")
        try:
            duckdb.connect(str(temporary), config=self._writing_config()).close()
            # Unlike a rename, a link does not replace what another process has made meanwhile.
            with contextlib.suppress(FileExistsError):
                os.link(temporary, self.path)
        except (OSError, duckdb.Error) as error:
            if faults.is_disk_full(error):
                raise faults.disk_full(self.path, error, stage="creating", committed=False) from error
            # No hard links on this file system, or no right to write: DuckDB makes the file itself, or says
            # why not.
        finally:
            temporary.unlink(missing_ok=True)

    def _give_back_room(self) -> None:
        """Cut off what a failed write left at the end of the file.

        DuckDB writes large inserts into the file before they are committed and keeps those blocks there
        after a rollback. On a full disk they would take the very room that the next write needs.
        """
        with (
            contextlib.suppress(OSError, duckdb.Error),
            self._opened_for_writing("giving back room", will_publish=False) as (connection, _),
        ):
            connection.execute("CHECKPOINT")
            log = self.path.with_name(self.path.name + ".wal")
            rows = connection.execute("SELECT total_blocks, block_size FROM pragma_database_size()").fetchall()
            used_bytes = _FILE_HEADER_BYTES + rows[0][0] * rows[0][1]
            if not log.exists() and rows[0][0] > 0 and self.path.stat().st_size > used_bytes:
                os.truncate(self.path, used_bytes)

    def _writing_config(self) -> dict[str, str | bool | int | float | list[str]]:
        return {**self._config(), "storage_compatibility_version": STORAGE_VERSION}

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise faults.WarehouseError(
                f"The folder {self.path.parent} for the warehouse cannot be created: {error.strerror}. "
                f"Set EPYC_DATA_DIR to a folder that you may write to."
            ) from error

    # Others

    def _note_path(self) -> Path:
        return self.path.with_name(self.path.name + ".holder.json")

    def _leave_note(self, reason: str) -> None:
        with contextlib.suppress(OSError):  # the note is a courtesy; a full disk shows soon enough
            self._note_path().write_text(to_note(this_process(reason)), encoding="utf-8")

    def _read_note(self) -> str | None:
        try:
            return self._note_path().read_text(encoding="utf-8")
        except OSError:
            return None

    def _queue_path(self) -> Path:
        return self.path.with_name(self.path.name + ".queue")

    @contextlib.contextmanager
    def _standing_in_queue(self) -> Iterator[None]:
        """Shows writers that this one waits and will publish: a shared lock, which the kernel drops if we
        die.
        """
        descriptor = os.open(self._queue_path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)

    def _anyone_in_queue(self) -> bool:
        try:
            descriptor = os.open(self._queue_path(), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _others_will_publish(self, write_number: int) -> bool:
        published = read_publication(self.snapshot_path)
        if published is None or published.write_number >= write_number:
            return False  # a higher number: the warehouse was put back to an older state
        if published.duration_s < _COPY_WORTH_SHARING_S:
            return False
        age_s = (datetime.now(UTC) - datetime.fromisoformat(published.published_at)).total_seconds()
        return 0 <= age_s < _LONGEST_POSTPONEMENT_S + published.duration_s and self._anyone_in_queue()

    def _published_within(self, write_number: int, wait_s: float) -> bool:
        deadline = Deadline(wait_s)
        while deadline.remaining_s() > 0:
            published = read_publication(self.snapshot_path)
            if published is not None and published.write_number >= write_number:
                return True
            time.sleep(0.02)
        return False


def default_memory_limit_bytes() -> int:
    """A quarter of the machine's memory, at most 16 GiB."""
    total_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(int(total_bytes * _MEMORY_SHARE), _MEMORY_CEILING_BYTES)


def _lock_timeout_s() -> float:
    text = os.environ.get(faults.LOCK_TIMEOUT_VARIABLE, "").strip()
    if not text:
        return DEFAULT_LOCK_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ValueError(
            f"{faults.LOCK_TIMEOUT_VARIABLE} is {text!r}; it must be a number of seconds, for example 120."
        )
    return seconds


def _settle(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    # It is drawn on standard output once a statement takes seconds, in the middle of what a command prints there.
    connection.execute("SET enable_progress_bar = false")


def _last_write_number(connection: duckdb.DuckDBPyConnection) -> int:
    rows = connection.execute("SELECT coalesce(max(write_number), 0) FROM warehouse_writes").fetchall()
    return int(rows[0][0])


def _record_write(connection: duckdb.DuckDBPyConnection, reason: str, provenance: Provenance | None) -> int:
    me = this_process(reason)
    write_number = _last_write_number(connection) + 1
    connection.execute(
        "INSERT INTO warehouse_writes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            write_number,
            reason,
            me.process_id,
            me.host_name,
            me.command or "",
            provenance.dagster_run_id if provenance else None,
            provenance.code_version if provenance else None,
            datetime.now(UTC).replace(tzinfo=None),
        ],
    )
    return write_number
