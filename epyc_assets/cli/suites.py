"""`epyc suites`: what questions there are, whether they can be trusted, and importing them from files.

Not here: the layouts (epyc_assets.suites), the validator (epyc_assets.benchmark.question_validation).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epyc_assets.cli import suites_public
from epyc_assets.cli.printing import fleet_option, json_option, print_json, print_rows, tell_failed_checks

if TYPE_CHECKING:
    from epyc_assets.benchmark.suite_sources import SuiteSource

SOURCES = ("generated", "demo", "shipped", "imported")
NOTES_SHOWN = 12
_source_option = click.option(
    "--source", type=click.Choice(SOURCES), help="Only this source; left out: all that the suite has."
)
_seed_option = click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the drawing.")


@click.group("suites")
def command() -> None:
    """List the question suites, show, check and import questions."""


command.add_command(suites_public.command)


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """One row per suite and source: how many questions, of which tiers and scorers."""
    rows = [_listed(source) for source in _sources(None, None, 12, 1)]
    if as_json:
        print_json(rows)
        return
    shown = [
        {**row, "tiers": " ".join(map(str, row["tiers"])), "scorers": " ".join(row["scorers"]), "questions": _many(row)}
        for row in rows
    ]
    print_rows(shown, ["suite", "source", "questions", "tiers", "scorers", "file", "fault"])


@command.command("show")
@click.argument("suite")
@_source_option
@click.option("--tier", type=click.IntRange(1, 3), help="Only this tier.")
@_seed_option
@click.option("--count", type=click.IntRange(1, 100_000), default=5, show_default=True, help="Questions to show.")
@json_option
def show_command(suite: str, source: str | None, tier: int | None, seed: int, count: int, as_json: bool) -> None:
    """Show questions of SUITE with their reference answers, drawn with --seed as a question set draws them."""
    tiers = (1, 2, 3) if tier is None else (tier,)
    shown: list[dict[str, Any]] = []
    found = list(_sources(suite, source, count, seed, tiers))
    for each in found:
        if each.fault:
            click.echo(f"{each.suite} ({each.source}): {each.fault}", err=True)
        shown += _selected(each, count, seed, tiers)
        if source is None and shown:
            break
    if not found:
        raise _unknown_suite(suite, source)
    if as_json:
        print_json(shown)
        return
    for row in shown:
        click.echo(f"[{row['suite']} tier {row['tier']}, {row['source']}, {row['id']}]")
        click.echo(f"{row['prompt']}\n-> {row['expected'] or '(no reference answer)'}   ({row['scorer']})\n")


@command.command("check")
@click.argument("suite", metavar="[SUITE or FILE]", required=False)
@_source_option
@_seed_option
@click.option("--count", type=click.IntRange(1, 10_000), default=12, show_default=True, help="Of each generator.")
@click.option(
    "--code-runs", type=click.IntRange(0), default=24, show_default=True, help="Programs to run per suite and source."
)
@click.option("--notes", is_flag=True, help="Print notes too: what could not be checked.")
@json_option
def check_command(
    suite: str | None, source: str | None, seed: int, count: int, code_runs: int, notes: bool, as_json: bool
) -> None:
    """Look whether questions can be trusted; exit code 1 when one cannot be used as it is.

    Right answers are worked out a second way where there is one, every scorer is tried with the reference answer and
    with wrong ones, repeats and near-duplicates are named. Files are looked at whole, generators by a sample. A FILE
    in our layout (docs/suites.md) is looked at before anybody asks its questions.
    """
    from epyc_assets.benchmark.suite_sources import file_source, finding_rows, repeated_across, validate_source

    rows: list[dict[str, Any]] = []
    examined = verified = left_out = sources = 0
    path = Path(suite) if suite is not None and suite.endswith((".yaml", ".yml")) else None
    looked_at = [file_source(path)] if path is not None else list(_sources(suite, source, count, seed))
    for each in looked_at:
        found = validate_source(each, code_runs=code_runs)
        rows += finding_rows(found.findings)
        sources += 1
        examined, verified = examined + found.examined, verified + len(found.verified)
        left_out += found.code_left_out
    if not sources and suite is not None:
        raise _unknown_suite(suite, source)
    rows += finding_rows(repeated_across(looked_at))
    errors = sum(row["severity"] == "error" for row in rows)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            if row["severity"] != "note" or notes:
                where = row["place"] or f"{row['suite']} ({row['source']})"
                who = f" {row['name']}" if row["name"] else ""
                click.echo(f"{row['severity']}: {where}{who}: {row['check']}: {row['detail']}")
    warnings = sum(row["severity"] == "warning" for row in rows)
    click.echo(
        f"{examined:,} questions from {sources} sources looked at, {verified:,} answers confirmed a second way, "
        f"{left_out:,} programs not run (--code-runs): {errors} errors, {warnings} warnings.",
        err=True,
    )
    if errors:
        raise click.exceptions.Exit(1)


@command.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@fleet_option
@json_option
def import_command(paths: tuple[Path, ...], fleet: str, as_json: bool) -> None:
    """Read question files in one of the layouts of docs/suites.md; of a folder, all .yaml and .yml files below it.

    Every question becomes one of ours or a row in `rejects` with its reason. A question set with `source: imported`
    asks them. Importing a file again replaces what it gave before.
    """
    from epyc_assets.defs.execution import import_suites
    from epyc_assets.warehouse import Warehouse
    from epyc_assets.warehouse.stored_query import run_stored_query

    files = _files(paths)
    report = import_suites(fleet, files)
    with Warehouse().read(live=True) as connection:
        present = run_stored_query(connection, "imported_suites_present").to_dicts()
        origins = {str(file.expanduser().resolve()) for file in files}
        rows = [_imported(row) for row in present if row["origin"] in origins]
        rejects = run_stored_query(connection, "rejects_of_sources", sources=json.dumps(sorted(origins))).to_dicts()
    if as_json:
        print_json(rows)
    else:
        heads = {
            "name": "name",
            "entries": "entries",
            "questions": "taken",
            "rejects": "rejects",
            "needs_judge": "judge",
        }
        print_rows([{head: row[key] for key, head in heads.items()} for row in rows], list(heads.values()))
        for row in rows:
            _print_notes(row)
        for reject in rejects[:NOTES_SHOWN]:
            where = Path(reject["source"]).name
            click.echo(f"rejected: {where}: {reject['location']}: {' '.join(reject['reason'].split())}", err=True)
        if len(rejects) > NOTES_SHOWN:
            click.echo(f"and {len(rejects) - NOTES_SHOWN} more in table rejects", err=True)
    tell_failed_checks(report, only_blocking=True)
    if rows and not any(row["questions"] for row in rows):
        raise click.exceptions.Exit(1)


def _sources(
    suite: str | None, source: str | None, sample: int, seed: int, tiers: tuple[int, ...] = (1, 2, 3)
) -> Iterable[SuiteSource]:
    from epyc_assets.benchmark.suite_sources import suite_sources
    from epyc_assets.warehouse.location import checkout_root, data_directory

    wanted = SOURCES if source is None else (source,)
    return suite_sources(
        checkout_root(),
        data_directory(create=False),
        suite=suite,
        sources=wanted,
        sample=sample,
        seed=seed,
        tiers=tiers,
    )


def _unknown_suite(suite: str, source: str | None) -> click.UsageError:
    there_are = sorted({each.suite for each in _sources(None, source, 1, 1, (1,))})
    where = "" if source is None else f" with source {source}"
    return click.UsageError(f"There is no suite {suite!r}{where}; there are {', '.join(there_are) or 'none'}.")


def _listed(source: SuiteSource) -> dict[str, Any]:
    questions = [each.question for each in source.questions]
    return {
        "suite": source.suite,
        "source": source.source,
        "questions": None if source.is_generator else len(questions),
        "tiers": sorted({each.tier for each in questions}),
        "scorers": sorted({each.scorer for each in questions}),
        "version": source.version,
        "file": source.file,
        "fault": source.fault,
    }


def _many(row: dict[str, Any]) -> str:
    return "unlimited" if row["questions"] is None else str(row["questions"])


def _selected(source: SuiteSource, count: int, seed: int, tiers: tuple[int, ...]) -> list[dict[str, Any]]:
    from epyc_assets.suites.suite_file import select_questions

    names = {each.question.question_id: each.name for each in source.questions}
    questions = [each.question for each in source.questions if each.question.tier in tiers]
    if not source.is_generator:
        questions = select_questions(questions, min(count, len(questions)), seed=seed, tiers=tiers)
    return [
        {
            "id": names[question.question_id],
            "suite": question.suite,
            "source": source.source,
            "tier": question.tier,
            "prompt": question.prompt,
            "expected": question.expected,
            "scorer": question.scorer,
            "scorer_config": dict(question.scorer_config),
            "max_tokens": question.max_tokens,
            "question_id": question.question_id,
        }
        for question in questions[:count]
    ]


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise click.UsageError(f"There is no file or folder {path}.")
        if path.is_dir():
            inside = sorted(
                each for each in path.rglob("*") if each.suffix.lower() in (".yaml", ".yml") and each.is_file()
            )
            if not inside:
                raise click.UsageError(
                    f"The folder {path} has no .yaml or .yml files, and neither have its subfolders."
                )
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _imported(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "mapped": json.loads(row["mapped"]), "notes": json.loads(row["notes"])}


def _counted(count: int) -> str:
    return "1 question" if count == 1 else f"{count} questions"


def _print_notes(row: dict[str, Any]) -> None:
    click.echo(f"{row['name']} ({row['origin']})")
    for mapping, count in row["mapped"].items():
        click.echo(f"  {_counted(count)}: {mapping}")
    for note, count in row["notes"].items():
        click.echo(f"  {_counted(count)}: {note}")
