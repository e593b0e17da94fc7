"""Scorer `code_execution`: the answer's program is run in the sandbox against the question's tests.

Belongs here: which tests there are, comparing what came out, and saying so. Does not belong here: running
(`epyc_assets/sandbox`), or finding the program (`code_blocks.py`). A verdict never rests on an exit code or on text
that says so: results are compared outside of the program's process, or by tests that run in another one.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from epyc_assets import sandbox
from epyc_assets.sandbox.inside.codec import NotPlain, same_value
from epyc_assets.sandbox.inside.examiner import Tests
from epyc_assets.scoring.code_blocks import find_program
from epyc_assets.scoring.code_trees import closed_prelude, parsed, with_usual_imports, without_own_runs
from epyc_assets.scoring.extraction import visible_answer
from epyc_assets.scoring.verdicts import (
    Config,
    InvalidScorerConfig,
    Score,
    Scorer,
    failed,
    invalid_label,
    not_scored,
    number,
)

DEFAULT_TIMEOUT_S = 10.0
DEFAULT_MEMORY_BYTES = 512 * 2**20
_LANGUAGES = {
    "python": "python", "py": "python", "python3": "python", "cpp": "cpp", "c++": "cpp", "java": "java",
}  # fmt: skip
_LOOKS_INSIDE = re.compile(r"\bmock\b|\bpatch\b|\bmonkeypatch\b|\bcapsys\b|\bredirect_stdout\b|\bsys\.std|\binput\b")
_RAISED = re.compile(r"(?:^|\()\w*(?<!Memory)(?:Error|Exception)\b")
"""An ordinary exception that ended the code; not SystemExit, an exit code, a limit."""
_OWN_RUNNER = re.compile(r"^unittest\.main\(", re.MULTILINE)
_NO_MODULE = re.compile(r"No module named '([^'.]+)")
_EXIT = re.compile(r"\b(?:exit|_exit|quit|abort|kill|SystemExit)\b")
_WIDE_GAP = re.compile(r"\S\s{2,}\S")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_MOST_TOLD = 3
_SHOWN_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class _Plan:
    """A question's tests and limits, checked."""

    language: Any
    entry_point: str | None
    prelude: str
    test_code: str
    function_tests: list[dict[str, Any]]
    io_tests: list[dict[str, Any]]
    together: bool
    tolerance: float | None
    limits: sandbox.Limits


@dataclass(slots=True)
class _Tally:
    """The verdict of every test, in order, and what to say about those that failed.

    unloaded: why the code ended before any test, where it did.
    """

    verdicts: list[bool]
    told: list[str]
    notes: list[str]
    unloaded: str | None = None

    def add(self, passed: bool, why: str = "") -> None:
        self.verdicts.append(passed)
        if not passed and why and len(self.told) < _MOST_TOLD:
            self.told.append(why)


def _plan(expected: str, config: Config) -> _Plan:
    language = _LANGUAGES.get(str(config.get("language") or "python").lower())
    if language is None:
        raise InvalidScorerConfig(
            f"'language' must be one of {', '.join(sandbox.LANGUAGES)}; got {config['language']!r}."
        )
    isolation = config.get("isolation") or "apart"
    if isolation not in ("apart", "together"):
        raise InvalidScorerConfig(f"'isolation' must be apart or together; got {isolation!r}.")
    test_code = _text(config, "test_code", joined=True)
    function_tests = _tests(config, "function_tests")
    io_tests = _tests(config, "io_tests")
    if not (test_code.strip() or function_tests or io_tests):
        test_code = expected
    entry_point = _text(config, "entry_point").strip() or None
    if entry_point is not None:
        try:
            ast.parse(entry_point, mode="eval")
        except (SyntaxError, ValueError):
            raise InvalidScorerConfig(f"'entry_point' must be a name or an expression; got {entry_point!r}.") from None
    if language != "python" and (test_code.strip() or function_tests):
        raise InvalidScorerConfig(f"{language} programs are tested by 'io_tests'; the other tests are for Python.")
    if function_tests and entry_point is None and not all(each.get("entry_point") for each in function_tests):
        raise InvalidScorerConfig("'function_tests' need an 'entry_point': the name of the function to call.")
    timeout_s = number(config, "timeout_s", number(config, "timeout", DEFAULT_TIMEOUT_S)) or DEFAULT_TIMEOUT_S
    memory_bytes = int(number(config, "memory_bytes", DEFAULT_MEMORY_BYTES)) or DEFAULT_MEMORY_BYTES
    tolerance = None if config.get("tolerance") is None else number(config, "tolerance", 0.0)
    limits = sandbox.Limits(wall_s=timeout_s, memory_bytes=memory_bytes)
    return _Plan(
        language, entry_point, _text(config, "prelude"), test_code, function_tests, io_tests,
        isolation == "together", tolerance, limits,
    )  # fmt: skip


