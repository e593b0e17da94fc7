"""Evidence texts: tables of llama-bench, and whatever else was noted of a machine and a run beside them.

Here: a row per measured line of a llama-bench table, wherever in a log it stands; the whole text of every evidence
file. Not here: logs of single questions (text_log).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Json, as_json, clean_text, finite_number, whole_number
from epyc_assets.history.formats import Format
from epyc_assets.history.printed_sizes import bytes_of, count_of
from epyc_assets.history.raw_text import RawText, raw_text_of, raw_text_row
from epyc_assets.history.rows import Imported, Reject, Row

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]{0,40}[A-Za-z]|[()][A-Z0-9]|[=>])")
_HEADER_CELLS = frozenset(("model", "test", "t/s"))
_DEFAULT_COLUMNS = ("model", "size", "params", "backend", "threads", "test", "t/s")
_TEST = re.compile(r"(?P<kind>pp|tg)(?P<tokens>\d{1,9})(?:\+tg(?P<more>\d{1,9}))?(?: @ d(?P<depth>\d{1,9}))?")
_SPEED = re.compile(r"(?P<tps>[\d.]+|-?inf|-?nan)(?: (?:±|\+/-|\ufffd+) (?P<deviation>[\d.]+|-?inf|-?nan))?")
_RULE = re.compile(r"[\s|:-]+")
_BUILD = re.compile(r"build: (?P<commit>[0-9a-f]{7,40}) \((?P<number>\d{1,9})\)")
_STEM = re.compile(r"(?:small|medium|large)_(?P<label>.{1,100}?)_(?P<variant>baseline|paged\d{0,6})_\w{1,40}")
_LONGEST_LINE = 4000
_SHAPES = (
    (re.compile(r"(?:.*_)?checksum"), re.compile(r"(?:[0-9a-f]{64} [ *]\S.*\n)+"), "a SHA-256 and a path a line"),
    (re.compile(r"git_commit"), re.compile(r"[0-9a-f]{40}\n"), "a commit's hash"),
    (re.compile(r"proc_meminfo"), re.compile(r"(?:\w+(?:\(\w+\))?:[ \t]+\d+(?: kB)?\n){10,}"), "counters of memory"),
)
"""Name of a text, what it then is from its first to its last byte, and that in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaBenchRow(Row):
    """One measured line of a llama-bench table. tps: mean over its repetitions, in tokens per second."""

    table: ClassVar[str] = "llama_bench_row"

    line: int
    evidence_run: str | None
    model_label: str | None
    variant: str | None
    model: str | None
    size_text: str | None
    size_bytes: int | None
    params: float | None
    backend: str | None
    threads: int | None
    test: str
    test_kind: str
    n_tokens: int
    n_depth: int
    tps: float | None
    tps_stddev: float | None
    build_commit: str | None
    build_number: int | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True)
class BenchLine:
    """A line of a table. cells: by column; None with a reason when it could not be read as one."""

    line: int
    text: str
    cells: dict[str, str] | None = None
    reason: str = ""
    flags: tuple[str, ...] = ()
    build: tuple[str, int] | None = None


@dataclass(slots=True)
class EvidenceReading:
    """An evidence text and the lines of its llama-bench tables."""

    text: str
    lines: list[BenchLine] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    error: str | None = None


def recognises_evidence(content: Content, place: Place) -> bool:
    """Whether it is a text below a folder `evidence`, or a text or log that begins with a llama-bench table."""
    if not content.data:
        return False
    ending = place.name.rpartition(".")[2].lower()
    if "evidence" in place.parts[:-1]:
        return ending in ("txt", "log")
    return ending in ("txt", "log") and _header_of(content.text[:_LONGEST_LINE].split("\n", 1)[0]) is not None


def read_evidence(content: Content) -> EvidenceReading:
    """The table lines of an evidence text. Never raises."""
    reading = EvidenceReading(raw_text_of(content))
    columns: tuple[str, ...] | None = None
    pending: list[int] = []
    for number, raw in enumerate(content.lines, start=1):
        if "|" not in raw:
            if "build: " in raw and (match := _BUILD.search(_plain(raw))):
                build = (match["commit"], int(match["number"]))
                for at in pending:
                    line = reading.lines[at]
                    reading.lines[at] = BenchLine(line.line, line.text, line.cells, line.reason, line.flags, build)
                pending, columns = [], None
            continue
        line = _plain(raw)
        header = _header_of(line)
        if header is not None:
            columns = header
            continue
        if _RULE.fullmatch(line):
            continue
        found = _bench_line(number, line, columns)
        if found is not None:
            pending.append(len(reading.lines))
            reading.lines.append(found)
    if "llama_model_loader: " in reading.text and "llama_memory_breakdown_print: |   - " not in reading.text:
        # A log of a model's memory ends with where it went.
        reading.flags.append("memory_missing")
    if pending or columns is not None:
        # llama-bench ends each table with the build that measured it.
        reading.flags.append("end_missing")
    return reading


