"""Transfer for real models: a rule or notation taught by a few examples, to be applied where it was not shown.

Belongs here: invented ciphers, operators, units, numerals, languages, list machines and record formats, whose examples
leave one reading. Does not belong here: rules that anybody could know beforehand.
"""

from __future__ import annotations

import itertools
import random
import string
from collections.abc import Callable

from epyc_assets.suites.generators.phrases import ANSWER_TOKENS
from epyc_assets.suites.task import Generator, Task

_WORDS = ("harbor", "winter", "copper", "lantern", "meadow", "button", "castle", "orchid", "falcon", "garden", "silver",
          "temple", "velvet", "walnut", "puzzle", "rocket", "island", "marble", "thunder", "planet")  # fmt: skip
_UNITS = ("dax", "wip", "lum", "fep", "zog", "kiv", "mub", "tarn")
_SYMBOLS = "koqzxvb"
_END = "End with a line 'Answer: ' and {}."
Machine = tuple[str, Callable[[list[int]], list[int]]]


def _task(kind: str, tier: int, prompt: str, answer: str, *key: str | int) -> Task:
    return Task(
        key=(kind, *key, prompt),
        tier=tier,
        prompt=prompt,
        expected=answer,
        worked_answer=f"Answer: {answer}",
        max_tokens=ANSWER_TOKENS[tier],
    )


def _shifted(word: str, start: int, step: int, backwards: bool) -> str:
    """Letters moved on by start, start + step, start + 2 step ...; then perhaps the word turned round."""
    letters = string.ascii_lowercase
    moved = "".join(letters[(letters.index(letter) + start + step * place) % 26] for place, letter in enumerate(word))
    return moved[::-1] if backwards else moved


def _cipher(source: random.Random, tier: int) -> Task:
    """Write or read a word in a cipher shown by three words."""
    start, step = source.randint(1, 9), 0 if tier == 1 else source.randint(1, 3)
    backwards = tier == 3 or (tier == 2 and source.random() < 0.3)
    *shown, asked = source.sample(_WORDS, 4)
    coded = [f"{word} -> {_shifted(word, start, step, backwards)}" for word in shown]
    hidden = _shifted(asked, start, step, backwards)
    taught = "A secret script writes words of small letters like this (z is followed by a):\n" + "\n".join(coded)
    if source.random() < 0.5:
        return _task("cipher", tier, f"{taught}\nHow does it write {asked}? {_END.format('the coded word')}", hidden)
    return _task("cipher", tier, f"{taught}\nWhich word does it write as {hidden}? {_END.format('the word')}", asked)


def _operator(source: random.Random, tier: int) -> Task:
    """a # b = p a + q b + r from examples, applied once, nested, or twice nested."""
    p, q, r = source.randint(1, 4), source.choice((-2, -1, 1, 2, 3)), source.randint(-5, 9) if tier > 1 else 0

    def value(first: int, second: int) -> int:
        return p * first + q * second + r

    pairs = [(1, 0), (0, 1), (2, 3), (5, 4)]
    shown = [(a + source.randint(0, 3), b + source.randint(0, 3)) for a, b in pairs]
    # Three pairs that are on no line leave one solution; a fourth confirms it.
    while _on_a_line(shown[:3]) or len(set(shown)) < len(shown):
        shown = [(source.randint(0, 9), source.randint(0, 9)) for _ in shown]
    examples = "\n".join(f"{a} # {b} = {value(a, b)}" for a, b in shown)
    a, b, c, d = (source.randint(2, 12) for _ in range(4))
    while (a, b) in shown:
        a, b = source.randint(2, 12), source.randint(2, 12)
    asked, answer = f"{a} # {b}", value(a, b)
    if tier == 2:
        asked, answer = f"({a} # {b}) # {c}", value(value(a, b), c)
    if tier == 3:
        asked, answer = f"({a} # {b}) # ({c} # {d})", value(value(a, b), value(c, d))
    prompt = (
        "The sign # stands for a fixed number of times the left value, plus or minus a fixed number of times the right "
        f"value, plus or minus a fixed number (which may be 0):\n{examples}\nWhat is {asked}? "
        f"{_END.format('the number')}"
    )
    return _task("operator", tier, prompt, str(answer))


def _on_a_line(points: list[tuple[int, int]]) -> bool:
    (a, b), (c, d), (e, f) = points
    return (c - a) * (f - b) == (e - a) * (d - b)


