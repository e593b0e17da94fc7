"""Turns generators into questions: seeded, distinct, spread over tiers, train and test apart.

Belongs here: `generate` and the endless task stream that training uses. Does not belong here: what the
tasks are (`generators/`, and `demo/` in the few words that the demo fleet knows), or questions from files.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from epyc_assets.suites.question import JSON, SPLITS, TIERS, Question, content_key
from epyc_assets.suites.task import Generator, Task, split_of

WORDINGS = ("full", "demo")
"""full: for real models. demo: in the few words that the demo fleet's models were taught."""


def generators_of(wording: str) -> Mapping[str, Generator]:
    """Suite to generator. Imported when questions are first made: there are many. Raises UnknownSuite."""
    if wording == "full":
        from epyc_assets.suites.generators import GENERATORS
    elif wording == "demo":
        from epyc_assets.suites.demo import GENERATORS
    else:
        raise UnknownSuite(f"Wording {wording!r} does not exist; it is one of {', '.join(WORDINGS)}.")
    return GENERATORS


# A draw lands in the test split one time in five and may repeat; a suite whose tasks are many times more
# than asked for needs far fewer draws than this per question.
_DRAWS_PER_QUESTION = 2000

# A kind that has few different tasks is passed over for others while these last, rather than asked again with other
# names or numbers in its example.
_DRAWS_FOR_ANOTHER_TASK = 40


class UnknownSuite(ValueError):
    """A suite that no generator makes, a split that does not exist, or a tier out of range."""


class SuiteExhausted(ValueError):
    """More distinct questions were asked for than the generator can make."""


def draw_tasks(
    suite: str, *, seed: int, split: str, tiers: Sequence[int] = TIERS, wording: str = "full"
) -> Iterator[Task]:
    """Endless tasks of one split, repeats allowed, tiers in rotation; UnknownSuite at the first one."""
    generator = _generator(suite, split, tiers, wording)
    source = random.Random(f"{suite}/{split}/{seed}")
    while True:
        for tier in tiers:
            task = generator.draw(source, tier)
            while split_of(suite, task.key) != split:
                task = generator.draw(source, tier)
            yield task


def generate(
    suite: str,
    *,
    count: int,
    seed: int,
    split: str = "test",
    tiers: Sequence[int] = TIERS,
    wording: str = "full",
    context_tokens: int | None = None,
    needle_ratio: float | None = None,
) -> list[Question]:
    """`count` distinct questions of one suite; the same arguments give the same list on every machine.

    Tiers are spread evenly (they differ by one question at most). A smaller count with otherwise equal
    arguments gives a prefix of the larger one. wording: full, or demo for the demo fleet. No question of one
    split can appear in the other at any seed, because its content decides its split. context_tokens and
    needle_ratio (0 start, 1 end) are long_context's: how long the prompts are in estimated tokens, and where what is
    asked for stands. Raises UnknownSuite for a suite, split, tier, wording or size that does not exist and
    SuiteExhausted when a generator has no more distinct questions.
    """
    return [
        _question(generators_of(wording)[suite], task, seed, split)
        for task in distinct_tasks(
            suite,
            count=count,
            seed=seed,
            split=split,
            tiers=tiers,
            wording=wording,
            context_tokens=context_tokens,
            needle_ratio=needle_ratio,
        )
    ]


def distinct_tasks(
    suite: str,
    *,
    count: int,
    seed: int,
    split: str = "test",
    tiers: Sequence[int] = TIERS,
    wording: str = "full",
    context_tokens: int | None = None,
    needle_ratio: float | None = None,
) -> list[Task]:
    """The tasks behind `generate`, with their worked answers; same arguments, same errors."""
    generator = _generator(suite, split, tiers, wording)
    if count < 0:
        raise UnknownSuite(f"Cannot generate {count} questions of {suite!r}: give a count of 0 or more.")
    draw = _sized_draw(generator, split, context_tokens, needle_ratio)
    source = random.Random(f"{suite}/{split}/{seed}")
    seen: set[str] = set()
    asked: set[str] = set()
    # The demo's questions stay those that its figures were measured with.
    draws_for_another = _DRAWS_FOR_ANOTHER_TASK if wording == "full" else 0
    tasks: list[Task] = []
    for position in range(count):
        tier = tiers[position % len(tiers)]
        for attempt in range(_DRAWS_PER_QUESTION):
            task = draw(source, tier)
            if task.prompt in seen or split_of(suite, task.key) != split:
                continue
            key = json.dumps(task.key, sort_keys=True)
            if attempt >= draws_for_another or key not in asked:
                asked.add(key)
                break
        else:
            raise SuiteExhausted(
                f"Suite {suite!r} gave {position} distinct {split} questions of tiers {list(tiers)} and no "
                f"more in {_DRAWS_PER_QUESTION} draws, of the {count} asked for: ask for fewer."
            )
        seen.add(task.prompt)
        tasks.append(task)
    return tasks


def _sized_draw(
    generator: Generator, split: str, context_tokens: int | None, needle_ratio: float | None
) -> Callable[[random.Random, int], Task]:
    """The generator's draw, with the sizes asked for; UnknownSuite where the suite has none or they cannot be."""
    sized = generator.draw_sized
    if sized is None:
        if context_tokens is not None or needle_ratio is not None:
            raise UnknownSuite(
                f"Suite {generator.suite!r} ({generator.wording} wording) has no prompts of a chosen length: leave "
                "context_tokens and needle_ratio out, or ask for long_context."
            )
        return generator.draw

    def wanted(key: tuple[JSON, ...]) -> bool:
        return split_of(generator.suite, key) == split

    def draw(source: random.Random, tier: int) -> Task:
        try:
            return sized(source, tier, context_tokens, needle_ratio, wanted)
        except ValueError as error:
            raise UnknownSuite(str(error)) from error

    return draw


def _question(generator: Generator, task: Task, seed: int, split: str) -> Question:
    return Question(
        question_id=content_key(generator.suite, task.prompt, task.expected, task.scorer, task.scorer_config),
        suite=generator.suite,
        tier=task.tier,
        prompt=task.prompt,
        expected=task.expected,
        scorer=task.scorer,
        scorer_config=task.scorer_config,
        max_tokens=task.max_tokens,
        source=generator.source,
        source_version=generator.version,
        seed=seed,
        split=split,
    )


def _generator(suite: str, split: str, tiers: Sequence[int], wording: str) -> Generator:
    suites = generators_of(wording)
    if suite not in suites:
        words = "" if wording == "full" else f" in the {wording} wording"
        raise UnknownSuite(f"No generator makes suite {suite!r}{words}; there are {', '.join(sorted(suites))}.")
    if split not in SPLITS:
        raise UnknownSuite(f"Split {split!r} does not exist; it is one of {', '.join(SPLITS)}.")
    if not tiers or any(tier not in TIERS for tier in tiers) or len(set(tiers)) != len(tiers):
        raise UnknownSuite(f"Tiers {list(tiers)!r} are not a selection of {list(TIERS)}, each at most once.")
    return suites[suite]
