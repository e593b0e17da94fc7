from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from epyc_assets.warehouse.lock import MachineBusy, lock_directory, lock_holder, measuring_lock
from epyc_assets_tests.warehouse import processes

MEASURE = """
    import sys
    from pathlib import Path
    from epyc_assets.warehouse.lock import measuring_lock
    with measuring_lock(directory=Path(sys.argv[1]), reason="sweep of fleet demo"):
        print("ready")
        sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def own_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPYC_DATA_DIR", str(tmp_path / "var"))


def test_one_at_a_time_and_the_holder_is_named(tmp_path: Path) -> None:
    locks = tmp_path / "locks"
    assert lock_holder(directory=locks) is None
    holder = processes.start(MEASURE, locks)
    try:
        processes.wait_for(holder, "ready")
        with pytest.raises(MachineBusy) as caught, measuring_lock(directory=locks):
            pass
        for part in (
            str(holder.pid),
            "sweep of fleet demo",
            str(tmp_path / "var"),
            "alive",
            f"kill {holder.pid}",
        ):
            assert part in str(caught.value)
        seen = lock_holder(directory=locks)
        assert seen is not None
        assert (seen.process_id, seen.state) == (holder.pid, "running")
        with measuring_lock("another_machine_part", directory=locks):
            pass

        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert lock_holder(directory=locks) is None, "what the killed one left in the file is not believed"
        with measuring_lock(directory=locks, wait_s=10):
            seen = lock_holder(directory=locks)
            assert seen is not None
            assert seen.process_id == os.getpid()
    finally:
        processes.end(holder)
    assert lock_holder(directory=locks) is None


def test_it_waits_for_the_holder_to_end(tmp_path: Path) -> None:
    holder = processes.start(MEASURE, tmp_path)
    try:
        processes.wait_for(holder, "ready")
        started = time.monotonic()
        with pytest.raises(MachineBusy, match="waited"), measuring_lock(directory=tmp_path, wait_s=0.3):
            pass
        assert time.monotonic() - started >= 0.3
        assert holder.stdin is not None
        holder.stdin.close()
        with measuring_lock(directory=tmp_path, wait_s=30):
            pass
    finally:
        processes.end(holder)


def test_it_is_not_taken_twice_by_one_process_and_freed_by_errors(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="mine"), measuring_lock(directory=tmp_path):  # noqa: PT012
        with pytest.raises(MachineBusy), measuring_lock(directory=tmp_path):
            pass
        raise RuntimeError("mine")
    with measuring_lock(directory=tmp_path):
        pass


def test_child_processes_do_not_keep_it(tmp_path: Path) -> None:
    with measuring_lock(directory=tmp_path):
        child = processes.start("import sys; print('ready'); sys.stdin.read()")
        processes.wait_for(child, "ready")
    try:
        with measuring_lock(directory=tmp_path):
            pass
    finally:
        processes.end(child)


@pytest.mark.parametrize("rubbish", [b"", b"\xff\xfe{", b"{}", b'{"process_id": "x"}', b'{"process_id": -4}', b"[1]"])
def test_rubbish_in_the_file_does_no_harm(tmp_path: Path, rubbish: bytes) -> None:
    with measuring_lock(directory=tmp_path) as path:
        path.write_bytes(rubbish)
        with pytest.raises(MachineBusy, match="could not be identified"), measuring_lock(directory=tmp_path):
            pass


def test_where_the_locks_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPYC_LOCK_DIR", str(tmp_path / "shared"))
    assert lock_directory() == tmp_path / "shared"
    assert lock_directory().stat().st_mode & 0o7777 == 0o1777
    monkeypatch.setenv("EPYC_LOCK_DIR", str(tmp_path / "file" / "locks"))
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="EPYC_LOCK_DIR"):
        lock_directory()
    with pytest.raises(ValueError, match="cannot name a lock"), measuring_lock("../x", directory=tmp_path):
        pass
