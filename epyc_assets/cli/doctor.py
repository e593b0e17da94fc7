"""`epyc doctor`: prints the diagnosis of the installation. Not here: how it is found (`defs.diagnosis`)."""

from __future__ import annotations

import click

from epyc_assets.cli.printing import json_option, print_json


@click.command("doctor")
@click.option("--repair", is_flag=True, help="End runs whose process was killed and free their pool slots.")
@json_option
def command(repair: bool, as_json: bool) -> None:
    """Say what is installed, what is missing, who holds the locks, and what to do.

    Ends with 1 when something is wrong, with 0 when all is well or only something optional is missing.
    """
    from epyc_assets.defs.diagnosis import diagnose

    findings = diagnose(repair=repair)
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    else:
        marks = {"ok": "ok  ", "optional": "-   ", "wrong": "WRONG"}
        for finding in findings:
            click.echo(f"{marks[finding.status]:6}{finding.subject}: {finding.found}")
            if finding.advice:
                click.echo(f"      -> {finding.advice}")
    if any(finding.status == "wrong" for finding in findings):
        raise click.exceptions.Exit(1)
