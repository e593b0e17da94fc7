"""Result files of the record: a row a file, a row a question, and each trap of theirs."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history import naming
from epyc_assets.history.content import Content, Place
from epyc_assets.history.rows import Imported, frames_of
from epyc_assets.history.run_result import (
    BenchmarkResult,
    QuestionResult,
    read_run_result,
    recognises_run_result,
    rows_run_result,
)
from epyc_assets.history.speculation_report import speculation_report
from epyc_assets_tests.history.conftest import files_of, imported

PATH = "benchmarks/results/runs/20300101_000000/baker_baseline.json"
TAIL = (
    "\nload: cache size = 3\n....\nencoded   10 tokens in    2.000 seconds, speed:   5.000 t/s\n"
    "decoded   80 tokens in    8.000 seconds, speed:   10.000 t/s\n\n"
    "n_draft   = 4\nn_predict = 80\nn_drafted = 200\nn_accept  = 50\naccept    = 25.000%\n\ndraft:\n\n\ntarget:"
)


def question(**fields: Any) -> dict[str, Any]:
    """A question's record with every key that the record's own have."""
    known: dict[str, Any] = {
        "question_id": "t1_q1_bread",
        "prompt": "How long does bread of rye and wheat bake in a hot oven, please?",
        "response": "An hour.",
        "tokens_per_second": 8.0,
        "prompt_tokens": 15,
        "completion_tokens": 80,
        "total_time_ms": 10000.0,
        "algorithmic_score": 1,
        "score_reason": "short",
        "acceptance_rate": None,
    }
    return known | fields


def document(*questions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A result file of one suite."""
    asked = list(questions) or [question()]
    speeds = [each["tokens_per_second"] for each in asked if each.get("tokens_per_second") is not None]
    known: dict[str, Any] = {
        "model_role": "baker",
        "model_path": "/models/Rye-7B-Q4-00001-of-00003.gguf",
        "config_name": "baseline",
        "run_id": "20300101_000000",
        "timestamp": "2030-01-01T05:06:07.5",
        "results": {"general": {each["question_id"]: each for each in asked}},
        "summary": {
            "avg_tokens_per_second": statistics.fmean(speeds) if speeds else None,
            "avg_algorithmic_score": 1.0,
            "questions_tested": len(asked),
            "questions_passed": 0,
        },
    }
    return known | fields


def import_result(value: Any, path: str = PATH) -> Imported:
    """What becomes of a result file; checks that it is taken for one and reconciles."""
    name, result = imported(json.dumps(value), path)
    assert name == "run_result"
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    return result


def result_of(result: Imported) -> BenchmarkResult:
    """The file's row."""
    (row,) = [each for each in result.rows if isinstance(each, BenchmarkResult)]
    return row


def questions_of(result: Imported) -> list[QuestionResult]:
    """The questions' rows."""
    return [each for each in result.rows if isinstance(each, QuestionResult)]


def only_question(**fields: Any) -> QuestionResult:
    """The row of a file's only question."""
    (row,) = questions_of(import_result(document(question(**fields))))
    return row


def numbered(speeds: list[float | None]) -> list[dict[str, Any]]:
    """Questions of these speeds, which agree with nothing else."""
    return [
        question(question_id=f"t1_q{number}_bread", tokens_per_second=speed, total_time_ms=None)
        for number, speed in enumerate(speeds)
    ]


def outliers(speeds: list[float | None]) -> list[float | None]:
    """Those of the speeds that are flagged, in a file of their own."""
    rows = questions_of(import_result(document(*numbered(speeds))))
    return [row.tps for row in rows if "tps_outlier" in row.quality_flags]


