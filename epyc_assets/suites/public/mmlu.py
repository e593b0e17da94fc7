"""MMLU (Hendrycks et al. 2021, "Measuring Massive Multitask Language Understanding").

Belongs here: its two published layouts, the original CSV files without a header and the Parquet copies. Does not
belong here: lettering options (`choices`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, Row, RowRejected, optional_text, text_of
from epyc_assets.suites.public.choices import answer_index, choice_draft

_MIDDLE = re.compile(r"high.school|miscellaneous|global.facts|us.foreign.policy|human.aging|nutrition|marketing")
_HARD = re.compile(
    r"college|professional|abstract.algebra|anatomy|astronomy|econometrics|engineering|formal.logic|genetics|machine"
    r".learning|medicine|virology|physics|jurisprudence|international.law|law|philosophy|moral.scenarios|security"
)
_LETTERS = ("A", "B", "C", "D")


def _tier(subject: str) -> int:
    """elementary 1, high school 2, college and professional 3; the subjects without a level by what they are taught as.

    An unknown subject is 2.
    """
    name = subject.casefold()
    if "elementary" in name:
        return 1
    if _MIDDLE.search(name):
        return 2
    return 3 if _HARD.search(name) else 2


def _subject(row: Row, place: Place) -> str:
    named = optional_text(row, "subject", "Subject").strip()
    if named:
        return named
    stem = re.sub(r"_(test|val|dev|train)$", "", place.file.stem)
    if stem not in ("test", "val", "validation") and not re.match(r"(test|validation|train|auxiliary)-\d", stem):
        return stem
    return place.file.parent.name


def _options(row: Row) -> tuple[str, list[object], object]:
    """Question, options and answer of a row in either layout."""
    if "0" in row and "question" not in row:
        cells = [str(row[str(index)]) for index in range(len(row))]
        if len(cells) != 6:
            raise RowRejected(f"has {len(cells)} cells; the original files have 6: question, A, B, C, D, answer")
        if cells[5].strip().upper() not in _LETTERS:
            raise RowRejected(f"the answer {cells[5]!r} is none of A, B, C, D")
        return cells[0].strip(), list[object](cells[1:5]), cells[5]
    question = text_of(row, "question", "Question", "input")
    if all(letter in row for letter in _LETTERS):
        return (
            question,
            [row[letter] for letter in _LETTERS],
            row.get("answer", row.get("target", row.get("Answer"))),
        )
    options = row.get("choices", row.get("options"))
    if isinstance(options, str):
        try:
            options = ast.literal_eval(options)
        except (ValueError, SyntaxError) as error:
            raise RowRejected(f"choices are no list: {options[:60]!r}") from error
    if not isinstance(options, list):
        raise RowRejected("has no list of choices")
    return question, options, row.get("answer")


def _read(row: Row, place: Place) -> Iterator[Draft]:
    question, options, answer = _options(row)
    if not question.strip():
        raise RowRejected("question is empty")
    if question.strip().casefold() == "question" or [str(each).strip() for each in options] == list(_LETTERS):
        raise RowRejected("is a header; the original files have none")
    labels = [chr(ord("A") + index) for index in range(len(options))]
    subject = _subject(row, place)
    yield choice_draft(question, options, answer_index(answer, labels), _tier(subject))


def _wanted(path: PurePosixPath) -> bool:
    """The five examples per subject that prompts are made of (dev) and the auxiliary training set are never asked."""
    parts = {part.casefold() for part in path.parts}
    return not (parts & {"dev", "auxiliary_train"} or re.search(r"(_dev|^dev)(\.|-)", path.name.casefold()))


MMLU = PublicSet(
    suite="mmlu",
    title="MMLU",
    version="1",
    expects=(
        "data/test/<subject>_test.csv of the original archive, unpacked",
        "or Parquet with question, subject, choices, answer, such as all/test-00000-of-00001.parquet",
    ),
    licence="MIT",
    read=_read,
    splits=("test", "validation"),
    wanted=_wanted,
    headless=True,
)
