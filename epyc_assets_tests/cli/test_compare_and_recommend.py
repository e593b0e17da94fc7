"""`epyc compare`, `epyc recommend` and `epyc plot` on a small warehouse: what they print, how they end, what they say
when there is nothing."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import polars as pl
import pytest
import yaml

from epyc_assets.benchmark.quality import config_quality
from epyc_assets.benchmark.recommendation import best_config
from epyc_assets.benchmark.speed import config_speed
from epyc_assets.inference.config import BASELINE, Config, Spec
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets.warehouse.derived import derived_tables, materialize_derived
from epyc_assets.warehouse.rows import replace_rows
from epyc_assets_tests.benchmark.speed_rows import (
    FEW,
    THREADS,
    agreement_frame,
    physics_frame,
    sessions_frame,
    speed_runs,
)
from epyc_assets_tests.cli.test_commands import Epyc
from epyc_assets_tests.defs.place import FLEET, MODEL, Place, make_place
from epyc_assets_tests.defs.test_recommendation import verdicts
from epyc_assets_tests.models import shipped

DRAFT = "demo-draft-mismatched"
SPEC = Config(spec=Spec(DRAFT, 8))
STAMP = Provenance("a run", "1")
HERE = [pl.lit(FLEET).alias("fleet"), pl.lit(MODEL).alias("model")]


@pytest.fixture
def epyc(capfd: pytest.CaptureFixture[str]) -> Epyc:
    return Epyc(capfd)


def place_with_a_draft(root: Path) -> Place:
    """A place whose model has a draft; the draft is not in use by itself."""
    place = make_place(root)
    content = yaml.safe_load(place.fleet_file.read_text(encoding="utf-8"))
    content["models"][DRAFT] = {"file": f"{DRAFT}.gguf", "kind": "draft"}
    content["models"][MODEL]["drafts"] = [DRAFT]
    place.fleet_file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    shutil.copy(shipped(DRAFT), place.models / f"{DRAFT}.gguf")
    return place


@pytest.fixture(scope="module")
def measured_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Rounds of a baseline, a draft twice as fast, fewer experts three times as fast that nobody asked questions, and
    threads that change prompt processing only; the baseline on another build too."""
    place = place_with_a_draft(tmp_path_factory.mktemp("measured") / "place")
    speeds = [(BASELINE, 10.0), (SPEC, 20.0), (FEW, 30.0), (THREADS, 10.0)]
    runs = pl.concat(
        [
            speed_runs(speeds, prompt_tps=[100, 100, 100, 80], noise=0.004),
            speed_runs([(BASELINE, 14.0)], measurement="second", seed=2, shared_noise=0.02, contended_rounds=12),
        ]
    ).with_columns(*HERE)
    sessions = pl.concat([sessions_frame("first"), sessions_frame("second", llama_build="b2")])
    with pytest.MonkeyPatch.context() as patch:
        place.enter(patch)
        speed = config_speed(runs.filter(pl.col("measurement_id") == "first"), sessions)
        speed = speed.with_columns(enough_rounds=True)
        agreement = agreement_frame([(SPEC, ["identical", "near_tie"])]).with_columns(*HERE)
        answers = pl.concat([verdicts(BASELINE, 40), verdicts(FEW, 40)])
        quality = config_quality(answers)
        best = best_config(speed, agreement, quality, physics_frame([]))
        with Warehouse().write("what was measured") as connection:
            for table in derived_tables():
                if table.name == "answers":
                    materialize_derived(connection, table, STAMP)
            connection.register("given", answers)
            connection.execute("INSERT INTO answers BY NAME SELECT * FROM given")
            connection.unregister("given")
            connection.register("given_sessions", sessions.with_columns(pl.lit(FLEET).alias("fleet")))
            connection.execute(
                "INSERT INTO sessions BY NAME SELECT *, 'm' AS model, '' AS model_sha256, 'closed' AS status, "
                "'llama_cpp' AS backend, [] AS launch_prefix, '{}' AS package_versions, now() AS started_at, "
                "'1' AS code_version, now() AS written_at FROM given_sessions"
            )
            connection.unregister("given_sessions")
            for name, frame in {
                "speed_runs": runs,
                "config_speed": speed,
                "token_agreement": agreement,
                "config_quality": quality,
                "best_config": best,
            }.items():
                replace_rows(connection, name, frame, provenance=STAMP)
    return place


