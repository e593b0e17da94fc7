"""Speed rounds: every config of a model once in each round, in shuffled order, the baseline among them.

Here: loading, rounds, the stop, what to do about failures, and the comparison of answers that should be the same. Not
here: which configs (plan), what follows from the figures (speed, agreement), the machine lock and the warehouse.

A round puts each prompt to every config, one config right after the other, so that a ratio within a round is of
neighbours in time. Where the loads do not fit into memory together, a round goes through them one after another.
"""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from epyc_assets.benchmark.journal import Journal, JournalContents
from epyc_assets.benchmark.journalled_session import JournalledSession, Surroundings, load_key, session_request
from epyc_assets.benchmark.loads import references
from epyc_assets.benchmark.prompt_settings import PromptSettings
from epyc_assets.benchmark.round_answers import Difference, RoundAnswer, batch_tokens, kept_answer
from epyc_assets.benchmark.speed_records import (
    Measurement,
    comparison_record,
    measurement_end_record,
    measurement_record,
    measurements_in,
    speed_record,
)
from epyc_assets.benchmark.sweep import DEFAULT_QUESTION_TIMEOUT_S, Progress, ProgressCallback, rendered_prompt
from epyc_assets.inference.backend import Generation, GenerationRequest, ShowsLogits
from epyc_assets.inference.chat_template import TemplateFault
from epyc_assets.inference.config import BASELINE, Config
from epyc_assets.registry.entries import Fleet, Model
from epyc_assets.statistics.speedup import (
    FEWEST_FOR_AN_INTERVAL,
    LEAST_ROUNDS,
    MOST_ROUNDS,
    NARROW_RATIO,
    enough_rounds,
)
from epyc_assets.suites.speed_prompts import SpeedPrompt

MOST_FAILURES = 2
"""Times a config may fail (a death, a timeout) within a measurement before it is left out of the further rounds."""

WARM_UP_TOKENS = 8


@dataclass(frozen=True, slots=True)
class StopRule:
    """When rounds are enough (statistics.speedup.enough_rounds): every config's interval narrower than narrow_ratio of
    its speed-up from least_rounds on, and at most_rounds in any case."""

    least_rounds: int = LEAST_ROUNDS
    most_rounds: int = MOST_ROUNDS
    narrow_ratio: float = NARROW_RATIO

    @property
    def least_undisturbed(self) -> int:
        """Undisturbed rounds from which on the others are left out: fewer show nothing where all of them could."""
        return max(self.least_rounds, min(FEWEST_FOR_AN_INTERVAL, self.most_rounds))

    def met(self, ratios: Iterable[Sequence[float]]) -> bool:
        """Whether rounds are enough. ratios: per config its speed over the baseline's, round by round."""
        return enough_rounds(ratios, **asdict(self))


DEFAULT_STOP = StopRule()


def stop_rule(fleet: Fleet) -> StopRule:
    """The rule that a fleet's registry entry sets."""
    return StopRule(fleet.speed_rounds.least, fleet.speed_rounds.most, fleet.speed_rounds.narrow_ratio)


@dataclass(frozen=True, slots=True)
class MeasuringJob:
    """What to measure of one model. speed_keys: by config_id. side_by_side: hold all loads at once. load_keys: by
    config_id, which configs share a load; configs that are not in it share whatever load they can."""

    model: Model
    configs: tuple[Config, ...]
    speed_keys: Mapping[str, str]
    prompts: tuple[SpeedPrompt, ...]
    side_by_side: bool = True
    load_keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RoundsOutcome:
    """What was done. left_out: configs that could not be measured to the end, by config_id, with the reason.
    reason: why the rounds ended. differences: first differences of answers that should be the same."""

    measurement_id: str = ""
    rounds: int = 0
    reason: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    loads: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    differences: int = 0


def run_rounds(
    job: MeasuringJob,
    around: Surroundings,
    journal: Journal,
    earlier: JournalContents,
    *,
    stop: StopRule = DEFAULT_STOP,
    progress: ProgressCallback = lambda _: None,
) -> RoundsOutcome:
    """Measures a job's configs until the stop rule is met, and compares answers that should be the same.

    earlier: what the journal holds; a measurement of the same configs, contents and prompts that was cut short is gone
    on with, and nothing of it is run again. The baseline, and for each speculative config the same config without
    speculation, are measured too. Raises JournalFull when an answer cannot be kept; whatever a model or worker does
    becomes a status.
    """
    return _Rounds(_with_references(job), around, journal, earlier, stop, progress).run()


