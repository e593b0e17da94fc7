"""A second opinion on skill_transfer: infers each rule from the examples in the prompt, by trying what could fit them.

Where several rules fit the examples and give different answers, there is no answer: the question would be ambiguous.
"""

from __future__ import annotations

import itertools
import re
from ast import literal_eval
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def solve(prompt: str) -> str | None:
    """The answer, or None for a question of another kind or with several readings."""
    for mark, solver in (
        ("secret script", _cipher),
        ("The sign # stands", _operator),
        ("Cloth costs", _units),
        ("signs whose values add up", _numerals),
        ("invented language", _language),
        ("Machines turn lists", _machines),
        ("house style", _record),
    ):
        if mark in prompt:
            return solver(prompt)
    return None


def _only(answers: Iterable[str]) -> str | None:
    found = set(answers)
    return found.pop() if len(found) == 1 else None


def _moved(word: str, start: int, step: int) -> str:
    return "".join(chr((ord(letter) - 97 + start + step * place) % 26 + 97) for place, letter in enumerate(word))


def _cipher(prompt: str) -> str | None:
    shown = re.findall(r"^([a-z]+) -> ([a-z]+)$", prompt, re.MULTILINE)
    rules = [
        (start, step, turn)
        for start in range(26)
        for step in range(26)
        for turn in (1, -1)
        if all(_moved(word, start, step)[::turn] == coded for word, coded in shown)
    ]
    if asked := re.search(r"write ([a-z]+)\?", prompt):
        return _only(_moved(asked[1], start, step)[::turn] for start, step, turn in rules)
    asked = re.search(r"write as ([a-z]+)\?", prompt)
    return _only(_moved(asked[1][::turn], -start, -step) for start, step, turn in rules) if asked else None


def _operator(prompt: str) -> str | None:
    """Cramer's rule over the first examples that determine the three numbers."""
    rows = [tuple(map(int, row)) for row in re.findall(r"^(-?\d+) # (-?\d+) = (-?\d+)$", prompt, re.MULTILINE)]
    asked = re.search(r"What is (.+?)\? End", prompt)
    for (a, b, u), (c, d, v), (e, f, w) in itertools.combinations(rows, 3):
        whole = (c - a) * (f - b) - (e - a) * (d - b)
        if whole and asked:
            p = Fraction((v - u) * (f - b) - (w - u) * (d - b), whole)
            q = Fraction((c - a) * (w - u) - (e - a) * (v - u), whole)
            r = u - p * a - q * b
            if all(p * x + q * y + r == z for x, y, z in rows):
                return str(_worked_out(asked[1], p, q, r))
    return None


def _worked_out(text: str, p: Fraction, q: Fraction, r: Fraction) -> Fraction:
    text = text.strip()
    while inner := re.search(r"\((-?[\d/]+) # (-?[\d/]+)\)", text):
        value = p * Fraction(inner[1]) + q * Fraction(inner[2]) + r
        text = text[: inner.start()] + str(value) + text[inner.end() :]
    left, right = text.split(" # ")
    return p * Fraction(left) + q * Fraction(right) + r


def _units(prompt: str) -> str | None:
    same = {
        large: (small, Fraction(int(right), int(left)))
        for left, large, right, small in re.findall(r"(\d+) (\w+) are as long as (\d+) (\w+)\.", prompt)
    }
    price = re.search(r"costs (\d+) coins per (\w+)", prompt)
    bought = re.search(r"buys (\d+) (\w+) and (\d+) (\w+) of", prompt)
    if price is None or bought is None:
        return None
    total = Fraction(0)
    for amount, unit in ((bought[1], bought[2]), (bought[3], bought[4])):
        worth = Fraction(int(amount))
        while unit != price[2]:
            if unit not in same:
                return None
            unit, factor = same[unit]
            worth *= factor
        total += worth
    return str(total * int(price[1]))


