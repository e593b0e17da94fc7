"""Runtime variants of a fleet: typed, and refused with a line for a person where they make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.registry import load_registry
from epyc_assets_tests.registry.registries import FLEET, faults_of, write_registry


def with_sweeps(text: str) -> str:
    return f"{FLEET}sweeps:\n{text}"


def test_variants_are_typed(tmp_path: Path) -> None:
    text = (
        "  - {threads: 4}\n"
        "  - {kv_type: q8_0, flash_attention: true, models: [target], techniques: [baseline, spec]}\n"
        "  - {numa_policy: interleave=all, environment: {OMP_WAIT_POLICY: active}}\n"
    )
    first, second, third = load_registry(write_registry(tmp_path, with_sweeps(text))).fleet("small").sweeps
    assert (first.threads, first.techniques, first.models) == (4, ["baseline"], [])
    assert (second.kv_type, second.flash_attention, second.models) == ("q8_0", True, ["target"])
    assert third.environment == {"OMP_WAIT_POLICY": "active"}
    assert load_registry(write_registry(tmp_path / "none", f"{FLEET}sweeps:\n")).fleet("small").sweeps == []


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{models: [target]}", "sets nothing"),
        ("{}", "sets nothing"),
        ("{threads: 0}", "threads"),
        ("{threads: [4, 8]}", "threads"),
        ("{kv_type: q3_9}", "kv_type"),
        ("{threads: 4, models: [tarjet]}", 'did you mean "target"'),
        ("{threads: 4, techniques: [telepathy]}", "techniques"),
        ("{threads: 4, techniques: []}", "techniques"),
        ("{thread: 4}", "threads"),
    ],
)
def test_what_makes_no_sense_is_one_line(tmp_path: Path, entry: str, words: str) -> None:
    (fault,) = faults_of(write_registry(tmp_path, with_sweeps(f"  - {entry}\n")))
    assert "sweeps[0]" in fault
    assert words in fault
