"""Reading code: what a small made-up program prints.

Belongs here: programs whose single line of output is asked for. Does not belong here: questions that ask for code.
"""

from __future__ import annotations

import random
from textwrap import indent

from epyc_assets.suites.generators.coder_tasks.form import printed
from epyc_assets.suites.generators.phrases import reasoned_task
from epyc_assets.suites.task import Task

_ASKED = (
    "What does this Python 3 program print?",
    "Work out by hand the single line that this Python program prints.",
    "Read the following Python code. Which line does it print?",
)


def _predict(source: random.Random, tier: int, kind: str, program: str) -> Task:
    output = printed(program).rstrip("\n")
    return reasoned_task(
        source,
        key=("prediction", kind, program),
        tier=tier,
        text=f"{source.choice(_ASKED)}\n\n```python\n{program}\n```\n",
        answer=output,
        steps="Following the program line by line gives this output.",
        form="<printed line>",
        config={"case_sensitive": True},
    )


def branching_loop(source: random.Random, tier: int) -> Task:
    """A loop with conditions over one or two variables."""
    start, rounds = source.randint(1, 30), source.randint(4, 6) * tier
    divisor, add, take = source.randint(2, 5), source.randint(2, 9), source.randint(1, 6)
    lines = [f"if x % {divisor} == {source.randrange(divisor)}:", f"    x += {add}"]
    if tier > 1:
        lines += [f"elif x > {source.randint(20, 60)}:", f"    x //= {source.randint(2, 4)}", "    y += i"]
    lines += ["else:", f"    x -= {take}" if tier == 1 else f"    x = x * 2 - {take}", "    y += 1"]
    body = indent("\n".join(lines), "    ")
    program = f"x, y = {start}, 0\nfor i in range({rounds}):\n{body}\nprint(x, y)"
    return _predict(source, tier, "branching loop", program)


def list_surgery(source: random.Random, tier: int) -> Task:
    """A list changed in place by slices, pops and inserts."""
    values = [source.randint(1, 30) for _ in range(6)]
    # No move leaves the list empty, so that none of the later ones can fail.
    moves = [
        f"a.insert({source.randint(0, 3)}, a.pop())",
        f"a[{source.randint(0, 2)}:{source.randint(3, 4)}] = [{source.randint(31, 60)}]",
        "a.append(a[0] + a[-1])",
        f"a = a[{source.randint(1, 3)}:] + a[:{source.randint(1, 2)}]",
        "a.sort(key=lambda v: (v % 5, v))",
        f"b.extend(a[::{source.randint(2, 3)}])",
        "a.reverse()",
        f"a = [v for v in a if v % {source.randint(3, 5)}] + [len(a)]",
    ]
    chosen = [source.choice(moves) for _ in range(2 + 2 * tier)]
    share = "b = a" if tier == 3 and source.random() < 0.5 else "b = []"
    program = "\n".join([f"a = {values}", share, *chosen, "print(sum(a) - sum(b), len(a), len(b))"])
    return _predict(source, tier, "list surgery", program)


def text_loop(source: random.Random, tier: int) -> Task:
    """A text built character by character."""
    word = source.choice(
        ("lighthouse", "marzipan", "copper kettle", "windmill", "salamander", "quicksilver", "harvest moon")
    )
    mark, step = source.choice("-+="), source.randint(2, 4)
    test = source.choice(
        (f"i % {step} == 0", 'c in "aeiou"', f"ord(c) % {step} == 1", f"s.count(c) >= {1 if tier < 3 else 2}")
    )
    moves = source.sample(
        ("s = c.upper() + s", f's += "{mark}"', "s = s[1:] + c", f"s += c * {source.randint(2, 3)}"), 2
    )
    end = {1: "print(s)", 2: "print(s[::-1])", 3: "print(s[::2] + str(len(s)))"}[tier]
    loop = f'for i, c in enumerate("{word}"):\n    if {test}:\n        {moves[0]}\n    else:\n        {moves[1]}'
    program = f's = ""\n{loop}\n{end}'
    return _predict(source, tier, "text loop", program)


