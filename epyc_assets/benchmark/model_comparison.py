"""Which of two models answers better, suite by suite: verdicts on the questions that both answered, every pair.

Here: rows of table model_comparison. Not here: the statistics (statistics.paired, proportions, power, multiple,
all_pairs), configs of one model against its baseline (quality), speeds (comparison).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from epyc_assets.statistics.all_pairs import all_pairs_intervals
from epyc_assets.statistics.multiple import holm_adjusted
from epyc_assets.statistics.paired import exact_mcnemar
from epyc_assets.statistics.power import DEFAULT_ALPHA, FEWEST_PAIRS, pairs_for_power
from epyc_assets.statistics.proportions import paired_proportion_intervals

if TYPE_CHECKING:
    import numpy as np

ALL_SUITES = "all"
"""In column suite: the questions of all suites together."""

VERDICTS = ("better", "worse", "not_told_apart", "too_few")

_SIDE_COLUMNS = ("model", "config_id", "config")
_COUNTS = (
    *("questions", "passes_a", "passes_b", "only_a", "only_b"),
    *("not_scored", "invalid_label", "answered_by_one"),
)
_ESTIMATES = (
    *("difference", "difference_low", "difference_high"),
    *("value_difference", "value_difference_low", "value_difference_high", "p_value"),
)
_NEEDS = ("questions_needed", "questions_needed_adjusted")
MODEL_COMPARISON_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "fleet": pl.String,
    **{f"{name}_{side}": pl.String for side in ("a", "b") for name in _SIDE_COLUMNS},
    "suite": pl.String,
    **dict.fromkeys(_COUNTS, pl.Int32),
    **dict.fromkeys(_ESTIMATES, pl.Float64),
    "comparisons": pl.Int32,
    "p_adjusted": pl.Float64,
    "verdict": pl.String,
    **{f"questions_{what}{kind}": pl.Int64 for kind in ("", "_adjusted") for what in ("needed", "more")},
}


@dataclass(frozen=True, slots=True)
class _Suite:
    """One suite's answers as matrices of shape (sides, questions). passed, value: 0 where there is no verdict."""

    name: str
    answered: np.ndarray
    invalid: np.ndarray
    scored: np.ndarray
    passed: np.ndarray
    value: np.ndarray


def model_comparison(answers: pl.DataFrame) -> pl.DataFrame:
    """Rows of table model_comparison: every two sides (a model under a config) on every suite, in both directions.

    answers: fleet, model, config_id, config, suite, question_id, score_status, passed and value, one row for each
    question that a side answered; only questions of the fleet's present sets. Compared are questions that both
    answered with a verdict (score_status scored, passed not null); where value is null it is 1 for passed, else 0.
    A pair has a row for each suite that both answered something of, and one for suite `all`: every common question
    of every suite once. What a verdict is adjusted for are the pairs of the same fleet and suite.
    """
    frames = [
        frame
        for (fleet,), own in answers.group_by("fleet", maintain_order=True)
        for frame in _of_fleet(str(fleet), own)
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=MODEL_COMPARISON_SCHEMA)


