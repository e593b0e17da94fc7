"""Turns an exercise into a task: a function to write, a function to repair, or a program over standard input.

Belongs here: prompts, visible examples, hidden tests. Every expected value comes from running the very reference that
is the expected answer. Only references written in this folder are run here; code of models runs in the sandbox alone.
"""

from __future__ import annotations

import copy
import io
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from string import Template
from types import CodeType
from typing import Any, TypeVar
from unittest import mock

from epyc_assets.suites.generators.phrases import ANSWER_TOKENS
from epyc_assets.suites.question import JSON
from epyc_assets.suites.task import Task

T = TypeVar("T")

_EXAMPLES = 2
_MOST_DRAWS = 30
"""Of inputs, to find one that a slip gets wrong; some slips change nothing under some rules."""
TIMEOUT_S = 10

_ASKED = (
    "Write a Python function `{signature}`.",
    "Implement `{signature}` in Python.",
    "Please write the Python function `{signature}`.",
    "Your task is a Python function with this signature: `{signature}`.",
)
_CLOSING = (
    "Reply with the complete function in one Python code block; the standard library is enough.",
    "Give the whole function, imports included, in a single ```python block.",
    "Answer with one Python code block that defines the function; it must not read input or print.",
)
_REPAIR = (
    "The function below should do this, but it has a bug.",
    "A colleague wrote the function below for this purpose. One thing in it is wrong.",
    "This is what the following function is for; its code has a mistake in one place.",
)


@dataclass(frozen=True, slots=True)
class Exercise:
    """A function to write.

    signature: as in a def, without the colon. behaviour: what it must do, complete. reference: Python source that
    defines it. inputs: argument lists; the first two are shown as examples, the others are hidden. bugs: pairs of text
    in the reference and text that breaks it; none may make it run forever. slips: the same, of mistakes that are too
    small to be mended as an exercise (a limit missed by one, a rule left out). more: draws a further argument list;
    with it hidden tests are added until each bug and slip that can be told from the reference fails one.
    """

    kind: str
    content: tuple[JSON, ...]
    signature: str
    behaviour: str
    reference: str
    inputs: Sequence[list[Any]]
    bugs: tuple[tuple[str, str], ...] = ()
    slips: tuple[tuple[str, str], ...] = ()
    more: Callable[[], list[Any]] | None = None

    @property
    def name(self) -> str:
        return self.signature.split("(", 1)[0]


def filled(source: str, **values: object) -> str:
    """Python source with its $names replaced and no blank line at either end."""
    return Template(source).substitute({name: str(value) for name, value in values.items()}).strip("\n")


@lru_cache(maxsize=512)
def _compiled(source: str) -> CodeType:
    return compile(source, "<reference>", "exec")


@lru_cache(maxsize=512)
def function_of(source: str, name: str) -> Callable[..., Any]:
    """The function that a reference defines."""
    namespace: dict[str, Any] = {}
    exec(_compiled(source), namespace)
    return namespace[name]


def outcomes(source: str, name: str, inputs: Sequence[list[Any]]) -> list[Any]:
    """What a reference returns for each argument list, which it gets as copies."""
    function = function_of(source, name)
    return [function(*copy.deepcopy(arguments)) for arguments in inputs]


def _split_inputs(exercise: Exercise) -> tuple[list[list[Any]], list[list[Any]]]:
    shown = list(exercise.inputs[:_EXAMPLES])
    hidden = []
    for arguments in exercise.inputs[_EXAMPLES:]:
        if arguments not in shown and arguments not in hidden:
            hidden.append(arguments)
    return shown, hidden


def _called(name: str, arguments: Sequence[Any], result: Any) -> str:
    return f"{name}({', '.join(map(repr, arguments))}) == {result!r}"


def _config(exercise: Exercise, hidden: Sequence[list[Any]], results: Sequence[Any]) -> dict[str, JSON]:
    return {
        "language": "python",
        "entry_point": exercise.name,
        "function_tests": [
            {"args": arguments, "expected": result} for arguments, result in zip(hidden, results, strict=True)
        ],
        "timeout_s": TIMEOUT_S,
    }


def _sharpened(
    reference: str,
    slips: Sequence[tuple[str, str]],
    inputs: list[T],
    more: Callable[[], T] | None,
    run: Callable[[str, T], object],
    shown: Sequence[T],
) -> list[T]:
    """The inputs, and further ones until each slip that can be told from the reference is.

    run(program, input): what a program answers; None where it fails. shown: inputs that are no hidden tests.
    """
    if more is None:
        return inputs
    right_results = [run(reference, each) for each in inputs]
    inputs = list(inputs)
    for right, wrong in slips:
        broken = reference.replace(right, wrong)
        if broken == reference:
            continue
        if any(run(broken, each) != result for each, result in zip(inputs, right_results, strict=True)):
            continue
        for each in (more() for _ in range(_MOST_DRAWS)):
            result = run(reference, each)
            if run(broken, each) != result and each not in shown:
                inputs.append(each)
                right_results.append(result)
                break
    return inputs


def _result(source: str, name: str, arguments: Sequence[Any]) -> object:
    """What a function returns; None where it fails."""
    try:
        return function_of(source, name)(*copy.deepcopy(list(arguments)))
    except Exception:  # noqa: BLE001 - a broken reference may raise anything, and then it fails the test
        return None


