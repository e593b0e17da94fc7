"""Who holds a lock: describing this process to others, and finding out about another one.

Belongs here: the note a lock holder leaves, and turning a process id into words a person can act on.
Does not belong here: taking locks (`connection.py` for the warehouse, `lock.py` for the machine).
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

COMMAND_LENGTH_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds, or held, a lock. What is not known is None.

    `state`: "running", "stopped" (suspended, e.g. by Ctrl-Z), "gone" (no such process here),
    "elsewhere" (another machine) or "unknown". Times are ISO 8601, UTC.
    """

    process_id: int | None = None
    command: str | None = None
    host_name: str | None = None
    reason: str | None = None
    since: str | None = None
    process_started_at: str | None = None
    state: str = "unknown"

    @property
    def alive(self) -> bool:
        return self.state in ("running", "stopped")

    def sentence(self) -> str:
        """One line for people: process, command, what for, since when, alive or not."""
        if self.process_id is None:
            return "a process that could not be identified"
        parts = [f"process {self.process_id}"]
        if self.command:
            parts.append(f"`{self.command}`")
        if self.reason:
            parts.append(f"for: {self.reason}")
        if self.since:
            parts.append(f"since {_readable(self.since)}")
        elif self.process_started_at:
            parts.append(f"started {_readable(self.process_started_at)}")
        parts.append(
            {
                "running": "it is alive",
                "stopped": "it is suspended (Ctrl-Z or SIGSTOP)",
                "gone": "no such process exists on this machine any more",
                "elsewhere": f"it runs on another machine ({self.host_name})",
            }.get(self.state, "whether it is alive could not be determined")
        )
        return ", ".join(parts)

    def advice(self) -> str:
        """What a person can do about it."""
        if self.process_id is not None and self.state == "running":
            return f"Wait for it to finish, or end it with `kill {self.process_id}` if it hangs."
        if self.process_id is not None and self.state == "stopped":
            return (
                f"Let it go on with `kill -CONT {self.process_id}` (or `fg` in its terminal), "
                f"or end it with `kill -CONT {self.process_id}; kill {self.process_id}`."
            )
        if self.state == "elsewhere":
            return f"Wait for it to finish, or end process {self.process_id} on {self.host_name}."
        if self.state == "gone":
            return (
                "The lock is then held by a process this one cannot see: in another container, or on another "
                "machine that shares this disk. Look there, or with `lsof` or `fuser` on the file."
            )
        return "Find it with `lsof` or `fuser` on the file, then wait for it or end it."


def this_process(reason: str) -> Holder:
    """The note this process leaves when it takes a lock."""
    command = _shortened(shlex.join([Path(sys.executable).name, *sys.argv]))
    return Holder(
        process_id=os.getpid(),
        command=command,
        host_name=socket.gethostname(),
        reason=reason,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        process_started_at=_process_started_at(os.getpid()),
        state="running",
    )


def to_note(holder: Holder) -> str:
    """The holder as one line of JSON, without its state (that is for the reader to find out)."""
    facts = {key: value for key, value in asdict(holder).items() if key != "state"}
    return json.dumps(facts) + "\n"


def from_note(text: str) -> Holder | None:
    """The holder from its note, with its state looked up now; None if the note is empty or torn."""
    try:
        facts = json.loads(text)
        known = {key: facts[key] for key in Holder.__slots__ if key in facts and key != "state"}
        holder = Holder(**known)
        process_id = holder.process_id
        if process_id is None or int(process_id) <= 0:
            return None
    except (ValueError, TypeError, KeyError):
        return None
    if holder.host_name not in (None, socket.gethostname()):
        return replace(holder, state="elsewhere")
    seen = look_up(process_id)
    if seen.alive and holder.process_started_at not in (None, seen.process_started_at):
        return replace(holder, state="gone")  # the number has been given to a new process
    return replace(holder, state=seen.state, command=holder.command or seen.command)


def look_up(process_id: int) -> Holder:
    """What this machine knows about a process id."""
    import psutil

    if process_id <= 0:
        return Holder(state="unknown")
    try:
        process = psutil.Process(process_id)
        status = process.status()
        if status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return Holder(process_id=process_id, state="gone")
    except psutil.NoSuchProcess:
        return Holder(process_id=process_id, state="gone")
    except psutil.Error:
        return Holder(process_id=process_id, state="unknown")
    try:
        command = _shortened(shlex.join(process.cmdline())) or process.name()
    except psutil.Error:
        command = None
    return Holder(
        process_id=process_id,
        command=command,
        host_name=socket.gethostname(),
        process_started_at=_process_started_at(process_id),
        state="stopped" if status in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP) else "running",
    )


def _shortened(command: str) -> str:
    return " ".join(command.split())[:COMMAND_LENGTH_LIMIT]


def _process_started_at(process_id: int) -> str | None:
    import psutil

    try:
        started = psutil.Process(process_id).create_time()
    except psutil.Error:
        return None
    return datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds")


def _readable(moment: str) -> str:
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    seconds = (datetime.now(UTC) - then).total_seconds()
    if seconds < 0:
        age = "in the future by this machine's clock"
    elif seconds < 120:
        age = f"{seconds:.0f} s ago"
    elif seconds < 7200:
        age = f"{seconds / 60:.0f} min ago"
    else:
        age = f"{seconds / 3600:.0f} h ago"
    return f"{then:%Y-%m-%d %H:%M:%S} UTC ({age})"
