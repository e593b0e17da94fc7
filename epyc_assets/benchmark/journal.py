"""The journal: an append-only file to which a sweep writes each finished generation at once.

One line is one record: eight hex digits of a CRC-32, a space, the record as JSON. A line that was torn by a kill
or a full disk, or damaged later, fails its checksum and becomes a reject; the lines around it are unharmed. Not
here: what the records mean (records.py) and the warehouse.
"""

from __future__ import annotations

import errno
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class JournalFull(OSError):
    """A record could not be written; everything before it is safe. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be read: where, why, and its text."""

    source: str
    location: str
    reason: str
    raw_text: str


@dataclass(frozen=True, slots=True)
class JournalContents:
    """records: in the order they were written. rejects: lines that could not be read."""

    records: tuple[dict[str, Any], ...]
    rejects: tuple[Reject, ...]


class Journal:
    """Appends records; each is on disk (fsync) when append returns. One writer at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._end_torn_line()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, record: Mapping[str, Any]) -> None:
        """Writes one record. Raises JournalFull, the journal being as before, when it cannot be written whole."""
        text = json.dumps(record, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
        line = b"%08x %s\n" % (zlib.crc32(text), text)
        end = os.fstat(self._descriptor).st_size
        try:
            written = 0
            while written < len(line):
                written += os.write(self._descriptor, line[written:])
            os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, end)
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise JournalFull(
                    error.errno,
                    f"the disk is full: a finished generation could not be written to {self._path}. All earlier "
                    "ones are safe. Free some space (or move EPYC_DATA_DIR) and run the same sweep again: it goes "
                    "on after the last written one",
                ) from error
            raise

    def close(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)

    def _end_torn_line(self) -> None:
        """Ends a line that a kill left without its newline, so that it does not swallow the next record."""
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            os.write(self._descriptor, b"\n")


def read_journal(path: Path, name: str | None = None) -> JournalContents:
    """All records of a journal; a file that does not exist has none. name: what rejects call the source."""
    records: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for number, line in _lines(path):
        try:
            records.append(_parsed(line))
        except ValueError as error:
            text = line.decode("utf-8", errors="replace")
            rejects.append(Reject(name or path.name, f"line {number}", f"journal line not read: {error}", text))
    return JournalContents(tuple(records), tuple(rejects))


def _parsed(line: bytes) -> dict[str, Any]:
    checksum, separator, text = line.partition(b" ")
    if not separator or len(checksum) != 8:
        raise ValueError("no checksum at its start (torn or damaged)")
    try:
        expected = int(checksum, 16)
    except ValueError:
        raise ValueError("no checksum at its start (torn or damaged)") from None
    if zlib.crc32(text) != expected:
        raise ValueError("its checksum does not match (torn by a kill or damaged later)")
    record = json.loads(text)
    if not isinstance(record, dict):
        raise ValueError("not an object")
    return record


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    if not path.exists():
        return
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, line.rstrip(b"\n")
