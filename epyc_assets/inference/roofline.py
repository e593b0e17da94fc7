"""What the machine could give, and whether a measured figure can be believed.

Here: pure functions; the roofline is memory bandwidth over bytes read per token, since decoding one token at a time
reads every weight once and computes little. Not here: counting the bytes (bytes_per_token), measuring the bandwidth
(bandwidth), what drafting can gain (speculation_model).
"""

from __future__ import annotations

from dataclasses import dataclass

STARVED_BELOW_RATIO = 0.3
"""Share of the roofline below which a model larger than the caches is starved: tuned servers reach 0.55 to 0.7 of the
nominal bandwidth with dense models (docs/physics.md)."""

TOLERANCE_RATIO = 0.05
"""By how much a figure may exceed a limit before it is flagged: limits are made from measured figures too."""

FLAGS = ("above_cap", "above_roofline", "fits_in_cache", "starved")


@dataclass(frozen=True, slots=True)
class Flag:
    """A doubt about a figure, or what explains it. kind: one of FLAGS."""

    kind: str
    reason: str


def roofline_tps(bandwidth_bytes_per_s: float, bytes_per_token: float) -> float:
    """Most tokens per second without drafting: bandwidth over bytes. Raises ValueError unless both are above 0."""
    if bandwidth_bytes_per_s <= 0 or bytes_per_token <= 0:
        raise ValueError(f"{bandwidth_bytes_per_s} bytes/s and {bytes_per_token} bytes make no roofline")
    return bandwidth_bytes_per_s / bytes_per_token


def roofline_fraction(
    generation_tps: float | None, bandwidth_bytes_per_s: float | None, bytes_per_token: float | None
) -> float | None:
    """Measured speed over the roofline; None where one of the three is not known."""
    if generation_tps is None or not bandwidth_bytes_per_s or not bytes_per_token:
        return None
    return generation_tps / roofline_tps(bandwidth_bytes_per_s, bytes_per_token)


def plausibility_flag(
    *,
    bytes_per_token: float | None,
    roofline_ratio: float | None,
    last_level_cache_bytes: int | None,
    speculative: bool,
    measured_speedup: float | None = None,
    predicted_cap: float | None = None,
) -> Flag | None:
    """The first doubt about a figure, None for none.

    measured_speedup: the lower end of its interval, where it has one. In this order: a speed-up above its cap is an
    error of measuring wherever the weights lie. A model whose bytes fit
    into the last-level cache has no roofline in memory: that is said instead of a doubt. Else a speed above the
    roofline is flagged, but not of a speculative config, which reads the weights less than once per token; and a speed
    below STARVED_BELOW_RATIO of it. Where the cache's size is not known (None), a speed above the roofline says so.
    """
    if (
        measured_speedup is not None
        and predicted_cap is not None
        and measured_speedup > predicted_cap * (1 + TOLERANCE_RATIO)
    ):
        return Flag(
            "above_cap",
            f"measured speed-up of {measured_speedup:.2f} or more is above {predicted_cap:.2f}, "
            "which every drafted token accepted would give",
        )
    if bytes_per_token is None:
        return None
    if last_level_cache_bytes is not None and bytes_per_token <= last_level_cache_bytes:
        return Flag(
            "fits_in_cache",
            f"the {bytes_per_token / 2**20:.1f} MiB read per token fit into the last-level cache "
            f"({last_level_cache_bytes / 2**20:.0f} MiB): the roofline of the memory does not hold",
        )
    if roofline_ratio is None or speculative:
        return None
    if roofline_ratio > 1 + TOLERANCE_RATIO:
        unknown = "" if last_level_cache_bytes else "; the size of the last-level cache is not known"
        return Flag("above_roofline", f"{roofline_ratio:.0%} of what the memory bandwidth allows cannot be{unknown}")
    if roofline_ratio < STARVED_BELOW_RATIO and last_level_cache_bytes is not None:
        return Flag(
            "starved",
            f"only {roofline_ratio:.0%} of what the memory bandwidth allows: look at threads, NUMA policy and other "
            "work on the machine",
        )
    return None
