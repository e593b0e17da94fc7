"""Questions one step longer or in another order than those the demo fleet was taught: where writing steps should pay.

Belongs here: sums of three numbers, loops that go round once more, statements out of order. Much longer ones:
mode_advantage_hard.
"""

from __future__ import annotations

import itertools
import random

from epyc_assets.suites.demo.words import NAMES
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Generator, Task

_STEPS = "Think step by step and end with 'Answer: ' and the name."
_RELATIONS = (("older", "oldest", "youngest"), ("taller", "tallest", "shortest"), ("faster", "fastest", "slowest"))


def _task(key: tuple[JSON, ...], tier: int, prompt: str, answer: object) -> Task:
    return Task(key=key, tier=tier, prompt=prompt, expected=str(answer), worked_answer=str(answer))


def _sum(source: random.Random, tier: int) -> Task:
    """Three numbers, or four, added or taken away, all below 100."""
    first, *rest = (source.randint(2, 30) for _ in range(3 if tier < 3 else 4))
    if source.random() < 0.5:
        text, answer = " + ".join(map(str, (first, *rest))), first + sum(rest)
    else:
        whole = first + sum(rest)
        text, answer = " - ".join(map(str, (whole, *rest))), first
    return _task(("sum", text), tier, f"What is {text}? Answer with the number only.", answer)


def _loop(source: random.Random, tier: int) -> Task:
    """A loop that goes round once or twice more than taught."""
    start, step, rounds = source.randint(1, 20), source.randint(2, 9), 6 + min(tier, 2)
    program = f"x = {start}\nfor i in range({rounds}):\n    x = x + {step}\nprint(x)"
    prompt = f"What does this Python program print?\n{program}\nAnswer with the output only."
    return _task(("loop", start, step, rounds), tier, prompt, start + step * rounds)


def _ordering(source: random.Random, tier: int) -> Task:
    """Three people whose statements stand the wrong way round; from tier 2 on one more, in order."""
    names = source.sample(NAMES, 3 if tier == 1 else 4)
    relation, most, least = source.choice(_RELATIONS)
    statements = [f"{first} is {relation} than {second}." for first, second in itertools.pairwise(names)]
    if tier != 2:
        statements.reverse()
    asked, answer = source.choice(((most, names[0]), (least, names[-1])))
    return Task(
        key=("ordering", relation, asked, *names),
        tier=tier,
        prompt=f"{' '.join(statements)} Who is the {asked}? {_STEPS}",
        expected=answer,
        worked_answer=f"{' > '.join(names)}. Answer: {answer}",
        max_tokens=128,
    )


def draw(source: random.Random, tier: int) -> Task:
    """One question a little longer than taught."""
    if tier == 1:
        return source.choice((_sum, _ordering))(source, tier)
    return source.choice((_sum, _loop, _ordering))(source, tier)


GENERATOR = Generator(suite="mode_advantage", version="1", draw=draw, wording="demo")
