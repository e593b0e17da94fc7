"""Process 1 of a program's own namespaces: it confines the program, watches it and tells the host how it ended.

Belongs here: mounts, limits, dropping rights, waiting, and counting processes and memory. Does not belong here:
what the program does (`program.py`, `examiner.py`). The report goes over a socket that the program's process has
closed before any of the program's code runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from typing import Any, NoReturn

from . import kernel

_FIRST_LOOK_S = 0.002
_LONGEST_BETWEEN_LOOKS_S = 0.02
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def start(order: dict[str, Any], descriptors: list[int], control: socket.socket) -> int:
    """Fork the supervisor of one program; the pid it has in the worker's namespace.

    order: limits and the role. descriptors: report, job, stdin, stdout, stderr, then the channels of the role.
    """
    pid = kernel.clone_into_namespaces()
    if pid:
        return pid
    try:
        control.close()
        _supervise(order, descriptors)
    except BaseException as error:  # noqa: BLE001 - whatever it was, the host must hear of it
        _tell(descriptors[0], {"fault": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(0)


def _tell(report: int, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        os.write(report, json.dumps(message).encode() + b"\n")


def _supervise(order: dict[str, Any], descriptors: list[int]) -> None:
    report = descriptors[0]
    kernel.set_dumpable(False)
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("proc", "/proc", "proc", flags | kernel.MS_NOEXEC)
    disk = f"size={order['disk_bytes']},nr_inodes={order['disk_files']},mode=1777"
    kernel.mount("tmpfs", "/tmp", "tmpfs", flags, disk)
    # For the semaphores of multiprocessing.
    kernel.mount("tmpfs", "/dev/shm", "tmpfs", flags | kernel.MS_NOEXEC, "size=8m,nr_inodes=256,mode=1777")
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _become_program(order, descriptors)
    for descriptor in descriptors[1:]:
        os.close(descriptor)
    why, status, peak = _watch(order, child, report, started)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    ending: dict[str, Any] = {
        "why": why,
        "code": os.WEXITSTATUS(status) if status is not None and os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else None,
        "duration_ms": (time.monotonic() - started) * 1000,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_bytes": max(peak, used.ru_maxrss * 1024),
    }
    if order.get("collect"):
        ending["collected"] = _collected(order["collect"], order["disk_bytes"])
    with contextlib.suppress(OSError), socket.socket(fileno=report) as channel:
        channel.sendall(json.dumps(ending).encode() + b"\n")


def _watch(order: dict[str, Any], child: int, report: int, started: float) -> tuple[str | None, int | None, int]:
    """Wait for the program; what broke a limit (or None), its wait status (or None), the most memory seen."""
    poller = select.poll()
    poller.register(report, select.POLLIN | select.POLLHUP)
    ended = os.pidfd_open(child)
    poller.register(ended, select.POLLIN)
    pause = _FIRST_LOOK_S
    peak = 0
    used_s = waited_s = 0.0
    while True:
        elapsed_s = time.monotonic() - started
        if elapsed_s > order["wall_s"] / 2:
            # Kept from look to look: what an ended thread waited is not told any more.
            reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
            used_s, waiting_s = cpu_use_s("/proc")
            used_s += reaped.ru_utime + reaped.ru_stime
            waited_s = max(waited_s, waiting_s)
        left = left_s(order["wall_s"], order["longest_s"], elapsed_s, used_s, waited_s)
        if left <= 0:
            return "timeout", None, peak
        for descriptor, _ in poller.poll(max(1, min(pause, left) * 1000)):
            if descriptor == report:
                return "stopped", None, peak  # the host closed its end, or is gone
        status = _reaped(child)
        if status is not None:
            return None, status, peak
        processes, private, resident, reserved = _in_use()
        peak = max(peak, private)
        if processes > order["processes"]:
            return "processes", None, peak
        # The quick sums count pages twice that processes share, so they only say when to look closely.
        if resident > order["memory_bytes"]:
            used = _proportional()
            peak = max(peak, used)
            if used > order["memory_bytes"]:
                return "memory", None, peak
        if reserved > order["memory_bytes"] and _shared_reserved() > order["memory_bytes"]:
            return "memory", None, peak
        pause = min(pause * 1.5, _LONGEST_BETWEEN_LOOKS_S)


def _reaped(child: int) -> int | None:
    """The child's wait status once it has ended; orphans of the program are reaped on the way."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                return status
            if pid == 0:
                return None
    return None


def _in_use() -> tuple[int, int, int, int]:
    """Processes of the program, and the sums of their memory: private resident, all resident and reserved, bytes."""
    processes = private = resident = reserved = 0
    for name in os.listdir("/proc"):  # noqa: PTH208 - a Path for each entry would cost more than the rest
        if not name.isdigit() or name == "1":
            continue
        processes += 1
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/statm", "rb") as file:  # noqa: PTH123
            size, held, shared = (int(each) for each in file.read().split()[:3])
            private += held - shared
            resident += held
            reserved += size
    return processes, private * _PAGE_BYTES, resident * _PAGE_BYTES, reserved * _PAGE_BYTES


def left_s(wall_s: float, longest_s: float, elapsed_s: float, used_s: float, waited_s: float) -> float:
    """Seconds a program may still run, `elapsed_s` after its start.

    Where others keep the cores busy, having to wait (`waited_s`) is not its fault: that time is added, up to
    `longest_s` in all. It is not added once the program used twice its time on the cores (`used_s`): then its own
    processes took them from each other.
    """
    added_s = 0.0 if used_s >= 2 * wall_s else waited_s
    return min(wall_s + added_s, longest_s) - elapsed_s


