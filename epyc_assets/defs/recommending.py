"""What `epyc recommend` goes by: the stored recommendation of a model, and the commands that start its config here.
Reads; writes nothing.

Here: from table best_config and the registry to values for printing. Not here: the rule (benchmark.recommendation), the
text of commands (inference.launch_command). Imports no dagster.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from epyc_assets.benchmark.journalled_session import Surroundings, session_request
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.plan import require_known
from epyc_assets.benchmark.provenance import CodeProvenance
from epyc_assets.benchmark.recommendation import doubtful_recommendations
from epyc_assets.benchmark.speed import ALL_KINDS
from epyc_assets.defs.scope import Scope
from epyc_assets.inference.config import BASELINE, Config, config_from_values
from epyc_assets.inference.launch_command import LaunchCommands, launch_commands
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.registry.hosts import llama_cpp_binaries, resolve_model_file
from epyc_assets.warehouse import NothingPublished, Warehouse
from epyc_assets.warehouse.stored_query import run_stored_query


class NoRecommendation(ValueError):
    """There is none for the model; the message says why and what to run."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """row: of table best_config, without what it excludes. excluded: what looks faster and was not taken, each with the
    reason. doubts: what the figures suffer from, in words. absent_files: model files that are not on this machine, so
    that paths are as the registry has them."""

    row: Mapping[str, Any]
    excluded: tuple[Mapping[str, Any], ...]
    doubts: tuple[str, ...]
    commands: LaunchCommands
    absent_files: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As one row for JSON."""
        return {
            **self.row,
            "config_values": json.loads(self.row["config_values"]),
            "excluded": [dict(each) for each in self.excluded],
            "doubts": list(self.doubts),
            "absent_files": list(self.absent_files),
            "server": list(self.commands.server),
            "server_command": self.commands.server_text.replace(" \\\n ", ""),
            "python": self.commands.python,
            "python_notes": list(self.commands.python_notes),
            "platform": self.commands.platform,
        }


def present_recommendation(warehouse: Warehouse, scope: Scope, model: str) -> Recommendation:
    """The recommendation for a model. Raises NoRecommendation, and ValueError for a model that is none of the fleet."""
    fleet = scope.fleet
    require_known([model], fleet.models, "model", f"fleet {fleet.name}")
    try:
        with warehouse.read() as connection:
            stored = run_stored_query(connection, "best_config_of_model", fleet=fleet.name, model=model)
            speed = run_stored_query(connection, "speed_of_fleet", fleet=fleet.name).filter(pl.col("model") == model)
    except NothingPublished:
        raise NoRecommendation(_why_none(fleet.name, model, None)) from None
    if stored.is_empty():
        raise NoRecommendation(_why_none(fleet.name, model, speed))
    row = stored.row(0, named=True)
    commands, absent = commands_for(scope, model, config_from_values(json.loads(row["config_values"])))
    return Recommendation(
        row={name: value for name, value in row.items() if name != "excluded"},
        excluded=tuple(json.loads(row["excluded"])),
        doubts=tuple(_doubts(stored, speed)),
        commands=commands,
        absent_files=absent,
    )


def commands_for(scope: Scope, model: str, config: Config) -> tuple[LaunchCommands, tuple[str, ...]]:
    """How to start a config of a model on the fleet's host, and the names of models whose files are not here.

    Loaded as it was measured: the config's own parameters over the model's over the host's.
    """
    host, fleet = scope.host, scope.fleet
    names = [model, *([config.spec.draft] if config.spec else [])]
    files: dict[str, ModelFile] = {}
    absent: list[str] = []
    for name in names:
        # A draft that has left the registry since: its name is all that is known of its file.
        known = fleet.models.get(name)
        path = resolve_model_file(known, host, scope.registry.checkout) if known else None
        if path is None:
            absent.append(name)
        files[name] = ModelFile(path or Path((known and known.file) or f"{name}.gguf"), "")
    around = Surroundings(fleet.name, host, files, LlamaCppBackend(), CodeProvenance(None, None, {}))
    folder = llama_cpp_binaries(host, scope.registry.checkout)
    commands = launch_commands(
        session_request(fleet.models[model], around, config),
        config.speculation,
        launch_prefix=host.launch_prefix,
        program=str(folder / "llama-server") if folder else "llama-server",
    )
    return commands, tuple(absent)


def _why_none(fleet: str, model: str, speed: pl.DataFrame | None) -> str:
    run = f"Run: epyc sweep --fleet {fleet} --model {model}"
    if speed is None or speed.is_empty():
        return f"Nothing is recommended for {model}: no speed rounds of it were measured. {run}"
    baseline = speed.filter(
        pl.col("config_id") == BASELINE.config_id,
        pl.col("prompt_kind") == ALL_KINDS,
        pl.col("generation_tps").is_not_null(),
    )
    if baseline.is_empty():
        return (
            f"Nothing is recommended for {model}: its baseline was not measured, so nothing can be told faster. {run}"
        )
    return f"Nothing is recommended for {model} yet: it was measured, and the table was not built since. {run}"


def _doubts(stored: pl.DataFrame, speed: pl.DataFrame) -> list[str]:
    doubts = [each["doubt"] for each in doubtful_recommendations(stored, speed)]
    keys = ["fleet", "model", "config_id", "backend"]
    for row in speed.filter(pl.col("prompt_kind") == ALL_KINDS).join(stored, on=keys, how="semi").iter_rows(named=True):
        looping, differing = row["degenerate_runs"], row["figures_differ_runs"]
        if looping:
            doubts.append(f"{looping} answers of the rounds were degenerate (loops): acceptance is too good on them")
        if differing:
            doubts.append(f"in {differing} answers the server's own speed is more than 10 % off our clock")
    return doubts
