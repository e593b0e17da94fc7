"""Plots of measured speed, as PNG: rows of the warehouse in, bytes out.

Here: what is drawn and how. Not here: working the figures out (benchmark), showing them (defs, cli). Every plot shows
intervals where there are any, and says so where a figure rests on disturbed or too few rounds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from epyc_assets.warehouse.stored_query import run_stored_query

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which people with any kind of colour vision can tell apart.
KIND_COLOURS = {
    "all": "#000000",
    "code": "#0072B2",
    "prose": "#D55E00",
    "summarise": "#009E73",
    "edit": "#CC79A7",
}
TECHNIQUE_COLOURS = {
    "baseline": "#000000",
    "moe": "#E69F00",
    "spec": "#0072B2",
    "lookup": "#009E73",
    "spec+lookup": "#56B4E9",
    "moe+spec": "#D55E00",
    "moe+lookup": "#CC79A7",
    "moe+spec+lookup": "#7F7F7F",
}
DRAFT_STYLES = ("-", "--", ":", "-.")
DOTS_PER_INCH = 110


class NothingToPlot(ValueError):
    """There are no rows for a plot; the message says what measures them."""


@dataclass(frozen=True, slots=True)
class SpeedRows:
    """Rows of one model: of table config_speed, config_physics, and model_summary (quality by config)."""

    model: str
    speed: pl.DataFrame
    physics: pl.DataFrame
    quality: pl.DataFrame


def speed_rows(connection: duckdb.DuckDBPyConnection, fleet: str, model: str) -> SpeedRows:
    """The rows that plots of a model need. Quality is empty before table model_summary was first built."""
    speed, physics = (
        run_stored_query(connection, name, fleet=fleet, model=model) for name in ("speed_of_model", "physics_of_model")
    )
    built = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = 'model_summary'"
    quality = (
        run_stored_query(connection, "quality_of_model", fleet=fleet, model=model)
        if connection.execute(built).fetchall()
        else pl.DataFrame(
            schema={"config_id": pl.String, **dict.fromkeys(("pass_ratio", "pass_low", "pass_high"), pl.Float64)}
        )
    )
    return SpeedRows(model, speed, physics, quality)


def overview(rows: SpeedRows) -> bytes:
    """Every config's speed-up over the baseline with its interval, all kinds of prompt together."""
    whole = rows.speed.filter(pl.col("prompt_kind") == "all", pl.col("speedup").is_not_null()).sort("speedup")
    _require(whole, rows.model, "speed-ups")
    figure, axes = _figure(7.5, 1.4 + 0.27 * whole.height)
    for place, row in enumerate(whole.iter_rows(named=True)):
        colour = TECHNIQUE_COLOURS.get(row["technique"], "#000000")
        if row["speedup_low"] is not None:
            axes.plot([row["speedup_low"], row["speedup_high"]], [place, place], color=colour, linewidth=2)
        hollow = not row["enough_rounds"] or row["contended_rounds"] > row["rounds"] - row["used_rounds"]
        axes.plot(row["speedup"], place, "o", color=colour, markerfacecolor="white" if hollow else colour)
    axes.axvline(1.0, color="#888888", linewidth=1)
    axes.set_yticks(range(whole.height), whole["config"].to_list(), fontsize=8)
    figure.supxlabel("decoding speed over the baseline's, 95 % interval; hollow: few or disturbed rounds", fontsize=9)
    axes.set_title(f"{rows.model}: what each config gains")
    axes.grid(axis="x", alpha=0.3)
    return _png(figure)


def drafts(rows: SpeedRows) -> bytes:
    """Speed-up and acceptance over K, for each draft and kind of prompt, with the predicted cap."""
    spec = _of_technique(rows.speed, "spec").filter(pl.col("speedup").is_not_null())
    _require(spec, rows.model, "configs with a draft model")
    figure, (left, right) = _figures(10, 4.8, 2)
    names = sorted({values["spec"]["draft"] for values in spec["values"]})
    for place, draft in enumerate(names):
        for kind, colour in KIND_COLOURS.items():
            line = _by_length(spec, draft, kind)
            if not line:
                continue
            lengths = [length for length, _ in line]
            style, label = DRAFT_STYLES[place % len(DRAFT_STYLES)], f"{draft}, {kind}"
            speedups = [row["speedup"] for _, row in line]
            errors = _errors([row for _, row in line])
            left.errorbar(lengths, speedups, yerr=errors, color=colour, linestyle=style, marker="o",
                          markersize=4, capsize=3, label=label)  # fmt: skip
            accepted = [row["acceptance_rate"] for _, row in line]
            right.plot(lengths, accepted, color=colour, linestyle=style, marker="o", markersize=4, label=label)
        _draw_cap(left, rows, spec, draft, DRAFT_STYLES[place % len(DRAFT_STYLES)])
    left.axhline(1.0, color="#888888", linewidth=1)
    left.set_ylabel("decoding speed over the baseline's")
    right.set_ylabel("accepted over drafted tokens")
    right.set_ylim(-0.02, 1.02)
    for axes in (left, right):
        axes.set_xlabel("K, most tokens drafted at a time")
        axes.grid(alpha=0.3)
    lengths = sorted({values["spec"]["draft_tokens"] for values in spec["values"]})
    for axes in (left, right):
        axes.set_xticks(lengths, map(str, lengths))
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=7)
    figure.suptitle(f"{rows.model}: drafting with a model")
    return _png(figure)