def cpu_use_s(proc: str) -> tuple[float, float]:
    """CPU time of all processes of the program, and how long one of their threads stood ready while no core was free.

    In seconds; the first in sum, the second of the thread that waited longest, because several wait at once. It is 0
    where the kernel does not keep /proc/PID/schedstat.
    """
    used_s = 0.0
    waited_ns = 0
    for name in os.listdir(proc):  # noqa: PTH208
        if not name.isdigit() or name == "1":
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"{proc}/{name}/stat", "rb") as file:  # noqa: PTH123
                fields = file.read().rsplit(b")", 1)[1].split()  # a name may hold blanks and brackets
            used_s += sum(int(each) for each in fields[11:15]) / _TICKS_PER_S  # its own and its ended children's
            for thread in os.listdir(f"{proc}/{name}/task"):  # noqa: PTH208
                waited_ns = max(waited_ns, _run_delay_ns(f"{proc}/{name}/task/{thread}/schedstat"))
    return used_s, waited_ns / 1e9


def _run_delay_ns(schedstat: str) -> int:
    """What one thread waited; 0 where it has ended since it was listed."""
    try:
        with open(schedstat, "rb") as file:  # noqa: PTH123
            return int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _proportional() -> int:
    """Memory of all processes, bytes, with pages that several share counted once, without files. Slow to read."""
    total = 0
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit() and name != "1":
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{name}/smaps_rollup", "rb") as file:  # noqa: PTH123
                lines = [line for line in file if line.startswith((b"Pss_Anon:", b"Pss_Shmem:"))]
                total += sum(int(line.split()[1]) * 1024 for line in lines)
    return total


def _shared_reserved() -> int:
    """Bytes of anonymous memory that processes map to share it, each piece once.

    Its pages stay where a process lets go of them (MADV_DONTNEED), and then no sum of resident pages shows them.
    """
    pieces: dict[bytes, int] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit() and name != "1":
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{name}/maps", "rb") as file:  # noqa: PTH123
                for line in file:
                    if b"/dev/zero" in line:
                        span, _, offset, _, inode = line.split()[:5]
                        first, end = span.split(b"-")
                        reach = int(offset, 16) + int(end, 16) - int(first, 16)
                        pieces[inode] = max(pieces.get(inode, 0), reach)
    return sum(pieces.values())


def _collected(names: list[str], most_bytes: int) -> dict[str, str]:
    """Files of the working folder by name, in base64: what a compiler made. Links and devices are left out."""
    import base64
    import stat

    found: dict[str, str] = {}
    total = 0
    for name in sorted(os.listdir("/tmp")):  # noqa: PTH208
        if not any(name == each or (each.startswith("*") and name.endswith(each[1:])) for each in names):
            continue
        try:
            descriptor = os.open(f"/tmp/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                content = file.read(most_bytes - total + 1)
                total += len(content)
                if total > most_bytes:
                    break
                found[name] = base64.b64encode(content).decode()
    return found


def _become_program(order: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """In the forked child: keep what belongs to the program, drop every right, run the role."""
    try:
        from . import program

        _, job, standard_in, standard_out, standard_error, *channels = descriptors
        # Moved up first, so that no descriptor is overwritten before it is placed.
        moved = [os.dup2(each, 100 + index) for index, each in enumerate([standard_in, standard_out, standard_error])]
        kept = [os.dup2(each, 110 + index) for index, each in enumerate([job, *channels])]
        for target, each in enumerate(moved):
            os.dup2(each, target)
            with contextlib.suppress(OSError):
                os.fchmod(target, 0o666)  # another user opens /dev/stdin and the like anew
        placed = [os.dup2(each, 3 + index, inheritable=False) for index, each in enumerate(kept)]
        os.closerange(3 + len(placed), 65536)
        os.setsid()
        os.chdir("/tmp")
        for number in range(1, signal.NSIG):
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _limit(order)
        kernel.drop_bounding_set()
        if order.get("uid"):
            os.setgroups([])
            os.setresgid(order["uid"], order["uid"], order["uid"])
            os.setresuid(order["uid"], order["uid"], order["uid"])
        kernel.drop_capabilities()
        kernel.set_dumpable(True)
        kernel.forbid_system_calls()
    except BaseException as error:  # noqa: BLE001 - a program must never run half confined
        os.write(2, f"the sandbox could not confine the program: {error}".encode())
        os._exit(113)
    program.run(order["role"], placed[0], placed[1:])


def _limit(order: dict[str, Any]) -> None:
    def both(which: int, amount: int) -> None:
        resource.setrlimit(which, (amount, amount))

    both(resource.RLIMIT_CORE, 0)
    seconds = int(order["cpu_s"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    both(resource.RLIMIT_FSIZE, order["disk_bytes"])
    both(resource.RLIMIT_NOFILE, order["open_files"])
    # A little above what the supervisor allows, so that it sees who asks for more and says so.
    both(resource.RLIMIT_NPROC, order["processes"] + 16)
    both(resource.RLIMIT_MEMLOCK, 0)
    both(resource.RLIMIT_MSGQUEUE, 0)
    if order["limit_address_space"]:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            own = int(file.read().split()[0]) * _PAGE_BYTES
        both(resource.RLIMIT_AS, own + order["memory_bytes"])
        if order["role"] == "execute":
            # Deep recursion is no fault; what the stack uses counts as memory.
            _, most = resource.getrlimit(resource.RLIMIT_STACK)
            stack = order["memory_bytes"] if most == resource.RLIM_INFINITY else min(most, order["memory_bytes"])
            resource.setrlimit(resource.RLIMIT_STACK, (stack, most))
    sys.setrecursionlimit(1000)
