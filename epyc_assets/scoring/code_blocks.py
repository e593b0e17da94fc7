"""Finding the program in an answer: which fenced blocks belong to it, unfenced code, completions of a signature.

Belongs here: text and syntax trees. Does not belong here: running anything. Nothing is cut at blank lines, and every
search tries a bounded number of cuts.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from dataclasses import dataclass, replace

from epyc_assets.scoring.code_dress import (
    code_in_json,
    fences_for_html,
    indented_code,
    new_side_of_diff,
    undressed,
    unescaped_source,
    without_end_marks,
)
from epyc_assets.scoring.code_trees import (
    after_prelude,
    defined_names,
    free_names,
    only_declares,
    only_literals,
    parsed,
    writes_output,
)

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
_CODE_END = re.compile(r"[};][ \t]*$", re.MULTILINE)
# A line that may begin code outside of a fence; what parses from it decides.
_MAY_START = re.compile(
    r"^(?:(?:def|class|import|from|async|for|while|if|with|try)\b|@\w"
    r"|[A-Za-z_][\w.]*(?:, *[A-Za-z_]\w*)* *(?:[-+*/|]?=(?!=)|\())",
    re.MULTILINE,
)
_INLINE = re.compile(r"\s*(?P<marks>`{1,3})(?:(?:python|py)3?\s)?(?P<code>[^`\n]+)(?P=marks)\s*")
_LOST_FENCE = re.compile(r"(?<=[^`\s])[ \t]*`{3,}[ \t]*(?=\n|$)")
_MARK_LINE = re.compile(r"[ \t]*\[/?(?:BEGIN|DONE|END|PYTHON|CODE|ANSWER)\][ \t]*")
_MOST_CUTS = 60
_MOST_STARTS = 20
# Starts and cuts are tried until so many characters have been parsed, or twice the answer.
_MOST_PARSED_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its tag in lower case, its text, and whether its fence is closed."""

    tag: str
    text: str
    closed: bool


@dataclass(frozen=True, slots=True)
class FoundProgram:
    """The program in an answer.

    strict: the answer was this one block, or nothing but this code. note: what was left out of it, for people.
    """

    source: str
    strict: bool
    note: str | None = None


def fenced_blocks(text: str) -> list[Block]:
    """All fenced blocks in order; one that is never closed reaches to the end.

    Fences deeper inside a block than its own (in a docstring) are text, unless its end is then not found.
    """
    blocks = _blocks(text, deep=False)
    return blocks if all(each.closed for each in blocks) else _blocks(text, deep=True)


def _blocks(text: str, *, deep: bool) -> list[Block]:
    blocks: list[Block] = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        info = fence.group("info").strip()
        if opening is None:
            opening = fence
        elif not deep and _indent(fence) > _indent(opening) + 3:
            continue
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


def _indent(fence: re.Match[str]) -> int:
    marks = fence.group()
    return len(marks) - len(marks.lstrip(" \t"))


def _is_tag(info: str) -> bool:
    return any(info.split()[0].lower() in tags for tags in _TAGS.values())


def _block(text: str, opening: re.Match[str], end: int, closed: bool) -> Block:
    info = opening.group("info").strip().strip("{}.").split()
    content = text[opening.end() + 1 : end]
    marks = opening.group()
    indent = _indent(opening)
    if indent or ">" in marks.split("`")[0].split("~")[0]:
        margin = re.compile(rf"^[ \t]{{0,{indent}}}(?:>[ \t]?)?")
        content = "\n".join(margin.sub("", line) for line in content.split("\n"))
    if not closed:
        # The closing fence stands at the end of the last line of code.
        lost = _LOST_FENCE.search(content)
        content = content[: lost.start()] if lost else content
    tag = re.split(r"[:,{]", info[0].lower().strip("{}."))[0] if info else ""
    return Block(tag, content, closed)


