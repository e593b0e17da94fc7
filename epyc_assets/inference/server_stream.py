"""Talking to a llama.cpp server: one streamed completion with our own clock, and small JSON requests.

Here: the HTTP of /completion and what its events mean. Not here: whose server it is, statuses of its death
(server_session), processes.

The clock. perf_counter_ns is read when the request is handed to the socket (connected before) and beside each event
as it arrives; events are taken apart only after the last one, so that reading them is not in what is measured.

What an event is. A server sends one for each token, but none for a token that ends inside a character: the next one
carries the text of both. So tokens are counted by the server's own running count, never by events, and token ids are
known only when no event was skipped. The token that ends the generation is an event like any other.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from epyc_assets.inference.backend import Generation, GenerationRequest, SpeculationCounts

SAMPLERS = ("top_k", "top_p", "min_p", "temperature")
"""In the order in which the llama_cpp backend applies them; a server's default has more of them."""
SEED_LIMIT = 2**31
"""Some servers read the seed as a signed 32-bit number."""


class ServerRefused(Exception):
    """The server answered with an error. kind: its word for it, such as exceed_context_size_error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class ConnectionBroke(Exception):
    """The connection ended before the answer did. partial_text: what had arrived."""

    def __init__(self, reason: str, partial_text: str | None) -> None:
        super().__init__(reason)
        self.partial_text = partial_text


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """As a URL."""
        return f"http://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Stream:
    """A completion as it arrived. events: (perf_counter_ns, event) in order; the last one has stop unless timed_out.
    start_ns, end_ns: when the request was sent, and when the stream ended or was given up."""

    events: tuple[tuple[int, dict[str, Any]], ...]
    start_ns: int
    end_ns: int
    timed_out: bool


def ask_json(address: Address, path: str, body: Any = None, *, timeout_s: float) -> tuple[int, Any]:
    """HTTP status and JSON of a GET, or of a POST where there is a body. Raises OSError when nobody answers in time,
    HTTPException or ValueError when what answers is no such server."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout_s)
    try:
        content = None if body is None else json.dumps(body).encode()
        connection.request("GET" if body is None else "POST", path, content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"null")
    finally:
        connection.close()


def completion_body(request: GenerationRequest, prompt: str | list[int]) -> dict[str, Any]:
    """The body of a request to /completion. Nothing is reused of an earlier prompt."""
    return {
        "prompt": prompt,
        "n_predict": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed % SEED_LIMIT,
        "top_k": request.top_k,
        "top_p": request.top_p,
        "min_p": request.min_p,
        "samplers": list(SAMPLERS),
        "ignore_eos": request.ignore_eos,
        "stop": list(request.stop),
        "cache_prompt": False,
        "return_tokens": True,
        "stream": True,
    }


