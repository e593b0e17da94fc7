"""`epyc plot`: writes a plot of measured speed to a PNG file. Not here: drawing it (`reports.speed_plots`)."""

from __future__ import annotations

from pathlib import Path

import click

from epyc_assets.cli.printing import fleet_option

NAMES = ("overview", "drafts", "lookup", "experts", "roofline")


@click.command("plot")
@click.argument("name", type=click.Choice(NAMES))
@click.argument("model")
@fleet_option
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="File to write [NAME_MODEL.png].")
def command(name: str, model: str, fleet: str, output: Path | None) -> None:
    """Draw what was measured of a model, from the published snapshot, into a PNG file.

    overview: every config's speed-up. drafts: speed-up and acceptance over K. lookup: by kind of prompt. experts: pass
    rate against speed. roofline: against what the memory bandwidth allows.
    """
    from epyc_assets.benchmark.plan import require_known
    from epyc_assets.defs.scope import load_scope
    from epyc_assets.reports.speed_plots import PLOTS, speed_rows
    from epyc_assets.warehouse import Warehouse

    require_known([model], load_scope(fleet).fleet.models, "model", f"fleet {fleet}")
    with Warehouse().read() as connection:
        picture = PLOTS[name](speed_rows(connection, fleet, model))
    path = output or Path(f"{name}_{model}.png")
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}; name another file with --output") from error
    click.echo(f"{path} written")
