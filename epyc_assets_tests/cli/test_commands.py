"""Every command as a person meets it: what it prints, where, and the exit code. 1 is a mistake, 2 a wrong call."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import yaml

from epyc_assets.cli.main import COMMANDS, main
from epyc_assets.registry.gguf_file import read_gguf_facts
from epyc_assets_tests.defs.place import FLEET, MODEL, QUESTIONS, SUITES, Place, make_place, swept_place

pytestmark = pytest.mark.xdist_group("commands")

ASKED = QUESTIONS * len(SUITES)


class Told:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as a JSON list of objects."""
        rows = json.loads(self.out)
        assert isinstance(rows, list)
        assert all(isinstance(row, dict) for row in rows)
        return rows


class Epyc:
    """Calls `epyc` in this process, so that a test costs milliseconds. An exception would be a traceback."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *arguments: str) -> Told:
        self._capfd.readouterr()
        code = main(list(arguments))
        captured = self._capfd.readouterr()
        told = Told(code, captured.out, captured.err)
        assert "Traceback" not in told.out + told.err
        return told


@pytest.fixture
def epyc(capfd: pytest.CaptureFixture[str]) -> Epyc:
    return Epyc(capfd)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place in which nothing has run."""
    place = make_place(tmp_path / "place")
    place.enter(monkeypatch)
    return place


@pytest.fixture(scope="module")
def filled_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return swept_place(tmp_path_factory)[0]


