"""Numbers as people write them: thousands, currency, percent, fractions, LaTeX, units, number words, lists.

Belongs here: turning a short text into a `Quantity` or a list, and comparing two of them. Does not belong
here: finding the short text inside a response (`extraction.py`) or deciding what counts as a pass
(`exact_match.py`). Arithmetic is exact (`fractions.Fraction`): 0.1 + 0.2 is 0.3 here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from epyc_assets.scoring.units import (
    COMPOUND,
    UNIT_NAMES,
    UNIT_STOP,
    UNITS,
    canonical_unit,
    compound_quantity,
    unit_factor,
    unit_words,
)

# Longer digit runs are compared as text: no question asks for them and int() refuses or crawls.
_LONGEST_NUMBER_CHARACTERS = 400
_LARGEST_EXPONENT = 400
# Marks and blanks around a short text are not longer than this.
_LONGEST_DRESSED_CHARACTERS = 20_000

_VULGAR = {
    character: f" {fraction}"
    for character, fraction in {
        "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5",
        "⅘": "4/5",
        "⅙": "1/6", "⅚": "5/6", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8",
    }.items()
}  # fmt: skip
_CHARACTERS = str.maketrans(
    {
        **_VULGAR,
        "−": "-", "–": "-", "‒": "-", "﹣": "-", "－": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "⁄": "/",
        **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f")),
        "\u2010": "-", "\u2011": "-",
        "\u00a0": "\u2009", "\u202f": "\u2009", "\u2007": "\u2009", "’": "'", "‘": "'", "“": '"', "”": '"',
    }
)  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

_LATEX_FRACTION = re.compile(r"\\[dtc]?frac\s{0,3}(?:\{([^{}]{1,100})\}|(\d))\s{0,3}(?:\{([^{}]{1,100})\}|(\d))")
_LATEX_WRAPPER = re.compile(
    r"\\(?:text|textrm|textbf|textit|textsf|mathsf|mathrm|mathbf|mathit|mbox|operatorname|emph|boxed|fbox|underline)"
    r"\s{0,3}\{([^{}]{0,2000})\}"
)
_LATEX_NOISE = re.compile(
    r"\\(?:left|right|displaystyle|bf|rm|it|sf|tt|quad|qquad|bigl?|bigr?|Bigl?|Bigr?)(?![a-zA-Z])|\\[,;:!> ]|\\[()\[\]]"
)
_NEGATIVE_SPACE = re.compile(r"(?<=,)\\!\s{0,3}(?=\d{3})|\\!")
_MICRO = re.compile(r"\\mu(?![a-zA-Z])\s?")
_LATEX_SYMBOLS = [
    (re.compile(r"\\(?:times|cdot)(?![a-zA-Z])"), "*"),
    (re.compile(r"\^\s{0,3}\{?\\circ\}?|\\degree(?![a-zA-Z])"), "°"),
    (re.compile(r"\\(?:approx|simeq)(?![a-zA-Z])"), "≈"),
    (re.compile(r"\\(?:Omega|ohm)(?![a-zA-Z])"), "Ω"),
    (re.compile(r"\\([%$&#_{}])"), r"\1"),
    (re.compile(r"(?<=\d)\{,\}(?=\d)"), ","),
    (re.compile(r"\^\s{0,3}\{(-?\d{1,3})\}"), r"^\1"),
]
_MARKDOWN = re.compile(r"\*\*|__|```(?:\w{1,12}\n)?|`|~~|\$\$")
_OUTER = " \t\r\n\"'«»‹›“”„‚‘’「」『』¡¿`*_~"
_LONGEST_REMEMBERED_CHARACTERS = 200
# Arrows, ticks and emoji around an answer, not in it.
_PICTURES = re.compile(
    "\\A[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]{1,20}(?=.*\\w)"
    "|[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]{1,20}\\Z",
    re.DOTALL,
)
_PAIRS = {"(": ")", "[": "]", "{": "}", "$": "$"}


def plain(text: str) -> str:
    """The text without Markdown, LaTeX dress, quotes, typographic variants and closing punctuation.

    What is left is what the writer meant to be read: `**\\(\\frac{1}{2}\\)**.` becomes `1/2`.
    """
    return _remembered_plain(text) if len(text) <= _LONGEST_REMEMBERED_CHARACTERS else _plain(text)


@lru_cache(maxsize=1024)
def _remembered_plain(text: str) -> str:
    """Comparing one answer asks for the same few short texts a dozen times."""
    return _plain(text)


def _plain(text: str) -> str:
    text = text.strip().translate(_CHARACTERS)
    text = re.sub(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]{1,6}", lambda power: "^" + power.group().translate(_SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", text.replace("\u2009", "\ue000")).replace("\ue000", "\u2009")
    text = _MARKDOWN.sub("", text)
    if "\\" in text:
        text = _LATEX_NOISE.sub(" ", _NEGATIVE_SPACE.sub("", _MICRO.sub("μ", text)))
        for _ in range(4):  # a wrapper inside a wrapper inside a fraction
            before = text
            text = _LATEX_WRAPPER.sub(r"\1", text)
            text = _LATEX_FRACTION.sub(_fraction_text, text)
            if text == before:
                break
        for pattern, replacement in _LATEX_SYMBOLS:
            text = pattern.sub(replacement, text)
    elif "{" in text:
        text = re.sub(r"\^\s{0,3}\{(-?\d{1,3})\}", r"^\1", text.replace("{,}", ","))
    return _outer_stripped(text)


def _fraction_text(match: re.Match[str]) -> str:
    numerator = (match.group(1) or match.group(2)).strip()
    denominator = (match.group(3) or match.group(4)).strip()
    simple = numerator.lstrip("+-").replace(".", "").isalnum() and denominator.replace(".", "").isalnum()
    return f" {numerator}/{denominator}" if simple else f" ({numerator})/({denominator})"


def _outer_stripped(text: str) -> str:
    for _ in range(6):
        before = text
        text = text.strip(_OUTER)
        if text.startswith(("...", "…")):
            text = text.lstrip(".…").lstrip()
        if text.endswith(("...", "…")):
            text = text.rstrip(".…").rstrip()
        text = text.rstrip(".!;:,。").rstrip() if len(text) > 1 else text
        if len(text) > 2 and _PAIRS.get(text[0]) == text[-1] and _wraps(text):
            text = text[1:-1]
        if not text.isascii():
            text = _PICTURES.sub("", text) or text
        if text == before:
            break
    return text


def _wraps(text: str) -> bool:
    """Whether the first and last character are one pair around everything and are only dress.

    Brackets around a list stay (they say that it is one), and so do parentheses around two or more entries.
    """
    opening, inside = text[0], text[1:-1]
    if opening == "$":
        return "$" not in inside
    if opening in "[{" or opening in inside or _PAIRS[opening] in inside:
        return False
    return "," not in inside and ";" not in inside


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what was said about it. `value` is as written ("42%" is 42 with `percent`)."""

    value: Fraction
    percent: bool
    unit: tuple[str, ...]
    """Unit words in their singular, canonical form; a currency is a unit; empty when none was written."""


