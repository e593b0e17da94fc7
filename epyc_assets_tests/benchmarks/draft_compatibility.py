"""How long it takes to tell whether a draft fits, with vocabularies of the size of real ones.

Usage: python -m epyc_assets_tests.benchmarks.draft_compatibility
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from epyc_assets.registry.gguf_file import draft_fits, read_gguf_facts
from epyc_assets_tests.registry.registries import write_gguf

TOKENS = 151_936
"""Vocabulary of the Qwen2.5 and Qwen3 families."""
REPEATS = 9


def main() -> None:
    """Prints milliseconds to read a header, and to compare a target with drafts of several kinds."""
    tokens = [f"token{number}" for number in range(TOKENS)]
    kinds = {
        "target": tokens,
        "equal": tokens,
        "first compared token differs": [*tokens[:5], "other", *tokens[6:]],
        "last token differs": [*tokens[:-1], "other"],
        "a hundred tokens more": [*tokens, *(f"more{number}" for number in range(100))],
    }
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: write_gguf(Path(folder) / f"{name}.gguf", tokens=those) for name, those in kinds.items()}
        begun = time.perf_counter()
        facts = {name: read_gguf_facts(path) for name, path in paths.items()}
        print(f"reading one header of {TOKENS} tokens: {(time.perf_counter() - begun) * 1000 / len(facts):.1f} ms")
    for name, draft in facts.items():
        verdict, taken_ms = draft_fits(facts["target"], draft), []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            draft_fits(facts["target"], draft)
            taken_ms.append((time.perf_counter() - begun) * 1000)
        print(f"{name}: {statistics.median(taken_ms):.3f} ms, {'fits' if verdict.fits else verdict.reason}")


if __name__ == "__main__":
    main()
