"""The scoring methods and verifiers of the foreign layouts, in this project's own.

Belongs here: what each of their names and options becomes, or why it becomes nothing. Does not belong here: reading
files (`foreign_layouts`), scoring. A name or option that is not known raises: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from epyc_assets.suites.question import JSON


class NoEquivalent(ValueError):
    """A scoring method, verifier or option that has no equivalent here; the message says which and what is known."""


@dataclass(slots=True)
class Mapped:
    """A question's scorer and config in our words, and notes on what is said otherwise than there."""

    scorer: str
    config: dict[str, JSON]
    notes: list[str] = field(default_factory=list)


Kwargs = Mapping[str, JSON]
Instructions = list[dict[str, JSON]]


def mapped_scorer(method: str, config: Mapping[str, JSON]) -> Mapped:
    """Scorer and config for a foreign method and its config. Raises NoEquivalent."""
    mapping = _METHODS.get(method)
    if mapping is None:
        raise NoEquivalent(f"the scoring method {method!r} is not known; known are {', '.join(_METHODS)}")
    return mapping(config)


def _taken(config: Mapping[str, JSON], known: tuple[str, ...], method: str) -> dict[str, JSON]:
    unknown = sorted(set(config) - set(known))
    if unknown:
        raise NoEquivalent(f"{method} has the option {unknown[0]!r}, which is not known; known are {', '.join(known)}")
    return dict(config)


def _exact_match(config: Mapping[str, JSON]) -> Mapped:
    given = _taken(config, ("extract_pattern", "case_sensitive", "tolerance", "normalize"), "exact_match")
    notes = []
    pattern = given.pop("extract_pattern", None)
    if pattern is not None:
        if not isinstance(pattern, str) or not re.match(
            r"(?:####|\\\\boxed|(?:\(\?i\))?(?:[Ff]inal )?[Aa]nswer)", pattern
        ):
            raise NoEquivalent(f"extract_pattern {pattern!r} is no marker of a final answer that exact_match knows")
        notes.append(f"extract_pattern {pattern} left out: exact_match finds the last final answer itself")
    if given.pop("normalize", True) is not True:
        raise NoEquivalent("normalize: false has no equivalent: exact_match compares normalised answers")
    return Mapped("exact_match", given, notes)


def _code_execution(config: Mapping[str, JSON]) -> Mapped:
    given = _taken(config, ("language", "timeout", "test_code", "entry_point"), "code_execution")
    if "timeout" in given:
        given["timeout_s"] = given.pop("timeout")
    if not isinstance(given.get("test_code"), str) or not str(given["test_code"]).strip():
        raise NoEquivalent("code_execution has no test_code: nothing would be tested")
    return Mapped("code_execution", given)


def _f1(config: Mapping[str, JSON]) -> Mapped:
    return Mapped("f1", _taken(config, ("threshold", "any_of"), "f1"))


def _substring(config: Mapping[str, JSON]) -> Mapped:
    given = _taken(config, ("case_sensitive", "any_of", "all_of", "none_of"), "substring")
    return Mapped("substring", given)


def _multiple_choice(config: Mapping[str, JSON]) -> Mapped:
    given = _taken(config, ("choices", "extract_pattern"), "multiple_choice")
    pattern = given.pop("extract_pattern", None)
    notes = [f"extract_pattern {pattern} left out: multiple_choice finds the letter itself"] if pattern else []
    return Mapped("multiple_choice", given, notes)


def _programmatic(config: Mapping[str, JSON]) -> Mapped:
    rest = dict(config)
    name = rest.pop("verifier", None)
    if not isinstance(name, str) or name not in _VERIFIERS:
        raise NoEquivalent(f"the verifier {name!r} is not known; known are {', '.join(sorted(_VERIFIERS))}")
    keys, optional, instructions = _VERIFIERS[name]
    unknown = sorted(set(rest) - set(keys) - set(optional))
    if unknown:
        raise NoEquivalent(f"the verifier {name} has the option {unknown[0]!r}, which is not known")
    missing = [key for key in keys if rest.get(key) is None]
    if missing:
        raise NoEquivalent(f"the verifier {name} lacks {missing[0]!r}: nothing would be checked")
    return Mapped("programmatic", {"instructions": instructions(rest)}, [*_NOTES.get(name, [])])


def _rubric(config: Mapping[str, JSON]) -> Mapped:
    return Mapped("judge", dict(config))


_METHODS: Mapping[str, Callable[[Mapping[str, JSON]], Mapped]] = {
    "exact_match": _exact_match,
    "multiple_choice": _multiple_choice,
    "substring": _substring,
    "f1": _f1,
    "programmatic": _programmatic,
    "code_execution": _code_execution,
    "rubric": _rubric,
    "llm_judge": _rubric,
    "judge": _rubric,
}


def _instruction(identifier: str, **kwargs: JSON) -> dict[str, JSON]:
    return {"id": identifier, "kwargs": kwargs} if kwargs else {"id": identifier}


def _number(given: Kwargs, key: str) -> int:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NoEquivalent(f"{key} is {value!r}, not a whole number of zero or more")
    return value