def _numerals(prompt: str) -> str | None:
    shown = [(text, int(number)) for text, number in re.findall(r"^([a-z]+) is (\d+)$", prompt, re.MULTILINE)]
    used = sorted(set("".join(text for text, _ in shown)))
    bases = [
        {sign: base ** (len(signs) - 1 - place) for place, sign in enumerate(signs)}
        for signs in itertools.permutations(used)
        for base in range(2, 40)
    ]
    fitting = [worth for worth in bases if all(sum(worth[s] for s in text) == number for text, number in shown)]
    if asked := re.search(r"Which number is ([a-z]+)\?", prompt):
        return _only(str(sum(worth[sign] for sign in asked[1])) for worth in fitting)
    asked = re.search(r"sum of ([a-z]+) and ([a-z]+)\?", prompt)
    if asked is None:
        return None
    answers = []
    for worth in fitting:
        number = sum(worth[sign] for sign in asked[1] + asked[2])
        text = ""
        for sign in worth:
            text, number = text + sign * (number // worth[sign]), number % worth[sign]
        answers.append(text)
    return _only(answers)


def _language(prompt: str) -> str | None:
    stems = dict(re.findall(r"(\w+): (\w+)", prompt.split("Sentences:")[0].partition("language: ")[2]))
    pattern = r"the (\w+) (earlier )?(\w+) (one|many) (\w+)"
    shown = re.findall(rf"^{pattern} = (.+)$", prompt, re.MULTILINE)
    asked = re.search(rf"Translate: {pattern}\.", prompt)
    if asked is None or not shown:
        return None
    order: list[str] = []
    endings: dict[tuple[str, str], str] = {}
    for subject, earlier, verb, number, named, foreign in shown:
        thing = _singular(named, stems)
        parts = {"S": (stems[subject], ""), "V": (stems[verb], earlier), "O": (stems[thing], number)}
        order = []
        for word in foreign.split():
            part = next(name for name, (stem, _) in parts.items() if word.startswith(stem) and name not in order)
            order.append(part)
            endings[part, parts[part][1]] = word[len(parts[part][0]) :]
    subject, earlier, verb, number, named = asked.groups()
    thing = _singular(named, stems)
    wanted = {"S": (stems[subject], ""), "V": (stems[verb], earlier or ""), "O": (stems[thing], number)}
    if any((part, kind) not in endings for part, (_, kind) in wanted.items()):
        return None
    return " ".join(wanted[part][0] + endings[part, wanted[part][1]] for part in order)


def _singular(noun: str, stems: Mapping[str, str]) -> str:
    """The noun that the list of stems has."""
    return next(stem for stem in stems if noun.startswith(stem[:3]))


def _machines(prompt: str) -> str | None:
    shown: dict[str, list[tuple[list[int], list[int]]]] = {}
    for letter, before, after in re.findall(r"^([FGH]): (\[.*?\]) -> (\[.*?\])$", prompt, re.MULTILINE):
        shown.setdefault(letter, []).append((literal_eval(before), literal_eval(after)))
    family: list[Callable[[list[int]], list[int]]] = [
        lambda values: list(reversed(values)),
        lambda values: sorted(values),
        lambda values: sorted(values, reverse=True),
        lambda values: values[1:],
        lambda values: values[:-1],
        lambda values: [*values[1:], *values[:1]],
        lambda values: [*values[-1:], *values[:-1]],
        lambda values: values * 2,
        lambda values: [value for value in values if value != min(values)],
        lambda values: [value for value in values if value != max(values)],
        lambda values: [*[value for value in values if value != min(values)], min(values)],
        lambda values: [*[value for value in values if value != max(values)], max(values)],
        *[lambda values, k=k: [value + k for value in values] for k in range(-9, 10)],
        *[lambda values, k=k: [value * k for value in values] for k in range(2, 10)],
    ]
    fitting = {
        letter: [machine for machine in family if all(machine(before) == after for before, after in pairs)]
        for letter, pairs in shown.items()
    }
    asked = re.search(r"when (\[.*?\]) goes through ([FGH, then]+)\?", prompt)
    if asked is None:
        return None
    chain = re.findall(r"[FGH]", asked[2])
    answers = []
    for choice in itertools.product(*(fitting[letter] for letter in shown)):
        machines = dict(zip(shown, choice, strict=True))
        values = literal_eval(asked[1])
        for letter in chain:
            values = machines[letter](values)
        answers.append(str(values))
    return _only(answers)


def _record(prompt: str) -> str | None:
    person = r"(\w+) (\w+), born (\d+), lives in (\w+)"
    shown = re.findall(rf"^{person} -> (\S+)$", prompt, re.MULTILINE)
    asked = re.search(rf"file {person}\?", prompt)
    if asked is None or not shown:
        return None
    mark = re.search(r"[/@+:-]", shown[0][4])
    if mark is None:
        return None
    family: list[Callable[[tuple[str, ...]], str]] = []
    for field in (0, 1, 3):
        for form in (str.upper, str.lower, str.title):
            family += [
                lambda who, field=field, form=form: form(who[field]),
                lambda who, field=field, form=form: form(who[field][::-1]),
                *[lambda who, field=field, form=form, n=n: form(who[field][:n]) for n in (2, 3)],
            ]
        family += [lambda who, field=field: who[field][0].upper() + ".", lambda who, field=field: who[field][0] + "."]
    family += [lambda who: who[2], lambda who: who[2][2:], lambda who: str(2030 - int(who[2]))]
    entries = []
    for place in range(len(shown[0][4].split(mark[0]))):
        fitting = [part for part in family if all(part(row[:4]) == row[4].split(mark[0])[place] for row in shown)]
        entry = _only(part(asked.groups()) for part in fitting)
        if entry is None:
            return None
        entries.append(entry)
    return mark[0].join(entries)
