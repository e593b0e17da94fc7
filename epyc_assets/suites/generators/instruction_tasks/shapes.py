"""Shapes of an answer: prose, bullets, paragraphs, sections, JSON, lists, two replies, fixed replies, other languages.

Belongs here: how each shape is asked for and built, and what goes with it. Does not belong here: constraints that go
with
several shapes (`constraints`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from epyc_assets.suites.generators.instruction_tasks.constraints import BOUNDS, Draft
from epyc_assets.suites.generators.instruction_tasks.topics import LANGUAGES, TOPICS, Topic
from epyc_assets.suites.generators.phrases import GOODS, PEOPLE, TOWNS, listed

_WORDED = tuple(BOUNDS)


@dataclass(frozen=True, slots=True)
class Shape:
    """build(source, tier) gives the request and a draft; changes and bounds: what may be asked besides."""

    name: str
    build: Callable[[random.Random, int], tuple[str, Draft]]
    changes: tuple[str, ...] = ()
    bounds: tuple[str, ...] = _WORDED


def _topic(source: random.Random) -> tuple[Topic, str]:
    topic = source.choice(TOPICS)
    verb = source.choice(("Write", "Draft", "Please write"))
    return topic, f"{verb} {topic.request.format(place=source.choice(TOWNS))}."


def _sentences(source: random.Random, topic: Topic, count: int) -> list[str]:
    return [f"{sentence}." for sentence in source.sample(topic.sentences, count)]


def _paragraphs(source: random.Random, topic: Topic, count: int) -> list[str]:
    """So many paragraphs of two sentences each."""
    sentences = _sentences(source, topic, 2 * count)
    return [" ".join(sentences[place : place + 2]) for place in range(0, 2 * count, 2)]


def _prose(source: random.Random, tier: int) -> tuple[str, Draft]:
    topic, request = _topic(source)
    count = source.randint(3, 4 + tier)
    draft = Draft(topic, " ".join(_sentences(source, topic, count)))
    draft.add(
        f"Write at least {count - 1} sentences.",
        "length_constraints:number_sentences",
        relation="at least",
        num_sentences=count - 1,
    )
    if tier > 1:
        # Room for the sentences that other requests add.
        draft.add(
            f"Write fewer than {count + 4} sentences.",
            "length_constraints:number_sentences",
            relation="less than",
            num_sentences=count + 4,
        )
    return request, draft


def _bullets(source: random.Random, tier: int) -> tuple[str, Draft]:
    topic, request = _topic(source)
    count = source.randint(3, 4 + tier)
    draft = Draft(topic, "\n".join(f"- {sentence}" for sentence in _sentences(source, topic, count)))
    draft.add(
        f"Make it exactly {count} bullet points, each on a line of its own that starts with a hyphen.",
        "detectable_format:number_bullet_lists",
        num_bullets=count,
    )
    return request, draft


def _starred(source: random.Random, tier: int) -> tuple[str, Draft]:
    topic, request = _topic(source)
    count = source.randint(2, 2 + tier)
    paragraphs = _paragraphs(source, topic, count)
    draft = Draft(topic, "\n***\n".join(paragraphs))
    draft.add(
        f"Write exactly {count} paragraphs, parted by a line with three asterisks: ***",
        "length_constraints:number_paragraphs",
        num_paragraphs=count,
    )
    return request, draft


def _first_word(source: random.Random, tier: int) -> tuple[str, Draft]:
    topic, request = _topic(source)
    count = source.randint(2, 2 + tier)
    paragraphs = _paragraphs(source, topic, count)
    place = source.randint(1, count)
    word = paragraphs[place - 1].split()[0]
    draft = Draft(topic, "\n\n".join(paragraphs))
    draft.add(
        f"Write exactly {count} paragraphs with a blank line between them; paragraph {place} must begin with "
        f"the word {word}.",
        "length_constraints:nth_paragraph_first_word",
        num_paragraphs=count,
        nth_paragraph=place,
        first_word=word.lower(),
    )
    return request, draft


def _sections(source: random.Random, tier: int) -> tuple[str, Draft]:
    topic, request = _topic(source)
    count, word = source.randint(2, 2 + tier), source.choice(("Section", "Part", "Chapter"))
    sentences = _sentences(source, topic, count)
    draft = Draft(topic, "\n".join(f"{word} {place}\n{text}" for place, text in enumerate(sentences, start=1)))
    draft.add(
        f"Divide it into at least {count} sections, each with a heading of the form {word} X ({word} 1, "
        f"{word} 2 and so on).",
        "detectable_format:multiple_sections",
        section_spliter=word,
        num_sections=count,
    )
    return request, draft


def _two(source: random.Random, tier: int) -> tuple[str, Draft]:
    topic, request = _topic(source)
    sentences = _sentences(source, topic, 2 + 2 * tier)
    half = len(sentences) // 2
    draft = Draft(topic, f"{' '.join(sentences[:half])}\n******\n{' '.join(sentences[half:])}")
    draft.add(
        "Give two different versions and nothing else, parted by a line with six asterisks: ******",
        "combination:two_responses",
    )
    return request, draft


def _json(source: random.Random, tier: int) -> tuple[str, Draft]:
    topic = source.choice(TOPICS)
    person, town, guests = source.choice(PEOPLE), source.choice(TOWNS), source.randint(5, 90)
    things = source.sample(GOODS, tier + 1)
    value = {"host": person, "town": town, "guests": guests, "things": things}
    properties: dict = {
        "host": {"const": person},
        "town": {"const": town},
        "guests": {"const": guests},
        "things": {"type": "array", "items": {"type": "string"}, "minItems": len(things), "maxItems": len(things)},
    }
    request = (
        f"{person} from {town} gives a feast for {guests} guests and brings {listed(things)}. Describe it as "
        f"one JSON object "
        f"with exactly these keys: host, town, guests (a number) and things (a list of {len(things)} strings)."
    )
    draft = Draft(topic, json.dumps(value, indent=1))
    draft.add("Reply with the JSON only.", "detectable_format:json_format")
    schema = {"type": "object", "properties": properties, "required": list(value), "additionalProperties": False}
    draft.add("", "format:json_schema", schema=schema)
    draft.add("", "keywords:existence", keywords=list(things))
    return request, draft


def _word_list(source: random.Random, tier: int) -> tuple[str, Draft]:
    things = source.sample(GOODS, 4 + tier * 2)
    letter = source.choice("aeiou")
    wanted, rules = list(things), "in alphabetical order"
    if tier > 1 and sum(letter not in thing for thing in things) >= 2:
        wanted, rules = [thing for thing in things if letter not in thing], (
            f"in alphabetical order, leaving out those that contain the letter {letter}"
        )  # fmt: skip
    wanted.sort()
    if tier > 2:
        wanted.sort(key=len)
        rules = rules.replace("in alphabetical order", "the shortest first and words of equal length alphabetically")
    draft = Draft(source.choice(TOPICS), ", ".join(wanted))
    draft.add("Reply with the words only, on one line, parted by commas.", "format:exact_list", items=list(wanted))
    return f"Here are some words: {' '.join(things)}. List them {rules}.", draft


def _repeat(source: random.Random, tier: int) -> tuple[str, Draft]:
    word, count = source.choice(GOODS), source.randint(3, 5 + tier * 5)
    draft = Draft(source.choice(TOPICS), " ".join([word] * count))
    draft.add("Write nothing else.", "keywords:repeat_count", word=word, count=count, only=True)
    return f"Write the word {word} exactly {count} times with blanks between.", draft


def _fixed(source: random.Random, tier: int) -> tuple[str, Draft]:
    divisor, factor, rest = source.randint(3, 12), source.randint(6, 10 ** (tier + 1)), source.choice((0, 0, 1, 2))
    number = divisor * factor + rest
    answer = f"My answer is {'yes' if rest == 0 else 'no'}."
    draft = Draft(source.choice(TOPICS), answer)
    draft.add(
        "Reply with one of these sentences as it stands here: 'My answer is yes.', 'My answer is no.', 'My "
        "answer is maybe.'",
        "detectable_format:constrained_response",
    )
    draft.add("", "keywords:existence", keywords=[answer])
    return f"Is {number} divisible by {divisor}?", draft


def _language(source: random.Random, tier: int) -> tuple[str, Draft]:
    code = source.choice(sorted(LANGUAGES))
    name, sentences, last = LANGUAGES[code]
    count = source.randint(3, 5)
    text = " ".join(source.sample(sentences, count))
    draft = Draft(source.choice(TOPICS), text if tier == 1 else f"{text} {last}")
    draft.add(f"The whole reply must be in {name}.", "language:response_language", language=code)
    draft.add(
        f"Write at least {count} sentences.",
        "length_constraints:number_sentences",
        relation="at least",
        num_sentences=count,
    )
    if tier > 1:
        draft.add(f"The reply must end with these words: {last}", "startend:end_checker", end_phrase=last)
    return f"Describe an old village near {source.choice(TOWNS)} in a few sentences.", draft


def _repeat_request(source: random.Random, tier: int) -> tuple[str, Draft]:
    topic, request = _topic(source)
    draft = Draft(topic, f"{request}\n\n{' '.join(_sentences(source, topic, 2 + tier))}")
    draft.add(
        f"First repeat this one sentence word for word, then carry it out: {request}",
        "combination:repeat_prompt",
        prompt_to_repeat=request,
    )
    return "", draft


SHAPES = (
    Shape("prose", _prose, ("highlights", "placeholders", "capital words", "ending", "small", "capitals", "quoted")),
    Shape("bullets", _bullets, ("capital words", "title", "small", "capitals")),
    Shape("starred paragraphs", _starred, ("capital words", "ending", "title", "postscript", "small", "capitals")),
    # No postscript: on lines of its own it would read as one paragraph too many.
    Shape("first word", _first_word, ("highlights", "placeholders", "capital words", "ending", "small")),
    Shape("sections", _sections, ("highlights", "title", "postscript", "ending", "capital words")),
    Shape("two versions", _two, ("small", "capitals", "capital words")),
    Shape("json", _json, (), ("forbidden", "letter")),
    Shape("word list", _word_list, ("small", "capitals"), ("letter",)),
    Shape("repeated word", _repeat, ("capitals",), ("no comma",)),
    Shape("fixed reply", _fixed, (), ("no comma", "most words", "forbidden")),
    Shape("language", _language, (), ("no comma", "most words", "least words")),
    Shape("repeated request", _repeat_request, ("ending", "postscript"), _WORDED),
)
