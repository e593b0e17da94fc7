"""The final answer of a response as the few short texts it may be read as, for `exact_match`.

Belongs here: which statement of a response counts, when none is marked as well. Does not belong here: the marks
themselves (`extraction.py`), whether a reading is right (`exact_match.py`).
"""

from __future__ import annotations

import re

from epyc_assets.scoring.extraction import (
    correction_after,
    first_line,
    last_boxed,
    last_line,
    readings,
    stated_answer,
)
from epyc_assets.scoring.quantities import numbers_in, parse_quantity

_SHORT_STATEMENT_WORDS = 8


def flexible_readings(text: str, numeric: bool, brief: bool) -> tuple[list[str], str]:
    """The readings of the one final answer in the flexible sense, and how it was found."""
    stated = stated_answer(text, numeric)
    if stated is not None:
        correction = correction_after(text, stated)
        if correction is not None:
            corrected = _numeric_reading(correction) if numeric else _corrected_text(correction)
            if corrected:
                return corrected, CORRECTED
        boxed = last_boxed(stated.text)
        statement = boxed if boxed is not None else stated.text
        return (_stated_number(statement) or readings(statement) if numeric else readings(statement)), (
            "the stated final answer"
        )
    if parse_quantity(text) is not None or not numeric:
        found = [text.strip()]
        if not numeric:
            found = _text_readings(text) if brief else [text.strip(), last_line(text)]
        return found, "the answer"
    return _numeric_reading(text), "the last number"


def strict_readings(text: str, numeric: bool) -> tuple[list[str], str]:
    """The readings of an explicitly marked answer, else the whole text as the only one."""
    stated = stated_answer(text, numeric)
    if stated is not None:
        boxed = last_boxed(stated.text)
        return readings(boxed if boxed is not None else stated.text), "the marked answer differs"
    return [text.strip()], "the answer is neither marked nor alone"


_HEDGE = re.compile(r"(?:\s*[^\W\d]+)?\s*(?:,|/|&|\bor\b|\band\b|\bto\b|-|–)\s*(?:or\s+|and\s+)?$", re.IGNORECASE)


def _stated_number(statement: str) -> list[str] | None:
    """The number stated: after the last "=", else the first, unless a second one is offered too."""
    for reading in readings(statement)[::-1]:
        if parse_quantity(reading) is not None:
            return [reading]
        tail = reading.rsplit("=", 1)[-1]
        if tail is not reading and parse_quantity(tail) is not None:
            return [tail]
    found = numbers_in(statement)
    if not found:
        return None
    if len(found) > 1 and _HEDGE.fullmatch(statement[found[0].end() : found[1].start()][:60]):
        return [statement]
    if "=" in statement:
        after = [match for match in found if match.start() > statement.rindex("=")]
        return [(after or found)[0].group()]
    return [found[0].group()]


def _numeric_reading(text: str) -> list[str]:
    """The number an unmarked text ends on: emphasised in its last line, else the last of all."""
    line = last_line(text)
    emphasised = [
        content
        for content in re.findall(r"\*\*([^*\n]{1,80})\*\*", line)
        if parse_quantity(content.split("=")[-1]) is not None
    ]
    if emphasised:
        return [emphasised[-1].split("=")[-1]]
    opening = first_line(text)
    if parse_quantity(opening) is not None and text.strip()[len(opening) :].startswith("\n\n"):
        # A number in a paragraph of its own, then an explanation; unless the last line is a number again.
        return [line if parse_quantity(line) is not None else opening]
    found = _closing_numbers(text)
    if found:
        result = _restated_result(text, line, len(found))
        return [result if result is not None else found[-1].group()]
    worded = _text_readings(text)
    return [reading for reading in worded if parse_quantity(reading) is not None][:1]


def _closing_numbers(text: str) -> list[re.Match[str]]:
    """The numbers towards the end of a text: of its last few thousand characters, or of all where those hold none."""
    if len(text) > 2 * _CLOSING_CHARACTERS:
        found = numbers_in(text[-_CLOSING_CHARACTERS:])
        # One that opens there may be the rest of a number that starts before.
        found = [match for match in found if match.start() > _LONGEST_NUMBER_CHARACTERS]
        if found:
            return found
    return numbers_in(text)


_CLOSING_CHARACTERS = 4000
_LONGEST_NUMBER_CHARACTERS = 100
_RESULT = re.compile(r"=\s{0,3}(?=[-+$€£¥₹]{0,3}\s?[.\d])")
_STATING = re.compile(
    r"=|:|\b(?:is|are|was|were|equals|gives|makes|leaves|becomes|totals?|so|then|thus)\b", re.IGNORECASE
)
_SENTENCE_START = re.compile(r"[.!?][*_)\"']{0,3}\s+(?=[A-Z*])")


def _restated_result(text: str, line: str, count: int) -> str | None:
    """The last computed result, where the closing sentence gives it among other numbers.

    "84 / 12 = 7. She eats 7 dozens in 4 weeks." ends on 4 and answers 7. None where the closing sentence holds one
    number only, or does not repeat the result.
    """
    computed = None
    for computed in _RESULT.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    if computed is None or count < 2:
        return None
    starts = list(_SENTENCE_START.finditer(line.rstrip()))
    sentence = (line[starts[-1].end() :] if starts else line)[-_CLOSING_CHARACTERS:]
    given = numbers_in(sentence)
    results = numbers_in(text[computed.end() : computed.end() + 80])
    if len(given) < 2 or not results:
        return None
    wanted = parse_quantity(results[0].group())
    for match in reversed(given):
        quantity = parse_quantity(match.group())
        if wanted is not None and quantity is not None and quantity.value == wanted.value:
            return None if _STATING.search(sentence, match.end()) else match.group()
    return None


CORRECTED = "the corrected answer"
_CORRECTING = re.compile(
    r"\b(?:it|that|this|answer)(?:['’]s|\s(?:is|was|should be|must be|would be))\s+"
    r"(?!(?:correct|right|wrong|fine|not|incorrect)\b)",
    re.IGNORECASE,
)


def _corrected_text(correction: str) -> list[str]:
    """The readings of what a correction puts in the answer's place; empty where it puts nothing."""
    found = list(_CORRECTING.finditer(correction))
    return readings(correction[found[-1].end() :].split("\n", 1)[0]) if found else []


_TAIL = re.compile(r"(?:\b(?:is|are|was|were|be|equals|becomes|gives|yields)|'s|’s|[:=→])\s+(?=\S)")


def _text_readings(text: str) -> list[str]:
    """The readings of an unmarked answer in words: whole, its closing or opening line, that line's end."""
    whole = text.strip()
    line = whole
    if "\n" in whole:
        line = last_line(whole)
        opening = first_line(whole)
        if len(line.split(None, 20)) > _SHORT_STATEMENT_WORDS >= len(opening.split(None, 20)):
            line = opening
    found = [whole, *readings(line)] if line != whole else readings(line)
    emphasised = re.findall(r"\*\*([^*\n]{1,200})\*\*", line)
    if emphasised:
        found.append(emphasised[-1])
    sentence = readings(line)[-1] if len(line) < 2000 else line[-2000:]
    tails = list(_TAIL.finditer(sentence))
    if tails:
        found.extend(readings(sentence[tails[-1].end() :]))
    return found
