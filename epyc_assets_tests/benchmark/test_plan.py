"""The plan: every model, config and question set has a status and, where it will not run, a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from epyc_assets.benchmark.plan import MOST_ATTEMPTS, Answered, ModelFile, PlanRow, build_plan
from epyc_assets.registry.entries import Deprecated, Fleet, Forbidden, Host, Model, Thinking
from epyc_assets.suites.generation import generate

HOST = Host(name="here", default_threads=1, memory_bytes=8 * 2**30)
QUESTIONS = [*generate("math", count=3, seed=1), *generate("coder", count=2, seed=1)]


def fleet(**values: Any) -> Fleet:
    model = Model(**{"name": "m", "file": "m.gguf", **values})
    return Fleet(name="f", host="here", models={"m": model})


def files(sha256: str = "a") -> dict[str, ModelFile]:
    return {"m": ModelFile(Path("m.gguf"), sha256)}


def rows(fleet: Fleet, answered: list[Answered] | None = None, **values: Any) -> dict[str, PlanRow]:
    plan = build_plan(fleet, HOST, QUESTIONS, values.pop("files", files()), answered or [], **values)
    for row in plan.rows:
        assert row.done + row.missing + row.stale + row.failed == row.questions
    return {row.suite: row for row in plan.rows}


def answers(fleet: Fleet, status: str = "ok", times: int = 1, **values: Any) -> list[Answered]:
    """What answering everything that is planned leaves behind."""
    items = build_plan(fleet, HOST, QUESTIONS, values.get("files", files())).items
    return [
        Answered(
            f"{n}{i.generation_key}", "m", i.config.config_id, i.question.question_id, i.generation_key, status, 500.0
        )
        for i in items
        for n in range(times)
    ]


def test_at_first_everything_is_missing_and_then_nothing() -> None:
    assert {row.status for row in rows(fleet()).values()} == {"missing"}
    assert len(build_plan(fleet(), HOST, QUESTIONS, files()).items) == 5
    after = rows(fleet(), answers(fleet()))
    assert {row.status for row in after.values()} == {"done"}
    assert build_plan(fleet(), HOST, QUESTIONS, files(), answers(fleet())).items == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"temperatures": {"default": 0.7}},
        {"prompt_format": "raw"},
        {"thinking": Thinking(off_text="<think></think>", off_suites=["math", "coder"])},
    ],
)
def test_other_prompt_settings_make_answers_stale(changed: dict[str, Any]) -> None:
    after = rows(fleet(**changed), answers(fleet()))
    assert {row.status for row in after.values()} == {"stale"}
    assert after["math"].stale == 3
    assert "prompt settings" in (after["math"].reason or "")


def test_another_file_of_the_same_name_makes_answers_stale() -> None:
    assert {row.status for row in rows(fleet(), answers(fleet()), files=files("b")).values()} == {"stale"}


def test_the_same_file_under_two_names_is_asked_under_each() -> None:
    twins = Fleet(name="f", host="here", models={name: Model(name=name, file="m.gguf") for name in ("m", "twin")})
    both = {**files(), "twin": files()["m"]}
    plan = build_plan(twins, HOST, QUESTIONS, both, answers(fleet()))
    assert {item.model.name for item in plan.items} == {"twin"}
    assert len(plan.items) == len(QUESTIONS)


def test_a_temperature_for_one_suite_touches_that_suite_only() -> None:
    after = rows(fleet(temperatures={"math": 0.5}), answers(fleet()))
    assert (after["math"].status, after["coder"].status) == ("stale", "done")


def test_what_does_not_change_answers_does_not_make_them_stale() -> None:
    after = rows(fleet(residency="hot", description="other words", question_timeout_s=7.0), answers(fleet()))
    assert {row.status for row in after.values()} == {"done"}


@pytest.mark.parametrize("status", ["timeout", "crashed", "killed", "out_of_memory", "refused"])
def test_failures_are_tried_again_so_many_times(status: str) -> None:
    once = build_plan(fleet(), HOST, QUESTIONS, files(), answers(fleet(), status))
    assert [item.attempt for item in once.items] == [2] * 5
    assert status in (once.rows[0].reason or "")
    exhausted = rows(fleet(), answers(fleet(), status, MOST_ATTEMPTS))
    assert {row.status for row in exhausted.values()} == {"failed"}
    again = build_plan(fleet(), HOST, QUESTIONS, files(), answers(fleet(), status, MOST_ATTEMPTS), retry_failed=True)
    assert [item.attempt for item in again.items] == [MOST_ATTEMPTS + 1] * 5


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"kind": "embedding"}, "embedding"),
        ({"deprecated": Deprecated(reason="weights deleted")}, "weights deleted"),
        ({"forbidden": [Forbidden(technique="baseline", reason="broken template")]}, "broken template"),
        ({"size_bytes": 271 * 2**30}, "does not fit into memory"),
    ],
)
def test_what_is_not_allowed_is_a_row_with_its_reason(values: dict[str, Any], word: str) -> None:
    plan = build_plan(fleet(**values), HOST, QUESTIONS, files())
    assert {row.status for row in plan.rows} == {"not_allowed"}
    assert all(word in (row.reason or "") for row in plan.rows)
    assert plan.items == ()


def test_a_model_without_a_file_says_which() -> None:
    row = rows(fleet(), files={})["math"]
    assert row.status == "no_file"
    assert "m.gguf" in (row.reason or "")


def test_the_estimate_comes_from_the_models_own_answers() -> None:
    half = answers(fleet())[:2]
    assert sum(row.estimated_s or 0 for row in rows(fleet(), half).values()) == pytest.approx(3 * 0.5)
    assert all(row.estimated_s is None for row in rows(fleet()).values())


@pytest.mark.parametrize("wrong", [{"models": ["n"]}, {"suites": ["poetry"]}, {"techniques": ["telepathy"]}])
def test_names_that_do_not_exist_are_told_with_those_that_do(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="there is"):
        build_plan(fleet(), HOST, QUESTIONS, files(), **wrong)