def test_a_result_file_is_one_row_with_its_names_taken_apart_and_one_row_a_question():
    value = document(config_name="moe4_spec_draft_rye_0_5b_k16")
    result = import_result(value, PATH.replace("baseline", "moe4_spec_draft_rye_0_5b_k16"))
    row = result_of(result)
    assert (row.run_dir, row.role, row.model, row.family) == ("20300101_000000", "baker", "Rye-7B-Q4", "moe+spec")
    assert (row.moe_experts, row.draft_role, row.k, row.is_speed_only) == (4, "draft_rye_0_5b", 16, True)
    assert row.model_id == naming.model_id("Rye-7B-Q4")
    assert row.timestamp is not None
    assert row.timestamp.second == 7
    assert (row.summary_avg_tps, row.summary_questions_tested, row.quality_flags, row.extra) == (8.0, 1, (), None)
    (asked,) = questions_of(result)
    assert (asked.suite, asked.question_id, asked.tier, asked.tps) == ("general", "t1_q1_bread", 1, 8.0)
    assert (asked.result_pk, asked.question_pk) == (row.result_pk, naming.question_pk("general", "t1_q1_bread"))
    assert (asked.quality_flags, asked.extra, asked.acceptance_rate) == ((), None, None)


def test_a_run_id_that_contradicts_the_directory_is_flagged_and_the_directory_counts():
    row = result_of(import_result(document(run_id="20291231_235959")))
    assert row.quality_flags == ("run_id_mismatch",)
    assert (row.run_dir, row.run_id_in_file) == ("20300101_000000", "20291231_235959")
    assert row.run_pk == naming.run_pk("20300101_000000")


def test_the_same_role_and_config_in_two_runs_are_two_results_and_a_role_does_not_tell_the_model():
    first = result_of(import_result(document()))
    other = document(model_path="/models/Wheat-70B.gguf", run_id="20300102_000000")
    second = result_of(import_result(other, PATH.replace("20300101", "20300102")))
    assert first.result_pk != second.result_pk
    assert first.role_id == second.role_id
    assert first.model_id != second.model_id


def test_a_nested_copy_of_the_record_has_keys_of_its_own_and_the_same_run():
    here, there = (result_of(import_result(document(), path)) for path in (PATH, f"copy/{PATH}"))
    assert here.result_pk != there.result_pk
    assert here.run_pk == there.run_pk


def test_speculation_without_a_draft_name_is_speculation():
    row = result_of(import_result(document(config_name="spec_k8"), PATH.replace("baseline", "spec_k8")))
    assert (row.family, row.draft_role, row.k) == ("spec", None, 8)
    assert "draft_unnamed" in row.quality_flags


def test_acceptance_comes_from_the_tail_of_the_response_and_the_wrong_field_is_kept_and_flagged():
    row = only_question(response="Text." + TAIL, acceptance_rate=6.05, tokens_per_second=78.0, total_time_ms=None)
    assert row.acceptance_rate == 0.25
    assert row.acceptance_rate_raw == 6.05
    assert (row.n_draft, row.n_predict, row.n_drafted, row.n_accepted) == (4, 80, 200, 50)
    assert (row.decode_tps, row.effective_tps, row.prompt_eval_ms) == (10.0, 8.0, 2000.0)
    assert set(row.quality_flags) == {"acceptance_invalid", "tps_contradicts_text"}


def test_figures_that_a_model_wrote_itself_do_not_count_before_those_of_the_program():
    told = "n_drafted = 10\nn_accept  = 9\naccept    = 90.000%\ndecoded 1 tokens in 1.0 seconds, speed: 99.000 t/s\n"
    report = speculation_report(told + TAIL)
    assert (report.acceptance_rate, report.decode_tps) == (0.25, 10.0)


@pytest.mark.parametrize(
    ("rate", "response", "expected", "is_flagged"),
    [
        (None, "Text.", None, False),
        (0.25, "Text." + TAIL, 0.25, False),
        (0.9, "Text." + TAIL, 0.25, True),
        (2.0, "Text.", None, True),
        (0.4, "Text.", None, False),
        (None, "Text." + TAIL.replace("n_accept  = 50", "n_accept  = 500"), None, False),
        (None, "Text." + TAIL.replace("n_accept  = 50\n", ""), 0.25, False),
        (None, "Text." + TAIL.replace("n_drafted = 200", "n_drafted = 0"), None, False),
    ],
)
def test_acceptance_is_accepted_over_drafted_or_nothing(
    rate: float | None, response: str, expected: float | None, is_flagged: bool
):
    row = only_question(response=response, acceptance_rate=rate)
    assert row.acceptance_rate == expected
    assert ("acceptance_invalid" in row.quality_flags) is is_flagged


