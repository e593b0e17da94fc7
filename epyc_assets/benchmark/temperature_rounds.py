"""Speed prompts answered at several temperatures: what drafting is accepted when answers are sampled.

Here: loading, the order, what to do about failures, the journal. Not here: which configs and temperatures (the caller),
what follows from the answers (experiments.temperature), the machine lock and the warehouse.

The interleaved rounds of speed (rounds) are greedy, since only then answers can be compared token by token.
"""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from epyc_assets.benchmark.journal import Journal, JournalContents
from epyc_assets.benchmark.journalled_session import JournalledSession, Surroundings, load_key, session_request
from epyc_assets.benchmark.prompt_settings import PromptSettings
from epyc_assets.benchmark.speed_records import (
    Measurement,
    measurement_end_record,
    measurement_record,
    measurements_in,
    speed_record,
)
from epyc_assets.benchmark.sweep import DEFAULT_QUESTION_TIMEOUT_S, Progress, ProgressCallback, rendered_prompt
from epyc_assets.inference.backend import Generation, GenerationRequest
from epyc_assets.inference.chat_template import TemplateFault
from epyc_assets.inference.config import Config
from epyc_assets.registry.entries import Model
from epyc_assets.suites.speed_prompts import SpeedPrompt

PURPOSE = "temperature"
"""Of the records, so that none of them enters a speed-up."""

MOST_FAILURES = 2
"""Times a config may fail (a death, a timeout) before it is left out."""

WARM_UP_TOKENS = 8


@dataclass(frozen=True, slots=True)
class TemperatureJob:
    """What to put to one model. speed_keys: by config_id. temperatures: 0 is greedy, and asked with the first seed
    only, because there a seed changes nothing. seeds: at least one."""

    model: Model
    configs: tuple[Config, ...]
    speed_keys: Mapping[str, str]
    prompts: tuple[SpeedPrompt, ...]
    temperatures: tuple[float, ...]
    seeds: tuple[int, ...]


@dataclass(slots=True)
class TemperatureOutcome:
    """What was done. left_out: configs that could not be run to the end, by config_id, with the reason."""

    measurement_id: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    loads: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cell:
    """One answer to be given. round_number: the place of its seed."""

    round_number: int
    config: Config
    prompt: SpeedPrompt
    temperature: float
    seed: int

    @property
    def key(self) -> tuple[Any, ...]:
        return self.config.config_id, self.prompt.prompt_id, self.temperature, self.seed


def run_temperatures(
    job: TemperatureJob,
    around: Surroundings,
    journal: Journal,
    earlier: JournalContents,
    *,
    again: bool = False,
    progress: ProgressCallback = lambda _: None,
) -> TemperatureOutcome:
    """Puts every prompt to every config at every temperature with every seed, and journals each answer at once.

    earlier: what the journal holds. The latest measurement of the same contents, configs and prompts is gone on with,
    so that a killed one loses nothing, more temperatures or seeds are only added, and one that is complete asks
    nothing; again: begin a new one. Answers have a fixed length (ignore_eos). Within a load, configs and temperatures
    are shuffled prompt by prompt; loads follow one another. Raises ValueError for a job without prompts, temperatures
    or seeds, or a negative temperature, JournalFull when an answer cannot be kept; whatever a model or worker does
    becomes a status.
    """
    if not (job.prompts and job.temperatures and job.seeds) or min(job.temperatures) < 0:
        raise ValueError("a temperature sweep needs prompts, seeds, and temperatures from 0 on")
    return _Temperatures(job, around, journal, earlier, again, progress).run()


