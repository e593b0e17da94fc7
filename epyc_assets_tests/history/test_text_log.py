"""Text logs of llama.cpp's tools: which speed counts, what the name says, and that no cut goes unnoticed."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history import naming
from epyc_assets.history.content import Content
from epyc_assets.history.formats import format_named
from epyc_assets.history.raw_text import RawText
from epyc_assets.history.rows import Imported
from epyc_assets.history.text_log import COMPLETION, LOOKUP, MTMD, SPECULATIVE, LogMeasurement
from epyc_assets_tests.history.conftest import files_of, imported
from epyc_assets_tests.history.faults import check, damaged_bytes

FOLDER = "benchmarks/results/runs/20300101_000000/baking"
PATH = f"{FOLDER}/Bread-7B-Q4_baseline_t1_q1_rye.txt"
NOT_STARTED = "timeout: failed to run command \u2018OMP_NUM_THREADS=1\u2019: No such file or directory\n"
COMMON, CONTEXT = "common_perf_print", "llama_perf_context_print"


def header(
    model: str = "Bread-7B-Q4_K_M",
    *,
    experts: int = 0,
    build: str = "build: 7000 (abcdef012) with GNU 9.9 for Linux x\n",
) -> str:
    return (
        f"{build}llama_model_loader: loaded meta data with 3 key-value pairs and 9 tensors from /m/{model}.gguf (V3)\n"
        "llama_model_loader: - kv   0:          general.architecture str              = dough\n"
        f"llama_model_loader: - kv   1:                  general.name str              = The {model}\n"
        "print_info: file type   = Q4_K - Medium\n"
        "print_info: file size   = 1.50 GiB (4.86 BPW) \n"
        f"print_info: n_expert_used    = {experts}\n"
        "print_info: model params     = 7.62 B\n"
        "load_tensors:   CPU_Mapped model buffer size =   900.00 MiB\n"
        "load_tensors:   CPU_REPACK model buffer size =   600.00 MiB\n"
        "llama_context: n_ctx         = 4096\n"
    )


def line(tool: str, name: str, ms: float, count: int, unit: str, speed: str | None = None) -> str:
    shown = speed or f"{1000 * count / ms:8.2f}"
    figures = f"{ms:10.2f} ms / {count:5d} {unit}   ({ms / count:8.2f} ms per token, {shown:>8} tokens per second)"
    return f"{tool}: {name:>16} = {figures}\n"


def perf(
    tool: str, *, load: float, prompt: tuple[float, int], generation: tuple[float, int, str | None], total: float
) -> str:
    ms, runs, speed = generation
    return (
        f"{tool}:        load time = {load:10.2f} ms\n"
        + line(tool, "prompt eval time", *prompt, "tokens")
        + line(tool, "eval time", ms, runs, "runs", speed)
        + f"{tool}:       total time = {total:10.2f} ms /   100 tokens\n"
        + f"{tool}:    graphs reused =         50\n"
    )


MEMORY = (
    "llama_memory_breakdown_print: | memory breakdown [MiB] | total   free    self   model |\n"
    "llama_memory_breakdown_print: |   - Host               |                 1342 =   927 |\n"
    "llama_memory_breakdown_print: |   - CPU_REPACK         |                  596 =   596 |\n"
)
ANSWER = "Rye needs a long rise.\n\n"


def vision(ms: float = 500.0, runs: int = 20, speed: str | None = None, *, head: str | None = None) -> str:
    return (
        (head or header())
        + "clip_model_loader: n_tensors:    352\nimage slice encoded in 178 ms\n"
        + "image decoded (batch 1/1) in 315 ms\nimage slice encoded in 22 ms\n\n"
        + ANSWER
        + perf(CONTEXT, load=9.5, prompt=(200.0, 50), generation=(ms, runs, speed), total=800)
    )


def completion(answer: str = ANSWER, *, head: str | None = None) -> str:
    return (
        (head or header())
        + "main: llama threadpool init, n_threads = 96\n\n"
        + answer
        + perf(COMMON, load=9.5, prompt=(200.0, 50), generation=(1000.0, 40, None), total=1300)
        + MEMORY
    )


def speculative(*, accepted: int = 30, rate: str = "37.500") -> str:
    return (
        header()
        + header("Crumb-1B-Q8_0", build="")
        + f"\n{ANSWER}\n"
        + "encoded   50 tokens in    0.500 seconds, speed:  100.000 t/s\n"
        + "decoded   60 tokens in    2.000 seconds, speed:   30.000 t/s\n\n"
        + f"n_draft   = 8\nn_predict = 60\nn_drafted = 80\nn_accept  = {accepted}\naccept    = {rate}%\n\ndraft:\n\n"
        + perf(CONTEXT, load=1.5, prompt=(400.0, 40), generation=(300.0, 75, None), total=2900)
        + "\ntarget:\n\n"
        + perf(COMMON, load=6.5, prompt=(1200.0, 130), generation=(0.001, 1, "inf"), total=3000)
        + f"{MEMORY}\n\n"
    )


def lookup() -> str:
    return (
        f"{header()}\n{ANSWER}\n"
        "encoded   50 tokens in    0.500 seconds, speed:  100.000 t/s\n"
        "decoded   60 tokens in    2.000 seconds, speed:   30.000 t/s\n\n"
        "n_draft      = 3\nn_predict    = 60\nn_drafted    = 80\nt_draft_flat = 0.10 ms\nt_draft      = 0.20 ms\n"
        "n_accept     = 30\naccept       = 37.500%\n\ntarget:\n\n"
        + perf(COMMON, load=6.5, prompt=(1200.0, 130), generation=(0.001, 1, "inf"), total=3000)
        + MEMORY
    )


LOGS = {MTMD: vision(), COMPLETION: completion(), SPECULATIVE: speculative(), LOOKUP: lookup()}


def measured(log: str | bytes, path: str = PATH) -> LogMeasurement:
    return row_of(imported(log, path)[1])


def row_of(result: Imported) -> LogMeasurement:
    (row,) = [each for each in result.rows if isinstance(each, LogMeasurement)]
    return row


@pytest.mark.parametrize("tool", sorted(LOGS))
def test_a_whole_log_is_ok_has_its_tool_and_no_doubt_about_its_end(tool: str) -> None:
    found, result = imported(LOGS[tool], PATH)
    row = row_of(result)
    assert (found, result.status, result.flags, row.status, row.tool) == ("text_log", "ok", [], "ok", tool)
    assert "end_missing" not in row.quality_flags
    assert [each.text for each in result.rows if isinstance(each, RawText)] == [LOGS[tool]]


def test_the_header_says_which_model_ran_and_what_built_the_tool() -> None:
    row = measured(completion())
    assert (row.model, row.model_path) == ("Bread-7B-Q4_K_M", "/m/Bread-7B-Q4_K_M.gguf")
    assert row.model_id == naming.model_id("Bread-7B-Q4_K_M")
    assert (row.general_name, row.architecture, row.file_type) == ("The Bread-7B-Q4_K_M", "dough", "Q4_K - Medium")
    assert (row.parameter_count, row.size_bytes, row.bits_per_weight) == (7.62e9, 3 * 2**29, 4.86)
    assert (row.build_number, row.build_commit) == (7000, "abcdef012")
    assert (row.build_compiler, row.build_target) == ("GNU 9.9", "Linux x")
    assert (row.n_threads, row.n_context, row.experts_used) == (96, 4096, None)


def test_a_completion_has_the_speeds_of_its_lines() -> None:
    row = measured(completion())
    assert (row.load_ms, row.prompt_ms, row.prompt_tokens, row.prompt_tps) == (9.5, 200.0, 50, 250.0)
    assert (row.generation_ms, row.generated_tokens, row.generation_tps, row.total_ms) == (1000.0, 40, 40.0, 1300.0)
    assert (row.decode_tps, row.effective_tps, row.acceptance_rate, row.quality_flags) == (None, None, None, ())


def test_images_are_timed_in_total() -> None:
    row = measured(vision())
    assert (row.image_encode_ms, row.image_decode_ms, row.generation_tps) == (200.0, 315.0, 40.0)


def test_speculation_has_the_targets_speed_never_the_drafts() -> None:
    row = measured(speculative())
    assert (row.model, row.draft_model) == ("Bread-7B-Q4_K_M", "Crumb-1B-Q8_0")
    assert (row.generation_tps, row.decode_tps, row.generated_tokens, row.generation_ms) == (30.0, 30.0, 60, 2000.0)
    assert row.effective_tps == 20.0
    assert (row.load_ms, row.prompt_tps, row.total_ms) == (6.5, 108.33, 3000.0)
    assert (row.encoded_tokens, row.encode_ms, row.encode_tps) == (50, 500.0, 100.0)
    assert (row.draft_load_ms, row.draft_generation_tps, row.draft_generated_tokens) == (1.5, 250.0, 75)
    assert (row.draft_prompt_tps, row.draft_total_ms) == (100.0, 2900.0)
    assert (row.n_draft, row.n_predict, row.n_drafted, row.n_accepted, row.acceptance_rate) == (8, 60, 80, 30, 0.375)
    assert row.quality_flags == ("draft_timing_first", "prompt_includes_verification")


def test_lookup_has_no_draft_model() -> None:
    row = measured(lookup())
    assert (row.draft_model, row.draft_generation_tps, row.generation_tps, row.acceptance_rate) == (
        None,
        None,
        30,
        0.375,
    )


@pytest.mark.parametrize(("accepted", "rate"), [(30, "40.000"), (90, "112.500")])
def test_counts_that_contradict_the_stated_rate_are_flagged(accepted: int, rate: str) -> None:
    row = measured(speculative(accepted=accepted, rate=rate))
    assert "counts_contradict" in row.quality_flags
    assert row.acceptance_rate is None or 0 <= row.acceptance_rate <= 1


def test_a_single_token_has_no_speed() -> None:
    row = measured(vision(125.0, 1))
    assert (row.generation_tps, row.generated_tokens, row.generation_ms) == (None, 1, 125.0)
    assert (row.status, row.quality_flags, row.extra) == ("ok", ("one_token",), '{"generation_tps": "8.00"}')


@pytest.mark.parametrize("speed", ["inf", "nan"])
def test_an_infinite_speed_is_none(speed: str) -> None:
    row = measured(vision(0.001, 1, speed))
    assert (row.generation_tps, row.quality_flags, row.prompt_tps) == (None, ("infinite_tps",), 250.0)


def test_a_speed_that_contradicts_its_own_line_is_flagged_and_kept() -> None:
    row = measured(vision(500.0, 20, "4000.00"))
    assert (row.generation_tps, row.quality_flags) == (4000.0, ("timing_contradicts",))


def test_a_program_that_did_not_start_is_no_measurement() -> None:
    _, result = imported(NOT_STARTED, PATH)
    assert len(NOT_STARTED.encode()) == 82
    row = row_of(result)
    assert (result.status, result.error, row.status) == ("not_started", NOT_STARTED.strip(), "not_started")
    assert (row.tool, row.generation_tps, row.config, row.quality_flags) == (None, None, "baseline", ())


@pytest.mark.parametrize(
    ("stem", "model", "config", "question"),
    [
        ("Bread-7B-Q4_spec_k16_t1_q2_shapes", "Bread-7B-Q4", "spec_k16", "t1_q2_shapes"),
        ("Bread_Roll-7B_moe4_t3_q3_long_name_2", "Bread_Roll-7B", "moe4", "t3_q3_long_name_2"),
        ("Bread-7B_moe6_spec_draft_crumb_k8_t1_q1", "Bread-7B", "moe6_spec_draft_crumb_k8", "t1_q1"),
        ("Bread-7B_lookup_n3_t1_q1_rye", "Bread-7B", "lookup_n3", "t1_q1_rye"),
        ("Bread-7B-Q4_t3_q4_puzzle", "Bread-7B-Q4", None, "t3_q4_puzzle"),
        ("benchmark_summary_20300101", None, None, None),
    ],
)
def test_the_name_says_model_config_and_question(
    stem: str, model: str | None, config: str | None, question: str | None
) -> None:
    row = measured(completion(), f"{FOLDER}/{stem}.txt")
    assert (row.log_name_model, row.config, row.question_id) == (model, config, question)
    assert row.config_id == (None if config is None else naming.config_of(config).config_id)
    assert row.question_pk == (None if question is None else naming.question_pk("baking", question))


def test_the_folders_say_run_and_suite_also_in_a_copy_of_the_record() -> None:
    row = measured(completion(), f"copy/{PATH}")
    assert (row.run_dir, row.suite, row.run_pk) == ("20300101_000000", "baking", naming.run_pk("20300101_000000"))
    above = measured(completion(), "benchmarks/results/runs/20300101_000000/Bread_baseline_t1_q1.txt")
    assert (above.run_dir, above.suite, above.question_pk) == ("20300101_000000", None, None)
    elsewhere = measured(completion(), "old/Bread_baseline_t1_q1.txt")
    assert (elsewhere.run_dir, elsewhere.run_pk, elsewhere.model) == (None, None, "Bread-7B-Q4_K_M")


def test_a_config_that_the_tool_did_not_apply_is_flagged() -> None:
    assert "config_not_applied" in measured(vision(), f"{FOLDER}/Bread_spec_k8_t1_q1.txt").quality_flags
    assert measured(speculative(), f"{FOLDER}/Bread_spec_k8_t1_q1.txt").config == "spec_k8"
    assert "config_not_applied" not in measured(speculative(), f"{FOLDER}/Bread_spec_k8_t1_q1.txt").quality_flags
    assert "config_contradicts_log" in measured(speculative(), f"{FOLDER}/Bread_spec_k4_t1_q1.txt").quality_flags
    eight = completion(head=header(experts=8))
    assert "config_not_applied" in measured(eight, f"{FOLDER}/Bread_moe4_t1_q1.txt").quality_flags
    assert measured(eight, f"{FOLDER}/Bread_moe8_t1_q1.txt").quality_flags == ()


def test_a_summary_is_no_measurement_and_a_log_without_a_log_is_flagged() -> None:
    _, summary = imported("Baking Summary\nBread: PASS\n", f"{FOLDER}/benchmark_summary_20300101.txt")
    assert (summary.status, row_of(summary).status) == ("ok", "other")
    _, prose = imported("Bread: PASS\n", PATH)
    assert (prose.status, row_of(prose).status, prose.flags) == ("truncated", "truncated", ["no_log"])


def test_invalid_bytes_in_the_answer_cost_no_figure() -> None:
    data = completion().encode().replace(b"Rye", b"R\xff\xc3e")
    row = measured(data)
    assert Content(data).invalid_bytes == 2
    assert (row.generation_tps, row.status) == (40.0, "ok")


def test_carriage_returns_cost_no_figure() -> None:
    row = measured(speculative().replace("\n", "\r\n"))
    assert (row.generation_tps, row.acceptance_rate, row.status, row.draft_model) == (
        30.0,
        0.375,
        "ok",
        "Crumb-1B-Q8_0",
    )


def test_an_answer_that_looks_like_timings_is_not_believed() -> None:
    tempting = (
        line(COMMON, "eval time", 10.0, 900, "runs") + "accept    = 99.000%\n\ndraft:\n\ntarget:\n\nn_drafted = 5\n"
    )
    row = measured(completion(tempting))
    assert (row.tool, row.generation_tps, row.acceptance_rate) == (COMPLETION, 40.0, None)


def test_a_whole_log_without_the_line_of_the_generation_says_so() -> None:
    log = "".join(each for each in vision().splitlines(keepends=True) if " eval time" not in each or "prompt" in each)
    _, result = imported(log, PATH)
    row = row_of(result)
    assert (row.status, result.status, row.generation_tps) == ("no_timing", "ok", None)
    assert row.quality_flags == ("no_timing",)


def test_a_header_that_lacks_a_line_is_flagged() -> None:
    assert imported(completion().replace("print_info: file type", "print_inf0: file type"), PATH)[1].flags == [
        "header_incomplete"
    ]


@pytest.mark.parametrize("whole", [*LOGS.values(), NOT_STARTED], ids=[*LOGS, "not started"])
def test_no_cut_goes_unnoticed(whole: str) -> None:
    data = whole.encode()
    full = measured(data)
    for length in range(1, len(data.rstrip()) + 1):
        cut = data[:length]
        found, result = imported(cut, PATH)
        assert found == "text_log"
        assert result.status == "truncated" or result.flags, cut[-60:]
        row = row_of(result)
        assert row.generation_tps in (None, full.generation_tps)
        assert row.generation_tps is None or row.generation_tps != row.draft_generation_tps


def test_a_cut_before_the_timings_is_truncated_and_keeps_what_the_header_says() -> None:
    _, result = imported(speculative()[: speculative().index("encoded ")], PATH)
    row = row_of(result)
    assert (result.status, row.status, row.tool, row.model) == (
        "truncated",
        "truncated",
        SPECULATIVE,
        "Bread-7B-Q4_K_M",
    )
    assert result.error == "ends before its timings"


@given(chance=st.data())
@settings(max_examples=200, deadline=None)
def test_damage_never_stops_the_import(chance: st.DataObject) -> None:
    whole = chance.draw(st.sampled_from([*LOGS.values(), NOT_STARTED])).encode()
    path = chance.draw(st.sampled_from([PATH, "a.txt", f"{FOLDER}/benchmark_summary.txt"]))
    result = check(format_named("text_log"), chance.draw(damaged_bytes(whole) | st.binary(max_size=99)), path)
    assert result.main_rows == 1
    rate = row_of(result).acceptance_rate
    assert rate is None or 0 <= rate <= 1


@pytest.mark.parametrize(
    "filling",
    [
        "x",
        " ",
        "\n",
        "eval time = ",
        "build: 1 (abcdef0) with a for ",
        "llama_memory_breakdown_print: |   - ",
        "| ",
        "9",
        "accept = ",
    ],
)
def test_a_huge_log_takes_seconds_at_most(filling: str) -> None:
    size = 1_000_000
    log = completion(filling * (size // len(filling)) + "\n")
    began = time.process_time()
    assert measured(log).generation_tps == 40.0
    assert time.process_time() - began < 5


def test_the_real_logs_agree_with_a_naive_reading(record: Path) -> None:
    statuses: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for path, file in files_of(record, "benchmarks/results/runs/2025*/**/*.txt"):
        data = file.read_bytes()
        found, result = imported(data, path)
        row = row_of(result)
        assert found == "text_log"
        statuses[row.status] += 1
        lines = data.decode("utf-8", "replace").splitlines()
        timed = [each.split() for each in lines if " eval time =" in each and "prompt eval" not in each]
        decoded = [each for each in lines if each.startswith("decoded ") and each.endswith(" t/s")]
        expected = None
        if decoded:
            expected = float(decoded[-1].split()[-2])
        elif timed:
            words = timed[-1]
            runs, speed = int(words[words.index("/") + 1]), words[words.index("token,") + 1]
            counted["naive_one_token"] += runs == 1 and speed != "inf"
            expected = float(speed) if runs > 1 and speed not in ("inf", "nan") else None
        assert row.generation_tps == expected, path
        assert (row.prompt_tps is not None) == any("prompt eval time" in each for each in lines)
        assert (row.acceptance_rate is not None) == any(each.startswith("accept ") for each in lines)
        assert (row.status == "not_started") == lines[0].startswith("timeout: ")
        if row.status == "ok":
            assert None not in (row.model, row.architecture, row.general_name, row.size_bytes, row.build_number)
            assert "end_missing" not in row.quality_flags
        counted["one_token"] += "one_token" in row.quality_flags
    assert statuses["not_started"] > statuses["ok"] > 0
    assert counted["one_token"] == counted["naive_one_token"] > 0
