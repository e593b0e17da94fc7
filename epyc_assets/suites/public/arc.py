"""ARC (Clark et al. 2018, "Think you have Solved Question Answering? Try ARC"): school science, easy and challenge.

Belongs here: its JSON lines, CSV and Parquet layouts. Does not belong here: lettering options (`choices`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, Row, RowRejected, optional_text, text_of
from epyc_assets.suites.public.choices import answer_index, choice_draft

_CSV_OPTION = re.compile(r"\s*\(([A-E1-5])\)\s+")


def _tier(row: Row, place: Place) -> int:
    """Easy set 1, challenge set 2, by the path or the row; 2 where neither tells."""
    told = f"{place.file} {optional_text(row, 'category', 'config', 'isMultipleChoiceQuestion')}".casefold()
    return 1 if "easy" in told else 2


def _options(row: Row) -> tuple[str, list[object], list[str]]:
    """Question, option texts and their labels."""
    question = row.get("question")
    choices = row.get("choices")
    if isinstance(question, Mapping):
        choices = question.get("choices")
        question = question.get("stem")
    if not isinstance(question, str) or not question.strip():
        raise RowRejected("question is empty or no text")
    if isinstance(choices, Mapping):
        texts, labels = list(choices.get("text") or []), list(choices.get("label") or [])
    elif isinstance(choices, list):
        texts, labels = [each["text"] for each in choices], [each["label"] for each in choices]
    else:
        stem, *parts = _CSV_OPTION.split(question)
        question, labels, texts = stem, parts[::2], parts[1::2]
    if len(texts) != len(labels) or not texts:
        raise RowRejected(f"has {len(texts)} options and {len(labels)} labels")
    return question.strip(), list[object](texts), [str(label).strip() for label in labels]


def _read(row: Row, place: Place) -> Iterator[Draft]:
    question, texts, labels = _options(row)
    answer = row.get("answerKey", row.get("AnswerKey"))
    if answer is None or not str(answer).strip():
        text_of(row, "answerKey", "AnswerKey")
    if re.fullmatch(r"[1-5]", str(answer).strip()) and str(answer).strip() not in labels:
        answer = "ABCDE"[int(str(answer)) - 1]  # digits count from 1 in this set
    yield choice_draft(question, texts, answer_index(answer, labels), _tier(row, place))


ARC = PublicSet(
    suite="arc",
    title="ARC",
    version="1",
    expects=(
        "ARC-Easy/ARC-Easy-Test.jsonl and ARC-Challenge/ARC-Challenge-Test.jsonl (or .csv) of the original archive",
        "or Parquet such as ARC-Challenge/test-00000-of-00001.parquet with question, choices {text, label}, answerKey",
    ),
    licence="CC BY-SA 4.0",
    read=_read,
)
