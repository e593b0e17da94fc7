from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path

import duckdb
import pytest

from epyc_assets.warehouse import (
    NothingPublished,
    Provenance,
    Warehouse,
    WarehouseError,
    WarehouseLocked,
    WarehouseUnreadable,
)
from epyc_assets.warehouse.faults import holder_of_conflict
from epyc_assets_tests.warehouse import processes

HOLD = """
    import sys
    from epyc_assets.warehouse import Warehouse
    with Warehouse(sys.argv[1]).write("loading the night's sweep") as connection:
        print("ready")
        sys.stdin.read()
"""


def rows(warehouse: Warehouse, table: str = "t", *, live: bool = False) -> list[tuple[object, ...]]:
    with warehouse.read(live=live) as connection:
        return connection.sql(f"SELECT * FROM {table} ORDER BY ALL").fetchall()


def test_a_write_is_published_and_logged(unmade_warehouse: Warehouse, provenance: Provenance) -> None:
    with unmade_warehouse.write("first facts", provenance=provenance) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    assert rows(unmade_warehouse) == [(1,)]
    with unmade_warehouse.read() as connection:
        log = connection.sql("SELECT write_number, reason, process_id, dagster_run_id FROM warehouse_writes").fetchall()
    assert log == [(1, "first facts", os.getpid(), "run-1")]
    publication = unmade_warehouse.publication()
    assert publication is not None
    assert publication.write_number == 1
    assert publication.size_bytes == unmade_warehouse.snapshot_path.stat().st_size