def lookup(rows: SpeedRows) -> bytes:
    """Speed-up and acceptance of prompt lookup, by kind of prompt."""
    found = _of_technique(rows.speed, "lookup").filter(pl.col("speedup").is_not_null())
    _require(found, rows.model, "configs with prompt lookup")
    kinds = [kind for kind in KIND_COLOURS if kind != "all" and kind in set(found["prompt_kind"])]
    figure, (left, right) = _figures(10, 4.2, 2)
    sizes = {row["config"]: tuple(row["values"]["lookup"].values()) for row in found.iter_rows(named=True)}
    names = sorted(sizes, key=lambda name: sorted(sizes[name]))
    width = 0.8 / max(1, len(kinds))
    for offset, kind in enumerate(kinds):
        of_kind = {row["config"]: row for row in found.filter(pl.col("prompt_kind") == kind).iter_rows(named=True)}
        places = [place + offset * width for place, name in enumerate(names) if name in of_kind]
        chosen = [of_kind[name] for name in names if name in of_kind]
        speedups = [row["speedup"] for row in chosen]
        left.bar(places, speedups, width, yerr=_errors(chosen), capsize=2, color=KIND_COLOURS[kind], label=kind)
        right.bar(places, [row["acceptance_rate"] or 0.0 for row in chosen], width, color=KIND_COLOURS[kind])
    left.axhline(1.0, color="#888888", linewidth=1)
    left.set_ylabel("decoding speed over the baseline's")
    right.set_ylabel("accepted over drafted tokens")
    for axes in (left, right):
        axes.set_xticks([place + 0.4 - width / 2 for place in range(len(names))], names, fontsize=8, rotation=20)
        axes.grid(axis="y", alpha=0.3)
    left.legend(fontsize=8)
    figure.suptitle(f"{rows.model}: prompt lookup")
    return _png(figure)


def experts(rows: SpeedRows) -> bytes:
    """What fewer experts cost in pass rate and give in speed."""
    moe = _of_technique(rows.speed, "moe").filter(pl.col("prompt_kind") == "all")
    _require(moe, rows.model, "configs with fewer experts")
    quality = {row["config_id"]: row for row in rows.quality.iter_rows(named=True)}
    baseline = rows.speed.filter(pl.col("technique") == "baseline", pl.col("prompt_kind") == "all")
    figure, axes = _figure(7, 4.5)
    for row in (*baseline.iter_rows(named=True), *moe.iter_rows(named=True)):
        judged = quality.get(row["config_id"])
        if judged is None or judged["pass_ratio"] is None:
            continue
        error = [[judged["pass_ratio"] - judged["pass_low"]], [judged["pass_high"] - judged["pass_ratio"]]]
        colour = TECHNIQUE_COLOURS[row["technique"]]
        axes.errorbar(row["generation_tps"], judged["pass_ratio"], yerr=error, fmt="o", capsize=3, color=colour)
        axes.annotate(row["config"], (row["generation_tps"], judged["pass_ratio"]), xytext=(6, 6),
                      textcoords="offset points", fontsize=8)  # fmt: skip
    axes.margins(x=0.15)
    axes.set_xlabel("decoding speed, tokens per second")
    axes.set_ylabel("pass rate, all suites; 95 % Wilson interval")
    axes.set_title(f"{rows.model}: fewer experts")
    axes.grid(alpha=0.3)
    return _png(figure)