def _text(config: Config, key: str, *, joined: bool = False) -> str:
    value = config.get(key)
    if value is None:
        return ""
    if joined and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    if not isinstance(value, str):
        raise InvalidScorerConfig(f"'{key}' must be a text; got {type(value).__name__}.")
    return value


def _tests(config: Config, key: str) -> list[dict[str, Any]]:
    value = config.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise InvalidScorerConfig(f"'{key}' must be a list of objects.")
    for each in value:
        if key == "function_tests":
            if not isinstance(each.get("args", []), list) or not isinstance(each.get("kwargs") or {}, dict):
                raise InvalidScorerConfig(
                    f"A function test has 'args' (a list) and 'kwargs' (an object); got {each!r}."
                )
            if "expected" not in each:
                raise InvalidScorerConfig(f"A function test needs 'expected'; got {each!r}.")
        elif not isinstance(each.get("stdin", ""), str) or not isinstance(each.get("stdout"), str):
            raise InvalidScorerConfig(f"An I/O test has 'stdin' and 'stdout', both texts; got {each!r}.")
    return value


def score_code_execution(answer: str, expected: str, config: Config) -> Score:
    """Run the answer's program against the question's tests; value is the share of them that passed.

    Config: language, entry_point, prelude, test_code, function_tests, io_tests, timeout_s (or timeout), memory_bytes,
    isolation, tolerance; docs/sandbox.md says what each does. Without tests in the config, `expected` is test code.

    Raises:
        InvalidScorerConfig: the config cannot be used as written.
    """
    plan = _plan(expected, config)
    unavailable = sandbox.availability()
    if unavailable is not None:
        return not_scored(f"no sandbox: {unavailable}")
    fault = _label_fault(plan)
    if fault is not None:
        return invalid_label(fault)
    visible = visible_answer(answer)
    if visible.text is None:
        return failed(visible.fault or "no answer was given")
    entry_name = plan.entry_point
    if entry_name is not None and not entry_name.isidentifier():
        names = [node.id for node in ast.walk(ast.parse(entry_name, mode="eval")) if isinstance(node, ast.Name)]
        entry_name = names[0] if names else None
    if entry_name is None and plan.test_code:
        entry_name = _tested_name(plan.test_code, plan.prelude, visible.text)
    found = find_program(visible.text, plan.language, entry_name, plan.prelude)
    notes = [found.note] if found.note else []
    source = found.source
    if plan.language == "python":
        source, imported = with_usual_imports(source)
        notes += [f"imported for it: {', '.join(imported)}"] if imported else []
    try:
        tally = _tested(plan, source, notes)
        # Examples below the code may read input or fail; what is asked for are the definitions. The strict verdict is
        # on the whole code, and code that ends its own process or never ends gets no second chance.
        strict = found.strict
        if tally.unloaded and not plan.io_tests and _failed_by_examples(tally.unloaded, source):
            definitions = without_own_runs(source)
            if definitions is not None:
                note = f"examples at the top level of the code were left out, with which it ended: {tally.unloaded}"
                again = _tested(plan, definitions, [*notes, note])
                tally, strict = (tally, strict) if again.unloaded else (again, False)
        lacking = _lacking_package(plan, tally)
    except sandbox.CompilerMissing as missing:
        return not_scored(str(missing))
    except sandbox.SandboxUnavailable as error:
        return not_scored(f"no sandbox: {error}")
    except sandbox.SandboxFault as error:  # after a second try: another run would most likely meet it again
        return not_scored(f"the sandbox failed: {error}")
    except NotPlain as error:
        return invalid_label(f"an argument of a test cannot be carried: {error}")
    if lacking is not None:
        return not_scored(
            f"the question's own code imports {lacking}, which the sandbox's Python has not: install it for a Python "
            f"and name that in {sandbox.PYTHON_VARIABLE}"
        )
    return _score(tally, found.source, strict, plan)


