"""Review files: a judge's scores of answers, a CSV file a model and config, in half a dozen layouts.

Here: every CSV of results/reviews but the hand-kept master table (`committed_summary`). Not here: which review counts
(warehouse/derived/history), what needs several files (links to runs, template reasons: warehouse/settling).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Json, as_json, clean_text, finite_number, whole_number
from epyc_assets.history.formats import Format
from epyc_assets.history.naming import question_pk, role_and_config
from epyc_assets.history.review_csv import (
    MOST_CHARACTERS_OF_A_REJECT,
    CsvRecord,
    CsvTable,
    first_header,
    is_backup,
    is_committed_summary,
    is_identifier,
    is_review_place,
    read_table,
)
from epyc_assets.history.review_reason import MOST_CHARACTERS_READ, is_unverified
from epyc_assets.history.rows import Imported, Reject, Row

# The record asks some thousand questions and repeats its reasons, so each is worked out once. What is long is cut
# before it becomes a key, for these caches live as long as the process.
_question_key = lru_cache(maxsize=4096)(question_pk)
_says_unverified = lru_cache(maxsize=4096)(is_unverified)
_is_name = lru_cache(maxsize=4096)(is_identifier)

RESCORED = "_rescored"
"""End of the name of a review by the later, stricter judge."""

_RELATIVE = "_relative_scores"
_SCORE_COLUMNS = ("claude_score", "score")
_REASON_COLUMNS = ("score_reason", "reason")
_NUMBERS = ("tokens_per_second", "latency_ms")
_INTEGERS = ("tier", "turns")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFile(Row):
    """One review file. result_pk and alias_of are settled once all files are there."""

    table: ClassVar[str] = "review_file"

    review_pk: int
    name: str
    kind: str
    role: str | None
    config: str | None
    run_stem: str | None
    result_pk: int | None
    alias_of: str | None
    scale_max: int | None
    header: str | None
    n_rows: int
    n_comment_lines: int
    comments: Json | None
    quality_flags: tuple[str, ...]
    extra: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewScore(Row):
    """One row of a review file: a judge's verdict on one answer, or in a wide summary a model's figures."""

    table: ClassVar[str] = "review_score"

    review_pk: int
    ordinal: int
    line: int
    suite: str | None
    question_id: str | None
    question_pk: int | None
    subject_model: str | None
    tier: int | None
    score: int | None
    score_raw: str | None
    reason: str | None
    tps: float | None
    latency_ms: float | None
    turns: int | None
    quality_flags: tuple[str, ...]
    extra: Json | None


def read_review(content: Content) -> CsvTable:
    """The file as a header and records."""
    return read_table(content)


def rows_of_review(table: CsvTable, place: Place) -> Imported:
    """One review_file row and one review_score row a record; none for a file of a backup folder."""
    if is_backup(place):
        return Imported(flags=["backup"])
    imported = Imported(flags=list(table.header.flags))
    imported.dropped_records = table.n_blank + len(table.comments)
    imported.records = imported.dropped_records
    if table.header.shape == "none" and table.header.found is not None:
        return _without_header(imported, table, place)
    if table.header.swallowed:
        reject_record(imported, place, table.header_line, "a row is stuck to the header line", table.header.found or "")
    kind = kind_of(table, place)
    scores = _scores_of(table, place, kind, imported)
    imported.rows.append(review_file_row(table, place, kind, len(scores)))
    imported.rows.extend(scores)
    imported.main_rows = len(scores)
    imported.records += len(scores)
    return imported


def recognises_review(content: Content, place: Place) -> bool:
    """A header with a question and its score; in results/reviews any CSV file that is not empty."""
    if not content.data.strip() or is_committed_summary(content, place):
        return False
    if is_review_place(place):
        return True
    header = first_header(content)
    columns = header.columns
    return header.shape == "question" and any(name in columns for name in _SCORE_COLUMNS) and "question_id" in columns


def kind_of(table: CsvTable, place: Place) -> str:
    """plain, rescored, relative (scale of ten), legacy (column `score` of 0-3), orchestrator or wide."""
    columns = table.header.columns
    if table.header.shape == "wide":
        return "wide"
    name = place.stem.casefold()
    if "claude_score" not in columns and "score" in columns:
        return "relative" if "model" in columns or name.endswith(_RELATIVE) else "legacy"
    if "latency_ms" in columns or name.startswith("orchestrator"):
        return "orchestrator"
    return "rescored" if name.endswith(RESCORED) else "plain"


def review_file_row(table: CsvTable, place: Place, kind: str, n_rows: int) -> ReviewFile:
    """The row of the file itself."""
    flags = [*table.header.flags, *(["no_header"] if table.header.shape == "none" else [])]
    if table.header.shape == "question" and not any(name in table.header.columns for name in _SCORE_COLUMNS):
        flags.append("missing_score_column")
    named = None if kind in ("wide", "relative") else role_and_config(place.stem.removesuffix(RESCORED))
    return ReviewFile(
        source_file_id=place.source_file_id,
        review_pk=place.source_file_id,
        name=clean_text(place.stem),
        kind=kind,
        role=named[0] if named else None,
        config=named[1] if named else None,
        run_stem="_".join(named) if named else None,
        result_pk=None,
        alias_of=None,
        scale_max=None if kind == "wide" else 10 if kind == "relative" else 3,
        header=table.header.found,
        n_rows=n_rows,
        n_comment_lines=len(table.comments),
        comments=as_json([{"line": line, "text": text} for line, text in table.comments]) if table.comments else None,
        quality_flags=tuple(flags),
        extra=None,
    )


def wide_score_row(record: CsvRecord, review_pk: int, ordinal: int, columns: tuple[str, ...]) -> ReviewScore:
    """A row of a wide summary: nothing but the model has a column; the cells are in `extra`, by name where the row is
    as wide as the header, else as a list, since nobody knows which cells are missing."""
    flags = list(record.flags)
    cells: Mapping[str, str] | list[str]
    if len(record.cells) == len(columns):
        cells = dict(zip(columns, record.cells, strict=True))
    else:
        cells = record.cells
        flags.append("ragged" if len(record.cells) > len(columns) else "short_row")
    position = next((at for at, name in enumerate(columns) if "model" in name), len(record.cells))
    model = record.cells[position].strip() if position < len(record.cells) else ""
    extra: dict[str, object] = {"cells": cells}
    if record.flags:
        extra["raw_line"] = record.text
    return ReviewScore(
        source_file_id=review_pk,
        review_pk=review_pk,
        ordinal=ordinal,
        line=record.line,
        suite=None,
        question_id=None,
        question_pk=None,
        subject_model=model or None,
        tier=None,
        score=None,
        score_raw=None,
        reason=None,
        tps=None,
        latency_ms=None,
        turns=None,
        quality_flags=tuple(flags),
        extra=as_json(extra),
    )


def reject_record(imported: Imported, place: Place, line: int, reason: str, text: str) -> None:
    """Counts a record that could not be read, and keeps it."""
    imported.rejects.append(Reject(place.path, f"line {line}", reason, text))
    imported.records += 1
    imported.rejected_records += 1


def _without_header(imported: Imported, table: CsvTable, place: Place) -> Imported:
    imported.status = "unreadable"
    imported.error = "its first line is no header of a review file"
    text = (table.header.found or "")[:MOST_CHARACTERS_OF_A_REJECT]
    reject_record(imported, place, table.header_line, f"{imported.error}, so none of its lines was read", text)
    return imported


def _scores_of(table: CsvTable, place: Place, kind: str, imported: Imported) -> list[ReviewScore]:
    columns = table.header.columns
    review_pk = place.source_file_id
    suite = place.stem[: -len(_RELATIVE)] if place.stem.casefold().endswith(_RELATIVE) else None
    scale_max = 10 if kind == "relative" else 3
    scores: list[ReviewScore] = []
    sections = iter(table.comments)
    upcoming = next(sections, None)
    section: str | None = None
    asked: set[tuple[str | None, str | None, str | None]] = set()
    for record in table.records:
        while upcoming is not None and upcoming[0] < record.line:
            section = upcoming[1].lstrip("# \t")
            upcoming = next(sections, None)
        if len(record.cells) < 2:
            reason = f"has one cell where the header has {len(columns)}"
            reject_record(imported, place, record.line, reason, record.text)
            continue
        ordinal = len(scores) + 1
        if kind == "wide":
            scores.append(wide_score_row(record, review_pk, ordinal, columns))
            continue
        score = _question_row(record, review_pk, ordinal, columns, scale_max, suite, section)
        key = (score.subject_model, score.suite, score.question_id)
        if key in asked:
            score = replace(score, quality_flags=(*score.quality_flags, "repeated_question"))
        asked.add(key)
        scores.append(score)
    return scores


def _question_row(
    record: CsvRecord,
    review_pk: int,
    ordinal: int,
    columns: tuple[str, ...],
    scale_max: int,
    suite_of_file: str | None,
    section: str | None,
) -> ReviewScore:
    flags = list(record.flags)
    extra: dict[str, object] = {}
    found = record.cells
    width = len(columns)
    if len(found) > width:
        # The last column is the reason, and its commas are not quoted.
        found = [*found[: width - 1], ",".join(found[width - 1 :])]
        flags.append("ragged")
        if _holds_a_row(record.cells[width:], columns):
            flags.append("swallowed_row")
    elif len(found) < width:
        flags.append("short_row")
        extra["cells"] = found
    if record.flags or (len(record.cells) > width and ",".join(record.cells) != record.text):
        extra["raw_line"] = record.text
    if "\ufffd" in record.text:
        flags.append("replacement_character")
    cells = {name: cell for name, cell in zip(columns, found, strict=False) if cell != ""}
    suite, question_id = _question_of(cells, suite_of_file, extra)
    model = cells.pop("model", None)
    if not all(_is_name(name[:200]) for name in (suite, question_id, model) if name is not None):
        flags.append("odd_identifier")
    if question_id is None:
        flags.append("missing_question")
    score_raw = _first_of(cells, _SCORE_COLUMNS)
    score = _score_of(score_raw, scale_max, flags)
    reason = _first_of(cells, _REASON_COLUMNS)
    if reason is not None and _says_unverified(reason[:MOST_CHARACTERS_READ]):
        flags.append("unverified_reason")
    numbers = {
        name: number for name in _NUMBERS if (number := finite_number(cells.get(name), from_text=True)) is not None
    }
    whole = {
        name: number for name in _INTEGERS if (number := whole_number(cells.get(name), from_text=True)) is not None
    }
    # What has a column of its own is taken out; the rest, words where a number should be among it, stays in extra.
    extra.update((name, cell) for name, cell in cells.items() if name not in numbers and name not in whole)
    if section is not None:
        extra["section"] = section
    return ReviewScore(
        source_file_id=review_pk,
        review_pk=review_pk,
        ordinal=ordinal,
        line=record.line,
        suite=suite,
        question_id=question_id,
        question_pk=_question_key(suite, question_id) if suite is not None and question_id is not None else None,
        subject_model=model,
        tier=whole.get("tier"),
        score=score,
        score_raw=score_raw,
        reason=reason,
        tps=numbers.get("tokens_per_second"),
        latency_ms=numbers.get("latency_ms"),
        turns=whole.get("turns"),
        quality_flags=tuple(flags),
        extra=as_json(extra) if extra else None,
    )


def _holds_a_row(cells: list[str], columns: tuple[str, ...]) -> bool:
    """Whether the cells beyond the header's are all but the first of a row: a line end before it is gone."""
    after = dict(zip(columns[1:], cells, strict=False))
    scores = [after[name] for name in _SCORE_COLUMNS if name in after]
    question_id = after.get("question_id", "")
    return bool(scores) and whole_number(scores[0], from_text=True) is not None and is_identifier(question_id)


