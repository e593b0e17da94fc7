"""Memory bandwidth of the host by a read probe, in a process of its own.

Here: the probe (`python -m epyc_assets.inference.bandwidth`, which prints JSON), and starting it through the host's
launch prefix. Not here: what follows for models (roofline), and storing it (defs.machine).

What it measures: threads each take the maximum of a slice of one large array of 64-bit numbers, again and again, all at
the same time; bytes per second is what all read together over the time from the first begin to the last end. Like the
reading part of STREAM, and like decoding, which reads weights and writes next to nothing. Is it the memory that limits?
The same reading over blocks that fit into the second-level cache is measured beside it (cache_bytes_per_s): several
times faster where memory is the limit. What it does not measure: writing, latency, or a better kernel than NumPy's
reduction (which lets go of Python's lock and uses vector instructions). Pages lie where the launch prefix puts them,
else near the thread that filled them, which need not be the one that reads them when fewer threads do.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from epyc_assets.inference.telemetry import ContentionProbe, host_facts

if TYPE_CHECKING:
    import numpy as np

CACHE_MULTIPLE = 4
"""Size of the array over the last-level caches together: what is left in them from the pass before is of no use then,
as the array is read front to back."""

LEAST_ARRAY_BYTES = 2**30
LARGEST_MEMORY_RATIO = 0.25
"""Share of the free memory that the array takes at most."""

CACHED_BLOCK_BYTES = 256 * 1024
"""Block that fits into any second-level cache."""

CPU_FOLDER = Path("/sys/devices/system/cpu")


class BandwidthFault(Exception):
    """The probe could not be run; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of threads. bytes_per_s: every repetition. cache_bytes_per_s: the same reading out of the
    second-level cache, best repetition."""

    threads: int
    bytes_per_s: tuple[float, ...]
    cache_bytes_per_s: float

    @property
    def best_bytes_per_s(self) -> float:
        """The least disturbed repetition."""
        return max(self.bytes_per_s)

    @property
    def median_bytes_per_s(self) -> float:
        """The middle repetition."""
        return median(self.bytes_per_s)

    @property
    def kernel_ratio(self) -> float:
        """Reading out of the cache over reading out of memory. Near 1: the reading is the limit, not the memory."""
        return self.cache_bytes_per_s / self.best_bytes_per_s


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """What the probe found. array_bytes: read in one pass by all threads together. last_level_cache_bytes: of all
    such caches together, None where the kernel does not say. contended: other work may have disturbed it."""

    host_name: str
    cpu_model: str | None
    array_bytes: int
    last_level_cache_bytes: int | None
    other_cpu_ratio: float | None
    contended: bool | None
    readings: tuple[Reading, ...]

    @property
    def best(self) -> Reading:
        """The number of threads that read fastest."""
        return max(self.readings, key=lambda reading: reading.best_bytes_per_s)


def thread_counts(cores: int) -> list[int]:
    """Numbers of threads to try: one, half of the physical cores, all of them."""
    return sorted({1, max(1, cores // 2), max(1, cores)})


def last_level_cache_bytes(folder: Path = CPU_FOLDER) -> int | None:
    """Bytes of the machine's last-level caches together, each counted once; None where the kernel does not say."""
    caches: dict[tuple[int, str], int] = {}
    for index in folder.glob("cpu[0-9]*/cache/index[0-9]*"):
        try:
            level = int((index / "level").read_text())
            size = _size_in_bytes((index / "size").read_text().strip())
            shared = (index / "shared_cpu_list").read_text().strip()
            kind = (index / "type").read_text().strip()
        except (OSError, ValueError):
            continue
        if kind != "Instruction":
            caches[(level, shared)] = size
    if not caches:
        return None
    last = max(level for level, _ in caches)
    return sum(size for (level, _), size in caches.items() if level == last)


