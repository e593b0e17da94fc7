"""A small record, made by hand, in which the master table's rule can go wrong in every way that is known.

Here: the files, and the aliases that go with them. Not here: what must become of them (test_master_table,
test_derived_history).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

RUNS = "benchmarks/results/runs"
REVIEWS = "benchmarks/results/reviews"
HEADER = "suite,question_id,tokens_per_second,claude_score,score_reason\n"
SUITES = ("thinking", "general", "math", "agentic", "coder", "instruction_precision", "long_context", "vl")
SUMMARY_COLUMNS = (
    *("model", *SUITES, "total", "pct_str", "avg_tps", "spec_draft", "spec_best_tps", "spec_k_results"),
    *("lookup_best_tps", "lookup_n_results", "spec_lookup_best_tps", "spec_lookup_results"),
)

ALIASES = {
    "elder_by_hand_rescored": "Elder-70B",
    "lost_moe4_rescored": "Lost-9B_moe4",
    "stack_of_march": "STACK_OF_MARCH",
    "never_written_rescored": "Plain-3B",
}
"""Names of reviews renamed by hand, to rows: one replaces, two add, and one is of a file that is not there."""


def write_traps(root: Path) -> Path:
    """Writes the record below root, and returns it."""
    _shared_model(root)
    _speeds(root)
    _scores(root)
    _rows_of_experts(root)
    _what_never_counts(root)
    _aliased(root)
    _suspects(root)
    _committed(root)
    return root


def result(
    root: Path,
    run_dir: str,
    role: str,
    config: str,
    model_path: str,
    speeds: Sequence[float | None],
    *,
    suite: str = "math",
    mean: float | None = None,
    below: str = "",
    acceptance_rate: float | None = None,
) -> None:
    """A result file with one question a speed; its summary states their mean, or `mean`."""
    known = [each for each in speeds if each is not None]
    questions = {
        f"t1_q{number}": {
            "question_id": f"t1_q{number}",
            "prompt": f"What is {number} and {number}?",
            "response": f"{2 * number}",
            "tokens_per_second": speed,
            "acceptance_rate": acceptance_rate,
        }
        for number, speed in enumerate(speeds, start=1)
    }
    value = {
        "model_role": role,
        "model_path": model_path,
        "config_name": config,
        "run_id": run_dir,
        "timestamp": "2026-01-02T03:04:05",
        "results": {suite: questions},
        "summary": {
            "avg_tokens_per_second": mean if mean is not None else sum(known) / len(known) if known else None,
            "questions_tested": len(speeds),
        },
    }
    write(root, f"{below}{RUNS}/{run_dir}/{role}_{config}.json", json.dumps(value))


def review(root: Path, name: str, scores: Mapping[str, Sequence[int | str]], *, below: str = "") -> None:
    """A review file with those scores by suite."""
    rows = [
        f"{suite},t1_q{number},5.0,{score},Because of {number}\n"
        for suite, each in scores.items()
        for number, score in enumerate(each, start=1)
    ]
    write(root, f"{below}{REVIEWS}/{name}.csv", HEADER + "".join(rows))


def write(root: Path, path: str, text: str) -> None:
    """One file, with its folders."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="")


def _shared_model(root: Path) -> None:
    """One model file under four roles: none of the better figures is the row's own."""
    path = "/models/a/Shared-32B-Q4-00001-of-00003.gguf"
    # Only a plain review, all passed, and the latest run: luckier, but not rescored.
    result(root, "20260103_000000", "lucky", "baseline", path, [9.0, 9.0])
    review(root, "lucky_baseline", {"math": [3] * 9})
    # Rescored, no plain review.
    result(root, "20260103_000000", "half", "baseline", path, [8.0])
    review(root, "half_baseline_rescored", {"math": [3] * 12})
    # Rescored and plain, few questions.
    result(root, "20260103_000000", "few", "baseline", path, [7.0])
    review(root, "few_baseline", {"math": [3]})
    review(root, "few_baseline_rescored", {"math": [3]})
    # Rescored and plain, most questions, in two runs: the later one speaks for the row.
    result(root, "20260101_000000", "main", "baseline", path, [4.0])
    result(root, "20260102_000000", "main", "baseline", path, [5.0, 6.0, 7.5])
    # The same, in a role that comes later in the alphabet.
    result(root, "20260102_000000", "main_again", "baseline", path, [1.0])
    for role in ("main", "main_again"):
        review(root, f"{role}_baseline", {"math": [3, 3, 3, 3, 3]})
    review(root, "main_baseline_rescored", {"math": [3, 2, 1, 0, 0], "general": [2], "speed_test": [3, 3]})
    review(root, "main_again_baseline_rescored", {"math": [0, 0, 0, 0, 0], "general": [0]})


