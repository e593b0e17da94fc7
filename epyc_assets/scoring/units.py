"""Units as people write them: one name for each, and which can be converted into which.

Belongs here: the words that may follow a number. Does not belong here: the numbers (`quantities.py`).
"""

from __future__ import annotations

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
    for word in tail.lower().replace("-", " ").split()[:6]:
        word = word.strip("'.")
        if word in UNIT_STOP and not (word == "in" and not words and tail.strip().lower() == "in"):
            break
        if word:
            words.append(canonical_unit(word))
    return tuple(words)


def unit_factor(answer: tuple[str, ...], expected: tuple[str, ...]) -> Fraction | None:
    """What to multiply the answer by to speak in the expected unit; None when the units disagree."""
    if not answer or not expected:
        return Fraction(1)
    if set(answer) <= set(expected) or set(expected) <= set(answer):
        return Fraction(1)
    if len(answer) == len(expected) == 1 and answer[0] in UNITS and expected[0] in UNITS:
        (dimension, factor), (wanted_dimension, wanted_factor) = UNITS[answer[0]], UNITS[expected[0]]
        return factor / wanted_factor if dimension == wanted_dimension else None
    return None
