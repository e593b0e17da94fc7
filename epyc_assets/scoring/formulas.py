r"""Formulas as text: one spelling for the many ways to write the same LaTeX, and dates and times likewise.

Belongs here: bringing notation to one form (`\tfrac12` and `1/2`, `x^2` and `x^{2}`, `√3` and `\sqrt{3}`, `3 PM` and
`15:00`). Does not belong here: algebra. `2x+3` and `3+2x` differ here, and so do `\frac{2}{4}x` and `\frac{x}{2}`.
"""

from __future__ import annotations

import re

_LONGEST_FORMULA_CHARACTERS = 2000
_SYMBOLS = {
    "π": r"\pi ", "√": r"\sqrt ", "∞": r"\infty ", "≤": r"\leq ", "≥": r"\geq ", "≠": r"\neq ", "∪": r"\cup ",
    "∩": r"\cap ", "×": "*", "·": "*", "⋅": "*", "−": "-", "–": "-", "∈": r"\in ", "θ": r"\theta ", "α": r"\alpha ",
    "β": r"\beta ", "λ": r"\lambda ", "φ": r"\phi ", "ω": r"\omega ", "∅": r"\emptyset ", "°": r"^{\circ}", "÷": "/",
    "±": r"\pm ", "⁄": "/", "²": "^{2}", "³": "^{3}",
}  # fmt: skip
_SYMBOL_TABLE = str.maketrans(_SYMBOLS)
_FUNCTIONS = "log|ln|sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|min|max|gcd|exp|lim|mod|det"
_FONTS = "text|textrm|textbf|textit|textsf|mathsf|mathrm|mathbf|mathit|mbox|operatorname|mathbb|mathcal"
_RENAMED = (
    (re.compile(r"\\(?:left|right|displaystyle|quad|qquad|[bB]igg?[lr]?|limits)(?![a-zA-Z])\.?|\\[,;:!> ]|~"), " "),
    (re.compile(r"\\[()\[\]]|\${1,2}"), " "),
    (re.compile(r"\\[dtc]frac(?![a-zA-Z])"), r"\\frac"),
    (re.compile(r"\\[dt]binom(?![a-zA-Z])"), r"\\binom"),
    (re.compile(r"\\(?:le|leqslant)(?![a-zA-Z])|<="), r"\\leq "),
    (re.compile(r"\\(?:ge|geqslant)(?![a-zA-Z])|>="), r"\\geq "),
    (re.compile(r"\\ne(?![a-zA-Z])|!="), r"\\neq "),
    (re.compile(r"\\varnothing(?![a-zA-Z])"), r"\\emptyset "),
    (re.compile(r"\\(?:times|cdot|ast)(?![a-zA-Z])"), "*"),
    (re.compile(r"\\(?:lvert|rvert|vert|mid)(?![a-zA-Z])"), "|"),
    (re.compile(r"\\degree(?![a-zA-Z])|\^\s?\\circ(?![a-zA-Z])"), r"^{\\circ}"),
    (re.compile(rf"\\({_FUNCTIONS})(?![a-zA-Z])"), r"\1"),
    (re.compile(r"(?<![\\a-zA-Z])(pi|infty)(?![a-zA-Z])"), r"\\\1 "),
    (re.compile(r"(?<![\\a-zA-Z])\binfinity\b"), r"\\infty "),
    (re.compile(r"(?<![\\a-zA-Z])sqrt\s?\(([^()]{1,100})\)"), r"\\sqrt{\1}"),
    (re.compile(r"\\(?:begin|end)\{[bpB]?matrix\}"), " | "),
    (re.compile(rf"\\(?:{_FONTS})\s?\{{([^{{}}]{{0,500}})\}}"), r"\1"),
    (re.compile(r"\*\*"), "^"),
)  # fmt: skip
_GROUP = r"\{((?:[^{}]|\{[^{}]{0,200}\}){0,400})\}"
_SHORT_FRACTION = re.compile(
    r"\\frac\s?(?:(\d|(?<=\s)[a-zA-Z]|\\[a-z]{1,8})|\{([^{}]{1,200})\})\s?(?:(\d|[a-zA-Z]|\\[a-z]{1,8})"
    r"|\{([^{}]{1,200})\})"
)
_FRACTION = re.compile(rf"\\frac\s?{_GROUP}\s?{_GROUP}")
_SIMPLE = re.compile(r"-?(?:\d+(?:\.\d+)?|\d*[a-zA-Z]|\d*\\[a-z]+(?:\{[^{}]*\})?)")
_POWER = re.compile(r"([\^_])\s?(-?\d+|[a-zA-Z](?![a-zA-Z]))")
_PLAIN_POWER = re.compile(r"([\^_])\s?\(([^()]{1,100})\)")
_BARE_ROOT = re.compile(r"\\sqrt\s?(\d+|[a-zA-Z](?![a-zA-Z]))")
_LIKE_FORMULA = re.compile(
    r"[\\^_=<>+*/|√π∞≤≥≠∪∩∈±∅]|[\[({][^\])}]{0,500}[,;]|\d\s?[a-zA-Z](?![a-zA-Z])|\d\s?:\s?\d"
    r"|(?<![a-z])[a-z\d]\s?-\s?[a-z\d](?![a-z])"
)
_NAMED = re.compile(r"(?:[a-zA-Z](?:\([a-z]\))?|\([a-z](?:,[a-z]){1,3}\)|\\[a-z]+)(?:_\{\w{1,3}\})?(?:=|\\in(?![a-z]))")


