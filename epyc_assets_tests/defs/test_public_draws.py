"""Public sets in a fleet's question sets: drawn, remembered, not asked again under another seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from epyc_assets.benchmark.drawn_questions import drawn_questions
from epyc_assets.benchmark.public_draws import SeenQuestion
from epyc_assets.benchmark.question_sets import DrawnQuestions, draw_questions, newly_seen
from epyc_assets.defs.benchmarks import benchmark_assets
from epyc_assets.defs.drawing import draw_and_record
from epyc_assets.defs.reading import fleet_questions, seen_questions
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import load_scope
from epyc_assets.registry.entries import Fleet
from epyc_assets.suites.public import PublicSetMissing
from epyc_assets.suites.sampling import TooFewUnseen
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets_tests.defs.place import FLEET, Place
from epyc_assets_tests.suites.public.layouts import write_lines

POOL = 30


@pytest.fixture
def datasets(place: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A local copy of GSM8K with 30 questions, ten of each tier, and a row that cannot be used."""
    folder = place.root / "datasets"
    rows = [
        {"question": f"Question {number}?", "answer": "<<1>>" * (2 + number % 3) + f"\n#### {number}"}
        for number in range(POOL)
    ]
    write_lines(folder / "gsm8k/test.jsonl", [*rows, {"question": "broken"}])
    monkeypatch.setenv("EPYC_DATASETS_DIR", str(folder))
    return folder


def ask(place: Place, *sets: tuple[int, int]) -> None:
    """Sets the fleet's question sets: GSM8K with these seeds and counts, and a generated suite."""
    public = [{"suite": "gsm8k", "seed": seed, "count": count} for seed, count in sets]
    place.change_fleet(question_sets=[*public, {"suite": "math", "source": "demo", "count": 3, "seed": 1}])


def recorded() -> dict[int, list[str]]:
    """Draws and writes as the asset does; seed to the prompts of GSM8K that are asked, in order."""
    draw_and_record(Warehouse(), load_scope(FLEET).fleet, Provenance("run", "1"))
    return asked()


def asked() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for question in fleet_questions(Warehouse(), load_scope(FLEET).fleet):
        if question.suite == "gsm8k":
            found.setdefault(question.seed, []).append(question.prompt)
    return found


def seen(place: Place) -> pl.DataFrame:
    return place.rows("questions_seen").filter(pl.col("suite") == "gsm8k").sort("seed", "position")


def test_draws_are_remembered_and_never_repeated(place: Place, datasets: Path) -> None:
    ask(place, (1, 9))
    planned = [each.prompt for each in fleet_questions(None, load_scope(FLEET).fleet) if each.suite == "gsm8k"]
    first = recorded()
    assert first[1] == planned
    assert place.rows("questions_seen").group_by("suite").len().sort("suite").rows() == [("gsm8k", 9), ("math", 3)]
    before = seen(place)
    assert before["position"].to_list() == list(range(9))
    assert place.rows("rejects").filter(pl.col("source") == "datasets/gsm8k/test.jsonl").height == 1

    assert recorded() == first
    assert seen(place).equals(before)  # also the time at which each was seen first

    ask(place, (2, 6), (1, 12))
    both = recorded()
    assert both[1][:9] == first[1]
    assert len(both[1]) == 12
    assert not set(both[1]) & set(both[2])

    ask(place, (3, 12))
    third = recorded()
    assert not set(third[3]) & {*both[1], *both[2]}
    assert seen(place).height == POOL

    # Nothing is left for a fourth seed; the third still has its own.
    ask(place, (4, 1))
    scope = load_scope(FLEET)
    with pytest.raises(TooFewUnseen, match="0 are left"):
        draw_questions(scope.fleet, seen_questions(Warehouse(), scope.fleet))
    ask(place, (3, 12))

    # Taking away a file that could not be read takes its rejects away.
    (datasets / "gsm8k/more_test.jsonl").write_text("no line of JSON\n")
    assert recorded() == third
    assert place.rows("rejects").height == 2
    (datasets / "gsm8k/more_test.jsonl").unlink()
    assert recorded() == third
    assert place.rows("rejects").height == 1

    # Repairing the row takes its reject away.
    path = datasets / "gsm8k/test.jsonl"
    path.write_text(path.read_text().replace('{"question": "broken"}\n', ""))
    assert recorded() == third
    assert place.rows("rejects").is_empty()


