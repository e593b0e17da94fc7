"""Verifiers of instructions by their published ids: IFEval's whole registry, and a few of this project's own.

Belongs here: the table of verifiers. Does not belong here: how several instructions make one score
(`programmatic.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from epyc_assets.scoring.verifiers import counts, keywords, language, layout, lengths, structured
from epyc_assets.scoring.verifiers.arguments import Arguments, Finding, Verifier

VERIFIERS: Mapping[str, Verifier] = MappingProxyType(
    {
        verifier.instruction_id: verifier
        for module in (counts, keywords, language, lengths, layout, structured)
        for verifier in module.VERIFIERS
    }
)

__all__ = ["VERIFIERS", "Arguments", "Finding", "Verifier"]
