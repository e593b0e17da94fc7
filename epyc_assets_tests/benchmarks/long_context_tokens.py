"""Measures how exact the token estimate of long-context prompts is, with a real tokenizer.

Usage: python -m epyc_assets_tests.benchmarks.long_context_tokens MODEL.gguf [TOKENS ...]
Prints, for every style and length asked for, tokens counted over tokens asked for (smallest, mean, largest of a few
questions), and characters per token. Only the vocabulary of the model is loaded. Not here: anything that is collected
as a test.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict

from epyc_assets.suites.generators import long_context
from epyc_assets.suites.generators.long_context_tasks.haystack import Puzzle


def main(path: str, sizes: list[int]) -> None:
    """Prints the table."""
    from llama_cpp import Llama

    model = Llama(path, vocab_only=True, verbose=False)
    for tokens in sizes:
        ratios: dict[str, list[float]] = defaultdict(list)
        characters: dict[str, list[float]] = defaultdict(list)
        started = time.perf_counter()
        for kind in long_context.PLACED + long_context.SPREAD:
            styles: list[str] = []

            def drawn(source: random.Random, tier: int, kind=kind, styles=styles) -> Puzzle:
                puzzle = kind(source, tier)
                styles.append(puzzle.style)
                return puzzle

            long_context.PLACED, long_context.SPREAD, kept = (drawn,), (), (long_context.PLACED, long_context.SPREAD)
            try:
                for tier in (1, 2, 3):
                    task = long_context.draw_sized(random.Random(f"{kind.__name__}/{tier}"), tier, tokens)
                    counted = len(model.tokenize(task.prompt.encode(), add_bos=False))
                    ratios[styles[-1]].append(counted / tokens)
                    characters[styles[-1]].append(len(task.prompt) / counted)
            finally:
                long_context.PLACED, long_context.SPREAD = kept
        took_s = time.perf_counter() - started
        for style, found in sorted(ratios.items()):
            mean, per_token = sum(found) / len(found), sum(characters[style]) / len(found)
            print(
                f"{tokens:>9} tokens {style:<6} n={len(found):<3} counted/asked {min(found):.3f} {mean:.3f} "
                f"{max(found):.3f}  characters/token {per_token:.3f}"
            )
        print(f"{tokens:>9} tokens: {took_s:.1f} s with counting")


if __name__ == "__main__":
    if len(sys.argv) < 2 or any(int(size) < 1000 for size in sys.argv[2:]):
        sys.exit("Give a GGUF file and lengths of 1000 tokens or more: shorter texts have no room for every kind.")
    main(sys.argv[1], [int(size) for size in sys.argv[2:]] or [1000, 4000, 32000])
