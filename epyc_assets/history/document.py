"""Files that no other format takes: any JSON, JSON Lines, YAML or CSV, free text, empty files, and binary ones.

Here: keeping them whole, so that nothing of the record is lost, and saying what is wrong with a broken one. Not here:
what any of them means. The last of these formats takes every file there is.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

from epyc_assets.history.content import Content, Fault, Place
from epyc_assets.history.fields import Json, as_json, clean_text
from epyc_assets.history.formats import Format
from epyc_assets.history.raw_text import RawText, raw_text_of, raw_text_row
from epyc_assets.history.rows import Imported, Reject, Row
from epyc_assets.history.yaml_text import read_yaml

FAMILY = "documents"

_EXCERPT_CHARACTERS = 2000
_MOST_KEYS = 10_000
_BINARY_SHARE = 0.05
"""A file with more than this share of control characters and invalid bytes is no text."""

_SIGNATURES = (
    (b"SQLite format 3\x00", "an SQLite database whose tables no importer knows"),
    (b"GGUF", "a GGUF model file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ\x00", "xz-compressed"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program for Linux"),
    (b"\x80\x04", "a Python pickle, which is never opened"),
    (b"\x93NUMPY", "a NumPy array"),
)
_CONTROLS = bytes(each for each in range(32) if each not in b"\t\n\v\f\r\x1b")
_TEXT_ENDINGS = ("json", "yaml", "yml", "csv", "tsv", "md", "txt", "py", "log", "sh", "toml", "ini", "html", "xml")
_JSON_LINES = re.compile(r".*\.(?:jsonl|ndjson)(?:[._~-].*)?", re.IGNORECASE)
_DEEPEST_NESTING = 200
_MOST_LINES = 300_000
"""Lines of a file that become rows; one with more is kept as text alone. No file of the record comes near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Row):
    """One JSON or YAML file, whole. kind: shape at the top: object, list or scalar."""

    table: ClassVar[str] = "document"

    kind: str
    keys: tuple[str, ...]
    n_items: int
    content: Json
    quality_flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine(Row):
    """One line of a JSON Lines file, or one record of a CSV file with an unknown header."""

    table: ClassVar[str] = "document_line"

    line: int
    content: Json
    quality_flags: tuple[str, ...]


@dataclass(slots=True)
class Reading:
    """What a file came to, before its place is known. text: kept whole when not None; is_text: it is all there is."""

    text: str | None = None
    is_text: bool = False
    document: tuple[str, tuple[str, ...], int, Json] | None = None
    lines: list[tuple[int, Json, tuple[str, ...]]] = field(default_factory=list)
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    status: str = "ok"
    error: str | None = None
    dropped: int = 0
    flags: list[str] = field(default_factory=list)


def rows_of_reading(reading: Reading, place: Place) -> Imported:
    """The document's row or its lines' rows, the text, and a reject for each fault."""
    flags = tuple(reading.flags)
    imported = Imported(
        status=reading.status, error=reading.error, dropped_records=reading.dropped, flags=list(reading.flags)
    )
    key = place.source_file_id
    if reading.document is not None:
        kind, keys, count, content = reading.document
        imported.rows.append(
            Document(source_file_id=key, kind=kind, keys=keys, n_items=count, content=content, quality_flags=flags)
        )
    for line, content, doubts in reading.lines:
        imported.rows.append(DocumentLine(source_file_id=key, line=line, content=content, quality_flags=doubts))
    imported.main_rows = len(imported.rows)
    if reading.text is not None:
        imported.rows.append(raw_text_row(reading.text, place))
        imported.main_rows += reading.is_text
    imported.rejects = [Reject(place.path, location, reason, raw) for location, reason, raw in reading.faults]
    imported.rejected_records = len(imported.rejects)
    imported.records = imported.main_rows + imported.dropped_records + imported.rejected_records
    return imported


# Empty and binary files

BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def is_empty(content: Content, place: Place) -> bool:
    """No bytes at all, white space alone, or nothing but the mark that a text is Unicode."""
    return not content.data.strip() or content.data in BYTE_ORDER_MARKS


def read_empty(content: Content) -> Reading:
    """An empty file holds nothing; white space alone is kept as text."""
    text = raw_text_of(content) if content.data else None
    return Reading(text=text, is_text=text is not None, status="empty")


def is_binary(content: Content, place: Place) -> bool:
    """Whether it has a known signature of no text format, or is not text."""
    return _signature(content.data) is not None or _is_no_text(content)


def read_binary(content: Content) -> Reading:
    """Says what it seems to be."""
    words = _signature(content.data)
    return Reading(status="unsupported", error=f"{words or 'no text: binary contents of no known format'}")


