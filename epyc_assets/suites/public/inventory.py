"""What local copies of public sets there are: questions per tier, what cannot be used, and which files are missing.

Belongs here: the inventory as rows. Does not belong here: printing it, or reading the copies (`reading`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epyc_assets.suites.public.adapter import PublicSet, RowLeftOut, RowRejected
from epyc_assets.suites.public.reading import (
    Candidate,
    LocalCopy,
    PublicSetMissing,
    local_folder,
    question_of,
    read_local_copy,
)
from epyc_assets.suites.question import Question
from epyc_assets.suites.sampling import TooFewUnseen, draw_unseen


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """One public set. copy: what is there; None where there is nothing to ask, and problem says why."""

    adapter: PublicSet
    folder: Path
    copy: LocalCopy | None
    problem: str

    @property
    def status(self) -> str:
        """found, unusable (there is a folder, but no question in it), or missing."""
        return "found" if self.copy else "unusable" if self.folder.is_dir() else "missing"

    def as_dict(self) -> dict[str, Any]:
        """One row for people and for JSON. Counts are None where nothing was read."""
        copy = self.copy
        tiers: Mapping[int, int | None] = copy.per_tier() if copy else dict.fromkeys((1, 2, 3))
        return {
            "suite": self.adapter.suite,
            "title": self.adapter.title,
            "status": self.status,
            "questions": len(copy.candidates) if copy else None,
            **{f"tier_{tier}": tiers[tier] for tier in (1, 2, 3)},
            "split": copy.split if copy else None,
            "files": list(copy.files) if copy else [],
            "rejects": len(copy.rejects) if copy else None,
            "left_out": sum(copy.left_out.values()) if copy else None,
            "duplicates": copy.duplicates if copy else None,
            "version": copy.version if copy else None,
            "folder": str(self.folder),
            "expects": list(self.adapter.expects),
            "licence": self.adapter.licence,
            "problem": self.problem or None,
        }


def inventory(adapters: Iterable[PublicSet], datasets: Path) -> Iterator[InventoryEntry]:
    """Every set, found or not; reads each local copy whole."""
    for adapter in adapters:
        folder = local_folder(adapter, datasets)
        try:
            yield InventoryEntry(adapter, folder, read_local_copy(adapter, datasets), "")
        except PublicSetMissing as error:
            yield InventoryEntry(adapter, folder, None, str(error))


def shown_questions(copy: LocalCopy, count: int, seed: int) -> list[Question]:
    """Up to `count` questions in the order in which a seed draws them, those that cannot be asked passed over."""

    drawn: list[Question] = []

    def accept(candidate: Candidate) -> Question | None:
        with contextlib.suppress(RowRejected, RowLeftOut):
            drawn.append(question_of(candidate, copy, seed))
            return drawn[-1]
        return None

    with contextlib.suppress(TooFewUnseen):  # then all there are
        draw_unseen(copy.candidates, accept, suite=copy.adapter.suite, count=count, seed=seed)
    return drawn
