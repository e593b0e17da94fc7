"""Judging by several processes: the same verdicts as one by one, and what a process that dies or hangs costs."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

import polars as pl
import pytest

from epyc_assets.scoring import score_generations
from epyc_assets.scoring.judging import Answer, judge
from epyc_assets.scoring.judging_pool import LONGEST_HERE_CHARACTERS, JudgingPool
from epyc_assets_tests.scoring.test_stored import frame

FATAL = """
    import os, time
    from epyc_assets.scoring import judging, judging_process

    real = judging.judge

    def judge(answers):
        answers = list(answers)
        if any("die here" in (each.text or "") for each in answers):
            os.kill(os.getpid(), 9)
        if any("hang here" in (each.text or "") for each in answers):
            time.sleep(60)
        return real(answers)

    judging_process.judge = judge
    judging_process.main()
"""
"""A judging process that does not survive some answers, as one that runs out of memory or never ends."""


def answers(count: int) -> list[Answer]:
    return [Answer("exact_match", f"The answer is {number}.", str(number % 7), None) for number in range(count)]


@pytest.fixture
def fatal(tmp_path: Path) -> tuple[str, ...]:
    program = tmp_path / "fatal.py"
    program.write_text(textwrap.dedent(FATAL), encoding="utf-8")
    return (sys.executable, str(program))


def test_several_processes_judge_as_one_does_and_end_with_the_pool() -> None:
    asked = [
        *answers(1200),
        Answer("f1", "the \U0001f642 cat", "a \U0001f642 cat", "{}"),
        Answer("exact_match", None, "1", None),
        Answer("no such scorer", "x", "y", None),
        Answer(None, "x", "y", None),
        Answer("programmatic", "a\x00b", "", "{broken"),
        *answers(30),
    ]
    counted: list[int] = []
    with JudgingPool(2, small_batch=0) as pool:
        found = pool.judge(asked, counted.append)
        processes = list(pool._idle)
        assert {process.pid for process in processes} - {os.getpid()}
        assert pool.judge(asked[:5]) == found[:5]
    assert found == judge(asked)
    assert sum(counted) == len(asked)
    assert all(process.returncode is not None for process in processes)


def test_a_process_that_dies_costs_the_one_answer_it_died_on(fatal: tuple[str, ...]) -> None:
    asked = answers(12)
    asked[5] = Answer("exact_match", "die here" + " " * LONGEST_HERE_CHARACTERS, "1", None)
    with JudgingPool(2, program=fatal) as pool:
        found = pool.judge(asked)  # a long answer goes to a process however few there are
    assert found[5].status == "not_scored"
    assert "died (killed" in found[5].explanation
    assert [*found[:5], *found[6:]] == judge([*asked[:5], *asked[6:]])


def test_a_process_that_hangs_is_ended(fatal: tuple[str, ...]) -> None:
    asked = [*answers(1), Answer("exact_match", "hang here", "1", None)]
    with JudgingPool(2, small_batch=0, program=fatal, least_limit_s=2.0) as pool:
        found = pool.judge(asked)
    assert [verdict.status for verdict in found] == ["scored", "not_scored"]
    assert "took longer than" in found[1].explanation


def test_a_frame_is_scored_the_same_with_and_without_processes() -> None:
    generations = frame(
        *((f"g{number}", f"so {number % 11}", "3", "exact_match", None, 8, "length") for number in range(40)),
        ("other", "42", "", "exact_match", None, 8, "stop"),
    )
    with JudgingPool(2, small_batch=0) as several, JudgingPool(1) as alone:
        assert score_generations(generations, several).equals(score_generations(generations, alone))


def test_equal_answers_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from epyc_assets.scoring import judging

    judged: list[Answer] = []
    real = judging._score_one
    monkeypatch.setattr(judging, "_score_one", lambda answer, config: judged.append(answer) or real(answer, config))
    generations = pl.concat([frame(("g", "42", "42", "exact_match", None, 8, "stop"))] * 50)
    assert score_generations(generations)["passed"].to_list() == [True] * 50
    assert len(judged) == 1