def _question_of(
    cells: dict[str, str], suite_of_file: str | None, extra: dict[str, object]
) -> tuple[str | None, str | None]:
    """Suite and question. Files without a suite column write `<suite>/<question>`, or have the suite in their name."""
    suite, question_id = cells.pop("suite", None), cells.pop("question_id", None)
    if suite is None and question_id is not None and question_id.count("/") == 1:
        extra["question_id"] = question_id
        before, after = question_id.split("/")
        return before or suite_of_file, after or None
    return suite or suite_of_file, question_id


def _first_of(cells: dict[str, str], names: tuple[str, ...]) -> str | None:
    """The cell of the first of the columns that has one, taken out."""
    return next((cells.pop(name) for name in names if name in cells), None)


def _score_of(text: str | None, scale_max: int, flags: list[str]) -> int | None:
    """The score if the cell is a whole number of the scale; else NULL, never 0, and a flag says why."""
    if text is None or not text.strip():
        flags.append("score_missing")
        return None
    score = whole_number(text, from_text=True)
    if score is None:
        flags.append("score_not_integer")
    elif not 0 <= score <= scale_max:
        flags.append("score_out_of_scale")
        return None
    return score


FORMATS: tuple[Format, ...] = (
    Format(
        name="review",
        family="reviews",
        version=1,
        tables=(ReviewFile, ReviewScore),
        recognises=recognises_review,
        read=read_review,
        rows=rows_of_review,
    ),
)
