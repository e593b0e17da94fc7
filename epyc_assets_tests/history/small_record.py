"""A small record of every format, written by hand: what tests corrupt, import and import again.

Here: the files, as a path and bytes each. Not here: what the importers make of them (the tests of each).
"""

from __future__ import annotations

import json
import sqlite3
import struct
import tempfile
import zlib
from pathlib import Path

MODELS = "/models/"


def small_record() -> dict[str, bytes]:
    """Path relative to the record's root, to contents."""
    files: dict[str, bytes] = {}
    runs = "benchmarks/results/runs/"
    for role, config, tps in (
        ("planner", "baseline", 4.0),
        ("planner", "moe4", 6.0),
        ("planner", "spec_draft_small_k8", 9.5),
        ("planner", "lookup_n3", 7.3),
        ("coder", "baseline", 11.0),
    ):
        files[f"{runs}20260101_120000/{role}_{config}.json"] = _result(role, config, tps)
    files[f"{runs}20260101_120000/metadata.json"] = _json(
        {
            "run_id": "20260101_120000",
            "timestamp": "2026-01-01T12:00:00",
            "system": {"hostname": "bench", "cpu": "Some CPU", "ram": "1.1Ti"},
            "llama_cpp": {"version": "7404", "commit": "abcdef0"},
            "prompt_version": "v1",
            "benchmark_version": "2",
            "domains_processed": 2,
        }
    )
    files[f"{runs}20260101_110000/math/Small-7B_baseline_t1_q1_sum.txt"] = LOG.encode()
    files[f"{runs}20260101_110000/math/Small-7B_baseline_t1_q2_sum.txt"] = LOG.encode()
    files[f"{runs}20260101_110000/math/Small-7B_baseline_t1_q3_sum.txt"] = (
        b"timeout: failed to run command 'OMP_NUM_THREADS=1': No such file or directory\n"
    )
    files[f"{runs}20260101_110000/math/Small-7B_baseline_t1_q4_sum.txt"] = LOG.encode() + b"\xff\xfe caf\xe9\n"
    reviews = "benchmarks/results/reviews/"
    head = "suite,question_id,tokens_per_second,claude_score,score_reason\r\n"
    files[f"{reviews}planner_baseline.csv"] = (
        head + "math,t1_q1,4.0,3,Right and explained\r\nmath,t1_q2,,1,Wrong, and then wrong again\r\n"
    ).encode()
    files[f"{reviews}planner_baseline_rescored.csv"] = (
        head + "math,t1_q1,4.0,2,Cut short\r\nmath,t1_q2,null,0,Empty\r\n"
    ).encode()
    files[f"{reviews}backup_20260101/planner_baseline.csv"] = files[f"{reviews}planner_baseline.csv"]
    files[f"{reviews}general_relative_scores.csv"] = (
        b"model,question_id,score,score_reason\nSmall-7B,t1_q1,7,Better than most\nOther-8B,t1_q1,4,Plain\n"
    )
    files["benchmarks/results/eval/3way_20260201_010101.jsonl"] = b"".join(_routing(n) for n in range(3))
    files["benchmarks/results/eval/seen_questions.jsonl"] = b"".join(
        json.dumps(
            {"prompt_id": f"p{n}", "suite": "math", "timestamp": "2026-02-01T01:01:01+00:00", "session": "s"}
        ).encode()
        + b"\n"
        for n in range(4)
    )
    files["benchmarks/results/scores.jsonl"] = b""
    files["benchmarks/results/orchestrator/comparison_math_20260201_010101.json"] = _json(_comparison())
    files["benchmarks/root_workload/ab/0.1/0.1_20260201_010101/raw_events.ndjson"] = b"".join(
        json.dumps(_event(n)).encode() + b"\n" for n in range(5)
    )
    files["benchmarks/prompts/v1/math.yaml"] = PROMPTS.encode()
    files["benchmarks/evidence/20260101_010101/medium_speed.txt"] = LLAMA_BENCH.encode()
    files["benchmarks/images/vl/dot.png"] = _png()
    files["benchmarks/README.md"] = b"# Notes\n\nA line of text.\n"
    files["orchestration/model_registry.yaml"] = REGISTRY.encode()
    files["orchestration/optuna_study.db"] = _optuna()
    return files


def write_record(root: Path, files: dict[str, bytes] | None = None) -> Path:
    """Writes the files below root and returns it."""
    for path, data in (files if files is not None else small_record()).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return root


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2).encode()


