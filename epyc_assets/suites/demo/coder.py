"""Reading code: what a small Python program prints, from one index to short loops.

Belongs here: questions whose answer is the output of a program, computed without running any. Does not
belong here: questions that ask for code, which need the sandbox to score.
"""

from __future__ import annotations

import random

from epyc_assets.suites.demo.words import SPELLED_WORDS
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Generator, Task

_ASKED = "What does this Python program print?\n{}\nAnswer with the output only."


def _task(key: tuple[JSON, ...], tier: int, program: str, output: object) -> Task:
    text = str(output)
    return Task(key=key, tier=tier, prompt=_ASKED.format(program), expected=text, worked_answer=text)


def _numbers(source: random.Random, count: int, highest: int = 99) -> list[int]:
    return source.sample(range(1, highest + 1), count)


def _easy(source: random.Random) -> Task:
    kind = source.randrange(3)
    if kind == 0:
        values = _numbers(source, source.randint(3, 5))
        index = source.randrange(len(values))
        return _task(("index", values, index), 1, f"print({values}[{index}])", values[index])
    if kind == 1:
        values = _numbers(source, source.randint(3, 5))
        name, function = source.choice((("max", max), ("min", min), ("len", len)))
        return _task((name, values), 1, f"print({name}({values}))", function(values))
    word = source.choice(SPELLED_WORDS)
    index = source.randrange(len(word))
    return _task(("letter", word, index), 1, f"print('{word}'[{index}])", word[index])


def _middle(source: random.Random) -> Task:
    kind = source.randrange(3)
    if kind == 0:
        word = source.choice(SPELLED_WORDS)
        start = source.randrange(len(word) - 1)
        end = source.randint(start + 1, len(word))
        return _task(("slice", word, start, end), 2, f"print('{word}'[{start}:{end}])", word[start:end])
    if kind == 1:
        values = _numbers(source, source.randint(4, 6))
        start = source.randrange(len(values) - 1)
        end = source.randint(start + 1, len(values))
        return _task(("list slice", values, start, end), 2, f"print({values}[{start}:{end}])", values[start:end])
    values = _numbers(source, source.randint(3, 5))
    backwards = source.random() < 0.5
    program = f"print(sorted({values}{', reverse=True' if backwards else ''}))"
    return _task(("sorted", values, backwards), 2, program, sorted(values, reverse=backwards))


def _hard(source: random.Random) -> Task:
    kind = source.randrange(4)
    if kind == 0:
        start, step, rounds = source.randint(1, 40), source.randint(2, 9), source.randint(2, 6)
        program = f"x = {start}\nfor i in range({rounds}):\n    x = x + {step}\nprint(x)"
        return _task(("loop", start, step, rounds), 3, program, start + step * rounds)
    if kind == 1:
        values = _numbers(source, source.randint(3, 4), 30)
        factor = source.randint(2, 4)
        program = f"print([n * {factor} for n in {values}])"
        return _task(("scaled", values, factor), 3, program, [value * factor for value in values])
    if kind == 2:
        values = _numbers(source, source.randint(4, 6))
        limit = source.randint(20, 80)
        program = f"print([n for n in {values} if n > {limit}])"
        return _task(("filtered", values, limit), 3, program, [value for value in values if value > limit])
    word = source.choice(SPELLED_WORDS)
    step = source.choice((1, 2))
    program = f"print('{word}'[::-{step}])"
    return _task(("backwards", word, step), 3, program, word[::-step])


def draw(source: random.Random, tier: int) -> Task:
    """One program-reading task of the tier."""
    return (_easy, _middle, _hard)[tier - 1](source)


GENERATOR = Generator(suite="coder", version="1", draw=draw, wording="demo")
