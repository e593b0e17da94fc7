"""The aliases of renamed reviews: reading what people edit, and telling them what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.history.review_alias import EVIDENCE, ReviewAlias, alias_frame, load_review_aliases
from epyc_assets.registry.faults import RegistryFault
from epyc_assets.registry.loading import load_registry, registry_directory

ENTRY = "  - name: small_rescored\n    row_name: Small-1B-Q8_0\n    evidence: cells\n"


def _folder(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "registry"
    (folder / "history").mkdir(parents=True)
    (folder / "history" / "review_aliases.yaml").write_text(text)
    return folder


def _problem(tmp_path: Path, text: str) -> str:
    with pytest.raises(RegistryFault) as caught:
        load_review_aliases(_folder(tmp_path, text))
    return str(caught.value)


def test_aliases_are_read_in_the_order_of_the_file(tmp_path: Path):
    text = "review_aliases:\n" + ENTRY + ENTRY.replace("small_", "large_").replace("cells", "documented")
    aliases = load_review_aliases(_folder(tmp_path, text))
    assert aliases == (
        ReviewAlias("small_rescored", "Small-1B-Q8_0", "cells"),
        ReviewAlias("large_rescored", "Small-1B-Q8_0", "documented"),
    )
    frame = alias_frame(aliases)
    assert frame.columns == ["name", "row_name", "evidence"]
    assert frame.rows()[0] == ("small_rescored", "Small-1B-Q8_0", "cells")
    assert alias_frame(()).schema == frame.schema


def test_a_registry_without_the_file_has_no_aliases(tmp_path: Path):
    assert load_review_aliases(tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("aliases: []\n", "review_aliases.yaml: should hold one list, `review_aliases:`"),
        ("- a\n", "should hold one list"),
        ("review_aliases:\n  - small\n", ":2: review_aliases[0]: should have the keys name, row_name, evidence"),
        ("review_aliases:\n" + ENTRY.replace("row_name:", "row:"), 'did you mean "row_name"?'),
        ("review_aliases:\n" + ENTRY.replace("    row_name: Small-1B-Q8_0\n", ""), "has no row_name"),
        ("review_aliases:\n" + ENTRY.replace("Small-1B-Q8_0", "7"), ":3: review_aliases[0].row_name: should be text"),
        ("review_aliases:\n" + ENTRY.replace("_rescored", "_rescored.csv"), "write it without .csv"),
        ("review_aliases:\n" + ENTRY.replace("cells", "cell"), 'did you mean "cells"?'),
        ("review_aliases:\n" + ENTRY + ENTRY, ':5: review_aliases[1].name: "small_rescored" is there already'),
        ("review_aliases: [\n", "is not valid YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, says: str):
    assert says in _problem(tmp_path, text)


def test_every_fault_is_told_at_once(tmp_path: Path):
    text = "review_aliases:\n" + ENTRY.replace("cells", "hearsay") + ENTRY.replace("row_name", "rowname")
    assert "3 faults" in _problem(tmp_path, text)


def test_the_committed_file_is_sound_and_leaves_the_registry_so():
    aliases = load_review_aliases(registry_directory())
    load_registry()
    assert len({alias.name for alias in aliases}) == len(aliases) > 0
    assert {alias.evidence for alias in aliases} <= set(EVIDENCE)
