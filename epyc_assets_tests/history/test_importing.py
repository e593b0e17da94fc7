"""Reading a whole record: every file accounted for, identical contents once, and no file costs another its rows."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epyc_assets.history import importing
from epyc_assets.history.content import Content, Fault, Place
from epyc_assets.history.formats import all_formats, format_of
from epyc_assets.history.importing import FileReport, read_files, record_frames
from epyc_assets.history.rows import Row, frames_of
from epyc_assets.history.scanning import KnownFile, RecordFault, plan_import, scan_record
from epyc_assets_tests.history.small_record import small_record, write_record

RECORD = small_record()


def read_one(path: str, data: bytes) -> tuple[FileReport, list[Row]]:
    """What a worker makes of one file."""
    return importing._read_one(Content(data), Place(path), {})


def reconciles(report: FileReport) -> bool:
    """Records in are rows, dropped lines or rejects."""
    return report.n_records == report.n_main_rows + report.n_dropped_records + report.n_rejected_records


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """The small record, read."""
    return record_frames(write_record(tmp_path_factory.mktemp("record")), workers=2)


def test_every_file_is_a_row_and_its_records_reconcile(frames: dict[str, pl.DataFrame]) -> None:
    files = frames["source_file"]
    assert sorted(files["path"]) == sorted(RECORD)
    wrong = files.filter(
        pl.col("n_records") != pl.col("n_main_rows") + pl.col("n_dropped_records") + pl.col("n_rejected_records")
    )
    assert wrong.is_empty(), wrong["path"].to_list()
    rows = Counter[int]()
    for name, frame in frames.items():
        if name not in ("source_file", "rejects"):
            rows.update(frame["source_file_id"].to_list())
    assert {row["source_file_id"]: row["n_rows"] for row in files.iter_rows(named=True) if row["n_rows"]} == dict(rows)


def test_the_small_record_has_every_family_and_no_reject(frames: dict[str, pl.DataFrame]) -> None:
    said = frames["rejects"].rows()
    assert said == []
    families = set(frames["source_file"]["family"])
    assert families >= {each.family for each in all_formats()} - {"serving", "tuning"}, families


def test_each_file_keeps_its_own_rows_where_contents_repeat(frames: dict[str, pl.DataFrame]) -> None:
    logs = frames["log_measurement"]
    assert logs.height == 4
    assert logs["question_id"].n_unique() == 4
    assert logs.filter(pl.col("generation_tps") == 20.0).height == 3


def test_identical_contents_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_record(tmp_path)
    calls: Counter[str] = Counter()

    def counting(content: Content, place: Place) -> object:
        found = format_of(content, place)

        def read(inner: Content) -> object:
            calls[inner.sha256] += 1
            return found.read(inner)

        return dataclasses.replace(found, read=read)

    monkeypatch.setattr(importing, "format_of", counting)
    tasks = importing._tasks(scan_record(root))
    reports = [report for task in tasks for report, _ in importing._read_task(task)]
    assert len(reports) == len(RECORD)
    assert set(calls.values()) == {1}
    assert len(calls) == len(set(RECORD.values()))


def _kill_at_the_coder(batch: list[importing._Task], spool: Path, name: str) -> object:
    """In a worker: dies like a process that runs out of memory when it meets the coder's file."""
    if any("coder_baseline" in each.place.path for task in batch for each in task.files):
        os.kill(os.getpid(), signal.SIGKILL)
    return importing_read_batch(batch, spool, name)


importing_read_batch = importing._read_batch


def test_a_file_that_kills_its_process_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_record(tmp_path / "record")
    monkeypatch.setattr(importing, "_read_batch", _kill_at_the_coder)
    spool = tmp_path / "spool"
    spool.mkdir()
    chosen = [each for each in scan_record(root) if "results/runs/20260101_120000" in each.place.path]
    read = read_files(chosen, spool, workers=2)
    status = {Path(each.path).name: each.status for each in read.reports}
    assert status.pop("coder_baseline.json") == "unreadable"
    assert set(status.values()) == {"ok"}
    assert pl.read_parquet(read.parts["benchmark_result"])["role"].to_list().count("planner") == 4
    (reject,) = [reject for each in read.reports for reject in each.rejects]
    assert "killed" in reject.reason


def corrupted(data: bytes, how: str, chance: random.Random) -> bytes:
    """The data, damaged."""
    at = chance.randrange(len(data)) if data else 0
    if how == "truncate":
        return data[:at]
    if how == "flip":
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(damaged)) if damaged else None
            if place is not None:
                damaged[place] ^= 1 << chance.randrange(8)
        return bytes(damaged)
    if how == "utf16":
        return data.decode("utf-8", "replace").encode("utf-16")
    if how == "latin1":
        return data + "é\xff".encode("latin-1")
    if how == "huge":
        return data[:at] + b"x" * 3_000_000 + data[at:]
    if how == "nesting":
        return data[:at] + chance.choice([b"[", b'{"a":', b"- ", b"("]) * 30_000 + data[at:]
    if how == "zeros":
        return data[:at] + bytes(chance.randint(1, 400)) + data[at:]
    raise AssertionError(how)


