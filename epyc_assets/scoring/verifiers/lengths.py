"""Verifiers of length: `length_constraints:` of IFEval.

Belongs here: counting sentences, words and paragraphs. Does not belong here: layout such as bullets and
titles. Semantics follow IFEval's reference implementation (Zhou et al. 2023, arXiv 2311.07911), sentences included
(`sentences.py`).
"""

from __future__ import annotations

import re

from epyc_assets.scoring.verdicts import InvalidScorerConfig
from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier
from epyc_assets.scoring.verifiers.sentences import sentences

_WIDE_END = re.compile(r"[。！？]+[」』”’）]*(?=\s*[^\s。！？」』”’）])")


def count_sentences(text: str) -> int:
    """How many sentences a text has, as NLTK's Punkt finds them; 0 where it is blank.

    The ends of Chinese and Japanese sentences, which Punkt's English model does not know, count as well.
    """
    return sum(1 + len(_WIDE_END.findall(sentence)) for sentence in sentences(text))


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
