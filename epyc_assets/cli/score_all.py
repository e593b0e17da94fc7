"""`epyc score all`: scores stored answers, and builds what rests on scores. Not here: scoring, `epyc score one`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from epyc_assets.cli.printing import json_option, print_json, print_rows, progress_bars, tell_failed_checks

if TYPE_CHECKING:
    from rich.progress import TaskID

    from epyc_assets.defs.due_scores import ScoringProgress


@click.command("all")
@click.option("--fleet", default=None, help="Only answers of this fleet's models.  [default: all fleets]")
@click.option("--scorer", default=None, help="Only answers to questions with this scorer.  [default: all scorers]")
@json_option
def score_all(fleet: str | None, scorer: str | None, as_json: bool) -> None:
    """Score stored answers that have no verdict of their scorer's present version, then rebuild the leaderboard.

    Runs no model. Programs that waited for a sandbox are scored once there is one. Stopped or killed, it goes on where
    it was. Prints how many answers were scored anew, per scorer and status.
    """
    from epyc_assets.defs.execution import score_stored
    from epyc_assets.scoring.catalogue import UnknownScorer, scorer_named

    if scorer is not None:
        try:
            scorer_named(scorer)
        except UnknownScorer as error:
            raise click.UsageError(str(error)) from error
    with _progress(quiet=as_json) as (on_stage, on_progress):
        report, result = score_stored(fleet, scorer, on_stage=on_stage, on_progress=on_progress)
    tell_failed_checks(report)
    if as_json:
        print_json(result.rows)
        return
    if not result.rows:
        click.echo("Every stored answer has a verdict of its scorer's present version.")
        return
    print_rows(result.rows, ["scorer", "status", "answers", "passed"])
    click.echo(f"\n{result.newly_scored:,} answers scored, {result.answers_per_s:,.0f} per second.")
    click.echo("Next: epyc leaderboard")


@contextmanager
def _progress(quiet: bool) -> Iterator[tuple[Callable[[str], None], Callable[[ScoringProgress], None]]]:
    """Two callbacks that draw on standard error: a stage in words, and how far scoring is."""
    bars, stage = progress_bars(quiet)
    tasks: list[TaskID] = []

    def scored(progress: ScoringProgress) -> None:
        if not tasks:
            tasks.append(bars.add_task("scoring", total=progress.total, state=""))
        state = f"{progress.done:,}/{progress.total:,} at {progress.answers_per_s:,.0f}/s"
        bars.update(tasks[0], completed=progress.done, total=progress.total, state=state)

    with bars:
        yield stage, scored
