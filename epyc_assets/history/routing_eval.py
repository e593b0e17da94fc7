"""Placeholder."""

from __future__ import annotations

from epyc_assets.history.formats import Format

FORMATS: tuple[Format, ...] = ()
