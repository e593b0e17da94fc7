"""The Dagster instance: where it lives, its settings, and putting it right after a kill.

Not here: what runs (jobs) and running it from the command line (execution).
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

import dagster as dg

from epyc_assets.warehouse.location import dagster_home

SETTINGS = Path(__file__).with_name("dagster.yaml")
PROCESS_TAG = "epyc/process"
"""Run tag HOST:PID:START:RUN, by which a run whose process was killed is found again."""

IN_PROGRESS = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def prepare_home() -> Path:
    """Makes DAGSTER_HOME (the environment's, else under the data directory) ready and returns it."""
    chosen = os.environ.get("DAGSTER_HOME", "").strip()
    home = Path(chosen) if chosen else dagster_home()
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "dagster.yaml"
    wanted = SETTINGS.read_text(encoding="utf-8")
    if not settings.exists() or (not chosen and settings.read_text(encoding="utf-8") != wanted):
        settings.write_text(wanted, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home.resolve())
    return home


def tag_with_process(instance: dg.DagsterInstance, run_id: str) -> None:
    """Marks a run with the process it runs in."""
    instance.add_run_tags(run_id, process_tag(run_id))


def process_tag(run_id: str) -> dict[str, str]:
    """The tag for a run that runs in this process."""
    return {PROCESS_TAG: f"{process_mark(os.getpid())}:{run_id}"}


def abandoned_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs that count as in progress although their process is gone. Only runs tagged on this host are judged."""
    abandoned = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=IN_PROGRESS)):
        mark, _, marked_run = run.tags.get(PROCESS_TAG, "").rpartition(":")
        # Running a run again in the UI copies its tags: such a tag names the earlier run and says nothing of this.
        if marked_run != run.run_id or not mark.startswith(f"{socket.gethostname()}:"):
            continue
        if process_mark(int(mark.split(":")[1])) != mark:
            abandoned.append(run)
    return abandoned


def repair_instance(instance: dg.DagsterInstance) -> list[str]:
    """Ends abandoned runs and frees their pool slots. Returns the ids of those runs.

    kill -9 leaves a run `started` for ever and its slot taken, so that the next sweep would wait for ever.
    """
    repaired: list[str] = []
    for run in abandoned_runs(instance):
        instance.report_run_failed(run, message="The process of this run was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        repaired.append(run.run_id)
    return repaired


def process_mark(process_id: int) -> str:
    """Host, process id and start time: process ids come again, this does not."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        started = fields[19]
    except (OSError, IndexError):
        started = "gone"
    return f"{socket.gethostname()}:{process_id}:{started}"
