"""A session on a llama.cpp server, whether we started it or it was there.

Here: waiting until it serves, checking that it serves what was asked for, answers and their failures. Not here: the
HTTP itself (server_stream), the process (server_process), how servers are started (llama_server, xllamacpp).
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from epyc_assets.inference.backend import Generation, GenerationRequest, SessionFacts, SessionFailure, SessionRequest
from epyc_assets.inference.server_process import DEATH_S, Death, ServerProcess
from epyc_assets.inference.server_stream import (
    Address,
    ConnectionBroke,
    ServerRefused,
    Stream,
    ask_json,
    completion_body,
    generation_of,
    stream_completion,
)

GRACE_S = 5.0
"""How long after a timeout the server may take to be idle again before it is taken for hung."""
POLL_S = 0.02
WARM_UP = GenerationRequest(prompt="warm up " * 8, max_tokens=8, timeout_s=600.0, ignore_eos=True)


class ServerSession:
    """One loaded model behind a server. generate may be called from several threads where the server has slots."""

    def __init__(
        self,
        address: Address,
        request: SessionRequest,
        *,
        backend: str,
        process: ServerProcess | None,
        version_of: Callable[[Mapping[str, Any]], tuple[str | None, str | None]],
        started_ns: int,
    ) -> None:
        """Waits until the server serves. process: None for a server that is not ours. version_of: from /props to
        backend version and llama.cpp build. started_ns: perf_counter_ns when its start began.

        Raises SessionFailure; the process is ended then.
        """
        self._address, self._process, self._request = address, process, request
        self._alive = True
        self._speculative = request.speculation is not None
        self._slots_shown = True
        deadline = time.monotonic() + request.load_timeout_s
        try:
            self._wait_until_ready(deadline)
            props = self._ask("/props")
            self._begin_text = str(props.get("bos_token") or "")
            self._check_slots()
            self._warm_up(deadline)
            self._facts = self._read_facts(props, backend, version_of(props), started_ns)
        except BaseException:
            self.close()
            raise

    @property
    def facts(self) -> SessionFacts:
        """Facts read when the model had been loaded."""
        return self._facts

    @property
    def address(self) -> Address:
        """Where the server listens."""
        return self._address

    @property
    def slots(self) -> int:
        """Prompts that may be answered at the same time."""
        return self._request.slots

    @property
    def process(self) -> ServerProcess | None:
        """The server's process; None for one that is not ours."""
        return self._process

    @property
    def alive(self) -> bool:
        """False once the server has died, was killed or the session was closed."""
        return self._alive

    @property
    def peak_memory_bytes(self) -> int | None:
        """Largest resident memory of the server; known after close, never for a server that is not ours."""
        return self._process.peak_memory_bytes if self._process else None

    def generate(self, request: GenerationRequest) -> Generation:
        """Answers request; a death or a hang of the server is the status of the answer and ends the session.

        What the request says of drafting must be what the session was opened with: a server fixes it at its start.
        """
        started_at = datetime.now(UTC)
        if self._process is not None:
            self._process.start_probe()
        generation = self.answer(request, started_at)
        if generation.status == "timeout" and self._alive and not self._idle_again():
            return replace(generation, status_reason=f"{generation.status_reason}; {self._end_hung()}")
        return generation

    def answer(self, request: GenerationRequest, started_at: datetime, *, probed: bool = True) -> Generation:
        """As generate, with the probe running already, if it is to run, and without waiting after a timeout. For
        answers side by side, which have one probe together."""
        if not self._alive:
            return Generation("crashed", started_at, status_reason="the session had already ended")
        if request.speculation is not None and request.speculation != self._request.speculation:
            return Generation("refused", started_at, status_reason="the server was started with other drafting")
        try:
            prompt = self._prompt_of(request.prompt, request.timeout_s)
            if prompt in ("", []):
                return Generation("refused", started_at, status_reason="the prompt is empty")
            stream = stream_completion(self._address, completion_body(request, prompt), request.timeout_s)
        except ServerRefused as error:
            return Generation("refused", started_at, status_reason=str(error))
        except TimeoutError:
            stream = Stream((), 0, 0, timed_out=True)
        except (ConnectionBroke, OSError, http.client.HTTPException) as error:
            death = self._end_broken(str(error) or type(error).__name__)
            partial = getattr(error, "partial_text", None)
            return Generation(death.status, started_at, partial_text=partial, status_reason=death.reason)
        readings = self._process.stop_probe() if self._process is not None and probed else {}
        return generation_of(
            stream, request, {"started_at": started_at, "readings": readings}, speculative=self._speculative
        )

    def tokenize(self, text: str) -> list[int]:
        """Token ids as the server reads a prompt: special tokens recognised, the begin-of-sequence token added where
        the model wants one and the text does not already start with it. Raises SessionFailure when it does not say."""
        begins = bool(self._begin_text) and text.startswith(self._begin_text)
        body = {"content": readable(text), "add_special": not begins, "parse_special": True}
        return list(self._ask("/tokenize", body)["tokens"])

    def calibrate(self) -> float | None:
        """Milliseconds of the fixed piece of work on the server's machine; None when the server is not ours."""
        return self._process.calibrate() if self._process is not None and self._alive else None

    def close(self) -> None:
        """Ends a server of ours and leaves another alone. Safe to call twice."""
        self._alive = False
        if self._process is not None:
            self._process.close()

    def _prompt_of(self, text: str, timeout_s: float) -> str | list[int]:
        """The prompt to send. A server puts its begin-of-sequence token before every text, so one that has it already
        is sent as tokens."""
        if self._begin_text and text.startswith(self._begin_text):
            body = {"content": readable(text), "add_special": False, "parse_special": True}
            status, answer = ask_json(self._address, "/tokenize", body, timeout_s=max(timeout_s, GRACE_S))
            if status == 200:
                return list(answer["tokens"])
        return readable(text)

    def _wait_until_ready(self, deadline: float) -> None:
        while True:
            death = self._process.death() if self._process else None
            if death is not None:
                status = "load_failed" if death.status == "crashed" else death.status
                raise SessionFailure(status, f"while loading: {death.reason}")
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                last = self._process.last_words() if self._process else ""
                raise SessionFailure(
                    "load_failed", f"loading took longer than {self._request.load_timeout_s:g} s{last}"
                )
            try:
                status, _ = ask_json(self._address, "/health", timeout_s=min(left_s, GRACE_S))
            except (OSError, ValueError, http.client.HTTPException) as error:
                if self._process is None:
                    raise SessionFailure("load_failed", f"no server answers at {self._address.url}: {error}") from error
                status = 0
            if status == 200:
                return
            time.sleep(POLL_S)

    def _check_slots(self) -> None:
        """Raises SessionFailure where the server does not draft although it should, or the other way round."""
        status, slots = self._ask_status("/slots")
        self._slots_shown = status == 200 and isinstance(slots, list)
        if not self._slots_shown:
            if self._speculative and self._process is None:
                raise SessionFailure("load_failed", f"{self._address.url} does not show its slots (--slots)")
            return
        drafting = any(slot.get("speculative") for slot in slots)
        if drafting != self._speculative and any("speculative" in slot for slot in slots):
            last = self._process.last_words() if self._process else ""
            did = "drafts, and was not to" if drafting else "does not draft, and was to"
            raise SessionFailure("load_failed", f"the server {did}{last}")

    def _warm_up(self, deadline: float) -> None:
        """One answer, so that the first measured one finds weights and code paths touched."""
        left_s = max(1.0, deadline - time.monotonic())
        room = int(self._request.parameters.context_tokens or 64)
        if room < 48:
            return
        answer = self.answer(replace(WARM_UP, timeout_s=left_s), datetime.now(UTC), probed=False)
        if answer.status == "timeout":
            raise SessionFailure("load_failed", f"loading took longer than {self._request.load_timeout_s:g} s")
        if answer.status not in ("ok", "refused"):
            raise SessionFailure(answer.status, f"while warming up: {answer.status_reason}")

    def _read_facts(
        self, props: Mapping[str, Any], backend: str, versions: tuple[str | None, str | None], started_ns: int
    ) -> SessionFacts:
        models = self._ask("/v1/models").get("data") or [{}]
        meta = models[0].get("meta") or {}
        host = self._process.host if self._process else {}
        log = self._process.log() if self._process else []
        return SessionFacts(
            backend=backend,
            backend_version=versions[0],
            llama_build=versions[1],
            host=host.get("host") or self._address.host,
            cpu_model=host.get("cpu_model"),
            cpu_flags=host.get("cpu_flags"),
            system_info=next(
                (line.partition("system_info:")[2].strip() for line in log if "system_info:" in line), None
            ),
            # How many threads a server uses that was there already cannot be seen from outside.
            threads=self._request.parameters.threads if self._process else None,
            context_tokens=int(props["default_generation_settings"]["n_ctx"]),
            load_ms=(time.perf_counter_ns() - started_ns) / 1e6,
            chat_template=props.get("chat_template") or None,
            bos_text=self._begin_text,
            eos_text=str(props.get("eos_token") or ""),
            model={
                "file": PurePath(str(props.get("model_path") or "")).name or None,
                "file_type": meta.get("ftype") or props.get("model_ftype"),
                "parameters": meta.get("n_params"),
                "size_bytes": meta.get("size"),
                "trained_context_tokens": meta.get("n_ctx_train"),
                "vocabulary": meta.get("n_vocab"),
            },
        )

    def _ask_status(self, path: str, body: Any = None) -> tuple[int, Any]:
        try:
            return ask_json(self._address, path, body, timeout_s=GRACE_S)
        except (OSError, ValueError, http.client.HTTPException) as error:
            death = self._process.death(DEATH_S) if self._process else None
            if death is not None:
                raise SessionFailure(death.status, death.reason) from error
            raise SessionFailure("crashed", f"{self._address.url}{path} was not answered: {error}") from error

    def _ask(self, path: str, body: Any = None) -> dict[str, Any]:
        status, answer = self._ask_status(path, body)
        if status != 200 or not isinstance(answer, dict):
            raise SessionFailure("crashed", f"{self._address.url}{path} answered with {status}: {str(answer)[:200]}")
        return answer

    def _idle_again(self) -> bool:
        """Waits until no slot is busy, so that what was given up does not disturb what is measured next; False when
        the server does not answer or a slot stays busy. A server notices a closed connection within a second."""
        deadline = time.monotonic() + GRACE_S
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                status, slots = ask_json(self._address, "/slots", timeout_s=left_s)
            except (OSError, ValueError, http.client.HTTPException):
                return False
            if status != 200:  # A server that does not show its slots.
                time.sleep(min(left_s, 1.5))
                return True
            if not any(slot.get("is_processing") for slot in slots):
                return True
            time.sleep(POLL_S)
        return False

    def _end_hung(self) -> str:
        self.close()
        ended = "the session was given up" if self._process is None else "server killed"
        return f"no reaction after {GRACE_S:g} s more; {ended}"

    def _end_broken(self, reason: str) -> Death:
        """Why a connection broke, after which there is no session."""
        death = self._process.death(DEATH_S) if self._process else None
        self.close()
        return death or Death("crashed", f"the server at {self._address.url} closed the connection: {reason}")


def readable(text: str) -> str:
    """Text that can be sent as UTF-8; half characters become question marks, as in the llama_cpp backend."""
    return text.encode("utf-8", errors="replace").decode()