def test_only_a_speed_impossible_by_itself_and_for_its_file_is_an_outlier():
    assert outliers([2.6, 2.5, 2.7, 2720.0]) == [2720.0]
    assert outliers([7.5, 7.6, None, 2103.2]) == [2103.2]
    assert outliers([1.48, 1.5, 23.5]) == []  # 16 times the median: one token, doubtful, not impossible
    assert outliers([0.1, 0.1, 24.0]) == []
    assert outliers([163.0, 160.0, 495.2]) == []  # a small draft is quick
    assert outliers([2500.0]) == [2500.0]
    assert outliers([2500.0, 3.0]) == [2500.0]
    assert outliers([None, 0.0]) == []


@given(st.lists(st.one_of(st.none(), st.floats(0.01, 1000.0)), max_size=12), st.floats(1.0, 4.0))
@settings(max_examples=30, deadline=None)
def test_speeds_that_a_model_can_reach_are_never_outliers(speeds: list[float | None], factor: float):
    assert outliers(speeds) == []
    if any(speed for speed in speeds):
        assert outliers([*speeds, 51_000.0 * factor]) == [51_000.0 * factor]


def test_the_median_of_a_file_is_not_moved_by_an_outlier_and_leaves_out_what_was_not_measured():
    row = result_of(import_result(document(*numbered([2.0, 3.0, None, 0.0, 2700.0]))))
    assert row.tps_median == 3.0
    assert "tps_outlier" in row.quality_flags


@pytest.mark.parametrize(("milliseconds", "is_flagged"), [(10000.0, False), (10400.0, False), (10600.0, True)])
def test_a_speed_is_flagged_where_tokens_over_time_differ_by_more_than_five_percent(
    milliseconds: float, is_flagged: bool
):
    assert ("tps_contradicts_time" in only_question(total_time_ms=milliseconds).quality_flags) is is_flagged


def test_a_time_of_zero_says_nothing_against_a_speed():
    assert "tps_contradicts_time" not in only_question(total_time_ms=0).quality_flags


PROMPT = "Tell apart rye and wheat.\nGive three marks of each of them, and no more than three."


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (PROMPT + " Rye is darker.", {"prompt_echo"}),
        ("\n" + PROMPT, {"prompt_echo"}),
        (PROMPT[:60], {"prompt_echo"}),
        ("Give three marks of each of them, and no more than three. Rye is darker.", {"prompt_tail_echo"}),
        ("Rye is darker. " + PROMPT, set()),
        ("Tell apart? Rye is darker.", set()),
        ("Rye. [end of text]", {"end_of_text_marker"}),
        ("Rye. [end of text]\nload: 3", {"end_of_text_marker"}),
        (" \n", {"empty_response"}),
        ("", {"empty_response"}),
        ("[PARTIAL OUTPUT - timed out after collecting 0 chars]", {"error_text"}),
        ("Rye is\n[PARTIAL OUTPUT - timed out after collecting 7 chars]", {"error_text"}),
        ("Error: no such model", {"error_text"}),
        ("ERROR_TYPE: of the oven", set()),
        ("An error: the oven was cold.", set()),
        ("Rye \ufffd darker.", {"replacement_character"}),
    ],
)
def test_what_is_odd_about_a_response_is_flagged(response: str, expected: set[str]):
    assert set(only_question(prompt=PROMPT, response=response).quality_flags) == expected


def test_a_short_prompt_is_an_echo_as_a_whole_and_an_empty_one_never():
    assert "prompt_echo" in only_question(prompt="2+2?", response="2+2? 4").quality_flags
    assert only_question(prompt="", response="4").quality_flags == ()


