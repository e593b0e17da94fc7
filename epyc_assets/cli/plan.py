"""`epyc plan`: prints what a sweep would run. Not here: deciding that (`benchmark.plan`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json, print_rows

if TYPE_CHECKING:
    from epyc_assets.benchmark.plan import PlanRow


@click.command("plan")
@fleet_option
@click.option("--model", "models", multiple=True, help="Only this model; may be given several times.")
@json_option
def command(fleet: str, models: tuple[str, ...], as_json: bool) -> None:
    """Show what a sweep would run, and what it would not and why.

    Computed now from the registry, the last scan of model files and the answers there are; runs nothing.
    """
    from epyc_assets.defs.planning import present_plan
    from epyc_assets.defs.scope import load_scope
    from epyc_assets.warehouse import Warehouse

    plan = present_plan(Warehouse(), load_scope(fleet), models or None).plan
    if as_json:
        print_json([asdict(row) for row in plan.rows])
        return
    runnable = [row for row in plan.rows if row.status not in ("not_allowed", "no_file")]
    print_rows(_per_config(runnable), ["model", "config", *COUNTS, "reason"])
    refused = {(row.status, row.model, row.config, row.reason) for row in plan.rows} - {
        (row.status, row.model, row.config, row.reason) for row in runnable
    }
    for status, model, config, reason in sorted(refused):
        click.echo(f"{status}: {model}, {config}: {reason}")
    counts = Counter(row.status for row in plan.rows)
    click.echo("question sets: " + ", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    known_s = sum(row.estimated_s or 0.0 for row in plan.rows)
    estimate = f", about {known_s:,.0f} s where it can be told" if known_s else ""
    click.echo(f"a sweep would ask {len(plan.items)} questions{estimate}")


COUNTS = ("questions", "done", "missing", "stale", "failed")


def _per_config(rows: Sequence[PlanRow]) -> list[dict[str, object]]:
    """A model's config over all its question sets; --json has each set."""
    merged: dict[tuple[str, str], dict[str, object]] = {}
    for row in rows:
        whole = merged.setdefault((row.model, row.config), {"model": row.model, "config": row.config, "reason": ""})
        for name in COUNTS:
            whole[name] = int(str(whole.get(name, 0))) + getattr(row, name)
        whole["reason"] = row.reason or whole["reason"]
    return list(merged.values())
