"""Verifiers of words and letters: IFEval's `keywords:`, `change_case:`, `punctuation:`, and `repeat_count`.

Belongs here: instructions about which words, letters, capitals and marks occur. Does not belong here: lengths
and layout. Semantics follow IFEval's reference implementation (Zhou et al. 2023, arXiv 2311.07911), in which
a keyword is found anywhere, also inside a longer word, while a forbidden word is a whole word; keywords are
plain text here, not patterns.
"""

from __future__ import annotations

import re

from epyc_assets.scoring.verdicts import InvalidScorerConfig
from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier
from epyc_assets.scoring.verifiers.language import detected_language, language_shares
from epyc_assets.scoring.verifiers.sentences import sentences
from epyc_assets.scoring.verifiers.treebank import treebank_words


def _whole_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)


def existence(answer: str, arguments: Arguments) -> Finding:
    """All `keywords` occur, in any case."""
    folded = answer.casefold()
    missing = [word for word in arguments.texts("keywords") if word.casefold() not in folded]
    return Finding(not missing, f"missing keywords {missing}" if missing else "all keywords occur")


def frequency(answer: str, arguments: Arguments) -> Finding:
    """`keyword` occurs less than, or at least, `frequency` times."""
    keyword = arguments.text("keyword")
    count = len(re.findall(re.escape(keyword), answer, re.IGNORECASE))
    return arguments.compared(count, "frequency", "relation", f"times {keyword!r}")


def forbidden_words(answer: str, arguments: Arguments) -> Finding:
    """None of `forbidden_words` occurs as a whole word."""
    found = [word for word in arguments.texts("forbidden_words") if _whole_word(word.strip()).search(answer)]
    return Finding(not found, f"forbidden words {found} occur" if found else "no forbidden word occurs")


def letter_frequency(answer: str, arguments: Arguments) -> Finding:
    """`letter` occurs less than, or at least, `let_frequency` times, in any case."""
    letter = arguments.text("letter").lower()
    if len(letter) != 1:
        raise InvalidScorerConfig(
            f"Instruction '{arguments.instruction_id}': 'letter' must be one letter; got {letter!r}."
        )
    return arguments.compared(
        answer.lower().count(letter), "let_frequency", "let_relation", f"times the letter {letter!r}"
    )


def repeat_count(answer: str, arguments: Arguments) -> Finding:
    """`word` stands there as a whole word exactly `count` times; with `only` true, nothing else."""
    word, wanted = arguments.text("word"), arguments.count("count")
    count = len(_whole_word(word).findall(answer))
    if count != wanted:
        return Finding(False, f"{word!r} occurs {count} times, wanted exactly {wanted}")
    rest = re.findall(r"\w+", _whole_word(word).sub(" ", answer)) if arguments.flag("only", False) else []
    return Finding(not rest, f"other words {rest[:5]} occur" if rest else f"{word!r} occurs {count} times")


# Most sentences have only capitals with a small letter after them, from which no rule parts them but the one for n't.
_MAY_STAND_ALONE = re.compile(r"[A-Z\x80-\U0010ffff](?![a-z](?!'t))")


def capital_words(answer: str) -> int:
    """How many words are all capitals, in the words and sentences of IFEval's reference (NLTK's).

    A hyphenated word is one word; a contraction counts as two where both parts are capitals (DON'T is DO and N'T).
    """
    with_capitals = (sentence for sentence in sentences(answer) if _MAY_STAND_ALONE.search(sentence))
    return sum(word.isupper() for sentence in with_capitals for word in treebank_words(sentence))


def capital_word_frequency(answer: str, arguments: Arguments) -> Finding:
    """Words in all capitals occur less than, or at least, `capital_frequency` times."""
    return arguments.compared(capital_words(answer), "capital_frequency", "capital_relation", "words in capitals")


def _english(answer: str, cased: bool, wanted: str) -> Finding:
    if not cased:
        return Finding(False, f"not all letters are {wanted}")
    # Like the reference, a text too short to tell its language counts as English; so does a list of English words.
    language = detected_language(answer) if sum(map(str.isalpha, answer)) >= _LEAST_LETTERS else None
    surely_other = language not in (None, "en") and language_shares(answer).get("en", 0.0) < _NOT_ENGLISH
    return Finding(not surely_other, f"all letters are {wanted}; language {language or 'undetermined'}")


_LEAST_LETTERS = 40
_NOT_ENGLISH = 0.001


def english_capital(answer: str, arguments: Arguments) -> Finding:
    """All letters are capitals, and the language is English."""
    return _english(answer, answer.isupper(), "capitals")


def english_lowercase(answer: str, arguments: Arguments) -> Finding:
    """All letters are small, and the language is English."""
    return _english(answer, answer.islower(), "small")


def no_comma(answer: str, arguments: Arguments) -> Finding:
    """There is no comma."""
    count = answer.count(",")
    return Finding(count == 0, f"{count} commas")


VERIFIERS = (
    Verifier("keywords:existence", ("keywords",), existence),
    Verifier("keywords:frequency", ("keyword", "frequency", "relation"), frequency),
    Verifier("keywords:forbidden_words", ("forbidden_words",), forbidden_words),
    Verifier("keywords:letter_frequency", ("letter", "let_frequency", "let_relation"), letter_frequency),
    Verifier("keywords:repeat_count", ("word", "count", "only"), repeat_count),
    Verifier(
        "change_case:capital_word_frequency",
        ("capital_frequency", "capital_relation"),
        capital_word_frequency,
    ),
    Verifier("change_case:english_capital", (), english_capital),
    Verifier("change_case:english_lowercase", (), english_lowercase),
    Verifier("punctuation:no_comma", (), no_comma),
)
