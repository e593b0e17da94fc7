"""One model beside another, or beside all others: the rows of model_comparison that are asked for, as a table.

Here: choosing rows, wording columns. Not here: the comparisons (benchmark/model_comparison), all models at once
(leaderboard).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from epyc_assets.reports.leaderboard import NARROW
from epyc_assets.warehouse.stored_query import run_stored_query

if TYPE_CHECKING:
    from rich.table import Table

BASELINE_WORDS = "baseline"
ALL_SUITES = "all"
VERDICT_WORDS = {"not_told_apart": "open", "too_few": "too few"}


class NotCompared(ValueError):
    """There are no such rows; the message says what there is."""


def model_pairs(
    connection: duckdb.DuckDBPyConnection,
    fleet: str,
    model: str,
    other: str | None = None,
    *,
    config: str | None = None,
    other_config: str | None = None,
) -> list[dict[str, Any]]:
    """Rows of model_comparison, over all suites first.

    Two models: a row for each suite that both were asked, and `all`. other None: a row of suite `all` for each other
    model and config, the best first. config, other_config: by identity or in words; None: the baseline, or where a
    model was not asked with it the first one.

    Raises NotCompared.
    """
    built = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = 'model_comparison'"
    rows = []
    if connection.execute(built).fetchall():
        rows = run_stored_query(connection, "model_pairs", fleet=fleet, model=model).to_dicts()
    if other is not None:
        rows = [row for row in rows if row["model_b"] == other]
    if not rows and model == other:
        raise NotCompared(f"{model} was asked under one config only: there is nothing of its own to compare it with.")
    if not rows:
        beside = "another model" if other is None else other
        raise NotCompared(
            f"{model} and {beside} have no scored answers to compare in fleet {fleet}. "
            f"Run: epyc sweep --fleet {fleet}; epyc leaderboard says who has answered what."
        )
    if model == other and config is None and other_config is None:
        raise NotCompared(f"{model} is compared with itself: name two configs with --config-a and --config-b.")
    if model == other and other_config is None:
        # The baseline, unless that is what it is compared with.
        chosen = _chosen(rows, "a", model, config)
        return [row for row in chosen if row["config_id_b"] == _preferred(chosen, "b")]
    rows = _chosen(rows, "a", model, config)
    if other is not None:
        return _chosen(rows, "b", other, other_config)
    over_all = [row for row in rows if row["suite"] == ALL_SUITES]
    return sorted(over_all, key=lambda row: (row["difference"] is None, row["difference"] or 0.0, row["model_b"]))


def _chosen(rows: list[dict[str, Any]], side: str, model: str, config: str | None) -> list[dict[str, Any]]:
    """The rows of one config of a side."""
    if config is None:
        return [row for row in rows if row[f"config_id_{side}"] == _preferred(rows, side)]
    found = [row for row in rows if config in (row[f"config_{side}"], row[f"config_id_{side}"])]
    if not found:
        known = ", ".join(sorted({row[f"config_{side}"] for row in rows}))
        raise NotCompared(f"{model} was not asked with config {config!r}; it was with: {known}.")
    return found


def _preferred(rows: list[dict[str, Any]], side: str) -> str:
    return min(
        (row[f"config_{side}"] != BASELINE_WORDS, row[f"config_{side}"], row[f"config_id_{side}"]) for row in rows
    )[2]


def side_name(row: dict[str, Any], side: str) -> str:
    """Model and, where it is not the baseline, config."""
    config = row[f"config_{side}"]
    return row[f"model_{side}"] if config == BASELINE_WORDS else f"{row[f'model_{side}']}, {config}"


def pair_table(rows: Sequence[dict[str, Any]], width: int) -> Table:
    """A line for each row: by suite for two models, by model for one beside all. Differences in points with their 95 %
    interval; p alone and adjusted; more: questions that it takes beyond those there are, among all pairs."""
    from rich.table import Table

    by_suite = len({(row["model_b"], row["config_id_b"]) for row in rows}) == 1
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1), collapse_padding=width < NARROW)
    names = [row["suite"].replace("_", " ") if by_suite else side_name(row, "b") for row in rows]
    figures = [_figures(row) for row in rows]
    widths = {name: max(len(name), *(len(each[name]) for each in figures)) for name in figures[0]}
    gap = 1 if width < NARROW else 2
    for name in ("p", "n"):  # what a narrow terminal can do without
        if width - sum(each + gap for each in widths.values()) < 12:
            widths.pop(name, None)
    room = max(8, width - sum(each + gap for each in widths.values()))
    widest = min(room, max(map(len, names)))
    table.add_column("suite" if by_suite else "B", overflow="fold", min_width=widest, max_width=widest)
    for name, least in widths.items():
        table.add_column(name, justify="left" if name == "A is" else "right", no_wrap=True, min_width=least)
    for name, values in zip(names, figures, strict=True):
        table.add_row(name, *(values[key] for key in widths))
    return table


def _figures(row: dict[str, Any]) -> dict[str, str]:
    n = row["questions"]
    shown = {"n": str(n), "A %": "-", "B %": "-", "A - B": "-", "p": "-", "adj.": "-"}
    if n:
        # No difference has no sign: rounding and + 0.0 make 0.0 of -0.0. An end just below zero keeps its own.
        points = [round(row[name] * 100, 9) + 0.0 for name in ("difference", "difference_low", "difference_high")]
        ends = [f"{each:+.0f}" for each in points]
        shown |= {
            "A %": f"{row['passes_a'] / n * 100:.0f}",
            "B %": f"{row['passes_b'] / n * 100:.0f}",
            "A - B": f"{ends[0]} ({ends[1]} to {ends[2]})",
            "p": _chance(row["p_value"]),
            "adj.": _chance(row["p_adjusted"]),
        }
    more = row["questions_more_adjusted"]
    return {
        **shown,
        "A is": VERDICT_WORDS.get(str(row["verdict"]), str(row["verdict"])),
        "more": "-" if more is None or row["verdict"] in ("better", "worse") else f"{more:,}",
    }


def _chance(p_value: float) -> str:
    return "<.001" if p_value < 0.001 else f"{p_value:.3f}".removeprefix("0") if p_value < 1 else "1"


def left_out(rows: Sequence[dict[str, Any]]) -> str:
    """What the comparison over all suites leaves out; a sentence, empty for nothing."""
    counts = {
        "without a verdict": max((row["not_scored"] for row in rows), default=0),
        "with an invalid label": max((row["invalid_label"] for row in rows), default=0),
        "answered by one of the two only": max((row["answered_by_one"] for row in rows), default=0),
    }
    told = [f"{count} {what}" for what, count in counts.items() if count]
    return f"Left out: {', '.join(told)}." if told else ""
