"""The llama_cpp backend: llama-cpp-python in a worker process of its own.

Here: starting the worker through the host's launch prefix, speaking its line protocol, enforcing timeouts by
killing it, and turning the way it died into a status. Not here: evaluating tokens (worker.engine).
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from epyc_assets.inference.backend import (
    ChoiceComparison,
    Generation,
    GenerationRequest,
    SessionFacts,
    SessionFailure,
    SessionRequest,
    SpeculationCounts,
)
from epyc_assets.inference.config import Config, LaunchParameters
from epyc_assets.inference.telemetry import oom_kills

GRACE_S = 5.0
"""How long past its timeout a worker may take to notice the timeout itself before it is killed."""

LOG_LINES = 40
"""Lines of llama.cpp's log kept for the reason of a failure."""


class LlamaCppBackend:
    """The embedded default. launch_prefix: command words before the worker's, such as numactl or ssh host."""

    name = "llama_cpp"
    speculation_at_load = False

    def __init__(
        self,
        launch_prefix: Sequence[str] = (),
        python: str = sys.executable,
        worker: str = "epyc_assets.inference.worker",
    ) -> None:
        """worker: module that serves the line protocol."""
        self._launch_prefix, self._worker = tuple(launch_prefix), (python, "-m", worker)

    def objection(self, config: Config) -> str | None:
        """This backend runs every config."""
        return None

    def open_session(self, request: SessionRequest) -> WorkerSession:
        """Starts a worker and loads the model and its drafts. Raises SessionFailure with the worker's last words."""
        return WorkerSession(launched(self._worker, self._launch_prefix, request.launch), request)


def launched(program: Sequence[str], launch_prefix: Sequence[str], launch: LaunchParameters) -> list[str]:
    """The command that starts a program as a host and a config want it.

    A config's NUMA policy replaces a numactl at the end of the host's prefix; what comes before it (ssh host) stays.
    Variables are set by `env` in the command, so that they reach the program on another host too.
    """
    prefix = list(launch_prefix)
    if launch.numa_policy is not None:
        if "numactl" in prefix:
            del prefix[prefix.index("numactl") :]
        prefix += ["numactl", *(f"--{word}" for word in launch.numa_policy.split())]
    variables = dict(launch.environment)
    if launch.llama_cpp_library is not None:
        variables["LLAMA_CPP_LIB_PATH"] = launch.llama_cpp_library
    if variables:
        prefix += ["env", *(f"{name}={value}" for name, value in sorted(variables.items()))]
    return [*prefix, *program]


