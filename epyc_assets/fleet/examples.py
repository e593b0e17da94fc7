"""Training examples: tasks of the train split as token ids, cut into batches of like length.

Belongs here: from the suite generators to padded arrays. Does not belong here: the optimiser (`training`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy

from epyc_assets.fleet.tokenizer import Tokenizer
from epyc_assets.suites import draw_tasks

_POOL_BATCHES = 24  # batches drawn at a time and sorted by length


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids (examples, time), padded at the end, and where the next token is part of an answer."""

    tokens: numpy.ndarray
    predicts_answer: numpy.ndarray


def batches(
    tokenizer: Tokenizer, mixture: Mapping[str, float], *, seed: int, tokens_per_batch: int
) -> Iterator[Batch]:
    """Endless batches of about `tokens_per_batch` tokens; `mixture` weighs suites by examples.

    A name "suite:tier" takes one tier of a suite only.
    """
    source = random.Random(f"batches/{seed}")
    streams = {}
    for name in sorted(mixture):
        suite, _, tier = name.partition(":")
        tiers = (int(tier),) if tier else (1, 2, 3)
        streams[name] = draw_tasks(suite, seed=seed, split="train", tiers=tiers)
    names, weights = list(streams), [mixture[name] for name in streams]
    while True:
        pool: list[tuple[list[int], int]] = []
        total = 0
        while total < tokens_per_batch * _POOL_BATCHES:
            task = next(streams[source.choices(names, weights)[0]])
            prompt = tokenizer.encode_prompt(task.prompt)
            example = [*prompt, *tokenizer.encode(task.worked_answer), tokenizer.end_id]
            pool.append((example, len(prompt)))
            total += len(example)
        pool.sort(key=lambda item: len(item[0]))
        cut: list[Batch] = []
        while pool:
            longest = len(pool[-1][0])
            size = max(1, tokens_per_batch // longest)
            pool, taken = pool[:-size], pool[-size:]
            cut.append(_padded(taken, longest, tokenizer.padding_id))
        source.shuffle(cut)
        yield from cut


def _padded(examples: list[tuple[list[int], int]], length: int, padding: int) -> Batch:
    tokens = numpy.full((len(examples), length), padding, dtype=numpy.int64)
    predicts = numpy.zeros((len(examples), length), dtype=bool)
    for row, (example, prompt_length) in enumerate(examples):
        tokens[row, : len(example)] = example
        predicts[row, prompt_length - 1 : len(example) - 1] = True
    return Batch(tokens, predicts)