def rows_of_binary(reading: Reading, place: Place) -> Imported:
    """No rows; a reject where the name promises text."""
    imported = rows_of_reading(reading, place)
    ending = place.name.rpartition(".")[2].lower()
    if ending in _TEXT_ENDINGS or _JSON_LINES.fullmatch(place.name):
        imported.status = "unreadable"
        imported.error = f"named as text (.{ending}), but holds {reading.error}"
        imported.rejects = [Reject(place.path, "the whole file", imported.error, "")]
        imported.records = imported.rejected_records = 1
    return imported


def _signature(data: bytes) -> str | None:
    return next((words for mark, words in _SIGNATURES if data.startswith(mark)), None)


def _is_no_text(content: Content) -> bool:
    if content.encoding not in ("utf-8", "utf-8-sig"):
        return False
    data = content.data
    odd = len(data) - len(data.translate(None, _CONTROLS))
    return odd + content.invalid_bytes > max(len(data) * _BINARY_SHARE, 2)


# JSON


def is_json(content: Content, place: Place) -> bool:
    """A JSON object or list, or anything named .json."""
    if place.name.lower().endswith(".json"):
        return True
    if place.name.lower().endswith((".yaml", ".yml", ".csv", ".tsv")) or _JSON_LINES.fullmatch(place.name):
        return False
    return content.text.lstrip()[:1] in ("{", "[") and isinstance(content.json, dict | list)


def read_json(content: Content) -> Reading:
    """The document, or what is wrong with it; a broken one is kept as text."""
    value = content.json
    if isinstance(value, Fault):
        return _broken(raw_text_of(content), value)
    reading = _document(value)
    if reading.document is None:
        return _broken(raw_text_of(content), Fault(str(reading.error)))
    if _has_duplicate_keys(content.text):
        reading.flags.append("duplicate_keys")
        reading.text = raw_text_of(content)
    return reading


