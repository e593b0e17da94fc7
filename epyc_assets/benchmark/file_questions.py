"""Questions that a fleet's registry draws from files: those that are shipped, and those that were imported.

Belongs here: finding the files of a suite and selecting from them. Does not belong here: the layout
(suites.suite_file), generated questions and public sets (drawn_questions).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from epyc_assets.registry.entries import QuestionSet
from epyc_assets.suites.question import Question
from epyc_assets.suites.suite_file import (
    SHIPPED_FOLDER,
    SuiteFile,
    SuiteFileFault,
    imported_files,
    read_suite_file,
    select_questions,
    shipped_suites,
)
from epyc_assets.warehouse.location import checkout_root, data_directory


class NoQuestionFile(ValueError):
    """A question set names a source that has no file for its suite; the message says what to do."""


def shipped_file(suite: str, checkout: Path | None = None) -> SuiteFile:
    """The suite's file in data/suites. Raises NoQuestionFile, and SuiteFileFault for one that cannot be read."""
    files = shipped_suites(checkout or checkout_root())
    if suite not in files:
        raise NoQuestionFile(
            f"No questions are shipped for suite {suite!r}: there is no {SHIPPED_FOLDER / f'{suite}.yaml'}; "
            f"there are {', '.join(files) or 'none'}. Use source: generated."
        )
    file = read_suite_file(files[suite], shown_as=str(SHIPPED_FOLDER / f"{suite}.yaml"))
    if file.suite != suite:
        raise SuiteFileFault(f"{file.shown_as}: its suite is {file.suite!r}: name the file after it")
    return file


def imported_suite_files(data: Path | None = None) -> list[SuiteFile]:
    """Every imported file. Raises SuiteFileFault for one that was changed so that it cannot be read."""
    return [read_suite_file(path, source="imported") for path in imported_files(data or data_directory(create=False))]


def file_questions(entry: QuestionSet) -> list[Question]:
    """The questions of a set whose source is shipped or imported, each once.

    Raises NoQuestionFile, SuiteFileFault, and TooFewQuestions with how many there are.
    """
    if entry.source == "shipped":
        files: Sequence[SuiteFile] = [shipped_file(entry.suite)]
        named = files[0].shown_as
    else:
        every = imported_suite_files()
        files = [file for file in every if file.suite == entry.suite]
        if not files:
            there_are = ", ".join(sorted({file.suite for file in every})) or "none"
            raise NoQuestionFile(
                f"No questions were imported for suite {entry.suite!r} (imported suites: {there_are}): "
                "run epyc suites import PATH."
            )
        named = f"the import of suite {entry.suite!r}"
    questions = {each.question.question_id: each.question for file in files for each in file.questions}
    return select_questions(list(questions.values()), entry.count, seed=entry.seed, tiers=entry.tiers, named=named)
