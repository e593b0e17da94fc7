"""Finding things in long texts for real models: prose, code, logs and tables of any length, needles at any place.

Belongs here: which kinds a tier asks, default lengths, and the prompt around a haystack. Does not belong here: needles
and filler (`long_context_tasks/`).

`context_tokens` counts the whole prompt, question included, in estimated tokens (see
`long_context_tasks.haystack`). `needle_ratio` is where in the text the sentence or line that holds the answer starts;
with
it only kinds are drawn whose answer stands in one place (sums, counts, orders and absent needles have no such place).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from epyc_assets.suites.generators.long_context_tasks.facts import (
    absent,
    counted,
    hops,
    latest,
    ordered,
    single,
    summed,
)
from epyc_assets.suites.generators.long_context_tasks.haystack import (
    LEAST_CONTEXT_TOKENS,
    Puzzle,
    estimated_tokens,
    haystack,
)
from epyc_assets.suites.generators.long_context_tasks.records import (
    code_callers,
    code_value,
    log_count,
    log_request,
    table_cell,
    table_total,
)
from epyc_assets.suites.task import Generator, KeyFilter, Task

CONTEXT_TOKENS: Mapping[int, int] = {1: 1000, 2: 4000, 3: 12000}
"""Prompt lengths by tier where none is asked for."""

ANSWER_TOKENS: Mapping[int, int] = {1: 1024, 2: 2048, 3: 2048}

PLACED: tuple[Callable[[random.Random, int], Puzzle], ...] = (
    single,
    latest,
    hops,
    code_value,
    log_request,
    table_cell,
)
SPREAD: tuple[Callable[[random.Random, int], Puzzle], ...] = (
    absent,
    summed,
    counted,
    ordered,
    code_callers,
    log_count,
    table_total,
)

_LARGEST_SHARE = 0.8
"""Of the text that needles and what misleads may fill."""

_ENDINGS = (
    "Finish with a line of the form 'Answer: {form}'.",
    "The last line of your reply must read 'Answer: {form}'.",
    "Put the result on the last line as 'Answer: {form}'.",
)


def draw(source: random.Random, tier: int) -> Task:
    """One task of the tier at the tier's default length."""
    return draw_sized(source, tier)


def draw_sized(
    source: random.Random,
    tier: int,
    context_tokens: int | None = None,
    needle_ratio: float | None = None,
    wanted: KeyFilter = lambda key: True,
) -> Task:
    """One task whose prompt has about context_tokens tokens (None: as the tier has), its needle at needle_ratio (None:
    anywhere), of a key that is wanted; the haystack is built for that one alone.

    Raises ValueError for fewer than LEAST_CONTEXT_TOKENS and for a ratio outside 0..1.
    """
    if context_tokens is not None and context_tokens < LEAST_CONTEXT_TOKENS:
        raise ValueError(
            f"A long_context question of {context_tokens} tokens has no room for its text: ask for "
            f"{LEAST_CONTEXT_TOKENS} or more."
        )
    if needle_ratio is not None and not 0 <= needle_ratio <= 1:
        raise ValueError(f"needle_ratio is {needle_ratio}: give a share of the text from 0 (start) to 1 (end).")
    kinds = PLACED if needle_ratio is not None else PLACED + SPREAD
    tokens = context_tokens or CONTEXT_TOKENS[tier]
    while True:
        puzzle = source.choice(kinds)(source, tier)
        question = f"Question: {puzzle.question}\n{source.choice(_ENDINGS).format(form=puzzle.form)}"
        # The frame is prose whatever the style of the text is; its two dividing lines have about twenty tokens.
        room = tokens - estimated_tokens(f"{puzzle.opening} {question}") - 20
        # In short texts some kinds have no room for what misleads.
        if puzzle.least_tokens < _LARGEST_SHARE * room and wanted(tuple(puzzle.key)):
            break
    body = haystack(source, puzzle, room, needle_ratio)
    return Task(
        key=tuple(puzzle.key),
        tier=tier,
        prompt=f"{puzzle.opening}\n\n--- text ---\n{body}\n--- end of text ---\n\n{question}",
        expected=puzzle.answer,
        worked_answer=f"{puzzle.steps}\nAnswer: {puzzle.answer}",
        scorer="exact_match",
        scorer_config=puzzle.config,
        max_tokens=ANSWER_TOKENS[tier],
    )


GENERATOR = Generator(suite="long_context", version="2", draw=draw, draw_sized=draw_sized)
