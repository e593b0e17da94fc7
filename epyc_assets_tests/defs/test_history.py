"""The record as assets: one import, a second, a changed file, a damaged one, a kill; and the command line."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from epyc_assets.cli.main import main
from epyc_assets.defs.execution import import_history
from epyc_assets.defs.gathering import build_definitions
from epyc_assets.defs.history import asset_key_of_table, history_key
from epyc_assets.defs.recording import (
    all_tables,
    family_rows,
    import_record,
    misplaced_files,
    record_state,
    summary_tables,
)
from epyc_assets.warehouse import Provenance, Warehouse
from epyc_assets_tests.defs.place import FLEET, Place
from epyc_assets_tests.history.small_record import small_record, write_record
from epyc_assets_tests.history.test_importing import DAMAGES, corrupted

SETTLED = {
    "review_file": ["result_pk", "alias_of"],
    "review_score": ["quality_flags"],
    "log_measurement": ["quality_flags"],
}
"""Columns that depend on other files."""
RESULT = "benchmarks/results/runs/20260101_120000/coder_baseline.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small record."""
    return write_record(tmp_path / "record")


def ask(sql: str) -> list[tuple[Any, ...]]:
    """Rows of the snapshot."""
    with Warehouse().read() as connection:
        return connection.execute(sql).fetchall()


def bring_in(root: Path) -> None:
    """An import as the asset does it, without Dagster around it; what its checks look at holds."""
    store = Warehouse()
    report = import_record(store, root, Provenance("run", "1"))
    with store.read() as connection:
        assert misplaced_files(connection) == {}
        assert [row["family"] for row in family_rows(connection) if row["unreconciled_files"]] == []
    assert ask("SELECT count(*) FROM history.source_file") == [(report.scanned,)]


def fingerprints() -> dict[int, dict[str, list[str]]]:
    """File to table to its rows without provenance and without what depends on other files."""
    found: dict[int, dict[str, list[str]]] = {}
    with Warehouse().read() as connection:
        for table in all_tables():
            left_out = ", ".join(["dagster_run_id", "code_version", "written_at", *SETTLED.get(table, [])])
            for file, row in connection.execute(
                f"SELECT source_file_id, md5(to_json(t)::VARCHAR) FROM "
                f'(SELECT * EXCLUDE ({left_out}) FROM history."{table}") AS t ORDER BY ALL'
            ).fetchall():
                found.setdefault(file, {}).setdefault(table, []).append(row)
    return found


