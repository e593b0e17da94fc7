"""GAIA (Mialon et al. 2023, "a benchmark for General AI Assistants"): its questions without an attached file.

Belongs here: metadata.jsonl and its Parquet copies. Does not belong here: tools; a model without them is asked too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from epyc_assets.suites.public.adapter import (
    Config,
    Draft,
    Place,
    PublicSet,
    Row,
    RowLeftOut,
    level_tier,
    optional_text,
    text_of,
)


def _config(answer: str) -> Config:
    """The set's own check takes no notice of the punctuation of words: "St. Petersburg" may be "St Petersburg"."""
    bare = " ".join(re.sub(r"[^\w\s]", "", answer).split())
    words = not re.search(r"[\d,;]", answer) and bare and bare != answer
    return {"any_of": [answer, bare]} if words else {}


def _read(row: Row, place: Place) -> Iterator[Draft]:
    question = text_of(row, "Question", "question").strip()
    if optional_text(row, "file_name", "file_path").strip():
        raise RowLeftOut("needs an attached file, which a text model cannot be given")
    answer = text_of(row, "Final answer", "final_answer", "answer").strip()
    if answer == "?":
        raise RowLeftOut("its answer is not published (test split)")
    level = row.get("Level", row.get("level"))
    yield Draft(
        content=question,
        tier=level_tier(str(level).removesuffix(".0"), {"1": 1, "2": 2, "3": 3}, "Level"),
        prompt=f"{question}\n\nReason as long as you need, then finish with one line: FINAL ANSWER: <answer>. The "
        "answer is a number, as few words as possible, or a comma separated list of these; no units or thousands "
        "separators unless they are asked for, no articles or abbreviations.",
        expected=answer,
        scorer="exact_match",
        config=_config(answer),
        max_tokens=4096,
        identity=optional_text(row, "task_id"),
    )


GAIA = PublicSet(
    suite="gaia",
    title="GAIA",
    version="2",
    expects=("2023/validation/metadata.jsonl or metadata.parquet",),
    licence="none stated; access is granted on the condition that it is not put where it can be crawled",
    read=_read,
    splits=("validation", "test"),
    wanted=lambda path: path.name.casefold().startswith("metadata") or len(path.parts) == 1,
)
