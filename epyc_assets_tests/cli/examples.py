"""Finds the examples in Markdown pages and tells which of them would not work. Runs none of them."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import duckdb
import pytest

from epyc_assets.cli.main import command as epyc
from epyc_assets.warehouse.derived import schema_database

CHECKOUT = Path(__file__).resolve().parents[2]
SHELL = ("bash", "sh", "shell", "console")
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_SEPARATORS = {"|", "||", "&", "&&", ";", "(", ")"}
_SQL_METHODS = ("sql", "execute", "run_query")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str


def pages() -> list[Path]:
    """The pages for people."""
    return [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]


def fences(page: Path) -> list[Fence]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        Fence(page.name, text.count("\n", 0, found.start()) + 1, found["language"], found["text"])
        for found in _FENCE.finditer(text)
    ]


def inline_commands(page: Path) -> list[str]:
    """Code in running text that is a call of `epyc` or `make`; an ellipsis in it stands for something."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    return [span for span in spans if re.match(r"(epyc|make)\b", span)]


def calls(shell: str) -> Iterator[list[str]]:
    """The simple commands in lines of shell, each as its words, variables set before it left out.

    In a transcript (lines with `$ `) the other lines are output and not looked at.
    """
    shell = shell.replace("\\\n", " ")
    lines = shell.splitlines()
    if any(line.startswith("$ ") for line in lines):
        shell = "\n".join(line[2:] for line in lines if line.startswith("$ "))
    # An end of line outside of quotes ends a command; shlex tells which are outside.
    lexer = shlex.shlex(shell, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace = " \t\r"
    lexer.commenters = ""
    words: list[str] = []
    in_comment = False
    for word in [*lexer, "\n"]:
        if set(word) <= {"\n", *"".join(_SEPARATORS)}:
            if "\n" in word:
                in_comment = False
            if not in_comment:
                yield from _call(words)
                words = []
        elif word.startswith("#"):
            in_comment = True
            yield from _call(words)
            words = []
        elif not in_comment:
            words.append(word)


def _call(words: list[str]) -> Iterator[list[str]]:
    redirections = [index for index, word in enumerate(words) if set(word) <= set("<>")]
    words = words[: redirections[0]] if redirections else words
    while words and (_ASSIGNMENT.match(words[0]) or words[0] in ("export", "time", "env")):
        words = words[1:]
    if words:
        yield words


def faults_of_call(words: list[str], *, whole: bool = True) -> list[str]:
    """What is wrong with a simple command; programs that are not ours are not judged.

    whole False: the words may stop early, as in running text that only names a command.
    """
    shown = shlex.join(words)
    program, *arguments = words
    if Path(program).name == "epyc":
        return [f"{shown}: {fault}" for fault in _faults_of_epyc(arguments, whole)]
    if program == "make":
        known = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        targets = [word for word in arguments if not _ASSIGNMENT.match(word) and not word.startswith("-")]
        return [f"{shown}: no target {target}" for target in targets if target not in known]
    if Path(program).name.startswith("python") and arguments[:1] == ["-m"] and arguments[1].startswith("epyc_assets"):
        module = CHECKOUT / arguments[1].replace(".", "/")
        if not module.with_suffix(".py").is_file() and not (module / "__main__.py").is_file():
            return [f"{shown}: no such module"]
    return []


def faults_of_sql(sql: str) -> list[str]:
    """What DuckDB says against statements on an empty warehouse; of other statements than queries only the syntax."""
    connection = _empty_warehouse()
    try:
        for statement in connection.extract_statements(sql):
            if statement.type in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
                connection.execute(f"EXPLAIN {statement.query}").fetchall()
    except duckdb.Error as error:
        return [f"{sql.strip()}: {error}"]
    return []


@cache
def _empty_warehouse() -> duckdb.DuckDBPyConnection:
    """One for all examples: only explained, they change nothing, and building it takes more than a second."""
    return schema_database()


def faults_of_python(code: str) -> list[str]:
    """What is wrong with code: its syntax, names imported from here, SQL given as text to `.sql` and the like."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        return [f"{code.strip()}: {error}"]
    faults: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("epyc_assets"):
            try:
                exec(compile(ast.Module([node], []), "<example>", "exec"), {})
            except ImportError as error:
                faults.append(str(error))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SQL_METHODS:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                faults += faults_of_sql(first.value)
    return faults


def faults_of_fence(fence: Fence) -> list[str]:
    """What is wrong with a block, by its language."""
    if fence.language in SHELL:
        found = [fault for words in calls(fence.text) for fault in faults_of_call(words)]
    elif fence.language == "sql":
        found = faults_of_sql(fence.text)
    elif fence.language == "python":
        found = faults_of_python(fence.text)
    else:
        found = []
    return [f"{fence.page}:{fence.line}: {fault}" for fault in found]


def _faults_of_epyc(arguments: list[str], whole: bool) -> list[str]:
    """Parses a call as click would, without running it. Files named in it need not be there."""
    if not whole and arguments and arguments[0].isupper():  # epyc COMMAND
        return []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(click.Path, "convert", lambda self, value, parameter, context: value)
        command: click.Command = epyc
        context: click.Context | None = None
        name = "epyc"
        try:
            while True:
                if isinstance(command, click.Group) and not arguments:
                    return [f"{name} needs one of its commands"] if whole and context is not None else []
                context = command.make_context(name, list(arguments), parent=context)
                if not isinstance(command, click.Group):
                    break
                found, chosen, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
                assert found is not None
                name, command = found, chosen or command
        except click.exceptions.Exit:  # --help and --version
            return []
        except click.ClickException as error:
            stops_early = isinstance(error, click.MissingParameter) and not whole
            return [] if stops_early else [error.format_message()]
    query = context.params.get("query") if command.name == "sql" else None
    return faults_of_sql(query) if query and query != "-" and "..." not in query else []