@pytest.fixture
def measured(measured_place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Entered; not to be changed."""
    measured_place.enter(monkeypatch)
    return measured_place


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = place_with_a_draft(tmp_path / "place")
    place.enter(monkeypatch)
    return place


# Compare


@pytest.mark.usefixtures("measured")
def test_a_line_for_each_kind_of_prompt_says_what_changed(epyc: Epyc) -> None:
    told = epyc("compare", "--a", "config=baseline,build=b1", "--b", "threads=48,build=b1")
    assert told.code == 0
    flat = " ".join(told.out.split())
    assert "A baseline (threads 96) B baseline, threads 48" in flat
    for kind in ("all", "code", "prose"):
        assert f"{MODEL}, {kind}: decode unchanged (" in flat
    assert len(re.findall(r"prompt processing (?:19|20|21) % slower \(0\.\d+ \[[\d.]+, [\d.]+\]\)", flat)) == 3
    assert "12 paired rounds" in flat


@pytest.mark.usefixtures("measured")
def test_rows_have_the_figures_of_both_sides(epyc: Epyc) -> None:
    told = epyc("compare", "--a", "technique=baseline,threads=96", "--b", "technique=spec", "--kind", "all", "--json")
    (row,) = told.rows
    assert (row["config_a"], row["config_b"], row["paired"], row["rounds"]) == ("baseline", SPEC.name, True, 12)
    assert row["decode_low"] < 2 < row["decode_high"]
    assert row["decode_verdict"] == "faster"
    assert (row["acceptance_a"], row["acceptance_b"]) == (None, 0.6)
    assert row["decode_b"] == pytest.approx(20, rel=0.3)


@pytest.mark.usefixtures("measured")
def test_builds_are_not_paired_and_disturbed_rounds_are_told(epyc: Epyc) -> None:
    told = epyc("compare", "--a", "build=b1", "--b", "build=b2", "--kind", "all")
    assert told.code == 0
    flat = " ".join(told.out.split())
    assert "A baseline (build b1) B baseline (build b2)" in flat
    assert "not paired" in flat
    assert "0 and 12 of them disturbed" in flat


@pytest.mark.usefixtures("measured")
def test_quality_is_compared_where_both_were_asked(epyc: Epyc) -> None:
    (row,) = epyc("compare", "--a", "config=baseline", "--b", "technique=moe", "--kind", "all", "--json").rows
    assert (row["quality_questions"], row["quality_difference"]) == (40, 0)
    assert row["quality_difference_low"] < -0.05


@pytest.mark.parametrize("columns", ["60", "40"])
@pytest.mark.usefixtures("measured")
def test_a_narrow_terminal_breaks_no_words(epyc: Epyc, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    told = epyc("compare", "--a", "technique=baseline,build=b1", "--b", "technique=spec")
    assert max(map(len, told.out.splitlines())) <= int(columns)
    assert "whole answer" in " ".join(told.out.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--a", "tecnique=spec", "--b", "k=8"], "technique"),
        (["--a", "k", "--b", "k=8"], "key=value"),
        (["--a", "build=b7", "--b", "build=b1"], "b1, b2"),
        (["--a", "k=8", "--b", "k=8"], "same measured config"),
        (["--a", "k=8", "--b", "technique=baseline", "--kind", "poems"], "all, code, prose"),
        (["--a", "k=8,kind=poems", "--b", "technique=baseline"], "all, code, prose"),
        (["--a", "k=8"], "--b"),
    ],
)
@pytest.mark.usefixtures("measured")
def test_a_wrong_selection_exits_2_and_names_what_there_is(epyc: Epyc, words: list[str], said: str) -> None:
    told = epyc("compare", *words)
    assert told.code == 2
    assert said in told.err
    assert not told.out


@pytest.mark.usefixtures("measured")
def test_what_could_be_measured_is_named_with_the_command(epyc: Epyc) -> None:
    told = epyc("compare", "--a", "technique=spec,k=16", "--b", "technique=baseline")
    assert told.code == 1
    assert f"{DRAFT} K=16" in told.err
    assert f"epyc sweep --fleet {FLEET} --model {MODEL} --suite speed --preset full --technique spec" in told.err


@pytest.mark.usefixtures("empty")
def test_compare_before_anything_was_measured(epyc: Epyc) -> None:
    told = epyc("compare", "--a", "technique=spec", "--b", "technique=baseline")
    assert told.code == 0
    assert "No speed rounds" in told.out
    assert f"epyc sweep --fleet {FLEET} --model {MODEL}" in told.out
    assert epyc("compare", "--a", "technique=spec", "--b", "technique=baseline", "--json").rows == []
    assert epyc("compare", "--a", "x=1", "--b", "technique=baseline").code == 2
    assert epyc("compare", "--a", "k=8", "--b", "k=16", "--model", "nosuch").code == 1
    assert epyc("compare", "--a", "k=8", "--b", "k=16", "--fleet", "nosuch").code == 1


@pytest.mark.usefixtures("measured")
def test_measuring_asks_for_what_is_missing_and_nothing_else(epyc: Epyc, monkeypatch: pytest.MonkeyPatch) -> None:
    from epyc_assets.defs import execution

    asked: list[tuple[str, str, list[str]]] = []

    def measure(fleet: str, model: str, *, config_ids: list[str], **_: object) -> None:
        asked.append((fleet, model, config_ids))

    monkeypatch.setattr(execution, "measure_speed", measure)
    told = epyc("compare", "--a", "technique=spec", "--b", "technique=baseline,build=b1", "--measure", "--model", MODEL)
    assert told.code == 0
    ((fleet, model, configs),) = asked
    assert (fleet, model) == (FLEET, MODEL)
    assert configs
    assert SPEC.config_id not in configs
    assert BASELINE.config_id not in configs


# Recommend


@pytest.mark.usefixtures("measured")
def test_the_recommendation_says_what_was_measured_and_why_not_more(epyc: Epyc) -> None:
    told = epyc("recommend", MODEL)
    assert told.code == 0
    flat = " ".join(told.out.split())
    assert f"{MODEL}: {SPEC.name}" in flat
    assert re.search(
        r"(1\.99\d|2\.00\d) times the baseline's decoding speed \[(1\.9\d+|2\.00\d), 2\.0\d+\]: (19|20)\.\d tok/s", flat
    )
    assert "near ties" in flat
    assert "looked faster, but not taken:" in flat
    assert re.search(rf"{re.escape(FEW.name)}, (2\.99|3\.0)\d+x \[2\.9\d+, 3\.0\d+\]: ", flat)
    assert "40 questions cannot show a loss below 2 points; about 189 are needed" in flat
    assert "no door for a draft model" in flat
    assert "--spec-draft-n-max 8" in told.out
    assert f"-md {shlex.quote(str(shipped(DRAFT)))}" not in told.out


def test_the_commands_name_this_hosts_files(epyc: Epyc, measured: Place) -> None:
    (row,) = epyc("recommend", MODEL, "--json").rows
    assert row["config_id"] == SPEC.config_id
    assert row["absent_files"] == []
    words = row["server"]
    assert words[0] == "llama-server"
    assert words[words.index("-m") + 1] == str(measured.models / f"{MODEL}.gguf")
    assert words[words.index("-md") + 1] == str(measured.models / f"{DRAFT}.gguf")
    assert words[words.index("-c") + 1] == "512"
    assert shlex.split(row["server_command"]) == words
    assert [each["config_id"] for each in row["excluded"]] == [FEW.config_id]
    compile(row["python"], "python", "exec")
    compile(row["platform"], "platform", "exec")
    assert json.dumps(row["config_values"])


@pytest.mark.usefixtures("measured")
def test_recommend_on_a_narrow_terminal(epyc: Epyc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    told = epyc("recommend", MODEL)
    figures = told.out[: told.out.index("llama-server:")]
    assert max(map(len, figures.splitlines())) <= 60
    shell = told.out[told.out.index("llama-server \\") : told.out.index("llama-cpp-python:")]
    assert shlex.split(shell.replace("\\\n", " "))[:2] == ["llama-server", "-m"]


@pytest.mark.usefixtures("measured")
def test_a_model_that_was_not_measured_says_what_to_run(epyc: Epyc) -> None:
    told = epyc("recommend", "absent")
    assert told.code == 1
    assert "no speed rounds" in told.err
    assert f"epyc sweep --fleet {FLEET} --model absent" in told.err
    assert not told.out
    told = epyc("recommend", "demo-drafts")
    assert told.code == 1
    assert f'"{MODEL}"' in told.err


@pytest.mark.usefixtures("empty")
def test_recommend_before_anything_was_measured(epyc: Epyc) -> None:
    told = epyc("recommend", MODEL, "--json")
    assert told.code == 1
    assert "no speed rounds" in told.err


# Plot


def test_a_plot_is_a_picture_in_the_file_that_was_named(epyc: Epyc, measured: Place, tmp_path: Path) -> None:
    told = epyc("plot", "overview", MODEL, "--output", str(tmp_path / "a.png"))
    assert told.code == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("measured")
def test_a_file_that_cannot_be_written_is_named(epyc: Epyc, tmp_path: Path) -> None:
    path = tmp_path / "no_such_folder" / "a.png"
    told = epyc("plot", "overview", MODEL, "--output", str(path))
    assert told.code == 1
    assert str(path) in told.err
    assert "--output" in told.err


@pytest.mark.usefixtures("measured")
def test_nothing_to_draw_says_where_the_reason_is(epyc: Epyc) -> None:
    told = epyc("plot", "lookup", MODEL)
    assert told.code == 1
    assert f"epyc plan --model {MODEL} --reasons" in told.err
