"""Estimates: how long something will take, from what was measured, else from what the machine could give.

Rough on purpose: good enough to say whether a night is long enough. Not here: the roofline that measurements are judged
by, which counts more (table config_physics).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from epyc_assets.benchmark.matrix import identity
from epyc_assets.inference.bytes_per_token import weight_bytes_read
from epyc_assets.inference.config import Config
from epyc_assets.registry.entries import Host
from epyc_assets.registry.gguf_file import GgufFacts

ASSUMED_ROOFLINE_RATIO = 0.5
"""Share of the memory bandwidth that decoding is assumed to reach where nothing was measured. Tuned servers reach 55 to
70 % with dense models; a starved set-up far less."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model is, as far as is known. facts, bandwidth_bytes_per_s: None where not known."""

    facts: GgufFacts | None
    bandwidth_bytes_per_s: float | None

    def seconds(self, config: Config, measured_s: Mapping[str, tuple[Config, float]], tokens: float) -> float | None:
        """Seconds of one unit of work (an answer, a round) under a config.

        measured_s: what the same unit took under configs of this model, by config_id: its own counts; else the median
        of the others, each scaled by the bytes read per token. Else tokens at ASSUMED_ROOFLINE_RATIO of the roofline.
        None where nothing is known.
        """
        own = measured_s.get(identity(config))
        if own is not None:
            return own[1]
        if measured_s:
            return median(taken_s * self._cost(config, other) for other, taken_s in measured_s.values())
        if self.facts is None or not self.bandwidth_bytes_per_s:
            return None
        read_bytes = weights_read_bytes(self.facts, config)
        return tokens * read_bytes / (self.bandwidth_bytes_per_s * ASSUMED_ROOFLINE_RATIO)

    def _cost(self, config: Config, other: Config) -> float:
        """Work per token of a config relative to another's; speculation counts as none, since what it gains is what
        is to be found out."""
        if self.facts is None:
            return 1.0
        below = weights_read_bytes(self.facts, other)
        return weights_read_bytes(self.facts, config) / below if below else 1.0


def pace_of(facts: GgufFacts | None, host: Host) -> Pace:
    """The pace of a model on a host: the measured bandwidth where there is one, else the nominal one."""
    return Pace(facts, host.measured_bandwidth_bytes_per_s or host.nominal_bandwidth_bytes_per_s)


def weights_read_bytes(facts: GgufFacts, config: Config) -> float:
    """Bytes of weights read to decode one token under a config; the KV cache is left out."""
    return weight_bytes_read(facts, experts_used=config.moe.expert_used_count if config.moe else None)
