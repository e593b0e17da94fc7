"""Units as people write them: one name for each, and which can be converted into which.

Belongs here: the words that may follow a number. Does not belong here: the numbers (`quantities.py`).
"""

from __future__ import annotations

import re
from fractions import Fraction

# Canonical name -> (dimension, factor to the dimension's base). Only units between which people do convert.
UNITS: dict[str, tuple[str, Fraction]] = {
    "millimetre": ("length", Fraction(1, 1000)), "centimetre": ("length", Fraction(1, 100)),
    "metre": ("length", Fraction(1)), "kilometre": ("length", Fraction(1000)),
    "inch": ("length", Fraction(254, 10000)), "foot": ("length", Fraction(3048, 10000)),
    "yard": ("length", Fraction(9144, 10000)), "mile": ("length", Fraction(1609344, 1000)),
    "milligram": ("mass", Fraction(1, 1000)), "gram": ("mass", Fraction(1)),
    "kilogram": ("mass", Fraction(1000)),
    "millisecond": ("time", Fraction(1, 1000)), "second": ("time", Fraction(1)),
    "minute": ("time", Fraction(60)),
    "hour": ("time", Fraction(3600)), "day": ("time", Fraction(86400)), "week": ("time", Fraction(604800)),
    "millilitre": ("volume", Fraction(1, 1000)), "litre": ("volume", Fraction(1)),
    "dollar": ("dollar", Fraction(1)), "cent": ("dollar", Fraction(1, 100)),
    "euro": ("euro", Fraction(1)), "pound": ("pound", Fraction(1)), "yen": ("yen", Fraction(1)),
    "rupee": ("rupee", Fraction(1)), "degree": ("angle", Fraction(1)), "percent": ("percent", Fraction(1)),
}  # fmt: skip
UNIT_NAMES: dict[str, str] = {
    "mm": "millimetre", "cm": "centimetre", "m": "metre", "km": "kilometre", "in": "inch", "ft": "foot",
    "feet": "foot", "yd": "yard", "mi": "mile", "mg": "milligram", "g": "gram", "kg": "kilogram",
    "kilo": "kilogram",
    "ms": "millisecond", "s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour",
    "d": "day",
    "ml": "millilitre", "l": "litre", "usd": "dollar", "buck": "dollar", "$": "dollar", "us$": "dollar",
    "eur": "euro", "€": "euro", "gbp": "pound", "£": "pound", "¥": "yen", "jpy": "yen", "₹": "rupee",
    "inr": "rupee",
    "¢": "cent", "°": "degree", "deg": "degree", "meter": "metre", "liter": "litre", "kilometer": "kilometre",
    "centimeter": "centimetre", "millimeter": "millimetre", "milliliter": "millilitre", "inches": "inch",
}  # fmt: skip
UNIT_STOP_WORDS = (
    "is are was were be because since so as in total altogether overall left remaining remain of the a an all"
    " them each more fewer now today for at which that this it when if with by to and or then exactly only "
    "whole"
)
UNIT_STOP = frozenset(UNIT_STOP_WORDS.split())


def canonical_unit(word: str) -> str:
    if word in UNIT_NAMES:
        return UNIT_NAMES[word]
    for ending, kept in (("ies", "y"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1 and not word.endswith("ss"):
            singular = word[: -len(ending)] + kept
            return UNIT_NAMES.get(singular, singular)
    return word


def unit_words(tail: str) -> tuple[str, ...]:
    words: list[str] = []
    tail = _one_spelling(tail.lower()) if tail else ""
    for word in tail.replace("-", " ").split()[:6]:
        word = word.strip("'.")
        if word in UNIT_STOP and not (word == "in" and not words and tail.strip().lower() == "in"):
            break
        if word:
            words.append(_canonical_rate(word) if word[0] == "/" else _canonical_power(word))
    return tuple(words)


_SPELLINGS = (
    (re.compile(r"\b(?:sq|square)\b\.?\s([a-z]+)"), r"\1^2"),
    (re.compile(r"\b(?:cu|cubic)\b\.?\s([a-z]+)"), r"\1^3"),
    (re.compile(r"\b([a-z]+)\s(?:squared|\^\s?2)"), r"\1^2"),
    (re.compile(r"\b([a-z]+)\s(?:cubed|\^\s?3)"), r"\1^3"),
    (re.compile(r"\b([a-z]{1,12})([23])\b"), r"\1^\2"),
    (re.compile(r"\bmph\b"), "mile/hour"),
    (re.compile(r"\b(?:kph|kmh)\b"), "kilometre/hour"),
    (re.compile(r"\bper\s|\s?/\s?"), " /"),
)


def _one_spelling(tail: str) -> str:
    """One way to write areas, volumes and rates: "square metres" is "metres^2", "km per hour" is "km /hour"."""
    for pattern, replacement in _SPELLINGS:
        tail = pattern.sub(replacement, tail)
    return tail


def _canonical_power(word: str) -> str:
    base, caret, power = word.partition("^")
    return canonical_unit(base) + caret + power


def _canonical_rate(word: str) -> str:
    return "/" + _canonical_power(word.lstrip("/"))


def unit_factor(answer: tuple[str, ...], expected: tuple[str, ...]) -> Fraction | None:
    """What to multiply the answer by to speak in the expected unit; None when the units disagree."""
    if not answer or not expected:
        return Fraction(1)
    if _rates(answer) != _rates(expected) and not (answer[0] == expected[0] and answer[0] in _CURRENCIES):
        return None
    if set(answer) <= set(expected) or set(expected) <= set(answer):
        return Fraction(1)
    if len(answer) == len(expected) == 1 and answer[0] in UNITS and expected[0] in UNITS:
        (dimension, factor), (wanted_dimension, wanted_factor) = UNITS[answer[0]], UNITS[expected[0]]
        return factor / wanted_factor if dimension == wanted_dimension else None
    return None


_CURRENCIES = frozenset(("dollar", "euro", "pound", "yen", "rupee"))


def _rates(unit: tuple[str, ...]) -> set[str]:
    """What a unit is counted per: 5 m are not 5 m/s, while money may leave out that it is per day."""
    return {word for word in unit if word[0] == "/"}


COMPOUND = re.compile(
    r"(?:\$\d{1,9}|\b\d{1,9}\s?[a-z]{1,12}\b)(?:,?\s(?:and\s)?\d{1,9}(?:\.\d{1,6})?\s?[a-z]{1,12}\b){1,3}",
    re.IGNORECASE,
)
"""What may be one length of time, length or sum of money given in several units."""
_COMPOUND_PART = re.compile(r"(\$?)(\d+(?:\.\d+)?)\s?([a-z]*)", re.IGNORECASE)


def compound_quantity(text: str) -> tuple[Fraction, str] | None:
    """The value and unit of "1 hour and 30 minutes" (3/2, "hour"); None unless each unit is smaller than the last."""
    if not COMPOUND.fullmatch(text):
        return None
    total, first, last = Fraction(0), "", None
    for currency, number, word in _COMPOUND_PART.findall(text):
        unit = "dollar" if currency else canonical_unit(word.lower())
        if unit == "metre" and first in ("hour", "day"):
            unit = "minute"
        if unit not in UNITS:
            return None
        dimension, factor = UNITS[unit]
        if last is not None and (dimension != UNITS[first][0] or factor >= last):
            return None
        first, last = first or unit, factor
        total += Fraction(number) * factor
    return total / UNITS[first][1], first
