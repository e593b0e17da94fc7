"""Reading files of the record in processes of their own, into Parquet files per table and a report per file.

Here: batches, worker processes, what happens when an importer or its process fails. Not here: formats (a module
each), which files to read (scanning.py), writing into the warehouse (defs).
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epyc_assets.history.content import Content, Place
from epyc_assets.history.formats import all_formats, format_of
from epyc_assets.history.rows import Imported, Reject, Row, frames_of
from epyc_assets.history.scanning import ScannedFile, plan_import, scan_record

if TYPE_CHECKING:
    import polars as pl

BATCH_BYTES = 4 << 20
"""Contents read by a worker before it hands its rows over: enough to make the hand-over cheap, little in memory."""
BATCH_FILES = 400
LARGEST_BYTES = 256 << 20
"""A larger file is listed and not read: no file of the record comes near it, and memory is bounded."""
MOST_REJECTS = 1000
"""Rejects kept one by one per file; those beyond are counted in one more. A file of garbage has millions."""
RAW_TEXT_CHARACTERS = 10_000
MOST_WORKERS = 4


@dataclass(slots=True)
class FileReport:
    """What became of one file. Counts as in `Imported`; n_rows: rows of all tables."""

    path: str
    source_file_id: int
    sha256: str | None
    size_bytes: int
    encoding: str | None
    n_invalid_bytes: int
    format: str
    family: str
    status: str
    error: str | None
    n_records: int = 0
    n_main_rows: int = 0
    n_dropped_records: int = 0
    n_rejected_records: int = 0
    n_rows: int = 0
    rejects: list[Reject] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RecordRead:
    """Everything read. parts: table to the Parquet files with its rows, which lie in the caller's spool folder."""

    reports: list[FileReport] = field(default_factory=list)
    parts: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """How far reading has come."""

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class _Task:
    """Files with the same contents."""

    files: tuple[ScannedFile, ...]

    @property
    def size_bytes(self) -> int:
        return self.files[0].size_bytes


def importer_version() -> str:
    """Changes whenever the version of any format changes, or a format comes or goes; 12 hex digits."""
    text = "\n".join(f"{each.name} {each.version}" for each in all_formats())
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def families() -> dict[str, tuple[str, ...]]:
    """Family to the tables that its formats fill, in the order of the formats."""
    tables: dict[str, dict[str, None]] = {}
    for each in all_formats():
        tables.setdefault(each.family, {}).update({kind.table: None for kind in each.tables})
    return {family: tuple(names) for family, names in tables.items()}


def read_files(
    files: Sequence[ScannedFile],
    spool: Path,
    *,
    workers: int | None = None,
    on_progress: Callable[[ReadingProgress], None] = lambda _: None,
) -> RecordRead:
    """Reads the files in `workers` processes (default: as many as there are cores, at most 4).

    Identical contents are read once; every file gets its own report and its own rows. An importer that raises, or a
    process that dies, costs only the file at fault, which then has status `unreadable` and a reject.
    """
    result = RecordRead()
    total_bytes = sum(each.size_bytes for each in files)
    done_files = done_bytes = 0

    def take(batch: Sequence[_Task], reports: list[FileReport], parts: dict[str, Path]) -> None:
        nonlocal done_files, done_bytes
        result.reports.extend(reports)
        for table, part in parts.items():
            result.parts[table].append(part)
        done_files += sum(len(task.files) for task in batch)
        done_bytes += sum(each.size_bytes for task in batch for each in task.files)
        on_progress(ReadingProgress(done_files, len(files), done_bytes, total_bytes))

    unopened = [each for each in files if each.sha256 is None or each.size_bytes > LARGEST_BYTES]
    for each in unopened:
        take([_Task((each,))], [_unopened_report(each)], {})
    batches = list(_batches(_tasks([each for each in files if each.sha256 and each.size_bytes <= LARGEST_BYTES])))
    broken: list[_Task] = []
    if batches:
        with _pool(workers) as pool:
            running = {pool.submit(_read_batch, batch, spool, str(at)): batch for at, batch in enumerate(batches)}
            for future in as_completed(running):
                _collect(future, running[future], take, broken)
    # A process died, and with it all that the pool had in hand. One file after the other finds the one at fault.
    for at, task in enumerate(broken):
        try:
            with _pool(1) as pool:
                take([task], *pool.submit(_read_batch, [task], spool, f"single{at}").result())
        except BrokenProcessPool:
            take([task], [_killed_report(each) for each in task.files], {})
    return result