def like_formula(text: str) -> bool:
    """Whether a text is short and holds something of a formula: a sign, a power, brackets with entries."""
    return len(text) <= _LONGEST_FORMULA_CHARACTERS and _LIKE_FORMULA.search(text) is not None


def formula_key(text: str) -> str:
    """The one spelling of a formula. White space goes, so this is not for texts in words."""
    text = text.strip().strip("*`\"' ").translate(_SYMBOL_TABLE).replace("\\\\", "¶")
    for pattern, replacement in _RENAMED:
        text = pattern.sub(replacement, text)
    text = _BARE_ROOT.sub(r"\\sqrt{\1}", text)
    for _ in range(4):
        before = text
        text = _SHORT_FRACTION.sub(lambda found: _ratio(found[1] or found[2], found[3] or found[4]), text)
        text = _FRACTION.sub(lambda found: _ratio(found[1], found[2]), text)
        if text == before:
            break
    text = _PLAIN_POWER.sub(r"\1{\2}", _POWER.sub(r"\1{\2}", text))
    text = re.sub(r"¶\s{0,20}(?=\|)", "", text)  # a row's end before the end of a matrix
    # A blank between two digits parts numbers: 3 1/2 is not 31/2.
    text = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text).rstrip(".,;:!")
    text = _ARGUMENT.sub(r"\1\2", _NEEDLESS_PLUS.sub("", text))
    return re.sub(r"\*(?=[a-zA-Z\\(])", "", text)


_NEEDLESS_PLUS = re.compile(r"(?:(?<=[(\[,=])|\A)\+")
_ARGUMENT = re.compile(rf"(?<![a-zA-Z])({_FUNCTIONS})[({{](\d{{0,4}}(?:[a-zA-Z]|\\[a-z]{{1,8}})?)[)}}]")


def _ratio(numerator: str, denominator: str) -> str:
    """A fraction on one line, in parentheses where they are needed; a sign below stands above."""
    if denominator.strip().startswith("-") and _SIMPLE.fullmatch(denominator.strip()):
        numerator, denominator = f"-{numerator.strip()}".replace("--", "", 1), denominator.strip()[1:]
    parts = (part.strip() for part in (numerator, denominator))
    return "/".join(part if _SIMPLE.fullmatch(part) else f"({part})" for part in parts)


def same_formula(answer: str, expected: str) -> bool:
    """Whether two texts are one formula. "x = 5" answers 5, and "x \\in [0,1)" answers [0,1)."""
    if max(len(answer), len(expected)) > _LONGEST_FORMULA_CHARACTERS or not (
        like_formula(expected) or like_formula(answer)
    ):
        return False
    if _EMPTY_SET.fullmatch(expected.strip(" $.")):
        return _EMPTY_SET.fullmatch(answer.strip(" $.")) is not None
    given, wanted = formula_key(answer), formula_key(expected)
    if not wanted:
        return False
    if given == wanted or _INDEXED.sub(r"\1", given) == _INDEXED.sub(r"\1", wanted):
        return True
    # A name or a unit that one side leaves out is no difference; two that disagree are.
    bare, bare_wanted = _without_unit(answer), _without_unit(expected)
    if (bare is None) != (bare_wanted is None):
        given, wanted = formula_key(bare or answer), formula_key(bare_wanted or expected)
    name, wanted_name = _NAMED.match(given), _NAMED.match(wanted)
    if name is not None and wanted_name is None:
        return given[name.end() :] == wanted
    if wanted_name is not None and name is None:
        return given == wanted[wanted_name.end() :]
    return given == wanted


_EMPTY_SET = re.compile(r"(?:the )?empty set|\\?\{\s?\\?\}|\\(?:emptyset|varnothing)|∅", re.IGNORECASE)
_INDEXED = re.compile(r"(?<=[a-zA-Z)])_\{?(\d{1,3})\}?")
_UNIT_WORDS = (
    r"(?:(?:square|sq\.?|cubic|cu\.?)\s)?(?:[munkc]?m|units?|[a-z]{0,5}met(?:er|re)s?|inch(?:es)?|in|feet|ft|foot"
    r"|yards?|miles?|degrees?|seconds?|minutes?|hours?|days?|dollars?|cents?|grams?|k?g|lit(?:er|re)s?)"
)
_UNIT_AT_END = re.compile(
    rf"(?:\\[ ,;:!]|[~\s$]){{0,4}}(?:\\(?:text|textrm|mathrm|mbox|rm)\s?\{{[~\s\\,]{{0,4}}{_UNIT_WORDS}"
    r"[\s.]{0,2}\}"
    rf"|(?<=[\s$]){_UNIT_WORDS})(?:\s?\^\s?\{{?[23]\}}?|[²³])?[\s.$]{{0,4}}\Z",
    re.IGNORECASE,
)