@pytest.mark.parametrize(("tokens", "is_flagged"), [(0, True), (1, True), (2, False), (None, False)])
def test_a_speed_over_one_token_is_flagged(tokens: int | None, is_flagged: bool):
    row = only_question(completion_tokens=tokens, total_time_ms=None)
    assert ("one_token" in row.quality_flags) is is_flagged


def test_what_was_not_measured_is_null_and_not_zero():
    row = only_question(tokens_per_second=None, prompt_tokens=None, completion_tokens=None, total_time_ms=None)
    assert (row.tps, row.prompt_tokens, row.completion_tokens, row.total_time_ms) == (None, None, None, None)


def test_unknown_fields_and_values_that_do_not_fit_are_kept():
    value = document(oven={"kind": "gas"})
    value["summary"]["mood"] = "good"
    value["results"]["general"]["t1_q1_bread"] |= {"warmth": 200, "tokens_per_second": "quick"}
    result = import_result(value)
    assert json.loads(result_of(result).extra or "") == {"oven": {"kind": "gas"}, "summary": {"mood": "good"}}
    (asked,) = questions_of(result)
    assert (json.loads(asked.extra or ""), asked.tps) == ({"warmth": 200, "tokens_per_second": "quick"}, None)


def test_a_question_that_calls_itself_something_else_keeps_its_key_and_is_flagged():
    value = document()
    value["results"]["general"]["t1_q1_bread"]["question_id"] = "t1_q2_cake"
    (asked,) = questions_of(import_result(value))
    assert (asked.question_id, asked.quality_flags) == ("t1_q1_bread", ("question_id_mismatch",))
    assert json.loads(asked.extra or "") == {"question_id": "t1_q2_cake"}


def test_a_summary_that_contradicts_its_questions_is_flagged():
    value = document()
    value["summary"] |= {"avg_tokens_per_second": 9.0, "questions_tested": 2}
    assert set(result_of(import_result(value)).quality_flags) == {"summary_count_mismatch", "summary_tps_mismatch"}


@pytest.mark.parametrize(
    ("results", "locations"),
    [
        ([question(), 3], ["results/0", "results/1"]),
        ("none", ["results"]),
        (None, ["results"]),
        ({"general": [question()], "math": 7}, ["results/general/0", "results/math"]),
        ({"general": {"t1_q1_bread": "An hour.", "t1_q2_cake": None}},
         ["results/general/t1_q1_bread", "results/general/t1_q2_cake"]),
    ],
)  # fmt: skip
def test_results_of_a_wrong_shape_are_a_reject_each_and_the_file_keeps_its_row(results: Any, locations: list[str]):
    result = import_result(document(results=results))
    assert [each.location for each in result.rejects] == locations
    assert result.rejected_records == len(locations)
    assert all(each.raw_text for each in result.rejects)
    assert result_of(result).n_questions == 0


def test_one_wrong_question_does_not_lose_the_others():
    value = document(question(), question(question_id="t1_q2_cake"))
    value["results"]["general"]["t1_q3_pie"] = ["pie"]
    result = import_result(value)
    assert [each.question_id for each in questions_of(result)] == ["t1_q1_bread", "t1_q2_cake"]
    assert [(each.location, each.raw_text) for each in result.rejects] == [("results/general/t1_q3_pie", '["pie"]')]


def test_a_repeated_question_is_a_row_of_its_own_and_flagged():
    first, second = json.dumps(question(response="Early.")), json.dumps(question(response="Late."))
    text = json.dumps(document(results={})).replace(
        '"results": {}', f'"results": {{"general": {{"t1_q1_bread": {first}, "t1_q1_bread": {second}}}}}'
    )
    name, result = imported(text, PATH)
    assert name == "run_result"
    early, late = questions_of(result)
    assert (early.response, late.response) == ("Early.", "Late.")
    assert early.quality_flags == ()
    assert set(late.quality_flags) == {"question_id_mismatch", "repeated_key"}
    assert "summary_count_mismatch" in result_of(result).quality_flags


