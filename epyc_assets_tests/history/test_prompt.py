"""Questions of both generations: a row a question, whatever the layout, and each trap of theirs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history.formats import format_named
from epyc_assets.history.naming import question_pk
from epyc_assets_tests.history.conftest import files_of, imported
from epyc_assets_tests.history.faults import check, damaged_bytes

MAP = """
version: 1
domain: baking
description: "Loaves"
created: "2030-01-02"
inference_params: {temperature: 0.2}
prompts:
  t1_q1_rye:
    tier: 1
    name: Rye
    prompt: |
      How long?
    expected: 72
    reference_answer: About an hour.
    scoring:
      - {criterion: time, weight: 40}
    context_tokens: 12000
    needle: yes
    image_path: images/rye.png
    crust: dark
  t1_q2_oat:
    tier: 1
    prompt: Why?
    expected: [a, b]
"""
LIST = """
suite: baking
version: "1.0"
scoring_default: {method: exact_match, config: {pattern: x}}
questions:
  - id: rye_001
    tier: 2
    prompt: How hot?
    expected: "220"
    scoring_method: f1
    scoring_config: {threshold: 0.5}
    mode_advantage: true
  - id: 7
    prompt: Why?
    category: reasons
"""
SECTIONS = """
routing:
  - {id: r1, prompt: Who bakes?}
judge_prompts:
  taste: Taste it.
  crust: {prompt: Look at it., weight: 2}
"""
MANIFEST = """
version: "1.0"
last_updated: "2030-01-02"
owner: baker
suites:
  rye: {description: Loaves, count: 7, adapter: RyeAdapter, sources: [{name: Rye, license: MIT}]}
yaml_only_suites:
  oat: {source: oat.yaml, reason: By hand}
