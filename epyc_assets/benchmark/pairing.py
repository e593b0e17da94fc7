"""Which measured config is compared with which, when a person names two selections.

Here: like with like. Not here: what a selection means (selection), the comparison itself (comparison).
"""

from __future__ import annotations

from collections.abc import Sequence

from epyc_assets.benchmark.selection import (
    PLACE_KEYS,
    RUNTIME_KEYS,
    TECHNIQUE_KEYS,
    VARIABLE,
    Measured,
    Selection,
    SelectionFault,
)

BY_NAME = "models by name"
"""Beside the keys that may differ: models were named, and are compared whatever they are. Where quantisations were,
they meet within one model only."""


def comparable_pairs(
    first: Sequence[Measured], second: Sequence[Measured], a: Selection, b: Selection
) -> list[tuple[Measured, Measured]]:
    """Who is compared with whom: like with like in all that the selections do not name.

    Model, quantisation, backend, host and build must agree unless both selections name them; what makes up a config
    must agree unless either names it (technique and config name everything about drafting and experts). Where several
    remain, each config of the larger side meets those most like it. Of several measurements the latest one that both
    took part in counts, else the latest of each. Raises SelectionFault when nothing remains.
    """
    free = _free_keys(a, b)
    candidates: dict[tuple[str, ...], tuple[Measured, Measured]] = {}
    for one in first:
        for other in second:
            if one.config_id == other.config_id and one.measurement_id == other.measurement_id:
                continue
            if _blocking(one, other, free):
                continue
            identity = (one.model, one.backend, one.config_id, other.model, other.backend, other.config_id)
            # Both lists begin with the latest, so that the first pair is the latest one.
            known = candidates.setdefault(identity, (one, other))
            if known[0].measurement_id != known[1].measurement_id and one.measurement_id == other.measurement_id:
                candidates[identity] = (one, other)
    if not candidates:
        raise SelectionFault(_nothing_comparable(first, second, free))
    return _most_alike(list(candidates.values()))


def _free_keys(a: Selection, b: Selection) -> frozenset[str]:
    """Keys in which the two sides may differ."""
    named = a.keys | b.keys
    free = {key for key in PLACE_KEYS if key in a.keys and key in b.keys}
    free |= {key for key in named if key not in PLACE_KEYS} | {"config"}
    if named & {"config", "technique"}:
        free |= set(TECHNIQUE_KEYS)
    if "config" in named:
        free |= {*RUNTIME_KEYS, VARIABLE}
    if "model" in free:
        free |= {"quantisation", BY_NAME}
    if "quantisation" in free:
        free.add("model")
    if "library" in free:
        free.add("build")  # Another library is another build.
    return frozenset(free)


def _blocking(one: Measured, other: Measured, free: frozenset[str]) -> list[str]:
    """Keys that keep two from being compared."""
    keys = {*one.facts, *other.facts} - free
    if VARIABLE in free:
        keys = {key for key in keys if not key.startswith(VARIABLE)}
    blocking = [
        key
        for key in sorted(keys)
        if one.facts.get(key) != other.facts.get(key)
        and one.own_facts.get(key, ()) != other.own_facts.get(key, (None,))
    ]
    if "model" in free and BY_NAME not in free and _without_quantisation(one) != _without_quantisation(other):
        blocking.append("model")
    return blocking


def _without_quantisation(each: Measured) -> str:
    """A model's name without its quantisation: what two quantisations of one model have in common."""
    name = each.model.casefold()
    for quantisation in each.facts["quantisation"]:
        name = name.replace(quantisation.casefold(), "")
    return "".join(letter for letter in name if letter.isalnum())


def _most_alike(pairs: Sequence[tuple[Measured, Measured]]) -> list[tuple[Measured, Measured]]:
    """Each config of the larger side with the most similar ones of the other."""
    sizes = [len({(pair[side].model, pair[side].backend, pair[side].config_id) for pair in pairs}) for side in (0, 1)]
    side = 0 if sizes[0] > sizes[1] else 1
    best: dict[tuple[str, str, str], int] = {}
    for pair in pairs:
        own = pair[side]
        key = (own.model, own.backend, own.config_id)
        best[key] = max(best.get(key, -1), _likeness(*pair))
    return [
        pair for pair in pairs if _likeness(*pair) == best[(pair[side].model, pair[side].backend, pair[side].config_id)]
    ]


def _likeness(one: Measured, other: Measured) -> int:
    keys = (*TECHNIQUE_KEYS, *RUNTIME_KEYS)
    return sum(one.facts.get(key) == other.facts.get(key) for key in keys)


def _nothing_comparable(ones: Sequence[Measured], others: Sequence[Measured], free: frozenset[str]) -> str:
    """Why no pair is left, from the pair with the fewest obstacles."""
    distinct = [
        (one, other)
        for one in ones
        for other in others
        if (one.config_id, one.measurement_id) != (other.config_id, other.measurement_id)
    ]
    if not distinct:
        return "both selections mean the same measured config: there is nothing to compare"
    one, other = min(distinct, key=lambda pair: len(_blocking(*pair, free)))
    keys = _blocking(one, other, free)
    values = ", ".join(
        f"{key} ({' '.join(one.facts.get(key, ())) or 'none'} / {' '.join(other.facts.get(key, ())) or 'none'})"
        for key in keys
    )
    return f"nothing to compare like with like: the sides differ in {values} too; name that in both selections"
