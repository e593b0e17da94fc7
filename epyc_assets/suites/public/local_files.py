"""The files of a local copy: finding them, which split they are of, opening them as they are packed.

Belongs here: folders, links, archives, shards and pointers. Does not belong here: what is in a file (`files`).
"""

from __future__ import annotations

import gzip
import os
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO

READABLE = (".jsonl", ".ndjson", ".json", ".parquet", ".arrow", ".csv", ".tsv")
BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, UnicodeError, RuntimeError, NotImplementedError)
"""What opening and reading a damaged file raises."""

_NOT_DATA = re.compile(
    r"^(dataset_infos?|dataset_dict|state|package|config|metadata_croissant|croissant)\.json$"
    r"|^(cache|tmp)[-\w]*\.arrow$",  # what the datasets library computed from a set
    re.IGNORECASE,
)
_HIDDEN = (".", "__MACOSX")
_POINTER = b"version https://git-lfs.github.com/spec/"
_SHARD = re.compile(r"-(\d{5})-of-(\d{5})(?=[-.])")
_MOST_SHARDS = 10_000
_SPLIT_WORDS = {
    "test": "test",
    "tests": "",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "train": "train",
    "training": "train",
}


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a local copy. member: its name in the archive at `path`, empty where it lies there itself."""

    root: Path
    path: Path
    member: str = ""

    @property
    def name(self) -> PurePosixPath:
        """Its path below the set's folder, the archive's counted as a folder, without .gz."""
        name = PurePosixPath(self.path.relative_to(self.root).as_posix()) / self.member
        return name.with_suffix("") if name.suffix.casefold() == ".gz" else name

    @property
    def split(self) -> str:
        """test, validation, train or (few-shot) examples, as the file's name or else its folders' tell; or empty."""
        for part in (self.name.name, *reversed(self.name.parent.parts)):
            for word in re.split(r"[^A-Za-z]+", part):
                if _SPLIT_WORDS.get(word.casefold()):
                    return _SPLIT_WORDS[word.casefold()]
            if re.search(r"few[_-]?shot", part, re.IGNORECASE):
                return "examples"
        return ""

    def is_pointer(self) -> bool:
        """Whether it only says where Git LFS keeps the contents. Raises OSError where it cannot be read."""
        with _archive_or_file(self) as stream:
            return stream.read(len(_POINTER)) == _POINTER

    def beside(self, name: str) -> bytes | None:
        """Contents of another file of the same archive, by its path from this one's folder; None where it has none."""
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(self.member), name))
        if inside not in _names_in(self.path, self.path.stat().st_mtime_ns):
            return None
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(inside)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """The decompressed contents."""
        with _archive_or_file(self) as stream:
            if (self.member or self.path.name).casefold().endswith(".gz"):
                with gzip.open(stream) as unzipped:
                    yield unzipped  # type: ignore[misc]
            else:
                yield stream


@contextmanager
def _archive_or_file(file: DataFile) -> Iterator[IO[bytes]]:
    if not file.member:
        with file.path.open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(file.path) as archive, archive.open(file.member) as stream:
        yield stream


def data_files(folder: Path, wanted: Callable[[PurePosixPath], bool]) -> tuple[list[DataFile], list[str]]:
    """The readable files below a folder, by name, and the names of the other files there.

    Hidden files and folders, and files that tell of a data set without being it, are passed over; links are followed.
    A link to nothing counts as a file, so that it is told.
    """
    found: list[DataFile] = []
    others: list[str] = []
    for path in _all_files(folder):
        relative = path.relative_to(folder)
        if path.suffix.casefold() == ".zip" and path.is_file():
            files = [DataFile(folder, path, member) for member in _members(path)]
        else:
            files = [DataFile(folder, path)]
        kept = [
            file
            for file in files
            if file.name.suffix.casefold() in READABLE and not _NOT_DATA.match(file.name.name) and wanted(file.name)
        ]
        found += kept
        if not kept:
            others.append(relative.as_posix())
    return found, others


def _all_files(folder: Path) -> list[Path]:
    """Files and dangling links below a folder that are not hidden, sorted; of linked folders, each once.

    A link up to where the folder itself lies is no part of the set.
    """
    found: list[Path] = []
    walked = {str(parent) for parent in folder.resolve().parents}
    for root, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in walked:
            folders.clear()
            continue
        walked.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith(_HIDDEN))
        paths = [Path(root, name) for name in names if not name.startswith(_HIDDEN)]
        found += [path for path in paths if path.is_file() or (path.is_symlink() and not path.exists())]
    return sorted(found)


@lru_cache(maxsize=4)
def _names_in(archive: Path, changed_ns: int) -> frozenset[str]:
    """The names in an archive, read once per edition of it: a set may ask for thousands."""
    return frozenset(_members(archive))


def missing_shards(files: Iterable[DataFile]) -> dict[DataFile, list[int]]:
    """Of files called such as test-00000-of-00003.parquet, the numbers that are not there, by the first one that is."""
    there: dict[tuple[str, int], dict[int, DataFile]] = {}
    for file in files:
        match = _SHARD.search(file.name.name)
        if match is not None and int(match[2]) <= _MOST_SHARDS:
            stem = str(file.name.with_name(file.name.name[: match.start()]))
            there.setdefault((stem, int(match[2])), {})[int(match[1])] = file
    gaps = {numbers[min(numbers)]: sorted(set(range(count)) - set(numbers)) for (_, count), numbers in there.items()}
    return {file: missing for file, missing in gaps.items() if missing}


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except BROKEN:
        return []
    return sorted(name for name in names if not any(part.startswith(_HIDDEN) for part in PurePosixPath(name).parts))
