"""GSM8K (Cobbe et al. 2021, "Training Verifiers to Solve Math Word Problems").

Belongs here: its columns question and answer, and the answer after ####. Does not belong here: other mathematics
(`math_500`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, Row, RowRejected, text_of

_EASY_STEPS = 2
_MIDDLE_STEPS = 3


def _read(row: Row, place: Place) -> Iterator[Draft]:
    question = text_of(row, "question").strip()
    working, mark, final = text_of(row, "answer").rpartition("####")
    if not mark or not final.strip():
        raise RowRejected("the answer has no final answer after ####")
    answer = final.strip().replace(",", "")
    if not re.fullmatch(r"[-+]?\$?\d*\.?\d+%?", answer):
        raise RowRejected(f"the final answer {final.strip()[:40]!r} is no number")
    # A step is a calculation <<...>>; a solution without any counts its lines.
    steps = working.count("<<") or sum(1 for line in working.splitlines() if line.strip())
    yield Draft(
        content=question,
        tier=1 if steps <= _EASY_STEPS else 2 if steps <= _MIDDLE_STEPS else 3,
        prompt=f"{question}\n\nReason step by step, then give the final answer as a number on a last line of its own: "
        "#### <number>",
        expected=answer,
        scorer="exact_match",
        max_tokens=1024,
    )


GSM8K = PublicSet(
    suite="gsm8k",
    title="GSM8K",
    version="1",
    expects=(
        "test.jsonl of the original repository",
        "or Parquet such as main/test-00000-of-00001.parquet with question, answer",
    ),
    licence="MIT",
    read=_read,
    splits=("test", "train"),
    # The socratic copies are the same questions with their solutions cut into sub-questions.
    wanted=lambda path: "socratic" not in str(path).casefold() and "example_model_solutions" not in path.name,
)
