from __future__ import annotations

import re
from pathlib import Path

import pytest

from epyc_assets.scoring import SCORERS, score

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
EXAMPLES = [
    (method, answer, expected, passed == "yes")
    for method, text in SECTIONS.items()
    for answer, expected, passed in re.findall(r"^\| `(.+)` \| `(.+)` \| (yes|no) \|$", text, re.MULTILINE)
]


def test_the_page_has_a_section_for_every_scorer_and_names_its_config_keys() -> None:
    assert set(SCORERS) <= set(SECTIONS)
    for name in set(SCORERS) - {"code_execution", "judge"}:
        missing = [key for key in SCORERS[name].config_keys if f"`{key}`" not in SECTIONS[name]]
        assert not missing, (name, missing)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 25


@pytest.mark.parametrize(("method", "answer", "expected", "passed"), EXAMPLES)
def test_an_example_on_the_page_is_true(method: str, answer: str, expected: str, passed: bool) -> None:
    result = score(method, answer, expected)
    assert result.passed is passed, result.explanation
