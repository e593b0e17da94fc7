"""Group experiments: gathers what is measured beside the sweep, each in a module of its own."""

import dagster as dg

from epyc_assets.defs.draft_discovery import draft_discovery_assets
from epyc_assets.defs.temperature import temperature_assets
from epyc_assets.defs.timeouts import timeout_assets
from epyc_assets.registry.entries import Fleet


def experiment_assets(fleet: Fleet) -> dg.Definitions:
    """The group's assets and checks for a fleet."""
    return dg.Definitions.merge(
        draft_discovery_assets(fleet),
        temperature_assets(fleet),
        timeout_assets(fleet),
    )
