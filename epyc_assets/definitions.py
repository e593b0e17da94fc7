"""The code location: gathers defs/ and resources for one fleet, nothing else."""

from __future__ import annotations

import dagster as dg

from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.scope import chosen_fleet


@dg.definitions
def defs() -> dg.Definitions:
    """Definitions for the fleet that EPYC_FLEET names, else for demo."""
    return build_definitions(chosen_fleet())
