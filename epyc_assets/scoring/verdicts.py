"""What a scorer is and what it returns: `Score`, `Scorer`, and the errors a wrong question raises.

Belongs here: the types every scorer shares and the few constructors that keep scores uniform. Does not belong
here: how any one answer is judged (a file each beside this one), or anything that knows Polars (`stored.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Config = Mapping[str, Any]
"""A scorer's configuration as read from JSON."""


class UnknownScorer(ValueError):
    """A question names a scorer that does not exist."""


class UnknownVerifier(ValueError):
    """A programmatic question names a verifier that does not exist."""


class InvalidScorerConfig(ValueError):
    """A scorer's configuration cannot be used as written; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Score:
    """A scorer's verdict on one answer.

    `value` (0..1), `passed` and `extracted` come from the flexible extraction, the `strict_` ones from the
    strict one. None for `value` and `passed` means the answer was not scored, and `explanation` says why.
    `invalid_label`: no answer at all could have passed, because of the question's reference; such a verdict says
    nothing about the model and is stored without its value.
    """

    value: float | None
    passed: bool | None
    extracted: str | None
    explanation: str
    strict_value: float | None
    strict_passed: bool | None
    strict_extracted: str | None
    invalid_label: bool = False


@dataclass(frozen=True, slots=True)
class Scorer:
    """A named, versioned, pure scoring function of (answer, expected, config).

    Raise `version` whenever the verdict on any answer may change: stored scores of another version are
    computed again. `config_keys`: what may stand in its config, each with a line on what it does.
    """

    name: str
    version: int
    function: Callable[[str, str, Config], Score]
    config_keys: Mapping[str, str] = field(default_factory=dict)


def verdict(
    passed: bool,
    extracted: str | None,
    explanation: str,
    *,
    strict_passed: bool,
    strict_extracted: str | None,
) -> Score:
    """A score that is all or nothing: value 1.0 for a pass and 0.0 otherwise, strict likewise."""
    return Score(
        value=float(passed),
        passed=passed,
        extracted=extracted,
        explanation=explanation,
        strict_value=float(strict_passed),
        strict_passed=strict_passed,
        strict_extracted=strict_extracted,
    )


def failed(explanation: str) -> Score:
    """A score of 0 with nothing extracted, e.g. because no answer was given."""
    return verdict(False, None, explanation, strict_passed=False, strict_extracted=None)


def not_scored(reason: str) -> Score:
    """The score of an answer that could not be judged; `reason` says why."""
    return Score(None, None, None, f"not scored: {reason}", None, None, None)


def invalid_label(reason: str) -> Score:
    """The score of an answer whose question has an unusable label: never a pass, and said to be so."""
    return replace(failed(f"invalid label: {reason}"), invalid_label=True)


def text_list(config: Config, key: str) -> list[str]:
    """The list of texts under `key`, empty where absent.

    Raises:
        InvalidScorerConfig: the value is not a list of non-empty texts, or is an empty list.
    """
    value = config.get(key)
    if value is None:
        return []
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple) or not value:
        raise InvalidScorerConfig(f"'{key}' must be a list with at least one text; got {value!r}.")
    for entry in value:
        if not isinstance(entry, str) or not entry.strip():
            raise InvalidScorerConfig(f"'{key}' holds {entry!r}; each entry must be a text that is not empty.")
    return list(value)


def flag(config: Config, key: str, default: bool) -> bool:
    """The boolean under `key`.

    Raises:
        InvalidScorerConfig: the value is there but is not true or false.
    """
    value = config.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise InvalidScorerConfig(f"'{key}' must be true or false; got {value!r}.")
    return value


def number(config: Config, key: str, default: float) -> float:
    """The finite number under `key`.

    Raises:
        InvalidScorerConfig: the value is there but is not a finite number of zero or more.
    """
    value = config.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise InvalidScorerConfig(f"'{key}' must be a number of zero or more; got {value!r}.")
    return float(value)