def _lacking_package(plan: _Plan, tally: _Tally) -> str | None:
    """A package that the question's code imports and that is not there: no answer could pass, whatever it is.

    The failure only says where to look. That it is missing is found out without the answer, which may claim anything.
    """
    if plan.language != "python" or all(tally.verdicts):
        return None
    named = set(_NO_MODULE.findall(" ".join([*tally.told, *tally.notes, tally.unloaded or ""])))
    for name in sorted(named & _imported(f"{closed_prelude(plan.prelude)}\n{plan.test_code}")):
        looked = sandbox.run_program(f"import importlib.util\nprint(importlib.util.find_spec({name!r}))")
        if looked.text.strip() == "None":
            return name
    return None


def _imported(source: str) -> set[str]:
    """The packages that the source imports."""
    names: set[str] = set()
    for node in ast.walk(parsed(source) or ast.Module([], [])):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def _failed_by_examples(reason: str, source: str) -> bool:
    """Whether an ordinary exception, or a test runner of the answer's own, ended the code; not an exit or a limit."""
    if _RAISED.search(reason):
        return True
    return "SystemExit" in reason and bool(_OWN_RUNNER.search(source)) and not _EXIT.search(source)


def _tested(plan: _Plan, source: str, notes: list[str]) -> _Tally:
    tally = _Tally([], [], list(notes))
    if plan.function_tests:
        _call(plan, source, tally)
    if plan.io_tests:
        _feed(plan, source, tally)
    if plan.test_code.strip():
        _examine(plan, source, tally)
    return tally


def _label_fault(plan: _Plan) -> str | None:
    """What makes the question's own tests unusable, or None."""
    if plan.function_tests or plan.io_tests:
        return None
    if not plan.test_code.strip():
        return "the question has no tests"
    return _test_code_fault(plan.test_code)


@functools.lru_cache(maxsize=1024)
def _test_code_fault(test_code: str) -> str | None:
    try:
        tree = ast.parse(test_code)
        Tests(test_code)
    except (SyntaxError, ValueError, RecursionError) as error:
        return f"the tests are not Python ({error})"
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert | ast.Raise):
            return None
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if "assert" in name or name.startswith("check"):
                return None
    return "the tests assert nothing"


def _tested_name(test_code: str, prelude: str, answer: str) -> str | None:
    """The name under test where the question does not say: one that the tests call and the answer writes of."""
    names = Tests(test_code).names
    known = {name for name in names if f"def {name}" in answer or f"class {name}" in answer}
    return min(known) if known else None


