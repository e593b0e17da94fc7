"""Running Python test code against an answer: apart (two processes) or together (one, for tests that look inside).

Belongs here: starting both sides and taking the verdict. Does not belong here: what the verdict means for a score.
"""

from __future__ import annotations

import contextlib
import secrets
import selectors
import socket
import struct
from dataclasses import dataclass, replace
from typing import Any

from epyc_assets.sandbox.inside.codec import Malformed, loads
from epyc_assets.sandbox.outcome import Limits, Outcome
from epyc_assets.sandbox.pool import pool
from epyc_assets.sandbox.running import Running, follow, twice

_MOST_VERDICT_BYTES = 2**20
# The examiner outlives the answer by this much, so that a hanging answer is named as what it is.
_EXAMINER_EXTRA_S = 2.0


@dataclass(frozen=True, slots=True)
class Examination:
    """What running the tests gave.

    passed, failed: assertions (or unittest tests). failures: the first of them in words. broken: what stopped
    the tests before their end, or None. notes: what stood in the way of carrying values. missing: names that the
    program should define and does not. unusable: the tests themselves are at fault. load_error: the program's code
    ended before any test. complete: the examiner came to its end.
    """

    answer: Outcome
    examiner: Outcome | None
    complete: bool
    passed: int = 0
    failed: int = 0
    failures: tuple[str, ...] = ()
    broken: str | None = None
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unusable: str | None = None
    load_error: str | None = None


class _Frames:
    """Collects whole frames from a socket; a side that sends too much is not read any more."""

    def __init__(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        self.channel = channel
        self.messages: list[Any] = []
        self.ended: list[Running] = []
        self.reply: bytes | None = None
        self._received = bytearray()

    def served(self, selector: selectors.BaseSelector, _: int) -> None:
        try:
            data = self.channel.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._received += data
        if not data or len(self._received) > _MOST_VERDICT_BYTES:
            selector.unregister(self.channel)
            for each in self.ended:
                each.stop()
            return
        while len(self._received) >= 4:
            (length,) = struct.unpack(">I", self._received[:4])
            if len(self._received) < 4 + length:
                return
            try:
                self.messages.append(loads(bytes(self._received[4 : 4 + length])))
            except Malformed:
                self.messages.append(None)
            del self._received[: 4 + length]
            if self.reply is not None:
                # A process that is gone already needs no answer; the next read tells that it is.
                with contextlib.suppress(OSError):
                    self.channel.send(self.reply)
                self.reply = None


def examine(
    source: str, test_code: str, *, entry_point: str | None = None, prelude: str = "", limits: Limits | None = None
) -> Examination:
    """Run the tests in a process of their own; the answer's functions are called over a socket.

    prelude: code of the question's that the tests may use; it is not put before the source here.

    Raises:
        SandboxUnavailable, SandboxFault.
    """
    job = {"test_code": test_code, "entry_point": entry_point, "prelude": prelude}
    return twice(lambda: _apart({"source": source}, job, limits or Limits()))


def _apart(answer_job: dict[str, Any], examiner_job: dict[str, Any], limits: Limits) -> Examination:
    answer_end, examiner_end = socket.socketpair()
    ours, theirs = socket.socketpair()
    with ours, pool().worker() as worker:
        frames = _Frames(ours)
        try:
            answer = Running(worker, "serve", answer_job, limits, channels=[answer_end])
        except BaseException:
            for each in (examiner_end, theirs):
                each.close()
            raise
        # It mostly waits for the answer, whose time is stretched where the machine is busy.
        longer = replace(limits, wall_s=limits.longest_s + _EXAMINER_EXTRA_S, cpu_s=limits.wall_s + _EXAMINER_EXTRA_S)
        try:
            examiner = Running(worker, "examine", examiner_job, longer, channels=[examiner_end, theirs])
        except BaseException:
            answer.discard()
            raise
        frames.ended = [answer]
        follow([answer, examiner], {ours: frames.served})
    assert answer.outcome is not None
    assert examiner.outcome is not None
    message = frames.messages[-1] if frames.messages else None
    return _read(message, answer.outcome, examiner.outcome)


def _read(message: Any, answer: Outcome, examiner: Outcome | None) -> Examination:
    if not isinstance(message, dict):
        return Examination(answer, examiner, False)
    if "unusable" in message:
        return Examination(answer, examiner, True, unusable=str(message["unusable"]))
    if "missing" in message:
        return Examination(answer, examiner, True, missing=tuple(str(each) for each in message["missing"]))
    verdict = message.get("verdict")
    if not isinstance(verdict, dict):
        return Examination(answer, examiner, True, load_error=_load_error(answer))
    return Examination(
        answer, examiner, True,
        passed=int(verdict["passed"]), failed=int(verdict["failed"]),
        failures=tuple(str(each) for each in verdict["failures"]),
        broken=None if verdict["broken"] is None else str(verdict["broken"]),
        notes=tuple(str(each) for each in verdict.get("notes", ())),
    )  # fmt: skip


def _load_error(answer: Outcome) -> str:
    last = answer.error_text.strip().rsplit("\n", 1)[-1].strip()
    if answer.status == "exit" and last:
        return last[:300]
    return f"the program {answer.reason}" + (f" ({last[:200]})" if last else "")


def examine_together(
    source: str, test_code: str, *, entry_point: str | None = None, as_main: bool = False, limits: Limits | None = None
) -> Examination:
    """Run program and tests in one process. A program made to cheat can cheat here: use it only where the tests
    look into the program (mocks, captured output).

    The verdict counts only with a number that is sent once the program has loaded.

    Raises:
        SandboxUnavailable, SandboxFault.
    """
    job = {"source": source, "test_code": test_code, "entry_point": entry_point, "as_main": as_main}
    return twice(lambda: _together(job, limits or Limits()))


def _together(job: dict[str, Any], limits: Limits) -> Examination:
    ours, theirs = socket.socketpair()
    nonce = secrets.token_hex(16)
    content = f'"{nonce}"'.encode()
    with ours, pool().worker() as worker:
        frames = _Frames(ours)
        frames.reply = struct.pack(">I", len(content)) + content
        running = Running(worker, "together", job, limits, channels=[theirs])
        follow([running], {ours: frames.served})
    assert running.outcome is not None
    messages = frames.messages
    if messages and isinstance(messages[0], dict) and messages[0].get("loaded") is not True:
        return Examination(running.outcome, None, True, load_error=_load_error(running.outcome))
    if len(messages) != 2 or not isinstance(messages[1], dict) or messages[1].get("nonce") != nonce:
        return Examination(running.outcome, None, False)
    try:
        return _read(messages[1], running.outcome, None)
    except (KeyError, TypeError, ValueError):
        return Examination(running.outcome, None, False)
