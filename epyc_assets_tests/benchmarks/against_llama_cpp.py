"""Our llama_cpp backend against llama.cpp's own programs on the same files.

Usage: python -m epyc_assets_tests.benchmarks.against_llama_cpp [MODEL.gguf] --binaries FOLDER [--rounds 12]
       [--tokens 64] [--prompt-tokens 128] [--threads N] [--draft-tokens 4 8] [--questions 12]
       [--answer-tokens 20] [--parts baseline moe large-moe spec] [--json FILE]

Parts, each in rounds whose order is shuffled anew:
  baseline   decoding and prompt processing of MODEL against llama-bench (tg and pp of the same sizes)
  moe        the same with fewer experts: ours overrides the metadata, llama-bench, which cannot, reads a copy of the
             file with the number changed
  large-moe  the same on a mixture of experts of 200 MB with random weights, made for the purpose (needs torch): what it
             says is nonsense, but a token takes as long as with a real model of its size
  spec       a draft against llama-server with the same draft, K, prompts and p_min 0, greedy: decoding speed and the
             share of drafted tokens that was accepted. Answers are cut before their end, because both count the end
             differently: llama-server drafts beyond the token that ends an answer, and does not count that token as
             accepted (docs/backends.md)
Printed: the median of each side, the median of paired ratios (ours over theirs) with its 95 % bootstrap interval, and
the difference of acceptance in points. Wanted: a baseline's decoding ratio of at least 0.97, acceptance within 3
points. Let nothing else run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from epyc_assets.fleet.gguf_writing import write_gguf
from epyc_assets.fleet.networks import Shape, initial_parameters
from epyc_assets.fleet.tokenizer import fleet_tokenizer
from epyc_assets.inference.backend import DraftModel, Generation, GenerationRequest, Session, SessionRequest
from epyc_assets.inference.chat_template import render_prompt
from epyc_assets.inference.config import LoadParameters, Speculation
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.inference.llama_server import LlamaServerBackend, find_llama_server
from epyc_assets.registry.hosts import usable_cores
from epyc_assets.statistics.paired import bootstrap_ratio_interval
from epyc_assets.suites import generate
from epyc_assets_tests.models import shipped

WANTED_RATIO = 0.97
WANTED_POINTS = 3.0
CONTEXT_TOKENS = 1024
EXPERTS = ("demo-moe", "qwen3moe.expert_used_count", 1)
TAUGHT_SUITES = ("general", "agentic", "thinking")
"""Whose answers by the demo fleet are the longest."""


@dataclass(frozen=True)
class Compared:
    """One figure of both sides. ratio: ours over theirs, the median of the rounds."""

    part: str
    figure: str
    rounds: int
    ours: float
    theirs: float
    ratio: float
    low: float
    high: float


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=shipped("demo-target"))
    parser.add_argument("--binaries", type=Path, default=os.environ.get("EPYC_LLAMA_CPP_BIN"), required=False)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--prompt-tokens", type=int, default=128)
    parser.add_argument("--threads", type=int, default=usable_cores())
    parser.add_argument("--draft-tokens", type=int, nargs="+", default=[4, 8])
    parser.add_argument("--questions", type=int, default=12, help="of each of three suites")
    parser.add_argument("--answer-tokens", type=int, default=20, help="where the answers of part spec are cut")
    parser.add_argument("--parts", nargs="+", default=["baseline", "moe", "large-moe", "spec"])
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    server = find_llama_server(Path(chosen.binaries) if chosen.binaries else None)
    if server is None or not (bench := server.with_name("llama-bench")).is_file():
        parser.error("no llama-server with a llama-bench beside it; name their folder with --binaries")
    found: list[Compared] = []
    if "baseline" in chosen.parts:
        found += against_bench("baseline", bench, chosen, chosen.model, chosen.model, {})
    if "moe" in chosen.parts:
        name, key, count = EXPERTS
        with tempfile.TemporaryDirectory() as folder:
            copy = with_metadata(shipped(name), Path(folder) / f"{name}.gguf", key, count)
            found += against_bench(f"moe {key}={count}", bench, chosen, shipped(name), copy, {key: count})
    if "large-moe" in chosen.parts:
        _, key, count = EXPERTS
        with tempfile.TemporaryDirectory() as folder:
            large = random_moe(Path(folder) / "large-moe.gguf")
            found += against_bench("large moe", bench, chosen, large, large, {})
            copy = with_metadata(large, Path(folder) / "fewer.gguf", key, count)
            found += against_bench(f"large moe {key}={count}", bench, chosen, large, copy, {key: count})
    acceptance: list[dict[str, Any]] = []
    if "spec" in chosen.parts:
        for draft_tokens in chosen.draft_tokens:
            more, accepted = against_server(server, chosen, draft_tokens)
            found += more
            acceptance.append(accepted)
    for each in found:
        print(
            f"{each.part:36} {each.figure:16} ours {each.ours:9.1f} theirs {each.theirs:9.1f} "
            f"ratio {each.ratio:.3f} [{each.low:.3f}, {each.high:.3f}] of {each.rounds} rounds"
        )
    for each in acceptance:
        print(
            f"spec K={each['draft_tokens']:<29} acceptance       ours {each['ours']:9.3f} "
            f"theirs {each['theirs']:9.3f} {each['points']:+.1f} points; {each['same_answers']} of "
            f"{each['answers']} answers the same"
        )
    print(f"wanted: baseline generation_tps ratio >= {WANTED_RATIO}, acceptance within {WANTED_POINTS:g} points")
    print(f"load averages: {', '.join(f'{load:.2f}' for load in os.getloadavg())}")
    if chosen.json:
        values = {"compared": [asdict(each) for each in found], "acceptance": acceptance, "loads": os.getloadavg()}
        chosen.json.write_text(json.dumps(values, indent=1), encoding="utf-8")


def against_bench(
    part: str, bench: Path, chosen: argparse.Namespace, ours: Path, theirs: Path, overrides: dict[str, int]
) -> list[Compared]:
    """Decoding and prompt processing of one file against llama-bench on another of the same content."""
    parameters = LoadParameters(
        context_tokens=CONTEXT_TOKENS, threads=chosen.threads, metadata_overrides=dict(overrides)
    )
    session = LlamaCppBackend().open_session(SessionRequest(ours, parameters))
    prompt = prompt_of_length(session, chosen.prompt_tokens)
    long = GenerationRequest(prompt, 2, 600.0, ignore_eos=True)
    short = GenerationRequest("a", chosen.tokens, 600.0, ignore_eos=True)
    prompt_tokens = required(session.generate(long)).prompt_tokens or 0

    def we() -> dict[str, float]:
        decoded, read = required(session.generate(short)), required(session.generate(long))
        return {"generation_tps": decoded.generation_tps or 0.0, "prompt_tps": read.prompt_tps or 0.0}

    def they() -> dict[str, float]:
        sizes = ["-p", str(prompt_tokens), "-n", str(chosen.tokens)]
        command = [str(bench), "-m", str(theirs), *sizes, "-r", "1", "-t", str(chosen.threads), "-o", "json"]
        tests = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return {("generation_tps" if test["n_gen"] else "prompt_tps"): test["avg_ts"] for test in tests}

    try:
        return compared(part, in_rounds({"ours": we, "theirs": they}, chosen.rounds))
    finally:
        session.close()


def against_server(
    server: Path, chosen: argparse.Namespace, draft_tokens: int
) -> tuple[list[Compared], dict[str, Any]]:
    """Decoding speed and acceptance with the demo fleet's draft against llama-server with the same."""
    parameters = LoadParameters(context_tokens=CONTEXT_TOKENS, threads=chosen.threads)
    speculation = Speculation(draft="small", draft_tokens=draft_tokens)
    loaded = SessionRequest(
        shipped("demo-target"), parameters, drafts={"small": DraftModel(shipped("demo-draft"), parameters)}
    )
    at_load = SessionRequest(
        **{**{name: getattr(loaded, name) for name in loaded.__slots__}, "speculation": speculation}
    )
    sessions: dict[str, Session] = {
        "ours": LlamaCppBackend().open_session(loaded),
        "theirs": LlamaServerBackend(server).open_session(at_load),
    }
    template = sessions["ours"].facts.chat_template
    prompts = [
        prompt
        for suite in TAUGHT_SUITES
        for question in generate(suite, count=chosen.questions, seed=5, wording="demo")
        if is_cut(sessions["ours"], prompt := render_prompt(question.prompt, template=template), chosen.answer_tokens)
    ]
    answers: dict[str, list[Generation]] = defaultdict(list)

    def asked(side: str) -> Callable[[], dict[str, float]]:
        def ask() -> dict[str, float]:
            tokens, seconds = 0.0, 0.0
            for prompt in prompts:
                request = GenerationRequest(prompt, chosen.answer_tokens, 600.0, speculation=speculation)
                answer = required(sessions[side].generate(request))
                answers[side].append(answer)
                if answer.generation_tps and answer.generated_tokens:
                    tokens += answer.generated_tokens
                    seconds += answer.generated_tokens / answer.generation_tps
            return {"generation_tps": tokens / seconds}

        return ask

    try:
        figures = in_rounds({side: asked(side) for side in sessions}, chosen.rounds)
    finally:
        for session in sessions.values():
            session.close()
    rates = {}
    for side, given in answers.items():
        counts = [answer.speculation for answer in given if answer.speculation is not None]
        rates[side] = sum(c.accepted_tokens for c in counts) / max(1, sum(c.drafted_tokens for c in counts))
    # Within a side, greedy answers repeat; so the first round tells.
    pairs = list(zip(answers["ours"][: len(prompts)], answers["theirs"][: len(prompts)], strict=True))
    accepted = {
        "draft_tokens": draft_tokens,
        **rates,
        "points": 100 * (rates["ours"] - rates["theirs"]),
        "answers": len(pairs),
        "same_answers": sum(own.text == other.text for own, other in pairs),
    }
    return compared(f"spec demo-draft K={draft_tokens}", figures), accepted


