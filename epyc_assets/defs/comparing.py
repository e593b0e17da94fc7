"""What `epyc compare` goes by: the measured configs as they are in the warehouse, and what could be measured besides.
Reads; writes nothing.

Here: from the published tables to comparisons. Not here: the comparisons (benchmark.comparison), printing. Imports no
dagster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from epyc_assets.benchmark.comparison import Comparison, compare
from epyc_assets.benchmark.pairing import comparable_pairs
from epyc_assets.benchmark.presets import PRESETS
from epyc_assets.benchmark.selection import (
    PLACE_KEYS,
    Measured,
    Selection,
    config_facts,
    measured_configs,
    select,
)
from epyc_assets.defs.planning import existing_warehouse, present_plan
from epyc_assets.defs.scope import Scope
from epyc_assets.inference.config import Config
from epyc_assets.warehouse import NothingPublished, Warehouse
from epyc_assets.warehouse.stored_query import run_stored_query

WIDEST_PRESET = list(PRESETS)[-1]
"""The preset whose configs are the most that can be measured."""


@dataclass(frozen=True, slots=True)
class MeasuredRounds:
    """Everything of a fleet that can be compared. runs, verdicts: rows as benchmark.comparison wants them; verdicts
    None before questions were scored."""

    measured: list[Measured]
    runs: pl.DataFrame
    verdicts: pl.DataFrame | None

    @property
    def kinds(self) -> list[str]:
        """Kinds of prompt that were measured."""
        return [] if self.runs.is_empty() else sorted(self.runs["prompt_kind"].unique())


def measured_rounds(warehouse: Warehouse, fleet: str, models: Sequence[str] = ()) -> MeasuredRounds | None:
    """What the published tables hold; models empty: all. None where no rounds have been measured."""
    try:
        with warehouse.read() as connection:
            runs = run_stored_query(connection, "rounds_of_fleet", fleet=fleet)
            sessions = run_stored_query(connection, "sessions_of_fleet", fleet=fleet)
            quantisations = run_stored_query(connection, "quantisations_of_fleet", fleet=fleet)
            answered = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'answers'").fetchall()
            verdicts = run_stored_query(connection, "verdicts_of_fleet", fleet=fleet) if answered else None
    except NothingPublished:
        return None
    if models:
        runs = runs.filter(pl.col("model").is_in(list(models)))
    measured = measured_configs(runs, sessions, quantisations)
    return MeasuredRounds(measured, runs, verdicts) if measured else None


def compared(rounds: MeasuredRounds, a: Selection, b: Selection, kinds: Sequence[str] = ()) -> list[Comparison]:
    """The comparisons of two selections. kinds: of prompts, besides those that the selections name; empty: all.

    Raises SelectionFault where a selection means nothing measured, or nothing is left to compare.
    """
    pairs = comparable_pairs(select(rounds.measured, a), select(rounds.measured, b), a, b)
    return compare(pairs, rounds.runs, rounds.verdicts, kinds=[*kinds, *a.kinds, *b.kinds])


def not_measured(
    scope: Scope, rounds: MeasuredRounds | None, selections: Sequence[Selection], models: Sequence[str] = ()
) -> dict[str, list[Config]]:
    """Configs that a selection means, that may be run and that have no rounds yet, by model; models empty: all.

    What a selection says of host, build, backend and quantisation must have been measured with some config: what is not
    here cannot be measured here.
    """
    measured = rounds.measured if rounds else []
    done = {(each.model, each.config_id) for each in measured}
    selections = [each for each in selections if not measured or _place_is_known(each, measured)]
    present = present_plan(existing_warehouse(), scope, models or None)
    found: dict[str, dict[str, Config]] = {}
    for group in present.groups_of(WIDEST_PRESET, models or None):
        name = group.model.name
        if name not in present.files:
            continue
        for item in group.items:
            facts = {**config_facts(item.config), "model": (name,)}
            wanted = any(each.fits(facts, facts) for each in selections)
            if wanted and (name, item.config.config_id) not in done:
                found.setdefault(name, {})[item.config.config_id] = item.config
    return {name: list(configs.values()) for name, configs in found.items()}


def means_nothing(rounds: MeasuredRounds, selection: Selection) -> bool:
    """Whether nothing that was measured fits."""
    return not any(selection.fits(each.facts) for each in rounds.measured)


def _place_is_known(selection: Selection, measured: Sequence[Measured]) -> bool:
    keys = selection.keys & set(PLACE_KEYS) - {"model"}
    return all(any(selection.fits(each.facts, [key]) for each in measured) for key in keys)