def _has_duplicate_keys(text: str) -> bool:
    found = False

    def pairs(each: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        result = dict(each)
        found = found or len(result) < len(each)
        return result

    try:
        json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return True
    return found


def _document(value: Any) -> Reading:
    if _is_deeper_than(value, _DEEPEST_NESTING):
        return Reading(error=f"nested more than {_DEEPEST_NESTING} deep")
    kind = "object" if isinstance(value, dict) else "list" if isinstance(value, list) else "scalar"
    keys = tuple(clean_text(str(key)) for key in islice(value, _MOST_KEYS)) if kind == "object" else ()
    try:
        return Reading(document=(kind, keys, 1 if kind == "scalar" else len(value), as_json(value)))
    except RecursionError:
        return Reading(error="nested too deeply to be kept")


def _is_deeper_than(value: Any, most: int) -> bool:
    level: list[Any] = [value]
    for _ in range(most):
        level = [each for holder in level for each in _members(holder) if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _members(holder: Any) -> Iterable[Any]:
    if isinstance(holder, dict):
        return holder.values()
    return holder if isinstance(holder, list) else ()


def _broken(text: str, fault: Fault) -> Reading:
    lines = text.splitlines()
    line = fault.line if fault.line is not None and fault.line <= len(lines) else None
    excerpt = lines[line - 1] if line is not None else text
    return Reading(
        text=text,
        status="truncated" if fault.cut_off else "unreadable",
        error=fault.message,
        faults=[
            (f"line {fault.line}" if fault.line else "the whole file", fault.message, excerpt[:_EXCERPT_CHARACTERS])
        ],
    )


# JSON Lines


def is_json_lines(content: Content, place: Place) -> bool:
    """Named as JSON Lines, or: at least two of the first lines are JSON objects and the whole is not JSON."""
    if _JSON_LINES.fullmatch(place.name):
        return True
    name = place.name.lower()
    if name.endswith((".yaml", ".yml", ".csv", ".tsv", ".md")):
        return False
    if name.endswith(".json") and not isinstance(content.json, Fault):
        return False
    lines = [line for line in content.lines[:20] if line.strip()][:2]
    return len(lines) == 2 and all(
        line.startswith("{") and line.rstrip().endswith("}") and _is_object(line) for line in lines
    )


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_json_lines(content: Content) -> Reading:
    """A row a line, a reject for each that is no JSON."""
    if _has_too_many_lines(content):
        return _too_many_lines(content)
    reading = Reading()
    for number, line, value in content.json_lines:
        if isinstance(value, Fault):
            reading.faults.append((f"line {number}", value.message, clean_text(line)))
            continue
        if _is_deeper_than(value, _DEEPEST_NESTING):
            reading.faults.append((f"line {number}", f"nested more than {_DEEPEST_NESTING} deep", clean_text(line)))
            continue
        doubts = ("duplicate_keys",) if _has_duplicate_keys(line) else ()
        if doubts:
            reading.text = raw_text_of(content)
        reading.lines.append((number, as_json(value), doubts))
    _judge_lines(reading, content, "no line is JSON")
    return reading


def _has_too_many_lines(content: Content) -> bool:
    return max(content.data.count(b"\n"), content.data.count(b"\r")) > _MOST_LINES


def _too_many_lines(content: Content) -> Reading:
    error = f"more than {_MOST_LINES:,} lines of no known format; kept as text"
    return Reading(text=raw_text_of(content), status="unsupported", error=error)


def _judge_lines(reading: Reading, content: Content, nothing: str) -> None:
    """A last line that is broken and not ended was cut off."""
    if not reading.faults:
        return
    reading.text = raw_text_of(content)
    last = len(content.lines)
    if reading.faults[-1][0] == f"line {last}" and not content.data.endswith((b"\n", b"\r")):
        reading.status, reading.error = "truncated", "the last line ends in its middle"
    elif not reading.lines:
        reading.status, reading.error = "unreadable", nothing


# YAML


def is_yaml(content: Content, place: Place) -> bool:
    """Named .yaml or .yml: contents alone cannot tell, since most text is YAML."""
    return place.name.lower().endswith((".yaml", ".yml"))


def read_yaml_document(content: Content) -> Reading:
    """The document, or what is wrong with it; a broken one is kept as text."""
    text = raw_text_of(content)
    read = read_yaml(text)
    if read.fault is not None:
        return _broken(text, read.fault)
    reading = _document(read.value)
    if reading.document is None:
        return _broken(text, Fault(str(reading.error)))
    reading.flags += read.flags
    # YAML's comments are in no value.
    reading.text = text
    return reading


# CSV


def is_table(content: Content, place: Place) -> bool:
    """Named .csv or .tsv: contents alone cannot tell."""
    return place.name.lower().endswith((".csv", ".tsv"))


def read_table(content: Content) -> Reading:
    """A row a record, its cells by the header's names; surplus cells are in a list named `""`."""
    if _has_too_many_lines(content):
        return _too_many_lines(content)
    reading = Reading(text=raw_text_of(content))
    text = content.text.replace("\r\n", "\n").replace("\r", "\n")
    first_line = text.lstrip("\n").split("\n", 1)[0]
    delimiter = "\t" if "\t" in first_line and first_line.count("\t") >= first_line.count(",") else ","
    header: list[str] | None = None
    for line, cells, fault in _records(text, delimiter):
        if fault is not None:
            reading.faults.append((f"line {line}", fault, ""))
        elif not any(cells):
            reading.dropped += 1
        elif header is None:
            header = _unique_names(cells)
            reading.dropped += 1
        else:
            doubts = () if len(cells) == len(header) else ("ragged",)
            record: dict[str, Any] = dict(zip(header, cells, strict=False))
            if len(cells) > len(header):
                record[""] = cells[len(header) :]
            reading.lines.append((line, as_json(record), doubts))
    if text.count('"') % 2 and reading.lines:
        line, content_json, _ = reading.lines.pop()
        reading.faults.append((f"line {line}", "a quotation mark is open at the end of the file", content_json))
        reading.status, reading.error = "truncated", "ends inside a quoted cell"
    elif not reading.lines and reading.faults:
        reading.status, reading.error = "unreadable", "no record could be read"
    if any(doubts for _, _, doubts in reading.lines):
        reading.flags.append("ragged")
    return reading


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield begins, [], f"not CSV: {error}"
            continue
        yield begins, cells, None


def _unique_names(cells: list[str]) -> list[str]:
    names: dict[str, None] = {}
    for at, cell in enumerate(cells, start=1):
        name = cell or f"column {at}"
        while name in names:
            name += f" ({at})"
        names[name] = None
    return list(names)


# Text


def is_text(content: Content, place: Place) -> bool:
    """Any file."""
    return True


def read_text(content: Content) -> Reading:
    """Kept whole."""
    return Reading(text=raw_text_of(content), is_text=True)


def _format(name: str, tables: tuple[type[Row], ...], recognises: Any, read: Any, **more: Any) -> Format:
    return Format(
        name=name,
        family=FAMILY,
        version=1,
        tables=tables,
        recognises=recognises,
        read=read,
        **{"rows": rows_of_reading, **more},
    )


FORMATS: tuple[Format, ...] = (
    _format("empty", (RawText,), is_empty, read_empty),
    _format("binary", (), is_binary, read_binary, rows=rows_of_binary, is_text=False),
    _format("json_lines", (DocumentLine, RawText), is_json_lines, read_json_lines),
    _format("json", (Document, RawText), is_json, read_json),
    _format("yaml", (Document, RawText), is_yaml, read_yaml_document),
    _format("csv", (DocumentLine, RawText), is_table, read_table),
    _format("text", (RawText,), is_text, read_text),
)