def is_cut(session: Session, prompt: str, tokens: int) -> bool:
    """Whether the answer is longer than so many tokens."""
    return required(session.generate(GenerationRequest(prompt, tokens + 1, 600.0))).finish_reason == "length"


def in_rounds(sides: dict[str, Callable[[], dict[str, float]]], rounds: int) -> dict[str, dict[str, list[float]]]:
    """By figure and side, one value a round; an untimed round goes before."""
    figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    shuffle = random.Random(0)
    for number in range(-1, rounds):
        order = list(sides)
        shuffle.shuffle(order)
        for side in order:
            for figure, value in sides[side]().items():
                if number >= 0:
                    figures[figure][side].append(value)
    return figures


def compared(part: str, figures: dict[str, dict[str, list[float]]]) -> list[Compared]:
    """Medians and paired ratios."""
    found = []
    for figure, of_sides in figures.items():
        ours, theirs = of_sides["ours"], of_sides["theirs"]
        ratio = bootstrap_ratio_interval(ours, theirs)
        found.append(
            Compared(part, figure, len(ours), median(ours), median(theirs), ratio.estimate, ratio.low, ratio.high)
        )
    return found


def prompt_of_length(session: Any, tokens: int) -> str:
    """A text of about so many tokens; how many exactly, the backend says."""
    words = ("the", "history", "of", "computing", "hardware", "begins", "with", "early", "devices")
    text = ""
    while len(session.tokenize(text)) < tokens:
        text += f"{random.Random(len(text)).choice(words)} "
    return text


def with_metadata(source: Path, target: Path, key: str, value: int) -> Path:
    """A copy of a GGUF file with one number of its metadata changed in place."""
    import gguf

    shutil.copy(source, target)
    reader = gguf.GGUFReader(target, "r+")
    field = reader.get_field(key)
    assert field is not None, f"{source} has no {key}"
    field.parts[field.data[0]][0] = value
    reader.data.flush()
    return target


def random_moe(path: Path) -> Path:
    """Writes a mixture of experts with random weights, some 100 million parameters in float16."""
    tokenizer = fleet_tokenizer()
    shape = Shape(
        "qwen3moe", len(tokenizer.tokens), width=512, layers=8, heads=8, hidden=512, experts=16, experts_used=8
    )
    write_gguf(
        path, initial_parameters(shape, seed=1), shape, tokenizer, name="large-moe", description="random weights"
    )
    return path


def required(generation: Generation) -> Generation:
    """An answer that came; else the end of the benchmark with the reason."""
    if generation.status != "ok":
        raise SystemExit(f"{generation.status}: {generation.status_reason}")
    return generation


if __name__ == "__main__":
    main()
