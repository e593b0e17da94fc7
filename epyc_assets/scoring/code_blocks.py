"""Finding the program in an answer: which fenced blocks belong to it, unfenced code, completions of a signature.

Belongs here: text and syntax trees. Does not belong here: running anything. Nothing is cut at blank lines, and every
search tries a bounded number of cuts.
"""

from __future__ import annotations

import ast
import builtins
import functools
import re
import textwrap
import warnings
from dataclasses import dataclass

_FENCE = re.compile(r"^[ \t]{0,12}(?:>[ \t]?)?(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)$", re.MULTILINE)
_TAGS = {
    "python": {"python", "py", "python3", "python2", "py3", "ipython", "pycon", "sage"},
    "cpp": {"cpp", "c++", "cc", "cxx", "c", "c++17", "cpp17", "c++20", "c++14", "h", "hpp"},
    "java": {"java"},
}
_CODE_START = {
    "python": re.compile(r"^(?:def|class|import|from|async def|@\w|if __name__)\b|^@", re.MULTILINE),
    "cpp": re.compile(r"^\s*(?:#\s*(?:include|define|pragma)|using namespace|int main)", re.MULTILINE),
    "java": re.compile(r"^\s*(?:import\s|package\s|public\s|final\s|class\s|interface\s|record\s)", re.MULTILINE),
}
_MOST_CUTS = 60
_LONGEST_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its tag in lower case, its text, and whether its fence is closed."""

    tag: str
    text: str
    closed: bool


@dataclass(frozen=True, slots=True)
class FoundProgram:
    """The program in an answer. strict: the answer was this one block, or nothing but this code."""

    source: str
    strict: bool


def fenced_blocks(text: str) -> list[Block]:
    """All fenced blocks in order; one that is never closed reaches to the end."""
    blocks: list[Block] = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        info = fence.group("info").strip()
        if opening is None:
            opening = fence
        elif not info and fence.group("marks")[0] == opening.group("marks")[0]:
            if len(fence.group("marks")) >= len(opening.group("marks")):
                blocks.append(_block(text, opening, fence.start(), True))
                opening = None
        elif info and fence.group("marks") == opening.group("marks") and _is_tag(info):
            # A fence with a language never closes: the one before was forgotten.
            blocks.append(_block(text, opening, fence.start(), False))
            opening = fence
    if opening is not None:
        blocks.append(_block(text, opening, len(text), False))
    return blocks


def _is_tag(info: str) -> bool:
    return any(info.split()[0].lower() in tags for tags in _TAGS.values())


def _block(text: str, opening: re.Match[str], end: int, closed: bool) -> Block:
    info = opening.group("info").strip().strip("{}.").split()
    content = text[opening.end() + 1 : end]
    marks = opening.group()
    indent = len(marks) - len(marks.lstrip(" \t"))
    if indent or ">" in marks.split("`")[0].split("~")[0]:
        margin = re.compile(rf"^[ \t]{{0,{indent}}}(?:>[ \t]?)?")
        content = "\n".join(margin.sub("", line) for line in content.split("\n"))
    return Block(info[0].lower().strip("{}.") if info else "", content, closed)


def find_program(answer: str, language: str, wanted: str | None, prelude: str) -> FoundProgram:
    """The program that an answer (without its thinking) gives.

    Args:
        language: python, cpp or java.
        wanted: the name that the program must define, or None for a whole program.
        prelude: code of the question's that stands before the answer's, e.g. a signature it completes.
    """
    answer = answer.replace("\r\n", "\n").removeprefix("\ufeff")[:_LONGEST_CHARACTERS]
    blocks = [each for each in fenced_blocks(answer) if each.text.strip()]
    suitable = [each for each in blocks if each.tag in _TAGS[language]]
    if not suitable:
        suitable = [each for each in blocks if not each.tag]
    if any(each.closed for each in suitable):
        suitable = [each for each in suitable if each.closed]
    if language == "python":
        return _python_program(answer, suitable, wanted, prelude)
    texts = [each.text for each in suitable]
    with_main = [each for each in texts if re.search(r"\bmain\s*\(", each)]
    if texts:
        source = (with_main or texts)[-1]
    else:
        start = _CODE_START[language].search(answer)
        source = answer[start.start() :] if start else answer
    return FoundProgram(f"{prelude}\n{source}" if prelude.strip() else source, len(texts) == 1 or not blocks)


def _python_program(answer: str, blocks: list[Block], wanted: str | None, prelude: str) -> FoundProgram:
    texts = [_without_prompts(each.text) for each in blocks]
    trees = [parsed(each) or parsed(textwrap.dedent(each)) for each in texts]
    texts = [each if parsed(each) else textwrap.dedent(each) for each in texts]
    readable = [(text, tree) for text, tree in zip(texts, trees, strict=True) if tree is not None and tree.body]
    source: str | None = None
    if wanted is not None:
        for index in range(len(readable) - 1, -1, -1):
            if wanted in defined_names(readable[index][1]):
                source = _with_parts(readable, index)
                break
        if source is None and len(readable) > 1 and wanted in set().union(*(defined_names(t) for _, t in readable)):
            source = "\n\n".join(text for text, _ in readable)
    else:
        for index in range(len(readable) - 1, -1, -1):
            if not _only_literals(readable[index][1]):
                source = _with_parts(readable, index)
                break
    strict = len(blocks) == 1 or not blocks
    if source is None and blocks:
        # None defines what is wanted: a body to complete, or code with an error that the run will tell.
        source = texts[-1] if wanted is not None or not readable else readable[-1][0]
        completed = _completed(prelude, blocks[-1].text, wanted)
        if completed is not None:
            return FoundProgram(completed, strict)
    if source is None:
        source = _unfenced(answer)
        tree = parsed(source)
        if tree is None or (wanted is not None and wanted not in defined_names(tree)):
            completed = _completed(prelude, answer, wanted)
            if completed is not None:
                return FoundProgram(completed, True)
        strict = source.strip() == answer.strip()
    return FoundProgram(_after_prelude(prelude, source), strict)


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


def _free(tree: ast.Module) -> set[str]:
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


def _with_parts(readable: list[tuple[str, ast.Module]], chosen: int) -> str:
    """The chosen block, after the nearest earlier ones that define what it (or they) lack."""
    parts = {chosen}
    lacking = _free(readable[chosen][1])
    for index in range(chosen - 1, -1, -1):
        tree = readable[index][1]
        if lacking & defined_names(tree):
            parts.add(index)
            lacking = (lacking - defined_names(tree)) | _free(tree)
    return "\n\n".join(readable[index][0] for index in sorted(parts))


def _only_literals(tree: ast.Module) -> bool:
    """Sample output such as `3` or `[1, 2]` parses as Python too."""
    return all(
        isinstance(statement, ast.Expr)
        and not any(isinstance(node, ast.Call | ast.Await | ast.Yield) for node in ast.walk(statement))
        for statement in tree.body
    )


def _without_prompts(text: str) -> str:
    """The code of an interactive session, without its prompts and its output."""
    lines = text.split("\n")
    if not any(line.startswith(">>> ") for line in lines[:3]):
        return text
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")) or line in (">>>", "..."))


def _unfenced(answer: str) -> str:
    """Code without a fence: all of it, or from the first line of code to where it stops being code."""
    if parsed(answer) is not None:
        return answer
    dedented = textwrap.dedent(answer)
    if parsed(dedented) is not None:
        return dedented
    start = _CODE_START["python"].search(answer)
    if start is None:
        return answer
    text = answer[start.start() :]
    return _longest_code(text) or text


def _longest_code(text: str, head: str = "") -> str | None:
    """The longest beginning of the lines that parses (after `head`); the error's own line is tried first."""
    lines = text.split("\n")
    end = len(lines)
    head_lines = head.count("\n")
    for _ in range(_MOST_CUTS):
        if end <= 0:
            return None
        source = head + "\n".join(lines[:end])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(source)
        except SyntaxError as error:
            at = (error.lineno or 0) - head_lines - 1
            end = min(end - 1, at) if at > 0 else end - 1
        except (ValueError, RecursionError, MemoryError):
            return None
        else:
            return "\n".join(lines[:end])
    return None


