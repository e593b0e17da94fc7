"""Comparisons: any two selections of measured configs, speed by speed, out of the rounds there are.

Here: which config is compared with which, ratios with intervals and verdicts, in words too. Not here: what a selection
means (selection), measuring what is missing, printing.

Where both sides were measured within one run of rounds, ratios are taken round by round, and what slowed a round down
cancels. Else (another build, host, model, another night) each side's rounds stand by themselves: wider, and marked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from epyc_assets.benchmark.quality import paired_verdicts
from epyc_assets.benchmark.selection import Measured
from epyc_assets.benchmark.speed import ALL_KINDS, round_figures
from epyc_assets.statistics.speedup import speedup_interval, verdict
from epyc_assets.statistics.unpaired import FEWEST_UNPAIRED, unpaired_ratio_interval

FEWEST_PAIRED = 7
"""Pairs of rounds below which there is no interval (statistics.speedup)."""

MEASURES = {
    "decode": ("generation_tps", "decode_tokens", "decode_s"),
    "prompt": ("prompt_tps", "prompt_tokens", "prompt_s"),
    "effective": ("effective_tps", "generated_tokens", "total_s"),
    "ttft": ("ttft_ms", "", ""),
}
"""What is compared: the column of a round's figures, and the sums it is from."""

WORDS = {"decode": "decode", "prompt": "prompt processing", "effective": "whole answer", "ttft": "first token"}

_KEY = ("measurement_id", "config_id", "prompt_kind", "round")