def _units(source: random.Random, tier: int) -> Task:
    """Invented measures, taught by amounts that are the same, used in a purchase."""
    names = source.sample(_UNITS, tier + 1)
    factors = [source.randint(2, 9) for _ in range(tier)]
    taught = []
    for place, factor in enumerate(factors):
        many = source.randint(2, 6)
        taught.append(f"{many} {names[place]} are as long as {many * factor} {names[place + 1]}.")
    source.shuffle(taught)
    amount, price, rest = source.randint(3, 15), source.randint(2, 9), source.randint(1, 20)
    smallest, largest = names[-1], names[0]
    whole = amount
    for factor in factors:
        whole *= factor
    prompt = (
        f"In a country cloth is measured in units of its own. {' '.join(taught)} Cloth costs {price} coins per "
        f"{smallest}. A tailor buys {amount} {largest} and {rest} {smallest} of it. How many coins does the tailor "
        f"pay? {_END.format('the number')}"
    )
    return _task("units", tier, prompt, str((whole + rest) * price))


def _numerals(source: random.Random, tier: int) -> Task:
    """Numerals that add up, the largest sign first, like 3 threes and 2 ones; a sum of two of them."""
    base = source.randint(4, 7)
    signs = source.sample(_SYMBOLS, 2 if tier == 1 else 3)
    values = [base**power for power in range(len(signs))][::-1]
    worth = dict(zip(signs, values, strict=True))

    def written(number: int) -> str:
        text = ""
        for sign, value in worth.items():
            text += sign * (number // value)
            number %= value
        return text

    most = values[0] * (base - 1)
    shown = {values[-1] * 2, values[-2] + 1, values[0] * 2 + values[-1], *source.sample(range(base, most), 2)}
    examples = "\n".join(f"{written(number)} is {number}" for number in sorted(shown))
    first, second = source.randint(2, most // 2), source.randint(2, most // 2)
    taught = (
        "A people writes numbers with signs whose values add up, larger ones first, and each as often as it is needed, "
        f"but never so often that a larger sign would do:\n{examples}\n"
    )
    if tier == 1 or source.random() < 0.4:
        prompt = f"{taught}Which number is {written(first + second)}? {_END.format('the number')}"
        return _task("numerals", tier, prompt, str(first + second))
    prompt = f"{taught}How do they write the sum of {written(first)} and {written(second)}? {_END.format('the signs')}"
    return _task("numerals", tier, prompt, written(first + second))


_NOUNS = {"fox": "mel", "owl": "tiru", "king": "bano", "child": "sefi", "river": "ukat", "stone": "dorr"}
_MANY = {"child": "children", "fox": "foxes"}
"""Of nouns that take more than an s."""
_VERBS = {"sees": "ganu", "finds": "hilo", "follows": "peza"}


def _language(source: random.Random, tier: int) -> Task:
    """Word order, an ending for the object, and with tiers one for many and one for the past, from three sentences."""
    order = source.choice(list(itertools.permutations("SVO")))
    objective, many, past = source.sample(("ka", "no", "shi", "lu", "ret"), 3)
    nouns = source.sample(list(_NOUNS), 4)
    verbs = source.sample(list(_VERBS), 2)

    def sentence(subject: str, verb: str, thing: str, plural: bool, earlier: bool) -> tuple[str, str]:
        seen = f"many {_MANY.get(thing, thing + 's')}" if plural else f"one {thing}"
        english = f"the {subject} {'earlier ' if earlier else ''}{verb} {seen}"
        words = {
            "S": _NOUNS[subject],
            "V": _VERBS[verb] + (past if earlier else ""),
            "O": _NOUNS[thing] + (many if plural else "") + objective,
        }
        return english, " ".join(words[part] for part in order)

    shown = [
        sentence(nouns[0], verbs[0], nouns[1], False, False),
        sentence(nouns[1], verbs[1], nouns[0], tier > 1, False),
        sentence(nouns[2], verbs[0], nouns[3], False, tier > 2),
    ]
    wanted = sentence(nouns[3], verbs[1], nouns[2], tier > 1, tier > 2)
    listed = [*(f"{noun}: {_NOUNS[noun]}" for noun in sorted(nouns)), *(f"{verb}: {_VERBS[verb]}" for verb in verbs)]
    examples = "\n".join(f"{english} = {foreign}" for english, foreign in shown)
    prompt = (
        f"Stems of an invented language: {', '.join(listed)}. Sentences:\n{examples}\n"
        f"Translate: {wanted[0]}. {_END.format('the sentence')}"
    )
    return _task("language", tier, prompt, wanted[1])


def _machines(source: random.Random, count: int) -> list[Machine]:
    """Machines over lists of whole numbers, any two of which differ on the examples that are shown."""
    number = source.randint(2, 5)
    kinds: list[Machine] = [
        ("reverse", lambda values: values[::-1]),
        ("add", lambda values: [value + number for value in values]),
        ("times", lambda values: [value * number for value in values]),
        ("drop first", lambda values: values[1:]),
        ("drop last", lambda values: values[:-1]),
        ("sort", sorted),
        ("first to the end", lambda values: values[1:] + values[:1]),
        ("double list", lambda values: values + values),
    ]
    return source.sample(kinds, count)


def _composition(source: random.Random, tier: int) -> Task:
    """Machines shown alone, asked for one after another on a new list."""
    machines = dict(zip("FGH", _machines(source, tier), strict=False))
    shown = []
    for letter, (_, machine) in machines.items():
        for length in (4, 5):
            # Unsorted, without equal numbers, the smallest and the largest within, so that each machine can be told
            # from the others, and one that takes the first or the last from one that takes an extreme.
            values = source.sample(range(6, 40), length)
            while {values[0], values[-1]} & {min(values), max(values)}:
                source.shuffle(values)
            shown.append(f"{letter}: {values} -> {machine(values)}")
    chain = list(machines) if tier == 1 else source.choices(list(machines), k=tier)
    values = source.sample(range(6, 40), 5)
    result = values
    for letter in chain:
        result = machines[letter][1](result)
    steps = ", then ".join(chain)
    prompt = (
        f"Machines turn lists into lists, each always in the same way:\n{chr(10).join(shown)}\n"
        f"What comes out when {values} goes through {steps}? {_END.format('the list')}"
    )
    return _task("composition", tier, prompt, str(result))


_FIRST = ("anna", "bruno", "clara", "david", "elena", "felix", "greta", "henry")
_LAST = ("mason", "novak", "olsen", "pryor", "quist", "rossi", "stone", "tamm")
_TOWNS = ("oslo", "lima", "cairo", "quito", "tunis", "prague", "seoul", "hanoi")


def _record(source: random.Random, tier: int) -> Task:
    """A card of a person in a house style, shown by two cards."""
    parts: list[Callable[[str, str, int, str], str]] = [
        source.choice((lambda first, last, year, town: last.upper(), lambda first, last, year, town: last.title())),
        source.choice(
            (lambda first, last, year, town: first[:2], lambda first, last, year, town: first[0].upper() + ".")
        ),
    ]
    if tier > 1:
        parts.append(
            source.choice(
                (lambda first, last, year, town: str(year)[2:], lambda first, last, year, town: str(2030 - year))
            )
        )
    if tier > 2:
        parts.append(
            source.choice(
                (lambda first, last, year, town: town[:3].upper(), lambda first, last, year, town: town[::-1])
            )
        )
    source.shuffle(parts)
    mark = source.choice("/-@+:")
    people = list(
        zip(source.sample(_FIRST, 3), source.sample(_LAST, 3), source.sample(range(1950, 2004), 3),
            source.sample(_TOWNS, 3), strict=True)
    )  # fmt: skip
    lines = [f"{first} {last}, born {year}, lives in {town}" for first, last, year, town in people]
    cards = [mark.join(part(*person) for part in parts) for person in people]
    shown = "\n".join(f"{line} -> {card}" for line, card in zip(lines[:2], cards[:2], strict=True))
    prompt = (
        f"A club files its members in a house style. The year is 2030.\n{shown}\n"
        f"How does it file {lines[2]}? {_END.format('the entry')}"
    )
    task = _task("record", tier, prompt, cards[2])
    return Task(
        task.key, tier, prompt, cards[2], task.worked_answer,
        scorer_config={"case_sensitive": True, "answer_type": "text"}, max_tokens=ANSWER_TOKENS[tier],
    )  # fmt: skip


KINDS: tuple[Callable[[random.Random, int], Task], ...] = (
    _cipher,
    _operator,
    _units,
    _numerals,
    _language,
    _composition,
    _record,
)


def draw(source: random.Random, tier: int) -> Task:
    """One rule taught by examples: longer rules, more of them composed, in higher tiers."""
    return source.choice(KINDS)(source, tier)


GENERATOR = Generator(suite="skill_transfer", version="2", draw=draw)
