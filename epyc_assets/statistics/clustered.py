"""Rates of events that come in groups, such as accepted tokens of drafts for the same prompt.

Belongs here: intervals that count groups and not events. Does not belong here: independent events (`intervals.py`),
paired comparisons (`paired.py`).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

from epyc_assets.statistics.intervals import Interval, _checked_confidence
from epyc_assets.statistics.paired import DEFAULT_RESAMPLES, _percentiles


def clustered_rate_interval(
    events: Sequence[float],
    trials: Sequence[float],
    clusters: Sequence[Hashable],
    confidence: float = 0.95,
    *,
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Events over trials, both summed, with a percentile bootstrap interval that draws whole clusters.

    Tokens of one answer, and answers to one prompt, are alike: taken for independent they would give an interval far
    too narrow. With fewer than about ten clusters it still is; report their number beside it. One cluster says nothing
    of others: the interval is [0, 1]. Source: A. Davison and D. Hinkley 1997, "Bootstrap Methods and their
    Application", section 3.8; clusters in evaluations: E. Miller 2024, arXiv 2411.00640, section 2.2.

    Args:
        events, trials: counts, one of each for an answer; trials sum to more than 0, events are at most trials.
        clusters: which group (prompt) an answer belongs to.

    Raises:
        ValueError: sequences of different lengths, no trial at all, negative counts or more events than trials, or a
            confidence outside (0, 1).
    """
    import numpy as np

    _checked_confidence(confidence)
    if not len(events) == len(trials) == len(clusters):
        raise ValueError(f"{len(events)} events came with {len(trials)} trials and {len(clusters)} clusters.")
    sums: dict[Hashable, tuple[float, float]] = {}
    for event, trial, cluster in zip(events, trials, clusters, strict=True):
        if not (0 <= event <= trial and math.isfinite(trial)):
            raise ValueError(f"{event} events of {trial} trials are no counts of a rate.")
        before = sums.get(cluster, (0.0, 0.0))
        sums[cluster] = (before[0] + event, before[1] + trial)
    # A cluster without trials has no say in the rate, so it must not be drawn either.
    counts = np.array([pair for pair in sums.values() if pair[1] > 0], dtype=float).reshape(-1, 2)
    if not len(counts):
        raise ValueError("A rate needs at least one trial.")
    totals = counts.sum(axis=0)
    estimate = float(totals[0] / totals[1])
    if len(counts) == 1:
        return Interval(estimate, 0.0, 1.0, confidence)
    drawn = np.random.default_rng(seed).integers(0, len(counts), size=(resamples, len(counts)))
    resampled = counts[drawn].sum(axis=1)
    low, high = _percentiles(resampled[:, 0] / resampled[:, 1], confidence)
    return Interval(estimate, low, high, confidence)