def test_repeated_results_are_kept_with_their_file_and_flagged():
    text = json.dumps(document())[:-1] + ', "results": {"math": 1}}'
    row = result_of(imported(text, PATH)[1])
    assert row.n_questions == 1
    assert "repeated_key" in row.quality_flags
    assert '{"math": 1}' in (row.extra or "")


def test_no_questions_is_a_row_and_a_flag():
    result = import_result(document(results={}))
    assert (result_of(result).n_questions, result.flags, result.rejects) == (0, ["no_questions"], [])


def test_missing_names_come_from_the_file_name_and_are_flagged():
    value = document()
    del value["model_role"]
    row = result_of(import_result(value, PATH.replace("baker_baseline", "baker_moe6")))
    assert (row.role, row.config, "names_from_path" in row.quality_flags) == ("baker", "baseline", True)
    value["config_name"] = None
    row = result_of(import_result(value, PATH.replace("baker_baseline", "baker_moe6")))
    assert (row.role, row.config, row.moe_experts) == ("baker", "moe6", 6)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_in_another_encoding_loses_nothing(encoding: str):
    value = document(question(prompt="Brot aus Brösel?"))
    name, result = imported(json.dumps(value, ensure_ascii=False).encode(encoding), PATH)
    assert name == "run_result"
    assert [each.prompt for each in questions_of(result)] == ["Brot aus Brösel?"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([document()]),
        json.dumps({"model_role": "a", "config_name": "b"}),
        json.dumps({"model_role": {"results": 1}}),
        json.dumps({"tests": ['"model_role" "config_name" "results"']}),
        "",
        "{",
    ],
)
def test_other_documents_are_not_taken_for_result_files(text: str):
    assert not recognises_run_result(Content(text.encode()), Place("benchmarks/results/other/x_baseline.json"))


def test_deep_nesting_huge_numbers_and_lone_surrogates_are_survived_and_written():
    nested = '{"a":' * 700 + "1" + "}" * 700
    text = json.dumps(document()).replace('"An hour."', '"\\ud800 x\\u0000"').replace("80,", "1e400,")
    text = text.replace('"score_reason": "short"', f'"score_reason": "short", "deep": {nested}, "big": {"9" * 400}')
    name, result = imported(text, PATH)
    assert name == "run_result"
    frames_of(result.rows)
    assert len(questions_of(result)) + result.rejected_records == 1
    assert result.rejects or all("deep" in (row.extra or "") for row in questions_of(result))
    assert all(row.completion_tokens is None for row in questions_of(result))


def test_lone_surrogates_and_nul_characters_are_survived_and_flagged():
    text = json.dumps(document()).replace('"An hour."', '"\\ud800 x\\u0000"')
    (row,) = questions_of(imported(text, PATH)[1])
    assert row.response is not None
    assert row.response.endswith(" x\x00")
    assert row.quality_flags == ("replacement_character",)


def test_a_value_around_the_questions_that_is_nested_too_deeply_costs_no_question():
    nested = '{"a":' * 700 + "1e400" + "}" * 700
    name, result = imported(json.dumps(document()).replace('"results"', f'"deep": {nested}, "results"'), PATH)
    assert name == "run_result"
    assert len(questions_of(result)) == 1
    assert [each.location for each in result.rejects] == ["key deep"] or "deep" in (result_of(result).extra or "")


