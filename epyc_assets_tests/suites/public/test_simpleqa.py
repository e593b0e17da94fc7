"""Answers of SimpleQA: the usual ways to write them pass, what is near them does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from epyc_assets.scoring import score
from epyc_assets.suites.public import ADAPTERS, question_of, read_local_copy
from epyc_assets.suites.public.simpleqa import date_forms
from epyc_assets_tests.suites.public.layouts import LAYOUTS, write_lines

ANSWERS = [
    ("12 October 1968", "Oct 12, 1968", "October 13, 1968"),
    ("12 October 1968", "on the 12th of October, 1968", "12 October 1969"),
    ("12 October 1968", "1968-10-12", "1968-12-10"),
    ("Saturday, September 3, 1988", "3 Sept. 1988", "30 Sept. 1988"),
    ("July 2005", "It was in July of 2005.", "June 2005"),
    ("July 2005", "Jul 2005", "July 2006"),
    ("March 3", "the 3rd of March", "13 March"),
    ('"Halo"', "Halo", "Hello"),
    ("José Muñoz", "Jose Munoz", "Jose Mendez"),
    ("Dr. A. Weil", "It was Dr A Weil.", "Dr B Weil"),
    ("Ann Lee and Bo Ek", "Bo Ek and Ann Lee", "Ann Lee"),
    ("St. John's College", "St John’s College", "John’s College"),
    ("Four", "4", "5"),
    ("45%", "45 percent", "44%"),
    ("1.85 meters", "He is 1.85 m tall.", "1.86 m"),
    ("185 cm", "185 centimetres", "185 mm"),
    ("approximately 300 feet", "300 ft", "3000 ft"),
    ("about 1,234", "1,234", "11,234"),
    ("1,234 goals", "He scored 1234 goals in 1990.", "1990 goals"),
    ("1914-1918", "1914–1918", "1914–1919"),
    ("U.S.", "the US", "the UK"),
    ("50 (acceptable range: 45-60)", "59", "44"),
    ("16 million (acceptable range: anything between 15 million and 17 million)", "15.5 million", "17.5 million"),
    ("16 million (Acceptable range: 15 to 17 million)", "16,900,000", "14 million"),
    ("120k (acceptable range: anything between 118k and 122k)", "121,900", "122,100"),
    ("5 m (acceptable range: anything between 4 m and 6 m)", "5.5 m", "7 m"),
    ("$5,000 (acceptable range: anything between $4,900 and $5,100)", "$4,950", "$4,000"),
    ("4.3% (acceptable range: anything between 4.2% and 4.5%)", "4.45%", "4.1%"),
    ("Ann Bee (acceptable range: her second name alone)", "It was Ann Bee.", "Ann Cee"),
]


@pytest.mark.parametrize(("expected", "right", "wrong"), ANSWERS)
def test_the_usual_ways_to_write_an_answer_pass(expected: str, right: str, wrong: str, tmp_path: Path) -> None:
    write_lines(tmp_path / "simpleqa/test.jsonl", [{"metadata": "{}", "problem": "What?", "answer": expected}])
    copy = read_local_copy(ADAPTERS["simpleqa"], tmp_path)
    question = question_of(copy.candidates[0], copy, 1)
    for answer, passed in ((expected.split(" (")[0], True), (right, True), (wrong, False), ("I do not know.", False)):
        verdict = score(question.scorer, answer, question.expected, question.scorer_config)
        assert verdict.passed is passed, (answer, verdict)


def test_days_and_ranges_of_simpleqa(tmp_path: Path) -> None:
    assert "4 July 1990" in date_forms("July 4, 1990")
    assert "1990-07-04" in date_forms("4th of July 1990")
    assert not date_forms("July")
    LAYOUTS["simpleqa, csv"][1](tmp_path / "simpleqa")
    copy = read_local_copy(ADAPTERS["simpleqa"], tmp_path)
    made = {each.prompt.split("?")[0]: each for each in (question_of(one, copy, 1) for one in copy.candidates)}
    for asked, answer, passed in (
        ("When was it opened", "It opened on 4 July 1990.", True),
        ("When was it opened", "July 4, 1991", False),
        ("How many saw it", "119,000", True),
        ("How many saw it", "123,000", False),
        ("How many rooms", "13", False),
    ):
        question = made[asked]
        assert score(question.scorer, answer, question.expected, question.scorer_config).passed is passed, (
            asked,
            answer,
        )
