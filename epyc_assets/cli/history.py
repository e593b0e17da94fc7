"""`epyc history`: imports the record of an earlier project. Not here: reading its formats (epyc_assets.history)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epyc_assets.cli.printing import (
    fleet_option,
    json_option,
    print_json,
    print_rows,
    progress_bars,
    tell_failed_checks,
)

if TYPE_CHECKING:
    from epyc_assets.history.importing import ReadingProgress

COLUMNS = {
    "family": "family",
    "files": "files",
    "files_not_ok": "not ok",
    "duplicate_files": "copies",
    "records": "records",
    "all_rows": "rows",
    "rejects": "rejects",
}
"""Columns of the printed table: what it shows, and under which heading."""
FAULTS_SHOWN = 10


@click.group("history")
def command() -> None:
    """Import the record of an earlier project, and derive its tables by rule."""


@command.command("import")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@fleet_option
@json_option
def import_command(path: Path | None, fleet: str, as_json: bool) -> None:
    """Read the record below PATH into the schema `history`, and build its summaries.

    PATH is the folder that has benchmarks/ in it; left out, it is EPYC_HISTORY_DIR or what the fleet's registry names.
    Only new and changed files are read; rows of files that are gone are removed. Whatever cannot be read is a row in
    `rejects`. With --json a row per family of formats is printed.
    """
    from epyc_assets.defs.recording import family_rows, record_state
    from epyc_assets.warehouse import Warehouse

    root = _root(path, fleet)
    store = Warehouse()
    with _progress(quiet=as_json) as (on_stage, on_hashed, on_read):
        on_stage(f"comparing the files below {root} with what was imported")
        state = record_state(store, root, on_hashed)
        report = None
        if not state.up_to_date:
            from epyc_assets.defs.execution import import_history

            report = import_history(fleet, root, on_stage=on_stage, on_read=on_read)
    with store.read() as connection:
        rows = [{key: value for key, value in row.items() if key != "contents_md5"} for row in family_rows(connection)]
        faults = _faults(connection)
    if report is None:
        click.echo(f"Nothing has changed in {len(state.scanned):,} files since they were imported.", err=True)
    else:
        plan = state.plan
        click.echo(
            f"{len(plan.to_read):,} files read ({plan.changed_contents:,} of them changed), "
            f"{len(plan.unchanged):,} unchanged, {len(plan.gone):,} gone.",
            err=True,
        )
        tell_failed_checks(report, only_blocking=True)
    if as_json:
        print_json(rows)
        return
    print_rows([{COLUMNS[key]: row[key] for key in COLUMNS} for row in rows], list(COLUMNS.values()))
    if faults:
        click.echo(f"\n{len(faults)} files were not read whole:", err=True)
        for fault in faults[:FAULTS_SHOWN]:
            what = fault["parse_error"] or f"{fault['n_rejects']} records are in `rejects`"
            click.echo(f"  {fault['path']}: {what}", err=True)
        if len(faults) > FAULTS_SHOWN:
            click.echo(f"  and {len(faults) - FAULTS_SHOWN} more in history.source_file", err=True)
    click.echo(
        '\nNext: epyc sql "SELECT row_name, total_passes, total_reviewed, pct, tps_median FROM history.model_summary"'
    )


def _root(path: Path | None, fleet: str) -> Path:
    from epyc_assets.defs.scope import configured_history_root, load_scope

    root = path or configured_history_root(load_scope(fleet))
    if root is None:
        raise click.UsageError(
            "No record is configured. Give its folder (the one that has benchmarks/ in it): epyc history import PATH; "
            "or set EPYC_HISTORY_DIR to it."
        )
    return root.expanduser().absolute()


def _faults(connection: Any) -> list[dict[str, Any]]:
    from epyc_assets.warehouse.stored_query import run_stored_query

    return run_stored_query(connection, "record_faults").to_dicts()


@contextmanager
def _progress(
    quiet: bool,
) -> Iterator[tuple[Callable[[str], None], Callable[[int, int], None], Callable[[ReadingProgress], None]]]:
    """Three callbacks that draw on standard error: a stage in words, files hashed, and bytes read."""
    bars, stage = progress_bars(quiet)
    tasks: dict[str, Any] = {}

    def advance(name: str, done: float, total: float, state: str) -> None:
        if name not in tasks:
            tasks[name] = bars.add_task(name, total=total, state="")
        bars.update(tasks[name], completed=done, total=total, state=state)

    def hashed(done: int, total: int) -> None:
        advance("comparing", done, total, f"{done:,}/{total:,} files")

    def read(progress: ReadingProgress) -> None:
        state = f"{progress.files_done:,}/{progress.files_total:,} files, {progress.bytes_done / 1e6:,.0f} MB"
        advance("reading", progress.files_done, progress.files_total, state)

    with bars:
        yield stage, hashed, read
