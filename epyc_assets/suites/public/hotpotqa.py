"""HotpotQA (Yang et al. 2018): questions that need two of the given passages.

Belongs here: its JSON layout with context as pairs and the Parquet copies' layout with context as columns. Does not
belong here: the supporting facts, which are not scored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from epyc_assets.suites.public.adapter import (
    Draft,
    Place,
    PublicSet,
    Row,
    RowRejected,
    level_tier,
    optional_text,
    text_of,
)

_LEVELS = {"easy": 1, "medium": 2, "hard": 3}


def _passages(context: object) -> str:
    """Title and text of every passage; empty where there is no context."""
    if isinstance(context, Mapping):
        pairs = list(zip(context.get("title") or [], context.get("sentences") or [], strict=False))
    elif isinstance(context, list):
        pairs = [(each[0], each[1]) for each in context]
    elif context is None:
        pairs = []
    else:
        raise RowRejected(f"context is {type(context).__name__}, neither pairs nor title and sentences")
    return "\n\n".join(
        f"{title}: {''.join(sentences if isinstance(sentences, list) else [str(sentences)]).strip()}"
        for title, sentences in pairs
    )


def _read(row: Row, place: Place) -> Iterator[Draft]:
    question = text_of(row, "question").strip()
    answer = text_of(row, "answer").strip()
    passages = _passages(row.get("context"))
    asked = f"{passages}\n\nUse the passages above. Question: {question}" if passages else f"Question: {question}"
    yes_no = answer.casefold() in ("yes", "no")
    yield Draft(
        content=question,
        tier=level_tier(row.get("level", "hard"), _LEVELS, "level"),
        prompt=f"{asked}\n\nAnswer with the answer only: a name, a short phrase, a number, yes or no.",
        expected=answer,
        # The set's own measure is F1; a yes or no has no part that could be right.
        scorer="exact_match" if yes_no else "f1",
        config={} if yes_no else {"threshold": 0.6},
        max_tokens=512,
        identity=optional_text(row, "_id", "id"),
        preference=1 if "fullwiki" in str(place.file).casefold() else 0,
    )


HOTPOTQA = PublicSet(
    suite="hotpotqa",
    title="HotpotQA",
    version="1",
    expects=(
        "hotpot_dev_distractor_v1.json (or hotpot_dev_fullwiki_v1.json)",
        "or Parquet such as distractor/validation-00000-of-00001.parquet",
    ),
    licence="CC BY-SA 4.0",
    read=_read,
    splits=("validation", "train"),
)
