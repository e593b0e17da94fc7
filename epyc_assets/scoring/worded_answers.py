"""The readings of an unmarked answer in words: "Paris is the capital.", "It is not Sydney but Canberra."

Belongs here: which words of a short text without a mark may be its answer. Does not belong here: marked answers and
numbers (`final_answer.py`), whether a reading is right (`exact_match.py`).
"""

from __future__ import annotations

import re

from epyc_assets.scoring.extraction import first_line, last_line, readings

_SHORT_STATEMENT_WORDS = 8
_TAIL = re.compile(
    r"(?:\b(?:is|are|was|were|be|equals|becomes|gives|yields|returns?|prints?|outputs?)|'s|’s|[:=→])\s+(?=\S)"
)


_EXPLAINED_OPENING = re.compile(
    r"[^\n:]{1,100}\n\s{0,4}\n[*_#\s]{0,6}(?:(?:explanation|because|reason(?:ing)?)\b"
    r"|(?:it|this|that|he|she|they)\b(?![^\n]{0,20}\Z)).{0,4000}",
    re.IGNORECASE | re.DOTALL,
)


def text_readings(text: str) -> list[str]:
    """The readings of an unmarked answer in words: whole, its closing or opening line, that line's end."""
    whole = text.strip()
    line = whole
    if "\n" in whole:
        line = last_line(whole)
        opening = first_line(whole)
        if len(line.split(None, 20)) > _SHORT_STATEMENT_WORDS >= len(opening.split(None, 20)) or (
            _EXPLAINED_OPENING.fullmatch(whole[:4000]) and len(opening.split(None, 20)) <= _SHORT_STATEMENT_WORDS
        ):
            line = opening
    found = [whole, *readings(line)] if line != whole else readings(line)
    emphasised = re.findall(r"\*\*([^*\n]{1,200})\*\*", line)
    if emphasised:
        found.append(emphasised[-1])
    sentence = readings(line)[-1] if len(line) < 2000 else line[-2000:]
    tails = list(_TAIL.finditer(sentence))
    if tails and not _DENIED_TAIL.search(sentence, max(0, tails[-1].end() - 100), tails[-1].end()):
        found.extend(readings(sentence[tails[-1].end() :]))
    found += formulas_given(whole)
    found += _without_marks(line, alone=line == whole)
    if len(line) < _LONGEST_SENTENCE_CHARACTERS:
        if line == whole:
            found += _said_otherwise(line)
        found += [match.group() for match in [_NOTHING.search(line)] if match is not None]
    return found


_LINE_MARK = re.compile(r"\s{0,4}(?:(?P<entry>[-*•+]|\d{1,2}[.)])|>|#{1,6})\s+(?=\S)")
_FOOTNOTE = re.compile(r"(?<=[^\W\d_])(?:\[\d{1,3}\]|[¹²³⁰⁴-⁹]{1,3})[.]?\s*\Z")
_BY = re.compile(r"\b(?:\w{2,12}(?:ed|en)\sby|called|named|known\sas)\s+(?=\S)")


def _without_marks(line: str, *, alone: bool) -> list[str]:
    """A line without Markdown's mark of a heading, a quotation or (of one line alone) a list, or without a footnote."""
    found = []
    mark = _LINE_MARK.match(line)
    if mark is not None and (alone or mark["entry"] is None):
        found += readings(line[mark.end() :])
    if len(line) < _LONGEST_SENTENCE_CHARACTERS and _FOOTNOTE.search(line):
        found.append(_FOOTNOTE.sub("", line))
    return found


def formulas_given(text: str) -> list[str]:
    r"""The formula between marks that the last line ends on: "The distance is $\sqrt{13}$ units."."""
    closing = last_line(text)[-_LONGEST_FORMULA_LINE:]
    formulas = list(_MATHS.finditer(closing))
    if not formulas or _ENDS_DENYING.search(closing, 0, formulas[-1].start()):
        return []
    return [formulas[-1].group(formulas[-1].lastindex or 0)]