class WorkerSession:
    """A loaded model in a worker process."""

    def __init__(self, command: Sequence[str], request: SessionRequest) -> None:
        self._log: collections.deque[str] = collections.deque(maxlen=LOG_LINES)
        self._events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._oom_kills_before = oom_kills()
        self._peak_memory_bytes: int | None = None
        self._closed = False
        self._answering = False
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise SessionFailure(
                "load_failed",
                f"the worker could not be started: {error}; check launch_prefix in the host's registry entry "
                f"(command: {' '.join(command)})",
            ) from error
        threading.Thread(target=self._read_events, daemon=True).start()
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()
        try:
            self._facts = self._load(request)
        except BaseException:
            self.close()
            raise

    @property
    def facts(self) -> SessionFacts:
        """Facts reported when the model had been loaded."""
        return self._facts

    @property
    def alive(self) -> bool:
        """False once the worker has died, was killed or was closed."""
        return not self._closed

    @property
    def peak_memory_bytes(self) -> int | None:
        """Largest resident memory of the worker; known after an orderly close."""
        return self._peak_memory_bytes

    @property
    def process_id(self) -> int:
        """Process id of the worker, or of its launch prefix where that does not replace itself."""
        return self._process.pid

    def generate(self, request: GenerationRequest) -> Generation:
        """Answers request; a death or a hang of the worker is the status of the answer and ends the session."""
        started_at = datetime.now(UTC)
        if self._closed:
            return Generation("crashed", started_at, status_reason="the session had already ended")
        self._answering = True
        self._send({"op": "generate", **asdict(request)})
        event, partial_text = self._await(request.timeout_s + GRACE_S)
        self._answering = False
        if event is None:
            return Generation("timeout", started_at, partial_text=partial_text, status_reason=self._kill_hung(request))
        kind = event["event"]
        if kind == "died":
            return Generation(event["status"], started_at, partial_text=partial_text, status_reason=event["reason"])
        if kind == "error":
            status = event["kind"] if event["kind"] in ("out_of_memory", "refused") else "refused"
            return Generation(status, started_at, partial_text=partial_text, status_reason=event["message"])
        return _generation_of(event, request, started_at)

    def tokenize(self, text: str) -> list[int]:
        """Token ids as the worker's tokenizer gives them. Raises SessionFailure when the worker is gone."""
        event = self._ask({"op": "tokenize", "text": text}, GRACE_S)
        if event is None or event["event"] != "tokenized":
            raise SessionFailure("crashed", f"the worker did not tokenise: {event}")
        return event["token_ids"]

    def calibrate(self) -> float | None:
        """Milliseconds of a fixed piece of work on the worker's machine; None when the worker is gone."""
        if self._closed:
            return None
        event = self._ask({"op": "calibrate"}, GRACE_S)
        return event["calibration_ms"] if event is not None and event["event"] == "calibrated" else None

    def compare_choices(
        self,
        prompt: str,
        answer: Sequence[int],
        reference_token: int,
        config_token: int,
        batch_tokens: int,
        timeout_s: float = 600.0,
    ) -> ChoiceComparison | None:
        """What the target's logits say about two tokens that could follow a prompt and the start of an answer (see
        the engine). None when the worker cannot tell any more."""
        if self._closed:
            return None
        event = self._ask(
            {
                "op": "compare_choices",
                "prompt": prompt,
                "answer": list(answer),
                "reference_token": reference_token,
                "config_token": config_token,
                "batch_tokens": batch_tokens,
            },
            timeout_s,
        )
        if event is None or event["event"] != "compared":
            return None
        return ChoiceComparison(event["margin"], event["batch_noise"], event["preferred"])

    def close(self) -> None:
        """Asks the worker to end, then makes it; one that is still answering (the sweep was interrupted) at once."""
        if self._closed:
            return
        self._closed = True
        deadline = time.monotonic() + (0.0 if self._answering else GRACE_S)
        self._send({"op": "close"})
        while (left_s := deadline - time.monotonic()) > 0:
            event, _ = self._await(left_s)
            if event is None or event["event"] in ("closed", "died"):
                self._peak_memory_bytes = (event or {}).get("peak_memory_bytes")
                break
        self._kill()

    def _load(self, request: SessionRequest) -> SessionFacts:
        drafts = {
            name: {"path": str(draft.path), "parameters": asdict(draft.parameters)}
            for name, draft in request.drafts.items()
        }
        message = {"model_path": str(request.model_path), "parameters": asdict(request.parameters), "drafts": drafts}
        self._send({"op": "load", **message})
        event, _ = self._await(request.load_timeout_s)
        if event is None:
            self._kill()
            raise SessionFailure("load_failed", f"loading took longer than {request.load_timeout_s:g} s")
        if event["event"] == "died":
            raise SessionFailure(event["status"], f"while loading: {event['reason']}")
        if event["event"] == "error":
            raise SessionFailure("load_failed", f"{event['message']}{self._last_words()}", event.get("draft"))
        facts = event["facts"]
        host = facts["host"]
        return SessionFacts(
            backend=LlamaCppBackend.name,
            backend_version=facts["backend_version"],
            llama_build=facts["llama_build"],
            host=host["host"],
            cpu_model=host["cpu_model"],
            cpu_flags=host["cpu_flags"],
            system_info=facts["system_info"],
            threads=facts["threads"],
            context_tokens=facts["context_tokens"],
            load_ms=facts["load_ms"],
            chat_template=facts["chat_template"],
            bos_text=facts["bos_text"],
            eos_text=facts["eos_text"],
            model=facts["model"],
        )

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        # Where the worker is dead, the end of its output says so and how; ValueError: it was killed by us.
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _ask(self, message: dict[str, Any], timeout_s: float) -> dict[str, Any] | None:
        """The event that answers a message; None when none came in time, which ends the session: what came later
        would be taken for the answer to the next message."""
        self._send(message)
        event, _ = self._await(timeout_s)
        if event is None:
            self._closed = True
            self._kill()
        return event

    def _await(self, timeout_s: float) -> tuple[dict[str, Any] | None, str | None]:
        """The next event that is not progress, with the last text progress reported; None when none came in time."""
        partial_text: str | None = None
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None, partial_text
            if event is None:
                status, reason = self._cause_of_death()
                self._closed = True
                return {"event": "died", "status": status, "reason": reason}, partial_text
            if event["event"] != "progress":
                return event, partial_text
            partial_text = event["text"]

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self._events.put(json.loads(line))
            except ValueError:  # Torn by the death that the end of the stream will report.
                self._log.append(f"unreadable line from the worker: {line[:200]!r}")
        self._events.put(None)

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._log.append(line.decode("utf-8", errors="replace").rstrip())

    def _kill_hung(self, request: GenerationRequest) -> str:
        self._closed = True
        self._kill()
        return f"no answer within {request.timeout_s:g} s and no reaction after {GRACE_S:g} s more; worker killed"

    def _kill(self) -> None:
        """Ends the worker and whatever its launch prefix left running."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _cause_of_death(self) -> tuple[str, str]:
        """Status and reason from the exit status; launch prefixes report a signal N as 128 + N."""
        try:
            code = self._process.wait(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            self._kill()
            return "crashed", f"the worker closed its output without ending{self._last_words()}"
        number = -code if code < 0 else code - 128 if code > 128 else 0
        self._log_reader.join(timeout=1.0)
        if number == signal.SIGKILL:
            before, after = self._oom_kills_before, oom_kills()
            if before is not None and after is not None and after > before:
                return "out_of_memory", "the kernel killed the worker because memory ran out"
            return "killed", "the worker was killed by signal 9 (SIGKILL) and not by the sweep"
        try:
            name = signal.Signals(number).name if number else ""
        except ValueError:
            name = f"signal {number}"
        if name:
            return "crashed", f"the worker died of {name}{self._last_words()}"
        return "crashed", f"the worker ended with exit status {code}{self._last_words()}"

    def _last_words(self) -> str:
        lines = [line for line in self._log if line.strip()][-5:]
        return f"; its last words: {' | '.join(lines)}" if lines else ""


def _generation_of(event: dict[str, Any], request: GenerationRequest, started_at: datetime) -> Generation:
    timed_out = event["finish_reason"] == "timeout"
    between_s = event["between_tokens_ms"] / 1000
    total_s, prompt_s = event["total_ms"] / 1000, event["prompt_ms"] / 1000
    return Generation(
        status="timeout" if timed_out else "ok",
        status_reason=f"no end of the answer within {request.timeout_s:g} s" if timed_out else None,
        started_at=started_at,
        text=None if timed_out else event["text"],
        partial_text=event["text"] if timed_out else None,
        finish_reason=None if timed_out else event["finish_reason"],
        token_ids=tuple(event["token_ids"]),
        prompt_tokens=event["prompt_tokens"],
        generated_tokens=event["generated_tokens"],
        ttft_ms=event["ttft_ms"],
        prompt_ms=event["prompt_ms"],
        decode_ms=event["decode_ms"],
        sampling_ms=event["sampling_ms"],
        total_ms=event["total_ms"],
        prompt_tps=event["prompt_tokens"] / prompt_s if prompt_s > 0 else None,
        generation_tps=event["steps"] / between_s if event["steps"] and between_s > 0 else None,
        effective_tps=event["generated_tokens"] / total_s if total_s > 0 else None,
        readings=event["readings"],
        speculation=_counts_of(event.get("speculation")),
    )


def _counts_of(event: dict[str, Any] | None) -> SpeculationCounts | None:
    if event is None:
        return None
    places = {name: tuple(event[name]) for name in ("drafted_by_position", "accepted_by_position")}
    return SpeculationCounts(**{**event, **places})
