"""Quality of configs: verdicts on the same questions, and nothing claimed about others."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from epyc_assets.benchmark.quality import CONFIG_QUALITY_SCHEMA, config_quality, paired_verdicts
from epyc_assets.inference.config import BASELINE, Config, Moe

FEW = Config(moe=Moe("qwen3moe", 1))


def answers(config: Config, verdicts: Mapping[str, bool | None], model: str = "m", fleet: str = "f") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "fleet": fleet,
                "model": model,
                "config_id": config.config_id,
                "config": config.name,
                "technique": config.technique,
                "question_id": question,
                "passed": passed,
            }
            for question, passed in verdicts.items()
        ],
        schema_overrides={"passed": pl.Boolean},
    )


def test_only_questions_with_a_verdict_under_both_are_compared() -> None:
    own = answers(FEW, {"a": True, "b": False, "c": None, "d": True, "only here": True})
    baseline = answers(BASELINE, {"a": True, "b": True, "c": True, "d": None, "only there": True})
    (row,) = config_quality(pl.concat([own, baseline])).to_dicts()
    assert (row["config_id"], row["config"], row["technique"]) == (FEW.config_id, FEW.name, "moe")
    assert (row["questions"], row["passes"], row["baseline_passes"]) == (2, 1, 2)
    assert (row["only_passes"], row["only_baseline_passes"], row["difference"]) == (0, 1, -0.5)
    assert row["difference_low"] < -0.5 < row["difference_high"]


def test_a_planted_loss_is_found_and_shown_by_interval_and_test() -> None:
    questions = [f"q{number}" for number in range(400)]
    own = answers(FEW, {name: number % 10 > 0 for number, name in enumerate(questions)})
    baseline = answers(BASELINE, dict.fromkeys(questions, True))
    (row,) = config_quality(pl.concat([own, baseline])).to_dicts()
    assert row["difference"] == pytest.approx(-0.1)
    assert row["difference_high"] < 0
    assert row["p_value"] < 1e-6


def test_ten_questions_without_a_difference_show_little() -> None:
    same = {f"q{number}": bool(number % 2) for number in range(10)}
    (row,) = config_quality(pl.concat([answers(FEW, same), answers(BASELINE, same)])).to_dicts()
    assert row["difference"] == 0
    assert row["difference_low"] < -0.2
    assert row["p_value"] == 1


def test_models_and_fleets_are_kept_apart() -> None:
    frames = [
        answers(FEW, {"a": True}, "m"),
        answers(BASELINE, {"a": False}, "m"),
        answers(FEW, {"a": False}, "n"),
        answers(BASELINE, {"a": False}, "n"),
        answers(BASELINE, {"a": True}, "n", fleet="another"),
    ]
    rows = {row["model"]: row for row in config_quality(pl.concat(frames)).to_dicts()}
    assert {name: row["difference"] for name, row in rows.items()} == {"m": 1, "n": 0}


@pytest.mark.parametrize("baseline", [{}, {"b": True}, {"a": None}])
def test_without_a_common_question_there_is_no_figure(baseline: dict[str, bool | None]) -> None:
    (row,) = config_quality(
        pl.concat([answers(FEW, {"a": True}), answers(BASELINE, baseline)], how="diagonal")
    ).to_dicts()
    assert row["questions"] == 0
    assert row["difference"] is row["difference_low"] is row["p_value"] is None


def test_no_answers_give_an_empty_frame_with_the_columns() -> None:
    empty = config_quality(answers(FEW, {"a": True}).clear())
    assert empty.is_empty()
    assert empty.schema == CONFIG_QUALITY_SCHEMA
    assert config_quality(answers(BASELINE, {"a": True})).is_empty()


def test_a_comparison_turned_round_is_its_mirror() -> None:
    first, second = (
        answers(FEW, {"a": True, "b": True, "c": False}),
        answers(BASELINE, {"a": True, "b": False, "c": False}),
    )
    there, back = paired_verdicts(first, second), paired_verdicts(second, first)
    assert there["difference"] == -back["difference"] > 0
    assert there["only_passes"] == back["only_baseline_passes"] == 1
    assert there["p_value"] == back["p_value"]
