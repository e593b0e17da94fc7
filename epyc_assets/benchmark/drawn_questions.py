"""The questions that a fleet's registry entry draws from the suites. Not here: their rows (question_sets)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from epyc_assets.benchmark.file_questions import file_questions
from epyc_assets.registry.entries import Fleet, QuestionSet
from epyc_assets.suites.generation import generate
from epyc_assets.suites.question import Question


def drawn_questions(fleet: Fleet) -> list[Question]:
    """The test questions a fleet's models are asked, each once, in the order of its question_sets.

    Raises the suites' ValueErrors for a suite that has no generator or too few questions.
    """
    by_id: dict[str, Question] = {}
    for entry in fleet.question_sets:
        for question in _questions_of(entry):
            by_id.setdefault(question.question_id, question)
    return list(by_id.values())


def _questions_of(entry: QuestionSet) -> list[Question]:
    if entry.source in ("shipped", "imported"):
        return file_questions(entry)
    wording = "demo" if entry.source == "demo" else "full"
    return generate(entry.suite, count=entry.count, seed=entry.seed, tiers=tuple(entry.tiers), wording=wording)


def first_of_each_suite(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """The first `limit` questions of every suite, in order; all for None."""
    kept: dict[str, int] = defaultdict(int)
    chosen: list[Question] = []
    for question in questions:
        kept[question.suite] += 1
        if limit is None or kept[question.suite] <= limit:
            chosen.append(question)
    return chosen
