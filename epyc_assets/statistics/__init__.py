"""Uncertainty of measured figures: intervals, paired comparisons, bootstrap.

Belongs here: statistics on plain sequences of numbers. Does not belong here: reading tables, or knowing what
a model or a question is.
"""

from __future__ import annotations

from epyc_assets.statistics.intervals import Interval, median_interval, throughput_tps, wilson_interval
from epyc_assets.statistics.paired import (
    bootstrap_ratio_interval,
    exact_mcnemar,
    paired_bootstrap_difference,
)

__all__ = [
    "Interval",
    "bootstrap_ratio_interval",
    "exact_mcnemar",
    "median_interval",
    "paired_bootstrap_difference",
    "throughput_tps",
    "wilson_interval",
]
