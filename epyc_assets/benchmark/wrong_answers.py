"""Answers that must not pass: what the validator tries on every question's scorer.

Belongs here: making wrong answers from a question and its reference. Does not belong here: scoring them, or what
follows when one passes (question_validation).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from epyc_assets.suites.question import Question

REFUSAL = "I'm sorry, but I cannot help with that request."
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """kind: what is wrong with it. certain: whether no sound scorer can pass it."""

    kind: str
    text: str
    certain: bool = True


def wrong_answers(question: Question, others: Mapping[str, str]) -> Iterator[WrongAnswer]:
    """Wrong answers to a question that is no program. others: question_id to expected answer of other questions."""
    # Rules that ask only for a form, and references given as key words, can be met by accident.
    strict = question.scorer in ("exact_match", "multiple_choice", "tool_call")
    yield WrongAnswer("empty", "")
    yield WrongAnswer("refusal", REFUSAL, strict)
    if question.expected.strip() and question.prompt.strip() != question.expected.strip():
        # What is asked about may stand last in the prompt: then its echo ends in the answer.
        yield WrongAnswer(
            "prompt", question.prompt, strict and _folded(question.expected) not in _folded(question.prompt)
        )
    if question.scorer == "tool_call":
        yield from _wrong_calls(question)
        return
    if question.scorer == "programmatic" or not question.expected.strip():
        return
    accepted = {_folded(each) for each in (question.expected, *_also_accepted(question.scorer_config))}
    perturbed = perturbed_numbers(question.expected, question.scorer_config)
    if perturbed is not None and _folded(perturbed) not in accepted:
        yield WrongAnswer("perturbed", perturbed, question.scorer != "f1")
    if question.scorer == "exact_match" and _is_number(question.expected):
        # A tolerance as wide as the answer itself accepts more than roundings.
        for text in ("0", str(2 * float(question.expected))):
            if float(text) != float(question.expected) and text not in accepted:
                yield WrongAnswer("far number", text, certain=False)
    if question.scorer == "multiple_choice":
        for letter in _LETTERS[:4]:
            if _folded(letter) != _folded(question.expected.strip("() .")[:1]):
                yield WrongAnswer("other option", letter)
    other = next((text for text in others.values() if text.strip() and _folded(text) not in accepted), None)
    if other is not None:
        yield WrongAnswer("another question's answer", other, strict and not _alike(other, question.expected))


def perturbed_numbers(expected: str, config: Mapping[str, Any]) -> str | None:
    """The reference with its last number moved past every tolerance; None where it has no number."""
    found = list(_NUMBER.finditer(expected))
    if not found:
        return None
    last = found[-1]
    tolerance = _amount(config.get("tolerance")) + _amount(config.get("relative_tolerance")) * float(last[0])
    step = int(2 * tolerance) + 1
    moved = str(int(last[0]) + step) if last[0].isdigit() else f"{float(last[0]) + step:.{len(last[0].split('.')[1])}f}"
    return expected[: last.start()] + moved + expected[last.end() :]


def broken_programs(program: str) -> Iterator[WrongAnswer]:
    """A Python program whose functions do nothing, and one with a changed operator or constant; none for other code."""
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    emptied = _Emptied()
    text = ast.unparse(emptied.visit(ast.parse(program)))
    yield WrongAnswer("empty body", text if emptied.changed else "pass")
    mutated = _Mutated()
    text = ast.unparse(mutated.visit(tree))
    if mutated.changed:
        yield WrongAnswer("mutation", text, certain=False)


class _Emptied(ast.NodeTransformer):
    """Functions return None at once."""

    changed = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.changed = True
        node.body = [ast.Return(value=ast.Constant(value=None))]
        return ast.fix_missing_locations(node)


class _Mutated(ast.NodeTransformer):
    """The first comparison, sum or returned constant is another one."""

    changed = False
    _SWAPS: Mapping[type, type] = {
        ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
        ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
        ast.In: ast.NotIn, ast.NotIn: ast.In,
    }  # fmt: skip

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not self.changed and isinstance(node, ast.BinOp) and type(node.op) in self._SWAPS:
            node.op, self.changed = self._SWAPS[type(node.op)](), True
        if not self.changed and isinstance(node, ast.Compare) and type(node.ops[0]) in self._SWAPS:
            node.ops[0], self.changed = self._SWAPS[type(node.ops[0])](), True
        return super().generic_visit(node)


def _wrong_calls(question: Question) -> Iterator[WrongAnswer]:
    try:
        call = json.loads(question.expected)
    except ValueError:
        return
    if not isinstance(call, dict) or not isinstance(call.get("arguments"), dict):
        return
    yield WrongAnswer("other tool", json.dumps({**call, "name": f"not_{call.get('name')}"}))
    for name, value in call["arguments"].items():
        changed = value + 1 if isinstance(value, int | float) and not isinstance(value, bool) else "something else"
        arguments = {**call["arguments"], name: changed}
        # A schema may leave an argument open: then a changed one is as good.
        yield WrongAnswer(
            "other argument", json.dumps({**call, "arguments": arguments}), "schema" not in question.scorer_config
        )
        return


def _also_accepted(config: Mapping[str, Any]) -> list[str]:
    found = config.get("any_of")
    return [str(each) for each in found] if isinstance(found, list | tuple) else []


def _amount(value: object) -> float:
    return abs(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d{1,15}(?:\.\d{1,15})?", text.strip()) is not None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _alike(first: str, second: str) -> bool:
    """Whether one text holds the other: "Oslo" and "Oslo, Norway" may rightly both pass."""
    one, other = _folded(first), _folded(second)
    return one in other or other in one or re.sub(r"\W+", "", one) == re.sub(r"\W+", "", other)
