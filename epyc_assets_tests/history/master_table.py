"""The master table's rule once more, in plain Python straight from the files: a second way to the same table.

Here: what `history.model_summary` and `history.model_summary_aliased` must hold, worked out with json and csv alone. It
imports nothing of the product on purpose, so that a mistake there cannot hide here. Not here: the comparison
(test_master_table).
"""

from __future__ import annotations

import csv
import json
import re
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

SUITES = ("thinking", "general", "math", "agentic", "coder", "instruction_precision", "long_context", "vl")
PASS = 2

_CONFIG = re.compile(r"(?:moe(\d+)_?)?(?:spec_draft_(?P<draft>.+)_k(?P<k>\d+)|lookup_n(?P<n>\d+))?")


@dataclass(frozen=True)
class ResultFile:
    """One result file: the parts of it that the rule needs. folder: what precedes results/runs in its path."""

    path: str
    folder: str
    run_dir: str
    role: str
    model: str
    config: str
    speeds: tuple[float, ...]
    mean_in_file: float | None

    @property
    def row_name(self) -> str:
        experts = re.match(r"moe(\d+)", self.config)
        return f"{self.model}_moe{int(experts[1])}" if experts else self.model

    @property
    def is_base(self) -> bool:
        return self.config == "baseline" or re.fullmatch(r"moe\d+", self.config) is not None


