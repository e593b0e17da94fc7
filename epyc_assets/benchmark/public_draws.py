"""Questions that a fleet's registry draws from the local copies of public sets, none asked under another seed before.

Belongs here: one question set's draw and what it remembers. Does not belong here: reading local copies (suites.public),
the rule of the draw (suites.sampling), the tables (question_sets).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from epyc_assets.registry.entries import QuestionSet
from epyc_assets.suites.public import (
    ADAPTERS,
    Candidate,
    LocalCopy,
    Reject,
    RowLeftOut,
    RowRejected,
    question_of,
    read_local_copy,
    reject_of,
)
from epyc_assets.suites.question import Question
from epyc_assets.suites.sampling import draw_unseen


@dataclass(frozen=True, slots=True)
class SeenQuestion:
    """One question that a draw has asked: a row of table questions_seen of one fleet."""

    suite: str
    seed: int
    question_key: str
    position: int


@dataclass(frozen=True, slots=True)
class PublicDraw:
    """What one question set drew. keys: of each question, in order. left_out: reason to the number of rows."""

    copy: LocalCopy
    questions: Sequence[Question]
    keys: Sequence[str]
    rejects: Sequence[Reject]
    left_out: Mapping[str, int]


def draw_public_set(entry: QuestionSet, copy: LocalCopy, seen: Iterable[SeenQuestion]) -> PublicDraw:
    """The questions of one set of a fleet. seen: what the fleet's draws of this suite asked before, this seed's too.

    Raises TooFewUnseen when other seeds have asked too many.
    """
    asked = [each for each in seen if each.suite == entry.suite]
    mine = sorted((each for each in asked if each.seed == entry.seed), key=lambda each: each.position)
    rejects = list(copy.rejects)
    left_out = Counter(copy.left_out)

    def accept(candidate: Candidate) -> tuple[str, Question] | None:
        try:
            return candidate.key, question_of(candidate, copy, entry.seed)
        except RowLeftOut as error:
            left_out[str(error)] += 1
        except RowRejected as error:
            rejects.append(reject_of(candidate, copy, str(error)))
        return None

    drawn = draw_unseen(
        copy.candidates,
        accept,
        suite=entry.suite,
        count=entry.count,
        seed=entry.seed,
        tiers=tuple(dict.fromkeys(entry.tiers)),
        drawn_before=[each.question_key for each in mine],
        seen_elsewhere={each.question_key for each in asked if each.seed != entry.seed},
        reasons=left_out,
    )
    return PublicDraw(copy, [question for _, question in drawn], [key for key, _ in drawn], rejects, dict(left_out))


def local_copy_of(suite: str, datasets: Path) -> LocalCopy:
    """The local copy of a public suite. Raises PublicSetMissing, which says what to put where."""
    return read_local_copy(ADAPTERS[suite], datasets)
