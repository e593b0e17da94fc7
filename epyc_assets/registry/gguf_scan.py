"""Walks model roots and tells what GGUF files lie there: facts, content hashes, and what could not be read.

What belongs here: finding files, shard sets as one row, hashing with a cache. What does not: the meaning of a
header (`gguf_file`), writing rows (`rows`, the warehouse).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from epyc_assets.registry.gguf_file import GgufFacts, GgufFault, read_gguf_facts, shard_files

SOURCE = "gguf_files"
_HASHED_AT_ONCE = 8 * 2**20


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What an earlier scan found: of a shard set the sums over its parts."""

    size_bytes: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class GgufFile:
    """A GGUF file or shard set under a model root."""

    root: str
    path: str
    """Relative to the root, with `/`; of a shard set its first file."""
    size_bytes: int
    mtime_ns: int
    """Of a shard set the sum over the parts modulo 2**62, so that a change of any part shows."""
    sha256: str
    """Of the contents; of a shard set sha256 over its parts' hashes (as bytes, in order)."""
    facts: GgufFacts


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be read: where, why, and what it began with."""

    source: str
    location: str
    reason: str
    raw_text: str


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """Told while scanning: files done of files found, and bytes hashed of the present file."""

    path: str
    files_done: int
    files_found: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan found. `hashed_bytes` were read; what was known by size and time was not.

    `absent_roots`: names of the roots whose folder is not there: not made yet, or a disk that is not mounted.
    """

    files: list[GgufFile]
    rejects: list[Reject]
    hashed_bytes: int
    absent_roots: list[str] = field(default_factory=list)


def scan_model_roots(
    roots: Mapping[str, Path],
    known: Mapping[tuple[str, str], KnownFile] | None = None,
    on_progress: Callable[[ScanProgress], None] | None = None,
) -> ScanResult:
    """Find and describe every GGUF file under `roots` (by name).

    `known` maps (root, path) to what an earlier scan found; a file with the same size and time is not hashed
    again. Whatever cannot be read becomes a reject; a root that is not there is none (a host may name more folders
    than a machine has) but is listed. Links are followed, circles are not; a file reached twice is told once.
    """
    earlier = known or {}
    rejects: list[Reject] = []
    files: list[GgufFile] = []
    hashed_bytes = 0
    absent = [name for name, root in roots.items() if _is_absent(root)]
    found = [
        (name, root, path)
        for name, root in roots.items()
        if name not in absent
        for path in _gguf_files(name, root, rejects)
    ]
    sets, orphans = _sets(found)
    rejects.extend(orphans)
    seen: set[str] = set()
    for index, (name, root, path) in enumerate(sets):
        location = path.relative_to(root).as_posix()
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        if not location.isprintable():
            # Bytes that are no UTF-8, or control characters: no table, log or YAML file can hold them.
            shown = location.encode("utf-8", "backslashreplace").decode().encode("unicode_escape").decode()
            reason = "the file name holds bytes that are not UTF-8 or control characters; rename the file"
            rejects.append(Reject(SOURCE, f"{name}/{shown}", reason, shown))
            continue
        try:
            facts = replace(read_gguf_facts(path), token_data=b"")
            parts = shard_files(path)
            size_bytes, mtime_ns = _stamp(parts)
            cached = earlier.get((name, location))
            if cached is not None and (cached.size_bytes, cached.mtime_ns) == (size_bytes, mtime_ns):
                sha256 = cached.sha256
            else:
                sha256 = _hash_of_set(parts, size_bytes, location, index, len(sets), on_progress)
                hashed_bytes += size_bytes
                if _stamp(parts) != (size_bytes, mtime_ns):
                    raise GgufFault(f"{path.name}: changed while it was read; is it still being copied?")
        except GgufFault as fault:
            rejects.append(Reject(SOURCE, f"{name}/{location}", str(fault), _beginning(path)))
            continue
        except OSError as error:
            reason = f"{path.name}: cannot be read: {error.strerror or error}"
            rejects.append(Reject(SOURCE, f"{name}/{location}", reason, ""))
            continue
        files.append(GgufFile(name, location, size_bytes, mtime_ns, sha256, facts))
        if on_progress is not None:
            on_progress(ScanProgress(location, index + 1, len(sets), size_bytes, size_bytes))
    return ScanResult(files, rejects, hashed_bytes, absent)


