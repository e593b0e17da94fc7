"""Error rates of verdicts on speed under the stop rule, for recorded and made-up noise (docs/statistics.md).

python -m epyc_assets_tests.benchmarks.verdict_rates [--sweeps N]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from epyc_assets.statistics import bootstrap_ratio_interval
from epyc_assets.statistics.speedup import LEAST_ROUNDS, MOST_ROUNDS, is_narrow
from epyc_assets_tests.statistics.simulated_sweeps import Rounds, draw_rounds, recorded_noise, simulate

Draw = Callable[[np.random.Generator], Rounds]


def from_logs(logs: Callable[[np.random.Generator], np.ndarray]) -> Draw:
    """Rounds whose log ratios are drawn."""
    return lambda generator: (np.exp(logs(generator)).tolist(), [1.0] * MOST_ROUNDS)


def correlated(generator: np.random.Generator, deviation: float, correlation: float) -> np.ndarray:
    """Normal noise that is correlated from round to round."""
    values = generator.normal(0, deviation, MOST_ROUNDS)
    for place in range(1, MOST_ROUNDS):
        values[place] = correlation * values[place - 1] + np.sqrt(1 - correlation**2) * values[place]
    return values


def noises() -> dict[str, Draw]:
    """Every kind of noise by name."""
    found: dict[str, Draw] = {
        f"recorded, {name}": (lambda generator, pairs=pairs: draw_rounds(pairs, generator))
        for name, pairs in recorded_noise().items()
    }
    for deviation in (0.005, 0.01, 0.02, 0.03, 0.05, 0.1):
        found[f"normal, {deviation:.1%}"] = from_logs(lambda g, s=deviation: g.normal(0, s, MOST_ROUNDS))
    for deviation in (0.005, 0.015, 0.03):
        found[f"heavy tails (t, 2 df), {deviation:.1%}"] = from_logs(
            lambda g, s=deviation: g.standard_t(2, MOST_ROUNDS) * s
        )
    found["one-sided (exponential), 2.0%"] = from_logs(lambda g: 0.02 * (np.log(2) - g.exponential(1, MOST_ROUNDS)))
    for deviation in (0.01, 0.03):
        found[f"correlated 0.3, {deviation:.1%}"] = from_logs(lambda g, s=deviation: correlated(g, s, 0.3))
    return found


def bootstrap_is_enough(ratios: list[float]) -> bool:
    """The stop rule by a percentile bootstrap, for comparison."""
    if len(ratios) < LEAST_ROUNDS:
        return False
    return is_narrow(bootstrap_ratio_interval(ratios, [1.0] * len(ratios), resamples=500))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sweeps", type=int, default=2000)
    sweeps = parser.parse_args().sweeps
    print("| noise | called, 0 % planted | interval misses | slower, 5 % planted | rounds | bootstrap: called |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, draw in noises().items():
        nothing = simulate(draw, sweeps=sweeps)
        slower = simulate(draw, sweeps=sweeps, planted=0.95, seed=1)
        plain = simulate(
            draw,
            sweeps=sweeps // 4,
            interval=lambda own, other: bootstrap_ratio_interval(own, other, resamples=500),
            enough=lambda ratios: bootstrap_is_enough(list(ratios)),
        )
        print(
            f"| {name} | {nothing.called:.1%} | {nothing.missed:.1%} | {slower.verdicts.get('slower', 0):.1%} "
            f"| {nothing.rounds:.1f} | {plain.called:.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
