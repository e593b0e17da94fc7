"""Long-context kinds in prose: one fact among its likes, changes, hops, sums, counts, orders, and nothing to find.

Belongs here: needles that are sentences. Does not belong here: needles in code, logs and tables (`records`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from epyc_assets.suites.generators.long_context_tasks.haystack import Puzzle
from epyc_assets.suites.generators.long_context_tasks.prose import sentences
from epyc_assets.suites.generators.phrases import PEOPLE, TOWNS

_BUILDINGS = (
    "archive", "depot", "observatory", "boathouse", "pumping station", "granary", "print shop", "signal box", "museum",
    "cold store", "workshop", "customs house",
)  # fmt: skip
_CODE_WORDS = (
    "velvet", "harrow", "cinder", "maple", "quartz", "thistle", "ember", "saffron", "lagoon", "anvil", "juniper",
    "cobalt",
    "meadow", "falcon", "pewter", "willow",
)  # fmt: skip
_INNS = ("Heron", "Anchor", "Lamb", "Comet", "Plough", "Griffin", "Star", "Willow", "Crown", "Raven", "Bell", "Salmon")
_CRATES = ("amber", "violet", "crimson", "olive", "silver", "turquoise", "ivory", "scarlet", "indigo", "bronze", "jade")
_CARGO = ("barley", "lentils", "oats", "rye", "walnuts", "dried peas")
_EVENTS = (
    "the statue was unveiled", "the east bridge was closed", "the new ferry was christened",
    "the town clock was repaired",
    "the library roof was replaced", "the tram line was extended", "the old kiln was lit",
    "the fountain was switched on",
    "the market hall was sold", "the dam gates were opened", "the school bell was recast",
    "the harbour crane was tested",
)  # fmt: skip
_OPENING = "Below is a long text. Somewhere in it is what the question at the end asks about."
DISTRACTORS = {1: 5, 2: 20, 3: 60}
"""Misleading lines by tier; fewer where they would fill more than a third of the text."""


def _code(source: random.Random) -> str:
    return f"{source.choice(_CODE_WORDS)}-{source.randrange(1000, 10000)}"


def _day(source: random.Random, first_year: int = 2021) -> date:
    return date(first_year, 1, 1) + timedelta(days=source.randrange(365 * 8))


def _written(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _place(source: random.Random) -> tuple[str, str]:
    return source.choice(TOWNS), source.choice(_BUILDINGS)


def _other_codes(place: tuple[str, str], answer: str, wording: str):
    """Codes of other places, in the wording of the needle."""

    def stream(source: random.Random) -> Iterator[str]:
        while True:
            other, code = _place(source), _code(source)
            if other != place and code != answer:
                yield wording.format(town=other[0], building=other[1], code=code, day=_written(_day(source)))

    return stream


_CODE_SENTENCES = (
    "The access code of the {building} in {town} is {code}.",
    "Whoever wants to enter the {building} in {town} needs the access code {code}.",
    "In {town}, the {building} opens with the access code {code}.",
)
_CODE_QUESTION = (
    "According to the text, what is the access code of the {building} in {town}? If the text does not state it, the "
    "answer is NONE."
)


def single(source: random.Random, tier: int) -> Puzzle:
    """One code among codes of other places."""
    place, code, wording = _place(source), _code(source), source.choice(_CODE_SENTENCES)
    return Puzzle(
        key=("single", *place, code),
        style="prose",
        opening=_OPENING,
        question=_CODE_QUESTION.format(town=place[0], building=place[1]),
        answer=code,
        steps="One sentence of the text states the code of that place.",
        filler=sentences,
        needle=wording.format(town=place[0], building=place[1], code=code),
        more=_other_codes(place, code, wording),
        distractors=DISTRACTORS[tier],
        form="<code>",
        config={"answer_type": "text"},
    )


def absent(source: random.Random, tier: int) -> Puzzle:
    """Codes of many places, but not of the one asked for; its town and its building both occur."""
    town, building = _place(source)
    wording = source.choice(_CODE_SENTENCES)
    near_town = source.choice([other for other in TOWNS if other != town])
    near_building = source.choice([other for other in _BUILDINGS if other != building])
    near = [
        wording.format(town=town, building=near_building, code=_code(source)),
        wording.format(town=near_town, building=building, code=_code(source)),
    ]
    return Puzzle(
        key=("absent", town, building, near_town, near_building),
        style="prose",
        opening=_OPENING,
        question=_CODE_QUESTION.format(town=town, building=building),
        answer="NONE",
        steps="The text states codes of other places only.",
        filler=sentences,
        others=near,
        more=_other_codes((town, building), "", wording),
        distractors=DISTRACTORS[tier],
        form="<code or NONE>",
        config={"answer_type": "text"},
    )


def latest(source: random.Random, tier: int) -> Puzzle:
    """A code that was changed several times; the dates, not the places in the text, say which is the last."""
    place = _place(source)
    days: set[date] = set()
    while len(days) < tier + 2:
        days.add(_day(source))
    codes: list[str] = []
    while len(codes) < len(days):
        code = _code(source)
        if code not in codes:
            codes.append(code)
    wording = "On {day} the access code of the {building} in {town} was changed to {code}."
    changes = [
        wording.format(town=place[0], building=place[1], code=code, day=_written(day))
        for day, code in zip(sorted(days), codes, strict=True)
    ]
    return Puzzle(
        key=("latest", *place, *codes),
        style="prose",
        opening=f"{_OPENING} Its sentences are in no particular order.",
        question=(
            f"Which access code did the {place[1]} in {place[0]} have after the most recent of the changes "
            f"that the text "
            "reports, by their dates?"
        ),
        answer=codes[-1],
        steps=f"Its last change was on {_written(max(days))}.",
        filler=sentences,
        needle=changes[-1],
        others=changes[:-1],
        more=_other_codes(place, codes[-1], wording),
        distractors=DISTRACTORS[tier],
        form="<code>",
        config={"answer_type": "text"},
    )


def hops(source: random.Random, tier: int) -> Puzzle:
    """From a crate to a person to an inn to a key, two links or three, among other crates' chains."""
    chains = min(tier * 2 + 2, len(_CRATES), len(_INNS))
    crates, people, inns = source.sample(_CRATES, chains), source.sample(PEOPLE, chains), source.sample(_INNS, chains)
    keys = source.sample(range(100, 1000), chains)
    links: list[str] = []
    for crate, person, inn, key in zip(crates, people, inns, keys, strict=True):
        links += [f"The {crate} crate was handed to {person}.", f"{person} lodges at the {inn} Inn."]
        if tier > 1:
            links.append(f"The spare key of the {inn} Inn hangs on hook {key}.")
    needle = f"The spare key of the {inns[0]} Inn hangs on hook {keys[0]}." if tier > 1 else links[1]
    links.remove(needle)
    source.shuffle(links)
    question = (
        f"On which hook hangs the spare key of the inn where the person lodges who was handed the {crates[0]} crate?"
        if tier > 1
        else f"At which inn lodges the person who was handed the {crates[0]} crate? Give the name of the inn "
        f"without the "
        "word Inn."
    )
    return Puzzle(
        key=("hops", tier, crates[0], people[0], inns[0], keys[0]),
        style="prose",
        opening=_OPENING,
        question=question,
        answer=str(keys[0]) if tier > 1 else inns[0],
        steps=f"{people[0]} was handed the {crates[0]} crate and lodges at the {inns[0]} Inn.",
        filler=sentences,
        needle=needle,
        others=links,
        form="<number>" if tier > 1 else "<name>",
    )


