"""Verifier `language:response_language`: a text's language from its script and, within a script, from its letters.

Belongs here: an offline judgement that says "cannot tell" rather than guess wildly. Does not belong here: the model
of letter sequences itself, which is py3langid's (Lui and Baldwin 2012, "langid.py"; under 5 MB, NumPy only).
IFEval's reference uses the langdetect package, and counts a text whose language it cannot tell as following; here
such an answer is not scored.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from epyc_assets.scoring.verdicts import InvalidScorerConfig
from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier

# Scripts that (nearly) one language writes in, by its code; those of several languages by their name.
_SCRIPTS: dict[str, str] = {
    "ko": "\uac00-\ud7af\u1100-\u11ff", "th": "\u0e00-\u0e7f", "el": "\u0370-\u03ff", "he": "\u0590-\u05ff",
    "bn": "\u0980-\u09ff", "pa": "\u0a00-\u0a7f", "gu": "\u0a80-\u0aff", "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f", "kn": "\u0c80-\u0cff", "ml": "\u0d00-\u0d7f",
    "kana": "\u3040-\u30ff", "han": "\u4e00-\u9fff\u3400-\u4dbf", "cyrillic": "\u0400-\u04ff",
    "arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff", "devanagari": "\u0900-\u097f",
    "latin": "a-zA-Z\u00c0-\u024f\u1e00-\u1eff",
}  # fmt: skip
_SCRIPT_LETTERS = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}
_LANGUAGES: dict[str, tuple[str, ...]] = {
    "latin": (
        "en", "es", "pt", "fr", "de", "it", "pl", "vi", "sw", "fi", "nl", "sv", "da", "no", "cs", "sk", "hu", "tr",
        "id", "ro", "ca", "hr", "sl", "et", "lv", "lt", "la", "eo", "cy", "ga", "af", "tl", "sq",
    ),
    "cyrillic": ("ru", "bg", "uk", "sr", "mk", "be", "kk"),
    "arabic": ("ar", "fa", "ur"),
    "devanagari": ("hi", "mr", "ne"),
}  # fmt: skip
KNOWN = (
    frozenset(name for name in _SCRIPTS if len(name) == 2)
    | {"ja", "zh"}
    | {language for languages in _LANGUAGES.values() for language in languages}
)
"""The languages that can be told, as ISO 639-1 codes."""
_LEAST_LETTERS = 3
_SURE = 0.5
"""Least probability among the languages of the script for a text to count as being in one."""
_RULED_OUT = 0.2
"""Probability below which a text is said not to be in a language."""


def language_shares(text: str) -> dict[str, float]:
    """How likely a text is to be in each language it may be in (0..1, adding up to 1); empty: cannot be told.

    A text without letters, or without a script that most of its letters belong to, cannot be told.
    """
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPT_LETTERS.items()}
    total = sum(counts.values())
    if total < _LEAST_LETTERS:
        return {}
    if counts["kana"] and counts["kana"] + counts["han"] > total / 2:
        return {"ja": 1.0}
    script = max(counts, key=lambda name: counts[name])
    if counts[script] * 2 <= total:
        return {}
    if script == "han":
        return {"zh": 1.0}
    if script not in _LANGUAGES:
        return {script: 1.0}
    ranked = {str(language): float(share) for language, share in _identifier().rank(text.lower())}
    shares = {language: ranked[language] for language in _LANGUAGES[script]}
    total_share = sum(shares.values())
    return {language: share / total_share for language, share in shares.items()} if total_share > 0 else {}


@cache
def _identifier() -> Any:
    """The model of letter sequences, loaded once (half a second), for the languages known here only."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([language for languages in _LANGUAGES.values() for language in languages])
    return identifier


def detected_language(text: str) -> str | None:
    """The ISO 639-1 code of a text's language, or None when the text does not show it clearly."""
    shares = language_shares(text)
    best = max(shares, key=lambda language: shares[language], default=None)
    return best if best is not None and shares[best] >= _SURE else None


def response_language(answer: str, arguments: Arguments) -> Finding:
    """The whole answer is in `language` (an ISO 639-1 code)."""
    wanted = arguments.text("language").lower().split("-")[0]
    if not re.fullmatch(r"[a-z]{2,3}", wanted):
        raise InvalidScorerConfig(
            f"Instruction '{arguments.instruction_id}': 'language' must be an ISO 639-1 code; got {wanted!r}."
        )
    wanted = {"nb": "no", "nn": "no"}.get(wanted, wanted)
    shares = language_shares(answer)
    if not shares:
        return Finding(None, "the language of the answer cannot be told")
    best = max(shares, key=lambda language: shares[language])
    if best == wanted:
        return Finding(True, f"the language is {best}")
    if wanted not in KNOWN:
        return Finding(None, f"language {wanted!r} is not one that can be told")
    if shares.get(wanted, 0.0) < _RULED_OUT:
        return Finding(False, f"the language looks like {best}, wanted {wanted}")
    return Finding(None, f"the answer may be {best} or {wanted}")


VERIFIERS = (Verifier("language:response_language", ("language",), response_language),)
