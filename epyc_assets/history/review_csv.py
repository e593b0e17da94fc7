"""Review CSV files as records: headers, comment lines, ragged rows, quotes that are never closed.

Here: cutting the text of a review file into records and its header into column names, losing nothing that a damaged
file still holds. Not here: what the columns mean (`review`, `committed_summary`).

Why not the csv module: an unclosed quote makes it swallow every row up to the next quote, and its limit on the size of
a field belongs to the whole process.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from epyc_assets.history.content import Content, Place

STANDARD = ("suite", "question_id", "tokens_per_second", "claude_score", "score_reason")

QUESTION_LAYOUTS = (
    STANDARD,
    ("model", "question_id", "score", "score_reason"),
    ("model", "suite", "question_id", "claude_score", "score_reason"),
    ("question_id", "score", "reason"),
    ("suite", "question_id", "tier", "latency_ms", "claude_score", "score_reason"),
    ("suite", "question_id", "latency_ms", "turns", "claude_score", "score_reason"),
)
"""Known headers of files with one row a question."""

SUMMARY_LAYOUT = (
    "model", "thinking", "general", "math", "agentic", "coder", "instruction_precision", "long_context", "vl",
    "total", "pct_str", "avg_tps", "spec_draft", "spec_best_tps", "spec_k_results", "lookup_best_tps",
    "lookup_n_results", "spec_lookup_best_tps", "spec_lookup_results",
)  # fmt: skip
"""Header of the hand-kept master table, reviews/summary.csv."""

MOST_LINES_OF_A_RECORD = 1000
"""A quoted field runs over no more lines than this; what is still open then counts as never closed."""

MOST_CELLS = 4096
"""A record is cut into no more cells than this; the last one then holds the rest, commas included."""

MOST_CHARACTERS_OF_A_REJECT = 20_000
"""So much of a file that has no header is kept in its reject; the file itself stays where it is."""

_IDENTIFIER = re.compile(r"[\w.+/:†-]{1,160}")
_IDENTIFIERS = ("suite", "model", "question_id")
_COLUMN_NAME = re.compile(r"[^\x00-\x1f\x7f\ufffd{}\[\]\"]{0,80}")
_HEAD_BYTES = 8192
_MOST_CHARACTERS_OF_A_HEADER = 4000


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One record: number of its first line from 1, its cells as found, its text, and doubts about its quotes."""

    line: int
    cells: list[str]
    text: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """A header line understood. columns: names to use, unique; found: its text as it stands, None where there is none.

    shape: `question` (a row a question), `wide` (a row a model) or `none` (no header could be made out).
    swallowed: a row is stuck to its end, by a line end that is gone.
    """

    columns: tuple[str, ...]
    found: str | None
    shape: str
    flags: tuple[str, ...] = ()
    swallowed: bool = False


@dataclass(slots=True)
class CsvTable:
    """A review file as records. comments: (line, text) of lines that begin with #; n_blank: lines without a word."""

    header: Header
    header_line: int = 0
    records: list[CsvRecord] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    n_blank: int = 0


def read_table(content: Content) -> CsvTable:
    """The contents as a header and records. Never raises."""
    lines = content.lines[:-1] if content.lines[-1] == "" else content.lines
    table = CsvTable(Header((), None, "none"))
    at = 0
    while at < len(lines) and (not lines[at].strip() or lines[at].lstrip().startswith("#")):
        _note(table, at, lines[at])
        at += 1
    if at == len(lines):
        return table
    table.header = header_of(lines[at])
    table.header_line = at + 1
    if table.header.found is not None:
        at += 1
    if table.header.shape != "none":
        _read_records(table, lines, at)
    return table


