"""`epyc fleet`: training the demo fleet."""

from __future__ import annotations

from pathlib import Path

import click


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
@click.option("--seed", type=int, default=None, help="Another seed than the one the shipped files were made with.")
@click.option(
    "--minutes-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Train so many times as long; small values give poor models quickly.",
)
def train(output: Path | None, models: tuple[str, ...], seed: int | None, minutes_scale: float) -> None:
    """Train the demo fleet's models from scratch, as the shipped ones were. Needs torch and some patience."""
