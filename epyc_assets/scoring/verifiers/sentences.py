"""Sentences as NLTK's Punkt tokenizer tells them apart, which IFEval's reference counts with.

Belongs here: Punkt's algorithm (Kiss and Strunk 2006, "Unsupervised Multilingual Sentence Boundary Detection") with the
tokens and rules of NLTK 3.10. Does not belong here: what it learned (`sentence_words.py`), words (`treebank.py`).
"""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Iterator
from functools import lru_cache

from epyc_assets.scoring.verifiers.sentence_words import ABBREVIATIONS, SMALL_OR_CAPITAL, SMALL_WITHIN, STARTERS

_CLOSING = "‘’“”«»"
_ENDS = (".", "?", "!")
_NO_WORD = rf"[)\";}}\]*:@'({{\[{_CLOSING}?!]"
_REPEATED = r"(?:-{2,}|\.{2,}|(?:\.\s){2,}\.)"
_TOKEN = re.compile(
    rf"{_REPEATED}|(?=[^(\"`{{\[:;&#*@)}}\]\-,])\S+?(?=\s|$|{_NO_WORD}|{_REPEATED}|,(?=$|\s|{_NO_WORD}|{_REPEATED}))|\S"
)
_POSSIBLE_END = re.compile(rf"[.?!](?=(?P<after>{_NO_WORD}|\s+(?P<next>\S+)))")
_CLOSES_THE_LAST = re.compile(rf"[\"')\]}}{_CLOSING}]+?(?:\s+|(?=--)|$)", re.MULTILINE)
_ELLIPSIS = re.compile(r"\.\.+")
_NUMBER = re.compile(r"-?[.,]?\d[\d,.-]*")
_INITIAL = re.compile(r"[^\W\d]\.")
_NEVER_FIRST = frozenset(";:,.!?")


@lru_cache(maxsize=16)  # several instructions ask about one answer
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, in order; marks that close one stand at its end, blanks between two belong to none."""
    found: list[str] = []
    moved = 0
    spans = list(_spans(text))
    for number, (start, end) in enumerate(spans):
        start += moved
        moved = 0
        if number + 1 < len(spans):
            following = text[slice(*spans[number + 1])]
            if closing := _CLOSES_THE_LAST.match(following):
                end = spans[number + 1][0] + len(closing.group().rstrip())
                moved = closing.end()
        if moved or text[start:end]:
            found.append(text[start:end])
    return tuple(found)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match, context in _possible_ends(text):
        if _ends_a_sentence(context):
            yield start, match.end()
            start = match.start("next") if match["next"] else match.end()
    yield start, len(text.rstrip())


def _possible_ends(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Marks that may end a sentence, each with the word before it and what follows; of several in a word the last."""
    previous: re.Match[str] | None = None
    word_start = word_end = 0
    blanks = [character for character in string.whitespace if character in text]
    for match in _POSSIBLE_END.finditer(text):
        blank = word_end
        for character in blanks:
            blank = max(blank, text.rfind(character, blank, match.start()))
        start = blank + 1 if blank > word_end else word_start
        if previous is not None and word_end <= start:
            yield previous, text[word_start : previous.end()] + previous["after"]
        previous, word_start, word_end = match, start, match.start()
    if previous is not None:
        yield previous, text[word_start : previous.end()] + previous["after"]


def _ends_a_sentence(context: str) -> bool:
    """Whether a sentence ends before the last token of a text."""
    tokens = [token for line in context.split("\n") for token in _TOKEN.findall(line)]
    return any(_ends_with(token, following) for token, following in itertools.pairwise(tokens))


def _ends_with(token: str, following: str) -> bool:
    """Whether a sentence ends with a token, by its type first and then by what follows it."""
    if token in ("?", "!"):
        return True
    if not token.endswith("."):
        return False
    word = token[:-1].lower()
    ellipsis = _ELLIPSIS.fullmatch(token) is not None
    abbreviation = word in ABBREVIATIONS or word.split("-")[-1] in ABBREVIATIONS or (". " in token and not ellipsis)
    ends = token == "." or not (ellipsis or token.endswith("..") or abbreviation)
    initial = _INITIAL.fullmatch(token) is not None
    next_word = following.lower()
    if next_word.endswith(".") and len(next_word) > 1 and next_word[:-1] not in ABBREVIATIONS:
        next_word = next_word[:-1]
    opens = _opens(following, next_word)
    if (ellipsis or (abbreviation and token != ".")) and not initial:
        return ends or opens is True or (following[0].isupper() and next_word in STARTERS)
    if initial or _NUMBER.fullmatch(token):
        if opens is False:
            return False
        known = next_word in SMALL_WITHIN or next_word in SMALL_OR_CAPITAL
        if opens is None and initial and following[0].isupper() and not known:
            return False
    return ends


def _opens(token: str, word: str) -> bool | None:
    """Whether a token opens a sentence, by how it is spelled here and was in Punkt's text; None where unknown."""
    if token in _NEVER_FIRST or token[0].islower():
        return False
    return True if token[0].isupper() and word in SMALL_WITHIN else None
