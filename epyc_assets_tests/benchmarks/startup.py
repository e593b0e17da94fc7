"""Measures what a person waits for before anything happens: `epyc --help`, and loading the code location.

Usage: python -m epyc_assets_tests.benchmarks.startup [REPEATS]. Prints the median wall time of fresh processes, each
beside a bare interpreter's, interleaved so that a busy machine slows all alike. Not a test: nothing is asserted.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

PROGRAMS = {
    "bare interpreter": ["-c", "pass"],
    "epyc --help": ["-m", "epyc_assets.cli.main", "--help"],
    "import dagster": ["-c", "import dagster"],
    "code location": ["-c", "from epyc_assets.definitions import defs; defs().get_repository_def()"],
}
LIMITS_S = {"epyc --help": 0.5, "code location": 2.0}


def main(repeats: int) -> None:
    """Runs every program repeats times and prints a line for each."""
    times_s: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(repeats):
        for name, arguments in PROGRAMS.items():
            started_s = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            times_s[name].append(time.perf_counter() - started_s)
    print(f"median, least and most of {repeats} runs, in seconds")
    for name, values in times_s.items():
        limit = f"  (to stay under {LIMITS_S[name]} s)" if name in LIMITS_S else ""
        print(f"{name:18}{median(values):6.2f} {min(values):6.2f} {max(values):6.2f}{limit}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