def master_table(root: Path, aliases: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Row name to column to value. With `aliases` (name of a review to row), the aliased table."""
    results = list(_result_files(root))
    reviews = dict(_reviews(root))
    by_row: dict[str, list[ResultFile]] = {}
    for each in results:
        by_row.setdefault(each.row_name, []).append(each)
    table = {}
    for row_name, files in by_row.items():
        base = [each for each in files if each.is_base]
        if base:
            table[row_name] = _row(row_name, base, files, reviews)
    for name, row_name in sorted((aliases or {}).items()):
        review = next((reviews[key] for key in sorted(reviews) if key[1] == name), None)
        if review is not None:
            row = table.setdefault(row_name, _empty_row(row_name))
            row.update(_quality(review), review_kind="rescored" if name.endswith("_rescored") else "plain")
    return table


def _row(
    row_name: str,
    base: list[ResultFile],
    files: list[ResultFile],
    reviews: Mapping[tuple[str, str], list[tuple[str, str]]],
) -> dict[str, Any]:
    def of(each: ResultFile, ending: str) -> list[tuple[str, str]] | None:
        return reviews.get((each.folder, f"{each.role}_{each.config}{ending}"))

    def counting(each: ResultFile) -> list[tuple[str, str]] | None:
        rescored = of(each, "_rescored")
        return of(each, "") if rescored is None else rescored

    def reviewed(each: ResultFile) -> int:
        return _quality(counting(each) or [])["total_reviewed"]

    # The least important order first: each sort keeps the order of those before it.
    ordered = sorted(base, key=lambda each: each.path)
    ordered.sort(key=lambda each: each.role)
    ordered.sort(
        key=lambda each: (of(each, "_rescored") is not None, of(each, "") is not None, reviewed(each), each.run_dir),
        reverse=True,
    )
    chosen = ordered[0]
    row = _empty_row(row_name)
    row.update(_quality(counting(chosen) or []))
    row["model"], row["config"] = chosen.model, chosen.config
    row["tps_median"] = statistics.median(chosen.speeds) if chosen.speeds else None
    row["tps_mean"] = chosen.mean_in_file
    row["review_kind"] = "rescored" if of(chosen, "_rescored") is not None else None
    if row["review_kind"] is None and of(chosen, "") is not None:
        row["review_kind"] = "plain"
    row["run_dir"], row["role"] = chosen.run_dir, chosen.role

    spec: dict[str, dict[int, float]] = {}
    lookup: dict[int, float] = {}
    for each in sorted(files, key=lambda each: each.path):
        match = _CONFIG.fullmatch(each.config)
        if match is None or not each.speeds:
            continue
        speed = float(sum(map(Fraction, each.speeds)) / len(each.speeds))
        if match["draft"]:
            spec.setdefault(match["draft"], {})[int(match["k"])] = speed
        elif match["n"]:
            lookup[int(match["n"])] = speed
    if spec:
        best = min(spec, key=lambda draft: (-max(spec[draft].values()), draft))
        row["spec_draft"] = best
        row["spec_best_tps"] = float(f"{max(spec[best].values()):.1f}")
        row["spec_k_results"] = ",".join(f"k{k}:{tps:.1f}" for k, tps in sorted(spec[best].items()))
    if lookup:
        row["lookup_best_tps"] = float(f"{max(lookup.values()):.1f}")
        row["lookup_n_results"] = ",".join(f"n{n}:{tps:.1f}" for n, tps in sorted(lookup.items()))
    return row


def _empty_row(row_name: str) -> dict[str, Any]:
    model, experts = re.fullmatch(r"(.*?)(?:_(moe\d+))?", row_name, re.DOTALL).groups()  # type: ignore[union-attr]
    row: dict[str, Any] = {"row_name": row_name, "model": model, "config": experts or "baseline"}
    row.update(_quality([]))
    nothing = ("tps_median", "tps_mean", "spec_draft", "spec_best_tps", "spec_k_results", "lookup_best_tps")
    row.update(dict.fromkeys((*nothing, "lookup_n_results", "review_kind", "run_dir", "role")))
    return row


def _quality(scores: Iterable[tuple[str, str]]) -> dict[str, Any]:
    counts = {suite: [0, 0] for suite in SUITES}
    for suite, cell in scores:
        if suite in counts and re.fullmatch(r"\s*[0-3]\s*", cell):
            counts[suite][0] += int(cell) >= PASS
            counts[suite][1] += 1
    row: dict[str, Any] = {}
    for suite, (passes, reviewed) in counts.items():
        row[f"{suite}_passes"], row[f"{suite}_reviewed"] = passes, reviewed
    passes, reviewed = (sum(each[place] for each in counts.values()) for place in (0, 1))
    row["total_passes"], row["total_reviewed"] = passes, reviewed
    row["pct"] = None
    if reviewed:
        # Thirty digits decide every case: no tie of two whole numbers needs more than a few.
        exact = Decimal(100 * passes) / Decimal(reviewed)
        row["pct"] = float(exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN))
    return row


def _result_files(root: Path) -> Iterable[ResultFile]:
    for path in sorted(root.rglob("*.json")):
        relative = path.relative_to(root).as_posix()
        where = re.fullmatch(r"((?:[^/]+/)*?)results/runs/([^/]+)/.*", relative)
        if where is None:
            continue
        try:
            value = json.loads(path.read_bytes().decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            continue
        keys = ("model_role", "model_path", "config_name")
        if not isinstance(value, dict) or not all(isinstance(value.get(key), str) for key in keys):
            continue
        if not isinstance(value.get("results"), dict):
            continue
        questions = [
            question
            for suite in value["results"].values()
            if isinstance(suite, dict)
            for question in suite.values()
            if isinstance(question, dict)
        ]
        speeds = [question.get("tokens_per_second") for question in questions]
        summary = value.get("summary")
        name = re.split(r"[/\\]", value["model_path"])[-1].removesuffix(".gguf")
        yield ResultFile(
            path=relative,
            folder=where[1],
            run_dir=where[2],
            role=value["model_role"],
            model=re.sub(r"-\d{5}-of-\d{5}$", "", name),
            config=value["config_name"],
            speeds=tuple(speed for speed in map(_number, speeds) if speed is not None and speed > 0),
            mean_in_file=_number(summary.get("avg_tokens_per_second")) if isinstance(summary, dict) else None,
        )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _reviews(root: Path) -> Iterable[tuple[tuple[str, str], list[tuple[str, str]]]]:
    """(folder before results/reviews, name of the review) and its (suite, claude_score) cells."""
    for path in sorted(root.rglob("*.csv")):
        relative = path.relative_to(root).as_posix()
        where = re.fullmatch(r"((?:[^/]+/)*?)results/reviews/([^/]+)\.csv", relative)
        if where is None:
            continue
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            records = list(csv.reader(file))
        header = records[0] if records else []
        cells: list[tuple[str, str]] = []
        if "claude_score" in header and "suite" in header:
            suite, score = header.index("suite"), header.index("claude_score")
            cells = [(each[suite], each[score]) for each in records[1:] if len(each) > max(suite, score)]
        yield (where[1], where[2]), cells
