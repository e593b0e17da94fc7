"""Comparisons of every two models against a plain count of each pair by itself."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import polars as pl
import pytest

from epyc_assets.benchmark.model_comparison import MODEL_COMPARISON_SCHEMA, model_comparison
from epyc_assets.statistics import exact_mcnemar, paired_bootstrap_difference
from epyc_assets.statistics.power import pairs_for_power, power_of_pairs
from epyc_assets.statistics.proportions import paired_proportion_interval

SCHEMA = {
    **dict.fromkeys(("fleet", "model", "config_id", "config", "suite", "question_id", "score_status"), pl.String),
    "passed": pl.Boolean,
    "value": pl.Float64,
}
SIDES = (("alpha", "b"), ("alpha", "m"), ("beta", "b"), ("gamma", "b"))
SUITES = {"coder": 12, "math": 30, "mmlu": 3}


def answer(side: tuple[str, str], suite: str, number: int, passed: bool | None, **more: Any) -> dict[str, Any]:
    status = "not_scored" if passed is None else "scored"
    config = "baseline" if side[1] == "b" else "moe 2 experts"
    row = {"fleet": "f", "model": side[0], "config_id": side[1], "config": config, "suite": suite}
    row |= {"question_id": f"{suite}-{number}", "score_status": status, "passed": passed}
    return {**row, "value": None if passed is None else float(passed), **more}


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    """Answers of four sides; some missing, not scored, invalid, partly right."""
    dice = random.Random(5)
    rows = []
    for place, side in enumerate(SIDES):
        for suite, count in SUITES.items():
            for number in range(count):
                if (side[0] == "gamma" and suite == "coder") or dice.random() < 0.1:
                    continue
                passed = dice.choices([dice.random() < 0.2 + 0.25 * place, None], [9, 1])[0]
                row = answer(side, suite, number, passed)
                if suite == "coder" and passed is False:
                    row["value"] = dice.choice([0.0, 0.25, 0.5])
                if number == 4:  # the label is found invalid, whatever was said of the answer
                    row["score_status"] = "invalid_label"
                rows.append(row)
    return rows


def plain(rows: list[dict[str, Any]], first: tuple[str, str], second: tuple[str, str], suite: str) -> dict[str, Any]:
    """One pair, counted question by question."""
    own, other = (
        {
            row["question_id"]: row
            for row in rows
            if (row["model"], row["config_id"]) == side and suite in ("all", row["suite"])
        }
        for side in (first, second)
    )
    both = sorted(own.keys() & other.keys())
    invalid = [key for key in both if "invalid_label" in (own[key]["score_status"], other[key]["score_status"])]
    kept = [key for key in both if key not in invalid and None not in (own[key]["passed"], other[key]["passed"])]
    return {
        "questions": len(kept),
        "passes_a": sum(own[key]["passed"] for key in kept),
        "passes_b": sum(other[key]["passed"] for key in kept),
        "only_a": sum(own[key]["passed"] and not other[key]["passed"] for key in kept),
        "only_b": sum(other[key]["passed"] and not own[key]["passed"] for key in kept),
        "invalid_label": len(invalid),
        "not_scored": len(both) - len(invalid) - len(kept),
        "answered_by_one": len(own.keys() ^ other.keys()),
        "values": ([own[key]["value"] for key in kept], [other[key]["value"] for key in kept]),
    }


def test_every_pair_is_as_counted_by_itself(answers: list[dict[str, Any]]) -> None:
    found = {
        ((row["model_a"], row["config_id_a"]), (row["model_b"], row["config_id_b"]), row["suite"]): row
        for row in model_comparison(frame(answers)).iter_rows(named=True)
    }
    for first, second in combinations(SIDES, 2):
        for suite in (*SUITES, "all"):
            if suite == "coder" and "gamma" in (first[0], second[0]):
                assert (first, second, suite) not in found, "a suite that one of them was never asked"
                continue
            row, expected = found[first, second, suite], plain(answers, first, second, suite)
            values = expected.pop("values")
            assert {name: row[name] for name in expected} == expected
            n, more, fewer = row["questions"], row["only_a"], row["only_b"]
            interval = paired_proportion_interval(more, fewer, n)
            ends = (row["difference"], row["difference_low"], row["difference_high"])
            assert ends == pytest.approx((interval.estimate, interval.low, interval.high), abs=1e-12)
            assert row["p_value"] == exact_mcnemar(more, fewer)
            assert row["value_difference"] == pytest.approx((sum(values[0]) - sum(values[1])) / n)
            if suite == "coder":
                drawn = paired_bootstrap_difference(*values, resamples=2000)
                assert row["value_difference_low"] == pytest.approx(drawn.low, abs=0.05)
                assert row["value_difference_high"] == pytest.approx(drawn.high, abs=0.05)
            if more != fewer:
                assert row["questions_needed"] == pairs_for_power(max(more, fewer) / n, min(more, fewer) / n)
                assert row["questions_more"] == max(0, row["questions_needed"] - n)
                assert row["questions_needed_adjusted"] >= row["questions_needed"]
            else:
                assert row["questions_needed"] is row["questions_more"] is None
            assert (row["verdict"] == "too_few") == (n < 6)


def test_both_directions_say_the_same(answers: list[dict[str, Any]]) -> None:
    rows = model_comparison(frame(answers))
    assert rows.schema == pl.Schema(MODEL_COMPARISON_SCHEMA)
    key = ["model_a", "config_id_a", "model_b", "config_id_b", "suite"]
    assert rows.select(key).is_duplicated().sum() == 0
    turned = rows.select(
        pl.col(name).alias(name[:-1] + {"a": "b", "b": "a"}[name[-1]] if name.endswith(("_a", "_b")) else name)
        for name in rows.columns
    )
    both = rows.join(turned, on=key, suffix="_turned")
    assert both.height == rows.height
    for name in ("questions", "passes_a", "only_b", "p_adjusted", "questions_more", "comparisons", "config_a"):
        assert both[name].equals(both[f"{name}_turned"].rename(name)), name
    for low, high in (("difference_low", "difference_high"), ("value_difference_low", "value_difference_high")):
        assert both[low].to_list() == pytest.approx([value and -value for value in both[f"{high}_turned"]])
    verdicts = {"better": "worse", "worse": "better"}
    assert [verdicts.get(each, each) for each in both["verdict"]] == both["verdict_turned"].to_list()


def test_what_is_picked_out_of_many_needs_more_evidence() -> None:
    def asked(sides: int) -> pl.DataFrame:
        # The first passes 8 questions that no other passes: p = 2/256 for each pair; all others are alike.
        return frame(
            [
                answer((f"model {side}", "b"), "math", number, number >= 8 or side == 0)
                for side in range(sides)
                for number in range(40)
            ]
        )

    for sides, verdict, adjusted in ((2, "better", 2 / 256), (3, "better", 6 / 256), (6, "not_told_apart", 30 / 256)):
        rows = model_comparison(asked(sides)).filter(pl.col("model_a") == "model 0", pl.col("suite") == "math")
        assert rows["verdict"].unique().to_list() == [verdict]
        assert rows["p_adjusted"].to_list() == pytest.approx([adjusted] * (sides - 1))
        assert rows["comparisons"].unique().to_list() == [sides * (sides - 1) // 2]
        (needed,) = rows["questions_needed_adjusted"].unique()
        level = 0.05 / (sides * (sides - 1) // 2)
        assert power_of_pairs(needed, 0.2, 0, level) >= 0.8 > power_of_pairs(needed - 1, 0.2, 0, level)


def test_fleets_are_apart_and_one_model_is_compared_with_none() -> None:
    rows = [answer((name, "b"), "math", number, number % 2 == 0) for name in ("x", "y") for number in range(8)]
    other = [{**row, "fleet": "g"} for row in rows if row["model"] == "x"]
    found = model_comparison(frame(rows + other))
    assert found["fleet"].unique().to_list() == ["f"]
    assert found["comparisons"].unique().to_list() == [1]
    equal = found.row(0, named=True)
    assert (equal["difference"], equal["p_value"], equal["verdict"]) == (0, 1, "not_told_apart")
    assert equal["difference_low"] < -0.3, "eight questions do not show that two are equally good"
    assert equal["value_difference_low"] is None
    assert model_comparison(frame(other)).is_empty()
    assert model_comparison(frame([])).schema == pl.Schema(MODEL_COMPARISON_SCHEMA)


def test_no_common_verdict_is_a_row_without_a_difference() -> None:
    rows = [answer(("x", "b"), "math", number, True) for number in range(3)]
    rows += [answer(("y", "b"), "math", number, None if number == 2 else False) for number in range(2, 5)]
    found = model_comparison(frame(rows)).filter(pl.col("suite") == "math", pl.col("model_a") == "x")
    (row,) = found.to_dicts()
    assert (row["questions"], row["not_scored"], row["answered_by_one"], row["comparisons"]) == (0, 1, 4, 0)
    assert row["difference"] is row["p_value"] is row["p_adjusted"] is row["value_difference"] is None
    assert row["verdict"] == "too_few"
