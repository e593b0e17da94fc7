"""Typed inputs from the warehouse for the assets that need them. Reads the warehouse itself, briefly, because an
asset must see what the one before it wrote.

Where there is no warehouse yet (None), nothing is known; DuckDB is imported only where there is one.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epyc_assets.benchmark.constraints import read_verdicts
from epyc_assets.benchmark.drawn_questions import drawn_questions
from epyc_assets.benchmark.earlier import Answered, EarlierSpeed
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.public_draws import SeenQuestion
from epyc_assets.defs.scope import Scope
from epyc_assets.registry.entries import Fleet
from epyc_assets.registry.gguf_file import TENSOR_KINDS, GgufFacts, GgufFault, Verdict, read_gguf_facts
from epyc_assets.registry.gguf_scan import KnownFile, content_hash, stamp_of
from epyc_assets.registry.hosts import named_model_roots
from epyc_assets.suites.question import Question
from epyc_assets.suites.speed_prompts import WRITTEN_FILE, SpeedPrompt, speed_prompts
from epyc_assets.warehouse.location import journal_directory

if TYPE_CHECKING:
    from epyc_assets.warehouse import Warehouse

NOT_HASHED = ""
"""Content hash of a file that is not as the last scan saw it: nothing answered before is known to be its answer."""


def known_files(warehouse: Warehouse) -> dict[tuple[str, str], KnownFile]:
    """What the last scan of the model roots found, by root and path; nothing before the first one."""
    return {
        (row["root"], row["path"]): KnownFile(row["size_bytes"], row["mtime_ns"], row["sha256"])
        for row in _stored(warehouse, "gguf_contents")
    }


def model_files(warehouse: Warehouse | None, scope: Scope, *, hashed: Collection[str] = ()) -> dict[str, ModelFile]:
    """Files of the fleet's models, by model name: the first one under the roots that can be read, with its facts.

    Content hash and facts are those of the last scan, as long as size and time are those it saw; else the header is
    read, and the hash computed for the models in `hashed` and NOT_HASHED for others, so that a plan for many large
    files is quick. Facts of the last scan do not hold the token texts (see listed_verdicts).
    """
    roots = named_model_roots(scope.registry.host_of(scope.fleet), scope.registry.checkout)
    known = {
        os.path.realpath(roots[row["root"]] / row["path"]): row
        for row in _stored(warehouse, "gguf_facts")
        if row["root"] in roots
    }
    found: dict[str, ModelFile] = {}
    for model in scope.fleet.models.values():
        for folder in roots.values() if model.file else ():
            path = folder / (model.file or "")
            try:
                found[model.name] = _model_file(path, known, compute=model.name in hashed)
            except (GgufFault, OSError):
                continue
            break
    return found


def listed_verdicts(
    warehouse: Warehouse | None, scope: Scope, files: Mapping[str, ModelFile]
) -> dict[tuple[str, str], Verdict]:
    """Whether the drafts that the registry lists fit their targets, by (target, draft), for pairs with both files.

    What table draft_compatibility knows of the same contents is taken from it; else the headers are compared.
    """
    stored = {
        (row["target_sha256"], row["draft_sha256"]): Verdict(row["fits"], row["reason"])
        for row in _stored(warehouse, "draft_verdicts", fleet=scope.fleet.name)
    }
    verdicts: dict[tuple[str, str], Verdict] = {}
    open_pairs: list[tuple[str, str]] = []
    for model in scope.fleet.models.values():
        for draft in model.drafts if model.name in files else ():
            if draft in files:
                verdict = stored.get((files[model.name].sha256, files[draft].sha256))
                if verdict is None:
                    open_pairs.append((model.name, draft))
                else:
                    verdicts[(model.name, draft)] = verdict
    compared = {name: with_tokens(files[name]) for name in {name for pair in open_pairs for name in pair}}
    return {**verdicts, **read_verdicts(open_pairs, compared)}


def with_tokens(file: ModelFile) -> ModelFile:
    """The file with facts that hold the token texts; without facts where it cannot be read any more."""
    if file.facts is not None and file.facts.token_data:
        return file
    try:
        return replace(file, facts=read_gguf_facts(file.path))
    except (GgufFault, OSError):
        return replace(file, facts=None)


def fleet_questions(warehouse: Warehouse | None, fleet: Fleet) -> list[Question]:
    """The questions that a fleet's models are asked: the stored ones, before there are any those that would be."""
    stored = _stored_frame(warehouse, "fleet_questions", fleet=fleet.name)
    if stored is None or stored.is_empty():
        return drawn_questions(fleet, seen_questions(warehouse, fleet))
    from epyc_assets.benchmark.question_sets import questions_of

    return questions_of(stored)


