"""Finding the answer inside a response: thinking blocks, marked final answers, readings of a statement.

Belongs here: what the model's final answer *is*, as text. Does not belong here: whether that answer is right
(the scorers), nor what a number means (`quantities.py`). Every pattern here is linear in the length of the
response: nothing is cut away to make it so.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_THINKING_TAG = re.compile(
    r"(`?)(?:<\s?(/?)\s?(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|scratch_?pad|reflection"
    r"|inner_monologue|ant_?thinking)(?:\s[^<>]{0,100})?>|\[(/?)THINK\]"
    r"|<\|(?:begin|(end))_of_thought\|>|◁(/?)think▷|<\|(/?)think(?:ing)?\|>|<\|(?:start|(end))_thinking\|>"
    r"|<\|inner_(?:prefix|(suffix))\|>"
    r"|<unused94>|(<unused95>))",
    re.IGNORECASE,
)
_FINAL_CHANNEL = re.compile(
    r"<\|channel\|>\s?final\b[^<]{0,40}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>"
    # The same with the special tokens left out in decoding: "analysisWe need ...assistantfinalThe answer ..."
    r"|(?<=[^\s\w])assistantfinal|assistantfinal(?=[^a-z])"
)
_BARE_ANALYSIS = re.compile(r"\s{0,4}analysis(?=[A-Z\d])")
_CHANNEL_WORD = re.compile(r"<\|channel\|>|assistantfinal")
_TOOL_CHANNEL = "<|channel|>commentary to="
_ANALYSIS_CHANNEL = "<|channel|>analysis"

UNCLOSED_THINKING = "no answer was given: the thinking block is never closed"
EMPTY_ANSWER = "no answer was given: the response is empty"
EMPTY_AFTER_THINKING = "no answer was given: nothing follows the thinking block"


@dataclass(frozen=True, slots=True)
class Visible:
    """The part of a response meant as the answer; where there is none, `fault` says why."""

    text: str | None
    fault: str | None


def visible_answer(response: str) -> Visible:
    """Take closed thinking blocks out of a response.

    A closing tag without an opening one closes a block that the chat template opened, so all before it is
    thinking. An opening tag that is never closed means that the model was still thinking: no answer was
    given. A tag straight after a backtick is quoted, and is text.
    """
    if (
        _CHANNEL_WORD.search(response)
        and (final := list(_FINAL_CHANNEL.finditer(response)))
        and (final[-1].group() != "assistantfinal" or _BARE_ANALYSIS.match(response))
    ):
        response = response[final[-1].end() :]
    elif _TOOL_CHANNEL in response:
        response = response[response.index(_TOOL_CHANNEL) :]
    elif _ANALYSIS_CHANNEL in response or _BARE_ANALYSIS.match(response):
        return Visible(None, UNCLOSED_THINKING)
    kept: list[str] = []
    position = 0
    opened = False
    found = False
    for tag in _THINKING_TAG.finditer(response):
        if tag.group(1):
            continue
        found = True
        closing = any(tag.groups()[1:])
        if closing:
            if not opened:
                kept.clear()
            position = tag.end()
            opened = False
        elif not opened:
            kept.append(response[position : tag.start()])
            opened = True
    if opened:
        return Visible(None, UNCLOSED_THINKING)
    kept.append(response[position:])
    text = "".join(kept).strip() if found else response
    if not text.strip():
        return Visible(None, EMPTY_AFTER_THINKING if found else EMPTY_ANSWER)
    return Visible(text, None)


# A statement such as "Final answer: 43", "**Answer:** 43", "The answer is 43", "#### 43",
# "<answer>43</answer>". "answer" must not be qualified as someone's earlier or wrong one.
_MARKER = re.compile(
    r"^[ \t]{0,3}#{1,6}[ \t]{1,4}[*_]{0,3}(?P<heading>(?:the |my )?(?:final |correct )?answer)[*_:]{0,4}[ \t]*$"
    r"|(?P<hashes>(?<!#)####(?!#))"
    r"|(?P<tag><(?:final_?)?ans(?:wer)?>|\[answer\]|<\|begin_of_box\|>)"
    r"|(?P<boxed>\\(?:boxed|fbox)(?![a-zA-Z]))"
    r"|(?P<quote>[\"'])(?P<key>(?:final|short|correct|exact|my)?_?(?:answer|result|solution|choice|option|letter)"
    r"(?:_?(?:letter|choice|value))?)(?P=quote)\s{0,4}:\s{0,4}(?=[^\s{])"
    r"|(?P<foreign>(?:最终|正确)?答案(?:是|为|為|[:：])\s{0,3}|答え(?:は|[:：])\s{0,3}"
    r"|\b(?:respuesta|réponse|antwort|resposta|risposta|ответ)(?: final| correcta| finale)?[*_]{0,3}"
    r"\s?(?::|es\b|est\b|ist\b|é\b|è\b|lautet\b)[*_]{0,3}\s{0,3}:?)"
    r"|\b(?P<noun>answer|result)"
    r"(?P<colon>[*_]{0,3}[ \t]{0,4}"
    r"(?:[:=：]|[-–—→](?=[ \t])|(?<=[*_])(?=[ \t]{0,4}\n)|(?<=final answer)(?=[ \t]{0,4}\n))[*_]{0,3})"
    r"|\b(?:answer|solution)[*_]{0,3}(?P<verb>[ \t]{1,4}(?:is|was|would be|will be|should be|must be"
    r"|equals)\b"
    r"|'s\b|’s\b)[ \t]{0,4}:?",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING_TAG = re.compile(r"</(?:final_?)?ans(?:wer)?>|\[/answer\]|<\|end_of_box\|>", re.IGNORECASE)
_QUALIFIER = re.compile(
    r"\b(?:first|initial|previous|earlier|old|wrong|incorrect|original|tentative|intermediate|partial|possible"
    r"|attempted|his|her|their|your|another|no|not an?|not the)\s+$",
    re.IGNORECASE,
)
_NEGATED_START = re.compile(r"[\s*_]{0,4}(?:not|n't|never|neither|unlikely|wrong|incorrect)\b", re.IGNORECASE)
_NON_FINAL_START = re.compile(r"[\s*_]{0,4}(?:as follows|below|above|given by the following)\b", re.IGNORECASE)
CORRECTION = re.compile(
    # "A is actually wrong" explains; "it is actually 43" and "Actually, it is 43" correct.
    r"\b(?:wait|(?<!is\s)(?<!are\s)(?<!was\s)(?<!were\s)actually|actually(?=\s[*($]{0,3}(?-i:[\dA-Z]))|correction"
    r"|scratch that|oops|on second thoughts?|let me correct|i was wrong"
    r"|that is wrong|that's wrong|sorry|hold on)\b|(?:…|\.\.\.|\bhmm\b,?)\s?no\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"[^.!?\n]{0,80}\?|[^\n]{0,200}\?[*_\s]{0,4}$")
_ONLY_DELIMITER = re.compile(r"[\s$`*_#>:~\[\]\\|=-]*(?:math|latex|text|json)?[\s$`*_]*")


def balanced_braces(text: str, opening: int) -> str | None:
    """The content of the brace group whose `{` stands at index `opening`; None when it is never closed."""
    depth = 0
    for match in _BRACE.finditer(text, opening, opening + _BOXED_LIMIT_CHARACTERS):
        character = match.group()
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return text[opening + 1 : match.start()]
    return None


_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
# A box holds an answer, not an essay; the bound keeps a response made of opening boxes linear.
_BOXED_LIMIT_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class Statement:
    """A final answer as stated: its text and where it ends in the visible answer."""

    text: str
    end: int


def _line_from(text: str, position: int) -> Statement:
    """The rest of the line at `position`, or the next line that holds more than delimiters."""
    while True:
        newline = text.find("\n", position)
        end = len(text) if newline < 0 else newline
        line = text[position:end]
        if newline < 0 or not _ONLY_DELIMITER.fullmatch(line[:200]) or len(line) > 200:
            return Statement(line, end)
        position = newline + 1


def _boxed_at(text: str, position: int) -> Statement | None:
    while position < len(text) and text[position] in " \t":
        position += 1
    if position >= len(text):
        return None
    if text[position] == "{":
        content = balanced_braces(text, position)
        return None if content is None else Statement(content, position + len(content) + 2)
    word = re.compile(r"[^\s$.,;]+").match(text, position)
    return Statement(word.group(), word.end()) if word else None


_SINGLE_QUOTED = re.compile(r"'((?:[^'\\\n]|\\.){0,2000})'")
_DECODER = json.JSONDecoder()


def _json_at(text: str, position: int) -> Statement | None:
    """The value of the key "answer" in JSON, or in Python's notation: a text as it reads, anything else as JSON."""
    quoted = _SINGLE_QUOTED.match(text, position)
    if quoted is not None:
        return Statement(quoted[1], quoted.end())
    try:
        value, end = _DECODER.raw_decode(text, position)
    except (ValueError, RecursionError):
        return None
    return Statement(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), end)


