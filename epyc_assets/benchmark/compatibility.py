"""Draft compatibility: every pair of a target and a possible draft of a fleet, and where registry and files disagree.

Here: pairs and findings. Not here: the rule by which a draft fits (registry.gguf_file.draft_fits), how fast a pair is
(speed rounds).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.inference.bytes_per_token import weight_bytes_read
from epyc_assets.registry.entries import Fleet, Model
from epyc_assets.registry.gguf_file import GgufFacts, draft_fits

LISTED_BUT_DOES_NOT_FIT = "listed_but_does_not_fit"
FITS_BUT_NOT_LISTED = "fits_but_not_listed"

LARGEST_SIZE_RATIO = 0.5
"""A draft that reads more than this share of the target's bytes per token can hardly gain anything, so that nobody
misses it on a list."""


@dataclass(frozen=True, slots=True)
class DraftPair:
    """A row of table draft_compatibility without the fleet."""

    target: str
    draft: str
    target_sha256: str
    draft_sha256: str
    fits: bool
    reason: str
    listed_in_registry: bool
    size_ratio: float | None
    finding: str | None
    compared_ms: float

    def as_dict(self) -> dict[str, Any]:
        """The row by column name."""
        return asdict(self)


def draft_pairs(fleet: Fleet, files: Mapping[str, ModelFile]) -> list[DraftPair]:
    """All pairs of a fleet's models in use that have a file, in registry order.

    Drafts are the models of kind draft and those that some model lists; targets all others that generate text, and
    drafts that list drafts of their own. files: with facts that hold the token texts.
    """
    in_use = {name: model for name, model in fleet.models_in_use().items() if name in files}
    listed = {draft for model in in_use.values() for draft in model.drafts}
    drafts = [name for name, model in in_use.items() if model.kind == "draft" or name in listed]
    return [
        _pair(model, draft, files[model.name], files[draft])
        for model in in_use.values()
        if model.drafts or model.kind not in ("draft", "embedding", "external")
        for draft in drafts
        if draft != model.name
    ]


def _pair(model: Model, draft: str, of_target: ModelFile, of_draft: ModelFile) -> DraftPair:
    begun = time.perf_counter()
    if of_target.facts is None or of_draft.facts is None:
        unread = of_target if of_target.facts is None else of_draft
        fits, reason, ratio = False, f"the header of {unread.path.name} cannot be read", None
    else:
        verdict = draft_fits(of_target.facts, of_draft.facts)
        fits, reason, ratio = verdict.fits, verdict.reason, _size_ratio(of_target.facts, of_draft.facts)
    compared_ms = (time.perf_counter() - begun) * 1000
    listed = draft in model.drafts
    finding = None
    if listed and not fits:
        finding = LISTED_BUT_DOES_NOT_FIT
    elif fits and not listed and ratio is not None and ratio <= LARGEST_SIZE_RATIO:
        finding = FITS_BUT_NOT_LISTED
    return DraftPair(
        target=model.name,
        draft=draft,
        target_sha256=of_target.sha256,
        draft_sha256=of_draft.sha256,
        fits=fits,
        reason=reason,
        listed_in_registry=listed,
        size_ratio=ratio,
        finding=finding,
        compared_ms=compared_ms,
    )


def _size_ratio(target: GgufFacts, draft: GgufFacts) -> float | None:
    below = weight_bytes_read(target)
    return weight_bytes_read(draft) / below if below else None
