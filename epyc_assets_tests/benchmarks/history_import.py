"""Measures `epyc history import`: time and peak memory of the first import, a second, and one with a changed file.

    python -m epyc_assets_tests.benchmarks.history_import RECORD [--copies 10] [--identical]

RECORD is repeated so many times below one folder. Copies are made distinct by blank lines at the end of text files,
so that each is read; with --identical they stay as they are, and equal contents are read once. Memory is the sum of
the resident sets of all processes of the command, sampled every 20 ms (pages shared between them count twice).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

SAMPLE_S = 0.02
BINARY_ENDINGS = (".db", ".png", ".jpg", ".jpeg")


def main() -> None:
    """Prints a line per import."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=Path)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--identical", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "record"
        size_bytes, files = _repeat(arguments.record, root, arguments.copies, arguments.identical)
        kind = "identical" if arguments.identical else "distinct"
        print(f"{arguments.copies} {kind} copies: {files:,} files, {size_bytes / 1e6:,.0f} MB, {os.cpu_count()} cores")
        data = Path(folder) / "data"
        for title in ("first import", "second import, nothing changed"):
            _report(title, root, data)
        changed = next(path for path in sorted(root.rglob("*.json")) if path.stat().st_size > 1000)
        changed.write_bytes(changed.read_bytes() + b" ")
        _report("third import, one file changed", root, data)


def _repeat(record: Path, root: Path, copies: int, identical: bool) -> tuple[int, int]:
    size_bytes = files = 0
    for copy in range(copies):
        for path in sorted(record.rglob("*")):
            if not path.is_file():
                continue
            target = root / f"copy{copy}" / path.relative_to(record)
            target.parent.mkdir(parents=True, exist_ok=True)
            contents = path.read_bytes()
            if contents and not identical and path.suffix not in BINARY_ENDINGS:
                contents += b"\n" * copy
            target.write_bytes(contents)
            size_bytes += len(contents)
            files += 1
    return size_bytes, files


def _report(title: str, root: Path, data: Path) -> None:
    environment = {**os.environ, "EPYC_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "epyc_assets.cli.main", "history", "import", str(root), "--json"]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        peak_bytes = 0
        while process.poll() is None:
            peak_bytes = max(peak_bytes, _resident_bytes(process.pid))
            time.sleep(SAMPLE_S)
    seconds = time.perf_counter() - began
    print(f"{title}: {seconds:.1f} s, peak {peak_bytes / 1e6:,.0f} MB, exit {process.returncode}", flush=True)


def _resident_bytes(process_id: int) -> int:
    total = 0
    try:
        parent = psutil.Process(process_id)
        for each in (parent, *parent.children(recursive=True)):
            try:
                total += each.memory_info().rss
            except psutil.Error:
                continue
    except psutil.Error:
        return 0
    return total


if __name__ == "__main__":
    main()
