"""Research for real models: answers drawn from search results that stand in the prompt, some outdated, some wrong.

Belongs here: results with titles, dates and sources of differing rank, and questions that weigh, combine or cite them.
All names are invented, so that nothing but the results gives the answer; no question needs the web.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from epyc_assets.suites.generators.phrases import ANSWER_TOKENS
from epyc_assets.suites.task import Generator, Task

_STARTS = ("Vel", "Tarn", "Osk", "Bri", "Mor", "Quel", "Has", "Ild", "Ner", "Pol", "Sav", "Drum", "Fenn", "Gal", "Kess")
_ENDS = ("mora", "holt", "wick", "dale", "stad", "vik", "ford", "berg", "minster", "haven", "mouth", "garth")
_PEOPLE = ("Adeyemi", "Brandt", "Castellan", "Dufresne", "Eriksen", "Farouk", "Grieg", "Halloran", "Ibarra", "Jansky",
           "Kowal", "Lindqvist", "Moreau", "Nakata", "Okoye", "Petrov", "Quiroga", "Rossi", "Sato", "Tamm")  # fmt: skip
_FIRST = ("Ana", "Bo", "Cleo", "Dana", "Eli", "Finn", "Gita", "Hugo", "Ines", "Joel", "Kaia", "Liam", "Mara", "Nils")
_RANKS = ("official", "newspaper", "blog")
_SITES: Mapping[str, tuple[str, ...]] = {
    "official": ("national statistics office", "state registry", "public records office"),
    "newspaper": ("Morning Ledger", "Harbour Times", "Evening Courier"),
    "blog": ("travel notes of a visitor", "forum thread", "fan page"),
}
_RULE = (
    "Rules for weighing sources: an official source outranks a newspaper, a newspaper outranks a blog; among sources "
    "of the same rank the latest counts. Use nothing but these results."
)
_ATTRIBUTES = (
    ("residents", ("{0} counts {1} residents.", "The number of residents of {0} is given as {1}.",
                   "At present {1} residents live in {0}.")),
    ("bridges", ("{0} has {1} bridges.", "One can count {1} bridges in {0}.", "The number of bridges in {0} is {1}.")),
    ("ferry passengers per year", ("Each year {1} ferry passengers pass through {0}.",
                                   "{0} reports {1} ferry passengers per year.")),
)  # fmt: skip
_RANGE = {"residents": (2_000, 90_000), "bridges": (3, 160), "ferry passengers per year": (10_000, 900_000)}


@dataclass(frozen=True, slots=True)
class _Result:
    """One search result."""

    title: str
    rank: str
    site: str
    date: dt.date
    text: str


def _shown(query: str, results: list[_Result], question: str) -> str:
    lines = [f'Search results for "{query}":', ""]
    for place, each in enumerate(results, start=1):
        lines += [f"[{place}] {each.title} | {each.site} ({each.rank}) | {each.date.isoformat()}", each.text, ""]
    return "\n".join([*lines, _RULE, "", question])


def _names(source: random.Random, count: int) -> list[str]:
    starts = source.sample(_STARTS, count)
    return [start + source.choice(_ENDS) for start in starts]


def _days(source: random.Random, count: int) -> list[dt.date]:
    """Distinct days of some years, shuffled."""
    return [dt.date(2016, 1, 1) + dt.timedelta(days=day) for day in source.sample(range(3200), count)]


def _result(source: random.Random, rank: str, date: dt.date, title: str, text: str) -> _Result:
    return _Result(title, rank, source.choice(_SITES[rank]), date, text)


def _number(value: int) -> str:
    return f"{value:,}"


def _best(results: list[tuple[_Result, int]]) -> int:
    return min(results, key=lambda pair: (_RANKS.index(pair[0].rank), -pair[0].date.toordinal()))[1]


def _figures(
    source: random.Random, place: str, attribute: str, phrases: tuple[str, ...], ranks: list[str]
) -> list[tuple[_Result, int]]:
    """Contradicting figures of one place, each in a result of its own."""
    low, high = _RANGE[attribute]
    values = source.sample(range(low, high), len(ranks))
    found = []
    for rank, date, value in zip(ranks, _days(source, len(ranks)), values, strict=True):
        title = source.choice((f"{place} at a glance", f"All about {place}", f"{place}: facts and figures"))
        found.append((_result(source, rank, date, title, source.choice(phrases).format(place, _number(value))), value))
    return found


def _ranks(source: random.Random, tier: int) -> list[str]:
    if tier == 1:
        return ["official", "newspaper", "blog"]
    fewest = ["newspaper", "newspaper", "blog", "blog"]
    return fewest if source.random() < 0.4 else ["official", *(["official"] if tier == 3 else []), *fewest]


def _best_figure(source: random.Random, tier: int) -> Task:
    """The figure of the best source, among others of the same place and of a place with a like name."""
    place, other = _names(source, 2)
    attribute, phrases = source.choice(_ATTRIBUTES)
    about = _figures(source, place, attribute, phrases, _ranks(source, tier))
    aside = _figures(source, other, attribute, phrases, ["official"] * tier)
    results = [each for each, _ in about + aside]
    source.shuffle(results)
    answer = _best(about)
    question = f"By the rules above, how many {attribute} does {place} have? End with a line 'Answer: ' and the number."
    return _task(
        ("figure", attribute, tier), source, tier, _shown(f"{place} {attribute}", results, question), str(answer)
    )


def _combined(source: random.Random, tier: int) -> Task:
    """Sum or difference of two places' best figures."""
    places = _names(source, 2 if tier < 3 else 3)
    attribute, phrases = source.choice(_ATTRIBUTES)
    groups = [_figures(source, place, attribute, phrases, _ranks(source, min(tier, 2))) for place in places]
    best = [_best(group) for group in groups]
    results = [each for group in groups for each, _ in group]
    source.shuffle(results)
    if len(places) == 3:
        asked, answer = f"{places[0]}, {places[1]} and {places[2]} have together", sum(best)
        question = f"By the rules above, how many {attribute} do {asked}?"
    else:
        question = f"By the rules above, by how many do the {attribute} of {places[0]} and of {places[1]} differ?"
        answer = abs(best[0] - best[1])
    prompt = _shown(f"{attribute} compared", results, f"{question} End with a line 'Answer: ' and the number.")
    return _task(("combined", attribute, len(places)), source, tier, prompt, str(answer))


