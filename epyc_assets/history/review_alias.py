"""Review files that were renamed by hand: which row of the master table each belongs to.

Here: reading and checking `registry/history/review_aliases.yaml`, which people edit. Not here: using it (the columns
review_file.alias_of and the view model_summary_aliased are SQL).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from epyc_assets.registry.faults import Fault, RegistryFault, nearest
from epyc_assets.registry.loading import registry_directory
from epyc_assets.registry.yaml_source import Document, read_document

EVIDENCE = ("name", "cells", "name_and_cells", "documented")
"""What an alias rests on."""

_LIST = "review_aliases"
_KEYS = ("name", "row_name", "evidence")


@dataclass(frozen=True, slots=True)
class ReviewAlias:
    """name: a review file without .csv; row_name: a row of the master table; evidence: one of EVIDENCE."""

    name: str
    row_name: str
    evidence: str


def load_review_aliases(directory: Path | None = None) -> tuple[ReviewAlias, ...]:
    """The aliases of a registry folder (default: the one in use), in the file's order; none where it has no such file.

    Raises RegistryFault with one line per fault.
    """
    folder = Path(directory) if directory is not None else registry_directory()
    path = folder / "history" / "review_aliases.yaml"
    if not path.exists():
        return ()
    document = read_document(path, f"{folder.name}/history/{path.name}")
    aliases = _aliases_of(document) if not document.faults else []
    if document.faults:
        raise RegistryFault(document.faults)
    return tuple(aliases)


def alias_frame(aliases: Sequence[ReviewAlias]) -> pl.DataFrame:
    """The aliases as rows of the table review_alias."""
    columns = {key: [getattr(alias, key) for alias in aliases] for key in _KEYS}
    return pl.DataFrame(columns, schema=dict.fromkeys(_KEYS, pl.String()))


def _aliases_of(document: Document) -> list[ReviewAlias]:
    value = document.value
    if not isinstance(value, dict) or list(value) != [_LIST] or not isinstance(value[_LIST], list):
        document.faults.append(Fault(document.shown_as, "", f"should hold one list, `{_LIST}:`, and nothing else"))
        return []
    aliases: list[ReviewAlias] = []
    by_name: dict[str, int] = {}
    for position, entry in enumerate(value[_LIST]):
        problems = _problems_of(entry)
        if not problems and entry["name"] in by_name:
            first = document.line_of((_LIST, by_name[entry["name"]]))
            problems = [("name", f'"{entry["name"]}" is there already, in line {first}: a review has one row')]
        for key, problem in problems:
            line = document.line_of((_LIST, position, key) if key else (_LIST, position))
            shown = f"{_LIST}[{position}].{key}" if key else f"{_LIST}[{position}]"
            document.faults.append(Fault(document.shown_as, shown, problem, line))
        if not problems:
            by_name[entry["name"]] = position
            aliases.append(ReviewAlias(**entry))
    return aliases


def _problems_of(entry: Any) -> list[tuple[str, str]]:
    """(key, what is wrong with it) of one entry."""
    if not isinstance(entry, dict):
        return [("", f"should have the keys {', '.join(_KEYS)}")]
    problems = [(key, "is no key of an alias" + nearest(key, _KEYS)) for key in entry if key not in _KEYS]
    for key in _KEYS:
        text = entry.get(key)
        if key not in entry:
            problems.append(("", f"has no {key}"))
        elif not isinstance(text, str) or not text.strip() or text != text.strip():
            problems.append((key, "should be text; put it in quotes if it looks like a number"))
        elif key == "name" and text.endswith(".csv"):
            problems.append((key, f'"{text}" is a file name: write it without .csv'))
        elif key == "evidence" and text not in EVIDENCE:
            problems.append((key, f'"{text}" is not one of {", ".join(EVIDENCE)}' + nearest(text, EVIDENCE)))
    return problems
