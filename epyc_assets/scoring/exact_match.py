"""Scorer `exact_match`: the final answer says the same as the reference, as a number, a list, or words.

Belongs here: comparing one final answer with one reference. Does not belong here: finding it
(`extraction.py`), reading numbers (`quantities.py`). The last stated final answer wins; an earlier try, a
quotation or a label in the working never counts.

Config (all optional): `any_of` (more accepted answers), `case_sensitive` (false), `tolerance` (absolute, 0),
`relative_tolerance` (0), `number_words` (true: "twelve" is 12), `unordered` (false: order of list entries),
`answer_type` ("text" compares words only, so that "007" is not 7; "python" compares Python literals, where "'a'" is
text and "{1, 2}" a set; default "auto").
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from epyc_assets.scoring.extraction import readable, visible_answer
from epyc_assets.scoring.final_answer import CORRECTED, Kind, flexible_readings, strict_readings
from epyc_assets.scoring.formulas import brackets_differ, is_moment, same_formula, same_moment
from epyc_assets.scoring.json_values import json_objects_in, loaded_json, same_json
from epyc_assets.scoring.python_values import score_python_value
from epyc_assets.scoring.quantities import Quantity, parse_quantity, plain, same_quantity, split_list
from epyc_assets.scoring.verdicts import (
    Config,
    InvalidScorerConfig,
    Score,
    Scorer,
    failed,
    flag,
    invalid_label,
    number,
    text_list,
    verdict,
)

_LONGEST_BRIEF_WORDS = 5
_FILLED_FORM = re.compile(
    r"[\s*_`\"'(\[]{0,6}<[^<>]{1,300}>(?:[\s,;:/]{1,4}(?:and\s)?<[^<>]{1,300}>){0,40}[\s*_`\"'.)\]]{0,6}"
)
"""Asked for 'Answer: <number>' or 'Answer: <x>, <y>', some write 'Answer: <42>' and 'Answer: <4>, <2>'."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two short texts are compared."""

    case_sensitive: bool = False
    tolerance: float = 0.0
    relative_tolerance: float = 0.0
    number_words: bool = True
    unordered: bool = False
    text_only: bool = False

    @classmethod
    def from_config(cls, config: Config) -> Comparison:
        """Read the options.

        Raises:
            InvalidScorerConfig: an option has the wrong type.
        """
        answer_type = config.get("answer_type", "auto")
        if answer_type not in ("auto", "text", "python"):
            raise InvalidScorerConfig(f'\'answer_type\' must be "auto", "text" or "python"; got {answer_type!r}.')
        return cls(
            case_sensitive=flag(config, "case_sensitive", False),
            tolerance=number(config, "tolerance", 0.0),
            relative_tolerance=number(config, "relative_tolerance", 0.0),
            number_words=flag(config, "number_words", True),
            unordered=flag(config, "unordered", False),
            text_only=answer_type == "text",
        )

    def same(self, answer: str, expected: str) -> bool:
        """Whether two short texts say the same."""
        if "<" in answer and "<" not in expected and _FILLED_FORM.fullmatch(answer[:_LONGEST_DRESS_CHARACTERS]):
            answer = answer.replace("<", "").replace(">", "")
        if len(answer) > _LONGEST_DRESS_CHARACTERS + 10 * len(expected):
            return False
        if len(answer) > _LONGEST_REMEMBERED_CHARACTERS:
            return self._same(answer, expected)
        return _remembered_same(self, answer, expected)

    def _same(self, answer: str, expected: str) -> bool:
        if not self.text_only and (wanted_number := _PLAIN_NUMBER.fullmatch(plain(expected))) is not None:
            # Most references: the rest, which asks for formulas, lists and times, has nothing to add to a number.
            if (given_number := _PLAIN_NUMBER.fullmatch(plain(answer))) is not None:
                wanted, given = int(wanted_number.group()), int(given_number.group())
                allowed = max(self.tolerance, self.relative_tolerance * abs(wanted))
                return given == wanted or (allowed > 0 and abs(given - wanted) <= allowed)
            quantity, wanted = self._quantity(answer), self._quantity(expected)
            if quantity is not None and wanted is not None:
                return self._same_quantity(quantity, wanted)
            if len(answer) > _LONGEST_DRESSED_NUMBER_CHARACTERS:
                return False
        given_words, wanted_words = self._words(answer), self._words(expected)
        if not wanted_words:  # marks alone, such as an operator in Markdown's letters
            return answer.strip() == expected.strip()
        if given_words == wanted_words or _same_but_for_a_title(given_words, wanted_words):
            return True
        if self.text_only:
            return False
        if _same_but_for_dress(given_words, wanted_words):
            return True
        moment = same_moment(plain(answer), plain(expected))
        if moment is not None:
            return moment or same_formula(answer, expected)
        if same_formula(answer, expected):
            return True
        if brackets_differ(plain(answer), plain(expected)):
            return False
        wanted_list, answer_list = split_list(expected), split_list(answer)
        wanted, given = self._quantity(expected), self._quantity(answer)
        if wanted is not None and given is not None:
            if self._same_quantity(given, wanted):
                return True
            if answer_list is None or wanted_list is None or (_is_grouped(answer, expected) and not self.unordered):
                return False
        if wanted_list is None or answer_list is None:
            return False
        unordered = self.unordered or (_SET.fullmatch(plain(expected)) and _SET.fullmatch(plain(answer)))
        return self._same_list(answer_list, wanted_list, bool(unordered))

    def _same_list(self, answer: list[str], expected: list[str], unordered: bool) -> bool:
        if len(answer) != len(expected):
            return False
        if not unordered:
            return all(self._same_entry(*pair) for pair in zip(answer, expected, strict=True))
        left = list(answer)
        for entry in expected:
            match = next((index for index, given in enumerate(left) if self._same_entry(given, entry)), None)
            if match is None:
                return False
            left.pop(match)
        return True

    def _same_entry(self, answer: str, expected: str) -> bool:
        if self._words(answer) == self._words(expected):
            return True
        wanted, given = self._quantity(expected), self._quantity(answer)
        return (wanted is not None and given is not None and self._same_quantity(given, wanted)) or same_formula(
            answer, expected
        )

    def _same_quantity(self, given: Quantity, wanted: Quantity) -> bool:
        return same_quantity(given, wanted, tolerance=self.tolerance, relative_tolerance=self.relative_tolerance)

    def _quantity(self, text: str):
        if not self.number_words and not any(character.isdigit() for character in text):
            return None
        return parse_quantity(text)

    def _words(self, text: str) -> str:
        words = ["and" if word == "&" else word for word in _initials_joined(plain(text)).split()]
        if len(words) > 1 and words[0].lower() in ("the", "a", "an"):
            words = words[1:]
        joined = " ".join(words)
        return joined if self.case_sensitive else joined.casefold()


