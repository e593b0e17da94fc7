"""What a question's options say: names that no scorer reads, options that read alike, words that nobody asked for.

Belongs here: faults of a `scorer_config` that the scorer itself cannot see. Does not belong here: what an option may
hold (the scorers refuse that themselves), or other checks of a question (`question_validation`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from epyc_assets.suites.question import JSON, Question

_FOREIGN = {"verifier"}
"""Read for the files of other projects; a question of ours has `instructions`."""
_WORDS_CHECKED = ("keywords", "forbidden_words", "end_phrase")
_WORD = re.compile(r"\w+")


def unread_option(question: Question) -> str | None:
    """What to say about the first option that the question's scorer does not read, or None."""
    from epyc_assets.scoring import SCORERS

    scorer = SCORERS.get(question.scorer)
    options = sorted(set(scorer.config_keys) - _FOREIGN) if scorer is not None else []
    if not options:  # a judge reads whatever its rubric says
        return None
    for name in question.scorer_config:
        if name not in options:
            near = difflib.get_close_matches(str(name), options, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else "take it out"
            return f"{question.scorer} reads no option {name!r} ({remedy}); its options are {', '.join(options)}"
    return None


def alike_choices(question: Question) -> str | None:
    """What to say where two options of a choice read alike: then two letters are right, or none."""
    given = question.scorer_config.get("choices") if question.scorer == "multiple_choice" else None
    if isinstance(given, Mapping):
        named = [(str(letter), str(text)) for letter, text in given.items()]
    elif isinstance(given, Sequence) and not isinstance(given, str):
        named = [(chr(ord("A") + place), str(text)) for place, text in enumerate(given)]
    else:
        return None
    first: dict[str, str] = {}
    for letter, text in named:
        plain = " ".join(text.split())
        earlier = first.setdefault(plain, letter)
        if earlier != letter:
            return f"the options {earlier} and {letter} both read {plain[:80]!r}: make them differ"
    return None


def shows_all_tests(question: Question) -> bool:
    """Whether the prompt of a programming question holds every test: then a table of their results passes."""
    if question.scorer != "code_execution":
        return False
    config, prompt = question.scorer_config, " ".join(question.prompt.split())
    texts: list[str] = []
    code = config.get("test_code")
    if isinstance(code, str):
        texts += [line.strip() for line in code.splitlines() if line.strip().startswith("assert")]
    for test in (*_tests(config.get("function_tests")), *_tests(config.get("io_tests"))):
        arguments = test.get("args", ())
        if isinstance(arguments, Sequence) and not isinstance(arguments, str):
            texts += [f"({', '.join(map(repr, arguments))})"] if "args" in test else []
        texts += [str(test[key]) for key in ("stdin", "stdout") if str(test.get(key, "")).strip()]
    return bool(texts) and all(" ".join(text.split()) in prompt for text in texts)


def _tests(given: object) -> list[Mapping[str, JSON]]:
    listed = given if isinstance(given, Sequence) and not isinstance(given, str) else ()
    return [test for test in listed if isinstance(test, Mapping)]


def unasked_words(question: Question) -> list[str]:
    """Words that a programmatic question checks and that its prompt does not name."""
    instructions = question.scorer_config.get("instructions") if question.scorer == "programmatic" else None
    prompt = set(_WORD.findall(question.prompt.casefold()))
    checked: list[str] = []
    for instruction in instructions if isinstance(instructions, Sequence) else ():
        given = instruction.get("kwargs") if isinstance(instruction, Mapping) else None
        for option in _WORDS_CHECKED:
            wanted = given.get(option) if isinstance(given, Mapping) else None
            checked += [wanted] if isinstance(wanted, str) else map(str, wanted if isinstance(wanted, Sequence) else ())
    return [text for text in checked if not set(_WORD.findall(text.casefold())) <= prompt]
