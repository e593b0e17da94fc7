"""Selections: which measured configs a person means by key=value,key=value, and what there is to choose from.

Here: parsing, the facts of a measured config by key, matching. Not here: comparing what was selected (comparison). A
config's facts come from its typed values and from how its session was loaded, never from its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import polars as pl

from epyc_assets.inference.config import Config, config_from_values
from epyc_assets.registry.faults import nearest

TECHNIQUE_KEYS = ("config", "technique", "draft", "k", "n", "experts")
RUNTIME_KEYS = (
    *("threads", "batch_threads", "batch_tokens", "micro_batch_tokens", "flash_attention", "kv_type", "mmap"),
    *("numa_policy", "library"),
)
PLACE_KEYS = ("model", "quantisation", "backend", "host", "build")
KIND = "kind"
VARIABLE = "env."
KEYS = (*PLACE_KEYS, *TECHNIQUE_KEYS, *RUNTIME_KEYS, KIND)
"""What can be chosen by, besides env.NAME."""

UNSET = "default"
"""How a parameter reads that neither config nor session sets."""

WITH_COMMAS = ("config=", "numa_policy=", "library=", VARIABLE)
"""How pairs begin whose values may have commas in them, such as `spec small K=8, lookup n=3 K=8`."""

_PAIR = re.compile(r"\s*[A-Za-z_][\w.]*\s*=")

MOST_SHOWN = 12
"""Values that an error lists."""


class SelectionFault(ValueError):
    """A selection that cannot be understood, or that nothing measured fits; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Selection:
    """key=value pairs, all of which must hold. text: as it was given."""

    text: str
    wanted: tuple[tuple[str, str], ...]

    @property
    def keys(self) -> frozenset[str]:
        """The keys that are given."""
        return frozenset(key for key, _ in self.wanted)

    def fits(self, facts: Mapping[str, Sequence[str]], keys: Iterable[str] | None = None) -> bool:
        """Whether facts (values by key) hold what is wanted; keys: look at these alone."""
        chosen = self.keys if keys is None else self.keys & set(keys)
        return all(_has(facts, key, value) for key, value in self.wanted if key in chosen and key != KIND)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of prompt that are wanted; empty: all."""
        return tuple(value for key, value in self.wanted if key == KIND)


@dataclass(frozen=True, slots=True)
class Measured:
    """One config of one model measured in one run of rounds. facts: values by key, as a selection names them, load
    parameters as they were resolved. own_facts: those that the config itself sets."""

    fleet: str
    model: str
    config_id: str
    config: str
    backend: str
    measurement_id: str
    measured_at: datetime
    facts: Mapping[str, tuple[str, ...]]
    own_facts: Mapping[str, tuple[str, ...]]


def parse_selection(text: str) -> Selection:
    """A selection from key=value,key=value; empty text selects everything. Values of config, numa_policy, library and
    env.NAME may have commas. Raises SelectionFault for a key that is none."""
    parts: list[str] = []
    for part in text.split(","):
        if parts and _PAIR.match(part) is None and parts[-1].strip().startswith(WITH_COMMAS):
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    wanted: list[tuple[str, str]] = []
    for part in (each for each in parts if each.strip()):
        key, equals, value = (word.strip() for word in part.partition("="))
        if not (key and equals and value):
            raise SelectionFault(f"{part.strip()!r} is not key=value; the keys are {_listed(KEYS)}, env.NAME")
        known = key in KEYS or (key.startswith(VARIABLE) and len(key) > len(VARIABLE))
        if not known:
            raise SelectionFault(f"there is no key {key!r}{nearest(key, KEYS)}; the keys are {_listed(KEYS)}, env.NAME")
        wanted.append((key, value))
    return Selection(text, tuple(wanted))


def config_facts(config: Config, loaded: Mapping[str, Any] | None = None) -> dict[str, tuple[str, ...]]:
    """Values by key of TECHNIQUE_KEYS, RUNTIME_KEYS and env.NAME. loaded: the resolved load parameters of a session,
    which say more than the config alone."""
    own = {key: value for key, value in asdict(config.runtime).items() if value is not None}
    runtime = {**(loaded or {}), **own}
    spec, lookup = config.spec, config.lookup
    drafted = [part.draft_tokens for part in (spec, lookup) if part is not None]
    facts: dict[str, tuple[str, ...]] = {
        "config": (config.config_id, config.name),
        "technique": (config.technique,),
        "draft": (spec.draft,) if spec else (),
        "k": tuple(dict.fromkeys(str(count) for count in drafted)),
        "n": (str(lookup.ngram_tokens),) if lookup else (),
        "experts": (str(config.moe.expert_used_count),) if config.moe else (),
        "numa_policy": (config.launch.numa_policy or UNSET,),
        "library": (config.launch.llama_cpp_library or UNSET,),
    }
    for key in RUNTIME_KEYS:
        facts.setdefault(key, (_word(runtime.get(key)),))
    return {**facts, **{f"{VARIABLE}{name}": (value,) for name, value in config.launch.environment.items()}}


def measured_configs(runs: pl.DataFrame, sessions: pl.DataFrame, models: pl.DataFrame) -> list[Measured]:
    """What was measured in speed rounds, the latest first.

    runs: rows of table speed_runs; sessions: session_id, host, llama_build, load_parameters (JSON); models: fleet,
    model, quantisation.
    """
    rounds = runs.filter(pl.col("purpose") == "rounds", pl.col("status") == "ok")
    found = (
        rounds.group_by("fleet", "model", "config_id", "backend", "measurement_id")
        .agg(pl.col("config_values").first(), pl.col("session_id").last(), measured_at=pl.col("started_at").max())
        .join(sessions.unique("session_id"), on="session_id", how="left")
        .join(
            models.select("fleet", "model", "quantisation").unique(["fleet", "model"]),
            on=["fleet", "model"],
            how="left",
        )
        .sort("measured_at", "model", "config_id", descending=[True, False, False])
    )
    return [_measured(row) for row in found.iter_rows(named=True)]


def select(measured: Sequence[Measured], selection: Selection) -> list[Measured]:
    """What a selection means. Raises SelectionFault when nothing fits: for a value that no measured config has it lists
    those there are."""
    chosen = [each for each in measured if selection.fits(each.facts)]
    if chosen or not measured:
        return chosen
    for key, value in selection.wanted:
        if key == KIND or any(_has(each.facts, key, value) for each in measured):
            continue
        there = list(dict.fromkeys(word for each in measured for word in each.facts.get(key, ())))
        shown = [word for word in there if key != "config" or " " in word or word == "baseline"] or there
        listed = _listed(sorted(shown, key=_by_number), MOST_SHOWN)
        raise SelectionFault(f"nothing measured has {key}={value}{nearest(value, shown)}; there is {key}: {listed}")
    raise SelectionFault(f"nothing measured has all of {selection.text}, though each part by itself was measured")


def _measured(row: Mapping[str, Any]) -> Measured:
    loaded = json.loads(row["load_parameters"]) if row["load_parameters"] else None
    config = config_from_values(json.loads(row["config_values"]))
    place = {
        "model": row["model"],
        "quantisation": row["quantisation"],
        "backend": row["backend"],
        "host": row["host"],
        "build": row["llama_build"],
    }
    of_place = {key: () if value is None else (str(value),) for key, value in place.items()}
    return Measured(
        fleet=row["fleet"],
        model=row["model"],
        config_id=row["config_id"],
        config=config.name,
        backend=row["backend"],
        measurement_id=row["measurement_id"],
        measured_at=row["measured_at"],
        facts={**of_place, **config_facts(config, loaded)},
        own_facts=config_facts(config),
    )


def _has(facts: Mapping[str, Sequence[str]], key: str, value: str) -> bool:
    # What is not set in the environment reads as any other parameter that is not set.
    there = facts.get(key, (UNSET,) if key.startswith(VARIABLE) else ())
    return any(word.casefold() == value.casefold() for word in there)


def _word(value: object) -> str:
    if value is None:
        return UNSET
    return str(value).lower() if isinstance(value, bool) else str(value)


def _by_number(word: str) -> tuple[float, str]:
    return (float(word) if word.isdigit() else float("inf"), word)


def _listed(words: Sequence[str], most: int | None = None) -> str:
    cut = len(words) if most is None else most
    more = f" and {len(words) - cut} more" if len(words) > cut else ""
    return (", ".join(words[:cut]) or "none") + more
