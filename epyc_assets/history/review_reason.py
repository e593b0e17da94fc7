"""What the words of a review's reason give away: that nobody checked the answer.

Here: the rule behind the flag `unverified_reason`, a few patterns. Not here: reasons used again and again
(`template_reason` needs all files: warehouse/settling/review_reasons.sql).
"""

from __future__ import annotations

import re

UNVERIFIED_PATTERNS: tuple[tuple[str, str], ...] = (("not verified", r"not (?:been )?verified"),)

_UNVERIFIED = re.compile("|".join(pattern for _, pattern in UNVERIFIED_PATTERNS), re.IGNORECASE)


def is_unverified(reason: str) -> bool:
    """Whether a reason says in words that correctness was not verified, or only that there was a response."""
    return _UNVERIFIED.search(reason) is not None