def _completed(prelude: str, body: str, wanted: str | None) -> str | None:
    """The prelude with the answer as the rest of its last function, where that makes sense."""
    if not prelude.strip() or not body.strip():
        return None
    head = prelude.rstrip() + "\n"
    bare = body.strip("\n")
    variants = [bare, textwrap.indent(textwrap.dedent(bare), "    "), "    " + bare.lstrip()]
    if bare[:1] not in (" ", "\t"):
        variants = variants[1:]
    for variant in variants:
        if parsed(head + variant) is not None:
            return head + variant
    for variant in variants:
        cut = _longest_code(variant, head)
        if cut is not None and cut.strip() and parsed(cut) is None:
            return head + cut
    return None


def closed_prelude(prelude: str) -> str:
    """The prelude as code of its own: a signature without a body gets one that does nothing."""
    if parsed(prelude) is None and parsed(prelude.rstrip() + "\n    pass") is not None:
        return prelude.rstrip() + "\n    pass\n"
    return prelude


def _after_prelude(prelude: str, source: str) -> str:
    """Both, with the `from __future__` imports first, where Python wants them."""
    if not prelude.strip():
        return source
    joined = f"{closed_prelude(prelude).rstrip()}\n\n\n{source}"
    future = re.findall(r"^from __future__ import [^\n]*$", source, re.MULTILINE)
    if future:
        joined = "\n".join(future) + "\n" + joined.replace("from __future__ import", "pass  # ")
    return joined