def summed(source: random.Random, tier: int) -> Puzzle:
    """Deliveries of one good to one town, to be added up; others go elsewhere or bring something else."""
    town, cargo = source.choice(TOWNS), source.choice(_CARGO)
    amounts = [source.randint(11, 98) for _ in range((3, 5, 8)[tier - 1])]
    people = source.sample(PEOPLE, len(amounts))
    wording = "{person} delivered {amount} sacks of {cargo} to {town}."

    def more(stream: random.Random) -> Iterator[str]:
        while True:
            other, load = stream.choice(TOWNS), stream.choice(_CARGO)
            if (other, load) != (town, cargo):
                amount = stream.randint(11, 98)
                yield wording.format(person=stream.choice(PEOPLE), amount=amount, cargo=load, town=other)

    return Puzzle(
        key=("summed", town, cargo, *amounts),
        style="prose",
        opening=_OPENING,
        question=f"How many sacks of {cargo} were delivered to {town} altogether, over all deliveries in the text?",
        answer=str(sum(amounts)),
        steps=f"{' + '.join(map(str, amounts))} = {sum(amounts)}.",
        filler=sentences,
        others=[
            wording.format(person=person, amount=amount, cargo=cargo, town=town)
            for person, amount in zip(people, amounts, strict=True)
        ],
        more=more,
        distractors=DISTRACTORS[tier],
        form="<number>",
    )


