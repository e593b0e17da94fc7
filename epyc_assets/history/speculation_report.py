"""The figures that llama.cpp's speculative program prints after its text, where the text was kept together with them.

Here: reading them from the end of a response. Not here: whole logs of that program (text_log).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TAIL_CHARACTERS = 4000
"""So much of a text's end is searched: the program's figures are a few hundred characters."""
_COUNT = {
    name: re.compile(rf"^{name}\s*=\s*(\d{{1,12}})\s*$", re.MULTILINE)
    for name in ("n_draft", "n_predict", "n_drafted", "n_accept")
}
_ACCEPT = re.compile(r"^accept\s*=\s*(\d{1,3}(?:\.\d{1,9})?)%", re.MULTILINE)
_ENCODED = re.compile(r"^encoded\s+(\d{1,12}) tokens in\s+(\d{1,9}(?:\.\d{1,9})?) seconds", re.MULTILINE)
_DECODED = re.compile(
    r"^decoded\s+(\d{1,12}) tokens in\s+(\d{1,9}(?:\.\d{1,9})?) seconds, speed:\s+(\d{1,9}(?:\.\d{1,9})?) t/s",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class SpeculationReport:
    """The figures that a speculative run prints after its text.

    acceptance_rate: accepted/drafted, 0..1. effective_tps: tokens predicted over the seconds of encoding and decoding
    together; None where one of them is missing.
    """

    n_draft: int | None = None
    n_predict: int | None = None
    n_drafted: int | None = None
    n_accepted: int | None = None
    acceptance_rate: float | None = None
    prompt_eval_ms: float | None = None
    decode_tps: float | None = None
    effective_tps: float | None = None


def speculation_report(response: str) -> SpeculationReport:
    """The figures at the end of a response's text; all None where it has none.

    The last block counts: a model may have written such lines itself, the program prints its own after them.
    """
    if "n_drafted" not in response and "decoded" not in response:
        return SpeculationReport()
    tail = response[-TAIL_CHARACTERS:]
    counts = {name: _last_count(pattern, tail) for name, pattern in _COUNT.items()}
    drafted, accepted = counts["n_drafted"], counts["n_accept"]
    rate: float | None = None
    if drafted is not None and accepted is not None and drafted > 0 and accepted <= drafted:
        rate = accepted / drafted
    elif drafted is None or accepted is None:
        percents = _ACCEPT.findall(tail)
        rate = float(percents[-1]) / 100 if percents and float(percents[-1]) <= 100 else None
    encoded, decoded = _last(_ENCODED, tail), _last(_DECODED, tail)
    seconds = float(encoded[1]) + float(decoded[1]) if encoded and decoded else 0.0
    predicted = counts["n_predict"]
    return SpeculationReport(
        n_draft=counts["n_draft"],
        n_predict=predicted,
        n_drafted=drafted,
        n_accepted=accepted,
        acceptance_rate=rate,
        prompt_eval_ms=float(encoded[1]) * 1000 if encoded else None,
        decode_tps=float(decoded[2]) if decoded else None,
        effective_tps=predicted / seconds if predicted is not None and seconds > 0 else None,
    )


def _last(pattern: re.Pattern[str], text: str) -> tuple[str, ...] | None:
    found = pattern.findall(text)
    return found[-1] if found else None


def _last_count(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.findall(text)
    return int(found[-1]) if found else None
