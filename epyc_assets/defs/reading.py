"""Typed inputs from the warehouse for the assets that need them. Reads the warehouse itself, briefly, because an
asset must see what the one before it wrote."""

from __future__ import annotations

from epyc_assets.benchmark.plan import Answered, ModelFile
from epyc_assets.benchmark.question_sets import questions_of
from epyc_assets.defs.scope import Scope
from epyc_assets.registry.gguf_scan import KnownFile
from epyc_assets.registry.hosts import named_model_roots
from epyc_assets.suites.question import Question
from epyc_assets.warehouse import NothingPublished, Warehouse
from epyc_assets.warehouse.stored_query import run_stored_query


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


def model_files(warehouse: Warehouse, scope: Scope) -> dict[str, ModelFile]:
    """Files of the fleet's models, by model name: the first root that has the file, as the last scan saw it."""
    roots = named_model_roots(scope.registry.host_of(scope.fleet), scope.registry.checkout)
    known = known_files(warehouse)
    found: dict[str, ModelFile] = {}
    for model in scope.fleet.models.values():
        for root, folder in roots.items():
            contents = known.get((root, model.file or ""))
            if contents is not None and (folder / (model.file or "")).is_file():
                found[model.name] = ModelFile(folder / (model.file or ""), contents.sha256)
                break
    return found


def fleet_questions(warehouse: Warehouse, fleet: str) -> list[Question]:
    """The questions that a fleet's models are asked."""
    with warehouse.read(live=True) as connection:
        return questions_of(run_stored_query(connection, "fleet_questions", fleet=fleet))


def answered_generations(warehouse: Warehouse, fleet: str) -> list[Answered]:
    """Every earlier generation of a fleet."""
    with warehouse.read(live=True) as connection:
        frame = run_stored_query(connection, "answered", fleet=fleet)
    return [Answered(**row) for row in frame.iter_rows(named=True)]
