"""The sweep: puts a plan's items to models, one machine-filling session at a time, and journals every answer.

Here: grouping by load parameters, sessions, failures, progress. A failure of the worker costs the question it
happened in and nothing else; a kill of the sweep costs the question in flight. Not here: deciding what to run
(plan), evaluating (inference), the machine lock and the warehouse (the caller's).
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from epyc_assets.benchmark.journal import Journal
from epyc_assets.benchmark.plan import ModelFile, SweepItem
from epyc_assets.benchmark.provenance import CodeProvenance, code_provenance
from epyc_assets.benchmark.records import generation_record, session_end_record, session_record
from epyc_assets.inference.backend import (
    Backend,
    Generation,
    GenerationRequest,
    Session,
    SessionFacts,
    SessionFailure,
    SessionRequest,
)
from epyc_assets.inference.chat_template import TemplateFault, render_prompt
from epyc_assets.inference.config import LoadParameters
from epyc_assets.registry.entries import Host, Model

DEFAULT_CONTEXT_TOKENS = 4096
"""Context allocated where the registry says nothing and the model was trained for no less."""

DEFAULT_LOAD_TIMEOUT_S = 900.0
DEFAULT_QUESTION_TIMEOUT_S = 300.0

MOST_DEATHS_IN_A_ROW = 5
"""Workers that may die one after another before the rest of a model's questions is left for another sweep."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep is. rate: answers per second so far; eta_s: None before the first answer."""

    done: int
    total: int
    model: str
    statuses: Mapping[str, int]
    rate: float
    eta_s: float | None


@dataclass(slots=True)
class SweepOutcome:
    """What a sweep did. statuses: answers by status. not_loaded: models that could not be loaded, with the reason;
    their questions stay missing. left: questions not put because of that."""

    statuses: Counter[str] = field(default_factory=Counter)
    sessions: int = 0
    not_loaded: dict[str, str] = field(default_factory=dict)
    left: int = 0


ProgressCallback = Callable[[Progress], None]


def run_sweep(
    items: Sequence[SweepItem],
    *,
    fleet: str,
    host: Host,
    files: Mapping[str, ModelFile],
    backend: Backend,
    journal_path: Callable[[str], Path],
    progress: ProgressCallback = lambda _: None,
    code: CodeProvenance | None = None,
) -> SweepOutcome:
    """Runs items in order; consecutive ones with the same model and load parameters share a session.

    journal_path: where a model's journal is. host: with default_threads resolved. Raises JournalFull when an
    answer cannot be kept; whatever a model or worker does becomes a status.
    """
    outcome = SweepOutcome()
    code = code or code_provenance()
    track = _Tracker(len(items), outcome, progress)
    for (model_name, _), group in groupby(items, key=lambda item: (item.model.name, _load_key(item, host))):
        with Journal(journal_path(model_name)) as journal:
            _run_group(list(group), fleet, host, files[model_name], backend, journal, code, outcome, track)
    return outcome


def resolved_load_parameters(model: Model, host: Host, item: SweepItem) -> LoadParameters:
    """Load parameters of a config: its own over the model's registry entry over the host's defaults."""
    own = model.load_parameters
    flash = own.flash_attention
    of_model = LoadParameters(
        context_tokens=own.context_tokens,
        threads=own.threads,
        batch_tokens=own.batch_tokens,
        micro_batch_tokens=own.ubatch_tokens,
        flash_attention=None if flash is None else "on" if flash else "off",
        kv_type=own.kv_type,
        mmap=own.mmap,
    )
    context = min(DEFAULT_CONTEXT_TOKENS, model.context_tokens or DEFAULT_CONTEXT_TOKENS)
    defaults = LoadParameters(context_tokens=context, threads=host.default_threads or host.cores or 1)
    return item.config.load_parameters(of_model.merged_over(defaults))


def _load_key(item: SweepItem, host: Host) -> str:
    return repr(resolved_load_parameters(item.model, host, item))


class _Tracker:
    """Counts and reports progress."""

    def __init__(self, total: int, outcome: SweepOutcome, progress: ProgressCallback) -> None:
        self._total, self._outcome, self._progress = total, outcome, progress
        self._started_s = time.monotonic()

    def report(self, model: str) -> None:
        done = sum(self._outcome.statuses.values()) + self._outcome.left
        elapsed_s = time.monotonic() - self._started_s
        rate = done / elapsed_s if elapsed_s > 0 else 0.0
        eta_s = (self._total - done) / rate if rate else None
        self._progress(Progress(done, self._total, model, dict(self._outcome.statuses), rate, eta_s))


