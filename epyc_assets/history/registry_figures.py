"""Figures of the registry: what a text like 1.61x says, and whether a claimed speed can be true.

Here: value and unit of a figure, and the rule of trust. Not here: measured speeds (run_result, text_log).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from epyc_assets.history.fields import finite_number
from epyc_assets.history.yaml_text import text_of

USUAL_DRAFT_TOKENS = 24
"""Tokens drafted per step that is assumed where a role states no k: the largest that the registry's roles use."""

_TIMES = re.compile(r"\s*~?([\d.]{1,12})\s*[x×]\s*")
_PERCENT = re.compile(r"\s*~?([\d.]{1,12})\s*%\s*")
_COUNTED = re.compile(r"\s*(\d{1,6})\s*/\s*(\d{1,6})\s*(?:\([\d.]{1,12}\s*%\))?\s*")
_CONTRADICTION = 0.05


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as found. value: None where it is no single number. unit: tokens_per_second, times, percent, share
    (0..1) or None where neither key nor text says it. raw: the text of the file."""

    value: float | None
    unit: str | None
    raw: str | None


def figure_of(metric: str, value: object) -> Figure:
    """The figure under the key `metric`.

    >>> figure_of("speedup", "1.61x")
    Figure(value=1.61, unit='times', raw='1.61x')
    """
    raw = text_of(value)
    if raw is None:
        return Figure(None, None, None)
    number = finite_number(value, from_text=True)
    if number is not None:
        return Figure(number, _unit_of(metric), raw)
    for pattern, unit in ((_TIMES, "times"), (_PERCENT, "percent")):
        if match := pattern.fullmatch(raw):
            return Figure(finite_number(match[1], from_text=True), unit, raw)
    if (match := _COUNTED.fullmatch(raw)) and int(match[2]) > 0:
        return Figure(100 * int(match[1]) / int(match[2]), "percent", raw)
    return Figure(None, None, raw)


def distrust(metric: str, figures: Mapping[str, Figure], draft_tokens: Sequence[int]) -> str | None:
    """Why the figure cannot be believed, in a sentence; None where nothing speaks against it.

    A step of speculation verifies k drafted tokens and yields at most k + 1; it takes at least as long as a step
    without. So no speed-up exceeds k + 1. The servers' timing was wrong under speculation (up to 28 times too fast),
    and this is how it shows. draft_tokens: every k that the role states.
    """
    figure = figures[metric]
    baseline = _speed(figures, "baseline_tps")
    optimized = _speed(figures, "optimized_tps")
    cap = max(draft_tokens, default=USUAL_DRAFT_TOKENS) + 1
    if figure.value is None:
        return None
    if figure.unit == "times":
        if figure.value > cap:
            return f"{figure.raw} is more than the {cap} tokens that a speculative step can yield; server timing"
        if metric == "speedup" and baseline and optimized:
            found = optimized / baseline
            if abs(found - figure.value) > _CONTRADICTION * found:
                return f"{figure.raw} contradicts optimized_tps / baseline_tps = {found:.2f}"
        return None
    if figure.unit != "tokens_per_second" or not baseline or "prompt" in metric or metric in _UNACCELERATED:
        return None
    if figure.value > cap * baseline:
        times = figure.value / baseline
        return f"{times:.1f} times baseline_tps, but a speculative step yields at most {cap} tokens; server timing"
    if metric == "optimized_tps" and figure.value < baseline:
        return f"called optimized, but slower than baseline_tps = {baseline:g}"
    return None


_UNACCELERATED = frozenset(("baseline_tps", "raw_tps", "gen_tps"))


def _speed(figures: Mapping[str, Figure], metric: str) -> float | None:
    figure = figures.get(metric)
    return figure.value if figure is not None and figure.value is not None and figure.value > 0 else None


def _unit_of(metric: str) -> str | None:
    if metric == "tps" or metric.endswith("_tps"):
        return "tokens_per_second"
    if metric.endswith("speedup"):
        return "times"
    if metric.endswith("_pct"):
        return "percent"
    return "share" if metric == "acceptance_rate" else None