def _speeds(root: Path) -> None:
    """Speeds of one model: outliers, zeros and gaps, and speculation in every combination that recurs."""
    path = "/models/Swift-7B.gguf"
    speeds = [10.0, 12.0, None, 0.0, -1.0, 11.0, 2500.0, 13.0]
    result(root, "20260102_000000", "swift", "baseline", path, speeds, mean=424.17)
    # The same draft and K in two runs, and in another role: the last by path counts, though it is not the fastest.
    result(root, "20260101_000000", "swift", "spec_draft_tiny_q2_k_k8", path, [40.0], suite="speed_test")
    result(root, "20260102_000000", "swift", "spec_draft_tiny_q2_k_k8", path, [20.0], suite="speed_test")
    result(root, "20260102_000000", "twin", "spec_draft_tiny_q2_k_k8", path, [22.0, 25.0, None, 0.0])
    result(root, "20260102_000000", "swift", "spec_draft_tiny_q2_k_k16", path, [23.0], suite="speed_test")
    result(root, "20260102_000000", "swift", "spec_draft_tiny_q2_k_k4", path, [9.26], suite="speed_test")
    # Measured nothing: not a speed of 0.
    result(root, "20260103_000000", "swift", "spec_draft_peak_k4", path, [None, 0.0], suite="speed_test")
    # Highest at one K, lower at the others: still the best draft.
    result(root, "20260102_000000", "swift", "spec_draft_peak_k4", path, [23.55], suite="speed_test")
    result(root, "20260102_000000", "swift", "spec_draft_peak_k32", path, [2.25], suite="speed_test")
    result(root, "20260102_000000", "swift", "spec_draft_peak_k16", path, [3.0, 4.0, None, 0.0])
    # No draft named, or by no role of drafts; speculation with lookup; a config of no known form: none of them
    # is a row or a speed of one.
    result(root, "20260102_000000", "swift", "spec_k8", path, [99.0])
    result(root, "20260102_000000", "swift", "spec_fast_k8", path, [96.0])
    result(root, "20260102_000000", "swift", "spec_draft_tiny_k8_lookup", path, [98.0])
    result(root, "20260102_000000", "swift", "turbo", path, [97.0])
    for n, speed in ((5, 11.04), (3, 12.66), (4, 12.25)):
        result(root, "20260102_000000", "swift", f"lookup_n{n}", path, [speed], suite="speed_test")
    # Quality that speed-only configs inherited is never theirs to give.
    review(root, "swift_spec_draft_peak_k4_rescored", {"math": [3, 3, 3]})
    review(root, "swift_lookup_n3", {"math": [3, 3, 3]})
    # Speculation and lookup without a base: no row.
    result(root, "20260102_000000", "orphan", "spec_draft_tiny_k8", "/models/Orphan-1B.gguf", [50.0])
    result(root, "20260102_000000", "orphan", "moe4_lookup_n3", "/models/Swift-7B.gguf", [51.0])
    review(root, "orphan_spec_draft_tiny_k8_rescored", {"math": [3]})