def _chain(source: random.Random, tier: int) -> Task:
    """Who heads a company that runs the line between places: each step in another result."""
    hops = tier + 1
    places = _names(source, 6)
    firms = [f"{name} Lines" for name in source.sample(_PEOPLE[:10], 3)]
    people = [
        f"{first} {last}" for first, last in zip(source.sample(_FIRST, 6), source.sample(_PEOPLE[10:], 6), strict=True)
    ]
    date = iter(_days(source, 12))
    results = [
        _result(source, "newspaper", next(date), f"Ferry to {place}", f"The ferry to {place} is run by {firm}.")
        for place, firm in zip(places, firms, strict=False)
    ]
    results += [
        _result(source, "official", next(date), f"{firm}: entry", f"The director of {firm} is {person}.")
        for firm, person in zip(firms, people, strict=False)
    ]
    answer, question = firms[0], f"Which company runs the ferry to {places[0]}?"
    if hops >= 3:
        answer, question = people[0], f"Who is the director of the company that runs the ferry to {places[0]}?"
    if hops >= 4:
        results += [
            _result(source, "blog", next(date), f"A portrait of {person}", f"{person} was born in {place}.")
            for person, place in zip(people, places[3:], strict=False)
        ]
        answer = places[3]
        question = f"In which town was the director of the company that runs the ferry to {places[0]} born?"
    source.shuffle(results)
    prompt = _shown(f"ferry to {places[0]}", results, f"{question} End with a line 'Answer: ' and the name.")
    return _task(("chain", hops), source, tier, prompt, answer)


