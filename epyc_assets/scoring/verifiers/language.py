"""Verifier `language:response_language`: a text's language from its script and its commonest words.

Belongs here: a small offline guess that says "cannot tell" rather than guess wildly. Does not belong here:
anything that needs a trained model. IFEval's reference uses the langdetect package, and counts a text whose
language it cannot tell as following; here such an answer is not scored.
"""

from __future__ import annotations

import re

from epyc_assets.scoring.verdicts import InvalidScorerConfig
from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier

# Scripts that (nearly) one language writes in.
_SCRIPTS: dict[str, str] = {
    "ko": "\uac00-\ud7af\u1100-\u11ff", "th": "\u0e00-\u0e7f", "el": "\u0370-\u03ff", "he": "\u0590-\u05ff",
    "bn": "\u0980-\u09ff", "pa": "\u0a00-\u0a7f", "gu": "\u0a80-\u0aff", "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f", "kn": "\u0c80-\u0cff", "ml": "\u0d00-\u0d7f",
    "kana": "\u3040-\u30ff", "han": "\u4e00-\u9fff\u3400-\u4dbf", "cyrillic": "\u0400-\u04ff",
    "arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff", "devanagari": "\u0900-\u097f",
    "latin": "a-zA-Z\u00c0-\u024f\u1e00-\u1eff",
}  # fmt: skip
_SCRIPT_LETTERS = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}

# Common words, and letters that few other languages of the same script use (each counts as a word).
_COMMON: dict[str, dict[str, str]] = {
    "latin": {
        "en": "the and of to is in that it for was with as on are this be have not you from which but they at",
        "fr": "le la les des et est une dans que qui pour pas vous nous avec sur sont ce cette au du je il",
        "de": "der die das und ist nicht ein eine mit zu den von im auf für sich auch es ich wir sie dem als",
        "es": "el los las y es una que por con para del se no en su como más pero está lo este muy también",
        "it": "il lo gli e è di che una per con non del della sono si nel anche più questo come alla le ho",
        "pt": "o os as e é uma que de não para com do da em um se no na por mais são você também muito está",
        "nl": "de het een en van is dat niet op te zijn met voor aan er maar ook ik je wij deze door bij",
        "vi": "là và của có không được những một các cho người trong với này để khi tôi bạn đã rất",
        "sw": "na ya wa kwa ni katika za la cha hii kama lakini sana watu yake hiyo kuwa pia ambayo si",
        "fi": "ja on ei se että hän oli mutta kun niin joka ovat myös tämä voi kanssa sen minä ole",
        "pl": "i w nie na się jest że do to z jak ale o po są przez dla być tak który może",
        "ro": "și în este nu la cu pe care un o din mai sunt pentru că ce de fi sau această foarte",
        "sv": "och att det i en är som på inte av för med den till har om ett men jag kan",
        "da": "og at det i en er som på ikke af for med den til har om et men jeg kan blev meget også",
        "no": "og at det i en er som på ikke av for med den til har om et men jeg kan ble mye også",
        "cs": "a je se na v že to s z do o jako ale jsou pro by které byl také není",
        "hu": "a az és hogy nem is egy van ez meg csak de volt már ha mint vagy nagyon azt",
        "tr": "ve bir bu da de için ile çok ne daha gibi olarak olan ama değil var ben sen en",
        "id": "dan yang di itu dengan untuk tidak ini dari dalam akan pada juga ke karena ada saya adalah",
    },
    "cyrillic": {
        "ru": "и в не на что с он как это по но она его для из от мы вы был они все ы э ё",
        "bg": "и в не на че с той като това по но тя за от е да се са бе ще със които ъ",
        "uk": "і в не на що з він як це по але вона його для від ми ви був вони та є ї ґ",
    },
    "arabic": {
        "ar": "في من على إلى أن هذا التي الذي هو مع لا ما كان هي عن قد كل و ة",
        "fa": "در از به که این را با است برای آن یک می های خود تا شده پ چ ژ گ",
        "ur": "کے کی میں ہے اور سے کا کو نے پر ہیں یہ کہ بھی تھا ایک ٹ ڈ ڑ ں ے",
    },
    "devanagari": {
        "hi": "है के में की और का को से हैं यह नहीं पर भी एक था कि लिए",
        "mr": "आहे आणि मध्ये च्या ते हे नाही या आहेत होते एक तर करण्यासाठी ळ",
        "ne": "छ र को मा हो छन् यो गर्न भएको पनि लाई एक थियो तर छैन हुन्छ",
    },
}  # fmt: skip
_COMMON_WORDS = {
    script: {language: frozenset(words.split()) for language, words in languages.items()}
    for script, languages in _COMMON.items()
}
_DISTINCTIVE = {
    "vi": "ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ", "tr": "ğış", "pl": "łąęńśźż", "cs": "řěů",
    "hu": "őű", "ro": "țșă", "de": "ßäöü", "pt": "ãõ", "es": "ñ¿¡", "sv": "åäö", "da": "æø", "no": "æø",
    "fi": "äö",
    "ru": "ыэё", "uk": "їєґ", "bg": "ъ", "fa": "پچژگ", "ur": "ٹڈڑںے", "mr": "ळ",
}  # fmt: skip
_KNOWN = {*(name for name in _SCRIPTS if len(name) == 2), "ja", "zh"} | {
    language for languages in _COMMON.values() for language in languages
}
_LEAST_HITS = 2


def detected_language(text: str) -> str | None:
    """The ISO 639-1 code of a text's language, or None when the text does not show it clearly.

    Knows the scripts of some fifteen languages, and by their commonest words some twenty-five more.
    """
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPT_LETTERS.items()}
    total = sum(counts.values())
    if total < 3:
        return None
    if counts["kana"] and counts["kana"] + counts["han"] > total / 2:
        return "ja"
    script = max(counts, key=lambda name: counts[name])
    if counts[script] * 2 <= total:
        return None
    if script == "han":
        return "zh"
    if script not in _COMMON_WORDS:
        return script
    return _by_common_words(text.lower(), script)


def _by_common_words(text: str, script: str) -> str | None:
    words = re.findall(r"[^\W\d_]+(?:[\u0900-\u097f]+)?" if script != "devanagari" else r"[\u0900-\u097f]+", text)
    hits: dict[str, float] = {}
    for language, common in _COMMON_WORDS[script].items():
        letters = frozenset(_DISTINCTIVE.get(language, ""))
        found = sum(word in common for word in words)
        found += sum(1 for word in words if letters and not letters.isdisjoint(word))
        hits[language] = found
    best, second = sorted(hits.values(), reverse=True)[:2]
    if best < _LEAST_HITS or best < 1.15 * second:
        return None
    return max(hits, key=lambda language: hits[language])


def response_language(answer: str, arguments: Arguments) -> Finding:
    """The whole answer is in `language` (an ISO 639-1 code)."""
    wanted = arguments.text("language").lower().split("-")[0]
    if not re.fullmatch(r"[a-z]{2,3}", wanted):
        raise InvalidScorerConfig(
            f"Instruction '{arguments.instruction_id}': 'language' must be an ISO 639-1 code; got {wanted!r}."
        )
    language = detected_language(answer)
    if language is None:
        return Finding(None, "the language of the answer cannot be told offline")
    if language == wanted:
        return Finding(True, f"the language is {language}")
    if wanted not in _KNOWN:
        return Finding(None, f"language {wanted!r} is not one that can be told offline")
    return Finding(False, f"the language looks like {language}, wanted {wanted}")


VERIFIERS = (Verifier("language:response_language", ("language",), response_language),)
