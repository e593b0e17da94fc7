from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epyc_assets.scoring import degeneracy

SENTENCE = "I am a model and I cannot do that thing at all. "


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"),
        (" \n\t", "whitespace"),
        ("!" * 80, "one_symbol"),
        ("0" * 400, "one_symbol"),
        ("\ufffd" * 6 + "abc", "garbage"),
        ("\x00\x01\x02\x03\x04", "garbage"),
        ("\ud800" * 5, "garbage"),
        ("the cat sat " * 40, "loop"),
        ("So: " + SENTENCE * 6, "loop"),
        ("x" + "no, " * 50, "loop"),
        (SENTENCE * 6 + "I am a mod", "loop"),
        ("Fine answer.\n" + "and then " * 300, "loop"),
    ],
)
def test_degenerate_output_is_named_with_evidence(text: str, kind: str) -> None:
    found = degeneracy(text, "length")
    assert found is not None
    assert found.kind == kind
    assert found.evidence


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "a",
        "-",
        "...",
        "word word word word word",
        "jar, " * 8 + "jar",
        "ha" * 10,
        "-" * 20,
        "1111111111",
        "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 6,
        "Title\n" + "=" * 200 + "\n",
        "Name: " + "_" * 100,
        "import os\nimport sys\nx = 1\ny = 2\n" * 2,
        "\n".join(f"{n}. item" for n in range(40)),
        "for i in range(10):\n    print(i)\n" * 3,
        "Größe über alles – naïve café 你好，世界",
        "an odd \ufffd at the end \ufffd",
        "0, 1, 0, 1, 0, 1, 0, 1",
        "yes\n" * 10,
        "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]",
        "👍" * 10,
        "family 👨\u200d👩\u200d👧 time",
    ],
)
@pytest.mark.parametrize("finish_reason", [None, "stop", "length"])
def test_what_may_have_been_asked_for_is_not_flagged(text: str, finish_reason: str | None) -> None:
    assert degeneracy(text, finish_reason) is None


def test_a_model_that_stopped_by_itself_gets_more_benefit_of_the_doubt() -> None:
    repeated = "jar, " * 20
    assert degeneracy(repeated, "length") is not None
    assert degeneracy(repeated, "stop") is None
    assert degeneracy("jar, " * 400, "stop") is not None


@given(st.text(), st.sampled_from([None, "stop", "length"]))
def test_any_text_is_judged_without_an_error(text: str, finish_reason: str | None) -> None:
    found = degeneracy(text, finish_reason)
    assert (found is not None and found.kind == "empty") is (text == "")


@given(st.text(alphabet="abcdefgh ", min_size=4, max_size=30).filter(lambda unit: len(set(unit.split())) > 1))
def test_any_passage_over_and_over_is_a_loop(unit: str) -> None:
    found = degeneracy("Well. " + unit * 120, "length")
    assert found is not None
    assert found.kind == "loop"
