"""Printing rows: as a table that fits the terminal, or as JSON, progress of a sweep, and checks that did not pass.

Here: what several commands share. Not here: what the rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from epyc_assets.benchmark.sweep import Progress
    from epyc_assets.defs.execution import SweepReport

NARROW = 80
"""Terminals with fewer columns get one space between columns instead of two."""
NAME_WIDTH = 24
DETAILS_SHOWN = 3
"""Entries of a list in a check's details that the line about it says."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print rows as a JSON list of objects.")
fleet_option = click.option(
    "--fleet", envvar="EPYC_FLEET", default="demo", show_default=True, help="Fleet of the registry."
)


def print_json(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as a JSON list of objects, one row a line: dates in ISO form, NaN and infinity as null."""
    from epyc_assets.warehouse.query import json_text

    click.echo("[\n" + ",\n".join(json_text(row) for row in rows) + "\n]" if rows else "[]")


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Some columns of rows as a table, without those that are empty; long texts fold."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    columns = [name for name in columns if not rows or any(row.get(name) not in (None, "") for row in rows)]
    table = Table(box=None, header_style="bold", pad_edge=False, collapse_padding=console.width < NARROW)
    for place, column in enumerate(columns):
        cells = [_cell(row.get(column)) for row in rows]
        numeric = all(isinstance(row.get(column), int | float | None) for row in rows)
        # The first column names the row: it gives way last.
        least = max(len(column), min(max(map(len, cells), default=0), NAME_WIDTH) if place == 0 else 0)
        table.add_column(
            column, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric, min_width=least
        )
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console.print(table)


def progress_bars(quiet: bool) -> tuple[Bars, Callable[[str], None]]:
    """Bars on standard error, whose tasks have a field `state`, and what tells a stage in words above them."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True, quiet=quiet)
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
        console=console,
    )

    def stage(text: str) -> None:
        console.print(text, style="dim", markup=False, highlight=False)

    return bars, stage


@contextmanager
def sweep_progress(quiet: bool) -> Iterator[tuple[Callable[[str], None], Callable[[Progress], None]]]:
    """Two callbacks that draw a sweep on standard error: one for stages in words, one for answers."""
    bars, stage = progress_bars(quiet)
    tasks: dict[str, TaskID] = {}

    def answer(progress: Progress) -> None:
        if progress.model not in tasks:
            tasks[progress.model] = bars.add_task(progress.model, total=progress.total, state="")
        failed = sum(count for status, count in progress.statuses.items() if status != "ok")
        eta = "" if progress.eta_s is None or progress.done == progress.total else f", {progress.eta_s:.0f} s left"
        state = f"{progress.done}/{progress.total} at {progress.rate:.1f}/s{eta}"
        state += f" [red]{failed} failed[/red]" if failed else ""
        bars.update(tasks[progress.model], total=progress.total, completed=progress.done, state=state)

    with bars:
        yield stage, answer


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _in_words(value: object) -> str:
    """A detail of a check for people: the first few of a list, the values of a mapping, else the value itself."""
    if isinstance(value, list):
        more = f"; and {len(value) - DETAILS_SHOWN} more" if len(value) > DETAILS_SHOWN else ""
        return "; ".join(_in_words(each) for each in value[:DETAILS_SHOWN]) + more
    if isinstance(value, dict):
        return " ".join(_in_words(each) for each in value.values())
    return str(value)


def tell_failed_checks(report: SweepReport, *, only_blocking: bool = False) -> None:
    """A line on standard error for each check that did not pass. only_blocking: warnings are left to the UI."""
    for check in report.failed_checks:
        if only_blocking and not check.blocking:
            continue
        if check.check == "row_count" and not check.blocking:
            continue  # An empty table is no fault of this sweep: nothing imported, nothing judged yet.
        # Tables are for the UI.
        told = {key: value for key, value in check.details.items() if key != "shown" and "\n" not in str(value)}
        details = f" ({', '.join(f'{key} {_in_words(value)}' for key, value in told.items())})" if told else ""
        model = f" of {check.partition}" if check.partition else ""
        click.echo(
            f"check {check.asset}.{check.check}{model} did not pass{details}; more in the UI",
            err=True,
        )
