"""The asset graph as a whole: its committed picture, what every asset owes its reader, and what loading it costs.

The picture is graph.snapshot. After a wanted change write it again with
`python -m epyc_assets_tests.defs.test_graph` and read the difference.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.leaderboard import GROUP as DERIVED_GROUP
from epyc_assets.registry.loading import load_registry
from epyc_assets_tests.defs.place import Place

SNAPSHOT = Path(__file__).with_name("graph.snapshot")
FLEET = "demo"


def picture(definitions: dg.Definitions) -> str:
    """Everything of a graph that a reader of it relies on, one line a fact."""
    graph = definitions.resolve_asset_graph()
    lines = ["# Written by: python -m epyc_assets_tests.defs.test_graph", ""]
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        version = "(hash of its SQL)" if node.group_name == DERIVED_GROUP else node.code_version
        lines.append(f"asset {key.to_user_string()}")
        lines.append(f"  group: {node.group_name}")
        lines.append(f"  deps: {_names(parent.to_user_string() for parent in node.parent_keys)}")
        lines.append(f"  kinds: {_names(node.kinds)}")
        lines.append(f"  owners: {_names(node.owners)}")
        lines.append(f"  code version: {version}")
        lines.append(f"  partitions: {_partitions(node.partitions_def)}")
        lines.append(f"  pools: {_names(node.pools or ())}")
        for check in sorted(graph.asset_check_keys):
            if check.asset_key == key:
                spec = graph.get_check_spec(check)
                lines.append(f"  check: {check.name}{' (blocking)' if spec.blocking else ''}")
        lines.append("")
    repository = definitions.get_repository_def()
    for job in sorted(repository.get_all_jobs(), key=lambda each: each.name):
        if job.name.startswith("__"):
            continue
        lines.append(f"job {job.name}")
        lines.append(f"  partitions: {_partitions(job.partitions_def)}")
        lines.append(f"  assets: {_names(key.to_user_string() for key in job.asset_layer.selected_asset_keys)}")
        lines.append("")
    for schedule in repository.schedule_defs:
        lines.append(f"schedule {schedule.name}: {schedule.cron_schedule}, job {schedule.job_name}")
        lines.append(f"  by default: {schedule.default_status.value.lower()}")
    for sensor in sorted(repository.sensor_defs, key=lambda each: each.name):
        lines.append(f"sensor {sensor.name}: job {sensor.job_name}")
        lines.append(f"  by default: {sensor.default_status.value.lower()}")
    return "\n".join(lines) + "\n"


def _names(names: object) -> str:
    return ", ".join(sorted(str(name) for name in names)) or "-"  # type: ignore[attr-defined]


def _partitions(partitions: dg.PartitionsDefinition | None) -> str:
    if partitions is None:
        return "-"
    keys = partitions.get_partition_keys()
    return "one for each model" if keys == list(load_registry().fleet(FLEET).models) else ", ".join(keys)


def _shipped_definitions() -> dg.Definitions:
    return build_definitions(FLEET)


@pytest.fixture
def shipped_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("EPYC_REGISTRY_DIR", "EPYC_FLEET", "EPYC_NIGHTLY_CRON", "EPYC_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EPYC_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))


@pytest.mark.usefixtures("shipped_registry")
def test_the_graph_is_as_its_picture_says() -> None:
    now = picture(_shipped_definitions())
    assert now == SNAPSHOT.read_text(encoding="utf-8"), (
        "the asset graph changed; if that is wanted: python -m epyc_assets_tests.defs.test_graph"
    )


@pytest.mark.usefixtures("shipped_registry")
def test_every_asset_and_check_explains_itself() -> None:
    graph = _shipped_definitions().resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node, name = graph.get(key), key.to_user_string()
        assert len((node.description or "").split()) >= 5, f"{name} has no description"
        assert node.owners, f"{name} has no owner"
        assert node.kinds, f"{name} has no kind"
        assert node.code_version, f"{name} has no code version"
        assert node.group_name not in (None, "default"), f"{name} is in no group"
        if not name.endswith("_journal"):  # files, not tables
            columns = node.metadata["dagster/column_schema"].columns
            assert columns, f"{name} has no columns"
            assert all(column.description for column in columns), f"{name} has a column that nobody explains"
    for check in graph.asset_check_keys:
        assert graph.get_check_spec(check).description, f"{check.to_user_string()} has no description"


@pytest.mark.usefixtures("shipped_registry")
def test_nothing_starts_by_itself() -> None:
    """Only the first link of the night's chain may need switching on, and it is off."""
    repository = _shipped_definitions().get_repository_def()
    assert repository.schedule_defs
    for schedule in repository.schedule_defs:
        assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED, schedule.name


@pytest.mark.usefixtures("shipped_registry")
def test_dagster_finds_the_definitions_valid() -> None:
    dg.Definitions.validate_loadable(_shipped_definitions())


def test_each_shipped_fleet_makes_a_graph(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EPYC_REGISTRY_DIR", raising=False)
    monkeypatch.setenv("EPYC_DATA_DIR", str(tmp_path))
    large = build_definitions("epyc9655").resolve_asset_graph()
    partitions = large.get(dg.AssetKey("generations")).partitions_def
    assert partitions is not None
    assert partitions.get_partition_keys() == list(load_registry().fleet("epyc9655").models)


def _imported_by(code: str, environment: dict[str, str]) -> set[str]:
    """Top-level modules that a fresh interpreter has imported after running code."""
    program = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_loading_the_code_location_imports_nothing_costly(place: Place) -> None:
    imported = _imported_by(
        "import epyc_assets.definitions\n"
        "from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module\n"
        "from dagster import Definitions\n"
        "found = epyc_assets.definitions.defs\n"
        "found = found(None) if not isinstance(found, Definitions) else found\n"
        "import sys\nassert 'epyc_assets.scoring' not in sys.modules, 'scorers take a tenth of the time'\n"
        "assert found.get_repository_def().name",
        place.environment(),
    )
    assert {"dagster", "polars", "epyc_assets"} <= imported
    assert not imported & {"torch", "torch_geometric", "llama_cpp", "sklearn", "gguf", "matplotlib"}


def test_help_imports_neither_dagster_nor_a_database(place: Place) -> None:
    code = "from epyc_assets.cli.main import main\nassert main(['--help']) == 0"
    imported = _imported_by(code, place.environment())
    assert {"click", "epyc_assets"} <= imported
    assert not imported & {"dagster", "duckdb", "polars", "pyarrow", "numpy", "pydantic", "rich", "yaml"}


def test_dagsters_own_validation_passes(place: Place) -> None:
    """What the webserver and the daemon do with the code location, in a process of its own."""
    (place.data / "dagster").mkdir(parents=True)
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-m", "epyc_assets.definitions"]
    done = subprocess.run(command, env=place.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not set(re.findall(r"\w+Warning", done.stderr)) - {"SupersessionWarning"}, done.stderr


if __name__ == "__main__":
    SNAPSHOT.write_text(picture(_shipped_definitions()), encoding="utf-8")
