"""`epyc plan`: prints what a sweep would run, and what it would not and why. Not here: deciding that
(`benchmark.plan`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json, print_rows

if TYPE_CHECKING:
    from epyc_assets.benchmark.loads import MeasuringGroup
    from epyc_assets.benchmark.plan import PlanRow
    from epyc_assets.defs.planning import PresentPlan

STATUSES = ("done", "missing", "stale", "failed", "no_file", "not_allowed")
COUNTS = ("questions", "done", "missing", "stale", "failed")
MOST_TOLD = 3
"""Models that are named in a group of exclusions; --reasons names all."""
MOST_LOADS_TOLD = 8
MOST_MODELS = 20


@click.command("plan")
@fleet_option
@click.option("--model", "models", multiple=True, help="Only this model, config by config; may be given several times.")
@click.option(
    "--preset", default="full", show_default=True, help="What a sweep of this preset would run: quick, nightly or full."
)
@click.option("--reasons", is_flag=True, help="Name every config that would not run, and every model's loads.")
@json_option
def command(fleet: str, models: tuple[str, ...], preset: str, reasons: bool, as_json: bool) -> None:
    """Show what a sweep would run, and what it would not and why: of the whole matrix, or of a preset.

    Computed now from the registry, the last scan of model files and what was answered and measured; runs nothing.
    With --json one row for each model, config and question set; the suite `speed` is the config's speed rounds.
    """
    from epyc_assets.benchmark.presets import DEFAULT_PRESET, PRESETS
    from epyc_assets.defs.planning import existing_warehouse, present_plan
    from epyc_assets.defs.scope import load_scope

    present = present_plan(existing_warehouse(), load_scope(fleet), models or None, preset=preset)
    rows = present.plan.rows
    if as_json:
        print_json([row.as_dict() for row in rows])
        return
    _print_counts(rows)
    runnable = [row for row in rows if row.status in STATUSES[:4]]
    if runnable:
        click.echo()
        shown = _per_config(runnable) if models else _per_model(runnable)
        print_rows(shown[: None if models else MOST_MODELS], ["model", "config", "to_measure", *COUNTS, "reason"])
        if len(shown) > MOST_MODELS and not models:
            click.echo(f"and {len(shown) - MOST_MODELS} more models; --model shows one, config by config")
    click.echo()
    for line in _exclusions(rows, present, whole=reasons):
        click.echo(line)
    click.echo()
    for line in _loads(present, preset, models, whole=reasons):
        click.echo(line)
    click.echo()
    _print_totals(present)
    click.echo(f"preset {preset}: {PRESETS[preset].summary}")
    if preset != DEFAULT_PRESET:
        click.echo(
            f"epyc sweep takes preset {DEFAULT_PRESET} unless told; epyc plan --preset {DEFAULT_PRESET} shows it"
        )


def _print_counts(rows: Sequence[PlanRow]) -> None:
    """Configs by technique and by the status of their speed; question sets in the last line."""
    from epyc_assets.benchmark.matrix import TECHNIQUES
    from epyc_assets.benchmark.plan import SPEED_SUITE

    counted: dict[str, Counter[str]] = {technique: Counter() for technique in TECHNIQUES}
    sets: Counter[str] = Counter()
    for row in rows:
        if row.suite == SPEED_SUITE:
            counted[row.technique][row.status] += 1
        else:
            sets[row.status] += 1
    lines: list[tuple[str, Counter[str]]] = [(name, found) for name, found in counted.items() if found]
    lines.append(("all speed", sum((found for _, found in lines), Counter())))
    lines.append(("question sets", sets))
    table = [
        {"": name, "all": found.total(), **{each: found[each] or None for each in STATUSES}} for name, found in lines
    ]
    print_rows(table, ["", "all", *STATUSES])


def _per_config(rows: Sequence[PlanRow]) -> list[dict[str, object]]:
    """A model's config over all its question sets and its speed; --json has each."""
    merged: dict[tuple[str, str], dict[str, object]] = {}
    for row in rows:
        whole = merged.setdefault((row.model, row.config), {"model": row.model, "config": row.config, "reason": ""})
        for name in COUNTS:
            whole[name] = int(str(whole.get(name, 0))) + getattr(row, name)
        whole["reason"] = row.reason or whole["reason"]
    return list(merged.values())