@dataclass(frozen=True, slots=True)
class Ratio:
    """B's speed over A's; of a time A's over B's, so that above 1 is always faster.

    a, b: the figures themselves, tokens per second or milliseconds. low, high: 95 % interval, None where there are too
    few rounds for one. verdict: one of statistics.speedup.VERDICTS.
    """

    a: float | None
    b: float | None
    ratio: float | None
    low: float | None
    high: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two configs on one kind of prompt. paired: in the same rounds. rounds: pairs of rounds, or the fewer ones of the
    two sides. contended: of the rounds used, those in which other work was seen. differs: keys in which the two differ,
    with both values. quality: how B's verdicts compare with A's on the same questions, where both were asked."""

    fleet: str
    a: Measured
    b: Measured
    prompt_kind: str
    paired: bool
    rounds: int
    contended_a: int
    contended_b: int
    differs: Mapping[str, tuple[str, str]]
    measures: Mapping[str, Ratio]
    acceptance_a: float | None
    acceptance_b: float | None
    quality: Mapping[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """A flat row."""
        sides = {
            f"{name}_{side}": value
            for side, each in (("a", self.a), ("b", self.b))
            for name, value in {
                "model": each.model,
                "config": each.config,
                "config_id": each.config_id,
                "backend": each.backend,
                "host": "".join(each.facts["host"]) or None,
                "build": "".join(each.facts["build"]) or None,
                "measurement_id": each.measurement_id,
            }.items()
        }
        measures = {
            f"{name}_{field}": value for name, found in self.measures.items() for field, value in asdict(found).items()
        }
        quality = {f"quality_{name}": value for name, value in (self.quality or {}).items()}
        return {
            "fleet": self.fleet,
            "prompt_kind": self.prompt_kind,
            **sides,
            "differs": {key: list(values) for key, values in self.differs.items()},
            "paired": self.paired,
            "rounds": self.rounds,
            "contended_a": self.contended_a,
            "contended_b": self.contended_b,
            **measures,
            "acceptance_a": self.acceptance_a,
            "acceptance_b": self.acceptance_b,
            **quality,
            "summary": self.sentence(),
        }

    def sentence(self) -> str:
        """What changed from A to B, in words."""
        parts = [f"{WORDS[name]} {_words(found)}" for name, found in self.measures.items()]
        if self.acceptance_a is not None or self.acceptance_b is not None:
            sides = [
                "none" if value is None else f"{value:.0%}".replace("%", " %")
                for value in (self.acceptance_a, self.acceptance_b)
            ]
            parts.append(f"acceptance {sides[0]} -> {sides[1]}")
        if self.quality and self.quality.get("difference") is not None:
            low, high = self.quality["difference_low"], self.quality["difference_high"]
            parts.append(
                f"{100 * self.quality['difference']:+.3g} points passed on {self.quality['questions']} questions "
                f"[{100 * low:+.3g}, {100 * high:+.3g}]"
            )
        return ", ".join(parts)


def compare(
    pairs: Iterable[tuple[Measured, Measured]],
    runs: pl.DataFrame,
    verdicts: pl.DataFrame | None = None,
    *,
    kinds: Sequence[str] = (),
) -> list[Comparison]:
    """The comparisons of pairs, each kind of prompt by itself and all together (`all`).

    runs: rows of table speed_runs of the measurements; verdicts: fleet, model, config_id, question_id and passed as
    table answers has them; kinds: only these, `all` among them; empty: every one. A kind of prompt that only one side
    was measured on is left out.
    """
    pairs = list(pairs)
    wanted = {each.measurement_id for pair in pairs for each in pair}
    rounds = runs.filter(pl.col("measurement_id").is_in(list(wanted)), pl.col("purpose") == "rounds")
    if rounds.is_empty():
        return []
    figures = _with_ttft(round_figures(rounds), rounds)
    there = [ALL_KINDS, *sorted(rounds["prompt_kind"].unique())]
    found: list[Comparison] = []
    for a, b in pairs:
        for kind in kinds or there:
            compared = _compared(a, b, kind, figures, rounds, verdicts)
            if compared is not None:
                found.append(compared)
    return found


def _compared(
    a: Measured, b: Measured, kind: str, figures: pl.DataFrame, runs: pl.DataFrame, verdicts: pl.DataFrame | None
) -> Comparison | None:
    """One pair on one kind of prompt; None where a side has no complete round."""
    sides = [
        figures.filter(
            pl.col("measurement_id") == each.measurement_id,
            pl.col("config_id") == each.config_id,
            pl.col("prompt_kind") == kind,
        ).sort("round")
        for each in (a, b)
    ]
    paired = _together(a, b)
    if paired:
        shared = sides[0].join(sides[1], on="round", suffix="_b").sort("round")
        clean = shared.filter(~(pl.col("contended") | pl.col("contended_b")))
        used = clean if clean.height >= FEWEST_PAIRED else shared
        sides = [side.filter(pl.col("round").is_in(used["round"].implode())) for side in sides]
    else:
        sides = [_undisturbed(side) for side in sides]
    if any(side.is_empty() for side in sides):
        return None
    return Comparison(
        fleet=a.fleet,
        a=a,
        b=b,
        prompt_kind=kind,
        paired=paired,
        rounds=min(side.height for side in sides),
        contended_a=int(sides[0]["contended"].sum()),
        contended_b=int(sides[1]["contended"].sum()),
        differs=_differences(a, b),
        measures={name: _ratio(name, *sides, paired=paired) for name in MEASURES},
        acceptance_a=_acceptance(a, kind, sides[0], runs),
        acceptance_b=_acceptance(b, kind, sides[1], runs),
        quality=_quality(a, b, verdicts) if kind == ALL_KINDS and verdicts is not None else None,
    )


def _ratio(name: str, a: pl.DataFrame, b: pl.DataFrame, *, paired: bool) -> Ratio:
    column, tokens, seconds = MEASURES[name]
    first, second = (_figure(side, column, tokens, seconds) for side in (a, b))
    values = [side[column].to_list() for side in (a, b)]
    if not first or not second or any(value is None or value <= 0 for side in values for value in side):
        return Ratio(first, second, None, None, None, "not_shown")
    # A shorter time is faster: times are compared the other way round.
    over, under = (values[1], values[0]) if tokens else (values[0], values[1])
    if not paired and min(len(over), len(under)) < FEWEST_UNPAIRED:
        return Ratio(first, second, second / first if tokens else first / second, None, None, "not_shown")
    interval = speedup_interval(over, under) if paired else unpaired_ratio_interval(over, under)
    known = math.isfinite(interval.high)
    low, high = (interval.low, interval.high) if known else (None, None)
    return Ratio(first, second, interval.estimate, low, high, verdict(interval))


def _figure(side: pl.DataFrame, column: str, tokens: str, seconds: str) -> float | None:
    if not tokens:
        value = side[column].median()
        return float(value) if isinstance(value, int | float) else None
    total_s = float(side[seconds].sum())
    return float(side[tokens].sum()) / total_s if total_s else None


def _with_ttft(figures: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Figures of rounds with the median time to first token of each."""
    both = pl.concat([runs, runs.with_columns(prompt_kind=pl.lit(ALL_KINDS))])
    return figures.join(both.group_by(_KEY).agg(pl.col("ttft_ms").median()), on=_KEY, how="left")