class _Temperatures:
    """One measurement."""

    def __init__(
        self,
        job: TemperatureJob,
        around: Surroundings,
        journal: Journal,
        earlier: JournalContents,
        again: bool,
        progress: ProgressCallback,
    ) -> None:
        self._job, self._around, self._journal, self._progress = job, around, journal, progress
        self._outcome = TemperatureOutcome()
        self._failures: Counter[str] = Counter()
        self._done: set[tuple[Any, ...]] = set()
        self._answered, self._started_s = 0, time.monotonic()
        sampled, greedy = sum(each > 0 for each in job.temperatures), sum(each == 0 for each in job.temperatures)
        self._total = len(job.configs) * len(job.prompts) * (sampled * len(job.seeds) + greedy)
        self._measurement = self._begun(earlier, again)
        self._outcome.measurement_id = self._measurement.measurement_id

    def run(self) -> TemperatureOutcome:
        """Everything that is missing, load by load."""
        host, backend = self._around.host, self._around.backend
        by_load: dict[str, list[Config]] = {}
        for config in self._job.configs:
            by_load.setdefault(load_key(self._job.model, host, config, backend), []).append(config)
        for configs in by_load.values():
            self._run_load(configs)
        if self._measurement.ended is None:
            left = "; ".join(self._outcome.left_out.values())
            reason = f"left out: {left}" if left else "every answer was given"
            self._journal.append(measurement_end_record(self._outcome.measurement_id, reason))
        return self._outcome

    def _begun(self, earlier: JournalContents, again: bool) -> Measurement:
        """The measurement to go on with, what is known of it taken over; else a new one."""
        job, backend = self._job, self._around.backend.name
        keys = {config.config_id: job.speed_keys[config.config_id] for config in job.configs}
        prompt_ids = tuple(prompt.prompt_id for prompt in job.prompts)
        for old in () if again else reversed(measurements_in(earlier)):
            if (old.backend, dict(old.speed_keys), old.prompt_ids) == (backend, keys, prompt_ids):
                for record in earlier.records:
                    if record["kind"] == "speed" and record.get("measurement_id") == old.measurement_id:
                        self._keep(record)
                return old
        measurement_id = uuid.uuid4().hex
        new = Measurement(measurement_id, backend, keys, prompt_ids, int(measurement_id[:8], 16))
        self._journal.append(measurement_record(self._around.fleet, job.model.name, new))
        return new

    def _cells(self, configs: Sequence[Config]) -> Iterator[_Cell]:
        """What is asked within a load, in order: seed by seed and prompt by prompt, shuffled within a prompt."""
        for number, seed in enumerate(self._job.seeds):
            order = random.Random(f"{self._measurement.shuffle_seed}/{number}")
            prompts = list(self._job.prompts)
            order.shuffle(prompts)
            for prompt in prompts:
                temperatures = [each for each in self._job.temperatures if each > 0 or number == 0]
                pairs = [(config, temperature) for config in configs for temperature in temperatures]
                order.shuffle(pairs)
                yield from (_Cell(number, config, prompt, temperature, seed) for config, temperature in pairs)

    def _run_load(self, configs: Sequence[Config]) -> None:
        session: JournalledSession | None = None
        try:
            for position, cell in enumerate(self._cells(configs)):
                if cell.key in self._done or cell.config.config_id in self._outcome.left_out:
                    continue
                if session is None or not session.alive:
                    if session is not None:
                        session.close()
                    session = self._opened(configs)
                    if session is None:
                        return
                if cell.config.config_id not in self._outcome.left_out:
                    self._measure(session, position, cell)
        finally:
            if session is not None:
                session.close()

    def _opened(self, sharing: Sequence[Config]) -> JournalledSession | None:
        """A loaded session, warmed up by an untimed answer under each config; None where nothing can be run in it."""
        wanted = [each for each in sharing if each.config_id not in self._outcome.left_out]
        if not wanted:
            return None
        drafts = [each.spec.draft for each in wanted if each.spec]
        request = session_request(self._job.model, self._around, wanted[0], drafts)
        session = JournalledSession(self._job.model, request, self._around, self._journal)
        self._outcome.loads += 1
        reason = session.open()
        if reason is not None:
            self._outcome.left_out.update(dict.fromkeys((each.config_id for each in wanted), reason))
            return None
        for each in wanted:
            self._answer(session, _Cell(0, each, self._job.prompts[0], 0.0, 0), WARM_UP_TOKENS)
            if not session.alive:
                session.close()
                self._failed(each.config_id, "its worker died while warming up")
                return self._opened(wanted)
        return session

    def _measure(self, session: JournalledSession, position: int, cell: _Cell) -> None:
        sent, generation = self._answer(session, cell, cell.prompt.max_tokens)
        record = speed_record(
            self._measurement,
            self._around.fleet,
            self._job.model.name,
            self._around.files[self._job.model.name].sha256,
            cell.config,
            session.session_id,
            cell.prompt,
            sent,
            generation,
            round_number=cell.round_number,
            position=position,
            purpose=PURPOSE,
            temperature=cell.temperature,
            seed=cell.seed,
            calibration_ms=None,
        )
        self._journal.append(record)
        self._keep(record)
        self._outcome.statuses[generation.status] += 1
        self._report()

    def _answer(self, session: JournalledSession, cell: _Cell, max_tokens: int) -> tuple[str | None, Generation]:
        """One answer of fixed length. Returns the exact text sent, None where it could not be rendered."""
        model = self._job.model
        settings = PromptSettings(model.prompt_format, cell.temperature, cell.seed, max_tokens)
        try:
            sent = rendered_prompt(cell.prompt.prompt, settings, session.session.facts)
        except TemplateFault as error:
            return None, Generation("refused", datetime.now(UTC), status_reason=str(error))
        request = GenerationRequest(
            prompt=sent,
            max_tokens=max_tokens,
            timeout_s=model.question_timeout_s or DEFAULT_QUESTION_TIMEOUT_S,
            temperature=cell.temperature,
            seed=cell.seed,
            ignore_eos=True,
            speculation=cell.config.speculation,
        )
        return sent, session.generate(request)

    def _keep(self, record: Mapping[str, Any]) -> None:
        """Takes a record in: an answer, or a failure, which may leave its config out."""
        self._done.add((record["config_id"], record["prompt_id"], record["temperature"], record["seed"]))
        status = record["status"]
        if status != "ok":
            self._failed(record["config_id"], f"{status}: {record.get('status_reason')}", for_good=status == "refused")

    def _failed(self, config_id: str, reason: str, *, for_good: bool = False) -> None:
        self._failures[config_id] += 1
        if for_good or self._failures[config_id] >= MOST_FAILURES:
            self._outcome.left_out[config_id] = reason

    def _report(self) -> None:
        self._answered += 1
        elapsed_s = time.monotonic() - self._started_s
        rate = self._answered / elapsed_s if elapsed_s > 0 else 0.0
        eta_s = (self._total - len(self._done)) / rate if rate else None
        statuses = dict(self._outcome.statuses)
        self._progress(Progress(len(self._done), self._total, self._job.model.name, statuses, rate, eta_s))
