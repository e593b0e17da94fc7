"""What several generators word in the same way: people, places, and how a prompt asks for its answer.

Belongs here: word lists and `reasoned_task`, which adds the request for a marked answer. Does not belong here:
anything about one kind of task.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Task

PEOPLE: tuple[str, ...] = (
    "Amira", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hiroshi", "Ines", "Jonas", "Kavya", "Liam",
    "Mirela", "Noor", "Oskar", "Priya", "Quentin", "Rosa", "Stellan", "Tamsin", "Umar", "Vera", "Wanjiru", "Yusuf",
)  # fmt: skip

TOWNS: tuple[str, ...] = (
    "Arnholt", "Brackwater", "Cindermoor", "Dunvale", "Eastmere", "Fallow Hill", "Glenorra", "Harrowgate", "Ivybridge",
    "Kestrel Bay", "Larkspur", "Millbrook", "Northam", "Oakhaven", "Pinecrest", "Quarry End",
)  # fmt: skip

GOODS: tuple[str, ...] = (
    "lanterns", "notebooks", "saddles", "kettles", "tiles", "ropes", "mugs", "brushes", "cushions", "bolts",
    "candles", "baskets", "chisels", "blankets", "whistles", "planters",
)  # fmt: skip

ANSWER_TOKENS: Mapping[int, int] = {1: 1024, 2: 2048, 3: 4096}
"""Room for an answer by tier, in tokens; models that think aloud before they answer need it."""

_ENDINGS = (
    "Finish with a line of the form 'Answer: {form}'.",
    "You may reason first; the last line must read 'Answer: {form}'.",
    "Put the result on the last line as 'Answer: {form}'.",
    "End your reply with 'Answer: {form}' on a line of its own.",
    "Whatever else you write, close with the line 'Answer: {form}'.",
    "Show your work if it helps you, and state the result last as 'Answer: {form}'.",
    "The reply must end in a line that says 'Answer: {form}' and nothing more.",
    "A last line 'Answer: {form}' is what counts.",
)


def reasoned_task(
    source: random.Random,
    *,
    key: Sequence[JSON],
    tier: int,
    text: str,
    answer: str,
    steps: str,
    form: str = "<number>",
    config: Mapping[str, JSON] | None = None,
    scorer: str = "exact_match",
    max_tokens: int | None = None,
) -> Task:
    """A task whose answer is asked for on a marked last line; form: what stands in its place in the request."""
    separator = "\n" if "\n" in text else " "
    return Task(
        key=tuple(key),
        tier=tier,
        prompt=f"{text}{separator}{source.choice(_ENDINGS).format(form=form)}",
        expected=answer,
        worked_answer=f"{steps}\nAnswer: {answer}",
        scorer=scorer,
        scorer_config=dict(config or {}),
        max_tokens=max_tokens or ANSWER_TOKENS[tier],
    )


def fraction_text(value: Fraction) -> str:
    """A fraction in lowest terms as people write it: 3/4, or 5 for a whole number."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def with_article(word: str | int) -> str:
    """A word or a number of one to four digits with a or an as it is read aloud: an orange, an 11, a 20."""
    said = str(word)
    return f"{'an' if said[0] in 'aeiou8' or re.match('1[18](?![0-9])', said) else 'a'} {said}"


def counted(number: int, word: str) -> str:
    """A number and a noun in the right number: 1 block, 2 blocks."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Words joined as in a sentence: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
