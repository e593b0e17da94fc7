"""Damage to files of the record, and what an importer must hold to whatever the damage.

Here: strategies of damage, and the invariants. Not here: any format's own files (the tests of each).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from epyc_assets.history.content import Content, Place
from epyc_assets.history.formats import Format
from epyc_assets.history.rows import Imported, Row, frames_of

MIGRATIONS = Path(__file__).resolve().parents[2] / "epyc_assets" / "warehouse" / "migrations"
STATUSES = {"ok", "empty", "not_started", "truncated", "unsupported", "unreadable"}

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["", "NaN", "1e999", "\ud800", "\x00", "-0", "2026-13-45T99:99:99"])
)
values = st.recursive(
    scalars,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=6), each, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    """The bytes cut short, with bits flipped, a run of them repeated, or in another encoding."""
    kind = draw(st.sampled_from(["cut", "flip", "repeat", "encode", "mark"]))
    if kind == "cut":
        return data[: draw(st.integers(0, len(data)))]
    if kind == "flip":
        damaged = bytearray(data)
        for position in draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=8)):
            damaged[position] ^= 1 << draw(st.integers(0, 7))
        return bytes(damaged)
    if kind == "repeat":
        start, end = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
        return data[:end] + data[start:end] + data[end:]
    if kind == "encode":
        return data.decode().encode("utf-16")
    return b"\xef\xbb\xbf" + data


@st.composite
def damaged_value(draw: st.DrawFn, value: Any) -> Any:
    """The JSON value with one part of it, at any depth, replaced by another, removed, or renamed."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 3)) == 0:
        return draw(values)
    if isinstance(value, list):
        at = draw(st.integers(0, len(value) - 1))
        return [draw(damaged_value(each)) if n == at else each for n, each in enumerate(value)]
    key = draw(st.sampled_from(sorted(value)))
    what = draw(st.sampled_from(["inside", "remove", "rename"]))
    if what == "inside":
        return {**value, key: draw(damaged_value(value[key]))}
    left = {name: each for name, each in value.items() if name != key}
    return left if what == "remove" else {**left, draw(st.text(max_size=6)): value[key]}


def as_bytes(value: Any) -> bytes:
    """A JSON value as a file would hold it, lone surrogates and NaN included."""
    return json.dumps(value).encode()


def nested(depth: int) -> bytes:
    """Lists in lists."""
    return b"[" * depth + b"]" * depth


def check(found: Format, data: bytes, path: str) -> Imported:
    """Reads the bytes as that format, whatever they are, and asserts what every importer must hold to."""
    place = Place(path)
    found.recognises(Content(data), place)
    imported = found.rows(found.read(Content(data)), place)
    assert imported.records == imported.main_rows + imported.dropped_records + imported.rejected_records
    assert imported.status in STATUSES
    assert imported.rejected_records <= len(imported.rejects)
    assert (imported.error is None) == (imported.status in ("ok", "empty"))
    assert {reject.source for reject in imported.rejects} <= {path}
    assert all(reject.reason for reject in imported.rejects)
    assert {type(row) for row in imported.rows} <= set(found.tables)
    assert sum(isinstance(row, found.tables[0]) for row in imported.rows) == imported.main_rows
    assert {row.source_file_id for row in imported.rows} <= {place.source_file_id}
    frames_of(imported.rows)
    keys = Counter(key_of(row) for row in imported.rows)
    assert [key for key, times in keys.items() if times > 1] == []
    return imported


def key_of(row: Row) -> tuple[object, ...]:
    """Table and primary key of a row."""
    return (row.table, *(getattr(row, column) for column in primary_keys()[row.table]))


@cache
def primary_keys() -> Mapping[str, tuple[str, ...]]:
    """Table of schema history to the columns of its primary key, as the migrations say."""
    keys: dict[str, tuple[str, ...]] = {}
    for path in sorted(MIGRATIONS.glob("*_history*.sql")):
        for table, body in re.findall(r"CREATE TABLE history\.(\w+) \((.*?)\n\);", path.read_text(), re.DOTALL):
            several = re.search(r"PRIMARY KEY \(([\w, ]+)\)", body)
            one = re.search(r"^ *(\w+) \w+ PRIMARY KEY", body, re.MULTILINE)
            if several:
                keys[table] = tuple(several[1].split(", "))
            elif one:
                keys[table] = (one[1],)
    return keys
