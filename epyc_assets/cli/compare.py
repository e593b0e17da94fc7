"""`epyc compare`: two selections in, a line for each model and kind of prompt out. Not here: what is compared with what
and how (`benchmark.comparison`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json, sweep_progress

if TYPE_CHECKING:
    from epyc_assets.benchmark.comparison import Comparison
    from epyc_assets.benchmark.selection import Selection
    from epyc_assets.defs.comparing import MeasuredRounds
    from epyc_assets.defs.scope import Scope
    from epyc_assets.inference.config import Config

MOST_NAMED = 5
"""Configs that are named of those not measured."""


@click.command("compare")
@click.option(
    "--a", "text_a", metavar="SELECTION", required=True, help="What is compared with, as key=value,key=value."
)
@click.option("--b", "text_b", metavar="SELECTION", required=True, help="The other side, likewise.")
@fleet_option
@click.option("--model", "models", multiple=True, help="Only this model; may be given several times.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind of prompt, or `all`; may be given several times.")
@click.option("--measure", is_flag=True, help="Measure first what the selections mean and has no rounds yet.")
@json_option
def command(
    text_a: str,
    text_b: str,
    fleet: str,
    models: tuple[str, ...],
    kinds: tuple[str, ...],
    measure: bool,
    as_json: bool,
) -> None:
    """Compare the speed of any two selections of measured configs.

    Keys: model, quantisation, backend, host, build, config (id or words), technique, draft, k, n, experts, threads,
    batch_threads, batch_tokens, micro_batch_tokens, flash_attention, kv_type, mmap, numa_policy, library, env.NAME and
    kind. What neither selection names must be alike on both sides. Ratios are B over A, above 1 is faster; round by
    round where both were measured together, else marked as not paired.
    """
    from epyc_assets.benchmark.plan import require_known
    from epyc_assets.benchmark.selection import SelectionFault, parse_selection
    from epyc_assets.defs.comparing import compared, means_nothing, measured_rounds, not_measured
    from epyc_assets.defs.scope import load_scope
    from epyc_assets.warehouse import Warehouse

    try:
        a, b = parse_selection(text_a), parse_selection(text_b)
    except SelectionFault as fault:
        raise click.UsageError(str(fault)) from fault
    scope = load_scope(fleet)
    require_known(models, scope.fleet.models, "model", f"fleet {fleet}")
    if measure:
        missing = not_measured(scope, measured_rounds(Warehouse(), fleet, models), (a, b), models)
        _measure(fleet, missing, quiet=as_json)
    rounds = measured_rounds(Warehouse(), fleet, models)
    if rounds is None:
        _say_what_to_measure(scope, rounds, (a, b), models, as_json)
        return
    _require_kinds([*kinds, *a.kinds, *b.kinds], rounds)
    try:
        found = compared(rounds, a, b, kinds)
    except SelectionFault as fault:
        missing = not_measured(scope, rounds, [each for each in (a, b) if means_nothing(rounds, each)], models)
        if not missing:
            raise click.UsageError(str(fault)) from fault
        raise click.ClickException("\n".join([str(fault), *_to_measure(fleet, missing)])) from fault
    if as_json:
        print_json([each.as_dict() for each in found])
    else:
        _show(found, fleet)


def _require_kinds(kinds: Sequence[str], rounds: MeasuredRounds) -> None:
    from epyc_assets.registry.faults import nearest

    known = ["all", *rounds.kinds]
    for kind in kinds:
        if kind not in known:
            raise click.UsageError(
                f"nothing was measured on prompts of kind {kind!r}{nearest(kind, known)}; there is: {', '.join(known)}"
            )


def _measure(fleet: str, missing: Mapping[str, Sequence[Config]], *, quiet: bool) -> None:
    """Measures what is missing, model by model."""
    if not missing:
        return
    from epyc_assets.defs.comparing import WIDEST_PRESET
    from epyc_assets.defs.execution import measure_speed

    with sweep_progress(quiet=quiet) as (on_stage, on_progress):
        for model, configs in missing.items():
            on_stage(f"measuring {len(configs)} configs of {model}")
            measure_speed(
                fleet,
                model,
                preset=WIDEST_PRESET,
                config_ids=[config.config_id for config in configs],
                on_stage=on_stage,
                on_progress=on_progress,
            )


def _say_what_to_measure(
    scope: Scope,
    rounds: MeasuredRounds | None,
    selections: Sequence[Selection],
    models: Sequence[str],
    as_json: bool,
) -> None:
    """Where there are no rounds at all: an empty result, and how to get some."""
    from epyc_assets.defs.comparing import not_measured

    if as_json:
        print_json([])
        return
    click.echo(f"No speed rounds are measured in fleet {scope.fleet.name} yet.")
    for line in _to_measure(scope.fleet.name, not_measured(scope, rounds, selections, models)):
        click.echo(line)


def _to_measure(fleet: str, missing: Mapping[str, Sequence[Config]]) -> Iterator[str]:
    """What is not measured yet, and the command that measures it."""
    from epyc_assets.defs.comparing import WIDEST_PRESET

    for model, configs in missing.items():
        names = [config.name for config in configs[:MOST_NAMED]]
        more = f" and {len(configs) - MOST_NAMED} more" if len(configs) > MOST_NAMED else ""
        yield f"not measured yet: {model}: {'; '.join(names)}{more}"
        techniques = " ".join(f"--technique {name}" for name in dict.fromkeys(each.technique for each in configs))
        where = f"--fleet {fleet} --model {model}"
        yield f"Run: epyc sweep {where} --suite speed --preset {WIDEST_PRESET} {techniques}"


def _show(found: Sequence[Comparison], fleet: str) -> None:
    from rich.console import Console
    from rich.padding import Padding

    console = Console(highlight=False, markup=False)
    if not found:
        console.print("Both sides were measured, but no round of both is complete for these kinds of prompt.")
        return
    header: tuple[str, ...] = ()
    for each in found:
        now = _header(each)
        if now != header:
            console.print("\n".join([*([""] if header else []), *now]))
            header = now
        first, *rest = _line(each)
        console.print(first)
        for text in rest:
            console.print(Padding(text, (0, 0, 0, 2), expand=False))
    if fleet == "demo":
        console.print("Figures of the demo fleet say nothing about real models.", style="dim")


def _header(each: Comparison) -> tuple[str, ...]:
    """The two sides: their configs, and what else differs."""
    from epyc_assets.benchmark.selection import PLACE_KEYS, RUNTIME_KEYS, UNSET

    lines = []
    for place, (side, own) in enumerate((("A", each.a), ("B", each.b))):
        differing = {key: values[place] or "unknown" for key, values in each.differs.items()}
        words = [f"{key} {differing[key]}" for key in PLACE_KEYS if key in differing and key != "model"]
        # What the config itself sets is in its name already.
        inherited = [key for key in RUNTIME_KEYS if key in differing and own.own_facts[key] == (UNSET,)]
        words += [f"{key} {differing[key]}" for key in inherited]
        lines.append(f"{side} {own.config}" + (f" ({', '.join(words)})" if words else ""))
    return tuple(lines)


def _line(each: Comparison) -> Iterator[str]:
    model = each.a.model if each.a.model == each.b.model else f"{each.a.model} -> {each.b.model}"
    yield f"{model}, {each.prompt_kind}: {each.sentence()}"
    disturbed = each.contended_a + each.contended_b
    notes = [f"{each.rounds} {'paired rounds' if each.paired else 'rounds or more on each side, not paired'}"]
    if not each.paired:
        notes.append("what changed between the two measurements is in it")
    if disturbed:
        notes.append(f"{each.contended_a} and {each.contended_b} of them disturbed by other work")
    yield "; ".join(notes)