def rows_of_evidence(reading: EvidenceReading, place: Place) -> Imported:
    """A row per table line, and the text."""
    imported = Imported(rows=[raw_text_row(reading.text, place)], flags=list(reading.flags))
    named = _STEM.fullmatch(place.stem)
    label, variant = (named["label"], named["variant"]) if named is not None else (None, None)
    evidence_run = place.folder_below("evidence")
    for line in reading.lines:
        imported.records += 1
        row = _row(line, place, evidence_run, label, variant) if line.cells is not None else None
        if row is None:
            reason = line.reason or "a cell that should be a test or a speed is none"
            imported.rejects.append(Reject(place.path, f"line {line.line}", reason, line.text))
            imported.rejected_records += 1
        else:
            imported.rows.append(row)
            imported.main_rows += 1
    _judge_shape(reading, place, imported)
    return imported


def _judge_shape(reading: EvidenceReading, place: Place, imported: Imported) -> None:
    """A text of a fixed shape that has another was damaged; one without a line end was cut off."""
    for name, shape, words in _SHAPES:
        if name.fullmatch(place.stem) and not shape.fullmatch(reading.text):
            imported.status, imported.error = "truncated", f"is not {words} to its end"
            imported.flags.append("end_missing")
            return
    if "end_missing" in reading.flags:
        imported.status, imported.error = "truncated", "the last table of llama-bench does not end with its build"


def _plain(line: str) -> str:
    line = line[:_LONGEST_LINE]
    return _ANSI.sub("", line) if "\x1b" in line else line


def _cells(line: str) -> list[str] | None:
    first, last = line.find("|"), line.rfind("|")
    return [each.strip() for each in line[first + 1 : last].split("|")] if last > first >= 0 else None


def _header_of(line: str) -> tuple[str, ...] | None:
    cells = _cells(_plain(line))
    return tuple(cells) if cells is not None and set(cells) >= _HEADER_CELLS else None


def _bench_line(number: int, line: str, columns: tuple[str, ...] | None) -> BenchLine | None:
    """The line as one of a table; None if it is no such line."""
    text = clean_text(line.strip())
    cells = _cells(line)
    has_test = cells is not None and any(_TEST.fullmatch(each) for each in cells)
    if columns is None and not has_test:
        return None
    if columns is None and cells is not None:
        if len(cells) != len(_DEFAULT_COLUMNS):
            return BenchLine(number, text, reason="a measured line of llama-bench without a header")
        return BenchLine(number, text, dict(zip(_DEFAULT_COLUMNS, cells, strict=True)), flags=("header_missing",))
    if columns is None:
        return None
    if cells is None or len(cells) != len(columns):
        count = 0 if cells is None else len(cells)
        return BenchLine(number, text, reason=f"{count} cells in a table of {len(columns)} columns")
    return BenchLine(number, text, dict(zip(columns, cells, strict=True)))


def _row(
    line: BenchLine, place: Place, evidence_run: str | None, label: str | None, variant: str | None
) -> LlamaBenchRow | None:
    cells = dict(line.cells or {})
    test = _TEST.fullmatch(cells.pop("test", ""))
    speed = _SPEED.fullmatch(cells["t/s"])
    if test is None or speed is None:
        return None
    flags = list(line.flags)
    tps = finite_number(speed["tps"], from_text=True)
    deviation = finite_number(speed["deviation"], from_text=True) if speed["deviation"] else None
    if tps is None:
        flags.append("infinite_tps")
    if tps is not None and (deviation is not None or speed["deviation"] is None):
        cells.pop("t/s")
    size_text = cells.pop("size", None)
    params = count_of(cells.get("params", ""))
    if params is not None:
        cells.pop("params")
    threads = whole_number(cells.get("threads"), from_text=True)
    if threads is not None:
        cells.pop("threads")
    model, backend = cells.pop("model", None), cells.pop("backend", None)
    return LlamaBenchRow(
        source_file_id=place.source_file_id,
        line=line.line,
        evidence_run=evidence_run,
        model_label=label,
        variant=variant,
        model=_text(model),
        size_text=_text(size_text),
        size_bytes=bytes_of(size_text or ""),
        params=params,
        backend=_text(backend),
        threads=threads,
        test=clean_text(test[0]),
        test_kind="pp+tg" if test["more"] else test["kind"],
        n_tokens=int(test["tokens"]) + int(test["more"] or 0),
        n_depth=int(test["depth"] or 0),
        tps=tps,
        tps_stddev=deviation,
        build_commit=line.build[0] if line.build else None,
        build_number=line.build[1] if line.build else None,
        quality_flags=tuple(flags),
        extra=as_json(cells) if cells else None,
    )


def _text(cell: str | None) -> str | None:
    return clean_text(cell) if cell else None


FORMATS: tuple[Format, ...] = (
    Format(
        name="evidence_text",
        family="logs",
        version=1,
        tables=(LlamaBenchRow, RawText),
        recognises=recognises_evidence,
        read=read_evidence,
        rows=rows_of_evidence,
    ),
)
