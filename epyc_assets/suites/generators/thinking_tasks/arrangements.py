"""Puzzles whose clues leave exactly one arrangement: orders, logic grids, teams; shown by trying all of them.

Belongs here: questions of who stands where, who has what, who is in. Does not belong here: who speaks the truth
(`statements`).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from epyc_assets.suites.generators.phrases import PEOPLE, listed, ordinal, reasoned_task
from epyc_assets.suites.task import Task

World = TypeVar("World")


def clues_for(
    worlds: Sequence[World], truth: World, clues: Sequence[tuple[str, Callable[[World], bool]]], thin: bool = True
) -> list[str]:
    """Clues, in the order offered, that together leave only `truth`; empty where all of them leave more.

    A clue that rules out nothing is not taken; thin: those that the later ones made needless go too.
    """
    left, taken = list(worlds), []
    for text, holds in clues:
        fewer = [world for world in left if holds(world)]
        if len(fewer) < len(left):
            left, taken = fewer, [*taken, (text, holds)]
        if len(left) == 1:
            break
    if left != [truth]:
        return []
    for clue in list(taken) if thin else []:
        others = [other for other in taken if other is not clue]
        kept = 0
        for world in worlds:
            kept += all(holds(world) for _, holds in others)
            if kept > 1:
                break
        if kept == 1:
            taken = others
    return [text for text, _ in taken]


_PLACES = (
    ("runners finished a race", "finished", "Position 1 is the winner."),
    ("hikers cross a rope bridge one after another", "crosses", "Position 1 crosses first."),
    ("customers wait in one queue", "stands", "Position 1 is served first."),
    ("speakers are on the programme of an evening", "speaks", "Position 1 opens the evening."),
    ("paddlers float in a line down a river", "floats", "Position 1 is the leading kayak."),
)


def ordering(source: random.Random, tier: int) -> Task:
    """Who is at a position of a line; no clue of tier 3 names a position."""
    count = (4, 5, 6)[tier - 1]
    names = source.sample(PEOPLE, count)
    order = tuple(source.sample(names, count))
    what, verb, front = source.choice(_PLACES)
    place = {name: index for index, name in enumerate(order)}
    clues: list[tuple[str, Callable[[tuple[str, ...]], bool]]] = []
    for first, second in itertools.permutations(names, 2):
        gap = place[second] - place[first]
        if gap > 0:
            clues.append(
                (
                    f"{first} {verb} somewhere before {second}.",
                    lambda world, a=first, b=second: world.index(a) < world.index(b),
                )
            )
        if gap == 1:
            clues.append(
                (
                    f"{first} {verb} directly before {second}.",
                    lambda world, a=first, b=second: world.index(b) - world.index(a) == 1,
                )
            )
        if gap > 1:
            between = gap - 1
            people = "person is" if between == 1 else "people are"
            clues.append(
                (
                    f"Exactly {between} {people} between {first} and {second}.",
                    lambda world, a=first, b=second, n=gap: abs(world.index(b) - world.index(a)) == n,
                )
            )
    for name in names:
        for end, index in (("first", 0), ("last", count - 1)):
            if place[name] != index:
                clues.append((f"{name} is not {end}.", lambda world, a=name, i=index: world[i] != a))
        if tier < 3:
            text = f"{name} is at position {place[name] + 1}."
            clues.append((text, lambda world, a=name, i=place[name]: world[i] == a))
    while True:
        source.shuffle(clues)
        texts = clues_for(list(itertools.permutations(names)), order, clues)
        # What a clue says outright is not asked for.
        open_places = [index for index, name in enumerate(order) if f"{name} is at position {index + 1}." not in texts]
        if texts and open_places:
            break
    source.shuffle(texts)
    asked = source.choice(open_places)
    text = f"{count} {what}: {listed(names)}. {front} {' '.join(texts)} Who is at position {asked + 1}?"
    return reasoned_task(
        source,
        key=("ordering", *order, asked, *sorted(texts)),
        tier=tier,
        text=text,
        answer=order[asked],
        steps=f"The only order that fits is {', '.join(order)}; {ordinal(asked + 1)} is {order[asked]}.",
        form="<name>",
    )


_ATTRIBUTES = (
    ("instrument", "plays the {}", ("cello", "flute", "harp", "drums", "oboe", "banjo")),
    ("town", "lives in {}", ("Arnholt", "Dunvale", "Larkspur", "Northam", "Oakhaven", "Pinecrest")),
    ("day off", "is off on {}", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")),
    ("pet", "keeps a {}", ("parrot", "tortoise", "ferret", "gecko", "rabbit", "goat")),
    ("drink", "orders {}", ("coffee", "cider", "lemonade", "cocoa", "mint tea", "kefir")),
    ("job", "works as a {}", ("baker", "glazier", "surveyor", "welder", "tailor", "beekeeper")),
)


def logic_grid(source: random.Random, tier: int) -> Task:
    """Which value of one attribute goes with a value of another; each value belongs to one person."""
    count, groups = ((3, 1), (3, 2), (4, 3))[tier - 1]
    names = tuple(source.sample(PEOPLE, count))
    attributes = [
        (noun, phrase, tuple(source.sample(values, count)))
        for noun, phrase, values in source.sample(_ATTRIBUTES, groups)
    ]
    worlds = list(itertools.product(*(itertools.permutations(range(count)) for _ in attributes)))
    truth = source.choice(worlds)
    # A thing is (group, value): group 0 is the names, and a value's owner is the person's index.
    things = [(0, index) for index in range(count)]
    things += [(group, value) for group in range(1, groups + 1) for value in range(count)]

    def owner(world: tuple[tuple[int, ...], ...], thing: tuple[int, int]) -> int:
        return thing[1] if thing[0] == 0 else world[thing[0] - 1].index(thing[1])

    def subject(thing: tuple[int, int]) -> str:
        return names[thing[1]] if thing[0] == 0 else f"the person who {predicate(thing)}"

    def predicate(thing: tuple[int, int]) -> str:
        _, phrase, values = attributes[thing[0] - 1]
        return phrase.format(values[thing[1]])

    clues = []
    for left, right in itertools.combinations(things, 2):
        if left[0] == right[0]:
            continue
        same = owner(truth, left) == owner(truth, right)
        if same and left[0] == 0 and tier > 1 and source.random() < 0.7:
            continue  # too direct to be common
        verb = predicate(right)
        first = subject(left)
        said = f"{first} {verb}." if same else f"it is not true that {first} {verb}."
        clues.append(
            (
                said[0].upper() + said[1:],
                lambda world, a=left, b=right, s=same: (owner(world, a) == owner(world, b)) == s,
            )
        )
    while True:
        source.shuffle(clues)
        texts = clues_for(worlds, truth, clues, thin=len(worlds) < 1000)
        if texts:
            break
        direct = source.choice(things[count:])
        holder = owner(truth, direct)
        clues.append((f"{names[holder]} {predicate(direct)}.", lambda world, a=direct, b=holder: owner(world, a) == b))
    source.shuffle(texts)
    said = {clue.casefold() for clue in texts}

    def is_told(group: int, thing: tuple[int, int]) -> bool:
        """Whether a clue says outright what of the group goes with the thing."""
        other = (group, truth[group - 1][owner(truth, thing)])
        pairs = [(thing, other), *([(other, thing)] if thing[0] else [])]
        return any(f"{subject(first)} {predicate(second)}.".casefold() in said for first, second in pairs)

    pairs = [(group, thing) for group in range(1, groups + 1) for thing in things if thing[0] != group]
    group, asked = source.choice([pair for pair in pairs if not is_told(*pair)] or pairs)
    noun, _, values = attributes[group - 1]
    answer = values[truth[group - 1][owner(truth, asked)]]
    stock = " ".join(f"Each has a different {name}: {', '.join(options)}." for name, _, options in attributes)
    text = f"{listed(names)} are compared. {stock} {' '.join(texts)} Which {noun} belongs to {subject(asked)}?"
    solution = "; ".join(
        f"{name} {', '.join(predicate((index + 1, truth[index][person])) for index in range(groups))}"
        for person, name in enumerate(names)
    )
    return reasoned_task(
        source,
        key=("logic grid", *names, *(value for _, _, each in attributes for value in each), *sorted(texts), answer),
        tier=tier,
        text=text,
        answer=answer,
        steps=f"Only this fits: {solution}.",
        form=f"<{noun}>",
    )


def team(source: random.Random, tier: int) -> Task:
    """The one team of a size that obeys all rules."""
    count, size = (6, 3) if tier == 2 else (8, 4)
    names = sorted(source.sample(PEOPLE, count))
    worlds = [frozenset(chosen) for chosen in itertools.combinations(names, size)]
    truth = source.choice(worlds)
    rules = []
    for first, second in itertools.permutations(names, 2):
        for text, holds in (
            (f"If {first} goes, {second} must go too.", lambda team, a=first, b=second: a not in team or b in team),
            (f"{first} and {second} cannot both go.", lambda team, a=first, b=second: not {a, b} <= team),
            (f"At least one of {first} and {second} must go.", lambda team, a=first, b=second: bool({a, b} & team)),
            (f"If {first} stays behind, {second} must go.", lambda team, a=first, b=second: a in team or b in team),
            (f"Exactly one of {first} and {second} goes.", lambda team, a=first, b=second: len({a, b} & team) == 1),
        ):
            if holds(truth):
                rules.append((text, holds))
    while True:
        source.shuffle(rules)
        texts = clues_for(worlds, truth, rules)
        if texts:
            break
    answer = ", ".join(sorted(truth))
    journey = source.choice(
        ("a polar station", "a deep-sea dive", "a mountain rescue", "a chess olympiad", "a space walk")
    )
    text = (
        f"Exactly {size} of {listed(names)} are sent to {journey}. {' '.join(texts)} Who goes? List the names in "
        "alphabetical order, separated by commas."
    )
    return reasoned_task(
        source,
        key=("team", size, *names, *sorted(texts)),
        tier=tier,
        text=text,
        answer=answer,
        steps="Checking the rules one by one leaves a single team.",
        form="<names>",
        config={"unordered": True},
    )
