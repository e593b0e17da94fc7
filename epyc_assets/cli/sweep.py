"""`epyc sweep`: options in, progress and leaderboard out. Not here: what runs (`defs.execution`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json, sweep_progress, tell_failed_checks

if TYPE_CHECKING:
    from epyc_assets.defs.benchmarks import SweepConfig


@click.command("sweep")
@fleet_option
@click.option("--model", "models", multiple=True, help="Only this model; may be given several times.")
@click.option(
    "--suite",
    "suites",
    multiple=True,
    help="Only this suite, or `speed` for the speed rounds; may be given several times.",
)
@click.option("--preset", default="nightly", show_default=True, help="How much of the matrix: quick, nightly or full.")
@click.option("--technique", "techniques", multiple=True, help="Only this technique, such as moe or spec+lookup.")
@click.option("--questions", type=click.IntRange(min=1), help="Only the first so many questions of each suite.")
@click.option("--retry-failed", is_flag=True, help="Try again what failed as often as is tried.")
@json_option
def command(
    fleet: str,
    models: tuple[str, ...],
    suites: tuple[str, ...],
    preset: str,
    techniques: tuple[str, ...],
    questions: int | None,
    retry_failed: bool,
    as_json: bool,
) -> None:
    """Ask models what they have not answered, measure their configs' speed, then score and rank.

    Materializes the same assets as the UI. What is answered or measured already is not done again; stop it at any time
    and start it again, it goes on after the last answer. With --json the leaderboard's rows are printed.
    """
    from epyc_assets.defs.benchmarks import SweepConfig

    config = SweepConfig(
        suites=list(suites),
        questions_per_suite=questions or 0,
        retry_failed=retry_failed,
        preset=preset,
        techniques=list(techniques),
    )
    run_and_show(fleet, models, config, as_json)


def run_and_show(fleet: str, models: tuple[str, ...], config: SweepConfig, as_json: bool) -> None:
    """Runs a sweep with progress, says what went wrong, prints the leaderboard."""
    from epyc_assets.cli.leaderboard import show
    from epyc_assets.defs.execution import sweep_fleet
    from epyc_assets.reports.leaderboard import leaderboard_rows
    from epyc_assets.warehouse import Warehouse

    only_speed = list(config.suites) == ["speed"]
    with sweep_progress(quiet=as_json) as (on_stage, on_progress):
        report = sweep_fleet(fleet, models=models, config=config, on_stage=on_stage, on_progress=on_progress)
    if not report.models and not as_json:
        click.echo("Nothing was missing or stale.", err=True)
    for name, reason in report.not_loaded.items():
        click.echo(f"{name} could not be loaded and was not asked: {reason}", err=True)
    for name, reason in report.failed_runs.items():
        click.echo(f"{name} was not asked to the end: {reason}", err=True)
    tell_failed_checks(report)
    with Warehouse().read() as connection:
        rows = leaderboard_rows(connection, fleet)
    if as_json:
        print_json(rows)
    else:
        if any(row["total_scored"] for row in rows) or not only_speed:
            show(fleet, rows)
        if only_speed:
            chosen = report.models[0] if len(report.models) == 1 else "MODEL"
            click.echo(f"Next: epyc recommend {chosen} --fleet {fleet}; epyc plot overview {chosen} --fleet {fleet}")
    if report.failed_runs:
        raise click.exceptions.Exit(1)
