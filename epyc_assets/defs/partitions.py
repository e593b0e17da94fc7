"""Partitions: the models of a fleet. The grid of configs and questions is rows, not partitions."""

from __future__ import annotations

import dagster as dg

from epyc_assets.registry.entries import Fleet


def model_partitions(fleet: Fleet) -> dg.StaticPartitionsDefinition:
    """One partition per model of the fleet, in the registry's order; names are checked by the registry."""
    return dg.StaticPartitionsDefinition(list(fleet.models))