def stream_completion(address: Address, body: Mapping[str, Any], timeout_s: float) -> Stream:
    """Sends a completion and reads its events until the end or the timeout. A connection that is given up makes the
    server end the generation. Raises ServerRefused, and ConnectionBroke when the server goes away."""
    content = json.dumps(body).encode()
    connection = http.client.HTTPConnection(address.host, address.port, timeout=max(timeout_s, 0.001))
    lines: list[tuple[int, bytes]] = []
    clock = time.perf_counter_ns
    timed_out = False
    start_ns = clock()
    try:
        connection.connect()
        transport = connection.sock
        transport.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start_ns = clock()
        deadline_ns = start_ns + int(timeout_s * 1e9)
        connection.request("POST", "/completion", content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise _refusal(response.status, response.read())
        while line := response.readline():
            now_ns = clock()
            if line.startswith((b"data:", b"error:")):
                lines.append((now_ns, line))
            if now_ns > deadline_ns:
                timed_out = True
                break
            transport.settimeout(max(0.001, (deadline_ns - now_ns) / 1e9))
    except TimeoutError:
        timed_out = True
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionBroke(str(error) or type(error).__name__, text_of(_events(lines)) or None) from error
    finally:
        connection.close()
    end_ns = clock()
    events = _events(lines)
    for _, event in events:
        if "error" in event:
            raise _refusal(500, json.dumps(event).encode())
    if events and events[-1][1].get("stop"):
        timed_out = False
    elif not timed_out:
        raise ConnectionBroke("the stream ended before the answer did", text_of(events) or None)
    return Stream(tuple(events), start_ns, end_ns, timed_out)


def text_of(events: list[tuple[int, dict[str, Any]]] | tuple[tuple[int, dict[str, Any]], ...]) -> str:
    """The text that events carry."""
    return "".join(event.get("content") or "" for _, event in events)


def generation_of(
    stream: Stream, request: GenerationRequest, values: Mapping[str, Any], *, speculative: bool = False
) -> Generation:
    """A stream as a generation. values: further fields of it, such as started_at and readings. speculative: whether
    the server drafts; one that had nothing to draft reports no counts.

    The clock between tokens runs from the first event to the one with the last token. generation_tps counts, like the
    llama_cpp backend's, the choice of the token that ends the answer; generated_tokens and token_ids leave it out.
    prompt_ms is ttft_ms: from outside, the prompt's evaluation and the first choice cannot be told apart.
    """
    parts = [(at_ns, event) for at_ns, event in stream.events if not event.get("stop")]
    last = stream.events[-1][1] if stream.events and stream.events[-1][1].get("stop") else None
    text = text_of(stream.events)
    if last is not None:
        text += last.get("stopping_word") or ""  # The llama_cpp backend leaves it in the answer.
    chosen = int((last or (parts[-1][1] if parts else {})).get("tokens_predicted", 0))
    ended_by_token = last is not None and last.get("stop_type") == "eos"
    generated = chosen - 1 if ended_by_token else chosen
    ids = [token for _, event in parts for token in event.get("tokens") or ()]
    known = len(ids) == chosen
    prompt_tokens = next((event.get("tokens_evaluated") for _, event in stream.events[-1:]), None)
    first_ns, last_ns = (parts[0][0], parts[-1][0]) if parts else (None, stream.end_ns)
    if parts and parts[-1][1].get("tokens_predicted") != chosen:
        last_ns = stream.events[-1][0]  # The last tokens had no event of their own.
    ttft_ms = None if first_ns is None else (first_ns - stream.start_ns) / 1e6
    between_s = None if first_ns is None else (last_ns - first_ns) / 1e9
    steps = chosen - int(parts[0][1].get("tokens_predicted", 1)) if parts else 0
    total_s = (last_ns - stream.start_ns) / 1e9
    timings = (last or {}).get("timings") or {}
    return Generation(
        status="timeout" if stream.timed_out else "ok",
        status_reason=f"no end of the answer within {request.timeout_s:g} s" if stream.timed_out else None,
        text=None if stream.timed_out else text,
        partial_text=text if stream.timed_out else None,
        finish_reason=None if last is None else _finish_reason(last),
        token_ids=tuple(ids[:generated]) if known and parts else None,
        prompt_tokens=prompt_tokens,
        generated_tokens=generated if stream.events else None,
        ttft_ms=ttft_ms,
        prompt_ms=ttft_ms,
        total_ms=total_s * 1e3,
        # What a server kept of an earlier prompt (one of ours keeps nothing) was not processed now.
        prompt_tps=prompt_tokens / (ttft_ms / 1e3)
        if prompt_tokens and ttft_ms and not timings.get("cache_n")
        else None,
        generation_tps=steps / between_s if steps and between_s else None,
        effective_tps=generated / total_s if last is not None and total_s > 0 else None,
        speculation=_counts_of(timings, steps, last) if speculative or "draft_n" in timings else None,
        reported_prompt_tps=timings.get("prompt_per_second") or None,
        reported_generation_tps=timings.get("predicted_per_second") or None,
        **values,
    )


def _finish_reason(last: Mapping[str, Any]) -> str:
    if last.get("stop_type") in ("eos", "word"):
        return "stop"
    return "context" if last.get("truncated") else "length"


def _counts_of(timings: Mapping[str, Any], steps: int, last: Mapping[str, Any] | None) -> SpeculationCounts | None:
    """A server reports two sums and leaves them out where both are 0; None without an end. Each evaluation gives the
    accepted tokens and one more, which tells their number as long as no accepted token was thrown away at the end: a
    server drafts no further than the answer may go, but does not foresee another end."""
    if last is None:
        return None
    accepted = int(timings.get("draft_n_accepted", 0))
    return SpeculationCounts(
        drafted_tokens=int(timings.get("draft_n", 0)),
        accepted_tokens=accepted,
        target_evaluations=steps - accepted if last.get("stop_type") == "limit" else None,
    )


def _events(lines: list[tuple[int, bytes]]) -> list[tuple[int, dict[str, Any]]]:
    events: list[tuple[int, dict[str, Any]]] = []
    for at_ns, line in lines:
        kind, _, content = line.decode("utf-8", errors="replace").partition(":")
        try:
            event = json.loads(content)
        except ValueError:  # Torn by the end of the connection, or "[DONE]".
            continue
        events.append((at_ns, {"error": event} if kind == "error" else event))
    return events


def _refusal(status: int, content: bytes) -> ServerRefused:
    try:
        error = json.loads(content)["error"]
        return ServerRefused(str(error.get("type")), str(error.get("message")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ServerRefused(f"http {status}", content[:300].decode("utf-8", errors="replace"))