def boxed_in(text: str) -> list[Statement]:
    r"""The content of each closed `\boxed{...}`, in order."""
    found = (_boxed_at(text, match.end()) for match in itertools.islice(_BOX.finditer(text), _MARKERS_TRIED))
    return [statement for statement in found if statement is not None]


_BOX = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])")


def last_boxed(text: str) -> str | None:
    r"""The content of the last `\boxed{...}` (braces may nest), or None."""
    for match in reversed(list(_BOX.finditer(text))[-3:]):
        statement = _boxed_at(text, match.end())
        if statement is not None:
            return statement.text
    return None


def stated_answer(text: str, numeric: bool = False) -> Statement | None:
    """The last explicitly marked final answer in the visible text, or None.

    With `numeric` a mark that only describes the answer is passed over where an earlier one states it: "#### -15
    (The answer is negative because ...)".

    Marks are `####`, `Answer:`, `The answer is`, `<answer>` and `\\boxed{}`. A mark that denies ("the answer
    is not 42"), asks ("the answer is 42?"), or tells of an earlier try ("my first answer was 42") states
    nothing.
    """
    if numeric:
        found = list(itertools.islice(_statements(text), 2))
        return found[1] if len(found) == 2 and _DESCRIBES.match(found[0].text) else next(iter(found), None)
    return next(_statements(text), None)


