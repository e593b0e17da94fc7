"""The plan: for every model and config, what has been answered and measured, and what a sweep would run.

A config whose answers are its own has a row for each question set; every config has a row for its speed. Here:
deciding. Not here: which configs there are (matrix) and may be run (constraints), reading the warehouse (the caller
hands over what earlier sweeps left behind), and running.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from epyc_assets.benchmark.constraints import Candidate, Conditions, candidates
from epyc_assets.benchmark.earlier import Answered, EarlierAnswers, EarlierRounds, EarlierSpeed
from epyc_assets.benchmark.estimates import pace_of
from epyc_assets.benchmark.loads import REFERENCE, MeasuringGroup, SpeedItem, measuring_group, references
from epyc_assets.benchmark.matrix import TECHNIQUES, answers_are_its_own, identity
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.presets import DEFAULT_PRESET, preset_named
from epyc_assets.benchmark.prompt_settings import (
    GenerationKeys,
    PromptSettings,
    prompt_settings,
    prompts_version,
    settings_text,
    speed_key,
)
from epyc_assets.inference.backend import Backend
from epyc_assets.inference.config import Config
from epyc_assets.inference.llama_cpp import LlamaCppBackend
from epyc_assets.registry.entries import Fleet, Host, Model
from epyc_assets.registry.faults import nearest
from epyc_assets.registry.gguf_file import Verdict
from epyc_assets.suites.question import Question
from epyc_assets.suites.speed_prompts import SpeedPrompt

__all__ = ["Answered", "EarlierSpeed", "ModelFile", "Plan", "PlanRow", "SweepItem", "build_plan", "require_known"]

MOST_ATTEMPTS = 2
"""How often a question is tried that times out, crashes or is killed, and a config measured that does not answer;
`retry_failed` tries again."""

SPEED_SUITE = "speed"
"""What stands for the question set in the row of a config's speed."""

NOT_RUN = ("not_allowed", "no_file")


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
    """One model, config and question set, or the config's speed rounds (suite speed; questions are its prompts then).
    status: done, missing, stale, failed, no_file or not_allowed.

    done + missing + stale + failed = questions. estimated_s: seconds to do what is missing or stale; None where nothing
    is known to tell it from.
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
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows; the questions that a sweep would put, in running order; the speed rounds it would run, one group for
    each model with a config to measure."""

    rows: tuple[PlanRow, ...]
    items: tuple[SweepItem, ...]
    groups: tuple[MeasuringGroup, ...] = ()

    @property
    def speed_items(self) -> tuple[SpeedItem, ...]:
        """The configs to measure, without those that are only compared with."""
        return tuple(item for group in self.groups for item in group.items if item.reason != REFERENCE)


def build_plan(
    fleet: Fleet,
    host: Host,
    questions: Sequence[Question],
    files: Mapping[str, ModelFile],
    answered: Iterable[Answered] = (),
    *,
    preset: str = DEFAULT_PRESET,
    models: Sequence[str] | None = None,
    suites: Sequence[str] | None = None,
    techniques: Sequence[str] = TECHNIQUES,
    config_ids: Collection[str] = (),
    retry_failed: bool = False,
    backend: Backend | None = None,
    verdicts: Mapping[tuple[str, str], Verdict] | None = None,
    speed_prompts: Sequence[SpeedPrompt] = (),
    speeds: Iterable[EarlierSpeed] = (),
    changed_answers: Collection[tuple[str, str]] = (),
    load_s: Mapping[str, float] | None = None,
) -> Plan:
    """What a sweep would do now.

    files: by model name; a model without one gets no_file. answered, speeds: earlier generations and rounds, in any
    order, those of other models and configs included. preset: how much of the matrix. models, suites, techniques:
    restrict to these; the suite `speed` is the speed rounds. config_ids: measure the speed of these only, where there
    are any, and what they are compared with; rows are there for all. retry_failed: try again what failed
    MOST_ATTEMPTS times. backend: what would run (the embedded one). verdicts: whether drafts fit, by (target, draft).
    speed_prompts: empty: no speed is planned. changed_answers: (model, config_id) of speculative configs whose answers
    really differ from what they should repeat; these are asked questions too. load_s: measured seconds of a load, by
    model.

    Raises ValueError for a preset, model, suite or technique that does not exist.
    """
    require_known(models, fleet.models, "model", f"fleet {fleet.name}")
    by_suite: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_suite[question.suite].append(question)
    require_known(suites, [*by_suite, SPEED_SUITE], "suite", f"the question sets of fleet {fleet.name}")
    chosen = preset_named(preset)
    conditions = Conditions(fleet, host, backend or LlamaCppBackend(), files, verdicts or {})
    chosen_suites = {suite: those for suite, those in by_suite.items() if suites is None or suite in suites}
    prompts = speed_prompts if suites is None or SPEED_SUITE in suites else ()
    changed, answers, rounds = frozenset(changed_answers), EarlierAnswers(answered), EarlierRounds(speeds)
    rows: list[PlanRow] = []
    items: list[SweepItem] = []
    groups: list[MeasuringGroup] = []
    for model in fleet.models.values():
        if models is not None and model.name not in models:
            continue
        found = candidates(model, conditions, chosen, techniques)
        of_model = _OneModel(model, conditions, found, retry_failed)
        to_measure: list[SpeedItem] = []
        for candidate in found:
            if answers_are_its_own(candidate.config) or (model.name, identity(candidate.config)) in changed:
                for suite, those in chosen_suites.items():
                    row, to_ask = of_model.quality(candidate, suite, those, answers)
                    rows.append(row)
                    items += to_ask
            if prompts:
                row, item = of_model.speed(candidate, prompts, rounds)
                rows.append(row)
                to_measure += [item] if item and (not config_ids or row.config_id in config_ids) else []
        if to_measure:
            compared = of_model.compared_with(to_measure, prompts)
            groups.append(_group([*compared, *to_measure], conditions, load_s or {}))
    return Plan(tuple(rows), tuple(items), tuple(groups))


