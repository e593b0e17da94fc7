"""A small real sweep over one shipped model, for tests; also run as a program so that it can be killed.

Usage: python -m epyc_assets_tests.benchmark.fixture_sweep JOURNAL [LAUNCH PREFIX...]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from epyc_assets.benchmark.journal import read_journal
from epyc_assets.benchmark.plan import ModelFile, Plan, build_plan
from epyc_assets.benchmark.provenance import CodeProvenance
from epyc_assets.benchmark.records import answered_in
from epyc_assets.benchmark.sweep import SweepOutcome, run_sweep
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.registry.entries import Fleet, Host, LoadParameters, Model
from epyc_assets.suites.generation import generate
from epyc_assets.suites.question import Question
from epyc_assets_tests.models import shipped

MODEL = Model(
    name="demo-draft",
    file="demo-draft.gguf",
    load_parameters=LoadParameters(context_tokens=512, threads=1),
    question_timeout_s=5.0,
)
FLEET = Fleet(name="small", host="here", models={MODEL.name: MODEL})
HOST = Host(name="here", default_threads=1, memory_bytes=2**34)
CODE = CodeProvenance("0" * 40, False, {"python": "3"})


def questions(count: int = 12) -> list[Question]:
    """Questions of two suites."""
    return [
        *generate("math", count=count, seed=5, wording="demo"),
        *generate("thinking", count=count, seed=5, wording="demo"),
    ]


def files() -> dict[str, ModelFile]:
    """The model's file with a made-up content hash."""
    return {MODEL.name: ModelFile(shipped(MODEL.name), "ab" * 32)}


def plan(journal: Path, count: int = 12) -> Plan:
    """What is left to do according to the journal."""
    return build_plan(FLEET, HOST, questions(count), files(), answered_in(read_journal(journal)))


def run(journal: Path, launch_prefix: Sequence[str] = (), count: int = 12) -> SweepOutcome:
    """Does it."""
    return run_sweep(
        plan(journal, count).items,
        fleet=FLEET.name,
        host=HOST,
        files=files(),
        backend=LlamaCppBackend(launch_prefix),
        journal_path=lambda _: journal,
        code=CODE,
    )


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