def _citing(source: random.Random, tier: int) -> Task:
    """The numbers of all results that agree with the best one on a figure."""
    place, other = _names(source, 2)
    attribute, phrases = source.choice(_ATTRIBUTES)
    low, high = _RANGE[attribute]
    right, wrong, elsewhere = source.sample(range(low, high), 3)
    count = 4 + tier
    ranks = ["official", *source.choices(("newspaper", "blog"), k=count - 1)]
    values = [right, right, *(source.choice((right, wrong)) for _ in range(count - 2))]
    results = [
        (
            _result(source, rank, date, f"{place} in numbers", source.choice(phrases).format(place, _number(value))),
            value,
        )
        for rank, date, value in zip(ranks, _days(source, count), values, strict=True)
    ]
    aside = _result(
        source, "official", _days(source, 1)[0], f"{other} in numbers", phrases[0].format(other, _number(elsewhere))
    )
    results.append((aside, -1))
    source.shuffle(results)
    numbers = [str(position) for position, (_, value) in enumerate(results, start=1) if value == right]
    question = (
        f"Which results state the same number of {attribute} of {place} as the official source on {place} does, that "
        "source included? End with a line 'Answer: ' and the result numbers in rising order, parted by commas."
    )
    prompt = _shown(f"{place} {attribute}", [each for each, _ in results], question)
    return _task(("citing", attribute, count), source, tier, prompt, ", ".join(numbers))


def _rescheduled(source: random.Random, tier: int) -> Task:
    """Days between two openings, of which newer results have moved one or both."""
    first, second = (f"the {name} {kind}" for name, kind in zip(_names(source, 2), ("Museum", "Tunnel"), strict=True))
    published = sorted(_days(source, 6))
    results, final = [], []
    for thing in (first, second):
        moves = source.sample(range(6), 1 + (tier > 1) + (tier > 2))
        days = [dt.date(2026, 1, 1) + dt.timedelta(days=day) for day in source.sample(range(360), len(moves))]
        told = sorted(zip((published[move] for move in moves), days, strict=True))
        for place, (date, day) in enumerate(told):
            said = "will open" if place == 0 else "will now open"
            text = f"{thing[0].upper()}{thing[1:]} {said} on {day.isoformat()}."
            results.append(_result(source, "newspaper", date, f"News of {thing}", text))
        final.append(told[-1][1])
    source.shuffle(results)
    question = (
        f"By the latest news on each, how many days lie between the openings of {first} and of {second} (the later "
        "date minus the earlier)? End with a line 'Answer: ' and the number."
    )
    answer = abs((final[0] - final[1]).days)
    return _task(("openings",), source, tier, _shown("opening dates", results, question), str(answer))


def _task(kind: tuple[str | int, ...], source: random.Random, tier: int, prompt: str, answer: str) -> Task:
    # The prompt is the content: whatever the results say is drawn.
    return Task(
        key=(*kind, prompt),
        tier=tier,
        prompt=prompt,
        expected=answer,
        worked_answer=f"Answer: {answer}",
        max_tokens=ANSWER_TOKENS[tier],
    )


KINDS: Mapping[int, tuple[Callable[[random.Random, int], Task], ...]] = {
    1: (_best_figure, _chain, _citing, _rescheduled),
    2: (_best_figure, _combined, _chain, _citing, _rescheduled),
    3: (_best_figure, _combined, _chain, _citing, _rescheduled),
}


def draw(source: random.Random, tier: int) -> Task:
    """One question over search results: more results, more hops and more contradictions in higher tiers."""
    return source.choice(KINDS[tier])(source, tier)


GENERATOR = Generator(suite="web_research", version="1", draw=draw)
