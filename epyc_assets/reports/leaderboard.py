"""The leaderboard: the master table as rows, with which differences are real, and as tables that fit a terminal.

Here: choosing and wording columns. Not here: computing them (warehouse/derived/model_summary.sql, suite_summary.sql,
benchmark/model_comparison), drawing them (leaderboard_plot).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from epyc_assets.statistics.multiple import group_letters
from epyc_assets.warehouse.stored_query import run_stored_query

if TYPE_CHECKING:
    from rich.table import Table


WIDE = 100
"""Columns of a terminal from which on there is room for who judged."""

NARROW = 80
"""Columns of a terminal below which one space stands between columns instead of two."""

BEST_MARK = "*"
"""Beside a rate: shown to be better than all others on the suite."""
TIED_MARK = "~"
"""Beside a rate: not told apart from the best on the suite, where some are."""

LEAST_NAME = 14
"""Columns of a terminal that a model's name gets at least, however narrow it is."""

_VERSUS = (
    *("model", "config", "questions", "difference", "difference_low", "difference_high", "p_value", "comparisons"),
    *("p_adjusted", "verdict", "questions_more", "questions_more_adjusted"),
)


def leaderboard_rows(connection: duckdb.DuckDBPyConnection, fleet: str | None) -> list[dict[str, Any]]:
    """Rows of model_summary, best first; those with nothing scored last. fleet None: all fleets.

    Each row has besides: suites, a list with a dict for each suite that was asked, public sets too (a row of
    suite_summary); group, letters (see `letters_of`), None where nothing is compared; versus_best, how it compares with
    the fleet's first row on their common questions (a part of a row of model_comparison), None for the first itself.
    No rows before the table was first built.
    """
    built = {
        name
        for (name,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
        ).fetchall()
    }
    if "model_summary" not in built:
        return []
    rows = run_stored_query(connection, "leaderboard", fleet=fleet).to_dicts()
    suites: dict[tuple, list[dict[str, Any]]] = {}
    for row in run_stored_query(connection, "leaderboard_suites", fleet=fleet).to_dicts():
        own = {
            key: value
            for key, value in row.items()
            if key not in ("fleet", "model", "config_id", "config", "technique")
        }
        suites.setdefault((row["fleet"], row["model"], row["config_id"]), []).append(own)
    pairs = pl.DataFrame()
    if "model_comparison" in built:
        pairs = run_stored_query(connection, "comparisons_over_all", fleet=fleet)
    by_fleet: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        row["suites"] = suites.get(_side(row), [])
        by_fleet.setdefault(row["fleet"], []).append(row)
    for name, own in by_fleet.items():
        _compare(own, pairs.filter(pl.col("fleet") == name) if pairs.height else pairs)
    return rows


def _side(row: Mapping[str, Any], side: str = "") -> tuple[str, str, str]:
    return row["fleet"], row[f"model{side}"], row[f"config_id{side}"]


def _compare(rows: list[dict[str, Any]], pairs: pl.DataFrame) -> None:
    """Sets group and versus_best of a fleet's rows."""
    letters = letters_of([_side(row) for row in rows], pairs)
    first = _side(rows[0])
    versus = {_side(pair, "_a"): pair for pair in pairs.iter_rows(named=True) if _side(pair, "_b") == first}
    for row in rows:
        row["group"] = letters.get(_side(row))
        pair = versus.get(_side(row))
        row["versus_best"] = pair and {
            name: pair[f"{name}_b" if name in ("model", "config") else name] for name in _VERSUS
        }


def letters_of(sides: Sequence[tuple[str, str, str]], pairs: pl.DataFrame) -> Mapping[tuple[str, str, str], str]:
    """Letters of (fleet, model, config_id), best first: two share one exactly where no better one is shown.

    pairs: rows of model_comparison of suite `all`; sides that are in none of them get no letters.
    """
    if pairs.is_empty():
        return {}
    compared = {
        _side(pair, "_a") for pair in pairs.select("fleet", "model_a", "config_id_a").unique().iter_rows(named=True)
    }
    told = pairs.filter(pl.col("verdict") == "better")
    different = {(_side(pair, "_a"), _side(pair, "_b")) for pair in told.iter_rows(named=True)}
    own = [side for side in sides if side in compared]
    return group_letters(own, {pair for pair in different if pair[0] in own and pair[1] in own})


def rows_of_all_origins(connection: duckdb.DuckDBPyConnection, fleet: str | None) -> list[dict[str, Any]]:
    """One row per model and config, live ones and the imported record's, best first. fleet: of the live ones.

    Rates of the two origins are by different judges (`judged_by`) over different questions: they stand side by side,
    and are no ranking of one against the other. None before the view all_results was first built.
    """
    if not connection.execute("SELECT 1 FROM duckdb_views() WHERE view_name = 'all_results'").fetchall():
        return []
    return run_stored_query(connection, "leaderboard_all", fleet=fleet).to_dicts()


