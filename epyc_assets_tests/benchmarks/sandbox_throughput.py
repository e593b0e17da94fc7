"""What the sandbox costs: short Python programs per second, beside a bare `python -c` and a cold bubblewrap each.

Usage: python -m epyc_assets_tests.benchmarks.sandbox_throughput [--programs 200] [--rounds 5]

Four ways to run the same program (it prints a number and imports json), each in every round, in an order shuffled
anew each round, on one core and then on all (a thread per core):
  warm       run_program: a fork of the warm worker with namespaces of its own
  scored     the scorer code_execution with one function test: extraction, call and comparison included
  bare       `python -I -S -c` of the same Python, with nothing around it
  cold       bubblewrap started anew for the program, with the same mounts, around `python -I -S`
Printed: programs per second (the median round's) and milliseconds per program and core.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from epyc_assets import sandbox
from epyc_assets.sandbox.bubblewrap import worker_command
from epyc_assets.scoring import score

PROGRAM = "import json\nprint(json.dumps({'answer': sum(range(1000))}))\n"
WANTED = b'{"answer": 499500}\n'
FUNCTION = "import json\ndef answer(n):\n    return json.loads(json.dumps({'answer': sum(range(n))}))\n"
CONFIG = {"entry_point": "answer", "function_tests": [{"args": [1000], "expected": {"answer": 499500}}]}


def warm() -> bool:
    """One program by the warm worker."""
    return sandbox.run_program(PROGRAM).stdout == WANTED


def scored() -> bool:
    """One answer by the scorer."""
    return score("code_execution", FUNCTION, "", CONFIG).passed is True


def bare() -> bool:
    """One program without any sandbox."""
    command = [getattr(sys, "_base_executable", sys.executable), "-I", "-S", "-c", PROGRAM]
    return subprocess.run(command, capture_output=True, check=False).stdout == WANTED


def cold() -> bool:
    """One program in a bubblewrap of its own."""
    whole = worker_command(0)
    command = [*whole[: whole.index("-B")], "-I", "-S", "-c", PROGRAM]
    return subprocess.run(command, capture_output=True, check=False).stdout == WANTED


def per_second(way: Callable[[], bool], programs: int, threads: int) -> float:
    """Programs per second of one way."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: way(), range(threads * 2)))
        started = time.perf_counter()
        right = list(pool.map(lambda _: way(), range(programs)))
        took = time.perf_counter() - started
    if not all(right):
        raise SystemExit(f"{way.__name__}: {right.count(False)} of {programs} programs gave something else")
    return programs / took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    reason = sandbox.availability()
    if reason is not None:
        raise SystemExit(f"no sandbox: {reason}")
    cores = len(os.sched_getaffinity(0))
    print(f"{options.programs} programs a round, {options.rounds} rounds, load {os.getloadavg()[0]:.1f} at the start")
    for threads in sorted({1, cores}):
        found: dict[str, list[float]] = {}
        for _ in range(options.rounds):
            ways = [warm, scored, bare, cold]
            random.shuffle(ways)
            for way in ways:
                found.setdefault(way.__name__, []).append(per_second(way, options.programs, threads))
        for name in ("warm", "scored", "bare", "cold"):
            speed = median(found[name])
            print(f"{threads:3} threads  {name:7} {speed:8.1f} programs/s  {1000 * threads / speed:7.2f} ms each")


if __name__ == "__main__":
    main()
