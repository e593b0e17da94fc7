from __future__ import annotations

import time

from epyc_assets.warehouse import Warehouse
from epyc_assets_tests.warehouse import processes

WRITER = """
    import sys
    import polars as pl
    from epyc_assets.warehouse import Provenance, Warehouse
    from epyc_assets.warehouse.rows import replace_rows
    from epyc_assets.warehouse import connection as protocol
    warehouse, writer = Warehouse(sys.argv[1]), int(sys.argv[2])
    protocol._COPY_WORTH_SHARING_S = 0.0 if writer % 2 else 60.0  # some share snapshots, some never do
    print("ready")
    sys.stdin.readline()
    for number in range(int(sys.argv[3])):
        frame = pl.DataFrame({"number": [number] * 50, "item": range(50)})
        with warehouse.write(f"writer {writer}, write {number}") as connection:
            replace_rows(connection, "facts", frame.with_columns(writer=pl.lit(writer)),
                         provenance=Provenance("run", "v"))
        with warehouse.read() as connection:
            mine = connection.execute("SELECT count(*) FROM facts WHERE writer = ?", [writer]).fetchall()[0][0]
            assert mine == 50 * (number + 1), (number, mine)
    print("done")
"""
READER = """
    import sys
    import duckdb
    from epyc_assets.warehouse import Warehouse
    warehouse = Warehouse(sys.argv[1])
    with warehouse.read() as connection, duckdb.connect(str(warehouse.snapshot_path), read_only=True) as client:
        first = connection.execute("SELECT count(*) FROM facts").fetchall()
        print("ready")
        sys.stdin.readline()
        assert connection.execute("SELECT count(*) FROM facts").fetchall() == first == [(1,)]
        assert client.execute("SELECT count(*) FROM facts").fetchall() == first
        with warehouse.read() as fresh:
            print(fresh.execute("SELECT count(*) FROM facts").fetchall()[0][0])
"""


def test_five_writers_and_a_reader_lose_nothing(unmade_warehouse: Warehouse) -> None:
    """Each writer also checks that what it has written is published when its write returns."""
    writers, writes = 5, 3
    with unmade_warehouse.write("start") as connection:
        connection.execute(
            "CREATE TABLE facts (writer INTEGER, number INTEGER, item INTEGER, dagster_run_id VARCHAR, "
            "PRIMARY KEY (writer, number, item))"
        )
        connection.execute("INSERT INTO facts VALUES (-1, 0, 0, 'start')")
    reader = processes.start(READER, unmade_warehouse.path)
    started = [processes.start(WRITER, unmade_warehouse.path, number, writes) for number in range(writers)]
    try:
        for process in [reader, *started]:
            processes.wait_for(process, "ready")
        inodes = {unmade_warehouse.snapshot_path.stat().st_ino}
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        while any(process.poll() is None for process in started):
            inodes.add(unmade_warehouse.snapshot_path.stat().st_ino)
            with unmade_warehouse.read() as connection:  # at any moment a whole snapshot, and only whole writes in it
                counts = connection.sql("SELECT count(*) FROM facts GROUP BY writer, number HAVING writer >= 0")
                assert {count for (count,) in counts.fetchall()} <= {50}
            time.sleep(0.1)
        for process in started:
            output, errors = process.communicate()
            assert (process.returncode, output.strip()) == (0, "done"), errors
        output, errors = reader.communicate("go on\n")
        assert reader.returncode == 0, errors
        assert int(output) == 1 + writers * writes * 50
    finally:
        for process in [reader, *started]:
            processes.end(process)
    with unmade_warehouse.read() as connection:
        log = connection.sql("SELECT write_number, reason FROM warehouse_writes ORDER BY 1").fetchall()
    assert [number for number, _ in log] == list(range(1, writers * writes + 2))
    assert len({reason for _, reason in log}) == len(log)
    publication = unmade_warehouse.publication()
    assert publication is not None
    assert publication.write_number == len(log)
    assert len(inodes) > 1
    left = {
        path.name
        for folder in (unmade_warehouse.path.parent, unmade_warehouse.snapshot_path.parent)
        for path in folder.iterdir()
    }
    assert left == {"epyc.duckdb", "epyc.duckdb.queue", "published", "epyc.json"}


def test_processes_that_start_at_once_make_one_warehouse(unmade_warehouse: Warehouse) -> None:
    program = """
        import sys
        from epyc_assets.warehouse import Warehouse
        print("ready")
        sys.stdin.readline()
        with Warehouse(sys.argv[1]).write("me first"):
            pass
    """
    started = [processes.start(program, unmade_warehouse.path) for _ in range(4)]
    try:
        for process in started:
            processes.wait_for(process, "ready")
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in started:
            _, errors = process.communicate()
            assert process.returncode == 0, errors
    finally:
        for process in started:
            processes.end(process)
    with unmade_warehouse.read() as connection:
        assert connection.sql("SELECT count(DISTINCT process_id) FROM warehouse_writes").fetchall() == [(4,)]


def test_the_lock_is_held_while_the_snapshot_is_copied(warehouse: Warehouse) -> None:
    """Closing a descriptor of the warehouse file would give DuckDB's lock away; the copy must not."""
    probe = """
        import sys, duckdb
        try:
            duckdb.connect(sys.argv[1]).close()
        except duckdb.IOException:
            print("locked")
        else:
            print("open to all")
    """
    from epyc_assets.warehouse import connection as module

    seen: list[str] = []
    original = module.publish_snapshot

    def spy(*arguments: object) -> object:
        publication = original(*arguments)  # type: ignore[arg-type]
        seen.append(processes.run(probe, warehouse.path).strip())
        return publication

    module.publish_snapshot = spy  # type: ignore[assignment]
    try:
        with warehouse.write("start") as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    finally:
        module.publish_snapshot = original
    assert seen == ["locked"]
    assert processes.run(probe, warehouse.path).strip() == "open to all"
    assert {path.name for path in warehouse.snapshot_path.parent.iterdir()} == {"epyc.duckdb", "epyc.json"}
