"""A session together with its records in a journal: how it was loaded, and how it ended.

Here: what sweeps and speed rounds have in common about loading a model under a config. Not here: what is asked
(sweep, rounds), the records' fields (session_records).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from epyc_assets.benchmark.journal import Journal
from epyc_assets.benchmark.loads import load_key, resolved_load_parameters
from epyc_assets.benchmark.model_files import ModelFile
from epyc_assets.benchmark.provenance import CodeProvenance
from epyc_assets.benchmark.session_records import session_end_record, session_record
from epyc_assets.inference.backend import (
    Backend,
    DraftModel,
    Generation,
    GenerationRequest,
    Session,
    SessionFacts,
    SessionFailure,
    SessionRequest,
)
from epyc_assets.inference.config import Config, LoadParameters
from epyc_assets.registry.entries import Host, Model

__all__ = ["JournalledSession", "Surroundings", "load_key", "resolved_load_parameters", "session_request"]

DEFAULT_LOAD_TIMEOUT_S = 900.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every session of a sweep shares. host: with default_threads resolved. files: by model name, drafts too."""

    fleet: str
    host: Host
    files: Mapping[str, ModelFile]
    backend: Backend
    code: CodeProvenance


def session_request(model: Model, around: Surroundings, config: Config, drafts: Iterable[str] = ()) -> SessionRequest:
    """How to load a model for a config. drafts: draft models to load with it for other configs that share the session.

    A draft is loaded with the target's context and threads. Raises KeyError for a draft without a file.
    """
    parameters = resolved_load_parameters(model, around.host, config)
    of_draft = LoadParameters(
        context_tokens=parameters.context_tokens,
        threads=parameters.threads,
        batch_threads=parameters.batch_threads,
        batch_tokens=parameters.batch_tokens,
        micro_batch_tokens=parameters.micro_batch_tokens,
        mmap=parameters.mmap,
    )
    own = [config.spec.draft] if config.spec else []
    names = own if around.backend.speculation_at_load else dict.fromkeys([*own, *drafts])
    return SessionRequest(
        model_path=around.files[model.name].path,
        parameters=parameters,
        load_timeout_s=model.load_timeout_s or DEFAULT_LOAD_TIMEOUT_S,
        drafts={name: DraftModel(around.files[name].path, of_draft) for name in names},
        launch=config.launch,
        speculation=config.speculation if around.backend.speculation_at_load else None,
    )


class JournalledSession:
    """A session whose loading and end are in the journal."""

    def __init__(self, model: Model, request: SessionRequest, around: Surroundings, journal: Journal) -> None:
        self._model, self._request, self._around, self._journal = model, request, around, journal
        self.session_id = uuid.uuid4().hex
        self._session: Session | None = None
        self._ended: tuple[str, str | None] = ("closed", None)
        self.failed_draft: str | None = None
        """The draft that is known to have kept the model from being loaded."""

    @property
    def alive(self) -> bool:
        """Whether it can answer."""
        return self._session is not None and self._session.alive

    @property
    def session(self) -> Session:
        """The loaded session."""
        assert self._session is not None, "the session was not opened, or is closed"
        return self._session

    def open(self) -> str | None:
        """Loads the model. Returns the reason where that failed."""
        started_at = datetime.now(UTC)
        facts: SessionFacts | None = None
        failure: tuple[str, str] | None = None
        try:
            self._session = self._around.backend.open_session(self._request)
            facts = self._session.facts
        except SessionFailure as error:
            failure = (error.status, str(error))
            self.failed_draft = error.draft
        record = session_record(
            self.session_id,
            self._around.fleet,
            self._model.name,
            self._around.files[self._model.name].sha256,
            self._around.host,
            self._around.backend.name,
            self._request,
            self._around.code,
            started_at,
            facts,
            failure,
        )
        self._journal.append(record)
        return failure[1] if failure else None

    def generate(self, request: GenerationRequest) -> Generation:
        """Answers a request; remembers what ended the session, if that did."""
        generation = self.session.generate(request)
        if not self.alive:
            self._ended = (generation.status, generation.status_reason)
        return generation

    def close(self) -> None:
        """Ends the session and records how it ended. Safe to call twice."""
        if self._session is None:
            return
        self._session.close()
        status, reason = self._ended
        self._journal.append(session_end_record(self.session_id, status, reason, self._session.peak_memory_bytes))
        self._session = None