def _text(given: Kwargs, key: str) -> str:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
        raise NoEquivalent(f"{key} is {value!r}, not a text that is not empty")
    return str(value)


def _texts(given: Kwargs, key: str) -> list[JSON]:
    value = given.get(key)
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or not entries or not all(isinstance(e, str) and e.strip() for e in entries):
        raise NoEquivalent(f"{key} is {value!r}, not a list of texts, none empty")
    return list(entries)


def _threshold(identifier: str, relation: str, key: str = "count") -> Callable[[Kwargs], Instructions]:
    return lambda given: [_instruction(identifier, **{key: _number(given, "threshold")}, relation=relation)]


def _range(identifier: str, key: str = "count") -> Callable[[Kwargs], Instructions]:
    def instructions(given: Kwargs) -> Instructions:
        low, high = _number(given, "min_val"), _number(given, "max_val")
        if low > high:
            raise NoEquivalent(f"min_val {low} is above max_val {high}: no answer could pass")
        if low == high:
            return [_instruction(identifier, **{key: low}, relation="exactly")]
        bounds = ((low, "at least"), (high, "at most"))
        return [_instruction(identifier, **{key: count}, relation=relation) for count, relation in bounds]

    return instructions


def _lines(identifier: str, least: int) -> Callable[[Kwargs], Instructions]:
    """Theirs asks for any; a count, where there is one, is kept."""

    def instructions(given: Kwargs) -> Instructions:
        count = _number(given, "threshold") if given.get("threshold") is not None else least
        return [_instruction(identifier, count=count, relation="at least")]

    return instructions


def _fixed(identifier: str) -> Callable[[Kwargs], Instructions]:
    return lambda given: [_instruction(identifier)]


_SENTENCES = "length_constraints:number_sentences"
_NOTES: Mapping[str, list[str]] = {
    "json_valid": ["json_valid: the whole answer must be JSON, prose around it is not allowed"],
    "paragraph_count": ["paragraph_count: exactly so many paragraphs, parted by blank lines"],
}
_VERIFIERS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[Kwargs], Instructions]]] = {
    "word_count_range": (("min_val", "max_val"), (), _range("count:words")),
    "word_count_min": (("threshold",), (), _threshold("count:words", "at least")),
    "word_count_max": (("threshold",), (), _threshold("count:words", "at most")),
    "word_count_exact": (("threshold",), (), _threshold("count:words", "exactly")),
    "sentence_count_min": (("threshold",), (), _threshold(_SENTENCES, "at least", "num_sentences")),
    "sentence_count_max": (("threshold",), (), _threshold(_SENTENCES, "at most", "num_sentences")),
    "sentence_count": (("threshold",), (), _threshold(_SENTENCES, "exactly", "num_sentences")),
    "sentence_count_range": (("min_val", "max_val"), (), _range(_SENTENCES, "num_sentences")),
    "paragraph_count": (("threshold",), (), _threshold("count:paragraphs", "exactly")),
    "paragraph_count_min": (("threshold",), (), _threshold("count:paragraphs", "at least")),
    "contains_keyword": (
        ("keyword",), (), lambda given: [_instruction("keywords:existence", keywords=[_text(given, "keyword")])],
    ),
    "contains_keywords": (
        ("keywords",), (), lambda given: [_instruction("keywords:existence", keywords=_texts(given, "keywords"))],
    ),
    "no_keyword": (
        ("keyword",), (),
        lambda given: [_instruction("keywords:forbidden_words", forbidden_words=[_text(given, "keyword")])],
    ),
    "no_keywords": (
        ("keywords",), (),
        lambda given: [_instruction("keywords:forbidden_words", forbidden_words=_texts(given, "keywords"))],
    ),
    "numbered_list": ((), ("threshold",), _lines("count:numbered_lines", 2)),
    "bullet_list": ((), ("threshold",), _lines("count:bullet_lines", 2)),
    "comma_separated": ((), ("threshold",), _lines("count:comma_entries", 2)),
    "json_valid": ((), (), _fixed("detectable_format:json_format")),
    "all_uppercase": ((), (), _fixed("case:capitals")),
    "all_lowercase": ((), (), _fixed("case:small")),
    "no_comma": ((), (), _fixed("punctuation:no_comma")),
    "quotation": ((), (), _fixed("startend:quotation")),
    "title": ((), (), _fixed("detectable_format:title")),
    "starts_with": (("text",), (), lambda given: [_instruction("start:text", text=_text(given, "text"))]),
    "ends_with": (
        ("text",), (), lambda given: [_instruction("startend:end_checker", end_phrase=_text(given, "text"))],
    ),
    "highlighted_sections": (
        ("threshold",), (),
        lambda given: [
            _instruction(
                "detectable_format:number_highlighted_sections", num_highlights=_number(given, "threshold")
            )
        ],
    ),
    "language": (
        ("language",), (),
        lambda given: [_instruction("language:response_language", language=_text(given, "language"))],
    ),
}  # fmt: skip
"""Their verifier: options it must have, options it may have, and our instructions for them."""