def test_older_clients_can_open_the_snapshot(warehouse: Warehouse) -> None:
    """DuckDB 1.2 reads storage version v1.2.0; what DuckDB 2 writes by default it does not."""
    with warehouse.write("start"):
        pass
    with duckdb.connect(str(warehouse.snapshot_path), read_only=True) as client:
        tags = client.sql("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
    assert tags == [({"storage_version": "v1.2.0+"},)]


def test_an_error_in_the_block_undoes_the_write(warehouse: Warehouse) -> None:
    with warehouse.write("good") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    with pytest.raises(RuntimeError, match="my own"), warehouse.write("bad") as connection:  # noqa: PT012
        connection.execute("INSERT INTO t VALUES (2)")
        raise RuntimeError("my own")
    assert rows(warehouse) == rows(warehouse, live=True) == [(1,)]
    with warehouse.write("the connection was given back") as connection:
        connection.execute("INSERT INTO t VALUES (3)")
    assert rows(warehouse) == [(1,), (3,)]


def test_nothing_published_yet_says_what_to_do(unmade_warehouse: Warehouse) -> None:
    for live in (False, True):
        with pytest.raises(NothingPublished, match="make demo"), unmade_warehouse.read(live=live):
            pass
    with unmade_warehouse.write("kept back", publish=False):
        pass
    with pytest.raises(NothingPublished, match="--live"), unmade_warehouse.read():
        pass


def test_publishing_can_be_put_off(warehouse: Warehouse) -> None:
    with warehouse.write("published") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    for number in (2, 3):
        with warehouse.write("in a batch", publish=False) as connection:
            connection.execute("INSERT INTO t VALUES (?)", [number])
    assert rows(warehouse) == [(1,)]
    assert rows(warehouse, live=True) == [(1,), (2,), (3,)]
    published = warehouse.publish()
    assert rows(warehouse) == [(1,), (2,), (3,)]
    assert warehouse.publish() == published, "publishing again does nothing"


def test_readers_keep_their_snapshot_and_new_ones_see_the_new(warehouse: Warehouse) -> None:
    with warehouse.write("one") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    with warehouse.read() as old:
        with warehouse.write("two") as connection:
            connection.execute("INSERT INTO t VALUES (2)")
        assert old.sql("SELECT count(*) FROM t").fetchall() == [(1,)]
        assert rows(warehouse) == [(1,), (2,)], "not the instance that the open reader has"


@pytest.mark.parametrize("live", [False, True])
def test_reading_changes_nothing(warehouse: Warehouse, live: bool) -> None:
    with warehouse.write("one") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    with warehouse.read(live=live) as connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("INSERT INTO t VALUES (2)")


def test_timestamps_are_utc_whatever_the_machine_thinks(warehouse: Warehouse) -> None:
    with warehouse.write("times") as connection:
        connection.execute("CREATE TABLE t AS SELECT TIMESTAMPTZ '2025-06-01 12:00:00+02'::TIMESTAMP AS seen_at")
    with warehouse.read() as connection:
        assert connection.sql("SELECT seen_at::VARCHAR FROM t").fetchall() == [("2025-06-01 10:00:00",)]


def test_locked_by_a_living_process_names_it(warehouse: Warehouse) -> None:
    with warehouse.write("start") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    holder = processes.start(HOLD, warehouse.path)
    try:
        processes.wait_for(holder, "ready")
        impatient = Warehouse(warehouse.path, lock_timeout_s=0.2)
        with pytest.raises(WarehouseLocked) as caught, impatient.write("in vain"):
            pass
        message = str(caught.value)
        for part in (
            str(holder.pid),
            "loading the night's sweep",
            "is alive",
            f"kill {holder.pid}",
            "EPYC_LOCK_TIMEOUT_S",
        ):
            assert part in message
        assert caught.value.holder.process_id == holder.pid
        with pytest.raises(WarehouseLocked, match="snapshot"), impatient.read(live=True):
            pass
        assert rows(impatient) == [(1,)], "the snapshot is read all the while"
        seen = impatient.lock_holder()
        assert seen is not None
        assert seen.process_id == holder.pid

        holder.send_signal(signal.SIGSTOP)
        for _ in range(100):
            with pytest.raises(WarehouseLocked) as caught, impatient.write("in vain"):
                pass
            if caught.value.holder.state == "stopped":
                break
        assert f"kill -CONT {holder.pid}" in str(caught.value)
    finally:
        processes.end(holder)
    with impatient.write("the kernel has freed it"):
        pass
    assert impatient.lock_holder() is None


def test_a_foreign_client_is_named_too(warehouse: Warehouse) -> None:
    with warehouse.write("start"):
        pass
    client = "import duckdb, sys\nc = duckdb.connect(sys.argv[1])\nprint('ready')\nsys.stdin.read()"
    holder = processes.start(client, warehouse.path)
    try:
        processes.wait_for(holder, "ready")
        impatient = Warehouse(warehouse.path, lock_timeout_s=0.1)
        named = f"process {holder.pid}.*python.*started.*alive"
        with pytest.raises(WarehouseLocked, match=named), impatient.write("in vain"):
            pass
    finally:
        processes.end(holder)


def conflict(process_id: int) -> duckdb.IOException:
    return duckdb.IOException(
        f'IO Error: Could not set lock on file "/x": Conflicting lock is held in PID {process_id}. See also'
    )


def test_a_holder_that_is_dead_or_elsewhere() -> None:
    ended = processes.start("")
    ended.communicate()
    gone = holder_of_conflict(conflict(ended.pid), None)
    assert gone.state == "gone"
    assert "no such process" in gone.sentence()
    assert "container" in gone.advice()

    note = f'{{"process_id": {ended.pid}, "host_name": "another-host", "since": "2025-01-01T00:00:00+00:00"}}'
    elsewhere = holder_of_conflict(conflict(ended.pid), note)
    assert elsewhere.state == "elsewhere"
    assert "another-host" in elsewhere.sentence() + elsewhere.advice()

    unknown = holder_of_conflict(conflict(0), None)
    assert "could not be identified" in unknown.sentence()
    assert "lsof" in unknown.advice()


def test_a_reused_process_id_is_not_taken_for_the_holder() -> None:
    note = f'{{"process_id": {os.getpid()}, "process_started_at": "2001-01-01T00:00:00+00:00", "reason": "old"}}'
    holder = holder_of_conflict(conflict(os.getpid()), note)
    assert holder.state == "running"
    assert holder.reason is None, "the note is by an earlier process of that number"


def test_waiting_ends_as_soon_as_the_holder_does(warehouse: Warehouse) -> None:
    with warehouse.write("start"):
        pass
    holder = processes.start(HOLD, warehouse.path)
    try:
        processes.wait_for(holder, "ready")
        assert holder.stdin is not None
        threading.Timer(0.3, holder.stdin.close).start()
        with warehouse.write("after the other") as connection:
            reasons = connection.sql("SELECT reason FROM warehouse_writes ORDER BY write_number").fetchall()
        assert reasons[-1] == ("loading the night's sweep",)
    finally:
        processes.end(holder)


def test_the_timeout_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPYC_LOCK_TIMEOUT_S", "7.5")
    assert Warehouse(tmp_path / "x").lock_timeout_s == 7.5
    monkeypatch.setenv("EPYC_LOCK_TIMEOUT_S", "soon")
    with pytest.raises(ValueError, match="EPYC_LOCK_TIMEOUT_S is 'soon'"):
        Warehouse(tmp_path / "x")


def test_a_write_inside_a_write_is_refused_at_once(warehouse: Warehouse) -> None:
    started = time.monotonic()
    with warehouse.write("outer") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
        with pytest.raises(WarehouseError, match="inside another"), warehouse.write("inner"):
            pass
    assert time.monotonic() - started < warehouse.lock_timeout_s / 2
    assert rows(warehouse) == [(1,)]


def test_threads_take_turns(warehouse: Warehouse) -> None:
    with warehouse.write("start") as connection:
        connection.execute("CREATE TABLE t (i INTEGER PRIMARY KEY)")
    errors: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 3):
                with warehouse.write(f"{number}") as connection:
                    connection.execute("INSERT INTO t VALUES (?)", [number])
                with warehouse.read(live=number % 2 == 0) as connection:
                    assert (number,) in connection.sql("SELECT i FROM t").fetchall()
        except BaseException as error:  # noqa: BLE001 - a thread's error must reach the test
            errors.append(error)

    threads = [threading.Thread(target=work, args=(10 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(rows(warehouse)) == 12


@pytest.mark.parametrize("content", [b"", b"hello", b"hello" * 5000, bytes(4096) + b"DUCK" * 2000])
def test_a_file_that_is_no_warehouse(unmade_warehouse: Warehouse, content: bytes) -> None:
    unmade_warehouse.path.parent.mkdir()
    unmade_warehouse.path.write_bytes(content)
    with (
        pytest.raises(WarehouseUnreadable, match=r"not a DuckDB file.*last snapshot"),
        unmade_warehouse.write("in vain"),
    ):
        pass
    assert unmade_warehouse.path.read_bytes() == content


def test_a_damaged_warehouse_or_snapshot_is_explained(warehouse: Warehouse) -> None:
    with warehouse.write("start") as connection:
        connection.execute("CREATE TABLE t AS SELECT i, hash(i) AS h FROM range(200000) AS r(i)")
    warehouse.snapshot_path.chmod(0o644)
    for path in (warehouse.path, warehouse.snapshot_path):
        content = bytearray(path.read_bytes())
        content[4096:12288] = os.urandom(8192)  # both headers
        path.write_bytes(content)
    with pytest.raises(WarehouseUnreadable, match="Nothing has been changed"), warehouse.write("in vain"):
        pass
    with pytest.raises(WarehouseUnreadable, match="only a copy"), warehouse.read():
        pass


KILLED = """
    import sys, os, signal
    from epyc_assets.warehouse import Warehouse
    warehouse = Warehouse(sys.argv[1])
    moment = sys.argv[2]
    if moment == "committed":
        with warehouse.write("committed, not published", publish=False) as connection:
            connection.execute("INSERT INTO t SELECT 100 + i FROM range(1000) AS r(i)")
            connection.execute("COMMIT")  # dies before closing the connection would merge the log into the file
            os.kill(os.getpid(), signal.SIGKILL)
    with warehouse.write("never to be committed") as connection:
        connection.execute("INSERT INTO t SELECT 100000 + i FROM range(50000) AS r(i)")
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("moment", "expected"), [("committed", 1001), ("open transaction", 1)])
def test_a_killed_writer_leaves_whole_writes_only(warehouse: Warehouse, moment: str, expected: int) -> None:
    with warehouse.write("start") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1::BIGINT AS i")
    killed = processes.start(KILLED, warehouse.path, moment)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert warehouse.path.with_name("epyc.duckdb.wal").exists() == (moment == "committed")
    assert rows(warehouse) == [(1,)], "the snapshot is untouched"
    assert len(rows(warehouse, live=True)) == expected, "a live reader takes in the log"
    with warehouse.write("the next one") as connection:
        connection.execute("INSERT INTO t VALUES (-1)")
    assert len(rows(warehouse)) == expected + 1
    assert not re.findall(r"\.tmp", " ".join(path.name for path in warehouse.snapshot_path.parent.iterdir()))


def test_a_leftover_of_a_killed_publisher_is_swept_away(warehouse: Warehouse) -> None:
    with warehouse.write("start"):
        pass
    leftover = warehouse.snapshot_path.parent / ".epyc.duckdb.12345.tmp"
    leftover.write_bytes(b"half a copy")
    with warehouse.write("next"):
        pass
    assert not leftover.exists()


def test_a_snapshot_opened_for_writing_by_somebody_is_explained(warehouse: Warehouse) -> None:
    with warehouse.write("start"):
        pass
    assert warehouse.snapshot_path.stat().st_mode & 0o777 == 0o444
    warehouse.snapshot_path.chmod(0o644)
    client = "import duckdb, sys\nc = duckdb.connect(sys.argv[1])\nprint('ready')\nsys.stdin.read()"
    holder = processes.start(client, warehouse.snapshot_path)
    try:
        processes.wait_for(holder, "ready")
        with pytest.raises(WarehouseLocked, match=f"process {holder.pid}.*read-only"), warehouse.read():
            pass
    finally:
        processes.end(holder)
