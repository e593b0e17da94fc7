"""Judging many answers one after another: what is stored of each verdict, and why one has none.

Belongs here: from (scorer, answer, reference, config as JSON text) to the stored fields of a score, each different
answer judged once, each config parsed once. Does not belong here: frames (`stored.py`), processes (`judging_pool.py`),
how one answer is judged (the scorers). Imports no Polars: the processes that judge import this.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from epyc_assets.scoring.catalogue import SCORERS, scorer_named
from epyc_assets.scoring.verdicts import (
    Config,
    InvalidScorerConfig,
    Score,
    UnknownScorer,
    UnknownVerifier,
    not_scored,
)

SCORED = "scored"
NOT_SCORED = "not_scored"
INVALID_LABEL = "invalid_label"
UNKNOWN_VERSION = 0
"""The version of a scorer that does not exist here."""

_LONGEST_EXTRACT_CHARACTERS = 2000


class Answer(NamedTuple):
    """One answer with what its scorer needs. Two equal ones get the same verdict. config: JSON text."""

    scorer: str | None
    text: str | None
    expected: str | None
    config: str | None


class Verdict(NamedTuple):
    """What is stored of a score. status: scored, not_scored or invalid_label; only the first has values."""

    status: str
    value: float | None
    passed: bool | None
    extracted: str | None
    explanation: str
    strict_value: float | None
    strict_passed: bool | None
    strict_extracted: str | None


def judge(answers: Iterable[Answer]) -> list[Verdict]:
    """A verdict for each answer, in order. Never raises because of an answer, a question or a config."""
    configs: dict[str | None, Config | str] = {}
    verdicts: dict[Answer, Verdict] = {}
    judged: list[Verdict] = []
    for answer in answers:
        verdict = verdicts.get(answer)
        if verdict is None:
            if answer.config not in configs:
                configs[answer.config] = _parsed(answer.config)
            verdict = verdicts[answer] = stored_verdict(_score_one(answer, configs[answer.config]))
        judged.append(verdict)
    return judged


def stored_verdict(score: Score) -> Verdict:
    """A score as it is stored: extracts shortened, and without values where it says nothing about the answer."""
    if score.invalid_label:
        return Verdict(INVALID_LABEL, None, None, None, _writable(score.explanation), None, None, None)
    return Verdict(
        NOT_SCORED if score.passed is None else SCORED,
        score.value,
        score.passed,
        _shortened(score.extracted),
        _writable(score.explanation),
        score.strict_value,
        score.strict_passed,
        _shortened(score.strict_extracted),
    )


def without_verdict(reason: str) -> Verdict:
    """The verdict on an answer that could not be judged."""
    return stored_verdict(not_scored(reason))


def version_of(scorer: str | None) -> int:
    """The present version of a scorer, UNKNOWN_VERSION for a name that is none."""
    known = SCORERS.get(scorer) if scorer is not None else None
    return UNKNOWN_VERSION if known is None else known.version


def _parsed(config_text: str | None) -> Config | str:
    """The config, or what is wrong with it."""
    if config_text is None or not config_text.strip():
        return {}
    try:
        config = json.loads(config_text)
    except (ValueError, RecursionError) as error:
        return f"the scorer_config is not JSON ({error})"
    if config is None:
        return {}
    return config if isinstance(config, dict) else "the scorer_config is not a JSON object"


def _score_one(answer: Answer, config: Config | str) -> Score:
    if answer.scorer is None:
        return not_scored("the question names no scorer")
    if answer.text is None:
        return not_scored("no answer was recorded")
    if isinstance(config, str):
        return not_scored(config)
    try:
        return scorer_named(answer.scorer).function(answer.text, answer.expected or "", config)
    except (UnknownScorer, UnknownVerifier, InvalidScorerConfig) as error:
        return not_scored(str(error))
    # A fault in a scorer, met on one answer of a million, must not cost the others their verdict.
    except Exception as error:  # noqa: BLE001
        return not_scored(f"the scorer {answer.scorer} failed on this answer ({type(error).__name__}: {error})")


def _shortened(extracted: str | None) -> str | None:
    """Extracts are for people; the whole answer is in the generations."""
    if extracted is None or len(extracted) <= _LONGEST_EXTRACT_CHARACTERS:
        return None if extracted is None else _writable(extracted)
    return _writable(extracted[:_LONGEST_EXTRACT_CHARACTERS]) + "…"


def _writable(text: str) -> str:
    """The text with "?" for half a surrogate pair: JSON in an answer may spell one (\\ud83d), no table can hold it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
