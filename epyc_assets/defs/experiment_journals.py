"""What the experiments that put speed prompts to models have in common: files, identities, prompts, the journal and
loading it. Not here: the experiments themselves (draft_discovery, temperature)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from epyc_assets.benchmark.journal import read_journal
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.prompt_settings import prompts_version, speed_key
from epyc_assets.benchmark.speed_records import LoadedSpeedJournal, load_speed_journal
from epyc_assets.defs import metadata
from epyc_assets.defs.reading import model_files
from epyc_assets.defs.scope import Scope
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.config import Config
from epyc_assets.registry.entries import Model
from epyc_assets.suites.speed_prompts import SpeedPrompt
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.rows import record_rejects, replace_rows

GROUP = "experiments"


def files_with(store: Warehouse, scope: Scope, model: Model, hashed: Sequence[str]) -> dict[str, ModelFile]:
    """Files of the fleet, those in `hashed` with up-to-date hashes. Raises Failure where the model has none."""
    files = model_files(store, scope, hashed=hashed)
    if model.name not in files:
        raise no_file(model)
    return files


def no_file(model: Model) -> dg.Failure:
    """What is raised for a model without a file."""
    return dg.Failure(f"{model.name} has no readable file under the host's model roots (epyc doctor)")


def speed_keys(
    model: Model,
    configs: Sequence[Config],
    files: Mapping[str, ModelFile],
    prompts: Sequence[SpeedPrompt],
    backend: Backend,
) -> dict[str, str]:
    """What makes a measurement stale, by config_id: the same as for speed rounds."""
    version = prompts_version(prompt.prompt_id for prompt in prompts)
    drafts = {each.config_id: files[each.spec.draft].sha256 if each.spec else None for each in configs}
    return {
        each.config_id: speed_key(files[model.name].sha256, each, version, backend.name, drafts[each.config_id])
        for each in configs
    }


def first_of_each_kind(prompts: Sequence[SpeedPrompt], count: int) -> list[SpeedPrompt]:
    """The first so many prompts of each kind, in order; all for 0."""
    kept: dict[str, int] = {}
    chosen: list[SpeedPrompt] = []
    for prompt in prompts:
        kept[prompt.kind] = kept.get(prompt.kind, 0) + 1
        if count <= 0 or kept[prompt.kind] <= count:
            chosen.append(prompt)
    return chosen


def loaded_journal(path: Path, fleet: str) -> LoadedSpeedJournal:
    """The rows of a journal; rejects call it by its place below the data directory."""
    source = _source(path, fleet)
    return load_speed_journal(read_journal(path, source), source)


def write_measured(
    context: dg.AssetExecutionContext,
    code_version: str,
    store: Warehouse,
    path: Path,
    loaded: LoadedSpeedJournal,
    runs: pl.DataFrame,
    table: str,
    rows: pl.DataFrame,
    place: Mapping[str, str],
) -> None:
    """Writes the sessions and answers of the journal at `path`, and what follows from them: the rows of `table` at
    `place`. One transaction."""
    stamp = Provenance(context.run.run_id, code_version)
    with store.write(f"{table} of {context.partition_key}") as connection:
        replace_rows(connection, "sessions", loaded.sessions, provenance=stamp)
        replace_rows(connection, "speed_runs", runs, provenance=stamp)
        replace_rows(connection, table, rows, where=place, provenance=stamp)
        record_rejects(connection, loaded.rejects, stamp, sources_read=[_source(path, place["fleet"])])


def measured_metadata(reason: str, loads: int, answers: int, loaded: LoadedSpeedJournal) -> dict[str, Any]:
    """What every measuring says of itself: why it ended, and what it did this time."""
    return {"ended_because": reason, "loads": loads, "answers_now": answers, "rejects": len(loaded.rejects)}


def _source(path: Path, fleet: str) -> str:
    return f"journal/{fleet}/{path.parent.name}/{path.name}"


def table_of(rows: pl.DataFrame, columns: Sequence[str]) -> str:
    """The first rows as a Markdown table, for a check."""
    return metadata.markdown_table(rows.select(columns).head(20))