_INITIALS = re.compile(r"\b(?:[A-Z]\.){1,5}[A-Z]\Z|\b(?:[A-Z]\.\s?){2,6}(?=\s?\w|\Z)")
_ABBREVIATED = re.compile(r"\b(St|Mr|Mrs|Ms|Dr|Jr|Sr|Mt|Ft|Prof|vs|[A-Z])\.(?=\s|\Z)")
_JOINED_WORDS = re.compile(r"(?<=[^\W\d_]{2})-(?=[^\W\d_]{2})")
_IN_BRACKETS = re.compile(r"[\[{]([^\W\d][^,;:\[\]{}\\]{0,200})[\]}]")


def _initials_joined(text: str) -> str:
    """One way to write abbreviations: "J. R. R. Tolkien" and "J.R.R. Tolkien" as JRR Tolkien, "St. Paul" as St Paul."""
    if "." not in text:
        return text
    text = _INITIALS.sub(lambda found: found.group().replace(".", "").replace(" ", "") + " ", text).strip()
    return _ABBREVIATED.sub(r"\1", text)


def _same_but_for_dress(given: str, wanted: str) -> bool:
    """Whether a hyphen between words, or brackets around a word of the answer, are the only difference."""
    bare = _IN_BRACKETS.fullmatch(given)
    if bare is not None and wanted[:1] not in "[{":
        given = bare[1]
    return _JOINED_WORDS.sub(" ", given) == _JOINED_WORDS.sub(" ", wanted)


