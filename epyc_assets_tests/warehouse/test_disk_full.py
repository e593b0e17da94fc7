from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from epyc_assets.warehouse import Warehouse, WarehouseDiskFull
from epyc_assets_tests.warehouse import processes


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MB; needs the right to mount."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root; the file size limit test covers the rest")
    disk = tmp_path / "small"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def count(warehouse: Warehouse, *, live: bool) -> int:
    with warehouse.read(live=live) as connection:
        return connection.sql("SELECT count(*) FROM t").fetchall()[0][0]


def test_nothing_is_lost_when_the_disk_is_full(small_disk: Path) -> None:
    warehouse = Warehouse(small_disk / "epyc.duckdb")
    with warehouse.write("start") as connection:
        connection.execute("CREATE TABLE t (i BIGINT, noise VARCHAR)")
        connection.execute("INSERT INTO t SELECT i, sha256(i::VARCHAR) FROM range(10000) AS r(i)")
    insert = "INSERT INTO t SELECT i, sha256(random()::VARCHAR) FROM range(?) AS r(i)"

    with (
        pytest.raises(WarehouseDiskFull, match="no room") as caught,
        warehouse.write("too much") as connection,
    ):
        connection.execute(insert, [2_000_000])
    assert not caught.value.committed
    assert "Nothing of this write was kept" in str(caught.value)
    assert count(warehouse, live=False) == count(warehouse, live=True) == 10_000
    disk = os.statvfs(small_disk)
    assert disk.f_bavail > disk.f_blocks / 2, "the failed write does not keep the disk full"

    filler = small_disk / "filler"
    free_bytes = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    filler.write_bytes(bytes(free_bytes - 1_600_000))  # room for the rows, none for a second snapshot beside the first
    with (
        pytest.raises(WarehouseDiskFull, match="publishing") as caught,
        warehouse.write("just fits") as connection,
    ):
        connection.execute("INSERT INTO t VALUES (-1, 'kept')")
    assert caught.value.committed
    assert "safe in the warehouse" in str(caught.value)
    assert count(warehouse, live=False) == 10_000, "readers keep the old snapshot"
    assert count(warehouse, live=True) == 10_001
    assert not list(warehouse.snapshot_path.parent.glob(".*.tmp")), "the half copy does not go on taking room"

    filler.unlink()
    warehouse.publish()
    assert count(warehouse, live=False) == 10_001


LIMITED = """
    import json, resource, signal, sys
    from epyc_assets.warehouse import Warehouse, WarehouseDiskFull
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    warehouse = Warehouse(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    try:
        with warehouse.write("too large") as connection:
            connection.execute("INSERT INTO t SELECT i, sha256(i::VARCHAR) FROM range(500000) AS r(i)")
    except WarehouseDiskFull as error:
        print(json.dumps({"message": str(error), "committed": error.committed}))
"""


def test_a_file_size_limit_is_told_like_a_full_disk(warehouse: Warehouse) -> None:
    with warehouse.write("start") as connection:
        connection.execute("CREATE TABLE t (i BIGINT, noise VARCHAR)")
        connection.execute("INSERT INTO t VALUES (0, 'kept')")
    said = json.loads(processes.run(LIMITED, warehouse.path, warehouse.path.stat().st_size + 1_000_000))
    assert "no room" in said["message"]
    assert count(warehouse, live=False) == 1
    assert count(warehouse, live=True) == (500_001 if said["committed"] else 1)
    with warehouse.write("room again") as connection:
        connection.execute("INSERT INTO t VALUES (1, 'more')")
    assert count(warehouse, live=False) == (500_002 if said["committed"] else 2)
