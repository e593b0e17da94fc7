"""Verifiers that imported questions need and IFEval has not: words between blanks, lines, openings, case alone.

Belongs here: checks under ids of this project's own (`count:`, `start:`, `case:`). Does not belong here: what IFEval
has published ids for. They count as a person does: "don't" is one word, a paragraph ends at a blank line.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier

_BULLET = re.compile(r"\s*(?:[*+•‣◦–-])\s+\S")
_NUMBERED = re.compile(r"\s*(?:\*\*)?(\d{1,4})[.)]\s*(?:\*\*)?\s*\S")


def _counted(count: Callable[[str], int], what: str) -> Callable[[str, Arguments], Finding]:
    def check(answer: str, arguments: Arguments) -> Finding:
        return arguments.compared(count(answer), "count", "relation", what)

    return check


def count_words(text: str) -> int:
    """Runs of characters between white space that hold a letter or digit."""
    return sum(any(character.isalnum() for character in word) for word in text.split())


def count_paragraphs(text: str) -> int:
    """Stretches of text parted by blank lines."""
    return sum(bool(part.strip()) for part in re.split(r"\n[ \t\r]*\n", text))


def count_bullet_lines(text: str) -> int:
    """Lines that open with a bullet (`-`, `*`, `+`, `•`) and a blank."""
    return sum(bool(_BULLET.match(line)) for line in text.splitlines())


def count_numbered_lines(text: str) -> int:
    """Lines numbered 1, 2, 3 ... as far as the numbers go on without a gap."""
    wanted = 1
    for line in text.splitlines():
        found = _NUMBERED.match(line)
        if found and int(found[1]) == wanted:
            wanted += 1
    return wanted - 1


def comma_entries(answer: str, arguments: Arguments) -> Finding:
    """The answer is one line of entries parted by commas, none empty."""
    lines = [line for line in answer.strip().splitlines() if line.strip()]
    entries = lines[0].strip().rstrip(".").split(",") if lines else []
    if len(lines) != 1:
        return Finding(False, f"the answer has {len(lines)} lines, wanted one line parted by commas")
    if any(not entry.strip() for entry in entries):
        return Finding(False, "an entry between two commas is empty")
    return arguments.compared(len(entries), "count", "relation", "entries parted by commas")


def opens_with(answer: str, arguments: Arguments) -> Finding:
    """The answer opens with `text` in any case, as whole words, a quotation mark or emphasis before it aside."""
    wanted = " ".join(arguments.text("text").split()).casefold()
    opening = " ".join(answer.lstrip().lstrip("\"'“*_").split()).casefold()
    holds = opening.startswith(wanted)
    if holds and wanted[-1].isalnum() and opening[len(wanted) : len(wanted) + 1].isalnum():
        holds = False
    return Finding(holds, f"the answer {'opens' if holds else 'does not open'} with {arguments.text('text')!r}")


def _case(answer: str, wrong: Callable[[str], bool], wanted: str) -> Finding:
    letters = [character for character in answer if character.isalpha()]
    others = sum(wrong(letter) for letter in letters)
    if not letters:
        return Finding(False, "the answer has no letters")
    return Finding(others == 0, f"{others} of {len(letters)} letters are not {wanted}")


def all_capitals(answer: str, arguments: Arguments) -> Finding:
    """Every letter that has a case is a capital; whatever the language."""
    return _case(answer, str.islower, "capitals")


def all_small(answer: str, arguments: Arguments) -> Finding:
    """Every letter that has a case is small; whatever the language."""
    return _case(answer, str.isupper, "small")


_COMPARED = ("count", "relation")

VERIFIERS = (
    Verifier("count:words", _COMPARED, _counted(count_words, "words")),
    Verifier("count:paragraphs", _COMPARED, _counted(count_paragraphs, "paragraphs")),
    Verifier("count:bullet_lines", _COMPARED, _counted(count_bullet_lines, "bullet points")),
    Verifier("count:numbered_lines", _COMPARED, _counted(count_numbered_lines, "numbered lines")),
    Verifier("count:comma_entries", _COMPARED, comma_entries),
    Verifier("start:text", ("text",), opens_with),
    Verifier("case:capitals", (), all_capitals),
    Verifier("case:small", (), all_small),
)
