"""YAML of the record: kept as it is spelled, within bounds, and as far as it can be read."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.history.yaml_text import DEEPEST_NESTING, MOST_VALUES, read_yaml, text_of
from epyc_assets_tests.history.conftest import files_of


def test_what_typing_would_change_stays_text() -> None:
    text = "a: yes\nb: 0x1f\nc: 1.10\nd: 2030-01-02\ne: 12:30\nf: 1_000\ng: .nan\nh: 1e3\non: x\n7: y\n<<: z\n"
    assert read_yaml(text).value == {
        "a": "yes",
        "b": "0x1f",
        "c": "1.10",
        "d": "2030-01-02",
        "e": "12:30",
        "f": "1_000",
        "g": ".nan",
        "h": "1e3",
        "on": "x",
        "7": "y",
        "<<": "z",
    }


def test_plain_values_have_their_types_and_quoted_ones_are_text() -> None:
    value = read_yaml("{a: 72, b: 7.28, c: true, d: null, e: '72', f: \"true\", g: -3, h: }").value
    assert value == {"a": 72, "b": 7.28, "c": True, "d": None, "e": "72", "f": "true", "g": -3, "h": None}


@given(st.integers(-(10**17), 10**17) | st.floats(allow_nan=False) | st.booleans() | st.sampled_from(["yes", "1.10"]))
def test_a_scalar_can_be_spelled_again(scalar: Any) -> None:
    spelled = str(scalar).lower() if isinstance(scalar, bool) else str(scalar)
    value = read_yaml(f"- {spelled}").value[0]
    assert text_of(value) == spelled


def test_an_alias_is_what_it_stands_for() -> None:
    assert read_yaml("a: &x {b: [1]}\nc: *x\nd: [*x, *x]").value["d"] == [{"b": [1]}, {"b": [1]}]


def test_a_repeated_key_keeps_the_first_value_and_tells_the_other() -> None:
    document = read_yaml("a: 1\na: {b: [2, 3]}\nc: 4\n")
    assert document.value == {"a": 1, "c": 4}
    (doubt,) = document.doubts
    assert (doubt.path, doubt.line, doubt.raw_text.strip()) == (("a",), 2, "a: {b: [2, 3]}")


def test_a_tag_runs_nothing() -> None:
    document = read_yaml('a: !!python/object/apply:os.system ["true"]\n')
    assert document.value == {"a": ["true"]}
    assert [doubt.path for doubt in document.doubts] == [("a",)]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 30_000,
        "{a: " * 30_000,
        "- " * 30_000,
        "a: " * 30_000,
        "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
        + "".join(
            f"{new}: &{new} [{','.join('*' + old for _ in range(10))}]\n"
            for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "- x\n" * (MOST_VALUES + 10),
        "a: &x [*x]",
        "a: *nothing",
        "? [a, b]\n: 1",
        "a: 1\n---\nb: 2",
        "a: \ud800",
        'a: "\\ud800"',
        "%YAML 9.9\n---\na",
    ],
    ids=range(13),
)
def test_hostile_text_is_a_fault_and_soon_over(text: str) -> None:
    started = time.process_time()
    document = read_yaml(text)
    assert document.fault is not None or "characters_replaced" in document.flags
    assert time.process_time() - started < 20
    assert len(document.fault_path) <= DEEPEST_NESTING


def test_control_characters_are_replaced_and_flagged() -> None:
    document = read_yaml("a: one\x00two\nb: 2")
    assert (document.value, document.flags) == ({"a": "one\ufffdtwo", "b": 2}, ["characters_replaced"])


@given(st.integers(0, 60))
def test_of_a_file_that_ends_early_all_but_the_last_value_is_whole(length: int) -> None:
    whole = 'loaves:\n  rye: {weight: "2"}\n  oat: {weight: "3"}\n  bun: {weight: "4"}\n'
    expected = {"rye": {"weight": "2"}, "oat": {"weight": "3"}, "bun": {"weight": "4"}}
    document = read_yaml(whole[:length])
    loaves = (document.value or {}).get("loaves") if isinstance(document.value, dict) else None
    for name, value in (loaves if isinstance(loaves, dict) else {}).items():
        if document.fault is not None and document.fault_path[:2] != ("loaves", name):
            assert value == expected[name]


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,?\n \t\x00\x85\ufeff1.", max_size=60))
@settings(max_examples=400)
def test_no_text_makes_it_raise(text: str) -> None:
    document = read_yaml(text)
    assert document.fault is None or document.fault.message


def test_files_of_the_record_say_what_a_yaml_library_says(record: Path) -> None:
    found = 0
    for _, file in files_of(record, "**/*.yaml"):
        text = file.read_text()
        document = read_yaml(text)
        assert (document.fault, document.doubts, document.flags) == (None, [], [])
        assert _same(document.value, yaml.load(text, yaml.CSafeLoader))
        found += 1
    assert found


def _same(value: Any, typed: Any) -> bool:
    """Whether the value is what the library makes of the same text, but for values that are kept as text."""
    if isinstance(typed, dict):
        return [*value] == [str(key) for key in typed] and all(_same(value[str(key)], typed[key]) for key in typed)
    if isinstance(typed, list):
        return len(value) == len(typed) and all(map(_same, value, typed))
    if isinstance(typed, dt.date):
        return value == str(typed)
    return value == typed or (isinstance(value, str) and isinstance(typed, int | float) and float(value) == typed)
