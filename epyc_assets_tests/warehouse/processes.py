"""Running small Python programs in processes of their own, for tests of locks, kills and full disks."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def start(program: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """Start a program that says "ready" (or whatever) on its standard output; arguments are in sys.argv."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", textwrap.dedent(program), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
    )


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    """Read lines until the program says `word`; fails with its error output if it ends before."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == word:
            return
    assert process.stderr is not None
    raise AssertionError(f"the program ended without saying {word!r}:\n{process.stderr.read()}")


def run(program: str, *arguments: object, **environment: str) -> str:
    """Run to the end and return the standard output; fails if the program does."""
    process = start(program, *arguments, **environment)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def end(process: subprocess.Popen[str]) -> None:
    """Kill if still running, and close the pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
