"""Which files the record has, what their contents hash to, and which of them must be read (again).

Here: walking the record's directory, hashing, and comparing with what was imported before. Not here: reading formats
(importing.py).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from epyc_assets.history.content import Place

SKIPPED_FOLDERS = frozenset({".git"})
"""A record kept in a git checkout brings git's own files, which are no part of it."""
HASHING_THREADS = 4
CHUNK_BYTES = 1 << 20


class RecordFault(ValueError):
    """The record cannot be read at all; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file of the record. place: its path relative to the root; sha256: None when it could not be read, and then
    error says why."""

    place: Place
    file: Path
    size_bytes: int
    sha256: str | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What an earlier import says of a file."""

    path: str
    sha256: str | None
    first_sha256: str | None
    importer_version: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import has to do. to_read: files that are new, changed, or were read by other importers; gone: those
    imported before that are no longer there."""

    to_read: tuple[ScannedFile, ...]
    unchanged: tuple[ScannedFile, ...]
    gone: tuple[KnownFile, ...]
    first_sha256: Mapping[str, str]
    changed_contents: int

    @property
    def nothing_to_do(self) -> bool:
        """The tables already say what the files say."""
        return not self.to_read and not self.gone


def scan_record(root: Path, on_progress: Callable[[int, int], None] = lambda done, total: None) -> list[ScannedFile]:
    """Every file below root with its size and hash, in path order. on_progress: (files hashed, files found).

    Links are followed, each folder once; what is neither file nor folder (a socket, a pipe) is listed with an error and
    not opened. Raises RecordFault if root is no folder or holds no file.
    """
    if not root.exists():
        raise RecordFault(f"The record's folder {root} does not exist. Give the folder that has benchmarks/ in it.")
    if not root.is_dir():
        raise RecordFault(f"{root} is a file; give the record's folder, the one that has benchmarks/ in it.")
    found, faults = _files_below(root)
    if not found and not faults:
        raise RecordFault(f"The record's folder {root} holds no file. Nothing was changed.")
    scanned = list(faults)
    with ThreadPoolExecutor(HASHING_THREADS) as threads:
        for done, each in enumerate(threads.map(_hashed, found), start=1):
            scanned.append(each)
            on_progress(done, len(found))
    return sorted(scanned, key=lambda each: each.place.path)


def plan_import(scanned: Sequence[ScannedFile], known: Mapping[str, KnownFile], importer_version: str) -> ImportPlan:
    """Compares what is there with what was imported; `known` by path."""
    to_read: list[ScannedFile] = []
    unchanged: list[ScannedFile] = []
    first: dict[str, str] = {}
    changed = 0
    for each in scanned:
        before = known.get(each.place.path)
        original = (before.first_sha256 if before else None) or each.sha256
        if original is not None:
            first[each.place.path] = original
        same = before is not None and each.sha256 is not None and before.sha256 == each.sha256
        changed += before is not None and not same
        if same and before is not None and before.importer_version == importer_version:
            unchanged.append(each)
        else:
            to_read.append(each)
    there = {each.place.path for each in scanned}
    gone = tuple(each for path, each in sorted(known.items()) if path not in there)
    return ImportPlan(tuple(to_read), tuple(unchanged), gone, first, changed)


def _files_below(root: Path) -> tuple[list[tuple[Place, Path]], list[ScannedFile]]:
    found: list[tuple[Place, Path]] = []
    faults: list[ScannedFile] = []
    seen: set[tuple[int, int]] = set()

    def unreadable(error: OSError) -> None:
        path = Path(os.fsdecode(error.filename))
        faults.append(ScannedFile(_place(path, root), path, 0, None, f"cannot be listed: {error.strerror}"))

    for folder, folders, names in os.walk(root, followlinks=True, onerror=unreadable):
        here = Path(folder).stat()
        if (here.st_dev, here.st_ino) in seen:
            folders.clear()
            continue
        seen.add((here.st_dev, here.st_ino))
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(names):
            path = Path(folder) / name
            place = _place(path, root)
            if path.is_file():
                found.append((place, path))
            else:
                kind = "a link to something that is not there" if path.is_symlink() else "neither a file nor a folder"
                faults.append(ScannedFile(place, path, 0, None, kind))
    return found, faults


def _place(path: Path, root: Path) -> Place:
    relative = path.relative_to(root).as_posix()
    # A name that is not UTF-8 is spelt out, since a path is also text in a table.
    return Place(os.fsencode(relative).decode("utf-8", "backslashreplace"))


def _hashed(found: tuple[Place, Path]) -> ScannedFile:
    place, path = found
    digest = hashlib.sha256()
    size_bytes = 0
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                size_bytes += len(chunk)
    except OSError as error:
        return ScannedFile(place, path, 0, None, f"cannot be read: {error.strerror}")
    return ScannedFile(place, path, size_bytes, digest.hexdigest())
