"""Simulated speed sweeps: rounds drawn from recorded or made-up noise, run by the stop rule, judged by the verdict.

A round of the record is what a model did in one round as "baseline" and as "config", the same parameters both times
(epyc_assets_tests/benchmarks/speed_noise.py). Rounds are drawn in blocks, so that what lasts over rounds lasts in the
simulation too; the two sides of a sweep are swapped at random, since nothing tells them apart. Chance left a small
difference between the sides of a record; it is taken off first, so that what is planted is all there is.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from epyc_assets.statistics.intervals import Interval
from epyc_assets.statistics.speedup import (
    MOST_ROUNDS,
    enough_rounds,
    hodges_lehmann_interval,
    speedup_interval,
    verdict,
)

RECORD = Path(__file__).with_name("speed_noise.json")
BLOCK_ROUNDS = 5

Rounds = tuple[list[float], list[float]]
"""Speeds of the config and of the baseline, MOST_ROUNDS each."""


@dataclass(frozen=True)
class Rates:
    """What became of simulated sweeps: shares of verdicts, how often the interval missed the truth, mean of rounds."""

    verdicts: dict[str, float]
    missed: float
    rounds: float

    @property
    def called(self) -> float:
        """Share of sweeps with a verdict of faster or slower."""
        return self.verdicts.get("faster", 0) + self.verdicts.get("slower", 0)


def recorded_noise() -> dict[str, np.ndarray]:
    """Series by name: pairs of speeds round by round, shape (rounds, 2)."""
    record = json.loads(RECORD.read_text())
    return {
        f"{series['condition']}/{name}": _centred(np.column_stack([model["config"], model["baseline"]]))
        for series in record
        for name, model in series["models"].items()
    }


def draw_rounds(pairs: np.ndarray, generator: np.random.Generator) -> Rounds:
    """MOST_ROUNDS rounds out of a record."""
    drawn: list[np.ndarray] = []
    while sum(map(len, drawn)) < MOST_ROUNDS:
        begin = generator.integers(len(pairs))
        drawn.append(pairs[(begin + np.arange(BLOCK_ROUNDS)) % len(pairs)])
    both = np.concatenate(drawn)[:MOST_ROUNDS]
    if generator.random() < 0.5:
        both = both[:, ::-1]
    return both[:, 0].tolist(), both[:, 1].tolist()


def _centred(pairs: np.ndarray) -> np.ndarray:
    """The record without the difference that chance left between its sides."""
    difference = hodges_lehmann_interval((np.log(pairs[:, 0]) - np.log(pairs[:, 1])).tolist()).estimate
    return pairs * np.array([math.exp(-difference), 1.0])


def simulate(
    draw: Callable[[np.random.Generator], Rounds],
    *,
    sweeps: int,
    planted: float = 1.0,
    seed: int = 0,
    interval: Callable[[Sequence[float], Sequence[float]], Interval] = speedup_interval,
    enough: Callable[[Sequence[float]], bool] = lambda ratios: enough_rounds([ratios]),
) -> Rates:
    """Sweeps of one config that is `planted` times as fast as the baseline."""
    generator = np.random.default_rng(seed)
    verdicts: Counter[str] = Counter()
    missed, rounds = 0, 0
    for _ in range(sweeps):
        config, baseline = draw(generator)
        config = [value * planted for value in config]
        ratios = [own / other for own, other in zip(config, baseline, strict=True)]
        count = next(count for count in range(1, MOST_ROUNDS + 1) if count == MOST_ROUNDS or enough(ratios[:count]))
        found = interval(config[:count], baseline[:count])
        verdicts[verdict(found)] += 1
        missed += not found.low <= planted <= found.high
        rounds += count
    return Rates({name: number / sweeps for name, number in verdicts.items()}, missed / sweeps, rounds / sweeps)
