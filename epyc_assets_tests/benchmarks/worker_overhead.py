"""What the worker, its protocol and the journal cost: decoding speed against bare loops on the same tokens.

Usage: python -m epyc_assets_tests.benchmarks.worker_overhead MODEL.gguf [--rounds 12] [--tokens 64] [--threads N]

Three ways to generate the same greedy tokens, each in every round, in an order shuffled anew each round:
  sweep       run_sweep: worker process, line protocol, telemetry, journal with fsync; the speed is the journal's
              generation_tps
  bare        llama_decode and NumPy's argmax over the logits pointer in a plain loop in this process
  high_level  Llama.generate of llama-cpp-python at temperature 0
Printed: the median of each, the median of the paired ratios with its bootstrap interval, and decoding apart from
sampling. Let nothing else run meanwhile.
"""

from __future__ import annotations

import argparse
import ctypes
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from epyc_assets.benchmark.journal import read_journal
from epyc_assets.benchmark.plan import ModelFile, build_plan
from epyc_assets.benchmark.records import load_journal
from epyc_assets.benchmark.sweep import run_sweep
from epyc_assets.inference.backend import SessionRequest
from epyc_assets.inference.llama_cpp import LlamaCppBackend, WorkerSession
from epyc_assets.registry.entries import Fleet, Host, LoadParameters, Model
from epyc_assets.registry.hosts import usable_cores
from epyc_assets.statistics.paired import bootstrap_ratio_interval
from epyc_assets.suites.question import Question, content_key

PROMPT = (
    "The history of computing hardware covers the developments from early simple devices to aid calculation to "
    "modern day computers. Before the twentieth century, most calculations were done by humans."
)
CONTEXT_TOKENS = 512
Outcome = tuple[float, list[int]]


def question(tokens: int) -> Question:
    """The prompt as a question of a made-up suite."""
    key = content_key("general", PROMPT, "", "substring", {})
    return Question(key, "general", 1, PROMPT, "", "substring", {}, tokens, "benchmark", "1", 0, "test")


class KeptOpen(LlamaCppBackend):
    """Hands out one session again and again, so that rounds do not pay for loading."""

    def __init__(self) -> None:
        super().__init__()
        self._session: WorkerSession | None = None

    def open_session(self, request: SessionRequest) -> WorkerSession:
        if self._session is None:
            self._session = super().open_session(request)
            self.really_close = self._session.close
            self._session.close = lambda: None  # type: ignore[method-assign]
        return self._session


def sweep_arm(path: Path, threads: int, tokens: int) -> tuple[Callable[[], Outcome], Callable[[], Any], list[float]]:
    """One sweep of one question per call."""
    model = Model(
        name="measured",
        file="measured.gguf",
        prompt_format="raw",
        load_parameters=LoadParameters(context_tokens=CONTEXT_TOKENS, threads=threads),
    )
    fleet = Fleet(name="overhead", host="here", models={model.name: model})
    host = Host(name="here", default_threads=threads)
    files = {model.name: ModelFile(path, "0" * 64)}
    plan = build_plan(fleet, host, [question(tokens)], files)
    backend = KeptOpen()
    folder = tempfile.TemporaryDirectory()
    sampling_shares: list[float] = []
    calls = iter(range(10**6))

    def run() -> Outcome:
        journal = Path(folder.name) / f"{next(calls)}.jsonl"
        run_sweep(plan.items, fleet="overhead", host=host, files=files, backend=backend, journal_path=lambda _: journal)
        row = load_journal(read_journal(journal), "j").generations.row(0, named=True)
        assert row["status"] == "ok", row["status_reason"]
        sampling_shares.append(row["sampling_ms"] / (row["sampling_ms"] + row["decode_ms"]))
        return row["generation_tps"], row["token_ids"]

    return run, lambda: (backend.really_close(), folder.cleanup()), sampling_shares


