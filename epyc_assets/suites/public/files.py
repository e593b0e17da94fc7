"""Rows of published files: JSON lines, JSON, Parquet, Arrow, CSV and TSV, each also gzipped or in a ZIP archive.

Belongs here: reading a file row by row, where nothing that cannot be read stops the rest. Does not belong here: finding
files (`local_files`), what the columns mean (the adapters).
"""

from __future__ import annotations

import csv
import io
import json
import os.path
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epyc_assets.suites.public.adapter import Place, PublicSet, Row
from epyc_assets.suites.public.local_files import BROKEN, DataFile

RAW_CHARACTERS = 2000
"""Of a row that cannot be used, so many characters are kept."""

_ROW_LISTS = ("data", "rows", "examples", "instances", "eval_examples")
_FRAME_SLICE = 2000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or a row that cannot be read. location: empty for the whole file."""

    location: str
    reason: str
    raw_text: str


def rows_of(file: DataFile, adapter: PublicSet) -> Iterator[tuple[Place, Row] | Unreadable]:
    """Every row of a file with its place, or why it cannot be read; never raises because of what is in the file."""
    suffix = file.name.suffix.casefold()
    readers = {
        ".parquet": _frame_rows,
        ".arrow": _frame_rows,
        ".json": _json_rows,
        ".csv": _table_rows,
        ".tsv": _table_rows,
    }
    try:
        if file.is_pointer():
            reason = "is a pointer of Git LFS and not the data: fetch it with `git lfs pull` in the clone"
            yield Unreadable("", reason, "")
            return
        yield from readers.get(suffix, _line_rows)(file, adapter)
    except BROKEN as error:
        yield Unreadable("", f"cannot be read: {error}", "")


def _place(file: DataFile, location: str, reread: Callable[[], Row]) -> Place:
    def sibling(name: str) -> bytes | None:
        if file.member:
            return file.beside(name)
        # By its name, since the hub's cache keeps what files link to outside of their folder.
        path = Path(os.path.normpath(file.path.parent / name))
        if not path.is_relative_to(file.root) or not path.is_file():
            return None
        return path.read_bytes()

    return Place(file.name, location, reread, sibling)


def _trimmed(row: dict[str, Any], adapter: PublicSet) -> Row:
    if not adapter.costly:
        return row
    return {name: value for name, value in row.items() if name not in adapter.costly}


def _line_rows(file: DataFile, adapter: PublicSet) -> Iterator[tuple[Place, Row] | Unreadable]:
    seekable = not file.member and file.path.suffix.casefold() != ".gz"
    with file.opened() as stream:
        offset = 0
        for number, line in enumerate(stream, start=1):
            start, offset = offset, offset + len(line)
            if not line.strip():
                continue
            location = f"line {number}"
            row = _parsed(line)
            if isinstance(row, str):
                yield Unreadable(location, row, _raw(line.strip()))
                continue
            if not adapter.costly:
                reread: Callable[[], Row] = _constant(row)
            else:
                reread = _line_again(file, start, len(line)) if seekable else _row_again(file, adapter, location)
            yield _place(file, location, reread), _trimmed(row, adapter)


def _parsed(line: bytes) -> dict[str, Any] | str:
    """The object of a line of JSON, or why it is none."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return f"is no UTF-8: {error}"
    except (ValueError, RecursionError) as error:
        return f"is no JSON: {error}"
    return row if isinstance(row, dict) else f"is no JSON object but {type(row).__name__}"


def _constant(row: Row) -> Callable[[], Row]:
    return lambda: row


def _line_again(file: DataFile, start: int, length: int) -> Callable[[], Row]:
    def again() -> Row:
        with file.path.open("rb") as stream:
            stream.seek(start)
            row = _parsed(stream.read(length))
        return row if isinstance(row, dict) else {}

    return again


def _row_again(file: DataFile, adapter: PublicSet, location: str) -> Callable[[], Row]:
    """Reads a file that cannot be entered in the middle from its start."""

    def again() -> Row:
        with file.opened() as stream:
            wanted = int(location.removeprefix("line "))
            for number, line in enumerate(stream, start=1):
                if number == wanted:
                    row = _parsed(line)
                    return row if isinstance(row, dict) else {}
        return {}

    return again


def _json_rows(file: DataFile, adapter: PublicSet) -> Iterator[tuple[Place, Row] | Unreadable]:
    with file.opened() as stream:
        text = stream.read()
    try:
        content = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        # Several sets call JSON lines .json.
        if len([line for line in text.split(b"\n", 3) if line.strip()]) > 1 and isinstance(
            _parsed(text.lstrip().split(b"\n", 1)[0]), dict
        ):
            yield from _line_rows(file, adapter)
        else:
            yield Unreadable("", f"is no JSON: {error}", _raw(text))
        return
    for location, entry in _entries(content):
        if isinstance(entry, dict):
            yield _place(file, location, _constant(entry)), _trimmed(entry, adapter)
        else:
            yield Unreadable(location, f"is no JSON object but {type(entry).__name__}", str(entry)[:RAW_CHARACTERS])