SIGN = r"[+-]\s?"
CURRENCY = r"(?:US\$|[$€£¥₹])\s?"
_DIGITS = (
    r"(?:\d{1,3}(?:\.\d{3})+,\d{1,4}(?!\d)"
    r"|[1-9]\d?(?:,\d{2}){1,5},\d{3}(?![\d,])(?:\.\d+)?"
    r"|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?"
    r"|\d{1,3}(?:\.\d{3}){2,}(?!\d)(?:,\d+)?"
    r"|\d{1,3}(?:(?:[ \u2009]\d{3})+|(?:'\d{3})+|(?:_\d{3})+)(?!\d)(?:[.,]\d+)?"
    r"|\d+(?:[.,]\d+)?|[.]\d+)"
)
NUMBER = rf"(?:\d{{1,9}}\s+(?:\+\s)?\d{{1,9}}\s?/\s?\d{{1,9}}|\d{{1,30}}\s?/\s?\d{{1,30}}|{_DIGITS})"
_SCIENTIFIC = r"(?:\s?[*x]\s?10\s?(?:\^|\*\*)\s?\(?(?P<power>[+-]?\d{1,4})\)?|[eE](?P<exponent>[+-]?\d{1,4})(?![\w.]))?"
_QUANTITY = re.compile(
    rf"(?P<sign>{SIGN})?(?P<currency>{CURRENCY})?(?P<inner_sign>{SIGN})?(?P<number>{NUMBER}){_SCIENTIFIC}"
    r"(?P<percent>\s?(?:%|percent\b|per cent\b|pct\b))?"
)
_LEAD = re.compile(
    r"(?:(?:(?:approximately|approx\.?|about|around|roughly|nearly|exactly|only|just|equals?|equal to|is|are|be"
    r"|the|a|total of)(?![^\W_])|≈|~|=|:)\s{0,3})+",
    re.IGNORECASE,
)
_WORDED_SIGN = re.compile(r"\A(?:minus|negative)\s(?=[\d.$])", re.IGNORECASE)
_VARIABLE = re.compile(r"\\?[A-Za-z]\w{0,15}(?:\([A-Za-z]\w{0,3}\))?\s{0,3}[=≈]\s{0,3}")
_UNIT_TAIL = re.compile(r"\s?(?:[^\W\d]|[-°$€£¥₹¢/^²³' .]|(?<=[\w^])[23](?!\d))*")