def _without_unit(text: str) -> str | None:
    """A formula without the unit it ends on; None where it ends on none."""
    match = _UNIT_AT_END.search(text)
    return text[: match.start()] if match is not None and re.search(r"[\d\\]", text[: match.start()]) else None


_PAIR = re.compile(r"\s*([\[(]).{0,200}[,;].{0,200}([\])])\s*", re.DOTALL)


def brackets_differ(answer: str, expected: str) -> bool:
    """Whether two bracketed pairs say different things by their brackets, as [0,1) and (0,1) do."""
    given, wanted = _PAIR.fullmatch(answer), _PAIR.fullmatch(expected)
    if given is None or wanted is None or answer.count(",") + answer.count(";") != 1:
        return False
    return given.groups() != wanted.groups()


_TIME = re.compile(
    r"(?:at\s)?(\d{1,2})(?:(?::|\.(?=\d\d\s?[ap]))(\d{2}))?(?::(\d{2}))?\s?(?:([ap])\.?\s?m\b\.?|(noon"
    r"|midnight))?(\so'clock)?",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1)
    for name in names.split()
}  # fmt: skip
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_DATES = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})年(?P<number>\d{1,2})月(?P<day>\d{1,2})日"),
    re.compile(rf"{_MONTH}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<year>\d{{4}}))?"),
    re.compile(rf"(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s(?P<year>\d{{4}}))?"),
)
_WEEKDAY = re.compile(r"(?:on\s)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s)?", re.IGNORECASE)


def clock_time(text: str) -> tuple[int, int, int, bool] | None:
    """(hour 0-23, minute, second, whether the half of the day is known) of a text that is a time of day only."""
    if (word := text.strip(" .").lower()) in ("noon", "midnight"):
        return (12 if word == "noon" else 0), 0, 0, True
    match = _TIME.fullmatch(text.strip().rstrip(".").strip() if len(text) < 40 else "")
    if match is None or (all(match[part] is None for part in (2, 4, 5, 6))):
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    half = (match[4] or {"noon": "p", "midnight": "a"}.get((match[5] or "").lower(), "")).lower()
    if hour > (12 if half else 23) or minute > 59 or second > 59:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute, second, bool(half) or hour > 12 or hour == 0 or match[1].startswith("0")


def calendar_date(text: str) -> tuple[int | None, int, int] | None:
    """(year or None, month, day) of a text that is a date only. 03/04/2024 says two things and is none."""
    text = " ".join(text.split()).rstrip(".").lower() if len(text) < 60 else ""
    text = text[_WEEKDAY.match(text).end() :]  # type: ignore[union-attr]
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        month = int(parts["number"]) if parts.get("number") else _MONTHS.get(parts.get("month") or "")
        day = int(parts["day"])
        if month is not None and 1 <= month <= 12 and 1 <= day <= 31:
            return int(parts["year"]) if parts["year"] else None, month, day
    return None


_MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_MOMENT_IN_TEXT = re.compile(
    r"(?<![\w:.])(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?\s?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    rf"|(?:{_MONTH_NAMES})\.?\s{_DAY}(?:,?\s\d{{4}})?|{_DAY}\s(?:of\s)?(?:{_MONTH_NAMES})\b\.?(?:,?\s\d{{4}})?"
    r"|noon|midnight)(?![\w:])",
    re.IGNORECASE,
)


def moments_in(text: str) -> list[re.Match[str]]:
    """The times of day and dates in running text, in order."""
    return list(_MOMENT_IN_TEXT.finditer(text))


def is_moment(text: str) -> bool:
    """Whether a text is one time of day or one date."""
    return clock_time(text) is not None or calendar_date(text) is not None


def same_moment(answer: str, expected: str) -> bool | None:
    """Whether two texts are one time of day or one date; None where the expected one is neither."""
    time = clock_time(expected)
    if time is not None:
        given = clock_time(answer)
        if given is None:
            return False
        # "3:30 PM" answers "3:30", which leaves the half of the day open; "3:30" does not answer "3:30 PM".
        if not time[3] and given[3]:
            return (given[0] % 12, *given[1:3]) == (time[0] % 12, *time[1:3])
        return given[:3] == time[:3] and given[3] >= time[3]
    date = calendar_date(expected)
    if date is not None:
        return calendar_date(answer) == date
    return None
