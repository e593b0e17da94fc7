"""What the words of a review's reason give away: that nobody checked the answer.

Here: the rule behind the flag `unverified_reason`, a short list of patterns. Not here: reasons used again and again
(`template_reason` needs all files: warehouse/settling/review_reasons.sql).
"""

from __future__ import annotations

import re

UNVERIFIED_PATTERNS: tuple[tuple[str, str], ...] = (
    # "math response with reasoning (correctness not verified)", "could not be verified"
    ("says that it was not verified", r"\b(?:not|never) (?:been |be |yet )?(?:verified|checked)\b"),
    # "reads the sign; cannot verify the text", "correctness unverifiable from truncated output"
    (
        "says that it cannot be verified",
        r"\b(?:cannot|can't|could not|unable to) verify\b|\bcorrectness unverifiable\b",
    ),
    # "compliance needs verification", "format needs manual review"
    ("leaves it to somebody else", r"\bneeds? (?:a )?(?:manual )?(?:verification|review|checking)\b"),
    # "general response, format unclear", "structured attempt but unclear if correct"
    ("says that it is unclear", r"\b(?:correctness|format|compliance|quality) unclear$|\bunclear (?:if|whether)\b"),
    # "comprehensive response generated", "content generated": at the very beginning, after two describing words at
    # most, and without a "but" after it. A reason that says more about the answer is a judgement.
    (
        "only says that there is a response",
        r"^(?!no |empty )(?:[\w-]+ ){0,2}(?:response|content|output) (?:was )?(?:generated|present)\b(?! but)",
    ),
)
"""What a reason says, and the pattern that finds it in a reason in lower case without blanks around it."""

_UNVERIFIED = re.compile("|".join(pattern for _, pattern in UNVERIFIED_PATTERNS))
MOST_CHARACTERS_READ = 4000
"""So much of a reason is looked at."""


def is_unverified(reason: str) -> bool:
    """Whether a reason says in words that correctness was not verified, or only that there was a response."""
    return _UNVERIFIED.search(reason[:MOST_CHARACTERS_READ].strip().casefold()) is not None
