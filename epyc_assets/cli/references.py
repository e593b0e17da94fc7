"""Writes the generated pages of docs/: tables from the schema, commands from their own help. `make docs` runs it.

Here: what is generated and where it goes. Not here: the text about tables (warehouse.schema_docs) and commands
(their own docstrings and options).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import click

WIDTH = 100
"""Columns of the help texts in the reference, whatever the terminal."""

MEND = "make docs"

_INTRODUCTION = """\
# Commands

This page is generated from the commands' own help; a test keeps it up to date. `epyc COMMAND --help` prints the
same.

Every command ends with 0 when it did what was asked, with 1 and a message when it could not, and with 2 when it
was called wrongly. What prints results takes `--json` and then prints a list of objects and nothing else on
standard output. `EPYC_TRACE=1` shows the whole trace of an error.
"""


def reference_pages() -> dict[str, str]:
    """File name below docs/ to its text, the same on every machine."""
    from epyc_assets.warehouse.schema_docs import render_table_reference

    return {"cli.md": render_command_reference(), "tables.md": render_table_reference()}


def render_command_reference() -> str:
    """Markdown with the help of every command and subcommand, in alphabetical order, groups before their own."""
    from epyc_assets.cli.main import command as epyc

    context = click.Context(epyc, info_name="epyc", terminal_width=WIDTH, max_content_width=WIDTH)
    context.help_option_names = list(epyc.context_settings.get("help_option_names", ["--help"]))
    pages = list(_commands(epyc, context))
    contents = [f"- [{path}](#{path.replace(' ', '-')})" for path, _ in pages]
    chapters = [f"## {path}\n\n```text\n{text}\n```" for path, text in pages]
    return "\n".join([_INTRODUCTION, *contents, ""]) + "\n" + "\n\n".join(chapters) + "\n"


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    text = command.get_help(context)
    yield context.command_path, "\n".join(line.rstrip() for line in text.splitlines())
    if isinstance(command, click.Group):
        for name in sorted(command.list_commands(context)):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from _commands(child, click.Context(child, info_name=name, parent=context))


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; end with 1 when a page is not up to date.")
def command(folder: Path, check: bool) -> None:
    """Write the generated pages into FOLDER."""
    outdated = []
    for name, text in reference_pages().items():
        page = folder / name
        present = page.read_text(encoding="utf-8") if page.exists() else ""
        if present == text:
            continue
        outdated.append(page)
        if check:
            click.echo("".join(_difference(page, present, text)), nl=False, err=True)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
            click.echo(f"{page} written")
    if check and outdated:
        pages = " and ".join(map(str, outdated))
        click.echo(f"{pages}: not what the code generates now. Run `{MEND}` and commit the change.", err=True)
        raise click.exceptions.Exit(1)
    if not outdated:
        click.echo(f"{' and '.join(reference_pages())} in {folder} are up to date")


def _difference(page: Path, present: str, text: str) -> Iterator[str]:
    return difflib.unified_diff(
        present.splitlines(keepends=True), text.splitlines(keepends=True), f"{page} (now)", f"{page} (generated)", n=0
    )


if __name__ == "__main__":
    command()