def test_the_record_is_imported_with_lineage_and_checks_that_pass(
    place: Place, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = import_history(FLEET, root)
    assert [check for check in report.failed_checks if check.blocking] == []
    assert ask("SELECT count(*) FROM history.source_file") == [(len(small_record()),)]
    assert ask(
        "SELECT row_name, config, math_passes, math_reviewed, total_passes, total_reviewed, pct, review_kind, "
        "round(tps_median, 3), spec_draft, spec_best_tps, lookup_best_tps FROM history.model_summary ORDER BY ALL"
    ) == [
        ("Code-3B-Q8", "baseline", 0, 0, 0, 0, None, None, 11.55, None, None, None),
        ("Small-7B-Q4", "baseline", 1, 2, 1, 2, 50.0, "rescored", 4.2, "small", 9.5, 7.3),
        ("Small-7B-Q4_moe4", "moe4", 0, 0, 0, 0, None, None, 6.3, None, None, None),
    ]
    graph = build_definitions(FLEET, history_root=root).resolve_asset_graph()
    upstream = graph.get(history_key("model_summary")).parent_keys
    assert {history_key(all_tables()[name]) for name in ("question_result", "review_score")} <= _ancestors(
        graph, upstream
    )
    assert history_key("source_file") in _ancestors(graph, upstream)
    assert record_state(Warehouse(), root).up_to_date
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(history_key("model_summary"))
        assert event is not None
        assert event.asset_materialization is not None
        assert "dagster/column_lineage" in event.asset_materialization.metadata
    assert main(["history", "import", str(root), "--fleet", FLEET, "--json"]) == 0
    said = capsys.readouterr()
    assert "Nothing has changed" in said.err
    rows = json.loads(said.out)
    assert sum(row["files"] for row in rows) == len(small_record())


def _ancestors(graph: BaseAssetGraph[Any], keys: AbstractSet[dg.AssetKey]) -> set[dg.AssetKey]:
    found = set(keys)
    for key in keys:
        if graph.has(key):
            found |= _ancestors(graph, graph.get(key).parent_keys)
    return found


def test_without_a_record_the_group_is_off(place: Place, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.delenv("EPYC_HISTORY_DIR", raising=False)
    groups = build_definitions(FLEET).resolve_asset_graph().all_group_names
    assert "history" not in groups
    monkeypatch.setenv("EPYC_HISTORY_DIR", str(root))
    assert "history" in build_definitions(FLEET).resolve_asset_graph().all_group_names


def test_a_second_import_reads_nothing_and_a_changed_file_replaces_its_rows_only(place: Place, root: Path) -> None:
    bring_in(root)
    before = dict(ask("SELECT path, written_at FROM history.source_file"))
    rows = dict(ask("SELECT result_pk, written_at FROM history.benchmark_result"))
    assert record_state(Warehouse(), root).plan.nothing_to_do

    changed = json.loads((root / RESULT).read_text())
    changed["results"]["math"]["t1_q1"]["tokens_per_second"] = 99.0
    (root / RESULT).write_text(json.dumps(changed))
    (root / "benchmarks/results/eval/seen_questions.jsonl").unlink()
    bring_in(root)
    after = dict(ask("SELECT path, written_at FROM history.source_file"))
    assert set(before) - set(after) == {"benchmarks/results/eval/seen_questions.jsonl"}
    assert [path for path in after if after[path] != before[path]] == [RESULT]
    again = dict(ask("SELECT result_pk, written_at FROM history.benchmark_result"))
    assert len([key for key in again if again[key] != rows[key]]) == 1
    assert set(again) == set(rows)
    assert ask("SELECT count(*) FROM history.seen_question") == [(0,)]
    assert ask("SELECT max(tps) FROM history.question_result WHERE suite = 'math'") == [(99.0,)]
    assert ask(
        "SELECT list_contains(quality_flags, 'content_changed'), sha256 <> first_sha256 FROM history.source_file "
        f"WHERE path = '{RESULT}'"
    ) == [(True, True)]

    (root / RESULT).write_bytes(small_record()[RESULT])
    bring_in(root)
    assert ask(f"SELECT quality_flags FROM history.source_file WHERE path = '{RESULT}'") == [([],)]


def test_copies_are_linked_and_repeated_logs_flagged(place: Place, root: Path) -> None:
    bring_in(root)
    linked = ask(
        "SELECT copy.path, original.path FROM history.source_file AS copy JOIN history.source_file AS original "
        "ON copy.duplicate_of = original.source_file_id ORDER BY ALL"
    )
    reviews, logs = "benchmarks/results/reviews/", "benchmarks/results/runs/20260101_110000/math/"
    assert linked == [
        (f"{reviews}backup_20260101/planner_baseline.csv", f"{reviews}planner_baseline.csv"),
        (f"{logs}Small-7B_baseline_t1_q2_sum.txt", f"{logs}Small-7B_baseline_t1_q1_sum.txt"),
    ]
    flagged = ask(
        "SELECT count(*), count(*) FILTER (WHERE list_contains(quality_flags, 'duplicate_log')) "
        "FROM history.log_measurement"
    )
    assert flagged == [(4, 1)]
    (root / logs / "Small-7B_baseline_t1_q1_sum.txt").unlink()
    bring_in(root)
    assert ask(
        "SELECT count(*) FILTER (WHERE list_contains(quality_flags, 'duplicate_log')) FROM history.log_measurement"
    ) == [(0,)]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_damaged_files_leave_every_other_file_as_it_was(place: Place, root: Path, seed: int) -> None:
    bring_in(root)
    clean = fingerprints()
    paths = dict(ask("SELECT source_file_id, path FROM history.source_file"))
    chance = random.Random(seed)
    damaged = set(chance.sample(sorted(path for path, data in small_record().items() if data), 7))
    for path in sorted(damaged):
        (root / path).write_bytes(corrupted(small_record()[path], chance.choice(DAMAGES), chance))
    bring_in(root)
    now = fingerprints()
    for file, rows in clean.items():
        if paths[file] not in damaged:
            assert now.get(file) == rows, paths[file]
    touched = dict(ask("SELECT path, quality_flags FROM history.source_file"))
    for path in damaged:
        if (root / path).read_bytes() != small_record()[path]:
            assert "content_changed" in touched[path]  # type: ignore[operator]


def test_killed_in_the_middle_the_tables_are_as_before_and_the_next_import_completes(
    place: Place, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_in(root)
    before = fingerprints()
    for number in range(300):
        (root / f"benchmarks/more{number}.json").write_text(json.dumps({"number": number, "text": "x" * 20_000}))
    command = [sys.executable, "-m", "epyc_assets.cli.main", "history", "import", str(root), "--fleet", FLEET]
    with subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        deadline = time.monotonic() + 60
        while "reading" not in process.stderr.readline() and time.monotonic() < deadline:
            pass
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert fingerprints() == before
    assert main(["history", "import", str(root), "--fleet", FLEET]) == 0
    said = capsys.readouterr()
    assert "300 files read" in said.err
    assert "reviews" in said.out
    assert ask("SELECT count(*) FROM history.source_file") == [(len(small_record()) + 300,)]
    assert {key: value for key, value in fingerprints().items() if key in before} == before


def test_a_wrong_call_is_answered_with_what_to_do(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EPYC_HISTORY_DIR", raising=False)
    assert main(["history", "import", "--fleet", FLEET]) == 2
    assert "epyc history import PATH" in capsys.readouterr().err
    assert main(["history", "import", str(tmp_path / "nowhere"), "--fleet", FLEET]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_every_summary_names_assets_that_exist(root: Path) -> None:
    keys = build_definitions("demo", history_root=root).resolve_asset_graph().get_all_asset_keys()
    for table in summary_tables():
        assert {asset_key_of_table(name) for name in table.upstream_tables} <= set(keys), table.name
