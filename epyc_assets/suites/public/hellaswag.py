"""HellaSwag (Zellers et al. 2019): which of four endings goes on.

Belongs here: its JSON lines and Parquet layouts and the cleaning of WikiHow's marks. Does not belong here: lettering
options (`choices`).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, Row, RowRejected, optional_text, text_of
from epyc_assets.suites.public.choices import choice_draft

_EASY_WORDS = 25
_MIDDLE_WORDS = 60


def _cleaned(text: str) -> str:
    """WikiHow's [title] and [step] marks are no words of the text; lm-eval cleans them in the same way."""
    text = text.replace(" [title]", ". ").replace("[title]", "")
    return re.sub(r" {2,}", " ", re.sub(r"\[.*?\]", "", text)).strip()


def _read(row: Row, place: Place) -> Iterator[Draft]:
    context = optional_text(row, "ctx") or " ".join(
        filter(None, (optional_text(row, "ctx_a"), optional_text(row, "ctx_b")))
    )
    if not context:
        text_of(row, "ctx", "ctx_a")
    endings = row.get("endings", row.get("ending_options"))
    if isinstance(endings, str):
        try:
            endings = json.loads(endings)
        except ValueError:
            endings = ast.literal_eval(endings)
    if not isinstance(endings, list):
        raise RowRejected("has no list of endings")
    label = row.get("label")
    if label is None or not re.fullmatch(r"\d+(\.0)?", str(label).strip()):
        raise RowRejected(f"the label {label!r} is no index; the test split is published without")
    activity = _cleaned(optional_text(row, "activity_label"))
    context = _cleaned(context)
    question = f"Which ending continues this text most sensibly?\n\n{f'{activity}: ' if activity else ''}{context} ..."
    words = len(context.split())
    tier = 1 if words <= _EASY_WORDS else 2 if words <= _MIDDLE_WORDS else 3
    shown = [_cleaned(ending) if isinstance(ending, str) else ending for ending in endings]
    yield choice_draft(question, shown, int(float(str(label))), tier)


HELLASWAG = PublicSet(
    suite="hellaswag",
    title="HellaSwag",
    version="1",
    expects=(
        "data/hellaswag_val.jsonl of the original repository",
        "or Parquet such as data/validation-00000-of-00001.parquet with ctx, endings, label",
    ),
    licence="MIT",
    read=_read,
    splits=("validation", "train"),
)