def table_of_all_origins(rows: list[dict[str, Any]], width: int) -> Table:
    """The rows of `rows_of_all_origins` for a terminal of `width` columns; a narrow one goes without the judge."""
    from rich.table import Table

    wide = width >= WIDE
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1), collapse_padding=not wide)
    table.add_column("origin", no_wrap=True)
    table.add_column("model", overflow="fold", min_width=16)
    table.add_column("config", overflow="fold", min_width=8)
    for name in ("passed", "95 %", "judged", "tok/s"):
        table.add_column(name, justify="right", no_wrap=True)
    if wide:
        table.add_column("by", overflow="fold")
    for row in rows:
        interval = f"{percent(row['pass_low'])}-{percent(row['pass_high'])}"
        tps = row["tps_median"]
        speed = "-" if tps is None else f"{tps:,.0f}" if tps >= 100 else f"{tps:.1f}"
        cells = [percent(row["pass_ratio"]), interval, str(row["judged"]), speed, ", ".join(row["judged_by"])]
        table.add_row(row["origin"], row["model"], row["config"], *(cells if wide else cells[:-1]))
    return table


def suites_in(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Suites that at least one row has verdicts on, in alphabetical order."""
    return sorted({each["suite"] for row in rows for each in row["suites"] if each["scored"]})


def leaderboard_tables(rows: list[dict[str, Any]], width: int) -> list[Table]:
    """The rows for a terminal of `width` columns: one table over all suites, then the suites in as many as it takes.

    Rates stand with their 95 % Wilson interval, overall with letters (`letters_of`), by suite with BEST_MARK or
    TIED_MARK; speed is the median while decoding.
    """
    answered = [row for row in rows if row["total_scored"]]
    suites = suites_in(answered)
    cells = {suite: [_suite_cell(row, suite, answered) for row in answered] for suite in suites}
    titles = {suite: _suite_title(suite, answered) for suite in suites}
    widths = {suite: max(map(len, [*titles[suite].split(), *cells[suite]])) for suite in suites}
    tables = [_overall_table(answered, width)]
    room = width - _name_width([_name(row) for row in answered], width)
    while suites:
        taken: list[str] = []
        while suites and (not taken or sum(widths[suite] + 1 for suite in [*taken, suites[0]]) <= room):
            taken.append(suites.pop(0))
        tables.append(_suite_table(answered, {titles[suite]: cells[suite] for suite in taken}, width))
    return tables


def legend(rows: list[dict[str, Any]]) -> list[str]:
    """What the tables' letters and marks mean, and whether the first two are told apart; sentences."""
    answered = [row for row in rows if row["total_scored"]]
    said = ["Rates are in per cent with their 95 % Wilson interval; n: answers with a verdict."]
    pairs = [row["versus_best"] for row in answered if row.get("versus_best")]
    if not pairs:
        return said
    count = max(pair["comparisons"] for pair in pairs)
    said.append(
        "Same letter: not told apart on the questions that both answered (exact McNemar test at 5 %, adjusted for "
        f"{count} comparison{'' if count == 1 else 's'})."
    )
    marks = {_mark(each, answered) for row in answered for each in row["suites"]}
    told = [
        *([f"{BEST_MARK} shown to be better than all others"] if BEST_MARK in marks else []),
        *([f"{TIED_MARK} not told apart from the best"] if TIED_MARK in marks else []),
    ]
    if told:
        said.append(f"By suite: {', '.join(told)}; no {TIED_MARK} in a suite that tells none apart.")
    return [*said, *first_two(answered)]


def first_two(rows: list[dict[str, Any]]) -> list[str]:
    """Whether the two best rows are told apart, and what it would take; a sentence, or none for fewer than two."""
    pair = rows[1]["versus_best"] if len(rows) > 1 else None
    if not pair or pair["difference"] is None:
        return []
    first, second = _name(rows[0]), _name(rows[1])
    # Seen from the second row; the sentence is about the first.
    # No difference has no sign: rounding and + 0.0 make 0.0 of -0.0. An end just below zero keeps its own.
    seen = [round(-pair[name] * 100, 9) + 0.0 for name in ("difference", "difference_high", "difference_low")]
    ends = [f"{each:+.1f}" for each in seen]
    found = f"{ends[0]} points ({ends[1]} to {ends[2]}) on {pair['questions']} common questions, {chances(pair)}"
    if pair["verdict"] == "worse":
        return [f"{first} is better than {second}: {found}."]
    return [f"{first} and {second} are not told apart: {found}. {more_questions(pair)}".rstrip()]


def chances(pair: Mapping[str, Any]) -> str:
    """The p-value of a pair alone and among all, from a row of model_comparison; words."""
    if pair["comparisons"] == 1:
        return f"p {pair['p_value']:.2g}"
    return f"p {pair['p_value']:.2g} by themselves, {pair['p_adjusted']:.2g} among {pair['comparisons']} comparisons"


def more_questions(pair: Mapping[str, Any]) -> str:
    """How many questions more would tell two apart, from a row of model_comparison; a sentence."""
    if pair["questions_more"] is None:
        return "They came out equal: how many questions would tell is not to be said."
    alone, among = pair["questions_more"], pair["questions_more_adjusted"]
    if pair["comparisons"] == 1:
        return f"About {alone:,} more would tell, if they go on differing like this (power 80 %)." if alone else ""
    if not alone:
        return f"Taken by themselves there are enough; among all pairs about {among:,} more would tell (power 80 %)."
    return (
        f"About {alone:,} more would tell, among all pairs {among:,}, if they go on differing like this (power 80 %)."
    )


def _name(row: Mapping[str, Any]) -> str:
    return row["model"] if row["technique"] == "baseline" else f"{row['model']}, {row['config']}"


def _name_width(names: Sequence[str], width: int) -> int:
    """Half of the terminal at most, so that figures beside it stay whole; longer names fold."""
    return min(max(map(len, names), default=5), max(LEAST_NAME, width // 2 - 2))


def _mark(cell: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """Of a rate on a suite: whether it is shown to be the best, or may be."""
    beats, beaten_by = cell.get("beats"), cell.get("beaten_by")
    if not cell["scored"] or beats is None or beaten_by:
        return ""
    others = [each for row in rows for each in row["suites"] if each["suite"] == cell["suite"] and each["scored"]]
    if beats and beats == len(others) - 1:
        return BEST_MARK
    return TIED_MARK if any(each.get("beaten_by") for each in others) else ""


def _suite_cell(row: Mapping[str, Any], suite: str, rows: Sequence[Mapping[str, Any]]) -> str:
    cell = next((each for each in row["suites"] if each["suite"] == suite and each["scored"]), None)
    if cell is None:
        return "-"
    rate, low, high = (round(cell[name] * 100) for name in ("pass_ratio", "pass_low", "pass_high"))
    return f"{rate} {low}-{high}{_mark(cell, rows) or ' '}"


def _suite_title(suite: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The suite's words and its number of verdicts, from the fewest to the most of a row."""
    scored = [each["scored"] for row in rows for each in row["suites"] if each["suite"] == suite and each["scored"]]
    fewest, most = min(scored), max(scored)
    return f"{suite.replace('_', ' ')} n={most if fewest == most else f'{fewest}-{most}'}"


def _suite_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, list[str]], width: int) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1), collapse_padding=True)
    names = [_name(row) for row in rows]
    table.add_column("model", overflow="fold", min_width=_name_width(names, width), max_width=_name_width(names, width))
    for title, cells in columns.items():
        words = title.split()
        # A word a line, so that long names of suites make no wide columns.
        table.add_column("\n".join(words), justify="right", no_wrap=True, min_width=max(map(len, [*words, *cells])))
    for place, name in enumerate(names):
        table.add_row(name, *(cells[place] for cells in columns.values()))
    return table


def _overall_table(rows: Sequence[Mapping[str, Any]], width: int) -> Table:
    """Figures are never cut: a narrow terminal has the config beside the name, then folds the names."""
    from rich.table import Table

    some_missing = any(row["missing"] for row in rows)
    shown = {"group": any(row.get("group") for row in rows), "n": width >= NARROW, "missing": some_missing}
    names = [name for name in ("passed", "95 %", "group", "n", "tok/s", "missing") if shown.get(name, True)]
    figures = [_figures(row) for row in rows]
    close = width < NARROW
    widths = {name: max(len(name), *(len(row[name]) for row in figures)) for name in names}
    room = width - sum(each + (1 if close else 2) for each in widths.values())
    labels = [[str(row["model"]), str(row["config"])] for row in rows]
    longest = [max(map(len, column)) for column in zip(*labels, strict=True)]
    columns = ["model", "config"]
    if len({config for _, config in labels}) == 1 or sum(longest) + 2 > room:
        labels, longest, columns = [[_name(row)] for row in rows], [max(len(_name(row)) for row in rows)], ["model"]
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1), collapse_padding=close)
    for name, least in zip(columns, longest, strict=True):
        least = min(least, max(LEAST_NAME // 2, room)) if len(columns) == 1 else least
        table.add_column(name, overflow="fold", min_width=least, max_width=least)
    for name in names:
        table.add_column(name, justify="left" if name == "group" else "right", no_wrap=True, min_width=widths[name])
    for label, row in zip(labels, figures, strict=True):
        table.add_row(*label, *(row[name] for name in names))
    return table


def _figures(row: Mapping[str, Any]) -> dict[str, str]:
    """The figures of a row over all suites, by their column."""
    tps = row["generation_tps_median"]
    return {
        "passed": percent(row["pass_ratio"]),
        "95 %": f"{round(row['pass_low'] * 100)}-{round(row['pass_high'] * 100)} %",
        "group": row.get("group") or "-",
        "n": str(row["total_scored"]),
        "tok/s": "-" if tps is None else f"{tps:,.0f}" if tps >= 100 else f"{tps:.1f}",
        "missing": str(row["missing"] or ""),
    }


def percent(ratio: float | None) -> str:
    """A ratio as a whole percentage; - for none."""
    return "-" if ratio is None else f"{ratio:.0%}".replace("%", " %")
