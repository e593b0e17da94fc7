"""`epyc fleet`: training the demo fleet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from epyc_assets.cli.printing import json_option, print_json, print_rows


@click.group("fleet")
def command() -> None:
    """Train the demo fleet."""


@command.command("train")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the GGUF files and their manifest [default: models/fleet in the data directory].",
)
@click.option("--model", "models", multiple=True, help="Only this model; may be given several times.")
@click.option("--seed", type=int, default=0, show_default=True, help="0 is that of the shipped files.")
@click.option(
    "--minutes-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Train so many times as long; small values give poor models quickly.",
)
@json_option
def train(output: Path | None, models: tuple[str, ...], seed: int, minutes_scale: float, as_json: bool) -> None:
    """Train the demo fleet's models from scratch, as the shipped ones were: some 40 minutes on two cores.

    Each model's file and manifest entry are written as soon as it is trained. To use the result, point
    EPYC_MODEL_ROOT at the folder: it comes before the shipped files.
    """
    try:
        import torch  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError:
        raise click.ClickException(
            "training needs torch, which is not installed: pip install -c constraints.txt -e '.[train]'"
        ) from None
    from epyc_assets.fleet.train import train_fleet
    from epyc_assets.warehouse.location import model_directory

    folder = output or model_directory() / "fleet"
    entries = train_fleet(
        folder,
        seed=seed,
        minutes_scale=minutes_scale,
        only=models or None,
        progress=lambda line: click.echo(line, err=True),
    )
    rows = [asdict(entry) for entry in entries]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ["file", "parameters", "steps", "final_loss", "training_s"])
        click.echo(f"written to {folder}")