def _per_model(rows: Sequence[PlanRow]) -> list[dict[str, object]]:
    """A model's questions over all its configs, and its configs whose speed is to be measured."""
    from epyc_assets.benchmark.plan import SPEED_SUITE

    merged: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        whole = merged[row.model]
        if row.suite == SPEED_SUITE:
            whole["to_measure"] += row.status in ("missing", "stale")
        else:
            whole.update({name: getattr(row, name) for name in COUNTS})
    return [
        {"model": model, **{name: whole[name] for name in ("to_measure", *COUNTS)}} for model, whole in merged.items()
    ]


def _exclusions(rows: Sequence[PlanRow], present: PresentPlan, *, whole: bool) -> Iterator[str]:
    """Every reason why something would not run. Reasons that differ only in the names of models and files are one
    line, unless few models have it."""
    refused = {
        (row.status, row.model, row.config): row.reason or ""
        for row in rows
        if row.status in ("not_allowed", "no_file", "failed")
    }
    if whole:
        yield from (f"{status}: {model}, {config}: {reason}" for (status, model, config), reason in refused.items())
        return
    names = _names(present)
    groups: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (status, model, _), reason in refused.items():
        groups[(status, _without_names(reason, names))][model].append(reason)
    for (status, wording), models in sorted(groups.items()):
        configs = sum(len(reasons) for reasons in models.values())
        distinct = {reason for reasons in models.values() for reason in reasons}
        if len(models) <= MOST_TOLD:
            for model, reasons in models.items():
                for reason, count in Counter(reasons).items():
                    yield f"{status}: {model}, {_counted(count, 'config')}: {reason}"
            continue
        told = ", ".join(list(models)[:MOST_TOLD])
        shown = distinct.pop() if len(distinct) == 1 else wording
        of = f"{_counted(configs, 'config')} of {len(models)} models ({told} and {len(models) - MOST_TOLD} more)"
        yield f"{status}: {of}: {shown}"


def _names(present: PresentPlan) -> frozenset[str]:
    models = present.conditions.fleet.models
    return frozenset([*models, *(model.file for model in models.values() if model.file)])


def _without_names(reason: str, names: frozenset[str]) -> str:
    """The reason with `...` for the names of models and files in it."""
    return " ".join("..." if word.rstrip(":,;") in names else word for word in reason.split(" "))


def _loads(present: PresentPlan, preset: str, models: Sequence[str], *, whole: bool) -> Iterator[str]:
    """What measuring each preset would load, and for the chosen one how the loads of each model are held and why."""
    from epyc_assets.benchmark.presets import PRESETS

    rounds = present.conditions.fleet.speed_rounds.least
    yield f"loads to measure all that is allowed, in {rounds} rounds:"
    groups: Mapping[str, list[MeasuringGroup]] = {name: present.groups_of(name, models or None) for name in PRESETS}
    for name, found in groups.items():
        configs = sum(len(group.items) for group in found)
        several = [group for group in found if len(group.loads) > 1]
        alternating = sum(not group.side_by_side for group in several)
        loads = sum(group.load_count(rounds) for group in found)
        lost = [group.alternating_s(rounds) for group in several if not group.side_by_side]
        cost = f" (about {sum(each or 0 for each in lost):,.0f} s of loading more)" if any(lost) else ""
        yield (
            f"  {name}: {_counted(loads, 'load')} for {_counted(configs, 'config')} "
            f"of {_counted(len(found), 'model')}; {len(found) - len(several)} need one, "
            f"{len(several) - alternating} hold several side by side, {alternating} alternate{cost}"
        )
    told = [group for group in groups[preset] if whole or len(group.loads) > 1]
    # Those that cost something first.
    told.sort(key=lambda group: (group.side_by_side, -len(group.loads)))
    for group in told if whole else told[:MOST_LOADS_TOLD]:
        yield f"  {group.model.name}, {group.sentence(rounds)}"
    if not whole and len(told) > MOST_LOADS_TOLD:
        yield f"  and {len(told) - MOST_LOADS_TOLD} more models with several loads; --reasons has them"


def _print_totals(present: PresentPlan) -> None:
    from epyc_assets.benchmark.plan import SPEED_SUITE

    plan = present.plan
    known_s = {True: 0.0, False: 0.0}
    for row in plan.rows:
        known_s[row.suite == SPEED_SUITE] += row.estimated_s or 0.0
    estimates = {
        kind: f", about {seconds:,.0f} s where it can be told" if seconds else "" for kind, seconds in known_s.items()
    }
    click.echo(f"a sweep would ask {len(plan.items)} questions{estimates[False]}")
    measured = len(plan.speed_items)
    click.echo(
        f"to be measured: {_counted(measured, 'config')} of {_counted(len(plan.groups), 'model')} "
        f"on {len(present.prompts)} prompts{estimates[True]}"
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
