"""What follows from what is said: knights and knaves, one true statement, syllogisms.

Belongs here: questions about the truth of statements. Does not belong here: arrangements from true clues
(`arrangements`).
"""

from __future__ import annotations

import itertools
import random

from epyc_assets.suites.generators.phrases import PEOPLE, listed, reasoned_task
from epyc_assets.suites.task import Task


def knights(source: random.Random, tier: int) -> Task:
    """Which islanders always tell the truth; the only reading of their statements."""
    # Of two, whoever is spoken of most would mostly be the right answer.
    count = (3, 4, 6)[tier - 1]
    names = source.sample(PEOPLE, count)
    people = range(count)
    truthful, lying = source.choice((("knight", "knave"), ("pilgrim", "jester"), ("keeper", "trickster")))
    worlds = list(itertools.product((True, False), repeat=count))
    while True:
        said = [_statement(source, speaker, names, truthful, lying) for speaker in people]
        fitting = [world for world in worlds if all(said[who][1](world) == world[who] for who in people)]
        if len(fitting) == 1 and any(fitting[0]) and not all(fitting[0]):
            break
    truth = fitting[0]
    answer = ", ".join(name for name, honest in zip(names, truth, strict=True) if honest)
    lines = " ".join(f"{name} says: '{text}'" for name, (text, _) in zip(names, said, strict=True))
    text = (
        f"On an island everyone is either a {truthful}, who always tells the truth, or a {lying}, who always lies. You "
        f"meet {listed(names)}. {lines} Which of them are {truthful}s? List their names in the order in which they "
        "were introduced, separated by commas."
    )
    return reasoned_task(
        source,
        key=("knights", truthful, *names, *(each for each, _ in said)),
        tier=tier,
        text=text,
        answer=answer,
        steps=f"Trying each case, only one is free of contradiction: the {truthful}s are {answer}.",
        form="<names>",
        config={"unordered": True},
    )


def _statement(source: random.Random, speaker: int, names: list[str], truthful: str, lying: str):
    others = [person for person in range(len(names)) if person != speaker]
    kind = source.randrange(3 if len(others) < 2 else 6)
    one = source.choice(others)
    if kind == 0:
        return f"{names[one]} is a {lying}.", lambda world: not world[one]
    if kind == 1:
        return f"{names[one]} and I are of the same kind.", lambda world: world[one] == world[speaker]
    if kind == 2:
        number = source.randint(1, len(names))
        are = f"is a {lying}" if number == 1 else f"are {lying}s"
        return f"Exactly {number} of us {are}.", lambda world: world.count(False) == number
    first, second = source.sample(others, 2)
    if kind == 3:
        text = f"At least one of {names[first]} and {names[second]} is a {truthful}."
        return text, lambda world: world[first] or world[second]
    if kind == 4:
        text = f"{names[first]} and {names[second]} are of different kinds."
        return text, lambda world: world[first] != world[second]
    text = f"If {names[first]} is a {truthful}, then {names[second]} is a {lying}."
    return text, lambda world: not world[first] or not world[second]


def culprit(source: random.Random, tier: int) -> Task:
    """Who did it, when so many of the statements are true."""
    count = (3, 4, 6)[tier - 1]
    names = source.sample(PEOPLE, count)
    deed = source.choice(("broke the greenhouse pane", "hid the trophy", "ate the last tart", "painted the statue"))
    while True:
        said = []
        for speaker in names:
            first, second = source.sample(names, 2)
            said.append(
                source.choice(
                    (
                        (f"{first} did it.", {first}),
                        (f"{first} did not do it.", set(names) - {first}),
                        (f"It was {first} or {second}.", {first, second}),
                        (f"It was neither {first} nor {second}.", set(names) - {first, second}),
                    )
                    if tier > 1
                    else ((f"{first} did it.", {first}), (f"{speaker} did not do it.", set(names) - {speaker}))
                )
            )
        true = source.randint(1, count - 1)
        fitting = [name for name in names if sum(name in accused for _, accused in said) == true]
        if len(fitting) == 1:
            break
    answer = fitting[0]
    lines = " ".join(f"{name}: '{text}'" for name, (text, _) in zip(names, said, strict=True))
    text = (
        f"Exactly one of {listed(names)} {deed}. Asked about it, they said: {lines} Exactly {true} of these statements "
        f"{'is' if true == 1 else 'are'} true. Who {deed}?"
    )
    return reasoned_task(
        source,
        key=("culprit", true, *names, *(each for each, _ in said)),
        tier=tier,
        text=text,
        answer=answer,
        steps=f"Only if it was {answer} are exactly {true} statements true.",
        form="<name>",
    )


