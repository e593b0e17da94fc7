"""Importing one question file: read, checked against the scorers, written in our layout, told as a row.

Belongs here: the file's name below the data directory, and what becomes of questions that a scorer refuses. Does not
belong here: the layouts (suites.foreign_layouts), writing rows (defs).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from epyc_assets.benchmark.question_validation import config_fault
from epyc_assets.suites.foreign_layouts import ImportedSuite, ImportReject, import_file
from epyc_assets.suites.suite_file import (
    IMPORTED_FOLDER,
    FileQuestion,
    SuiteFile,
    SuiteFileFault,
    parse_suite_file,
    suite_text,
    write_suite_file,
)
from epyc_assets.suites.yaml_text import YamlFault

IMPORTED_SCHEMA: Mapping[str, Any] = {
    "name": pl.String,
    "suite": pl.String,
    "origin": pl.String,
    "layout": pl.String,
    "entries": pl.Int64,
    "questions": pl.Int64,
    "rejects": pl.Int64,
    "needs_judge": pl.Int64,
    "mapped": pl.String,
    "notes": pl.String,
    "contents_sha256": pl.String,
}


@dataclass(frozen=True, slots=True)
class SuiteImport:
    """One imported file. row: of table imported_suites. changed: whether a file was written anew."""

    name: str
    row: Mapping[str, Any]
    rejects: tuple[ImportReject, ...]
    unaccounted: int
    changed: bool

    def frame(self) -> pl.DataFrame:
        """The row as a frame."""
        return pl.DataFrame([dict(self.row)], schema=dict(IMPORTED_SCHEMA))


def kept_imports(present: pl.DataFrame, data: Path) -> pl.DataFrame:
    """Earlier imports that still stand: whose written file is there, or that never gave one."""
    there = [
        questions == 0 or (data / IMPORTED_FOLDER / f"{name}.yaml").exists()
        for name, questions in present.select("name", "questions").iter_rows()
    ]
    return present.select(list(IMPORTED_SCHEMA)).filter(pl.Series("there", there, dtype=pl.Boolean))


def import_suite(path: str | Path, data: Path, earlier: pl.DataFrame) -> SuiteImport:
    """Reads a file and writes its questions to suites/<name>.yaml below the data directory.

    earlier: rows of imported_suites; a file that was imported before keeps its name. Never raises for what the file
    holds. A file that no longer gives any question loses the one written earlier.
    """
    origin = Path(path).expanduser().resolve()
    found = import_file(origin, str(origin))
    accepted, refused = _accepted(found)
    name = _name_of(origin, earlier)
    target = data / IMPORTED_FOLDER / f"{name}.yaml"
    changed = False
    if found.file is not None and accepted:
        about = f"Imported from {origin}. {found.file.description}".strip()
        changed = write_suite_file(target, replace(found.file, description=about, questions=tuple(accepted)))
    elif target.exists():
        target.unlink()
        changed = True
    rejects = (*found.rejects, *refused)
    row = {
        "name": name,
        "suite": found.file.suite if found.file is not None else re.sub(r"[^a-z0-9_]+", "_", origin.stem.lower()),
        "origin": str(origin),
        "layout": found.layout or "unknown",
        "entries": found.entries,
        "questions": len(accepted),
        "rejects": len(rejects),
        "needs_judge": sum(each.question.scorer == "judge" for each in accepted),
        "mapped": json.dumps(Counter(found.methods[each.name] for each in accepted), ensure_ascii=False),
        "notes": json.dumps(dict(found.notes), ensure_ascii=False),
        "contents_sha256": hashlib.sha256(origin.read_bytes()).hexdigest() if origin.is_file() else "",
    }
    return SuiteImport(name, row, rejects, max(0, found.entries - len(accepted) - len(rejects)), changed)


def _accepted(found: ImportedSuite) -> tuple[list[FileQuestion], list[ImportReject]]:
    """Questions whose scorer takes them, and rejects for the others."""
    accepted: list[FileQuestion] = []
    refused: list[ImportReject] = []
    unreadable = _not_in_our_layout(found.file)
    by_id: dict[str, FileQuestion] = {}
    for each in found.file.questions if found.file is not None else ():
        fault = unreadable.get(each.name) or config_fault(each.question)
        twin = by_id.get(each.question.question_id)
        if fault is None and twin is not None:
            fault = f"is the same question as {twin.name} in line {twin.line}, which is kept"
        if fault is None:
            by_id[each.question.question_id] = each
            accepted.append(each)
            continue
        raw = json.dumps({"prompt": each.question.prompt, "expected": each.question.expected}, ensure_ascii=False)
        refused.append(ImportReject(found.source, f"line {each.line}: {each.name}", fault, raw))
    return accepted, refused


def _not_in_our_layout(file: SuiteFile | None) -> dict[str, str]:
    """Name to what our own layout does not hold of a question: in one file with it, no question could be read."""
    whole = _layout_fault(file) if file is not None else None
    if file is None or whole is None:
        return {}
    faults = {each.name: _layout_fault(replace(file, questions=(each,))) for each in file.questions}
    found = {name: fault for name, fault in faults.items() if fault is not None}
    return found or dict.fromkeys(faults, whole)


def _layout_fault(file: SuiteFile) -> str | None:
    try:
        parse_suite_file(suite_text(file), source="imported")
    except (SuiteFileFault, YamlFault) as error:
        return re.sub(r"^text:\d+: ", "", str(error).splitlines()[0])
    return None


def _name_of(origin: Path, earlier: pl.DataFrame) -> str:
    """The earlier name of a file that was imported before; else its stem, made distinct by its folder or its path."""
    known = dict(earlier.select("origin", "name").iter_rows())
    if str(origin) in known:
        return known[str(origin)]
    stem, folder = _plain_name(origin.stem), _plain_name(origin.parent.name)
    digest = hashlib.sha256(str(origin).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    taken = set(known.values())
    return next(name for name in (stem, f"{folder}-{stem}", f"{stem}-{digest}") if name not in taken)


def _plain_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._-")[:100] or "questions"
