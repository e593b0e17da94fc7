"""How many questions an answer takes: to tell two models apart, to know one pass rate.

Belongs here: power and sample sizes of the tests and intervals that are reported. Does not belong here: the tests
themselves (`paired.py`), the intervals (`intervals.py`, `proportions.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

from epyc_assets.statistics.intervals import _checked_confidence, wilson_interval

if TYPE_CHECKING:
    import numpy as np

DEFAULT_POWER = 0.8
DEFAULT_ALPHA = 0.05

EXACT_DIFFERING = 60
"""Up to so many questions on which the two differ (by the closed form) the number needed is worked out exactly. Above,
the closed form is within some 5 % of it; far below, where one side wins nearly always, it says up to a third more."""

_GRID = 48
"""Numbers of questions that are looked at together while the smallest is searched for."""

FEWEST_PAIRS = 6
"""Fewest questions on which the exact test can reach 5 %: all six passed by one alone give p = 2/64."""


def pairs_for_power(
    only_first: float, only_second: float, power: float = DEFAULT_POWER, alpha: float = DEFAULT_ALPHA
) -> int:
    """How many questions both must answer until the exact McNemar test tells the two apart.

    The smallest number from which on the exact two-sided test at level alpha rejects with probability `power`, if each
    question is passed by the first alone with probability only_first and by the second alone with only_second. The
    number of questions on which they differ is random too (the unconditional power): the sum over d of
    P(Binomial(n, only_first + only_second) = d) times the power of the sign test on d. Exact up to EXACT_DIFFERING;
    above, the closed form (`pairs_by_normal`).

    Raises:
        ValueError: probabilities that are none, or that are equal (no number of questions tells equals apart), a power
            or level outside (0, 1), a power not above the level.
    """
    _check(only_first, only_second, power, alpha)
    estimate = pairs_by_normal(only_first, only_second, power, alpha)
    if estimate * (only_first + only_second) > EXACT_DIFFERING:
        return estimate
    return _exact_pairs(max(only_first, only_second), min(only_first, only_second), power, alpha)


def pairs_by_normal(
    only_first: float, only_second: float, power: float = DEFAULT_POWER, alpha: float = DEFAULT_ALPHA
) -> int:
    """The closed form of `pairs_for_power`: normal approximation with a continuity correction.

    With s the sum and d the absolute difference of the two probabilities, n solves
    n d - 1 = z(1 - alpha/2) sqrt(n s) + z(power) sqrt(n (s - d²)). Without the 1 on the left it is R. J. Connor 1987,
    "Sample size for testing differences in proportions for the paired-sample design", Biometrics 43 (after O. S.
    Miettinen 1968, Biometrics 24), who has no correction; the exact test takes about 2/d questions more.

    Raises ValueError as `pairs_for_power`.
    """
    _check(only_first, only_second, power, alpha)
    normal = NormalDist()
    differing, difference = only_first + only_second, abs(only_first - only_second)
    spread = normal.inv_cdf(1 - alpha / 2) * math.sqrt(differing)
    spread += normal.inv_cdf(power) * math.sqrt(max(0.0, differing - difference**2))
    root = (spread + math.sqrt(spread**2 + 4 * difference)) / (2 * difference)
    return max(1, math.ceil(root**2 - 1e-9))


def power_of_pairs(total: int, only_first: float, only_second: float, alpha: float = DEFAULT_ALPHA) -> float:
    """With what probability the exact McNemar test at level alpha tells two apart on `total` questions; exact.

    Probabilities as in `pairs_for_power`; equal ones give the size of the test, at most alpha. Needs memory and time
    for total numbers.

    Raises ValueError for a negative total and probabilities or a level that are none.
    """
    if total < 0:
        raise ValueError(f"A number of questions cannot be {total}.")
    if total == 0:
        return 0.0
    if only_first != only_second:
        _check(only_first, only_second, 0.999999, alpha)
    elif not (0 <= only_first <= 0.5 and 0 < alpha < 1):
        raise ValueError(f"{only_first} and {only_second} at level {alpha} are no probabilities of a comparison.")
    return float(_powers([total], max(only_first, only_second), min(only_first, only_second), alpha)[0])


def questions_for_half_width(half_width: float, pass_ratio: float = 0.5, confidence: float = 0.95) -> int:
    """How many questions until a pass rate is known to +-half_width (Wilson's interval); 0.05 is five points.

    pass_ratio: the rate that is expected; 0.5, where the interval is widest, is on the safe side.

    Raises:
        ValueError: a half width outside (0, 0.5), a ratio outside [0, 1], a confidence outside (0, 1).
    """
    _checked_confidence(confidence)
    if not 0 < half_width < 0.5 or not 0 <= pass_ratio <= 1:
        raise ValueError(f"A half width of {half_width} at a pass rate of {pass_ratio} is none.")

    def narrow(total: int) -> bool:
        interval = wilson_interval(pass_ratio * total, total, confidence)
        return interval.high - interval.low <= 2 * half_width

    enough = 1
    while not narrow(enough):
        enough *= 2
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        enough, too_few = (middle, too_few) if narrow(middle) else (enough, middle)
    return enough


def _check(only_first: float, only_second: float, power: float, alpha: float) -> None:
    # not (a <= b) rather than a > b, so that NaN is refused too.
    if not (min(only_first, only_second) >= 0 and only_first + only_second <= 1 + 1e-9):
        raise ValueError(f"{only_first} and {only_second} are no shares of questions that one alone passes.")
    if only_first == only_second:
        raise ValueError("No number of questions tells two apart that are equally good.")
    if not (0 < alpha < 1 and 0 < power < 1 and power > alpha):
        raise ValueError(f"A power of {power} at level {alpha} cannot be meant; usual are 0.8 and 0.05.")


@lru_cache(maxsize=200_000)
def _exact_pairs(larger: float, smaller: float, power: float, alpha: float) -> int:
    """The smallest number of questions from which on the power is reached. Power is not quite monotone in it."""
    estimate = pairs_by_normal(larger, smaller, power, alpha)
    low, high = max(1, int(0.6 * estimate) - 5), int(1.25 * estimate) + 10
    while True:
        totals = sorted({low + (high - low) * place // _GRID for place in range(_GRID + 1)})
        enough = [value >= power for value in _powers(totals, larger, smaller, alpha)]
        if not enough[-1]:
            low, high = high, 2 * high
        elif all(enough):
            if low == 1:
                return 1
            low, high = 1, low
        else:
            last = max(place for place, reached in enumerate(enough) if not reached)
            low, high = totals[last], totals[last + 1]
            if high - low == 1:
                return high


def _powers(totals: Sequence[int], larger: float, smaller: float, alpha: float) -> np.ndarray:
    """The power on so many questions, shape (len(totals),)."""
    import numpy as np

    differing, most = min(1.0, larger + smaller), max(totals)
    if differing == 0:
        return np.zeros(len(totals))
    # Beyond eight standard deviations from the mean nothing is left that a double would show.
    reach = min(most, math.ceil(most * differing + 8 * math.sqrt(most * differing) + 20))
    reach = min(most, 64 * math.ceil(reach / 64))  # few distinct values, so that what follows is worked out once
    conditional = _conditional_powers(reach, larger / (larger + smaller), alpha)
    if differing == 1:
        return conditional[list(totals)]
    sizes, counts = np.array(totals, dtype=float)[:, None], np.arange(reach + 1, dtype=float)[None, :]
    # log of n! / (n - d)! as a running sum over d, of d! likewise; no term beyond d = n.
    falling = np.log(np.maximum(sizes - counts[:, :-1], 1.0) / (counts[:, :-1] + 1))
    chances = np.concatenate([np.zeros_like(sizes), np.cumsum(falling, axis=1)], axis=1)
    chances += counts * math.log(differing) + (sizes - counts) * math.log1p(-differing)
    return np.where(counts <= sizes, np.exp(np.minimum(chances, 0.0)), 0.0) @ conditional


@lru_cache(maxsize=16)
def _conditional_powers(most: int, share: float, alpha: float) -> np.ndarray:
    """The power of the two-sided sign test on 0..most differing questions, each won by the first with p `share`."""
    import numpy as np

    criticals = _criticals(most, alpha)
    return np.minimum(1.0, _tails(criticals, share) + _tails(criticals, 1 - share))


@lru_cache(maxsize=64)
def _criticals(most: int, alpha: float) -> tuple[int, ...]:
    """For 0..most differing questions the most that the loser may win, so that p <= alpha; -1 where none is."""
    found: list[int] = []
    critical, tail = -1, 0.0  # tail: P(Binomial(count, 1/2) <= critical)
    for count in range(most + 1):
        if count:
            tail -= 0.5 * _chance(count - 1, critical)
        following = tail + _chance(count, critical + 1)
        # A hair's breadth more than alpha: 0.05 itself may be met exactly, and sums of floats are not.
        while 2 * following <= alpha * (1 + 1e-9) and critical + 1 < count / 2:
            critical, tail = critical + 1, following
            following = tail + _chance(count, critical + 1)
        found.append(critical)
    return tuple(found)


def _tails(criticals: tuple[int, ...], share: float) -> np.ndarray:
    """P(Binomial(count, share) <= criticals[count]) for each count, each from the one before: one question more takes
    share times the chance of the last allowed number away, a critical value more adds its own chance."""
    import numpy as np

    allowed = np.array(criticals)
    if share in (0.0, 1.0):
        return ((allowed >= 0) & ((share == 0.0) | (allowed >= np.arange(allowed.size)))).astype(float)
    counts = np.arange(allowed.size)
    logs = _log_factorials(allowed.size)
    wins = np.maximum(allowed, 0)
    chances = logs[counts] - logs[wins] - logs[counts - wins]
    chances = np.exp(chances + wins * math.log(share) + (counts - wins) * math.log1p(-share))
    chances = np.where(allowed >= 0, chances, 0.0)
    more = np.diff(allowed, prepend=-1) > 0
    lost = np.concatenate([[0.0], share * chances[:-1]])
    return np.clip(np.cumsum(more * chances - lost), 0.0, 1.0)


@lru_cache(maxsize=64)
def _log_factorials(most: int) -> np.ndarray:
    import numpy as np

    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _chance(count: int, successes: int) -> float:
    """P(Binomial(count, 1/2) = successes)."""
    if not 0 <= successes <= count:
        return 0.0
    logs = math.lgamma(count + 1) - math.lgamma(successes + 1) - math.lgamma(count - successes + 1)
    return math.exp(logs - count * math.log(2))