def record_frames(root: Path, *, workers: int | None = None) -> dict[str, pl.DataFrame]:
    """The whole record below root as frames, by table; with `source_file` (a row per file) and `rejects`.

    For notebooks and tests: nothing is kept. Raises RecordFault.
    """
    import polars as pl

    plan = plan_import(scan_record(root), {}, importer_version())
    with tempfile.TemporaryDirectory() as spool:
        read = read_files(plan.to_read, Path(spool), workers=workers)
        frames = {table: pl.read_parquet(parts) for table, parts in read.parts.items()}
    frames["source_file"] = source_file_frame(read.reports, plan.first_sha256, importer_version())
    frames["rejects"] = pl.DataFrame(
        [
            (each.source, each.location, each.reason, each.raw_text)
            for report in read.reports
            for each in report.rejects
        ],
        schema={"source": pl.String, "location": pl.String, "reason": pl.String, "raw_text": pl.String},
        orient="row",
    )
    return frames


def source_file_frame(reports: Sequence[FileReport], first_sha256: Mapping[str, str], version: str) -> pl.DataFrame:
    """Rows of history.source_file, without what depends on other files (duplicate_of) and the provenance."""
    import polars as pl

    rows = []
    for each in reports:
        flags = list(dict.fromkeys(each.flags))
        first = first_sha256.get(each.path)
        if each.sha256 is not None and first not in (None, each.sha256):
            flags.append("content_changed")
        if each.rejects and "partial" not in flags:
            flags.append("partial")
        rows.append(
            {
                "source_file_id": each.source_file_id,
                "path": each.path,
                "sha256": each.sha256,
                "size_bytes": each.size_bytes,
                "encoding": each.encoding,
                "n_invalid_bytes": each.n_invalid_bytes,
                "format": each.format,
                "family": each.family,
                "parse_status": each.status,
                "parse_error": each.error,
                "n_records": each.n_records,
                "n_main_rows": each.n_main_rows,
                "n_dropped_records": each.n_dropped_records,
                "n_rejected_records": each.n_rejected_records,
                "n_rows": each.n_rows,
                "n_rejects": len(each.rejects),
                "first_sha256": first,
                "quality_flags": flags,
                "importer_version": version,
            }
        )
    schema = {
        **dict.fromkeys(("path", "sha256", "encoding", "format", "family", "parse_status", "parse_error"), pl.String),
        **dict.fromkeys(("first_sha256", "importer_version"), pl.String),
        "quality_flags": pl.List(pl.String),
    }
    names = list(rows[0]) if rows else ["source_file_id", "path"]
    return pl.DataFrame(rows, schema={name: schema.get(name, pl.Int64) for name in names})


def _pool(workers: int | None) -> ProcessPoolExecutor:
    # Spawned, not forked: the parent runs threads (DuckDB, Polars, Dagster), whose locks a fork would copy.
    count = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


def _tasks(files: Iterable[ScannedFile]) -> list[_Task]:
    by_contents: dict[str, list[ScannedFile]] = {}
    for each in files:
        by_contents.setdefault(str(each.sha256), []).append(each)
    return [_Task(tuple(each)) for each in by_contents.values()]


def _batches(tasks: Iterable[_Task]) -> Iterator[list[_Task]]:
    batch: list[_Task] = []
    size_bytes = files = 0
    # The largest first, so that no worker is left alone with one at the end.
    for task in sorted(tasks, key=lambda each: -each.size_bytes):
        batch.append(task)
        size_bytes += task.size_bytes
        files += len(task.files)
        if size_bytes >= BATCH_BYTES or files >= BATCH_FILES:
            yield batch
            batch, size_bytes, files = [], 0, 0
    if batch:
        yield batch


def _collect(
    future: Future[tuple[list[FileReport], dict[str, Path]]],
    batch: list[_Task],
    take: Callable[[Sequence[_Task], list[FileReport], dict[str, Path]], None],
    broken: list[_Task],
) -> None:
    try:
        reports, parts = future.result()
    except BrokenProcessPool:
        broken.extend(batch)
        return
    take(batch, reports, parts)


