"""Filler of three other styles: Python source, log lines, rows of a table.

Belongs here: lines that look like the real thing and name nothing that a question asks about. Does not belong here:
needles (`records`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

NOUNS = (
    "invoice", "buffer", "shard", "ticket", "parcel", "schema", "vector", "socket", "ledger", "cursor", "packet",
    "volume",
    "tenant", "worker", "token", "bucket", "metric", "replica", "session", "journal", "lease", "frame", "queue",
    "probe",
)  # fmt: skip
VERBS = (
    "merge", "flush", "resolve", "encode", "rotate", "collect", "validate", "split", "rank", "trim", "drain", "align",
    "expand", "sample", "verify", "group",
)  # fmt: skip
QUALIFIERS = (
    "stale", "pending", "remote", "nested", "sparse", "cold", "primary", "hidden", "partial", "weighted", "recent",
    "orphaned", "signed", "shared", "frozen", "noisy",
)  # fmt: skip
HOSTS = tuple(
    f"{name}-{number:02d}" for name in ("atlas", "boreal", "cobalt", "drift", "ember") for number in range(1, 7)
)
SERVICES = ("checkout", "search", "billing", "profile", "gateway", "mailer", "catalog", "scheduler")
WAREHOUSES = ("Arnholt", "Brackwater", "Cindermoor", "Dunvale", "Eastmere", "Glenorra", "Ivybridge", "Larkspur")
CATEGORIES = ("tools", "paper", "textiles", "glass", "seeds", "cables", "ceramics", "paint")


def identifier(source: random.Random, letters: int = 2, digits: int = 4) -> str:
    """Such as QK-4821: capitals without I and O, then digits."""
    head = "".join(source.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(letters))
    return f"{head}-{source.randrange(10 ** (digits - 1), 10**digits)}"


def code_lines(source: random.Random) -> Iterator[str]:
    """Small Python functions without end, a function an entry."""
    while True:
        verb, qualifier, noun, other = (source.choice(words) for words in (VERBS, QUALIFIERS, NOUNS, NOUNS))
        name = f"{verb}_{qualifier}_{noun}_{source.randrange(100, 1000)}"
        shape = source.randrange(4)
        if shape == 0:
            body = (
                f"    kept = [{noun} for {noun} in {other}s if {noun}.size > {source.randrange(2, 90)}]\n"
                f"    return sorted(kept, key=lambda {noun}: {noun}.age)"
            )
            head = f"def {name}({other}s):"
        elif shape == 1:
            body = (
                f"    if not {noun}.{qualifier}:\n        return None\n"
                f"    {noun}.{verb}(limit={source.randrange(3, 500)})\n    return {noun}.{other}"
            )
            head = f"def {name}({noun}, {other}=None):"
        elif shape == 2:
            body = (
                f"    total = 0\n    for index, {noun} in enumerate({other}s):\n"
                f"        total += {noun}.weight * (index + {source.randrange(1, 20)})\n    return total"
            )
            head = f"def {name}({other}s, {qualifier}=False):"
        else:
            body = (
                f"    with open_{other}({noun}.path) as handle:\n"
                f"        for line in handle:\n            {noun}.{verb}(line.strip(), {qualifier}=True)"
            )
            head = f"def {name}({noun}):"
        yield f"{head}\n{body}\n\n"


def log_lines(source: random.Random) -> Iterator[str]:
    """Lines of a service log in order of time, 200 answers and cache notes only."""
    milliseconds = source.randrange(0, 10**7)
    while True:
        milliseconds += source.randrange(1, 9)
        yield log_line(
            milliseconds,
            source.choice(("INFO", "INFO", "DEBUG")),
            source.choice(HOSTS),
            source.choice(SERVICES),
            f"request={identifier(source, 3, 5)} status=200 duration_ms={source.randrange(2, 900)}",
        )


def log_line(milliseconds: int, level: str, host: str, service: str, rest: str) -> str:
    """One line; the time of day is counted from midnight and wraps."""
    seconds, rest_ms = divmod(milliseconds, 1000)
    clock = f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest_ms:03d}"
    return f"{clock} {level} {host} {service}: {rest}"


TABLE_HEADER = "item,warehouse,category,units,price_cents"


def table_rows(source: random.Random) -> Iterator[str]:
    """Rows of a stock table without end, under TABLE_HEADER."""
    while True:
        yield table_row(
            identifier(source, 3, 5),
            source.choice(WAREHOUSES),
            source.choice(CATEGORIES),
            source.randrange(1, 900),
            source.randrange(50, 9000),
        )


def table_row(item: str, warehouse: str, category: str, units: int, price_cents: int) -> str:
    """One row."""
    return f"{item},{warehouse},{category},{units},{price_cents}"
