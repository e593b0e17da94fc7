"""Entry point of `epyc`: finds the command, and turns a user's mistake into a message.

A command's module is imported only when the command is used, so that `epyc --help` answers at once. Not here:
any command.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

COMMANDS = {
    "compare": ("compare", "Compare the speed of any two selections of measured configs."),
    "compare-quality": (
        "compare_quality",
        "Compare how well two models answer, suite by suite; one model: beside all others.",
    ),
    "demo": ("demo", "Run the whole platform on the demo fleet and print its leaderboard."),
    "doctor": ("doctor", "Say what is installed, what is missing, who holds the locks, and what to do."),
    "fleet": ("fleet", "Train the demo fleet."),
    "history": ("history", "Import the record of an earlier project."),
    "leaderboard": ("leaderboard", "Print pass rates and speeds of a fleet's models, and which differences are real."),
    "models": ("models", "List models, or add one from its GGUF file."),
    "plan": (
        "plan",
        "Show what a sweep would run, and what it would not and why: of the whole matrix, or of a preset.",
    ),
    "plot": (
        "plot",
        "Draw what was measured of a model, or the leaderboard, from the published snapshot, into a PNG file.",
    ),
    "recommend": ("recommend", "Print the config to use for a model, and the commands that start it."),
    "score": ("score", "Score one answer and say why, score stored answers, or list the scorers."),
    "sql": ("sql", "Ask the warehouse in SQL."),
    "suites": ("suites", "List the question suites, show, check and import questions."),
    "sweep": ("sweep", "Ask models what they have not answered, measure their configs' speed, then score and rank."),
}
"""Command to its module in this package, which has it under the name `command`, and its summary."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used; their summaries are known without."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"epyc_assets.cli.{COMMANDS[cmd_name][0]}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="epyc_assets", prog_name="epyc")
def command() -> None:
    """Models, sweeps and scores on one big CPU server, as facts in DuckDB.

    Everything the platform writes is under data/var, or where EPYC_DATA_DIR points.
    """


def main(arguments: list[str] | None = None) -> int:
    """Runs a command. Returns 0; 1 for what could not be done; 2 for a wrong call. EPYC_TRACE=1 shows traces."""
    try:
        # Outside standalone mode click returns the code of an Exit instead of raising it.
        code = command.main(args=arguments, prog_name="epyc", standalone_mode=False)
    except click.Abort:
        click.echo("epyc: stopped; what was finished is kept, the same command goes on from there", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KeyboardInterrupt:
        click.echo("epyc: stopped; what was finished is kept, the same command goes on from there", err=True)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("EPYC_TRACE") or not _for_people(error):
            raise
        click.echo(f"epyc: {error}", err=True)
        return 1
    return code if isinstance(code, int) else 0


def run() -> None:
    """The console script."""
    sys.exit(main())


def _for_people(error: Exception) -> bool:
    """Whether the message was written for a person: our own errors are, those of libraries are not."""
    return type(error).__module__.startswith("epyc_assets.") or type(error) is ValueError


if __name__ == "__main__":
    run()