def _read_batch(batch: Sequence[_Task], spool: Path, name: str) -> tuple[list[FileReport], dict[str, Path]]:
    """In a worker: reports of the batch's files, and the Parquet file of each table that has rows."""
    import polars as pl

    reports: list[FileReport] = []
    frames: dict[str, list[pl.DataFrame]] = defaultdict(list)
    rows: list[Row] = []
    for task in batch:
        for report, imported in _read_task(task):
            reports.append(report)
            rows.extend(imported)
    try:
        made = frames_of(rows)
    except Exception:  # noqa: BLE001  a value that no column can hold: find the file, keep the others
        made = {}
        for task in batch:
            for report, imported in _read_task(task):
                try:
                    for table, frame in frames_of(imported).items():
                        frames[table].append(frame)
                except Exception as error:  # noqa: BLE001
                    _blame(next(each for each in reports if each.path == report.path), error)
        made = {table: pl.concat(each) for table, each in frames.items()}
    parts: dict[str, Path] = {}
    for table, frame in made.items():
        parts[table] = spool / f"{table}-{name}.parquet"
        frame.write_parquet(parts[table], compression="lz4", statistics=False)
    return reports, parts


def _read_task(task: _Task) -> Iterator[tuple[FileReport, list[Row]]]:
    first = task.files[0]
    try:
        content = Content(first.file.read_bytes())
    except OSError as error:
        for each in task.files:
            yield _unopened_report(each, f"cannot be read: {error.strerror}"), []
        return
    read: dict[str, Any] = {}
    for each in task.files:
        yield _read_one(content, each.place, read)


def _read_one(content: Content, place: Place, read: dict[str, Any]) -> tuple[FileReport, list[Row]]:
    """read: what formats made of these contents already, by their name; filled here."""
    report = FileReport(
        path=place.path,
        source_file_id=place.source_file_id,
        sha256=content.sha256,
        size_bytes=len(content.data),
        encoding=None,
        n_invalid_bytes=0,
        format="unknown",
        family="documents",
        status="ok",
        error=None,
    )
    try:
        found = format_of(content, place)
        report.format, report.family = found.name, found.family
        if found.name not in read:
            read[found.name] = found.read(content)
        imported = found.rows(read[found.name], place)
        if found.is_text:
            report.encoding = content.encoding
            report.n_invalid_bytes = content.invalid_bytes
            report.flags = content.text_flags()
    except Exception as error:  # noqa: BLE001  whatever an importer does, the other files are read
        _blame(report, error)
        return report, []
    _fill(report, imported)
    return report, imported.rows


def _fill(report: FileReport, imported: Imported) -> None:
    report.status, report.error = imported.status, imported.error
    report.n_records, report.n_main_rows = imported.records, imported.main_rows
    report.n_dropped_records, report.n_rejected_records = imported.dropped_records, imported.rejected_records
    report.n_rows = len(imported.rows)
    report.flags += imported.flags
    report.rejects = [
        Reject(each.source, each.location, each.reason, each.raw_text[: RAW_TEXT_CHARACTERS + 1])
        for each in imported.rejects[:MOST_REJECTS]
    ]
    beyond = len(imported.rejects) - MOST_REJECTS
    if beyond > 0:
        reason = f"{beyond:,} more records could not be read, beyond the {MOST_REJECTS:,} that are listed"
        report.rejects.append(Reject(report.path, "the rest of the file", reason, ""))


def _blame(report: FileReport, error: Exception) -> None:
    """The importer of a file failed: that is ours to mend, and costs no other file's rows."""
    reason = f"the importer of {report.format} failed: {type(error).__name__}: {error}"
    report.status, report.error = "unreadable", reason
    report.n_records = report.n_main_rows = report.n_dropped_records = report.n_rejected_records = report.n_rows = 0
    report.rejects = [Reject(report.path, "the whole file", reason, "")]


def _unopened_report(file: ScannedFile, reason: str | None = None) -> FileReport:
    status = "unreadable"
    if reason is None and file.error is None:
        status = "unsupported"
        reason = f"{file.size_bytes:,} bytes; files of more than {LARGEST_BYTES:,} bytes are listed and not read"
    reason = reason or file.error or "cannot be read"
    return FileReport(
        path=file.place.path,
        source_file_id=file.place.source_file_id,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        encoding=None,
        n_invalid_bytes=0,
        format="unknown",
        family="documents",
        status=status,
        error=reason,
        rejects=[Reject(file.place.path, "the whole file", reason, "")],
    )


def _killed_report(file: ScannedFile) -> FileReport:
    report = _unopened_report(file, "the process that read it was killed or ran out of memory")
    report.sha256 = file.sha256
    return report
