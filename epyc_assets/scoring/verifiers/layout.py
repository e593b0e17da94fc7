"""Verifiers of layout: `detectable_content:`, `detectable_format:`, `startend:` and `combination:` of IFEval.

Belongs here: instructions about marks, sections, beginnings and endings. Does not belong here: words and
letters (`keywords.py`), lengths (`lengths.py`), JSON that must say something particular (`structured.py`).
Semantics follow IFEval's reference implementation (Zhou et al. 2023, arXiv 2311.07911); where its patterns
take quadratic time on hostile text, the same is found line by line.
"""

from __future__ import annotations

import json
import re

from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier

CONSTRAINED_RESPONSES = ("My answer is yes.", "My answer is no.", "My answer is maybe.")


def count_placeholders(text: str) -> int:
    """How many `[...]` there are, each on one line."""
    count = 0
    for line in text.split("\n"):
        opening = line.find("[")
        while opening >= 0:
            closing = line.find("]", opening + 1)
            if closing < 0:
                break
            count += 1
            opening = line.find("[", closing + 1)
    return count


def number_placeholders(answer: str, arguments: Arguments) -> Finding:
    """There are at least `num_placeholders` placeholders in square brackets."""
    count, wanted = count_placeholders(answer), arguments.count("num_placeholders")
    return Finding(count >= wanted, f"{count} placeholders, wanted at least {wanted}")


def postscript(answer: str, arguments: Arguments) -> Finding:
    """There is a postscript that opens with `postscript_marker` (P.S. and P.P.S also with spaces inside)."""
    marker = arguments.text("postscript_marker")
    patterns = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}
    pattern = patterns.get(marker) or re.escape(marker.lower())
    found = re.search(pattern, answer.lower()) is not None
    return Finding(found, f"postscript {marker!r} {'found' if found else 'not found'}")


def number_bullet_lists(answer: str, arguments: Arguments) -> Finding:
    """There are exactly `num_bullets` bullet points, lines opening with `*` (not `**`) or `-`."""
    wanted = arguments.count("num_bullets")
    stars = re.findall(r"^[^\S\n]*\*[^*].*$", answer, re.MULTILINE)
    dashes = re.findall(r"^[^\S\n]*-.*$", answer, re.MULTILINE)
    count = len(stars) + len(dashes)
    return Finding(count == wanted, f"{count} bullet points, wanted exactly {wanted}")


def constrained_response(answer: str, arguments: Arguments) -> Finding:
    """One of the published fixed answers occurs."""
    found = [option for option in CONSTRAINED_RESPONSES if option in answer]
    return Finding(bool(found), f"found {found[0]!r}" if found else "none of the fixed answers occurs")


def count_highlights(text: str) -> int:
    """How many `*highlighted*` and `**highlighted**` sections there are that are not blank."""
    single = re.findall(r"\*[^\n*]*\*", text)
    double = re.findall(r"\*\*[^\n*]*\*\*", text)
    count = sum(bool(entry.strip("*").strip()) for entry in single)
    return count + sum(bool(entry.removeprefix("**").removesuffix("**").strip()) for entry in double)


def number_highlighted_sections(answer: str, arguments: Arguments) -> Finding:
    """There are at least `num_highlights` highlighted sections."""
    count, wanted = count_highlights(answer), arguments.count("num_highlights")
    return Finding(count >= wanted, f"{count} highlighted sections, wanted at least {wanted}")


def multiple_sections(answer: str, arguments: Arguments) -> Finding:
    """There are at least `num_sections` sections, each opened by `section_spliter` and a number."""
    splitter, wanted = arguments.text("section_spliter"), arguments.count("num_sections")
    count = len(re.findall(rf"{re.escape(splitter)}\s?\d+", answer))
    return Finding(count >= wanted, f"{count} sections, wanted at least {wanted}")


_FENCE = re.compile(r"\A```(?:json|Json|JSON)?")


def json_format(answer: str, arguments: Arguments) -> Finding:
    """The whole answer is JSON, a Markdown fence around it aside; prose around it is not allowed."""
    text = _FENCE.sub("", answer.strip()).removesuffix("```").strip()
    try:
        json.loads(text)
    except ValueError as error:
        return Finding(False, f"the answer is not JSON: {error}"[:200])
    except RecursionError:
        return Finding(False, "the answer is not JSON: it is nested too deeply to read")
    return Finding(True, "the answer is JSON")


def title(answer: str, arguments: Arguments) -> Finding:
    """There is a title in double angular brackets that is not blank."""
    for line in answer.split("\n"):
        opening, closing = line.find("<<"), line.rfind(">>")
        if opening >= 0 and closing > opening + 2 and line[opening : closing + 2].lstrip("<").rstrip(">").strip():
            return Finding(True, "a title in << >> was found")
    return Finding(False, "there is no title in << >>")


def two_responses(answer: str, arguments: Arguments) -> Finding:
    """There are two different responses parted by `******`."""
    parts = answer.split("******")
    if any(not part.strip() for part in parts[1:-1]):
        return Finding(False, "an empty response stands between two dividers")
    responses = [part.strip() for part in parts if part.strip()]
    holds = len(responses) == 2 and responses[0] != responses[1]
    return Finding(holds, f"{len(responses)} responses, wanted two different ones")


def repeat_prompt(answer: str, arguments: Arguments) -> Finding:
    """The answer opens with `prompt_to_repeat`, word for word, in any case."""
    holds = answer.strip().lower().startswith(arguments.text("prompt_to_repeat").lower())
    return Finding(holds, f"the answer {'opens' if holds else 'does not open'} with the request")


def end_checker(answer: str, arguments: Arguments) -> Finding:
    """The answer ends with `end_phrase`, in any case, quotation marks aside."""
    phrase = arguments.text("end_phrase")
    holds = answer.strip().strip('"').lower().endswith(phrase.lower())
    return Finding(holds, f"the answer {'ends' if holds else 'does not end'} with {phrase!r}")


def quotation(answer: str, arguments: Arguments) -> Finding:
    """The whole answer stands in double quotation marks."""
    text = answer.strip()
    holds = len(text) > 1 and text[0] == text[-1] == '"'
    return Finding(holds, f"the answer is {'' if holds else 'not '}wrapped in double quotation marks")


VERIFIERS = (
    Verifier("detectable_content:number_placeholders", ("num_placeholders",), number_placeholders),
    Verifier("detectable_content:postscript", ("postscript_marker",), postscript),
    Verifier("detectable_format:number_bullet_lists", ("num_bullets",), number_bullet_lists),
    Verifier("detectable_format:constrained_response", (), constrained_response),
    Verifier("detectable_format:number_highlighted_sections", ("num_highlights",), number_highlighted_sections),
    Verifier("detectable_format:multiple_sections", ("section_spliter", "num_sections"), multiple_sections),
    Verifier("detectable_format:json_format", (), json_format),
    Verifier("detectable_format:title", (), title),
    Verifier("combination:two_responses", (), two_responses),
    Verifier("combination:repeat_prompt", ("prompt_to_repeat",), repeat_prompt),
    Verifier("startend:end_checker", ("end_phrase",), end_checker),
    Verifier("startend:quotation", (), quotation),
)
