"""Progress of what measures: into the run's log, and to whoever listens in this process.

Here: what sweeps, speed rounds and experiments have in common. Not here: drawing it (cli.printing).
"""

from __future__ import annotations

import time
from collections.abc import Callable

import dagster as dg

from epyc_assets.benchmark.sweep import Progress

LOG_EVERY_S = 5.0
PROGRESS_LISTENERS: list[Callable[[Progress], None]] = []
"""Told about every answer in this process; the CLI draws its progress bar from them."""


def logged_progress(context: dg.AssetExecutionContext) -> Callable[[Progress], None]:
    """A callback that tells the listeners, and the run's log at most every LOG_EVERY_S seconds and at the end."""
    last_s = time.monotonic()

    def log(progress: Progress) -> None:
        nonlocal last_s
        for listener in PROGRESS_LISTENERS:
            listener(progress)
        now_s = time.monotonic()
        if now_s - last_s < LOG_EVERY_S and progress.done < progress.total:
            return
        last_s = now_s
        left = "" if progress.eta_s is None else f", {progress.eta_s:.0f} s left"
        context.log.info(
            f"{progress.model}: {progress.done} of {progress.total} asked, {progress.rate:.1f} per second{left}"
        )

    return log