def _call(plan: _Plan, source: str, tally: _Tally) -> None:
    tests = plan.function_tests
    calls = [
        sandbox.Call(
            each.get("entry_point") or plan.entry_point or "", tuple(each.get("args", [])), each.get("kwargs") or {}
        )
        for each in tests
    ]
    called = sandbox.call_functions(source, calls, limits=plan.limits)
    for index, test in enumerate(tests):
        shown = _called_as(calls[index])
        if index < len(called.results):
            result = called.results[index]
            if result.error is not None:
                tally.add(False, f"{shown} {result.error}")
                continue
            tolerance = test.get("tolerance", plan.tolerance)
            equal = same_value(result.value, test["expected"], tolerance)
            tally.add(equal, f"{shown} gave {_short(result.value)}, expected {_short(test['expected'])}")
        elif called.load_error is not None:
            tally.unloaded = called.load_error
            tally.add(False, f"the code does not run: {called.load_error}" if index == 0 else "")
        else:
            ended = f"{shown}: the program {called.outcome.reason}"
            tally.add(False, ended if index == len(called.results) else "")


def _called_as(call: sandbox.Call) -> str:
    named = [f"{name}={_short(value)}" for name, value in call.named.items()]
    return _cut(f"{call.target}({', '.join([*(_short(each) for each in call.arguments), *named])})")


def _short(value: Any) -> str:
    try:
        return _cut(repr(value))
    except (ValueError, RecursionError):
        return f"a {type(value).__name__} too long to show"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def _feed(plan: _Plan, source: str, tally: _Tally) -> None:
    inputs = [each.get("stdin", "").encode("utf-8", "surrogateescape") for each in plan.io_tests]
    longest = max(len(each["stdout"]) for each in plan.io_tests)
    limits = replace(plan.limits, output_bytes=max(plan.limits.output_bytes, 4 * longest))
    outcomes: Iterator[sandbox.Outcome] = sandbox.run_program_cases(
        source, inputs, language=plan.language, limits=limits
    )
    slow = 0
    for index, (test, outcome) in enumerate(zip(plan.io_tests, outcomes, strict=False), 1):
        if outcome.reason.startswith("does not compile"):
            tally.add(False, f"the program {outcome.reason}")
            break
        given = test.get("stdin", "")
        case = f"case {index}" + (f" (input {given[:60]!r}{'…' if len(given) > 60 else ''})" if given else "")
        if outcome.status != "ok":
            tally.add(False, f"{case}: the program {outcome.reason}")
        else:
            tolerance = test.get("tolerance", plan.tolerance)
            difference = output_difference(outcome.text, test["stdout"], tolerance)
            tally.add(difference is None, f"{case}: {difference}")
        slow += outcome.status == "timeout"
        if slow >= 3:  # The rest would only cost time: the verdict is clear.
            tally.notes.append(f"after {slow} cases beyond the time limit the rest was not run")
            break
    for _ in range(len(plan.io_tests) - len(tally.verdicts) + len(plan.function_tests)):
        tally.add(False)


def output_difference(output: str, expected: str, tolerance: float | None) -> str | None:
    """How the output differs from what is expected, or None where it does not.

    By lines; white space at their ends and empty lines at both ends are ignored, and so is how many blanks stand before
    or between words, unless the expected output itself lays out its lines by blanks. Numbers written differently
    (1.50 and 1.5) are equal, as in the published scorer of LiveCodeBench, but not with zeros before them, which make
    0011 another text than 11. With a tolerance, numbers that stand in the same place are equal within tolerance x
    max(1, |expected|).
    """
    lines, wanted = _lines(output), _lines(expected)
    indented = len({len(line) - len(line.lstrip()) for line in wanted if line}) > 1
    spaced = any(_WIDE_GAP.search(line) for line in wanted)
    for number_, (line, other) in enumerate(zip(lines, wanted, strict=False), 1):
        if line == other or (tolerance is not None and _close(line, other, tolerance)):
            continue
        laid_out = indented or (spaced and not all(_NUMBER.fullmatch(each) for each in other.split()))
        ours, theirs = (line, other) if indented else (line.lstrip(), other.lstrip())
        if ours != theirs and (laid_out or not _close(line, other, None)):
            return f"line {number_} is {_short(line)}, expected {_short(other)}"
    if len(lines) != len(wanted):
        return f"{len(lines)} lines of output, expected {len(wanted)}"
    return None


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    first = next((index for index, line in enumerate(lines) if line), 0)
    return lines[first:]


