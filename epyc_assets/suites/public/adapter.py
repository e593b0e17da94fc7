"""What an adapter of a public set is: which files it reads, and how one row of them becomes a question.

Belongs here: the types that the adapters (a file each) and the reading of local copies (`reading`) share. Does not
belong here: any particular set, file formats (`files`), or drawing questions (`sampling`).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from epyc_assets.suites.question import JSON

Row = Mapping[str, Any]
"""One record of a published file: column name to value. Files without a header have the columns "0", "1", ..."""

Config = Mapping[str, JSON]


class RowRejected(ValueError):
    """A row that cannot be read as the set is published; the message says why. It becomes a row of `rejects`."""


class RowLeftOut(ValueError):
    """A row that is as published but cannot be asked here (for example one with a picture); the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands. file: its path below the set's folder. reread: the whole row again, with costly columns."""

    file: PurePosixPath
    location: str
    reread: Callable[[], Row]
    sibling: Callable[[str], bytes | None] = lambda name: None
    """Contents of another file of the local copy, by its path from the folder of this one; None where there is none."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One usable row, not yet drawn.

    content: the set's own words (question, options); rows with equal content are one question, whatever the prompt
    around them. config: the scorer's, or how to get it when the question is drawn, for what is costly to decode.
    identity: the set's own id, where one question stands in several files in different words; of these the one with
    the lowest preference is taken.
    """

    content: str
    tier: int
    prompt: str
    expected: str
    scorer: str
    max_tokens: int
    config: Config | Callable[[], Config] = field(default_factory=dict)
    identity: str = ""
    preference: int = 0
    split: str = ""
    """Split the row itself belongs to (test, validation, train), where rows and not files say so."""


@dataclass(frozen=True, slots=True)
class PublicSet:
    """An adapter. read: the drafts of one row, usually one; raises RowRejected or RowLeftOut.

    splits: the splits that are asked, best first; the first one that the local copy has is read. Files whose name tells
    no split count as of the first. wanted: whether a path below the set's folder is one of its files. costly: columns
    that are only read for drawn questions. headless: CSV files without a header.
    """

    suite: str
    title: str
    version: str
    expects: Sequence[str]
    """Published files, as a person would look for them."""
    licence: str
    read: Callable[[Row, Place], Iterator[Draft]]
    splits: Sequence[str] = ("test", "validation", "train")
    wanted: Callable[[PurePosixPath], bool] = lambda path: True
    costly: frozenset[str] = frozenset()
    headless: bool = False

    @property
    def source(self) -> str:
        return f"public:{self.suite}"


def text_of(row: Row, *names: str) -> str:
    """The first of the columns that holds text, stripped of blank lines around; raises RowRejected when none does."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip("\r\n")
        # NaN is how data frames write that there is nothing.
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return str(value)
    held = [name for name in names if name in row]
    if held:
        raise RowRejected(f"{held[0]} is empty or no text: {str(row[held[0]])[:60]!r}")
    raise RowRejected(f"has no {' or '.join(names)}; it has {', '.join(map(str, list(row)[:12])) or 'nothing'}")


def optional_text(row: Row, *names: str) -> str:
    """As `text_of`, but empty where no column holds text."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip("\r\n")
    return ""


def level_tier(value: object, levels: Mapping[str, int], name: str) -> int:
    """The tier of a difficulty in words or numbers; raises RowRejected for one that the set does not have."""
    tier = levels.get(str(value).strip().casefold())
    if tier is None:
        raise RowRejected(f"{name} is {value!r}; it is one of {', '.join(levels)}")
    return tier


def code_lines_tier(code: str, easy: int, middle: int) -> int:
    """Tier by the number of lines of code that are not blank: up to `easy` 1, up to `middle` 2, more 3."""
    lines = sum(1 for line in code.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return 1 if lines <= easy else 2 if lines <= middle else 3


def content_digest(*parts: str) -> str:
    """32 hexadecimal digits of SHA-256 over texts; raises RowRejected for what is no Unicode text."""
    try:
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
    except UnicodeEncodeError as error:
        raise RowRejected(f"holds characters that are no text ({error.reason})") from error