def find_program(answer: str, language: str, wanted: str | None, prelude: str) -> FoundProgram:
    """The program that an answer (without its thinking) gives.

    Args:
        language: python, cpp or java.
        wanted: the name that the program must define, or None for a whole program.
        prelude: code of the question's that stands before the answer's, e.g. a signature it completes.
    """
    answer = re.sub(r"^\ufeff", "", answer.replace("\r\n", "\n"), flags=re.MULTILINE)
    answer = without_end_marks(answer)
    inline = _INLINE.fullmatch(answer)
    if inline:
        answer = inline.group("code").strip()
    in_json = code_in_json(answer)
    if in_json is not None and (language != "python" or parsed(in_json) or "```" in in_json):
        found = find_program(in_json, language, wanted, prelude)
        return replace(found, strict=False, note=found.note or "the code stood in a JSON object")
    answer = fences_for_html(answer)
    blocks = [each for each in fenced_blocks(answer) if each.text.strip()]
    if all(each.tag in ("diff", "patch") for each in blocks):
        blocks = [replace(each, tag="", text=new_side_of_diff(each.text)) for each in blocks]
    suitable = [each for each in blocks if each.tag in _TAGS[language]]
    if not suitable:
        suitable = [each for each in blocks if not each.tag]
    if any(each.closed for each in suitable):
        suitable = [each for each in suitable if each.closed]
    if language == "python":
        if len(blocks) == 1 and suitable == blocks and not blocks[0].closed and not blocks[0].tag:
            # The fence was opened before the answer: what it closes is the code.
            before = answer[: _FENCE.search(answer).start()]  # type: ignore[union-attr]
            code = parsed(textwrap.dedent(before)) is not None or _completed(prelude, before, wanted) is not None
            if before.strip() and code and parsed(blocks[0].text) is None:
                answer, suitable = before, []
        return _python_program(answer, suitable, wanted, prelude)
    texts = [each.text for each in suitable]
    with_main = [each for each in texts if re.search(r"\bmain\s*\(", each)]
    if texts:
        source = (with_main or texts)[-1]
        before = texts[: texts.index(source)]
        if language == "cpp" and "#include" not in source and any("#include" in each for each in before):
            source = "\n".join([*before, source])  # in parts, of which the last has main
    else:
        start = _CODE_START[language].search(answer)
        source = answer[start.start() :] if start else answer
        ends = [each.end() for each in _CODE_END.finditer(source)]
        source = source[: ends[-1]] if ends else source
    source = unescaped_source(source)
    return FoundProgram(f"{prelude}\n{source}" if prelude.strip() else source, len(texts) == 1 or not blocks)


def _python_program(answer: str, blocks: list[Block], wanted: str | None, prelude: str) -> FoundProgram:
    bare = [undressed(_without_prompts(each.text)) for each in blocks]
    worn = next((each for _, each in reversed(bare) if each), None)
    texts = [text for text, _ in bare]
    trees = [parsed(each) or parsed(textwrap.dedent(each)) for each in texts]
    texts = [each if parsed(each) else textwrap.dedent(each) for each in texts]
    readable = [(text, tree) for text, tree in zip(texts, trees, strict=True) if tree is not None and tree.body]
    source: str | None = None
    if wanted is not None:
        defining = [index for index, (_, tree) in enumerate(readable) if wanted in defined_names(tree)]
        written = [index for index in defining if not only_declares(readable[index][1], wanted)]
        if defining:
            source = _with_parts(readable, (written or defining)[-1], later=True)
        if source is None and len(readable) > 1 and wanted in set().union(*(defined_names(t) for _, t in readable)):
            source = "\n\n".join(text for text, _ in readable)
    else:
        programs = [index for index, (_, tree) in enumerate(readable) if not only_literals(tree)]
        # A line quoted in an explanation is no program where an earlier block writes its output.
        writing = [index for index in programs if writes_output(readable[index][1])]
        if programs:
            source = _with_parts(readable, (writing or programs)[-1])
    strict = (len(blocks) == 1 or not blocks) and worn is None
    if source is None and blocks:
        # None defines what is wanted: a body to complete, or code with an error that the run will tell.
        source = texts[-1] if wanted is not None or not readable else readable[-1][0]
        completed = _completed(prelude, bare[-1][0], wanted)
        if completed is not None:
            return FoundProgram(completed, strict, worn)
        if wanted is not None and parsed(source) is None:
            cut = _longest_code(source)
            if cut is not None and (tree := parsed(cut)) and wanted in defined_names(tree):
                left = source.count("\n") - cut.count("\n")
                note = f"the code does not parse to its end: its last {left} line(s) were left out"
                return FoundProgram(after_prelude(prelude, cut), False, note)
    note = worn
    if source is None:
        answer, worn = undressed(answer)
        source, note = _unfenced(answer, wanted)
        note = note or worn
        tree = parsed(source)
        if tree is None or (wanted is not None and wanted not in defined_names(tree)):
            completed = _completed(prelude, answer, wanted)
            if completed is not None:
                return FoundProgram(completed, worn is None, worn)
        strict = source.strip() == answer.strip() and worn is None
    return FoundProgram(after_prelude(prelude, source), strict, note)