def _entries(content: Any) -> Iterator[tuple[str, Any]]:
    """The rows of a JSON file: of a list, of a list under a usual name, of an object of rows by id, or one row."""
    if isinstance(content, dict):
        for name in _ROW_LISTS:
            if isinstance(content.get(name), list) and all(isinstance(each, dict) for each in content[name][:3]):
                content = content[name]
                break
    if isinstance(content, list):
        for index, entry in enumerate(content):
            # The rows API of the Hugging Face hub wraps each row.
            wrapped = isinstance(entry, dict) and isinstance(entry.get("row"), dict) and "row_idx" in entry
            yield f"[{index}]", entry["row"] if wrapped else entry
    elif isinstance(content, dict) and 2 * sum(isinstance(each, dict) for each in content.values()) > len(content):
        # Of more objects than other values; a single row may hold an object or two as well.
        for key, entry in content.items():
            yield f"[{key!r}]", {"__key__": key, **entry} if isinstance(entry, dict) else entry
    else:
        yield "", content


def _table_rows(file: DataFile, adapter: PublicSet) -> Iterator[tuple[Place, Row] | Unreadable]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    delimiter = "\t" if file.name.suffix.casefold() == ".tsv" else ","
    with file.opened() as stream, io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        header: list[str] | None = None
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Unreadable(f"line {reader.line_num}", f"is no CSV: {error}", "")
                continue
            if not any(cell.strip() for cell in cells):
                continue
            location = f"line {reader.line_num}"
            if header is None and (not adapter.headless or _is_header(cells)):
                header = [cell.strip() for cell in cells]
                continue
            names = header or [str(index) for index in range(len(cells))]
            if len(cells) > len(names) or len(cells) < 2 <= len(names):
                reason = f"has {len(cells)} cells where the header has {len(names)}"
                yield Unreadable(location, reason, repr(cells)[:RAW_CHARACTERS])
                continue
            row = dict(zip(names, cells, strict=False))
            yield _place(file, location, _constant(row)), row


def _is_header(cells: list[str]) -> bool:
    """Whether the first row of a file that may lack a header is one: published copies name the question's column."""
    names = {cell.strip().casefold() for cell in cells}
    return "question" in names and bool(names & {"answer", "choices", "a"})


def _frame_rows(file: DataFile, adapter: PublicSet) -> Iterator[tuple[Place, Row] | Unreadable]:
    import polars as pl

    kind = "Parquet" if file.name.suffix.casefold() == ".parquet" else "Arrow"
    try:
        whole = _frame(file, adapter)
        names = whole.collect_schema().names()
        height = int(whole.select(pl.len()).collect().item())
        cheap = whole.select([name for name in names if name not in adapter.costly])
        for start in range(0, height, _FRAME_SLICE):
            rows = cheap.slice(start, _FRAME_SLICE).collect().iter_rows(named=True)
            for index, row in enumerate(rows, start=start):
                reread = _frame_again(whole, index) if adapter.costly else _constant(row)
                yield _place(file, f"row {index}", reread), row
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        yield Unreadable("", f"is no {kind} file: {str(error).splitlines()[0] if str(error) else error!r}", "")


def _frame(file: DataFile, adapter: PublicSet) -> Any:
    """A lazy frame. Arrow files, mostly streams that cannot be entered in the middle, are read whole."""
    import polars as pl

    if file.name.suffix.casefold() != ".parquet":
        return _arrow_frame(file)
    if not file.member and file.path.suffix.casefold() != ".gz":
        _check_parquet(str(file.path), adapter)
        return pl.scan_parquet(file.path, glob=False)
    with file.opened() as stream:
        contents = stream.read()
    _check_parquet(io.BytesIO(contents), adapter)
    return pl.read_parquet(io.BytesIO(contents)).lazy()


def _check_parquet(source: str | io.BytesIO, adapter: PublicSet) -> None:
    """Reads what will be read by pyarrow first, which refuses a damaged file where Polars may end the process.

    Raises OSError for one that is damaged.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(source) as opened:
            columns = [name for name in opened.schema_arrow.names if name not in adapter.costly]
            for batch in opened.iter_batches(columns=columns):
                batch.validate(full=True)
    except FileNotFoundError:
        raise
    except (pyarrow.ArrowException, ValueError, OSError) as error:
        raise OSError(f"is no Parquet file: {error}") from error


def _arrow_frame(file: DataFile) -> Any:
    """Read by pyarrow, for the same reason."""
    import polars as pl
    import pyarrow
    from pyarrow import ipc

    with file.opened() as stream:
        contents = stream.read()
    opened = ipc.open_file if contents.startswith(b"ARROW1") else ipc.open_stream
    try:
        table = opened(pyarrow.BufferReader(contents)).read_all()
        table.validate(full=True)
    except (pyarrow.ArrowException, ValueError) as error:
        raise OSError(f"is no Arrow file: {error}") from error
    frame = pl.from_arrow(table)
    return frame.lazy() if isinstance(frame, pl.DataFrame) else pl.LazyFrame()


def _frame_again(whole: Any, index: int) -> Callable[[], Row]:
    return lambda: next(whole.slice(index, 1).collect().iter_rows(named=True), {})


def _raw(text: bytes) -> str:
    return text[:RAW_CHARACTERS].decode("utf-8", "backslashreplace")
