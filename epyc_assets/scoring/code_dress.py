"""What code wears on its way out of a model, and taking it off: HTML, JSON, diffs, line numbers, odd blanks.

Belongs here: text to text, each step tried only where the code is no Python as it stands. Does not belong here:
which block of an answer is the program (`code_blocks.py`). Code is never repaired: only what surrounds or encodes it.
"""

from __future__ import annotations

import ast
import html
import itertools
import json
import re
import textwrap
from collections.abc import Callable

from epyc_assets.scoring.code_trees import parsed

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#0?39|#x27|#34|#x22);")
_ENTITY_NAMES = {"lt", "gt", "amp", "quot", "apos", "nbsp"}
_HTML_OPENING = re.compile(r"<(?P<tag>pre|code)\b(?P<said>[^>\n]*)>\s*?(?:<code\b(?P<more>[^>\n]*)>)?", re.IGNORECASE)
_HTML_LANGUAGE = re.compile(r"\b(?:lang(?:uage)?-|brush:\s*|lang=[\"'])([\w+]+)")
_ODD_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_NO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]")
_DIFF_HEAD = re.compile(r"(?:diff |index |--- |\+\+\+ |@@ |new file|\\ No newline)")
_NUMBERED = re.compile(r"[ \t]*(?P<number>[0-9]{1,5})(?:[ \t]?[:.|)\]│┃]|(?=[ \t])|$)(?P<code>.*)")
_NOTEBOOK_COMMAND = re.compile(r"^[!%]+[a-zA-Z].*\n?", re.MULTILINE)
_END_MARKS = re.compile(r"(?:\s*(?:<\|[a-z_]{2,20}\|>|<｜[^<>｜\n]{2,30}｜>|</s>|<eos>|<end_of_turn>))+\s*\Z")
_JSON_KEYS = ("code", "solution", "program", "python", "python_code", "completion", "answer", "source", "function")


def fences_for_html(answer: str) -> str:
    """The answer with `<pre>` and `<code>` of several lines as fenced blocks, where it has no fence of its own."""
    if "```" in answer or "~~~" in answer or "<" not in answer:
        return answer

    parts: list[str] = []
    at = 0
    lower = answer.lower()
    while opening := _HTML_OPENING.search(answer, at):
        end = lower.find(f"</{opening.group('tag').lower()}>", opening.end())
        if end < 0 or len(lower) != len(answer):
            break
        inner = answer[opening.end() : end]
        if "\n" in inner.strip():
            language = _HTML_LANGUAGE.search(f"{opening.group('said')} {opening.group('more') or ''}")
            code = html.unescape(re.sub(r"</code>\s*\Z", "", inner, flags=re.IGNORECASE)).strip("\n")
            parts += [answer[at : opening.start()], f"\n```{language.group(1) if language else ''}\n{code}\n```\n"]
        else:
            parts.append(answer[at:end])
        at = end
    return "".join(parts) + answer[at:]


def without_end_marks(answer: str) -> str:
    """The answer without the marks by which a model ends its turn, such as <|im_end|>."""
    tail = answer[-200:]
    return answer[:-200] + _END_MARKS.sub("", tail) if len(answer) > 200 else _END_MARKS.sub("", answer)


def indented_code(answer: str, fits: Callable[[str], bool]) -> str | None:
    """The longest run of indented lines that `fits`, at the margin: Markdown's way to set code apart by four blanks."""
    runs: list[list[str]] = [[]]
    for line in answer.expandtabs(4).split("\n"):
        if line.startswith("    ") or not line.strip():
            runs[-1].append(line)
        elif runs[-1]:
            runs.append([])
    codes = (textwrap.dedent("\n".join(run)).strip("\n") for run in runs)
    return max((code for code in codes if code and fits(code)), key=len, default=None)


def code_in_json(answer: str) -> str | None:
    """The code that an answer gives as a text in a JSON object (fenced as json or bare), or None."""
    text = re.sub(r"\A```(?:json)?[ \t]*\n(.*)\n```\Z", r"\1", answer.strip(), flags=re.DOTALL)
    if not text.startswith("{") or not text.endswith("}"):
        return None
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    texts = [value.get(key) for key in _JSON_KEYS] if isinstance(value, dict) else []
    return next((each for each in texts if isinstance(each, str) and each.strip()), None)


def new_side_of_diff(text: str) -> str:
    """What a diff makes of a file: its added and its unchanged lines."""
    lines = [line for line in text.split("\n") if not _DIFF_HEAD.match(line)]
    return "\n".join(line[1:] for line in lines if line[:1] in ("+", " ") or not line)


def unescaped_source(source: str) -> str:
    """C++ or Java whose every angle bracket is an HTML entity, without them."""
    bare = "<" not in source and ">" not in source and bool(_ENTITY.search(source))
    return html.unescape(source).replace("\u00a0", " ") if bare else source


def undressed(text: str) -> tuple[str, str | None]:
    """Python code without what it wears, and what that was; as it is where nothing makes it parse."""
    tree = parsed(text)
    if tree is not None:
        if _ENTITY.search(text) and _ENTITY_NAMES & {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}:
            return html.unescape(text), "HTML entities in the code were read as characters"
        return text, None
    steps: list[tuple[Callable[[str], str], str]] = [
        (lambda code: html.unescape(code) if _ENTITY.search(code) else code, "HTML entities were read as characters"),
        (lambda code: _ODD_BLANKS.sub(" ", _NO_WIDTH.sub("", code)), "odd blanks were read as plain ones"),
        (_without_numbers, "line numbers were left out"),
        (lambda code: _NOTEBOOK_COMMAND.sub("", code), "commands of a notebook were left out"),
        (lambda code: code.strip().strip("`") if code.strip()[:1] == "`" else code, "the code stood in backticks"),
        (_added_lines, "the marks of a diff were left out"),
    ]
    for step, note in steps:
        changed = step(text)
        if changed == text:
            continue
        for code in (changed, textwrap.dedent(changed)):
            if parsed(code) is not None:
                return code, note
    changed = _ODD_BLANKS.sub(" ", _NO_WIDTH.sub("", html.unescape(text) if _ENTITY.search(text) else text))
    if changed != text and parsed(textwrap.dedent(changed)) is not None:
        return textwrap.dedent(changed), "HTML entities and odd blanks were read as characters"
    return text, None


def _without_numbers(text: str) -> str:
    """Lines without the numbers before them, where all that are not empty bear rising ones."""
    found = [(line, _NUMBERED.fullmatch(line)) for line in text.split("\n")]
    numbers = [int(match.group("number")) for _, match in found if match]
    if len(numbers) < 2 or any(line.strip() and not match for line, match in found):
        return text
    if any(after <= before for before, after in itertools.pairwise(numbers)):
        return text
    return textwrap.dedent("\n".join(match.group("code") if match else "" for _, match in found))


def _added_lines(text: str) -> str:
    """The new side of what is a diff from its first line to its last; else the text as it is."""
    lines = [line for line in text.split("\n") if line.strip()]
    marked = sum(line[:1] == "+" for line in lines)
    if not marked or any(line[:1] not in "+- " and not _DIFF_HEAD.match(line) for line in lines):
        return text
    return new_side_of_diff(text)
