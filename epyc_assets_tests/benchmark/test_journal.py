"""The journal: whatever happens to the file, whole lines survive and damage is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epyc_assets.benchmark.journal import Journal, read_journal

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
records = st.lists(st.dictionaries(st.text(max_size=8), json_values, max_size=4), min_size=1, max_size=8)
unhurried = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def write(path: Path, entries: list[dict]) -> None:
    path.unlink(missing_ok=True)
    with Journal(path) as journal:
        for entry in entries:
            journal.append(entry)


@unhurried
@given(records)
def test_what_is_written_is_read(tmp_path: Path, entries: list[dict]) -> None:
    path = tmp_path / "j.jsonl"
    write(path, entries)
    contents = read_journal(path)
    assert list(contents.records) == entries
    assert contents.rejects == ()


@unhurried
@given(records, st.data())
def test_a_cut_costs_the_cut_line_only_and_writing_goes_on(
    tmp_path: Path, entries: list[dict], data: st.DataObject
) -> None:
    path = tmp_path / "j.jsonl"
    write(path, entries)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    with Journal(path) as journal:
        journal.append({"after": "the kill"})
    contents = read_journal(path)
    complete = whole[:cut].count(b"\n")
    survived = list(contents.records[:-1])
    # A line cut exactly before its newline is whole.
    assert survived in (entries[:complete], entries[: complete + 1])
    assert contents.records[-1] == {"after": "the kill"}
    torn = cut > 0 and not whole[:cut].endswith(b"\n") and len(survived) == complete
    assert len(contents.rejects) == int(torn)


@unhurried
@given(records, st.data())
def test_a_changed_byte_costs_at_most_the_lines_it_touches(
    tmp_path: Path, entries: list[dict], data: st.DataObject
) -> None:
    path = tmp_path / "j.jsonl"
    write(path, entries)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    contents = read_journal(path)
    lost = len(entries) - len(contents.records)
    # A newline that is gone joins two lines; a newline that is new splits one.
    assert 0 <= lost <= 2
    assert all(record in entries for record in contents.records)
    if lost:
        assert contents.rejects
        assert all(reject.raw_text and "line" in reject.location for reject in contents.rejects)


def test_no_journal_has_no_records(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "none.jsonl").records == ()


def test_numbers_that_are_none_are_not_written(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.jsonl") as journal:
        with pytest.raises(ValueError, match="JSON compliant"):
            journal.append({"speed": float("nan")})
        journal.append({"speed": 1.0})
    assert read_journal(tmp_path / "j.jsonl").records == ({"speed": 1.0},)
