"""Records the noise of real speed rounds: the baseline of demo models, again and again, on this machine.

    python -m epyc_assets_tests.benchmarks.speed_noise OUT.json --condition WORD [--rounds N] [--models NAME ...]

The record is added to OUT.json, a list. condition: in a word, what the machine was like. On a machine that does other
work, `chrt --rr 1` before the command and `--pause-s 0.1` give the models a core to themselves; without the pauses the
kernel would stop such processes for 50 ms of every second.

Each round loads nothing: every model's session stays open, and in each round every model answers all its prompts twice,
once as "baseline" and once as "config", in shuffled order, with the same parameters. So the two differ by noise alone,
with the shared drift and the heavy tails that real rounds have. The rates of epyc_assets/statistics/speedup.py are
simulated from the file.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

from epyc_assets.defs.reading import fleet_speed_prompts
from epyc_assets.defs.scope import load_scope
from epyc_assets.inference.backend import GenerationRequest, SessionRequest
from epyc_assets.inference.config import LoadParameters
from epyc_assets.inference.llama_cpp import LlamaCppBackend, WorkerSession
from epyc_assets.suites.speed_prompts import SpeedPrompt
from epyc_assets_tests.models import shipped


def pass_tps(session: WorkerSession, prompts: Sequence[SpeedPrompt]) -> tuple[float, bool]:
    """Decoding speed over all prompts, tokens after the first summed over their time summed, and whether any answer
    was disturbed by other work on the machine."""
    tokens, seconds, contended = 0, 0.0, False
    for prompt in prompts:
        answer = session.generate(
            GenerationRequest(prompt.prompt, max_tokens=prompt.max_tokens, timeout_s=120, ignore_eos=True)
        )
        if answer.status != "ok" or not answer.generation_tps or not answer.generated_tokens:
            raise SystemExit(f"a prompt was not answered: {answer.status_reason}")
        tokens += answer.generated_tokens - 1
        seconds += (answer.generated_tokens - 1) / answer.generation_tps
        contended |= bool(answer.readings.get("contended"))
    return tokens / seconds, contended


def main() -> None:
    """Measures and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("out", type=Path)
    parser.add_argument("--condition", required=True)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--pause-s", type=float, default=0.0, help="rest before each pass")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--models", nargs="+", default=["demo-target", "demo-moe"])
    arguments = parser.parse_args()
    shuffle = random.Random(1)
    backend = LlamaCppBackend()
    parameters = LoadParameters(context_tokens=1024, threads=arguments.threads)
    sessions = {name: backend.open_session(SessionRequest(shipped(name), parameters)) for name in arguments.models}
    prompts = fleet_speed_prompts(load_scope("demo"))
    series: dict[str, dict[str, list[float]]] = {
        name: {"baseline": [], "config": [], "contended": []} for name in sessions
    }
    for number in range(arguments.rounds):
        for name, session in sessions.items():
            order = ["baseline", "config"]
            shuffle.shuffle(order)
            disturbed = False
            for which in order:
                time.sleep(arguments.pause_s)
                tps, contended = pass_tps(session, prompts)
                series[name][which].append(round(tps, 2))
                disturbed |= contended
            series[name]["contended"].append(int(disturbed))
        if number % 10 == 9:
            print(f"{number + 1} of {arguments.rounds} rounds", flush=True)
    facts = next(iter(sessions.values())).facts
    for session in sessions.values():
        session.close()
    record = {
        "condition": arguments.condition,
        "cpu_model": facts.cpu_model,
        "threads": arguments.threads,
        "unit": "generation tokens per second, all prompts of a round together",
        "models": series,
    }
    records = json.loads(arguments.out.read_text()) if arguments.out.exists() else []
    lines = [json.dumps(each, separators=(",", ":")) for each in [*records, record]]
    arguments.out.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
