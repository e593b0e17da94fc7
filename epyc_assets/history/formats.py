"""What a format is, and the list of all of them in the order in which they are tried.

Here: `Format`, and telling formats apart by content. Not here: any one format (a module each).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from epyc_assets.history.content import Content, Place
from epyc_assets.history.rows import Imported, Row

MODULES = (
    "run_result",
    "run_documents",
    "corpus_documents",
    "feature_validation",
    "text_log",
    "llama_bench",
    "review",
    "committed_summary",
    "routing_eval",
    "seeding",
    "orchestrator",
    "orchestrator_bench",
    "concurrency",
    "serving",
    "tool_validation",
    "workload",
    "prompt",
    "model_registry",
    "optuna_study",
    "image",
    "document",
)
"""Modules of this package that have a tuple FORMATS, in the order in which formats are tried; the last takes all."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format of the record.

    recognises: whether a file is of this format; looks at the contents, and at the place only where contents alone
    cannot tell. read: from contents to a value that knows no path; called once for identical contents; must not raise
    for any input. rows: from that value and the file's place to rows and rejects. version: raise it when what the
    importer makes of a file changes, so that files are imported again. family: the asset that its tables belong to.
    is_text: false for images and databases, which have no encoding.
    """

    name: str
    family: str
    version: int
    tables: tuple[type[Row], ...]
    recognises: Callable[[Content, Place], bool]
    read: Callable[[Content], Any]
    rows: Callable[[Any, Place], Imported]
    is_text: bool = True


@cache
def all_formats() -> tuple[Format, ...]:
    """Every format, in the order in which they are tried."""
    found: list[Format] = []
    for name in MODULES:
        found.extend(importlib.import_module(f"epyc_assets.history.{name}").FORMATS)
    return tuple(found)


def format_of(content: Content, place: Place) -> Format:
    """The first format that recognises the file; the last one takes any."""
    return next(each for each in all_formats() if each.recognises(content, place))


def format_named(name: str) -> Format:
    """The format of that name. Raises KeyError."""
    return {each.name: each for each in all_formats()}[name]
