"""Whether the words around a mention deny it: "not Paris", "Paris is wrong", "Many say Paris, but that is false".

Belongs here: the wordings of denial, doubt and question, and the idioms that look like one. Does not belong here: where
the mention is (`substring.py`). What is looked at is the text before a mention and the text after it, some hundred
characters each.
"""

from __future__ import annotations

import re

_CLAUSE_END = re.compile(
    r"[.;:!?,—。，；！？、]|(?<!\bnot)(?<!n't)(?<!n’t)(?<!never)\n|而是|\s-\s"
    r"|(?<!anything )(?<!nothing )(?<!anywhere )(?<!everything )(?<!everywhere )(?<!anyone )(?<!everyone )\bbut\b"
    r"|\b(?:rather(?! than)|instead(?! of)|however|although|though|sondern|sino|mais|maar|aber)\b"
    r"|(?<!think )(?<!doubt )(?<!believe )(?<!that )(?<!say )(?<!sure )(?<!mean )(?<!way )(?<!chance )"
    r"(?<!if )(?<!whether )(?<!unless )\b(?:it's|it is)\b",
    re.IGNORECASE,
)
_NEGATOR = re.compile(
    r"\b(?:not|never|no|nor|neither|nobody|nothing|none of|cannot|without|rather than|instead of|except|excluding"
    r"|unlike"
    r"|nowhere|hardly|scarcely|doubt|doubtful|doubts|reject|rejects|rejected|deny|denies|ruled? out|rules out"
    r"|ruling out|other than|as opposed to|unlikely|refuse to|refuses to|(?:false|untrue|wrong|incorrect) that"
    r"|(?:wrong|incorrect|false|mistaken|mistake) to (?:say|think|claim|assume|call|answer|state|choose|pick|name"
    r"|believe)"
    r"|(?:myth|misconception|fallacy) (?:is )?that"
    r"|mistakenly|wrongly|erroneously|falsely"
    r"|unless|whether|if (?:it|this|that|he|she|they|there))\b"
    r"|\b(?:wrong|incorrect|false) (?:answer|choice|option|guess|one) (?:is|was|would be|might be):?\s*\Z"
    r"|(?:\b(?:far from(?: being)?|lacks?|lacking|excludes|omits)|≠|!=)\s{0,2}\Z"
    r"|\b(?:anything|anywhere|anyone|everything|everywhere|everyone|all)\sbut\s(?:in\s|the\s)?\Z"
    r"|n['’]t\b|不是|并非|並非|不在|绝非"
    # French, Spanish and Portuguese, Italian, German, Dutch, the Nordic and the Slavic languages, and others
    r"|\bn(?:e\s|['’])[^.,;]{0,30}\b(?:pas|jamais)\b|\bpas\s(?:(?:à|de|le|la|un|une)\s)?\Z|\bnão\b|\bnon\s(?:è|era"
    r"|sono|è stat[oa])\b"
    r"|\bnon\s\Z|\b(?:nicht|kein(?:e[nmrs]?)?|niemals|niet|geen|ikke|inte|nie|není|bukan|không phải)\b|\b(?:не|нет"
    r"|ні)\b|ليس",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(
    r"\bnot\s+(?:only|just|merely|simply|impossible|without|to mention|to forget)\b"
    r"|\b(?:do(?:n['’]t|\snot)|should(?:n['’]t|\snot)|must(?:n['’]t|\snot))\s+(?:forget|miss|overlook|underestimate)\b"
    r"|\bcan(?:not|['’]t|\snot)\s+(?:deny|forget|overlook|believe)\b"
    r"|\b(?:not|n['’]t)\s+be\s+(?:forgotten|overlooked|denied|ignored|missed)\b"
    # Two denials: "not wrong to say", "I don't doubt that", "nothing other than", "can't be anything but"
    r"|(?:\b(?:not|never|cannot)|n['’]t)\s(?:\w{1,12}ly\s)?(?:untrue|unlikely|incorrect|wrong|false|impossible|doubt"
    r"|dispute"
    r"|deny)\b(?:\s(?:that|to say|to think))?"
    r"|(?:\b(?:not|never|cannot)|n['’]t)\s[^.;:!?,\n]{0,30}\b(?:(?:anything|anyone|anywhere)\s(?:but|except"
    r"|other than)|other than)\b"
    r"|\b(?:nothing|nobody|none|nowhere|no one)\s(?:but|other than|else than|except)\b"
    r"|(?:\bnot|n['’]t)\s(?:the case|true) that\s[^.;:!?,\n]{0,30}(?:\bnot|n['’]t)\b"
    r"|(?:\bnot|n['’]t)\s(?:hesitate to|(?:know|say|explain|understand|remember|see)\s(?:why|how|when|where|what"
    r"|who))\b"
    r"|\b(?:hardly anyone|hardly anybody|nobody|no one|few)\s(?:\w{1,12}\s)?(?:doubts?|disputes?|den(?:y|ies)"
    r"|questions?)\b"
    r"|(?:\bno|\bnot an?|n['’]t an?) secret\b|\bnot until\b|\bnothing (?:compares|beats|rivals)\b"
    r"|(?:\b(?:no|not|never)|n['’]t)\s(?:\w{1,12}\s){0,4}(?:\w{1,12}er|more|less|other)(?:\s\w{1,12})?\sthan\b"
    r"|\b(?:is|was|are|were)n['’]t\s(?:it|this|that|he|she|they)\b"
    r"|\bno wonder\b|\bnothing wrong with\b|\bno (?:one|place|city|other) (?:like|but)\b|\bhas no (?:equal|rival)\b"
    r"|\bwithout (?:any )?hesitation\b"
    r"|\b(?:no|without(?: a| any)?|beyond(?: a| any)?)\s+(?:doubt|question)\b",
    re.IGNORECASE,
)
# "Paris is not the capital" denies Paris; "Paris is not small" says something about it.
_DENIED_PREDICATE = (
    r"(?=[*_\"'”’)]{0,4}(?:[.,;:!\n]|\Z)|(?:\s(?:even|actually|really|necessarily))?\s+(?!in\s(?:doubt|question"
    r"|dispute))(?:be\b|the\b|an?\b|it\b|correct|right|true|my\b"
    r"|possible|valid|what\b|where\b|in\b|among\b|one\b|likely|accurate|appropriate|acceptable"
    r"|listed|included|mentioned|considered))"
)
_DENIED_AFTER = re.compile(
    r"[\s\"'”’*_`)]{0,4}(?:,\s(?:however|though),\s)?"
    r"(?:(?:is|are|was|were|would be|must be|(?:seems|appears|looks|turns out|turned out)(?: to be)?)\s+(?:also\s+"
    r"|certainly\s+|definitely\s+|clearly\s+|very\s+|highly\s+)?"
    rf"(?:(?:not|never)\b{_DENIED_PREDICATE}|(?:an?\s+|the\s+)?(?:(?:common|popular|typical|usual|frequent)\s+)?"
    r"(?:wrong|incorrect|false|mistaken)|ruled out|excluded|unlikely|impossible|improbable|off the table"
    r"|eliminated|rejected|dismissed|discarded|disqualified|missing|absent|out of the question|"
    r"no (?:answer|option|match|solution|capital|city|country|member)|out(?=[.,;!\n]|\Z))\b|(?:is|are|was|were)n['’]t\b"
    + _DENIED_PREDICATE
    + r"|(?:is|are|was|were) no longer\b"
    + _DENIED_PREDICATE
    + r"|(?:has|have|had) (?:never|not) been\b"
    + _DENIED_PREDICATE
    + r"|(?:cannot|can not|could not|would not|(?:ca|could|wo|would)n['’]t)\s+be\b"
    + _DENIED_PREDICATE
    + r"|(?:ca|could|wo|would)n['’]t(?=[.,;!\n]|\Z)|\s?(?:≠|!=)"
    r"|(?:can|may|should|must|could) be (?:excluded|eliminated|ruled out|dismissed|discarded|rejected)\b"
    r"|does(?:n['’]t| not)\s+(?:fit|work|match|apply|qualify)\b|fails\b|(?:[—–-]|:)\s(?:no|wrong|incorrect|false)\b"
    r"|,\s(?:no|wrong|incorrect)(?=[.!\n]|\Z)"
    # "Many say Paris, but that is wrong."
    r"|[^.!?;\n]{0,60}(?:,|\sbut|\syet)\s(?:but\s|yet\s|and\s)?(?:(?:that|this|it|they|which)\s?(?:is|was|are"
    r"|would be|['’]s|['’]re)"
    r"\s(?:actually\s|simply\s|all\s)?(?:wrong|incorrect|false|mistaken|not (?:true|right|correct|so|the case)"
    r"|a (?:myth|mistake|misconception)))\b)"
    r"|~~|\s?(?:不是|并非|並非|不对|不正确|错)|では(?:ない|ありません|なく)|じゃない|[이가]\s?아[니닙]|\s(?:değil|नहीं)",
    re.IGNORECASE,
)
# "Some think it is Paris, but ...", "People often say Paris; however, ..."
_OTHERS_SAY = re.compile(
    r"\b(?:some|many|most|people|others|students|they|one|(?:you|we) (?:might|may|could"
    r"|would))\b(?:\s\w{1,12}){0,3}\s(?:think|say|believe|assume|guess|answer|claim)"
    r"(?:\s(?:that|of|it is|it['’]s|the answer is)){0,3}\s[\"'*]{0,3}\Z",
    re.IGNORECASE,
)
_BUT_WORD = re.compile(r"[\"'*]{0,3}[,;.]?\s(?:but|however|yet|actually|in fact|in reality)\b", re.IGNORECASE)
# "It is not, in any sense, Paris."
_DENIED_ASIDE = re.compile(
    r"\bnot:\s\Z|(?:\bnot|n['’]t|\bnever),\s[^,.;:!?\n]{1,40},\s+(?:be\s|the\s)?\Z", re.IGNORECASE
)
# "It is not Nice, Lyon or Paris" denies all three.
_LAST_OF_DENIED = re.compile(
    r"\b(?:not|neither|none of|n['’]t)\s(?!sure\b|certain\b)[^.;:!?\n—]{1,80},[^.;:!?\n—]{0,60}\b(?:n?or)\s+\Z",
    re.IGNORECASE,
)
_RULED_OUT = re.compile(r"\brul(?:e|es|ing)\s\Z", re.IGNORECASE)
_TAG_QUESTION = re.compile(
    r",?\s(?:is|was|are|does|did)n['’]t (?:it|he|she|they|that)$|,\s(?:right|correct|no|yes)$", re.IGNORECASE
)
_AFFIRMED = re.compile(r"[\s\"'*_]{1,6}(?:yes|indeed|exactly|correct|right)\b(?!,? but)", re.IGNORECASE)


def denied_before(before: str, after: str = "") -> bool:
    """Whether the text before a mention denies it, or reports it as what others say before a "but"."""
    before = before.replace("_", " ").replace("*", "")
    start = 0
    for boundary in _CLAUSE_END.finditer(before):
        start = boundary.end()
    clause = _NO_NEGATION.sub(" ", before[start:])
    return (
        _NEGATOR.search(clause) is not None
        or _LAST_OF_DENIED.search(before) is not None
        or _DENIED_ASIDE.search(before) is not None
        or (_BUT_WORD.match(after) is not None and _OTHERS_SAY.search(before) is not None)
    )


def denied_after(before: str, after: str) -> bool:
    """Whether the text after a mention denies it."""
    return _DENIED_AFTER.match(after) is not None or (
        _RULED_OUT.search(before) is not None and after.startswith(" out")
    )


_CALLED_WRONG = re.compile(
    r"[\s\"'”’*_`)]{0,4}(?:is|was|would be|must be)\s(?:actually\s|clearly\s|definitely\s|simply\s)?"
    r"(?:(?:a|the)\s)?(?:wrong|incorrect|false|not (?:correct|right|true|the (?:correct |right )?answer))\b",
    re.IGNORECASE,
)


def called_wrong(after: str) -> bool:
    """Whether a mention is called wrong in so many words, which takes back an earlier statement of it."""
    return _CALLED_WRONG.match(after) is not None


def asked(after: str) -> bool:
    """Whether the sentence goes on as a question, which no "yes" answers."""
    end = re.search(r"[.!?\n]", after)
    if end is None or end.group() != "?" or _TAG_QUESTION.search(after[: end.start()]):
        return False
    return _AFFIRMED.match(after, end.end()) is None