def _statements(text: str) -> Iterator[Statement]:
    """The marked answers, the last one first."""
    folded = text.casefold()
    if not any(word in folded for word in _MARK_WORDS):
        return
    # A response that takes back this many answers in a row states none (and must not cost quadratic time).
    for match in list(_MARKER.finditer(text))[: -_MARKERS_TRIED - 1 : -1]:
        if match.group("boxed") is not None:
            statement = _boxed_at(text, match.end())
            if statement is None or not statement.text.strip():
                continue
            yield statement
            continue
        if match.group("tag") is not None:
            closing = _CLOSING_TAG.search(text, match.end())
            end = closing.start() if closing is not None else len(text)
            if text[match.end() : end].strip():
                yield Statement(text[match.end() : end].strip(), end)
            continue
        if match.group("key") is not None:
            statement = _json_at(text, match.end())
            if statement is not None and statement.text.strip():
                yield statement
            continue
        if match.group("hashes") is None and _QUALIFIER.search(text[max(0, match.start() - 24) : match.start()]):
            continue
        if match.group("verb") is not None and _NEGATED_START.match(text, match.end()):
            continue
        if _NON_FINAL_START.match(text, match.end()):
            continue
        statement = _line_from(text, match.end())
        content = statement.text.strip()
        if not content or _ASKED.match(content):
            continue
        if match.group("hashes") is not None and _HEADING.fullmatch(content[:200]) and text[statement.end :].strip():
            continue
        if match.group("noun") is not None and _starts_the_working(text, match.start(), statement):
            continue
        yield Statement(content, statement.end)


_MARKERS_TRIED = 64
# Four hashes are Markdown's fourth heading as well as GSM8K's mark of the answer.
_HEADING = re.compile(
    r"[\s*_]{0,4}(?:(?:step|part|phase|case|method|approach)\s[\dA-Za-z]{1,5}\b.{0,200}|(?:solution|explanation"
    r"|conclusion"
    r"|reasoning|verification|check|calculations?|analysis|summary|working|given|result)s?[:*_\s]{0,6})",
    re.IGNORECASE,
)
# Every mark holds one of these; looking for them costs a tenth of looking for the marks.
_MARK_WORDS = (
    "####", "<ans", "_of_box", "choice", "option", "letter", "\\boxed", "\\fbox", "answer", "result", "solution",
    "答", "respuesta", "réponse", "antwort", "resposta", "risposta", "ответ",
)  # fmt: skip
_DESCRIBES = re.compile(
    r"[\s*_]{0,4}(?:negative|positive|correct|right|rounded|expressed|given|reasonable|an? (?:integer|whole|negative"
    r"|positive|rounded))\b[^\d\n]*$",
    re.IGNORECASE,
)
_LONGEST_ANSWER_WORDS = 15


def _starts_the_working(text: str, start: int, statement: Statement) -> bool:
    """Whether "Answer:" opens a chain of thought: a long line with more lines after it."""
    if text[max(0, start - 6) : start].lower() == "final ":
        return False
    return len(statement.text.split(None, 30)) > _LONGEST_ANSWER_WORDS and bool(text[statement.end :].strip())


def correction_after(text: str, statement: Statement) -> str | None:
    """What follows a correction ("wait, ...", "actually ...") after the stated answer, or None.

    The line of the statement itself counts too: "The answer is 42. Wait, it is 43."
    """
    start = max(0, statement.end - len(statement.text))
    found = None
    for found in CORRECTION.finditer(text, start):  # noqa: B007 - the last one is wanted
        pass
    if found is None:
        return None
    rest = text[found.end() :].strip(" ,.:;-—\n*")
    return rest or None


