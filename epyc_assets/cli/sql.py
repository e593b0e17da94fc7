"""`epyc sql`: a person's SQL in, rows out. Not here: running it and its formats (`warehouse.query`)."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("sql")
@click.argument("query")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "parquet"]),
    default="table",
    show_default=True,
    help="How to print the result.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead.")
@click.option("--limit", type=click.IntRange(min=0), help="Read at most so many rows.")
@click.option("--live", is_flag=True, help="Read the warehouse itself, not the published snapshot.")
def command(query: str, form: str, as_json: bool, output: Path | None, limit: int | None, live: bool) -> None:
    """Ask the warehouse in SQL (DuckDB's). QUERY - reads it from standard input.

    Reads the snapshot that is published after each write, so a running sweep neither waits nor makes you wait.
    """
    from epyc_assets.warehouse.query import run_query, write_result, write_result_file

    form = "json" if as_json else form
    result = run_query(sys.stdin.read() if query == "-" else query, live=live, limit=limit)
    if output is not None:
        try:
            write_result_file(result, form, output)
        except OSError as error:
            raise click.ClickException(f"{output} cannot be written: {error.strerror or error}") from error
        click.echo(f"{len(result)} rows written to {output}", err=True)
    elif form == "parquet":
        if sys.stdout.isatty():
            raise click.UsageError("Parquet is binary: give --output FILE, or send standard output to a file.")
        write_result(result, form, sys.stdout.buffer)
    else:
        write_result(result, form, sys.stdout)
