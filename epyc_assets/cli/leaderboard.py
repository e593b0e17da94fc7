"""`epyc leaderboard`: prints the master table. Not here: its columns (`reports.leaderboard`)."""

from __future__ import annotations

import contextlib

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json


@click.command("leaderboard")
@fleet_option
@click.option("--all", "all_origins", is_flag=True, help="The imported record's models beside the fleet's.")
@json_option
def command(fleet: str, all_origins: bool, as_json: bool) -> None:
    """Print pass rates and speeds of a fleet's models, and which differences are real.

    Rates are over answers with a verdict, with their 95 % Wilson interval, over all questions and by suite. Models that
    share a letter are not told apart on the questions that both answered. tok/s is the median decoding speed. `epyc
    compare-quality` says more of two models.
    """
    from epyc_assets.registry.loading import load_registry
    from epyc_assets.reports.leaderboard import leaderboard_rows, rows_of_all_origins
    from epyc_assets.warehouse import NothingPublished, Warehouse

    rows = []
    with contextlib.suppress(NothingPublished), Warehouse().read() as connection:
        rows = (rows_of_all_origins if all_origins else leaderboard_rows)(connection, fleet)
    if not rows:
        load_registry().fleet(fleet)  # Raises for a fleet that is none.
    if all_origins and not as_json:
        show_all(rows)
    elif as_json:
        print_json(rows)
    else:
        show(fleet, rows)


def show_all(rows: list[dict]) -> None:
    """Prints models of both origins, and what not to conclude from that."""
    from rich.console import Console

    from epyc_assets.reports.leaderboard import table_of_all_origins

    console = Console()
    if not rows:
        console.print("Nothing is judged yet. Run: epyc sweep, or epyc history import PATH")
        return
    console.print(table_of_all_origins(rows, console.width))
    console.print("[dim]Other judges, other questions: rates compare within one origin and judge only.[/dim]")


def show(fleet: str, rows: list[dict]) -> None:
    """Prints the table and what it leaves out."""
    from rich.console import Console

    from epyc_assets.reports.leaderboard import leaderboard_tables, legend

    console = Console()
    if not any(row["total_scored"] for row in rows):
        console.print(f"Nothing is scored in fleet {fleet} yet. Run: epyc sweep --fleet {fleet}")
        return
    for place, table in enumerate(leaderboard_tables(rows, console.width)):
        if place:
            console.print()
        console.print(table)
    console.print()
    for sentence in legend(rows):
        console.print(sentence, style="dim", markup=False, highlight=False)
    silent = {row["model"] for row in rows} - {row["model"] for row in rows if row["total_scored"]}
    if silent:
        console.print(f"[dim]No answers yet from {len(silent)} models; `epyc plan` says why.[/dim]")
    if fleet == "demo":
        console.print("[dim]Figures of the demo fleet say nothing about real models.[/dim]")