def _scores(root: Path) -> None:
    """Reviews whose cells are not as they should be."""
    result(root, "20260102_000000", "odd", "baseline", "/models/Odd-8B.gguf", [3.0])
    write(
        root,
        f"{REVIEWS}/odd_baseline_rescored.csv",
        HEADER
        + "math,t1_q1,3.0,3,Right, complete, and with commas that nobody quoted\n"
        + 'math,t1_q2,null,2,"Cut short, but quoted"\n'
        + "math,t1_q3,,3 - very good,A score that is no number\n"
        + "math,t1_q4,,2.5,Half a point\n"
        + "math,t1_q5,,,No score\n"
        + "math,t1_q6,N/A,7,Beyond the scale\n"
        + "math,t1_q7,None,-1,Below the scale\n"
        + "vl,t1_q1,1.0, 2 ,Blanks around the score\n"
        + "tool_compliance,t1_q1,1.0,3,A suite that the table does not have\n",
    )
    # 50 of 64 is 78.125 %: halves go to even, so 78.12.
    result(root, "20260102_000000", "even", "baseline", "/models/Even-9B.gguf", [3.0])
    review(root, "even_baseline", {"general": [2] * 50 + [1] * 14})
    # The score's column is missing: nothing was reviewed, which is not the same as nothing passed.
    result(root, "20260102_000000", "blind", "baseline", "/models/Blind-2B.gguf", [3.0])
    write(root, f"{REVIEWS}/blind_baseline.csv", "suite,question_id,score_reason\nmath,t1_q1,Nobody knows\n")
    # Another layout under a run's name: question, score and reason have no claude_score.
    result(root, "20260102_000000", "bare", "baseline", "/models/Bare-2B.gguf", [3.0])
    write(root, f"{REVIEWS}/bare_baseline.csv", "question_id,score,reason\nmath/t1_q1,3,Right\n")
    # Nothing was measured.
    result(root, "20260102_000000", "mute", "baseline", "/models/Mute-2B.gguf", [None, 0.0])


def _rows_of_experts(root: Path) -> None:
    """Fewer experts are a row of their own, with their own speculation and lookup."""
    path = "/models/Mixed-30B-00002-of-00002.gguf"
    for config, speed in (("baseline", 10.0), ("moe4", 14.0), ("moe4_spec_draft_small_k8", 17.0)):
        result(root, "20260102_000000", "mixed", config, path, [speed])
    result(root, "20260102_000000", "mixed", "moe4_lookup_n3", path, [15.0])
    result(root, "20260102_000000", "mixed", "lookup_n3", path, [11.0])
    result(root, "20260102_000000", "mixed", "moe12", path, [9.0])
    review(root, "mixed_moe4_rescored", {"coder": [2, 1], "vl": [3]})
    review(root, "mixed_baseline", {"coder": [2, 2]})


def _what_never_counts(root: Path) -> None:
    """A snapshot of the reviews, lists where objects should be, and results outside a run directory."""
    result(root, "20260102_000000", "plain", "baseline", "/models/Plain-3B.gguf", [2.0])
    review(root, "plain_baseline", {"math": [0, 3]})
    write(root, f"{REVIEWS}/backup_20260101/plain_baseline_rescored.csv", HEADER + "math,t1_q1,1.0,3,Old\n")
    write(root, f"{RUNS}/requery/results.json", json.dumps([{"id": 1, "tokens_per_second": 5.0}]))
    write(root, f"{RUNS}/20260102_000000/coverage.json", json.dumps({"total": 3, "covered": 2}))
    write(root, f"{RUNS}/20260102_000000/general_plain.json", json.dumps({"t1_q1": {"plain": "an answer"}}))
    # A copy of the record inside it: its run is as good as any, its reviews judge only its own runs.
    result(root, "20260102_000000", "copied", "baseline", "/models/Copied-3B.gguf", [2.0], below="old/")
    review(root, "copied_baseline_rescored", {"math": [3, 3]})
    review(root, "copied_baseline", {"math": [3, 3, 3, 3]})
    review(root, "copied_baseline", {"math": [3, 0, 0]}, below="old/")


