"""Haystacks of any length: lines of a style, needles among them at stated places, joined to a prompt.

Belongs here: `Puzzle`, how long a text must be for a number of tokens, and putting needles at their places. Does not
belong here: what the lines say (`prose`, `listings`), or what is asked (`facts`, `records`).

Lengths are estimated in tokens: filler by characters per token of its style, lines that carry names and numbers by
`estimated_tokens`. The ratios were measured with the Gemma 3 tokenizer (262k entries), for which prompts come out
within 15 % of what was asked at 300 tokens, 7 % at 1,000, 4 % at 2,000 and 2 % from 4,000 on;
`epyc_assets_tests/benchmarks/long_context_tokens.py` measures it for any model's tokenizer. Others of such a size
differ by some per cent, most in logs and tables, where it matters whether every digit is a token of its own.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from epyc_assets.suites.question import JSON

CHARACTERS_PER_TOKEN: Mapping[str, float] = {"prose": 4.97, "code": 3.24, "log": 1.95, "table": 1.48}
"""Of filler, by style."""

_CHARACTERS_PER_TOKEN_HIDDEN: Mapping[str, float] = {"prose": 4.2, "code": 2.7}
"""Of lines with names and numbers, their digits left out: a digit is a token."""

TIME_OF_LINE = "\x00time"
"""Stands where a log line's time belongs until it is known which line it follows."""

LEAST_CONTEXT_TOKENS = 300
"""Below it there is no room for the question and what it is about."""

_LINES_A_PARAGRAPH = (4, 9)
_MISLEADING_SHARE = 0.4
"""Of the text, at most."""


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A question before its haystack.

    needle holds the answer and stands where it is wanted; others are needed or mislead and stand anywhere.
    filler(source) yields lines without end that neither answer nor mislead. placed: whether the answer stands in
    `needle` alone. more(source): further misleading lines without end, used as `distractors` says.
    """

    key: Sequence[JSON]
    style: str
    opening: str
    question: str
    answer: str
    steps: str
    filler: Callable[[random.Random], Iterator[str]]
    needle: str | None = None
    others: Sequence[str] = ()
    more: Callable[[random.Random], Iterator[str]] | None = None
    distractors: int = 0
    form: str = "<answer>"
    config: Mapping[str, JSON] = field(default_factory=dict)
    header: str = ""

    @property
    def least_tokens(self) -> float:
        """Estimated length of the lines that must be there."""
        return sum(estimated_tokens(line, self.style) for line in (*self.others, self.needle or "", self.header))

    @property
    def placed(self) -> bool:
        return self.needle is not None


def estimated_tokens(text: str, style: str = "prose") -> float:
    """About how many tokens a needle, or a line like it, has."""
    if style not in _CHARACTERS_PER_TOKEN_HIDDEN:
        return (len(text) + 2) / CHARACTERS_PER_TOKEN[style]
    digits = sum(map(str.isdigit, text))
    return (len(text) - digits) / _CHARACTERS_PER_TOKEN_HIDDEN[style] + digits


def haystack(source: random.Random, puzzle: Puzzle, tokens: float, needle_ratio: float | None) -> str:
    """The puzzle's lines in a text of about `tokens` tokens; time grows with the length, no faster.

    The needle starts at needle_ratio of the text, to within a line; anywhere for None.
    """
    missing = tokens - puzzle.least_tokens
    misleading: list[str] = []
    if puzzle.more is not None:
        stream = puzzle.more(source)
        room = _MISLEADING_SHARE * missing
        for line in (next(stream) for _ in range(puzzle.distractors)):
            room -= estimated_tokens(line, puzzle.style)
            if room < 0:
                break
            misleading.append(line)
    missing -= sum(estimated_tokens(line, puzzle.style) for line in misleading)
    lines: list[str] = []
    characters = missing * CHARACTERS_PER_TOKEN[puzzle.style]
    stream = puzzle.filler(source)
    while characters > 0:
        line = next(stream)
        lines.append(line)
        characters -= len(line) + 1
    loose = _at_places(source, lines, list(puzzle.others), misleading)
    if puzzle.needle:
        ratio = source.random() if needle_ratio is None else needle_ratio
        loose.insert(_place(loose, ratio), puzzle.needle)
    if puzzle.style == "log":
        loose = _timed(loose)
    body = _paragraphs(source, loose) if puzzle.style == "prose" else "\n".join(loose)
    return f"{puzzle.header}\n{body}" if puzzle.header else body


def _at_places(source: random.Random, lines: list[str], others: list[str], misleading: list[str]) -> list[str]:
    """Lines with the others among them, in one pass."""
    inserted = [(source.randint(0, len(lines)), line) for line in [*others, *misleading]]
    inserted.sort(key=lambda pair: pair[0])
    merged: list[str] = []
    start = 0
    for place, line in inserted:
        merged.extend(lines[start:place])
        merged.append(line)
        start = place
    merged.extend(lines[start:])
    return merged


def _place(lines: list[str], ratio: float) -> int:
    """The index before which a line stands at that share of the characters."""
    ends: list[int] = []
    total = 0
    for line in lines:
        total += len(line) + 1
        ends.append(total)
    if ratio >= 1:
        return len(lines)
    return min(len(lines), bisect_left(ends, ratio * total - 40) + (ratio > 0)) if lines else 0


def _timed(lines: list[str]) -> list[str]:
    """Log lines whose time was left open get that of the line before them; the first ones, of the line after."""
    known = next((line for line in lines if not line.startswith(TIME_OF_LINE)), "00:00:00.000")
    clock = known[:12]
    timed: list[str] = []
    for line in lines:
        if line.startswith(TIME_OF_LINE):
            timed.append(clock + line[len(TIME_OF_LINE) :])
        else:
            clock = line[:12]
            timed.append(line)
    return timed


def _paragraphs(source: random.Random, sentences: list[str]) -> str:
    paragraphs: list[str] = []
    start = 0
    while start < len(sentences):
        end = start + source.randint(*_LINES_A_PARAGRAPH)
        paragraphs.append(" ".join(sentences[start:end]))
        start = end
    return "\n\n".join(paragraphs)
