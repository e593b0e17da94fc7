"""Sizes as llama.cpp's tools print them: `17.28 GiB`, `30.53 B`.

Here: from such a text to a number. Not here: where in a text it stands (text_log, llama_bench).
"""

from __future__ import annotations

import re
from decimal import Decimal

_BYTES = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ([KMGT]iB)")
_COUNT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ([KMBT])")
_BINARY_POWERS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_POWERS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def bytes_of(text: str) -> int | None:
    """Bytes, as exact as the text (two decimals, as a rule); None for a text of another form.

    >>> bytes_of("1.50 KiB")
    1536
    """
    match = _BYTES.fullmatch(text.strip())
    return round(Decimal(match[1]) * _BINARY_POWERS[match[2]]) if match else None


def count_of(text: str) -> float | None:
    """A number of thousands, millions, billions or trillions; None for a text of another form.

    >>> count_of("494.03 M")
    494030000.0
    """
    match = _COUNT.fullmatch(text.strip())
    return float(Decimal(match[1]) * _POWERS[match[2]]) if match else None
