"""Speed-ups from interleaved rounds: the interval, when rounds are enough, and the verdict on a pair of configs.

Belongs here: what follows from paired figures of rounds, and the rule by which rounds end. Does not belong here:
running rounds (`benchmark.rounds`), other comparisons (`paired.py`). Standard library only.

The rule. In each round config and baseline are measured back to back in shuffled order; x is the log of their ratio.
The speed-up is exp of the Hodges-Lehmann estimate of the x (median of the means of all pairs), its interval the one
that Wilcoxon's signed-rank test does not reject: exact for any symmetric distribution, and x is symmetric where the two
differ by noise alone. After each round from LEAST_ROUNDS on the interval is looked at; rounds end when it is narrow for
every config, at MOST_ROUNDS in any case.

Looking again and again until an interval is narrow raises the error rate, and a percentile bootstrap of the median is
too narrow for 5 to 20 rounds from the start: under this rule it called a config with no difference faster or slower in
up to 15 % of simulated sweeps. So the interval is made at INNER_CONFIDENCE, 97.5 %, which leaves the 95 % that
is stated. Measured rates are in docs/statistics.md, and a test holds them. Disturbance that lasts over several rounds
and hits config and baseline differently is beyond any such rule: with a correlation of 0.3 between the x of
neighbouring rounds the error rate rises above 5 %. `drift` (spread.py) and the readings of contention are there to
see it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence

from epyc_assets.statistics.intervals import Interval, _checked_confidence

LEAST_ROUNDS = 5
MOST_ROUNDS = 20
FEWEST_FOR_AN_INTERVAL = 7
"""Rounds below which no interval reaches INNER_CONFIDENCE."""
NARROW_RATIO = 0.03
"""Width of the interval, both sides together, at which it is narrow: +-1.5 %."""

INNER_CONFIDENCE = 0.975
"""Confidence at which intervals are made so that, looked at again and again, they hold for STATED_CONFIDENCE. Seven
rounds are the fewest that can reach it, whatever LEAST_ROUNDS is."""

STATED_CONFIDENCE = 0.95

EQUIVALENT_RATIO = 0.02
"""Differences up to this are of no account."""

VERDICTS = ("faster", "slower", "equivalent", "not_shown")


def speedup_interval(
    config: Sequence[float], baseline: Sequence[float], inner_confidence: float = INNER_CONFIDENCE
) -> Interval:
    """The speed-up of a config over a baseline measured in the same rounds, with its interval.

    Estimate and interval as the module says; the interval's confidence is the one stated, STATED_CONFIDENCE, where it
    is made at INNER_CONFIDENCE, else inner_confidence. Below seven rounds no interval reaches that: it is then from 0
    to infinity. Swapping config and baseline gives the reciprocal.

    Raises:
        ValueError: no rounds, unpaired figures, or figures that are not finite and above zero.
    """
    if len(config) != len(baseline):
        raise ValueError(f"Speeds must come in pairs: got {len(config)} and {len(baseline)}.")
    if not all(math.isfinite(value) and value > 0 for value in (*config, *baseline)):
        raise ValueError("Speeds must be finite and above zero; leave out the rounds that were not measured.")
    logs = [math.log(own) - math.log(other) for own, other in zip(config, baseline, strict=True)]
    found = hodges_lehmann_interval(logs, inner_confidence)
    stated = STATED_CONFIDENCE if inner_confidence == INNER_CONFIDENCE else inner_confidence
    high = math.inf if found.high == math.inf else math.exp(found.high)
    return Interval(math.exp(found.estimate), math.exp(found.low), high, stated)


def hodges_lehmann_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The centre of a symmetric distribution, with the interval that Wilcoxon's signed-rank test does not reject.

    Of the n(n+1)/2 means of two values (each with itself too) the estimate is the median, and the interval leaves out
    as many at either end as the exact null distribution of the signed-rank statistic allows. Infinite where n is too
    small for the confidence (below six for 95 %). Source: M. Hollander, D. A. Wolfe and E. Chicken 2014,
    "Nonparametric Statistical Methods", sections 3.2 and 3.3; J. W. Tukey 1949, memorandum 17.

    Raises:
        ValueError: no values, a value that is not finite, or a confidence outside (0, 1).
    """
    _checked_confidence(confidence)
    if not values or not all(math.isfinite(value) for value in values):
        raise ValueError("An interval needs finite values, at least one; leave out what was not measured.")
    means = sorted((values[i] + values[j]) / 2 for i in range(len(values)) for j in range(i, len(values)))
    middle = len(means) // 2
    estimate = means[middle] if len(means) % 2 else (means[middle - 1] + means[middle]) / 2
    left_out = _left_out(len(values), confidence)
    if left_out is None:
        return Interval(estimate, -math.inf, math.inf, confidence)
    return Interval(estimate, means[left_out], means[-1 - left_out], confidence)


def is_narrow(interval: Interval, narrow_ratio: float = NARROW_RATIO) -> bool:
    """Whether an interval of a speed-up is narrower than narrow_ratio of it, both sides together."""
    return interval.high - interval.low < narrow_ratio * interval.estimate


def enough_rounds(
    ratios: Iterable[Sequence[float]],
    *,
    least_rounds: int = LEAST_ROUNDS,
    most_rounds: int = MOST_ROUNDS,
    narrow_ratio: float = NARROW_RATIO,
) -> bool:
    """Whether the rounds measured so far are enough: for every config there are most_rounds, or at least least_rounds
    with a narrow interval, which takes seven. ratios: per config, config over baseline round by round."""
    return all(
        len(values) >= most_rounds
        or (len(values) >= least_rounds and is_narrow(speedup_interval(values, [1.0] * len(values)), narrow_ratio))
        for values in ratios
    )


def verdict(interval: Interval, equivalent_ratio: float = EQUIVALENT_RATIO) -> str:
    """What an interval of a speed-up shows, one of VERDICTS.

    equivalent: the whole interval is within equivalent_ratio of 1, so a difference, if there is one, is of no account.
    faster, slower: else, when 1 lies outside. not_shown: neither; measure more, or on a quieter machine.
    """
    if interval.low >= 1 / (1 + equivalent_ratio) and interval.high <= 1 + equivalent_ratio:
        return "equivalent"
    if interval.low > 1:
        return "faster"
    return "slower" if interval.high < 1 else "not_shown"


@functools.cache
def _left_out(count: int, confidence: float) -> int | None:
    """Largest c with P(signed-rank statistic <= c) at most half of what the confidence leaves; None where even c = 0
    is too likely."""
    ways = [1]
    for rank in range(1, count + 1):
        longer = [0] * (len(ways) + rank)
        for total, number in enumerate(ways):
            longer[total] += number
            longer[total + rank] += number
        ways = longer
    allowed = (1 - confidence) / 2 * 2**count
    below, found = 0, None
    for total, number in enumerate(ways):
        below += number
        if below > allowed * (1 + 1e-12):
            break
        found = total
    return found
