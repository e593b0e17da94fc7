"""Verifiers of length: `length_constraints:` of IFEval.

Belongs here: counting sentences, words and paragraphs. Does not belong here: layout such as bullets and
titles. Semantics follow IFEval's reference implementation (Zhou et al. 2023, arXiv 2311.07911) except for
sentences: the reference uses NLTK's trained Punkt model, here rules find sentence ends, so counts may differ
by rare abbreviations.
"""

from __future__ import annotations

import re

from epyc_assets.scoring.verdicts import InvalidScorerConfig
from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier

_SENTENCE_END = re.compile(
    r"(?P<word>[^\s.?!]{0,20})(?P<mark>[.?!]{1,20})[\"'”’)\]*_]{0,6}(?=\s+(?P<next>\S))|[。！？]+(?=\S)"
)
_TITLE_WORDS = "mr mrs ms dr prof st sr jr gen col capt lt rev hon gov sen rep messrs mme vs cf fig no vol al approx"
_TITLES = frozenset(_TITLE_WORDS.split())
_MONTHS = frozenset(("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"))
_DOTTED = re.compile(r"[a-z](?:\.[a-z])+")
_MAYBE_LAST = frozenset(("etc", "inc", "ltd", "co", "corp", "dept", "est"))
_NEVER_LAST = frozenset(("e.g", "i.e"))


def count_sentences(text: str) -> int:
    """How many sentences a text has: ends at `.`, `?`, `!` before white space, unless after an abbreviation.

    Titles (Dr.), initials (J. Smith), e.g. and i.e. end no sentence; a.m., U.S., etc., Inc. and "..." do only
    before a capital letter, and a numeral (1. bread 2. milk) does not before a small one.
    """
    if not text.strip():
        return 0
    ends = 0
    for match in _SENTENCE_END.finditer(text):
        word, mark, following = match.group("word"), match.group("mark"), match.group("next")
        if mark != "." and mark is not None and set(mark) == {"."} and not following.isupper():
            continue
        if mark == ".":
            # The characters before the mark include no ".", so take the whole word for a.m., e.g., U.S.
            start = max(0, match.start("mark") - 12)
            whole = text[start : match.start("mark")].split()
            bare = (whole[-1] if whole else "").strip("\"'“‘([*_").lower()
            if bare in _TITLES or bare in _NEVER_LAST:
                continue
            if len(bare) == 1 and bare.isalpha() and bare != "i" and following.isupper() and word[:1].isupper():
                continue
            if (_DOTTED.fullmatch(bare) or bare in _MAYBE_LAST) and not following.isupper():
                continue
            if bare.isdigit() and following.islower():
                continue  # "1. bread 2. milk" are numbered entries of one sentence
            if bare in _MONTHS and following.isdigit():
                continue
        ends += 1
    return ends + 1


def number_sentences(answer: str, arguments: Arguments) -> Finding:
    """There are less than, or at least, `num_sentences` sentences."""
    return arguments.compared(count_sentences(answer), "num_sentences", "relation", "sentences")


def number_words(answer: str, arguments: Arguments) -> Finding:
    """There are less than, or at least, `num_words` words (runs of letters, digits and underscores)."""
    return arguments.compared(len(re.findall(r"\w+", answer)), "num_words", "relation", "words")


def number_paragraphs(answer: str, arguments: Arguments) -> Finding:
    """There are exactly `num_paragraphs` paragraphs parted by `***`, none empty between two marks."""
    wanted = arguments.count("num_paragraphs")
    paragraphs = re.split(r"\s?\*\*\*\s?", answer)
    if any(not paragraph.strip() for paragraph in paragraphs[1:-1]):
        return Finding(False, "an empty paragraph stands between two dividers")
    count = len(paragraphs) - sum(
        not paragraph.strip() for paragraph in {0: paragraphs[0], -1: paragraphs[-1]}.values()
    )
    if len(paragraphs) == 1:
        count = int(bool(answer.strip()))
    return Finding(count == wanted, f"{count} paragraphs, wanted exactly {wanted}")


def nth_paragraph_first_word(answer: str, arguments: Arguments) -> Finding:
    """Exactly `num_paragraphs` paragraphs are parted by blank lines; one opens with `first_word`."""
    wanted, position = arguments.count("num_paragraphs"), arguments.count("nth_paragraph")
    first_word = arguments.text("first_word").lower()
    if not 1 <= position <= wanted:
        raise InvalidScorerConfig(
            f"Instruction '{arguments.instruction_id}': 'nth_paragraph' must lie between 1 and "
            "'num_paragraphs' "
            f"({wanted}); got {position}."
        )
    paragraphs = answer.split("\n\n")
    count = sum(bool(paragraph.strip()) for paragraph in paragraphs)
    if position > count or not paragraphs[position - 1].strip():
        return Finding(False, f"there is no paragraph {position}")
    word = paragraphs[position - 1].split(None, 1)[0].lstrip("'").lstrip('"')
    found = re.split(r"[.,?!'\"]", word, maxsplit=1)[0].lower()
    return Finding(
        count == wanted and found == first_word,
        f"{count} paragraphs, wanted {wanted}; paragraph {position} opens with {found!r}, wanted {first_word!r}",
    )


VERIFIERS = (
    Verifier("length_constraints:number_sentences", ("num_sentences", "relation"), number_sentences),
    Verifier("length_constraints:number_paragraphs", ("num_paragraphs",), number_paragraphs),
    Verifier("length_constraints:number_words", ("num_words", "relation"), number_words),
    Verifier(
        "length_constraints:nth_paragraph_first_word",
        ("num_paragraphs", "nth_paragraph", "first_word"),
        nth_paragraph_first_word,
    ),
)