def cells_of(text: str) -> tuple[list[str], bool]:
    """The cells of a record as the csv module reads them, and whether its last quote is still open."""
    if '"' not in text:
        return text.split(",", MOST_CELLS - 1), False
    cells: list[str] = []
    at = 0
    while True:
        if len(cells) == MOST_CELLS - 1:
            return [*cells, text[at:]], False
        pieces: list[str] = []
        if text.startswith('"', at):
            at += 1
            while True:
                end = text.find('"', at)
                if end < 0:
                    return [*cells, "".join([*pieces, text[at:]])], True
                pieces.append(text[at:end])
                if not text.startswith('"', end + 1):
                    at = end + 1
                    break
                pieces.append('"')
                at = end + 2
        comma = text.find(",", at)
        if comma < 0:
            return [*cells, "".join([*pieces, text[at:]])], False
        cells.append("".join([*pieces, text[at:comma]]))
        at = comma + 1


def header_of(line: str) -> Header:
    """A header line understood: exactly, or with one damaged name, or as a first row where the header is missing."""
    if len(line) > _MOST_CHARACTERS_OF_A_HEADER:
        return Header((), line, "none")
    cells, is_open = cells_of(line)
    if is_open or len(cells) < 2:
        cells = [cell.strip('"') for cell in line.split(",")]
    found = tuple(cell.strip() for cell in cells)
    flags = ("damaged_header",) if is_open else ()
    names = tuple(name.casefold() for name in found)
    for layout in (*QUESTION_LAYOUTS, SUMMARY_LAYOUT):
        shape = "wide" if layout == SUMMARY_LAYOUT else "question"
        if names == layout:
            return Header(layout, line, shape, flags)
    for layout in (*QUESTION_LAYOUTS, SUMMARY_LAYOUT):
        shape = "wide" if layout == SUMMARY_LAYOUT else "question"
        if _one_name_damaged(names, layout):
            return Header(layout, line, shape, ("damaged_header",))
        if _row_stuck_to(names, layout):
            return Header(layout, line, shape, ("damaged_header",), swallowed=True)
    if "question_id" in names and len(names) > 1:
        return Header(_unique(names), line, "question", (*flags, "unknown_header"))
    if looks_like_row(cells, Header(STANDARD, None, "question")) and cells[3].strip().isdecimal():
        return Header(STANDARD, None, "question", ("missing_header",))
    if len(names) > 1 and found[0][:1].isalpha() and all(map(_COLUMN_NAME.fullmatch, found)):
        return Header(_unique(names), line, "wide", flags)
    return Header((), line, "none")


def looks_like_row(cells: Sequence[str], header: Header) -> bool:
    """Whether cells are plainly a row of their own: identifiers, not words, where the header has identifiers."""
    width = len(header.columns)
    if header.shape == "wide":
        return len(cells) >= max(3, width - 2) and 0 < len(cells[0]) <= 160
    positions = [header.columns.index(name) for name in _IDENTIFIERS if name in header.columns]
    if len(cells) < max(width - 1, max(positions) + 2):
        return False
    if not all(_IDENTIFIER.fullmatch(cells[position]) for position in positions):
        return False
    question_id = cells[header.columns.index("question_id")]
    return "_" in question_id or any(character.isdigit() for character in question_id)


def is_identifier(cell: str) -> bool:
    """Whether a cell can be the name of a suite, a question or a model: one word of usual characters."""
    return _IDENTIFIER.fullmatch(cell) is not None


def first_header(content: Content) -> Header:
    """The header by a look at the beginning of the contents alone; for telling formats apart. Never raises."""
    head = content.data[:_HEAD_BYTES].decode(content.encoding, "replace").removeprefix("\ufeff")
    for line in head.replace("\r", "\n").split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            return header_of(line)
    return Header((), None, "none")


def is_review_place(place: Place) -> bool:
    """A CSV file in results/reviews or in a folder below it."""
    folders = place.parts[:-1]
    inside = any(folders[start : start + 2] == ("results", "reviews") for start in range(len(folders)))
    return inside and place.name.casefold().endswith(".csv")


def is_backup(place: Place) -> bool:
    """A snapshot of the reviews, never a source of scores: in a folder below results/reviews, or in one so named."""
    if place.folder_below("results", "reviews") is not None:
        return True
    return any("backup" in folder.casefold() for folder in place.parts[:-1])


