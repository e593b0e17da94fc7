"""Filler prose: varied sentences about a valley's everyday life, none of which states a code, amount or date.

Belongs here: sentence patterns and their words. Does not belong here: anything that a question asks about: whatever
a needle says, no filler sentence says.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

_WORDS: dict[str, tuple[str, ...]] = {
    "who": (
        "the baker", "a retired pilot", "the younger gardener", "an old fisherman", "the schoolteacher",
        "a travelling cellist",
        "the postmistress", "a group of hikers", "the carpenter's apprentice", "a quiet librarian", "the night nurse",
        "a visiting geologist", "the choir", "two cousins", "the miller", "a stray dog", "the ferryman",
        "a tall painter",
        "the beekeeper", "an amateur astronomer", "the weaver", "a street musician", "the clockmaker", "a young doctor",
    ),
    "verb": (
        "repaired", "admired", "sketched", "described", "forgot", "polished", "borrowed", "inspected", "carried",
        "praised",
        "photographed", "moved", "painted", "returned", "discussed", "measured", "covered", "cleaned", "remembered",
        "wrapped",
    ),
    "adjective": (
        "wooden", "narrow", "faded", "copper", "heavy", "crooked", "painted", "damp", "quiet", "dusty", "bright",
        "woven",
        "broken", "weathered", "gentle", "hollow", "rusty", "striped", "polished", "patched", "mossy", "tiny",
        "sturdy",
    ),
    "thing": (
        "bench", "lantern", "boat", "fence", "loom", "barrel", "kite", "staircase", "window", "umbrella", "piano",
        "cart",
        "mirror", "suitcase", "ladder", "kettle", "violin", "gate", "map", "chimney", "bridge", "bicycle", "quilt",
        "well",
        "telescope", "basket", "clock", "rowing boat", "bookshelf", "wheelbarrow",
    ),
    "place": (
        "behind the mill", "near the harbour", "under the chestnut trees", "at the edge of the square",
        "beside the chapel",
        "along the canal", "in the old cannery", "on the southern slope", "past the orchard", "below the viaduct",
        "by the tram stop", "inside the greenhouse", "across the footbridge", "above the quarry",
        "next to the bandstand",
        "in the reading room", "outside the inn", "at the foot of the tower", "on the pier", "in the walled garden",
    ),
    "time": (
        "before breakfast", "late in the afternoon", "after the rain", "on a windy morning", "during the fair",
        "at dusk",
        "in early spring", "while the bells were ringing", "long after midnight", "on market day", "in the first snow",
        "as the mist lifted", "between two showers", "towards evening", "in the heat of the day",
        "when the ferry was late",
    ),
    "feeling": (
        "nobody seemed to mind", "everyone laughed about it", "the neighbours were delighted",
        "it took longer than planned",
        "the weather held", "the work went well", "a few people grumbled", "the children watched with interest",
        "there was soup for everybody", "the light was beautiful", "the whole street smelled of bread",
        "the wind turned north",
        "hardly anyone noticed", "the radio played softly", "the river stayed calm", "the cat slept through all of it",
    ),
    "habit": (
        "swapping recipes", "mending nets", "telling stories", "growing pears", "keeping bees", "carving spoons",
        "rehearsing songs", "drying herbs", "collecting stones", "watching birds", "folding paper boats",
        "playing chess",
        "pressing flowers", "baking rye bread", "restoring furniture", "sharpening tools",
    ),
    "matter": (
        "the colour of the shutters", "the shape of the new roof", "the taste of the cider", "the sound of the organ",
        "the best path to the lake", "the habits of owls", "the price of firewood", "the history of the ropeworks",
        "the smell of the tannery", "the last harvest", "the height of the hedges", "the rules of an old card game",
        "the state of the road", "the songs of the sailors", "the weight of wet wool", "the patience of herons",
    ),
}  # fmt: skip

_PATTERNS = (
    "{who} {verb} the {adjective} {thing} {place} {time}.",
    "{time} {who} {verb} a {adjective} {thing} {place}, and {feeling}.",
    "A {adjective} {thing} stood {place}, although {who} had {verb} it {time}.",
    "Nobody knew why {who} {verb} the {thing} {time}, but {feeling}.",
    "{who} talked about {matter} {place}, and {feeling}.",
    "There was much talk about {matter} and rather less about {matter}.",
    "{who} spent the hours {time} {habit} {place}.",
    "{habit} was what {who} liked best, at least {time}.",
    "The {thing} {place} had once been {adjective}; {who} {verb} it all the same.",
    "For a while {who} preferred {habit} to {habit}, and {feeling}.",
    "If one asked about {matter}, {who} would point to the {adjective} {thing} {place}.",
    "{who} and {who} argued gently about {matter} {time}.",
    "What {who} {verb} {place} was neither {adjective} nor {adjective}, yet {feeling}.",
    "{time} the {adjective} {thing} was taken away, because {who} wanted to try {habit} there.",
    "It is said {place} that {habit} makes people {adjective}, but {who} only smiled.",
    "Most visitors remember the {thing} {place}, or else {matter}.",
    "{who} had a {adjective} {thing} and a {adjective} {thing}, and gave both away {time}.",
    "With {habit} over for the year, {who} {verb} every {thing} {place}.",
)

_SLOT = re.compile(r"\{(\w+)\}")
_SPLIT = tuple((tuple(_SLOT.split(pattern)[::2]), tuple(_SLOT.split(pattern)[1::2])) for pattern in _PATTERNS)


def sentences(source: random.Random) -> Iterator[str]:
    """Sentences without end."""
    draw = source.random
    while True:
        fixed, slots = _SPLIT[int(draw() * len(_SPLIT))]
        parts = [fixed[0]]
        for slot, rest in zip(slots, fixed[1:], strict=True):
            words = _WORDS[slot]
            parts.append(words[int(draw() * len(words))])
            parts.append(rest)
        text = "".join(parts)
        yield text[0].upper() + text[1:]