def counting_dict(source: random.Random, tier: int) -> Task:
    """A dict of counts or groups with a default and a deletion."""
    words = source.sample(
        ("pear", "fig", "plum", "lime", "date", "kiwi", "apple", "guava", "melon", "papaya"), 4 + 2 * tier
    )
    key = source.choice(("len(w)", "w[0]", "w[-1]", "sorted(w)[0]"))
    program = f"d = {{}}\nfor w in {words}:\n    d.setdefault({key}, []).append(w)\n"
    if tier > 1:
        program += f"for k in list(d):\n    if len(d[k]) == {source.randint(1, 2)}:\n        d[k * 2] = d.pop(k)\n"
    if tier == 3:
        program += "d = {v[-1]: k for k, v in d.items()}\n"
    end = "print(list(d.items())[-1], len(d))" if tier == 3 else "print({k: len(v) for k, v in sorted(d.items())})"
    return _predict(source, tier, "counting dict", program + end)


def recursion(source: random.Random, tier: int) -> Task:
    """A recursive function, a generator, or a class with state."""
    first, second, limit = source.randint(1, 4), source.randint(2, 4), source.randint(2, 5)
    if tier == 1:
        program = (
            f"def f(n):\n    if n < {limit}:\n        return n + {first}\n    return f(n - {second}) * 2 - n\n\n"
            f"print(f({limit + second * source.randint(2, 4)}))"
        )
    elif tier == 2:
        program = (
            f"def g(n):\n    while n > {limit}:\n        yield n\n        n = n // 2 if n % 2 == 0 else n - "
            f"{second}\n    yield -n\n\n"
            f"print([v for v in g({source.randint(40, 99)})][::{first if first > 1 else 2}])"
        )
    else:
        program = (
            f"class Box:\n    made = {first}\n\n    def __init__(self, parts=()):\n        Box.made += 1\n"
            f"        self.id = Box.made\n        self.parts = list(parts)\n\n    def total(self, depth=1):\n"
            f"        return self.id * depth + sum(p.total(depth + {second - 1}) for p in self.parts)\n\n"
            f"a = Box()\nb = Box([a, Box()])\nc = Box([b, a])\na.parts.append(Box())\n"
            f"print(c.total(), b.total({limit}), Box.made)"
        )
    return _predict(source, tier, "recursion", program)


def closures(source: random.Random, tier: int) -> Task:
    """Names that are bound late, default arguments that are kept, exceptions and finally."""
    number, other = source.randint(2, 9), source.randint(2, 9)
    kinds = [
        f"fs = [lambda x, k=k: x * k + {number} for k in range(4)]\ngs = [lambda x: x - k for k in range({other})]\n"
        f"k = {number}\nprint([f({other}) for f in fs], [g(10) for g in gs][0])",
        f"def put(x, seen=[]):\n    seen.append(x)\n    return sum(seen)\n\nprint(put({number}), put({other}, []), "
        f"put({number + other}))",
        f"log = []\n\ndef run(n):\n    try:\n        log.append(n)\n        return {number * 12} // n\n    except "
        "ZeroDivisionError:\n"
        f"        log.append('z')\n        return -1\n    finally:\n        log.append(-n)\n\n"
        f"print([run(n) for n in ({other}, 0, 1)], log)",
        f"it = iter(range({number}, {number + 9}))\nfirst = [next(it) for _ in range({min(other, 5)})]\nrest = "
        "list(zip(it, it))\n"
        f"print(first[-1], rest, list(it))",
        f"x = {number}\n\ndef outer():\n    x = {other}\n    def inner():\n        nonlocal x\n        x += "
        f"{number}\n        return x\n"
        f"    return inner\n\nf, g = outer(), outer()\nprint(f(), f(), g(), x)",
    ]
    return _predict(source, tier, "closures", source.choice(kinds))
