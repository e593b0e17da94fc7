"""Error rates of what model_comparison calls real differences, and whether the questions it asks for are enough, by
simulation (docs/statistics.md).

python -m epyc_assets_tests.benchmarks.comparison_rates [--fleets N]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from epyc_assets.benchmark.model_comparison import ALL_SUITES, model_comparison
from epyc_assets.statistics import exact_mcnemar
from epyc_assets.statistics.power import pairs_by_normal, pairs_for_power, power_of_pairs
from epyc_assets.statistics.proportions import paired_proportion_intervals

SUITES = 12


def simulated_fleet(generator: np.random.Generator, abilities: Sequence[float], questions: int) -> pl.DataFrame:
    """Answers of models with these abilities (log odds) to `questions` of each suite. Questions differ in difficulty by
    a normal deviation of 1.5, and each model finds its own ones hard by 1 more, so that models differ on many."""
    models, total = len(abilities), SUITES * questions
    difficulty = generator.normal(0, 1.5, total) + generator.normal(0, 1.0, (models, total))
    chance = 1 / (1 + np.exp(-(np.array(abilities)[:, None] - difficulty)))
    passed = generator.random((models, total)) < chance
    numbers = np.tile(np.arange(total), models)
    names = np.repeat(np.arange(models), total)
    return pl.DataFrame({"number": numbers, "name": names, "passed": passed.ravel()}).select(
        pl.lit("simulated").alias("fleet"),
        pl.format("model {}", "name").alias("model"),
        *(pl.lit("baseline").alias(name) for name in ("config_id", "config")),
        pl.format("suite {}", pl.col("number") % SUITES).alias("suite"),
        pl.format("question {}", "number").alias("question_id"),
        pl.lit("scored").alias("score_status"),
        "passed",
        pl.col("passed").cast(pl.Float64).alias("value"),
    )


def fleets(count: int, abilities: Sequence[float], questions: int, seed: int) -> Iterator[pl.DataFrame]:
    """Comparisons of simulated fleets, each pair once."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        rows = model_comparison(simulated_fleet(generator, abilities, questions))
        yield rows.filter(pl.col("model_a") < pl.col("model_b"))


def error_rates(count: int) -> None:
    """Of models that are all equally good: how often any pair is called, by suite and over all."""
    print("| models | questions a suite | any called, suite | any called, all | unadjusted: any, all | 0 outside |")
    print("|---:|---:|---:|---:|---:|---:|")
    for models, questions in ((2, 10), (2, 40), (10, 10), (10, 40)):
        by_suite, over_all, plain, outside, pairs = [], [], [], 0, 0
        for rows in fleets(count, [0.0] * models, questions, seed=models * questions):
            called = rows.with_columns(pl.col("verdict").is_in(["better", "worse"]).alias("called"))
            whole = called.filter(pl.col("suite") == ALL_SUITES)
            by_suite.append(called.filter(pl.col("suite") == "suite 0")["called"].any())
            over_all.append(whole["called"].any())
            plain.append((whole["p_value"] <= 0.05).any())
            outside += whole.filter((pl.col("difference_low") > 0) | (pl.col("difference_high") < 0)).height
            pairs += whole.height
        rates = [np.mean(each) for each in (by_suite, over_all, plain)]
        print(
            f"| {models} | {questions} | {rates[0]:.1%} | {rates[1]:.1%} | {rates[2]:.1%} | {outside / pairs:.1%} |",
            flush=True,
        )


