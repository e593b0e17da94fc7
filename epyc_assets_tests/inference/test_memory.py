"""The memory estimate against llama.cpp's own figures and against a real worker's peak."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys

import pytest

from epyc_assets.inference.backend import GenerationRequest, SessionRequest
from epyc_assets.inference.config import LoadParameters
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.inference.memory import MemoryNeed, memory_needed_bytes, memory_needed_together
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets_tests.models import shipped

MIB = 2**20

# Makes contexts as the worker does and lets llama.cpp print what it allocates for each.
PROGRAM = """
import sys, llama_cpp
from epyc_assets.inference.worker.native import NativeModel
for context, micro_batch, flash, kv_type in eval(sys.argv[2]):
    print("case", file=sys.stderr, flush=True)
    NativeModel(sys.argv[1], dict(context_tokens=context, threads=1, batch_tokens=2048, flash_attention=flash,
                                  micro_batch_tokens=micro_batch, kv_type=kv_type)).close()
"""
CASES = [
    (1024, 512, "auto", "f16"),
    (1024, 512, "off", "f16"),
    (8192, 512, "off", "f32"),
    (8192, 128, "on", "q8_0"),
    (4096, 2048, "on", "q4_0"),
]


@pytest.mark.parametrize("name", ["demo-target", "demo-moe", "demo-mamba"])
def test_the_parts_are_those_that_llama_cpp_allocates(name: str) -> None:
    facts = read_gguf_facts(shipped(name))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(shipped(name)), repr(CASES)], capture_output=True, text=True, check=True
    )
    told = done.stderr.split("\ncase\n") if done.stderr.startswith("case") else done.stderr.split("case\n")[1:]
    assert len(told) == len(CASES)
    for (context, micro_batch, flash, kv_type), log in zip(CASES, told, strict=True):
        need = memory_needed_bytes(
            facts,
            LoadParameters(
                context_tokens=context,
                batch_tokens=2048,
                micro_batch_tokens=micro_batch,
                flash_attention=flash,
                kv_type=kv_type,
            ),
        )
        kept = _printed(log, "KV") + _printed(log, "RS")
        compute = _printed(log, "compute")
        assert need.kv_bytes == pytest.approx(kept, abs=0.01 * MIB)
        assert compute <= need.compute_bytes
        assert need.compute_bytes == pytest.approx(compute, rel=0.1)


def _printed(log: str, kind: str) -> float:
    """Bytes of the buffers of a kind, as llama.cpp logs them (MiB with two decimals)."""
    return sum(float(size) * MIB for size in re.findall(rf" CPU {kind} buffer size = +([\d.]+) MiB", log))


def test_a_workers_peak_grows_by_the_cache_of_a_longer_context() -> None:
    facts = read_gguf_facts(shipped("demo-target"))
    peaks, needs = [], []
    for context in (65536, 131072):
        parameters = LoadParameters(context_tokens=context, threads=1)
        session = LlamaCppBackend().open_session(SessionRequest(shipped("demo-target"), parameters))
        assert session.generate(GenerationRequest("2 + 2", max_tokens=2, timeout_s=30)).status == "ok"
        session.close()
        assert session.peak_memory_bytes is not None
        peaks.append(session.peak_memory_bytes)
        needs.append(memory_needed_bytes(facts, parameters))
    grown = peaks[1] - peaks[0]
    assert grown >= 0.95 * (needs[1].kv_bytes - needs[0].kv_bytes)
    # Buffers of intermediate results are reserved for a whole micro-batch; a short prompt does not touch all of them.
    assert grown <= needs[1].total - needs[0].total
    assert needs[1].weights_bytes + needs[1].kv_bytes <= peaks[1] <= needs[1].total + 100 * MIB


def test_a_sliding_window_does_not_shrink_what_is_allocated() -> None:
    """llama-cpp-python allocates all blocks at the full context (swa_full)."""
    facts = read_gguf_facts(shipped("demo-target"))
    windowed = dataclasses.replace(facts, sliding_window=128, sliding_block_count=3)
    long = LoadParameters(context_tokens=8192)
    assert memory_needed_bytes(windowed, long).kv_bytes == memory_needed_bytes(facts, long).kv_bytes


def test_unset_parameters_are_those_of_the_worker_and_contexts_are_rounded_up() -> None:
    facts = read_gguf_facts(shipped("demo-target"))
    assert memory_needed_bytes(facts, LoadParameters()) == memory_needed_bytes(
        facts, LoadParameters(context_tokens=1024, batch_tokens=1024, micro_batch_tokens=512, kv_type="f16")
    )
    assert memory_needed_bytes(facts, LoadParameters(context_tokens=1025)).kv_bytes == 1280 * 4 * 4 * 64 * 2
    with pytest.raises(ValueError, match="KV type"):
        memory_needed_bytes(facts, LoadParameters(kv_type="q3"))


def test_models_in_one_process_need_the_sum_of_their_parts() -> None:
    needs = [MemoryNeed(10, 2, 1), MemoryNeed(5, 1, 1)]
    assert memory_needed_together(needs) == MemoryNeed(15, 3, 2)
    assert memory_needed_together(needs).total == 20
    assert memory_needed_together([]).total == 0
