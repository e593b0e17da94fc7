"""The hand-kept master table of the record, reviews/summary.csv, with its rows of three widths put straight.

Here: each row as found and realigned. Not here: what is wrong in it (warehouse/derived/history), other summaries
(`review`).

The table got a `vl` column when most of its rows were written, and some rows have a note after the last column. So a
row has 18 cells (without vl), 19 (with vl, or without it but with a note) or 20 (with both).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from epyc_assets.history.content import Content, Place
from epyc_assets.history.fields import Json, as_json
from epyc_assets.history.formats import Format
from epyc_assets.history.review import ReviewFile, ReviewScore, reject_record, review_file_row, wide_score_row
from epyc_assets.history.review_csv import (
    MOST_CHARACTERS_OF_A_REJECT,
    SUMMARY_LAYOUT,
    CsvRecord,
    CsvTable,
    is_backup,
    is_committed_summary,
    read_table,
)
from epyc_assets.history.rows import Imported, Row

_PERCENT = re.compile(r"\d+(\.\d+)?%†?")
_VL = SUMMARY_LAYOUT.index("vl")
_PCT = SUMMARY_LAYOUT.index("pct_str")
_OLD_LAYOUT = (*SUMMARY_LAYOUT[:_VL], *SUMMARY_LAYOUT[_VL + 1 :])


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedSummaryLine(Row):
    """One row of the hand-kept master table, cells as text under the columns that they belong to."""

    table: ClassVar[str] = "committed_summary_line"

    line: int
    n_cells: int
    layout: str
    model: str | None
    thinking: str | None
    general: str | None
    math: str | None
    agentic: str | None
    coder: str | None
    instruction_precision: str | None
    long_context: str | None
    vl: str | None
    total: str | None
    pct_str: str | None
    avg_tps: str | None
    spec_draft: str | None
    spec_best_tps: str | None
    spec_k_results: str | None
    lookup_best_tps: str | None
    lookup_n_results: str | None
    spec_lookup_best_tps: str | None
    spec_lookup_results: str | None
    note: str | None
    has_dagger: bool
    cells: Json
    quality_flags: tuple[str, ...]


def read_committed_summary(content: Content) -> CsvTable:
    """The file as a header and records."""
    return read_table(content)


def rows_of_committed_summary(table: CsvTable, place: Place) -> Imported:
    """Per record a committed_summary_line and, as for any wide summary, a review_score; none for a backup."""
    if is_backup(place):
        return Imported(flags=["backup"])
    imported = Imported(flags=list(table.header.flags))
    imported.dropped_records = table.n_blank + len(table.comments)
    imported.records = imported.dropped_records
    if table.header.columns != SUMMARY_LAYOUT:
        imported.status = "unreadable"
        imported.error = "its first line is not the header of the master table"
        text = (table.header.found or "")[:MOST_CHARACTERS_OF_A_REJECT]
        reject_record(imported, place, table.header_line, f"{imported.error}, so none of its lines was read", text)
        return imported
    if table.header.swallowed:
        reject_record(imported, place, table.header_line, "a row is stuck to the header line", table.header.found or "")
    lines: list[CommittedSummaryLine] = []
    scores: list[ReviewScore] = []
    for record in table.records:
        layout = layout_of(record.cells)
        if layout is None:
            reason = f"has {len(record.cells)} cells; a row of the master table has {len(_OLD_LAYOUT)} to 20"
            reject_record(imported, place, record.line, reason, record.text)
            continue
        lines.append(_line(record, place, layout))
        scores.append(wide_score_row(record, place.source_file_id, len(scores) + 1, SUMMARY_LAYOUT))
    imported.rows = [review_file_row(table, place, "wide", len(scores)), *lines, *scores]
    imported.main_rows = len(scores)
    imported.records += len(scores)
    return imported


def layout_of(cells: Sequence[str]) -> str | None:
    """without_vl, without_vl_note, with_vl or with_vl_note; None for a width that no layout has.

    The width decides, but 19 cells can be two layouts: then the place of the percentage does.
    """
    if len(cells) == len(_OLD_LAYOUT):
        return "without_vl"
    if len(cells) == len(SUMMARY_LAYOUT):
        shifted = _PERCENT.fullmatch(cells[_PCT - 1].strip()) and not _PERCENT.fullmatch(cells[_PCT].strip())
        return "without_vl_note" if shifted else "with_vl"
    return "with_vl_note" if len(cells) == len(SUMMARY_LAYOUT) + 1 else None


def _line(record: CsvRecord, place: Place, layout: str) -> CommittedSummaryLine:
    names = SUMMARY_LAYOUT if layout.startswith("with_vl") else _OLD_LAYOUT
    found = dict(zip((*names, "note"), record.cells, strict=False))
    aligned = {name: found.get(name, "").strip() or None for name in (*SUMMARY_LAYOUT, "note")}
    flags = list(record.flags)
    percent = aligned["pct_str"]
    if percent is None or not _PERCENT.fullmatch(percent):
        flags.append("odd_percentage")
    if "\ufffd" in record.text:
        flags.append("replacement_character")
    return CommittedSummaryLine(
        source_file_id=place.source_file_id,
        line=record.line,
        n_cells=len(record.cells),
        layout=layout,
        has_dagger=percent is not None and percent.endswith("†"),
        cells=as_json(record.cells),
        quality_flags=tuple(flags),
        **aligned,
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="committed_summary",
        family="reviews",
        version=1,
        tables=(ReviewFile, ReviewScore, CommittedSummaryLine),
        recognises=is_committed_summary,
        read=read_committed_summary,
        rows=rows_of_committed_summary,
    ),
)
