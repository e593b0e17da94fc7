"""The sweep with real models: deaths of workers, kills of the sweep itself, resume."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from epyc_assets.benchmark.journal import Journal, JournalFull, read_journal
from epyc_assets.benchmark.records import load_journal
from epyc_assets.benchmark.sweep import MOST_DEATHS_IN_A_ROW
from epyc_assets_tests.benchmark import fixture_sweep

LAUNCHER = [sys.executable, str(Path(__file__).parents[1] / "inference" / "faulty_launcher.py")]
SAME_EVERY_TIME = ["generation_id", "status", "text", "token_ids", "prompt", "finish_reason", "model", "suite"]


def generations(journal: Path) -> pl.DataFrame:
    """What a journal holds, without what differs from run to run."""
    loaded = load_journal(read_journal(journal), journal.name)
    return loaded.generations.select(SAME_EVERY_TIME).sort("generation_id")


def test_every_question_becomes_one_answer_in_one_session(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    outcome = fixture_sweep.run(journal)
    assert outcome.statuses == {"ok": 24}
    assert outcome.sessions == 1
    loaded = load_journal(read_journal(journal), "j")
    assert loaded.generations.height == 24
    assert loaded.generations["attempt"].to_list() == [1] * 24
    assert loaded.sessions["status"].to_list() == ["closed"]
    assert loaded.sessions["peak_memory_bytes"].item() > 2**20
    assert not loaded.rejects
    assert fixture_sweep.plan(journal).items == ()


def test_prompts_go_through_the_models_own_template(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    fixture_sweep.run(journal, count=1)
    asked = fixture_sweep.questions(1)[0].prompt
    prompt = generations(journal).filter(pl.col("suite") == "math")["prompt"].item()
    assert asked in prompt
    assert prompt != asked


@pytest.mark.parametrize("wanted_kills", [8, pytest.param(20, marks=pytest.mark.slow)])
def test_sigkill_at_random_moments_changes_nothing(tmp_path: Path, wanted_kills: int) -> None:
    undisturbed = tmp_path / "undisturbed.jsonl"
    started_s = time.monotonic()
    program = [sys.executable, "-m", "epyc_assets_tests.benchmark.fixture_sweep"]
    subprocess.run([*program, str(undisturbed)], check=True)
    whole_s = time.monotonic() - started_s
    killed = tmp_path / "killed.jsonl"
    moments = random.Random(20260101)
    kills = 0
    while kills < wanted_kills:
        # Late enough that most kills hit the asking; a sweep that ended before its kill starts afresh.
        sweep = subprocess.Popen([*program, str(killed)])
        time.sleep(moments.uniform(0.5, 1.05) * whole_s)
        sweep.send_signal(signal.SIGKILL)
        if sweep.wait() == 0 and not fixture_sweep.plan(killed).items:
            # Done: take the last answers away again, torn in the middle of a line, as a kill would leave them.
            content = killed.read_bytes()
            with killed.open("r+b") as file:
                file.truncate(moments.randrange(len(content) // 2, len(content)))
        kills += 1
    subprocess.run([*program, str(killed)], check=True)
    assert generations(killed).equals(generations(undisturbed))
    assert fixture_sweep.plan(killed).items == ()
    records = [record for record in read_journal(killed).records if record["kind"] == "generation"]
    assert len({record["generation_id"] for record in records}) == len(records), "a question was asked twice"


@pytest.mark.parametrize(("fault", "status"), [("segv", "crashed"), ("kill", "killed"), ("stop", "timeout")])
def test_a_deadly_question_costs_itself_only(
    tmp_path: Path, fault: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epyc_assets.inference.llama_cpp.GRACE_S", 0.5)
    calm, struck = tmp_path / "calm.jsonl", tmp_path / "struck.jsonl"
    fixture_sweep.run(calm, count=4)
    deadly = fixture_sweep.questions(4)[2].prompt
    outcome = fixture_sweep.run(struck, [*LAUNCHER, fault, deadly.split("\n")[0][:40]], count=4)
    assert outcome.statuses == {"ok": 7, status: 1}
    assert outcome.sessions == 2
    after = generations(struck)
    assert after.filter(pl.col("status") == "ok").equals(
        generations(calm).join(after.filter(pl.col("status") == "ok").select("generation_id"), on="generation_id")
    )
    failed = load_journal(read_journal(struck), "j").generations.filter(pl.col("status") == status)
    assert failed["text"].to_list() == [None]
    assert failed["status_reason"].item()
    # The next sweep tries once more, as a second attempt, and then it is known.
    second = fixture_sweep.run(struck, count=4)
    assert second.statuses == {"ok": 1}
    attempts = load_journal(read_journal(struck), "j").generations
    assert attempts.filter(pl.col("attempt") == 2)["status"].to_list() == ["ok"]
    assert fixture_sweep.plan(struck, 4).items == ()


def test_a_question_that_always_fails_is_given_up_and_says_so(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    deadly = [*LAUNCHER, "segv", fixture_sweep.questions(2)[0].prompt[:40]]
    fixture_sweep.run(journal, deadly, count=2)
    fixture_sweep.run(journal, deadly, count=2)
    rows = {row.suite: row for row in fixture_sweep.plan(journal, 2).rows}
    assert rows["math"].status == "failed"
    assert rows["math"].failed == 1
    assert "2 crashed" in (rows["math"].reason or "")
    assert rows["thinking"].status == "done"
    assert fixture_sweep.plan(journal, 2).items == ()


def test_a_model_that_kills_every_worker_is_left_after_some(tmp_path: Path) -> None:
    outcome = fixture_sweep.run(tmp_path / "j.jsonl", [*LAUNCHER, "segv", "generate"], count=6)
    assert outcome.statuses == {"crashed": MOST_DEATHS_IN_A_ROW}
    assert outcome.left == 12 - MOST_DEATHS_IN_A_ROW
    assert "demo-draft" in outcome.not_loaded


def test_a_model_that_does_not_load_leaves_its_questions_missing(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    outcome = fixture_sweep.run(journal, ["false"], count=2)
    assert outcome.statuses == {}
    assert outcome.left == 4
    loaded = load_journal(read_journal(journal), "j")
    assert loaded.generations.is_empty()
    assert loaded.sessions["status"].to_list() != ["closed"]
    assert "exit status 1" in loaded.sessions["status_reason"].item()
    assert len(fixture_sweep.plan(journal, 2).items) == 4


def test_a_full_disk_loses_nothing_and_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = tmp_path / "j.jsonl"
    real_write, limit = os.write, 16_000

    def write(descriptor: int, data: bytes) -> int:
        if Path(f"/proc/self/fd/{descriptor}").resolve() == journal:
            room = limit - os.fstat(descriptor).st_size
            if room <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            data = data[:room]
        return real_write(descriptor, data)

    with monkeypatch.context() as full:
        full.setattr(os, "write", write)
        with pytest.raises(JournalFull, match=r"disk is full.*All earlier ones are safe.*run the same sweep"):
            fixture_sweep.run(journal)
    contents = read_journal(journal)
    assert not contents.rejects
    kept = generations(journal).height
    assert 0 < kept < 24
    outcome = fixture_sweep.run(journal)
    assert outcome.statuses == {"ok": 24 - kept}


def test_a_journal_on_a_full_file_system(tmp_path: Path) -> None:
    """The same with the kernel's own ENOSPC, where /dev/full or a small tmpfs can be had."""
    mount = tmp_path / "small"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(mount)], capture_output=True)
    if done.returncode != 0:
        pytest.skip("no right to mount a small file system")
    try:
        with Journal(mount / "j.jsonl") as journal:
            written: list[int] = []

            def fill() -> None:
                for number in range(1000):
                    journal.append({"kind": "test", "number": number, "text": "x" * 100})
                    written.append(number)

            with pytest.raises(JournalFull):
                fill()
        contents = read_journal(mount / "j.jsonl")
        assert not contents.rejects
        assert [record["number"] for record in contents.records] == written
    finally:
        subprocess.run(["umount", str(mount)], check=True)