WHOLE = json.dumps(
    document(
        question(response="Text." + TAIL, acceptance_rate=3.5),
        question(question_id="t2_q1_cake", tokens_per_second=None),
        question(question_id="t3_q1_pie", prompt="Pie?", response="Pie? [end of text]"),
    ),
    indent=1,
).encode()


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_file_corrupted_at_random_never_raises_and_leaves_a_trace(data: st.DataObject):
    kind = data.draw(st.sampled_from(["cut", "flip", "wrong encoding", "insert"]))
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    if kind == "cut":
        corrupted = WHOLE[:at]
    elif kind == "flip":
        corrupted = WHOLE[:at] + bytes([WHOLE[at] ^ data.draw(st.integers(1, 255))]) + WHOLE[at + 1 :]
    elif kind == "wrong encoding":
        corrupted = WHOLE.decode().encode("utf-16")
    else:
        corrupted = WHOLE[:at] + data.draw(st.binary(min_size=1, max_size=20)) + WHOLE[at:]
    name, result = imported(corrupted, PATH)
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    frames_of(result.rows)
    if name == "run_result":
        rows = questions_of(result)
        assert len({(row.result_pk, row.question_pk) for row in rows}) == len(rows)
        assert len(rows) == 3 or result.rejects
    elif kind == "cut":
        assert result.status != "ok"


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)


@given(st.sampled_from(sorted(document())), json_values, st.sampled_from([None, *sorted(question())]))
@settings(max_examples=150, deadline=None)
def test_any_field_of_any_shape_is_a_row_or_a_reject(key: str, value: Any, question_key: str | None):
    file = document()
    if question_key is None:
        file[key] = value
    else:
        file["results"]["general"]["t1_q1_bread"][question_key] = value
    content, place = Content(json.dumps(file).encode()), Place(PATH)
    result = rows_run_result(read_run_result(content), place)
    frames_of(result.rows)
    assert result.records == result.main_rows + result.rejected_records
    assert result.rejected_records <= len(result.rejects)
    if question_key is not None:
        assert len(questions_of(result)) == 1


def test_the_real_results_are_all_imported_and_flagged_as_a_naive_count_says(record: Path):
    n_files = n_questions = n_echoes = n_markers = n_rates = n_mismatches = 0
    impossible: list[float] = []
    result_pks: set[int] = set()
    got = {"echo": 0, "marker": 0, "rate": 0, "mismatch": 0, "questions": 0}
    got_impossible: list[float] = []
    for path, file in files_of(record, "benchmarks/results/runs/2*/*.json"):
        value = json.loads(file.read_bytes())
        if "model_role" not in value:
            continue
        n_files += 1
        asked = [each for suite in value["results"].values() for each in suite.values()]
        n_questions += len(asked)
        starts = [(each["response"].lstrip(), each["prompt"].strip()[:50]) for each in asked]
        n_echoes += sum(bool(prompt) and response.startswith(prompt) for response, prompt in starts)
        n_markers += sum("[end of text]" in each["response"] for each in asked)
        n_rates += sum("n_accept" in each["response"][-300:] for each in asked)
        n_mismatches += value["run_id"] not in path
        impossible += [each["tokens_per_second"] for each in asked if (each["tokens_per_second"] or 0) > 2000]

        result = import_result(value, path)
        assert result.rejects == []
        assert result.flags == []
        row, rows = result_of(result), questions_of(result)
        result_pks.add(row.result_pk)
        assert row.extra is None
        assert all(each.extra is None for each in rows)
        assert row.family != "unknown"
        got["questions"] += len(rows)
        for each in rows:
            got["echo"] += "prompt_echo" in each.quality_flags
            got["marker"] += "end_of_text_marker" in each.quality_flags
            got["rate"] += each.acceptance_rate is not None
            assert each.acceptance_rate is None or 0.04 < each.acceptance_rate < 0.8
            assert (each.acceptance_rate_raw is not None) == ("acceptance_invalid" in each.quality_flags)
            if "tps_outlier" in each.quality_flags and each.tps is not None:
                got_impossible.append(each.tps)
        got["mismatch"] += "run_id_mismatch" in row.quality_flags
    assert n_files
    assert len(result_pks) == n_files
    assert got == {
        "echo": n_echoes,
        "marker": n_markers,
        "rate": n_rates,
        "mismatch": n_mismatches,
        "questions": n_questions,
    }
    assert sorted(got_impossible) == sorted(impossible)