"""
FILES = {
    "prompt_questions": ("benchmarks/prompts/v1/baking.yaml", MAP),
    "prompt_sections": ("benchmarks/prompts/v1/planning.yaml", SECTIONS),
    "prompt_manifest": ("benchmarks/prompts/MANIFEST.yaml", MANIFEST),
}


def questions(text: str, path: str = "benchmarks/prompts/v1/baking.yaml") -> tuple[list[Any], Any, Any]:
    """The questions' rows, the file's row, and everything."""
    name, result = imported(text, path)
    assert name == "prompt_questions"
    every: list[Any] = result.rows
    *rows, suite = every
    return rows, suite, result


def test_a_map_of_questions_is_a_row_each() -> None:
    (rye, oat), suite, result = questions(MAP)
    assert (result.records, result.main_rows, result.status, result.rejects) == (2, 2, "ok", [])
    assert (rye.suite, rye.question_id, rye.generation, rye.layout) == ("baking", "t1_q1_rye", "v1", "map")
    assert (rye.tier, rye.name, rye.prompt, rye.expected, rye.needle) == (1, "Rye", "How long?\n", "72", "yes")
    assert (rye.context_tokens, rye.image_path, json.loads(rye.extra)) == (12000, "images/rye.png", {"crust": "dark"})
    assert json.loads(rye.scoring) == [{"criterion": "time", "weight": 40}]
    assert rye.question_pk == question_pk("baking", "t1_q1_rye")
    assert (oat.expected, json.loads(oat.extra), oat.scoring) == (None, {"expected": ["a", "b"]}, None)
    assert (suite.version, suite.created, suite.question_count) == ("1", "2030-01-02", 2)
    assert (json.loads(suite.inference_params), suite.extra) == ({"temperature": 0.2}, None)


def test_a_list_of_questions_is_a_row_each() -> None:
    (rye, seven), suite, _ = questions(LIST, "benchmarks/prompts/debug/baking.yaml")
    assert (rye.generation, rye.layout, rye.question_id, rye.is_mode_advantage) == ("debug", "list", "rye_001", True)
    assert (rye.scoring_method, json.loads(rye.scoring), rye.quality_flags) == ("f1", {"threshold": 0.5}, ())
    assert (seven.question_id, seven.tier, seven.category, seven.extra) == ("7", None, "reasons", None)
    assert (seven.scoring_method, seven.quality_flags) == ("exact_match", ("scoring_of_file",))
    assert (suite.scoring_method, suite.version) == ("exact_match", "1.0")


def test_a_suite_without_a_name_has_its_files() -> None:
    (row,), suite, _ = questions("scoring_method: f1\nquestions: [{id: a, prompt: b}]", "prompts/debug/web.yaml")
    assert (row.suite, suite.suite, suite.quality_flags) == ("web", "web", ("suite_from_file_name",))
    assert row.scoring_method == "f1"


def test_a_question_that_is_none_is_a_reject_and_costs_only_itself() -> None:
    text = (
        "questions:\n- {id: a, prompt: x}\n- just text\n- {prompt: no id}\n- {id: a, prompt: z}\n- {id: b, prompt: y}\n"
    )
    rows, suite, result = questions(text)
    assert [row.question_id for row in rows] == ["a", "b"]
    assert [reject.location for reject in result.rejects] == ["questions/1", "questions/2", "questions/3"]
    assert "second time" in result.rejects[2].reason
    assert (result.records, result.rejected_records, suite.question_count) == (5, 3, 5)


def test_a_question_id_that_is_there_twice_in_a_map_is_told() -> None:
    rows, _, result = questions("prompts:\n  a: {prompt: x}\n  a: {prompt: y}\n")
    assert [row.prompt for row in rows] == ["x"]
    assert [reject.raw_text.strip() for reject in result.rejects] == ["a: {prompt: y}"]


def test_of_a_broken_file_the_questions_before_the_fault_are_kept() -> None:
    text = MAP[: MAP.index("expected: [a")] + 'expected: "never ends\n'
    (rye,), _, result = questions(text)
    assert (rye.question_id, result.status, result.rejected_records) == ("t1_q1_rye", "truncated", 1)
    assert "prompts/t1_q2_oat" in [reject.location for reject in result.rejects]


def test_a_question_without_a_prompt_is_flagged() -> None:
    (row,), _, _ = questions("prompts:\n  a: {tier: 1}\n")
    assert (row.prompt, row.quality_flags) == (None, ("no_prompt",))


def test_questions_that_are_no_list_are_a_reject() -> None:
    _, _, result = questions("questions: none yet\n")
    assert (result.status, result.records, result.rejected_records) == ("unreadable", 1, 1)


def test_a_file_in_sections_is_a_row_an_entry() -> None:
    name, result = imported(SECTIONS, FILES["prompt_sections"][0])
    assert name == "prompt_sections"
    rows: list[Any] = result.rows
    found = [(row.section, row.entry, row.prompt) for row in rows]
    assert found == [
        ("routing", "0", "Who bakes?"),
        ("judge_prompts", "taste", None),
        ("judge_prompts", "crust", "Look at it."),
    ]
    assert json.loads(rows[1].content) == "Taste it."


def test_a_manifest_is_a_row_a_suite() -> None:
    name, result = imported(MANIFEST, FILES["prompt_manifest"][0])
    every: list[Any] = result.rows
    rye, oat = every
    assert (name, rye.suite, rye.kind, rye.question_count, rye.adapter) == (
        ("prompt_manifest", "rye", "adapter", 7, "RyeAdapter")
    )
    assert (rye.manifest_version, json.loads(rye.manifest_extra)) == ("1.0", {"owner": "baker"})
    assert (oat.suite, oat.kind, oat.source, oat.reason, oat.question_count) == (
        ("oat", "yaml_only", "oat.yaml", "By hand", None)
    )


def test_other_yaml_and_other_files_with_the_same_words_are_not_taken() -> None:
    for text, path in (("a: 1\n", "x.yaml"), ("questions:\n- x\n", "notes.txt"), ('{"prompts": {}}', "x.yaml")):
        assert not imported(text, path)[0].startswith("prompt")


@pytest.mark.parametrize("format_name", FILES)
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_no_damage_makes_an_importer_raise_or_miscount(format_name: str, data: st.DataObject) -> None:
    path, text = FILES[format_name]
    whole = data.draw(st.sampled_from([text, LIST])) if format_name == "prompt_questions" else text
    result = check(format_named(format_name), data.draw(damaged_bytes(whole.encode())), path)
    assert result.status == "ok" or result.rejects


@pytest.mark.parametrize("text", ["", "[1, 2]", "x", "prompts: {a: [}", "prompts: *x", "null"])
@pytest.mark.parametrize("format_name", FILES)
def test_what_is_no_prompt_file_at_all_is_a_reject(format_name: str, text: str) -> None:
    result = check(format_named(format_name), text.encode(), FILES[format_name][0])
    assert result.rejects
    assert result.status in ("unreadable", "truncated")


def test_every_question_of_the_record_is_a_row(record: Path) -> None:
    """Counted by indentation, without a YAML parser: keys of `prompts:`, or `- id:` of `questions:`."""
    counted = 0
    for path, file in files_of(record, "benchmarks/prompts/v1/*.yaml", "benchmarks/prompts/debug/*.yaml"):
        text = file.read_text()
        name, result = imported(text, path)
        if name == "prompt_sections":
            continue
        key = "prompts" if re.search(r"^prompts:", text, re.MULTILINE) else "questions"
        body = text[re.search(rf"^{key}:", text, re.MULTILINE).end() :]  # type: ignore[union-attr]
        pattern = r"^  [\w-]+:\s*$" if key == "prompts" else r"^  - id:"
        assert result.main_rows == len(re.findall(pattern, body, re.MULTILINE)) > 0
        assert (result.status, result.rejects, result.rejected_records) == ("ok", [], 0)
        every: list[Any] = result.rows
        *rows, suite = every
        assert all(row.prompt and row.extra is None and row.suite == file.stem for row in rows)
        assert {row.generation for row in rows} == {file.parent.name}
        assert suite.extra is None
        counted += len(rows)
    assert counted


def test_the_manifest_of_the_record_has_its_suites(record: Path) -> None:
    for path, file in files_of(record, "benchmarks/prompts/MANIFEST.yaml"):
        _, result = imported(file.read_bytes(), path)
        rows: list[Any] = result.rows
        kinds = [row.kind for row in rows]
        assert (kinds.count("adapter"), kinds.count("yaml_only")) == (15, 4)
        assert {row.extra for row in rows} == {None}