def _run_group(
    items: Sequence[SweepItem],
    fleet: str,
    host: Host,
    file: ModelFile,
    backend: Backend,
    journal: Journal,
    code: CodeProvenance,
    outcome: SweepOutcome,
    track: _Tracker,
) -> None:
    """One model with one set of load parameters; a new session after each death of a worker."""
    model = items[0].model
    parameters = resolved_load_parameters(model, host, items[0])
    session: _JournalledSession | None = None
    deaths = 0
    with ExitStack() as stack:
        for position, item in enumerate(items):
            if session is None:
                session = _JournalledSession(fleet, item, file, host, backend, parameters, code, journal)
                reason = session.open(model.load_timeout_s or DEFAULT_LOAD_TIMEOUT_S)
                outcome.sessions += 1
                stack.callback(session.close)
                if reason is None and deaths >= MOST_DEATHS_IN_A_ROW:
                    reason = f"{deaths} workers died one after another"
                if reason is not None:
                    outcome.not_loaded[model.name] = reason
                    outcome.left += len(items) - position
                    track.report(model.name)
                    return
            generation = session.answer(item, model.question_timeout_s or DEFAULT_QUESTION_TIMEOUT_S)
            outcome.statuses[generation.status] += 1
            track.report(model.name)
            if session.alive:
                deaths = 0
            else:
                session, deaths = None, deaths + 1


class _JournalledSession:
    """A session together with its records."""

    def __init__(
        self,
        fleet: str,
        item: SweepItem,
        file: ModelFile,
        host: Host,
        backend: Backend,
        parameters: LoadParameters,
        code: CodeProvenance,
        journal: Journal,
    ) -> None:
        self._fleet, self._item, self._file, self._host = fleet, item, file, host
        self._backend, self._parameters, self._code, self._journal = backend, parameters, code, journal
        self._session_id = uuid.uuid4().hex
        self._session: Session | None = None
        self._ended: tuple[str, str | None] = ("closed", None)

    @property
    def alive(self) -> bool:
        return self._session is not None and self._session.alive

    def open(self, timeout_s: float) -> str | None:
        """Loads the model. Returns the reason where that failed."""
        started_at = datetime.now(UTC)
        facts: SessionFacts | None = None
        failure: tuple[str, str] | None = None
        try:
            self._session = self._backend.open_session(SessionRequest(self._file.path, self._parameters, timeout_s))
            facts = self._session.facts
        except SessionFailure as error:
            failure = (error.status, str(error))
        record = session_record(
            self._session_id,
            self._fleet,
            self._item,
            self._file.sha256,
            self._host,
            self._backend.name,
            self._parameters,
            self._code,
            started_at,
            facts,
            failure,
        )
        self._journal.append(record)
        return failure[1] if failure else None

    def answer(self, item: SweepItem, timeout_s: float) -> Generation:
        """Renders, asks, journals."""
        assert self._session is not None
        prompt: str | None = None
        try:
            prompt = self._render(item)
            generation = self._session.generate(
                GenerationRequest(
                    prompt=prompt,
                    max_tokens=item.settings.max_tokens,
                    timeout_s=timeout_s,
                    temperature=item.settings.temperature,
                    seed=item.settings.seed,
                )
            )
        except TemplateFault as error:
            generation = Generation("refused", datetime.now(UTC), status_reason=str(error))
        digest = None if prompt is None else hashlib.sha256(prompt.encode("utf-8", "replace")).hexdigest()
        self._journal.append(
            generation_record(self._fleet, item, self._file.sha256, self._session_id, prompt, digest, generation)
        )
        if not self.alive:
            self._ended = (generation.status, generation.status_reason)
        return generation

    def close(self) -> None:
        """Ends the worker and records how the session ended."""
        if self._session is None:
            return
        self._session.close()
        status, reason = self._ended
        self._journal.append(session_end_record(self._session_id, status, reason, self._session.peak_memory_bytes))
        self._session = None

    def _render(self, item: SweepItem) -> str:
        assert self._session is not None
        facts, settings = self._session.facts, item.settings
        return render_prompt(
            item.question.prompt,
            template=facts.chat_template if settings.prompt_format == "template" else None,
            bos_text=facts.bos_text,
            eos_text=facts.eos_text,
            variables=settings.template_variables,
            appended=settings.appended,
        )
