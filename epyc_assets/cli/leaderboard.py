"""`epyc leaderboard`: prints the master table. Not here: its columns (`reports.leaderboard`)."""

from __future__ import annotations

import contextlib

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json


@click.command("leaderboard")
@fleet_option
@json_option
def command(fleet: str, as_json: bool) -> None:
    """Print pass rates and speeds of a fleet's models.

    Rates are over answers with a verdict, with their 95 % Wilson interval; suites are passes/verdicts; tok/s is
    the median decoding speed.
    """
    from epyc_assets.registry.loading import load_registry
    from epyc_assets.reports.leaderboard import leaderboard_rows
    from epyc_assets.warehouse import NothingPublished, Warehouse

    rows = []
    with contextlib.suppress(NothingPublished), Warehouse().read() as connection:
        rows = leaderboard_rows(connection, fleet)
    if not rows:
        load_registry().fleet(fleet)  # Raises for a fleet that is none.
    if as_json:
        print_json(rows)
    else:
        show(fleet, rows)


def show(fleet: str, rows: list[dict]) -> None:
    """Prints the table and what it leaves out."""
    from rich.console import Console

    from epyc_assets.reports.leaderboard import leaderboard_tables

    console = Console()
    if not any(row["total_scored"] for row in rows):
        console.print(f"Nothing is scored in fleet {fleet} yet. Run: epyc sweep --fleet {fleet}")
        return
    for table in leaderboard_tables(rows, console.width):
        console.print(table)
    silent = [row["model"] for row in rows if not row["total_scored"]]
    if silent:
        console.print(f"[dim]No answers yet from {len(silent)} models; `epyc plan` says why.[/dim]")
    if fleet == "demo":
        console.print("[dim]Figures of the demo fleet say nothing about real models.[/dim]")