def _result(role: str, config: str, tps: float) -> bytes:
    def question(question_id: str, factor: float) -> dict[str, object]:
        return {
            "question_id": question_id,
            "prompt": "How much is one and one?",
            "response": "How much is one and one? Two. [end of text]",
            "tokens_per_second": tps * factor,
            "prompt_tokens": 8,
            "completion_tokens": 20,
            "total_time_ms": 20 / (tps * factor) * 1000,
            "algorithmic_score": 1,
            "score_reason": "none",
            "acceptance_rate": None,
        }

    questions = {"t1_q1": question("t1_q1", 1.0), "t1_q2": question("t1_q2", 1.1)}
    results = (
        {"speed_test": {"speed_measurement": question("speed_measurement", 1)}}
        if "_" in config
        else {"math": questions}
    )
    return _json(
        {
            "model_role": role,
            "model_path": f"{MODELS}{'Small-7B-Q4' if role == 'planner' else 'Code-3B-Q8'}-00001-of-00002.gguf",
            "config_name": config,
            "run_id": "20260101_120000",
            "timestamp": "2026-01-01T12:34:56.789",
            "results": results,
            "summary": {
                "avg_tokens_per_second": tps,
                "avg_algorithmic_score": 1.0,
                "questions_tested": 2,
                "questions_passed": 0,
            },
        }
    )


def _routing(number: int) -> bytes:
    def outcome(passed: bool, error_type: str) -> dict[str, object]:
        return {
            "role": "frontdoor",
            "mode": "direct",
            "passed": passed,
            "elapsed_seconds": 2.5,
            "tokens_generated": 30,
            "error_type": error_type,
            "something_new": [1, 2],
        }

    record = {
        "suite": "math",
        "question_id": f"q{number}",
        "prompt": "One and one?",
        "expected": "2",
        "timestamp": "2026-02-01T01:01:01.5+00:00",
        "role_results": {"frontdoor:direct": outcome(True, "none"), "frontdoor:repl": outcome(False, "infrastructure")},
        "rewards": {"SELF:direct": 1.0, "SELF:repl": 0.0},
        "metadata": {"all_infra": False},
        "rewards_injected": 2,
    }
    return json.dumps(record).encode() + b"\n"


def _comparison() -> dict[str, object]:
    return {
        "suite": "math",
        "prompts_compared": 1,
        "avg_speedup": 0,
        "avg_orchestrator_latency_ms": 900.0,
        "avg_turns": 1.0,
        "quality_pass_rate": 1.0,
        "quality_errors": 0,
        "routing_distribution": {"frontdoor": 1},
        "results": [
            {
                "prompt_id": "t1_q1",
                "suite": "math",
                "tier": 1,
                "direct_answer": "",
                "direct_latency_ms": 0,
                "direct_score": 0,
                "orchestrator_answer": "2",
                "orchestrator_latency_ms": 900.0,
                "orchestrator_turns": 1,
                "orchestrator_routed_to": "frontdoor",
                "speedup": 0,
                "quality_match": True,
            }
        ],
        "timestamp": "2026-02-01T01:01:01",
    }


def _event(number: int) -> dict[str, object]:
    return {
        "timestamp": "2026-02-22T00:40:20Z",
        "optimization_id": "0.1",
        "environment": "codex",
        "arm": "AB"[number % 2],
        "task_id": f"task_{number}",
        "task_class": "short",
        "latency_s": 1.5,
        "cost": 0.01,
        "quality_pass": True,
        "quality_mode": "auto",
        "quality_review_required": False,
        "manual_intervention": False,
    }


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 3, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x01\x02" * 3)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _optuna() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.db"
        connection = sqlite3.connect(path)
        connection.executescript(
            """
            CREATE TABLE version_info (version_info_id INTEGER PRIMARY KEY, schema_version INTEGER, library_version VARCHAR);
            INSERT INTO version_info VALUES (1, 12, '4.6.0');
            CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name VARCHAR);
            INSERT INTO studies VALUES (1, 'threads');
            CREATE TABLE study_directions (study_direction_id INTEGER PRIMARY KEY, direction VARCHAR, study_id INTEGER, objective INTEGER);
            INSERT INTO study_directions VALUES (1, 'MAXIMIZE', 1, 0);
            CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR, datetime_start DATETIME, datetime_complete DATETIME);
            INSERT INTO trials VALUES (1, 0, 1, 'COMPLETE', '2026-01-01 01:02:03.000004', '2026-01-01 01:02:05');
            CREATE TABLE trial_params (param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name VARCHAR, param_value FLOAT, distribution_json TEXT);
            INSERT INTO trial_params VALUES (1, 1, 'threads', 48, '{"name": "IntDistribution", "attributes": {"low": 1, "high": 96}}');
            CREATE TABLE trial_values (trial_value_id INTEGER PRIMARY KEY, trial_id INTEGER, objective INTEGER, value FLOAT, value_type VARCHAR);
            INSERT INTO trial_values VALUES (1, 1, 0, 12.5, 'FINITE');
            CREATE TABLE trial_user_attributes (trial_user_attribute_id INTEGER PRIMARY KEY, trial_id INTEGER, key VARCHAR, value_json TEXT);
            INSERT INTO trial_user_attributes VALUES (1, 1, 'note', '"quiet machine"');
            CREATE TABLE trial_system_attributes (trial_system_attribute_id INTEGER PRIMARY KEY, trial_id INTEGER, key VARCHAR, value_json TEXT);
            CREATE TABLE study_user_attributes (study_user_attribute_id INTEGER PRIMARY KEY, study_id INTEGER, key VARCHAR, value_json TEXT);
            CREATE TABLE study_system_attributes (study_system_attribute_id INTEGER PRIMARY KEY, study_id INTEGER, key VARCHAR, value_json TEXT);
            CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER PRIMARY KEY, trial_id INTEGER, step INTEGER, intermediate_value FLOAT, intermediate_value_type VARCHAR);
            CREATE TABLE trial_heartbeats (trial_heartbeat_id INTEGER PRIMARY KEY, trial_id INTEGER, heartbeat DATETIME);
            CREATE TABLE alembic_version (version_num VARCHAR);
            INSERT INTO alembic_version VALUES ('v3.2.0.a');
            """  # noqa: E501
        )
        connection.commit()
        connection.close()
        return path.read_bytes()


