"""Tool calls: from a request and a list of tools to one JSON object.

Belongs here: requests whose right call is known. The exact layout asked for (one line, the spacing of
Python's `json.dumps`) is stated by the example in the prompt, so that a text comparison is fair.
"""

from __future__ import annotations

import json
import random

from epyc_assets.suites.demo.words import CITIES, NAMES, OBJECTS, ROOMS
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Generator, Task

_SIGNATURES = {
    "weather": "weather(city)",
    "call": "call(name)",
    "timer": "timer(minutes)",
    "light": "light(room, state)",
    "buy": "buy(item, count)",
    "travel": "travel(start, end)",
}
_EXAMPLE = 'Answer with one line of JSON like {"tool": "echo", "text": "hi"}.'


def _call(source: random.Random, tool: str, hard: bool) -> tuple[str, dict[str, JSON]]:
    """A request in words and the arguments of the call that fulfils it."""
    if tool == "weather":
        city = source.choice(CITIES)
        asked = source.choice(
            (
                "What is the weather in {}?",
                "Is it raining in {}?",
                "How warm is {} today?",
                "How warm is it in {} now?",
            )
        )
        return asked.format(city), {"city": city}
    if tool == "call":
        name = source.choice(NAMES)
        return source.choice(("Call {}.", "I want to talk to {}.", "Please ring {}.")).format(name), {"name": name}
    if tool == "timer":
        if not hard:
            minutes = source.randint(2, 59)
            asked = source.choice(
                ("Set a timer for {} minutes.", "Wake me in {} minutes.", "Call me back in {} minutes.")
            )
            return asked.format(minutes), {"minutes": minutes}
        hours, rest = source.randint(1, 9), source.randint(1, 59)
        return f"Set a timer for {hours} hours and {rest} minutes.", {"minutes": 60 * hours + rest}
    if tool == "light":
        room, state = source.choice(ROOMS), source.choice(("on", "off"))
        return f"Turn the light in the {room} {state}.", {"room": room, "state": state}
    if tool == "buy":
        item = source.choice(OBJECTS)
        if not hard:
            count = source.randint(2, 20)
            return f"Buy item {item}, {count} pieces.", {"item": item, "count": count}
        packs, each = source.randint(2, 9), source.randint(3, 12)
        return f"Buy item {item}, {packs} packs of {each}.", {"item": item, "count": packs * each}
    start, end = source.sample(CITIES, 2)
    if hard and source.random() < 0.5:
        return f"I have to be in {end} tomorrow and I am in {start}.", {"start": start, "end": end}
    return f"Book a trip from {start} to {end}.", {"start": start, "end": end}


def draw(source: random.Random, tier: int) -> Task:
    """One request; tier 1 offers one tool, tier 2 two, tier 3 three, with arguments to be worked out."""
    easy_tools = ("weather", "call", "timer", "light")
    tool = source.choice(easy_tools if tier == 1 else tuple(_SIGNATURES))
    if tier == 3:
        tool = source.choice(("timer", "buy", "travel"))
    request, arguments = _call(source, tool, hard=tier == 3)
    others = [name for name in _SIGNATURES if name != tool]
    offered = [tool, *source.sample(others, tier - 1)]
    source.shuffle(offered)
    tools = ", ".join(_SIGNATURES[name] for name in offered)
    answer = json.dumps({"tool": tool, **arguments})
    return Task(
        key=(tool, tier == 3, arguments),
        tier=tier,
        prompt=f"Tools: {tools}. {_EXAMPLE} Request: {request}",
        expected=answer,
        worked_answer=answer,
        max_tokens=64,
    )


GENERATOR = Generator(suite="agentic", version="1", draw=draw, wording="demo")
