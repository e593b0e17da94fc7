"""SimpleQA (Wei et al. 2024, "Measuring short-form factuality in large language models").

Belongs here: its CSV columns, the ranges that it accepts, and other ways to write its answers. Does not belong here:
the judge that its authors use; here a rule decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from epyc_assets.suites.public.adapter import Config, Draft, Place, PublicSet, Row, text_of

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?"
_RANGE = re.compile(r"\(?\s*acceptable range:?([^()]*)\)?", re.IGNORECASE)
_SCALE = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "k": 1e3, "m": 1e6}
# A letter that stands apart is a unit: "5 m" are metres.
_AMOUNT = re.compile(rf"({_NUMBER})(?:\s?(thousand|million|billion|trillion)\b|([kKM])\b)?", re.IGNORECASE)
_NUMBER_WORDS = frozenset(
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
)
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WEEKDAY}{_MONTH} {_DAY}(?:,? (?P<year>\d{{4}}))?",
        rf"{_WEEKDAY}(?:the )?{_DAY}(?: of)? {_MONTH}(?:,? (?P<year>\d{{4}}))?",
        rf"{_MONTH}(?:,| of)? (?P<year>\d{{4}})",
    )
)


def date_forms(answer: str) -> list[str]:
    """The other usual ways to write a day or a month: "4 July 1990", "Jul. 4, 1990", "1990-07-04", "July of 1990".

    Empty for what is no date.
    """
    match = next((found for found in (pattern.fullmatch(answer) for pattern in _DATES) if found), None)
    if match is None:
        return []
    parts = match.groupdict()
    name, year = parts["month"].capitalize(), parts["year"]
    number = _MONTHS.index(name) + 1
    names = list(dict.fromkeys([name, name[:3], f"{name[:3]}.", *(["Sept", "Sept."] if number == 9 else [])]))
    if not parts.get("day"):
        return [form for month in names for form in (f"{month} {year}", f"{month}, {year}", f"{month} of {year}")]
    day = int(parts["day"])
    suffix = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    forms = [
        form
        for month in names
        for form in (
            *(f"{month} {day}", f"{month} {day}{suffix}", f"{day} {month}", f"{day}{suffix} {month}"),
            f"{day}{suffix} of {month}",
        )
    ]
    if year is None:
        return forms
    return [f"{form}{comma} {year}" for form in forms for comma in ("", ",")] + [f"{year}-{number:02d}-{day:02d}"]


_UNITS = (
    *(("metres", "meters", "metre", "meter", "m"), ("kilometres", "kilometers", "kilometre", "kilometer", "km")),
    *(("centimetres", "centimeters", "cm"), ("millimetres", "millimeters", "mm"), ("miles", "mile", "mi")),
    *(
        ("feet", "foot", "ft"),
        ("inches", "inch", "in"),
        ("kilograms", "kilogram", "kilos", "kg"),
        ("grams", "gram", "g"),
    ),
    *(("pounds", "pound", "lbs", "lb"), ("tonnes", "tons", "t"), ("hours", "hour", "h"), ("minutes", "minute", "min")),
    *(("seconds", "second", "s"), ("square kilometres", "square kilometers", "sq km", "km²", "km2")),
    *(("hectares", "hectare", "ha"), ("acres", "acre"), ("litres", "liters", "l")),
)


def unit_forms(answer: str) -> list[str]:
    """The other usual ways to write a measured number: "1.85 metres", "1.85 m", "1.85m"; empty for what is none."""
    match = re.fullmatch(rf"(?:about |approximately |around |~ ?)?({_NUMBER})\s?([^\W\d_].*)?", answer)
    if match is None:
        return []
    number, unit = match[1], match[2]
    if unit is None:
        return [number]
    names = next((names for names in _UNITS if unit in names), (unit,))
    return [f"{number}{blank}{name}" for name in names for blank in ((" ", "") if len(name) <= 3 else (" ",))]


_INITIALS = re.compile(r"\b[^\W\d_](?:\.[^\W\d_])+\b\.?")


def other_forms(answer: str) -> list[str]:
    """Ways to write a name that say the same: without quotation marks around, accents, or the dots of abbreviations,
    with another dash; two joined by "and" in the other order."""
    bare = re.sub(r"^[\"“](.*)[\"”]$", r"\1", answer)
    forms = [bare]
    both = re.fullmatch(r"([^,;]+?) and ([^,;]+)", bare)
    if both is not None and " and " not in both[2]:
        forms += [f"{both[2]} and {both[1]}", f"{both[1]} & {both[2]}"]
    forms += [re.sub(r"(?<=[^\W\d])\.(?=\s|$)", "", form) for form in forms]
    forms += [_INITIALS.sub(lambda found: found[0].replace(".", ""), form) for form in forms]
    forms += [re.sub(r"(?<=\d)[-–](?=\d)", dash, form) for form in forms for dash in "-–"]
    # Accents are marks that stand apart in this form; letters such as ø have none.
    forms += [
        "".join(mark for mark in unicodedata.normalize("NFD", form) if not unicodedata.combining(mark))
        for form in forms
    ]
    return [form for form in dict.fromkeys(forms) if form.strip() and form != answer]


def _scorer_of(answer: str) -> tuple[str, str, Config]:
    """Answer without its accepted range, the scorer, and its config."""
    accepted = _RANGE.search(answer)
    plain = (_RANGE.sub("", answer).strip() if accepted else answer).strip(" ;,.")
    if accepted and (within := _within(plain, accepted[1])) is not None:
        return within[0], "exact_match", {"tolerance": within[1]}
    if re.fullmatch(_NUMBER, plain):
        # Without separators of thousands, since a comma may also part the entries of a list.
        return plain.replace(",", ""), "exact_match", {}
    if plain.casefold() in ("yes", "no"):  # "I have no idea" holds the word too.
        return plain, "exact_match", {}
    if re.fullmatch(rf"{_NUMBER}\s?%", plain) or plain.casefold() in _NUMBER_WORDS:
        return plain, "exact_match", {}
    others = date_forms(plain) or unit_forms(plain) or other_forms(plain)
    return plain, "substring", {"any_of": list(dict.fromkeys([plain, *others]))} if others else {}


def _within(plain: str, accepted: str) -> tuple[str, float] | None:
    """The answer and the tolerance around it that reach exactly over the accepted range; None where it is none.

    Where the published answer does not stand in the middle of its range, the middle is the answer to compare with.
    """
    amounts = list(_AMOUNT.finditer(re.sub(r"(?<=[\w%])\s?[-–—]\s?(?=[$€£¥]?\d)", " to ", accepted)))
    own = _AMOUNT.search(plain)
    if own is None or len(amounts) != 2 or not re.fullmatch(r"(?:about|around|~|[$€£¥])?\s?", plain[: own.start()]):
        return None
    value, low, high = map(_amount, (own, *amounts))
    if not (amounts[0][2] or amounts[0][3]) and (amounts[1][2] or amounts[1][3]):
        low *= high / float(amounts[1][1].replace(",", ""))  # "15 to 17 million"
    if not low <= value <= high or low == high:
        return None
    tolerance = (high - low) / 2 * (1 + 1e-9)
    unit = plain[own.end() :].strip()
    if abs(value - (low + high) / 2) > tolerance * 1e-6:
        number = f"{(low + high) / 2:.12g}"
        return f"{plain[: own.start()]}{number}{f' {unit}' if unit else ''}", tolerance
    return (plain.replace(",", "") if re.fullmatch(_NUMBER, plain) else plain), tolerance


def _amount(match: re.Match[str]) -> float:
    scale = (match[2] or match[3] or "").casefold()
    return float(match[1].replace(",", "")) * _SCALE.get(scale, 1.0)


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
    version="3",
    expects=("simple_qa_test_set.csv with metadata, problem, answer (or a Parquet copy)",),
    licence="MIT",
    read=_read,
)
