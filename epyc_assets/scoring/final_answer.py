"""The final answer of a response as the few short texts it may be read as, for `exact_match`.

Belongs here: which statement of a response counts, when none is marked as well. Does not belong here: the marks
themselves (`extraction.py`), whether a reading is right (`exact_match.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from epyc_assets.scoring.extraction import (
    Statement,
    boxed_in,
    correction_after,
    first_line,
    last_boxed,
    last_line,
    readings,
    stated_answer,
)
from epyc_assets.scoring.formulas import is_moment, moments_in
from epyc_assets.scoring.quantities import parse_quantity, plain, same_quantity
from epyc_assets.scoring.running_numbers import numbers_in, with_plain_numbers
from epyc_assets.scoring.units import COMPOUND, UNITS, canonical_unit, compound_quantity
from epyc_assets.scoring.worded_answers import formulas_given, text_readings


@lru_cache(maxsize=2)
def _stated(text: str, numeric: bool) -> Statement | None:
    """The marked answer, which the flexible and the strict reading of one text both ask for."""
    return stated_answer(text, numeric)


Kind = Literal["number", "moment", "list", "text"]


def flexible_readings(text: str, kind: Kind, brief: bool) -> tuple[list[str], str]:
    """The readings of the one final answer in the flexible sense, and how it was found.

    Args:
        text: the visible answer.
        kind: what the reference is; it says what to look for.
        brief: whether the reference is a few words, so that reading a part of an unmarked answer makes sense.
    """
    numeric = kind == "number"
    stated = _stated(text, numeric)
    if stated is not None:
        correction = correction_after(text, stated)
        if correction is not None:
            corrected = _numeric_reading(correction) if numeric else _corrected_text(correction)
            if corrected:
                return corrected, CORRECTED
        boxed = last_boxed(stated.text)
        statement = boxed if boxed is not None else stated.text
        if numeric:
            found = _stated_number(statement) or readings(statement)
        else:
            found = readings(statement)
            if kind == "moment":
                found += _one_moment(statement)
            elif kind == "list":
                found += _last_list(text[stated.end - len(stated.text) :] if boxed is None else statement)
                found += _boxes_in_a_row(text)
        return found, "the stated final answer"
    text = _without_courtesy(text)
    if kind == "moment":
        opening = first_line(text)
        if is_moment(plain(opening)) and not is_moment(plain(last_line(text))):
            return [opening], "the answer"
        moment = _one_moment(last_line(text)) or _one_moment(text)
        return [text.strip(), *text_readings(text), *moment], "the answer"
    if kind == "list":
        sentence = _LISTS_IN_WORDS.search(last_line(text)[-_CLOSING_CHARACTERS:])
        listed = [sentence.group(1)] if sentence is not None else []
        return [text.strip(), *_last_list(text), *text_readings(text), *listed], "the answer"
    if parse_quantity(text) is not None or not numeric:
        found = [text.strip()]
        if not numeric:
            found = text_readings(text) if brief else [text.strip(), last_line(text), *formulas_given(text)]
        return found, "the answer"
    return _numeric_reading(text), "the last number"


def strict_readings(text: str, numeric: bool) -> tuple[list[str], str]:
    """The readings of an explicitly marked answer, else the whole text as the only one."""
    stated = _stated(text, numeric)
    if stated is not None:
        boxed = last_boxed(stated.text)
        return readings(boxed if boxed is not None else stated.text), "the marked answer differs"
    return [text.strip()], "the answer is neither marked nor alone"


_HEDGE = re.compile(r"(?:\s*[^\W\d]+)?\s*(?:,|/|&|\bor\b|\band\b|\bto\b|-|–)\s*(?:or\s+|and\s+)?$", re.IGNORECASE)


# "x = 5, x = 7": two solutions and no final one.
_SEVERAL_SOLUTIONS = re.compile(
    r"[\s$*`\\(]{0,6}[a-z]\w{0,3}\s?=\s?[^=,;\n]{1,40}(?:,|;|\bor\b|\band\b|\$)[\s$\\(]{0,6}(?:(?:or"
    r"|and)[\s$\\(]{1,6})?"
    r"[a-z]\w{0,3}\s?=\s?[^=\n]{1,60}",
    re.IGNORECASE,
)
_COMPARES = re.compile(r"\s(?:[^\W\d]{1,20}\s)?(?:more|less|fewer|times|greater|of (?:which|them|whom))\b")
_ABOUT = re.compile(r"\s{0,3}(?:≈|≃|\\approx|\\simeq)\s{0,3}")


def _stated_number(statement: str) -> list[str] | None:
    """The number stated: after the last "=", else the first, unless a second one is offered too.

    Of "5/3 ≈ 1.67" both are: they are said to be the same.
    """
    statement = with_plain_numbers(statement).strip("{} ")
    exact, *about = _ABOUT.split(statement, maxsplit=1)
    if about and exact.strip(" $=(\\"):
        return [reading for part in (exact, about[0]) for reading in _stated_number(part) or []] or None
    if _SEVERAL_SOLUTIONS.fullmatch(statement):
        return [statement]
    if parse_quantity(bare := statement.strip("()[] ")) is not None:
        return [bare]
    for reading in readings(statement)[::-1]:
        if parse_quantity(reading) is not None:
            return [reading]
        head, equals, tail = reading.rpartition("=")
        if equals and parse_quantity(tail) is not None:
            return [tail]
        if equals and _PLAIN_HEAD.fullmatch(head) and _COMPUTATION.fullmatch(tail):
            return [head]
    # A formula states itself and not one of its figures; a sentence may state a number among its words.
    found = numbers_in(statement) if _WORD.search(statement) else []
    if not found:
        return None
    if (
        len(found) > 1
        and _HEDGE.fullmatch(statement[found[0].end() : found[1].start()][:60])
        and not _alike(*found[:2])
        and not _COMPARES.match(statement, found[1].end())
    ):
        return [statement]
    if "=" in statement:
        after = [match for match in found if match.start() > statement.rindex("=")]
        return [(after or found)[0].group()]
    return [found[0].group()]


# A question that closes a text states nothing: "Is it 42?", "18. Do you want to see 3 more?"
_ASKS = re.compile(
    r"(?:\A|(?<=[.!?\n]))[\s*_]{0,6}(?:(?:so|but|or|and|then|hmm)[,\s]\s?)?"
    r"(?:is|are|was|were|could|can|would|might|should|shall|do|does|did|what|how|why|which|who"
    r"|will)\b[^.!?\n]{0,200}\?\s*\Z",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<![^\W\d_])(?<!\\)[^\W\d_]{2,}(?![({])|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# "12 = 3 * 4" states the number on its left.
_PLAIN_HEAD = re.compile(r"[^\w=]{0,6}[$€£]?\d[\d.,]{0,20}\s{0,3}")
_COMPUTATION = re.compile(r"(?:[\s\d.,()+*/×÷·x$€£-]|\\times|\\cdot|\\div){1,200}")
# "3, 4, 5", "3 to 4": several numbers and nothing that says which is the answer.
_ONLY_NUMBERS = re.compile(
    r"[\s\[({*]{0,4}-?\d{1,9}(?:[./]\d{1,9})?(?:(?:[,;]?\s(?:(?:and|or|to)\s)?"
    r"|[,;])-?\d{1,9}(?:[./]\d{1,9})?){1,40}[\s\])}*.]{0,4}"
)
# "12 is 5% of 240", "12 is the sum of 5 and 7", "12 of 240 people": a short text that opens with its answer.
_OPENS_WITH = re.compile(
    r"[\s*$€£]{0,4}(?P<number>-?[\d.,/]{1,20})(?:[*_]{0,3}\s(?:is|was)\s(?:the\s(?:sum|product|difference|quotient"
    r"|total|ratio"
    r"|number|result|answer)\b|\d[\d.]{0,6}\s?(?:%|percent)\sof\s)|\s(?:out\s)?of\s\d)[^.!?=\n]{0,80}[.!]?\s*"
)


def _numeric_reading(text: str) -> list[str]:
    """The number an unmarked text ends on: emphasised in its last line, else the last of all."""
    text = _ASKS.sub("", with_plain_numbers(text))
    line = last_line(text)
    if _SEVERAL_SOLUTIONS.fullmatch(line) or (_ONLY_NUMBERS.fullmatch(line) and parse_quantity(line) is None):
        return [line]
    if (opened := _OPENS_WITH.fullmatch(text[:200])) is not None and len(text) <= 200:
        return [opened["number"]]
    head, equals, tail = line.partition("=")
    if equals and _PLAIN_HEAD.fullmatch(head) and "=" not in tail and _COMPUTATION.fullmatch(tail):
        return [tail if parse_quantity(tail) is not None else head]
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
    answered = _answered_first(text)
    if answered is not None:
        return [answered]
    found = _closing_numbers(text)
    if found:
        found = _before_parentheses(found, line)
        if len(found) > 1 and _ALTERNATIVES.fullmatch(between := _gap(found)) and not _alike(*found[-2:]):
            return [found[-2].group() + between + found[-1].group()]
        pair = _PAIR_AT_END.search(line)
        if (
            pair is not None
            and pair.end() == found[-1].end() - (line_start := text.rstrip().rfind(line)) + 1
            and (found[0].start() >= line_start + pair.start() or len(found) == 2)
        ):
            return [pair.group()]
        result = _restated_result(text, line, len(found))
        if result is not None:
            return [result]
        last = found[-2] if len(found) > 1 and _COMPARED.fullmatch(_gap(found)) else found[-1]
        if last is found[-1] and len(found) > 1 and _OR_ABOUT.fullmatch(_gap(found)) and _nearly_alike(*found[-2:]):
            return [_with_unit(found[-2]), _with_unit(last)]
        return [_with_unit(last)]
    worded = text_readings(text)
    # Numbers in digits have been looked at: those that are left are denied, bounds or names.
    return [reading for reading in worded if not _DIGIT.search(reading) and parse_quantity(reading) is not None][:1]


_DIGIT = re.compile(r"\d")
_ALTERNATIVES = re.compile(
    r"(?:\s[^\W\d]{1,20})?,?\s(?:or|and/or)\s(?:(?:maybe|perhaps|possibly|even)\s)?[$€£]?|[-–]", re.IGNORECASE
)
# "42 of the 50 eggs", "42 more than the 10 she has": the second number is what the first is compared with.
_COMPARED = re.compile(
    r"[^.!?\n=:]{0,60}\b(?:out\sof\s|(?:out of|of|than|over|from)\s(?:the|all|her|his|their|these|those)\s)"
)


_PAIR_AT_END = re.compile(r"[(\[]\s?-?[\d./]{1,20},\s?-?[\d./]{1,20}[)\]]")
# "7/9, or about 0.78" says one number twice.
_OR_ABOUT = re.compile(
    r"[\s$,;()\\]{0,6}(?:or|which is|i\.e\.,?)?[\s$(\\]{0,4}(?:approximately|approx\.?|about|roughly"
    r"|≈|~|\\approx)[\s$(\\]{0,4}",
    re.IGNORECASE,
)


def _gap(found: list[re.Match[str]]) -> str:
    """What stands between the last two numbers, a stretch of at most 100 characters; else a text that fits nothing."""
    gap = found[-1].string[found[-2].end() : found[-1].start()]
    if len(gap) > 100:
        return ""
    before = found[-2].string[max(0, found[-2].start() - 12) : found[-2].start()]
    return " or " if re.search(r"\bbetween\s[$€£]?$", before, re.IGNORECASE) and gap.strip(" $€£") == "and" else gap


_UNIT_AFTER = re.compile(r"\s?([a-zA-Z]{1,12}(?:/[a-z]{1,6}|\^[23]|[²³])?|°[CF]?)(?![\w'’])")
_NO_UNITS = frozenset(("in", "d", "a", "s", "m", "h", "l", "g", "min"))


def _with_unit(number: re.Match[str]) -> str:
    """A number of running text with its unit where one that can be converted follows, or with all units of a length
    of time or sum given in several."""
    text = number.string
    for match in COMPOUND.finditer(text, max(0, number.start() - 40), number.end() + 20):
        if match.start() < number.start() < match.end() and compound_quantity(match.group()) is not None:
            return match.group()
    unit = _UNIT_AFTER.match(text, number.end())
    if unit is None or unit.group(1) in _NO_UNITS:
        return number.group()
    if canonical_unit(re.split(r"[/^²³]", unit.group(1).lower())[0]) not in UNITS:
        return number.group()
    reading = text[number.start() : unit.end()]
    return reading if parse_quantity(reading) is not None else number.group()


def _alike(first: re.Match[str], second: re.Match[str]) -> bool:
    """Whether two numbers of running text say the same, as in "1/2 or 50%"."""
    left, right = parse_quantity(first.group()), parse_quantity(second.group())
    return left is not None and right is not None and same_quantity(left, right)


def _nearly_alike(first: re.Match[str], second: re.Match[str]) -> bool:
    """Whether the second number may be the first one rounded."""
    left, right = parse_quantity(first.group()), parse_quantity(second.group())
    return left is not None and right is not None and same_quantity(right, left, relative_tolerance=0.05)


_CLOSING_PARENTHESES = re.compile(r"\s(?:\((?:[^()=\n]|\([^()=\n]{1,60}\)){1,200}\)|\[\d{1,3}\])[.!*_]{0,4}\s*\Z")


def _before_parentheses(found: list[re.Match[str]], line: str) -> list[re.Match[str]]:
    """The numbers without those in parentheses that close the last line, where others stand before them there.

    "The total is 42 (40 + 2)." ends on 42; a result of a computation inside ("= 42") stays.
    """
    if not line.rstrip("*_.! ").endswith((")", "]")):
        return found
    text = found[-1].string
    line_start = text.rstrip().rfind(line)
    aside = _CLOSING_PARENTHESES.search(line[-400:])
    if aside is None or line_start < 0:
        return found
    start = line_start + max(0, len(line) - 400) + aside.start()
    kept = [match for match in found if match.start() < start]
    return kept if kept and kept[-1].start() >= line_start else found


_COURTESY = re.compile(
    r"[*_\s]{0,4}(?:confidence[*_]{0,3}\s?[:=]|(?:please )?let me know\b|i hope\b"
    r"|hope (?:this|that|it)\b|(?:please )?feel free\b"
    r"|if you (?:have|need|want|would)\b"
    r"|would you like\b|do you (?:want|need)\b|is there anything\b|happy to help\b|good luck\b)[^\n]{0,300}\Z",
    re.IGNORECASE,
)


def _without_courtesy(text: str) -> str:
    """The text without a closing line that only offers more help."""
    head, newline, line = text.rstrip().rpartition("\n")
    return head if newline and head.strip() and _COURTESY.match(line) else text


_EXPLAINS = re.compile(
    r"(?:this\s(?:is\s(?:because|since|calculated|found|obtained|computed)|comes\sfrom|follows\sfrom"
    r"|can\sbe\s(?:found|seen|calculated|obtained|computed|shown))|that(?:'s|\sis)\sbecause|explanation\b|reasoning\b"
    r"|here(?:'s|\sis)\s(?:how|why)|the\sreason\b|to\s(?:see|explain)\s(?:this|that|it|how|why)\b"
    r"|i\s(?:got|found|calculated|computed)\s(?:this|that|it)\b"
    r"|we\s(?:get|find|obtain)\s(?:this|that|it)\s(?:by|from)\b)",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(
    r"(?:^|[.!?]\s{1,3}|\n\s{0,4})[*_]{0,3}"
    r"(?:so|therefore|thus|hence|in total|altogether|in conclusion|finally|overall)\b",
    re.IGNORECASE,
)


def _answered_first(text: str) -> str | None:
    """The one number of an opening sentence after which the text only explains ("42. This is because ...").

    None where the explanation ends in a conclusion of its own, which then counts.
    """
    end = re.compile(r"[.!][*_]{0,3}\s{1,4}(?=\S)").search(text.lstrip()[:400])
    text = text.lstrip()
    if end is None or not _EXPLAINS.match(text, end.end()) or _CONCLUDES.search(text, end.end()):
        return None
    found = numbers_in(text[: end.start()])
    return _with_unit(found[0]) if len(found) == 1 else None


def _one_moment(text: str) -> list[str]:
    """The time or date that a text names, where it names one, or several without offering a choice."""
    found = moments_in(text)
    if not found:
        return []
    before = text[max(0, found[-1].start() - 30) : found[-1].start()]
    denied = re.search(
        r"(?:\bnot|n['’]t|\bnever|\bor|\bbetween\b.{0,20}\band)\s(?:be\s|at\s|on\s)?$", before, re.IGNORECASE
    )
    return [] if denied else [found[-1].group()]


_BRACKETED_LIST = re.compile(r"\[[^\[\]]{1,4000}\]|\{[^{}:]{1,4000}\}|\([^()]{1,400},[^()]{1,400}\)")
_FENCED_TEXT = re.compile(r"```\w{0,12}\n(.{1,4000}?)\n?```", re.DOTALL)
_ENTRY = r"[ \t]{0,8}(?:[-*•+]|\d{1,3}[.)])[ \t]+\S[^\n]*"
_ENTRIES = re.compile(rf"^{_ENTRY}(?:\n\s{{0,4}}{_ENTRY})+", re.MULTILINE)


def _last_list(text: str) -> list[str]:
    """The list in brackets, in a fence, or in lines of their own that comes last in a text."""
    text = text[-_LIST_CHARACTERS:]
    found = [
        (match.end(), match.group(match.re.groups))
        for pattern in (_BRACKETED_LIST, _FENCED_TEXT, _ENTRIES)
        for match in pattern.finditer(text)
        if not _DENIED_LIST.search(text, max(0, match.start() - 12), match.start())
    ]
    if not found:
        return []
    return [max(found)[1]]


_LIST_CHARACTERS = 20_000
_LISTS_IN_WORDS = re.compile(r"\b(?:are|include)\b:?\s+(?!not\b)(\S.*)", re.DOTALL)
_BETWEEN_BOXES = re.compile(r"[\s$,;.\\()\[\]]{0,12}(?:(?:and|or)[\s$\\()\[\]]{0,12})?")


def _boxes_in_a_row(text: str) -> list[str]:
    r"""The answers of the last boxes as one list: `\boxed{2}` and `\boxed{3}`."""
    found = boxed_in(text)[-_MOST_BOXES:]
    row = [found[-1].text] if found else []
    for earlier, later in zip(found[-2::-1], found[:0:-1], strict=True):
        start = text.rfind("\\", 0, later.end - len(later.text) - 1)
        if not _BETWEEN_BOXES.fullmatch(text[earlier.end : start][:40]):
            break
        row.insert(0, earlier.text)
    return [", ".join(row)] if len(row) > 1 else []


_MOST_BOXES = 20
_DENIED_LIST = re.compile(r"\b(?:not|never)\s{1,3}\Z", re.IGNORECASE)


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
    r"=|:|\b(?:is|are|was|were|equals|gives|makes|leaves|leaving|becomes|totals?|needs?|so|then|thus)\b", re.IGNORECASE
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
    if found:
        return readings(correction[found[-1].end() :].split("\n", 1)[0])
    line = first_line(correction)
    return readings(line) if _NAMES_ANOTHER.fullmatch(line) and correction.strip() == line else []


# "Answer: Paris. Wait, London.": a name and nothing else follows.
_NAMES_ANOTHER = re.compile(
    r"(?!(?:Let|I|That|This|It|Yes|No|We|You|Correct|Right|Checking|Confirmed|So|But|Is|In|For|The answer)\b)"
    r"[A-ZÀ-Þ][^\s.!?]{0,30}(?:\s[^\s.!?]{1,30}){0,3}[.!]?"
)
