"""Training one network: cross entropy on the answers, AdamW, warm-up and cosine decay, fixed seeds.

Belongs here: the optimiser's loop and torch's own greedy answers. Does not belong here: which models make
the fleet (`recipes`), or files (`gguf_writing`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from epyc_assets.fleet.examples import batches
from epyc_assets.fleet.networks import Shape, hidden_states, initial_parameters, logits
from epyc_assets.fleet.recipes import Recipe
from epyc_assets.fleet.tokenizer import Tokenizer

if TYPE_CHECKING:
    from epyc_assets.fleet.networks import Parameters

PEAK_RATE = 2.5e-3
TOKENS_PER_BATCH = 32 * 72
_WARM_UP_STEPS = 100
_BALANCE_WEIGHT = 0.02
_REPORT_EVERY = 50
SEEDS_BETWEEN_STAGES = 100

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network and what its training took. `final_loss` is the mean of the last tenth, in nats."""

    parameters: Parameters
    shape: Shape
    seed: int
    steps: int
    final_loss: float
    training_s: float


def train_network(
    shape: Shape,
    tokenizer: Tokenizer,
    mixture: Mapping[str, float],
    *,
    seed: int,
    steps: int,
    peak_rate: float = PEAK_RATE,
    tokens_per_batch: int = TOKENS_PER_BATCH,
    start: Parameters | None = None,
    progress: Progress = lambda line: None,
) -> Trained:
    """Train for a fixed number of steps, so that the result does not depend on the clock.

    From fresh parameters of the seed, or from `start`, which stays as it is; the seed also draws the data.
    """
    import torch

    initial = initial_parameters(shape, seed) if start is None else start
    parameters = {name: tensor.clone() for name, tensor in initial.items()}
    for tensor in parameters.values():
        tensor.requires_grad_(True)
    decayed = [tensor for tensor in parameters.values() if tensor.dim() > 1]
    free = [tensor for tensor in parameters.values() if tensor.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": free, "weight_decay": 0.0}],
        lr=peak_rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    warm_up = min(_WARM_UP_STEPS, max(1, steps // 10))

    def rate(step: int) -> float:
        if step < warm_up:
            return (step + 1) / warm_up
        return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    stream = batches(tokenizer, mixture, seed=seed, tokens_per_batch=tokens_per_batch)
    losses: list[float] = []
    seen_tokens, began = 0, time.monotonic()
    for step in range(steps):
        parts = next(stream)
        answer_tokens = sum(int(part.predicts_answer.sum()) for part in parts)
        optimiser.zero_grad(set_to_none=True)
        total = 0.0
        for part in parts:
            tokens = torch.from_numpy(part.tokens)
            mask = torch.from_numpy(part.predicts_answer)
            states, penalty = hidden_states(parameters, shape, tokens)
            predicted = states[mask] @ parameters["token_embd.weight"].T
            wanted = tokens.roll(-1, dims=1)[mask]
            loss = torch.nn.functional.cross_entropy(predicted, wanted, reduction="sum") / answer_tokens
            (loss + _BALANCE_WEIGHT / len(parts) * penalty).backward()
            total += float(loss.detach())
            seen_tokens += tokens.numel()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(total)
        if (step + 1) % _REPORT_EVERY == 0 or step + 1 == steps:
            recent = losses[-_REPORT_EVERY:]
            elapsed = time.monotonic() - began
            progress(
                f"step {step + 1}/{steps} loss {sum(recent) / len(recent):.4f} "
                f"{seen_tokens / elapsed:.0f} tokens/s {elapsed:.0f} s"
            )
    last = losses[-max(1, len(losses) // 10) :]
    return Trained(
        parameters={name: tensor.detach() for name, tensor in parameters.items()},
        shape=shape,
        seed=seed,
        steps=steps,
        final_loss=sum(last) / len(last),
        training_s=time.monotonic() - began,
    )


def greedy_answer(
    parameters: Parameters, shape: Shape, tokenizer: Tokenizer, prompt: str, *, max_tokens: int
) -> list[int]:
    """Token ids of the most likely answer, the whole sequence computed anew for each token."""
    import torch

    tokens = tokenizer.encode_prompt(prompt)
    start = len(tokens)
    with torch.inference_mode():
        while len(tokens) - start < max_tokens:
            last = logits(parameters, shape, torch.tensor([tokens]))[0, -1]
            token = int(last.argmax())
            if token == tokenizer.end_id:
                break
            tokens.append(token)
    return tokens[start:]


def train_in_stages(
    recipe: Recipe,
    tokenizer: Tokenizer,
    *,
    seed: int,
    minutes_scale: float = 1.0,
    progress: Progress = lambda line: None,
) -> Trained:
    """All stages of a recipe, each with its own optimiser and data; steps and seconds are summed."""
    done: list[Trained] = []
    for number, stage in enumerate(recipe.stages):
        done.append(
            train_network(
                recipe.shape,
                tokenizer,
                stage.mixture,
                seed=seed + SEEDS_BETWEEN_STAGES * number,
                steps=max(1, round(stage.steps * minutes_scale)),
                peak_rate=stage.peak_rate,
                start=done[-1].parameters if done else None,
                progress=progress,
            )
        )
    return replace(
        done[-1],
        seed=seed,
        steps=sum(part.steps for part in done),
        training_s=sum(part.training_s for part in done),
    )