def groups_of_preset(
    conditions: Conditions, preset: str, load_s: Mapping[str, float], models: Sequence[str] | None = None
) -> list[MeasuringGroup]:
    """What measuring everything that a preset allows would load, files or no files, done or not done: one group for
    each model that may be run. The items have no speed_key."""
    found: list[MeasuringGroup] = []
    for model in conditions.fleet.models.values():
        if models is not None and model.name not in models:
            continue
        configs = [each.config for each in candidates(model, conditions, preset_named(preset)) if not each.not_allowed]
        if configs:
            # dict.fromkeys would need configs to be hashable, which their dictionaries prevent.
            wanted = {identity(each): each for each in [*references(configs), *configs]}
            found.append(
                _group([SpeedItem(model, each, "", "missing") for each in wanted.values()], conditions, load_s)
            )
    return found


class _OneModel:
    """The rows of one model."""

    def __init__(self, model: Model, conditions: Conditions, found: Sequence[Candidate], retry_failed: bool) -> None:
        self._model, self._conditions, self._retry_failed = model, conditions, retry_failed
        self._configs = {identity(candidate.config): candidate.config for candidate in found}
        self._file = conditions.files.get(model.name)
        self._pace = pace_of(self._file.facts if self._file else None, conditions.host)
        self._settings: dict[tuple[str, int], tuple[PromptSettings, str]] = {}

    def quality(
        self, candidate: Candidate, suite: str, questions: Sequence[Question], earlier: EarlierAnswers
    ) -> tuple[PlanRow, list[SweepItem]]:
        """The row of a question set, and the questions to put."""
        name, config = self._model.name, candidate.config
        config_id = identity(config)
        run = candidate.not_allowed is None and candidate.no_file is None
        keys = GenerationKeys(self._sha256(name), config_id, self._draft_sha256(config))
        done = stale = failed = 0
        items: list[SweepItem] = []
        failures_seen: list[str] = []
        for question in questions:
            answered_before = (name, config_id, question.question_id) in earlier.questions
            if not run:
                stale += answered_before
                continue
            settings, text = self._settings_of(question)
            key = keys.key(question.question_id, text)
            if (name, key) in earlier.answered_keys:
                done += 1
                continue
            failures = earlier.failures.get((name, key), [])
            failures_seen += failures
            if len(failures) >= MOST_ATTEMPTS and not self._retry_failed:
                failed += 1
                continue
            stale += answered_before
            items.append(SweepItem(self._model, config, question, settings, key, attempt=len(failures) + 1))
        missing = len(questions) - done - stale - failed
        if missing or stale:
            status = "missing" if missing else "stale"
            reason = "answered with another model file or other prompt settings" if status == "stale" else None
            if failures_seen:
                reason = f"{len(failures_seen)} earlier attempts failed: {_counted(failures_seen)}"
        elif failed:
            status, reason = "failed", f"tried {MOST_ATTEMPTS} times each: {_counted(failures_seen)}"
        else:
            status, reason = "done", None
        tokens = sum(item.question.max_tokens for item in items) / len(items) if items else 0.0
        each_s = self._seconds(config, earlier.seconds.get(name, {}), tokens)
        row = self._row(
            candidate,
            suite,
            (status, reason),
            {"questions": len(questions), "done": done, "missing": missing, "stale": stale, "failed": failed},
            None if each_s is None else each_s * len(items),
        )
        return row, items

    def speed(
        self, candidate: Candidate, prompts: Sequence[SpeedPrompt], earlier: EarlierRounds
    ) -> tuple[PlanRow, SpeedItem | None]:
        """The row of a config's speed, and what to measure."""
        config, count = candidate.config, len(prompts)
        key = self._speed_key(config, prompts)
        known = earlier.of_config.get((self._model.name, identity(config)), [])
        same = [each for each in known if each.speed_key == key]
        rounds, failures = max((each.rounds for each in same), default=0), sum(each.failures for each in same)
        reason: str | None = None
        if any(each.enough for each in same):
            status = "done"
        elif failures >= MOST_ATTEMPTS and not self._retry_failed:
            told = [each.failure for each in same if each.failure]
            status, reason = "failed", f"measured {failures} times without an answer: {'; '.join(told) or 'no reason'}"
        elif rounds:
            status, reason = "missing", f"{rounds} rounds so far, which the stop rule does not find enough"
        elif any(each.rounds for each in known):
            status, reason = "stale", "measured with another model or draft file, or other prompts"
        else:
            status = "missing"
        if not rounds and failures and status in ("missing", "stale"):
            reason = f"{failures} earlier measurements failed"
        run = candidate.not_allowed is None and candidate.no_file is None
        item = SpeedItem(self._model, config, key, status) if run and status in ("missing", "stale") else None
        each_s = self._seconds(
            config,
            earlier.seconds.get(self._model.name, {}),
            float(sum(prompt.max_tokens for prompt in prompts)),
        )
        row = self._row(
            candidate,
            SPEED_SUITE,
            (status, reason),
            {name: count if name in ("questions", status) else 0 for name in COUNTS},
            None
            if each_s is None
            else each_s * (max(1, self._conditions.fleet.speed_rounds.least - rounds) if item else 0),
        )
        return row, item

    def compared_with(self, items: Sequence[SpeedItem], prompts: Sequence[SpeedPrompt]) -> list[SpeedItem]:
        """What items are compared with and that is not among them: it is measured again in the same rounds."""
        there = {identity(item.config) for item in items}
        return [
            SpeedItem(self._model, config, self._speed_key(config, prompts), REFERENCE)
            for config in references(item.config for item in items)
            if identity(config) not in there
        ]

    def _row(
        self,
        candidate: Candidate,
        suite: str,
        told: tuple[str, str | None],
        counts: Mapping[str, int],
        estimated_s: float | None,
    ) -> PlanRow:
        status, reason = told
        if candidate.not_allowed is not None:
            status, reason = "not_allowed", candidate.not_allowed
        elif candidate.no_file is not None:
            status, reason = "no_file", candidate.no_file
        return PlanRow(
            fleet=self._conditions.fleet.name,
            model=self._model.name,
            config_id=identity(candidate.config),
            suite=suite,
            config=candidate.config.name,
            technique=candidate.config.technique,
            status=status,
            reason=reason,
            estimated_s=None if status in NOT_RUN else estimated_s,
            **counts,
        )

    def _seconds(self, config: Config, taken_s: Mapping[str, float], tokens: float) -> float | None:
        known = {name: (self._configs.get(name, config), seconds) for name, seconds in taken_s.items()}
        return self._pace.seconds(config, known, tokens)

    def _settings_of(self, question: Question) -> tuple[PromptSettings, str]:
        """Settings and their text; the same for questions of one suite and length."""
        of_kind = (question.suite, question.max_tokens)
        if of_kind not in self._settings:
            settings = prompt_settings(self._model, question)
            self._settings[of_kind] = settings, settings_text(settings)
        return self._settings[of_kind]

    def _speed_key(self, config: Config, prompts: Sequence[SpeedPrompt]) -> str:
        version = prompts_version(prompt.prompt_id for prompt in prompts)
        sha256, draft = self._sha256(self._model.name), self._draft_sha256(config)
        return speed_key(sha256, config, version, self._conditions.backend.name, draft)

    def _sha256(self, name: str) -> str:
        file = self._conditions.files.get(name)
        return file.sha256 if file else ""

    def _draft_sha256(self, config: Config) -> str | None:
        return self._sha256(config.spec.draft) if config.spec else None


COUNTS = ("questions", "done", "missing", "stale", "failed")


def _group(items: Sequence[SpeedItem], conditions: Conditions, load_s: Mapping[str, float]) -> MeasuringGroup:
    return measuring_group(
        items,
        models=conditions.fleet.models,
        host=conditions.host,
        backend=conditions.backend,
        files=conditions.files,
        measured_load_s=load_s,
    )


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
