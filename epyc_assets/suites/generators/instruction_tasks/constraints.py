"""Constraints on a text, each with the words that ask for it and what it does to an answer that is being built.

Belongs here: `Draft`, and the constraints that go with several shapes. Does not belong here: shapes (`shapes`).
Changes of
the text come first, in the order of CHANGES; bounds on what is counted are read off the finished text, so they hold.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from epyc_assets.suites.generators.instruction_tasks.topics import Topic
from epyc_assets.suites.generators.phrases import listed
from epyc_assets.suites.question import JSON


@dataclass(slots=True)
class Draft:
    """An answer being built: its text, what was asked so far, and the instructions that verify it."""

    topic: Topic
    text: str
    asked: list[str] = field(default_factory=list)
    instructions: list[JSON] = field(default_factory=list)

    def add(self, said: str, identifier: str, **arguments: JSON) -> None:
        """Ask for one thing more."""
        if said:
            self.asked.append(said)
        self.instructions.append({"id": identifier, "kwargs": arguments})


def _highlights(source: random.Random, draft: Draft) -> None:
    # A word in the middle of a line: at the start of one it would read as a bullet.
    words = list(dict.fromkeys(re.findall(r"(?<= )[a-z]{5,}(?= )", draft.text)))
    count = min(source.randint(1, 2), len(words))
    if not count:
        return
    for word in source.sample(words, count):
        draft.text = re.sub(rf"(?<= ){word}(?= )", f"*{word}*", draft.text, count=1)
    draft.add(
        f"Highlight at least {count} part{'s' * (count > 1)} of the text in Markdown, *like this*.",
        "detectable_format:number_highlighted_sections",
        num_highlights=count,
    )


def _placeholders(source: random.Random, draft: Draft) -> None:
    names = source.sample(("name", "date", "address", "telephone", "sender"), source.randint(1, 3))
    draft.text += f" Questions go to {' '.join(f'[{name}]' for name in names)}."
    draft.add(
        f"Use at least {len(names)} placeholder{'s' * (len(names) > 1)} in square brackets, such as [address].",
        "detectable_content:number_placeholders",
        num_placeholders=len(names),
    )


def _capital_words(source: random.Random, draft: Draft) -> None:
    words = list(dict.fromkeys(re.findall(r"(?<= )[a-z]{5,}(?= )", draft.text)))
    count = min(source.randint(2, 4), len(words))
    if not count:
        return
    for word in source.sample(words, count):
        draft.text = re.sub(rf"(?<= ){word}(?= )", word.upper(), draft.text, count=1)
    draft.add(
        f"At least {count} word{'s' * (count > 1)} must be written entirely in capital letters.",
        "change_case:capital_word_frequency",
        capital_frequency=count,
        capital_relation="at least",
    )


def _ending(source: random.Random, draft: Draft) -> None:
    phrase = source.choice(("See you soon.", "That is all for now.", "Thank you for reading.", "Have a pleasant day."))
    draft.text = f"{draft.text.rstrip()} {phrase}"
    draft.add(
        f"The very last words must be: {phrase} Nothing may follow them.", "startend:end_checker", end_phrase=phrase
    )


def _title(source: random.Random, draft: Draft) -> None:
    draft.text = f"<<{draft.topic.title}>>\n{draft.text}"
    draft.add("Put a title in double angular brackets, such as <<a title>>, above it.", "detectable_format:title")


def _postscript(source: random.Random, draft: Draft) -> None:
    marker = source.choice(("P.S.", "P.P.S"))
    draft.text = f"{draft.text}\n{marker} Do not forget it"
    draft.add(f"Add a postscript at the end that starts with {marker}", "detectable_content:postscript",
              postscript_marker=marker)  # fmt: skip
    draft.asked[-1] += "" if marker.endswith(".") else "."


def _small(source: random.Random, draft: Draft) -> None:
    draft.text = draft.text.lower()
    draft.add("Write in English and use small letters only.", "change_case:english_lowercase")


def _capitals(source: random.Random, draft: Draft) -> None:
    draft.text = draft.text.upper()
    draft.add("Write in English and use capital letters only.", "change_case:english_capital")


def _quoted(source: random.Random, draft: Draft) -> None:
    draft.text = f'"{draft.text}"'
    draft.add("Put the whole reply into double quotation marks.", "startend:quotation")


CHANGES: Mapping[str, Callable[[random.Random, Draft], None]] = {
    "highlights": _highlights,
    "placeholders": _placeholders,
    "capital words": _capital_words,
    "ending": _ending,
    "title": _title,
    "postscript": _postscript,
    "small": _small,
    "capitals": _capitals,
    "quoted": _quoted,
}
"""By name, in the order in which they are made."""

CONFLICTS = (
    {"small", "capitals", "capital words"},
    {"postscript", "ending", "small", "capitals"},
    {"postscript", "quoted"},
    {"small", "postscript"},
)
"""Of each set, at most one is asked for."""


def _keywords(source: random.Random, draft: Draft) -> None:
    words = sorted({word.lower() for word in re.findall(r"[A-Za-z]{5,}", draft.text)})
    chosen = source.sample(words, min(len(words), source.randint(1, 3)))
    draft.add(f"Use the word{'s' * (len(chosen) > 1)} {listed(chosen)}.", "keywords:existence", keywords=list(chosen))


def _forbidden(source: random.Random, draft: Draft) -> None:
    chosen = source.sample(draft.topic.avoided, source.randint(1, 3))
    names = chosen[0] if len(chosen) == 1 else f"{', '.join(chosen[:-1])} or {chosen[-1]}"
    draft.add(f"Do not use the word{'s' * (len(chosen) > 1)} {names}.", "keywords:forbidden_words",
              forbidden_words=list(chosen))  # fmt: skip


def _frequency(source: random.Random, draft: Draft) -> None:
    words = sorted({word.lower() for word in re.findall(r"[A-Za-z]{4,}", draft.text)})
    counts = {word: draft.text.lower().count(word) for word in words}
    most = max(counts.values())
    word = source.choice([word for word, count in counts.items() if count == most])
    times = "once" if most == 1 else f"{most} times"
    draft.add(f"The word {word} must occur at least {times}.", "keywords:frequency", keyword=word, frequency=most,
              relation="at least")  # fmt: skip


def _letter(source: random.Random, draft: Draft) -> None:
    letter = source.choice("bdfghklmpwy")
    count = draft.text.lower().count(letter)
    if count >= 3 and source.random() < 0.5:
        bound, relation, said = count - count // 3, "at least", "at least"
    else:
        # Never "fewer than 1": nobody would say it so.
        bound, relation, said = max(2, count + source.randint(1, 3)), "less than", "fewer than"
    draft.add(
        f"The letter {letter}, small or capital, must occur {said} {bound} times.",
        "keywords:letter_frequency",
        letter=letter,
        let_frequency=bound,
        let_relation=relation,
    )


def _no_comma(source: random.Random, draft: Draft) -> None:
    draft.add("Use no commas anywhere.", "punctuation:no_comma")


def _least_words(source: random.Random, draft: Draft) -> None:
    count = len(re.findall(r"\w+", draft.text))
    least = max(1, count - source.randint(1, 3 + count // 3))
    draft.add(f"Use at least {least} words.", "length_constraints:number_words", relation="at least", num_words=least)


def _most_words(source: random.Random, draft: Draft) -> None:
    count = len(re.findall(r"\w+", draft.text))
    most = count + source.randint(1, 3 + count // 3)
    draft.add(f"Use fewer than {most} words.", "length_constraints:number_words", relation="less than", num_words=most)


BOUNDS: Mapping[str, Callable[[random.Random, Draft], None]] = {
    "keywords": _keywords,
    "forbidden": _forbidden,
    "frequency": _frequency,
    "letter": _letter,
    "no comma": _no_comma,
    "least words": _least_words,
    "most words": _most_words,
}
"""By name; they go with one another and with all changes."""
