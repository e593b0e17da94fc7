"""Exact instructions for real models: two constraints at once in tier 1, up to seven in tier 3, all verified by rule.

Belongs here: how many constraints a tier composes, and which go together. Does not belong here: topics, shapes and
constraints (`instruction_tasks/`). Every question's reference answer is built so that it satisfies all constraints; it
is one of many that do.
"""

from __future__ import annotations

import random

from epyc_assets.suites.generators.instruction_tasks.constraints import BOUNDS, CHANGES, CONFLICTS
from epyc_assets.suites.generators.instruction_tasks.shapes import SHAPES
from epyc_assets.suites.generators.phrases import ANSWER_TOKENS
from epyc_assets.suites.task import Generator, Task

_ADDED = {1: (1, 1), 2: (2, 3), 3: (4, 5)}
"""Constraints besides the shape's own, least and most, by tier; fewer where a shape takes no more."""
_FREE_TEXT = frozenset(("prose", "starred paragraphs", "first word", "sections", "two versions"))
"""Shapes whose constraints a copy of the prompt could meet by chance."""


def draw(source: random.Random, tier: int) -> Task:
    """One request: a shape, and constraints that go with it and with one another."""
    shape = source.choice(SHAPES)
    request, draft = shape.build(source, tier)
    wanted = source.randint(*_ADDED[tier])
    chosen: list[str] = []
    offered = [*shape.changes, *shape.bounds]
    for name in source.sample(offered, len(offered)):
        if len(chosen) < wanted and not any(name in group and group & set(chosen) for group in CONFLICTS):
            chosen.append(name)
    for name in (*CHANGES, *BOUNDS):
        if name in chosen:
            (CHANGES.get(name) or BOUNDS[name])(source, draft)
    if shape.name in _FREE_TEXT:
        copied = request.rstrip(".")
        draft.add("Do not repeat this request.", "keywords:forbidden_words", forbidden_words=[copied])
    # What is asked for is said in any order, the shape's own first.
    own, others = draft.asked[:1], draft.asked[1:]
    source.shuffle(others)
    prompt = " ".join(filter(None, [request, *own, *others]))
    if tier == 3 and source.random() < 0.5:
        prompt = f"{request}\n" + "\n".join(f"- {said}" for said in [*own, *others])
    return Task(
        key=(shape.name, tier, request, *draft.asked),
        tier=tier,
        prompt=prompt.strip(),
        expected=draft.text,
        worked_answer=draft.text,
        scorer="programmatic",
        scorer_config={"instructions": draft.instructions},
        max_tokens=ANSWER_TOKENS[tier],
        open_ended=True,
    )


GENERATOR = Generator(suite="instruction_precision", version="2", draw=draw)
