"""The sweep: puts a plan's items to models, one machine-filling session at a time, and journals every answer.

Here: grouping by load parameters, sessions, failures, progress. A failure of the worker costs the question it
happened in and nothing else; a kill of the sweep costs the question in flight. Not here: deciding what to run
(plan), evaluating (inference), the machine lock and the warehouse (the caller's).
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from epyc_assets.benchmark.journal import Journal
from epyc_assets.benchmark.journalled_session import JournalledSession, Surroundings, load_key, session_request
from epyc_assets.benchmark.plan import ModelFile, SweepItem
from epyc_assets.benchmark.prompt_settings import PromptSettings
from epyc_assets.benchmark.provenance import CodeProvenance, code_provenance
from epyc_assets.benchmark.records import generation_record
from epyc_assets.inference.backend import Backend, Generation, GenerationRequest, SessionFacts
from epyc_assets.inference.chat_template import TemplateFault, render_prompt
from epyc_assets.registry.entries import Host

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
    around = Surroundings(fleet, host, files, backend, code or code_provenance())
    track = _Tracker(len(items), outcome, progress)

    def same_load(item: SweepItem) -> tuple[str, str]:
        return item.model.name, load_key(item.model, host, item.config, backend)

    for (model_name, _), group in groupby(items, key=same_load):
        with Journal(journal_path(model_name)) as journal:
            _run_group(list(group), around, journal, outcome, track)
    return outcome


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
    items: Sequence[SweepItem], around: Surroundings, journal: Journal, outcome: SweepOutcome, track: _Tracker
) -> None:
    """One model with one set of load parameters; a new session after each death of a worker."""
    model = items[0].model
    drafts = [item.config.spec.draft for item in items if item.config.spec]
    session: JournalledSession | None = None
    deaths = 0
    with ExitStack() as stack:
        for position, item in enumerate(items):
            if session is None:
                request = session_request(model, around, item.config, drafts)
                session = JournalledSession(model, request, around, journal)
                reason = session.open()
                outcome.sessions += 1
                stack.callback(session.close)
                if reason is None and deaths >= MOST_DEATHS_IN_A_ROW:
                    reason = f"{deaths} workers died one after another"
                if reason is not None:
                    outcome.not_loaded[model.name] = reason
                    outcome.left += len(items) - position
                    track.report(model.name)
                    return
            generation = _answer(session, item, around, journal)
            outcome.statuses[generation.status] += 1
            track.report(model.name)
            if session.alive:
                deaths = 0
            else:
                session, deaths = None, deaths + 1


def _answer(session: JournalledSession, item: SweepItem, around: Surroundings, journal: Journal) -> Generation:
    """Renders, asks, journals."""
    prompt: str | None = None
    try:
        prompt = rendered_prompt(item.question.prompt, item.settings, session.session.facts)
        generation = session.generate(
            GenerationRequest(
                prompt=prompt,
                max_tokens=item.settings.max_tokens,
                timeout_s=item.model.question_timeout_s or DEFAULT_QUESTION_TIMEOUT_S,
                temperature=item.settings.temperature,
                seed=item.settings.seed,
                speculation=item.config.speculation,
            )
        )
    except TemplateFault as error:
        generation = Generation("refused", datetime.now(UTC), status_reason=str(error))
    digest = None if prompt is None else hashlib.sha256(prompt.encode("utf-8", "replace")).hexdigest()
    sha256 = around.files[item.model.name].sha256
    journal.append(generation_record(around.fleet, item, sha256, session.session_id, prompt, digest, generation))
    return generation


def rendered_prompt(text: str, settings: PromptSettings, facts: SessionFacts) -> str:
    """The exact text to send. Raises TemplateFault."""
    return render_prompt(
        text,
        template=facts.chat_template if settings.prompt_format == "template" else None,
        bos_text=facts.bos_text,
        eos_text=facts.eos_text,
        variables=settings.template_variables,
        appended=settings.appended,
    )
