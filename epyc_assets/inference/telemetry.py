"""What the machine was and what else it did: CPU facts and contention readings from /proc.

Standard library only: this runs inside the worker, on the measured machine, where little may be installed.
Readings that a kernel does not offer are None, never 0. Not here: clocks around tokens (worker.engine).
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import resource
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

CONTENDED_ABOVE_RATIO = 0.05
"""Share of the machine used by others above which a measurement counts as contended."""

WINDOW_S = 0.5
"""Shortest window for ratios: the kernel counts CPU time in ticks of 10 ms, so shorter ones are noise."""

CALIBRATION_BYTES = 16 * 2**20
"""Size of the block that the calibration work hashes and copies: larger than most second-level caches."""

FLAGS_OF_INTEREST = frozenset(
    """
    sse3 ssse3 sse4_1 sse4_2 avx avx2 fma f16c bmi2 avx_vnni avx512f avx512bw avx512cd avx512dq avx512vl
    avx512_vnni avx512_bf16 avx512_fp16 avx512vbmi amx_tile amx_int8 amx_bf16 asimd asimddp i8mm sve bf16
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The machine a worker runs on. cpu_flags: those that llama.cpp uses, sorted, joined by spaces."""

    host: str
    cpu_model: str | None
    cpu_flags: str | None
    logical_cpus: int
    kernel: str


@dataclass(frozen=True, slots=True)
class Readings:
    """Contention during one generation; ratios are shares from 0 to 1, over the generation or, where that was
    shorter than WINDOW_S, over the latest window of at least that length. None: not measured."""

    load_average_1m: float | None = None
    cpu_pressure_ratio: float | None = None
    memory_pressure_ratio: float | None = None
    steal_ratio: float | None = None
    other_cpu_ratio: float | None = None
    cpu_mhz: float | None = None
    major_faults: int | None = None
    involuntary_switches: int | None = None
    contended: bool | None = None

    def as_dict(self) -> dict[str, float | int | bool | None]:
        """The readings by name, ready for JSON."""
        return asdict(self)


def host_facts() -> HostFacts:
    """Facts of this machine."""
    entries: dict[str, str] = {}
    for line in _read("/proc/cpuinfo").splitlines():
        key, _, value = line.partition(":")
        if not line.strip() and entries:
            break
        entries.setdefault(key.strip(), value.strip())
    flags = FLAGS_OF_INTEREST & set((entries.get("flags") or entries.get("Features") or "").split())
    return HostFacts(
        host=platform.node() or "unknown",
        cpu_model=entries.get("model name") or platform.processor() or None,
        cpu_flags=" ".join(sorted(flags)) or None,
        logical_cpus=os.cpu_count() or 1,
        kernel=platform.release(),
    )


@dataclass(frozen=True, slots=True)
class _Counters:
    at_s: float
    busy_s: float | None
    steal_s: float | None
    own_s: float
    cpu_wait_s: float | None
    memory_wait_s: float | None
    major_faults: int
    involuntary_switches: int


class ContentionProbe:
    """Reads counters before and after each generation. CPU time of this process, of its parent (the sweep, which
    renders prompts and writes the journal between generations) and of the parent's other workers (sessions held side
    by side, which answer in turn) does not count as other work."""

    def __init__(self) -> None:
        self._history: deque[_Counters] = deque([_counters()], maxlen=1000)
        self._before = self._history[0]

    def start(self) -> None:
        """Call just before the work to be judged."""
        self._before = _counters()
        self._history.append(self._before)

    def stop(self) -> Readings:
        """Call just after it."""
        after = _counters()
        window = next((old for old in reversed(self._history) if after.at_s - old.at_s >= WINDOW_S), None)
        while len(self._history) > 1 and after.at_s - self._history[1].at_s >= WINDOW_S:
            self._history.popleft()
        other = steal = cpu_wait = memory_wait = None
        if window is not None:
            elapsed_s = after.at_s - window.at_s
            machine_s = elapsed_s * (os.cpu_count() or 1)
            if after.busy_s is not None and window.busy_s is not None:
                others_s = (after.busy_s - window.busy_s) - (after.own_s - window.own_s)
                other = min(1.0, max(0.0, others_s / machine_s))
            steal = _ratio(window.steal_s, after.steal_s, machine_s)
            cpu_wait = _ratio(window.cpu_wait_s, after.cpu_wait_s, elapsed_s)
            memory_wait = _ratio(window.memory_wait_s, after.memory_wait_s, elapsed_s)
        judged = [value for value in (other, steal) if value is not None]
        return Readings(
            load_average_1m=os.getloadavg()[0],
            cpu_pressure_ratio=cpu_wait,
            memory_pressure_ratio=memory_wait,
            steal_ratio=steal,
            other_cpu_ratio=other,
            cpu_mhz=_cpu_mhz(),
            major_faults=after.major_faults - self._before.major_faults,
            involuntary_switches=after.involuntary_switches - self._before.involuntary_switches,
            contended=any(value > CONTENDED_ABOVE_RATIO for value in judged) if judged else None,
        )


def calibration_ms() -> float:
    """Milliseconds of a fixed piece of work on one core: a SHA-256 (computing) and two copies (memory) of
    CALIBRATION_BYTES. Taken beside measurements, it tells a slower machine from a slower model."""
    block = _calibration_block()
    begun_ns = time.perf_counter_ns()
    hashlib.sha256(block).digest()
    bytearray(bytearray(block))
    return (time.perf_counter_ns() - begun_ns) / 1e6


@functools.cache
def _calibration_block() -> bytes:
    return bytes(range(256)) * (CALIBRATION_BYTES // 256)


def oom_kills() -> int | None:
    """How often this machine's kernel has killed for memory since it started; None where it does not say."""
    for line in _read("/proc/vmstat").splitlines():
        key, _, value = line.partition(" ")
        if key == "oom_kill":
            return int(value)
    return None