def roofline(rows: SpeedRows) -> bytes:
    """Measured speed of configs without drafting against what the memory bandwidth allows."""
    columns = ["config_id", "prompt_kind", "roofline_tps", "flag"]
    found = (
        rows.speed.filter(pl.col("prompt_kind") == "all", ~pl.col("technique").str.contains("spec|lookup"))
        .join(rows.physics.select(columns), on=["config_id", "prompt_kind"])
        .filter(pl.col("roofline_tps").is_not_null())
        .sort("generation_tps")
    )
    _require(found, rows.model, "configs with a roofline (needs host_bandwidth)")
    figure, axes = _figure(7.5, 1.5 + 0.4 * found.height)
    for place, row in enumerate(found.iter_rows(named=True)):
        axes.barh(place, row["generation_tps"], color=TECHNIQUE_COLOURS.get(row["technique"], "#000000"), height=0.6)
        axes.plot([row["roofline_tps"]] * 2, [place - 0.4, place + 0.4], color="#D55E00", linewidth=3)
        note = f" {row['generation_tps'] / row['roofline_tps']:.0%} of the roofline"
        axes.annotate(note + (f" ({row['flag']})" if row["flag"] else ""), (row["generation_tps"], place),
                      fontsize=8, va="center")  # fmt: skip
    axes.set_yticks(range(found.height), found["config"].to_list(), fontsize=8)
    axes.set_xlabel("tokens per second; orange line: memory bandwidth over bytes per token")
    axes.set_xlim(0, 1.35 * max(found["generation_tps"].max(), found["roofline_tps"].max()))  # type: ignore[type-var]
    axes.set_title(f"{rows.model}: against the roofline")
    return _png(figure)


PLOTS: dict[str, Callable[[SpeedRows], bytes]] = {
    "overview": overview,
    "drafts": drafts,
    "lookup": lookup,
    "experts": experts,
    "roofline": roofline,
}
"""By the name that `epyc plot` takes."""


def _errors(rows: Sequence[dict[str, Any]]) -> list[list[float]]:
    """Lengths of error bars below and above; none where there were too few rounds for an interval."""
    known = [row["speedup_low"] is not None and row["speedup_high"] is not None for row in rows]
    below = [row["speedup"] - row["speedup_low"] if there else 0.0 for row, there in zip(rows, known, strict=True)]
    above = [row["speedup_high"] - row["speedup"] if there else 0.0 for row, there in zip(rows, known, strict=True)]
    return [below, above]


def _by_length(spec: pl.DataFrame, draft: str, kind: str) -> list[tuple[int, dict[str, Any]]]:
    """Rows of one draft and kind of prompt by K."""
    found = [
        (row["values"]["spec"]["draft_tokens"], row)
        for row in spec.filter(pl.col("prompt_kind") == kind).iter_rows(named=True)
        if row["values"]["spec"]["draft"] == draft and "minimum_probability" not in row["values"]["spec"]
    ]
    return sorted(found, key=lambda pair: pair[0])


def _draw_cap(axes: Axes, rows: SpeedRows, spec: pl.DataFrame, draft: str, style: str) -> None:
    """What every drafted token being accepted would give, from the measured costs."""
    caps = {
        row["config_id"]: row["predicted_cap"]
        for row in rows.physics.filter(pl.col("prompt_kind") == "all").iter_rows(named=True)
    }
    line = [(length, caps.get(row["config_id"])) for length, row in _by_length(spec, draft, "all")]
    known = [(length, cap) for length, cap in line if cap is not None]
    if known:
        axes.plot(*zip(*known, strict=True), color="#999999", linestyle=style, marker="^", markersize=4,
                  label=f"{draft}, cap")  # fmt: skip


def _of_technique(speed: pl.DataFrame, technique: str) -> pl.DataFrame:
    """Rows of a technique under the model's usual load parameters; column `values` has the config's typed values."""
    values = [json.loads(text) for text in speed["config_values"]]
    frame = speed.with_columns(pl.Series("values", values, dtype=pl.Object))
    usual = pl.Series([not {"runtime", "launch"} & set(each) for each in values], dtype=pl.Boolean)
    return frame.filter((pl.col("technique") == technique) & usual)


def _require(frame: pl.DataFrame, model: str, what: str) -> None:
    if frame.is_empty():
        raise NothingToPlot(
            f"no {what} of {model} were measured; `epyc plan --model {model} --reasons` says which could be, "
            f"and why others not"
        )


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure, axes = _figures(width, height, 1)
    return figure, axes[0]


def _figures(width: float, height: float, count: int) -> tuple[Figure, Sequence[Axes]]:
    """Width and height in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
    return figure, [figure.add_subplot(1, count, place + 1) for place in range(count)]


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