def _undisturbed(side: pl.DataFrame) -> pl.DataFrame:
    clean = side.filter(~pl.col("contended"))
    return clean if clean.height >= FEWEST_UNPAIRED else side


def _acceptance(each: Measured, kind: str, used: pl.DataFrame, runs: pl.DataFrame) -> float | None:
    """Accepted over drafted tokens in the rounds used; None where nothing was drafted."""
    own = runs.filter(
        pl.col("measurement_id") == each.measurement_id,
        pl.col("config_id") == each.config_id,
        pl.col("round").is_in(used["round"].implode()),
        pl.lit(kind == ALL_KINDS) | (pl.col("prompt_kind") == kind),
    )
    drafted = int(own["drafted_tokens"].sum() or 0)
    return int(own["accepted_tokens"].sum() or 0) / drafted if drafted else None


def _quality(a: Measured, b: Measured, verdicts: pl.DataFrame) -> dict[str, Any] | None:
    """B's verdicts beside A's; None where they are the same answers, or one side has none."""
    if (a.model, a.config_id) == (b.model, b.config_id):
        return None  # Answers are not told apart by build or host.
    own, other = (
        verdicts.filter(
            pl.col("fleet") == each.fleet, pl.col("model") == each.model, pl.col("config_id") == each.config_id
        ).select("question_id", "passed")
        for each in (b, a)
    )
    found = paired_verdicts(own, other)
    if not found["questions"]:
        return None
    names = {
        "passes": "passes_b",
        "baseline_passes": "passes_a",
        "only_passes": "only_b",
        "only_baseline_passes": "only_a",
    }
    return {names.get(name, name): value for name, value in found.items()}


def _together(a: Measured, b: Measured) -> bool:
    return a.measurement_id == b.measurement_id


def _differences(a: Measured, b: Measured) -> dict[str, tuple[str, str]]:
    """Keys in which two differ; the config by its words."""

    def shown(each: Measured, key: str) -> str:
        return each.config if key == "config" else " ".join(each.facts.get(key, ()))

    keys = dict.fromkeys([*a.facts, *b.facts])
    return {key: (shown(a, key), shown(b, key)) for key in keys if shown(a, key) != shown(b, key)}


def _words(found: Ratio) -> str:
    if found.ratio is None:
        return "not measured"
    if found.low is None or found.high is None:
        return f"not shown to differ ({found.ratio:.3f}, too few rounds for an interval)"
    interval = f"({found.ratio:.3f} [{found.low:.3f}, {found.high:.3f}])"
    if found.verdict in ("faster", "slower"):
        return f"{100 * abs(found.ratio - 1):.0f} % {found.verdict} {interval}"
    return f"{'unchanged' if found.verdict == 'equivalent' else 'not shown to differ'} {interval}"