_KINDS = (
    "brindles", "corvans", "dapplings", "esters", "fenwicks", "gorlies", "hallocks", "ibbets", "jorums", "keppins",
    "lumbers", "morrows", "nettings", "orrins", "pellicks", "quills",
)  # fmt: skip


def _said(form: str, first: str, second: str) -> str:
    return {
        "all": f"All {first} are {second}.",
        "no": f"No {first} are {second}.",
        "some": f"Some {first} are {second}.",
        "some not": f"Some {first} are not {second}.",
    }[form]


def syllogism(source: random.Random, tier: int) -> Task:
    """Which one of four conclusions must be true; premises and conclusions are about invented kinds of things."""
    count = (3, 4, 5)[tier - 1]
    while True:
        kinds = source.sample(_KINDS, count)
        links = list(itertools.pairwise(range(count)))
        premises = []
        for left, right in links:
            pair = (left, right) if source.random() < 0.75 else (right, left)
            premises.append((source.choice(("all", "all", "no", "some", "some not")), *pair))
        verdicts = {}
        for form in ("all", "no", "some", "some not"):
            for left, right in itertools.permutations(range(count), 2):
                if form in ("no", "some") and left > right:
                    continue
                if abs(left - right) > 1 and (form, left, right) not in premises:
                    verdicts[form, left, right] = _follows(premises, (form, left, right), count)
        if None in verdicts.values():
            continue
        sure = [statement for statement, follows in verdicts.items() if follows]
        unsure = [statement for statement, follows in verdicts.items() if not follows]
        if sure and len(unsure) >= 3:
            break
    right = source.choice(sure)
    options = [right, *source.sample(unsure, 3)]
    source.shuffle(options)
    source.shuffle(premises)
    texts = [_said(form, kinds[left], kinds[second]) for form, left, second in options]
    letter = "ABCD"[options.index(right)]
    given = " ".join(_said(form, kinds[left], kinds[second]) for form, left, second in premises)
    choices = "\n".join(f"{name}) {text}" for name, text in zip("ABCD", texts, strict=True))
    text = (
        f"There is at least one of each of these kinds: {', '.join(sorted(kinds))}. {given} Which one of these must "
        "then "
        f"be true?\n{choices}"
    )
    return reasoned_task(
        source,
        key=("syllogism", given, *texts),
        tier=tier,
        text=text,
        answer=letter,
        steps=f"The premises leave no case in which '{texts['ABCD'.index(letter)]}' is false.",
        form="<letter>",
        scorer="multiple_choice",
        config={"choices": texts},
    )


def _follows(premises: list[tuple[str, int, int]], conclusion: tuple[str, int, int], count: int) -> bool | None:
    """Whether a conclusion holds in every world of the premises; None where there is no such world.

    A sort of thing is a set of kinds that it belongs to, as bits. Universal premises forbid sorts; existential
    ones, and that there is one of each kind, ask for a sort out of a set.
    """
    sorts = set(range(1, 2**count))

    def region(form: str, first: int, second: int) -> set[int]:
        wanted = form in ("no", "some")
        return {each for each in sorts if each >> first & 1 and bool(each >> second & 1) == wanted}

    allowed = sorts - set().union(*(region(*each) for each in premises if each[0] in ("all", "no")))
    asked = [region(*each) & allowed for each in premises if each[0] in ("some", "some not")]
    asked += [{each for each in allowed if each >> kind & 1} for kind in range(count)]
    if not all(asked):
        return None
    target = region(*conclusion) & allowed
    return not target if conclusion[0] in ("all", "no") else any(each <= target for each in asked)
