"""How far logits move between single tokens and batches, on a model's own greedy answers.

    python -m epyc_assets_tests.benchmarks.batch_noise MODEL.gguf [--threads 2] [--batch 17] [--prompts 10]
        [--tokens 48]

The rule of near ties (epyc_assets/benchmark/agreement.py) rests on such moves. The answers to the written speed prompts
are made greedily, token by token, then evaluated again in batches as drafting does; nothing is timed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from epyc_assets.suites.speed_prompts import speed_prompts

CHECKOUT = Path(__file__).parents[2]
QUANTILES = (0.5, 0.95, 0.99, 1.0)


def main() -> None:
    """Prints quantiles of the moves, and each choice that tipped with its margin."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    for name, default in (("threads", 2), ("batch", 17), ("prompts", 10), ("tokens", 48)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()

    import llama_cpp

    model = llama_cpp.Llama(str(given.model), n_ctx=2048, n_threads=given.threads, logits_all=True, verbose=False)
    moves: list[float] = []
    gaps: list[float] = []
    tipped: list[float] = []
    prompts = speed_prompts("written", CHECKOUT)[: given.prompts]
    for prompt in prompts:
        tokens = model.tokenize(prompt.prompt.encode(), special=True)
        model.reset()
        model.eval(tokens)
        answer: list[int] = []
        while len(answer) < given.tokens:
            answer.append(int(np.argmax(model.scores[model.n_tokens - 1])))
            model.eval(answer[-1:])
        first = len(tokens) - 1
        single = np.array(model.scores[first : first + given.tokens])
        model.reset()
        model.eval(tokens)
        for start in range(0, given.tokens, given.batch):
            model.eval(answer[start : start + given.batch])
        batched = np.array(model.scores[first : first + given.tokens])

        top = np.argsort(-single, axis=1)[:, :2]
        alone, together = np.take_along_axis(single, top, axis=1), np.take_along_axis(batched, top, axis=1)
        gap_alone, gap_together = alone[:, 0] - alone[:, 1], together[:, 0] - together[:, 1]
        moves.extend(np.abs(alone - together).max(axis=1))
        gaps.extend(np.abs(gap_alone - gap_together))
        tipped.extend(gap_alone[gap_together < 0])

    print(f"{len(gaps)} places of {len(prompts)} answers, batches of {given.batch}")
    print(f"quantiles {QUANTILES}")
    print(f"move of a logit   {np.round(np.quantile(moves, QUANTILES), 3)}")
    print(f"move of the gap   {np.round(np.quantile(gaps, QUANTILES), 3)}")
    print(f"tipped, by margin {np.round(sorted(tipped), 3)}")


if __name__ == "__main__":
    main()
