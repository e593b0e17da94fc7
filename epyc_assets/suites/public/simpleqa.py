"""SimpleQA (Wei et al. 2024, "Measuring short-form factuality in large language models").

Belongs here: its CSV columns, the ranges that it accepts, and the other ways to write a date. Does not belong here:
the judge that its authors use; here a rule decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from epyc_assets.suites.public.adapter import Config, Draft, Place, PublicSet, Row, text_of

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?"
_RANGE = re.compile(
    rf"\(?\s*acceptable range:?\s*(?:anything\s+)?(?:between|from)?\s*({_NUMBER})\s*([kKmM]?)\s*(?:and|to|-|–)\s*"
    rf"({_NUMBER})\s*([kKmM]?)\s*\)?",
    re.IGNORECASE,
)
_SCALE = {"": 1.0, "k": 1e3, "m": 1e6}


def date_forms(answer: str) -> list[str]:
    """The other usual ways to write a day: "4 July 1990", "July 4, 1990", "1990-07-04"; empty for what is no day."""
    months = "|".join(_MONTHS)
    match = re.fullmatch(rf"(?i:(?P<month>{months}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}))", answer)
    match = match or re.fullmatch(
        rf"(?i:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{months}),? (?P<year>\d{{4}}))", answer
    )
    if match is None:
        return []
    month, day, year = match["month"].capitalize(), int(match["day"]), match["year"]
    suffix = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    number = _MONTHS.index(month) + 1
    return [
        f"{month} {day}, {year}",
        f"{month} {day} {year}",
        f"{day} {month} {year}",
        f"{month} {day}{suffix}, {year}",
        f"{day}{suffix} {month} {year}",
        f"{day}{suffix} of {month} {year}",
        f"{day}{suffix} of {month}, {year}",
        f"{year}-{number:02d}-{day:02d}",
    ]


def _scorer_of(answer: str) -> tuple[str, str, Config]:
    """Answer without its accepted range, the scorer, and its config."""
    accepted = _RANGE.search(answer)
    plain = (_RANGE.sub("", answer).strip() if accepted else answer).strip(" ;,.")
    number = re.fullmatch(rf"({_NUMBER})", plain)
    # Without separators of thousands, since a comma may also part the entries of a list.
    bare = plain.replace(",", "")
    if accepted and number:
        low, high = (
            float(accepted.group(index).replace(",", "")) * _SCALE[accepted.group(index + 1).casefold()]
            for index in (1, 3)
        )
        value = float(bare)
        if low <= value <= high:
            return bare, "exact_match", {"tolerance": max(value - low, high - value)}
    if number:
        return bare, "exact_match", {}
    if plain.casefold() in ("yes", "no"):  # "I have no idea" holds the word too.
        return plain, "exact_match", {}
    dates = date_forms(plain)
    return plain, "substring", {"any_of": list(dict.fromkeys([plain, *dates]))} if dates else {}


def _read(row: Row, place: Place) -> Iterator[Draft]:
    problem = text_of(row, "problem", "question").strip()
    answer, scorer, config = _scorer_of(text_of(row, "answer").strip())
    yield Draft(
        content=problem,
        tier=3,
        prompt=f"{problem}\n\nAnswer with the answer only, as short as possible.",
        expected=answer,
        scorer=scorer,
        config=config,
        max_tokens=512,
    )


SIMPLEQA = PublicSet(
    suite="simpleqa",
    title="SimpleQA",
    version="2",
    expects=("simple_qa_test_set.csv with metadata, problem, answer (or a Parquet copy)",),
    licence="MIT",
    read=_read,
)