def stamp_of(path: Path) -> tuple[int, int]:
    """Size in bytes and time of change (nanoseconds) of a file, or as in KnownFile of the set it begins; cheap.

    Raises GgufFault for a set with a part missing, OSError for what cannot be read.
    """
    return _stamp(shard_files(path))


def content_hash(path: Path) -> str:
    """The hash a scan would give a file or the set it begins; reads all of it. Raises as `stamp_of`."""
    return _hash_of_set(shard_files(path), 0, path.name, 0, 1, None)


def _is_absent(root: Path) -> bool:
    """Whether there is no such folder; one that may not be looked at counts as there, and becomes a reject."""
    try:
        root.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _gguf_files(name: str, root: Path, rejects: list[Reject]) -> Iterator[Path]:
    """Every *.gguf below `root`, in order, each folder once even when links lead back to it."""
    entered: set[tuple[int, int]] = set()

    def refused(error: OSError) -> None:
        folder = Path(error.filename) if error.filename else root
        location = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.name
        reason = f"the folder cannot be read: {error.strerror or error}"
        rejects.append(Reject(SOURCE, f"{name}/{location}", reason, ""))

    for folder, folders, names in os.walk(root, onerror=refused, followlinks=True):
        try:
            status = Path(folder).stat()
        except OSError as error:
            refused(error)
            folders.clear()
            continue
        if (status.st_dev, status.st_ino) in entered:
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        folders.sort()
        for file in sorted(names):
            if file.lower().endswith(".gguf"):
                yield Path(folder) / file


def _sets(
    found: list[tuple[str, Path, Path]],
) -> tuple[list[tuple[str, Path, Path]], list[Reject]]:
    """First files of the sets, and a reject for each part whose first file is not there."""
    paths = {path for _, _, path in found}
    firsts: list[tuple[str, Path, Path]] = []
    orphans: list[Reject] = []
    for name, root, path in found:
        location = f"{name}/{path.relative_to(root).as_posix()}"
        try:
            first = shard_files(path)[0]
        except GgufFault as fault:
            orphans.append(Reject(SOURCE, location, str(fault), path.name))
            continue
        if first == path:
            firsts.append((name, root, path))
        elif first not in paths:
            reason = f"{path.name}: the first file of its set ({first.name}) is missing"
            orphans.append(Reject(SOURCE, location, reason, path.name))
    return firsts, orphans


def _stamp(parts: list[Path]) -> tuple[int, int]:
    status = [part.stat() for part in parts]
    return sum(each.st_size for each in status), sum(each.st_mtime_ns for each in status) % 2**62


def _hash_of_set(
    parts: list[Path],
    total_bytes: int,
    location: str,
    index: int,
    found: int,
    on_progress: Callable[[ScanProgress], None] | None,
) -> str:
    done = 0
    digests: list[bytes] = []
    buffer = bytearray(_HASHED_AT_ONCE)
    view = memoryview(buffer)
    for part in parts:
        digest = hashlib.sha256()
        with part.open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                digest.update(view[:count])
                done += count
                if on_progress is not None:
                    on_progress(ScanProgress(location, index, found, done, total_bytes))
        digests.append(digest.digest())
    if len(digests) == 1:
        return digests[0].hex()
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _beginning(path: Path) -> str:
    """The first bytes of a refused file, readable: enough to see that it is HTML or a Git LFS pointer."""
    try:
        with path.open("rb") as file:
            return file.read(120).decode("utf-8", errors="backslashreplace").replace("\x00", "\\x00")
    except OSError:
        return ""
