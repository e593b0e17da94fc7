r"""The numbers of running text: which of its figures say a number of their own.

Belongs here: telling an amount from a part of a formula (the 2 of `\sqrt{2}`), an operand ("3 + 4"), a bound, an
ordinal, a line's count. Does not belong here: what a number means (`quantities.py`), which of several is the answer
(`final_answer.py`).
"""

from __future__ import annotations

import re

from epyc_assets.scoring.quantities import CURRENCY, DENIED_AFTER, NUMBER

# The unit is not part of a number here, its scale is; a plain space groups thousands here as well.
_IN_TEXT = re.compile(
    rf"(?<![^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?<!\.)"
    # A dash between words and a number is no minus sign: "Cost (USD) - 12"
    rf"(?:[+-](?!\s)|(?<![\w)]\s)[+-]\s)?(?:{CURRENCY})?(?:(?<=[$€£¥₹])-)?{NUMBER}(?:[eE][+-]?\d{{1,4}})?"
    r"(?:\s?%|\s?\*\s?10\s?\^\s?[+-]?\d{1,4}|\^-?\d{1,3}(?![\d.])"
    r"|\s(?:hundred|thousand|million|billion|trillion)\b|[kK](?!\w)|(?<=[$€£]\d)(?:M|bn|B)(?!\w)"
    r"|(?<=[$€£]\d{2})(?:M|bn|B)(?!\w)|(?<=[$€£]\d{3})(?:M|bn|B)(?!\w)|(?<=[$€£]\d\.\d)(?:M|bn|B)(?!\w))?"
)
_NEGATED_BEFORE = re.compile(
    r"(?:\bnot|\bcannot(?=\sbe)|n't|\bnever|\bneither|\bnor|≠|!=|\\neq?|\brather than|\binstead of|\bunlike)\s+"
    r"(?:equal to |exactly |be |the number |actually )?$",
    re.IGNORECASE,
)
_BOUND_BEFORE = re.compile(r"(?:(?:^|\s)>|(?<!<)<|[≤≥]|\\[lg]eq?)=?\s?$")
_MACRO = (
    r"\\(?:pi|sqrt|infty|[dtc]?frac|cdot|times|[dt]?binom|overline|log|ln|exp|sin|cos|tan|cot|sec|csc|arc(?:sin|cos"
    r"|tan)"
    r"|alpha|beta|gamma|theta|phi|lambda|omega|pm)"
)
# A number that is only a part of a formula: 2\pi, 2i, 3x, 5_8, 3 of "3 + 4i". Letters that are units or scales are not
# among those that may touch it.
_FORMULA_AFTER = re.compile(
    rf"(?:\.|\s?){_MACRO}|\s?[π√∞]|_|\^(?!\s?\{{?\s?\\circ)|\}}\s?\{{|[A-LN-Za-ln-z]\^|,\s?[-+]?(?:\\infty|∞)"
    r"|\s?(?:\\[lg]eq?(?![a-z])|[≤≥&]|\\\\\s?-?\d|<\s?[a-z])|(?:[ijnxyzabpqrtuvwe])(?![\w'])"
    rf"|\s?[-+*·]\s?\d{{0,9}}(?:[b-hj-zπ√](?![\w'])|i(?![\w'])|√|\\sqrt|{_MACRO})|\s?/\s?[xyznπ](?!\w)"
    r"|\s?[+*×÷]\s?[$€£]?\d|\s?:\d|\s:\s\d|\.\d"
)
_FORMULA_BEFORE = re.compile(
    rf"(?:\\sqrt\[|\b(?:sqrt|log|ln|exp|sin|cos|tan)(?:_?\d{{1,2}})?\s?\(?|\b(?:square|cube) root of\s|\bmod\s"
    rf"|(?:\\infty|∞)\s?,\s?|(?:&|\\\\)\s?|{_MACRO}(?:_\{{?\w{{1,3}}\}}?)?(?:\[\d\])?\s?[{{(]?|[√±]\s?[({{]?"
    rf"|(?<=[\w)}}\]$])[\^_]\s?[{{(]?-?|\}}\s?\{{"
    rf"|(?:(?<![^\W_])[b-hj-zπi]|[πi∞²³]|(?<![^\W_])\d{{1,9}}[xyzn]|\}}|{_MACRO})\s?[-+*/·]\s?"
    r"|(?:(?<![^\W_])[^\W\d_]|[)}])[-+*/·]"
    r"|\d\s?[+*×÷]\s?[$€£]?|\d:|\d\s:\s|\d\.)$"
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|ish|D|s)\b")
_ENUMERATOR = re.compile(r"^[ \t*_#>]{0,8}(?:Step\s)?(?P<number>\d{1,2})(?:[.):](?=[\s*]))", re.MULTILINE)