def _aliased(root: Path) -> None:
    result(root, "20260102_000000", "elder", "baseline", "/models/Elder-70B.gguf", [1.5])
    review(root, "elder_baseline", {"math": [3, 3], "general": [3]})
    review(root, "elder_by_hand_rescored", {"math": [3, 0]})
    review(root, "lost_moe4_rescored", {"math": [2, 2, 0]})
    write(
        root,
        f"{REVIEWS}/stack_of_march.csv",
        "suite,question_id,tier,latency_ms,claude_score,score_reason\nagentic,t1_q1,1,2500,2,Good\nagentic,t1_q2,1,90,0,No\n",
    )


def _suspects(root: Path) -> None:
    """Speeds beyond what memory and speculation allow, an acceptance that is no ratio, and a claim of the registry."""
    path = "/models/Wild-9B.gguf"
    # 60 GB at 537.6 GB/s are 8.96 tokens per second.
    result(root, "20260102_000000", "wild", "baseline", path, [2.0, 2.0, 8.9, 9.0])
    # At most five tokens a step: five times the baseline's median of 5.45.
    result(root, "20260102_000000", "wild", "spec_draft_tiny_k4", path, [27.3], acceptance_rate=4.5)
    result(root, "20260102_000000", "wild", "spec_draft_tiny_k8", path, [27.3], acceptance_rate=0.5)
    write(
        root,
        "orchestration/model_registry.yaml",
        """runtime_defaults: {threads: 96}
roles:
  wild:
    tier: C
    description: Quick, it says
    model: {name: Wild, path: wild/Wild-9B.gguf, quant: Q8_0, size_gb: 60.0, architecture: dense}
    acceleration: {type: speculative_decoding, k: 4, draft_role: draft_tiny}
    performance: {baseline_tps: 5.4, optimized_tps: 302.0, speedup: 55.9x}
  swift:
    tier: C
    description: Now another model
    model: {name: Newer, path: newer/Newer-8B.gguf, quant: Q4_K_M, size_gb: 5.0, architecture: dense}
""",
    )


def _committed(root: Path) -> None:
    """The hand-kept table: rows of each width, and a fault of each kind."""
    speeds = ["small", "17.0", "k8:17.0", "15.0", "n3:15.0"]
    lines = [
        _line("Shared-32B-Q4", {"general": "1/1", "math": "2/5"}, "3/6", "50%†", "6.0", with_vl=False),
        _line("Mixed-30B_moe4", {"coder": "1/2", "vl": "1/1"}, "2/3", "67%†", "14.0", speeds),
        _line("Elder-70B", {"math": "1/2"}, "2/3", "60%†", "1.5", note="Kept by hand, in haste"),
        _line("Swift-7B", {}, "0/0", "0%†", "424.2", ["peak", "23.5", "k4:23.6", "12.7", ""], with_vl=False),
        _line("STACK_OF_MARCH", {"agentic": "24/30", "coder": "27/33"}, "51/63", "81%", "-"),
        _line("Odd-8B", {"math": "13/40"}, "13/40", "33%†", "3.0"),
        _line("Even-9B", {"math": "1/2"}, "1/2", "50%", "3.0"),
        _line("Plain-3B", {"general": "50/64"}, "50/64", "78%", "2.0"),
        _line("unknown", {}, "0/0", "0%", "0.0", with_vl=False),
        _line("Gone-1B", {"thinking": "1/2"}, "1/2", "50%†", "7.5"),
        _line("Mute-2B", {"thinking": "oops", "math": "1/4"}, "1/4", "25%", ""),
        _line("Copied-3B", {"math": "1/3"}, "1/3", "33%", "2.0", with_vl=False, note="Old"),
    ]
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([SUMMARY_COLUMNS, *lines])
    write(root, f"{REVIEWS}/summary.csv", file.getvalue())


def _line(
    model: str,
    suites: Mapping[str, str],
    total: str,
    pct: str,
    tps: str,
    speeds: Sequence[str] = ("",) * 5,
    *,
    with_vl: bool = True,
    note: str | None = None,
) -> list[str]:
    """A row of the hand-kept table: without vl it has one cell less, with a note one more."""
    names = [each for each in SUITES if with_vl or each != "vl"]
    cells = [model, *(suites.get(each, "-") for each in names), total, pct, tps, *speeds, "", ""]
    return cells if note is None else [*cells, note]