def counted(source: random.Random, tier: int) -> Puzzle:
    """How many different people inspected one place; some did so twice from tier 2 on."""
    place = _place(source)
    people = source.sample(PEOPLE, source.randint(2, 4) if tier == 1 else source.randint(4, 5 + tier * 2))
    again = source.sample(people, source.randint(1, 3)) if tier > 1 else []
    wording = "{person} inspected the {building} in {town} {when}."
    times = ("on a Monday", "on a Tuesday", "on a Thursday", "on a Friday", "one weekend", "over two days")

    def written(stream: random.Random, person: str, where: tuple[str, str]) -> str:
        return wording.format(person=person, town=where[0], building=where[1], when=stream.choice(times))

    def more(stream: random.Random) -> Iterator[str]:
        while True:
            other = _place(stream)
            if other != place:
                yield written(stream, stream.choice(PEOPLE), other)

    return Puzzle(
        key=("counted", *place, *sorted(people), *sorted(again)),
        style="prose",
        opening=_OPENING,
        question=(
            f"How many different people inspected the {place[1]} in {place[0]}, according to the text? Count "
            f"a person who "
            "did so more than once as one."
        ),
        answer=str(len(people)),
        steps=f"They were {', '.join(sorted(people))}.",
        filler=sentences,
        others=[written(source, person, place) for person in [*people, *again]],
        more=more,
        distractors=DISTRACTORS[tier],
        form="<number>",
    )


def ordered(source: random.Random, tier: int) -> Puzzle:
    """Events whose dates stand in the text, to be put in order; or which of them came nth."""
    town, elsewhere = source.sample(TOWNS, 2)
    events = source.sample(_EVENTS, tier + 3)
    days: set[date] = set()
    while len(days) < len(events):
        days.add(_day(source))
    dated = list(zip(events, sorted(days), strict=True))
    labels = dict(zip(sorted(events), "ABCDEFGH", strict=False))
    options = "\n".join(f"{label}: {event}" for event, label in labels.items())
    answer = ", ".join(labels[event] for event, _ in dated)

    def more(stream: random.Random) -> Iterator[str]:
        while True:
            yield f"In {elsewhere}, {stream.choice(_EVENTS)} on {_written(_day(stream))}."

    return Puzzle(
        key=("ordered", town, *events),
        style="prose",
        opening=f"{_OPENING} Its sentences are in no particular order.",
        question=(
            f"These things happened in {town}:\n{options}\nIn which order did they happen in {town}, from the "
            f"earliest to "
            "the latest, by the dates in the text? Give the letters parted by commas."
        ),
        answer=answer,
        steps="; ".join(f"{event} on {_written(day)}" for event, day in dated),
        filler=sentences,
        others=[f"In {town}, {event} on {_written(day)}." for event, day in source.sample(dated, len(dated))],
        more=more,
        distractors=DISTRACTORS[tier] // 3,
        form="<letter>, <letter>, ...",
    )
