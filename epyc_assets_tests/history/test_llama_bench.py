"""Evidence texts: every measured line of every table, tables in logs with colours, damaged tables."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history.formats import format_named
from epyc_assets.history.llama_bench import LlamaBenchRow
from epyc_assets.history.raw_text import RawText
from epyc_assets.history.rows import Imported
from epyc_assets_tests.history.conftest import files_of, imported
from epyc_assets_tests.history.faults import check, damaged_bytes

FOLDER = "benchmarks/evidence/20300101_000000"
PATH = f"{FOLDER}/medium_rye_32b_paged128_speed.txt"
HEADER = "| model        |      size | params | backend | threads |   test |          t/s |\n"
RULE = "| ------------ | --------: | -----: | ------- | ------: | -----: | -----------: |\n"
PROMPT = "| rye 32B Q4_K | 18.50 GiB | 32.76 B | CPU    |      96 | pp1024 | 92.29 \u00b1 2.70 |\n"
TEXT = "| rye 32B Q4_K | 18.50 GiB | 32.76 B | CPU    |      96 |   tg64 |  4.75 \u00b1 0.14 |\n"
BUILD = "\nbuild: abcdef012 (7705)\n"
TABLE = HEADER + RULE + PROMPT + TEXT + BUILD


def rows_of(result: Imported) -> list[LlamaBenchRow]:
    return [each for each in result.rows if isinstance(each, LlamaBenchRow)]


def test_each_measured_line_is_a_row_and_the_text_is_kept() -> None:
    found, result = imported(TABLE, PATH)
    prompt, text = rows_of(result)
    assert (found, result.status, result.records, result.flags) == ("evidence_text", "ok", 2, [])
    assert (prompt.line, prompt.test, prompt.test_kind, prompt.n_tokens, prompt.n_depth) == (3, "pp1024", "pp", 1024, 0)
    assert (prompt.tps, prompt.tps_stddev, prompt.threads, prompt.backend) == (92.29, 2.7, 96, "CPU")
    assert (prompt.model, prompt.size_text, prompt.size_bytes) == ("rye 32B Q4_K", "18.50 GiB", 37 * 2**29)
    assert (prompt.params, prompt.build_commit, prompt.build_number) == (32.76e9, "abcdef012", 7705)
    assert (text.line, text.test_kind, text.n_tokens, text.tps, text.tps_stddev) == (4, "tg", 64, 4.75, 0.14)
    assert (prompt.extra, prompt.quality_flags) == (None, ())
    assert [each.text for each in result.rows if isinstance(each, RawText)] == [TABLE]


def test_the_path_says_run_model_and_variant() -> None:
    (row, _) = rows_of(imported(TABLE, PATH)[1])
    assert (row.evidence_run, row.model_label, row.variant) == ("20300101_000000", "rye_32b", "paged128")
    (row, _) = rows_of(imported(TABLE, f"{FOLDER}/full_log.txt")[1])
    assert (row.evidence_run, row.model_label, row.variant) == ("20300101_000000", None, None)


def test_tables_are_found_inside_a_coloured_log() -> None:
    log = "\x1b[32mBaking\x1b[0m | step 1 | oven\n" + TABLE.replace("| rye", "\x1b[1m| rye") + "\x1b[0mdone\n" + TABLE
    _, result = imported(log, f"{FOLDER}/full_log.txt")
    assert [(each.line, each.test, each.tps) for each in rows_of(result)] == [
        (4, "pp1024", 92.29),
        (5, "tg64", 4.75),
        (11, "pp1024", 92.29),
        (12, "tg64", 4.75),
    ]
    assert (result.status, result.rejects) == ("ok", [])


@pytest.mark.parametrize(
    ("test", "kind", "tokens", "depth"),
    [("pp512 @ d4096", "pp", 512, 4096), ("pp512+tg128", "pp+tg", 640, 0), ("tg1", "tg", 1, 0)],
)
def test_tests_at_a_depth_and_of_both_kinds(test: str, kind: str, tokens: int, depth: int) -> None:
    row = rows_of(imported(TABLE.replace("pp1024", test), PATH)[1])[0]
    assert (row.test, row.test_kind, row.n_tokens, row.n_depth) == (test, kind, tokens, depth)


def test_further_columns_are_kept() -> None:
    header = "| model | size | params | backend | fa | type_k | test | t/s |\n"
    table = header + "| a | ? | 3 X | CPU | 1 | q8_0 | tg9 | 5.00 |\n"
    (row,) = rows_of(imported(table + BUILD, PATH)[1])
    assert (row.threads, row.tps, row.tps_stddev, row.size_bytes, row.params) == (None, 5.0, None, None, None)
    assert json.loads(row.extra or "") == {"fa": "1", "type_k": "q8_0", "params": "3 X"}
    assert row.size_text == "?"


def test_a_line_without_its_header_has_the_usual_columns() -> None:
    (row,) = rows_of(imported(PROMPT + BUILD, PATH)[1])
    assert (row.tps, row.threads, row.quality_flags) == (92.29, 96, ("header_missing",))
    _, result = imported("| a | tg9 | 5.00 |\n" + BUILD, PATH)
    assert (rows_of(result), [each.location for each in result.rejects]) == ([], ["line 1"])


def test_an_infinite_speed_is_none_and_kept_as_found() -> None:
    (row, _) = rows_of(imported(TABLE.replace("92.29 \u00b1 2.70", "inf \u00b1 nan"), PATH)[1])
    assert (row.tps, row.tps_stddev, row.quality_flags) == (None, None, ("infinite_tps",))
    assert json.loads(row.extra or "") == {"t/s": "inf \u00b1 nan"}


@pytest.mark.parametrize(
    "damaged",
    [
        TABLE.replace("92.29", "9x.29"),
        TABLE.replace("|   tg64 ", "|   tgxx "),
        TABLE.replace("|      96 | pp", "       96 | pp"),
    ],
)
def test_a_damaged_line_is_a_reject_and_the_other_a_row(damaged: str) -> None:
    _, result = imported(damaged, PATH)
    assert (result.records, result.main_rows, result.rejected_records) == (2, 1, 1)
    (reject,) = result.rejects
    assert reject.location in ("line 3", "line 4")
    assert "rye 32B" in reject.raw_text


def test_a_damaged_sign_between_speed_and_deviation_costs_nothing() -> None:
    row = rows_of(imported(TABLE.encode().replace(b"\xc2\xb1", b"\xc2"), PATH)[1])[0]
    assert (row.tps, row.tps_stddev) == (92.29, 2.7)


def test_no_cut_of_a_table_goes_unnoticed() -> None:
    data = TABLE.encode()
    for length in range(1, len(data) - 1):
        _, result = imported(data[:length], PATH)
        ended = data[:length].endswith(b"\n")
        assert result.status == "truncated" or result.rejects or not ended, data[:length]
        for row in rows_of(result):
            assert row.tps in (92.29, 4.75)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("small_rye_checksum.txt", f"{'ab' * 32}  /m/rye.gguf\n"),
        ("git_commit.txt", f"{'0a' * 20}\n"),
        ("proc_meminfo.txt", "".join(f"Flour({at}):   {at} kB\n" for at in range(12))),
    ],
)
def test_texts_of_a_fixed_shape_show_where_they_were_cut(name: str, text: str) -> None:
    assert imported(text, f"{FOLDER}/{name}")[1].status == "ok"
    for cut in (text[:-1], text[: len(text) // 2], text[:5]):
        _, result = imported(cut, f"{FOLDER}/{name}")
        assert (result.status, result.flags) == ("truncated", ["end_missing"])


def test_a_log_of_memory_without_its_summary_is_flagged() -> None:
    log = "llama_model_loader: - kv   0: general.architecture str = dough\n"
    summary = "llama_memory_breakdown_print: |   - Host | 12 = 9 + 3 |\n"
    assert imported(log, f"{FOLDER}/small_rye_baseline_memory.txt")[1].flags == ["memory_missing"]
    assert imported(log + summary, f"{FOLDER}/small_rye_baseline_memory.txt")[1].flags == []


def test_an_empty_text_is_empty_and_prose_is_kept() -> None:
    assert imported("", PATH)[1].status == "empty"
    found, result = imported("Flour: 3 | Water: 2 | Salt\n", f"{FOLDER}/notes.txt")
    assert (found, result.status, result.records) == ("evidence_text", "ok", 0)
    assert [each.text for each in result.rows if isinstance(each, RawText)] == ["Flour: 3 | Water: 2 | Salt\n"]


def test_a_table_outside_of_evidence_is_recognised_by_its_header() -> None:
    assert imported(TABLE, "notes/speed.txt")[0] == "evidence_text"
    assert imported("| flour | water |\n", "notes/speed.txt")[0] == "text"


@given(chance=st.data())
@settings(max_examples=200, deadline=None)
def test_damage_never_stops_the_import(chance: st.DataObject) -> None:
    path = chance.draw(st.sampled_from([PATH, f"{FOLDER}/git_commit.txt"]))
    check(format_named("evidence_text"), chance.draw(damaged_bytes(TABLE.encode()) | st.binary(max_size=99)), path)


@pytest.mark.parametrize("filling", ["|", "| ", "\x1b[", "| pp1 ", "x"])
def test_a_huge_line_takes_seconds_at_most(filling: str) -> None:
    began = time.process_time()
    _, result = imported(filling * (5_000_000 // len(filling)) + "\n" + TABLE, PATH)
    assert len(rows_of(result)) == 2
    assert time.process_time() - began < 3


def test_the_real_evidence_has_a_row_for_each_line_that_looks_measured(record: Path) -> None:
    counted = 0
    for path, file in files_of(record, "benchmarks/evidence/**/*.txt"):
        data = file.read_bytes()
        found, result = imported(data, path)
        looks = [
            each for each in data.decode().splitlines() if "| " in each and ("|          pp" in each or " tg" in each)
        ]
        assert len(rows_of(result)) == len(looks), path
        assert found == ("evidence_text" if data.strip() else "empty")
        assert (result.rejects, result.status, result.flags) == ([], "ok" if data.strip() else "empty", [])
        counted += len(looks)
    assert counted > 0
