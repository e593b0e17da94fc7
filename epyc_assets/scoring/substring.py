"""Scorer `substring`: the reference stands in the answer as whole words, and is not denied there.

Belongs here: finding whole-word occurrences. Does not belong here: telling assertion from denial (`denials.py`),
comparing final answers (`exact_match.py`).

Config (all optional): `any_of` (one of these must occur), `all_of` (each must occur), `none_of` (none may
occur); without `any_of` and `all_of` the reference itself must occur. `case_sensitive` (false),
`allow_negated` (false).
"""

from __future__ import annotations

import collections
import itertools
import re
import unicodedata
from dataclasses import dataclass

from epyc_assets.scoring.denials import asked, called_wrong, denied_after, denied_before
from epyc_assets.scoring.extraction import INVISIBLE, stated_answer, visible_answer
from epyc_assets.scoring.verdicts import Config, Score, Scorer, failed, flag, invalid_label, text_list

# Scripts written without blanks between words: a word there has no edge to look for.
_UNSPACED_RANGES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_UNSPACED = re.compile(f"[{_UNSPACED_RANGES}]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")  # particles follow the word without a blank
_UNITS = r"(?:km|cm|mm|m|kg|g|mg|ml|l|s|ms|h|hrs?|mins?|ft|in|mi|mph|lbs?|[ap]m|[KMGT]B|k?[Hh]z|[MG]Hz|k?W|V)\b"
_CONTEXT_CHARACTERS = 120
_OCCURRENCES_JUDGED = 1000
_ABSENT = "does not occur as whole words"
_FORMS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One whole-word occurrence; `denied` when the words around it say that it is not so."""

    start: int
    end: int
    denied_before: bool
    denied_after: bool
    asked: bool
    called_wrong: bool

    @property
    def asserted(self) -> bool:
        """Whether the text states it."""
        return not (self.denied_before or self.denied_after or self.asked)


def occurrences(text: str, needle: str, *, case_sensitive: bool = False) -> list[Occurrence]:
    """Every place where `needle` stands in `text` as whole words, a number never inside a longer one."""
    words = needle.split()
    if not words:
        return []
    pattern = _word_pattern(words[0])
    for word, following in itertools.pairwise(words):
        # A unit may touch its number: 4km is 4 km.
        pattern += (r"\s{0,8}" if word[-1].isdigit() and following.isalpha() else r"\s{1,8}") + _word_pattern(following)
    first, last = words[0][0], words[-1][-1]
    if (first.isalnum() or first == "_") and not _UNSPACED.match(first):
        # An underscore is emphasis at a word's edge (_Paris_) and a part of the word inside it (my_paris).
        pattern = rf"(?<![^\W_{_UNSPACED_RANGES}])(?<![^\W_]_)(?<!\bnon-)(?<!\bun-)(?<!\banti-)" + pattern
    if first.isdigit():
        # Not the end of 1.4, 1,4 or 1/4, and not the 4 of -4; "3-4" is a range and "- 4" a list entry.
        pattern = r"(?<!\d[.,:/])(?<![^\w\s)]-)(?<!\s-)(?<!\A-)" + pattern
    if re.match(r"-\d", words[0]):
        pattern = r"(?<!\w)" + pattern  # 3-4 is a range and no -4
    if last.isdigit():
        pattern += rf"(?:(?!_{{0,8}}[^\W_])|(?={_UNITS}))(?![.,]\d)(?!/\d)(?!:\d\d(?!\d))"
    elif (last.isalnum() or last == "_") and not _UNSPACED.match(last) and not _HANGUL.match(last):
        # C is not C++ or C#; a footnote's mark is no part of a word.
        pattern += rf"(?!_{{0,8}}[^\W_¹²³⁰⁴-⁹{_UNSPACED_RANGES}])(?!\+\+|#)"
    found = []
    # The last thousand decide: a text that denies a thing so often in a row does not state it.
    for match in collections.deque(
        re.finditer(pattern, text, 0 if case_sensitive else re.IGNORECASE), maxlen=_OCCURRENCES_JUDGED
    ):
        before = text[max(0, match.start() - _CONTEXT_CHARACTERS) : match.start()]
        after = text[match.end() : match.end() + _CONTEXT_CHARACTERS]
        found.append(
            Occurrence(
                match.start(),
                match.end(),
                denied_before=denied_before(before, after),
                denied_after=denied_after(before, after),
                asked=asked(after),
                called_wrong=called_wrong(after),
            )
        )
    return found


def _word_pattern(word: str) -> str:
    """The word as a pattern; a number of four digits or more may be grouped by commas or blanks."""
    if re.fullmatch(r"[$€£]?\d{1,3}(?:,\d{3})+", word):
        word = word.replace(",", "")
    if re.fullmatch(r"[$€£]\d{4,}", word):
        return re.escape(word[0]) + _word_pattern(word[1:])
    if not (word.isascii() and word.isdigit() and len(word) > 3):
        return re.escape(word)
    groups = [word[max(0, end - 3) : end] for end in range(len(word), 0, -3)][::-1]
    return "(?:" + word + "|" + _GROUPING.join(groups) + ")"


_GROUPING = "[, '\u00a0\u202f\u2009]"


def _stated(found: list[Occurrence]) -> bool:
    """Whether the occurrences together state the thing: some assert it, and the last word is not a denial."""
    return any(occurrence.asserted for occurrence in found) and not (found[-1].denied_before or found[-1].called_wrong)


def score_substring(answer: str, expected: str, config: Config) -> Score:
    """Look for the reference (or `any_of`, `all_of`, `none_of`) in the answer; value is the share that holds.

    Strict: the same in the marked final answer where there is one, else in the whole answer.

    Raises:
        InvalidScorerConfig: an option has the wrong type or an empty list.
    """
    any_of, all_of, none_of = (text_list(config, key) for key in ("any_of", "all_of", "none_of"))
    case_sensitive = flag(config, "case_sensitive", False)
    allow_negated = flag(config, "allow_negated", False)
    if not any_of and not all_of:
        if not expected.strip():
            return invalid_label("the expected text is empty, and every answer contains the empty text")
        any_of = [expected.strip()]
    visible = visible_answer(answer)
    if visible.text is None:
        return failed(visible.fault or "no answer was given")

    def judge(text: str) -> tuple[float, str | None, str]:
        matched: list[str] = []
        faults: list[str] = []

        def holds(needle: str) -> bool:
            found = occurrences(text, _comparable(needle), case_sensitive=case_sensitive)
            if found and (allow_negated or _stated(found)):
                matched.append(text[found[-1].start : found[-1].end])
                return True
            if not found:
                faults.append(f"{needle!r} {_ABSENT}")
            elif any(entry.denied_before or entry.denied_after for entry in found):
                faults.append(f"{needle!r} occurs but is negated")
            else:
                faults.append(f"{needle!r} occurs only inside a question")
            return False

        checks = [holds(needle) for needle in all_of]
        if any_of:
            told = len(faults)
            held = [holds(needle) for needle in any_of]
            checks.append(any(held))
            if checks[-1] and not all_of:
                faults.clear()
            elif len(faults) > told + _FORMS_TOLD:
                # Not the twentieth way to write a date; one that occurs and is denied says more than those that do not.
                of_forms = sorted(faults[told:], key=lambda fault: fault.endswith(_ABSENT))
                rest = len(of_forms) - _FORMS_TOLD
                faults[told:] = [*of_forms[:_FORMS_TOLD], f"nor do {rest} other ways to write it"]
        for needle in none_of:
            allowed = not occurrences(text, _comparable(needle), case_sensitive=case_sensitive)
            checks.append(allowed)
            if not allowed:
                faults.append(f"{needle!r} occurs but must not")
        value = sum(checks) / len(checks)
        explanation = "; ".join(faults) if value < 1 else "found " + ", ".join(repr(entry) for entry in matched)
        return value, ", ".join(matched) or None, explanation

    text = _comparable(visible.text)
    value, extracted, explanation = judge(text)
    marked = stated_answer(text)
    strict_value, strict_extracted, _ = judge(marked.text) if marked is not None else (value, extracted, "")
    return Score(value, value == 1, extracted, explanation, strict_value, strict_value == 1, strict_extracted)


def _comparable(text: str) -> str:
    """The text with one way to write each letter, hyphen, minus sign and apostrophe, and without characters of no
    width."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.translate(INVISIBLE)).translate(_ONE_WAY)


# Superscripts and fractions stay what they are, so this is less than Unicode's compatibility forms.
_ONE_WAY = {
    **{0xFEE0 + code: chr(code) for code in range(0x21, 0x7F) if chr(code) not in "!,.:;?"},
    **dict.fromkeys((0x2010, 0x2011, 0x2212), "-"),
    **dict.fromkeys((0x2018, 0x2019), "'"),
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl",
}  # fmt: skip


SUBSTRING = Scorer(
    name="substring",
    version=3,
    function=score_substring,
    config_keys={
        "any_of": "texts of which one must occur",
        "all_of": "texts that must all occur",
        "none_of": "texts of which none may occur",
        "case_sensitive": "capitals matter (false)",
        "allow_negated": "a denied occurrence counts as well (false)",
    },
)
