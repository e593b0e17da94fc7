"""What no other format takes: kept whole, or refused with a reason; nothing is lost without a word."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history import document
from epyc_assets.history.content import Content, Place
from epyc_assets.history.document import Document, DocumentLine
from epyc_assets.history.formats import format_named, format_of
from epyc_assets.history.raw_text import RawText
from epyc_assets.history.rows import Imported
from epyc_assets_tests.history.conftest import files_of, imported
from epyc_assets_tests.history.faults import check, damaged_bytes, damaged_value, nested

NAMES = tuple(each.name for each in document.FORMATS)
RECIPE = {"bread": "rye", "steps": [{"minutes": 5, "note": "kn\u00e4d"}, None, 1.5], "open": True}
YAML = "bread: rye\n# slowly\nbase: &base {flour: 3, water: 2}\nsteps:\n  - *base\n  - salt\n"
CSV = 'bread,minutes,note\nrye,5,"long, slow"\nwheat,3,\n'
FILES = {
    "notes/recipe.json": json.dumps(RECIPE),
    "notes/days.jsonl": '{"day": 1}\n\n{"day": 2}\n',
    "notes/recipe.yaml": YAML,
    "notes/table.csv": CSV,
    "notes/read.md": "# Bread\n\nRye.\n",
    "notes/blank.txt": " \n",
}


def document_of(result: Imported) -> Document:
    (row,) = [each for each in result.rows if isinstance(each, Document)]
    return row


def contents_of(result: Imported) -> list[object]:
    return [json.loads(each.content) for each in result.rows if isinstance(each, DocumentLine)]


def texts_of(result: Imported) -> list[str]:
    return [each.text for each in result.rows if isinstance(each, RawText)]


@pytest.mark.parametrize(
    ("data", "path", "name", "status"),
    [
        ("", "notes/.gitkeep", "empty", "empty"),
        ("", "notes/index.jsonl.lock", "empty", "empty"),
        (" \n\n", "notes/a.json", "empty", "empty"),
        ("# Bread\n", "notes/read.md", "text", "ok"),
        ("import bread\n", "notes/bake.py", "text", "ok"),
        ("[12:00] oven on\n", "notes/run.log", "text", "ok"),
        ('{"a": 1}\n', "notes/no_ending", "json", "ok"),
        ('{"a": 1}\n{"a": 2}\n', "notes/no_ending", "json_lines", "ok"),
        ('{"a": 1}\n', "notes/a.jsonl.bak_before_rye", "json_lines", "ok"),
        ('{"a": 1}\n{"a": 2}\n', "notes/a.json", "json_lines", "ok"),
        ("a: 1\n", "notes/a.yml", "yaml", "ok"),
        ("a\tb\n1\t2\n", "notes/a.tsv", "csv", "ok"),
        (b"\x1f\x8b\x08\x00", "notes/a.gz", "binary", "unsupported"),
        (bytes(range(256)) * 9, "notes/a.bin", "binary", "unsupported"),
        ("Br\u00f6t\n".encode("utf-16"), "notes/a.txt", "text", "ok"),
    ],
)
def test_every_file_finds_a_format(data: str | bytes, path: str, name: str, status: str) -> None:
    found, result = imported(data, path)
    assert (found, result.status, result.rejects) == (name, status, [])


def test_json_is_one_document_with_its_shape() -> None:
    row = document_of(imported(json.dumps(RECIPE), "notes/a.json")[1])
    assert (row.kind, row.keys, row.n_items, row.quality_flags) == ("object", ("bread", "steps", "open"), 3, ())
    assert json.loads(row.content) == RECIPE
    row = document_of(imported("[1, [2], {}]", "notes/a.json")[1])
    assert (row.kind, row.keys, row.n_items) == ("list", (), 3)
    row = document_of(imported('"rye"', "notes/a.json")[1])
    assert (row.kind, row.n_items, row.content) == ("scalar", 1, '"rye"')


def test_values_that_json_or_utf8_cannot_spell_are_kept_as_text() -> None:
    row = document_of(imported('{"a": NaN, "b": -Infinity, "c": "\\ud800", "d": 1e999}', "notes/a.json")[1])
    kept = json.loads(row.content)
    assert set(kept.pop("c")) == {"\ufffd"}
    assert kept == {"a": "nan", "b": "-inf", "d": "inf"}


def test_a_key_that_appears_twice_keeps_the_text() -> None:
    text = '{"a": {"b": 1, "b": 2}}'
    _, result = imported(text, "notes/a.json")
    assert (document_of(result).quality_flags, result.flags) == (("duplicate_keys",), ["duplicate_keys"])
    assert texts_of(result) == [text]
    assert texts_of(imported('{"a": {"b": 1}}', "notes/a.json")[1]) == []


def test_no_cut_of_a_json_document_goes_unnoticed_and_its_text_is_kept() -> None:
    text = json.dumps({**RECIPE, "shut": False, "left": None, "odd": [float("nan"), -1.5e-30]})
    for length in range(1, len(text)):
        found, result = imported(text[:length], "notes/a.json")
        assert (found, result.status, len(result.rejects), result.records) == ("json", "truncated", 1, 1), length
        assert texts_of(result) == [text[:length]]


def test_broken_json_is_unreadable_and_says_where() -> None:
    _, result = imported('{"a": 1,\n "b": 1 2,\n "c": 3}\n', "notes/a.json")
    (reject,) = result.rejects
    assert (result.status, reject.location, reject.raw_text) == ("unreadable", "line 2", ' "b": 1 2,')


@pytest.mark.parametrize("depth", [300, 5_000, 200_000])
def test_json_nested_without_end_is_a_reject(depth: int) -> None:
    found, result = imported(nested(depth), "notes/a.json")
    assert (found, result.status, len(result.rejects)) == ("json", "unreadable", 1)
    found, result = imported(b'{"a": 1}\n' + nested(depth) + b"\n", "notes/a.jsonl")
    assert (found, result.main_rows, result.rejected_records) == ("json_lines", 1, 1)


def test_each_line_of_json_lines_is_a_row_and_each_broken_one_a_reject() -> None:
    _, result = imported('{"a": 1}\n\n{broken\n[2]\n', "notes/a.jsonl")
    assert (result.status, result.records, result.main_rows, result.rejected_records) == ("ok", 3, 2, 1)
    assert [each.line for each in result.rows if isinstance(each, DocumentLine)] == [1, 4]
    assert contents_of(result) == [{"a": 1}, [2]]
    assert (result.rejects[0].location, result.rejects[0].raw_text) == ("line 3", "{broken")


def test_a_last_line_cut_off_is_truncated() -> None:
    _, result = imported('{"a": 1}\n{"a": 2', "notes/a.jsonl")
    assert (result.status, result.main_rows, [each.location for each in result.rejects]) == ("truncated", 1, ["line 2"])


def test_yaml_is_a_document_and_its_comments_are_kept() -> None:
    _, result = imported(YAML, "notes/a.yaml")
    row = document_of(result)
    base = {"flour": 3, "water": 2}
    assert json.loads(row.content) == {"bread": "rye", "base": base, "steps": [base, "salt"]}
    assert (row.kind, row.keys, texts_of(result)) == ("object", ("bread", "base", "steps"), [YAML])


@pytest.mark.parametrize("text", ["a: [1, 2\n", "a: 'open\n", "a: b: c\n", "a: *gone\n", "a\n\tb: 1\n- x\n"])
def test_broken_yaml_is_a_reject_and_kept_as_text(text: str) -> None:
    _, result = imported(text, "notes/a.yaml")
    assert (result.status in ("truncated", "unreadable"), len(result.rejects), texts_of(result)) == (True, 1, [text])


def test_a_bomb_of_aliases_is_refused_in_time() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    began = time.process_time()
    _, result = imported("\n".join(lines) + "\n", "notes/a.yaml")
    assert (result.status, len(result.rejects)) == ("unreadable", 1)
    assert time.process_time() - began < 5
    assert imported("[" * 100_000, "notes/a.yaml")[1].status in ("truncated", "unreadable")


def test_a_table_is_a_row_a_record_under_the_headers_names() -> None:
    _, result = imported(CSV, "notes/a.csv")
    assert contents_of(result) == [
        {"bread": "rye", "minutes": "5", "note": "long, slow"},
        {"bread": "wheat", "minutes": "3", "note": ""},
    ]
    assert (result.records, result.main_rows, result.dropped_records, result.flags) == (3, 2, 1, [])


def test_ragged_records_and_repeated_names_lose_no_cell() -> None:
    _, result = imported("a,a,,a (2)\n1,2,3,4\n1\n1,2,3,4,5,6\n", "notes/a.csv")
    full, short, long = contents_of(result)
    assert isinstance(full, dict)
    assert (list(full.values()), short) == (["1", "2", "3", "4"], {"a": "1"})
    assert isinstance(long, dict)
    assert long[""] == ["5", "6"]
    assert result.flags == ["ragged"]
    assert [each.quality_flags for each in result.rows if isinstance(each, DocumentLine)] == [
        (),
        ("ragged",),
        ("ragged",),
    ]


def test_a_table_that_ends_inside_a_cell_is_truncated() -> None:
    _, result = imported('a,b\n1,2\n3,"open\n5,6\n', "notes/a.csv")
    assert (result.status, contents_of(result), len(result.rejects)) == ("truncated", [{"a": "1", "b": "2"}], 1)


def test_a_cell_too_large_for_csv_is_a_reject_and_the_next_record_a_row() -> None:
    _, result = imported(f"a,b\n1,{'x' * 200_000}\n3,4\n", "notes/a.csv")
    assert (result.records, contents_of(result), result.rejected_records) == (3, [{"a": "3", "b": "4"}], 1)


@pytest.mark.parametrize("path", ["notes/a.json", "notes/a.csv", "notes/a.jsonl.bak", "notes/a.md"])
def test_binary_contents_named_as_text_are_a_reject(path: str) -> None:
    found, result = imported(bytes(range(256)) * 4, path)
    assert (found, result.status, result.records, result.rejected_records) == ("binary", "unreadable", 1, 1)


def test_a_database_nobody_knows_is_unsupported_with_a_reason(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE bread (name TEXT)")
    connection.close()
    result = check(format_named("binary"), (tmp_path / "a.db").read_bytes(), "notes/a.db")
    assert (result.status, result.error) == ("unsupported", "an SQLite database whose tables no importer knows")


def test_text_with_a_few_damaged_bytes_is_still_text() -> None:
    data = b"Rye needs a long rise in a warm place, so begin early.\n" * 9 + b"\x00\xff\n"
    found, result = imported(data, "notes/read.md")
    assert (found, result.status) == ("text", "ok")
    assert texts_of(result) == [data.decode("utf-8", "replace")]


@pytest.mark.parametrize("path", sorted(FILES))
def test_the_main_table_of_each_format_holds_its_records(path: str) -> None:
    place, content = Place(path), Content(FILES[path].encode())
    found = format_of(content, place)
    assert found.name in NAMES
    assert check(found, content.data, path).main_rows > 0


@given(chance=st.data())
@settings(max_examples=300, deadline=None)
def test_damage_never_stops_the_import(chance: st.DataObject) -> None:
    path = chance.draw(st.sampled_from(sorted(FILES)))
    data = chance.draw(damaged_bytes(FILES[path].encode()) | st.binary(max_size=99))
    place = Place(path)
    for name in NAMES:
        check(format_named(name), data, path)
    found = next(each for each in document.FORMATS if each.recognises(Content(data), place))
    result = check(found, data, path)
    # Whatever it is, its text is kept, or it became rows or a reject, or it says why not.
    assert result.rows or result.rejects or result.status in ("empty", "unsupported")


@given(chance=st.data())
@settings(max_examples=100, deadline=None)
def test_any_json_comes_back_as_it_was(chance: st.DataObject) -> None:
    value = chance.draw(damaged_value(RECIPE))
    text = json.dumps(value)
    result = check(format_named("json"), text.encode(), "notes/a.json")
    if not result.rejects and not any(word in text for word in ("NaN", "Infinity", "\\ud8")):
        assert json.loads(document_of(result).content) == value


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("mark", document.BYTE_ORDER_MARKS)
def test_a_byte_order_mark_alone_is_an_empty_file(name: str, mark: bytes) -> None:
    assert check(format_of(Content(mark), Place(name)), mark, name).status == "empty"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_file_of_too_many_lines_is_kept_as_text(name: str) -> None:
    data = b"7\n" * 400_000
    result = check(format_of(Content(data), Place(name)), data, name)
    assert (result.status, len(result.rows), texts_of(result)) == ("unsupported", 1, [data.decode()])


@pytest.mark.parametrize("path", ["a.csv", "a.yaml", "a.json", "a.jsonl", "a.md"])
@pytest.mark.parametrize("filling", [",", '"', "a,", "- ", "x\n", "[", "{", " "])
def test_a_huge_file_takes_seconds_at_most(path: str, filling: str) -> None:
    began = time.process_time()
    data = (filling * (2_000_000 // len(filling))).encode()
    check(next(each for each in document.FORMATS if each.recognises(Content(data), Place(path))), data, path)
    assert time.process_time() - began < 10


def test_every_real_file_could_be_kept_by_these_formats_alone(record: Path) -> None:
    names: Counter[str] = Counter()
    for path, file in files_of(record, "**/*"):
        if file.stat().st_size > 2_000_000:
            continue
        place, content = Place(path), Content(file.read_bytes())
        found = next(each for each in document.FORMATS if each.recognises(content, place))
        result = check(found, content.data, path)
        names[found.name] += 1
        if path.endswith((".json", ".yaml", ".jsonl", ".ndjson")) and content.data:
            assert (result.status, result.rejects) == ("ok", []), path
        if path.endswith((".jsonl", ".ndjson")):
            assert result.main_rows == sum(1 for each in file.read_bytes().split(b"\n") if each.strip())
        if path.endswith(".json"):
            assert json.loads(document_of(result).content) == json.loads(content.data)
    assert min(names[each] for each in ("json", "json_lines", "yaml", "csv", "text", "empty")) > 0