def bare_arm(path: Path, threads: int, tokens: int) -> Callable[[], Outcome]:
    """llama_decode and argmax, nothing else."""
    import llama_cpp
    import numpy as np

    api: Any = llama_cpp
    model = api.llama_model_load_from_file(str(path).encode(), api.llama_model_default_params())
    params = api.llama_context_default_params()
    params.n_ctx = params.n_batch = CONTEXT_TOKENS
    params.n_threads = params.n_threads_batch = threads
    context = api.llama_init_from_model(model, params)
    vocabulary = api.llama_model_get_vocab(model)
    size = api.llama_vocab_n_tokens(vocabulary)
    raw = PROMPT.encode()
    buffer = (ctypes.c_int32 * 512)()
    count = api.llama_tokenize(vocabulary, raw, len(raw), buffer, 512, True, True)
    prompt = (ctypes.c_int32 * count)(*buffer[:count])
    one = (ctypes.c_int32 * 1)()
    batch = api.llama_batch_get_one(one, 1)

    def run() -> Outcome:
        api.llama_memory_clear(api.llama_get_memory(context), True)
        api.llama_decode(context, api.llama_batch_get_one(prompt, count))
        token = int(np.ctypeslib.as_array(api.llama_get_logits_ith(context, -1), shape=(size,)).argmax())
        found = [token]
        started = time.perf_counter_ns()
        for _ in range(tokens - 1):
            one[0] = token
            api.llama_decode(context, batch)
            token = int(np.ctypeslib.as_array(api.llama_get_logits_ith(context, -1), shape=(size,)).argmax())
            found.append(token)
        return (tokens - 1) / ((time.perf_counter_ns() - started) / 1e9), found

    return run


def high_level_arm(path: Path, threads: int, tokens: int) -> Callable[[], Outcome]:
    """Llama.generate."""
    from llama_cpp import Llama

    llama = Llama(
        str(path), n_ctx=CONTEXT_TOKENS, n_threads=threads, n_threads_batch=threads, verbose=False, flash_attn=True
    )
    prompt = llama.tokenize(PROMPT.encode(), special=True)

    def run() -> Outcome:
        llama.reset()
        stream = llama.generate(prompt, temp=0.0, repeat_penalty=1.0)
        found = [next(stream)]
        started = time.perf_counter_ns()
        found += [next(stream) for _ in range(tokens - 1)]
        return (tokens - 1) / ((time.perf_counter_ns() - started) / 1e9), found

    return run


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--threads", type=int, default=usable_cores())
    wanted = parser.parse_args()
    through_sweep, close, sampling = sweep_arm(wanted.model, wanted.threads, wanted.tokens)
    arms = {
        "sweep": through_sweep,
        "bare": bare_arm(wanted.model, wanted.threads, wanted.tokens),
        "high_level": high_level_arm(wanted.model, wanted.threads, wanted.tokens),
    }
    order = list(arms)
    shuffled = random.Random(1)
    speeds: dict[str, list[float]] = {name: [] for name in arms}
    for number in range(wanted.rounds + 1):
        shuffled.shuffle(order)
        outcomes = {name: arms[name]() for name in order}
        assert len({tuple(tokens) for _, tokens in outcomes.values()}) == 1, "the three ways gave different tokens"
        if number > 0:  # the first round warms up
            for name, (tps, _) in outcomes.items():
                speeds[name].append(tps)
    close()
    print(f"{wanted.model.name}, {wanted.threads} threads, {wanted.tokens} tokens, {wanted.rounds} rounds")
    for name, values in speeds.items():
        print(f"  {name:10} {median(values):8.1f} tokens per second (median)")
    for other in ("bare", "high_level"):
        ratio = bootstrap_ratio_interval(speeds["sweep"], speeds[other])
        print(
            f"  sweep / {other:10} {ratio.estimate:.4f}  [{ratio.low:.4f}, {ratio.high:.4f}]  (median of paired ratios)"
        )
    print(f"  sampling is {median(sampling):.2%} of decoding and sampling together")


if __name__ == "__main__":
    main()