def seen_questions(warehouse: Warehouse | None, fleet: Fleet) -> list[SeenQuestion]:
    """What the fleet's question sets have drawn so far; none before anything was written."""
    return seen_of(_stored(warehouse, "questions_seen", fleet=fleet.name))


def seen_of(rows: Iterable[Mapping[str, Any]]) -> list[SeenQuestion]:
    """Rows of the stored query questions_seen as a draw takes them."""
    return [SeenQuestion(row["suite"], row["seed"], row["question_key"], row["position"]) for row in rows]


def fleet_speed_prompts(scope: Scope) -> list[SpeedPrompt]:
    """The prompts that a fleet's speed is measured on. Those written for the project are found beside the registry,
    else, for a registry that lies elsewhere, in the project itself. Raises SpeedPromptFault."""
    checkout = scope.registry.checkout
    if not (checkout / WRITTEN_FILE).exists():
        checkout = Path(__file__).resolve().parents[2]
    return speed_prompts(scope.fleet.speed_prompts, checkout)


def answered_generations(warehouse: Warehouse | None, fleet: str) -> list[Answered]:
    """Every earlier generation of a fleet; none before anything was written."""
    return [Answered(**row) for row in _stored(warehouse, "answered", fleet=fleet)]


def earlier_speeds(warehouse: Warehouse | None, fleet: str, backend: str) -> list[EarlierSpeed]:
    """Earlier speed rounds of a fleet's configs on a backend."""
    return [EarlierSpeed(**row) for row in _stored(warehouse, "earlier_speed", fleet=fleet, backend=backend)]


def changed_answers(warehouse: Warehouse | None, fleet: str) -> set[tuple[str, str]]:
    """(model, config_id) of speculative configs whose answers really differ from what they should repeat."""
    return {(row["model"], row["config_id"]) for row in _stored(warehouse, "changed_answers", fleet=fleet)}


def load_times_s(warehouse: Warehouse | None, fleet: str) -> dict[str, float]:
    """Measured seconds of loading, by model."""
    return {row["model"]: row["load_s"] for row in _stored(warehouse, "load_times", fleet=fleet)}


def measured_bandwidth_bytes_per_s(warehouse: Warehouse | None, host: str) -> float | None:
    """Memory bandwidth of a host as the probe measured it; None before it did."""
    rows = _stored(warehouse, "bandwidth_of_host", host=host)
    return max((row["best_bytes_per_s"] for row in rows), default=None)


def journal_path(fleet: str, model: str) -> Path:
    """Where a model's answers are journalled."""
    return journal_directory() / fleet / f"{model}.jsonl"


def speed_journal_path(fleet: str, model: str) -> Path:
    """Where a model's speed rounds are journalled."""
    return journal_directory() / fleet / "speed" / f"{model}.jsonl"


def experiment_journal_path(fleet: str, experiment: str, model: str) -> Path:
    """Where what an experiment (draft_discovery, temperature_sweep) measured of a model is journalled."""
    return journal_directory() / fleet / experiment / f"{model}.jsonl"


def _model_file(path: Path, known: Mapping[str, Mapping[str, Any]], *, compute: bool) -> ModelFile:
    """Raises GgufFault and OSError for a file that is not there or not whole."""
    stamp = stamp_of(path)
    row = known.get(os.path.realpath(path))
    if row is not None and (row["size_bytes"], row["mtime_ns"]) == stamp:
        return ModelFile(path, row["sha256"], _facts_of(row))
    facts = read_gguf_facts(path)
    return ModelFile(path, content_hash(path) if compute else NOT_HASHED, facts)


def _facts_of(row: Mapping[str, Any]) -> GgufFacts:
    """Facts back from a row of gguf_files, which keeps all but token texts and adds_eos."""
    kept = {name: row[name] for name in GgufFacts.__dataclass_fields__ if name in row}
    sizes = {kind: row[f"{kind}_bytes"] for kind in TENSOR_KINDS}
    return GgufFacts(**kept, file_bytes=row["size_bytes"], tensor_bytes=sizes, adds_eos=None)


def _stored(warehouse: Warehouse | None, query: str, **parameters: str) -> list[dict[str, Any]]:
    """The rows of a stored query; none before the first write."""
    frame = _stored_frame(warehouse, query, **parameters)
    return [] if frame is None else frame.to_dicts()


def _stored_frame(warehouse: Warehouse | None, query: str, **parameters: str) -> Any:
    """The Polars frame of a stored query; None before the first write, and where the file is so old that it lacks the
    table: the next write adds it."""
    if warehouse is None:
        return None
    import duckdb

    from epyc_assets.warehouse import NothingPublished
    from epyc_assets.warehouse.stored_query import run_stored_query

    try:
        with warehouse.read(live=True) as connection:
            return run_stored_query(connection, query, **parameters)
    except (NothingPublished, duckdb.CatalogException):
        return None