_TITLE = re.compile(r"(?:(?:mr|mrs|ms|dr|prof|professor|doctor|sir)\b\.?|(?:in|on|at|by)(?:\sthe)?)\s", re.IGNORECASE)
_SET = re.compile(r"\{[^:]{1,2000}\}")
_GROUPED = re.compile(r"\D{0,3}\d{1,3}(?:,\d{3})+\D{0,3}")


def _same_but_for_a_title(given: str, wanted: str) -> bool:
    """Whether one says "Dr." (or "on" before a day) and the other no title at all."""
    title, other = _TITLE.match(given), _TITLE.match(wanted)
    if (title is None) == (other is None):
        return False
    return given[title.end() :] == wanted if title is not None else given == wanted[other.end() if other else 0 :]


def _is_grouped(answer: str, expected: str) -> bool:
    """Whether both are numbers with commas between thousands, which are no lists."""
    return bool(_GROUPED.fullmatch(plain(answer)) and _GROUPED.fullmatch(plain(expected)))


_USUAL = Comparison()


def score_exact_match(answer: str, expected: str, config: Config) -> Score:
    """Compare the final answer with `expected` and with each of `any_of`.

    Raises:
        InvalidScorerConfig: an option has the wrong type.
    """
    comparison = Comparison.from_config(config) if config else _USUAL
    golds = [gold for gold in [_gold(expected), *text_list(config, "any_of")] if gold.strip()]
    if not golds:
        return invalid_label("the expected answer is empty, so no answer can be right or wrong")
    visible = visible_answer(answer)
    if visible.text is None:
        return failed(visible.fault or "no answer was given")
    if config.get("answer_type") == "python":
        return score_python_value(visible.text, golds)
    text = visible.text if any("<" in gold for gold in golds) else readable(visible.text)
    structured = [value for value in map(_structure, golds) if value is not None]
    if structured:
        return _score_structure(text, structured)
    kinds: set[Kind] = {_kind(gold, comparison.text_only) for gold in golds}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "text"
    # A reference of a sentence or more is not found by reading only the opening of an unmarked answer.
    brief = max(len(gold.split(None, _LONGEST_BRIEF_WORDS + 1)) for gold in golds) <= _LONGEST_BRIEF_WORDS
    candidates, how = flexible_readings(text, kind, brief)
    if kind == "list" and len(golds) == 1 and parse_quantity(golds[0]) is not None:
        candidates = candidates + flexible_readings(text, "number", brief)[0]
    strict_candidates, strict_how = strict_readings(text, kind == "number")
    if how == CORRECTED:
        strict_candidates, strict_how = [], "the marked answer is corrected after it"
    extracted, gold = _first_match(candidates, golds, comparison)
    strict_extracted, strict_gold = _first_match(strict_candidates, golds, comparison)
    wanted = " or ".join(repr(gold[:80]) for gold in golds)
    if gold is not None:
        explanation = f"{how} {extracted!r} matches {gold[:80]!r}"
        if strict_gold is None:
            explanation += f"; strictly not: {strict_how}"
    elif extracted is None:
        explanation = f"no final answer was found; expected {wanted}"
    else:
        explanation = f"{how} {extracted[:200]!r} is not {wanted}"
    return verdict(
        gold is not None,
        extracted,
        explanation,
        strict_passed=strict_gold is not None,
        strict_extracted=strict_extracted,
    )


