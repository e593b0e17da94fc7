"""`epyc plan`: the whole matrix of the fleets that ship, readable for a person and whole as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from epyc_assets.benchmark.matrix import TECHNIQUES
from epyc_assets.benchmark.presets import PRESETS
from epyc_assets.cli.main import main
from epyc_assets.registry.loading import load_registry

STATUSES = {"done", "missing", "stale", "failed", "no_file", "not_allowed"}


@pytest.fixture(autouse=True)
def nothing_has_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The registry that ships, and a data directory in which there is nothing."""
    for name in ("EPYC_REGISTRY_DIR", "EPYC_FLEET", "EPYC_MODEL_BASE", "EPYC_MODEL_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EPYC_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path / "var"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["plan", *words]) == 0
    return capsys.readouterr().out


def rows(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    return json.loads(told(capsys, *words, "--json"))


def test_the_large_fleet_has_about_a_thousand_configs_each_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    plan = rows(capsys, "--fleet", "epyc9655", "--preset", "full")
    speed = [row for row in plan if row["suite"] == "speed"]
    assert len({(row["model"], row["config_id"]) for row in speed}) == len(speed)
    assert {(row["model"], row["config_id"]) for row in plan} == {(row["model"], row["config_id"]) for row in speed}
    assert len({(row["model"], row["config_id"], row["suite"]) for row in plan}) == len(plan)
    assert 700 < len(speed) < 2500
    assert {row["model"] for row in speed} == set(load_registry().fleet("epyc9655").models)
    assert {row["technique"] for row in speed} == set(TECHNIQUES)
    assert {row["status"] for row in plan} == {"no_file", "not_allowed"}, "there are no files of it here"
    assert all(row["reason"] and row["estimated_s"] is None for row in plan)
    hybrid = [
        row for row in speed if row["model"].startswith("Qwen3.5") and row["technique"] not in ("baseline", "moe")
    ]
    assert hybrid
    assert {row["status"] for row in hybrid} == {"not_allowed"}


def test_the_large_fleet_fits_on_a_few_screens(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "--fleet", "epyc9655", "--preset", "full")
    lines = text.splitlines()
    assert len(lines) < 80
    counted = {line.split()[0]: line.split()[1] for line in lines if line.split() and line.split()[0] in TECHNIQUES}
    speed = [row for row in rows(capsys, "--fleet", "epyc9655", "--preset", "full") if row["suite"] == "speed"]
    assert counted == {name: str(count) for name, count in Counter(row["technique"] for row in speed).items()}
    for name in PRESETS:
        assert any(line.strip().startswith(f"{name}: ") and " loads for " in line for line in lines)
    assert "side by side: 5 loads held at once (" in text
    assert "alternating: all at once would take" in text
    assert "its state cannot be rolled back" in text
    # Nothing is excluded without being counted in some line.
    excluded = [line for line in lines if line.startswith(("no_file: ", "not_allowed: "))]
    configs = sum(
        int(word)
        for line in excluded
        for word, noun in zip(line.split(), line.split()[1:], strict=False)
        if noun.startswith("config") and word.isdigit()
    )
    assert configs == len(speed)


def test_every_reason_of_the_large_fleet(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "--fleet", "epyc9655", "--preset", "full", "--reasons")
    plan = rows(capsys, "--fleet", "epyc9655", "--preset", "full")
    lines = set(text.splitlines())
    for row in plan:
        assert f"{row['status']}: {row['model']}, {row['config']}: {row['reason']}" in lines


def test_the_demo_fleet_refuses_what_a_recurrent_model_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    plan = rows(capsys, "--preset", "full")
    assert {row["status"] for row in plan} == {"missing", "not_allowed"}
    refused = [row for row in plan if row["status"] == "not_allowed"]
    assert {row["model"] for row in refused} == {"demo-mamba"}
    assert {row["technique"] for row in refused} == {"spec", "lookup", "spec+lookup"}
    assert all("rolled back" in row["reason"] for row in refused)
    assert {row["technique"] for row in plan if row["model"] == "demo-moe"} == set(TECHNIQUES)


def test_a_plain_sweep_asks_every_model_and_the_mixture_with_fewer_experts_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = [row for row in rows(capsys, "--preset", "nightly") if row["suite"] != "speed"]
    assert Counter(row["config"] for row in asked) == {
        "baseline": 8 * 12,
        "moe 2 experts": 12,
        "moe 1 experts": 12,
    }
    assert {row["model"] for row in asked if row["technique"] == "moe"} == {"demo-moe"}


def test_one_model_is_shown_config_by_config(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "--model", "demo-moe", "--preset", "quick")
    for words in ("moe 2 experts", "spec demo-draft K=8", "lookup n=3 K=16"):
        assert any(line.split()[0] == "demo-moe" and words in line for line in text.splitlines() if line.split())
    assert "demo-target" not in text


def test_presets_grow_and_an_unknown_one_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = [len(rows(capsys, "--preset", name)) for name in PRESETS]
    assert sizes == sorted(set(sizes))
    assert main(["plan", "--preset", "nightli"]) == 1
    assert 'did you mean "nightly"' in capsys.readouterr().err


def test_a_plan_imports_neither_database_nor_frames_nor_dagster(nothing_has_run: Path) -> None:
    """What makes it answer at once."""
    code = (
        "import sys; from epyc_assets.cli.main import main; main(['plan', '--fleet', 'epyc9655']);"
        "print([m for m in ('duckdb', 'polars', 'dagster', 'numpy', 'llama_cpp') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert not [path for path in nothing_has_run.rglob("*") if path.is_file()], "a plan wrote something"
