"""Scorer `f1`: word overlap with the reference as SQuAD v1.1 measures it.

Belongs here: SQuAD's normalisation and its F1. Does not belong here: exact comparison (`exact_match.py`).

Source: Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text" and its published
evaluation script (v1.1): lower case, no ASCII punctuation, no articles; overlap is a multiset intersection.

Config (all optional): `any_of` (more reference answers; the best one counts), `threshold` (0.5: the least F1
that passes).
"""

from __future__ import annotations

import re
import string
from collections import Counter

from epyc_assets.scoring.extraction import stated_answer, visible_answer
from epyc_assets.scoring.verdicts import (
    Config,
    InvalidScorerConfig,
    Score,
    Scorer,
    failed,
    invalid_label,
    number,
    text_list,
)

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
DEFAULT_THRESHOLD = 0.5


def normalised_words(text: str) -> list[str]:
    """The words of a text after SQuAD v1.1's normalisation."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def token_f1(prediction: str, reference: str) -> float:
    """SQuAD v1.1 F1: 2PR/(P+R) over the multisets of normalised words; 0 when nothing is shared."""
    predicted, wanted = normalised_words(prediction), normalised_words(reference)
    shared = sum((Counter(predicted) & Counter(wanted)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def score_f1(answer: str, expected: str, config: Config) -> Score:
    """The best F1 over the references.

    Flexible: of the marked final answer where there is one; strict: of everything.

    Raises:
        InvalidScorerConfig: an option has the wrong type, or the threshold is not above 0 and at most 1.
    """
    threshold = number(config, "threshold", DEFAULT_THRESHOLD)
    if not 0 < threshold <= 1:
        raise InvalidScorerConfig(f"'threshold' must lie above 0 and at most at 1; got {threshold}.")
    references = [text for text in [expected, *text_list(config, "any_of")] if normalised_words(text)]
    if not references:
        return invalid_label("the expected answer has no words left after normalisation")
    visible = visible_answer(answer)
    if visible.text is None:
        return failed(visible.fault or "no answer was given")
    stated = stated_answer(visible.text)
    whole = visible.text
    flexible = stated.text if stated is not None else whole
    best, reference = max((token_f1(flexible, text), text) for text in references)
    strict_best = max(token_f1(whole, text) for text in references)
    if stated is not None and strict_best > best:
        flexible, best = whole, strict_best
    passed = best >= threshold
    return Score(
        value=best,
        passed=passed,
        extracted=flexible.strip(),
        explanation=f"F1 {best:.3f} against {reference[:80]!r}; passing takes {threshold:g}",
        strict_value=strict_best,
        strict_passed=strict_best >= threshold,
        strict_extracted=whole.strip(),
    )


F1 = Scorer(
    name="f1",
    version=2,
    function=score_f1,
    config_keys={
        "any_of": "more reference answers; the best one counts",
        "threshold": "the least F1 that passes (0.5)",
    },
)
