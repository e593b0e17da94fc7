"""Answers scored per second: of each scorer alone with one and more processes, and of a whole table of answers.

python -m epyc_assets_tests.benchmarks.scoring_throughput [--answers N] [--table N] [--characters N]

The answers are made up: short ones in several forms, right and wrong, all different, so that judging equal ones once
gains nothing. `--table` also writes so many answers of a mix of scorers into a warehouse of its own and scores it as
the asset does, reading and writing included; then once more with nothing to do.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from epyc_assets.defs.due_scores import ScoringProgress, score_due
from epyc_assets.scoring import score_generations
from epyc_assets.scoring.judging_pool import JudgingPool
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import replace_rows

WORDS = (
    "river",
    "stone",
    "bridge",
    "market",
    "engine",
    "winter",
    "letter",
    "garden",
    "silver",
    "window",
    "captain",
    "forest",
    "signal",
    "harbour",
    "copper",
    "lantern",
    "meadow",
    "thunder",
    "village",
    "compass",
)
Made = tuple[str, str, str | None]
"""Answer, reference, config."""


def _sentence(generator: random.Random, words: int) -> str:
    return " ".join(generator.choice(WORDS) for _ in range(words)).capitalize() + "."


def exact_match(generator: random.Random) -> Made:
    """Numbers stated in several ways, with some working before."""
    value = generator.randrange(1, 100_000)
    said = value if generator.random() < 0.6 else value + 1
    forms = (f"The answer is {said}.", f"#### {said:,}", f"So \\boxed{{{said}}}", f"**{said}**", f"x = {said} apples")
    return f"{_sentence(generator, 12)} {generator.choice(forms)}", str(value), None


def multiple_choice(generator: random.Random) -> Made:
    """A letter, stated in several ways."""
    letter = generator.choice("ABCD")
    said = letter if generator.random() < 0.6 else generator.choice("ABCD")
    forms = (f"The answer is ({said}).", f"Answer: {said}", f"\\boxed{{{said}}}", f"{said}) {generator.choice(WORDS)}")
    return f"{_sentence(generator, 12)} {generator.choice(forms)}", letter, None


def substring(generator: random.Random) -> Made:
    """A word among others."""
    return _sentence(generator, 16), generator.choice(WORDS), None


def f1(generator: random.Random) -> Made:
    """A few words against a few words."""
    return _sentence(generator, 14), " ".join(generator.sample(WORDS, 4)), '{"threshold": 0.5}'


def programmatic(generator: random.Random) -> Made:
    """Two or three instructions."""
    word = generator.choice(WORDS)
    instructions = [
        {"id": "punctuation:no_comma", "kwargs": {}},
        {"id": "keywords:existence", "kwargs": {"keywords": [word]}},
        {"id": "length_constraints:number_words", "kwargs": {"relation": "at least", "num_words": 10}},
    ]
    return _sentence(generator, 16), "", json.dumps({"instructions": instructions})


MAKERS: dict[str, Callable[[random.Random], Made]] = {
    each.__name__: each for each in (exact_match, multiple_choice, substring, f1, programmatic)
}


def answers(scorer: str, count: int, seed: int = 0, characters: int = 0) -> pl.DataFrame:
    """Made-up answers for a scorer as its frame takes them; characters: text put before each answer."""
    generator = random.Random(f"{scorer} {seed}")
    rows = []
    for number in range(count):
        text, expected, config = MAKERS[scorer](generator)
        before = "".join(_sentence(generator, 12) + "\n" for _ in range(characters // 90))
        rows.append((f"{scorer}-{seed}-{number}", before + text, expected, scorer, config, 256, "stop"))
    columns = ["generation_id", "text", "expected", "scorer", "scorer_config", "max_tokens", "finish_reason"]
    return pl.DataFrame(rows, schema=columns, orient="row", schema_overrides={"scorer_config": pl.String})


def per_scorer(count: int, processes: list[int], characters: int) -> None:
    """Prints a table of answers per second."""
    print(f"{count:,} answers a scorer\n")
    print("| scorer | " + " | ".join(f"{each} process{'es' * (each > 1)}" for each in processes) + " |")
    print("|---|" + "---:|" * len(processes))
    for scorer in MAKERS:
        frame = answers(scorer, count, characters=characters)
        rates = []
        for each in processes:
            with JudgingPool(each) as pool:
                score_generations(frame.head(3000), pool)
                started_s = time.perf_counter()
                score_generations(frame, pool)
                rates.append(count / (time.perf_counter() - started_s))
        print(f"| {scorer} | " + " | ".join(f"{rate:,.0f}" for rate in rates) + " |", flush=True)


def whole_table(count: int, folder: Path, characters: int) -> None:
    """Writes a table of answers, scores it as the asset does, twice; prints what each took."""
    store = Warehouse(folder / "epyc.duckdb")
    stamp = Provenance("", "1")
    share, written = count // len(MAKERS), 0
    for scorer in MAKERS:
        for seed, start in enumerate(range(0, share, 20_000)):
            frame = answers(scorer, min(20_000, share - start), seed, characters)
            _write(store, frame, stamp)
            written += frame.height
    print(f"\n{written:,} answers in a table of {store.path.stat().st_size / 1e6:,.0f} MB", flush=True)
    last_s = time.monotonic()

    def tell(progress: ScoringProgress) -> None:
        nonlocal last_s
        if time.monotonic() - last_s > 15:
            last_s = time.monotonic()
            print(f"  {progress.done:,} of {progress.total:,}, {progress.answers_per_s:,.0f}/s", flush=True)

    for what in ("all of them to score", "nothing to do"):
        started_s = time.perf_counter()
        scored = score_due(store, stamp, on_progress=tell)
        elapsed_s = time.perf_counter() - started_s
        rate = f", {scored.newly_scored / elapsed_s:,.0f} per second" if scored.newly_scored else ""
        print(f"{what}: {elapsed_s:.1f} s{rate}", flush=True)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"largest resident memory of this process, making the answers included: {peak_mb:,.0f} MB")


def _write(store: Warehouse, frame: pl.DataFrame, stamp: Provenance) -> None:
    """The rows of questions and generations behind a frame of answers."""
    questions = frame.select(
        question_id="generation_id",
        suite=pl.lit("general"),
        tier=pl.lit(1),
        prompt=pl.col("generation_id"),
        expected="expected",
        scorer="scorer",
        scorer_config=pl.col("scorer_config").fill_null("{}"),
        max_tokens="max_tokens",
        source=pl.lit("benchmark"),
        source_version=pl.lit("1"),
        seed=pl.lit(0),
        split=pl.lit("test"),
    )
    generations = frame.select(
        "generation_id",
        "text",
        "finish_reason",
        "max_tokens",
        question_id="generation_id",
        generation_key="generation_id",
        attempt=pl.lit(1),
        fleet=pl.lit("benchmark"),
        model=pl.lit("model"),
        model_sha256=pl.lit(""),
        session_id=pl.lit(""),
        config_id=pl.lit("baseline"),
        config=pl.lit("baseline"),
        technique=pl.lit("baseline"),
        suite=pl.lit("general"),
        status=pl.lit("ok"),
        temperature=pl.lit(0.0),
        seed=pl.lit(0),
        started_at=pl.lit(stamp.written_at),
    )
    with store.write("answers", publish=False) as connection:
        replace_rows(connection, "questions", questions, provenance=stamp)
        replace_rows(connection, "generations", generations, provenance=stamp)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--answers", type=int, default=20_000, help="of each scorer alone")
    parser.add_argument("--table", type=int, default=0, help="answers of a mix, in a warehouse")
    parser.add_argument("--characters", type=int, default=0, help="length of the text put before each answer")
    chosen = parser.parse_args()
    cpus = len(os.sched_getaffinity(0))
    if chosen.answers:
        per_scorer(chosen.answers, sorted({1, 2, cpus}), chosen.characters)
    if chosen.table:
        with tempfile.TemporaryDirectory() as folder:
            whole_table(chosen.table, Path(folder), chosen.characters)


if __name__ == "__main__":
    main()
