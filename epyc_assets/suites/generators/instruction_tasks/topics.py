"""What the requests are about: a request and plain sentences that an answer can be made of.

Belongs here: topics. Does not belong here: constraints. The sentences have no commas, digits, abbreviations or
quotation
marks, so that every constraint can be put on top of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """request: what is to be written. title: a fitting one. avoided: words that no sentence has."""

    request: str
    title: str
    sentences: tuple[str, ...]
    avoided: tuple[str, ...]


TOPICS = (
    Topic(
        "a note to the neighbours in {place} about a garden party",
        "An Evening Outside",
        (
            "Our garden party begins on Saturday evening", "Everyone from the street is warmly invited",
            "The long table will stand under the old apple tree", "Please bring a salad or a cake for the table",
            "We will hang small lamps between the branches", "Children can play on the lawn behind the house",
            "A neighbour has offered to play the accordion", "The music ends before the last tram leaves",
            "If it rains we will move into the barn", "Tell us soon whether you can come",
            "Old chairs and blankets are always useful", "The garden gate will be open all evening",
        ),
        ("barbecue", "wine", "deadline", "garage", "ticket"),
    ),
    Topic(
        "advice for somebody who moves to {place} and wants to learn to cook",
        "First Steps in the Kitchen",
        (
            "Begin with a few simple dishes that you like", "A sharp knife is safer than a blunt knife",
            "Read the whole recipe before you light the stove", "Taste the soup while it cooks and add salt slowly",
            "Fresh vegetables from the market need little work", "Keep the kitchen tidy while the water boils",
            "Cook a large pot of beans and eat it for two days", "A heavy pan keeps the heat for a long time",
            "Ask a friend to show you how bread is made", "Mistakes in the kitchen can still be eaten",
            "Write down what worked and what did not", "Invite guests only when a dish has worked twice",
        ),
        ("microwave", "delivery", "butter", "restaurant", "freezer"),
    ),
    Topic(
        "a short report for the library of {place} about its reading room",
        "The Reading Room This Year",
        (
            "The reading room was open on every weekday", "More visitors came in winter than in summer",
            "Most readers asked for maps and old newspapers", "The new lamps made the evening hours more pleasant",
            "Two shelves near the window had to be repaired", "A class from the school came once a month",
            "The quiet corner was used more than we expected", "Some readers would like longer opening hours",
            "The catalogue is now easier to search", "We lost fewer books than in any year before",
            "A retired printer gave us a box of rare posters", "Next year we want to paint the ceiling",
        ),
        ("computer", "internet", "fine", "coffee", "budget"),
    ),
    Topic(
        "a message to the members of a hiking club about a walk near {place}",
        "Over the Ridge",
        (
            "We meet at the station early on Sunday morning", "The path follows the river for the first hour",
            "After the bridge the climb becomes steep", "Strong boots and a warm jacket are needed",
            "There is a spring with clean water near the top", "We rest at the hut and share our bread",
            "The view from the ridge reaches the sea", "Slow walkers can wait for us at the chapel",
            "The way down leads through a beech forest", "Nobody walks alone in the fog",
            "We will be back at the station before dark", "Dogs are welcome if they stay on the path",
        ),
        ("bus", "camera", "race", "hotel", "umbrella"),
    ),
    Topic(
        "a description of a workshop in {place} where old clocks are repaired",
        "Where Time Is Mended",
        (
            "The workshop lies in a narrow street behind the market", "A brass bell rings when the door opens",
            "Hundreds of clocks tick on the walls", "No two of them show the same time",
            "The owner listens to a clock before he opens it", "Most faults come from dust and dry oil",
            "Tiny wheels lie in rows on a green cloth", "A broken spring can take a whole week",
            "The oldest clock belongs to the town hall", "Every repaired clock runs for a month on trial",
            "Visitors may watch but must not speak", "In the evening the owner winds each clock by hand",
        ),
        ("battery", "digital", "museum", "silver", "apprentice"),
    ),
)  # fmt: skip

LANGUAGES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "de": (
        "German",
        (
            "Das Dorf liegt in einem engen Tal und ist sehr alt.", "Die Leute sind freundlich und haben immer Zeit.",
            "Auf dem Platz steht ein Brunnen mit einem Fisch aus Stein.", "Ich gehe jeden Morgen mit dem Hund "
            "an den Fluss.",
            "Im Winter ist es hier still und die Nächte sind lang.", "Das Brot von dem kleinen Laden ist für "
            "mich das beste.",
        ),
        "Das ist alles.",
    ),
    "fr": (
        "French",
        (
            "Le village est dans une vallée et il est très ancien.", "Les gens sont aimables et ils ont le temps.",
            "Sur la place il y a une fontaine avec un poisson de pierre.", "Je vais au bord de la rivière "
            "avec le chien.",
            "Dans la forêt on trouve des champignons pour la soupe.", "Le pain de la petite boutique est pour "
            "moi le meilleur.",
        ),
        "C'est tout pour vous.",
    ),
    "es": (
        "Spanish",
        (
            "El pueblo está en un valle y es muy antiguo.", "Los vecinos son amables y no tienen prisa.",
            "En la plaza hay una fuente con un pez de piedra.", "Por la mañana voy al río con el perro.",
            "En el bosque hay setas para la sopa.", "El pan de la tienda es para mí el mejor pero es caro.",
        ),
        "Esto es todo por hoy.",
    ),
    "it": (
        "Italian",
        (
            "Il paese è in una valle ed è molto antico.", "Gli abitanti sono gentili e non hanno fretta.",
            "Nella piazza c'è una fontana con un pesce di pietra.", "La mattina vado al fiume con il cane.",
            "Nel bosco ci sono funghi per la zuppa.", "Il pane della bottega è per me il più buono.",
        ),
        "Questo è tutto per oggi.",
    ),
}  # fmt: skip
"""By ISO 639-1 code: the language's English name, sentences of a description of a village, and a last sentence."""
