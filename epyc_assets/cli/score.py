"""`epyc score`: one answer's verdict for people who wonder why, and the list of scorers.

Here: reading what a person gives and printing the verdict. Not here: scoring (`scoring/`).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epyc_assets.cli.printing import print_json, print_rows
from epyc_assets.cli.score_all import score_all

if TYPE_CHECKING:
    from epyc_assets.scoring import Score


@click.group("score")
def command() -> None:
    """Score one answer and say why, score stored answers, or list the scorers."""


command.add_command(score_all)


@command.command("one")
@click.option("--method", required=True, help="Scorer; `epyc score methods` lists them.")
@click.option("--expected", default="", help="Reference answer, or @FILE.")
@click.option("--config", "config_text", default="", help="The scorer's config as a JSON object, or @FILE.")
@click.option("--answer", "answer_file", type=click.Path(path_type=Path), help="Read the answer from this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def one(method: str, expected: str, config_text: str, answer_file: Path | None, as_json: bool) -> None:
    """Score the answer on standard input against --expected.

    The exit code is 0 whatever the verdict, 2 for an unknown scorer or verifier or a config that cannot be used.
    """
    from epyc_assets.scoring import InvalidScorerConfig, UnknownScorer, UnknownVerifier, score, scorer_named

    try:
        scorer = scorer_named(method)
    except UnknownScorer as error:
        raise click.UsageError(str(error)) from error
    config = _config(config_text)
    reference = _given(expected, "--expected")
    # Beside a `verifier` stand its options, which the scorer checks itself.
    known = scorer.config_keys and "verifier" not in config
    unknown = sorted(set(config) - set(scorer.config_keys)) if known else []
    if unknown:
        names = ", ".join(scorer.config_keys)
        click.echo(
            f"note: {method} does not know the config keys {unknown}, so they do nothing; it knows {names}", err=True
        )
    answer = _answer(answer_file)
    try:
        result = score(method, answer, reference, config)
    except (InvalidScorerConfig, UnknownVerifier) as error:
        raise click.UsageError(str(error)) from error
    row = _row(method, scorer.version, result)
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=True))
    else:
        _render(row)


@command.command("methods")
@click.option("--verifiers", is_flag=True, help="List the verifiers of the scorer `programmatic` instead.")
@click.option("--json", "as_json", is_flag=True, help="Print rows as a JSON list of objects.")
def methods(verifiers: bool, as_json: bool) -> None:
    """List the scorers with their versions and config keys, or the verifiers."""
    from epyc_assets.scoring import SCORERS
    from epyc_assets.scoring.verifiers import VERIFIERS

    rows: list[dict[str, Any]]
    if verifiers:
        rows = [
            {"verifier": name, "takes": ", ".join(entry.keys), "holds_when": _summary(entry.check)}
            for name, entry in sorted(VERIFIERS.items())
        ]
    elif as_json:
        rows = [
            {"method": scorer.name, "version": scorer.version, "config": dict(scorer.config_keys)}
            for scorer in SCORERS.values()
        ]
    else:
        rows = [
            {"method": scorer.name, "version": scorer.version, "key": key, "what_it_does": what}
            for scorer in SCORERS.values()
            for key, what in (scorer.config_keys or {"": ""}).items()
        ]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, list(rows[0]))


def _summary(check: Any) -> str:
    return (check.__doc__ or "").strip().split("\n", 1)[0].rstrip(".")


def _given(text: str, option: str) -> str:
    """The text, or the content of the file that @FILE names; @@ stands for an @ that opens a text."""
    if not text.startswith("@") or text.startswith("@@"):
        return text[1:] if text.startswith("@@") else text
    try:
        return Path(text[1:]).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.UsageError(
            f"{option}: the file {text[1:]!r} cannot be read ({reason}). For a text that opens with @ write @@."
        ) from error


def _config(text: str) -> dict[str, Any]:
    text = _given(text, "--config")
    if not text.strip():
        return {}
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(
            f'--config is not JSON: {error}. It must be an object such as {{"any_of": ["yes"]}}.'
        ) from error
    if not isinstance(config, dict):
        raise click.UsageError(
            f'--config must be a JSON object such as {{"any_of": ["yes"]}}; got {text.strip()[:80]!r}.'
        )
    return config


def _answer(path: Path | None) -> str:
    """The answer as given, unchanged; bytes that are not UTF-8 become U+FFFD."""
    if path is None:
        return sys.stdin.buffer.read().decode("utf-8", errors="replace")
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise click.UsageError(
            f"--answer: the file {str(path)!r} cannot be read ({error.strerror or error})."
        ) from error


def _row(method: str, version: int, result: Score) -> dict[str, Any]:
    """The verdict as one flat object. An invalid label says nothing about the answer: no verdict, no value."""
    judged = not result.invalid_label
    return {
        "method": method,
        "version": version,
        "status": "invalid_label" if result.invalid_label else "not_scored" if result.passed is None else "scored",
        "passed": result.passed if judged else None,
        "value": result.value if judged else None,
        "extracted": result.extracted,
        "explanation": result.explanation,
        "strict_passed": result.strict_passed if judged else None,
        "strict_value": result.strict_value if judged else None,
        "strict_extracted": result.strict_extracted,
    }


def _render(row: dict[str, Any]) -> None:
    verdicts = {True: "passed", False: "failed", None: row["status"].replace("_", " ")}
    value = "" if row["value"] is None else f" (value {row['value']:g})"
    strict = "" if row["passed"] is None else f"; strictly {verdicts[row['strict_passed']]}"
    click.echo(f"{verdicts[row['passed']]}{value}{strict}    [{row['method']} version {row['version']}]")
    click.echo(_printable(f"why: {row['explanation']}"))
    for label, key in (("extracted", "extracted"), ("strictly extracted", "strict_extracted")):
        if row[key] is not None and (key == "extracted" or row[key] != row["extracted"]):
            click.echo(_printable(f"{label}: {_shortened(row[key])}"))


_LONGEST_SHOWN_CHARACTERS = 1000


def _shortened(text: str) -> str:
    """The beginning and end of a text too long to read on a terminal; --json prints all of it."""
    if len(text) <= _LONGEST_SHOWN_CHARACTERS:
        return text
    half = _LONGEST_SHOWN_CHARACTERS // 2
    return f"{text[:half]} [... {len(text) - 2 * half:,} characters, --json prints them ...] {text[-half:]}"


# An answer's escape sequences must not act on the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _printable(text: str) -> str:
    """The text as a terminal can print it: control characters shown, lone surrogates (from JSON's escapes) replaced."""
    shown = _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)
    return shown.encode("utf-8", errors="replace").decode()
