"""Questions that need no working out: knowledge of words and everyday things, a judgement at a glance.

Belongs here: kinds on which answering at once is enough, and thinking long only costs. Does not belong here: anything
that has to be computed.
"""

from __future__ import annotations

import random

from epyc_assets.suites.generators.phrases import PEOPLE, reasoned_task, with_article
from epyc_assets.suites.task import Task

_GROUPS = {
    "a musical instrument": ("cello", "oboe", "trumpet", "banjo", "harp", "bassoon", "piano", "tuba"),
    "a bird": ("heron", "magpie", "kestrel", "wren", "penguin", "ostrich", "swallow", "gull"),
    "a metal": ("copper", "zinc", "tin", "nickel", "silver", "iron", "lead", "titanium"),
    "a vegetable": ("leek", "turnip", "cabbage", "spinach", "carrot", "parsnip", "celery", "kale"),
    "a garment": ("scarf", "mitten", "waistcoat", "sock", "apron", "cloak", "jacket", "bonnet"),
    "a vehicle": ("tram", "bicycle", "lorry", "canoe", "tractor", "ferry", "sleigh", "scooter"),
    "a tree": ("birch", "willow", "spruce", "beech", "poplar", "larch", "hornbeam", "cedar"),
    "a piece of furniture": ("wardrobe", "armchair", "bookcase", "stool", "bunk bed", "sideboard", "bench", "desk"),
    "a tool": ("hammer", "chisel", "spanner", "pliers", "handsaw", "screwdriver", "crowbar", "wrench"),
    "a fish": ("salmon", "herring", "trout", "cod", "mackerel", "haddock", "sardine", "halibut"),
}

_MEASURES = (
    ("the mass of a letter", "gram", ("tonne", "kilometre", "litre")),
    ("the distance between two cities", "kilometre", ("millimetre", "gram", "hour")),
    ("the water in a swimming pool", "cubic metre", ("millilitre", "metre", "kilogram")),
    ("the thickness of a coin", "millimetre", ("kilometre", "litre", "tonne")),
    ("the power of a kettle", "watt", ("volt", "degree", "litre")),
    ("the load of a lorry", "tonne", ("milligram", "metre", "second")),
    ("a dose of cough syrup", "millilitre", ("cubic metre", "kilogram", "watt")),
    ("the time of a sprint over 100 metres", "second", ("week", "metre", "gram")),
    ("the size of a photo file", "megabyte", ("hertz", "metre", "watt")),
    ("the pitch of a tuning fork", "hertz", ("megabyte", "gram", "litre")),
    ("the height of a door", "metre", ("kilometre", "litre", "gram")),
    ("the area of a farm", "hectare", ("square millimetre", "litre", "metre")),
)


def _choice(source: random.Random, tier: int, key: tuple[str, ...], text: str, right: str, wrong: list[str]) -> Task:
    options = [right, *wrong]
    source.shuffle(options)
    letter = "ABCD"[options.index(right)]
    lines = "\n".join(f"{name}) {option}" for name, option in zip("ABCD", options, strict=False))
    return reasoned_task(
        source,
        key=(*key, *sorted(options)),
        tier=tier,
        text=f"{text}\n{lines}",
        answer=letter,
        steps=f"{right[0].upper()}{right[1:]} fits.",
        form="<letter>",
        scorer="multiple_choice",
        config={"choices": options},
        max_tokens=512,
    )


def category(source: random.Random, tier: int) -> Task:
    """Which of four things is of a sort, or is the only one that is not."""
    group, other = source.sample(sorted(_GROUPS), 2)
    if source.random() < 0.5:
        right = source.choice(_GROUPS[group])
        wrong = [source.choice(_GROUPS[name]) for name in source.sample([n for n in _GROUPS if n != group], 3)]
        asked = source.choice(("Which of these is {}?", "Pick the one that is {}.", "Only one of these is {}. Which?"))
    else:
        right = source.choice(_GROUPS[other])
        wrong = source.sample(_GROUPS[group], 3)
        asked = source.choice(
            ("Which of these is not {}?", "Three of these are the same sort of thing. Which is not {}?")
        )
    text = asked.format(group)
    return _choice(source, tier, ("category", group, right), text, right, wrong)


def measure(source: random.Random, tier: int) -> Task:
    """The unit in which something is sensibly measured."""
    thing, right, wrong = source.choice(_MEASURES)
    asked = source.choice(
        ("In which unit would you state {}?", "Which unit suits {} best?", "{} is to be written down. In which unit?")
    ).format(thing)
    text = asked[0].upper() + asked[1:]
    return _choice(source, tier, ("measure", thing), text, right, source.sample(wrong, 3))


_TONES = {
    "pleased": (
        "arrived a day early and works better than I had hoped",
        "was worth every coin and I would buy it again",
        "made the whole family smile",
        "is the best that I have owned so far",
    ),
    "disappointed": (
        "broke on the second day and nobody answers my letters",
        "is not half as good as promised",
        "smells of glue and leaks at the seam",
        "went straight back to the shop",
    ),
}


def tone(source: random.Random, tier: int) -> Task:
    """Whether a customer is pleased or disappointed."""
    mood = source.choice(sorted(_TONES))
    name, thing = (
        source.choice(PEOPLE),
        source.choice(("kettle", "tent", "rucksack", "lamp", "violin case", "oven glove")),
    )
    said = source.choice(_TONES[mood])
    text = (
        f"{name} writes about {with_article(thing)}: 'It {said}.' Is {name} pleased or disappointed? Say one of the "
        "two words."
    )
    return reasoned_task(
        source,
        key=("tone", name, thing, said),
        tier=tier,
        text=text,
        answer=mood,
        steps="The wording leaves no doubt.",
        form="<word>",
        max_tokens=512,
    )


_NOTES = (
    ("the meeting room", ("Oak", "Linden", "Maple", "Hazel")),
    ("the contact", ("Ms Adeyemi", "Mr Lund", "Ms Horvat", "Mr Okafor")),
    ("the colour code", ("teal", "ochre", "violet", "crimson")),
    ("the caterer", ("Blue Spoon", "Old Mill", "Corner Table", "Green Fork")),
    ("the entrance", ("North Gate", "River Door", "Court Arch", "Loading Bay")),
)


def noted(source: random.Random, tier: int) -> Task:
    """A fact that the question itself states."""
    facts = [(what, source.choice(values)) for what, values in source.sample(_NOTES, 3 + (tier > 1))]
    asked, answer = source.choice(facts)
    event = source.choice(("The open day", "The board visit", "The harvest fair", "The audit", "The book launch"))
    lines = " ".join(f"{what[0].upper()}{what[1:]} is {value}." for what, value in facts)
    text = f"{event} is on {source.choice(('Monday', 'Tuesday', 'Thursday'))}. {lines} What is {asked}?"
    return reasoned_task(
        source,
        key=("noted", event, asked, *(value for _, value in facts)),
        tier=tier,
        text=text,
        answer=answer,
        steps="It is stated.",
        form="<answer>",
        max_tokens=512,
    )
