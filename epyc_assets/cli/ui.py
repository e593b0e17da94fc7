"""Starts the Dagster UI and daemon in the right home: what `make ui` runs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click


@click.command()
@click.option("--port", type=int, default=3000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="There is no password: keep it local.")
def command(port: int, host: str) -> None:
    """Start the Dagster webserver and daemon; stop them with Ctrl-C."""
    from epyc_assets.defs.instance import prepare_home
    from epyc_assets.warehouse.location import checkout_root

    home = prepare_home()
    program = Path(sys.executable).with_name("dagster")
    if shutil.which(str(program)) is None or shutil.which(str(program.with_name("dagster-webserver"))) is None:
        raise click.ClickException("the Dagster webserver is not installed: pip install -c constraints.txt -e '.[ui]'")
    click.echo(f"Dagster UI: http://{host}:{port}  (home: {home})")
    workspace = checkout_root() / "workspace.yaml"
    arguments = ["dev", "-w", str(workspace), "--host", host, "--port", str(port), "--log-level", "warning"]
    os.execv(program, [str(program), *arguments])


if __name__ == "__main__":
    command()
