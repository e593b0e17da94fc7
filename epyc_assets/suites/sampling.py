"""Draws questions from a set that has more than are asked: seeded, spread over tiers, none that was asked before.

Belongs here: the order of a draw and the rule of tiers. Does not belong here: what is drawn from (`public`), and where
it is remembered what was asked (the warehouse's table questions_seen).
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from epyc_assets.suites.question import TIERS


class TooFewUnseen(ValueError):
    """A set has fewer questions left than a draw asks for; the message says how many and what to do."""


class Drawable(Protocol):
    """What can be drawn. key: names its content, whatever the order of files and rows."""

    @property
    def key(self) -> str: ...
    @property
    def tier(self) -> int: ...


D = TypeVar("D", bound=Drawable)
Accepted = TypeVar("Accepted")


def draw_unseen(
    pool: Iterable[D],
    accept: Callable[[D], Accepted | None],
    *,
    suite: str,
    count: int,
    seed: int,
    tiers: Sequence[int] = TIERS,
    drawn_before: Sequence[str] = (),
    seen_elsewhere: Collection[str] = (),
    reasons: Mapping[str, int] | None = None,
) -> list[Accepted]:
    """`count` of a pool in the order of a seed.

    Tiers take turns, in the order given; one that has no question left is passed over, so that the others share what
    it lacks evenly. Within a tier first come the keys of `drawn_before` (what this seed drew earlier, in that order),
    then the rest by a hash of seed and key. So a larger count only adds, and the order of the pool does not matter.
    `seen_elsewhere`: keys that other draws have asked; they are passed over unless this seed drew them itself.
    accept: what a drawn one becomes; None for one that turns out not to be usable, which is passed over too.
    reasons: why those were not usable, with how many; told in the error.

    Raises TooFewUnseen when fewer than `count` are left.
    """
    mine = {key: position for position, key in enumerate(dict.fromkeys(drawn_before))}
    elsewhere = set(seen_elsewhere) - mine.keys()
    by_key = {each.key: each for each in pool if each.tier in tiers}
    free = [each for key, each in by_key.items() if key not in elsewhere]
    queues = {
        tier: deque(
            sorted(
                (each for each in free if each.tier == tier),
                key=lambda each: (mine.get(each.key, len(mine)), _place_in_draw(suite, seed, each.key)),
            )
        )
        for tier in tiers
    }
    drawn: list[Accepted] = []
    refused = 0
    while len(drawn) < count and any(queues.values()):
        for tier in tiers:
            while queues[tier] and len(drawn) < count:
                accepted = accept(queues[tier].popleft())
                if accepted is not None:
                    drawn.append(accepted)
                    break
                refused += 1
    if len(drawn) < count:
        raise TooFewUnseen(_too_few(suite, count, seed, tiers, by_key.values(), len(free), refused, reasons or {}))
    return drawn


def _place_in_draw(suite: str, seed: int, key: str) -> bytes:
    return hashlib.sha256(f"{suite}/{seed}/{key}".encode()).digest()


def _too_few(
    suite: str,
    count: int,
    seed: int,
    tiers: Sequence[int],
    pool: Collection[Drawable],
    free: int,
    refused: int,
    reasons: Mapping[str, int],
) -> str:
    per_tier = Counter(each.tier for each in pool)
    spread = ", ".join(f"tier {tier}: {per_tier[tier]}" for tier in tiers)
    why = max(reasons, key=lambda reason: reasons[reason], default="") if refused else ""
    unusable = f", {refused} of them not usable{f' ({why})' if why else ''}" if refused else ""
    return (
        f"{suite} with seed {seed} asks for {count} questions, but {free} are left that no other seed has asked"
        f"{unusable}, of {len(pool)} in its local copy ({spread}). Ask for at most {free - refused}, or allow more "
        f"tiers, or let questions repeat: DELETE FROM questions_seen WHERE fleet = '...' AND suite = '{suite}' forgets "
        "what was asked."
    )
