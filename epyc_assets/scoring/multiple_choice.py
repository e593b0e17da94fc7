"""Scorer `multiple_choice`: the option letter that the answer settles on.

Belongs here: finding one option letter (or one option's text) and telling it from the article "A" and the
pronoun "I". Does not belong here: free answers (`exact_match.py`).

Config (all optional): `choices` (a list of option texts for A, B, ... or an object letter -> text): limits
the letters and lets an answer name an option by its text; `letters` (how many letters there are, 2..10,
default 10).
"""

from __future__ import annotations

import collections
import re
from collections.abc import Mapping

from epyc_assets.scoring.extraction import CORRECTION, correction_after, stated_answer, visible_answer
from epyc_assets.scoring.option_letters import plain_letters
from epyc_assets.scoring.quantities import plain
from epyc_assets.scoring.substring import occurrences
from epyc_assets.scoring.verdicts import (
    Config,
    InvalidScorerConfig,
    Score,
    Scorer,
    failed,
    invalid_label,
    verdict,
)

_LETTERS = "ABCDEFGHIJ"
_DRESS = r"[\s*_`\"'“”‘’$]{0,6}"
_NAMED = r"(?:(?:the\s+)?(?:correct\s+|right\s+|best\s+)?(?i:option|choice|answer|letter)\s{1,3})?"
_OPENED = r"(?:\\\(|\\\[|\\?\{)?(?:\\(?:boxed|text|textbf|mathrm|mathbf)\s?\{){0,3}[(\[]?\s?"
# The letter at the start of a statement: "(B)", "**B**", "B.", "\boxed{\text{B}}", "option B", "B because
# ...".
_STARTS = re.compile(
    rf"{_DRESS}{_NAMED}{_DRESS}{_OPENED}{_DRESS}(?P<letter>[A-Ja-j])(?![\w+#-]|[’']\w|\([A-Za-z]\)"
    rf"|\.[A-Z]\b)(?P<after>.{{0,60}})",
    re.DOTALL,
)
_BRACKETED = re.compile(r"[\s*_`\"'”’$]{0,4}[)\]}.:]")
# What may follow a bare letter without making it an article, a pronoun or a variable.
_SETTLED = re.compile(
    r"[\s*_`\"'”’$)\]}\\]{0,8}(?:$|[.,;:!)\]}/—–\n]|-\s|because\b|since\b|as\s+(?:it|the|[A-J])\b|which\b|है"
    r"|is\s+(?:the\s+)?(?:correct|right|best|answer|true|only|most|one|closest|strongest)"
    r"|it is\b|remains\b|is left\b|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    r"|and not\b|not\b|rather than\b|instead\b|fits\b|works\b|applies\b|for\b|due to\b|given\b|but\b|\()",
)
_SECOND_LETTER = re.compile(
    r"[\s*_`)\]}]{0,6}(?:,|/|&|\+|\bor\b|\band\b)\s{0,3}(?:(?:or|and|option|choice)\s+){0,2}[(*\[]{0,3}"
    r"(?!I\s+[a-z])(?P<letter>[A-J])(?![\w’'])(?!\s+(?:is|are|was|has|does|would|can|seems|fails)\b)"
)
_ALONE = re.compile(rf"{_DRESS}{_NAMED}{_DRESS}{_OPENED}{_DRESS}(?P<letter>[A-Ja-j])[\s*_`\"'”’$)\]}}\\.:!]{{0,10}}")
_LISTED = re.compile(r"^[\s*_`#>-]{0,8}[(\[]?(?P<letter>[A-J])(?:[)\].:]|\*\*)(?:[\s*_]|$)", re.MULTILINE)
_CHOSEN = re.compile(
    rf"(?:\b(?:option|choice|letter)\s{{1,3}}|\b(?i:choose|pick|select|go with|opt for|lean(?:ing)? (?:towards?|to)"
    rf"|say|settle on|is|it's"
    rf"|be)\s{{1,3}}{_NAMED}){_DRESS}[(\[]?"
    rf"(?P<letter>[A-J])(?![\w’'-])"
    r"|(?<![\w’'\\-])[(\[]?(?P<judged>[A-J])[)\]*]{0,3}\s{1,3}(?:(?:is|must be|looks|has to be"
    r"|would be|should be|(?:seems|appears)(?: to be)?)\s{1,3}(?:the\s{1,3})?(?:(?:most|more)\s{1,3})?"
    r"(?:correct|right|best|better|answer|true|appropriate|accurate|plausible|likely|suitable"
    r"|reasonable|logical|precise|convincing|only (?:option|choice|one|answer)"
    r"|strongest|closest|odd one out|exception|my (?:answer|choice|pick))"
    # German, French, Spanish, Portuguese, Italian
    r"|(?:ist|est|es|é|è)\s(?:(?:la|die|der|das|a|o)\s)?"
    r"(?:richtige?|korrekte?|correcte?|correct[ao]|respuesta|resposta|risposta|corrett[ao]|bonne|juste|cert[ao]))\b"
    r"|(?<![\w’'\\-])[(\[]?(?P<fitting>[A-J])[)\]*]{0,3}\s{1,3}(?:makes the most sense|fits best|wins|comes closest"
    r"|remains|is left"
    r"|best\s(?:describes|fits|matches|represents|explains|captures|answers|reflects|summari[sz]es|characteri[sz]es))\b"
    r"|\b(?i:mak(?:es|ing))\s(?i:option\s|choice\s)?[(*]{0,3}(?P<made>[A-J])[)*]{0,3}\s(?:the\s)?(?:only\s|most\s)?"
    r"(?:correct|right|best|answer|true|accurate|likely)\b"
    r"|\b(?i:so|therefore|thus|hence|leaves|leaving|remains|chose)[,:]?\s{1,3}"
    r"(?i:only\s|with\s|option\s|choice\s){0,2}[*_(]{0,3}"
    r"(?P<concluded>[A-J])(?![\w+#-]|[’']\w)"
    r"|(?<![\w\\])\((?P<bracketed>[A-J])\)|\*\*[(\[]?(?P<bold>[A-J])[)\].:]?\*\*"
)
_BARE = re.compile(r"(?<![\w’'\\+-])(?<!Mr\. )(?P<letter>[A-J])(?![\w+#-]|[’']\w)")
_DENIED_BEFORE = re.compile(
    r"(?:\bnot(?: be)?|\bcannot be|n['’]t(?: be)?|\bnever|\brather than|\binstead of|\bunlike|\bexcept|\bneither|\bnor"
    r"|\beliminat(?:e|es|ed|ing)|\bcross(?:ed|ing)? out|\brul(?:e|es|ing) out|\bdismiss(?:ing)?|\bdiscard(?:ing)?"
    r"|\breject(?:ing)?|\bexcluding"
    r"|\b(?:anything|everything|any|all) but|\bother than|\bconsider(?:ing)?|\blook(?:ing)? at|\bexamin(?:e|ing)"
    r"|\bevaluat(?:e|ing)|\banaly[sz](?:e|ing)|\bdiscuss(?:ing)?"
    r"|\bruled out|\bexclude|\bversus|\bvs\.?|\bover|\bvitamin|\bhepatitis|\bplan|\bgrade|\bgroup|\btype|\bteam|\bclass"
    r"|\bappendix|\bpoint|\bset|\bfrom|\bsection|\btriangle|\bangle|\bvertex|\bevent|\bexhibit|\bfigure|\bpart)"
    r"\s+(?:option\s+|choice\s+|answer\s+|the answer\s+)?[(*\[]{0,3}$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"[)\]*_`]{0,4}\s{0,3}(?:\?\s{0,3}(?i:no|nope|not|wrong)\b|(?:is|are|was|were|seems|looks|must be|can be"
    r"|would be)\s+(?:also\s+|clearly\s+"
    r"|definitely\s+)?"
    r"(?:not|wrong|incorrect|false|never|eliminated|excluded|ruled out)\b|(?:is|are|was|were|does|ca|could"
    r"|would)n['’]t\b"
    r"|cannot\b|(?:does|can|could|would)\s+not\b|fails\b)",
    re.IGNORECASE,
)


def score_multiple_choice(answer: str, expected: str, config: Config) -> Score:
    """Compare the letter that the answer settles on with the expected one.

    Strict: the letter alone (with or without its option's text) or explicitly marked.

    Raises:
        InvalidScorerConfig: `choices` or `letters` cannot be used, or `expected` is none of the options.
    """
    choices = _choices(config)
    allowed = "".join(choices) if choices else _LETTERS[: _letter_count(config)]
    if not expected.strip():
        return invalid_label("the expected option is empty, so no answer can be right or wrong")
    wanted = _wanted(expected, choices, allowed)
    if wanted is None:
        raise InvalidScorerConfig(
            f"The expected answer {expected[:80]!r} is neither one of the letters {allowed[0]}-{allowed[-1]} "
            "nor the text of one of the choices."
        )
    visible = visible_answer(answer)
    if visible.text is None:
        return failed(visible.fault or "no answer was given")
    text = plain_letters(visible.text)
    strict = _strict_letter(text, choices, allowed)
    letter, how = _flexible_letter(text, choices, allowed)
    if letter is None:
        explanation = f"{how}; expected {wanted}"
    else:
        explanation = f"{how} {letter}, which is {'' if letter == wanted else 'not '}the expected {wanted}"
    return verdict(letter == wanted, letter, explanation, strict_passed=strict == wanted, strict_extracted=strict)


def _letter_count(config: Config) -> int:
    count = config.get("letters", len(_LETTERS))
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= len(_LETTERS):
        raise InvalidScorerConfig(f"'letters' must be a whole number from 2 to {len(_LETTERS)}; got {count!r}.")
    return count


def _choices(config: Config) -> dict[str, str]:
    given = config.get("choices")
    if given is None:
        return {}
    if isinstance(given, Mapping):
        choices = {str(key).strip().upper().strip("()."): str(text) for key, text in given.items()}
    elif isinstance(given, list | tuple) and 2 <= len(given) <= len(_LETTERS):
        choices = dict(zip(_LETTERS, (str(text) for text in given), strict=False))
    else:
        raise InvalidScorerConfig(f"'choices' must list 2 to {len(_LETTERS)} option texts; got {given!r}.")
    if not choices or any(len(letter) != 1 or letter not in _LETTERS for letter in choices):
        raise InvalidScorerConfig(f"'choices' must be keyed by the letters A to J; got {sorted(choices)}.")
    # A list written as "A) Paris" repeats its letter; the option's text is what follows.
    return {
        letter: re.sub(rf"^\s*[(\[]?{letter}[)\].:]\s+", "", text).strip() for letter, text in sorted(choices.items())
    }


def _same_text(left: str, right: str) -> bool:
    return bool(plain(left)) and _without_article(plain(left)).casefold() == _without_article(plain(right)).casefold()


_ARTICLE = re.compile(r"(?:the|an?)\s(?=\S)", re.IGNORECASE)
_VERDICT_WORDS = frozenset(("yes", "no", "true", "false"))


def _without_article(text: str) -> str:
    return _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text


def _wanted(expected: str, choices: dict[str, str], allowed: str) -> str | None:
    by_text = [letter for letter, text in choices.items() if _same_text(expected, text)]
    match = re.fullmatch(r"[\s(\[*]*([A-Ja-j])[\s)\].:*]*(?:\s.*)?", expected, re.DOTALL)
    if match and match.group(1).upper() in allowed and (len(expected.strip()) <= 4 or not by_text):
        return match.group(1).upper()
    return by_text[0] if len(by_text) == 1 else None


def _leading_letter(statement: str, allowed: str) -> str | None:
    """The letter that a statement opens with; None for an article, a pronoun, or several letters at once."""
    match = _STARTS.match(statement)
    if match is None:
        return None
    letter, after = match.group("letter"), match.group("after")
    if letter.upper() not in allowed or _SECOND_LETTER.match(after):
        return None
    if _DENIED_AFTER.match(after):
        return None
    bracketed = _BRACKETED.match(after) or statement[match.start("letter") - 1 : match.start("letter")] in (
        "(",
        "[",
        "{",
    )
    settled = bool(bracketed) or _SETTLED.match(after) is not None
    if letter.islower() or letter in "AI":
        return letter.upper() if settled else None
    # Other capitals alone are no English words, yet "B vitamins" is not option B.
    return (
        letter
        if settled or not re.match(r"\s+[a-z]", after) or _NAMED_BEFORE.search(statement[: match.start("letter")])
        else None
    )


_NAMED_BEFORE = re.compile(r"(?:option|choice|letter)\W{1,6}$", re.IGNORECASE)


def _by_text(statement: str, choices: dict[str, str]) -> str | None:
    """The one option whose text the statement is, or else contains as whole words without denying it."""
    same = [letter for letter, text in choices.items() if _same_text(statement, text)]
    if same:
        return same[0] if len(same) == 1 else None
    opening = re.match(r"[\s*_\"']{0,4}(\w{2,5})[*_]{0,3}[,.;:!—]", statement)
    if opening is not None and opening[1].casefold() in _VERDICT_WORDS:
        verdicts = [letter for letter, text in choices.items() if text.casefold() == opening[1].casefold()]
        if len(verdicts) == 1:
            return verdicts[0]
    found = {}
    for letter, text in choices.items():
        wanted = _without_article(text)
        asserted = [entry for entry in occurrences(statement, wanted) if entry.asserted] if text.strip() else []
        if asserted:
            found[letter] = text
    # An option inside a longer one ("York" in "New York") is not named when the longer one is.
    named = [
        letter
        for letter, text in found.items()
        if not any(
            other != letter and len(longer) > len(text) and text.casefold() in longer.casefold()
            for other, longer in found.items()
        )
    ]
    return named[0] if len(named) == 1 else None


def _alone(text: str, choices: dict[str, str], allowed: str) -> str | None:
    """The letter when it is all there is, with or without its own option's text."""
    text = text.strip()
    match = _ALONE.fullmatch(text[:200]) if len(text) <= 200 else None
    if match and match.group("letter").upper() in allowed:
        return match.group("letter").upper()
    match = re.match(r"[\s*_(\[]{0,4}([A-J])[)\].:*_-]{1,4}\s+(.*)", text, re.DOTALL)
    if match and match.group(1) in choices and _same_text(match.group(2), choices[match.group(1)]):
        return match.group(1)
    same = [letter for letter, option in choices.items() if _same_text(text, option)]
    return same[0] if len(same) == 1 else None


def _strict_letter(text: str, choices: dict[str, str], allowed: str) -> str | None:
    stated = stated_answer(text)
    if stated is None:
        return _alone(text, choices, allowed)
    return _leading_letter(stated.text, allowed) or (_by_text(stated.text, choices) if choices else None)


def _flexible_letter(text: str, choices: dict[str, str], allowed: str) -> tuple[str | None, str]:
    answered = _SHORT_FOR_ANSWER.fullmatch(text[:30]) or _LOWER_CASE.fullmatch(text[:30])
    if answered is not None and answered["letter"].upper() in allowed:
        return answered["letter"].upper(), "the stated answer is"
    stated = stated_answer(text)
    if stated is not None:
        correction = correction_after(text, stated)
        if correction is not None:
            letter = _leading_letter(correction, allowed) or _settled_letter(correction, allowed)
            if letter is not None:
                return letter, "the corrected answer is"
        letter = _leading_letter(stated.text, allowed)
        if letter is not None:
            return letter, "the stated answer is"
        if _names_several(stated.text, allowed):
            return None, "several options are stated at once"
        letter = (_by_text(stated.text, choices) if choices else None) or _settled_letter(stated.text, allowed)
        if letter is not None:
            return letter, "the stated answer names option"
    else:
        correction = _corrected(text)
        letter = _leading_letter(correction, allowed) or _settled_letter(correction, allowed) if correction else None
        if letter is not None:
            return letter, "the corrected answer is"
    question = _QUESTIONS_FIRST.match(text)
    if question is not None and stated is None and not _QUESTIONS_FIRST.match(text, question.end()):
        letter, how = _flexible_letter(text[question.end() :], choices, allowed)
        if letter is not None:
            return letter, how
    if _ASKED_ALONE.fullmatch(text[:20]):
        return None, "the only letter is asked about"
    lines = _without_repeated_options([line for line in text.splitlines() if line.strip()])
    for line in (lines[-1], lines[0]) if lines else ():
        letter = _alone(line, choices, allowed)
        if letter is not None:
            return letter, "a line of its own says"
    letter = _judged_letter(text.splitlines(), allowed) or _ticked_letter(text.splitlines(), allowed)
    if letter is not None:
        return letter, "the one option called right is"
    if not lines:
        return None, "no option was named"
    listed = [match for match in _LISTED.finditer(text) if match.group("letter") in allowed]
    if (
        len(listed) == 1
        and listed[0].start() == text.find(lines[0])
        and stated is None
        and not _denied(text, listed[0].start("letter"), listed[0].end("letter"))
    ):
        return listed[0].group("letter"), "the answer opens with"
    letter = _settled_letter(text, allowed)
    if letter is not None:
        return letter, "the answer settles on"
    if _names_several(text, allowed):
        return None, "several options are named at once"
    opening = _leading_letter(text, allowed)
    if opening is not None and len(listed) <= 1:
        return opening, "the answer opens with"
    if choices:
        computed = lines[-1].rpartition("=")[2]
        letter = _by_text(computed, choices) or _by_text(lines[-1], choices) or _by_text(text, choices)
        if letter is not None:
            return letter, "the answer names the text of option"
    if len(listed) > 1 and listed[0].group("letter") == "A" and listed[-1].start() == text.rfind(lines[-1]):
        return None, "the options are listed and none is chosen"
    letter = _last_bare_letter(lines[-1], allowed)
    return (letter, "the last option named is") if letter else (None, "no option was named")


def _without_repeated_options(lines: list[str]) -> list[str]:
    """The lines without a list of the options (three or more lines A, B, C ... in a row), which chooses none."""
    kept: list[str] = []
    run: list[str] = []
    for line in [*lines, ""]:
        match = _LISTED.match(line)
        bare = line.strip() if len(line) < 10 else ""
        following = _LETTERS[len(run)] if len(run) < len(_LETTERS) else "-"
        if (match.group("letter") if match is not None else bare) == following:
            run.append(line)
            continue
        if len(run) < _OPTIONS_IN_A_LIST:
            kept += run
        run = [line] if (match.group("letter") if match is not None else bare) == "A" else []
        if not run and line:
            kept.append(line)
    return kept


_OPTIONS_IN_A_LIST = 3
_QUESTIONS_FIRST = re.compile(r"\s{0,10}(?:[^.!?\n]{1,200}\?\s{1,4}){1,5}(?=\S)")
_SHORT_FOR_ANSWER = re.compile(r"\s{0,4}A:\s{1,3}[(\[*]{0,3}(?P<letter>[A-J])[)\]*.]{0,3}\s*")
_LOWER_CASE = re.compile(r"\s{0,4}(?i:it['’]?s|it is|that['’]s)\s[(\[*]{0,3}(?P<letter>[b-hj])[)\]*.!]{0,3}\s*")
_ASKED_ALONE = re.compile(r"[\s*_(]{0,4}[A-Ja-j][\s*_)]{0,4}\?\s*")
_OPTION_LINE = re.compile(
    r"[\s|*_>#•-]{0,10}(?:[Oo]ption\s)?[(\[]?(?P<letter>[A-J])[)\].:*_]{0,4}\s{0,4}(?:[|:–—✓✔✅☑✗✘❌✕-]|\s).{0,400}",
    re.DOTALL,
)
_CALLED_RIGHT = re.compile(r"(?<!not )(?<!n't )\b(?:correct|true|right|yes|valid)\b|[✓✔✅☑]", re.IGNORECASE)
_CALLED_WRONG = re.compile(
    r"\b(?:incorrect|false|wrong|no|invalid|not (?:correct|true|right|valid))\b|[✗✘❌✕]", re.IGNORECASE
)


def _judged_letter(lines: list[str], allowed: str) -> str | None:
    """The one option called right in a list or table that calls each of the others wrong."""
    right: list[str] = []
    wrong = 0
    for line in lines:
        match = _OPTION_LINE.fullmatch(line[:400])
        if match is None or match["letter"] not in allowed:
            continue
        called_wrong = _CALLED_WRONG.search(line) is not None
        if called_wrong is (_CALLED_RIGHT.search(line) is not None):
            return None
        wrong += called_wrong
        if not called_wrong:
            right.append(match["letter"])
    return right[0] if len(right) == 1 and wrong else None


def _ticked_letter(lines: list[str], allowed: str) -> str | None:
    """The one option that a list of the options ticks or sets in bold."""
    seen: set[str] = set()
    marked: list[str] = []
    for line in lines:
        match = _LISTED.match(line)
        if match is None or match["letter"] not in allowed:
            continue
        seen.add(match["letter"])
        if _TICK.search(line) or _BOLD_OPTION.match(line):
            marked.append(match["letter"])
    return marked[0] if len(marked) == 1 and len(seen) >= _OPTIONS_IN_A_LIST else None


_TICK = re.compile(r"[✓✔✅☑]|(?:<-{1,2}|←|\()\s?(?:the\s)?(?:correct|right|answer)\b", re.IGNORECASE)
_BOLD_OPTION = re.compile(r"[\s>-]{0,6}\*\*[(\[]?[A-J][)\].:]\s[^*]{1,200}\*\*\s*\Z")


def _corrected(text: str) -> str | None:
    """What follows the last correction ("B, no wait, A") of an answer without a mark."""
    found = None
    for found in CORRECTION.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return text[found.end() :].strip(" ,.:;-—\n*") or None if found is not None else None


# The last ones decide; a text made of letters must not cost more than reading it.
_MATCHES_JUDGED = 500


def _names_several(text: str, allowed: str) -> bool:
    match = _STARTS.match(text)
    return (
        match is not None
        and match.group("letter") in allowed
        and _SECOND_LETTER.match(match.group("after")) is not None
    )


def _settled_letter(text: str, allowed: str) -> str | None:
    """The last letter chosen in words ("I choose B", "(B)", "B is correct"), leaving out denied ones."""
    last = None
    for match in collections.deque(_CHOSEN.finditer(text), maxlen=_MATCHES_JUDGED):
        group = next(
            name
            for name in ("letter", "judged", "fitting", "made", "concluded", "bracketed", "bold")
            if match.group(name)
        )
        letter, start, end = match.group(group), match.start(group), match.end(group)
        if letter not in allowed or _denied(text, start, end):
            continue
        after = text[end : end + 60]
        if _ASKED_ABOUT.match(after):
            continue
        if (group == "concluded" or (group == "letter" and letter in "AI")) and not _SETTLED.match(after):
            continue
        if group in ("letter", "concluded") and _SECOND_LETTER.match(after):
            continue
        last = letter
    return last


_ASKED_ABOUT = re.compile(r"[)\]*_\s]{0,4}\?(?![\s*]{0,4}(?:yes|indeed|correct|right|exactly)\b)", re.IGNORECASE)


def _denied(text: str, start: int, end: int) -> bool:
    return bool(_DENIED_BEFORE.search(text[max(0, start - 40) : start]) or _DENIED_AFTER.match(text[end : end + 60]))


def _last_bare_letter(line: str, allowed: str) -> str | None:
    """The last capital standing alone in the closing line, unless denied, or an article, or a pronoun."""
    last = None
    for match in collections.deque(_BARE.finditer(line), maxlen=_MATCHES_JUDGED):
        letter = match.group("letter")
        if letter not in allowed or _denied(line, match.start(), match.end()):
            continue
        if _SECOND_LETTER.match(line[match.end() : match.end() + 60]):
            return None
        if not _SETTLED.match(line[match.end() : match.end() + 60]):
            continue
        last = letter
    return last


MULTIPLE_CHOICE = Scorer(
    name="multiple_choice",
    version=3,
    function=score_multiple_choice,
    config_keys={
        "choices": "option texts: a list for A, B, ... or an object from letter to text",
        "letters": "how many letters there are, 2 to 10 (10)",
    },
)