@pytest.fixture
def filled(filled_place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place in which a sweep has run; not to be changed."""
    filled_place.enter(monkeypatch)
    return filled_place


# Calling


@pytest.mark.parametrize(
    "words", [[], *([name] for name in COMMANDS), ["models", "list"], ["models", "add"], ["fleet", "train"]]
)
def test_help(epyc: Epyc, empty: Place, words: list[str]) -> None:
    told = epyc(*words, "--help")
    assert told.code == 0
    assert "Usage: epyc" in told.out
    assert not (empty.data / "epyc.duckdb").exists()


def test_every_summary_in_the_list_is_that_of_its_command(epyc: Epyc) -> None:
    listed = " ".join(epyc("--help").out.split())
    for name, (_, summary) in COMMANDS.items():
        assert summary in listed
        assert summary.rstrip(".") in " ".join(epyc(name, "--help").out.split()), name


@pytest.mark.parametrize(
    "words",
    [
        ["nosuch"],
        ["sql"],
        ["sql", "SELECT 1", "--format", "xml"],
        ["sql", "SELECT 1", "--limit", "-1"],
        ["sweep", "--questions", "0"],
        ["sweep", "--nosuch"],
        ["models", "add"],
        ["models", "add", "nosuch.gguf"],
        ["leaderboard", "extra"],
    ],
)
def test_a_wrong_call_exits_2_and_says_how_it_is_called(epyc: Epyc, empty: Place, words: list[str]) -> None:
    told = epyc(*words)
    assert told.code == 2
    assert "Error:" in told.err
    assert "--help" in told.err
    assert not told.out
    del empty


# Before anything has run


def test_sql_before_anything_exists_says_what_to_do(epyc: Epyc, empty: Place) -> None:
    for words in (["sql", "SELECT 1"], ["sql", "SELECT 1", "--live"]):
        told = epyc(*words)
        assert told.code == 1
        assert "make demo" in told.err
        assert not told.out
    del empty


def test_an_empty_leaderboard_says_what_to_run(epyc: Epyc, empty: Place) -> None:
    told = epyc("leaderboard")
    assert told.code == 0
    assert f"epyc sweep --fleet {FLEET}" in told.out
    assert epyc("leaderboard", "--json").rows == []
    del empty


def test_a_leaderboard_after_preparing_only(epyc: Epyc, empty: Place) -> None:
    """The warehouse is there; the derived tables are not yet."""
    from epyc_assets.warehouse import Warehouse

    with Warehouse().write("nothing"):
        pass
    told = epyc("leaderboard")
    assert told.code == 0
    assert "epyc sweep" in told.out
    assert epyc("leaderboard", "--json").rows == []
    del empty


def test_plan_needs_no_warehouse(epyc: Epyc, empty: Place) -> None:
    rows = epyc("plan", "--json").rows
    assert {(row["model"], row["status"]) for row in rows} == {
        (MODEL, "missing"),
        ("broken", "no_file"),
        ("absent", "no_file"),
    }
    assert {row["suite"] for row in rows} == {*SUITES, "speed"}
    assert sum(row["missing"] for row in rows if row["model"] == MODEL and row["suite"] != "speed") == ASKED
    told = epyc("plan")
    assert told.code == 0
    assert f"a sweep would ask {ASKED} questions" in told.out
    assert "absent.gguf" in told.out
    assert not empty.data.joinpath("epyc.duckdb").exists(), "a plan wrote something"


def test_plan_of_the_large_fleet_names_every_model_with_a_reason(
    epyc: Epyc, empty: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from epyc_assets.registry.loading import load_registry

    monkeypatch.delenv("EPYC_REGISTRY_DIR")
    rows = epyc("plan", "--fleet", "epyc9655", "--json").rows
    fleet = load_registry().fleet("epyc9655")
    assert {row["model"] for row in rows} >= {name for name, model in fleet.models.items() if model.kind != "external"}
    assert {row["status"] for row in rows} == {"no_file", "not_allowed"}
    assert all(row["reason"] for row in rows)
    assert not [row for row in rows if row["estimated_s"] is not None], "nothing was measured"
    del empty


def test_doctor_of_an_installation_in_which_nothing_has_run(epyc: Epyc, empty: Place) -> None:
    told = epyc("doctor", "--json")
    found = {row["subject"]: row for row in told.rows}
    assert found["warehouse"]["status"] == "optional"
    assert found["warehouse"]["advice"]
    assert "3 models" in found["registry"]["found"]
    assert told.code == (1 if any(row["status"] == "wrong" for row in told.rows) else 0)
    assert not [row for row in told.rows if row["status"] == "wrong" and row["subject"] != "data directory"]
    del empty


def test_doctor_tells_all_that_is_wrong_and_exits_1(epyc: Epyc, empty: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    empty.change_fleet(nonsense=1)
    blocked = empty.root / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("EPYC_DATA_DIR", str(blocked / "var"))
    told = epyc("doctor", "--json")
    assert told.code == 1, told.out
    wrong = {row["subject"]: row["found"] for row in told.rows if row["status"] == "wrong"}
    assert "nonsense" in wrong["registry"]
    assert "EPYC_DATA_DIR" in wrong["data directory"]


# Mistakes


def test_an_unknown_key_in_the_registry_is_told_with_file_and_key(epyc: Epyc, empty: Place) -> None:
    content = yaml.safe_load(empty.fleet_file.read_text(encoding="utf-8"))
    content["models"][MODEL]["temprature"] = 1
    empty.fleet_file.write_text(yaml.safe_dump(content), encoding="utf-8")
    for command in ("sweep", "plan", "models"):
        told = epyc(command, *(["list"] if command == "models" else []))
        assert told.code == 1
        assert f"registry/fleets/{FLEET}.yaml" in told.err
        assert f'models.{MODEL}: unknown key "temprature"' in told.err
        assert "temperatures" in told.err, "no hint at the key that was meant"
        assert not told.out


@pytest.mark.parametrize("words", [["sweep"], ["plan"], ["leaderboard"], ["models", "list"], ["plan", "--json"]])
def test_an_unknown_fleet_is_told_with_the_nearest(epyc: Epyc, filled: Place, words: list[str]) -> None:
    told = epyc(*words, "--fleet", "smal")
    assert told.code == 1
    assert f'did you mean "{FLEET}"' in told.err
    assert not told.out
    del filled


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["plan", "--model", "demo-drafft"], MODEL),
        (["sweep", "--model", "demo-drafft"], MODEL),
        (["sweep", "--suite", "maths"], "math"),
    ],
)
def test_an_unknown_model_or_suite_is_told_with_the_nearest(
    epyc: Epyc, filled: Place, words: list[str], meant: str
) -> None:
    told = epyc(*words)
    assert told.code == 1
    assert f'did you mean "{meant}"' in told.err
    assert not told.out
    del filled


# SQL


def test_sql_in_every_format(epyc: Epyc, filled: Place, tmp_path: Path) -> None:
    query = "SELECT model, suite, status FROM generations ORDER BY suite, generation_id"
    table = epyc("sql", query)
    assert table.code == 0
    assert f"({ASKED} rows)" in table.out
    rows = epyc("sql", query, "--format", "json").rows
    assert len(rows) == ASKED
    assert epyc("sql", query, "--json").rows == rows
    assert list(csv.DictReader(io.StringIO(epyc("sql", query, "--format", "csv").out))) == rows
    file = tmp_path / "rows.parquet"
    told = epyc("sql", query, "--format", "parquet", "--output", str(file))
    assert told.code == 0
    assert not told.out
    assert f"{ASKED} rows" in told.err
    assert pyarrow.parquet.read_table(file).to_pylist() == rows
    assert len(epyc("sql", query, "--json", "--limit", "2").rows) == 2
    assert epyc("sql", query, "--json", "--live").rows == rows
    del filled


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("SELECT modell FROM generations", "model"),
        ("SELECT * FROM generation", "generations"),
        ("SELEC 1", "syntax error"),
        ("", "no SQL"),
        ("DROP TABLE generations", "only reads"),
    ],
)
def test_bad_sql_is_told_with_duckdbs_hint(epyc: Epyc, filled: Place, query: str, hint: str) -> None:
    told = epyc("sql", query)
    assert told.code == 1
    assert hint in told.err
    assert not told.out
    assert epyc("sql", "SELECT count(*) AS n FROM generations", "--json").rows == [{"n": ASKED}]
    del filled


def test_sql_to_a_file_that_cannot_be_written(epyc: Epyc, filled: Place, tmp_path: Path) -> None:
    told = epyc("sql", "SELECT 1", "--output", str(tmp_path / "nosuch" / "file.csv"), "--format", "csv")
    assert told.code == 1
    assert "nosuch" in told.err
    del filled


HOLD = """
import sys
from epyc_assets.warehouse import Warehouse
with Warehouse().write("a test holds it"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_warehouse(place: Place) -> Iterator[int]:
    """Another process has the warehouse open for writing; yields its id."""
    command = [sys.executable, "-c", HOLD]
    process = subprocess.Popen(command, env=place.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == b"held"
        yield process.pid
    finally:
        process.kill()
        process.communicate()


def test_a_held_warehouse_is_told_with_its_holder_and_read_round(
    epyc: Epyc, filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPYC_LOCK_TIMEOUT_S", "0.3")
    with held_warehouse(filled) as holder:
        told = epyc("sql", "SELECT 1", "--live")
        assert told.code == 1
        assert str(holder) in told.err
        assert "a test holds it" in told.err
        assert "--live" in told.err
        assert epyc("sql", "SELECT count(*) AS n FROM generations", "--json").rows == [{"n": ASKED}]
        assert epyc("leaderboard", "--json").rows
        found = {row["subject"]: row for row in epyc("doctor", "--json").rows}
        assert str(holder) in found["warehouse lock"]["found"]
    assert epyc("sql", "SELECT 1 AS one", "--live", "--json").rows == [{"one": 1}], "a dead holder still counts"


# Results


@pytest.mark.parametrize("suite", ["speed", "math"])
def test_a_sweep_says_what_failed_and_what_to_read_next(
    epyc: Epyc, filled: Place, monkeypatch: pytest.MonkeyPatch, suite: str
) -> None:
    """The sweep itself is given: what counts here is what a person is told of it."""
    from epyc_assets.defs import execution

    failed = [execution.FailedCheck("all_reviews", "row_count", None, False, {"rows": 0})]
    details = {"doubtful": 1, "rows": "a | b\n--|--"}
    failed.append(execution.FailedCheck("config_physics", "plausible", None, False, details))
    doubts = {"doubtful": [{"model": f"m{number}", "doubt": "other work ran"} for number in range(5)]}
    failed.append(execution.FailedCheck("best_config", "sound_rounds", None, False, doubts))
    report = execution.SweepReport(models=[MODEL], failed_checks=failed)
    monkeypatch.setattr(execution, "sweep_fleet", lambda *_, **__: report)
    told = epyc("sweep", "--suite", suite)
    assert told.code == 0
    said = " ".join(told.err.split())
    assert "config_physics.plausible did not pass (doubtful 1)" in said
    assert "(doubtful m0 other work ran; m1 other work ran; m2 other work ran; and 2 more)" in said
    assert "--|--" not in told.err, "a table is told in a line"
    assert "all_reviews" not in told.err, "an empty table is told as a fault of the sweep"
    assert (f"epyc recommend {MODEL}" in told.out) == (suite == "speed")
    del filled


def test_leaderboard(epyc: Epyc, filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = epyc("leaderboard", "--json").rows
    first = rows[0]
    assert first["model"] == MODEL
    assert first["total_scored"] == ASKED
    assert 0 <= first["pass_low"] <= first["pass_ratio"] <= first["pass_high"] <= 1
    shown = epyc("leaderboard").out
    assert MODEL in shown
    for suite in SUITES:
        rate, low, high = (
            first[f"{suite}_passes"] / first[f"{suite}_scored"],
            first[f"{suite}_low"],
            first[f"{suite}_high"],
        )
        assert f"{round(rate * 100)} {round(low * 100)}-{round(high * 100)}" in shown
    assert [each["suite"] for each in first["suites"]] == sorted(SUITES)
    assert first["group"] is None, "one model alone is compared with none"
    monkeypatch.setenv("COLUMNS", "60")
    narrow = epyc("leaderboard")
    assert narrow.code == 0
    assert MODEL in narrow.out
    assert max(map(len, narrow.out.splitlines())) <= 60
    for words in (["plan"], ["models", "list"]):
        told = epyc(*words)
        assert told.code == 0
        assert MODEL in told.out
        assert max(map(len, told.out.splitlines()[:2])) <= 60, told.out
    del filled


def test_one_model_alone_is_compared_with_none(epyc: Epyc, filled: Place) -> None:
    for words in ([MODEL], [MODEL, "absent"]):
        told = epyc("compare-quality", *words)
        assert told.code == 1
        assert "no scored answers to compare" in told.err
        assert "epyc sweep --fleet" in told.err
    told = epyc("compare-quality", MODEL, "no-such-model")
    assert told.code != 0
    assert "no-such-model" in told.err
    del filled


def test_the_leaderboard_is_drawn_without_a_model(epyc: Epyc, filled: Place, tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    assert epyc("plot", "leaderboard", "--output", str(file)).code == 0
    assert file.read_bytes().startswith(b"\x89PNG")
    assert epyc("plot", "leaderboard", MODEL).code == 2
    assert epyc("plot", "overview").code == 2
    del filled


def test_models_list(epyc: Epyc, filled: Place) -> None:
    rows = {row["model"]: row for row in epyc("models", "list", "--json").rows}
    assert {name: row["present"] for name, row in rows.items()} == {MODEL: True, "broken": True, "absent": False}
    del filled


# Adding a model


def test_a_model_is_added_swept_and_not_added_twice(epyc: Epyc, empty: Place) -> None:
    file = empty.models / "another.gguf"
    shutil.copy(empty.models / f"{MODEL}.gguf", file)
    before = empty.fleet_file.read_text(encoding="utf-8")
    dry = epyc("models", "add", str(file), "--dry-run")
    assert dry.code == 0
    assert empty.fleet_file.read_text(encoding="utf-8") == before
    added = epyc("models", "add", str(file), "--json")
    assert added.code == 0
    row = added.rows[0]
    assert row["name"] == "another"
    assert row["architecture"] == read_gguf_facts(file).architecture
    assert row["impossible"]["moe"]
    listed = {row["model"]: row for row in epyc("models", "list", "--json").rows}
    assert listed["another"]["present"]
    once = empty.fleet_file.read_text(encoding="utf-8")
    again = epyc("models", "add", str(file))
    assert again.code == 1
    assert "already taken" in again.err
    assert empty.fleet_file.read_text(encoding="utf-8") == once
    assert epyc("plan", "--model", "another", "--json").rows[0]["status"] == "missing"


def test_a_broken_file_is_not_added(epyc: Epyc, empty: Place) -> None:
    before = empty.fleet_file.read_text(encoding="utf-8")
    told = epyc("models", "add", str(empty.models / "broken.gguf"))
    assert told.code == 1
    assert "broken.gguf" in told.err
    assert not told.out
    assert empty.fleet_file.read_text(encoding="utf-8") == before


def test_a_file_from_elsewhere_is_linked_or_the_root_it_lacks_is_named(epyc: Epyc, empty: Place) -> None:
    elsewhere = empty.root / "downloads"
    elsewhere.mkdir()
    file = elsewhere / "fetched.gguf"
    shutil.copy(empty.models / f"{MODEL}.gguf", file)
    refused = epyc("models", "add", str(file), "--fleet", FLEET)
    assert refused.code == 1
    assert "model_roots" in refused.err
    host = empty.registry / "hosts" / "here.yaml"
    content = yaml.safe_load(host.read_text(encoding="utf-8"))
    content["model_roots"].append("${EPYC_DATA_DIR:-data/var}/models")
    host.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert epyc("models", "add", str(file)).code == 0
    link = empty.data / "models" / "fetched.gguf"
    assert link.resolve() == file.resolve()
    taken = elsewhere / "deeper" / f"{MODEL}.gguf"
    taken.parent.mkdir()
    shutil.copy(file, taken)
    assert epyc("models", "add", str(taken)).code == 1
    assert not (empty.data / "models" / taken.name).exists(), "a refused model left a link behind"
