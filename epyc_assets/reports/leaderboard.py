"""The leaderboard: the master table as rows, and as a table that fits a terminal.

Here: choosing and wording columns. Not here: computing them (warehouse/derived/model_summary.sql).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from epyc_assets.warehouse.stored_query import run_stored_query

if TYPE_CHECKING:
    from rich.table import Table


WIDE = 100
"""Columns of a terminal from which on there is room for who judged."""

NARROW = 80
"""Columns of a terminal below which one space stands between columns instead of two."""


def leaderboard_rows(connection: duckdb.DuckDBPyConnection, fleet: str | None) -> list[dict[str, Any]]:
    """Rows of model_summary, best first; those with nothing scored last. fleet None: all fleets.

    None before the table was first built.
    """
    built = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = 'model_summary'"
    if not connection.execute(built).fetchall():
        return []
    return run_stored_query(connection, "leaderboard", fleet=fleet).to_dicts()


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


def suites_in(rows: list[dict[str, Any]]) -> list[str]:
    """Suites that at least one row has verdicts on."""
    names = [name.removesuffix("_scored") for name in (rows[0] if rows else {}) if name.endswith("_scored")]
    return [name for name in names if name not in ("total", "not") and any(row[f"{name}_scored"] for row in rows)]


def leaderboard_tables(rows: list[dict[str, Any]], width: int) -> list[Table]:
    """The rows for a terminal of `width` columns: one table, or where that does not fit the suites in a second.

    Rates stand with their 95 % Wilson interval; suites as passes/verdicts; speed is the median while decoding.
    """
    answered = [row for row in rows if row["total_scored"]]
    suites = suites_in(answered)
    longest = max((len(str(row["model"])) for row in answered), default=5)
    if width >= longest + 28 + sum(max(map(len, suite.split("_"))) + 2 for suite in suites) + 18:
        return [_table(answered, suites, width, overall=True)]
    return [_table(answered, [], width, overall=True), _table(answered, suites, width, overall=False)]


def _table(rows: list[dict[str, Any]], suites: list[str], width: int, *, overall: bool) -> Table:
    from rich.table import Table

    # Beside many suites there is no room for a column of configs: a config other than the baseline goes with the name.
    several_configs = overall and len({row["config"] for row in rows}) > 1
    some_missing = overall and any(row["missing"] for row in rows)
    close = not overall or width < NARROW
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1), collapse_padding=close)
    longest = max((len(str(row["model"])) for row in rows), default=5)
    table.add_column("model", no_wrap=overall, overflow="fold", min_width=longest)
    if several_configs:
        table.add_column("config", overflow="fold", min_width=9)
    if overall:
        table.add_column("passed", justify="right", no_wrap=True)
        table.add_column("95 %", no_wrap=True)
    for suite in suites:
        table.add_column(
            suite.replace("_", " "), justify="right", overflow="fold", max_width=max(5, *map(len, suite.split("_")))
        )
    if overall:
        table.add_column("tok/s", justify="right", no_wrap=True)
    if some_missing:
        table.add_column("missing", justify="right", no_wrap=True)
    for row in rows:
        name = str(row["model"])
        if not overall and row["technique"] != "baseline":
            name += f", {row['config']}"
        cells = [name, *([str(row["config"])] if several_configs else [])]
        if overall:
            cells += [percent(row["pass_ratio"]), f"{percent(row['pass_low'])}-{percent(row['pass_high'])}"]
        for suite in suites:
            scored = row[f"{suite}_scored"]
            cells.append(f"{row[f'{suite}_passes']}/{scored}" if scored else "-")
        if overall:
            tps = row["generation_tps_median"]
            speed = "-" if tps is None else f"{tps:,.0f}" if tps >= 100 else f"{tps:.1f}"
            cells.append(speed)
        if some_missing:
            cells.append(str(row["missing"] or ""))
        table.add_row(*cells)
    return table


def percent(ratio: float | None) -> str:
    """A ratio as a whole percentage; - for none."""
    return "-" if ratio is None else f"{ratio:.0%}".replace("%", " %")
