"""DebugBench (Tian et al. 2024): LeetCode solutions with a planted bug, to be repaired.

Belongs here: its two JSON layouts and reading a problem's examples as tests. Does not belong here: running them
(scoring). Only Python rows are asked: their class can be called without a compiled caller around it.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from epyc_assets.suites.public.adapter import (
    Draft,
    Place,
    PublicSet,
    Row,
    RowLeftOut,
    RowRejected,
    level_tier,
    optional_text,
    text_of,
)
from epyc_assets.suites.public.code_questions import (
    MAX_TOKENS,
    SOLUTION_PRELUDE,
    fenced,
    parsed_python,
    solution_method,
    with_tolerance,
)
from epyc_assets.suites.question import JSON

_LEVELS = {"easy": 1, "medium": 2, "hard": 3}
_LANGUAGES = {"python": "python", "python3": "python", "cpp": "cpp", "c++": "cpp", "java": "java"}
_SEVERAL_ANSWERS = re.compile(
    r"any order|any of them|any valid|return any|multiple (?:valid )?(?:answers|solutions)", re.I
)
_NODES = re.compile(r"\b(?:TreeNode|ListNode|Node)\b")


def _language(row: Row, place: Place) -> str:
    told = optional_text(row, "language") or place.file.stem.split("_")[0]
    language = _LANGUAGES.get(told.casefold().strip())
    if language is None:
        raise RowRejected(f"the language is {told[:40]!r}; it is one of {', '.join(_LANGUAGES)}")
    return language


def _method(code: str, named: list[str]) -> tuple[str, bool]:
    """The method of class Solution that takes what the examples name, and whether it calls it so.

    Where it names its parameters otherwise, the only method with so many of them, in their order.
    """
    tree = parsed_python(code, "the repaired code")
    solution = next((each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == "Solution"), None)
    if solution is None:
        raise RowLeftOut("is not a method of class Solution")
    methods = [each for each in solution.body if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")]
    fitting: dict[str, ast.FunctionDef] = {}
    exact: list[ast.FunctionDef] = []
    for method in methods:
        names = [argument.arg for argument in method.args.args[1:]]
        if len(names) - len(method.args.defaults) <= len(named) <= len(names):
            fitting[method.name] = method
            if set(named) <= set(names):
                exact.append(method)
    found = exact or (list(fitting.values()) if len(fitting) == 1 else [])
    if not found:
        raise RowLeftOut("its examples do not name the arguments of a method of class Solution")
    if isinstance(found[0].returns, ast.Constant) and found[0].returns.value is None:
        raise RowLeftOut("changes its arguments instead of returning something")
    return found[0].name, bool(exact)


def example_test(example: str) -> tuple[dict[str, JSON], JSON] | None:
    """Arguments and result of "Input: nums = [1,2], k = 1\\nOutput: 2"; None for what does not read so."""
    match = re.search(
        r"Input:?\s*(?P<given>.*?)\s*Output:?\s*(?P<output>.*?)\s*(?:Explanation:?.*)?$", example, re.DOTALL
    )
    if match is None:
        return None
    decoder = json.JSONDecoder()
    text, arguments = match["given"].strip(), dict[str, JSON]()
    while text:
        named = re.match(r"([A-Za-z_]\w*)\s*=\s*", text)
        if named is None:
            return None
        try:
            value, end = decoder.raw_decode(text[named.end() :])
        except (ValueError, RecursionError):
            return None
        arguments[named[1]] = value
        text = text[named.end() + end :].lstrip().removeprefix(",").lstrip()
    try:
        return (arguments, json.loads(match["output"])) if arguments else None
    except (ValueError, RecursionError):
        return None


def _read(row: Row, place: Place) -> Iterator[Draft]:
    if _language(row, place) != "python":
        raise RowLeftOut("is C++ or Java; only Python classes can be called here")
    description = text_of(row, "question", "description").strip()
    buggy = text_of(row, "buggy_code").strip("\n")
    solution = textwrap.dedent(text_of(row, "solution", "oracle_code"))
    tier = level_tier(row.get("level"), _LEVELS, "level")
    if _NODES.search(solution):
        raise RowLeftOut("works on trees or linked lists, which its examples only write down as lists")
    if _SEVERAL_ANSWERS.search(description):
        raise RowLeftOut("has several right answers, and its examples name one")
    examples = row.get("examples")
    if not isinstance(examples, list) or not examples:
        raise RowRejected("has no list of examples")
    tests = [test for test in map(example_test, map(str, examples)) if test is not None]
    if not tests:
        raise RowLeftOut("its examples are no calls with plain values")
    method, by_name = _method(solution, list(tests[0][0]))
    calls: list[Mapping[str, JSON]] = []
    for arguments, expected in tests:
        if set(arguments) == set(tests[0][0]):
            given: dict[str, JSON] = {"args": [], "kwargs": arguments} if by_name else {"args": [*arguments.values()]}
            calls.append(with_tolerance({**given, "expected": expected}))
    shown = "\n\n".join(str(example).strip() for example in examples)
    constraints = optional_text(row, "constraints", "constrains").strip()
    limits = f"Constraints:\n{constraints}\n\n" if constraints else ""
    yield Draft(
        content=f"{description}\n{buggy}",
        tier=tier,
        prompt=f"{description}\n\n{shown}\n\n{limits}This solution has a bug:\n\n{fenced(buggy)}\n\n"
        "Repair it. Answer with the complete repaired code in one ```python block; keep the names of the class and "
        "its method.",
        expected=solution,
        scorer="code_execution",
        config={
            "language": "python",
            "entry_point": solution_method(method),
            "prelude": SOLUTION_PRELUDE,
            "function_tests": calls,
            "timeout_s": 10,
        },
        max_tokens=MAX_TOKENS,
    )


def _wanted(path: PurePosixPath) -> bool:
    """The repository also holds what the set was made from, and what models answered."""
    return not {part.casefold() for part in path.parts[:-1]} & {"dataset_construction", "evaluation", "src", "results"}


DEBUGBENCH = PublicSet(
    suite="debugbench",
    title="DebugBench",
    version="2",
    expects=(
        "benchmark/<language>_<bug>.json of the original repository",
        "or JSON (lines) or Parquet with question, examples, language, level, buggy_code, solution",
    ),
    licence="Apache 2.0; the problems belong to LeetCode",
    wanted=_wanted,
    read=_read,
)