def write_function(source: random.Random, exercise: Exercise, tier: int) -> Task:
    """Asks for the function; the reference passes all hidden tests because it made them."""
    shown, hidden = _split_inputs(exercise)
    slips = (*exercise.bugs, *exercise.slips)
    hidden = _sharpened(
        exercise.reference,
        slips,
        hidden,
        exercise.more,
        lambda program, each: _result(program, exercise.name, each),
        shown,
    )
    results = outcomes(exercise.reference, exercise.name, [*shown, *hidden])
    examples = "\n".join(
        _called(exercise.name, arguments, result) for arguments, result in zip(shown, results, strict=False)
    )
    asked = source.choice(_ASKED).format(signature=exercise.signature)
    return Task(
        key=(exercise.kind, *exercise.content),
        tier=tier,
        prompt=f"{asked} {exercise.behaviour}\n\nExamples:\n{examples}\n\n{source.choice(_CLOSING)}",
        expected=exercise.reference,
        worked_answer=f"This follows the description step by step.\n\n```python\n{exercise.reference}\n```",
        scorer="code_execution",
        scorer_config=_config(exercise, hidden, results[len(shown) :]),
        max_tokens=ANSWER_TOKENS[tier],
    )


def hidden_results(task: Task) -> int:
    """How many different results the hidden tests of a function task expect."""
    tests = task.scorer_config["function_tests"]
    assert isinstance(tests, list)
    return len({repr(test["expected"]) for test in tests if isinstance(test, dict)})


def repair_function(source: random.Random, exercise: Exercise, tier: int) -> Task | None:
    """Asks to mend a broken version that fails a hidden test; None where no known bug of the exercise does."""
    shown, hidden = _split_inputs(exercise)
    results = outcomes(exercise.reference, exercise.name, hidden)
    for right, wrong in source.sample(exercise.bugs, len(exercise.bugs)):
        broken = exercise.reference.replace(right, wrong, 1)
        failing = _failing(broken, exercise.name, hidden, results)
        if broken == exercise.reference or failing is None:
            continue
        examples = [
            _called(exercise.name, arguments, result)
            for arguments, result in zip(shown, outcomes(exercise.reference, exercise.name, shown), strict=True)
        ]
        told = "Right results:\n" + "\n".join(examples)
        return Task(
            key=("repair", exercise.kind, *exercise.content, wrong),
            tier=tier,
            prompt=(
                f"`{exercise.signature}`: {exercise.behaviour}\n\n{source.choice(_REPAIR)}\n\n```python\n{broken}\n```"
                f"\n\n{told}\n\nReply with the complete corrected function in one Python code block, under the same "
                "name."
            ),
            expected=exercise.reference,
            worked_answer=f"`{wrong.strip()}` should be `{right.strip()}`.\n\n```python\n{exercise.reference}\n```",
            scorer="code_execution",
            scorer_config=_config(exercise, hidden, results),
            max_tokens=ANSWER_TOKENS[tier],
        )
    return None


def _failing(broken: str, name: str, inputs: Sequence[list[Any]], results: Sequence[Any]) -> int | None:
    """Place of the first input that the broken function gets wrong, by its result or by an exception."""
    function = function_of(broken, name)
    for place, (arguments, result) in enumerate(zip(inputs, results, strict=True)):
        try:
            if function(*copy.deepcopy(arguments)) != result:
                return place
        except Exception:  # noqa: BLE001 - a broken reference may raise anything, and then it fails the test
            return place
    return None


def printed(program: str, stdin: str = "") -> str:
    """What a program of ours prints when it reads the text."""
    output = io.StringIO()
    with redirect_stdout(output), mock.patch("sys.stdin", io.StringIO(stdin)):
        exec(_compiled(program), {"__name__": "__main__"})
    return output.getvalue()


def _printed_or_error(program: str, stdin: str) -> str | None:
    """What a broken program prints; None where it ends with an error."""
    try:
        return printed(program, stdin)
    except Exception:  # noqa: BLE001 - as of a broken function
        return None


def write_program(
    source: random.Random,
    *,
    key: tuple[JSON, ...],
    tier: int,
    behaviour: str,
    reference: str,
    inputs: Sequence[str],
    slips: tuple[tuple[str, str], ...] = (),
    more: Callable[[], str] | None = None,
) -> Task:
    """Asks for a program from standard input to standard output; the first input is shown, the others are hidden.

    slips and more: as of an `Exercise`.
    """
    first, *hidden = dict.fromkeys(inputs)
    hidden = _sharpened(reference, slips, hidden, more, _printed_or_error, [first])
    asked = source.choice(
        ("Write a Python program that reads standard input.", "Write a complete Python 3 script working on stdin.")
    )
    prompt = (
        f"{asked} {behaviour}\n\nSample input:\n```\n{first.rstrip()}\n```\nSample output:\n```\n"
        f"{printed(reference, first).rstrip()}\n```\n\nReply with the whole program in one Python code block. Print "
        "nothing else than what is asked for."
    )
    tests: list[Mapping[str, JSON]] = [{"stdin": text, "stdout": printed(reference, text)} for text in hidden]
    return Task(
        key=key,
        tier=tier,
        prompt=prompt,
        expected=reference,
        worked_answer=f"The program reads everything first, then works through it.\n\n```python\n{reference}\n```",
        scorer="code_execution",
        scorer_config={"language": "python", "io_tests": tests, "timeout_s": TIMEOUT_S},
        max_tokens=ANSWER_TOKENS[tier],
    )