def test_a_draw_that_another_run_overtook_is_drawn_again(
    place: Place, datasets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(place, (1, 15), (2, 15))
    fleet = load_scope(FLEET).fleet
    first, second = (fleet.model_copy(update={"question_sets": [each]}) for each in fleet.question_sets[:2])
    overtaken: list[str] = []

    def draw_beside_another_run(fleet: Fleet, seen: list[SeenQuestion]) -> DrawnQuestions:
        drawn = draw_questions(fleet, seen)
        if not overtaken:
            overtaken.append("once")
            draw_and_record(Warehouse(), second, Provenance("other", "1"))
        return drawn

    monkeypatch.setattr("epyc_assets.defs.drawing.draw_questions", draw_beside_another_run)
    draw_and_record(Warehouse(), first, Provenance("run", "1"))
    assert seen(place)["question_key"].n_unique() == POOL


def test_the_asset_draws_and_records(place: Place, datasets: Path) -> None:
    ask(place, (1, 9))
    drawing = [
        each
        for each in benchmark_assets(load_scope(FLEET).fleet).assets or ()
        if isinstance(each, dg.AssetsDefinition) and dg.AssetKey("questions") in each.keys
    ]
    result = dg.materialize(drawing, resources={"warehouse": WarehouseResource()})
    assert result.success
    assert all(check.passed for check in result.get_asset_check_evaluations())
    told = result.asset_materializations_for_node("draw_questions")[0].metadata
    assert (told["newly_seen"].value, told["rejects"].value) == (12, 1)
    assert len(asked()[1]) == seen(place).height == 9


def test_planning_without_a_local_copy_says_what_to_put_where(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPYC_DATASETS_DIR", str(place.root / "none"))
    ask(place, (1, 9))
    with pytest.raises(PublicSetMissing, match=r"GSM8K has no local copy in .*none/gsm8k"):
        drawn_questions(load_scope(FLEET).fleet)


def test_two_seeds_of_one_list_do_not_share(place: Place, datasets: Path) -> None:
    ask(place, (1, 15), (2, 15))
    drawn = draw_questions(load_scope(FLEET).fleet)
    assert drawn.questions.filter(pl.col("suite") == "gsm8k").height == POOL
    assert drawn.public.select("seed", "drawn", "in_local_copy", "rejects").rows() == [(1, 15, 30, 1), (2, 15, 30, 1)]
    ask(place, (1, 16), (2, 15))
    fleet = load_scope(FLEET).fleet
    with pytest.raises(TooFewUnseen):
        draw_questions(fleet)


def test_a_question_whose_wording_changed_is_still_seen(place: Place, datasets: Path) -> None:
    """The key is of the set's own words: another prompt around them makes another id, not another question."""
    ask(place, (1, 9))
    fleet = load_scope(FLEET).fleet
    drawn = draw_questions(fleet).seen.filter(pl.col("suite") == "gsm8k")
    keys = drawn["question_key"].to_list()
    assert not set(keys) & set(drawn["question_id"].to_list())
    ask(place, (2, 9))
    remembered = [SeenQuestion("gsm8k", 1, key, position) for position, key in enumerate(keys)]
    other = draw_questions(load_scope(FLEET).fleet, remembered).seen["question_key"].to_list()
    assert not set(other) & set(keys)


def test_new_positions_go_on_after_those_that_are_there() -> None:
    present = pl.DataFrame({"suite": ["a"], "seed": [1], "question_id": ["x"], "question_key": ["k"], "position": [4]})
    seen = pl.DataFrame(
        {
            "suite": ["a", "a", "a", "b"],
            "seed": [1, 1, 1, 1],
            "question_id": ["y", "x", "z", "x"],
            "question_key": ["l", "k", "m", "n"],
            "source": ["s"] * 4,
        }
    )
    added = newly_seen(seen, present)
    assert added.select("suite", "question_id", "position").rows() == [("a", "y", 5), ("a", "z", 6), ("b", "x", 0)]


def test_the_inventory_on_the_command_line(place: Place, datasets: Path) -> None:
    def epyc(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "epyc_assets.cli.main", "suites", "public", *words]
        return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=False)

    rows = {row["suite"]: row for row in json.loads(epyc("--json").stdout)}
    assert (rows["gsm8k"]["questions"], rows["gsm8k"]["tier_2"], rows["gsm8k"]["rejects"]) == (POOL, 10, 1)
    assert (rows["mmlu"]["status"], rows["mmlu"]["questions"]) == ("missing", None)
    told = epyc("gsm8k", "--questions", "2").stdout
    assert "test.jsonl line 31" in told
    assert told.count("-> ") == 2
    assert epyc("nosuch").returncode == 2
