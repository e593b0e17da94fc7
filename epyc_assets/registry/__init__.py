"""Hosts, models, roles and quirks: typed, validated, from YAML and from GGUF metadata.

What belongs in this package: what a person declares about machines, models and jobs, the facts a GGUF file
tells about itself, and the rows made from both. What does not: running models, the warehouse.
"""

from __future__ import annotations