def _close(line: str, other: str, tolerance: float | None) -> bool:
    """Whether the lines have the same words and numbers; without a tolerance, numbers of the same value."""
    ours, theirs = line.split(), other.split()
    if len(ours) != len(theirs):
        return False
    for one, two in zip(ours, theirs, strict=True):
        if one == two:
            continue
        if tolerance is None:
            if not (_NUMBER.fullmatch(one) and _NUMBER.fullmatch(two) and Decimal(one) == Decimal(two)):
                return False
            continue
        try:
            if not same_value(float(one), float(two), tolerance):
                return False
        except ValueError:
            return False
    return True


def _examine(plan: _Plan, source: str, tally: _Tally) -> None:
    if plan.together:
        done = sandbox.examine_together(source, plan.test_code, entry_point=plan.entry_point, limits=plan.limits)
        tally.notes.append("tests ran in the program's own process (isolation together)")
    else:
        done = sandbox.examine(
            source,
            plan.test_code,
            entry_point=plan.entry_point,
            prelude=closed_prelude(plan.prelude),
            limits=plan.limits,
        )
    tally.notes += done.notes
    if not plan.together and (done.failed or done.broken) and _LOOKS_INSIDE.search(plan.test_code):
        tally.notes.append(
            "the tests look into the program's process (mocks, input, output): isolation together may suit"
        )
    if done.unusable is not None:
        tally.add(False, f"invalid label: {done.unusable}")
    elif done.missing:
        tally.add(False, f"the program does not define {', '.join(done.missing)}")
    elif done.load_error is not None:
        tally.unloaded = done.load_error
        tally.add(False, f"the code does not run: {done.load_error}")
    elif not done.complete:
        ended = done.answer.reason if done.answer.status != "stopped" or done.examiner is None else done.examiner.reason
        tally.add(False, f"the tests did not come to their end: the program {ended}")
    else:
        for _ in range(done.passed):
            tally.add(True)
        for index in range(done.failed):
            tally.add(False, done.failures[index] if index < len(done.failures) else "")
        if done.broken is not None:
            ended = "" if done.answer.status == "stopped" else f" (the program {done.answer.reason})"
            tally.add(False, f"{done.broken}{ended}")
        elif not done.passed and not done.failed:
            tally.add(False, "no test was run")


def _score(tally: _Tally, source: str, strict: bool, plan: _Plan) -> Score:
    passed_count, total = sum(tally.verdicts), len(tally.verdicts)
    passed = total > 0 and passed_count == total
    parts = [f"{passed_count} of {total} tests passed"]
    if not passed and 1 < total <= 40:
        parts[0] += f" ({''.join('+' if each else '-' for each in tally.verdicts)})"
    explanation = "; ".join([*parts, *tally.told, *tally.notes])
    value = passed_count / total if total else 0.0
    return Score(
        value=value,
        passed=passed,
        extracted=source,
        explanation=explanation,
        strict_value=value if strict else 0.0,
        strict_passed=passed and strict,
        strict_extracted=source if strict else None,
    )


CODE_EXECUTION = Scorer(
    name="code_execution",
    version=4,
    function=score_code_execution,
    config_keys={
        "language": "python, cpp or java (python)",
        "entry_point": "name of the function or class under test",
        "prelude": "code put before the answer's code",
        "test_code": "Python tests run after the answer's code: asserts, unittest classes, or check(candidate)",
        "function_tests": "list of {args, kwargs, expected, tolerance}, compared outside of the program",
        "io_tests": "list of {stdin, stdout}",
        "tolerance": "largest difference of numbers in function tests",
        "timeout_s": "seconds for a run, also read as timeout",
        "timeout": "the same as timeout_s",
        "memory_bytes": "memory for a run",
        "isolation": "apart or together: whether each test has a program of its own (apart)",
    },
)
