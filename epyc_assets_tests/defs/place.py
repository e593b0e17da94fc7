"""A place to run the platform in for tests: a registry with one tiny real model, its files, a data directory.

The fleet `small` has three models: demo-draft, which is real; broken, whose file is no GGUF; absent, which has no
file. So every sweep over it also shows that the latter two cost nothing but themselves.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
import yaml

from epyc_assets.benchmark.journal import read_journal
from epyc_assets.defs.execution import SweepReport, sweep_fleet
from epyc_assets.defs.instance import prepare_home
from epyc_assets.defs.jobs import PREPARE_ASSETS
from epyc_assets.warehouse import Warehouse
from epyc_assets.warehouse.provenance import PROVENANCE_COLUMNS
from epyc_assets_tests.models import shipped

FLEET = "small"
MODEL = "demo-draft"
QUESTIONS = 3
"""Of each of the two suites."""
SUITES = ("math", "thinking")
BROKEN = b"<html>not a model</html>"


PREPARED = [dg.AssetKey(name) for name in PREPARE_ASSETS]
"""What the job prepare makes, without measuring the machine."""


@dataclass(frozen=True)
class Place:
    """Folders below root, and how a process gets to use them."""

    root: Path

    @property
    def registry(self) -> Path:
        return self.root / "registry"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def data(self) -> Path:
        return self.root / "var"

    @property
    def fleet_file(self) -> Path:
        return self.registry / "fleets" / f"{FLEET}.yaml"

    @property
    def journal(self) -> Path:
        return self.data / "journal" / FLEET / f"{MODEL}.jsonl"

    @property
    def variables(self) -> dict[str, str]:
        """What distinguishes a process here from one elsewhere."""
        return {
            "EPYC_REGISTRY_DIR": str(self.registry),
            "EPYC_DATA_DIR": str(self.data),
            "EPYC_LOCK_DIR": str(self.root / "locks"),
            "DAGSTER_HOME": str(self.data / "dagster"),
            "EPYC_FLEET": FLEET,
            "EPYC_MODEL_ROOT": "",
            "COLUMNS": "100",
        }

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        """Makes this process use the place until the patch is undone."""
        for name, value in self.variables.items():
            patch.setenv(name, value)
        for name in ("EPYC_NIGHTLY_CRON", "EPYC_TIMEZONE", "EPYC_LOCK_TIMEOUT_S", "EPYC_TRACE"):
            patch.delenv(name, raising=False)

    def environment(self, **more: str) -> dict[str, str]:
        """For a process that is started to use the place."""
        return {**os.environ, **self.variables, **more}

    def launch_through(self, *prefix: str) -> None:
        """Starts workers through these command words from now on."""
        _write(self.registry / "hosts" / "here.yaml", {**_host(), "launch_prefix": list(prefix)})

    def change_fleet(self, **changes: object) -> None:
        """Sets keys of the fleet's file."""
        _write(self.fleet_file, {**yaml.safe_load(self.fleet_file.read_text(encoding="utf-8")), **changes})

    def copy(self, root: Path) -> Place:
        """The same elsewhere, without Dagster's runs."""
        shutil.copytree(self.root, root, ignore=shutil.ignore_patterns("dagster", "locks"))
        return Place(root)

    def instance(self) -> dg.DagsterInstance:
        """Where runs here are recorded; the place must have been entered."""
        prepare_home()
        return dg.DagsterInstance.get()

    def rows(self, table: str) -> pl.DataFrame:
        """A published table without what differs from one writing to the next, in a fixed order."""
        with Warehouse(self.data / "epyc.duckdb").read() as connection:
            frame = connection.sql(f"SELECT * FROM {table}").pl().drop(PROVENANCE_COLUMNS, strict=False)
        return frame.sort(pl.col(name).cast(pl.String) for name in frame.columns if not frame[name].dtype.is_nested())

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Readable records of one kind in the model's journal, in order."""
        return [record for record in read_journal(self.journal).records if record["kind"] == kind]


def make_place(root: Path) -> Place:
    """A new place; nothing has run in it."""
    place = Place(root)
    for folder in (place.registry / "hosts", place.registry / "fleets", place.models):
        folder.mkdir(parents=True)
    _write(place.registry / "hosts" / "here.yaml", _host())
    of_all = {
        "kind": "chat",
        "load_parameters": {"threads": 1, "context_tokens": 512},
        "temperatures": {"default": 0.0},
        "question_timeout_s": 60,
    }
    fleet = {
        "description": "One tiny model, a broken file and a missing one.",
        "host": "here",
        "models": {name: {"file": f"{name}.gguf", **of_all} for name in (MODEL, "broken", "absent")},
        "question_sets": [{"suite": suite, "source": "demo", "count": QUESTIONS, "seed": 1} for suite in SUITES],
        "speed_prompts": "generated",
        "speed_rounds": {"least": 1, "most": 1},
    }
    _write(place.fleet_file, fleet)
    shutil.copy(shipped(MODEL), place.models / f"{MODEL}.gguf")
    (place.models / "broken.gguf").write_bytes(BROKEN)
    return place


def swept_place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, SweepReport]:
    """A place of the caller's own in which one sweep has run, and what it reported; not entered.

    The sweep takes ten seconds, so it is run once for all test processes and copied.
    """
    base = tmp_path_factory.getbasetemp()
    # Each process of xdist has a folder of its own below that of the test run.
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "swept"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "report").exists():
            made = make_place(shared / "place")
            with pytest.MonkeyPatch.context() as patch:
                made.enter(patch)
                report = sweep_fleet(FLEET)
            (shared / "report").write_bytes(pickle.dumps(report))
    own = tmp_path_factory.mktemp("swept") / "place"
    shutil.copytree(shared / "place", own, ignore=shutil.ignore_patterns("locks"))
    return Place(own), pickle.loads((shared / "report").read_bytes())


def hanging_launcher(marker: str = "generate") -> Sequence[str]:
    """A launch prefix that stops the worker, as a hang does, at the first request with the marker in it."""
    return [sys.executable, str(Path(__file__).parents[1] / "inference" / "faulty_launcher.py"), "stop", marker]


def _host() -> dict[str, object]:
    return {
        "default_threads": 1,
        "memory_bytes": 2**34,
        # So that no sweep needs to measure the machine first.
        "measured_bandwidth_bytes_per_s": 1e10,
        "model_roots": ["models"],
        "pool": "measured_machine",
    }


def _write(path: Path, value: object) -> None:
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