def is_committed_summary(content: Content, place: Place) -> bool:
    """Whether it is the hand-kept master table: by its header, else by its name."""
    header = first_header(content)
    if header.columns == SUMMARY_LAYOUT:
        return True
    return header.shape != "question" and is_review_place(place) and place.name.casefold() == "summary.csv"


def _note(table: CsvTable, at: int, line: str) -> None:
    if line.strip():
        table.comments.append((at + 1, line))
    else:
        table.n_blank += 1


def _read_records(table: CsvTable, lines: list[str], at: int) -> None:
    header = table.header
    width = len(header.columns)
    while at < len(lines):
        line = lines[at]
        if not line.strip() or _is_comment(line, width):
            _note(table, at, line)
            at += 1
            continue
        cells, is_open = cells_of(line)
        start = at
        at += 1
        if is_open:
            at, is_open = _end_of_record(lines, at, header)
            line = "\n".join(lines[start:at])
            cells, _ = cells_of(line)
        flags = ("unclosed_quote",) if is_open else ()
        # A summary's quoted cells have commas for good, so only there where a quote is open is it taken for damaged.
        if len(cells) < width and '"' in line and (is_open or header.shape == "question"):
            unquoted = [cell.strip('"') for cell in line.split(",", MOST_CELLS - 1)]
            if looks_like_row(unquoted, header) and len(unquoted) >= width:
                cells, flags = unquoted, flags or ("stray_quote",)
        table.records.append(CsvRecord(start + 1, cells, line, flags))


def _end_of_record(lines: list[str], at: int, header: Header) -> tuple[int, bool]:
    """Index after the last line of a record whose quote is open at the start of line `at`, and whether it stays open.

    A line that is plainly a row of its own ends it: the quote before it was never closed.
    """
    for index in range(at, min(len(lines), at + MOST_LINES_OF_A_RECORD)):
        if looks_like_row(cells_of(lines[index])[0], header):
            return index, True
        if not cells_of('"' + lines[index])[1]:
            return index + 1, False
    return min(len(lines), at + MOST_LINES_OF_A_RECORD), True


def _is_comment(line: str, width: int) -> bool:
    """A line that begins with #, unless it has a row's cells and so is a row whose first letter is damaged."""
    text = line.lstrip()
    return text.startswith("#") and (text.startswith("# ") or text.count(",") + 1 < width)


def _one_name_damaged(names: tuple[str, ...], layout: tuple[str, ...]) -> bool:
    if len(names) != len(layout) or len(layout) < 3:
        return False
    wrong = [(found, meant) for found, meant in zip(names, layout, strict=True) if found != meant]
    return len(wrong) == 1 and _nearly(*wrong[0])


def _nearly(found: str, meant: str) -> bool:
    """At most two characters changed, or one or two added or missing."""
    if abs(len(found) - len(meant)) > 2 or found in _known_names():
        return False
    start = 0
    while start < min(len(found), len(meant)) and found[start] == meant[start]:
        start += 1
    end = 0
    while end < min(len(found), len(meant)) - start and found[-1 - end] == meant[-1 - end]:
        end += 1
    return max(len(found), len(meant)) - start - end <= 2


def _known_names() -> frozenset[str]:
    return frozenset(name for layout in QUESTION_LAYOUTS for name in layout)


def _row_stuck_to(names: tuple[str, ...], layout: tuple[str, ...]) -> bool:
    last = len(layout) - 1
    return len(names) > len(layout) and names[:last] == layout[:last] and names[last].startswith(layout[last])


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names with a number after each repetition and each empty one, so that no cell hides another."""
    seen: set[str] = set()
    result = []
    for position, name in enumerate(names, start=1):
        unique = name or f"column_{position}"
        while unique in seen:
            unique = f"{unique}#{position}"
        seen.add(unique)
        result.append(unique)
    return tuple(result)