@lru_cache(maxsize=1024)
def _kind(gold: str, text_only: bool) -> Kind:
    """What a reference is."""
    if not text_only and _PLAIN_NUMBER.fullmatch(gold):
        return "number"
    if not text_only and is_moment(plain(gold)):
        return "moment"
    if _is_list(gold) or (not text_only and _WHOLE_NUMBERS.fullmatch(gold)):
        return "list"
    return "number" if not text_only and parse_quantity(gold) is not None else "text"


@lru_cache(maxsize=1024)
def _remembered_same(comparison: Comparison, answer: str, expected: str) -> bool:
    """The strict and the flexible reading are mostly the same texts."""
    return comparison._same(answer, expected)


# A longer text is no number of at most 15 digits in whatever notation.
_LONGEST_DRESSED_NUMBER_CHARACTERS = 100
# "1,2" is two numbers or a decimal comma; both are looked for.
_WHOLE_NUMBERS = re.compile(r"-?[1-9]\d{0,5},\s?-?\d{1,2}|-?[1-9]\d{0,5},-\d{1,9}")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}")
# Marks around an answer are not longer than this, so a longer text is no short answer.
_LONGEST_DRESS_CHARACTERS = 20_000
_LONGEST_REMEMBERED_CHARACTERS = 200


def _gold(expected: str) -> str:
    """The reference answer; of a worked solution in GSM8K's manner, what follows the last `####`."""
    return expected.rsplit("####", 1)[1].strip() if "####" in expected else expected.strip()


def _structure(gold: str) -> Any:
    """The reference as JSON when it is an object or a nested list, which words cannot compare."""
    if gold[:1] not in ("{", "["):
        return None
    whole, value = loaded_json(gold)
    nested = isinstance(value, list) and any(isinstance(entry, dict | list) for entry in value)
    return value if whole and (nested or isinstance(value, dict)) else None


def _score_structure(text: str, golds: list[Any]) -> Score:
    """Compare JSON with JSON; spacing, key order and a fence are no difference. Strict: nothing else."""
    whole, value = loaded_json(text)
    strict = whole and any(same_json(value, gold) for gold in golds)
    if not whole:
        found = json_objects_in(text)
        if not found:
            return failed("the expected answer is JSON, and the answer holds none")
        value = found[-1]
    passed = any(same_json(value, gold) for gold in golds)
    shown = json.dumps(value, ensure_ascii=False)[:500]
    explanation = f"the JSON {shown} {'equals' if passed else 'is not'} the expected {json.dumps(golds[0])[:200]}"
    if passed and not strict:
        explanation += "; strictly not: other text stands around it"
    return verdict(passed, shown, explanation, strict_passed=strict, strict_extracted=text.strip() if whole else None)


def _is_list(text: str) -> bool:
    entries = split_list(text)
    return entries is not None and len(entries) > 1 and parse_quantity(text) is None


def _first_match(candidates: list[str], golds: list[str], comparison: Comparison) -> tuple[str | None, str | None]:
    """The candidate that matches and the reference it matches; else the shortest candidate and None."""
    for candidate in candidates:
        for gold in golds:
            if comparison.same(candidate, gold):
                return plain(candidate), gold
    return (plain(candidates[-1]) if candidates else None), None


EXACT_MATCH = Scorer(
    name="exact_match",
    version=3,
    function=score_exact_match,
    config_keys={
        "any_of": "more accepted answers",
        "case_sensitive": "capitals matter (false)",
        "tolerance": "largest absolute difference of numbers (0)",
        "relative_tolerance": "largest difference of numbers as a share of the expected one (0)",
        "number_words": '"twelve" is 12 (true)',
        "unordered": "the order of list entries does not matter (false)",
        "answer_type": '"text" compares words only, so that "007" is not 7; "python" compares literals ("auto")',
    },
)
