"""A second opinion on web_research: reads the results out of the prompt and weighs them by the rules it states."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_RESULT = re.compile(r"^\[(\d+)\] .* \| .* \((official|newspaper|blog)\) \| (\d{4}-\d\d-\d\d)\n(.+)$", re.MULTILINE)
_ORDER = {"official": 0, "newspaper": 1, "blog": 2}


@dataclass(frozen=True)
class _Found:
    number: int
    rank: int
    day: dt.date
    text: str

    def figure(self) -> int | None:
        digits = re.search(r"\d[\d,]*", self.text)
        return int(digits[0].replace(",", "")) if digits else None


def solve(prompt: str) -> str | None:
    """The answer, or None for a question of another kind."""
    found = [
        _Found(int(number), _ORDER[rank], dt.date.fromisoformat(day), text)
        for number, rank, day, text in _RESULT.findall(prompt)
    ]
    question = prompt.strip().rsplit("\n", 1)[-1]
    if not found:
        return None
    if asked := re.search(r"how many (.+) does (\w+) have\?", question):
        best = _best(found, asked[2])
        return None if best is None else str(best)
    if asked := re.search(r"how many .+ do (\w+), (\w+) and (\w+) have together\?", question):
        values = [_best(found, place) for place in asked.groups()]
        return None if None in values else str(sum(value or 0 for value in values))
    if asked := re.search(r"by how many do the .+ of (\w+) and of (\w+) differ\?", question):
        first, second = _best(found, asked[1]), _best(found, asked[2])
        return None if first is None or second is None else str(abs(first - second))
    if asked := re.search(r"number of .+ of (\w+) as the official source", question):
        about = [each for each in found if re.search(rf"\b{asked[1]}\b", each.text)]
        official = [each.figure() for each in about if each.rank == 0]
        return ", ".join(str(each.number) for each in about if each.figure() in official)
    if asked := re.search(r"openings of (the \w+ \w+) and of (the \w+ \w+)", question):
        return _days_apart(found, asked[1], asked[2])
    if asked := re.search(r"ferry to (\w+)(?: born)?\?", question):
        return _followed(found, asked[1], question)
    return None


def _best(found: list[_Found], place: str) -> int | None:
    about = [each for each in found if re.search(rf"\b{place}\b", each.text)]
    about.sort(key=lambda each: each.day, reverse=True)
    about.sort(key=lambda each: each.rank)
    return about[0].figure() if about else None


def _days_apart(found: list[_Found], first: str, second: str) -> str | None:
    days = []
    for thing in (first, second):
        told = [each for each in found if thing.lower() in each.text.lower()]
        if not told:
            return None
        newest = max(told, key=lambda each: each.day)
        days.append(dt.date.fromisoformat(newest.text.rstrip(".").rsplit(" ", 1)[-1]))
    return str(abs((days[0] - days[1]).days))


def _followed(found: list[_Found], place: str, question: str) -> str | None:
    """Company, director and birthplace, each out of a sentence."""
    texts = "\n".join(each.text for each in found)
    company = re.search(rf"ferry to {place} is run by (.+)\.", texts)
    if company is None or question.startswith("Which company"):
        return company[1] if company else None
    director = re.search(rf"The director of {re.escape(company[1])} is (.+)\.", texts)
    if director is None or question.startswith("Who"):
        return director[1] if director else None
    born = re.search(rf"{re.escape(director[1])} was born in (.+)\.", texts)
    return born[1] if born else None