def measure_bandwidth(
    threads: Sequence[int],
    *,
    launch_prefix: Sequence[str] = (),
    repetitions: int = 7,
    least_s: float = 0.3,
    array_bytes: int | None = None,
    timeout_s: float = 600.0,
) -> Bandwidth:
    """Runs the probe in a child process. least_s: seconds that a repetition takes at least. array_bytes: else by the
    caches and the memory of the machine it runs on. Raises BandwidthFault with the probe's last words.
    """
    command = [*launch_prefix, sys.executable, "-m", "epyc_assets.inference.bandwidth"]
    command += ["--threads", *(str(count) for count in threads), "--repetitions", str(repetitions)]
    command += ["--least-s", str(least_s)]
    if array_bytes is not None:
        command += ["--array-bytes", str(array_bytes)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except OSError as error:
        raise BandwidthFault(
            f"the bandwidth probe could not be started: {error}; check launch_prefix in the host's registry entry "
            f"(command: {' '.join(command)})"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise BandwidthFault(f"the bandwidth probe took longer than {timeout_s:g} s and was ended") from error
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise BandwidthFault(f"the bandwidth probe ended with status {done.returncode}: {words[0]}")
    try:
        return _from_json(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError) as error:
        raise BandwidthFault(f"the bandwidth probe said something else than its figures: {error!r}") from error


def probe(threads: Sequence[int], *, repetitions: int, least_s: float, array_bytes: int | None = None) -> Bandwidth:
    """Measures in this process; NumPy must not have been told to use threads of its own (reductions never do)."""
    import numpy as np

    cache = last_level_cache_bytes()
    size = array_bytes or _array_bytes(cache)
    most = max(threads)
    array = np.empty(size // 8, dtype=np.int64)
    _in_threads(most, lambda place: _slice(array, place, most).fill(place))
    contention = ContentionProbe()
    contention.start()
    readings = tuple(_read(array, count, repetitions, least_s) for count in threads)
    found, facts = contention.stop(), host_facts()
    return Bandwidth(
        facts.host or platform.node(),
        facts.cpu_model,
        array.nbytes,
        cache,
        found.other_cpu_ratio,
        found.contended,
        readings,
    )


def _read(array: np.ndarray, threads: int, repetitions: int, least_s: float) -> Reading:
    slices = [_slice(array, place, threads) for place in range(threads)]
    blocks = [part[: min(part.size, CACHED_BLOCK_BYTES // 8)].copy() for part in slices]
    return Reading(
        threads,
        tuple(_repetitions(slices, repetitions, least_s)),
        max(_repetitions(blocks, max(1, repetitions // 2), least_s / 4)),
    )


def _repetitions(parts: Sequence[np.ndarray], repetitions: int, least_s: float) -> list[float]:
    """Bytes per second of each repetition, after an untimed pass that says how many passes fill least_s."""
    _timed_s(parts, 1)
    passes = max(1, round(least_s / max(_timed_s(parts, 1), 1e-6)))
    total = sum(part.nbytes for part in parts) * passes
    return [total / _timed_s(parts, passes) for _ in range(repetitions)]


def _timed_s(parts: Sequence[np.ndarray], passes: int) -> float:
    """Seconds from the first thread's begin to the last one's end, each reading its part so many times."""
    begins, ends = [0.0] * len(parts), [0.0] * len(parts)
    gate = threading.Barrier(len(parts))

    def work(place: int) -> None:
        maximum = parts[place].max
        gate.wait()
        begins[place] = time.perf_counter()
        for _ in range(passes):
            maximum()
        ends[place] = time.perf_counter()

    _in_threads(len(parts), work)
    return max(ends) - min(begins)


def _in_threads(count: int, work: Any) -> None:
    workers = [threading.Thread(target=work, args=(place,)) for place in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _slice(array: np.ndarray, place: int, count: int) -> np.ndarray:
    return array[array.size * place // count : array.size * (place + 1) // count]


def _array_bytes(cache: int | None) -> int:
    import psutil

    wanted = max(LEAST_ARRAY_BYTES, CACHE_MULTIPLE * (cache or 0))
    return int(min(wanted, psutil.virtual_memory().available * LARGEST_MEMORY_RATIO))


def _size_in_bytes(text: str) -> int:
    """32768K, 4M or a number of bytes, as the kernel writes sizes."""
    units = {"K": 2**10, "M": 2**20, "G": 2**30}
    return int(text[:-1]) * units[text[-1]] if text[-1:] in units else int(text)


def _from_json(found: dict[str, Any]) -> Bandwidth:
    readings = tuple(
        Reading(int(one["threads"]), tuple(map(float, one["bytes_per_s"])), float(one["cache_bytes_per_s"]))
        for one in found.pop("readings")
    )
    if not readings or not all(reading.bytes_per_s for reading in readings):
        raise ValueError("no readings")
    return Bandwidth(**found, readings=readings)


def _main() -> None:
    parser = argparse.ArgumentParser(description="Reads memory with several threads and prints JSON.")
    parser.add_argument("--threads", type=int, nargs="+", default=thread_counts(os.cpu_count() or 1))
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--least-s", type=float, default=0.3)
    parser.add_argument("--array-bytes", type=int, default=None)
    arguments = parser.parse_args()
    found = probe(
        arguments.threads,
        repetitions=arguments.repetitions,
        least_s=arguments.least_s,
        array_bytes=arguments.array_bytes,
    )
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


if __name__ == "__main__":
    _main()
