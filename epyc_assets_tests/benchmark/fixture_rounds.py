"""Small real speed rounds over a shipped model, for tests; also run as a program so that they can be killed.

Usage: python -m epyc_assets_tests.benchmark.fixture_rounds JOURNAL
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from epyc_assets.benchmark.journal import Journal, read_journal
from epyc_assets.benchmark.journalled_session import Surroundings
from epyc_assets.benchmark.plan import ModelFile
from epyc_assets.benchmark.provenance import CodeProvenance
from epyc_assets.benchmark.rounds import MeasuringJob, RoundsOutcome, StopRule, run_rounds
from epyc_assets.benchmark.speed_records import LoadedSpeedJournal, load_speed_journal
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.config import BASELINE, Config, Lookup, Moe, Spec
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.registry.entries import Host, LoadParameters, Model
from epyc_assets.suites.speed_prompts import generated_prompts
from epyc_assets_tests.models import shipped

SPEC = Config(spec=Spec("demo-draft", 4))
MISMATCHED = Config(spec=Spec("demo-draft-mismatched", 4))
LOOKUP = Config(lookup=Lookup(3, 4))
FEW = Config(moe=Moe("qwen3moe", 1))
FEW_SPEC = Config(moe=Moe("qwen3moe", 1), spec=Spec("demo-draft", 4))
CONFIGS = (SPEC, MISMATCHED, LOOKUP)
PROMPTS = tuple(generated_prompts(per_kind=1))
THREE_ROUNDS = StopRule(least_rounds=3, most_rounds=3)


def model(name: str = "demo-target") -> Model:
    """A shipped model with a small context."""
    return Model(
        name=name,
        file=f"{name}.gguf",
        load_parameters=LoadParameters(context_tokens=256, threads=1),
        question_timeout_s=5.0,
    )


def run(
    journal: Path,
    configs: Sequence[Config] = CONFIGS,
    *,
    name: str = "demo-target",
    backend: Backend | None = None,
    stop: StopRule = THREE_ROUNDS,
    side_by_side: bool = True,
    files: Mapping[str, Path] | None = None,
) -> RoundsOutcome:
    """Measures, going on with what the journal holds. files: other ones than those that are shipped."""
    around = Surroundings(
        fleet="small",
        host=Host(name="here", default_threads=1, memory_bytes=2**34),
        files={
            each: ModelFile((files or {}).get(each) or shipped(each), "ab" * 32)
            for each in (name, "demo-draft", "demo-draft-mismatched", "demo-mamba")
        },
        backend=backend or LlamaCppBackend(),
        code=CodeProvenance("0" * 40, False, {"python": "3"}),
    )
    wanted = [BASELINE, *configs, *(config.without_speculation for config in configs)]
    keys = {config.config_id: f"key of {config.config_id}" for config in wanted}
    job = MeasuringJob(model(name), tuple(configs), keys, PROMPTS, side_by_side)
    earlier = read_journal(journal)
    with Journal(journal) as opened:
        return run_rounds(job, around, opened, earlier, stop=stop)


def loaded(journal: Path) -> LoadedSpeedJournal:
    """What a journal holds."""
    return load_speed_journal(read_journal(journal), journal.name)


if __name__ == "__main__":
    run(Path(sys.argv[1]), stop=StopRule(least_rounds=8, most_rounds=8))