LOG = """\
build: 7404 (52392291b) with cc (Debian 12) 12.2.0 for x86_64-linux-gnu
llama_model_loader: loaded meta data with 34 key-value pairs and 339 tensors from /models/Small-7B-Q4_K_M.gguf (version GGUF V3 (latest))
llama_model_loader: - kv   0:                       general.architecture str              = qwen2
llama_model_loader: - kv   2:                               general.name str              = Small 7B
print_info: file type   = Q4_K - Medium
print_info: file size   = 4.36 GiB (4.91 BPW)
print_info: model params     = 7.62 B
One and one is two.

common_perf_print:    sampling time =       3.00 ms
common_perf_print:        load time =    2000.00 ms
common_perf_print: prompt eval time =     100.00 ms /    10 tokens (   10.00 ms per token,   100.00 tokens per second)
common_perf_print:        eval time =    2000.00 ms /    40 runs   (   50.00 ms per token,    20.00 tokens per second)
common_perf_print:       total time =    2200.00 ms /    50 tokens
"""  # noqa: E501

LLAMA_BENCH = """\
\x1b[1mround one\x1b[0m
| model                  |       size |     params | backend    | threads |            test |                  t/s |
| ---------------------- | ---------: | ---------: | ---------- | ------: | --------------: | -------------------: |
| qwen2 7B Q4_K - Medium |   4.36 GiB |     7.62 B | CPU        |      96 |           pp512 |        412.10 ± 3.20 |
| qwen2 7B Q4_K - Medium |   4.36 GiB |     7.62 B | CPU        |      96 |           tg128 |         21.50 ± 0.10 |

build: 52392291b (7404)
"""

PROMPTS = """\
suite: math
version: 1
prompts:
  t1_q1:
    tier: 1
    name: A sum
    prompt: How much is one and one?
    expected: "2"
    reference_answer: Two.
    scoring:
      - 3: right and explained
  t1_q2:
    tier: 1
    name: Another sum
    prompt: How much is two and two?
    expected: "4"
    reference_answer: Four.
    scoring:
      - 3: right and explained
"""

REGISTRY = """\
runtime_defaults:
  threads: 96
roles:
  planner:
    tier: B
    description: Plans.
    model: {name: Small-7B-Q4, path: /models/Small-7B-Q4-00001-of-00002.gguf, quant: Q4_K_M, size_gb: 4.4, architecture: dense}
    memory: {residency: warm, pinned: false}
    acceleration: {type: speculative_decoding, draft_role: draft_small, k: 8}
    performance: {baseline_tps: 4.0, optimized_tps: 9.5, speedup: 2.4x}
    constraints: {forbid: [eagle], reason: not supported}
  draft_small:
    tier: D
    description: Drafts.
    model: {name: Small-0.5B, path: /models/Small-0.5B.gguf, quant: Q8_0, size_gb: 0.5, architecture: dense}
    memory: {residency: hot, pinned: true}
    compatible_targets: [Small-7B]
runtime_quirks:
  small_models:
    - issue: talks too much
      workaround: ask for one word
deprecated_models:
  Old-3B:
    reason: weak
"""  # noqa: E501
