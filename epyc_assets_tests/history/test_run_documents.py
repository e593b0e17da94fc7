"""Documents of the record's run directories: metadata, compaction tests, dumps, corpus measurements, features."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history import corpus_documents, feature_validation, naming, run_documents
from epyc_assets.history.content import Content, Place
from epyc_assets.history.formats import Format
from epyc_assets.history.rows import Imported, Row, frames_of
from epyc_assets_tests.history.conftest import files_of, imported

T = TypeVar("T", bound=Row)

RUNS = "benchmarks/results/runs"
FORMATS: dict[str, Format] = {
    each.name: each for each in (*run_documents.FORMATS, *corpus_documents.FORMATS, *feature_validation.FORMATS)
}

METADATA = {
    "run_id": "20300101_000000",
    "timestamp": "2030-01-01T05:00:00+02:00",
    "system": {"hostname": "bakery", "cpu": "Oven 9000", "ram": "1.0Ti"},
    "llama_cpp": {"version": "7000", "commit": "abcdef012"},
    "prompt_version": "1",
    "benchmark_version": "1.0",
    "domains_processed": ["thinking", "vl"],
}
SIDECAR = [
    {"prompt_id": "rye", "model": "7b", "speed_tps": 20.5, "tokens": 100, "draft_n": 200, "draft_accepted": 50,
     "acceptance_rate": 25.0, "wall_time": 5.0},
    {"prompt_id": "wheat", "model": "7b", "speed_tps": 21.5, "tokens": 100, "draft_n": 3, "draft_accepted": 2,
     "acceptance_rate": 66.7, "wall_time": 4.0},
]  # fmt: skip
CORPUS = [{
    "prompt_id": "rye",
    "keyword": {"grams": 3, "hits": 2, "total_matches": 40},
    "first_tokens": {"grams": 4, "hits": 1, "total_matches": 1},
    "full_output": {"grams": 90, "hits": 30, "total_matches": 5000},
}]  # fmt: skip
SOFT = [{
    "query": "dark rye bread",
    "category": "bread",
    "tokens": ["dark", "rye", "bread"],
    "oov_tokens": ["rye"],
    "thresholds": {
        "1.0": {"n_matches": 0, "latency_ms": 4.5, "sample_matches": []},
        "0.5": {"n_matches": 2, "latency_ms": 6.5, "sample_matches": ["black bread"]},
    },
}]  # fmt: skip
COVERAGE = {
    "flour": {
        "total": 200, "covered": 150, "coverage_pct": 75.0,
        "by_lang": {"c++": {"total": 120, "covered": 90, "pct": 75.0}},
        "by_category": {"keywords": {"total": 10, "covered": 10}},
        "top50_oov": [["&gt;", 9]],
        "top50_covered": [["if", 8]],
    },
}  # fmt: skip
COMPACTION = {
    "timestamp": "2030-01-01T13:01:27",
    "tests": [
        {"name": "small", "context_chars": 500, "context_est_tokens": 120, "answer_chars": 18, "elapsed_s": 5.5,
         "answer_preview": "Bread is", "tool_results_cleared": 0, "compaction_triggered": False,
         "compaction_tokens_saved": 0, "mode": "direct", "role": "?", "turns_used": "?", "has_answer": True},
        {"name": "large", "error": "http_504: timed out", "pass": False},
        {"name": "medium", "compaction_triggered": True, "compaction_tokens_saved": 900, "mode": "repl", "turns": 4,
         "role": "baker", "has_answer": False, "pass": True},
    ],
}  # fmt: skip
ANSWERED = {"prompt_id": "a", "status": 200, "elapsed_s": 8.5, "tokens_generated": 40, "client_tps": 4.7,
            "server_tps": 9.5, "routed_to": "baker", "turns": 1, "role_history": ["baker"],
            "answer": "Rye"}  # fmt: skip
UNANSWERED = {"prompt_id": "b", "status": 0, "elapsed_s": 0, "tokens_generated": 0, "client_tps": 0, "routed_to": "",
              "turns": 0, "role_history": [], "answer": "", "error": "timed out"}  # fmt: skip
LIVE = [
    {"feature": "kneading", "verdict": "PASS", "quality_delta": 0.0, "latency_delta_s": -2.5, "tps_delta": 1.5,
     "memory_delta_mb": 0.5, "timestamp": "2030-01-01T00:00:00+00:00"},
    {"feature": "kneading", "verdict": "FAIL_LATENCY", "quality_delta": 0.0, "latency_delta_s": 9.5, "tps_delta": 0.0,
     "memory_delta_mb": 0.0, "timestamp": "2030-01-02T00:00:00+00:00",
     "baseline": {"p50_s": 8.5, "avg_tps": 4.5, "prompts_run": 2, "responses": [ANSWERED, UNANSWERED]},
     "candidate": {"p50_s": 0.0, "avg_tps": 0.0, "prompts_run": 1, "responses": [UNANSWERED]}},
]  # fmt: skip
OFFLINE = [
    {"feature": "kneading", "enabled": True, "timestamp": "2030-01-01T00:00:00+00:00", "quality_score": 0.0,
     "routing_accuracy": 0.0, "escalation_rate": 0.0, "latency_p50_s": 0.0, "latency_p95_s": 0.0, "predicted_tps": 0.0,
     "memory_rss_mb": 0.0, "memory_delta_mb": 0.0, "test_pass_rate": 1.0, "prompts_run": 0, "errors": ["too wet"],
     "raw": {"passed": True}},
    {"feature": "kneading", "enabled": True, "quality_score": 0.5, "routing_accuracy": 0.0, "test_pass_rate": 0.5,
     "prompts_run": 7, "errors": [], "raw": {}},
]  # fmt: skip
SUMMARY = "feature,tier,verdict,quality_delta,latency_delta_s,tps_delta,memory_delta_mb\nkneading,3,1.0,0,0,0,0.5\n"
COMPARISON = {
    "timestamp": "2030-01-01T00:00:00+00:00",
    "features_tested": ["kneading", "folding"],
    "prompts_count": 2,
    "baseline": {"label": "baseline", "prompts_run": 2, "success_count": 1, "p50_s": 8.5, "mean_s": 9.0,
                 "total_s": 18.0, "avg_tps": 4.5, "avg_server_tps": 9.5, "responses": [ANSWERED, UNANSWERED]},
    "candidate": {"label": "candidate", "prompts_run": 2, "success_count": 2, "responses": [ANSWERED, ANSWERED]},
    "delta": {"p50_s": 1.5, "mean_s": 2.5, "total_s": -3.5},
}  # fmt: skip


def lines(records: list[Any]) -> str:
    """JSON Lines."""
    return "".join(json.dumps(each) + "\n" for each in records)


FILES: dict[str, tuple[str, str]] = {
    "run_metadata": (f"{RUNS}/20300101_000000/metadata.json", json.dumps(METADATA, indent=1)),
    "sidecar": (f"{RUNS}/sidecar_7b_1/results.json", json.dumps(SIDECAR, indent=1)),
    "corpus_queries": (f"{RUNS}/q3_bread/results.json", json.dumps(CORPUS, indent=1)),
    "soft_matches": (f"{RUNS}/q5_bread/results.json", json.dumps(SOFT, indent=1)),
    "embedding_coverage": (f"{RUNS}/q5_flour/results.json", json.dumps(COVERAGE, indent=1)),
    "compaction_tests": (f"{RUNS}/compaction_validation/results_1.json", json.dumps(COMPACTION, indent=1)),
    "feature_verdicts": (f"{RUNS}/feature_validation/live/kneading.jsonl", lines([*LIVE, *OFFLINE])),
    "feature_summary": (f"{RUNS}/feature_validation/summary.csv", SUMMARY),
    "feature_comparison": (f"{RUNS}/feature_validation/comparison/c.json", json.dumps(COMPARISON, indent=1)),
    "run_dump": (f"{RUNS}/20300101_000000/general_answers.json", json.dumps({"t1_q1": {"baker": "Rye"}})),
}


def import_file(name: str, text: str | None = None) -> Imported:
    """What becomes of the file of that format, or of other contents in its place; checks that it is taken for it."""
    path, known = FILES[name]
    found, result = imported(known if text is None else text, path)
    assert found == name
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    frames_of(result.rows)
    return result


def rows_of(result: Imported, kind: type[T]) -> list[T]:
    """The rows of one kind."""
    return [each for each in result.rows if isinstance(each, kind)]


def extra_of(row: Any) -> dict[str, Any]:
    """What a row keeps besides its columns."""
    return json.loads(row.extra or "{}")


def test_metadata_of_a_run_is_a_row_with_its_time_in_utc():
    (row,) = rows_of(import_file("run_metadata"), run_documents.RunMetadata)
    assert (row.run_dir, row.run_pk) == ("20300101_000000", naming.run_pk("20300101_000000"))
    assert row.started_at == datetime.fromisoformat("2030-01-01T03:00:00")
    assert (row.hostname, row.ram, row.llama_cpp_version, row.llama_cpp_commit) == (
        "bakery", "1.0Ti", "7000", "abcdef012",
    )  # fmt: skip
    assert row.domains_processed == ("thinking", "vl")
    assert (row.quality_flags, row.extra) == ((), None)


def test_metadata_that_names_another_run_is_flagged_and_unknown_parts_are_kept():
    value = METADATA | {"run_id": "x", "oven": 3, "system": {"hostname": "bakery", "gpu": "none"}, "prompt_version": 2}
    (row,) = rows_of(import_file("run_metadata", json.dumps(value)), run_documents.RunMetadata)
    assert row.quality_flags == ("run_id_mismatch",)
    assert extra_of(row) == {"oven": 3, "system": {"gpu": "none"}}
    assert row.prompt_version == "2"


def test_compaction_tests_are_a_row_each_with_failures_of_the_harness_told_apart():
    small, large, medium = rows_of(import_file("compaction_tests"), run_documents.CompactionTest)
    assert (small.name, small.passed, small.has_answer, small.answer_preview) == ("small", None, True, "Bread is")
    assert (small.role, small.turns, extra_of(small)) == (None, None, {"role": "?", "turns_used": "?"})
    assert (large.passed, large.error, large.elapsed_s) == (False, "http_504: timed out", None)
    assert large.quality_flags == ("infra_error",)
    assert (medium.compaction_triggered, medium.compaction_tokens_saved, medium.turns) == (True, 900, 4)
    assert medium.quality_flags == ("passed_without_answer",)
    assert medium.tested_at == datetime.fromisoformat("2030-01-01T13:01:27")


def test_a_draft_beside_its_target_is_a_row_a_prompt_with_acceptance_as_a_ratio_of_counts():
    rye, wheat = rows_of(import_file("sidecar"), corpus_documents.SidecarMeasurement)
    assert (rye.generation_tps, rye.effective_tps, rye.n_drafted, rye.n_accepted) == (20.5, 20.0, 200, 50)
    assert (rye.acceptance_rate, rye.acceptance_rate_raw, rye.quality_flags) == (0.25, 25.0, ())
    assert wheat.acceptance_rate == pytest.approx(2 / 3)
    assert (wheat.quality_flags, wheat.run_dir) == ((), "sidecar_7b_1")


def test_a_rate_that_contradicts_its_counts_is_flagged():
    (row,) = rows_of(
        import_file("sidecar", json.dumps([SIDECAR[0] | {"acceptance_rate": 26.0}])),
        corpus_documents.SidecarMeasurement,
    )
    assert (row.acceptance_rate, row.quality_flags) == (0.25, ("acceptance_invalid",))


def test_corpus_queries_and_soft_matches_are_a_row_an_element():
    (query,) = rows_of(import_file("corpus_queries"), corpus_documents.CorpusQuery)
    assert (query.keyword_grams, query.first_tokens_hits, query.full_output_matches) == (3, 1, 5000)
    result = import_file("soft_matches")
    (soft,) = rows_of(result, corpus_documents.SoftMatchQuery)
    assert (soft.query, soft.tokens, soft.unknown_tokens) == ("dark rye bread", ("dark", "rye", "bread"), ("rye",))
    found = rows_of(result, corpus_documents.SoftMatchThreshold)
    assert [(each.threshold, each.n_matches, each.latency_ms) for each in found] == [(1.0, 0, 4.5), (0.5, 2, 6.5)]
    assert found[1].sample_matches == '["black bread"]'


def test_embedding_coverage_is_a_row_an_embedding_and_one_a_part():
    result = import_file("embedding_coverage")
    (whole,) = rows_of(result, corpus_documents.EmbeddingCoverage)
    assert (whole.embedding, whole.n_tokens, whole.n_covered, whole.coverage) == ("flour", 200, 150, 0.75)
    assert (whole.most_frequent_unknown, whole.extra) == ('[["&gt;", 9]]', None)
    parts = rows_of(result, corpus_documents.EmbeddingCoveragePart)
    assert [(each.breakdown, each.name, each.coverage, each.coverage_pct_raw) for each in parts] == [
        ("language", "c++", 0.75, 75.0),
        ("category", "keywords", 1.0, None),
    ]


def test_a_verdict_is_a_word_in_the_live_lines_a_number_in_the_summary_and_absent_offline():
    verdicts = rows_of(import_file("feature_verdicts"), feature_validation.FeatureVerdict)
    assert [(each.ordinal, each.origin, each.verdict, each.verdict_value) for each in verdicts] == [
        (1, "live", "PASS", None),
        (2, "live", "FAIL_LATENCY", None),
        (3, "offline", None, None),
        (4, "offline", None, None),
    ]
    (summary,) = rows_of(import_file("feature_summary"), feature_validation.FeatureVerdict)
    assert (summary.origin, summary.verdict, summary.verdict_value, summary.tier) == ("summary", "1.0", 1.0, 3)
    assert (summary.memory_delta_mb, summary.extra) == (0.5, None)


def test_zeros_of_an_offline_validation_without_prompts_are_null_and_kept():
    rows = rows_of(import_file("feature_verdicts"), feature_validation.FeatureVerdict)
    idle, busy = rows[2], rows[3]
    assert (idle.predicted_tps, idle.quality_score, idle.test_pass_rate) == (None, None, 1.0)
    assert (extra_of(idle)["predicted_tps"], idle.quality_flags) == (0.0, ("nothing_measured",))
    assert (idle.errors, idle.details) == (("too wet",), '{"passed": true}')
    assert (busy.quality_score, busy.routing_accuracy, busy.quality_flags) == (0.5, 0.0, ())


def test_the_sides_of_a_live_validation_are_rows_and_what_was_not_answered_has_no_speed():
    result = import_file("feature_verdicts")
    off, on = rows_of(result, feature_validation.FeatureArm)
    assert [(each.ordinal, each.arm, each.avg_client_tps) for each in (off, on)] == [
        (2, "baseline", 4.5),
        (2, "candidate", None),
    ]
    assert extra_of(on) == {"avg_tps": 0.0, "p50_s": 0.0}
    first, second, third = rows_of(result, feature_validation.FeatureResponse)
    assert (first.http_status, first.client_tps, first.server_tps, first.turns) == (200, 4.7, 9.5, 1)
    assert (second.client_tps, second.generated_tokens, second.elapsed_s, second.turns) == (None, None, None, None)
    assert (second.error, second.quality_flags, third.arm) == ("timed out", ("infra_error",), "candidate")
    assert extra_of(second) == {"client_tps": 0, "elapsed_s": 0, "tokens_generated": 0, "turns": 0}


def test_a_comparison_of_features_is_a_row_with_its_two_sides():
    result = import_file("feature_comparison")
    (row,) = rows_of(result, feature_validation.FeatureComparison)
    assert (row.features_tested, row.p50_delta_s, row.total_delta_s) == (("kneading", "folding"), 1.5, -3.5)
    assert [each.n_succeeded for each in rows_of(result, feature_validation.FeatureArm)] == [1, 2]
    assert len(rows_of(result, feature_validation.FeatureResponse)) == 4


def test_a_dump_of_results_has_no_rows_of_its_own():
    result = import_file("run_dump")
    assert (result.rows, result.rejects, result.status, result.flags) == ([], [], "ok", ["derived"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{RUNS}/20300101_000000/general_answers.json", '{"t1_q1": "Rye"}'),
        (f"{RUNS}/20300101_000000/general_answers.json", "{}"),
        (f"{RUNS}/20300101_000000/bread.json", '{"t1_q1": {"baker": "Rye"}}'),
        ("benchmarks/results/orchestrator/general_answers.json", '{"t1_q1": {"baker": "Rye"}}'),
        ("benchmarks/results/other.json", '{"timestamp": "x", "tests": [{"name": "t1"}]}'),
        (f"{RUNS}/q3_bread/results.json", "[]"),
        (f"{RUNS}/q3_bread/results.json", '[{"prompt_id": "a"}]'),
    ],
)
def test_other_documents_are_left_to_others(path: str, text: str):
    content, place = Content(text.encode()), Place(path)
    assert [name for name, each in FORMATS.items() if each.recognises(content, place)] == []


@pytest.mark.parametrize(
    ("name", "known"),
    [("sidecar", SIDECAR), ("corpus_queries", CORPUS), ("soft_matches", SOFT)],
)
def test_elements_that_are_no_objects_are_a_reject_each_and_lose_no_other(name: str, known: list[Any]):
    result = import_file(name, json.dumps(["bread", *known, None]))
    assert (result.records, result.main_rows, result.rejected_records) == (len(known) + 2, len(known), 2)
    assert [each.location for each in result.rejects] == ["element 1", f"element {len(known) + 2}"]


def test_a_broken_line_is_a_reject_and_the_other_lines_are_rows():
    text = lines(LIVE[:1]) + '{"feature": "kne\n' + lines(OFFLINE[:1])
    result = import_file("feature_verdicts", text)
    assert [each.ordinal for each in rows_of(result, feature_validation.FeatureVerdict)] == [1, 3]
    (reject,) = result.rejects
    assert (reject.location, reject.raw_text) == ("line 2", '{"feature": "kne')


def test_a_summary_line_that_does_not_fit_the_header_is_a_reject():
    result = import_file("feature_summary", SUMMARY + 'folding,1\n"folding\nrising,2,1.0,0,0,0,0\n')
    assert [each.feature for each in rows_of(result, feature_validation.FeatureVerdict)] == ["kneading", "rising"]
    assert [each.location for each in result.rejects] == ["line 3", "line 4"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_file_is_taken_by_exactly_one_of_these_formats(name: str):
    path, text = FILES[name]
    content, place = Content(text.encode()), Place(path)
    assert [each for each in FORMATS if FORMATS[each].recognises(content, place)] == [name]


@given(st.sampled_from(sorted(FILES)), st.data())
@settings(max_examples=200, deadline=None)
def test_a_file_corrupted_at_random_never_raises_and_reconciles(name: str, data: st.DataObject):
    path, text = FILES[name]
    whole = text.encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    kind = data.draw(st.sampled_from(["cut", "flip", "insert"]))
    if kind == "cut":
        corrupted = whole[:at]
    elif kind == "flip":
        corrupted = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    else:
        corrupted = whole[:at] + data.draw(st.binary(min_size=1, max_size=20)) + whole[at:]
    found, result = imported(corrupted, path)
    frames_of(result.rows)
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    assert result.rejected_records <= len(result.rejects)
    if kind == "cut" and found == "feature_verdicts" and not corrupted.endswith(b"\n"):
        assert result.rejects or len(corrupted.splitlines()[-1]) == len(whole.splitlines()[corrupted.count(b"\n")])


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=10,
)


def replaced(value: Any, at: int, new: Any) -> Any:
    """The value with one of the values in it, the at-th in order of depth-first reading, replaced."""
    count = -1

    def walk(each: Any) -> Any:
        nonlocal count
        count += 1
        if count == at:
            return new
        if isinstance(each, dict):
            return {key: walk(inner) for key, inner in each.items()}
        return [walk(inner) for inner in each] if isinstance(each, list) else each

    return walk(value)


DOCUMENTS = sorted(name for name, (_, text) in FILES.items() if text.startswith(("{", "[")) and "}\n{" not in text)


@given(st.sampled_from(DOCUMENTS), st.integers(0, 60), json_values)
@settings(max_examples=300, deadline=None)
def test_any_value_of_any_shape_anywhere_is_survived(name: str, at: int, new: Any):
    path, text = FILES[name]
    content, place = Content(json.dumps(replaced(json.loads(text), at, new)).encode()), Place(path)
    kind = FORMATS[name]
    kind.recognises(content, place)
    result = kind.rows(kind.read(content), place)
    for table, frame in frames_of(result.rows).items():
        keys = [each for each in KEYS[table] if each in frame.columns]
        assert frame.select(keys).n_unique() == frame.height
    assert result.records == result.main_rows + result.dropped_records + result.rejected_records
    assert result.rejected_records <= len(result.rejects)


KEYS = {
    "run_metadata": ("source_file_id",),
    "compaction_test": ("source_file_id", "ordinal"),
    "sidecar_measurement": ("source_file_id", "ordinal"),
    "corpus_query": ("source_file_id", "ordinal"),
    "soft_match_query": ("source_file_id", "ordinal"),
    "soft_match_threshold": ("source_file_id", "ordinal", "threshold_position"),
    "embedding_coverage": ("source_file_id", "embedding"),
    "embedding_coverage_part": ("source_file_id", "embedding", "breakdown", "name"),
    "feature_verdict": ("source_file_id", "ordinal"),
    "feature_comparison": ("source_file_id",),
    "feature_arm": ("source_file_id", "ordinal", "arm"),
    "feature_response": ("source_file_id", "ordinal", "arm", "position"),
}


def test_the_real_documents_are_all_imported_with_a_row_an_element(record: Path):
    expected: Counter[str] = Counter()
    got: Counter[str] = Counter()
    for path, file in files_of(record, f"{RUNS}/[!2]*/**/*.json*", f"{RUNS}/2*/metadata.json"):
        if not file.stat().st_size:
            continue
        name, result = imported(file.read_bytes(), path)
        assert name in FORMATS, path
        assert (result.status, result.rejects) == ("ok", []), path
        got[Path(path).parts[3].split("_")[0]] += result.main_rows
        text = file.read_text()
        if path.endswith("l"):
            size = sum(1 for line in text.splitlines() if line.strip())
        else:
            value = json.loads(text)
            size = len(value) if isinstance(value, list) or "glove" in value else len(value.get("tests", "1"))
        expected[Path(path).parts[3].split("_")[0]] += size
    assert got == expected
    assert sum(got.values()) > 0


def test_the_real_drafts_say_the_same_in_counts_and_in_percent(record: Path):
    rows = [
        row
        for path, file in files_of(record, f"{RUNS}/sidecar_*/*.json")
        for row in rows_of(imported(file.read_bytes(), path)[1], corpus_documents.SidecarMeasurement)
    ]
    assert rows
    for row in rows:
        assert row.quality_flags == ()
        assert row.extra is None
        assert row.generation_tps is not None
        assert row.effective_tps == pytest.approx(row.generation_tps, rel=0.02)