def _of_fleet(fleet: str, answers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    import numpy as np

    sides = answers.group_by("model", "config_id").agg(pl.col("config").first()).sort("model", "config", "config_id")
    if sides.height < 2:
        return
    sides = sides.select(*_SIDE_COLUMNS).with_row_index("side")
    placed = answers.join(sides.select("model", "config_id", "side"), on=["model", "config_id"])
    suites = [
        _suite(str(name), own, sides.height)
        for (name,), own in placed.sort("suite").group_by("suite", maintain_order=True)
    ]
    low, high = all_pairs_intervals([np.where(each.scored, each.value, np.nan) for each in suites])
    counts = [_pair_counts(each) for each in suites]
    counts.append({name: np.sum([each[name] for each in counts], axis=0) for name in counts[0]})
    for place, name in enumerate([*(each.name for each in suites), ALL_SUITES]):
        own = counts[place]
        first, second = np.triu_indices(sides.height, 1)
        both = (own["answered_a"] * own["answered_b"])[first, second] > 0
        first, second = first[both], second[both]
        if first.size == 0:
            continue
        rows = _compared({key: matrix[first, second] for key, matrix in own.items()})
        rows = rows.with_columns(
            pl.Series("value_difference_low", low[place, first, second], nan_to_null=True),
            pl.Series("value_difference_high", high[place, first, second], nan_to_null=True),
            pl.Series("first", first, dtype=pl.UInt32),
            pl.Series("second", second, dtype=pl.UInt32),
            pl.lit(name).alias("suite"),
            pl.lit(fleet).alias("fleet"),
        )
        for one in (rows, _turned(rows)):
            named = one.join(sides.rename(_renamed("a")), left_on="first", right_on="side", maintain_order="left")
            named = named.join(sides.rename(_renamed("b")), left_on="second", right_on="side", maintain_order="left")
            yield named.select(pl.col(column).cast(kind) for column, kind in MODEL_COMPARISON_SCHEMA.items())


def _renamed(side: str) -> dict[str, str]:
    return {name: f"{name}_{side}" for name in _SIDE_COLUMNS}


def _suite(name: str, answers: pl.DataFrame, sides: int) -> _Suite:
    import numpy as np

    questions = answers.select(pl.col("question_id").rank("dense") - 1).to_series().to_numpy().astype(int)
    own = answers["side"].to_numpy()
    status = answers["score_status"].fill_null("")
    invalid = (status == "invalid_label").to_numpy()
    scored = (status == "scored").to_numpy() & answers["passed"].is_not_null().to_numpy()
    passed = answers["passed"].fill_null(False).to_numpy() & scored
    value = answers.select(
        pl.coalesce(pl.col("value").fill_nan(None), pl.col("passed").cast(pl.Float64)).fill_null(0.0)
    )

    def matrix(cells: np.ndarray) -> np.ndarray:
        found = np.zeros((sides, questions.max() + 1))
        found[own, questions] = cells
        return found

    return _Suite(
        name,
        answered=matrix(np.ones(len(own))),
        invalid=matrix(invalid),
        scored=matrix(scored).astype(bool),
        passed=matrix(passed),
        value=matrix(value.to_series().to_numpy() * scored),
    )


def _pair_counts(suite: _Suite) -> dict[str, np.ndarray]:
    """Counts and the sum of value differences of every pair, each of shape (sides, sides)."""
    import numpy as np

    scored = suite.scored.astype(float)
    both_answered = suite.answered @ suite.answered.T
    valid = suite.answered * (1 - suite.invalid)
    both_valid = valid @ valid.T
    questions = scored @ scored.T
    passes_a = suite.passed @ scored.T
    both_passed = suite.passed @ suite.passed.T
    answered = np.broadcast_to(suite.answered.sum(axis=1)[:, None], questions.shape)
    return {
        "questions": questions,
        "passes_a": passes_a,
        "passes_b": passes_a.T,
        "only_a": passes_a - both_passed,
        "only_b": passes_a.T - both_passed,
        "not_scored": both_valid - questions,
        "invalid_label": both_answered - both_valid,
        "answered_by_one": answered + answered.T - 2 * both_answered,
        "answered_a": answered,
        "answered_b": answered.T,
        "value_sum": suite.value @ scored.T - scored @ suite.value.T,
    }


def _compared(counts: dict[str, np.ndarray]) -> pl.DataFrame:
    """What follows from the counts of pairs, one row for each; what rests on equal counts is worked out once."""
    frame = pl.DataFrame(counts).with_columns(pl.col(name).round().cast(pl.Int32) for name in _COUNTS)
    frame = frame.drop("answered_a", "answered_b").with_row_index("row")
    some = frame.filter(pl.col("questions") > 0)
    level = DEFAULT_ALPHA / max(1, some.height)
    key = ["more", "fewer", "questions"]
    some = some.with_columns(more=pl.max_horizontal("only_a", "only_b"), fewer=pl.min_horizontal("only_a", "only_b"))
    some = some.join(_of_counts(some.select(key).unique(), level), on=key, maintain_order="left")
    turned = pl.col("only_a") < pl.col("only_b")
    worked_out = some.select(
        "row",
        *("p_value", *_NEEDS),
        ((pl.col("only_a") - pl.col("only_b")) / pl.col("questions")).alias("difference"),
        pl.when(turned).then(0.0 - pl.col("high")).otherwise("low").alias("difference_low"),
        pl.when(turned).then(0.0 - pl.col("low")).otherwise("high").alias("difference_high"),
        # Sums of parts differ in their last digits with the number of threads that add them up.
        (pl.col("value_sum").round(9) / pl.col("questions")).alias("value_difference"),
        pl.Series("p_adjusted", holm_adjusted(some["p_value"].to_numpy())),
    )
    return frame.join(worked_out, on="row", how="left", maintain_order="left").with_columns(
        pl.lit(some.height).alias("comparisons"),
        _verdict().alias("verdict"),
        *(
            (pl.col(name) - pl.col("questions")).clip(lower_bound=0).alias(name.replace("needed", "more"))
            for name in _NEEDS
        ),
    )


def _of_counts(counts: pl.DataFrame, level: float) -> pl.DataFrame:
    """Statistics of distinct counts (more, fewer: passed by the better and by the worse side alone; questions).

    low, high: of the better side's pass rate minus the other's. level: what the adjusted number of questions is for.
    """
    more, fewer, questions = (counts[name].to_numpy() for name in ("more", "fewer", "questions"))
    low, high = paired_proportion_intervals(more, fewer, questions)
    rows = list(counts.iter_rows())
    needs = zip(_NEEDS, (DEFAULT_ALPHA, level), strict=True)
    return counts.with_columns(
        pl.Series("low", low, dtype=pl.Float64),
        pl.Series("high", high, dtype=pl.Float64),
        pl.Series("p_value", [exact_mcnemar(row[0], row[1]) for row in rows], dtype=pl.Float64),
        *(
            pl.Series(name, [_needed(row[0], row[1], row[2], alpha) for row in rows], dtype=pl.Int64)
            for name, alpha in needs
        ),
    )


def _verdict() -> pl.Expr:
    told = pl.col("p_adjusted") <= DEFAULT_ALPHA
    return (
        pl.when(pl.col("questions") < FEWEST_PAIRS)
        .then(pl.lit("too_few"))
        .when(told & (pl.col("only_a") > pl.col("only_b")))
        .then(pl.lit("better"))
        .when(told & (pl.col("only_a") < pl.col("only_b")))
        .then(pl.lit("worse"))
        .otherwise(pl.lit("not_told_apart"))
    )


def _turned(rows: pl.DataFrame) -> pl.DataFrame:
    """The same comparisons as B against A."""
    swapped = {"passes_a": "passes_b", "only_a": "only_b", "first": "second"}
    swapped |= {second: first for first, second in swapped.items()}
    negated = {"difference": "difference", "value_difference": "value_difference"}
    for name in list(negated):
        negated |= {f"{name}_low": f"{name}_high", f"{name}_high": f"{name}_low"}
    opposite = {"better": "worse", "worse": "better"}
    return rows.with_columns(
        *(pl.col(old).alias(new) for new, old in swapped.items()),
        # 0 - x rather than -x, so that no difference does not become -0.
        *((0.0 - pl.col(old)).alias(new) for new, old in negated.items()),
        pl.col("verdict").replace(opposite),
    )


def _needed(more: int, fewer: int, questions: int, alpha: float) -> int | None:
    return None if more == fewer else pairs_for_power(more / questions, fewer / questions, alpha=alpha)