def _with_references(job: MeasuringJob) -> MeasuringJob:
    """The job with everything that its configs are compared with."""
    wanted = {config.config_id: config for config in [*references(job.configs), *job.configs]}
    missing = [config.name for config_id, config in wanted.items() if config_id not in job.speed_keys]
    if missing:
        raise ValueError(f"no speed_key for what the configs are compared with: {', '.join(missing)}")
    return replace(job, configs=tuple(wanted.values()))


class _Rounds:
    """One measurement."""

    def __init__(
        self,
        job: MeasuringJob,
        around: Surroundings,
        journal: Journal,
        earlier: JournalContents,
        stop: StopRule,
        progress: ProgressCallback,
    ) -> None:
        self._job, self._around, self._journal, self._stop, self._progress = job, around, journal, stop, progress
        self._configs = {config.config_id: config for config in job.configs}
        self._prompts = {prompt.prompt_id: prompt for prompt in job.prompts}
        self._answers: dict[tuple[int, str, str], RoundAnswer] = {}
        self._done: set[tuple[int, str, str]] = set()
        self._compared: set[tuple[str, str]] = set()
        self._failures: Counter[str] = Counter()
        self._sessions: dict[str, JournalledSession] = {}
        self._calibration_ms: dict[str, float | None] = {}
        self._outcome = RoundsOutcome()
        self._started_s, self._asked = time.monotonic(), 0
        self._measurement = self._begun(earlier)
        self._outcome.measurement_id = self._measurement.measurement_id

    def run(self) -> RoundsOutcome:
        """All rounds, then the comparisons."""
        outcome = self._outcome
        with ExitStack() as stack:
            stack.callback(self._close_all)
            if self._measurement.ended is None:
                outcome.reason = self._all_rounds()
            else:
                outcome.reason = self._measurement.ended
            self._compare_answers()
            if self._measurement.ended is None and outcome.rounds:
                # Last of all, so that a kill in the middle of the comparisons leaves something to go on with.
                self._journal.append(measurement_end_record(outcome.measurement_id, outcome.reason))
        return outcome

    def _begun(self, earlier: JournalContents) -> Measurement:
        """The measurement to go on with, what is known of it taken over; else a new one."""
        keys = {config_id: self._job.speed_keys[config_id] for config_id in self._configs}
        prompt_ids = tuple(self._prompts)
        for old in reversed(measurements_in(earlier)):
            if (old.backend, dict(old.speed_keys), old.prompt_ids) == (self._around.backend.name, keys, prompt_ids):
                self._take_over(old, earlier)
                if old.ended is None or any(key not in self._compared for key in self._differences()):
                    return old
                self._answers.clear()
                self._done.clear()
                self._compared.clear()
                self._failures.clear()
                self._outcome.left_out.clear()
                break
        measurement_id = uuid.uuid4().hex
        seed = int(measurement_id[:8], 16)
        new = Measurement(measurement_id, self._around.backend.name, keys, prompt_ids, seed)
        self._journal.append(measurement_record(self._around.fleet, self._job.model.name, new))
        return new

    def _take_over(self, old: Measurement, earlier: JournalContents) -> None:
        """What the journal holds of a measurement."""
        for record in earlier.records:
            if record.get("measurement_id") != old.measurement_id:
                continue
            if record["kind"] == "speed" and record.get("purpose") == "rounds":
                self._keep(record)
            elif record["kind"] == "comparison":
                self._compared.add((record["config_id"], record["prompt_id"]))

    def _all_rounds(self) -> str:
        """Runs rounds until the stop rule is met. Returns why they ended."""
        for number in range(self._stop.most_rounds):
            for group in self._loads(number):
                self._run_load(number, group)
                if not self._job.side_by_side:
                    self._close_all()
            self._outcome.rounds = number + 1
            if BASELINE.config_id in self._outcome.left_out:
                return f"the baseline failed: {self._outcome.left_out[BASELINE.config_id]}"
            ratios = self._ratios()
            if self._stop.least_rounds <= number + 1 < self._stop.most_rounds and self._stop.met(ratios.values()):
                return f"every interval is narrower than {self._stop.narrow_ratio:.0%}" if ratios else "enough rounds"
        return f"{self._stop.most_rounds} rounds, the most there are"

    def _loads(self, number: int) -> Iterator[list[Config]]:
        """Configs that are run together in a round: all where their loads are held side by side, else load by load in
        shuffled order."""
        configs = [config for config_id, config in self._configs.items() if config_id not in self._outcome.left_out]
        if self._job.side_by_side:
            yield configs
            return
        by_load: dict[str, list[Config]] = defaultdict(list)
        for config in configs:
            by_load[self._load_key(config)].append(config)
        loads = list(by_load.values())
        random.Random(f"{self._measurement.shuffle_seed}/{number}/loads").shuffle(loads)
        yield from loads

    def _run_load(self, number: int, configs: Sequence[Config]) -> None:
        """Each prompt to every config, one right after the other."""
        order = random.Random(f"{self._measurement.shuffle_seed}/{number}")
        prompts = list(self._prompts.values())
        order.shuffle(prompts)
        self._calibration_ms.clear()
        position = 0
        for prompt in prompts:
            shuffled = list(configs)
            order.shuffle(shuffled)
            for config in shuffled:
                key = (number, config.config_id, prompt.prompt_id)
                if key not in self._done and config.config_id not in self._outcome.left_out:
                    self._measure(number, position, config, prompt)
                position += 1

    def _measure(self, number: int, position: int, config: Config, prompt: SpeedPrompt) -> None:
        session = self._session(config)
        if session is None:
            return
        key = self._load_key(config)
        if key not in self._calibration_ms:
            self._calibration_ms[key] = session.session.calibrate()
        sent, generation = self._answer(session, config, prompt, prompt.max_tokens)
        record = speed_record(
            self._measurement,
            self._around.fleet,
            self._job.model.name,
            self._around.files[self._job.model.name].sha256,
            config,
            session.session_id,
            prompt,
            sent,
            generation,
            round_number=number,
            position=position,
            purpose="rounds",
            temperature=0.0,
            seed=0,
            calibration_ms=self._calibration_ms[key],
        )
        self._journal.append(record)
        self._keep(record)
        self._outcome.statuses[generation.status] += 1
        self._asked += 1
        self._report()
        if not session.alive:
            self._close(key)

    def _answer(
        self, session: JournalledSession, config: Config, prompt: SpeedPrompt, max_tokens: int
    ) -> tuple[str | None, Generation]:
        """One greedy answer of fixed length. Returns the exact text sent, None where it could not be rendered."""
        model = self._job.model
        settings = PromptSettings(model.prompt_format, 0.0, 0, max_tokens)
        try:
            sent = rendered_prompt(prompt.prompt, settings, session.session.facts)
        except TemplateFault as error:
            return None, Generation("refused", datetime.now(UTC), status_reason=str(error))
        request = GenerationRequest(
            prompt=sent,
            max_tokens=max_tokens,
            timeout_s=model.question_timeout_s or DEFAULT_QUESTION_TIMEOUT_S,
            ignore_eos=True,
            speculation=config.speculation,
        )
        return sent, session.generate(request)

    def _session(self, config: Config) -> JournalledSession | None:
        """The session that a config is run in, opened and warmed up where needed; None once it is left out."""
        key = self._load_key(config)
        while key not in self._sessions and config.config_id not in self._outcome.left_out:
            self._open(key, config)
        return self._sessions.get(key)

    def _open(self, key: str, config: Config) -> None:
        """Loads for all configs that share the load, and warms up: untimed answers touch pages, caches and code paths.
        What fails is counted against the config in whose turn it happened."""
        sharing = [
            each
            for config_id, each in self._configs.items()
            if config_id not in self._outcome.left_out and self._load_key(each) == key
        ]
        drafts = [each.spec.draft for each in sharing if each.spec]
        request = session_request(self._job.model, self._around, config, drafts)
        session = JournalledSession(self._job.model, request, self._around, self._journal)
        self._outcome.loads += 1
        reason = session.open()
        if reason is not None:
            # A draft is why: the load is tried again without it, and the rest of the model is measured.
            own = [each for each in sharing if each.spec and each.spec.draft == session.failed_draft]
            for each in own or sharing:
                self._failed(each.config_id, reason, for_good=True)
            return
        self._sessions[key] = session
        for each in sharing:
            self._answer(session, each, self._job.prompts[0], WARM_UP_TOKENS)
            if not session.alive:
                self._close(key)
                self._failed(each.config_id, "its worker died while warming up")
                return

    def _compare_answers(self) -> None:
        """Asks the logits about every first difference between a speculative config and its reference."""
        differences = self._differences()
        self._outcome.differences = len(differences)
        # One reference after the other: where loads are not held side by side, each is loaded once.
        for config_id, prompt_id in sorted(differences, key=lambda key: self._reference(key[0]).config_id):
            if (config_id, prompt_id) in self._compared:
                continue
            config, difference = self._configs[config_id], differences[(config_id, prompt_id)]
            reference = self._reference(config_id)
            key = self._load_key(reference)
            if not self._job.side_by_side and key not in self._sessions:
                self._close_all()
            session = self._session(reference)
            comparison = None
            if session is not None and isinstance(session.session, ShowsLogits):
                comparison = session.session.compare_choices(
                    difference.sent,
                    difference.before,
                    difference.reference_token,
                    difference.config_token,
                    batch_tokens(config),
                )
            if session is not None and not session.alive:
                self._close(key)
                self._failed(reference.config_id, "its worker did not tell how two answers differ")
            self._journal.append(
                comparison_record(
                    self._measurement.measurement_id,
                    config_id,
                    prompt_id,
                    len(difference.before),
                    difference.reference_token,
                    difference.config_token,
                    comparison,
                )
            )

    def _reference(self, config_id: str) -> Config:
        """The config whose answers a config must repeat."""
        return self._configs[config_id].without_speculation

    def _keep(self, record: Mapping[str, Any]) -> None:
        """Takes a record in: an answer, or a failure, which may leave its config out."""
        config_id, status = record["config_id"], record["status"]
        key = (record["round"], config_id, record["prompt_id"])
        self._done.add(key)
        answer = kept_answer(record)
        if answer is not None:
            self._answers[key] = answer
        elif status != "ok":
            self._failed(config_id, f"{status}: {record.get('status_reason')}", for_good=status == "refused")

    def _failed(self, config_id: str, reason: str, *, for_good: bool = False) -> None:
        self._failures[config_id] += 1
        if for_good or self._failures[config_id] >= MOST_FAILURES:
            self._outcome.left_out[config_id] = reason

    def _differences(self) -> dict[tuple[str, str], Difference]:
        """Per config and prompt the first answer that is not that of the same config without speculation."""
        found: dict[tuple[str, str], Difference] = {}
        for (number, config_id, prompt_id), answer in sorted(self._answers.items(), key=lambda item: item[0]):
            config = self._configs[config_id]
            reference = self._answers.get((number, config.without_speculation.config_id, prompt_id))
            if not config.is_speculative or reference is None or (config_id, prompt_id) in found:
                continue
            pairs = enumerate(zip(reference.token_ids, answer.token_ids, strict=False))
            place = next((index for index, (ours, theirs) in pairs if ours != theirs), None)
            if place is not None:
                before, pair = reference.token_ids[:place], (reference.token_ids[place], answer.token_ids[place])
                found[(config_id, prompt_id)] = Difference(reference.sent, before, *pair)
        return found

    def _ratios(self) -> dict[str, list[float]]:
        """Per config the speed over the baseline's, round by round; of rounds in which both answered every prompt,
        the undisturbed ones where there are enough of them."""
        found: dict[str, list[float]] = {}
        for config_id in self._configs:
            if config_id == BASELINE.config_id or config_id in self._outcome.left_out:
                continue
            clean, all_rounds = [], []
            for number in range(self._outcome.rounds):
                pair = [self._round_speed(number, each) for each in (config_id, BASELINE.config_id)]
                if pair[0] is None or pair[1] is None:
                    continue
                ratio = pair[0][0] / pair[1][0]
                all_rounds.append(ratio)
                if not (pair[0][1] or pair[1][1]):
                    clean.append(ratio)
            found[config_id] = clean if len(clean) >= self._stop.least_undisturbed else all_rounds
        return found

    def _round_speed(self, number: int, config_id: str) -> tuple[float, bool] | None:
        """Tokens per second over all prompts of a round, and whether it was contended."""
        answers = [self._answers.get((number, config_id, prompt_id)) for prompt_id in self._prompts]
        whole = [answer for answer in answers if answer is not None]
        seconds = sum(answer.seconds for answer in whole)
        if len(whole) < len(answers) or seconds <= 0:
            return None
        return sum(answer.tokens for answer in whole) / seconds, any(answer.contended for answer in whole)

    def _load_key(self, config: Config) -> str:
        own = self._job.load_keys.get(config.config_id)
        return own or load_key(self._job.model, self._around.host, config, self._around.backend)

    def _close(self, key: str) -> None:
        self._sessions.pop(key).close()

    def _close_all(self) -> None:
        for key in list(self._sessions):
            self._close(key)

    def _report(self) -> None:
        # How many rounds it takes nobody knows; so many it takes at least.
        least = max(self._stop.least_rounds, self._outcome.rounds + 1)
        total = least * (len(self._configs) - len(self._outcome.left_out)) * len(self._prompts)
        elapsed_s = time.monotonic() - self._started_s
        rate = self._asked / elapsed_s if elapsed_s > 0 else 0.0
        done = min(total, len(self._done))
        eta_s = (total - done) / rate if rate else None
        self._progress(Progress(done, total, self._job.model.name, dict(self._outcome.statuses), rate, eta_s))
