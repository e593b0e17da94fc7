"""Typed inputs from the warehouse for the assets that need them. Reads the warehouse itself, briefly, because an
asset must see what the one before it wrote."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from epyc_assets.benchmark.plan import Answered, ModelFile
from epyc_assets.benchmark.question_sets import draw_questions, questions_of
from epyc_assets.defs.scope import Scope
from epyc_assets.registry.entries import Fleet
from epyc_assets.registry.gguf_file import GgufFault, read_gguf_facts
from epyc_assets.registry.gguf_scan import KnownFile, content_hash, stamp_of
from epyc_assets.registry.hosts import named_model_roots
from epyc_assets.suites.question import Question
from epyc_assets.warehouse import NothingPublished, Warehouse
from epyc_assets.warehouse.location import journal_directory
from epyc_assets.warehouse.stored_query import run_stored_query

NOT_HASHED = ""
"""Content hash of a file that is not as the last scan saw it: nothing answered before is known to be its answer."""


def known_files(warehouse: Warehouse) -> dict[tuple[str, str], KnownFile]:
    """What the last scan of the model roots found, by root and path; nothing before the first one."""
    try:
        with warehouse.read(live=True) as connection:
            frame = run_stored_query(connection, "gguf_contents")
    except NothingPublished:
        return {}
    return {
        (row["root"], row["path"]): KnownFile(row["size_bytes"], row["mtime_ns"], row["sha256"])
        for row in frame.iter_rows(named=True)
    }


def model_files(warehouse: Warehouse, scope: Scope, *, hashed: Collection[str] = ()) -> dict[str, ModelFile]:
    """Files of the fleet's models, by model name: the first one under the roots that can be read.

    The content hash is that of the last scan, as long as size and time are those it saw; else it is computed for
    the models in `hashed` and NOT_HASHED for others, so that a plan for many large files is quick.
    """
    roots = named_model_roots(scope.registry.host_of(scope.fleet), scope.registry.checkout)
    known = {
        os.path.realpath(roots[root] / path): contents
        for (root, path), contents in known_files(warehouse).items()
        if root in roots
    }
    found: dict[str, ModelFile] = {}
    for model in scope.fleet.models.values():
        for folder in roots.values() if model.file else ():
            path = folder / (model.file or "")
            try:
                found[model.name] = ModelFile(path, _hash_of(path, known, compute=model.name in hashed))
            except (GgufFault, OSError):
                continue
            break
    return found


def _hash_of(path: Path, known: dict[str, KnownFile], *, compute: bool) -> str:
    stamp = stamp_of(path)
    contents = known.get(os.path.realpath(path))
    if contents is not None and (contents.size_bytes, contents.mtime_ns) == stamp:
        return contents.sha256
    read_gguf_facts(path)
    return content_hash(path) if compute else NOT_HASHED


def fleet_questions(warehouse: Warehouse, fleet: Fleet) -> list[Question]:
    """The questions that a fleet's models are asked: the stored ones, before there are any those that would be."""
    try:
        with warehouse.read(live=True) as connection:
            stored = questions_of(run_stored_query(connection, "fleet_questions", fleet=fleet.name))
    except NothingPublished:
        stored = []
    return stored or questions_of(draw_questions(fleet).questions)


def answered_generations(warehouse: Warehouse, fleet: str) -> list[Answered]:
    """Every earlier generation of a fleet; none before anything was written."""
    try:
        with warehouse.read(live=True) as connection:
            frame = run_stored_query(connection, "answered", fleet=fleet)
    except NothingPublished:
        return []
    return [Answered(**row) for row in frame.iter_rows(named=True)]


def journal_path(fleet: str, model: str) -> Path:
    """Where a model's answers are journalled."""
    return journal_directory() / fleet / f"{model}.jsonl"
