"""`epyc recommend`: prints a model's recommended config and how to start it. Not here: the choice
(`benchmark.recommendation`) and the text of the commands (`inference.launch_command`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from epyc_assets.cli.printing import fleet_option, json_option, print_json

if TYPE_CHECKING:
    from epyc_assets.defs.recommending import Recommendation

QUALITY = {
    "baseline": "it is the baseline: the model as it is",
    "inherited": "as the baseline's: greedy answers are the same but for near ties",
    "within_tolerance": "as good as the baseline's within the tolerance, on the same questions",
}


@click.command("recommend")
@click.argument("model")
@fleet_option
@json_option
def command(model: str, fleet: str, as_json: bool) -> None:
    """Print the config to use for a model, and the commands that start it.

    It is the fastest config that was shown to be faster than the baseline and to answer as well; what looked faster
    stands below it with the reason why it was not taken.
    """
    from epyc_assets.defs.recommending import present_recommendation
    from epyc_assets.defs.scope import load_scope
    from epyc_assets.warehouse import Warehouse

    found = present_recommendation(Warehouse(), load_scope(fleet), model)
    if as_json:
        print_json([found.as_dict()])
    else:
        show(found)


def show(found: Recommendation) -> None:
    """Prints the figures wrapped to the terminal, and the commands as they are, to be copied."""
    from rich.console import Console
    from rich.padding import Padding

    console = Console(highlight=False, markup=False)
    row = found.row
    console.print(f"{row['model']}: {row['config']}", style="bold")
    for line in _figures(row):
        console.print(line)
    for doubt in found.doubts:
        console.print(f"doubt: {doubt}")
    if found.excluded:
        console.print("\nlooked faster, but not taken:")
        for each in found.excluded:
            low, high = each["speedup_low"], each["speedup_high"]
            interval = f"{each['speedup']:.3f}x" + ("" if high is None else f" [{low:.3f}, {high:.3f}]")
            console.print(Padding(f"{each['config']}, {interval}: {each['reason']}", (0, 0, 0, 2), expand=False))
    for name in found.absent_files:
        console.print(f"\nthe file of {name} is not on this machine: its path below is as the registry has it")
    commands = found.commands
    for title, text, notes in (
        ("llama-server", commands.server_text, ()),
        ("llama-cpp-python", commands.python, commands.python_notes),
        ("this platform", commands.platform, ()),
    ):
        console.print(f"\n{title}:", style="bold")
        for note in notes:
            console.print(Padding(note, (0, 0, 0, 2), expand=False))
        # Not through the console: a command that is wrapped cannot be copied.
        click.echo(text)
    if row["fleet"] == "demo":
        console.print("\nFigures of the demo fleet say nothing about real models.", style="dim")


def _figures(row: Any) -> list[str]:
    tps, baseline_tps = row["generation_tps"], row["baseline_generation_tps"]
    lines = []
    if row["quality"] == "baseline":
        lines.append(f"{_speed(tps)} tok/s; nothing was shown to be faster and as good")
    else:
        beside = "" if baseline_tps is None else f" (baseline {_speed(baseline_tps)})"
        lines.append(
            f"{row['speedup']:.3f} times the baseline's decoding speed "
            f"[{row['speedup_low']:.3f}, {row['speedup_high']:.3f}]: {_speed(tps)} tok/s{beside}"
        )
    quality = f"quality: {QUALITY[row['quality']]}"
    if row["quality_difference"] is not None:
        points, low = 100 * row["quality_difference"], 100 * row["quality_low"]
        quality += f": {points:+.3g} points passed, at worst {low:+.3g}; {100 * row['tolerance']:.3g} are accepted"
    lines.append(quality)
    count = row["considered"]
    lines.append(f"of {count} config{'' if count == 1 else 's'} measured on {row['backend']}")
    return lines


def _speed(tps: float) -> str:
    """As the leaderboard prints it: 73.4, 12,820."""
    return f"{tps:,.0f}" if tps >= 100 else f"{tps:.1f}"