def found_rates(count: int) -> None:
    """Ten models, each better than the one before: how many of the pairs are told apart, and how many wrongly."""
    print("\n| questions in all | gap of neighbours | neighbours told | all pairs told | called the wrong way |")
    print("|---:|---:|---:|---:|---:|")
    for questions, gap in ((10, 0.3), (40, 0.3), (160, 0.3), (40, 0.6)):
        neighbours, told, wrong, points = [], [], 0, []
        for rows in fleets(count, [gap * place for place in range(10)], questions, seed=questions):
            whole = rows.filter(pl.col("suite") == ALL_SUITES)
            next_to = whole.filter(
                pl.col("model_b").str.slice(-1).cast(pl.Int32) - pl.col("model_a").str.slice(-1).cast(pl.Int32) == 1
            )
            neighbours.append((next_to["verdict"] == "worse").mean())
            told.append((whole["verdict"] == "worse").mean())
            wrong += int((whole["verdict"] == "better").sum())
            points.append(-next_to["difference"].mean())  # type: ignore[operator]
        print(
            f"| {SUITES * questions} | {np.mean(points) * 100:.1f} points | {np.mean(neighbours):.0%} "
            f"| {np.mean(told):.0%} | {wrong} of {45 * count} |",
            flush=True,
        )


def needed_questions(draws: int = 20_000) -> None:
    """Whether the number of questions asked for has the power it says: exact, and in draws."""
    print("\n| only A | only B | `pairs_for_power` | `pairs_by_normal` | Connor | power there | in draws |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    generator = np.random.default_rng(7)
    for first, second in ((0.3, 0.1), (0.2, 0.1), (0.1, 0.05), (0.1, 0.0), (0.03, 0.01), (0.4, 0.3)):
        needed = pairs_for_power(first, second)
        found = generator.multinomial(needed, [first, second, 1 - first - second], size=draws)
        distinct, times = np.unique(found[:, :2], axis=0, return_counts=True)
        called = [exact_mcnemar(int(one), int(other)) <= 0.05 for one, other in distinct]
        differing, difference = first + second, first - second
        connor = (1.959964 * differing**0.5 + 0.841621 * (differing - difference**2) ** 0.5) ** 2 / difference**2
        print(
            f"| {first:.0%} | {second:.0%} | {needed} | {pairs_by_normal(first, second)} | {connor:.0f} "
            f"| {power_of_pairs(needed, first, second):.1%} | {(np.array(called) * times).sum() / draws:.1%} |",
            flush=True,
        )


def planned_again(count: int = 4000) -> None:
    """What the number is worth that a small sample says: planned from 100 questions, then asked anew."""
    print("\n| only A | only B | needed | planned from 100: quartiles | power reached, mean |")
    print("|---:|---:|---:|---:|---:|")
    generator = np.random.default_rng(8)
    for first, second in ((0.3, 0.1), (0.2, 0.1)):
        planned, powers = [], []
        for one, other, _ in generator.multinomial(100, [first, second, 1 - first - second], size=count // 20):
            if one != other:
                planned.append(pairs_for_power(one / 100, other / 100))
                powers.append(power_of_pairs(min(planned[-1], 3000), first, second))
        low, middle, high = np.quantile(planned, [0.25, 0.5, 0.75])
        print(
            f"| {first:.0%} | {second:.0%} | {pairs_for_power(first, second)} | {low:.0f}, {middle:.0f}, {high:.0f} "
            f"| {np.mean(powers):.0%} |",
            flush=True,
        )


def coverage(draws: int = 20_000) -> None:
    """How often the interval of the difference of pass rates holds the true one."""
    print("\n| questions | only A | only B | interval holds the difference |")
    print("|---:|---:|---:|---:|")
    generator = np.random.default_rng(9)
    for total, first, second in ((10, 0.2, 0.1), (30, 0.2, 0.1), (30, 0.05, 0.0), (210, 0.2, 0.1), (1000, 0.02, 0.01)):
        found = generator.multinomial(total, [first, second, 1 - first - second], size=draws)
        low, high = paired_proportion_intervals(found[:, 0], found[:, 1], np.full(draws, total))
        held = np.mean((low <= first - second + 1e-9) & (first - second - 1e-9 <= high))
        print(f"| {total} | {first:.0%} | {second:.0%} | {held:.1%} |", flush=True)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--fleets", type=int, default=400)
    count = parser.parse_args().fleets
    needed_questions()
    planned_again()
    coverage()
    error_rates(count)
    found_rates(max(1, count // 4))


if __name__ == "__main__":
    main()
