"""Word pools that the generators draw from.

Belongs here: lists of plain words. Does not belong here: sentences and templates, which sit in the
generator that uses them. The pools are small on purpose: every pool word becomes a token of the demo
fleet's vocabulary, except SPELLED_WORDS, which appear in quotes and are read letter by letter.
"""

from __future__ import annotations

NAMES = (
    "Anna", "Ben", "Carl", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivan", "Jane", "Karl", "Lena",
    "Max", "Nina", "Otto", "Pia", "Rosa", "Sam", "Tara", "Uri", "Vera", "Will", "Yara", "Zoe",
)  # fmt: skip

OBJECTS = (
    "lamp", "stone", "bread", "clock", "spoon", "chair", "book", "coin", "rope", "shell", "apple", "box",
    "card", "cup", "drum", "flag", "glove", "hat", "jar", "key", "leaf", "map", "nail", "pen",
)  # fmt: skip

COLOURS = ("red", "blue", "green", "black", "white", "brown", "pink", "grey")

ROOMS = (
    "attic", "cellar", "garden", "hall", "kitchen", "library", "office", "porch",
    "shed", "stable", "studio", "tower",
)  # fmt: skip

CITIES = (
    "Paris", "Rome", "Oslo", "Lima", "Cairo", "Delhi", "Tokyo", "Quito", "Accra", "Bonn", "Dublin", "Hanoi",
    "Kyiv", "London", "Madrid", "Nairobi", "Prague", "Seoul", "Tunis", "Vienna",
)  # fmt: skip

ANIMALS = (
    "fox", "owl", "cat", "dog", "horse", "wolf", "bear", "goat", "crow", "frog", "hare", "mouse",
)  # fmt: skip

ADJECTIVES = ("small", "old", "quiet", "young", "brave", "tired", "happy", "clever")

VERBS = ("saw", "found", "took", "lost", "hid", "kept", "moved", "wanted")

SPELLED_WORDS = (
    "anchor", "basket", "beach", "bottle", "branch", "bridge", "bucket", "butter", "button", "camel",
    "candle", "canoe", "carpet", "castle", "cattle", "cedar", "cherry", "circle", "cliff", "cloud",
    "copper", "corner", "cotton", "cradle", "cricket", "crystal", "curtain", "desert", "diamond", "dragon",
    "eagle", "engine", "falcon", "feather", "fence", "flame", "flute", "forest", "fountain", "frost",
    "galaxy", "garlic", "ginger", "grain", "guitar", "hammer", "harbor", "harvest", "helmet", "honey",
    "island", "jacket", "jungle", "kettle", "kitten", "ladder", "lantern", "lemon", "lizard", "magnet",
    "marble", "meadow", "melon", "mirror", "mountain", "needle", "ocean", "olive", "orange", "orchid",
    "oyster", "paddle", "panda", "paper", "parrot", "pebble", "pencil", "pepper", "picnic", "pillow",
    "planet", "pocket", "potato", "powder", "puzzle", "rabbit", "raven", "ribbon", "river", "rocket",
    "saddle", "salmon", "school", "shadow", "silver", "snake", "spider", "spring", "statue", "storm",
    "sugar", "summer", "table", "temple", "thunder", "ticket", "tiger", "timber", "tomato", "trumpet",
    "tunnel", "turtle", "valley", "velvet", "violin", "walnut", "water", "whale", "window", "winter",
)  # fmt: skip
