"""Tests of the registry: files people write, and files models come in."""
