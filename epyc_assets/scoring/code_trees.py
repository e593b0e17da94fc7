"""Python code as a syntax tree: what it defines and lacks, its usual imports, its definitions without its own runs.

Belongs here: trees of code that has been found. Does not belong here: finding it in an answer (`code_blocks.py`), or
running anything.
"""

from __future__ import annotations

import ast
import builtins
import functools
import re
import warnings

_TYPING_NAMES = (
    "Any", "Callable", "DefaultDict", "Deque", "Dict", "FrozenSet", "Generator", "Hashable", "Iterable",
    "Iterator", "List", "Literal", "Mapping", "NamedTuple", "NoReturn", "Optional", "Sequence", "Set", "Tuple", "Type",
    "TypeVar", "Union",
)  # fmt: skip
_LEETCODE_NAMES: dict[str, str | None] = {
    "Counter": "collections", "OrderedDict": "collections", "defaultdict": "collections", "deque": "collections",
    "heappop": "heapq", "heappush": "heapq", "heapify": "heapq", "bisect_left": "bisect", "bisect_right": "bisect",
    "cache": "functools", "lru_cache": "functools", "reduce": "functools", "accumulate": "itertools",
    "combinations": "itertools", "permutations": "itertools", "product": "itertools", "gcd": "math", "inf": "math",
    "bisect": None, "collections": None, "functools": None, "heapq": None, "itertools": None, "math": None,
    "random": None, "re": None, "string": None,
}  # fmt: skip


@functools.lru_cache(maxsize=16)
def parsed(source: str) -> ast.Module | None:
    """The syntax tree, or None where it is no Python. It is kept and given again: do not change it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def defined_names(tree: ast.Module) -> set[str]:
    """The names bound at the top level, and the methods of a class Solution."""
    names: set[str] = set()
    for statement in tree.body:
        names |= _bound(statement)
        if isinstance(statement, ast.ClassDef) and statement.name == "Solution":
            names |= {each.name for each in statement.body if isinstance(each, ast.FunctionDef)}
    return names


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    if isinstance(statement, ast.If | ast.Try | ast.With | ast.For):
        inner = [*statement.body, *getattr(statement, "orelse", [])]
        return set().union(*(_bound(each) for each in inner)) if inner else set()
    return set()


def only_declares(tree: ast.Module, name: str) -> bool:
    """Whether the function of that name has no body: a docstring, `...` or `pass` alone."""
    found = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name]
    return bool(found) and all(
        isinstance(each, ast.Pass) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in found[-1].body
    )


def free_names(tree: ast.Module) -> set[str]:
    """Names read anywhere and bound nowhere in the tree."""
    read, bound = set(), defined_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return {name for name in read - bound if not hasattr(builtins, name)}


def only_literals(tree: ast.Module) -> bool:
    """Sample output such as `3` or `[1, 2]` parses as Python too."""
    return all(
        isinstance(statement, ast.Expr)
        and not any(isinstance(node, ast.Call | ast.Await | ast.Yield) for node in ast.walk(statement))
        for statement in tree.body
    )


def writes_output(tree: ast.Module) -> bool:
    """Whether a program writes to standard output, as far as its words tell."""
    names = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    }
    return bool(names & {"print", "write", "writelines", "stdout"})


def with_usual_imports(source: str) -> tuple[str, list[str]]:
    """The source after the imports that its question's platform gives, and their names.

    Names of `typing` always: they say nothing that a test could see. In a class Solution also what LeetCode imports.
    """
    if not any(name in source for name in (*_TYPING_NAMES, "Solution")):
        return source, []
    tree = parsed(source)
    if tree is None:
        return source, []
    given: dict[str, str | None] = dict.fromkeys(_TYPING_NAMES, "typing")
    if any(isinstance(each, ast.ClassDef) and each.name == "Solution" for each in tree.body):
        given |= _LEETCODE_NAMES
    names = sorted(free_names(tree) & set(given))
    if not names or any(isinstance(each, ast.ImportFrom) and each.names[0].name == "*" for each in tree.body):
        return source, []
    lines = [f"import {name}" if given[name] is None else f"from {given[name]} import {name}" for name in names]
    return after_prelude("\n".join(lines), source), names


def without_own_runs(source: str) -> str | None:
    """The definitions of a program, without what it runs by itself (examples, tests of its own); None if the same.

    Left out are expressions, assertions, branches and loops at the top level, and assignments that call what the
    program defines or `input`, or use a name that was left out.
    """
    tree = parsed(source)
    if tree is None:
        return None
    defined = {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef)}
    free = free_names(tree)
    left_out: set[str] = {"input", "open"}
    kept: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            called = {
                each.func.id
                for each in ast.walk(statement)
                if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
            }
            read = {each.id for each in ast.walk(statement) if isinstance(each, ast.Name)}
            if called & defined or read & left_out:
                left_out |= _bound(statement) - defined
                continue
            kept.append(statement)
        elif isinstance(statement, ast.Expr | ast.Assert | ast.For | ast.While | ast.Raise | ast.Delete):
            continue
        elif isinstance(statement, ast.If | ast.With | ast.Try) and not _bound(statement) & free:
            if any(isinstance(each, ast.Import | ast.ImportFrom | ast.FunctionDef) for each in ast.walk(statement)):
                kept.append(statement)
        else:
            kept.append(statement)
    if len(kept) == len(tree.body) or not defined:
        return None
    lines = source.split("\n")
    parts: list[str] = []
    for each in kept:
        first = min([each.lineno, *(one.lineno for one in getattr(each, "decorator_list", []))])
        parts.append("\n".join(lines[first - 1 : each.end_lineno]))
    joined = "\n\n".join(parts) + "\n"
    return joined if parsed(joined) is not None else None


def closed_prelude(prelude: str) -> str:
    """The prelude as code of its own: a signature without a body gets one that does nothing."""
    if parsed(prelude) is None and parsed(prelude.rstrip() + "\n    pass") is not None:
        return prelude.rstrip() + "\n    pass\n"
    return prelude


def after_prelude(prelude: str, source: str) -> str:
    """Both, with the `from __future__` imports first, where Python wants them."""
    if not prelude.strip():
        return source
    joined = f"{closed_prelude(prelude).rstrip()}\n\n\n{source}"
    future = re.findall(r"^from __future__ import [^\n]*$", source, re.MULTILINE)
    if future:
        joined = "\n".join(future) + "\n" + joined.replace("from __future__ import", "pass  # ")
    return joined
