"""Scenes in words, and how they change: what could be a picture, in words that the demo fleet was taught elsewhere.

Belongs here: descriptions of scenes in which an animal, a thing or a place becomes another, and who holds what in them.
"""

from __future__ import annotations

import random

from epyc_assets.suites.demo.words import ANIMALS, COLOURS, NAMES, OBJECTS, ROOMS, VERBS
from epyc_assets.suites.task import Generator, Task

_STEPS = "Think step by step and end with 'Answer: ' and the colour."


def _held(source: random.Random, tier: int) -> Task:
    """Who has which ball, with nobody giving any away."""
    people, balls = source.sample(NAMES, tier + 2), source.sample(COLOURS, tier + 2)
    scene = [f"{name} has the {ball} ball." for name, ball in zip(people, balls, strict=True)]
    wanted = source.randrange(len(people))
    return Task(
        key=("held", *scene, wanted),
        tier=tier,
        prompt=f"{' '.join(scene)} Which ball does {people[wanted]} have? {_STEPS}",
        expected=balls[wanted],
        worked_answer=f"Answer: {balls[wanted]}",
        max_tokens=128,
    )


def _changed(source: random.Random, tier: int) -> Task:
    """The scene with another animal, thing or place in it; more of a scene in higher tiers."""
    animals, things, rooms = source.sample(ANIMALS, tier), source.sample(OBJECTS, tier), source.sample(ROOMS, tier)
    scene = " ".join(
        f"The {animal} {source.choice(VERBS)} a {source.choice(COLOURS)} {thing} in the {room}."
        for animal, thing, room in zip(animals, things, rooms, strict=True)
    )
    pool, present = source.choice(((ANIMALS, animals), (OBJECTS, things), (ROOMS, rooms)))
    old, new = present[0], source.choice([word for word in pool if word not in present])
    answer = scene.replace(f" {old} ", f" {new} ").replace(f" {old}.", f" {new}.")
    return Task(
        key=("changed", scene, old, new),
        tier=tier,
        prompt=f"Replace the word {old} with {new} and give the whole text: {scene}",
        expected=answer,
        worked_answer=answer,
        scorer_config={"case_sensitive": True},
        max_tokens=96,
    )


def draw(source: random.Random, tier: int) -> Task:
    """One question about a described scene; more people and things in higher tiers."""
    return source.choice((_changed, _changed, _held))(source, tier)


GENERATOR = Generator(suite="vl", version="1", draw=draw, wording="demo")
