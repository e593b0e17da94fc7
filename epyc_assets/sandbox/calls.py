"""Calling a program's functions from outside: only arguments go in, only plain values come out.

Belongs here: the host's side of the calls. Does not belong here: comparing results (the scorer), or test code
(`examination.py`). The program's process is never believed about anything but its results.
"""

from __future__ import annotations

import selectors
import socket
import struct
from dataclasses import dataclass
from typing import Any

from epyc_assets.sandbox.inside.codec import Malformed, NotPlain, decode, dumps, encode, loads
from epyc_assets.sandbox.inside.peer import MOST_FRAME_BYTES
from epyc_assets.sandbox.outcome import Limits, Outcome
from epyc_assets.sandbox.pool import pool
from epyc_assets.sandbox.running import Running, follow, twice


@dataclass(frozen=True, slots=True)
class Call:
    """One call. target: a function's name, or an expression such as `Solution().solve`."""

    target: str
    arguments: tuple[Any, ...]
    named: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What one call gave. error: what was raised or went wrong, in words; then `value` means nothing.

    duration is not kept: a verdict must not depend on it. arguments: as they are after the call.
    """

    value: Any
    error: str | None
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """The results, one per call that was answered, in order, and how the program ended.

    load_error: why the code itself could not be run, before any call.
    """

    results: list[Result]
    outcome: Outcome
    load_error: str | None


class _Talk:
    """The host's end of the channel: sends a call, takes its reply, sends the next."""

    def __init__(self, channel: socket.socket, calls: list[Call]) -> None:
        channel.setblocking(False)
        self.channel = channel
        self.results: list[Result] = []
        self.load_error: str | None = None
        self.running: Running | None = None
        self._calls = calls
        self._loaded = False
        self._received = bytearray()
        self._unsent = bytearray()

    def served(self, selector: selectors.BaseSelector, _: int) -> None:
        """Whatever can be done now."""
        try:
            self._send(selector)
            data = self.channel.recv(2**20)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            return self._end(selector)
        self._received += data
        while len(self._received) >= 4:
            (length,) = struct.unpack(">I", self._received[:4])
            if length > MOST_FRAME_BYTES:
                return self._end(selector)
            if len(self._received) < 4 + length:
                return None
            content = bytes(self._received[4 : 4 + length])
            del self._received[: 4 + length]
            if not self._take(content):
                return self._end(selector)
            self._send(selector)
        return None

    def _send(self, selector: selectors.BaseSelector) -> None:
        if self._unsent:
            try:
                del self._unsent[: self.channel.send(self._unsent[: 2**20])]
            except BlockingIOError:
                pass
            except OSError:
                self._unsent.clear()
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        selector.modify(self.channel, wanted, self.served)

    def _end(self, selector: selectors.BaseSelector) -> None:
        selector.unregister(self.channel)
        # Where the program hung up first, its own ending tells why.
        over = len(self.results) == len(self._calls) or self._received or self.load_error
        if self.running is not None and over:
            self.running.stop()

    def _take(self, content: bytes) -> bool:
        """Use one message; False where the talk is over."""
        try:
            message = loads(content)
            if not self._loaded:
                if message.get("loaded") is not True:
                    name, _, text = message["raised"]
                    self.load_error = f"{str(name)[:100]}: {str(text)[:300]}"
                    return False
                self._loaded = True
            else:
                self._take_result(message)
        except (Malformed, KeyError, TypeError, ValueError, AttributeError):
            self.results.append(Result(None, "sent what is no result"))
            return False
        if len(self.results) == len(self._calls):
            return False
        call = self._calls[len(self.results)]
        request = {
            "do": "call", "name": call.target, "plain": True, "args": [encode(each) for each in call.arguments],
            "kwargs": {name: encode(each) for name, each in call.named.items()},
        }  # fmt: skip
        frame = dumps(request)
        self._unsent += struct.pack(">I", len(frame)) + frame
        return True

    def _take_result(self, message: Any) -> None:
        call = self._calls[len(self.results)]
        if "raised" in message:
            name, _, text = message["raised"]
            self.results.append(Result(None, f"raised {str(name)[:100]}" + (f": {str(text)[:300]}" if text else "")))
        elif "uncarried" in message:
            error = f"its result cannot be carried out of its process: {str(message['uncarried'])[:300]}"
            self.results.append(Result(None, error))
        else:
            changed = message.get("changed") or {}
            after = [decode(changed[str(i)]) if str(i) in changed else each for i, each in enumerate(call.arguments)]
            self.results.append(Result(decode(message["value"]), None, tuple(after)))


def call_functions(source: str, calls: list[Call], *, limits: Limits | None = None) -> Called:
    """Load a Python program and make the calls one after another, in one process.

    Raises:
        NotPlain: an argument is not plain.
        SandboxUnavailable, SandboxFault.
    """
    for call in calls:
        for value in (*call.arguments, *call.named.values()):
            encode(value)
    return twice(lambda: _called(source, calls, limits or Limits()))


def _called(source: str, calls: list[Call], limits: Limits) -> Called:
    ours, theirs = socket.socketpair()
    with ours, pool().worker() as worker:
        talk = _Talk(ours, calls)
        running = Running(worker, "serve", {"source": source}, limits, channels=[theirs])
        talk.running = running
        follow([running], {ours: talk.served})
        assert running.outcome is not None
        return Called(talk.results, running.outcome, talk.load_error)


__all__ = ["Call", "Called", "NotPlain", "Result", "call_functions"]
