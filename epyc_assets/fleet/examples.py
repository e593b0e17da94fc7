"""Training examples: tasks of the train split as token ids, cut into padded batches.

Belongs here: from the suite generators to padded arrays. Does not belong here: the optimiser (`training`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy

from epyc_assets.fleet.tokenizer import Tokenizer
from epyc_assets.suites import draw_tasks

# A batch is a fair draw of the mixture, cut into parts of like length: little padding, and no step that
# sees short questions only.
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Part of a batch: token ids (examples, time) padded at the end, and where the next one is an answer's."""

    tokens: numpy.ndarray
    predicts_answer: numpy.ndarray


def batches(
    tokenizer: Tokenizer, mixture: Mapping[str, float], *, seed: int, tokens_per_batch: int
) -> Iterator[list[Batch]]:
    """Endless batches of about `tokens_per_batch` tokens, each in parts; `mixture` weighs suites by examples.

    A name "suite:tier" takes one tier of a suite only.
    """
    source = random.Random(f"batches/{seed}")
    streams = {}
    for name in sorted(mixture):
        suite, _, tier = name.partition(":")
        tiers = (int(tier),) if tier else (1, 2, 3)
        streams[name] = draw_tasks(suite, seed=seed, split="train", tiers=tiers, wording="demo")
    names, weights = list(streams), [mixture[name] for name in streams]
    while True:
        drawn: list[tuple[list[int], int]] = []
        total = 0
        while total < tokens_per_batch:
            task = next(streams[source.choices(names, weights)[0]])
            prompt = tokenizer.encode_prompt(task.prompt)
            example = [*prompt, *tokenizer.encode(task.worked_answer), tokenizer.end_id]
            drawn.append((example, len(prompt)))
            total += len(example)
        drawn.sort(key=lambda item: len(item[0]))
        cuts = [len(drawn) * part // _PARTS for part in range(_PARTS + 1)]
        yield [
            _padded(drawn[start:end], len(drawn[end - 1][0]), tokenizer.padding_id)
            for start, end in pairwise(cuts)
            if end > start
        ]


def _padded(examples: list[tuple[list[int], int]], length: int, padding: int) -> Batch:
    tokens = numpy.full((len(examples), length), padding, dtype=numpy.int64)
    predicts = numpy.zeros((len(examples), length), dtype=bool)
    for row, (example, prompt_length) in enumerate(examples):
        tokens[row, : len(example)] = example
        predicts[row, prompt_length - 1 : len(example) - 1] = True
    return Batch(tokens, predicts)
