"""Measuring a trained network on questions it was not trained on.

Belongs here: the held-out figures of the manifest. Does not belong here: scoring real answers of real runs,
which the platform does with its scorers; a figure here is stricter, since it wants the reference's words.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from epyc_assets.fleet.networks import Shape, logits
from epyc_assets.fleet.tokenizer import Tokenizer
from epyc_assets.suites import Task, distinct_tasks
from epyc_assets.suites.demo import TAUGHT_SUITES

if TYPE_CHECKING:
    from epyc_assets.fleet.networks import Parameters

QUESTIONS_PER_SUITE = 120
_HELD_OUT_SEED = 20_000
_TASKS_AT_A_TIME = 40


def word_for_word(
    parameters: Parameters,
    shape: Shape,
    tokenizer: Tokenizer,
    tasks: list[Task],
    *,
    experts_used: int | None = None,
) -> list[bool]:
    """Whether the greedy answer to each task is its worked answer, token by token up to the end token.

    One pass suffices: greedy decoding gives the worked answer exactly when every token of it is the most
    likely one after those before it.
    """
    import torch

    verdicts: list[bool] = []
    with torch.inference_mode():
        for start in range(0, len(tasks), _TASKS_AT_A_TIME):
            examples = []
            for task in tasks[start : start + _TASKS_AT_A_TIME]:
                prompt = tokenizer.encode_prompt(task.prompt)
                answer = [*tokenizer.encode(task.worked_answer), tokenizer.end_id]
                examples.append((prompt, answer))
            length = max(len(prompt) + len(answer) for prompt, answer in examples)
            tokens = torch.full((len(examples), length), tokenizer.padding_id)
            for row, (prompt, answer) in enumerate(examples):
                tokens[row, : len(prompt) + len(answer)] = torch.tensor([*prompt, *answer])
            likeliest = logits(parameters, shape, tokens, experts_used=experts_used).argmax(-1)
            for row, (prompt, answer) in enumerate(examples):
                predicted = likeliest[row, len(prompt) - 1 : len(prompt) + len(answer) - 1]
                verdicts.append(predicted.tolist() == answer)
    return verdicts


def held_out_rates(
    parameters: Parameters,
    shape: Shape,
    tokenizer: Tokenizer,
    *,
    questions_per_suite: int = QUESTIONS_PER_SUITE,
    experts_used: int | None = None,
) -> dict[str, dict[str, float]]:
    """Share (0..1) of test questions answered word for word: per suite "all" and per tier "1" to "3".

    Open-ended tasks are left out, since any of many answers would be right.
    """
    rates: dict[str, dict[str, float]] = {}
    for suite in sorted(TAUGHT_SUITES):
        drawn = distinct_tasks(suite, count=questions_per_suite, seed=_HELD_OUT_SEED, split="test", wording="demo")
        tasks = [task for task in drawn if not task.open_ended]
        if not tasks:
            continue
        verdicts = word_for_word(parameters, shape, tokenizer, tasks, experts_used=experts_used)
        by_tier: dict[str, list[bool]] = defaultdict(list)
        for task, verdict in zip(tasks, verdicts, strict=True):
            by_tier["all"].append(verdict)
            by_tier[str(task.tier)].append(verdict)
        rates[suite] = {tier: round(sum(values) / len(values), 4) for tier, values in sorted(by_tier.items())}
    return rates