# "I don't think it is Paris", "It can't be Paris", "I doubt that it is Paris".
_DENIED_TAIL = re.compile(
    r"(?:(?:n['’]t|\bnot|\bnever|\bcannot)(?:\s(?:really|actually|possibly|honestly|necessarily))?\s"
    r"(?:be|think|believe|suppose|say|claim|agree|accept|mean|sure|certain|true|clear)\b"
    r"|\b(?:doubt|doubtful|deny|denies|unlikely|impossible|(?:false|untrue|wrong|incorrect) that)\b)"
    r"(?!\sbut)[^.;:!?,\n]{0,40}\Z",
    re.IGNORECASE,
)
_LONGEST_FORMULA_LINE = 1000
_ENDS_DENYING = re.compile(
    r"(?:\b(?:not|never|neither|nor|cannot be|than|instead of)|n['’]t)\s(?:be\s)?\Z", re.IGNORECASE
)
# The formula that a sentence gives: "The distance is $\\sqrt{13}$ units."
_MATHS = re.compile(r"\$([^$\n]{1,400})\$|\\\((.{1,400}?)\\\)|\\\[(.{1,400}?)\\\]")
# Answers that say that there is none, which no verb sets apart: "The equation has no real solution."
_NOTHING = re.compile(
    r"\b(?:no (?:\w{1,12}\s)?solutions?"
    r"|(?:cannot|can not|can['’]t) be (?:determined|answered|known|computed|calculated)"
    r"|not enough information|insufficient information)\b",
    re.IGNORECASE,
)


_LONGEST_SENTENCE_CHARACTERS = 400
_HEAD = re.compile(
    r"(?P<said>[^,;.?!:\n]{1,80}?)\s(?:is|was|are|were)\s(?:the|an?|one of)\s"
    r"(?!(?:wrong|incorrect|false|opposite|not|least|worst)\b)[^,;?!:\n]{1,200}\.?"
)
_NOT_THIS_BUT = re.compile(r"\b(?:not|n['’]t)\s[^.?!\n]{1,80}?,?\s(?:but(?:\srather)?|(?:it['’]s|it is))\s(?=\S)")
_ASKED_AND_DENIED = re.compile(r"\?\s{1,3}(?:No[,.;:]?\s{1,3})?(?:it['’]s\s|it is\s)?(?=\S)")
_NOT_FIRST = re.compile(r"\ANot\s[^,.;?!]{1,60}[,;.]\s{1,3}(?:but\s)?(?=\S)")
_OPINION = re.compile(
    r"\bI(?:['’]d|\swould)?\s(?:say|guess|think|believe|pick|choose|go with)\s(?:that\s)?(?:it['’]s\s|it is\s)?(?=\S)",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely)[!,.:]|maybe|perhaps|probably|possibly|presumably|likely"
    r"|most likely)\s(?:it['’]s\s|it is\s)?",
    re.IGNORECASE,
)
_SO = re.compile(r"(?:\bso|\bthus|\btherefore),?\s(yes|no)[.!]?\s*\Z", re.IGNORECASE)
_QUOTED_TITLE = re.compile(r"[\"“]([^\"“”]{1,100})[\"”]\s(?:by|is|was)\b")
_TRUTH = re.compile(
    r"(?:it is|it['’]s|(?:the|this) (?:statement|claim|sentence|assertion|proposition) is)\s(true|false)\b",
    re.IGNORECASE,
)
_POINTERS = frozenset(
    ("it", "this", "that", "these", "those", "the answer", "the result", "there", "he", "she", "they")
)


def _said_otherwise(sentence: str) -> list[str]:
    """Readings of one short sentence that does not end in its answer.

    "Paris is the capital of France.", "It is not Sydney but Canberra.", "Sydney? No, Canberra.", "It is true that ...".
    """
    found = []
    for pattern in (_NOT_THIS_BUT, _NOT_FIRST, _ASKED_AND_DENIED, _OPINION):
        match = pattern.search(sentence)
        if match is not None:
            found += readings(sentence[match.end() :])
    quoted = _QUOTED_TITLE.match(sentence)
    if quoted is not None and not _DENIES.search(sentence):
        found.append(quoted[1])
    by = _BY.search(sentence)
    if by is not None and not _DENIES.search(sentence[: by.start()]):
        found += readings(sentence[by.end() :])
    concluded = _SO.search(sentence)
    if concluded is not None:
        found.append(concluded[1])
    hedge = _HEDGED.match(sentence)
    if hedge is not None:
        found += readings(sentence[hedge.end() :])
    truth = _TRUTH.match(sentence)
    if truth is not None:
        found.append(truth[1])
    head = _HEAD.fullmatch(sentence)
    if head is not None and head["said"].strip().casefold() not in _POINTERS and not _DENIES.search(head["said"]):
        found.append(head["said"])
    return found


_DENIES = re.compile(r"\b(?:not|never|no|neither|nor)\b|n['’]t\b", re.IGNORECASE)
