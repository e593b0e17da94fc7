"""Faults of registry files: one readable line each, all of them in one exception.

What belongs here: `Fault`, `RegistryFault`, and the wording help (key paths, nearest known word).
What does not: finding faults (`yaml_source`, `loading`, `references`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one file. `line` counts from 1 and is None where there is none to name."""

    file: str
    key: str
    problem: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.key}: {self.problem}" if self.key else f"{where}: {self.problem}"


class RegistryFault(ValueError):
    """The registry cannot be used as it is. `faults` holds everything that was found wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        lines = [str(fault) for fault in self.faults]
        count = "1 fault" if len(lines) == 1 else f"{len(lines)} faults"
        super().__init__(f"The registry has {count}:\n" + "\n".join(lines))


def shown_path(path: Sequence[str | int]) -> str:
    """(`models`, `a`, `drafts`, 0) -> `models.a.drafts[0]`."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        else:
            shown += f".{part}" if shown else str(part)
    return shown


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "..."?` for the known word that looks most like `word`, else an empty string."""
    candidates = list(known)
    found = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    if not found:
        by_lower_case = {candidate.lower(): candidate for candidate in candidates}
        found = [
            by_lower_case[match]
            for match in difflib.get_close_matches(word.lower(), list(by_lower_case), n=1, cutoff=0.6)
        ]
    if not found and len(word) >= 3:
        # "speculation" for "spec", "thread" for "threads_per_core": too far apart for difflib.
        found = [known for known in candidates if len(known) >= 3 and word.startswith(known)][:1]
        found = found or [known for known in candidates if known.startswith(word)][:1]
    return f'; did you mean "{found[0]}"?' if found else ""
