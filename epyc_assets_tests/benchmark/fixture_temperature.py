"""A small real temperature sweep over a shipped model, for tests; also run as a program so that it can be killed.

Usage: python -m epyc_assets_tests.benchmark.fixture_temperature JOURNAL
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from epyc_assets.benchmark.journal import Journal, read_journal
from epyc_assets.benchmark.journalled_session import Surroundings
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.provenance import CodeProvenance
from epyc_assets.benchmark.temperature_rounds import TemperatureJob, TemperatureOutcome, run_temperatures
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.config import BASELINE, Config
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.registry.entries import Host
from epyc_assets.suites.speed_prompts import generated_prompts
from epyc_assets_tests.benchmark.fixture_rounds import LOOKUP, MISMATCHED, SPEC, model
from epyc_assets_tests.models import shipped

CONFIGS = (BASELINE, SPEC, LOOKUP)
PROMPTS = tuple(generated_prompts(per_kind=2))
TEMPERATURES = (0.0, 1.3)
SEEDS = (1, 2, 3)


def run(
    journal: Path,
    *,
    configs: Sequence[Config] = CONFIGS,
    name: str = "demo-target",
    temperatures: Sequence[float] = TEMPERATURES,
    seeds: Sequence[int] = SEEDS,
    backend: Backend | None = None,
    again: bool = False,
) -> TemperatureOutcome:
    """Measures, going on with what the journal holds."""
    around = Surroundings(
        fleet="small",
        host=Host(name="here", default_threads=1, memory_bytes=2**34),
        files={each: ModelFile(shipped(each), "ab" * 32) for each in (name, "demo-draft", "demo-draft-mismatched")},
        backend=backend or LlamaCppBackend(),
        code=CodeProvenance("0" * 40, False, {"python": "3"}),
    )
    keys = {config.config_id: f"key of {config.config_id}" for config in configs}
    job = TemperatureJob(model(name), tuple(configs), keys, PROMPTS, tuple(temperatures), tuple(seeds))
    earlier = read_journal(journal)
    with Journal(journal) as opened:
        return run_temperatures(job, around, opened, earlier, again=again)


if __name__ == "__main__":
    run(Path(sys.argv[1]), configs=(*CONFIGS, MISMATCHED), seeds=SEEDS[:2])
