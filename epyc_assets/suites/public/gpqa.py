"""GPQA (Rein et al. 2023, "A Graduate-Level Google-Proof Q&A Benchmark").

Belongs here: its CSV columns and the order of the options, which the published file has not. Does not belong here:
lettering options (`choices`).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

from epyc_assets.suites.public.adapter import Draft, Place, PublicSet, Row, optional_text, text_of
from epyc_assets.suites.public.choices import choice_draft


def _read(row: Row, place: Place) -> Iterator[Draft]:
    question = text_of(row, "Question", "question").strip()
    correct = text_of(row, "Correct Answer", "correct_answer").strip()
    wrong = [text_of(row, f"Incorrect Answer {number}", f"incorrect_answer_{number}").strip() for number in (1, 2, 3)]
    options = [correct, *wrong]
    # Shuffled by content, so that the letter is the same at every seed, on every machine and for every row order.
    digest = hashlib.sha256("\x1f".join([question, *sorted(options)]).encode()).digest()
    order = [0, 1, 2, 3]
    random.Random(int.from_bytes(digest[:8], "big")).shuffle(order)
    ranked = sorted(range(4), key=lambda index: options[index])
    shuffled = [ranked[index] for index in order]
    identity = optional_text(row, "Record ID")
    # Diamond and main are the better checked selections of the same questions.
    preference = 0 if "diamond" in place.file.name else 1 if "main" in place.file.name else 2
    yield choice_draft(
        question,
        [options[index] for index in shuffled],
        shuffled.index(0),
        3,
        identity=identity,
        preference=preference,
    )


GPQA = PublicSet(
    suite="gpqa",
    title="GPQA",
    version="1",
    expects=("gpqa_diamond.csv, gpqa_main.csv or gpqa_extended.csv (the archive's ZIP needs its password: unpack it)",),
    licence="CC BY 4.0; its authors ask that questions are not put where they can be crawled",
    read=_read,
    wanted=lambda path: "experts" not in path.name.casefold(),
)
