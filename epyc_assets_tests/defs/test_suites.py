"""Suites as assets and commands: an import is told whole, twice changes nothing, its questions can be asked."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
import yaml

from epyc_assets.benchmark.drawn_questions import drawn_questions
from epyc_assets.benchmark.file_questions import NoQuestionFile
from epyc_assets.benchmark.question_sets import question_frame
from epyc_assets.benchmark.suite_import import IMPORTED_SCHEMA, import_suite
from epyc_assets.cli.main import main
from epyc_assets.defs.resources import WarehouseResource
from epyc_assets.defs.scope import load_scope
from epyc_assets.defs.suites import questions_valid, suite_assets
from epyc_assets.suites.suite_file import TooFewQuestions
from epyc_assets_tests.defs.place import FLEET, Place

LIST = """
suite: math
scoring_default: {method: exact_match}
questions:
  - {id: a, tier: 1, prompt: "What is 1 + 1?", expected: 2}
  - {id: b, tier: 2, prompt: "What is 20 + 25?", expected: 45}
  - {id: c, tier: 3, prompt: "What is 30 + 61?", expected: 91, scoring_config: {tolerance: wide}}
  - {id: d, tier: 3, prompt: "What is 30 + 62?", expected: 92, scoring_method: unheard_of}
"""


def written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_import_is_questions_rejects_and_a_row_and_twice_changes_nothing(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "theirs", "math", LIST)
    assert main(["suites", "import", str(path), "--fleet", FLEET, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["entries"], row["questions"], row["rejects"], row["layout"]) == (4, 2, 2, "questions_list")
    assert row["mapped"] == {"exact_match -> exact_match": 2}
    rejects = place.rows("rejects")
    assert rejects["source"].to_list() == [str(path)] * 2
    assert {reason[:20] for reason in rejects["reason"]} == {"'tolerance' must be ", "the scoring method '"}
    file = place.data / "suites" / "math.yaml"
    again = import_suite(path, place.data, place.rows("imported_suites"))
    assert (again.name, again.changed) == ("math", False)
    assert dict(again.row) == {key: row[key] for key in again.row} | {
        key: json.dumps(row[key]) for key in ("mapped", "notes")
    }

    # Repaired: the rejects go, the question comes.
    path.write_text(LIST.replace("tolerance: wide", "tolerance: 1").replace("unheard_of", "exact_match"), "utf-8")
    assert main(["suites", "import", str(path), "--fleet", FLEET]) == 0
    assert place.rows("rejects").height == 0
    assert len(yaml.safe_load(file.read_text("utf-8"))["questions"]) == 4
    capsys.readouterr()

    place.change_fleet(question_sets=[{"suite": "math", "source": "imported", "count": 3, "seed": 2}])
    asked = drawn_questions(load_scope(FLEET).fleet)
    assert {each.source for each in asked} == {"imported:math"}
    assert {each.tier for each in asked} == {1, 2, 3}
    place.change_fleet(question_sets=[{"suite": "math", "source": "imported", "count": 5}])
    with pytest.raises(TooFewQuestions, match="has 4 questions, not the 5"):
        drawn_questions(load_scope(FLEET).fleet)
    place.change_fleet(question_sets=[{"suite": "coder", "source": "imported", "count": 1}])
    with pytest.raises(NoQuestionFile, match="epyc suites import"):
        drawn_questions(load_scope(FLEET).fleet)


def test_files_of_one_name_stay_apart_and_a_useless_one_is_told(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    every = tmp_path / "every"
    written(every / "one", "math", LIST)
    written(every / "two", "math", LIST.replace("20 + 25", "25 + 20"))
    noise = written(every / "two", "noise", "[" * 3000)
    # Below a folder, at any depth: it is often the folder of folders that people name.
    assert main(["suites", "import", str(every), "--fleet", FLEET]) == 0
    told = capsys.readouterr()
    assert "nested more than" in told.err
    assert place.rows("imported_suites")["name"].to_list() == ["math", "noise", "two-math"]
    useless = import_suite(noise, place.data, place.rows("imported_suites"))
    assert (useless.row["questions"], useless.row["layout"]) == (0, "unknown")
    assert not (place.data / "suites" / "noise.yaml").exists()
    assert main(["suites", "import", str(tmp_path / "none.yaml"), "--fleet", FLEET]) == 2


def test_check_ends_with_1_when_a_question_cannot_be_used(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "math", LIST + "  - {id: e, tier: 1, prompt: 'What is 1 + 1?', expected: 3}\n")
    import_suite(path, place.data, pl.DataFrame(schema=IMPORTED_SCHEMA))
    assert main(["suites", "check", "math", "--source", "imported"]) == 1
    told = capsys.readouterr()
    assert "error: suites/math.yaml:17 e: repeated_prompt: asks what a asks, but expects '3', not '2'" in told.out
    assert "3 questions from 1 sources looked at" in told.err
    assert main(["suites", "check", "skill_transfer", "--source", "shipped", "--code-runs", "0"]) == 0
    assert main(["suites", "check", "no_such_suite"]) == 2


def test_list_and_show(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suites", "list", "--json"]) == 0
    rows = {(row["suite"], row["source"]): row for row in json.loads(capsys.readouterr().out)}
    assert rows["web_research", "generated"]["questions"] is None
    assert rows["web_research", "shipped"]["questions"] >= 12
    assert rows["math", "demo"]["tiers"] == [1, 2, 3]
    for source in ("generated", "demo", "shipped"):
        call = ["suites", "show", "web_research", "--source", source, "--tier", "2", "--count", "3", "--json"]
        assert main(call) == 0
        shown = json.loads(capsys.readouterr().out)
        assert [(row["tier"], row["source"]) for row in shown] == [(2, source)] * 3
    assert main(["suites", "show", "nothing"]) == 2


def test_the_catalogue_has_each_tier_of_each_source_and_fails_on_errors(place: Place, tmp_path: Path) -> None:
    bad = LIST + "  - {id: e, tier: 1, prompt: 'What is 1 + 1?', expected: 3}\n"
    import_suite(written(tmp_path, "math", bad), place.data, pl.DataFrame(schema=IMPORTED_SCHEMA))
    result = dg.materialize(
        [each for each in suite_assets().assets or () if isinstance(each, dg.AssetsDefinition)],
        selection=["suite_catalogue"],
        resources={"warehouse": WarehouseResource()},
        run_config={"ops": {"suite_catalogue": {"config": {"sample": 3, "code_runs": 0}}}},
    )
    assert result.success
    checks = {each.check_name: each.passed for each in result.get_asset_check_evaluations()}
    assert checks["questions_valid"] is False
    rows = place.rows("suite_catalogue")
    imported = rows.filter(pl.col("source") == "imported")
    assert imported.select("tier", "questions", "errors").sort("tier").rows() == [(1, 2, 1), (2, 1, 0)]
    generated = rows.filter((pl.col("source") == "generated") & (pl.col("suite") == "web_research"))
    assert generated["questions"].null_count() == 3
    assert generated["verified_share_ratio"].to_list() == [1.0] * 3
    assert rows.filter(pl.col("source") == "shipped")["questions"].sum() >= 24


def test_the_check_of_the_questions_says_what_it_looked_at(place: Place) -> None:
    asked = question_frame(drawn_questions(load_scope(FLEET).fleet))
    sound = questions_valid(asked)
    assert sound.passed
    assert sound.metadata["examined"].value == asked.height
    wrong = asked.with_columns(pl.lit("no_such_scorer").alias("scorer"))
    assert not questions_valid(wrong).passed
