"""`epyc plot`: writes a plot of what was measured to a PNG file. Not here: drawing it (`reports.speed_plots`,
`reports.leaderboard_plot`)."""

from __future__ import annotations

from pathlib import Path

import click

from epyc_assets.cli.printing import fleet_option

LEADERBOARD = "leaderboard"
NAMES = ("overview", "drafts", "lookup", "experts", "roofline", LEADERBOARD)


@click.command("plot")
@click.argument("name", type=click.Choice(NAMES))
@click.argument("model", required=False)
@fleet_option
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="File to write [NAME_MODEL.png].")
def command(name: str, model: str | None, fleet: str, output: Path | None) -> None:
    """Draw what was measured of a model, or the leaderboard, from the published snapshot, into a PNG file.

    overview: every config's speed-up. drafts: speed-up and acceptance over K. lookup: by kind of prompt. experts: pass
    rate against speed. roofline: against what the memory bandwidth allows. leaderboard: pass rates of all models with
    their intervals, and which are not told apart; takes no model.
    """
    from epyc_assets.benchmark.plan import require_known
    from epyc_assets.defs.scope import load_scope
    from epyc_assets.reports.leaderboard import leaderboard_rows
    from epyc_assets.reports.leaderboard_plot import leaderboard_plot
    from epyc_assets.reports.speed_plots import PLOTS, speed_rows
    from epyc_assets.warehouse import Warehouse

    models = load_scope(fleet).fleet.models
    if (model is None) != (name == LEADERBOARD):
        raise click.UsageError("the leaderboard is of all models: name none" if model else f"{name} of which model?")
    require_known([model] if model else [], models, "model", f"fleet {fleet}")
    with Warehouse().read() as connection:
        if model is None:
            picture = leaderboard_plot(leaderboard_rows(connection, fleet), fleet)
        else:
            picture = PLOTS[name](speed_rows(connection, fleet, model))
    path = output or Path(f"{name}_{model or fleet}.png")
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}; name another file with --output") from error
    click.echo(f"{path} written")
