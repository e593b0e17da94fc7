"""The asset model_comparison: which answers it compares, what it writes, that it replaces."""

from __future__ import annotations

import dagster as dg
import polars as pl
import pytest

from epyc_assets.defs.model_comparison import model_comparison_assets
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import load_scope
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import derived_tables, materialize_derived
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets_tests.defs.place import FLEET, Place

STAMP = Provenance("a run", "1")


def fill() -> None:
    """Two models on ten questions of math, one no longer in the set; one model on a suite that it may not be asked."""
    answers = [
        {"model": model, "suite": suite, "question_id": f"{suite}-{number}", "passed": model == "good"}
        for model, suites in (("good", ("math", "coder")), ("bad", ("math",)))
        for suite in suites
        for number in range(10)
    ]
    words = {"fleet": FLEET, "config_id": "c", "config": "baseline", "technique": "baseline"}
    stamp = {"dagster_run_id": "a run", "code_version": "1", "written_at": STAMP.written_at}
    sets = [{"suite": suite, "question_id": f"{suite}-{number}", "position": number} for suite in ("math", "coder")
            for number in range(9)]  # fmt: skip
    plan = [("good", "math", "done"), ("bad", "math", "done"), ("good", "coder", "not_allowed")]
    counts = dict.fromkeys(("questions", "done", "missing", "stale", "failed"), 0)
    with Warehouse().write("answers") as connection:
        for table in derived_tables():
            if table.name == "answers":
                materialize_derived(connection, table, STAMP)
        given = [{**row, **words, **stamp, "score_status": "scored", "value": float(row["passed"])} for row in answers]
        connection.register("given", pl.DataFrame(given))
        connection.execute("INSERT INTO answers BY NAME SELECT * FROM given")
        connection.unregister("given")
        replace_rows(connection, "question_sets", pl.DataFrame(sets), where={"fleet": FLEET}, provenance=STAMP)
        rows = [{"model": model, "suite": suite, "status": status, **words, **counts} for model, suite, status in plan]
        replace_rows(connection, "sweep_plan", pl.DataFrame(rows), provenance=STAMP)


def materialized() -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [
            each
            for each in model_comparison_assets(load_scope(FLEET).fleet).assets or ()
            if isinstance(each, dg.AssetsDefinition)
        ],
        resources={"warehouse": WarehouseResource()},
        instance=dg.DagsterInstance.ephemeral(),
    )


@pytest.mark.usefixtures("place")
def test_present_and_allowed_questions_are_compared_and_rows_replaced(place: Place) -> None:
    fill()
    result = materialized()
    rows = place.rows("model_comparison")
    assert sorted(rows["suite"]) == ["all", "all", "math", "math"]
    assert rows["questions"].to_list() == [9] * 4, "the tenth is no longer asked"
    better = rows.filter(pl.col("verdict") == "better")
    assert better["model_a"].unique().to_list() == ["good"]
    (event,) = result.asset_materializations_for_node("model_comparison")
    assert event.metadata["told_apart"].value == 2
    assert "data:image/png" in str(event.metadata["plot_leaderboard"].value)
    with Warehouse().write("fewer") as connection:
        connection.execute("DELETE FROM answers WHERE model = 'bad'")
    assert materialized().success
    assert place.rows("model_comparison").is_empty()