def _enumerators(text: str) -> set[int]:
    """Where the numbers stand that count a text's lines 1, 2, 3, ..., of which there are at least two."""
    places: set[int] = set()
    wanted, first = 1, -1
    for match in _ENUMERATOR.finditer(text):
        number = int(match["number"])
        if number == wanted > 1 or number == 1:
            wanted = 2 if number == 1 else wanted + 1
            if number == 1:
                first = match.start("number")
            else:
                places |= {first, match.start("number")}
    return places


def numbers_in(text: str) -> list[re.Match[str]]:
    """All numbers in running text, in order, leaving out those denied ("not 42"), bounds ("> 42"), ordinals, and
    those that are only a part of a formula or of a computation without its result."""
    found = []
    enumerators = _enumerators(text)
    for match in _IN_TEXT.finditer(text):
        if match.start() in enumerators:
            continue
        if _ORDINAL.match(text, match.end()) or _FORMULA_AFTER.match(text, match.end()):
            continue
        before = text[max(0, match.start() - 40) : match.start()]
        sign = match.group()[:2].rstrip("0123456789.") if match.group()[0] in "+-" else ""
        if DENIED_AFTER.match(text, match.end()) or _FORMULA_BEFORE.search(before[-24:]):
            continue
        if sign and _FORMULA_BEFORE.search(before[-24:] + sign):
            continue
        if not _NEGATED_BEFORE.search(before) and not _BOUND_BEFORE.search(before):
            found.append(match)
    return found


_FRACTION = re.compile(r"\\[dtc]?frac\s?(?:\{\s?(-?\d{1,9})\s?\}|(\d))\s?(?:\{\s?(\d{1,9})\s?\}|(\d))")
_POWER_OF_TEN = re.compile(
    r"(?<=[\d.])\s?(?:\\times|\\cdot|[×·*]|x(?=\s?10))\s?10\s?(?:\^\s?\{?\s?([-−+]?\d{1,4})\s?\}?|([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}))"
)
_POWER = re.compile(r"(?<=\d)(?:\^\s?\{\s?(-?\d{1,3})\s?\}|([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}))")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_GROUPED = re.compile(r"(?<=\d)(?:\{,\}|,?\\[!,]\s?|\\,)(?=\d{3}(?!\d))")
# $18$ is 18 and $5 are five dollars: between delimiters there is no word, and no operator or blank at an end.
_DELIMITED = re.compile(
    r"(?<![\\$\w])\$(?![\s$])((?:[^$\n\\a-zA-Z]|\\[^a-zA-Z\n]|\\[a-zA-Z]{1,20}(?![a-zA-Z])"
    r"|(?<![\\a-zA-Z])[a-zA-Z]{2,20}(?![a-zA-Z ])"
    r"|(?<![\\a-zA-Z])[a-zA-Z](?![a-zA-Z])){1,200}?)(?<![-\s+*/,;(\\])\$(?![\w$])"
)
_DEGREES = re.compile(r"\^\s?\{?\s?\\circ\s?\}?|\\degree(?![a-z])")
_WORDED_SIGN = re.compile(
    r"(?<=\b(?:is|be|to)\s)(?:minus|negative)\s(?=[\d$])|(?<=equals\s)(?:minus|negative)\s(?=[\d$])"
)
_ESCAPED = re.compile(r"\\([$%])")
_WORDS = re.compile(r"\\(?:text|mathrm|mbox|textrm|textbf|mathbf)\s?\{([^{}]{0,200})\}")


def _on_one_line(fraction: re.Match[str]) -> str:
    """`\\frac{1}{2}` as 1/2, parted from a whole number before it: 3 1/2."""
    parted = " " if fraction.start() and fraction.string[fraction.start() - 1].isdigit() else ""
    return f"{parted}{fraction[1] or fraction[2]}/{fraction[3] or fraction[4]}"


def with_plain_numbers(text: str) -> str:
    r"""The text with plain numbers: `\frac{1}{2}` is 1/2, `3 \times 10^{8}` is 3*10^8, `2^{10}` is 2^10.

    Formulas that are no numbers stay as they are.
    """
    if "$" in text:
        text = _DELIMITED.sub(r"\1", text.replace("$$", " "))
    if "\\" in text:
        text = _FRACTION.sub(_on_one_line, text)
        text = _ESCAPED.sub(r"\1", _DEGREES.sub("°", _GROUPED.sub(",", _WORDS.sub(r"\1", text))))
    text = text.replace("\u2212", "-")
    if " minus " in text or " negative " in text:
        text = _WORDED_SIGN.sub("-", text)
    if text.isascii() and "^" not in text:
        return text
    text = _POWER_OF_TEN.sub(lambda found: "*10^" + (found[1] or found[2]).translate(_SUPERSCRIPTS), text)
    return _POWER.sub(lambda found: "^" + (found[1] or found[2]).translate(_SUPERSCRIPTS), text)
