"""Finds the Python literal that an answer gives, and compares it with another as Python would: for `exact_match`.

Belongs here: `answer_type: "python"`, where every character of a text counts and the order of a mapping does not.
Does not belong here: answers in words or numbers (`exact_match.py`), running code (`code_execution.py`).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from epyc_assets.scoring.final_answer import CORRECTED, flexible_readings
from epyc_assets.scoring.verdicts import Score, failed, invalid_label, verdict

_LONGEST_LITERAL_CHARACTERS = 100_000
_LONGEST_LINE_CHARACTERS = 2_000
_STARTS_TRIED = 200
_MARKED = re.compile(r"\[ANSWER\]\s*(.*?)\s*(?:\[/ANSWER\]|\Z)", re.DOTALL | re.IGNORECASE)
_FENCED = re.compile(r"```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*(?:```|\Z)", re.DOTALL)
_CODE_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)(.{1,2000}?)(?<!`)\1(?!`)")
# Where a literal can start: after a blank or a mark that ends what is said about it.
_START = re.compile(r"(?:(?<=[\s:=>*`(])|(?<!.))(?=['\"\[({\d.+-]|True\b|False\b|None\b|set\(|[bruBRU]{1,2}['\"])")
_OPENING = re.compile(r"['\"\[({\d+.-]|True$|False$|None$|set\(|[bruBRU]{1,2}['\"]")
_STATED = ("the stated final answer", CORRECTED)
_DRESS = "*_` \t\r\n$"


def literal_of(text: str) -> tuple[bool, object]:
    """Whether a text is one Python literal, and its value.

    Text that is too long, too deep or no literal is none; a call other than `set()` is none.
    """
    text = text.strip()
    if not _OPENING.match(text) or len(text) > _LONGEST_LITERAL_CHARACTERS:
        return False, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a model's text is no concern of ours
            return True, ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False, None


def score_python_value(text: str, golds: Sequence[str]) -> Score:
    """The value that a visible answer gives, compared with any of the references, which are Python literals.

    Flexibly, a reference that is a text may also be given without quotes. Strict: the literal alone, or alone in
    `[ANSWER]` or in one fenced block.
    """
    wanted = [literal_of(gold) for gold in golds]
    values = [value for is_literal, value in wanted if is_literal]
    if not values:
        return invalid_label(f"the expected answer {golds[0][:80]!r} is no Python literal")
    shown_golds = " or ".join(repr(gold[:80]) for gold in golds)
    strict_found, strict_value = literal_of(_alone(text))
    strict = strict_found and _any_same(strict_value, values)
    found, given = _given_value(text)
    if found:
        passed = _any_same(given, values)
        shown = repr(given)
        return verdict(
            passed,
            shown,
            f"the value {shown[:200]} {'equals' if passed else 'is not'} {shown_golds}",
            strict_passed=strict,
            strict_extracted=repr(strict_value) if strict_found else None,
        )
    bare = _bare_text(text)
    if bare is None:
        return failed(f"the answer holds no Python value; expected {shown_golds}")
    passed = any(isinstance(value, str) and value and bare in (value, repr(value)[1:-1]) for value in values)
    explanation = f"the text {bare[:200]!r} {'is, without its quotes,' if passed else 'is no Python value, let alone'}"
    return verdict(passed, bare, f"{explanation} {shown_golds}", strict_passed=False, strict_extracted=None)


def _any_same(value: object, others: Sequence[object]) -> bool:
    try:
        return any(value == other for other in others)
    except RecursionError:
        return False


def _alone(text: str) -> str:
    """A text that is one marked or fenced block and nothing else, as that block's content."""
    text = text.strip()
    for pattern in (_MARKED, _FENCED):
        match = pattern.fullmatch(text)
        if match is not None:
            text = match.group(1)
    return text


def _given_value(text: str) -> tuple[bool, object]:
    """The value that an answer settles on: the whole text, else the marked, the stated, the fenced or the last one."""
    for reading in _readings(text):
        found, value = literal_of(reading)
        if found:
            return True, value
    return False, None


def _readings(text: str) -> Iterator[str]:
    yield text
    marked = _MARKED.findall(text)
    if marked:
        # A marked answer that is no value is a wrong answer, not a reason to look elsewhere.
        yield marked[-1]
        yield from _readings_without_marks(marked[-1])
    else:
        yield from _readings_without_marks(text)


def _readings_without_marks(text: str) -> Iterator[str]:
    stated, how = flexible_readings(text, "text", True)
    if how in _STATED:
        for statement in stated:
            yield from _undressed(statement)
    fenced = _FENCED.findall(text)
    if fenced:
        # The code of the question has several lines, none of which is the answer.
        yield from _undressed(fenced[-1]) if len(fenced[-1].strip().splitlines()) == 1 else fenced[-1:]
    lines = [line for line in text.splitlines() if line.strip(_DRESS)]
    for part in [*lines[-1:], *(stated if how not in _STATED else [])]:
        yield from _undressed(part)


def _undressed(part: str) -> Iterator[str]:
    """A part as it stands, without the marks around it, in its last marks of code, and what it ends on."""
    yield part
    line = part.strip(_DRESS)
    yield line
    yield line.removesuffix(".").rstrip(_DRESS)
    if "\n" in line or len(line) > _LONGEST_LINE_CHARACTERS:
        return
    for _, span in reversed(_CODE_SPAN.findall(part)):
        yield span
    ends = dict.fromkeys((line, line.removesuffix(".").rstrip(_DRESS)))
    for start in list(_START.finditer(line))[:_STARTS_TRIED]:
        for end in ends:
            yield end[start.end() :]


def _bare_text(text: str) -> str | None:
    """What an answer without any literal gives as a text: marked, fenced, or its last line."""
    marked = _MARKED.findall(text)
    fenced = _FENCED.findall(text)
    if marked or fenced:
        return (marked or fenced)[-1].strip("\r\n")
    stated, how = flexible_readings(text, "text", True)
    if how in _STATED and stated:
        return stated[0].strip(_DRESS)
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip(_DRESS) if lines else None
