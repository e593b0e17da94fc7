"""Multiple choice as a user would be asked it: lettered options and the form of the answer.

Belongs here: what MMLU, ARC, HellaSwag and GPQA share. Does not belong here: their columns.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from epyc_assets.suites.public.adapter import Draft, RowRejected

LETTERS = "ABCDEFGHIJ"
ANSWER_FORM = "Answer with the letter of the correct option only."
MAX_TOKENS = 1024
"""Room to think before the letter; a model that answers at once needs three."""


def choice_draft(
    question: str,
    options: Sequence[object],
    correct: int,
    tier: int,
    *,
    identity: str = "",
    split: str = "",
    preference: int = 0,
) -> Draft:
    """A lettered question. correct: index of the right option. Raises RowRejected for options that cannot be told."""
    texts = [_option_text(option) for option in options]
    if not 2 <= len(texts) <= len(LETTERS):
        raise RowRejected(f"has {len(texts)} options; 2 to {len(LETTERS)} can be lettered")
    if not 0 <= correct < len(texts):
        raise RowRejected(f"the answer is option {correct + 1} of {len(texts)}")
    if any(not text for text in texts):
        raise RowRejected(f"option {LETTERS[texts.index('')]} is empty")
    if texts.count(texts[correct]) > 1:
        raise RowRejected(f"the right option {texts[correct][:40]!r} stands there twice, under different letters")
    listed = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, texts, strict=False))
    return Draft(
        content=f"{question}\n{listed}",
        tier=tier,
        prompt=f"{question}\n\n{listed}\n\n{ANSWER_FORM}",
        expected=LETTERS[correct],
        scorer="multiple_choice",
        config={"choices": texts},
        max_tokens=MAX_TOKENS,
        identity=identity,
        split=split,
        preference=preference,
    )


def _option_text(option: object) -> str:
    """Text or a finite number as text; empty for what is nothing (NULL, NaN), which is not the word None or nan."""
    if isinstance(option, int | float) and not isinstance(option, bool):
        return str(option) if math.isfinite(option) else ""
    if option is None or isinstance(option, str | bool):
        return str(option if option is not None else "").strip()
    raise RowRejected(f"an option is {type(option).__name__} and no text")


def answer_index(answer: object, labels: Sequence[str]) -> int:
    """The index of an answer given as one of the labels, as a letter, or as an index from 0 where labels are letters.

    Raises RowRejected when it is none of these.
    """
    if isinstance(answer, float) and answer.is_integer():
        answer = int(answer)
    if isinstance(answer, int) and not isinstance(answer, bool):
        text = str(answer)
        if text in labels:
            return labels.index(text)
        if 0 <= answer < len(labels):
            return answer
        raise RowRejected(f"the answer {answer} is none of the {len(labels)} options")
    text = str(answer if answer is not None else "").strip().strip("().")
    if text in labels:
        return labels.index(text)
    if text.upper() in labels:
        return labels.index(text.upper())
    # ARC letters some questions with digits; a copy may have rewritten one of the two columns only.
    if re.fullmatch(r"[A-Ja-j]", text) and LETTERS.index(text.upper()) < len(labels):
        return LETTERS.index(text.upper())
    if re.fullmatch(r"\d", text) and list(labels) == list(LETTERS[: len(labels)]):
        return answer_index(int(text), labels)
    raise RowRejected(f"the answer {text!r} is none of the labels {', '.join(labels)}")
