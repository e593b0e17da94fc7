"""What can be wrong with a YAML file before its meaning is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from epyc_assets.registry.yaml_source import MOST_VALUES, parse_document, read_document


def told(text: str) -> list[str]:
    return [str(fault) for fault in parse_document(text, "f.yaml").faults]


def test_reads_what_pyyaml_reads_and_knows_the_lines() -> None:
    text = "a: 1\nb:\n  - x: yes\n  - [1.5, null, 2026-01-31]\n"
    document = parse_document(text, "f.yaml")
    assert document.value == yaml.safe_load(text)
    assert document.faults == []
    assert document.lines["b", 0, "x"] == 3
    assert document.line_of(("b", 1, 2, "no such key")) == 4


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_holds_nothing_wrong(text: str) -> None:
    document = parse_document(text, "f.yaml")
    assert not document.value
    assert document.faults == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a: the key appears twice (first on line 1): keep one"),
        ("x: {a: 1, a: 2}", "f.yaml:1: x.a: the key appears twice (first on line 1): keep one"),
        ("on: 1", 'f.yaml:1: the key `on` is read by YAML as yes or no: put it in quotes ("on")'),
        ("m: {4: a}", 'f.yaml:1: m: the key `4` is read by YAML as a number: put it in quotes ("4")'),
        ("? [a, b]\n: 1", "f.yaml:1: a list or a table cannot be a key"),
        ("<<: {a: 1}", "f.yaml:1: merge keys (<<) are not supported: write the values out"),
        ("a: !!python/name:os.system x", "a: the YAML tag !!python/name:os.system is not supported"),
        ("a: &x [*x]", "a[0]: *x is an alias of something that contains it"),
        ("a: *x", "a: *x has no &x before it"),
        ("a: 12:30", "a: `12:30` is read by YAML as the number 750"),
        ("a: 010", "a: `010` is read by YAML as the number 8"),
        ("a: 2026-13-40", "a: `2026-13-40` cannot be read as a date: month must be in 1..12"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: holds a second document"),
        ("a: [1, 2\nb: 3", "f.yaml:2: is not valid YAML: while parsing a flow sequence"),
        ("a: 1\n\tb: 2", "f.yaml:2: is not valid YAML"),
        ("a: \x07", "is not valid YAML: unacceptable character"),
    ],
)
def test_faults_name_line_key_and_remedy(text: str, expected: str) -> None:
    lines = told(text)
    assert any(expected in line for line in lines), lines


def test_faults_below_a_faulty_key_are_told_too() -> None:
    assert len(told("on: {a: 1, a: 2}\nb: 010\n")) == 3


@pytest.mark.parametrize("text", ["[" * 200_000, "- " * 200_000, "? " * 100_000, "{a: " * 100_000])
def test_deep_nesting_is_refused_and_does_not_end_the_process(text: str) -> None:
    assert any("nested too deeply" in line for line in told(text))


def test_aliases_cannot_be_used_to_fill_the_memory() -> None:
    lines = ["a0: &a0 [" + ", ".join("x" for _ in range(10)) + "]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 20)]
    assert any(f"more than {MOST_VALUES} values" in line for line in told("\n".join(lines)))


def test_a_file_that_is_not_utf_8_names_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("a: 1\nname: Grüße\n".encode("latin-1"))
    (fault,) = read_document(path, "x.yaml").faults
    assert str(fault) == "x.yaml:2: is not UTF-8 text: byte 0xfc at offset 13; save the file as UTF-8"


def test_utf_8_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_document(path, "x.yaml").value == {"a": 1}


def test_a_missing_file_and_a_folder_are_faults(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        (fault,) = read_document(path, path.name).faults
        assert "cannot be read" in str(fault)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=6), values, max_size=5))
def test_any_written_value_comes_back(value: dict[str, object]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    document = parse_document(text, "f.yaml")
    if not document.faults:
        assert document.value == yaml.safe_load(text)
    else:
        # Only what YAML itself cannot carry over, such as control characters.
        assert all("is not valid YAML" in str(fault) for fault in document.faults)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`?, \n\t~0129.<", max_size=60))
def test_any_text_is_read_or_told(text: str) -> None:
    document = parse_document(text, "f.yaml")
    try:
        reference = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError):
        assert document.faults
        return
    if not document.faults:
        assert document.value == (reference if reference is not None else document.value)
