"""The questions that a fleet's registry entry draws from the suites. Not here: their rows (question_sets)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from epyc_assets.benchmark.file_questions import file_questions
from epyc_assets.benchmark.public_draws import PublicDraw, SeenQuestion, draw_public_set, local_copy_of
from epyc_assets.registry.entries import Fleet, QuestionSet
from epyc_assets.suites.generation import generate
from epyc_assets.suites.public import ADAPTERS, LocalCopy
from epyc_assets.suites.question import Question
from epyc_assets.warehouse.location import datasets_directory


@dataclass(frozen=True, slots=True)
class Draw:
    """What one question set gave. keys: what each question is remembered by. public: of a public set, how it went."""

    entry: QuestionSet
    questions: Sequence[Question]
    keys: Sequence[str]
    public: PublicDraw | None = None


def drawn_questions(fleet: Fleet, seen: Sequence[SeenQuestion] = (), *, datasets: Path | None = None) -> list[Question]:
    """The test questions a fleet's models are asked, each once, in the order of its question_sets.

    seen, datasets, errors: as for `draws_of`.
    """
    return each_once(draws_of(fleet, seen, datasets=datasets))


def each_once(draws: Iterable[Draw]) -> list[Question]:
    """The questions of several draws, in their order; one that two of them gave stands where it came first."""
    by_id: dict[str, Question] = {}
    for draw in draws:
        for question in draw.questions:
            by_id.setdefault(question.question_id, question)
    return list(by_id.values())


def draws_of(fleet: Fleet, seen: Sequence[SeenQuestion] = (), *, datasets: Path | None = None) -> list[Draw]:
    """What each of a fleet's question sets gives, in their order.

    seen: what the fleet's draws have asked before; sets of a public suite pass over what other seeds asked, also those
    before them in the list. datasets: folder of the public sets' local copies; None: where the environment says.
    Raises the suites' ValueErrors for a suite that has no generator, no file or no local copy, or too few questions.
    """
    asked = list(seen)
    copies: dict[str, LocalCopy] = {}
    draws: list[Draw] = []
    for entry in fleet.question_sets:
        if entry.suite not in ADAPTERS:
            questions = _own_questions(entry)
            draws.append(Draw(entry, questions, [question.question_id for question in questions]))
            continue
        if entry.suite not in copies:
            copies[entry.suite] = local_copy_of(entry.suite, datasets or datasets_directory())
        public = draw_public_set(entry, copies[entry.suite], asked)
        asked += [
            SeenQuestion(entry.suite, entry.seed, key, len(asked) + position)
            for position, key in enumerate(public.keys)
        ]
        draws.append(Draw(entry, public.questions, public.keys, public))
    return draws


def _own_questions(entry: QuestionSet) -> list[Question]:
    if entry.source in ("shipped", "imported"):
        return file_questions(entry)
    wording = "demo" if entry.source == "demo" else "full"
    return generate(
        entry.suite,
        count=entry.count,
        seed=entry.seed,
        tiers=tuple(entry.tiers),
        wording=wording,
        context_tokens=entry.context_tokens,
        needle_ratio=entry.needle_ratio,
    )


def first_of_each_suite(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """The first `limit` questions of every suite, in order; all for None."""
    kept: dict[str, int] = defaultdict(int)
    chosen: list[Question] = []
    for question in questions:
        kept[question.suite] += 1
        if limit is None or kept[question.suite] <= limit:
            chosen.append(question)
    return chosen