def _counters() -> _Counters:
    ticks_s = 1 / os.sysconf("SC_CLK_TCK")
    fields = _read("/proc/stat").split("\n", 1)[0].split()[1:]
    numbers = [int(field) * ticks_s for field in fields]
    known = len(numbers) >= 8
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return _Counters(
        at_s=time.monotonic(),
        busy_s=sum(numbers[:3]) + sum(numbers[5:7]) if known else None,
        steal_s=numbers[7] if known else None,
        own_s=usage.ru_utime + usage.ru_stime + _family_cpu_s(ticks_s),
        cpu_wait_s=_pressure_total_s("cpu"),
        memory_wait_s=_pressure_total_s("memory"),
        major_faults=usage.ru_majflt,
        involuntary_switches=usage.ru_nivcsw,
    )


def _family_cpu_s(ticks_s: float) -> float:
    """CPU time of the parent, of its ended children, of its living ones but this process, and of this one's own living
    children (a server that is guarded)."""
    parent = os.getppid()
    family = _ticks(parent, ended_children=True)
    living = [each for each in (*_children(parent), *_children(os.getpid())) if each != os.getpid()]
    return ticks_s * (family + sum(map(_ticks, living)))


def _ticks(process: int, *, ended_children: bool = False) -> int:
    # The command name in /proc/PID/stat may hold spaces and brackets; the numbers follow the last bracket.
    fields = _read(f"/proc/{process}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if ended_children else 13])) if len(fields) > 14 else 0


def _children(process: int) -> list[int]:
    """Processes started by any thread of a process; none where the kernel does not list them."""
    try:
        threads = os.listdir(f"/proc/{process}/task")  # noqa: PTH208, a list of names is all that is wanted
    except OSError:
        return []
    lists = (_read(f"/proc/{process}/task/{thread}/children") for thread in threads)
    return [int(word) for text in lists for word in text.split()]


def _pressure_total_s(kind: str) -> float | None:
    for word in _read(f"/proc/pressure/{kind}").split("\n", 1)[0].split():
        if word.startswith("total="):
            return int(word[6:]) / 1e6
    return None


def _cpu_mhz() -> float | None:
    text = _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq").strip()
    if text.isdigit():
        return int(text) / 1000
    for line in _read("/proc/cpuinfo", limit=4096).splitlines():
        if line.startswith("cpu MHz"):
            return float(line.partition(":")[2])
    return None


def _ratio(before: float | None, after: float | None, whole: float) -> float | None:
    if before is None or after is None or whole <= 0:
        return None
    return min(1.0, max(0.0, (after - before) / whole))


def _read(path: str, limit: int = -1) -> str:
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as stream:
            return stream.read(limit)
    except OSError:
        return ""
