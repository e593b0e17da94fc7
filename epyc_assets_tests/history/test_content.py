"""Views of a file's bytes: decoding, faults, and doubts that the bytes alone raise."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.history.content import Content, Fault, Place
from epyc_assets.history.fields import Fields, as_json, clean_text, moment_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


def test_repeated_keys_are_all_kept() -> None:
    assert Content(b'{"a": 1, "b": 0, "a": 2, "a": 3}').json == {"a": 1, "b": 0, "a (2)": 2, "a (3)": 3}


@pytest.mark.parametrize(
    ("data", "cut_off"),
    [(b'{"a": [1, 2', True), (b'{"a": "tex', True), (b'{"a": x}', False), (b'{"a": 1} {', False)],
)
def test_a_fault_says_whether_the_file_was_cut_off(data: bytes, cut_off: bool) -> None:
    fault = Content(data).json
    assert isinstance(fault, Fault)
    assert fault.cut_off is cut_off


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"a":' * 200_000, b"1" * 10_000, b"", b"\xff\xfe\x00"])
def test_what_cannot_be_json_is_a_fault_and_no_crash(data: bytes) -> None:
    assert isinstance(Content(data).json, Fault)


def test_lines_of_json_keep_their_numbers_and_faults() -> None:
    lines = Content(b'{"a": 1}\n\n{"a": \n[3]\r\n{"b"').json_lines
    assert [number for number, _, _ in lines] == [1, 3, 4, 5]
    assert [isinstance(value, Fault) for _, _, value in lines] == [False, True, False, True]
    assert lines[3][2].cut_off


@pytest.mark.parametrize(
    ("data", "flags"),
    [
        (b"plain\n", []),
        (b'{"a": 1}', []),
        (b"cut off", ["unterminated"]),
        (b'{"a": 1', ["unterminated"]),
        (b"caf\xe9\n", ["invalid_utf8"]),
        ("text\n".encode("utf-16"), ["wrong_encoding", "unterminated"]),
        (b"a\x00b\n", ["wrong_encoding", "control_characters"]),
        (b"\x1b[1mbold\x1b[0m\n", []),
        (b"bell\x07\n", ["control_characters"]),
        (b"x" * 30_000 + b"\n", ["huge_line"]),
        (b'{"text": "' + b"x" * 30_000 + b'"}', []),
    ],
)
def test_doubts_that_the_bytes_raise(data: bytes, flags: list[str]) -> None:
    assert Content(data).text_flags() == flags


@given(st.binary(max_size=300))
def test_invalid_bytes_are_counted_and_nothing_else_is_lost(data: bytes) -> None:
    content = Content(data)
    if content.encoding == "utf-8":
        kept = data.decode("utf-8", "ignore")
        assert content.text.replace("\ufffd", "") == kept.removeprefix("\ufeff").replace("\ufffd", "")
        assert content.invalid_bytes == len(data) - len(kept.encode())
    assert isinstance(content.text_flags(), list)


@given(st.dictionaries(st.sampled_from("abcdef"), JSON, max_size=6))
def test_a_record_taken_apart_loses_nothing(record: dict[str, object]) -> None:
    fields = Fields(record)
    taken = {
        "a": fields.text("a"),
        "b": fields.integer("b"),
        "c": fields.number("c"),
        "d": fields.flag("d"),
        "e": fields.time("e"),
    }
    rest = json.loads(fields.rest() or "{}")
    for key, value in record.items():
        if value is None and key in taken:
            assert taken[key] is None
            assert key not in rest
        elif taken.get(key) is not None:
            assert key not in rest
            assert taken[key] == (clean_text(value) if isinstance(value, str) and key == "a" else value) or key == "e"
        else:
            assert rest[key] == json.loads(as_json(value))


@given(JSON)
def test_any_value_becomes_json_that_a_column_can_hold(value: object) -> None:
    text = as_json(value)
    text.encode()
    json.loads(text, parse_constant=lambda name: pytest.fail(name))


def test_times_with_an_offset_are_utc_and_others_stay() -> None:
    at = moment_of("2026-02-04T23:30:00+02:00")
    assert at is not None
    assert at.isoformat() == "2026-02-04T21:30:00"
    assert str(moment_of("2026-02-04T23:30:00")) == "2026-02-04 23:30:00"
    assert moment_of("yesterday") is None
    assert moment_of("0001-01-01T00:00:00+14:00") is None


def test_the_folder_below_a_place_is_found_wherever_the_record_lies() -> None:
    place = Place("copy/benchmarks/results/runs/20260101/math/a.txt")
    assert place.folder_below("results", "runs") == "20260101"
    assert place.folder_below("results", "reviews") is None
    assert Place("benchmarks/results/runs/file.json").folder_below("results", "runs") is None