def parse_quantity(text: str) -> Quantity | None:
    """Read a whole short text as one number, with its unit if any; None when it says anything else.

    Understands signs, thousands (1,234; 1 234; 1'234; 1_234; 1.234.567), decimals, fractions and mixed
    numbers, currency before or after, percent, powers, `x = 42`, "about 42", and English number words.
    """
    if len(text) > _LONGEST_DRESSED_CHARACTERS:
        return None
    text = plain(text)
    return _quantity(text) if text and len(text) <= _LONGEST_NUMBER_CHARACTERS else None


@lru_cache(maxsize=1024)
def _quantity(text: str) -> Quantity | None:
    if text.isascii() and text.isdigit():
        return Quantity(Fraction(int(text)), False, ())
    text = _WORDED_SIGN.sub("-", text)
    variable = _VARIABLE.match(text)
    if variable:
        text = text[variable.end() :]
    lead = _LEAD.match(text)
    match = _QUANTITY.match(text, lead.end() if lead else 0)
    if match is not None and COMPOUND.match(text, match.start()):
        compound = compound_quantity(text[match.start() :])
        if compound is not None:
            return Quantity(compound[0], False, (compound[1],))
    if match is None:
        return _worded_quantity(text[lead.end() :] if lead else text)
    tail, scale = _scaled(text[match.end() :], match)
    if tail and (DENIED_AFTER.match(tail) or _DECADE.fullmatch(match.group() + tail)):
        return None
    if tail and (not _UNIT_TAIL.fullmatch(tail) or tail[0] in "-'./^" or (tail[0].isalpha() and _glued(tail))):
        return None
    value = _value(match)
    if value is None:
        return None
    value *= scale
    unit = unit_words(tail)
    if match.group("currency"):
        unit = (UNIT_NAMES[match.group("currency").strip().lower()], *unit)
    return Quantity(value, match.group("percent") is not None, unit)


_SCALE_WORD = re.compile(r"\s(hundred|thousand|million|billion|trillion)\b|([kK]|M|B|bn|mn)(?!\w)", re.IGNORECASE)
_SCALE_LETTERS = {"k": 1000, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}


_POWER = re.compile(r"\s?\^\s?\(?(-?\d{1,3})\)?(?![\d.])")
_WHOLE = re.compile(r"\d{1,9}")


def _scaled(tail: str, match: re.Match[str]) -> tuple[str, Fraction | int]:
    """Take a scale off what follows a number: "1.5 million", "5k", the power of "2^10", after a currency "$1.5M"."""
    if (power := _POWER.match(tail)) and _WHOLE.fullmatch(match.group("number")) and match.group("power") is None:
        base, exponent = int(match.group("number")), int(power.group(1))
        if base and (len(match.group("number")) + 1) * abs(exponent) <= _LONGEST_NUMBER_CHARACTERS:
            return tail[power.end() :], Fraction(base) ** (exponent - 1)
    scale = _SCALE_WORD.match(tail)
    if scale is None:
        return tail, 1
    if scale.group(1):
        return tail[scale.end() :], _SCALES[scale.group(1).lower()]
    letters = scale.group(2)
    if letters in ("k", "K") or (match.group("currency") and letters[0] in "MBmb"):
        return tail[scale.end() :], _SCALE_LETTERS[letters.lower()]
    return tail, 1


