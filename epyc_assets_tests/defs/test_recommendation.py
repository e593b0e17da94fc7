"""The assets of the recommendation: what they write, and when the check doubts it."""

from __future__ import annotations

import json
from typing import Any

import dagster as dg
import polars as pl
import pytest

from epyc_assets.benchmark.speed import config_speed
from epyc_assets.defs.recommendation import recommendation_assets
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import load_scope
from epyc_assets.inference.config import BASELINE, Config
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import derived_tables, materialize_derived
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets_tests.benchmark.speed_rows import FEW, SPEC, agreement_frame, sessions_frame, speed_runs
from epyc_assets_tests.defs.place import FLEET, MODEL, Place

STAMP = Provenance("a run", "1")
HERE = [pl.lit(FLEET).alias("fleet"), pl.lit(MODEL).alias("model")]


def fill(*, contended_rounds: int = 0, rounds: int = 8, questions: int = 300) -> None:
    """Tables as measuring leaves them: spec twice as fast and alike, fewer experts three times as fast."""
    runs = speed_runs(
        [(BASELINE, 10.0), (SPEC, 20.0), (FEW, 30.0)], rounds=rounds, contended_rounds=contended_rounds
    ).with_columns(*HERE)
    with Warehouse().write("what was measured") as connection:
        for table in derived_tables():
            if table.name == "answers":
                materialize_derived(connection, table, STAMP)
        replace_rows(connection, "speed_runs", runs, provenance=STAMP)
        speed = config_speed(runs, sessions_frame("first")).with_columns(enough_rounds=True)
        replace_rows(connection, "config_speed", speed, provenance=STAMP)
        agreement = agreement_frame([(SPEC, ["identical", "near_tie"])]).with_columns(*HERE)
        replace_rows(connection, "token_agreement", agreement, provenance=STAMP)
        connection.register("given", pl.concat([verdicts(BASELINE, questions), verdicts(FEW, questions)]))
        connection.execute("INSERT INTO answers BY NAME SELECT * FROM given")
        connection.unregister("given")


def verdicts(config: Config, questions: int) -> pl.DataFrame:
    """Answers all passed."""
    return pl.DataFrame(
        {
            "fleet": FLEET,
            "model": MODEL,
            "config_id": config.config_id,
            "config": config.name,
            "technique": config.technique,
            "suite": "math",
            "question_id": [f"q{number}" for number in range(questions)],
            "passed": True,
            "dagster_run_id": "a run",
            "code_version": "1",
            "written_at": STAMP.written_at,
        }
    )


def materialized(**config: Any) -> dg.ExecuteInProcessResult:
    definitions = recommendation_assets(load_scope(FLEET).fleet)
    return dg.materialize(
        [each for each in definitions.assets or () if isinstance(each, dg.AssetsDefinition)],
        resources={"warehouse": WarehouseResource()},
        instance=dg.DagsterInstance.ephemeral(),
        run_config={"ops": {"best_config": {"config": config}}},
    )


@pytest.mark.usefixtures("place")
def test_the_recommendation_is_written_with_what_it_rests_on(place: Place) -> None:
    fill()
    result = materialized()
    (quality,) = place.rows("config_quality").to_dicts()
    assert (quality["config"], quality["questions"], quality["difference"]) == (FEW.name, 300, 0)
    (row,) = place.rows("best_config").to_dicts()
    # 300 questions without a difference show a loss below 2 points (189 do), not below 1.
    assert (row["config"], row["quality"], row["considered"]) == (FEW.name, "within_tolerance", 3)
    assert row["baseline_generation_tps"] == pytest.approx(row["generation_tps"] / 3, rel=0.1)
    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]
    materialized(tolerance=0.01)
    (row,) = place.rows("best_config").to_dicts()
    assert (row["config"], row["tolerance"]) == (SPEC.name, 0.01)
    (excluded,) = json.loads(row["excluded"])
    assert excluded["config_id"] == FEW.config_id
    assert "300 questions cannot show a loss below 1 point; about 381 are needed" in excluded["reason"]


@pytest.mark.parametrize("changes", [{"contended_rounds": 6}, {"rounds": 4}])
@pytest.mark.usefixtures("place")
def test_disturbed_or_few_rounds_warn(changes: dict[str, int]) -> None:
    fill(**changes)
    (check,) = materialized().get_asset_check_evaluations()
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert str(check.metadata["doubtful"].value).count("rounds") >= 1


def test_nothing_measured_is_an_empty_table(place: Place) -> None:
    fill(questions=0)
    with Warehouse().write("nothing") as connection:
        connection.execute("DELETE FROM config_speed")
    result = materialized()
    assert result.success
    assert place.rows("best_config").is_empty()
    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]