def _with_parts(readable: list[tuple[str, ast.Module]], chosen: int, *, later: bool = False) -> str:
    """The chosen block, with the nearest earlier ones (then, if `later`, later ones) that define what it lacks."""
    if chosen == 0 and not (later and len(readable) > 1):  # walking a long tree takes seconds
        return readable[0][0]
    parts = {chosen}
    lacking = free_names(readable[chosen][1])
    after = range(chosen + 1, len(readable)) if later else ()
    for index in (*range(chosen - 1, -1, -1), *after):
        tree = readable[index][1]
        if lacking & defined_names(tree):
            parts.add(index)
            lacking = (lacking - defined_names(tree)) | free_names(tree)
    return "\n\n".join(readable[index][0] for index in sorted(parts))


def _without_prompts(text: str) -> str:
    """The code of an interactive session, without its prompts and its output."""
    lines = text.split("\n")
    if not any(line.startswith(">>> ") for line in lines[:3]):
        return text
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")) or line in (">>>", "..."))


def _unfenced(answer: str, wanted: str | None) -> tuple[str, str | None]:
    """Code without a fence: all of it, or the longest part that parses and defines what is wanted; and a note."""
    lines = answer.strip("\n").split("\n")
    if all(line.startswith(">") and not line.startswith(">>>") for line in lines if line.strip()):
        answer = "\n".join(re.sub(r"^>[ ]?", "", line) for line in lines)
    else:
        first = lines[0].strip().lower() in _TAGS["python"] or _MARK_LINE.fullmatch(lines[0])
        last = _MARK_LINE.fullmatch(lines[-1])
        if first or last:
            answer = "\n".join(lines[1 if first else 0 : -1 if last else None])
    for text in (answer, textwrap.dedent(answer), _without_prompts(answer.lstrip("\n"))):
        tree = parsed(text)
        if tree is not None and not (tree.body and only_literals(tree) and text is not answer):
            return text, None
    indented = indented_code(
        answer, lambda code: (tree := parsed(code)) is not None and wanted is not None and wanted in defined_names(tree)
    )
    if indented is not None and _MAY_START.search(answer) is None:
        return indented, "the code stands in no fence: what is not indented was taken for text"
    best = ""
    left = max(_MOST_PARSED_CHARACTERS, 2 * len(answer))
    done = 0
    for number, start in enumerate(_MAY_START.finditer(answer)):
        if number >= _MOST_STARTS or left <= 0:
            break
        if start.start() < done:
            continue
        left -= len(answer) - start.start()
        code = _longest_code(answer[start.start() :])
        if code is None or not code.strip():
            continue
        done = start.start() + len(code)
        tree = parsed(code)
        fits = tree is not None and (wanted is None or wanted in defined_names(tree))
        if fits and len(code) > len(best):
            best = code
    if best:
        rest = len(answer.strip()) - len(best.strip())
        return best, f"the code stands in no fence: {rest} characters around it were taken for text"
    start = _CODE_START["python"].search(answer)
    text = answer[start.start() :] if start else answer
    return (_longest_code(text) or text) if start else text, None


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
