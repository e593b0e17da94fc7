"""The plan: for every model, config and question set, what has been answered and what a sweep would run.

Here: deciding. Not here: reading the warehouse (the caller hands over what has been answered) and running.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from epyc_assets.benchmark.matrix import TECHNIQUES, candidates
from epyc_assets.benchmark.prompt_settings import PromptSettings, generation_key, prompt_settings
from epyc_assets.inference.config import Config
from epyc_assets.registry.entries import Fleet, Host, Model
from epyc_assets.registry.faults import nearest
from epyc_assets.suites.question import Question

MOST_ATTEMPTS = 2
"""How often a question is tried that times out, crashes or is killed; `retry_failed` tries again."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """Where a model's file is, and the SHA-256 of its contents."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An earlier generation, as far as a plan needs it."""

    generation_id: str
    model: str
    config_id: str
    question_id: str
    generation_key: str
    status: str
    total_ms: float | None = None


@dataclass(frozen=True, slots=True)
class SweepItem:
    """One question to put to one model under one config. attempt counts from 1."""

    model: Model
    config: Config
    question: Question
    settings: PromptSettings
    generation_key: str
    attempt: int


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One model, config and question set. status: done, missing, stale, failed, no_file or not_allowed.

    done + missing + stale + failed = questions. estimated_s is None without earlier answers of this model.
    """

    fleet: str
    model: str
    config_id: str
    suite: str
    config: str
    technique: str
    status: str
    reason: str | None
    questions: int
    done: int
    missing: int
    stale: int
    failed: int
    estimated_s: float | None

    def as_dict(self) -> dict[str, str | int | float | None]:
        """The row by column name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows, and the items that a sweep would run, in running order: a model's configs and suites together."""

    rows: tuple[PlanRow, ...]
    items: tuple[SweepItem, ...]


def build_plan(
    fleet: Fleet,
    host: Host,
    questions: Sequence[Question],
    files: Mapping[str, ModelFile],
    answered: Iterable[Answered] = (),
    *,
    models: Sequence[str] | None = None,
    suites: Sequence[str] | None = None,
    techniques: Sequence[str] = TECHNIQUES,
    retry_failed: bool = False,
) -> Plan:
    """What a sweep would do now.

    files: by model name; a model without one gets no_file. answered: earlier generations, in any order, those of
    other models and configs included. models, suites: restrict to these. retry_failed: try again what failed
    MOST_ATTEMPTS times. Raises ValueError for a model, suite or technique that does not exist.
    """
    require_known(models, fleet.models, "model", f"fleet {fleet.name}")
    by_suite: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_suite[question.suite].append(question)
    require_known(suites, by_suite, "suite", f"the question sets of fleet {fleet.name}")
    history = _History(answered)
    rows: list[PlanRow] = []
    items: list[SweepItem] = []
    for model in fleet.models.values():
        if models is not None and model.name not in models:
            continue
        for candidate in candidates(model, host, techniques):
            for suite, suite_questions in by_suite.items():
                if suites is not None and suite not in suites:
                    continue
                row, to_run = _plan_row(
                    fleet.name,
                    model,
                    candidate.config,
                    candidate.not_allowed,
                    suite,
                    suite_questions,
                    files.get(model.name),
                    history,
                    retry_failed,
                )
                rows.append(row)
                items.extend(to_run)
    return Plan(tuple(rows), tuple(items))


class _History:
    """Earlier generations, looked up by key and by question."""

    def __init__(self, answered: Iterable[Answered]) -> None:
        self.answered_keys: set[tuple[str, str]] = set()
        self.failures: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.questions: set[tuple[str, str, str]] = set()
        times: dict[str, list[float]] = defaultdict(list)
        for old in answered:
            if old.status == "ok":
                self.answered_keys.add((old.model, old.generation_key))
                self.questions.add((old.model, old.config_id, old.question_id))
                if old.total_ms is not None:
                    times[old.model].append(old.total_ms)
            else:
                self.failures[(old.model, old.generation_key)].append(old.status)
        self.seconds = {model: median(values) / 1000 for model, values in times.items()}


def _plan_row(
    fleet: str,
    model: Model,
    config: Config,
    not_allowed: str | None,
    suite: str,
    questions: Sequence[Question],
    file: ModelFile | None,
    history: _History,
    retry_failed: bool,
) -> tuple[PlanRow, list[SweepItem]]:
    done = missing = stale = failed = 0
    items: list[SweepItem] = []
    failures_seen: list[str] = []
    for question in questions:
        settings = prompt_settings(model, question)
        key = generation_key(file.sha256 if file else "", config, question.question_id, settings)
        failures = history.failures.get((model.name, key), [])
        if (model.name, key) in history.answered_keys:
            done += 1
            continue
        failures_seen += failures
        if len(failures) >= MOST_ATTEMPTS and not retry_failed:
            failed += 1
            continue
        if (model.name, config.config_id, question.question_id) in history.questions:
            stale += 1
        else:
            missing += 1
        items.append(SweepItem(model, config, question, settings, key, attempt=len(failures) + 1))
    if not_allowed is not None:
        status, reason = "not_allowed", not_allowed
    elif file is None:
        status, reason = "no_file", f"no file {model.file} under the model roots of the host"
    elif missing or stale:
        status = "missing" if missing else "stale"
        reason = "answered with another model file or other prompt settings" if status == "stale" else None
        if failures_seen:
            reason = f"{len(failures_seen)} earlier attempts failed: {_counted(failures_seen)}"
    elif failed:
        status, reason = "failed", f"tried {MOST_ATTEMPTS} times each: {_counted(failures_seen)}"
    else:
        status, reason = "done", None
    if status in ("not_allowed", "no_file"):
        items = []
    seconds = history.seconds.get(model.name)
    row = PlanRow(
        fleet=fleet,
        model=model.name,
        config_id=config.config_id,
        suite=suite,
        config=config.name,
        technique=config.technique,
        status=status,
        reason=reason,
        questions=len(questions),
        done=done,
        missing=missing,
        stale=stale,
        failed=failed,
        estimated_s=None if seconds is None else seconds * len(items),
    )
    return row, items


def _counted(statuses: Sequence[str]) -> str:
    return ", ".join(f"{statuses.count(status)} {status}" for status in sorted(set(statuses)))


def require_known(asked: Sequence[str] | None, known: Iterable[str], noun: str, place: str) -> None:
    """Raises ValueError, with the nearest name, for the first one asked for that is not known."""
    known = list(known)
    for name in asked or ():
        if name not in known:
            raise ValueError(
                f"there is no {noun} {name!r} in {place}{nearest(name, known)}; there is: {', '.join(known) or 'none'}"
            )
