"""Telling degenerate output from an answer: empty, one symbol, loops, garbage.

Belongs here: flags on a generation's text, independent of what was asked. Does not belong here: scoring; a
degenerate answer is flagged, never altered or dropped. The detector is conservative: what someone may have
asked for (a word five times, a table, a line of dashes in a document, code) is not flagged.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Kind = Literal["empty", "whitespace", "one_symbol", "loop", "garbage"]

_LEAST_SYMBOLS = 32
_TAIL_CHARACTERS = 2048
_LEAST_LOOP_CHARACTERS = 60
# A unit of a few words must come back often before it is a loop; a long passage is one much sooner.
_LEAST_REPEATS_SHORT = 12
_LEAST_REPEATS_LONG = 4
_LONG_UNIT_WORDS = 8
# A model that stopped by itself after so many repeats may have been asked for them.
_STOPPED_FACTOR = 4
_LEAST_GARBAGE_CHARACTERS = 4
_GARBAGE_SHARE = 0.2
_HARMLESS_CONTROLS = frozenset("\n\r\t\f\v\u200b\u200c\u200d\ufeff\u00ad")


@dataclass(frozen=True, slots=True)
class Degeneracy:
    """One finding: its kind, and the evidence for a person to judge."""

    kind: Kind
    evidence: str


def degeneracy(text: str, finish_reason: str | None = None) -> Degeneracy | None:
    """What is degenerate about a generated text, or None.

    Args:
        text: the generation as it came.
        finish_reason: "stop" makes loops and runs of one symbol harder to flag, because the model ended them
            itself; anything else (or None) does not.

    Returns:
        The first of: "empty", "whitespace", "garbage" (replacement, control, unassigned or lone surrogate
        characters make up a fifth of it), "one_symbol" (32 or more of one character and nothing else), "loop"
        (the text ends in a passage repeated over and over). None where none applies.
    """
    if not text:
        return Degeneracy("empty", "no text at all")
    symbols = "".join(text.split())
    if not symbols:
        return Degeneracy("whitespace", f"{len(text)} characters, all white space")
    garbage = _garbage_share(symbols)
    if garbage is not None:
        return garbage
    factor = _STOPPED_FACTOR if finish_reason == "stop" else 1
    if len(symbols) >= _LEAST_SYMBOLS * factor and symbols == symbols[0] * len(symbols):
        return Degeneracy("one_symbol", f"{len(symbols)} times {symbols[0]!r} and nothing else")
    return _loop(text, factor)


_SUSPECT = re.compile(r"[^ -~\n\r\t\u00a0-\u02ff]")


def _garbage_share(symbols: str) -> Degeneracy | None:
    # Most answers are plain; looking characters up one by one is only for the others.
    suspects = _SUSPECT.findall(symbols)
    bad = sum(
        character == "\ufffd"
        or (unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs") and character not in _HARMLESS_CONTROLS)
        for character in suspects
    )
    if bad >= _LEAST_GARBAGE_CHARACTERS and bad >= _GARBAGE_SHARE * len(symbols):
        return Degeneracy("garbage", f"{bad} of {len(symbols)} characters are replacement or control characters")
    return None


def _loop(text: str, factor: int) -> Degeneracy | None:
    tail = text.rstrip()[-_TAIL_CHARACTERS:]
    if len(tail) < _LEAST_LOOP_CHARACTERS or tail.count(tail[-12:]) < 3:
        return None
    length, period = _longest_periodic_suffix(tail)
    if period == 0 or length < _LEAST_LOOP_CHARACTERS:
        return None
    unit = tail[-period:]
    if not any(character.isalnum() for character in unit):
        return None  # rulers, table borders, rows of dots: layout
    repeats = length / period
    long_unit = len(unit.split()) >= _LONG_UNIT_WORDS
    least = (_LEAST_REPEATS_LONG if long_unit else _LEAST_REPEATS_SHORT) * factor
    # The tail looked at may be too short to hold that many of a long unit; filling it is then enough.
    if repeats < least and not (length == _TAIL_CHARACTERS and repeats >= _LEAST_REPEATS_LONG):
        return None
    return Degeneracy("loop", f"the text ends in {int(repeats)} repeats of {unit.strip()[:80]!r}")


def _longest_periodic_suffix(tail: str) -> tuple[int, int]:
    """The (length, period) of the suffix that repeats its unit most often.

    By the prefix function of Knuth, Morris and Pratt on the reversed text: a prefix of length n with border b
    has period n - b. Linear in the length of `tail`.
    """
    reverse = tail[::-1]
    borders = [0] * len(reverse)
    best_length, best_period, best_repeats = 0, 0, 0.0
    border = 0
    for index in range(1, len(reverse)):
        while border and reverse[index] != reverse[border]:
            border = borders[border - 1]
        if reverse[index] == reverse[border]:
            border += 1
        borders[index] = border
        length = index + 1
        period = length - border
        if length >= _LEAST_LOOP_CHARACTERS and length / period >= best_repeats and border:
            best_length, best_period, best_repeats = length, period, length / period
    return best_length, best_period