DAMAGES = ("truncate", "flip", "utf16", "latin1", "huge", "nesting", "zeros")


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(sorted(RECORD)), how=st.sampled_from(DAMAGES), seed=st.integers(0, 2**32))
def test_a_damaged_file_is_always_read_and_reconciles(path: str, how: str, seed: int) -> None:
    data = corrupted(RECORD[path], how, random.Random(seed))
    report, rows = read_one(path, data)
    assert "importer of" not in (report.error or ""), report.error
    assert reconciles(report)
    assert report.n_rows == len(rows)
    frames_of(rows)
    assert report.status == "ok" or report.status == "empty" or report.error
    said = bool(report.rejects or report.flags or report.status != "ok" or report.n_invalid_bytes)
    said = said or any(getattr(row, "quality_flags", ()) for row in rows)
    if how in ("utf16", "latin1", "huge", "zeros") and report.encoding is not None:
        assert said, "damage that cannot be overlooked was"
    if path.endswith(".json") and isinstance(Content(data).json, Fault):
        assert said
    if path.endswith(".png") and data != RECORD[path]:
        assert said


def test_a_record_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(RecordFault, match="does not exist"):
        scan_record(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordFault, match="holds no file"):
        scan_record(tmp_path / "empty")
    (tmp_path / "file").write_text("x")
    with pytest.raises(RecordFault, match="is a file"):
        scan_record(tmp_path / "file")


def test_odd_files_are_listed_and_not_opened(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("text\n")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("text\n")
    found = {each.place.path: each for each in scan_record(tmp_path)}
    assert set(found) == {"good.md", "pipe", "broken", "caf\\xe9.md"}
    assert found["pipe"].error
    assert found["broken"].error
    assert found["good.md"].sha256 == found["caf\\xe9.md"].sha256


def test_a_file_too_large_to_read_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_record(tmp_path / "record", {"big.json": b"[" + b"1," * 1000 + b"1]", "small.json": b"[1]"})
    monkeypatch.setattr(importing, "LARGEST_BYTES", 100)
    (tmp_path / "spool").mkdir()
    read = read_files(scan_record(root), tmp_path / "spool", workers=1)
    said = {each.path: (each.status, each.sha256 is not None, len(each.rejects)) for each in read.reports}
    assert said == {"big.json": ("unsupported", True, 1), "small.json": ("ok", True, 0)}


def test_only_new_and_changed_files_are_read_again(tmp_path: Path) -> None:
    root = write_record(tmp_path)
    version = importing.importer_version()
    before = plan_import(scan_record(root), {}, version)
    assert len(before.to_read) == len(RECORD)
    known = {each.place.path: importing_known(each.place.path, each.sha256, version) for each in before.to_read}
    assert plan_import(scan_record(root), known, version).nothing_to_do
    changed = root / "benchmarks/README.md"
    changed.write_text("# Other notes\n")
    (root / "new.md").write_text("new\n")
    (root / "benchmarks/results/scores.jsonl").unlink()
    plan = plan_import(scan_record(root), known, version)
    assert {each.place.path for each in plan.to_read} == {"benchmarks/README.md", "new.md"}
    assert [each.path for each in plan.gone] == ["benchmarks/results/scores.jsonl"]
    assert plan.first_sha256["benchmarks/README.md"] == known["benchmarks/README.md"].sha256
    assert plan_import(scan_record(root), known, "other importers").to_read


def importing_known(path: str, sha256: str | None, version: str) -> KnownFile:
    """A file as an earlier import left it."""
    return KnownFile(path, sha256, sha256, version)


def test_garbage_of_a_million_lines_keeps_a_bounded_list_of_rejects() -> None:
    path = "benchmarks/results/eval/3way_20260201_010101.jsonl"
    report, _ = read_one(path, RECORD[path] + b"{broken\n" * 5000)
    assert report.n_rejected_records == 5000
    assert len(report.rejects) == importing.MOST_REJECTS + 1
    assert "4,000 more" in report.rejects[-1].reason
    assert reconciles(report)


def test_the_real_record_is_read_whole(record: Path) -> None:
    found = record_frames(record, workers=2)
    files = found["source_file"]
    there = [path for path in record.rglob("*") if path.is_file()]
    assert files.height == len(there)
    assert files.filter(pl.col("parse_error").str.contains("importer of")).is_empty()
    assert files.filter(
        pl.col("n_records") != pl.col("n_main_rows") + pl.col("n_dropped_records") + pl.col("n_rejected_records")
    ).is_empty()
    assert files.filter(pl.col("parse_status") == "unreadable").is_empty()
    by_format = dict(files.group_by("format").len().rows())
    results = [p for p in there if '"config_name"' in p.read_text("utf-8", "replace") and p.suffix == ".json"]
    assert by_format["run_result"] == len(results)
