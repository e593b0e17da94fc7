"""`epyc compare-quality`: which of two models answers better, how sure that is, and how many questions more would tell.

Not here: the comparisons (`benchmark.model_comparison`), the table (`reports.model_pairs`), speeds (`compare`).
"""

from __future__ import annotations

from typing import Any

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json


@click.command("compare-quality")
@click.argument("model")
@click.argument("other", required=False)
@fleet_option
@click.option("--config-a", help="Config of the first model, by identity or in words [baseline].")
@click.option("--config-b", help="Config of the other model, likewise.")
@json_option
def command(
    model: str, other: str | None, fleet: str, config_a: str | None, config_b: str | None, as_json: bool
) -> None:
    """Compare how well two models answer, suite by suite; one model: beside all others.

    Only questions that both answered and that have a verdict count. Differences are pass rates in points with their
    95 % interval; p is of the exact McNemar test for this pair alone, adj. is adjusted for all pairs of the fleet on
    that suite; more is how many common questions more would tell the two apart among all pairs.
    """
    from epyc_assets.benchmark.plan import require_known
    from epyc_assets.defs.scope import load_scope
    from epyc_assets.reports.model_pairs import NotCompared, model_pairs
    from epyc_assets.warehouse import NothingPublished, Warehouse

    require_known([each for each in (model, other) if each], load_scope(fleet).fleet.models, "model", f"fleet {fleet}")
    if other is None and config_b is not None:
        raise click.UsageError("--config-b is of the other model; name it after the first.")
    try:
        with Warehouse().read() as connection:
            rows = model_pairs(connection, fleet, model, other, config=config_a, other_config=config_b)
    except NothingPublished as fault:
        raise click.ClickException(f"nothing is scored yet; run: epyc sweep --fleet {fleet}") from fault
    except NotCompared as fault:
        raise click.ClickException(str(fault)) from fault
    if as_json:
        print_json(rows)
    else:
        show(fleet, rows)


def show(fleet: str, rows: list[dict[str, Any]]) -> None:
    """Prints the table and what it comes to."""
    from rich.console import Console

    from epyc_assets.reports.leaderboard import chances, more_questions
    from epyc_assets.reports.model_pairs import left_out, pair_table, side_name

    console = Console(highlight=False, markup=False)
    first, one_pair = rows[0], len({(row["model_b"], row["config_id_b"]) for row in rows}) == 1
    console.print(f"A {side_name(first, 'a')}" + (f"\nB {side_name(first, 'b')}" if one_pair else ""))
    console.print()
    console.print(pair_table(rows, console.width))
    console.print()
    if one_pair and first["difference"] is not None:
        words = {"better": "A is better than B", "worse": "A is worse than B"}
        said = words.get(first["verdict"], "A and B are not told apart")
        console.print(f"Over all questions {said}: {chances(first)}.")
        if first["verdict"] not in words:
            console.print(more_questions(first))
    told = left_out(rows)
    if told:
        console.print(told)
    console.print(
        "p: exact McNemar test of this pair alone; adj.: adjusted for all pairs. more: common questions more that "
        "would tell among all pairs, if they go on differing like this (power 80 %).",
        style="dim",
    )
    if fleet == "demo":
        console.print("Figures of the demo fleet say nothing about real models.", style="dim")
