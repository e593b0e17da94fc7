"""Questions that ask the same in other words or numbers.

Belongs here: shingles, and pairs of prompts that share most of them. Does not belong here: what follows from a pair.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_SIMILARITY = 0.9
"""Share of shingles in common (Jaccard) from which on two prompts are near-duplicates."""
SHINGLE_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+|#|[^\w\s.,;:!?'\"’‘“”…]")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBER_WORDS = frozenset((
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand",
    "million",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Places of two prompts in the sequence, and the Jaccard similarity of their shingles."""

    first: int
    second: int
    similarity: float


def shingles(prompt: str) -> frozenset[tuple[str, ...]]:
    """Runs of three words and signs: small letters without accents, numbers masked in digits and in words, marks
    between and after sentences left out (the signs of arithmetic and of code stay)."""
    plain = "".join(
        each for each in unicodedata.normalize("NFKD", prompt.casefold()) if not unicodedata.combining(each)
    )
    words = ["#" if word in _NUMBER_WORDS else word for word in _WORD.findall(_DIGITS.sub("#", plain))]
    return frozenset(tuple(words[place : place + SHINGLE_WORDS]) for place in range(max(1, len(words) - 2)))


def similar_pairs(prompts: Sequence[str], least: float = LEAST_SIMILARITY, most_pairs: int = 1000) -> list[SimilarPair]:
    """All pairs of prompts at least so similar, up to most_pairs of them, in the order of the prompts.

    Exact, by prefix filtering (Bayardo et al. 2007, "Scaling Up All Pairs Similarity Search"): with shingles in order
    of rarity, two sets of Jaccard similarity t share one of their first (1 - t) n + 1.
    """
    sets = [shingles(prompt) for prompt in prompts]
    often = Counter(shingle for each in sets for shingle in each)
    index: dict[tuple[str, ...], list[int]] = defaultdict(list)
    pairs: list[SimilarPair] = []
    for place, each in enumerate(sets):
        ordered = sorted(each, key=lambda shingle: (often[shingle], shingle))
        prefix = ordered[: len(ordered) - math.ceil(least * len(ordered) - 1e-9) + 1]
        candidates = {other for shingle in prefix for other in index[shingle]}
        for other in sorted(candidates):
            shared = len(each & sets[other])
            similarity = shared / (len(each) + len(sets[other]) - shared)
            if similarity >= least:
                pairs.append(SimilarPair(other, place, similarity))
                if len(pairs) >= most_pairs:
                    return pairs
        for shingle in prefix:
            index[shingle].append(place)
    return pairs
