"""The leaderboard as a picture: pass rates with their intervals, and letters for which differences are real.

Here: drawing. Not here: the rows (leaderboard), plots of speed (speed_plots).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from epyc_assets.reports.speed_plots import DOTS_PER_INCH, TECHNIQUE_COLOURS, NothingToPlot

MOST_SIDES = 120
"""Rows that are drawn, the best ones: more would be a picture that no viewer shows."""


def leaderboard_plot(rows: Sequence[Mapping[str, Any]], fleet: str) -> bytes:
    """PNG of pass rates over all questions with their 95 % Wilson intervals, best at the top.

    rows: best first, with model, config, technique, total_scored, pass_ratio, pass_low, pass_high and group (letters;
    None where nothing is compared).

    Raises NothingToPlot where nothing is scored, ImportError without matplotlib.
    """
    from matplotlib.figure import Figure

    answered = [row for row in rows if row["total_scored"]]
    if not answered:
        raise NothingToPlot(f"Nothing is scored in fleet {fleet} yet. Run: epyc sweep --fleet {fleet}")
    shown = answered[:MOST_SIDES]
    figure = Figure(figsize=(7.5, 1.5 + 0.28 * len(shown)), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    places = list(range(len(shown)))[::-1]
    for place, row in zip(places, shown, strict=True):
        colour = TECHNIQUE_COLOURS.get(row["technique"], "#000000")
        axes.plot([row["pass_low"], row["pass_high"]], [place, place], color=colour, linewidth=2)
        axes.plot(row["pass_ratio"], place, "o", color=colour)
        note = f"{row.get('group') or ''}  n={row['total_scored']}".strip()
        axes.annotate(note, (1.01, place), xycoords=("axes fraction", "data"), fontsize=8, va="center")
    names = [row["model"] if row["technique"] == "baseline" else f"{row['model']}, {row['config']}" for row in shown]
    axes.set_yticks(places, names, fontsize=8)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.set_title(f"{fleet}: pass rates over all questions" + _cut(len(answered)))
    axes.grid(axis="x", alpha=0.3)
    figure.supxlabel("95 % Wilson interval; same letter: not told apart on common questions", fontsize=9)
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _cut(count: int) -> str:
    return f", the best {MOST_SIDES} of {count}" if count > MOST_SIDES else ""
