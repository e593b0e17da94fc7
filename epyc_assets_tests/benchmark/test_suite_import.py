"""Imported files: what is written down can be read again, whatever the file held."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from epyc_assets.benchmark.suite_import import IMPORTED_SCHEMA, import_suite
from epyc_assets.suites.suite_file import imported_files, read_suite_file

NOTHING_EARLIER = pl.DataFrame(schema=dict(IMPORTED_SCHEMA))
FILE = """
suite: cooking
scoring_default: exact_match
questions:
  - {id: good, tier: 1, prompt: How many?, expected: 4}
  - {id: "two\\nlines", tier: 1, prompt: How many more?, expected: 5}
  - {id: long, tier: 2, prompt: How many less?, expected: 6, max_tokens: 900000000000}
"""


def test_a_question_that_our_layout_cannot_hold_costs_no_other_question(tmp_path: Path) -> None:
    source = tmp_path / "theirs.yaml"
    source.write_text(FILE, encoding="utf-8")
    found = import_suite(source, tmp_path, NOTHING_EARLIER)
    assert found.unaccounted == 0
    assert [reject.location.split(":")[0] for reject in found.rejects] == ["line 6", "line 7"]
    assert "line ends" in found.rejects[0].reason
    assert "max_tokens" in found.rejects[1].reason
    (written,) = imported_files(tmp_path)
    assert [each.name for each in read_suite_file(written, source="imported").questions] == ["good"]