_READING_CUT = re.compile(
    r"[.!](?=\s+[A-Z\"'(*\d]|[*_\"')\]]*\s*$)"
    r"|[ ,;(—–-]{1,3}(?:because|since|which|where|given that|as there|as it|so that|i\.e\.|rather than"
    r"|instead of|not)\b"
    r"|,\s+of course\b|,\s+(?:located|situated|known|who|whose|the (?:capital|largest|smallest|first|only|last|most)"
    r"|an?\s(?:\w{1,20}\s)?(?:city|town|country|river|mountain|island|novelist|writer|author|poet|physicist|chemist"
    r"|scientist"
    r"|mathematician|composer|painter|film|novel|play|book|species|type|kind|form))\b"
    r"|;|\s\(|\s\[(?=\d[\d\s*+/×=-]{0,80}\])|\s[—–]\s|\s-\s+(?=[a-z])|\s?(?:≈|\\approx|\\simeq)|,\s+(?:but|so|as)\b"
    r"|\s(?:and|but)\s{1,3}not\b",
)


_VERDICT = re.compile(
    r"[\s*_]{0,4}(?:yes|no|true|false)\b[*_]{0,3}"
    r"(?=[,.;:!]|\s[-–—(]|\s(?:it|this|that|the|they|he|she|there|we|you|because|since)\b)",
    re.IGNORECASE,
)


def readings(statement: str) -> list[str]:
    """The ways to read one statement: whole first, then cut before each explanation, longest first.

    "Paris, because it is the capital. It is big." reads as itself, as "Paris, because it is the capital", and
    as "Paris". All readings start where the statement starts: no later word can become the answer.
    """
    cuts = [statement]
    verdict = _VERDICT.match(statement)
    found = [match.start() for match in _READING_CUT.finditer(statement)]
    # Past a handful of cuts a statement is prose; the first ones are the nearest to an answer.
    cuts.extend(statement[:position] for position in reversed(found[:6]) if statement[:position].strip())
    if verdict is not None:
        cuts.append(verdict.group())
    return cuts


INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
_INLINE_TAG = re.compile(r"</?(?:b|i|u|em|strong|span|code|mark|small|big|font|sub)(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_END_OF_TURN = (
    r"(?:<\|(?:im_end|eot_id|endoftext|end_of_text|end|return|eom_id|end_of_solution|END_RESPONSE"
    r"|END_OF_TURN_TOKEN)\|>|</s>"
    r"|<end_of_turn>|<eos>|<｜end▁of▁sentence｜>)"
)
_END_TOKENS = re.compile(rf"(?:\s{{0,4}}{_END_OF_TURN}){{1,8}}\s*\Z")
# What a model that was not stopped goes on with is somebody else's turn.
_NEXT_TURN = re.compile(
    rf"{_END_OF_TURN}\s{{0,4}}(?:<\|im_start\|>\s?(?:user|system)|<\|start_header_id\|>\s?user|<s>|\[INST\]"
    rf"|<start_of_turn>\s?user"
    r"|<\|user\|>|<｜User｜>|(?:Human|User|Question):)"
)
_START_TOKENS = re.compile(
    r"\A\s*(?:<\|im_start\|>\s?assistant|<\|start_header_id\|>\s?assistant\s?<\|end_header_id\|>"
    r"|<start_of_turn>\s?model"
    r"|<\|assistant\|>|<｜Assistant｜>|<\|begin_of_solution\|>|<\|START_RESPONSE\|>)\s*"
)
_BLOCK_TAG = re.compile(
    r"</?(?:final|response|choice|option|solution|output|result|p|br|div|pre|h[1-6]|li|ul|ol|td|th|tr|table|tbody"
    r"|center)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)


_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\((?:https?:|www\.|mailto:|[/#])[^()\s]{0,400}\)")


def readable(text: str) -> str:
    """The text as a reader sees it: without HTML's formatting, a template's tokens around it and the turn after it, and
    characters that have no width."""
    if not text.isascii():
        text = text.translate(INVISIBLE)
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "<" in text:
        next_turn = _NEXT_TURN.search(text)
        if next_turn is not None and next_turn.start():
            text = text[: next_turn.start()]
        text = _START_TOKENS.sub("", _END_TOKENS.sub("", text))
        text = _BLOCK_TAG.sub("\n", _INLINE_TAG.sub("", text))
    return text


def last_line(text: str) -> str:
    """The last line with more on it than delimiters, stripped; the whole text where there is none."""
    for line in reversed(text.rstrip().splitlines()):
        if not _ONLY_DELIMITER.fullmatch(line[:200]) or len(line) > 200:
            return line.strip()
    return text.strip()


def first_line(text: str) -> str:
    """The first line that is not blank, stripped."""
    return text.lstrip().split("\n", 1)[0].strip()
