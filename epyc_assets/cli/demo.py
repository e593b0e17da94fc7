"""`epyc demo`: the whole platform on the demo fleet. Not here: what a sweep does (`sweep`)."""

from __future__ import annotations

import click

from epyc_assets.cli.printing import tell_failed_checks

NEXT = (
    ("look at the graph", "make ui                         # then open http://127.0.0.1:3000"),
    ("ask in SQL", 'epyc sql "SELECT model, suite, pass_ratio, pass_low, pass_high FROM suite_summary"'),
    ("what makes it faster", "epyc recommend demo-moe"),
    ("add a model of your own", "epyc models add FILE.gguf --fleet mine && epyc sweep --fleet mine"),
)


@click.command("demo")
def command() -> None:
    """Run the whole platform on the demo fleet and print its leaderboard.

    Loads real, if tiny, GGUF models, asks them questions, scores the answers. A second run finds nothing stale.
    """
    from epyc_assets.cli.sweep import run_and_show
    from epyc_assets.defs.benchmarks import SweepConfig

    _catalogue_once()
    run_and_show("demo", (), SweepConfig(preset="quick"), as_json=False)
    click.echo("\nNext:")
    for what, how in NEXT:
        click.echo(f"  {what + ':':26}{how}")


def _catalogue_once() -> None:
    """Checks the suites' questions and lists them in the warehouse, where that was not done before."""
    import contextlib

    from epyc_assets.defs.execution import catalogue_suites
    from epyc_assets.warehouse import NothingPublished, Warehouse

    with contextlib.suppress(NothingPublished), Warehouse().read() as connection:
        if connection.execute("SELECT count(*) FROM suite_catalogue").fetchall()[0][0]:
            return
    click.echo("checking the questions of all suites", err=True)
    tell_failed_checks(catalogue_suites("demo"))
