"""Rows of the speed tables for tests: configs with planted speed-ups, agreement, quality and flags, and speed runs
with planted speeds."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from epyc_assets.benchmark.agreement import AGREEMENT_SCHEMA
from epyc_assets.benchmark.quality import CONFIG_QUALITY_SCHEMA, paired_verdicts
from epyc_assets.benchmark.speed import CONFIG_SPEED_SCHEMA
from epyc_assets.benchmark.speed_records import SPEED_RUN_SCHEMA
from epyc_assets.inference.config import Config, LoadParameters, Lookup, Moe, Spec, canonical_json

FLEET, MODEL, BACKEND = "f", "m", "llama_cpp"
SPEC = Config(spec=Spec("small", 8))
LOOKUP = Config(lookup=Lookup(3, 8))
FEW = Config(moe=Moe("qwen3moe", 2))
FEW_SPEC = Config(moe=Moe("qwen3moe", 2), spec=Spec("small", 8))
THREADS = Config(runtime=LoadParameters(threads=48))
START = datetime.fromisoformat("2026-03-01")
PHYSICS_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = dict.fromkeys(
    ("fleet", "model", "config_id", "backend", "prompt_kind", "flag", "flag_reason"), pl.String
)
KINDS = ("code", "prose")


def speed_row(config: Config, speedup: float | None = None, width: float = 0.02, **changes: Any) -> dict[str, Any]:
    """A row of config_speed over all kinds of prompt; speedup None for the baseline."""
    ends = {} if speedup is None else {"speedup_low": speedup - width, "speedup_high": speedup + width}
    return {
        **dict.fromkeys(CONFIG_SPEED_SCHEMA),
        "fleet": FLEET,
        "model": MODEL,
        "config_id": config.config_id,
        "backend": BACKEND,
        "prompt_kind": "all",
        "config": config.name,
        "technique": config.technique,
        "config_values": canonical_json(config.values()),
        "speed_key": f"key of {config.config_id}",
        "measurement_id": "first",
        "rounds": 8,
        "contended_rounds": 0,
        "used_rounds": 8,
        "enough_rounds": True,
        "generation_tps": 10.0 * (speedup or 1.0),
        "speedup": speedup,
        **ends,
        "figures_differ_runs": 0,
        "degenerate_runs": 0,
        "measured_at": START,
        **changes,
    }


def speed_frame(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=CONFIG_SPEED_SCHEMA)


def agreement_frame(kinds: Iterable[tuple[Config, Sequence[str]]], **changes: Any) -> pl.DataFrame:
    """Rows of token_agreement: one per kind given, in prompts p0, p1 ..."""
    rows = [
        {
            **dict.fromkeys(AGREEMENT_SCHEMA),
            "fleet": FLEET,
            "model": MODEL,
            "config_id": config.config_id,
            "backend": BACKEND,
            "prompt_id": f"p{place}",
            "speed_key": f"key of {config.config_id}",
            "reference_config_id": config.without_speculation.config_id,
            "compared_tokens": 64,
            "agreed_tokens": 64 if kind == "identical" else 10,
            "kind": kind,
            "runs": 8,
            "differing_runs": 0 if kind == "identical" else 8,
            **changes,
        }
        for config, found in kinds
        for place, kind in enumerate(found)
    ]
    return pl.DataFrame(rows, schema=AGREEMENT_SCHEMA)


def quality_frame(counts: Iterable[tuple[Config, tuple[int, int, int]]]) -> pl.DataFrame:
    """Rows of config_quality. counts: questions, passed by the config alone, passed by the baseline alone."""
    rows = []
    for config, (questions, own_only, baseline_only) in counts:
        ids = [f"q{place}" for place in range(questions)]
        own = [place >= baseline_only for place in range(questions)]
        other = [not baseline_only <= place < baseline_only + own_only for place in range(questions)]
        compared = paired_verdicts(
            pl.DataFrame({"question_id": ids, "passed": own}, schema_overrides={"passed": pl.Boolean}),
            pl.DataFrame({"question_id": ids, "passed": other}, schema_overrides={"passed": pl.Boolean}),
        )
        identity = {"fleet": FLEET, "model": MODEL, "config_id": config.config_id}
        rows.append({**identity, "config": config.name, "technique": config.technique, **compared})
    return pl.DataFrame(rows, schema=CONFIG_QUALITY_SCHEMA)


def physics_frame(flags: Iterable[tuple[Config, str]], kind: str = "all") -> pl.DataFrame:
    rows = [
        {
            "fleet": FLEET,
            "model": MODEL,
            "config_id": config.config_id,
            "backend": BACKEND,
            "prompt_kind": kind,
            "flag": flag,
            "flag_reason": f"{flag} in words",
        }
        for config, flag in flags
    ]
    return pl.DataFrame(rows, schema=PHYSICS_SCHEMA)


def speed_runs(
    speeds: Sequence[tuple[Config, float]],
    *,
    measurement: str = "first",
    model: str = MODEL,
    rounds: int = 12,
    noise: float = 0.01,
    shared_noise: float = 0.1,
    prompt_tps: Sequence[float] = (),
    contended_rounds: int = 0,
    backend: str = BACKEND,
    seed: int = 1,
    started_at: datetime = START,
    kinds: Sequence[str] = KINDS,
) -> pl.DataFrame:
    """Rows of speed_runs: each config in each round at its speed, times what the round does to all of them, times its
    own noise (both lognormal). prompt_tps: prompt processing speeds in the order of speeds."""
    draws = random.Random(seed)
    planted = [(*pair, prompt) for pair, prompt in zip(speeds, prompt_tps or [100.0] * len(speeds), strict=True)]
    rows = []
    for number in range(rounds):
        slowed = draws.lognormvariate(0, shared_noise)
        for config, tps, prompt_mean in planted:
            for kind in kinds:
                generation = tps * slowed * draws.lognormvariate(0, noise)
                prompt = prompt_mean * slowed * draws.lognormvariate(0, noise)
                prompt_ms, decode_ms = 50 / prompt * 1000, 31 / generation * 1000
                rows.append(
                    {
                        **dict.fromkeys(SPEED_RUN_SCHEMA),
                        "speed_run_id": f"{measurement} {model} {number} {config.config_id} {kind}",
                        "measurement_id": measurement,
                        "fleet": FLEET,
                        "model": model,
                        "model_sha256": "ab" * 32,
                        "config_id": config.config_id,
                        "config": config.name,
                        "technique": config.technique,
                        "config_values": canonical_json(config.values()),
                        "backend": backend,
                        "speed_key": f"key of {config.config_id}",
                        "session_id": f"session of {measurement}",
                        "purpose": "rounds",
                        "round": number,
                        "position": 0,
                        "shuffle_seed": 1,
                        "prompt_id": f"prompt {kind}",
                        "prompt_kind": kind,
                        "temperature": 0.0,
                        "seed": 0,
                        "status": "ok",
                        "text": "words",
                        "prompt_tokens": 50,
                        "generated_tokens": 32,
                        "ttft_ms": prompt_ms,
                        "prompt_ms": prompt_ms,
                        "decode_ms": decode_ms,
                        "total_ms": prompt_ms + decode_ms,
                        "prompt_tps": prompt,
                        "generation_tps": generation,
                        "effective_tps": 32 / (prompt_ms + decode_ms) * 1000,
                        "drafted_tokens": 100 if config.is_speculative else None,
                        "accepted_tokens": 60 if config.is_speculative else None,
                        "target_evaluations": 20 if config.is_speculative else None,
                        "drafted_by_position": [50, 50] if config.is_speculative else None,
                        "accepted_by_position": [40, 20] if config.is_speculative else None,
                        "contended": number < contended_rounds,
                        "started_at": started_at + timedelta(seconds=number),
                    }
                )
    return pl.DataFrame(rows, schema=SPEED_RUN_SCHEMA)


def sessions_frame(
    *measurements: str, host: str = "here", llama_build: str = "b1", threads: int | None = 96
) -> pl.DataFrame:
    """Sessions of measurements: session_id, host, llama_build and load_parameters."""
    loaded = canonical_json({"threads": threads, "context_tokens": 512, "kv_type": None})
    rows = [
        {"session_id": f"session of {name}", "host": host, "llama_build": llama_build, "load_parameters": loaded}
        for name in measurements
    ]
    columns = ("session_id", "host", "llama_build", "load_parameters")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))


def models_frame(quantisations: Mapping[str, str | None]) -> pl.DataFrame:
    """Models of the fleet with their quantisation."""
    rows = [{"fleet": FLEET, "model": name, "quantisation": found} for name, found in quantisations.items()]
    return pl.DataFrame(rows, schema=dict.fromkeys(("fleet", "model", "quantisation"), pl.String))