def _glued(tail: str) -> bool:
    """Whether letters touching the number make it a name ("4th", "3D", "2nd") rather than a unit ("5km")."""
    word = re.match(r"[^\W\d_]+", tail)
    if word is None or word.group() == "D":
        return True
    return canonical_unit(word.group().lower()) not in UNITS


def _value(match: re.Match[str]) -> Fraction | None:
    number = match.group("number")
    negative = "-" in (match.group("sign") or "") + (match.group("inner_sign") or "")
    if "/" in number:
        left, _, denominator = number.replace("+", " ").partition("/")
        whole, numerator = ["0", *left.split()][-2:]  # "1 1/2" is one and a half
        if int(denominator) == 0:
            return None
        value = int(whole) + Fraction(int(numerator), int(denominator))
    else:
        decimal = _decimal_text(number)
        value = Fraction(decimal)
    power = int(match.group("power") or match.group("exponent") or 0)
    if abs(power) > _LARGEST_EXPONENT:
        return None
    value *= Fraction(10) ** power
    return -value if negative else value


def _decimal_text(number: str) -> str:
    number = re.sub(r"(?<=\d)[ \u2009'_](?=\d{3})", "", number)
    if "," in number and "." in number:
        decimal = max(number.rfind(","), number.rfind("."))
        return number[:decimal].replace(",", "").replace(".", "") + "." + number[decimal + 1 :]
    if number.count(".") > 1:
        return number.replace(".", "")
    if number.count(",") > 1 or re.fullmatch(r"[1-9]\d{0,2},\d{3}", number):
        return number.replace(",", "")
    return number.replace(",", ".")


_SMALL_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_SMALL = {word: index for index, word in enumerate(_SMALL_WORDS.split())}
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * index for index, word in enumerate(_TENS_WORDS.split(), 2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}


_PART_WORDS = "half third quarter fifth sixth seventh eighth ninth tenth"
_PARTS = {word: index for index, word in enumerate(_PART_WORDS.split(), 2)}
_PARTS |= {f"{word}s": parts for word, parts in _PARTS.items()} | {"halves": 2, "fourth": 4, "fourths": 4}


def _worded_fraction(words: list[str], counted: int | None) -> tuple[Fraction | None, int]:
    """A part in words ("half", "thirds" after a count, "and a half") and how many words it takes."""
    if counted is None:
        position = int(words[:1] in (["a"], ["one"]))
        if words[position : position + 1] == ["dozen"]:
            return Fraction(12), position + 1
        parts = _PARTS.get(words[position]) if position < len(words) else None
        named = words[position : position + 1] == ["half"] or (
            position == 1 and len(words) > 1 and words[1].endswith(("d", "r", "h"))
        )
        return (Fraction(1, parts), position + 1) if parts and named and len(words) == position + 1 else (None, 0)
    if words[:1] and words[0] in _PARTS and counted:
        return Fraction(counted, _PARTS[words[0]]), 1
    if words[:1] == ["dozen"]:
        return Fraction(12 * counted), 1
    if len(words) >= 3 and words[0] == "and" and words[1] in ("a", "one", *_SMALL) and words[2] in _PARTS:
        return Fraction(_SMALL.get(words[1], 1), _PARTS[words[2]]), 3
    return None, 0


def _counts_on(words: list[str]) -> bool:
    """Whether the words after "and" go on with the number ("a hundred and five") and are no part ("three quarters")."""
    return bool(words) and (words[0] in _SMALL or words[0] in _TENS) and not (len(words) > 1 and words[1] in _PARTS)


