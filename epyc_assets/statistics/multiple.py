"""Many comparisons at once: p-values adjusted for their number, and which of many differ, in letters.

Belongs here: what follows from a set of comparisons as a whole. Does not belong here: one comparison (`paired.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

Item = TypeVar("Item", bound=Hashable)


def holm_adjusted(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """p-values adjusted by Holm's step-down rule, in the order given, shape (n,).

    Calling different whatever is adjusted to 5 % or less errs in any of the n comparisons with 5 % at most, however the
    comparisons hang together. The k-th smallest is multiplied by n - k + 1, and is never below the one before it.
    Source: S. Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
    6.

    Raises ValueError for p-values outside [0, 1].
    """
    import numpy as np

    given = np.asarray(p_values, dtype=float)
    if given.ndim != 1 or not ((given >= 0) & (given <= 1)).all():
        raise ValueError("p-values are a list of numbers from 0 to 1; leave out comparisons that have none.")
    order = np.argsort(given, kind="stable")
    stepped = np.maximum.accumulate(given[order] * np.arange(given.size, 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def group_letters(items: Sequence[Item], different: Collection[tuple[Item, Item]]) -> Mapping[Item, str]:
    """Letters for each item, so that two items share a letter exactly where they are not told apart.

    items: best first, each once; the letter a is the first item's. different: pairs that are told apart, in either
    order. The compact letter display by insertion and absorption: H.-P. Piepho 2004, "An algorithm for a letter-based
    representation of all-pairwise comparisons", Journal of Computational and Graphical Statistics 13. Letters after z
    are a1, b1 and so on.

    Raises ValueError for an item given twice and a pair of items that are none.
    """
    places = {item: place for place, item in enumerate(items)}
    if len(places) != len(items):
        raise ValueError("Every item of a letter display must be given once.")
    unknown = [pair for pair in different if pair[0] not in places or pair[1] not in places or pair[0] == pair[1]]
    if unknown:
        raise ValueError(f"{unknown[0]} is no pair of the items of a letter display.")
    columns = [frozenset(range(len(items)))] if items else []
    for first, second in sorted({tuple(sorted((places[one], places[other]))) for one, other in different}):
        split = [column for column in columns if first in column and second in column]
        kept = [column for column in columns if not (first in column and second in column)]
        # A column within another says nothing new; those that were there before are in none of each other.
        for half in (column - {place} for column in split for place in (first, second)):
            if not any(half <= other for other in kept):
                kept = [*(other for other in kept if not other < half), half]
        columns = kept
    columns.sort(key=sorted)
    names = [_letter(number) for number, _ in zip(count(), columns)]
    return {
        item: "".join(name for name, column in zip(names, columns, strict=True) if place in column)
        for item, place in places.items()
    }


def _letter(number: int) -> str:
    rounds, letter = divmod(number, 26)
    return chr(ord("a") + letter) + (str(rounds) if rounds else "")
