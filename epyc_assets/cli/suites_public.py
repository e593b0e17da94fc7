"""`epyc suites public`: the local copies of public sets, what is in them, and which files are missing.

Not here: reading the copies (epyc_assets.suites.public), the other suites (`suites`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from epyc_assets.cli.printing import json_option, print_json, print_rows

if TYPE_CHECKING:
    from epyc_assets.suites.public.inventory import InventoryEntry

_SHOWN = 10


@click.command("public")
@click.argument("suite", required=False)
@click.option(
    "--questions", type=click.IntRange(0, 10_000), default=0, help="With SUITE: show so many questions of it."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the questions that are shown.")
@json_option
def command(suite: str | None, questions: int, seed: int, as_json: bool) -> None:
    """Show which public sets have a local copy and how many questions per tier; SUITE: one of them in detail.

    A copy lies in the folder EPYC_DATASETS_DIR (else `datasets` in the data directory), one folder per suite.
    """
    from epyc_assets.suites.public import ADAPTERS
    from epyc_assets.suites.public.inventory import inventory
    from epyc_assets.warehouse.location import datasets_directory

    if suite is not None and suite not in ADAPTERS:
        raise click.BadParameter(f"{suite!r} is no public set; there are {', '.join(ADAPTERS)}.", param_hint="SUITE")
    entries = list(inventory([ADAPTERS[suite]] if suite else ADAPTERS.values(), datasets_directory()))
    rows = [entry.as_dict() for entry in entries]
    if suite is not None:
        _detail(entries[0], questions, seed, as_json)
        return
    if as_json:
        print_json(rows)
        return
    click.echo(f"Local copies are looked for in {datasets_directory()}\n")
    found = [row for row in rows if row["status"] == "found"]
    if found:
        print_rows(found, ["suite", "questions", "tier_1", "tier_2", "tier_3", "rejects", "left_out"])
        click.echo()
    for entry, row in zip(entries, rows, strict=True):
        if row["status"] == "unusable":
            click.echo(f"{entry.adapter.suite}: {entry.problem}")
    missing = [entry for entry in entries if entry.status == "missing"]
    if missing:
        click.echo("Not there:")
    for entry in missing:
        click.echo(f"  {entry.adapter.suite}/: {'; '.join(entry.adapter.expects)}")


def _detail(entry: InventoryEntry, questions: int, seed: int, as_json: bool) -> None:
    """One set: where it is, what was read, why rows are not asked, and questions as a model gets them."""
    from epyc_assets.suites.public.inventory import shown_questions

    drawn = shown_questions(entry.copy, questions, seed) if entry.copy else []
    row = entry.as_dict()
    copy = entry.copy
    rejects = [f"{each.source} {each.location}: {each.reason}" for each in copy.rejects] if copy else []
    left_out = dict(copy.left_out) if copy else {}
    if as_json:
        asked = [
            {
                "id": each.question_id,
                "tier": each.tier,
                "prompt": each.prompt,
                "expected": each.expected,
                "scorer": each.scorer,
                "scorer_config": each.scorer_config,
            }
            for each in drawn
        ]
        print_json([{**row, "reasons_left_out": left_out, "reasons_rejected": rejects, "shown": asked}])
        return
    click.echo(f"{row['title']} ({row['suite']}): {row['status']} in {row['folder']}")
    click.echo(f"Licence: {row['licence']}")
    if copy is None:
        click.echo(entry.problem)
        return
    tiers = ", ".join(f"tier {tier}: {count}" for tier, count in copy.per_tier().items())
    click.echo(f"{row['questions']} questions of the {row['split']} split ({tiers}), version {row['version']}")
    click.echo(f"Files: {', '.join(copy.files[:_SHOWN])}{' ...' if len(copy.files) > _SHOWN else ''}")
    for reason, count in left_out.items():
        click.echo(f"Left out, {count} rows: {reason}")
    for reject in rejects[:_SHOWN]:
        click.echo(f"Not usable: {reject}")
    if len(rejects) > _SHOWN:
        click.echo(f"... and {len(rejects) - _SHOWN} more that are not usable")
    for question in drawn:
        click.echo(f"\n[tier {question.tier}, {question.question_id}]\n{question.prompt}")
        click.echo(f"-> {question.expected or '(no reference answer)'}   ({question.scorer})")