def _worded_quantity(text: str) -> Quantity | None:
    """Read English number words ("minus forty-two apples"); None when the text opens with none."""
    words = text.lower().replace("-", " ").split()
    if not words or len(words) > 20:
        return None
    negative = words[0] in ("minus", "negative")
    position = int(negative)
    total = current = 0
    seen = False
    while position < len(words):
        word = words[position]
        if word in _SMALL:
            current += _SMALL[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word == "hundred" and (seen or position == int(negative)):
            current = max(current, 1) * 100
        elif word in _SCALES and (seen or position == int(negative)):
            total += max(current, 1) * _SCALES[word]
            current = 0
        elif not (word == "and" and seen and _counts_on(words[position + 1 : position + 3])):
            break
        seen = True
        position += 1
    fraction, taken = _worded_fraction(words[position:], current if seen else None)
    if fraction is not None:
        current = 0 if words[position : position + 1] != ["and"] and seen else current
        seen, position = True, position + taken
    rest = words[position:]
    if not seen or any(not word.strip("'.").isalpha() and word != "%" for word in rest):
        return None
    percent = bool(rest) and rest[0] in ("percent", "%")
    if rest and (rest[0] in UNIT_STOP or rest[0] in ("or", "and")):
        return None
    value = Fraction(total + current) + (fraction or 0)
    return Quantity(-value if negative else value, percent, unit_words(" ".join(rest[int(percent) :])))


def same_quantity(
    answer: Quantity, expected: Quantity, *, tolerance: float = 0.0, relative_tolerance: float = 0.0
) -> bool:
    """Whether two quantities say the same number.

    A unit or a percent sign that only one side writes is no difference ("42 eggs" answers 42, "42%" answers
    42); two units that disagree are ("5 km" is not "5 miles"), and convertible units are converted ("90
    minutes" is "1.5 hours"). "50%" also equals 0.5.
    """
    factor = unit_factor(answer.unit, expected.unit)
    if factor is None:
        return False
    value = answer.value * factor
    if _close(value, expected.value, tolerance, relative_tolerance):
        # Below one, "0.5%" and 0.5 are different numbers and not a matter of a dropped sign.
        return answer.percent == expected.percent or abs(value) >= 1 or value == 0
    if answer.percent and not expected.percent:
        return _close(value / 100, expected.value, tolerance, relative_tolerance)
    if expected.percent and not answer.percent:
        return _close(value * 100, expected.value, tolerance * 100, relative_tolerance)
    return False


def _close(value: Fraction, expected: Fraction, tolerance: float, relative_tolerance: float) -> bool:
    allowed = max(Fraction(tolerance), abs(expected) * Fraction(relative_tolerance))
    return abs(value - expected) <= allowed


# What denies the number it follows: "42 is wrong", "42 is not the answer".
DENIED_AFTER = re.compile(
    r"[*_`]{0,3}\s{1,3}(?:(?:is|was|are|would be)(?:n't|\s(?:clearly |obviously |definitely )?not)\s"
    r"(?:the (?:answer|result|solution)|my|correct|right|possible|it|what)\b"
    r"|(?:is|was|are|would be|seems|must be)\s(?:clearly |obviously |definitely |also )?(?:wrong|incorrect|false)\b"
    r"|(?:cannot|can't|could not|couldn't) be (?:the|right|correct|true|it)\b)",
    re.IGNORECASE,
)
_DECADE = re.compile(r"\d{3}0s")


_LIST_SEPARATOR = re.compile(
    r"\s*(?:;|\s&\s|→|⟶|\s->|\n+(?:\s*(?:[-*•]|\d{1,3}[.)])\s+)?|,\s*(?:and\s+|or\s+)?|\s+and\s+)\s*"
)


_OR = re.compile(r"(?<!,)\sor\s")
_DIGIT = re.compile(r"\d")


def split_list(text: str) -> list[str] | None:
    """The entries of a text that is plainly a list (several entries, or brackets), or None."""
    text = plain(text)
    bracketed = len(text) >= 2 and text[0] in "[({" and _PAIRS[text[0]] == text[-1]
    if bracketed:
        text = text[1:-1].strip()
        if not text:
            return []
    text = re.sub(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+", "", text) if "\n" in text else text
    text = re.sub(r"[ \t]+", " ", text)
    if _OR.search(text) and all(_DIGIT.search(part) for part in _OR.split(text)):
        text = _OR.sub(", ", text)  # "x = 1 or x = 2"
    entries = [plain(entry) for entry in _LIST_SEPARATOR.split(text)]
    if any(not entry for entry in entries):
        return None
    if len(entries) == 1:
        spaced = text.split()
        if len(spaced) > 1 and all(re.fullmatch(rf"[+-]?{_DIGITS}", entry) for entry in spaced):
            return spaced
        return entries if bracketed else None
    return entries
